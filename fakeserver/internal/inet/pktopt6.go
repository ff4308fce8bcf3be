package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// packetOpts are what the packets of an IPv6 socket are to have: struct
// ip6_pktopts. A socket has them from options, one packet from control messages.
type packetOpts struct {
	pktinfo  *netbsd.In6Pktinfo
	hops     int // -1 for what the socket has
	tclass   int // -1 for none
	nexthop  []byte
	hop      []byte // headers that follow the packet's
	before   []byte // destination options before the routing header
	after    []byte // and after it
	routing  []byte
	minMTU   int
	dontFrag bool
	tempAddr int
}

// Values of IPV6_USE_MIN_MTU and IPV6_PREFER_TEMPADDR, from <netinet6/ip6_var.h>.
const (
	minMTUMulticast = -1 // multicasts alone have the least size
	minMTUAlways    = 1
	tempAddrSystem  = -1 // as the system has it
	tempAddrPrefer  = 1
)

// IPV6_OTCLASS and IPV6_RECVRTHDRDSTOPTS are of older drafts, from
// <netinet6/in6.h>.
const (
	ip6OTClass       = 64
	ip6RecvRtDstOpts = 41
)

func newPacketOpts() *packetOpts {
	return &packetOpts{hops: -1, tclass: -1, minMTU: minMTUMulticast, tempAddr: tempAddrSystem}
}

// set sets one option. Those of a socket are sticky (ip6_setpktopt).
func (o *packetOpts) set(n *Net, c *kern.Call, s *socket, name int, b []byte, sticky bool) netbsd.Errno {
	switch name {
	case netbsd.IPV6_PKTINFO:
		return o.setPktinfo(n, s, b, sticky)
	case netbsd.IPV6_HOPLIMIT:
		if sticky {
			return netbsd.ENOPROTOOPT
		}
		return optWithin(b, -1, 255, &o.hops)
	case netbsd.IPV6_TCLASS:
		return optWithin(b, -1, 255, &o.tclass)
	case ip6OTClass:
		if len(b) != 1 {
			return netbsd.EINVAL
		}
		o.tclass = int(b[0])
		return 0
	case netbsd.IPV6_USE_MIN_MTU:
		return optWithin(b, minMTUMulticast, minMTUAlways, &o.minMTU)
	case netbsd.IPV6_PREFER_TEMPADDR:
		return optWithin(b, tempAddrSystem, tempAddrPrefer, &o.tempAddr)
	case netbsd.IPV6_DONTFRAG:
		v, errno := optInt(b)
		if errno == 0 {
			o.dontFrag = v != 0 && s.proto != netbsd.IPPROTO_TCP
		}
		return errno
	case netbsd.IPV6_RTHDR:
		return o.setRouting(b)
	case netbsd.IPV6_NEXTHOP, netbsd.IPV6_HOPOPTS, netbsd.IPV6_DSTOPTS, netbsd.IPV6_RTHDRDSTOPTS:
		if errno := n.privileged(c); errno != 0 {
			return errno
		}
		if name == netbsd.IPV6_NEXTHOP {
			return o.setNexthop(n, b)
		}
		if len(b) > 0 && (len(b) < 2 || len(b) != extensionSize(b)) {
			return netbsd.EINVAL
		}
		*o.extension(name) = append([]byte(nil), b...)
		return 0
	}
	return netbsd.ENOPROTOOPT
}

// optWithin reads an option that is an int from least to most.
func optWithin(b []byte, least, most int, to *int) netbsd.Errno {
	v, errno := optInt(b)
	switch {
	case errno != 0:
		return errno
	case v < least || v > most:
		return netbsd.EINVAL
	}
	*to = v
	return 0
}

// extensionSize is the length of a header which says it in units of 8 octets.
func extensionSize(b []byte) int { return (int(b[1]) + 1) * 8 }

// extension is where a header is kept that is an option.
func (o *packetOpts) extension(name int) *[]byte {
	switch name {
	case netbsd.IPV6_HOPOPTS:
		return &o.hop
	case netbsd.IPV6_RTHDRDSTOPTS:
		return &o.before
	case netbsd.IPV6_DSTOPTS:
		return &o.after
	}
	return &o.routing
}

func (o *packetOpts) setPktinfo(n *Net, s *socket, b []byte, sticky bool) netbsd.Errno {
	if len(b) != netbsd.SizeofIn6Pktinfo {
		return netbsd.EINVAL
	}
	pi, _ := netbsd.ParseIn6Pktinfo(b)
	none := pi.Addr == [16]byte{}
	switch {
	case none && pi.Ifindex == 0 && o.pktinfo != nil:
		o.pktinfo = nil
		return 0
	case s.proto == netbsd.IPPROTO_TCP && sticky && !none:
		return netbsd.EINVAL
	case pi.Ifindex != 0 && n.byIndex(int(pi.Ifindex)) == nil:
		return netbsd.ENXIO
	}
	o.pktinfo = &pi
	return 0
}

func (o *packetOpts) setNexthop(n *Net, b []byte) netbsd.Errno {
	switch {
	case len(b) == 0:
		o.nexthop = nil
		return 0
	case len(b) < netbsd.SizeofSockaddr || len(b) < int(b[0]):
		return netbsd.EINVAL
	case b[1] != netbsd.AF_INET6:
		return netbsd.EAFNOSUPPORT
	case b[0] != netbsd.SizeofSockaddrIn6:
		return netbsd.EINVAL
	}
	sa, _ := netbsd.ParseSockaddrIn6(b)
	a := netip.AddrFrom16(sa.Addr)
	if a.IsUnspecified() || a.IsMulticast() {
		return netbsd.EINVAL
	}
	if scoped(a) && sa.ScopeID != 0 && n.byIndex(int(sa.ScopeID)) == nil {
		return netbsd.ENXIO
	}
	o.nexthop = append([]byte(nil), b[:b[0]]...)
	return 0
}

