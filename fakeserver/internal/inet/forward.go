package inet

import (
	"encoding/binary"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// An icmpError is what is wrong with a packet that is not for this kernel.
type icmpError struct {
	typ, code byte
	word      [4]byte
}

// forwardError4 looks at what gVisor, which forwards packets, does not look at as
// NetBSD does: the TTL, routes that reject, senders that should know better
// (ip_forward). It returns what to tell the sender, and whether the packet is to
// go no further. n.mu is held.
func (n *Net) forwardError4(ifp *Interface, b []byte, sourced bool) (tell *icmpError, drop bool) {
	dst := netip.AddrFrom4([4]byte(b[16:20]))
	if n.set.ipForwarding.Load() == 0 && !sourced || n.isOurs(dst) {
		return nil, false
	}
	const unreachable, redirect, exceeded = 3, 5, 11
	const needFragment, dontFragment = 4, 0x4000
	if b[8] <= 1 {
		return &icmpError{typ: exceeded}, true
	}
	rt := n.alloc(sin(dst), false)
	if rt == nil {
		return &icmpError{typ: unreachable, code: 0}, true
	}
	switch errno, drop := n.rejects(rt); {
	case drop:
		return nil, true
	case errno != 0:
		return &icmpError{typ: unreachable, code: 1}, true
	}
	if out := rt.ifp; out != nil && len(b) > out.mtu && binary.BigEndian.Uint16(b[6:])&dontFragment != 0 {
		e := &icmpError{typ: unreachable, code: needFragment}
		binary.BigEndian.PutUint16(e.word[2:], uint16(out.mtu))
		return e, true
	}
	src := netip.AddrFrom4([4]byte(b[12:16]))
	if sourced || rt.ifp != ifp || rt.flags&(netbsd.RTF_DYNAMIC|netbsd.RTF_MODIFIED) != 0 || rt.key.addr().IsUnspecified() ||
		n.set.ipRedirect.Load() == 0 || rt.ifa == nil || rt.ifa.family != netbsd.AF_INET || !rt.ifa.contains(src.AsSlice()) {
		return nil, false
	}
	to := dst
	if rt.flags&netbsd.RTF_GATEWAY != 0 {
		to = rt.gateway.addr()
	}
	return &icmpError{typ: redirect, code: 1, word: to.As4()}, false
}

// forwardError6 is forwardError4 for IPv6 (ip6_forward).
func (n *Net) forwardError6(ifp *Interface, b []byte) (tell *icmpError, drop bool) {
	dst := embed(netip.AddrFrom16([16]byte(b[24:40])), ifp.index)
	if n.set.ip6Forwarding.Load() == 0 || n.isOurs(dst) || b[7] <= 1 || scoped(dst) {
		return nil, false // gVisor does as NetBSD
	}
	const unreachable, tooBig, noAddress = 1, 2, 3
	rt := n.alloc(sin(dst), false)
	if rt == nil {
		return &icmpError{typ: unreachable, code: 0}, true
	}
	switch errno, drop := n.rejects(rt); {
	case drop:
		return nil, true
	case errno != 0:
		return &icmpError{typ: unreachable, code: 0}, true
	}
	if out := rt.ifp; out != nil && len(b) > out.mtu {
		e := &icmpError{typ: tooBig}
		binary.BigEndian.PutUint32(e.word[:], uint32(out.mtu))
		return e, true
	}
	if rt.ifp == ifp && n.set.ip6Redirect.Load() != 0 && rt.flags&(netbsd.RTF_DYNAMIC|netbsd.RTF_MODIFIED) == 0 {
		if ifp.pointopoint() && n.nd6Neighbour(ifp, dst) {
			return &icmpError{typ: unreachable, code: noAddress}, true // it would come back
		}
		n.nd6Redirect(ifp, rt, b)
	}
	return nil, false
}

// mutes reports whether a packet asks for an answer in a way that is not answered:
// an echo request to all (net.inet.icmp.bmcastecho). n.mu is held.
func (n *Net) mutes(b []byte) bool {
	hlen := int(b[0]&0xf) * 4
	if b[9] != netbsd.IPPROTO_ICMP || hlen < header.IPv4MinimumSize || len(b) <= hlen || n.set.bmcastEcho.Load() != 0 {
		return false
	}
	const echo, timestamp, mask = 8, 13, 17
	switch b[hlen] {
	case echo, timestamp, mask:
		dst := netip.AddrFrom4([4]byte(b[16:20]))
		return dst.IsMulticast() || n.inBroadcast(dst, nil)
	}
	return false
}

// sendError4 tells the sender of a packet what has come of it (icmp_error).
func (n *Net) sendError4(ifp *Interface, b []byte, e icmpError) {
	hlen := int(b[0]&0xf) * 4
	if hlen < header.IPv4MinimumSize || len(b) < hlen || binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
		return
	}
	if b[9] == netbsd.IPPROTO_ICMP {
		if len(b) <= hlen {
			return
		}
		switch b[hlen] {
		case 3, 4, 5, 11, 12: // errors and redirects
			return
		}
	}
	src := netip.AddrFrom4([4]byte(b[12:16]))
	if src.IsUnspecified() || src.IsMulticast() {
		return
	}
	const quoted = 8 // net.inet.icmp.returndatabytes
	body := append([]byte{e.typ, e.code, 0, 0, e.word[0], e.word[1], e.word[2], e.word[3]}, b[:min(len(b), hlen+quoted)]...)
	binary.BigEndian.PutUint16(body[2:], ^checksum.Checksum(body, 0))
	n.lock()
	from := ifp.answersFrom(src, netip.AddrFrom4([4]byte(b[16:20])))
	n.unlock()
	if !from.IsValid() {
		return
	}
	n.rawOutput(rawPacket{family: netbsd.AF_INET, proto: netbsd.IPPROTO_ICMP, src: from, dst: src, ttl: icmpTTL, data: body})
}

