package inet

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// forwardOptions4 forwards a packet whose options name routers or gather them, of
// which gVisor knows too little. It reports whether there is nothing left to be done;
// what is for this kernel is left to gVisor. n.mu is held.
func (n *Net) forwardOptions4(ifp *Interface, b []byte) bool {
	p, sourced, problem := n.wayOptions(b)
	if p == nil {
		return n.echoBack4(b)
	}
	if problem == nil {
		dst := netip.AddrFrom4([4]byte(p[16:20]))
		if !sourced && (n.set.ipForwarding.Load() == 0 || n.isOurs(dst)) {
			return false
		}
		if n.isOurs(dst) {
			setChecksum4(p)
			n.later(func() { n.mirror.deliver(ifp, etherIP, p) })
			return true
		}
		var drop bool
		if problem, drop = n.forwardError4(ifp, p, sourced); !drop {
			rt := n.alloc(sin(dst), false)
			if rt == nil || rt.ifp == nil || len(p) > rt.ifp.mtu {
				return sourced // gVisor cuts what is too long
			}
			p[8]--
			n.outputBy(rt, p)
		}
	}
	if problem != nil {
		n.later(func() { n.sendError4(ifp, p, *problem) })
	}
	return true
}

// outputBy sends a packet by a route, once the lock is free.
func (n *Net) outputBy(rt *route, b []byte) {
	hop, gateway := netip.AddrFrom4([4]byte(b[16:20])), rt.flags&netbsd.RTF_GATEWAY != 0
	if gateway {
		hop = rt.gateway.addr()
	}
	setChecksum4(b)
	n.later(func() { rt.ifp.output4(hop, gateway, b) })
}

// echoBack4 answers an echo request that has come by a source route, by the same
// way (icmp_reflect), and reports whether the packet was one. n.mu is held.
func (n *Net) echoBack4(b []byte) bool {
	const echo, echoReply, moreFragments, fragmentOffset = 8, 0, 0x2000, 0x1fff
	hlen := int(b[0]&0xf) * 4
	if b[9] != netbsd.IPPROTO_ICMP || hlen <= header.IPv4MinimumSize || ipLength(b) < hlen+8 || ipLength(b) > len(b) ||
		b[hlen] != echo || binary.BigEndian.Uint16(b[6:])&(moreFragments|fragmentOffset) != 0 {
		return false
	}
	own := netip.AddrFrom4([4]byte(b[16:20]))
	body := slices.Clone(b[hlen:ipLength(b)])
	if n.inLocal(own) == nil || checksum.Checksum(body, 0) != 0xffff {
		return false
	}
	back, hop := reverseRoute(b[header.IPv4MinimumSize:hlen], b[12:16])
	if back == nil {
		return false
	}
	rt := n.alloc(sin(hop), false)
	if rt == nil || rt.ifp == nil {
		return true // there is no way back
	}
	recordRoute(back, own)
	p := append(slices.Clone(b[:header.IPv4MinimumSize]), back...)
	p[0] = 4<<4 | byte(len(p)/4)
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)+len(body)))
	binary.BigEndian.PutUint16(p[4:], uint16(n.rand.Uint32()))
	p[8] = icmpTTL
	copy(p[12:], own.AsSlice())
	copy(p[16:], hop.AsSlice())
	body[0], body[2], body[3] = echoReply, 0, 0
	binary.BigEndian.PutUint16(body[2:], ^checksum.Checksum(body, 0))
	n.outputBy(rt, append(p, body...))
	return true
}

