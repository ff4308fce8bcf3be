package rump

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// addr turns a socket address into one of package net, of the Conn's kind.
func (c *Conn) addr(sa netbsd.Sockaddr) net.Addr {
	switch s := sa.(type) {
	case netbsd.SockaddrIn, netbsd.SockaddrIn6:
		ap := netbsd.AddrPortOf(sa)
		a := ap.Addr()
		zone := a.Zone()
		if zone != "" {
			n, _ := strconv.Atoi(zone)
			if name, err := c.k.InterfaceName(context.Background(), n); err == nil && name != "" {
				zone = name
			}
		}
		ip := net.IP(a.WithZone("").Unmap().AsSlice())
		switch {
		case c.typ == netbsd.SOCK_STREAM:
			return &net.TCPAddr{IP: ip, Port: int(ap.Port()), Zone: zone}
		case c.typ == netbsd.SOCK_DGRAM:
			return &net.UDPAddr{IP: ip, Port: int(ap.Port()), Zone: zone}
		}
		return &net.IPAddr{IP: ip, Zone: zone}
	case netbsd.SockaddrUn:
		network := c.network
		if network == "" {
			network = "unix"
		}
		return &net.UnixAddr{Name: s.Path, Net: network}
	}
	if c.family == netbsd.AF_LOCAL {
		return &net.UnixAddr{Net: c.network}
	}
	return nil
}

// sockaddrOf turns an address of package net into a socket address.
func (k *Kernel) sockaddrOf(ctx context.Context, a net.Addr) (netbsd.Sockaddr, error) {
	var ip net.IP
	var port int
	var zone string
	switch a := a.(type) {
	case *net.TCPAddr:
		ip, port, zone = a.IP, a.Port, a.Zone
	case *net.UDPAddr:
		ip, port, zone = a.IP, a.Port, a.Zone
	case *net.IPAddr:
		ip, zone = a.IP, a.Zone
	case *net.UnixAddr:
		return netbsd.SockaddrUn{Path: a.Name}, nil
	default:
		return nil, &net.AddrError{Err: "unexpected address type", Addr: fmt.Sprint(a)}
	}
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		return nil, &net.AddrError{Err: "no address", Addr: a.String()}
	}
	return k.sockaddr(ctx, addr.Unmap().WithZone(""), uint16(port), zone)
}

// sockaddr makes a socket address; the zone is an interface.
func (k *Kernel) sockaddr(ctx context.Context, a netip.Addr, port uint16, zone string) (netbsd.Sockaddr, error) {
	if a.Is4() {
		return netbsd.SockaddrIn{Port: port, Addr: a.As4()}, nil
	}
	s := netbsd.SockaddrIn6{Port: port, Addr: a.As16()}
	if zone != "" {
		id, err := k.ZoneID(ctx, zone)
		if err != nil {
			return nil, err
		}
		s.ScopeID = id
	}
	return s, nil
}

// socketKind is what a network of package net means.
type socketKind struct {
	network  string
	typ      int
	protocol int
	families []int // those that come into question, in order
}

func kindOf(network string) (socketKind, error) {
	name, proto, _ := strings.Cut(network, ":")
	k := socketKind{network: name}
	inet, inet6 := netbsd.AF_INET, netbsd.AF_INET6
	switch strings.TrimRight(name, "46") {
	case "tcp":
		k.typ = netbsd.SOCK_STREAM
	case "udp":
		k.typ = netbsd.SOCK_DGRAM
	case "ip":
		k.typ = netbsd.SOCK_RAW
		n, err := protocolNumber(proto)
		if err != nil {
			return k, err
		}
		k.protocol = n
	case "unix":
		k.typ = netbsd.SOCK_STREAM
	case "unixgram":
		k.typ = netbsd.SOCK_DGRAM
	case "unixpacket":
		k.typ = netbsd.SOCK_SEQPACKET
	default:
		return k, net.UnknownNetworkError(network)
	}
	switch {
	case strings.HasPrefix(name, "unix"):
		if name[len(name)-1] == '4' || name[len(name)-1] == '6' {
			return k, net.UnknownNetworkError(network)
		}
		k.families = []int{netbsd.AF_LOCAL}
	case strings.HasSuffix(name, "4"):
		k.families = []int{inet}
	case strings.HasSuffix(name, "6"):
		k.families = []int{inet6}
	default:
		k.families = []int{inet, inet6}
	}
	return k, nil
}

func protocolNumber(s string) (int, error) {
	switch s {
	case "icmp":
		return netbsd.IPPROTO_ICMP, nil
	case "ipv6-icmp", "icmp6":
		return netbsd.IPPROTO_ICMPV6, nil
	case "igmp":
		return netbsd.IPPROTO_IGMP, nil
	case "tcp":
		return netbsd.IPPROTO_TCP, nil
	case "udp":
		return netbsd.IPPROTO_UDP, nil
	}
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil {
		return 0, &net.AddrError{Err: "unknown IP protocol specified", Addr: s}
	}
	return int(n), nil
}

// resolve turns an address as package net takes it into socket addresses of the
// kind, in the order in which to try them. A name can only be that of the kernel
// itself, localhost: there is nobody to ask for others.
func (k *Kernel) resolve(ctx context.Context, kind socketKind, address string, listen bool) ([]netbsd.Sockaddr, error) {
	if kind.families[0] == netbsd.AF_LOCAL {
		return []netbsd.Sockaddr{netbsd.SockaddrUn{Path: address}}, nil
	}
	host, port := address, 0
	if kind.typ != netbsd.SOCK_RAW {
		h, p, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if port, err = net.DefaultResolver.LookupPort(ctx, strings.TrimRight(kind.network, "46"), p); err != nil {
			return nil, err
		}
		host = h
	}
	var addrs []netip.Addr
	zone := ""
	switch {
	case host == "" && listen:
		// One socket for both families, if the kernel has both.
		if kind.families[len(kind.families)-1] == netbsd.AF_INET6 && k.Supports(ctx, netbsd.AF_INET6) == nil {
			addrs = append(addrs, netip.IPv6Unspecified())
		} else {
			addrs = append(addrs, netip.IPv4Unspecified())
		}
	case host == "" || host == "localhost":
		addrs = append(addrs, netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback())
	default:
		a, err := netip.ParseAddr(host)
		if err != nil {
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		zone = a.Zone()
		addrs = append(addrs, a.WithZone("").Unmap())
	}
	var sas []netbsd.Sockaddr
	for _, a := range addrs {
		family := netbsd.AF_INET6
		if a.Is4() {
			family = netbsd.AF_INET
		}
		for _, f := range kind.families {
			if f != family {
				continue
			}
			sa, err := k.sockaddr(ctx, a, uint16(port), zone)
			if err != nil {
				return nil, err
			}
			sas = append(sas, sa)
		}
	}
	if len(sas) == 0 {
		return nil, &net.AddrError{Err: "no suitable address found", Addr: host}
	}
	return sas, nil
}
