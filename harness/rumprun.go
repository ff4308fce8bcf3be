package harness

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Rumprun is what only unikernels know of.
type Rumprun struct {
	// Args are the arguments of the program that the unikernel has been made of.
	Args []string

	// Net configures the unikernel's interface; by default vioif0 as QEMU's user
	// network wants it.
	Net RumprunNet

	// QEMU is the emulator, by default the qemu-system-x86_64 on PATH. QEMUImage
	// is an image that has one (rumpscript image build --qemu), which then runs
	// in a container.
	QEMU, QEMUImage string

	// Accel is "kvm" or "tcg", which emulates. By default it is KVM where that
	// works.
	Accel string

	// Launcher is a command that launches the unikernel instead of QEMU, for
	// example Rumprun's own: rumprun xen ... In its words {image} stands for the
	// unikernel's path, {port} for a free port on loopback, {memory} for MiB,
	// {name} for a name that no other machine has, made of the kernel's, {config}
	// for the configuration as JSON and {configfile} for the path of a file with
	// it. The command stays in the foreground, prints the console and ends the
	// unikernel on SIGINT, which it also gets once the console says "halted".
	Launcher []string

	// URL is where a unikernel that was launched so answers; it may contain
	// {port}. By default it is tcp://127.0.0.1:{port}.
	URL string
}

const (
	howQEMU = "install it (Debian: qemu-system-x86), or name another in RUMPSCRIPT_QEMU, an image that has one in RUMPSCRIPT_QEMU_IMAGE, or a launcher in RUMPSCRIPT_LAUNCHER"

	// What a unikernel's console says when it makes sense to connect, and when
	// it has halted or panicked. QEMU itself accepts connections earlier, and goes
	// on later, with what is connected to the kernel waiting for ever.
	markListening = "sysproxy listening at"
	markHalted    = "\nhalted"

	defaultRumprunMemory = 128 << 20
)

// startRumprun starts a Rumprun unikernel, or what passes for one: see isLinux.
func startRumprun(ctx context.Context, cfg Config, f *folder, con *console) (*launched, error) {
	path, err := filepath.Abs(cfg.Target.Image)
	if err != nil {
		return nil, err
	}
	if fi, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%s: unikernel: %w", cfg.Name, err)
	} else if fi.IsDir() {
		return nil, fmt.Errorf("%s: unikernel: %s is a folder", cfg.Name, path)
	}
	cfg.Target.Image = path
	if cfg.Memory == 0 {
		cfg.Memory = defaultRumprunMemory
	}
	if cfg.Network == "unix" {
		return nil, &UnsupportedError{KindRumprun, "a unikernel has no Unix sockets: leave Network empty"}
	}
	if cfg.BusDir != "" {
		return nil, &UnsupportedError{KindRumprun, "a unikernel shares no folders, and so no buses"}
	}
	for _, d := range cfg.Disks {
		if d.Size != 0 {
			if err := ensureSize(d.Path, d.Offset+d.Size); err != nil {
				return nil, fmt.Errorf("%s: make disk %s: %w", cfg.Name, d.Path, err)
			}
		}
	}
	switch {
	case len(cfg.Rumprun.Launcher) > 0:
		return startLauncher(ctx, cfg, f, con)
	case cfg.Rumprun.QEMUImage != "":
		return startQEMUContainer(ctx, cfg, f, con)
	}
	return startQEMU(ctx, cfg, f, con)
}

// startQEMU starts a unikernel under QEMU.
func startQEMU(ctx context.Context, cfg Config, f *folder, con *console) (*launched, error) {
	name := cfg.Rumprun.QEMU
	if name == "" {
		name = "qemu-system-x86_64"
	}
	bin, err := lookPath(KindRumprun, "", name, howQEMU)
	if err != nil {
		return nil, err
	}
	accels, err := accelerators(cfg)
	if err != nil {
		return nil, err
	}
	for i, accel := range accels {
		// A port a try: the first QEMU may not be gone altogether.
		port, err := freePort(ctx, cfg.Port)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cfg.Name, err)
		}
		args, err := qemuArgs(cfg, qemuSetup{accel: accel, hostForward: fmt.Sprintf("127.0.0.1:%d", port), image: cfg.Target.Image})
		if err != nil {
			return nil, err
		}
		serial := newFirstByte(con)
		m := newCommand("QEMU", f, con, cfg.Env, bin, args...)
		m.cmd.Stdout = serial
		ready, halted, broken := con.expect(markListening), con.expect(markHalted), con.expect(markKVMBroken)
		if err := m.start(); err != nil {
			return nil, fmt.Errorf("%s: %w", cfg.Name, err)
		}
		if accel == "kvm" && i+1 < len(accels) && !cameToLife(ctx, m, serial, broken) {
			con.printf("KVM is there but the unikernel does not run on it (%s): emulating", m.status())
			if err := takeDown(context.WithoutCancel(ctx), m, nil); err != nil {
				return nil, fmt.Errorf("%s: %w", cfg.Name, err)
			}
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
			continue
		}
		u := sysproxy.URL{Network: "tcp", Address: fmt.Sprintf("127.0.0.1:%d", port)}
		return &launched{machine: m, connect: connectorTo(u, cfg), url: u.String(), ready: ready, halted: halted}, nil
	}
	return nil, &MissingError{KindRumprun, "QEMU has no accelerator", howQEMU, nil} // accelerators returns one at least
}

// startLauncher starts a unikernel by a command of the user's. Whether its
// console says when the kernel listens is not known, and so only the handshake
// counts.
func startLauncher(ctx context.Context, cfg Config, f *folder, con *console) (*launched, error) {
	port, err := freePort(ctx, cfg.Port)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name, err)
	}
	config, err := rumprunConfig(cfg)
	if err != nil {
		return nil, err
	}
	configFile := filepath.Join(f.path, "rumprun.json")
	if err := os.WriteFile(configFile, config, 0o600); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name, err)
	}
	replace := strings.NewReplacer(
		"{image}", cfg.Target.Image,
		"{port}", strconv.Itoa(port),
		"{memory}", strconv.FormatInt(cfg.Memory>>20, 10),
		"{name}", hostname(cfg.Name)+"-"+strings.TrimPrefix(filepath.Base(f.path), folderPrefix),
		"{configfile}", configFile,
		"{config}", string(config),
	).Replace
	at := cfg.Rumprun.URL
	if at == "" {
		at = "tcp://127.0.0.1:{port}"
	}
	u, err := sysproxy.ParseURL(replace(at))
	if err != nil {
		return nil, fmt.Errorf("%s: the URL of a launched unikernel: %w", cfg.Name, err)
	}
	var argv []string
	for _, w := range cfg.Rumprun.Launcher {
		argv = append(argv, replace(w))
	}
	bin, err := lookPath(KindRumprun, "the launcher ", argv[0], "RUMPSCRIPT_LAUNCHER names it")
	if err != nil {
		return nil, err
	}
	m := newCommand("the launcher "+filepath.Base(bin), f, con, cfg.Env, bin, argv[1:]...)
	halted := con.expect(markHalted)
	if err := m.start(); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name, err)
	}
	return &launched{machine: m, connect: connectorTo(u, cfg), url: u.String(), halted: halted}, nil
}
