package inet

import (
	"encoding/binary"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// appendAddrs appends the addresses of a routing message, each padded to 8
// bytes, and returns which there are as RTA_* bits. An address of length 0
// takes 8 bytes too.
func appendAddrs(b []byte, addrs *[netbsd.RTAX_MAX]sockaddr) ([]byte, int32) {
	var bits int32
	for i, a := range addrs {
		if a == nil {
			continue
		}
		bits |= 1 << i
		if len(a) > 1 {
			b = append(b, a...)
			b = append(b, make([]byte, -len(a)&7)...)
		} else {
			b = append(b, make([]byte, 8)...)
		}
	}
	return b, bits
}

// parseAddrs reads the addresses of a message that a client has sent (rt_xaddrs).
func parseAddrs(typ uint8, b []byte, bits int32) (addrs [netbsd.RTAX_MAX]sockaddr, ok bool) {
	i, at, last := 0, 0, 0
	for ; i < len(addrs) && at < len(b); i++ {
		if bits&(1<<i) == 0 {
			continue
		}
		last = int(b[at])
		addrs[i] = sockaddr{0}
		if last >= 2 {
			addrs[i] = sockaddr(b[at:min(at+last, len(b))]).clone()
		}
		at += max((last+7)&^7, 8)
	}
	left := bits &^ (1<<i - 1) // that there are no addresses for
	if typ == netbsd.RTM_GET {
		left &^= netbsd.RTA_IFP | netbsd.RTA_IFA // are asked for
	}
	if left != 0 {
		return addrs, false
	}
	// A netmask may lack its padding if it is the last one.
	unpadded := at - max((last+7)&^7, 8) + last
	return addrs, at == len(b) || i == netbsd.RTAX_NETMASK+1 && unpadded == len(b)
}

// routeMessage makes a message about a route.
func routeMessage(h netbsd.RtMsghdr, addrs *[netbsd.RTAX_MAX]sockaddr) []byte {
	b, bits := appendAddrs(make([]byte, netbsd.SizeofRtMsghdr, 256), addrs)
	h.Msglen, h.Version, h.Addrs = uint16(len(b)), netbsd.RTM_VERSION, bits
	h.Append(b[:0])
	return b
}

// header fills in what a route tells about itself, which is not what is locked.
func (n *Net) header(rt *route, h *netbsd.RtMsghdr) {
	h.Flags = rt.flags
	locks := h.Rmx.Locks
	h.Rmx = rt.rmx
	h.Rmx.Locks = locks
	if h.Rmx.Expire != 0 {
		h.Rmx.Expire = n.wall(h.Rmx.Expire)
	}
}

// announce hands a message to all routing sockets which want the family. What happens
// while a request is carried out is told after the answer to that.
func (n *Net) announce(b []byte, family uint8, except *routeSocket) {
	if n.answering {
		n.unsaid = append(n.unsaid, func() { n.announce(b, family, except) })
		return
	}
	for s := range n.rtsocks {
		if s != except {
			s.enqueue(b, family)
		}
	}
}

// missMsg tells of an event that is about no particular route (rt_missmsg).
func (n *Net) missMsg(cmd int, info *routeInfo, flags int32, errno netbsd.Errno) {
	if len(n.rtsocks) == 0 {
		return
	}
	n.announce(routeMessage(netbsd.RtMsghdr{
		Type: uint8(cmd), Flags: netbsd.RTF_DONE | flags, Errno: int32(errno), Pid: n.pid(),
	}, &info.addrs), info.addrs[netbsd.RTAX_DST].family(), nil)
}

// pid is the process to which a message is attributed.
func (n *Net) pid() int32 { return int32(n.caller) }

// routeMsg tells of a route (rt_newmsg).
func (n *Net) routeMsg(cmd int, rt *route) {
	var info routeInfo
	info.addrs[netbsd.RTAX_DST] = rt.key
	info.addrs[netbsd.RTAX_GATEWAY] = rt.gateway
	info.addrs[netbsd.RTAX_NETMASK] = rt.mask
	if rt.ifp != nil && rt.ifa != nil {
		info.addrs[netbsd.RTAX_IFP] = rt.ifp.dl.addr
		info.addrs[netbsd.RTAX_IFA] = rt.ifa.addr
	}
	n.missMsg(cmd, &info, rt.flags, 0)
}

// addrMsg tells of an address (rt_newaddrmsg): for RTM_ADD and RTM_DELETE of its
// local route too.
func (n *Net) addrMsg(cmd int, ifa *ifaddr, errno netbsd.Errno, rt *route) {
	if len(n.rtsocks) == 0 {
		return
	}
	address := func(cmd int) {
		n.announce(addrMessage(cmd, ifa, true), ifa.family, nil)
	}
	viaRoute := func() {
		if rt == nil {
			return
		}
		var info routeInfo
		info.addrs[netbsd.RTAX_DST] = rt.key
		info.addrs[netbsd.RTAX_GATEWAY] = rt.gateway
		info.addrs[netbsd.RTAX_NETMASK] = rt.mask
		n.announce(routeMessage(netbsd.RtMsghdr{
			Type: uint8(cmd), Index: uint16(ifa.ifp.index), Flags: rt.flags, Errno: int32(errno), Pid: n.pid(),
		}, &info.addrs), rt.key.family(), nil)
	}
	switch cmd {
	case netbsd.RTM_ADD:
		address(netbsd.RTM_NEWADDR)
		viaRoute()
	case netbsd.RTM_CHANGE:
		address(netbsd.RTM_CHGADDR)
		viaRoute()
	case netbsd.RTM_DELETE:
		viaRoute()
		address(netbsd.RTM_DELADDR)
	default:
		address(cmd)
	}
}

// addrMessage makes a message about an address; ifp tells whether the
// interface's link address goes with it.
func addrMessage(cmd int, ifa *ifaddr, ifp bool) []byte {
	var addrs [netbsd.RTAX_MAX]sockaddr
	addrs[netbsd.RTAX_IFA] = ifa.addr
	addrs[netbsd.RTAX_NETMASK] = ifa.mask
	addrs[netbsd.RTAX_BRD] = ifa.dst
	if ifa.family == netbsd.AF_INET {
		// There is always room for these, whether they have been set or not.
		if ifa.mask == nil {
			addrs[netbsd.RTAX_NETMASK] = sockaddr{0}
		}
		if ifa.dst == nil {
			addrs[netbsd.RTAX_BRD] = sockaddr{0}
			if ifa.ifp.broadcast() {
				addrs[netbsd.RTAX_BRD] = sin(netip.IPv4Unspecified())
			}
		}
	}
	if ifp {
		addrs[netbsd.RTAX_IFP] = ifa.ifp.dl.addr
	}
	b, bits := appendAddrs(make([]byte, netbsd.SizeofIfaMsghdr, 128), &addrs)
	netbsd.IfaMsghdr{
		Msglen: uint16(len(b)), Version: netbsd.RTM_VERSION, Type: uint8(cmd), Addrs: bits,
		Flags: ifa.flags, Metric: ifa.metric, Index: uint16(ifa.ifp.index),
	}.Append(b[:0])
	return b
}

// interfaceMessage makes a message about an interface. The kernel sign-extends
// its flags, which are a short.
func interfaceMessage(ifp *Interface, dl bool) []byte {
	var addrs [netbsd.RTAX_MAX]sockaddr
	if dl {
		addrs[netbsd.RTAX_IFP] = ifp.dl.addr
	}
	b, bits := appendAddrs(make([]byte, netbsd.SizeofIfMsghdr, 192), &addrs)
	netbsd.IfMsghdr{
		Msglen: uint16(len(b)), Version: netbsd.RTM_VERSION, Type: netbsd.RTM_IFINFO, Addrs: bits,
		Flags: int32(int16(ifp.flags)), Index: uint16(ifp.index), Data: ifp.data(),
	}.Append(b[:0])
	return b
}

// ifMsg tells that an interface's flags or link have changed (rt_ifmsg).
func (n *Net) ifMsg(ifp *Interface) {
	if len(n.rtsocks) > 0 {
		n.announce(interfaceMessage(ifp, false), 0, nil)
	}
}

// ifAnnounce tells that an interface came or went.
func (n *Net) ifAnnounce(ifp *Interface, what uint16) {
	if len(n.rtsocks) == 0 {
		return
	}
	b := netbsd.IfAnnouncemsghdr{
		Msglen: netbsd.SizeofIfAnnouncemsghdr, Version: netbsd.RTM_VERSION, Type: netbsd.RTM_IFANNOUNCE,
		Index: uint16(ifp.index), Name: ifp.name, What: what,
	}.Append(nil)
	n.announce(b, 0, nil)
}

// messageLen returns the length that a routing message says it has.
func messageLen(b []byte) int { return int(binary.LittleEndian.Uint16(b)) }
