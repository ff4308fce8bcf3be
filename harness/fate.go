package harness

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// fate is how a kernel's connections, which are made before there is an Instance,
// find out what has become of it.
type fate struct{ of atomic.Pointer[Instance] }

// explain is Instance.Explain once there is one: a sysproxy.Dialer's OnLost.
func (f *fate) explain(err error) error {
	if in := f.of.Load(); in != nil {
		return in.Explain(err)
	}
	return err
}

// explainWait is how long a machine may take to end after its connections have.
const explainWait = time.Second

// Explain returns an *ExitedError, with the kernel's last words, if err came to
// be because the kernel has ended by itself, and else err. The errors of a kernel
// that the harness has started have been through this already: it is for those
// of programs which connected to the Instance's URL by other ways.
func (in *Instance) Explain(err error) error {
	var te *sysproxy.TransportError
	var ee *ExitedError
	if in.machine == nil || !errors.As(err, &te) || errors.As(err, &ee) || errors.Is(err, sysproxy.ErrClosed) {
		return err
	}
	wait := explainWait
	if in.stopping.Load() {
		wait = 0 // Stop is what ends the connections, and waits for the machine itself
	}
	if !ended(context.Background(), in.machine, wait) {
		return err
	}
	return exitedError(in.Name, in.machine, in.console, err)
}

// Err returns an *ExitedError if the kernel has ended, and nil if not.
func (in *Instance) Err() error {
	if in.machine == nil || !ended(context.Background(), in.machine, 0) {
		return nil
	}
	return exitedError(in.Name, in.machine, in.console, nil)
}
