package rump

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// What interfaces that stand on others are told: vlan(4), agr(4), carp(4) and
// the tunnels gif(4) and gre(4).

// VLAN returns the parent and the tag of a vlan interface.
func (i *Interface) VLAN(ctx context.Context) (netbsd.Vlanreq, error) {
	b := netbsd.Vlanreq{}.Append(nil)
	if err := i.IoctlData(ctx, netbsd.SIOCGETVLAN, b); err != nil {
		return netbsd.Vlanreq{}, err
	}
	return netbsd.ParseVlanreq(b)
}

// SetVLAN sets the parent and the tag of a vlan interface. An empty parent
// detaches it.
func (i *Interface) SetVLAN(ctx context.Context, tag uint16, parent string) error {
	return i.IoctlData(ctx, netbsd.SIOCSETVLAN, netbsd.Vlanreq{Parent: parent, Tag: tag}.Append(nil))
}

// AddPort makes another interface a port of an agr interface.
func (i *Interface) AddPort(ctx context.Context, port string) error {
	return i.agr(ctx, netbsd.SIOCSETAGR, netbsd.AGRCMD_ADDPORT, []byte(port), nil)
}

// RemovePort takes a port away from an agr interface.
func (i *Interface) RemovePort(ctx context.Context, port string) error {
	return i.agr(ctx, netbsd.SIOCSETAGR, netbsd.AGRCMD_REMPORT, []byte(port), nil)
}

// Ports returns the ports of an agr interface.
func (i *Interface) Ports(ctx context.Context) ([]netbsd.Agrportinfo, error) {
	var r netbsd.Agrreq
	if err := i.agr(ctx, netbsd.SIOCGETAGR, netbsd.AGRCMD_PORTLIST, nil, &r); err != nil {
		return nil, err
	}
	for {
		if r.Buflen > 1<<20 {
			return nil, &netbsd.FormatError{What: "struct agrreq", Reason: "absurd ar_buflen"}
		}
		buf := make([]byte, r.Buflen)
		err := i.agr(ctx, netbsd.SIOCGETAGR, netbsd.AGRCMD_PORTLIST, buf, &r)
		if errno, ok := Errno(err); ok && errno == netbsd.E2BIG && r.Buflen > uint64(len(buf)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return netbsd.ParseAgrports(buf)
	}
}

// agr performs an ioctl with a struct agrreq, which it returns in out if that is
// not nil.
func (i *Interface) agr(ctx context.Context, req netbsd.Ioctl, cmd int32, buf []byte, out *netbsd.Agrreq) error {
	var arg []byte
	err := i.k.netIoctlWith(ctx, netbsd.AF_UNSPEC, req, i.name, func(c *sysproxy.Call) []byte {
		r := netbsd.Agrreq{Version: netbsd.AGRREQ_VERSION, Cmd: cmd, Buflen: uint64(len(buf))}
		if len(buf) > 0 {
			r.Buf = c.Lend(buf, sysproxy.Read|sysproxy.Write)
		}
		arg = r.Append(nil)
		f := netbsd.Ifreq{Name: i.name}
		f.SetData(c.Lend(arg, sysproxy.Read|sysproxy.Write))
		return f.Append(nil)
	})
	if out != nil && arg != nil {
		*out, _ = netbsd.ParseAgrreq(arg)
	}
	return err
}

// CARP returns the settings of a carp interface.
func (i *Interface) CARP(ctx context.Context) (netbsd.Carpreq, error) {
	b := netbsd.Carpreq{}.Append(nil)
	if err := i.IoctlData(ctx, netbsd.SIOCGVH, b); err != nil {
		return netbsd.Carpreq{}, err
	}
	return netbsd.ParseCarpreq(b)
}

// SetCARP sets the settings of a carp interface.
func (i *Interface) SetCARP(ctx context.Context, r netbsd.Carpreq) error {
	return i.IoctlData(ctx, netbsd.SIOCSVH, r.Append(nil))
}

// Pfsync returns the settings of a pfsync interface.
func (i *Interface) Pfsync(ctx context.Context) (netbsd.Pfsyncreq, error) {
	b := netbsd.Pfsyncreq{}.Append(nil)
	if err := i.IoctlData(ctx, netbsd.SIOCGETPFSYNC, b); err != nil {
		return netbsd.Pfsyncreq{}, err
	}
	return netbsd.ParsePfsyncreq(b)
}

// SetPfsync sets the settings of a pfsync interface.
func (i *Interface) SetPfsync(ctx context.Context, r netbsd.Pfsyncreq) error {
	return i.IoctlData(ctx, netbsd.SIOCSETPFSYNC, r.Append(nil))
}

// SetTunnel sets the outer addresses of a tunnel.
func (i *Interface) SetTunnel(ctx context.Context, src, dst netip.AddrPort) error {
	s, err := netbsd.SockaddrFromAddrPort(src)
	if err != nil {
		return fmt.Errorf("%s: tunnel of %s: %w", i.k, i.name, err)
	}
	d, err := netbsd.SockaddrFromAddrPort(dst)
	if err != nil {
		return fmt.Errorf("%s: tunnel of %s: %w", i.k, i.name, err)
	}
	return i.SetTunnelRaw(ctx, embedded(s), embedded(d))
}

func embedded(sa netbsd.Sockaddr) netbsd.Sockaddr {
	if sin6, ok := sa.(netbsd.SockaddrIn6); ok {
		return sin6.Embedded()
	}
	return sa
}

// SetTunnelRaw is SetTunnel for socket addresses, with embedded scopes.
func (i *Interface) SetTunnelRaw(ctx context.Context, src, dst netbsd.Sockaddr) error {
	b := netbsd.IfLaddrreq{Addr: src, Dstaddr: dst}.Append(nil)
	return i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCSLIFPHYADDR, b)
}

// Tunnel returns the outer addresses of a tunnel, with embedded scopes.
func (i *Interface) Tunnel(ctx context.Context) (src, dst netbsd.Sockaddr, err error) {
	b := netbsd.IfLaddrreq{}.Append(nil)
	if err := i.Ioctl(ctx, netbsd.AF_UNSPEC, netbsd.SIOCGLIFPHYADDR, b); err != nil {
		return nil, nil, err
	}
	r, err := netbsd.ParseIfLaddrreq(b)
	return r.Addr, r.Dstaddr, err
}

// DeleteTunnel takes the outer addresses of a tunnel away.
func (i *Interface) DeleteTunnel(ctx context.Context) error {
	return i.set(ctx, netbsd.SIOCDIFPHYADDR, netbsd.Ifreq{})
}
