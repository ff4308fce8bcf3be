package harness

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/harness/image"
)

// qemuSetup is what differs between a QEMU of this machine and one in a container.
type qemuSetup struct {
	accel       string
	hostForward string // where QEMU listens for the guest
	image       string // the kernel, as QEMU sees it
}

// qemuArgs returns QEMU's arguments: a machine with nothing but memory, a serial
// port for the console, and a network that only we reach.
func qemuArgs(cfg Config, s qemuSetup) ([]string, error) {
	config, err := rumprunConfig(cfg)
	if err != nil {
		return nil, err
	}
	args := []string{
		"-nodefaults", "-no-user-config", "-no-reboot",
		"-accel", s.accel,
		"-m", strconv.FormatInt(max(1, cfg.Memory>>20), 10),
		"-display", "none",
		"-serial", "stdio",
		"-netdev", fmt.Sprintf("user,id=n0,restrict=off,hostfwd=tcp:%s-%s:%d", s.hostForward, guestAddr, image.DefaultPort),
		"-device", "virtio-net-pci,netdev=n0,romfile=",
		"-kernel", s.image,
	}
	if linux, err := isLinux(cfg.Target.Image); err != nil {
		return nil, fmt.Errorf("%s: unikernel: %w", cfg.Name, err)
	} else if linux {
		// Like a unikernel's, its life ends with a panic. Its processor has a
		// source of random numbers, without which it would wait for some.
		args = append(args, "-initrd", initrdOf(s.image), "-cpu", "max",
			"-append", "console=ttyS0 quiet panic=-1 rdinit=/init "+string(config))
	} else {
		args = append(args, "-append", string(config))
	}
	for _, d := range cfg.Disks {
		args = append(args, "-drive", fmt.Sprintf("if=virtio,format=raw,file=%s", qemuEscape(d.Path)))
	}
	return args, nil
}

// qemuEscape returns a value as one of QEMU's options takes it.
func qemuEscape(s string) string {
	var b []byte
	for i := range len(s) {
		if s[i] == ',' {
			b = append(b, ',')
		}
		b = append(b, s[i])
	}
	return string(b)
}

// isLinux reports whether a kernel is Linux's, by the mark of its boot protocol.
// A Linux kernel whose initramfs is next to it, under its name with ".initrd"
// after it, passes for a unikernel if the initramfs behaves as one: it reads the
// same configuration, from the kernel's command line, and serves rump_sp. See
// package guest below this one.
func isLinux(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var b [4]byte
	_, err = f.ReadAt(b[:], 0x202)
	if err == io.EOF {
		return false, nil
	}
	return string(b[:]) == "HdrS", err
}

// initrdOf returns the path of a Linux kernel's initramfs.
func initrdOf(kernel string) string { return kernel + ".initrd" }

// accelerators returns what to try, one after the other.
func accelerators(cfg Config) ([]string, error) {
	switch a := cfg.Rumprun.Accel; a {
	case "kvm", "tcg":
		return []string{a}, nil
	case "":
	default:
		return nil, &ConfigError{"Rumprun.Accel", a, "neither kvm nor tcg"}
	}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		if f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0); err == nil {
			f.Close()
			return []string{"kvm", "tcg"}, nil
		}
	}
	return []string{"tcg"}, nil
}

// kvmTimeout is how long a unikernel may be silent on KVM, where the first it
// says should come within a tenth of that. There are machines whose KVM takes a
// guest and never gets anywhere with it.
const kvmTimeout = 2 * time.Second

// markKVMBroken is what QEMU says when KVM gives up on a guest. It goes on then,
// but the guest does not.
const markKVMBroken = "KVM internal error"

// cameToLife reports whether the guest has said anything before long.
func cameToLife(ctx context.Context, m machine, serial *firstByte, broken <-chan struct{}) bool {
	t := time.NewTimer(kvmTimeout)
	defer t.Stop()
	select {
	case <-serial.seen:
		return true
	case <-broken:
	case <-m.exited():
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}

// firstByte is a writer that tells when something has been written.
type firstByte struct {
	w    io.Writer
	once sync.Once
	seen chan struct{}
}

func newFirstByte(w io.Writer) *firstByte { return &firstByte{w: w, seen: make(chan struct{})} }

// Write implements io.Writer.
func (f *firstByte) Write(p []byte) (int, error) {
	if len(p) > 0 {
		f.once.Do(func() { close(f.seen) })
	}
	return f.w.Write(p)
}
