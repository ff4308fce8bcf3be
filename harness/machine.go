package harness

import (
	"context"
	"errors"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// machine is what runs a kernel: a process, a container, a fake.
type machine interface {
	// program says what it is, in errors: "rump_server".
	program() string

	// exited is closed when the machine has ended.
	exited() <-chan struct{}

	// status says how it has ended.
	status() string

	// interrupt asks the machine to end.
	interrupt(ctx context.Context) error

	// kill makes it end.
	kill(ctx context.Context) error

	// remove frees what is left of it once it has ended.
	remove(ctx context.Context) error
}

// connector makes a process of a kernel.
type connector func(ctx context.Context, program string) (*rump.Kernel, error)

// dialer returns what connects a program to the kernel.
func (cfg Config) dialer(program string) *sysproxy.Dialer {
	return &sysproxy.Dialer{Program: program, OnCall: cfg.calls.of(program), OnLost: cfg.fate.explain}
}

// connectorTo returns the connector to a server.
func connectorTo(u sysproxy.URL, cfg Config) connector {
	return func(ctx context.Context, program string) (*rump.Kernel, error) {
		c, err := cfg.dialer(program).DialURL(ctx, u)
		if err != nil {
			return nil, err
		}
		return rump.New(c).Named(cfg.Name), nil
	}
}

// The pauses between attempts to connect. They grow with the time that has
// passed, so that one is never late by more than a tenth of the time that the
// kernel took, and many who wait do not keep each other busy.
const (
	minPause = time.Millisecond
	maxPause = 50 * time.Millisecond
)

// await connects again and again until the kernel answers, from when ready is
// closed on, if it is not nil.
func await(ctx context.Context, cfg Config, m machine, con *console, ready <-chan struct{}, connect connector) (*rump.Kernel, error) {
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, cfg.Timeout, errTimeout)
	defer cancel()
	var err error = errNotReady
	for {
		if ready != nil {
			select {
			case <-ready:
				ready = nil
			case <-m.exited():
				return nil, exitedError(cfg.Name, m, con, nil)
			case <-ctx.Done():
			}
		}
		if ctx.Err() == nil {
			var k *rump.Kernel
			if k, err = attempt(ctx, cfg, connect); err == nil {
				return k, nil
			}
		}
		t := time.NewTimer(min(max(time.Since(begun)/10, minPause), maxPause))
		select {
		case <-m.exited():
			t.Stop()
			return nil, exitedError(cfg.Name, m, con, nil)
		case <-ctx.Done():
			t.Stop()
			if cause := context.Cause(ctx); !errors.Is(cause, errTimeout) {
				return nil, cause
			}
			return nil, &UnreadyError{cfg.Name, m.program(), time.Since(begun), con.String(), err}
		case <-t.C:
		}
	}
}

var (
	errTimeout  = errors.New("the time is up")
	errNotReady = errors.New("it has not said that it is ready")
)

// attemptTimeout is how long a server that accepts may take to answer: what
// accepts may be only what stands in front of the kernel.
const attemptTimeout = 2 * time.Second

func attempt(ctx context.Context, cfg Config, connect connector) (*rump.Kernel, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	return connect(ctx, cfg.Program)
}

func exitedError(name string, m machine, con *console, err error) *ExitedError {
	return &ExitedError{name, m.program(), m.status(), con.String(), err}
}

// How long a machine gets to end, for each way of telling it to.
const (
	haltTimeout      = 3 * time.Second
	interruptTimeout = 2 * time.Second
	killTimeout      = 10 * time.Second
)

// takeDown ends a machine: by halting the kernel, which writes what is in its
// buffers to its disks, and if that does not help less politely. k may be nil.
func takeDown(ctx context.Context, m machine, k *rump.Kernel) error {
	if k != nil {
		halt(ctx, m, k)
	}
	if !ended(ctx, m, 0) {
		errInt := m.interrupt(ctx)
		if !ended(ctx, m, interruptTimeout) {
			errKill := m.kill(ctx)
			if !ended(context.WithoutCancel(ctx), m, killTimeout) {
				return errors.Join(errInt, errKill, errors.New(m.program()+" does not end"), m.remove(ctx))
			}
		}
	}
	return m.remove(ctx)
}

// halt tells the kernel to halt and waits until its machine has ended.
func halt(ctx context.Context, m machine, k *rump.Kernel) {
	if ended(ctx, m, 0) {
		return
	}
	hctx, cancel := context.WithTimeout(ctx, haltTimeout)
	defer cancel()
	// Not RB_HALT: rump kernels then halt but their process lives on.
	if err := k.Reboot(hctx, netbsd.RB_AUTOBOOT, ""); err != nil {
		return
	}
	ended(hctx, m, haltTimeout)
}

// ended waits for the machine's end, and reports whether it has come.
func ended(ctx context.Context, m machine, wait time.Duration) bool {
	select {
	case <-m.exited():
		return true
	default:
	}
	if wait == 0 {
		return false
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-m.exited():
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}