// setRouting sets the routing header, of which there is one type: addresses to be
// visited.
func (o *packetOpts) setRouting(b []byte) netbsd.Errno {
	if len(b) == 0 {
		o.routing = nil
		return 0
	}
	if len(b) < 4 || len(b) != extensionSize(b) || b[2] != netbsd.IPV6_RTHDR_TYPE_0 || b[1] == 0 || b[1]%2 != 0 || b[1]/2 != b[3] {
		return netbsd.EINVAL
	}
	o.routing = append([]byte(nil), b...)
	return 0
}

// get returns a sticky option (ip6_getpcbopt).
func (o *packetOpts) get(name int) ([]byte, netbsd.Errno) {
	if o == nil {
		o = newPacketOpts()
	}
	switch name {
	case netbsd.IPV6_PKTINFO:
		if o.pktinfo == nil {
			return make([]byte, netbsd.SizeofIn6Pktinfo), 0
		}
		return o.pktinfo.Append(nil), 0
	case ip6OTClass:
		return nil, netbsd.EINVAL
	case netbsd.IPV6_TCLASS:
		return intValue(max(o.tclass, 0)), 0
	case netbsd.IPV6_USE_MIN_MTU:
		return intValue(o.minMTU), 0
	case netbsd.IPV6_PREFER_TEMPADDR:
		return intValue(o.tempAddr), 0
	case netbsd.IPV6_DONTFRAG:
		return flagValue(o.dontFrag), 0
	case netbsd.IPV6_NEXTHOP:
		return o.nexthop, 0
	}
	return *o.extension(name), 0
}

// setControl sets what control messages ask for on top of what the socket has
// (ip6_setpktopts).
func (o *packetOpts) setControl(n *Net, c *kern.Call, s *socket, b []byte) netbsd.Errno {
	for len(b) > 0 {
		if len(b) < netbsd.CmsgLen(0) {
			return netbsd.EINVAL
		}
		size := int(getUint(b))
		if size == 0 || size > len(b) {
			return netbsd.EINVAL
		}
		if level := int32(getUint(b[4:])); level == netbsd.IPPROTO_IPV6 {
			// A length that is less than the header's takes what follows for data.
			if size < netbsd.CmsgLen(0) {
				return netbsd.EINVAL
			}
			if errno := o.set(n, c, s, int(int32(getUint(b[8:]))), b[netbsd.CmsgLen(0):size], false); errno != 0 {
				return errno
			}
		}
		b = b[min((size+7)&^7, len(b)):]
	}
	return 0
}

// outputOpts are the options of a packet that a socket sends, with these control
// messages. n.mu is held.
func (n *Net) outputOpts(c *kern.Call, p *pcb, control []byte) (*packetOpts, netbsd.Errno) {
	o := newPacketOpts()
	if p.opts6 != nil {
		*o = *p.opts6
	}
	return o, o.setControl(n, c, p.s, control)
}

// index is the interface that is asked for, 0 for none.
func (o *packetOpts) index() int {
	if o.pktinfo == nil {
		return 0
	}
	return int(o.pktinfo.Ifindex)
}

// outIndex is the interface that a socket's packets leave by, as far as its options
// say so.
func (p *pcb) outIndex() int {
	if p.opts6 == nil {
		return 0
	}
	return p.opts6.index()
}

// via is the neighbour that packets go to whatever the routes say, with its interface
// (selectroute).
func (o *packetOpts) via(n *Net) (hop netip.Addr, out *Interface, _ netbsd.Errno) {
	if o.nexthop == nil {
		return netip.Addr{}, nil, 0
	}
	sa, _ := netbsd.ParseSockaddrIn6(o.nexthop)
	hop, _, errno := n.scopedAddr(sa, 0)
	if errno != 0 {
		return hop, nil, errno
	}
	rt := n.alloc(sin(hop), false)
	if rt == nil || rt.flags&netbsd.RTF_GATEWAY != 0 || !rt.ifp.upRunning() {
		return hop, nil, netbsd.EHOSTUNREACH
	}
	return hop, rt.ifp, 0
}

// source is the address that is asked for, if there is one. It must be one of ours.
func (o *packetOpts) source(n *Net, ifp *Interface) (netip.Addr, netbsd.Errno) {
	if o.pktinfo == nil || o.pktinfo.Addr == [16]byte{} {
		return netip.Addr{}, 0
	}
	a := netip.AddrFrom16(o.pktinfo.Addr)
	if ifp != nil {
		a = embed(a, ifp.index)
	}
	if ifa := n.in6Local(a); ifa == nil || !ifa.in6Ready() || ifa.iff&netbsd.IN6_IFF_ANYCAST != 0 {
		return a, netbsd.EADDRNOTAVAIL
	}
	return a, 0
}

// sendable is what gVisor is to do with a packet that comes from an address of ours.
func (o *packetOpts) sendable(src netip.Addr) tcpip.SendableControlMessages {
	var out tcpip.SendableControlMessages
	if o.hops >= 0 {
		out.HasHopLimit, out.HopLimit = true, uint8(o.hops)
	}
	if o.index() != 0 || src.IsValid() {
		out.HasIPv6PacketInfo = true
		out.IPv6PacketInfo.NIC = tcpip.NICID(o.index())
		if src.IsValid() {
			plain, _ := unembed(src)
			out.IPv6PacketInfo.Addr = tcpip.AddrFromSlice(plain.AsSlice())
		}
	}
	return out
}

// trafficClass is that of the packets of an IPv6 socket.
func (p *pcb) trafficClass() int {
	if p.opts6 == nil {
		return 0
	}
	return max(p.opts6.tclass, 0)
}
