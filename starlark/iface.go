package starlark

import (
	"context"
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// Interface is a network interface of a kernel. It is a name: every look at an
// attribute asks the kernel.
type Interface struct {
	k    *Kernel
	name string
}

func interfaceAttrs() []attribute {
	return []attribute{
		{"name", "The interface's name, a string."},
		{"addrs", "Its IPv4 and IPv6 addresses with their prefix lengths, a list of addresses."},
		{"capabilities", "What its hardware can do, a struct of two lists of strings: have and enabled."},
		{"flags", "Its flags, a list of strings: [\"UP\", \"BROADCAST\"]."},
		{"index", "Its number, an int."},
		{"link_state", "Whether its link is there, a string: \"up\", \"down\" or \"unknown\"."},
		{"linkstr", "What it is attached to, a string: for a shmif the path of its bus. None if to nothing."},
		{"lladdr", "Its link address, a string such as \"b2:a0:df:66:ec:87\"; empty if it has none."},
		{"metric", "Its metric, an int."},
		{"mtu", "Its greatest packet in bytes, an int."},
		{"up", "Whether it is up, a bool."},
	}
}

// interfaceMethods is the table of an interface's methods.
func interfaceMethods() []function {
	return slices.Concat(interfaceBasics(), interfaceAddrs(), interfaceLink(), interfaceMedia(), interfaceVirtual(), interfacePPPoE(), interfaceBridge())
}

func interfaceBasics() []function {
	return []function{
		{"destroy", "", "Destroys the interface.", on0((*rump.Interface).Destroy)},
		{"set_down", "", "Takes the interface down.", on0((*rump.Interface).Down)},
		{"set_up", "", "Brings the interface up.", on0((*rump.Interface).Up)},
		{"state", "address", "Returns the state of one of its addresses, a list of words as ifconfig has them: \"tentative\" while it is being checked that nobody else has it, \"duplicated\" if somebody has, \"detached\", \"deprecated\", \"autoconf\".", interfaceState},
		{"wait", "timeout?", "Waits until none of its addresses is tentative, as ifconfig -w does; 10s if no timeout is given.", interfaceWait},
	}
}

// String shows the interface to a person.
func (i *Interface) String() string {
	return fmt.Sprintf("<interface %s of %s>", i.name, i.k.in.Kernel)
}
func (i *Interface) Type() string         { return "interface" }
func (i *Interface) Freeze()              {}
func (i *Interface) Truth() starlark.Bool { return true }
func (i *Interface) Hash() (uint32, error) {
	return starlark.String(i.k.in.Kernel.String() + "\x00" + i.name).Hash()
}

// Attr implements starlark.HasAttrs.
func (i *Interface) Attr(name string) (starlark.Value, error) {
	for _, a := range interfaceAttrs() {
		if a.name == name {
			return waiting(i.k.sc, func() (starlark.Value, error) { return i.get(name) })
		}
	}
	return method(i, interfaceMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (i *Interface) AttrNames() []string {
	var names []string
	for _, a := range interfaceAttrs() {
		names = append(names, a.name)
	}
	return attrNames(interfaceMethods(), names...)
}

func (i *Interface) get(name string) (starlark.Value, error) {
	if name == "name" {
		return starlark.String(i.name), nil
	}
	ctx := i.k.ctx
	ifc := i.rump()
	switch name {
	case "linkstr":
		s, err := ifc.Linkstr(ctx)
		return optionalString(s), err
	case "capabilities":
		have, enabled, err := ifc.Capabilities(ctx)
		return record("capabilities", starlark.StringDict{"have": capabilityList(have), "enabled": capabilityList(enabled)}), err
	}
	info, err := ifc.Info(ctx)
	if err != nil {
		return nil, err
	}
	switch name {
	case "addrs":
		var list []starlark.Value
		for _, p := range info.Prefixes() {
			list = append(list, Address{p.Addr(), p.Bits()})
		}
		return starlark.NewList(list), nil
	case "flags":
		return stringList(info.Flags.Names()), nil
	case "index":
		return starlark.MakeInt(info.Index), nil
	case "link_state":
		switch info.Data.LinkState {
		case netbsd.LINK_STATE_UP:
			return starlark.String("up"), nil
		case netbsd.LINK_STATE_DOWN:
			return starlark.String("down"), nil
		}
		return starlark.String("unknown"), nil
	case "lladdr":
		return starlark.String(info.HardwareAddr().String()), nil
	case "metric":
		return starlark.MakeUint64(info.Data.Metric), nil
	case "mtu":
		return starlark.MakeInt(info.MTU()), nil
	default: // "up": the table has no other
		return starlark.Bool(info.Up()), nil
	}
}

// on adapts a method which takes one argument of type T and returns nothing.
func on[T any](do func(ctx context.Context, i *rump.Interface, arg T) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var arg T
		if err := c.unpack(&arg); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(c.ctx, c.iface(), arg) })
	}
}

// on0 adapts a method which takes and returns nothing.
func on0(do func(i *rump.Interface, ctx context.Context) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		if err := c.unpack(); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(c.iface(), c.ctx) })
	}
}

func (i *Interface) rump() *rump.Interface { return i.k.in.Kernel.Interface(i.name) }

// iface returns the interface that a method is called of.
func (c *call) iface() *rump.Interface { return c.self.(*Interface).rump() }
