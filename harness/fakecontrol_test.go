package harness

import (
	"errors"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// What only a fake can do is done by it, and refused for other targets before
// anything is started.
func TestFakeControls(t *testing.T) {
	clock := NewManualClock(time.Unix(1000, 0))
	in := StartT(t, Config{Target: Target{Kind: KindFake}, Fake: Fake{Clock: clock, Limits: KernelLimits{Descriptors: 3}}})
	k, err := in.Fake()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(k.Calls()); n != 0 {
		t.Errorf("%d calls before there was one", n)
	}
	if _, err := in.Kernel.Open(t.Context(), "/", 0, 0); !errors.Is(err, netbsd.EMFILE) {
		t.Errorf("open: got %v, want EMFILE", err)
	}
	if calls := k.Calls(); len(calls) != 1 || calls[0].Errno != netbsd.EMFILE {
		t.Errorf("the log of calls is %+v", calls)
	}

	var unsupported *UnsupportedError
	for _, kind := range []Kind{KindProcess, KindContainer, KindRumprun} {
		_, err := Start(t.Context(), Config{Target: Target{Kind: kind, Image: "nosuch"}, Fake: Fake{Seed: 1}})
		if !errors.As(err, &unsupported) {
			t.Errorf("%s: got %v, want an *UnsupportedError", kind, err)
		}
	}
	other := &Instance{Target: Target{Kind: KindProcess}}
	if _, err := other.Fake(); !errors.As(err, &unsupported) {
		t.Errorf("got %v, want an *UnsupportedError", err)
	}
}