// reverseRoute makes of the options of a packet that has followed its route to the
// end those of an answer, and the answer's first hop: the route backwards, and what
// else is gathered on the way (ip_srcroute). There are none without a route.
func reverseRoute(opts, src []byte) (back []byte, hop netip.Addr) {
	var gathered []byte
	for len(opts) >= 3 && opts[0] != ipOptEnd {
		if opts[0] == ipOptNop {
			opts = opts[1:]
			continue
		}
		size := int(opts[1])
		if size < 3 || size > len(opts) {
			break
		}
		switch opts[0] {
		case ipOptLSRR, ipOptSSRR:
			hops := slices.Collect(slices.Chunk(opts[3:size], sizeofAddr))
			if len(hops) == 0 || len(hops[len(hops)-1]) < sizeofAddr {
				break
			}
			slices.Reverse(hops)
			hop = netip.AddrFrom4([4]byte(hops[0]))
			back = []byte{ipOptNop, opts[0], byte(size), 4}
			for _, h := range append(hops[1:], src) {
				back = append(back, h...)
			}
		case ipOptRR:
			gathered = append(gathered, opts[:size]...)
		}
		opts = opts[size:]
	}
	if back == nil {
		return nil, hop
	}
	back = append(back, gathered...)
	for len(back)%4 != 0 {
		back = append(back, ipOptEnd)
	}
	if len(back) > maxIPOpts {
		return nil, hop
	}
	return back, hop
}

func setChecksum4(b []byte) {
	h := header.IPv4(b)
	h.SetChecksum(0)
	h.SetChecksum(^h.CalculateChecksum())
}

// wayOptions does what the options of a packet about its way ask for (ip_dooptions),
// on a copy of it, which is nil if they ask for nothing. sourced says that the packet
// goes on to where its sender wants it to go next.
func (n *Net) wayOptions(b []byte) (p []byte, sourced bool, _ *icmpError) {
	const unreachable, unreachableHost, sourceFailed, prohibited = 3, 1, 5, 9
	hlen := int(b[0]&0xf) * 4
	if hlen <= header.IPv4MinimumSize || hlen > len(b) {
		return nil, false, nil
	}
	p = slices.Clone(b)
	failed := func(code byte) ([]byte, bool, *icmpError) { return p, false, &icmpError{typ: unreachable, code: code} }
	changed := false
	for opts := p[header.IPv4MinimumSize:hlen]; len(opts) >= 3 && opts[0] != ipOptEnd; {
		if opts[0] == ipOptNop {
			opts = opts[1:]
			continue
		}
		size := int(opts[1])
		if size < 2 || size > len(opts) {
			return nil, false, nil // gVisor tells the sender
		}
		option := opts[:size]
		opts = opts[size:]
		if size < 3 {
			continue
		}
		at := int(option[2]) - 1
		room := at >= 3 && at+sizeofAddr <= size
		dst := netip.AddrFrom4([4]byte(p[16:20]))
		here := n.inLocal(dst)
		var via *ifaddr // whose address is recorded
		switch kind := option[0]; kind {
		case ipOptLSRR, ipOptSSRR:
			switch {
			case n.set.ipAllowSrcRt.Load() == 0:
				return failed(prohibited)
			case here == nil && kind == ipOptSSRR:
				return failed(sourceFailed)
			case here == nil || !room:
				continue // it is on its way, or at its end
			}
			next := netip.AddrFrom4([4]byte(option[at:]))
			if via = n.nextHop4(next, kind == ipOptSSRR); via == nil {
				return failed(sourceFailed)
			}
			copy(p[16:20], next.AsSlice())
			sourced = !next.IsMulticast()
		case ipOptRR:
			if !room || here != nil {
				continue // whoever takes the packet in records itself
			}
			if via = n.nextHop4(dst, false); via == nil {
				return failed(unreachableHost)
			}
		default:
			continue
		}
		copy(option[at:], via.addr.addr().AsSlice())
		option[2] += sizeofAddr
		changed = true
	}
	if sourced && n.set.ipForwSrcRt.Load() == 0 {
		return failed(sourceFailed)
	}
	if !changed {
		return nil, false, nil
	}
	return p, sourced, nil
}

// nextHop4 is our address on the way to another, which is direct or by the routes
// (ifa_ifwithladdr, ip_rtaddr).
func (n *Net) nextHop4(to netip.Addr, direct bool) *ifaddr {
	if direct {
		a := sin(to)
		for _, find := range []func(sockaddr) *ifaddr{n.ifaWithAddr, n.ifaWithDst, n.ifaWithNet} {
			if ifa := find(a); ifa != nil {
				return ifa
			}
		}
		return nil
	}
	if rt := n.alloc(sin(to), false); rt != nil && rt.ifa != nil && rt.ifa.family == netbsd.AF_INET {
		return rt.ifa
	}
	return nil
}
