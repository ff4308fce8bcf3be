package starlark

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// Host is a station on a bus that is no kernel.
type Host struct {
	h     *packet.Host
	b     *Bus
	addrs []Address

	mu sync.Mutex // one expects at a time
}

func hostAttrs() []attribute {
	return []attribute{
		{"addr", "Its first address, with the prefix length."},
		{"lladdr", "Its Ethernet address, a string."},
		{"name", "Its name, by which captures know it."},
	}
}

func hostMethods() []function {
	return []function{
		{"close", "", "Takes the host off the bus.", hostClose},
		{"connect", "remote timeout?", "Opens a TCP connection to \"10.0.0.2:80\" and returns it as a peer, which a script plays segment by segment. Fails if it is refused, or takes longer than 5s or as given.", hostConnect},
		{"expect", "match within?", "Waits for the next packet which others have sent that matches, as bus.expect does. It begins where the host came to the bus, and then where the last expect has found something.", hostExpect},
		{"expect_none", "match within?", "Fails if a packet that matches comes to the host within the given time, 1s if not given.", hostExpectNone},
		{"listen", "port", "Waits for TCP connections to a port from now on and returns a listener.", hostListen},
		{"peer", "remote port?", "Returns the end of a TCP connection to \"10.0.0.2:80\", from a port of its own if none is given. Nothing is sent yet.", hostPeer},
		{"ping", "address timeout? size?", "Sends an echo request and waits for the reply, 5s if no timeout is given. Returns how long that took, in seconds.", hostPing},
		{"quiet", "arp? nd? ping?", "Says which of ARP, neighbour discovery and ping the host does not answer from now on.", hostQuiet},
		{"resolve", "address timeout?", "Returns the Ethernet address to which packets for the IP address go.", hostResolve},
		{"send", "address layers", "Sends layers to an address: udp(src = 1, dst = 53) / \"x\", or with an ip() of their own in front. The Ethernet and IP headers are filled in.", hostSend},
	}
}

// String shows the host to a person.
func (h *Host) String() string        { return fmt.Sprintf("<host %s on bus %s>", h.h.Name(), h.b.name) }
func (h *Host) Type() string          { return "host" }
func (h *Host) Freeze()               {}
func (h *Host) Truth() starlark.Bool  { return true }
func (h *Host) Hash() (uint32, error) { return starlark.String(h.h.MAC().String()).Hash() }

// Attr implements starlark.HasAttrs.
func (h *Host) Attr(name string) (starlark.Value, error) {
	switch name {
	case "addr":
		return h.addrs[0], nil
	case "lladdr":
		return starlark.String(h.h.MAC().String()), nil
	case "name":
		return starlark.String(h.h.Name()), nil
	}
	return method(h, hostMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (h *Host) AttrNames() []string { return attrNames(hostMethods(), "addr", "lladdr", "name") }

// addresses unpacks an address or a list of them.
type addresses []Address

// Unpack implements starlark.Unpacker.
func (a *addresses) Unpack(v starlark.Value) error {
	list, ok := v.(starlark.Iterable)
	if !ok {
		var one Address
		if err := one.Unpack(v); err != nil {
			return err
		}
		*a = addresses{one}
		return nil
	}
	for e := range starlark.Elements(list) {
		var one Address
		if err := one.Unpack(e); err != nil {
			return err
		}
		*a = append(*a, one)
	}
	if len(*a) == 0 {
		return errors.New("got no address")
	}
	return nil
}

func busHost(c *call) (starlark.Value, error) {
	var addrs addresses
	var name string
	var hw mac
	var gateway ipAddr
	if err := c.unpack(&addrs, &name, &hw, &gateway); err != nil {
		return nil, err
	}
	b := c.self.(*Bus)
	w, err := b.open()
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = addrs[0].addr.String()
	}
	h := &Host{b: b, addrs: addrs}
	return waiting(c.scope, func() (starlark.Value, error) {
		name, path, err := w.join(name, h)
		if err != nil {
			return nil, fmt.Errorf("bus %s: %w", b.name, err)
		}
		on := w.bus
		if s := w.segment(); s != nil {
			on = s.bus(path)
		}
		cfg := packet.HostConfig{Name: name, MAC: packet.MAC(hw), Gateway: netip.Addr(gateway), Names: w.names}
		for _, a := range addrs {
			cfg.Addrs = append(cfg.Addrs, a.prefix())
		}
		if h.h, err = packet.NewHost(on, cfg); err != nil {
			return nil, fmt.Errorf("bus %s: %w", b.name, err)
		}
		w.keep(h.h)
		return h, nil
	})
}

// where names the host in errors.
func (h *Host) where() string { return "host " + h.h.Name() }

// do calls f with the time that it has.
func (h *Host) do(c *call, within duration, f func(ctx context.Context) (starlark.Value, error)) (starlark.Value, error) {
	return waiting(c.scope, func() (starlark.Value, error) {
		ctx, cancel := expectContext(c.ctx, within)
		defer cancel()
		v, err := f(ctx)
		return v, expectError(c.ctx, h.where(), err)
	})
}

func hostClose(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.self.(*Host).h.Close() })
}

