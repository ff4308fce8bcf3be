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

// nd6Neighbour reports whether an address is on the interface's link
// (nd6_is_addr_neighbor).
func (n *Net) nd6Neighbour(ifp *Interface, a netip.Addr) bool {
	if a.IsLinkLocalUnicast() {
		_, index := unembed(a)
		return index == ifp.index
	}
	for _, pr := range n.in6.prefixes {
		if pr.ifp != ifp || prefixAddr(a, pr.plen) != pr.prefix {
			continue
		}
		if !pr.routed {
			if rt := n.alloc(sin6(pr.prefix), false); rt == nil || rt.key.addr() != pr.prefix {
				continue
			}
		}
		return true
	}
	if ifa := n.ifaWithDst(sin6(a)); ifa != nil && ifa.ifp == ifp {
		return true
	}
	return ifp.neigh.find(a) != nil
}

// setState is a change of a neighbour's state, which lasts for d if d is not 0.
func (n *Net) setState(e *neighbour, state int, d time.Duration) {
	e.state = state
	if e.static || e.ifaddr || d == 0 {
		e.timer.stop()
		e.expire = 0
		return
	}
	e.expire = n.uptime() + int64(d/time.Second)
	e.timer.set(n, d, func() { n.nd6Timer(e) })
}

// nd6Resolve finds the hardware address of a neighbour. If it is not known the
// packet waits for it, and mac is nil (nd6_output).
func (n *Net) nd6Resolve(ifp *Interface, a, src netip.Addr, packet []byte) (mac []byte, errno netbsd.Errno) {
	if ifp.nd.Flags&netbsd.ND6_IFF_IFDISABLED != 0 {
		return nil, netbsd.ENETDOWN
	}
	e := ifp.neigh.find(a)
	if e == nil {
		if !n.nd6Neighbour(ifp, a) {
			return nil, netbsd.EHOSTUNREACH
		}
		e = ifp.neigh.create(a)
	}
	if e.state == netbsd.ND6_LLINFO_STALE {
		e.asked = 0
		n.setState(e, netbsd.ND6_LLINFO_DELAY, seconds(n.set.nd6Delay.Load()))
	}
	if e.state > netbsd.ND6_LLINFO_INCOMPLETE && e.mac != nil {
		return e.mac, 0
	}
	if e.state == netbsd.ND6_LLINFO_NOSTATE {
		e.state = netbsd.ND6_LLINFO_INCOMPLETE
	}
	for most := int(max(n.set.nd6MaxQueue.Load(), 1)); len(e.hold) >= most; {
		e.hold = e.hold[1:]
	}
	e.hold = append(e.hold, packet)
	e.src = src
	if e.asked == 0 {
		e.asked++
		n.setState(e, e.state, ifp.retrans())
		n.nd6Solicit(ifp, netip.Addr{}, a, src, false)
	}
	return nil, 0
}

func (ifp *Interface) retrans() time.Duration {
	return max(time.Duration(ifp.nd.Retrans)*time.Millisecond, 10*time.Millisecond)
}

func (ifp *Interface) reachable() time.Duration { return time.Duration(ifp.nd.Reachable) * time.Second }

// nd6Timer is what happens when a neighbour's state has lasted long enough
// (nd6_llinfo_timer).
func (n *Net) nd6Timer(e *neighbour) {
	ifp := e.table.ifp
	solicit := func(dst netip.Addr) {
		n.setState(e, e.state, ifp.retrans())
		n.nd6Solicit(ifp, dst, e.addr, e.src, false)
	}
	switch e.state {
	case netbsd.ND6_LLINFO_INCOMPLETE:
		if e.asked < nd6MaxTries {
			e.asked++
			solicit(netip.Addr{})
			return
		}
		hold := e.hold
		n.nd6Free(e)
		if len(hold) > 0 {
			const unreachable, address = 1, 3
			n.later(func() { n.sendError6(ifp, hold[0], icmpError{typ: unreachable, code: address}) })
		}
	case netbsd.ND6_LLINFO_REACHABLE:
		if !e.static {
			n.setState(e, netbsd.ND6_LLINFO_STALE, nd6GCTime)
		}
	case netbsd.ND6_LLINFO_STALE, netbsd.ND6_LLINFO_PURGE:
		if !e.static {
			n.nd6Free(e)
		}
	case netbsd.ND6_LLINFO_DELAY:
		if ifp.nd.Flags&netbsd.ND6_IFF_PERFORMNUD == 0 {
			n.setState(e, netbsd.ND6_LLINFO_STALE, nd6GCTime)
			return
		}
		e.asked = 1
		e.state = netbsd.ND6_LLINFO_PROBE
		solicit(e.addr)
	case netbsd.ND6_LLINFO_PROBE:
		if e.asked < nd6MaxTries {
			e.asked++
			solicit(e.addr)
			return
		}
		n.nd6Free(e)
	}
}

