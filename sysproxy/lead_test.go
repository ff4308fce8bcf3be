package sysproxy_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// TestBesideOldCalls makes quick calls beside one that takes long. Whoever leads
// then, and if nobody does, the long one is answered, and so is what the kernel
// asks on its behalf.
func TestBesideOldCalls(t *testing.T) {
	const quick = 3000 // for much longer than it takes a call to be old
	arrived := make(chan struct{}, 1)
	c := connect(t, fakeServer(t, func(p *peer) {
		p.greet()
		long := func() sysproxy.Frame {
			f := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
			arrived <- struct{}{}
			return f
		}
		answers := func(n int) {
			for range n {
				p.answer(p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall), 1, 0)
			}
		}
		// Answered when nobody makes calls any more.
		f := long()
		answers(quick)
		if b := p.copyin(1, 4, arg(f, 0)); string(b) != "data" {
			t.Errorf("the kernel sees %q", b)
		}
		p.answer(f, 2, 0)
		// Answered in the middle of the others.
		f = long()
		answers(quick / 2)
		p.answer(f, 2, 0)
		answers(quick / 2)
		// Given up in the middle of the others, and answered after them.
		f = long()
		answers(quick)
		p.answer(f, 2, 0)
		answers(1)
		p.ended()
	}))
	call := func() {
		t.Helper()
		if r, err := c.NewCall(20).Do(t.Context()); err != nil || r.R0 != 1 {
			t.Fatal(r, err)
		}
	}
	for range 2 {
		var wg sync.WaitGroup
		wg.Go(func() {
			if r, err := c.NewCall(3).In([]byte("data")).Do(t.Context()); err != nil || r.R0 != 2 {
				t.Error(r, err)
			}
		})
		<-arrived
		for range quick {
			call()
		}
		wg.Wait()
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() {
		var gone *sysproxy.AbandonedError
		if _, err := c.NewCall(3).In([]byte("data")).Do(ctx); !errors.As(err, &gone) {
			t.Error(err)
		}
	})
	<-arrived
	for i := range quick {
		if i == quick/2 {
			cancel()
			wg.Wait()
		}
		call()
	}
	call()
	c.Close()
}

// TestLeadersChange has callers come and go in many ways. None may be forgotten.
func TestLeadersChange(t *testing.T) {
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		if long := time.Duration(tr.Arg(0)); long > 0 {
			select {
			case <-time.After(long):
			case <-ctx.Done():
			}
		}
		return uint64(tr.Num), 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	for caller := range uint64(8) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, caller))
			for range 400 {
				ctx, cancel := t.Context(), func() {}
				var long time.Duration
				switch rng.IntN(20) {
				case 0: // long enough to become old
					long = time.Duration(rng.IntN(4000)) * time.Microsecond
				case 1: // given up, perhaps
					long = time.Duration(rng.IntN(4000)) * time.Microsecond
					ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(3000))*time.Microsecond)
				case 2: // a pause, so that nobody leads for a moment
					<-time.After(time.Duration(rng.IntN(500)) * time.Microsecond)
				}
				num := rng.Uint32N(100)
				r, err := c.NewCall(num).Int(int64(long)).Do(ctx)
				cancel()
				if err == nil && r.R0 != uint64(num) || err != nil && ctx == t.Context() {
					t.Error(r, err)
				}
			}
		})
	}
	wg.Wait()
}
