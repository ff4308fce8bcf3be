package starlark

import (
	"context"
	"net"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// interfaceBridge is the table of the methods of a bridge.
func interfaceBridge() []function {
	return []function{
		{"add_member", "interface", "Makes another interface a member of the bridge.", on(func(ctx context.Context, i *rump.Interface, n ifname) error { return i.BridgeAdd(ctx, string(n)) })},
		{"bridge", "max_addresses? timeout?", "Sets what is given of the bridge and returns what it goes by, a struct: max_addresses, how many it may learn, and timeout, after how many seconds it forgets them, 0 for never.", interfaceBridgeParams},
		{"bridge_add", "lladdr interface", "Tells the bridge for ever behind which member a link address is.", interfaceBridgeStatic},
		{"bridge_delete", "lladdr", "Makes the bridge forget a link address.", on(func(ctx context.Context, i *rump.Interface, a lladdr) error { return i.BridgeDeleteAddr(ctx, a.mac) })},
		{"bridge_flush", "static?", "Makes the bridge forget the link addresses that it has learnt; with static = True all.", interfaceBridgeFlush},
		{"bridge_table", "", "Returns the link addresses that the bridge knows, a list of structs: lladdr, interface, static, and expires (seconds from now).", interfaceBridgeTable},
		{"members", "", "Returns the members of the bridge, a list of structs: name, learning, discover, priority and cost.", interfaceMembers},
		{"remove_member", "interface", "Takes a member out of the bridge.", on(func(ctx context.Context, i *rump.Interface, n ifname) error { return i.BridgeRemove(ctx, string(n)) })},
		{"set_member", "interface learning? discover?", "Says whether the bridge learns link addresses from a member, and whether it sends packets for unknown ones there.", interfaceSetMember},
	}
}

func interfaceMembers(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	i := c.iface()
	members, err := waiting(c.scope, func() ([]netbsd.Ifbreq, error) { return i.BridgeMembers(c.ctx) })
	if err != nil {
		return nil, err
	}
	return listOf(members, func(m netbsd.Ifbreq) starlark.Value {
		return record("member", starlark.StringDict{
			"name":     starlark.String(m.Ifsname),
			"learning": starlark.Bool(m.Ifsflags&netbsd.IFBIF_LEARNING != 0),
			"discover": starlark.Bool(m.Ifsflags&netbsd.IFBIF_DISCOVER != 0),
			"priority": starlark.MakeInt(int(m.Priority)),
			"cost":     starlark.MakeInt(int(m.PathCost)),
		})
	}), nil
}

func interfaceSetMember(c *call) (starlark.Value, error) {
	var member ifname
	var learning, discover optional[bool]
	if err := c.unpack(&member, &learning, &discover); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) {
		flags, err := i.BridgeMemberFlags(c.ctx, string(member))
		if err != nil {
			return nil, err
		}
		set := func(on optional[bool], bit uint32) {
			if on.or(flags&bit != 0) {
				flags |= bit
			} else {
				flags &^= bit
			}
		}
		set(learning, netbsd.IFBIF_LEARNING)
		set(discover, netbsd.IFBIF_DISCOVER)
		return nil, i.BridgeMember(c.ctx, netbsd.BRDGSIFFLGS, netbsd.Ifbreq{Ifsname: string(member), Ifsflags: flags})
	})
}

func interfaceBridgeParams(c *call) (starlark.Value, error) {
	var size optional[uint32]
	var timeout optional[duration]
	if err := c.unpack(&size, &timeout); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) {
		if size.v != nil {
			if err := i.SetBridgeParam(c.ctx, netbsd.BRDGSCACHE, *size.v); err != nil {
				return nil, err
			}
		}
		if timeout.v != nil {
			if err := i.SetBridgeParam(c.ctx, netbsd.BRDGSTO, uint32(time.Duration(*timeout.v)/time.Second)); err != nil {
				return nil, err
			}
		}
		n, err := i.BridgeParam(c.ctx, netbsd.BRDGGCACHE)
		if err != nil {
			return nil, err
		}
		t, err := i.BridgeParam(c.ctx, netbsd.BRDGGTO)
		if err != nil {
			return nil, err
		}
		return record("bridge", starlark.StringDict{"max_addresses": starlark.MakeInt64(int64(n)), "timeout": starlark.MakeInt64(int64(t))}), nil
	})
}

func interfaceBridgeTable(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	i := c.iface()
	table, err := waiting(c.scope, func() ([]netbsd.Ifbareq, error) { return i.BridgeAddrs(c.ctx) })
	if err != nil {
		return nil, err
	}
	return listOf(table, func(e netbsd.Ifbareq) starlark.Value {
		return record("entry", starlark.StringDict{
			"lladdr":    starlark.String(net.HardwareAddr(e.Dst[:]).String()),
			"interface": starlark.String(e.Ifsname),
			"static":    starlark.Bool(e.Flags&netbsd.IFBAF_TYPEMASK == netbsd.IFBAF_STATIC),
			"expires":   starlark.MakeInt64(e.Expire),
		})
	}), nil
}

func interfaceBridgeStatic(c *call) (starlark.Value, error) {
	var a lladdr
	var member ifname
	if err := c.unpack(&a, &member); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) { return nil, i.BridgeSetAddr(c.ctx, string(member), a.mac) })
}

func interfaceBridgeFlush(c *call) (starlark.Value, error) {
	var static bool
	if err := c.unpack(&static); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) { return nil, i.BridgeFlush(c.ctx, static) })
}
