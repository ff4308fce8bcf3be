package inet

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// minPathMTU is the least length of an IPv4 packet that a router may ask for. With less
// the kernel no longer looks for how long packets may be.
const minPathMTU = 296

// plateaus are the lengths of packets that are tried one after the other if a router
// does not say what it takes (RFC 1191, 7).
var plateaus = [...]int{65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68}

// tooLong4 takes in a router's word that a segment was too long for what follows
// (tcp_ctlinput). It reports whether the message means a connection of ours, for
// gVisor would believe others as well. n.mu is held.
func (n *Net) tooLong4(b []byte) bool {
	quoted := quoted4(b)
	if quoted == nil || quoted[9] != netbsd.IPPROTO_TCP {
		return true
	}
	src, dst := netip.AddrFrom4([4]byte(quoted[12:16])), netip.AddrFrom4([4]byte(quoted[16:20]))
	ports := quoted[int(quoted[0]&0xf)*4:]
	if n.connected(netbsd.IPPROTO_TCP, src, binary.BigEndian.Uint16(ports), dst, binary.BigEndian.Uint16(ports[2:])) == nil {
		return false
	}
	icmp := b[int(b[0]&0xf)*4:]
	mtu := int(binary.BigEndian.Uint16(icmp[6:]))
	rt := n.pathRoute(sin(dst), time.Duration(n.set.mtuDiscTimeout.Load())*time.Second)
	if rt == nil {
		return false
	}
	if mtu == 0 {
		mtu = lessThan(ipLength(quoted))
		binary.BigEndian.PutUint16(icmp[6:], uint16(mtu)) // for gVisor, which does not guess
		icmp[2], icmp[3] = 0, 0
		binary.BigEndian.PutUint16(icmp[2:], ^checksum.Checksum(icmp[:ipLength(b)-int(b[0]&0xf)*4], 0))
	}
	switch {
	case rt.rmx.Locks&netbsd.RTV_MTU != 0:
		return false
	case mtu < minPathMTU || mtu > rt.ifp.mtu:
		rt.rmx.Locks |= netbsd.RTV_MTU
		return false
	case rt.rmx.Mtu == 0 || rt.rmx.Mtu > uint64(mtu):
		rt.rmx.Mtu = uint64(mtu)
	}
	return true
}

// lessThan is the next plateau below a length.
func lessThan(length int) int {
	for _, p := range plateaus {
		if p < length {
			return p
		}
	}
	return length
}

// quoted4 is the packet that an ICMP error is about, nil if what was sent is broken or too
// short. It begins with a header and has eight octets more.
func quoted4(b []byte) []byte {
	hlen := int(b[0]&0xf) * 4
	if hlen < header.IPv4MinimumSize || ipLength(b) > len(b) || ipLength(b) < hlen+header.ICMPv4MinimumSize+header.IPv4MinimumSize+8 {
		return nil
	}
	icmp := b[hlen:ipLength(b)]
	quoted := icmp[header.ICMPv4MinimumSize:]
	inner := int(quoted[0]&0xf) * 4
	if checksum.Checksum(icmp, 0) != 0xffff || inner < header.IPv4MinimumSize || len(quoted) < inner+8 {
		return nil
	}
	return quoted
}

// tooLong6 takes in a router's word that a packet was too long for what follows
// (icmp6_mtudisc_update). n.mu is held.
func (n *Net) tooLong6(ifp *Interface, b []byte) {
	const packetTooBig = 2
	if b[6] != protoICMPv6 || len(b) < ip6Header+icmp6Header+ip6Header || b[ip6Header] != packetTooBig {
		return
	}
	from, to := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	if !n.isOurs(embed(to, ifp.index)) || in6Checksum(from, to, protoICMPv6, b[ip6Header:]) != 0 {
		return
	}
	quoted := b[ip6Header+icmp6Header:]
	src := embed(netip.AddrFrom16([16]byte(quoted[8:24])), ifp.index)
	dst := embed(netip.AddrFrom16([16]byte(quoted[24:40])), ifp.index)
	kind, at, _, ok := headers6(quoted)
	if !ok {
		return
	}
	valid := false
	if (kind == netbsd.IPPROTO_TCP || kind == netbsd.IPPROTO_UDP) && len(quoted) >= at+4 {
		valid = n.connected(int(kind), src, binary.BigEndian.Uint16(quoted[at:]), dst, binary.BigEndian.Uint16(quoted[at+2:])) != nil
	}
	const fragmentHeader = 8
	mtu := binary.BigEndian.Uint32(b[ip6Header+4:])
	if mtu < in6MinMTU-fragmentHeader {
		if mtu < ip6Header+fragmentHeader+8 || !valid {
			return
		}
		mtu = in6MinMTU - fragmentHeader
	}
	rt := n.pathRoute(sin(dst), 10*time.Minute)
	if rt == nil || rt.flags&netbsd.RTF_HOST == 0 || rt.rmx.Locks&netbsd.RTV_MTU != 0 {
		return
	}
	if (rt.rmx.Mtu == 0 || rt.rmx.Mtu > uint64(mtu)) && int(mtu) < rt.ifp.mtu {
		rt.rmx.Mtu = uint64(mtu)
	}
}

// connected finds the socket at our end of a connection (in_pcblookup_connect).
func (n *Net) connected(proto int, laddr netip.Addr, lport uint16, faddr netip.Addr, fport uint16) *pcb {
	for _, p := range n.pcbs(proto) {
		if p.lport == lport && p.fport == fport && p.faddr.Unmap() == faddr && p.laddr.Unmap() == laddr {
			return p
		}
	}
	return nil
}

// pathRoute is the route for one host, made from that by which it is reached if there is
// none yet. What it knows is forgotten after a time (icmp_mtudisc_timeout).
func (n *Net) pathRoute(dst sockaddr, keep time.Duration) *route {
	rt := n.alloc(dst, true)
	if rt == nil {
		return nil
	}
	if rt.flags&netbsd.RTF_HOST == 0 {
		info := &routeInfo{flags: netbsd.RTF_GATEWAY | netbsd.RTF_HOST | netbsd.RTF_DYNAMIC}
		info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_GATEWAY] = dst, rt.gateway
		host, errno := n.rtrequest(netbsd.RTM_ADD, info)
		if errno != 0 {
			return nil
		}
		host.rmx = rt.rmx
		rt = host
	}
	n.later(func() { n.mirror.sync(false) })
	rt.forget(n, keep, func() {
		if rt.rmx.Locks&netbsd.RTV_MTU == 0 {
			rt.rmx.Mtu = 0
		}
	})
	return rt
}

// forget deletes a route after a time if the kernel has made it, and else does otherwise.
func (rt *route) forget(n *Net, after time.Duration, otherwise func()) {
	if after <= 0 {
		return
	}
	rt.expiry.set(n, after, func() {
		const made = netbsd.RTF_DYNAMIC | netbsd.RTF_HOST
		if rt.flags&made != made {
			otherwise()
			return
		}
		info := &routeInfo{flags: rt.flags}
		info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_GATEWAY] = rt.key, rt.gateway
		n.rtrequest(netbsd.RTM_DELETE, info)
	})
}
