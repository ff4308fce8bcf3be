package starlark

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// waitTimeout is how long interface.wait waits if the script does not say: IPv4
// takes up to seven seconds to find that nobody else has an address.
const waitTimeout = 10 * time.Second

func interfaceState(c *call) (starlark.Value, error) {
	var a Address
	if err := c.unpack(&a); err != nil {
		return nil, err
	}
	words, err := waiting(c.scope, func() ([]string, error) { return c.self.(*Interface).rump().AddrState(c.ctx, a.addr) })
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(words))
	for i, w := range words {
		list[i] = starlark.String(w)
	}
	return starlark.NewList(list), nil
}

func interfaceWait(c *call) (starlark.Value, error) {
	limit := duration(waitTimeout)
	if err := c.unpack(&limit); err != nil {
		return nil, err
	}
	i := c.self.(*Interface)
	return waiting(c.scope, func() (starlark.Value, error) {
		ctx, cancel := context.WithTimeout(c.ctx, time.Duration(limit))
		defer cancel()
		for pause := firstPause; ; pause = min(2*pause, longestPause) {
			waits, err := i.tentative(c.ctx)
			if err != nil || len(waits) == 0 {
				return nil, err
			}
			timer := time.NewTimer(pause)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				if c.ctx.Err() != nil {
					return nil, context.Cause(c.ctx)
				}
				return nil, fmt.Errorf("%s: %s: still tentative after %s: %s", i.k.in.Kernel, i.name, time.Duration(limit), strings.Join(waits, ", "))
			}
		}
	})
}

// tentative returns the addresses of which it is not yet known whether somebody
// else has them.
func (i *Interface) tentative(ctx context.Context) ([]string, error) {
	info, err := i.rump().Info(ctx)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, p := range info.Prefixes() {
		words, err := i.rump().AddrState(ctx, p.Addr())
		if errors.Is(err, netbsd.EADDRNOTAVAIL) {
			continue // it has gone in the meantime
		}
		if err != nil {
			return nil, err
		}
		if slices.Contains(words, "tentative") {
			found = append(found, p.String())
		}
	}
	return found, nil
}