func (n *Net) nd6Free(e *neighbour) {
	e.table.remove(e)
	if e.router {
		n.routerSelect()
	}
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

// nd6Learn notes what a packet other than an advertisement tells of a neighbour
// (nd6_cache_lladdr).
func (n *Net) nd6Learn(ifp *Interface, a netip.Addr, mac []byte, typ byte) {
	if a.IsUnspecified() {
		return
	}
	e := ifp.neigh.find(a)
	isNew := e == nil
	if isNew {
		e = ifp.neigh.create(a)
	} else if e.static || e.ifaddr {
		return
	}
	had := e.mac
	changed := had != nil && mac != nil && !bytes.Equal(had, mac)
	if mac != nil {
		e.mac = mac
	}
	update := isNew || had == nil && mac != nil || changed
	if update {
		if isNew && mac == nil {
			e.state = netbsd.ND6_LLINFO_NOSTATE
		} else {
			n.setState(e, netbsd.ND6_LLINFO_STALE, nd6GCTime)
			n.release(e)
		}
	}
	switch typ {
	case icmp6NeighborSolicit:
		if isNew {
			e.router = false
		}
	case icmp6RouterSolicit:
		e.router = false
	case icmp6RouterAdvert:
		if !isNew && (had != nil || mac != nil) || isNew && mac != nil {
			e.router = true
		}
	case icmp6Redirect:
		if isNew {
			e.router = false
		}
	}
	if update && e.router && n.acceptsRA(ifp) {
		n.routerSelect()
	}
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

// nd6RedirectInput takes a redirect in (icmp6_redirect_input).
func (n *Net) nd6RedirectInput(ifp *Interface, src netip.Addr, body []byte) {
	if len(body) < 40 || n.set.icmp6RedirAccept.Load() == 0 || n.set.ip6Forwarding.Load() != 0 || !src.IsLinkLocalUnicast() {
		return
	}
	target := embed(netip.AddrFrom16([16]byte(body[8:24])), ifp.index)
	dst := embed(netip.AddrFrom16([16]byte(body[24:40])), ifp.index)
	opts, _, ok := nd6Options(body[40:])
	rt := n.alloc(sin6(dst), false)
	if !ok || rt == nil || rt.gateway.addr() != src || dst.IsMulticast() {
		return
	}
	n.nd6Learn(ifp, target, linkOf(opts[optTargetLink]), icmp6Redirect)
	if target == dst {
		return
	}
	info := &routeInfo{flags: netbsd.RTF_GATEWAY | netbsd.RTF_HOST | netbsd.RTF_DYNAMIC}
	info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_GATEWAY] = sin6(dst), sin6(target)
	_, errno := n.rtrequest(netbsd.RTM_ADD, info)
	info.addrs[netbsd.RTAX_AUTHOR] = sin6(src)
	n.missMsg(netbsd.RTM_REDIRECT, info, info.flags, errno)
}

// acceptsRA reports whether the interface configures itself as routers say
// (nd6_accepts_rtadv).
func (n *Net) acceptsRA(ifp *Interface) bool {
	if n.set.ip6Forwarding.Load() != 0 {
		return false
	}
	switch f := ifp.nd.Flags & (netbsd.ND6_IFF_ACCEPT_RTADV | netbsd.ND6_IFF_OVERRIDE_RTADV); f {
	case netbsd.ND6_IFF_OVERRIDE_RTADV | netbsd.ND6_IFF_ACCEPT_RTADV:
		return true
	case netbsd.ND6_IFF_ACCEPT_RTADV:
		return n.set.ip6AcceptRA.Load() != 0
	}
	return false
}

// nd6RouterInput takes a router's advertisement in (nd6_ra_input).
func (n *Net) nd6RouterInput(ifp *Interface, src netip.Addr, body []byte) {
	if len(body) < 16 || !n.acceptsRA(ifp) || !src.IsLinkLocalUnicast() {
		return
	}
	opts, prefixes, ok := nd6Options(body[16:])
	if !ok {
		return
	}
	lifetime := binary.BigEndian.Uint16(body[6:])
	if t := binary.BigEndian.Uint32(body[8:]); t != 0 && t <= 3600000 && t != ifp.nd.Basereachable {
		ifp.nd.Basereachable = t
		ifp.nd.Reachable = reachable(n, t)
	}
	if t := binary.BigEndian.Uint32(body[12:]); t != 0 {
		ifp.nd.Retrans = t
	}
	if hops := body[4]; hops != 0 && ifp.nd.Chlim < hops {
		ifp.nd.Chlim = hops
	}
	r := n.routerUpdate(defaultRouter{ifp: ifp, addr: src, flags: body[5], lifetime: lifetime, expire: n.uptime() + int64(lifetime)})
	for _, o := range prefixes {
		n.prefixInput(ifp, r, o)
	}
	if o := opts[optMTU]; len(o) == 8 {
		if mtu := binary.BigEndian.Uint32(o[4:]); mtu >= in6MinMTU && int(mtu) <= ifp.mtu {
			ifp.nd.Linkmtu = mtu
		}
	}
	n.nd6Learn(ifp, src, linkOf(opts[optSourceLink]), icmp6RouterAdvert)
	n.armLifetimes()
}

// prefixInput takes in what a router says of a prefix (prelist_update).
func (n *Net) prefixInput(ifp *Interface, r *defaultRouter, o []byte) {
	if len(o) != 32 || o[2] > 128 {
		return
	}
	plen := int(o[2])
	onlink, auto := o[3]&0x80 != 0, o[3]&0x40 != 0
	vltime, pltime := binary.BigEndian.Uint32(o[4:]), binary.BigEndian.Uint32(o[8:])
	p := prefixAddr(netip.AddrFrom16([16]byte(o[16:32])), plen)
	if p.IsMulticast() || p.IsLinkLocalUnicast() {
		return
	}
	pr := n.prefixOf(ifp, p, plen)
	if pr != nil {
		pr.onlink, pr.auto = pr.onlink || onlink, pr.auto || auto
		if onlink {
			pr.vltime, pr.pltime, pr.updated = vltime, pltime, n.uptime()
			if !pr.routed {
				n.prefixOnlink(pr)
			}
		}
	} else {
		if vltime == 0 || !onlink && !auto {
			return
		}
		pr = &ndPrefix{ifp: ifp, prefix: p, plen: plen, onlink: onlink, auto: auto, vltime: vltime, pltime: pltime}
		n.prefixAdd(pr)
	}
	if r != nil {
		known := false
		for _, o := range pr.routers {
			known = known || o == r
		}
		if !known {
			pr.routers = append(pr.routers, r)
		}
	}
	if !auto || pltime > vltime {
		return
	}
	matched := false
	for _, ifa := range ifp.addrs {
		if ifa.family != netbsd.AF_INET6 || ifa.iff&netbsd.IN6_IFF_AUTOCONF == 0 || ifa.prefix != pr {
			continue
		}
		matched = true
		ifa.refresh(n.uptime(), vltime, pltime)
	}
	id, ok := ifp.eui64()
	if matched || vltime == 0 || !ok || plen != 64 {
		return
	}
	b := p.As16()
	copy(b[8:], id[:])
	a := netip.AddrFrom16(b)
	req := in6Request{
		addr: a, mask: mask6(64), plen: 64, flags: netbsd.IN6_IFF_AUTOCONF,
		life: netbsd.In6Addrlifetime{Vltime: vltime, Pltime: pltime}, delay: true,
	}
	if n.in6Update(ifp, req, nil) != 0 {
		return
	}
	if ifa := ifp.in6Find(a); ifa != nil {
		ifa.prefix = pr
		pr.refs++
	}
}

// refresh gives an autoconfigured address new lifetimes, of which that for which
// it is valid does not fall below two hours (RFC 4862, 5.5.3).
func (ifa *ifaddr) refresh(now int64, vltime, pltime uint32) {
	const twoHours = 2 * 60 * 60
	left := uint32(netbsd.ND6_INFINITE_LIFETIME)
	if ifa.life.Vltime != left {
		left = uint32(max(ifa.life.Expire-now, 0))
	}
	v := left
	switch {
	case vltime > twoHours || left < vltime:
		v = vltime
	case left > twoHours:
		v = twoHours
	}
	ifa.updated = now
	ifa.life = netbsd.In6Addrlifetime{Vltime: v, Pltime: pltime}
	if v != netbsd.ND6_INFINITE_LIFETIME {
		ifa.life.Expire = now + int64(v)
	}
	if pltime != netbsd.ND6_INFINITE_LIFETIME {
		ifa.life.Preferred = now + int64(pltime)
	}
}

// nd6DADStart begins to look for duplicates of an IPv6 address (nd6_dad_start).
func (n *Net) nd6DADStart(ifa *ifaddr, delay time.Duration) {
	if ifa.iff&netbsd.IN6_IFF_TENTATIVE == 0 {
		return
	}
	if ifa.iff&netbsd.IN6_IFF_ANYCAST != 0 || n.set.ip6DADCount.Load() == 0 {
		ifa.iff &^= netbsd.IN6_IFF_TENTATIVE
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
		return
	}
	if !ifa.ifp.up() || ifa.dad.running {
		return
	}
	ifa.dad = dad{running: true}
	ifa.dad.timer.set(n, delay+10*time.Millisecond, func() { n.nd6DADTimer(ifa) })
}

func (n *Net) nd6DADTimer(ifa *ifaddr) {
	d, ifp := &ifa.dad, ifa.ifp
	if !d.running || ifa.iff&netbsd.IN6_IFF_DUPLICATED != 0 || ifa.iff&netbsd.IN6_IFF_TENTATIVE == 0 {
		return
	}
	if d.tries > dadMaxTry {
		d.stop()
		return
	}
	if d.sent < int(n.set.ip6DADCount.Load()) {
		d.tries++
		if ifp.upRunning() {
			d.tries = 0
			d.sent++
			n.nd6Solicit(ifp, netip.Addr{}, ifa.addr.addr(), netip.Addr{}, true)
		}
		d.timer.set(n, ifp.retrans(), func() { n.nd6DADTimer(ifa) })
		return
	}
	if d.nsIn > 0 || d.naIn > 0 {
		n.nd6Duplicated(ifa)
		return
	}
	d.stop()
	ifa.iff &^= netbsd.IN6_IFF_TENTATIVE
	n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
}

// nd6DADSolicited is told that somebody else looks for duplicates of the same
// address (nd6_dad_ns_input).
func (n *Net) nd6DADSolicited(ifa *ifaddr) {
	if !ifa.dad.running || ifa.dad.sent == 0 {
		n.nd6Duplicated(ifa)
		return
	}
	ifa.dad.nsIn++
}

// nd6Duplicated is told that somebody else has the address (nd6_dad_duplicated).
func (n *Net) nd6Duplicated(ifa *ifaddr) {
	d, ifp, a := &ifa.dad, ifa.ifp, ifa.addr.addr()
	if !d.running {
		return
	}
	n.log(fmt.Sprintf("%s: DAD detected duplicate IPv6 address %s: NS in/out=%d/%d, NA in=%d", ifp.name, a, d.nsIn, d.sent, d.naIn))
	ifa.iff &^= netbsd.IN6_IFF_TENTATIVE
	ifa.iff |= netbsd.IN6_IFF_DUPLICATED
	d.stop()
	n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
	if id, ok := ifp.eui64(); ok && a.IsLinkLocalUnicast() && bytes.Equal(a.AsSlice()[8:], id[:]) {
		ifp.nd.Flags |= netbsd.ND6_IFF_IFDISABLED
		n.log(ifp.name + ": possible hardware address duplication detected, disable IPv6")
	}
}

// nd6Rtrequest adapts a route through an Ethernet interface (nd6_rtrequest).
func (n *Net) nd6Rtrequest(cmd int, rt *route, info *routeInfo) {
	ifp := rt.ifp
	if cmd == netbsd.RTM_LLINFO_UPD {
		if ifa := info.ifa; ifa != nil {
			var flags byte
			if ifa.iff&netbsd.IN6_IFF_ANYCAST == 0 {
				flags = naOverride
			}
			n.nd6Advertise(ifa.ifp, embed(in6AllNodes, ifa.ifp.index), ifa.addr.addr(), flags, true, ifa.ifp.mac)
		}
		return
	}
	if cmd != netbsd.RTM_ADD || rt.flags&netbsd.RTF_GATEWAY != 0 || !ifp.ether() && rt.flags&netbsd.RTF_HOST == 0 {
		return
	}
	if rt.flags&(netbsd.RTF_CONNECTED|netbsd.RTF_LOCAL) != 0 {
		rt.gateway = ifp.linkGateway()
		if rt.flags&netbsd.RTF_CONNECTED != 0 {
			return
		}
	}
	if !ifp.pointopoint() && !ifp.loopback() && !rt.adoptGateway(len(ifp.name)) {
		return
	}
	if rt.flags&netbsd.RTF_LOCAL != 0 {
		rt.ifp = n.loopback()
		return
	}
	if ifa := ifp.findAddr(rt.key); ifa != nil {
		rt.ifp = n.loopback()
		rt.replaceIfa(ifa)
	}
}

// p2pRtrequest adapts a route through a point-to-point interface.
func (n *Net) p2pRtrequest(cmd int, rt *route, info *routeInfo) {
	if cmd != netbsd.RTM_ADD || rt.flags&netbsd.RTF_LOCAL == 0 {
		return
	}
	ifa := rt.ifp.findAddr(rt.key)
	rt.ifp = n.loopback()
	if ifa != nil && n.loopback().firstAddr(ifa.family) != nil {
		rt.replaceIfa(ifa)
	}
}
