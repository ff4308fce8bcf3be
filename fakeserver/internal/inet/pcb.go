package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A pcb is the addresses of an Internet socket: struct inpcb. It is protected by
// Net.mu. Addresses have embedded scopes; one that is not valid is the wildcard.
type pcb struct {
	s     *socket
	laddr netip.Addr
	faddr netip.Addr
	lport uint16
	fport uint16

	multiIf   int        // IP_MULTICAST_IF, IPV6_MULTICAST_IF
	multiAddr netip.Addr // the 0.x.y.z by which it was given
	minTTL    int
	multiTTL  int
	loop      bool
	ttl       int // -1 for the default
	tos       int
	v6only    bool
	ranged    int          // IP_PORTRANGE
	portAlgo  uint16       // IP_PORTALGO
	options   []byte       // IP_OPTIONS, after the address of the first hop
	recv      map[int]bool // control messages that are wanted
	groups    []membership
	opts6     *packetOpts // of IPv6, nil before any has been set
	v4        *pcb        // what an IPv6 socket was told for when it talks IPv4; nil for nothing
}

// membership is a group that a socket has joined.
type membership struct {
	group netip.Addr
	index int
}

func (p *pcb) init(s *socket) {
	n := s.n
	*p = pcb{s: s, ttl: -1, multiTTL: -1, loop: true, v6only: n.set.ip6V6Only.Load() != 0}
}

// any reports whether an address is the wildcard.
func anyAddr(a netip.Addr) bool { return !a.IsValid() || a.IsUnspecified() }

// pcbs returns those of a protocol, in no order.
func (n *Net) pcbs(proto int) []*pcb {
	var ps []*pcb
	for s := range n.socks {
		if s.proto != proto || s.typ == netbsd.SOCK_RAW {
			continue
		}
		if i, ok := s.ep.(interface{ pcb() *pcb }); ok {
			ps = append(ps, i.pcb())
		}
	}
	return ps
}

// portUser finds a socket that has a port (in_pcblookup_port). If wild is set,
// sockets whose addresses overlap match too.
func (n *Net) portUser(p *pcb, laddr netip.Addr, port uint16, wild bool) *pcb {
	for _, o := range n.pcbs(p.s.proto) {
		if o == p || o.lport != port || o.s.family != p.s.family && !o.dual() && !p.dual() {
			continue
		}
		wildcards := 0
		if !anyAddr(o.faddr) {
			wildcards++
		}
		switch {
		case anyAddr(o.laddr) != anyAddr(laddr):
			wildcards++
		case !anyAddr(laddr) && o.laddr != laddr:
			continue
		}
		if wildcards == 0 || wild {
			return o
		}
	}
	return nil
}

// dual reports whether an IPv6 socket talks IPv4 as well.
func (p *pcb) dual() bool { return p.s.family == netbsd.AF_INET6 && !p.v6only }

// socketAddr reads the address and port of an argument, with the scope embedded.
func (n *Net) socketAddr(p *pcb, a sockaddr) (netip.Addr, uint16, netbsd.Errno) {
	family := p.s.family
	size := netbsd.SizeofSockaddrIn
	if family == netbsd.AF_INET6 {
		size = netbsd.SizeofSockaddrIn6
	}
	if len(a) != size {
		return netip.Addr{}, 0, netbsd.EINVAL
	}
	if a.family() != family {
		return netip.Addr{}, 0, netbsd.EAFNOSUPPORT
	}
	port := uint16(a[2])<<8 | uint16(a[3])
	if family == netbsd.AF_INET {
		return a.addr(), port, 0
	}
	s, _ := netbsd.ParseSockaddrIn6(a)
	return n.scopedAddr(s, port)
}

// looseAddr is socketAddr for those who do not look at an address's length: the
// kernel finds anything in what is missing, we find zeros.
func (n *Net) looseAddr(p *pcb, a sockaddr) (netip.Addr, uint16, netbsd.Errno) {
	b := make(sockaddr, netbsd.SizeofSockaddrIn6)
	copy(b, a)
	if a.family() != p.s.family {
		return netip.Addr{}, 0, netbsd.EAFNOSUPPORT
	}
	port := uint16(b[2])<<8 | uint16(b[3])
	if p.s.family == netbsd.AF_INET {
		return b.addr(), port, 0
	}
	s, _ := netbsd.ParseSockaddrIn6(b)
	return n.scopedAddr(s, port)
}

