package starlark

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// Monitor tells what happens to a kernel's routes, interfaces and addresses.
type Monitor struct {
	s    *rump.RouteSocket
	k    *rump.Kernel
	rest []netbsd.RoutingMessage // received with another and not yet returned
}

func monitorMethods() []function {
	return []function{
		{"close", "", "Closes the monitor.", monitorClose},
		{"next", "timeout?", "Waits for what happens next, 5s if no timeout is given, and returns it, a struct: type, interface, destination, gateway and addr, each None where there is none. The type is \"add\", \"delete\", \"change\", \"redirect\" or \"miss\" of a route, \"newaddr\", \"deladdr\" or \"chgaddr\" of an address, \"ifinfo\", \"arrival\" or \"departure\" of an interface, or the number of another message.", monitorNext},
	}
}

// String shows the monitor to a person.
func (m *Monitor) String() string        { return fmt.Sprintf("<monitor of %s>", m.k) }
func (m *Monitor) Type() string          { return "monitor" }
func (m *Monitor) Freeze()               {}
func (m *Monitor) Truth() starlark.Bool  { return true }
func (m *Monitor) Hash() (uint32, error) { return 0, errors.New("unhashable: monitor") }

// Attr implements starlark.HasAttrs.
func (m *Monitor) Attr(name string) (starlark.Value, error) {
	return method(m, monitorMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (m *Monitor) AttrNames() []string { return attrNames(monitorMethods()) }

func kernelMonitor(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	s, err := waiting(c.scope, func() (*rump.RouteSocket, error) { return c.kernel().RouteSocket(c.ctx) })
	if err != nil {
		return nil, err
	}
	return &Monitor{s: s, k: c.kernel()}, nil
}

func monitorClose(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	m := c.self.(*Monitor)
	return waiting(c.scope, func() (starlark.Value, error) { return nil, m.s.Close() })
}

func monitorNext(c *call) (starlark.Value, error) {
	timeout := duration(eventuallyTimeout)
	if err := c.unpack(&timeout); err != nil {
		return nil, err
	}
	m := c.self.(*Monitor)
	return waiting(c.scope, func() (starlark.Value, error) {
		ctx, cancel := context.WithTimeout(c.ctx, time.Duration(timeout))
		defer cancel()
		for {
			for len(m.rest) > 0 {
				msg := m.rest[0]
				m.rest = m.rest[1:]
				if v, err := m.event(ctx, msg); v != nil || err != nil {
					return v, err
				}
			}
			msgs, err := m.s.Receive(ctx)
			if err != nil {
				return nil, err
			}
			m.rest = msgs
		}
	})
}

// event makes a value of a message, nil of one that repeats another in an older
// form.
func (m *Monitor) event(ctx context.Context, msg netbsd.RoutingMessage) (starlark.Value, error) {
	var typ string
	var index int
	var addrs netbsd.RtAddrs
	switch msg := msg.(type) {
	case *netbsd.RouteMessage:
		index, addrs = int(msg.Header.Index), msg.Addrs
	case *netbsd.AddressMessage:
		index, addrs = int(msg.Header.Index), msg.Addrs
	case *netbsd.InterfaceMessage:
		index, addrs = int(msg.Header.Index), msg.Addrs
	case *netbsd.AnnounceMessage:
		typ = "arrival"
		if msg.Header.What == netbsd.IFAN_DEPARTURE {
			typ = "departure"
		}
		return eventValue(typ, msg.Header.Name, netbsd.RtAddrs{}), nil
	}
	switch t := msg.MessageType(); t {
	case netbsd.RTM_OIFINFO, netbsd.RTM_OOIFINFO:
		return nil, nil
	case netbsd.RTM_ADD:
		typ = "add"
	case netbsd.RTM_DELETE:
		typ = "delete"
	case netbsd.RTM_CHANGE:
		typ = "change"
	case netbsd.RTM_REDIRECT:
		typ = "redirect"
	case netbsd.RTM_MISS:
		typ = "miss"
	case netbsd.RTM_NEWADDR:
		typ = "newaddr"
	case netbsd.RTM_DELADDR:
		typ = "deladdr"
	case netbsd.RTM_CHGADDR:
		typ = "chgaddr"
	case netbsd.RTM_IFINFO:
		typ = "ifinfo"
	default:
		typ = fmt.Sprint(t)
	}
	name := ""
	if index != 0 {
		var err error
		if name, err = m.k.InterfaceName(ctx, index); err != nil {
			return nil, err
		}
	}
	return eventValue(typ, name, addrs), nil
}

func eventValue(typ, ifname string, addrs netbsd.RtAddrs) starlark.Value {
	addr := func(i int) starlark.Value { return optionalAddr(netbsd.AddrPortOf(addrs[i]).Addr()) }
	destination := addr(netbsd.RTAX_DST)
	if a, ok := destination.(Address); ok && addrs[netbsd.RTAX_NETMASK] != nil {
		if bits, ok := netbsd.NetmaskBits(addrs[netbsd.RTAX_DST].Family(), addrs[netbsd.RTAX_NETMASK]); ok {
			destination = Address{a.addr, bits}
		}
	}
	return record("event", starlark.StringDict{
		"type": starlark.String(typ), "interface": optionalString(ifname), "destination": destination,
		"gateway": addr(netbsd.RTAX_GATEWAY), "addr": addr(netbsd.RTAX_IFA),
	})
}
