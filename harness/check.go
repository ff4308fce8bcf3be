package harness

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rumpkernel/rumpscript/rump"
)

// checkTimeout is how long a topology may take until all its kernels reach their
// neighbours. An IPv6 address is not used for a second or two, while the kernel
// finds out whether somebody else has it.
const checkTimeout = 15 * time.Second

// Check makes each kernel ping the addresses of its neighbours, those on its own
// buses and networks, and returns an error which names the pairs that do not
// reach each other.
func (n *Net) Check(ctx context.Context) error { return n.check(ctx, checkTimeout) }

func (n *Net) check(ctx context.Context, within time.Duration) error {
	var group errgroup.Group
	group.SetLimit(16)
	all := n.topology.neighbours()
	errs := make([]error, len(all))
	for i, p := range all {
		group.Go(func() error {
			in := n.Kernel(p.from)
			err := eventually(ctx, within, func(ctx context.Context) error { return ping(ctx, in.Kernel, p.to) })
			if err != nil {
				errs[i] = in.Explain(fmt.Errorf("%s does not reach %s of %s: %w", p.from, p.to, p.at, err))
			}
			return nil
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// ping sends one echo request and waits for its answer.
func ping(ctx context.Context, k *rump.Kernel, to netip.Addr) error {
	r, err := k.Ping(ctx, rump.Ping{Addr: to, Timeout: pingTimeout})
	if err == nil && r.Received == 0 {
		err = fmt.Errorf("%s: no answer from %s %v", k, to, r.Errors)
	}
	return err
}

// pingTimeout is how long an echo request is waited for before the next.
const pingTimeout = 500 * time.Millisecond
