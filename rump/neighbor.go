package rump

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Neighbor is an entry of the ARP table (IPv4) or of the neighbour cache (IPv6).
type Neighbor struct {
	Addr      netip.Addr // a link-local address has the interface as its zone
	Link      net.HardwareAddr
	Interface string
	Expire    time.Time // zero if it never does
	Published bool      // the kernel answers for it to others

	// Of IPv6: netbsd.ND6_LLINFO_*, and whether it is a router.
	State  int
	Router bool
}

// NeighborMessage is an entry of the tables as the kernel tells it.
type NeighborMessage struct {
	*netbsd.RouteMessage
	Other uint16 // of an ARP entry: SIN_PROXY
}

// SinProxy marks an ARP entry that is only published (SIN_PROXY).
const SinProxy = 1

// NeighborTable returns the kernel's messages about neighbours of a family.
func (k *Kernel) NeighborTable(ctx context.Context, family int) ([]NeighborMessage, error) {
	b, err := k.sysctlRaw(ctx, netbsd.RouteMib(uint8(family), netbsd.NET_RT_FLAGS, 0), nil, "net.route.flags", 4096)
	if err != nil {
		return nil, err
	}
	var list []NeighborMessage
	for len(b) >= 4 {
		n := int(binary.LittleEndian.Uint16(b))
		if n < 4 || n > len(b) {
			return nil, &netbsd.FormatError{What: "neighbour table", Reason: "bad length of message"}
		}
		msgs, err := routeMessages(b[:n])
		if err != nil {
			return nil, err
		}
		for _, m := range msgs {
			e := NeighborMessage{RouteMessage: m}
			// The address is a struct sockaddr_inarp, whose last member is this.
			if dst := b[netbsd.SizeofRtMsghdr:n]; family == netbsd.AF_INET && len(dst) >= 16 && dst[0] == 16 {
				e.Other = binary.LittleEndian.Uint16(dst[14:])
			}
			list = append(list, e)
		}
		b = b[n:]
	}
	return list, nil
}

// Neighbors returns the neighbours of a family that are known, or are being
// asked for: netbsd.AF_INET, netbsd.AF_INET6, or AF_UNSPEC for both.
func (k *Kernel) Neighbors(ctx context.Context, family int) ([]Neighbor, error) {
	families := []int{family}
	if family == netbsd.AF_UNSPEC {
		families = []int{netbsd.AF_INET, netbsd.AF_INET6}
	}
	names, err := k.interfaceNames(ctx)
	if err != nil {
		return nil, err
	}
	var list []Neighbor
	for _, f := range families {
		table, err := k.NeighborTable(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, m := range table {
			link, ok := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
			a := netbsd.AddrPortOf(m.Addrs[netbsd.RTAX_DST]).Addr()
			if !ok || !a.IsValid() || a.IsMulticast() {
				continue
			}
			n := Neighbor{
				Addr: a, Link: link.Addr, Interface: names[int(link.Index)],
				Published: m.Header.Flags&netbsd.RTF_ANNOUNCE != 0 || m.Other&SinProxy != 0,
			}
			if a.Zone() != "" {
				n.Addr = a.WithZone(n.Interface)
			}
			expire := m.Header.Rmx.Expire
			if f == netbsd.AF_INET6 {
				if m.Header.Flags&netbsd.RTF_HOST == 0 {
					continue
				}
				info, err := k.NeighborInfo(ctx, n.Interface, m.Addrs[netbsd.RTAX_DST].(netbsd.SockaddrIn6))
				if err == nil {
					n.State, n.Router, expire = int(info.State), info.Isrouter != 0, int64(info.Expire)
				}
			}
			if expire != 0 {
				n.Expire = time.Unix(expire, 0)
			}
			list = append(list, n)
		}
	}
	return list, nil
}

// NeighborInfo returns what neighbour discovery knows about an IPv6 neighbour.
func (k *Kernel) NeighborInfo(ctx context.Context, ifname string, sa netbsd.SockaddrIn6) (netbsd.In6Nbrinfo, error) {
	b := netbsd.In6Nbrinfo{Ifname: ifname, Addr: sa.Addr}.Append(nil)
	if err := k.NetIoctl(ctx, netbsd.AF_INET6, netbsd.SIOCGNBRINFO_IN6, b, ifname); err != nil {
		return netbsd.In6Nbrinfo{}, err
	}
	return netbsd.ParseIn6Nbrinfo(b)
}

// SetNeighbor enters a neighbour, for ever or until it expires. The interface is
// the one that leads to the address.
func (k *Kernel) SetNeighbor(ctx context.Context, n Neighbor) error {
	if len(n.Link) == 0 {
		return fmt.Errorf("%s: neighbour %s without a link address", k, n.Addr)
	}
	_, link, dst, s, err := k.getNeighbor(ctx, n.Addr)
	if err != nil {
		return err
	}
	defer s.Close()
	m := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{
		Type:  netbsd.RTM_ADD,
		Flags: netbsd.RTF_HOST | netbsd.RTF_STATIC | netbsd.RTF_LLDATA,
	}}
	m.Addrs[netbsd.RTAX_DST] = dst
	m.Addrs[netbsd.RTAX_GATEWAY] = netbsd.SockaddrDl{
		Len: netbsd.SizeofSockaddrDl, Index: link.Index, Type: link.Type, Addr: n.Link,
	}
	if !n.Expire.IsZero() {
		m.Header.Rmx.Expire = n.Expire.Unix()
		m.Header.Inits = netbsd.RTV_EXPIRE
	}
	if n.Published {
		m.Header.Flags |= netbsd.RTF_ANNOUNCE
	}
	return k.neighborError("set neighbour", n.Addr, s.Send(m))
}

