package harness

import (
	"reflect"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver"
)

// Fake is the part of a Config that makes sense for a fake kernel only. Any other
// target refuses it with an *UnsupportedError.
type Fake struct {
	// Clock is the kernel's time; nil is the wall clock.
	Clock *fakeserver.ManualClock

	// Seed determines the kernel's random numbers; 0 means that they differ from
	// kernel to kernel.
	Seed uint64

	Faults fakeserver.Faults // what is to go wrong
	Limits fakeserver.Limits // what can run out
}

// What package fakeserver calls by the same names, for users of this package.
type (
	Faults       = fakeserver.Faults
	CallFault    = fakeserver.CallFault
	ConnFault    = fakeserver.ConnFault
	BusFault     = fakeserver.BusFault
	KernelLimits = fakeserver.Limits // Limits are a container's
	ManualClock  = fakeserver.ManualClock
)

// NewManualClock returns a clock that shows start until it is moved.
func NewManualClock(start time.Time) *ManualClock { return fakeserver.NewManualClock(start) }

// ParseCall returns a rule for a system call that does nothing yet; see
// fakeserver.ParseCall.
func ParseCall(which string) (CallFault, error) { return fakeserver.ParseCall(which) }

func (f Fake) given() bool { return !reflect.ValueOf(f).IsZero() }

func unsupportedFake(t Target) error {
	return &UnsupportedError{t.Kind, "faults, limits, a clock that a test moves and a log of what a kernel did are a fake kernel's: choose the target fake"}
}

// Fake returns the fake kernel behind the instance, or an *UnsupportedError if it
// is none inside this process.
func (in *Instance) Fake() (*fakeserver.Kernel, error) {
	if m, ok := in.machine.(fakeMachine); ok {
		return m.k, nil
	}
	return nil, unsupportedFake(in.Target)
}
