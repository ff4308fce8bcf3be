package rump

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// ListenConfig listens within a kernel. The zero value of all but Kernel is
// ready for use.
type ListenConfig struct {
	Kernel *Kernel

	// Control, if not nil, is called with the new socket before it is bound.
	Control func(*Conn) error
}

// Listener accepts connections within a kernel.
type Listener struct{ c *Conn }

var _ net.Listener = (*Listener)(nil)

// Listen accepts connections on an address within the kernel. The networks are
// tcp, tcp4, tcp6, unix and unixpacket; port 0 is any that is free.
func (k *Kernel) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	l, err := (&ListenConfig{Kernel: k}).Listen(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// ListenPacket takes packets on an address within the kernel. The networks are
// udp, udp4, udp6, ip4:PROTOCOL, ip6:PROTOCOL and unixgram.
func (k *Kernel) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	c, err := (&ListenConfig{Kernel: k}).ListenPacket(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Listen is Kernel.Listen for those who want the *Listener.
func (lc *ListenConfig) Listen(ctx context.Context, network, address string) (*Listener, error) {
	c, err := lc.listen(ctx, network, address, true)
	if err != nil {
		return nil, err
	}
	return &Listener{c}, nil
}

// ListenPacket is Kernel.ListenPacket for those who want the *Conn.
func (lc *ListenConfig) ListenPacket(ctx context.Context, network, address string) (*Conn, error) {
	return lc.listen(ctx, network, address, false)
}

func (lc *ListenConfig) listen(ctx context.Context, network, address string, stream bool) (*Conn, error) {
	fail := func(addr net.Addr, err error) error {
		return &net.OpError{Op: "listen", Net: network, Addr: addr, Err: err}
	}
	kind, err := kindOf(network)
	if err != nil {
		return nil, fail(nil, err)
	}
	if takes := kind.typ == netbsd.SOCK_STREAM || kind.typ == netbsd.SOCK_SEQPACKET; takes != stream {
		return nil, fail(nil, net.UnknownNetworkError(network))
	}
	sas, err := lc.Kernel.resolve(ctx, kind, address, true)
	if err != nil {
		return nil, fail(nil, err)
	}
	sa := sas[0]
	c, err := lc.Kernel.NewConn(ctx, int(sa.Family()), kind.typ, kind.protocol, kind.network)
	if err != nil {
		return nil, fail(nil, err)
	}
	addr := c.addr(sa)
	if err := lc.setUp(c, kind, sa, stream); err != nil {
		c.Close()
		return nil, fail(addr, err)
	}
	return c, nil
}

func (lc *ListenConfig) setUp(c *Conn, kind socketKind, sa netbsd.Sockaddr, stream bool) error {
	k := c.k
	if stream && c.family != netbsd.AF_LOCAL {
		if err := c.SetOption(netbsd.SOL_SOCKET, netbsd.SO_REUSEADDR, 1); err != nil {
			return err
		}
	}
	if sin6, ok := sa.(netbsd.SockaddrIn6); ok && kind.typ != netbsd.SOCK_RAW {
		only := 1
		if len(kind.families) > 1 && netip.AddrFrom16(sin6.Addr).IsUnspecified() {
			only = 0
		}
		if err := c.SetOption(netbsd.IPPROTO_IPV6, netbsd.IPV6_V6ONLY, only); err != nil {
			return err
		}
	}
	if kind.typ == netbsd.SOCK_DGRAM && c.family != netbsd.AF_LOCAL {
		if err := c.SetOption(netbsd.SOL_SOCKET, netbsd.SO_BROADCAST, 1); err != nil {
			return err
		}
	}
	if lc.Control != nil {
		if err := lc.Control(c); err != nil {
			return err
		}
	}
	if errno, err := k.sysBind(c.fd, sa); err != nil || errno != 0 {
		return errors.Join(err, k.errno(errno, "bind"))
	}
	if un, ok := sa.(netbsd.SockaddrUn); ok && un.Path != "" {
		c.unlink = un.Path
	}
	if stream {
		if errno, err := k.sysListen(c.fd, netbsd.SOMAXCONN); err != nil || errno != 0 {
			return errors.Join(err, k.errno(errno, "listen"))
		}
	}
	c.names()
	return nil
}

// Accept waits for a connection.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptConn()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// AcceptConn is Accept for those who want the *Conn.
func (l *Listener) AcceptConn() (*Conn, error) {
	c := l.c
	c.readMu.Lock()
	defer c.readMu.Unlock()
	var fd FD
	var from netbsd.Sockaddr
	for {
		err := c.retry("accept", netbsd.EVFILT_READ, &c.readBy, func() (errno netbsd.Errno, err error) {
			fd, from, errno, err = c.k.sysAccept(c.fd, socketFlags)
			return errno, err
		})
		if errors.Is(err, netbsd.ECONNABORTED) {
			continue // it has gone before it was accepted
		}
		if err != nil {
			return nil, c.opError("accept", err)
		}
		break
	}
	n := c.k.newConn(fd, c.family, c.typ, c.network)
	n.names()
	if n.remote == nil && from != nil {
		n.remote = n.addr(from)
	}
	if n.remote == nil {
		n.remote = n.addr(netbsd.SockaddrUn{})
	}
	if c.family != netbsd.AF_LOCAL {
		c.k.sysSetsockopt(fd, netbsd.IPPROTO_TCP, netbsd.TCP_NODELAY, []byte{1, 0, 0, 0})
	}
	return n, nil
}

// Close stops listening. A Unix socket's file is removed.
func (l *Listener) Close() error { return l.c.Close() }

// Addr returns the address.
func (l *Listener) Addr() net.Addr { return l.c.local }

// Conn returns the socket that listens.
func (l *Listener) Conn() *Conn { return l.c }

// SetDeadline limits Accept.
func (l *Listener) SetDeadline(t time.Time) error { return l.c.SetReadDeadline(t) }