// DeleteNeighbor removes an entry.
func (k *Kernel) DeleteNeighbor(ctx context.Context, addr netip.Addr) error {
	m, _, dst, s, err := k.getNeighbor(ctx, addr)
	if err != nil {
		return err
	}
	defer s.Close()
	if got := m.Addrs[netbsd.RTAX_DST]; got == nil || netbsd.AddrPortOf(got).Addr() != netbsd.AddrPortOf(dst).Addr() {
		return k.neighborError("delete neighbour", addr, netbsd.ESRCH)
	}
	m.Header.Type = netbsd.RTM_DELETE
	m.Header.Flags |= netbsd.RTF_LLDATA
	return k.neighborError("delete neighbour", addr, s.Send(m))
}

// FlushNeighbors removes all entries of a family that are not there for ever.
func (k *Kernel) FlushNeighbors(ctx context.Context, family int) error {
	list, err := k.Neighbors(ctx, family)
	if err != nil {
		return err
	}
	for _, n := range list {
		if n.Expire.IsZero() {
			continue
		}
		if err := k.DeleteNeighbor(ctx, n.Addr); err != nil && !errors.Is(err, netbsd.ESRCH) {
			return err
		}
	}
	return nil
}

// getNeighbor asks for the route to an address, be it a neighbour's or that of
// the net that it would be in.
func (k *Kernel) getNeighbor(ctx context.Context, addr netip.Addr) (m *netbsd.RouteMessage, link netbsd.SockaddrDl, dst netbsd.Sockaddr, s *RouteSocket, err error) {
	sa, err := k.sockaddr(ctx, addr.WithZone(""), 0, addr.Zone())
	if err != nil {
		return nil, link, nil, nil, err
	}
	dst = embedded(sa)
	if s, err = k.RouteSocket(ctx); err != nil {
		return nil, link, nil, nil, err
	}
	ask := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{Type: netbsd.RTM_GET, Flags: netbsd.RTF_LLDATA}}
	ask.Addrs[netbsd.RTAX_DST] = dst
	if m, err = s.Ask(ctx, ask); err != nil {
		s.Close()
		return nil, link, nil, nil, k.neighborError("neighbour", addr, err)
	}
	link, ok := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
	if !ok {
		s.Close()
		return nil, link, nil, nil, k.neighborError("neighbour", addr, netbsd.EHOSTUNREACH)
	}
	return m, link, dst, s, nil
}

// neighborError makes an error of the kernel's one about a neighbour.
func (k *Kernel) neighborError(op string, addr netip.Addr, err error) error {
	var errno netbsd.Errno
	if errors.As(err, &errno) {
		return &Error{k.name, op, addr.String(), errno}
	}
	return err
}

// Prefix is an IPv6 prefix that neighbour discovery knows.
type Prefix struct {
	netbsd.In6PrefixRouters
	Interface string
}

// Prefixes returns the prefixes that neighbour discovery knows.
func (k *Kernel) Prefixes(ctx context.Context) ([]Prefix, error) {
	b, err := k.nd6List(ctx, netbsd.ICMPV6CTL_ND6_PRLIST, "net.inet6.icmp6.nd6_prlist")
	if err != nil {
		return nil, err
	}
	list, err := netbsd.ParseIn6Prefixes(b)
	if err != nil {
		return nil, err
	}
	names, err := k.interfaceNames(ctx)
	if err != nil {
		return nil, err
	}
	ps := make([]Prefix, len(list))
	for i, p := range list {
		ps[i] = Prefix{p, names[int(p.Prefix.IfIndex)]}
	}
	return ps, nil
}

// DefaultRouter is a router that neighbour discovery knows.
type DefaultRouter struct {
	netbsd.In6Defrouter
	Interface string
}

// Addr returns the router's address, with the interface as its zone.
func (r *DefaultRouter) Addr() netip.Addr {
	a := r.Rtaddr.NetipAddr()
	if _, err := strconv.Atoi(a.Zone()); err == nil {
		a = a.WithZone(r.Interface)
	}
	return a
}

// DefaultRouters returns the routers that neighbour discovery knows.
func (k *Kernel) DefaultRouters(ctx context.Context) ([]DefaultRouter, error) {
	b, err := k.nd6List(ctx, netbsd.ICMPV6CTL_ND6_DRLIST, "net.inet6.icmp6.nd6_drlist")
	if err != nil {
		return nil, err
	}
	list, err := netbsd.ParseIn6Defrouters(b)
	if err != nil {
		return nil, err
	}
	names, err := k.interfaceNames(ctx)
	if err != nil {
		return nil, err
	}
	rs := make([]DefaultRouter, len(list))
	for i, r := range list {
		rs[i] = DefaultRouter{r, names[int(r.IfIndex)]}
	}
	return rs, nil
}

func (k *Kernel) nd6List(ctx context.Context, what int32, name string) ([]byte, error) {
	mib := MIB{netbsd.CTL_NET, netbsd.AF_INET6, netbsd.IPPROTO_ICMPV6, what}
	return k.sysctlRaw(ctx, mib, nil, name, 2048)
}