func hostExpect(c *call) (starlark.Value, error) {
	var m matcher
	within := duration(expectTimeout)
	if err := c.unpack(&m, &within); err != nil {
		return nil, err
	}
	h := c.self.(*Host)
	return h.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		p, err := h.h.Expect(ctx, m.waiting(c))
		if err != nil {
			return nil, err
		}
		return &Packet{p}, nil
	})
}

func hostExpectNone(c *call) (starlark.Value, error) {
	var m matcher
	within := duration(expectNoneTimeout)
	if err := c.unpack(&m, &within); err != nil {
		return nil, err
	}
	h := c.self.(*Host)
	return h.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		is := m.waiting(c)
		p, err := h.h.Expect(ctx, is)
		var timeout *packet.ExpectError
		switch {
		case err == nil:
			return nil, &packet.ExpectError{Want: is.String(), None: true, Got: p}
		case errors.As(err, &timeout) && ctx.Err() != nil && timeout.Lost == 0:
			return nil, nil
		}
		return nil, err
	})
}

func hostPing(c *call) (starlark.Value, error) {
	var to ipAddr
	within := duration(expectTimeout)
	size := 56
	if err := c.unpack(&to, &within, &size); err != nil {
		return nil, err
	}
	if size < 0 || size > 1500 {
		return nil, fmt.Errorf("ping: %d bytes do not fit into a frame", size)
	}
	h := c.self.(*Host)
	return h.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		d, err := h.h.Ping(ctx, netip.Addr(to), []byte(strings.Repeat("x", size)))
		return starlark.Float(d.Seconds()), err
	})
}

func hostQuiet(c *call) (starlark.Value, error) {
	var q packet.Quiet
	if err := c.unpack(&q.ARP, &q.ND, &q.Ping); err != nil {
		return nil, err
	}
	c.self.(*Host).h.SetQuiet(q)
	return nil, nil
}

func hostResolve(c *call) (starlark.Value, error) {
	var to ipAddr
	within := duration(expectTimeout)
	if err := c.unpack(&to, &within); err != nil {
		return nil, err
	}
	h := c.self.(*Host)
	return h.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		m, err := h.h.Resolve(ctx, netip.Addr(to))
		return starlark.String(m.String()), err
	})
}

func hostSend(c *call) (starlark.Value, error) {
	var to ipAddr
	var what starlark.Value
	if err := c.unpack(&to, &what); err != nil {
		return nil, err
	}
	layers, ok := layersOf(what)
	if !ok {
		return nil, fmt.Errorf("send: got %s where layers are wanted", what.Type())
	}
	h := c.self.(*Host)
	return h.do(c, duration(expectTimeout), func(ctx context.Context) (starlark.Value, error) {
		return nil, h.h.Send(ctx, netip.Addr(to), layers...)
	})
}
