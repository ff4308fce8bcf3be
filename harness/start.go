package harness

import (
	"context"
	"fmt"

	"github.com/rumpkernel/rumpscript/rump"
)

// Config says what to start.
type Config struct {
	// Target is the kind of kernel; see ParseTarget.
	Target Target

	// Name names the kernel in errors and files; by default the target's name.
	Name string

	// Components are the parts that the kernel is made of, by the names that
	// rump_server's -l takes ("rumpnet_shmif"). Nil means DefaultComponents for
	// a process, and everything for a fake.
	Components []string

	// Program is the name of the process that the kernel sees.
	Program string

	// Server is the rump_server to start; by default $RUMP_SERVER_BIN, and then
	// the one on PATH.
	Server string

	// Getenv looks an environment variable up; nil means os.Getenv.
	Getenv func(string) string
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

// Instance is a kernel that has been started, or found.
type Instance struct {
	// Kernel is a process of the kernel, connected.
	Kernel *rump.Kernel

	// URL is where others can connect to the kernel; it is empty for a fake,
	// which is inside this process.
	URL string

	// Connect makes another process of the kernel.
	Connect func(ctx context.Context, program string) (*rump.Kernel, error)

	console func() string
	stop    func(ctx context.Context) error
	exposed exposed
}

// Console returns what the kernel has printed, as far as it is known.
func (in *Instance) Console() string {
	if in.console == nil {
		return ""
	}
	return in.console()
}

// Stop closes the connection and takes the kernel down, unless it was there
// before. It may be called more than once.
func (in *Instance) Stop(ctx context.Context) error {
	in.Kernel.Close()
	in.exposed.close()
	if in.stop == nil {
		return nil
	}
	stop := in.stop
	in.stop = nil
	return stop(ctx)
}

// Start starts a kernel and waits until it answers, or connects to one that is there.
func Start(ctx context.Context, cfg Config) (*Instance, error) {
	if cfg.Name == "" {
		cfg.Name = cfg.Target.String()
	}
	switch cfg.Target.Kind {
	case KindFake, "":
		return startFake(ctx, cfg)
	case KindProcess:
		return startProcess(ctx, cfg)
	case KindURL:
		return attach(ctx, cfg)
	}
	return nil, &TargetError{cfg.Target.String(), fmt.Sprintf("unknown kind %q", cfg.Target.Kind)}
}

// A MissingError says that a target cannot be had on this machine. Tests skip on it.
type MissingError struct {
	Kind Kind
	What string // what is missing
	How  string // how to get it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("target %s: %s: %s", e.Kind, e.What, e.How)
}