// scopedAddr embeds the scope of an address.
func (n *Net) scopedAddr(s netbsd.SockaddrIn6, port uint16) (netip.Addr, uint16, netbsd.Errno) {
	addr := netip.AddrFrom16(s.Addr)
	if scoped(addr) && s.ScopeID != 0 {
		if n.byIndex(int(s.ScopeID)) == nil {
			return addr, port, netbsd.ENXIO
		}
		addr = embed(addr, int(s.ScopeID))
	}
	return addr, port, 0
}

// bind gives a socket without a name the one of an argument, and returns it (in_pcbbind).
func (p *pcb) bind(c *kern.Call, a sockaddr) (addr netip.Addr, port uint16, errno netbsd.Errno) {
	n := p.s.n
	n.lock()
	defer n.unlock()
	addr, port, errno = n.socketAddr(p, a)
	if errno == 0 && (p.lport != 0 || !anyAddr(p.laddr)) {
		errno = netbsd.EINVAL
	}
	if errno == 0 {
		errno = n.bindAddr(p, addr)
	}
	if errno == 0 {
		errno = n.reserve(c, p, addr, port)
	}
	if errno == 0 {
		p.laddr = addr
	}
	return addr, p.lport, errno
}

// unbind takes back what bind has done.
func (p *pcb) unbind() {
	p.s.n.lock()
	p.laddr, p.lport = netip.Addr{}, 0
	p.s.n.unlock()
}

// bindAddr checks an address that is to be bound (in_pcbbind_addr).
func (n *Net) bindAddr(p *pcb, addr netip.Addr) netbsd.Errno {
	switch {
	case anyAddr(addr), addr.IsMulticast():
		return 0
	case addr.Is4():
		ifa := n.inLocal(addr)
		if ifa == nil {
			ifa = n.ifaWithAddr(sin(addr))
		}
		if ifa == nil || !ifa.inReady() {
			return netbsd.EADDRNOTAVAIL
		}
		return 0
	case addr.Is4In6():
		if p.v6only {
			return netbsd.EINVAL
		}
		if a := addr.Unmap(); a.IsUnspecified() || a.IsMulticast() {
			return 0
		}
		if ifa := n.inLocal(addr.Unmap()); ifa == nil || !ifa.inReady() {
			return netbsd.EADDRNOTAVAIL
		}
		return 0
	}
	ifa := n.in6Local(addr)
	if ifa == nil || !ifa.in6Ready() || ifa.iff&netbsd.IN6_IFF_ANYCAST != 0 {
		return netbsd.EADDRNOTAVAIL
	}
	return 0
}

// reserve gives the socket a port: the one that is wanted, or if that is 0 one
// that is free (in_pcbbind_port).
func (n *Net) reserve(c *kern.Call, p *pcb, laddr netip.Addr, port uint16) netbsd.Errno {
	p.s.mu.Lock()
	opts := p.s.opts
	p.s.mu.Unlock()
	if port == 0 {
		return n.ephemeral(p, laddr)
	}
	if port < netbsd.IPPORT_RESERVED {
		if errno := n.privileged(c); errno != 0 {
			return netbsd.EACCES
		}
	}
	reuse := opts & netbsd.SO_REUSEPORT
	if laddr.IsMulticast() && opts&(netbsd.SO_REUSEADDR|netbsd.SO_REUSEPORT) != 0 {
		reuse = netbsd.SO_REUSEADDR | netbsd.SO_REUSEPORT
	}
	wild := opts&(netbsd.SO_REUSEADDR|netbsd.SO_REUSEPORT) == 0
	if o := n.portUser(p, laddr, port, wild); o != nil {
		o.s.mu.Lock()
		theirs := o.s.opts
		o.s.mu.Unlock()
		if reuse&theirs == 0 {
			return netbsd.EADDRINUSE
		}
	}
	p.lport = port
	return 0
}

