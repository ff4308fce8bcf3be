package rump

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// InterfaceInfo is what the kernel tells about an interface in one list of all.
// What must be asked of it interface by interface, such as a link string, are
// methods of Interface.
type InterfaceInfo struct {
	Name  string
	Index int
	Flags InterfaceFlags
	Data  netbsd.IfData // type, mtu, metric, link state, counters

	// Addrs are the addresses, link addresses included, in the kernel's order.
	Addrs []InterfaceAddr
}

// Up reports whether the interface is marked up.
func (i *InterfaceInfo) Up() bool { return i.Flags&netbsd.IFF_UP != 0 }

// MTU returns the greatest packet that the interface takes.
func (i *InterfaceInfo) MTU() int { return int(i.Data.Mtu) }

// HardwareAddr returns the first link address, which is the one in use, or nil.
func (i *InterfaceInfo) HardwareAddr() net.HardwareAddr {
	for _, a := range i.Addrs {
		if l, ok := a.Addr.(netbsd.SockaddrDl); ok && len(l.Addr) > 0 {
			return net.HardwareAddr(l.Addr)
		}
	}
	return nil
}

// Prefixes returns the IPv4 and IPv6 addresses with the lengths of their
// prefixes. Link-local addresses have the interface's name as their zone, which
// a prefix cannot hold and leaves out.
func (i *InterfaceInfo) Prefixes() []netip.Prefix {
	var ps []netip.Prefix
	for _, a := range i.Addrs {
		if p := a.Prefix(); p.IsValid() {
			ps = append(ps, p)
		}
	}
	return ps
}

// InterfaceAddr is one address of an interface. An address that is not there is
// nil. IPv6 link-local addresses are as the kernel keeps them, the interface's
// number in the third and fourth byte.
type InterfaceAddr struct {
	Addr      netbsd.Sockaddr
	Netmask   netbsd.Sockaddr
	Broadcast netbsd.Sockaddr // or, without broadcast, the other end
}

// IP returns the IPv4 or IPv6 address, whose zone is a number, or the zero Addr.
func (a *InterfaceAddr) IP() netip.Addr { return netbsd.AddrPortOf(a.Addr).Addr() }

// Prefix returns the IPv4 or IPv6 address with its prefix length; it is invalid
// for others and for a netmask with holes.
func (a *InterfaceAddr) Prefix() netip.Prefix {
	ip := a.IP()
	if !ip.IsValid() {
		return netip.Prefix{}
	}
	bits, ok := netbsd.NetmaskBits(a.Addr.Family(), a.Netmask)
	if !ok {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(ip.WithZone(""), bits)
}

// Interfaces returns all interfaces in the order of their numbers.
func (k *Kernel) Interfaces(ctx context.Context) ([]InterfaceInfo, error) {
	mib := MIB{netbsd.CTL_NET, netbsd.AF_ROUTE, 0, 0, netbsd.NET_RT_IFLIST, 0}
	b, err := k.SysctlRaw(ctx, mib, nil, "net.route.iflist")
	if err != nil {
		return nil, err
	}
	ifs, err := parseIflist(b)
	if err != nil {
		return nil, fmt.Errorf("%s: list of interfaces: %w", k, err)
	}
	return ifs, nil
}

// parseIflist parses what NET_RT_IFLIST returns: for each interface a message
// with its link address, followed by one for each of its addresses.
func parseIflist(b []byte) ([]InterfaceInfo, error) {
	msgs, err := netbsd.ParseRoutingMessages(b)
	if err != nil {
		return nil, err
	}
	var ifs []InterfaceInfo
	for _, m := range msgs {
		switch m := m.(type) {
		case *netbsd.InterfaceMessage:
			link, ok := m.Addrs[netbsd.RTAX_IFP].(netbsd.SockaddrDl)
			if !ok {
				continue
			}
			ifs = append(ifs, InterfaceInfo{
				Name:  link.Name,
				Index: int(m.Header.Index),
				Flags: InterfaceFlags(uint16(m.Header.Flags)),
				Data:  m.Header.Data,
			})
		case *netbsd.AddressMessage:
			if len(ifs) == 0 || m.Addrs[netbsd.RTAX_IFA] == nil {
				continue
			}
			i := &ifs[len(ifs)-1]
			i.Addrs = append(i.Addrs, InterfaceAddr{
				Addr:      m.Addrs[netbsd.RTAX_IFA],
				Netmask:   m.Addrs[netbsd.RTAX_NETMASK],
				Broadcast: m.Addrs[netbsd.RTAX_BRD],
			})
		}
	}
	return ifs, nil
}
