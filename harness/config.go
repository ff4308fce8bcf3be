package harness

import (
	"io"
	"os"
	"path/filepath"
	"time"
)

// Config says what to start. The zero value is a kernel with TCP/IP, local
// sockets and files, of whatever kind RUMPSCRIPT_TARGET says.
type Config struct {
	// Target is the kind of kernel; see ParseTarget.
	Target Target

	// Name names the kernel in errors and files; by default the target's name.
	Name string

	// Components are the parts that the kernel is made of, by the names that
	// rump_server's -l takes ("rumpnet_shmif"). Nil means DefaultComponents, or
	// everything for a fake. A unikernel has been made of its parts already.
	Components []string

	// Memory limits the kernel's memory, in bytes. A fake says that it has so
	// much; a unikernel's machine has so much; 0 means no limit, or 128 MiB for
	// a unikernel.
	Memory int64

	// Disks are host files that appear in the kernel. In a unikernel they are
	// its virtio disks in this order, and their keys mean nothing.
	Disks []Disk

	// Env has more of the environment that the kernel is started with, such as
	// RUMP_VERBOSE=1, each as NAME=VALUE. A fake has none.
	Env []string

	// BusDir is the folder in which shmif buses with relative names are: give
	// kernels the same one to wire them. By default each kernel has one of its
	// own, which ends with it.
	BusDir string

	// Dir is where the kernel's console is kept whole, in a file NAME.console;
	// by default nowhere, and only its end is known (Instance.Console).
	Dir string

	// Console gets what the kernel prints, while it does.
	Console io.Writer

	// Program is the name of the process that the kernel sees; by default the
	// base name of os.Args[0].
	Program string

	// Network says how a process or a container is reached: by "unix", a socket
	// in a private folder, or by "tcp", a port on loopback. By default it is
	// unix, except for containers on an engine that does not share our files.
	Network string

	// Port is the port on loopback of a Network that is tcp, or of a unikernel;
	// 0 means any that is free.
	Port int

	// Timeout is how long the kernel may take until it answers; 0 means 10
	// seconds, or 60 for a container or a unikernel.
	Timeout time.Duration

	// Server is the rump_server to start for a process; by default the one on PATH.
	Server string

	// Limits are what a container may use beyond what Memory says of its kernel.
	Limits Limits

	// Publish is the address of the engine's machine at which a container's
	// port is published. By default it is 127.0.0.1, and should be: every
	// connection to a kernel is root there.
	Publish string

	// Rumprun is what only unikernels know of.
	Rumprun Rumprun

	// Fake is what only fakes know of.
	Fake Fake

	// Getenv looks an environment variable up; nil means os.Getenv.
	Getenv func(string) string

	calls *calls // made through the instance
	fate  *fate  // of the instance
}

// Limits are what a container may use. Zero means no limit, but for PIDs, of
// which a container may have 1024.
type Limits struct {
	Memory int64   // bytes
	CPUs   float64 // how many CPUs' worth of time
	PIDs   int64   // processes and threads
}

// A Disk is a host file which appears in the kernel under the name Key.
type Disk struct {
	Key    string // the path in the kernel: "/img"
	Path   string // of the host file
	Type   string // "blk", "chr" or "reg"; by default blk
	Offset int64  // where in the host file it begins
	Size   int64  // 0 means the size of the host file, which must exist then
}

// DefaultComponents is what a started rump_server is made of unless the Config
// says otherwise: TCP/IP on shared-memory Ethernet, local sockets, and files in
// memory.
func DefaultComponents() []string {
	return []string{
		"rumpnet", "rumpnet_net", "rumpnet_netinet", "rumpnet_netinet6", "rumpnet_local", "rumpnet_shmif",
		"rumpvfs", "rumpfs_tmpfs", "rumpfs_kernfs",
	}
}

// How long a kernel may take until it answers.
const (
	defaultTimeout = 10 * time.Second
	machineTimeout = 60 * time.Second
)

// complete returns the configuration with what the environment says for what it
// does not say itself, and with absolute paths.
func (cfg Config) complete() (Config, error) {
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	if err := cfg.fromEnv(); err != nil {
		return cfg, err
	}
	if cfg.Target.Kind == "" {
		cfg.Target.Kind = KindFake
	}
	if cfg.Name == "" {
		cfg.Name = cfg.Target.String()
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
		if cfg.Target.Kind == KindContainer || cfg.Target.Kind == KindRumprun {
			cfg.Timeout = machineTimeout
		}
	}
	for _, p := range []*string{&cfg.BusDir, &cfg.Dir} {
		if *p != "" {
			abs, err := filepath.Abs(*p)
			if err != nil {
				return cfg, err
			}
			*p = abs
		}
	}
	disks := make([]Disk, len(cfg.Disks))
	for i, d := range cfg.Disks {
		abs, err := filepath.Abs(d.Path)
		if err != nil {
			return cfg, err
		}
		d.Path = abs
		disks[i] = d
	}
	cfg.Disks = disks
	return cfg, cfg.check()
}

// check finds what no target can make sense of.
func (cfg Config) check() error {
	if cfg.Fake.given() && cfg.Target.Kind != KindFake {
		return unsupportedFake(cfg.Target)
	}
	if cfg.Network != "" && cfg.Network != "unix" && cfg.Network != "tcp" {
		return &ConfigError{"Network", cfg.Network, "neither unix nor tcp"}
	}
	if cfg.Port < 0 || cfg.Port > 65535 {
		return &ConfigError{"Port", cfg.Port, "no such port"}
	}
	if cfg.Memory < 0 {
		return &ConfigError{"Memory", cfg.Memory, "less than nothing"}
	}
	for _, d := range cfg.Disks {
		if d.Key == "" && cfg.Target.Kind != KindRumprun {
			return &ConfigError{"Disks", d.Path, "a disk needs a Key, its path in the kernel"}
		}
		switch d.Type {
		case "", "blk", "chr", "reg":
		default:
			return &ConfigError{"Disks", d.Path, "type " + d.Type + " is neither blk, chr nor reg"}
		}
		if d.Size < 0 || d.Offset < 0 {
			return &ConfigError{"Disks", d.Path, "its Size or Offset is less than nothing"}
		}
		switch fi, err := os.Stat(d.Path); {
		case err == nil && d.Size == 0 && fi.Mode().IsRegular() && fi.Size() == 0:
			return &ConfigError{"Disks", d.Path, "the file is empty"}
		case err != nil && d.Size == 0:
			return &ConfigError{"Disks", d.Path, "the file is not there, and no Size says how large to make it"}
		case err != nil:
			// rump_server makes it, and would say less if it cannot.
			if dir, err := os.Stat(filepath.Dir(d.Path)); err != nil || !dir.IsDir() {
				return &ConfigError{"Disks", d.Path, filepath.Dir(d.Path) + " is not a folder"}
			}
		}
	}
	return nil
}