// ephemeral gives the socket a port that nobody has.
func (n *Net) ephemeral(p *pcb, laddr netip.Addr) netbsd.Errno {
	low, high := n.set.anonPortMin.Load(), n.set.anonPortMax.Load()
	if p.ranged == netbsd.IP_PORTRANGE_LOW {
		low, high = n.set.lowPortMin.Load(), n.set.lowPortMax.Load()
	}
	if high < low {
		low, high = high, low
	}
	used := make(map[uint16]bool)
	for _, o := range n.pcbs(p.s.proto) {
		used[o.lport] = true
	}
	reserved := n.reserved4
	if p.s.family == netbsd.AF_INET6 {
		reserved = n.reserved6
	}
	count := high - low + 1
	start := n.rand.Int64N(count)
	for i := range count {
		port := uint16(low + (start+count-i)%count)
		if !used[port] && !reserved.has(port) {
			p.lport = port
			return 0
		}
	}
	return netbsd.EAGAIN
}

// source finds the address from which a socket talks to dst (in_selectsrc,
// in6_selectsrc).
func (n *Net) source(p *pcb, dst netip.Addr) (netip.Addr, netbsd.Errno) {
	if dst.IsMulticast() && p.multiIf != 0 {
		family := uint8(netbsd.AF_INET)
		if dst.Is6() {
			family = netbsd.AF_INET6
		}
		ifp := n.byIndex(p.multiIf)
		if ifp == nil {
			return netip.Addr{}, netbsd.EADDRNOTAVAIL
		}
		if family == netbsd.AF_INET6 {
			if ifa := n.in6Source(ifp, dst); ifa != nil {
				return ifa.addr.addr(), 0
			}
			return netip.Addr{}, netbsd.EADDRNOTAVAIL
		}
		ifa := ifp.firstAddr(family)
		if ifa == nil || ifa.iff&netbsd.IN_IFF_NOTREADY != 0 {
			return netip.Addr{}, netbsd.EADDRNOTAVAIL
		}
		return ifa.addr.addr(), 0
	}
	rt := n.alloc(sin(dst), false)
	if dst.Is4() {
		var ifa *ifaddr
		if rt != nil && !rt.ifp.loopback() && rt.ifa.family == netbsd.AF_INET {
			ifa = rt.ifa
		}
		if ifa == nil {
			a := sin(dst)
			if ifa = n.ifaWithAddr(a); ifa == nil {
				if ifa = n.ifaWithDst(a); ifa == nil {
					ifa = n.ifaWithNet(a)
				}
			}
		}
		if ifa == nil {
			for _, o := range n.inAddrs {
				if !o.ifp.loopback() {
					ifa = o
					break
				}
			}
		}
		if ifa == nil {
			return netip.Addr{}, netbsd.EADDRNOTAVAIL
		}
		return ifa.addr.addr(), 0
	}
	var ifp *Interface
	chosen := n.byIndex(p.outIndex())
	switch {
	case chosen != nil && dst.IsLoopback() && !chosen.loopback():
		return netip.Addr{}, netbsd.EINVAL
	case chosen != nil && n.in6Local(dst) == nil:
		ifp = chosen
	case scoped(dst):
		_, index := unembed(dst)
		if ifp = n.byIndex(index); ifp == nil && index == 0 {
			ifp = n.byIndex(n.defaultZone())
		}
		if ifp == nil {
			return netip.Addr{}, netbsd.EHOSTUNREACH
		}
	case n.in6Local(dst) != nil:
		return dst, 0
	case rt == nil:
		return netip.Addr{}, netbsd.EHOSTUNREACH
	default:
		ifp = rt.ifp
		if ifp.loopback() && rt.ifa != nil {
			ifp = rt.ifa.ifp
		}
	}
	return n.sourceOn(ifp, dst)
}

