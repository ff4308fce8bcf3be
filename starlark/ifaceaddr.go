package starlark

import (
	"fmt"
	"net/netip"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// interfaceAddrs is the table of an interface's methods about its addresses.
func interfaceAddrs() []function {
	return []function{
		{"add", "address peer? broadcast? anycast? preferred? valid?", "Adds an address, IPv4 or IPv6, given with its prefix length: \"10.0.0.1/24\". The peer is the other end of a point-to-point link. An IPv6 address may be an anycast one, and have lifetimes, of which none is for ever.", interfaceAdd},
		{"addresses", "", "Returns the IPv4 and IPv6 addresses with all that the kernel tells of them, a list of structs: addr, broadcast and peer (None if there is none), flags (a list of strings: [\"tentative\"]), preferred and valid (seconds from now, None if for ever).", interfaceAddresses},
		{"groups", "family?", "Returns the multicast groups that addresses of the interface are members of, of the family \"inet\" or \"inet6\", or both: a list of structs: group, addr and references. NetBSD 7.99.34 tells none of IPv4; see link_groups.", interfaceGroups},
		{"link_groups", "", "Returns the multicast link addresses that the interface listens to, a list of structs: first and last, of a range, and references.", interfaceLinkGroups},
		{"preference", "address value?", "Returns how much an address of the interface is preferred as the source of packets, an int; if a value is given it is set first.", interfacePreference},
		{"remove", "address", "Takes an address away.", interfaceRemove},
	}
}

func interfaceAdd(c *call) (starlark.Value, error) {
	var a, peer, broadcast Address
	var anycast bool
	var preferred, valid duration
	if err := c.unpack(&a, &peer, &broadcast, &anycast, &preferred, &valid); err != nil {
		return nil, err
	}
	if a.bits < 0 {
		return nil, fmt.Errorf("add: %s has no prefix length: write \"%s/24\"", a.text(), a.text())
	}
	n := rump.NewAddr{Prefix: netip.PrefixFrom(a.addr.WithZone(""), a.bits), Peer: peer.addr, Broadcast: broadcast.addr,
		Preferred: time.Duration(preferred), Valid: time.Duration(valid)}
	if anycast {
		n.Flags = netbsd.IN6_IFF_ANYCAST
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) { return nil, i.AddAddr(c.ctx, n) })
}

func interfaceRemove(c *call) (starlark.Value, error) {
	var a Address
	if err := c.unpack(&a); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) { return nil, i.Remove(c.ctx, a.addr.WithZone("")) })
}

func interfacePreference(c *call) (starlark.Value, error) {
	var a Address
	var value optional[int16]
	if err := c.unpack(&a, &value); err != nil {
		return nil, err
	}
	i := c.iface()
	n, err := waiting(c.scope, func() (int16, error) {
		sa, err := netbsd.SockaddrFromAddrPort(netip.AddrPortFrom(a.addr.WithZone(""), 0))
		if err != nil {
			return 0, err
		}
		if value.v != nil {
			if err := i.SetAddrPreference(c.ctx, sa, *value.v); err != nil {
				return 0, err
			}
		}
		return i.AddrPreference(c.ctx, sa)
	})
	if err != nil {
		return nil, err
	}
	return starlark.MakeInt(int(n)), nil
}

func interfaceAddresses(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	i := c.iface()
	addrs, err := waiting(c.scope, func() ([]rump.AddrInfo, error) { return i.Addrs(c.ctx) })
	if err != nil {
		return nil, err
	}
	return listOf(addrs, func(a rump.AddrInfo) starlark.Value {
		return record("ifaddr", starlark.StringDict{
			"addr":      Address{a.Addr, a.Bits},
			"broadcast": optionalAddr(a.Broadcast),
			"peer":      optionalAddr(a.Peer),
			"flags":     stringList(a.Flags),
			"preferred": secondsUntil(a.PreferredUntil),
			"valid":     secondsUntil(a.ValidUntil),
		})
	}), nil
}

func interfaceGroups(c *call) (starlark.Value, error) {
	families, err := c.families(c.self.(*Interface).k.in.Kernel)
	if err != nil {
		return nil, err
	}
	i := c.iface()
	groups, err := waiting(c.scope, func() (list []rump.MulticastGroup, err error) {
		for _, f := range families {
			of, err := i.MulticastGroups(c.ctx, f)
			if err != nil {
				return nil, err
			}
			list = append(list, of...)
		}
		return list, nil
	})
	if err != nil {
		return nil, err
	}
	return listOf(groups, func(g rump.MulticastGroup) starlark.Value {
		return record("group", starlark.StringDict{
			"group":      Address{g.Group, -1},
			"addr":       Address{g.Addr, -1},
			"references": starlark.MakeInt(g.References),
		})
	}), nil
}

func interfaceLinkGroups(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	i := c.iface()
	groups, err := waiting(c.scope, func() ([]rump.LinkGroup, error) { return i.LinkGroups(c.ctx) })
	if err != nil {
		return nil, err
	}
	return listOf(groups, func(g rump.LinkGroup) starlark.Value {
		return record("link_group", starlark.StringDict{
			"first":      starlark.String(g.First.String()),
			"last":       starlark.String(g.Last.String()),
			"references": starlark.MakeInt(g.References),
		})
	}), nil
}
