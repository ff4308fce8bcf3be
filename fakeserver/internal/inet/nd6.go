package inet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Neighbour discovery, from <netinet/icmp6.h>.
const (
	icmp6RouterSolicit   = 133
	icmp6RouterAdvert    = 134
	icmp6NeighborSolicit = 135
	icmp6NeighborAdvert  = 136
	icmp6Redirect        = 137

	naRouter    = 0x80
	naSolicited = 0x40
	naOverride  = 0x20

	optSourceLink = 1
	optTargetLink = 2
	optPrefix     = 3
	optMTU        = 5

	ip6Header   = 40
	icmp6Header = 8
	protoICMPv6 = 58

	nd6GCTime   = 24 * time.Hour // a stale entry's (nd6_gctimer)
	nd6MaxTries = 3
)

// in6Checksum is the checksum of an upper-layer packet of IPv6.
func in6Checksum(src, dst netip.Addr, proto byte, b []byte) uint16 {
	var sum uint32
	add := func(b []byte) {
		for len(b) >= 2 {
			sum += uint32(binary.BigEndian.Uint16(b))
			b = b[2:]
		}
		if len(b) == 1 {
			sum += uint32(b[0]) << 8
		}
	}
	add(src.AsSlice())
	add(dst.AsSlice())
	sum += uint32(len(b)) + uint32(proto)
	add(b)
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// nd6Packet makes a packet of neighbour discovery: hop limit 255.
func nd6Packet(src, dst netip.Addr, body []byte) []byte {
	src, _ = unembed(src)
	dst, _ = unembed(dst)
	b := make([]byte, ip6Header, ip6Header+len(body))
	b[0] = 0x60
	binary.BigEndian.PutUint16(b[4:], uint16(len(body)))
	b[6], b[7] = protoICMPv6, 255
	copy(b[8:], src.AsSlice())
	copy(b[24:], dst.AsSlice())
	binary.BigEndian.PutUint16(body[2:], in6Checksum(src, dst, protoICMPv6, body))
	return append(b, body...)
}

// multicastMAC is the hardware address of a group.
func multicastMAC(a netip.Addr) []byte {
	b := a.AsSlice()
	if a.Is4() {
		return []byte{0x01, 0x00, 0x5e, b[1] & 0x7f, b[2], b[3]}
	}
	return []byte{0x33, 0x33, b[12], b[13], b[14], b[15]}
}

func linkOption(kind byte, mac []byte) []byte {
	b := make([]byte, (len(mac)+2+7)&^7)
	b[0], b[1] = kind, byte(len(b)/8)
	copy(b[2:], mac)
	return b
}

// nd6Solicit asks who has target: everybody who might, or only dst (nd6_ns_output).
func (n *Net) nd6Solicit(ifp *Interface, dst, target, src netip.Addr, isDAD bool) {
	t, _ := unembed(target)
	body := make([]byte, 24)
	body[0] = icmp6NeighborSolicit
	copy(body[8:], t.AsSlice())
	to := solicitedNode(t)
	if dst.IsValid() {
		to = dst
	}
	from := netip.IPv6Unspecified()
	if !isDAD {
		if src.IsValid() && ifp.in6Find(src) != nil {
			from = src
		} else if ifa := n.in6Source(ifp, target); ifa != nil {
			from = ifa.addr.addr()
		}
		if !from.IsUnspecified() {
			body = append(body, linkOption(optSourceLink, ifp.mac)...)
		}
	}
	p := nd6Packet(from, to, body)
	n.stats.icmp6.nsOut++
	ifp.icmp6Out[icmp6NeighborSolicit-icmp6RouterSolicit]++
	mac := multicastMAC(to)
	if !to.IsMulticast() {
		e := ifp.neigh.find(to)
		if e == nil || e.mac == nil {
			return
		}
		mac = e.mac
	}
	n.later(func() { ifp.sendEther(mac, etherIPv6, p) })
}

// nd6Advertise tells dst about target (nd6_na_output).
func (n *Net) nd6Advertise(ifp *Interface, dst, target netip.Addr, flags byte, withLink bool, mac []byte) {
	t, _ := unembed(target)
	body := make([]byte, 24)
	body[0] = icmp6NeighborAdvert
	if dst.IsUnspecified() {
		dst = embed(in6AllNodes, ifp.index)
		flags &^= naSolicited
	}
	body[4] = flags
	copy(body[8:], t.AsSlice())
	if withLink {
		body = append(body, linkOption(optTargetLink, mac)...)
	}
	src := target
	if ifp.in6Find(target) == nil {
		if ifa := ifp.linkLocal(netbsd.IN6_IFF_NOTREADY); ifa != nil {
			src = ifa.addr.addr()
		}
	}
	p := nd6Packet(src, dst, body)
	n.stats.icmp6.naOut++
	ifp.icmp6Out[icmp6NeighborAdvert-icmp6RouterSolicit]++
	if dst.IsMulticast() {
		to := multicastMAC(dst)
		n.later(func() { ifp.sendEther(to, etherIPv6, p) })
		return
	}
	n.later(func() { ifp.output6(dst, src, p) })
}

// in6Source is the address of an interface that is best for talking to dst.
func (n *Net) in6Source(ifp *Interface, dst netip.Addr) *ifaddr {
	var best *ifaddr
	score := func(ifa *ifaddr) int {
		a := ifa.addr.addr()
		s := 0
		if a.IsLinkLocalUnicast() == (dst.IsLinkLocalUnicast() || dst.IsLinkLocalMulticast()) {
			s += 1000
		}
		if ifa.iff&netbsd.IN6_IFF_DEPRECATED == 0 {
			s += 500
		}
		return s + commonBits(a, dst)
	}
	for _, ifa := range ifp.addrs {
		if ifa.family != netbsd.AF_INET6 || !ifa.in6Ready() || ifa.iff&netbsd.IN6_IFF_ANYCAST != 0 {
			continue
		}
		if best == nil || score(ifa) > score(best) {
			best = ifa
		}
	}
	return best
}

// commonBits is how many leading bits two addresses share.
func commonBits(a, b netip.Addr) int {
	x, y := a.AsSlice(), b.AsSlice()
	for i := range min(len(x), len(y)) {
		if d := x[i] ^ y[i]; d != 0 {
			n := 8 * i
			for d&0x80 == 0 {
				d <<= 1
				n++
			}
			return n
		}
	}
	return 8 * len(x)
}

// nd6Options reads the options of a packet: the first of each kind, but all
// prefixes.
func nd6Options(b []byte) (opts map[byte][]byte, prefixes [][]byte, ok bool) {
	opts = make(map[byte][]byte)
	for len(b) > 0 {
		if len(b) < 2 || b[1] == 0 || len(b) < 8*int(b[1]) {
			return nil, nil, false
		}
		o := b[:8*int(b[1])]
		if o[0] == optPrefix {
			prefixes = append(prefixes, o)
		} else if opts[o[0]] == nil {
			opts[o[0]] = o
		}
		b = b[len(o):]
	}
	return opts, prefixes, true
}

// nd6Input takes a packet in if it is one of neighbour discovery, and reports
// whether it was.
func (n *Net) nd6Input(ifp *Interface, b []byte) bool {
	if len(b) < ip6Header+8 || b[0]>>4 != 6 || b[6] != protoICMPv6 {
		return false
	}
	body := b[ip6Header:]
	if size := int(binary.BigEndian.Uint16(b[4:])); size < 8 || size > len(body) {
		return false
	} else {
		body = body[:size]
	}
	typ := body[0]
	if typ < icmp6RouterSolicit || typ > icmp6Redirect {
		return false
	}
	src, dst := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	if in6Checksum(src, dst, protoICMPv6, body) != 0 || b[7] != 255 || body[1] != 0 {
		n.stats.icmp6.bad++
		return true
	}
	src, dst = embed(src, ifp.index), embed(dst, ifp.index)
	n.stats.icmp6.in[typ-icmp6RouterSolicit]++
	ifp.icmp6In[typ-icmp6RouterSolicit]++
	switch typ {
	case icmp6NeighborSolicit:
		n.nd6SolicitInput(ifp, src, dst, body)
	case icmp6NeighborAdvert:
		n.nd6AdvertInput(ifp, src, dst, body)
	case icmp6RouterAdvert:
		n.nd6RouterInput(ifp, src, body)
	case icmp6RouterSolicit:
		if n.set.ip6Forwarding.Load() != 0 && !src.IsUnspecified() {
			if opts, _, ok := nd6Options(body[8:]); ok {
				n.nd6Learn(ifp, src, linkOf(opts[optSourceLink]), icmp6RouterSolicit)
			}
		}
	case icmp6Redirect:
		n.nd6RedirectInput(ifp, src, body)
	}
	// Raw sockets see these packets as well.
	n.later(func() { n.mirror.raw6(ifp, b) })
	return true
}

// linkOf is the hardware address in an option.
func linkOf(opt []byte) []byte {
	if len(opt) != 8 {
		return nil
	}
	return bytes.Clone(opt[2:8])
}

func (n *Net) nd6SolicitInput(ifp *Interface, src, dst netip.Addr, body []byte) {
	if len(body) < 24 {
		return
	}
	target := embed(netip.AddrFrom16([16]byte(body[8:24])), ifp.index)
	opts, _, ok := nd6Options(body[24:])
	if !ok || target.IsMulticast() {
		return
	}
	if src.IsUnspecified() {
		if d := dst.AsSlice(); d[0] != 0xff || d[1] != 0x02 || d[12] != 0xff || opts[optSourceLink] != nil {
			return
		}
	} else if !n.nd6Neighbour(ifp, src) {
		return
	}
	withLink := dst.IsMulticast()
	ifa := ifp.in6Find(target)
	proxy, mac := false, ifp.mac
	if ifa == nil {
		// An entry that ndp made public is answered for.
		if e := ifp.neigh.find(target); e != nil && e.public {
			if ifa = ifp.linkLocal(netbsd.IN6_IFF_NOTREADY | netbsd.IN6_IFF_ANYCAST); ifa != nil {
				proxy, mac = true, e.mac
			}
		}
	}
	if ifa == nil || ifa.iff&netbsd.IN6_IFF_DUPLICATED != 0 {
		return
	}
	if !proxy && ifa.addr.addr() == src {
		n.log(fmt.Sprintf("nd6_ns_input: duplicate IP6 address %s", src))
		return
	}
	if !proxy && ifa.iff&netbsd.IN6_IFF_TENTATIVE != 0 {
		if src.IsUnspecified() {
			n.nd6DADSolicited(ifa)
		}
		return
	}
	var flags byte
	if ifa.iff&netbsd.IN6_IFF_ANYCAST == 0 && !proxy && withLink {
		flags |= naOverride
	}
	if n.set.ip6Forwarding.Load() != 0 && !proxy {
		flags |= naRouter
	}
	if src.IsUnspecified() {
		n.nd6Advertise(ifp, embed(in6AllNodes, ifp.index), target, flags, withLink, mac)
		return
	}
	n.nd6Learn(ifp, src, linkOf(opts[optSourceLink]), icmp6NeighborSolicit)
	n.nd6Advertise(ifp, src, target, flags|naSolicited, withLink, mac)
}

func (n *Net) nd6AdvertInput(ifp *Interface, src, dst netip.Addr, body []byte) {
	if len(body) < 24 {
		return
	}
	flags := body[4]
	target := embed(netip.AddrFrom16([16]byte(body[8:24])), ifp.index)
	opts, _, ok := nd6Options(body[24:])
	solicited := flags&naSolicited != 0
	if !ok || target.IsMulticast() || solicited && dst.IsMulticast() {
		return
	}
	mac := linkOf(opts[optTargetLink])
	if ifa := ifp.in6Find(target); ifa != nil {
		if ifa.iff&netbsd.IN6_IFF_TENTATIVE != 0 {
			ifa.dad.naIn++
			n.nd6Duplicated(ifa)
		} else {
			n.log(fmt.Sprintf("nd6_na_input: duplicate IP6 address %s", target))
		}
		return
	}
	if !n.nd6Neighbour(ifp, src) {
		return
	}
	e := ifp.neigh.find(target)
	if e == nil {
		return
	}
	isRouter, override := flags&naRouter != 0, flags&naOverride != 0
	if e.state == netbsd.ND6_LLINFO_INCOMPLETE {
		if mac == nil {
			return
		}
		e.mac = mac
		if solicited {
			n.setState(e, netbsd.ND6_LLINFO_REACHABLE, ifp.reachable())
		} else {
			n.setState(e, netbsd.ND6_LLINFO_STALE, nd6GCTime)
		}
		e.router = isRouter
	} else {
		changed := mac != nil && !bytes.Equal(e.mac, mac)
		if !override && changed {
			if e.state == netbsd.ND6_LLINFO_REACHABLE {
				n.setState(e, netbsd.ND6_LLINFO_STALE, nd6GCTime)
			}
			return
		}
		if mac != nil {
			e.mac = mac
		}
		if solicited {
			n.setState(e, netbsd.ND6_LLINFO_REACHABLE, ifp.reachable())
		} else if changed {
			n.setState(e, netbsd.ND6_LLINFO_STALE, nd6GCTime)
		}
		if e.router && !isRouter {
			for _, r := range n.in6.routers {
				if r.ifp == ifp && r.addr == target {
					n.routerRemove(r)
					break
				}
			}
		}
		e.router = isRouter
	}
	e.asked = 0
	n.release(e)
}
