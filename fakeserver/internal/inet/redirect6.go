package inet

import (
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Options of neighbour discovery that only redirects have, and how much of a packet
// they may quote (ICMPV6_PLD_MAXLEN).
const (
	optRedirectedHeader = 4
	maxQuoted6          = in6MinMTU - ip6Header - icmp6Header
)

// nd6Redirect tells the sender of a packet, which leaves by the interface that it came by,
// of the better way (icmp6_redirect_output). n.mu is held.
func (n *Net) nd6Redirect(ifp *Interface, rt *route, packet []byte) {
	src := embed(netip.AddrFrom16([16]byte(packet[8:24])), ifp.index)
	dst := embed(netip.AddrFrom16([16]byte(packet[24:40])), ifp.index)
	from := ifp.linkLocal(netbsd.IN6_IFF_NOTREADY | netbsd.IN6_IFF_ANYCAST)
	target := dst
	if rt.flags&netbsd.RTF_GATEWAY != 0 {
		target = rt.gateway.addr()
	}
	if from == nil || !n.nd6Neighbour(ifp, src) || target != dst && !target.IsLinkLocalUnicast() {
		return
	}
	plain, _ := unembed(target)
	to, _ := unembed(dst)
	body := slices.Concat([]byte{icmp6Redirect, 0, 0, 0, 0, 0, 0, 0}, plain.AsSlice(), to.AsSlice())
	if e := ifp.neigh.find(target); e != nil && e.mac != nil {
		body = append(body, linkOption(optTargetLink, e.mac)...)
	}
	quoted := slices.Clone(packet[:min(len(packet), maxQuoted6)])
	quoted[7]-- // the kernel has gone on with the packet by then
	room := (in6MinMTU - ip6Header - len(body)) &^ 7
	quoted = quoted[:min(len(quoted)&^7, room-8)]
	body = append(body, optRedirectedHeader, byte(1+len(quoted)/8), 0, 0, 0, 0, 0, 0)
	p := nd6Packet(from.addr.addr(), src, append(body, quoted...))
	n.later(func() {
		n.rawOutput(rawPacket{family: netbsd.AF_INET6, proto: protoICMPv6, src: from.addr.addr(), dst: src, ttl: int(p[7]), data: p[ip6Header:]})
	})
}