// answersFrom is the address from which to answer a packet that came by ifp
// (icmp_reflect): that to which it went if it is ours, else one near its sender.
func (ifp *Interface) answersFrom(src, dst netip.Addr) netip.Addr {
	if ifp.n.inLocal(dst) != nil {
		return dst
	}
	for _, ifa := range ifp.addrs {
		if ifa.family == netbsd.AF_INET && ifa.contains(src.AsSlice()) {
			return ifa.addr.addr()
		}
	}
	if ifa := ifp.firstAddr(netbsd.AF_INET); ifa != nil {
		return ifa.addr.addr()
	}
	return netip.Addr{}
}

// sendError6 tells the sender of a packet what has come of it (icmp6_error).
func (n *Net) sendError6(ifp *Interface, packet []byte, e icmpError) {
	if len(packet) < ip6Header || packet[6] == protoICMPv6 && len(packet) > ip6Header && packet[ip6Header] < 128 {
		return
	}
	src := netip.AddrFrom16([16]byte(packet[8:24]))
	if src.IsUnspecified() || src.IsMulticast() {
		return
	}
	body := append([]byte{e.typ, e.code, 0, 0, e.word[0], e.word[1], e.word[2], e.word[3]},
		packet[:min(len(packet), in6MinMTU-ip6Header-8)]...)
	to := embed(src, ifp.index)
	n.lock()
	own := n.in6Local(to) != nil
	from := to
	if !own {
		from = netip.Addr{}
		if ifa := n.in6Source(ifp, src); ifa != nil {
			from = ifa.addr.addr()
		}
	}
	n.unlock()
	if !from.IsValid() {
		return
	}
	plain, _ := unembed(from)
	p := nd6Packet(plain, src, body)
	p[7] = byte(n.set.ip6HopLimit.Load())
	if own {
		n.mirror.deliver(ifp, etherIPv6, p)
		return
	}
	n.rawOutput(rawPacket{family: netbsd.AF_INET6, proto: protoICMPv6, src: from, dst: to, ttl: int(p[7]), data: p[ip6Header:]})
}