// sourceOn is the address of ours that an IPv6 packet comes from which leaves by an
// interface (in6_selectsrc).
func (n *Net) sourceOn(ifp *Interface, dst netip.Addr) (netip.Addr, netbsd.Errno) {
	if ifa := ifp.in6Find(dst); ifa != nil {
		return dst, 0
	}
	if ifa := n.in6Source(ifp, dst); ifa != nil {
		return ifa.addr.addr(), 0
	}
	// Any other interface's will do, if it means anything there.
	for _, ifa := range n.in6.addrs {
		if ifa.in6Ready() && !ifa.addr.addr().IsLinkLocalUnicast() && !ifa.ifp.loopback() {
			return ifa.addr.addr(), 0
		}
	}
	return netip.Addr{}, netbsd.EADDRNOTAVAIL
}

// reachable says what sending to dst fails with, as far as the routing table
// knows. drop is set if it disappears without an error (ip_output).
func (n *Net) reachable(p *pcb, dst netip.Addr) (errno netbsd.Errno, drop bool) {
	if dst.Is4() && n.inLocal(dst) != nil || dst.Is6() && n.in6Local(dst) != nil {
		if rt := n.alloc(sin(dst), false); rt != nil && rt.ifp.silent() {
			return netbsd.ENETUNREACH, false
		}
		return 0, false
	}
	if dst.IsMulticast() && p != nil && p.multiIf != 0 {
		return 0, false
	}
	if scoped(dst) {
		if _, index := unembed(dst); index != 0 {
			ifp := n.byIndex(index)
			if ifp == nil || !ifp.upRunning() {
				return netbsd.ENETDOWN, false
			}
			return 0, false
		}
	}
	rt := n.alloc(sin(dst), true)
	if rt == nil {
		return netbsd.EHOSTUNREACH, false
	}
	if errno, drop = n.rejects(rt); errno != 0 || drop {
		return errno, drop
	}
	if rt.flags&netbsd.RTF_GATEWAY != 0 {
		// The gateway's own route may be such a one.
		if gw := n.alloc(rt.gateway, false); gw != nil && gw != rt {
			return n.rejects(gw)
		}
	}
	if !rt.ifp.upRunning() {
		return netbsd.ENETDOWN, false
	}
	return 0, false
}

// onLink is reachable for what is not to be routed: IPv4 then goes to a link that we
// have an address on, whatever the routing table says. IPv6 does not know that.
func (n *Net) onLink(dst netip.Addr, errno netbsd.Errno, drop bool) (netbsd.Errno, bool) {
	if !dst.Is4() {
		return errno, drop
	}
	a := sin(dst)
	ifa := n.ifaWithDst(a)
	if ifa == nil {
		ifa = n.ifaWithNet(a)
	}
	switch {
	case ifa == nil:
		return netbsd.ENETUNREACH, false
	case n.inLocal(dst) != nil && !ifa.ifp.loopback():
		return 0, true // it goes out to ourselves, who do not hear it
	}
	return errno, drop
}

// isLocal reports whether an address is one of ours.
func (n *Net) isLocal(a netip.Addr) bool {
	if a.Is4In6() {
		a = a.Unmap()
	}
	if a.Is4() {
		return n.inLocal(a) != nil
	}
	return n.in6Local(a) != nil
}

// connectAddr turns the wildcard and the broadcast address into what they mean
// as a destination (in_pcbconnect).
func (n *Net) connectAddr(addr netip.Addr) netip.Addr {
	switch {
	case addr.Is4() && addr.IsUnspecified() && len(n.inAddrs) > 0:
		return n.inAddrs[0].addr.addr()
	case addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		for _, ifa := range n.inAddrs {
			if ifa.ifp.broadcast() {
				return ifa.dst.addr()
			}
		}
	}
	return addr
}

// name is an address of the socket as its user sees it.
func (p *pcb) name(a netip.Addr, port uint16) sockaddr {
	if !a.IsValid() {
		a = netip.IPv4Unspecified()
		if p.s.family == netbsd.AF_INET6 {
			a = netip.IPv6Unspecified()
		}
	}
	return sinPort(a, port, p.s.family)
}
