package starlark

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/rump"
)

// Socket takes and sends packets through a kernel's network.
type Socket struct {
	c  *rump.Conn
	sc *scope
}

func socketAttrs() []attribute {
	return []attribute{{"local", "The socket's own address, a string such as \"10.0.0.1:53\"."}}
}

func socketMethods() []function {
	return []function{
		{"close", "", "Closes the socket.", socketClose},
		{"join", "group interface?", "Becomes a member of a multicast group, on an interface or the one that the routes say.", socketGroup((*rump.Conn).JoinGroup)},
		{"leave", "group interface?", "Ends a membership.", socketGroup((*rump.Conn).LeaveGroup)},
		optionMethod(),
		{"receive", "size? timeout?", "Waits for a packet, 5s if no timeout is given, and returns a struct: data (bytes, at most so many) and addr (a string).", socketReceive},
		{"send", "data address timeout?", "Sends a string or bytes to an address, such as \"10.0.0.2:53\"; of a raw socket it is without a port.", socketSend},
	}
}

// kernelSockets is the table of the methods of a kernel that make sockets for packets.
func kernelSockets() []function {
	return []function{
		{"listen_packet", "network address", "Opens a socket for packets. The network is \"udp\", \"udp4\", \"udp6\" or \"unixgram\", or of raw packets \"ip4:icmp\", \"ip6:58\" and the like. Port 0 is any free one.", kernelListenPacket},
	}
}

func kernelListenPacket(c *call) (starlark.Value, error) {
	var network, address string
	if err := c.unpack(&network, &address); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		conn, err := (&rump.ListenConfig{Kernel: c.kernel()}).ListenPacket(c.ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &Socket{conn, c.scope}, nil
	})
}

// String shows the socket to a person.
func (s *Socket) String() string        { return fmt.Sprintf("<socket %s>", s.c.LocalAddr()) }
func (s *Socket) Type() string          { return "socket" }
func (s *Socket) Freeze()               {}
func (s *Socket) Truth() starlark.Bool  { return true }
func (s *Socket) Hash() (uint32, error) { return 0, errors.New("unhashable: socket") }

// Attr implements starlark.HasAttrs.
func (s *Socket) Attr(name string) (starlark.Value, error) {
	if name == "local" {
		return starlark.String(s.c.LocalAddr().String()), nil
	}
	return method(s, socketMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (s *Socket) AttrNames() []string { return attrNames(socketMethods(), "local") }

func socketClose(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	s := c.self.(*Socket)
	return waiting(c.scope, func() (starlark.Value, error) { return nil, s.c.Close() })
}

func socketReceive(c *call) (starlark.Value, error) {
	size, timeout := maxRead, duration(eventuallyTimeout)
	if err := c.unpack(&size, &timeout); err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, fmt.Errorf("receive: got a size of %d", size)
	}
	b := make([]byte, min(size, 16<<20))
	var from net.Addr
	n, err := patiently(c, c.self.(*Socket).c, timeout, func() (n int, err error) {
		n, from, err = c.self.(*Socket).c.ReadFrom(b)
		return n, err
	})
	if err != nil {
		return nil, err
	}
	addr := starlark.Value(starlark.None)
	if from != nil {
		addr = starlark.String(from.String())
	}
	return record("packet", starlark.StringDict{"data": starlark.Bytes(b[:n]), "addr": addr}), nil
}

func socketSend(c *call) (starlark.Value, error) {
	var data content
	var address string
	timeout := duration(eventuallyTimeout)
	if err := c.unpack(&data, &address, &timeout); err != nil {
		return nil, err
	}
	s := c.self.(*Socket).c
	_, err := patiently(c, s, timeout, func() (int, error) {
		to, err := peerAddr(s, address)
		if err != nil {
			return 0, err
		}
		return s.WriteTo(data, to)
	})
	return nil, err
}

// peerAddr returns an address as package net knows it, of the kind of a socket's.
func peerAddr(s *rump.Conn, address string) (net.Addr, error) {
	switch local := s.LocalAddr().(type) {
	case *net.UDPAddr:
		a, err := net.ResolveUDPAddr("udp", address)
		if err != nil {
			return nil, fmt.Errorf("send: %q is no address with a port: write \"10.0.0.2:53\"", address)
		}
		return a, nil
	case *net.IPAddr:
		a, err := parseAddress(address)
		if err != nil {
			return nil, fmt.Errorf("send: %w", err)
		}
		return &net.IPAddr{IP: a.addr.AsSlice(), Zone: a.addr.Zone()}, nil
	case *net.UnixAddr:
		return &net.UnixAddr{Name: address, Net: local.Net}, nil
	}
	return nil, fmt.Errorf("send: a socket at %v sends to nobody", s.LocalAddr())
}

func socketGroup(do func(*rump.Conn, context.Context, netip.Addr, string) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var group Address
		var name ifname
		if err := c.unpack(&group, &name); err != nil {
			return nil, err
		}
		s := c.self.(*Socket).c
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(s, c.ctx, group.addr, string(name)) })
	}
}
