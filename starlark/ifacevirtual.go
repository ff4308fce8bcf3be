package starlark

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// interfaceVirtual is the table of the methods of interfaces that stand on others.
func interfaceVirtual() []function {
	return []function{
		{"add_port", "interface", "Makes another interface a port of an agr.", on(func(ctx context.Context, i *rump.Interface, n ifname) error { return i.AddPort(ctx, string(n)) })},
		{"carp", "vhid? device? advbase? advskew? password?", "Sets what is given of a carp interface and returns what it is, a struct: vhid, device, advbase, advskew and state (\"INIT\", \"BACKUP\" or \"MASTER\").", interfaceCarp},
		{"delete_tunnel", "", "Takes the outer addresses of a tunnel away.", on0((*rump.Interface).DeleteTunnel)},
		{"delete_vlan", "", "Takes a vlan away from its parent.", on0(func(i *rump.Interface, ctx context.Context) error { return i.SetVLAN(ctx, 0, "") })},
		{"ports", "", "Returns the names of the ports of an agr, a list of structs: name, and flags (a list of strings: \"COLLECTING\", \"DISTRIBUTING\").", interfacePorts},
		{"remove_port", "interface", "Takes a port away from an agr.", on(func(ctx context.Context, i *rump.Interface, n ifname) error { return i.RemovePort(ctx, string(n)) })},
		{"set_tunnel", "source destination", "Sets the outer addresses of a tunnel, such as a gif.", interfaceSetTunnel},
		{"set_vlan", "id parent", "Makes a vlan the one of that id on its parent.", interfaceSetVLAN},
		{"tunnel", "", "Returns the outer addresses of a tunnel, a struct: source and destination; None if it has none.", interfaceTunnel},
		{"vlan", "", "Returns what a vlan is, a struct: id and parent; None if it has no parent.", interfaceVLAN},
	}
}

// ifname unpacks an interface, given itself or by its name.
type ifname string

// Unpack implements starlark.Unpacker.
func (n *ifname) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case *Interface:
		*n = ifname(v.name)
	case starlark.String:
		*n = ifname(v)
	default:
		return fmt.Errorf("got %s where an interface or its name is wanted", v.Type())
	}
	return nil
}

func interfaceSetVLAN(c *call) (starlark.Value, error) {
	var id int
	var parent ifname
	if err := c.unpack(&id, &parent); err != nil {
		return nil, err
	}
	if id < 0 || id > 0xffff {
		return nil, fmt.Errorf("set_vlan: id = %d: out of range", id)
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) { return nil, i.SetVLAN(c.ctx, uint16(id), string(parent)) })
}

func interfaceVLAN(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	i := c.iface()
	v, err := waiting(c.scope, func() (netbsd.Vlanreq, error) { return i.VLAN(c.ctx) })
	if err != nil || v.Parent == "" {
		return starlark.None, err
	}
	return record("vlan", starlark.StringDict{"id": starlark.MakeInt(int(v.Tag)), "parent": starlark.String(v.Parent)}), nil
}

func interfaceSetTunnel(c *call) (starlark.Value, error) {
	var src, dst Address
	if err := c.unpack(&src, &dst); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) {
		return nil, i.SetTunnel(c.ctx, netip.AddrPortFrom(src.addr, 0), netip.AddrPortFrom(dst.addr, 0))
	})
}

func interfaceTunnel(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) {
		src, dst, err := i.Tunnel(c.ctx)
		if errors.Is(err, netbsd.EADDRNOTAVAIL) {
			return starlark.None, nil
		}
		if err != nil {
			return nil, err
		}
		return record("tunnel", starlark.StringDict{
			"source":      optionalAddr(netbsd.AddrPortOf(src).Addr()),
			"destination": optionalAddr(netbsd.AddrPortOf(dst).Addr()),
		}), nil
	})
}

func interfacePorts(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	i := c.iface()
	ports, err := waiting(c.scope, func() ([]netbsd.Agrportinfo, error) { return i.Ports(c.ctx) })
	if err != nil {
		return nil, err
	}
	return listOf(ports, func(p netbsd.Agrportinfo) starlark.Value {
		var flags []string
		if p.Flags&netbsd.AGRPORTINFO_COLLECTING != 0 {
			flags = append(flags, "COLLECTING")
		}
		if p.Flags&netbsd.AGRPORTINFO_DISTRIBUTING != 0 {
			flags = append(flags, "DISTRIBUTING")
		}
		return record("port", starlark.StringDict{"name": starlark.String(p.Ifname), "flags": stringList(flags)})
	}), nil
}

func interfaceCarp(c *call) (starlark.Value, error) {
	var vhid, advbase, advskew optional[int]
	var device ifname
	var password string
	if err := c.unpack(&vhid, &device, &advbase, &advskew, &password); err != nil {
		return nil, err
	}
	if len(password) > netbsd.CARP_KEY_LEN {
		return nil, fmt.Errorf("carp: the password has %d bytes of at most %d", len(password), netbsd.CARP_KEY_LEN)
	}
	i := c.iface()
	set := vhid.v != nil || advbase.v != nil || advskew.v != nil || device != "" || password != ""
	r, err := waiting(c.scope, func() (netbsd.Carpreq, error) {
		r, err := i.CARP(c.ctx)
		if err != nil || !set {
			return r, err
		}
		r.Vhid = int32(vhid.or(int(r.Vhid)))
		r.Advbase = int32(advbase.or(int(r.Advbase)))
		r.Advskew = int32(advskew.or(int(r.Advskew)))
		if device != "" {
			r.Carpdev = string(device)
		}
		if password != "" {
			r.Key = [netbsd.CARP_KEY_LEN]byte{}
			copy(r.Key[:], password)
		}
		if err := i.SetCARP(c.ctx, r); err != nil {
			return r, err
		}
		return i.CARP(c.ctx)
	})
	if err != nil {
		return nil, err
	}
	state := starlark.Value(starlark.None)
	if states := []string{"INIT", "BACKUP", "MASTER"}; r.State >= 0 && int(r.State) < len(states) {
		state = starlark.String(states[r.State])
	}
	return record("carp", starlark.StringDict{
		"vhid": starlark.MakeInt(int(r.Vhid)), "device": optionalString(r.Carpdev), "advbase": starlark.MakeInt(int(r.Advbase)),
		"advskew": starlark.MakeInt(int(r.Advskew)), "state": state,
	}), nil
}
