package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/rump"
)

// Instance is a kernel that has been started, or found.
type Instance struct {
	// Kernel is a process of the kernel, connected.
	Kernel *rump.Kernel

	// Target is what was started.
	Target Target

	// Name is the kernel's name in errors.
	Name string

	// URL is where others can connect to the kernel; it is empty for a fake,
	// which is inside this process.
	URL string

	// BusDir is the folder of the kernel's buses, as we see it. It is empty if
	// the kernel shares no folder with us.
	BusDir string

	// Connect makes another process of the kernel.
	Connect func(ctx context.Context, program string) (*rump.Kernel, error)

	machine machine // nil if the kernel is not ours
	console *console
	folder  *folder
	exposed exposed
	calls   *calls

	stop     sync.Once
	stopping atomic.Bool // Stop has been called
	stopErr  error
	ends     atomic.Bool // by itself, as it is meant to
}

// Start starts a kernel and waits until it answers, or connects to one that is there.
func Start(ctx context.Context, cfg Config) (*Instance, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	cfg.calls, cfg.fate = new(calls), new(fate)
	switch cfg.Target.Kind {
	case KindURL:
		return attach(ctx, cfg)
	case KindFake:
		return start(ctx, cfg, startFake)
	case KindProcess:
		return start(ctx, cfg, startProcess)
	case KindContainer:
		return start(ctx, cfg, startContainer)
	case KindRumprun:
		return start(ctx, cfg, startRumprun)
	}
	return nil, &TargetError{cfg.Target.String(), fmt.Sprintf("unknown kind %q", cfg.Target.Kind)}
}

// launched is a machine on its way.
type launched struct {
	machine machine
	connect connector
	url     string                                    // of the kernel, if others can connect to it
	busDir  string                                    // of the kernel's buses, as we see it
	serve   func(context.Context, net.Listener) error // serves others too, nil if it is a server already
	ready   <-chan struct{}                           // closed when it makes sense to connect, nil if that is at once
	halted  <-chan struct{}                           // closed when the kernel has ended and its machine may not have, nil if they end together
}

// start makes a folder and a console, launches a machine on them and waits until
// the kernel answers. If anything fails it leaves nothing.
func start(ctx context.Context, cfg Config, launch func(context.Context, Config, *folder, *console) (*launched, error)) (*Instance, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	f, err := newFolder(cfg)
	if err != nil {
		return nil, err
	}
	con, err := newConsole(cfg)
	if err != nil {
		f.remove()
		return nil, fmt.Errorf("%s: keep the console: %w", cfg.Name, err)
	}
	l, err := launch(ctx, cfg, f, con)
	if err != nil {
		return nil, errors.Join(err, con.close(), f.remove())
	}
	if l.halted != nil {
		go l.endWhenHalted()
	}
	k, err := await(ctx, cfg, l.machine, con, l.ready, l.connect)
	if err != nil {
		ctx := context.WithoutCancel(ctx)
		return nil, errors.Join(err, takeDown(ctx, l.machine, nil), con.close(), f.remove())
	}
	in := &Instance{
		Kernel:  k,
		Target:  cfg.Target,
		Name:    cfg.Name,
		URL:     l.url,
		BusDir:  l.busDir,
		Connect: l.connect,
		machine: l.machine,
		console: con,
		folder:  f,
		exposed: exposed{serve: l.serve},
		calls:   cfg.calls,
	}
	cfg.fate.of.Store(in)
	return in, nil
}

// endWhenHalted ends a machine that would go on without its kernel.
func (l *launched) endWhenHalted() {
	select {
	case <-l.halted:
		if ctx := context.Background(); !ended(ctx, l.machine, 0) {
			l.machine.interrupt(ctx)
		}
	case <-l.machine.exited():
	}
}

// Console returns the end of what the kernel has printed, as far as it is known.
// It still does when the kernel has been stopped.
func (in *Instance) Console() string {
	if in.console == nil {
		return ""
	}
	return in.console.String()
}

// Exited is closed when the kernel has ended, by Stop or by itself. It is nil for
// a kernel that was there before.
func (in *Instance) Exited() <-chan struct{} {
	if in.machine == nil {
		return nil
	}
	return in.machine.exited()
}

// Stop closes the connection and takes the kernel down, unless it was there
// before, and removes what belonged to it. It may be called more than once.
func (in *Instance) Stop(ctx context.Context) error {
	in.MayEnd()
	in.stop.Do(func() {
		in.stopping.Store(true)
		in.exposed.close()
		in.stopErr = in.takeDown(ctx)
	})
	return in.stopErr
}

func (in *Instance) takeDown(ctx context.Context) error {
	if in.machine == nil {
		return in.Kernel.Close()
	}
	// What is ours goes even if the caller has no time left.
	ctx = context.WithoutCancel(ctx)
	k := in.Kernel
	if !ended(ctx, in.machine, 0) {
		// The caller may have closed its own connection. A kernel that does not
		// answer here would not answer there either.
		actx, cancel := context.WithTimeout(ctx, attemptTimeout)
		defer cancel()
		if fresh, err := in.Connect(actx, "halt"); err == nil {
			defer fresh.Close()
			k = fresh
		} else if actx.Err() != nil {
			k = nil
		}
	}
	err := takeDown(ctx, in.machine, k)
	in.Kernel.Close()
	if err != nil {
		err = fmt.Errorf("%s: take the kernel down: %w", in.Name, err)
		in.console.close()
		return err // the folder stays, for Leftovers to find what is left by
	}
	return errors.Join(in.console.close(), in.folder.remove())
}
