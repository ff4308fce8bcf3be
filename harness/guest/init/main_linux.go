// Command init is the only process of a guest: it serves a fake rump kernel until
// that is halted, and then the machine ends. See package guest.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/harness/guest"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Println("init:", err)
	}
	fmt.Println("halted")
	// QEMU ends when it may not reboot.
	unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}

func run(ctx context.Context) error {
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return err
	}
	cfg, err := guest.ParseCommandLine(string(line))
	if err != nil {
		return err
	}
	if err := loadModules(); err != nil {
		return err
	}
	if err := configure("lo", netip.MustParsePrefix("127.0.0.1/8")); err != nil {
		return err
	}
	if cfg.Addr.IsValid() {
		if err := awaitInterface("eth0"); err != nil {
			return err
		}
		if err := configure("eth0", cfg.Addr); err != nil {
			return err
		}
	}
	if cfg.Gateway.IsValid() {
		if err := addDefaultRoute(cfg.Gateway); err != nil {
			return fmt.Errorf("default route via %s: %w", cfg.Gateway, err)
		}
	}
	return serve(ctx, cfg)
}

func loadModules() error {
	modules, err := filepath.Glob("/modules/*.ko") // in their order
	if err != nil {
		return err
	}
	for _, m := range modules {
		f, err := os.Open(m)
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		f.Close()
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("load %s: %w", m, err)
		}
	}
	return nil
}

// awaitInterface waits for a network card, which its driver may find a little
// after it has been loaded.
func awaitInterface(name string) error {
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err = net.InterfaceByName(name); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// configure gives an interface its address and brings it up.
func configure(name string, p netip.Prefix) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := ifr.SetInet4Addr(p.Addr().AsSlice()); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFADDR, ifr); err != nil {
		return fmt.Errorf("address of %s: %w", name, err)
	}
	if err := ifr.SetInet4Addr(net.CIDRMask(p.Bits(), 32)); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFNETMASK, ifr); err != nil {
		return fmt.Errorf("netmask of %s: %w", name, err)
	}
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr); err != nil {
		return fmt.Errorf("bring %s up: %w", name, err)
	}
	return nil
}

// addDefaultRoute adds a route to everywhere by rtnetlink(7).
func addDefaultRoute(gateway netip.Addr) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	le := binary.LittleEndian
	// struct nlmsghdr: length, type, flags, sequence number, port
	m := le.AppendUint32(nil, 0)
	m = le.AppendUint16(m, unix.RTM_NEWROUTE)
	m = le.AppendUint16(m, unix.NLM_F_REQUEST|unix.NLM_F_CREATE|unix.NLM_F_ACK)
	m = append(m, make([]byte, 8)...)
	// struct rtmsg: family, two prefix lengths, TOS, table, protocol, scope, type, flags
	m = append(m, unix.AF_INET, 0, 0, 0, unix.RT_TABLE_MAIN, unix.RTPROT_STATIC, unix.RT_SCOPE_UNIVERSE, unix.RTN_UNICAST)
	m = append(m, make([]byte, 4)...)
	// struct rtattr: length, type
	m = le.AppendUint16(m, 8)
	m = le.AppendUint16(m, unix.RTA_GATEWAY)
	m = append(m, gateway.AsSlice()...)
	le.PutUint32(m, uint32(len(m)))
	if err := unix.Sendto(fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	// The answer is an nlmsghdr and an nlmsgerr, which begins with an errno.
	answer := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, answer, 0)
	if err != nil {
		return err
	}
	if n < 20 {
		return fmt.Errorf("an answer of %d bytes", n)
	}
	if errno := -int32(le.Uint32(answer[16:])); errno != 0 {
		return unix.Errno(errno)
	}
	return nil
}

func serve(ctx context.Context, cfg guest.Config) error {
	k, err := fakeserver.New(fakeserver.Config{Hostname: cfg.Hostname, Console: os.Stdout})
	if err != nil {
		return err
	}
	defer k.Close()
	l, err := sysproxy.Listen(ctx, cfg.URL)
	if err != nil {
		return err
	}
	fmt.Println("sysproxy listening at:", cfg.URL)
	if err := k.Serve(ctx, l); !errors.Is(err, sysproxy.ErrClosed) {
		return err
	}
	return nil
}
