package starlark

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelNet is the table of the methods of a kernel that are about its network.
func kernelNet() []function {
	return []function{
		{"neighbor_add", "address lladdr published? expire?", "Adds an entry to the ARP or NDP table; a published one is answered for to others. It stays for ever, or for as long as expire says.", kernelNeighborAdd},
		{"neighbor_delete", "address", "Deletes an entry of the ARP or NDP table.", kernelDo1(func(ctx context.Context, k *rump.Kernel, a Address) error { return k.DeleteNeighbor(ctx, a.addr) })},
		{"neighbor_flush", "family?", "Deletes the entries of the ARP table, the NDP table or both that were not made for ever.", kernelNeighborFlush},
		{"neighbors", "family?", "Returns the ARP table (family \"inet\"), the NDP table (\"inet6\") or both, a list of structs: addr, lladdr, interface, expires (seconds from now, None if never), published, router, and state, such as \"reachable\" (None of IPv4).", kernelNeighbors},
		{"ping", "address count? interval? timeout? size? ttl? source?", "Sends ICMP echo requests and returns a struct: sent, received, duplicates, rtts (seconds, a list of floats) and errors (a dict: how often each kind came). One request of 56 bytes if not told otherwise, 100ms apart, and a second for the last answer.", kernelPing},
	}
}

// familyOf returns the family of a name: "inet", "inet6", or "" for both.
func familyOf(name string) (int, error) {
	switch name {
	case "":
		return netbsd.AF_UNSPEC, nil
	case "inet":
		return netbsd.AF_INET, nil
	case "inet6":
		return netbsd.AF_INET6, nil
	}
	return 0, fmt.Errorf("the family is \"inet\" or \"inet6\", not %q", name)
}

// families unpacks the only argument of a method, a family, for those who must ask
// for one after the other. None means both, as far as the kernel k has them.
func (c *call) families(k *rump.Kernel) ([]int, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	f, err := familyOf(name)
	if err != nil || f != netbsd.AF_UNSPEC {
		return []int{f}, err
	}
	return waiting(c.scope, func() (there []int, err error) {
		for _, f := range []int{netbsd.AF_INET, netbsd.AF_INET6} {
			if k.Supports(c.ctx, f) == nil {
				there = append(there, f)
			}
		}
		return there, nil
	})
}

func kernelNeighborAdd(c *call) (starlark.Value, error) {
	var a Address
	var lladdr string
	var published bool
	var expire duration
	if err := c.unpack(&a, &lladdr, &published, &expire); err != nil {
		return nil, err
	}
	mac, err := net.ParseMAC(lladdr)
	if err != nil {
		return nil, fmt.Errorf("neighbor_add: %q is no link address", lladdr)
	}
	n := rump.Neighbor{Addr: a.addr, Link: mac, Published: published}
	return waiting(c.scope, func() (starlark.Value, error) {
		if expire > 0 {
			now, err := c.kernel().Time(c.ctx)
			if err != nil {
				return nil, err
			}
			n.Expire = now.Add(time.Duration(expire))
		}
		return nil, c.kernel().SetNeighbor(c.ctx, n)
	})
}

func kernelNeighborFlush(c *call) (starlark.Value, error) {
	families, err := c.families(c.kernel())
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		for _, f := range families {
			if err := c.kernel().FlushNeighbors(c.ctx, f); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func kernelNeighbors(c *call) (starlark.Value, error) {
	families, err := c.families(c.kernel())
	if err != nil {
		return nil, err
	}
	var list []starlark.Value
	for _, f := range families {
		neighbors, err := waiting(c.scope, func() ([]rump.Neighbor, error) {
			return c.kernel().Neighbors(c.ctx, f)
		})
		if err != nil {
			return nil, err
		}
		for _, n := range neighbors {
			list = append(list, record("neighbor", starlark.StringDict{
				"addr":      Address{n.Addr, -1},
				"lladdr":    starlark.String(n.Link.String()),
				"interface": starlark.String(n.Interface),
				"expires":   secondsUntil(n.Expire),
				"published": starlark.Bool(n.Published),
				"router":    starlark.Bool(n.Router),
				"state":     neighborState(n),
			}))
		}
	}
	return starlark.NewList(list), nil
}

// neighborState names the state of an IPv6 neighbour, as ndp(8) does in full.
func neighborState(n rump.Neighbor) starlark.Value {
	if !n.Addr.Is6() {
		return starlark.None
	}
	switch n.State {
	case netbsd.ND6_LLINFO_NOSTATE:
		return starlark.String("nostate")
	case netbsd.ND6_LLINFO_PURGE:
		return starlark.String("purge")
	case netbsd.ND6_LLINFO_INCOMPLETE:
		return starlark.String("incomplete")
	case netbsd.ND6_LLINFO_REACHABLE:
		return starlark.String("reachable")
	case netbsd.ND6_LLINFO_STALE:
		return starlark.String("stale")
	case netbsd.ND6_LLINFO_DELAY:
		return starlark.String("delay")
	case netbsd.ND6_LLINFO_PROBE:
		return starlark.String("probe")
	}
	return starlark.MakeInt(n.State)
}

func kernelPing(c *call) (starlark.Value, error) {
	var to, source Address
	p := rump.Ping{Interval: 100 * time.Millisecond}
	var interval, timeout duration
	if err := c.unpack(&to, &p.Count, &interval, &timeout, &p.Size, &p.Hops, &source); err != nil {
		return nil, err
	}
	if p.Count < 0 || p.Size < 0 || p.Size > 65000 || p.Hops < 0 || p.Hops > 255 {
		return nil, fmt.Errorf("ping: count = %d, size = %d, ttl = %d: out of range", p.Count, p.Size, p.Hops)
	}
	p.Addr, p.Source, p.Timeout = to.addr, source.addr, time.Duration(timeout)
	if interval > 0 {
		p.Interval = time.Duration(interval)
	}
	r, err := waiting(c.scope, func() (*rump.PingResult, error) { return c.kernel().Ping(c.ctx, p) })
	if err != nil {
		return nil, err
	}
	var rtts []starlark.Value
	for _, reply := range r.Replies {
		if !reply.Duplicate {
			rtts = append(rtts, starlark.Float(reply.Time.Seconds()))
		}
	}
	kinds := make(map[string]int)
	for _, e := range r.Errors {
		kinds[pingErrorKind(e)]++
	}
	errs := starlark.NewDict(len(kinds))
	for kind, n := range kinds {
		errs.SetKey(starlark.String(kind), starlark.MakeInt(n)) // a new dict takes any string
	}
	return record("ping", starlark.StringDict{
		"sent":       starlark.MakeInt(r.Sent),
		"received":   starlark.MakeInt(r.Received),
		"duplicates": starlark.MakeInt(r.Duplicates),
		"rtts":       starlark.NewList(rtts),
		"errors":     errs,
	}), nil
}

// pingErrorKind names a kind of error: NetBSD's errno, or what the ICMP error says.
func pingErrorKind(e *rump.PingError) string {
	var icmp *rump.ICMPError
	if errors.As(e, &icmp) {
		return icmp.Kind()
	}
	if errno, ok := rump.Errno(e); ok {
		return errno.Name()
	}
	return e.Err.Error()
}
