package rump

import (
	"context"
	"errors"
	"net"
	"os"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Dialer connects from within a kernel. The zero value of all but Kernel is
// ready for use.
type Dialer struct {
	Kernel *Kernel

	// LocalAddr is the address to connect from; nil means any.
	LocalAddr net.Addr

	// Control, if not nil, is called with each new socket before it is connected.
	Control func(*Conn) error
}

// DialContext connects to an address from within the kernel. The networks are
// tcp, udp, each also with 4 or 6 appended, ip4:PROTOCOL, ip6:PROTOCOL, unix,
// unixgram and unixpacket. Hosts are addresses, or localhost. Its type is that
// of net/http's Transport.DialContext.
func (k *Kernel) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return (&Dialer{Kernel: k}).DialContext(ctx, network, address)
}

// DialContext connects to an address; see Kernel.DialContext.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Dial is DialContext for those who want the *Conn.
func (d *Dialer) Dial(ctx context.Context, network, address string) (*Conn, error) {
	fail := func(addr net.Addr, err error) error {
		if errors.Is(err, context.DeadlineExceeded) {
			err = os.ErrDeadlineExceeded
		}
		return &net.OpError{Op: "dial", Net: network, Source: d.LocalAddr, Addr: addr, Err: err}
	}
	kind, err := kindOf(network)
	if err != nil {
		return nil, fail(nil, err)
	}
	sas, err := d.Kernel.resolve(ctx, kind, address, false)
	if err != nil {
		return nil, fail(nil, err)
	}
	var first error
	for _, sa := range sas {
		c, err := d.dial(ctx, kind, sa)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = fail((&Conn{k: d.Kernel, typ: kind.typ, network: kind.network, family: int(sa.Family())}).addr(sa), err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

func (d *Dialer) dial(ctx context.Context, kind socketKind, sa netbsd.Sockaddr) (*Conn, error) {
	c, err := d.Kernel.NewConn(ctx, int(sa.Family()), kind.typ, kind.protocol, kind.network)
	if err != nil {
		return nil, err
	}
	ok := false
	defer func() {
		if !ok {
			c.Close()
		}
	}()
	if d.Control != nil {
		if err := d.Control(c); err != nil {
			return nil, err
		}
	}
	if d.LocalAddr != nil {
		local, err := d.Kernel.sockaddrOf(ctx, d.LocalAddr)
		if err != nil {
			return nil, err
		}
		if errno, err := d.Kernel.sysBind(c.fd, local); err != nil || errno != 0 {
			return nil, errors.Join(err, d.Kernel.errno(errno, "bind"))
		}
	}
	if err := c.Connect(ctx, sa); err != nil {
		return nil, err
	}
	if c.remote == nil {
		c.remote = c.addr(sa)
	}
	if kind.typ == netbsd.SOCK_STREAM && c.family != netbsd.AF_LOCAL {
		c.k.sysSetsockopt(c.fd, netbsd.IPPROTO_TCP, netbsd.TCP_NODELAY, []byte{1, 0, 0, 0})
	}
	ok = true
	return c, nil
}
