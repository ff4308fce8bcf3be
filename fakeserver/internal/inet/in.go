package inet

import (
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// trimMask cuts an IPv4 netmask's trailing zeros off and sets its length
// accordingly, leaving its family as it was given (in_socktrim).
func trimMask(mask sockaddr) sockaddr {
	full := make(sockaddr, netbsd.SizeofSockaddrIn)
	copy(full, mask)
	n := 8
	for n > 4 && full[n-1] == 0 {
		n--
	}
	if n == 4 {
		n = 0
	}
	full = full[:max(n, 2)]
	full[0] = byte(n)
	if n == 0 {
		return sockaddr{0}
	}
	return full
}

// maskOf is the mask of n ones for an address of IPv4.
func maskOf(n int) sockaddr {
	return netbsd.SockaddrIn{Addr: [4]byte(prefixMask(n, 4))}.Append(nil)
}

// classMask is the netmask that an address has by its class.
func classMask(a netip.Addr) int {
	switch b := a.As4(); {
	case b[0] < 128:
		return 8
	case b[0] < 192:
		return 16
	default:
		return 24
	}
}

// rtinitFlags tells whether an address has a host route for its prefix.
func rtinitFlags(ifa *ifaddr) int32 {
	if ifa.ifp.loopback() || ifa.ifp.pointopoint() {
		return netbsd.RTF_HOST
	}
	return 0
}

// inInit puts an IPv4 address into use (in_ifinit). A nil addr keeps the one
// there is.
func (n *Net) inInit(ifa *ifaddr, addr sockaddr, scrub, hostIsNew bool) netbsd.Errno {
	ifp := ifa.ifp
	old := ifa.addr
	if addr != nil {
		ifa.addr = netbsd.SockaddrIn{Addr: addr.addr().As4()}.Append(nil)
	}
	own := ifa.addr.addr()
	null := own.IsUnspecified()
	trying := false
	if hostIsNew && ifp.doDAD() && !null {
		if ifp.link == netbsd.LINK_STATE_DOWN {
			ifa.iff |= netbsd.IN_IFF_DETACHED
		} else {
			trying = true
			ifa.iff |= netbsd.IN_IFF_TRYTENTATIVE
		}
	}
	if errno := n.initAddr(ifa); errno != 0 {
		ifa.addr = old
		return errno
	}
	if trying {
		ifa.iff &^= netbsd.IN_IFF_TRYTENTATIVE
	}
	if scrub {
		now := ifa.addr
		ifa.addr = old
		n.inScrubPrefix(ifa)
		ifa.addr = now
	}
	if null || ifp.pointopoint() && ifa.dst.addr() == own {
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
	} else {
		n.addLocal(ifa)
	}
	if m := ifa.mask.key(netbsd.AF_INET); ifa.mask == nil || prefixLen(m) == 0 && m[0]|m[1]|m[2]|m[3] == 0 {
		ifa.mask = maskOf(classMask(own))
	}
	ifa.mask = trimMask(ifa.mask)
	ifa.metric = int32(ifp.metric)
	flags := int32(netbsd.RTF_UP)
	switch {
	case ifp.broadcast():
		b := own.As4()
		for i, m := range ifa.maskBits() {
			b[i] |= ^m
		}
		ifa.dst = netbsd.SockaddrIn{Addr: b}.Append(nil)
	case ifp.loopback():
		ifa.dst = ifa.addr
		flags |= netbsd.RTF_HOST
	case ifp.pointopoint():
		if ifa.dst.family() != netbsd.AF_INET {
			return 0
		}
		flags |= netbsd.RTF_HOST
	}
	errno := n.inAddPrefix(ifa, flags)
	if hostIsNew && ifp.doDAD() && !null && ifa.iff&netbsd.IN_IFF_TENTATIVE != 0 {
		n.arpDADStart(ifa)
	}
	return errno
}

// initAddr lets the driver prepare for an address (if_addr_init).
func (n *Net) initAddr(ifa *ifaddr) netbsd.Errno {
	if ifa.ifp.aggregated {
		return netbsd.EBUSY
	}
	return ifa.ifp.drv.initAddr(ifa)
}

// inPrefix is the network of an address, or the other end of its link.
func inPrefix(ifa *ifaddr, host bool) netip.Addr {
	if host {
		return ifa.dst.addr()
	}
	a, _ := netip.AddrFromSlice(masked(ifa.addr.key(netbsd.AF_INET), ifa.maskBits()))
	return a
}

// inAddPrefix adds the route of an address's network, unless another address
// has it already (in_addprefix).
func (n *Net) inAddPrefix(ifa *ifaddr, flags int32) netbsd.Errno {
	p := inPrefix(ifa, flags&netbsd.RTF_HOST != 0)
	for _, o := range n.inAddrs {
		if inPrefix(o, rtinitFlags(o) != 0) == p && o.flags&ifaRoute != 0 {
			return 0
		}
	}
	switch errno := n.rtinit(ifa, netbsd.RTM_ADD, flags); errno {
	case 0:
		ifa.flags |= ifaRoute
		return 0
	case netbsd.EEXIST:
		return 0
	default:
		return errno
	}
}

// inScrubPrefix removes that route, or hands it to another address of the same
// network (in_scrubprefix).
func (n *Net) inScrubPrefix(ifa *ifaddr) {
	if ifa.flags&ifaRoute == 0 {
		return
	}
	p := inPrefix(ifa, rtinitFlags(ifa) != 0)
	for _, o := range n.inAddrs {
		if inPrefix(o, rtinitFlags(o) != 0) != p || o.flags&ifaRoute != 0 {
			continue
		}
		n.rtinit(ifa, netbsd.RTM_DELETE, rtinitFlags(ifa))
		ifa.flags &^= ifaRoute
		if n.rtinit(o, netbsd.RTM_ADD, rtinitFlags(o)|netbsd.RTF_UP) == 0 {
			o.flags |= ifaRoute
		}
		return
	}
	n.rtinit(ifa, netbsd.RTM_DELETE, rtinitFlags(ifa))
	ifa.flags &^= ifaRoute
}

// inPurge removes an IPv4 address (in_purgeaddr).
func (n *Net) inPurge(ifa *ifaddr) {
	ifa.dad.stop()
	n.inScrubPrefix(ifa)
	var other *ifaddr
	count := 0
	for _, o := range n.inAddrs {
		if o.addr.addr() == ifa.addr.addr() {
			count++
			if o.ifp != ifa.ifp {
				other = o
			}
		}
	}
	if count > 0 {
		if count == 1 {
			other = nil
		}
		n.removeLocal(ifa, other)
	}
	ifa.ifp.removeAddr(ifa)
	if i := slices.Index(n.inAddrs, ifa); i >= 0 {
		n.inAddrs = slices.Delete(n.inAddrs, i, i+1)
	}
}

// inLinkUp begins duplicate address detection for addresses that were detached
// (in_if_link_up).
func (n *Net) inLinkUp(ifp *Interface) {
	if ifp.link == netbsd.LINK_STATE_DOWN || !ifp.upRunning() {
		return
	}
	for _, ifa := range ifp.addrs {
		if ifa.family != netbsd.AF_INET {
			continue
		}
		if ifa.iff&netbsd.IN_IFF_DETACHED != 0 {
			ifa.iff &^= netbsd.IN_IFF_DETACHED
			if ifp.doDAD() && ifa.arpDAD {
				ifa.iff |= netbsd.IN_IFF_TENTATIVE
			} else if ifa.iff&netbsd.IN_IFF_TENTATIVE == 0 {
				n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
			}
		}
		if ifa.iff&netbsd.IN_IFF_TENTATIVE != 0 {
			ifa.iff &^= netbsd.IN_IFF_DUPLICATED
			n.arpDADStart(ifa)
		}
	}
}

// inLinkDown detaches all addresses (in_if_link_down).
func (n *Net) inLinkDown(ifp *Interface) {
	for _, ifa := range ifp.addrs {
		if ifa.family != netbsd.AF_INET {
			continue
		}
		ifa.dad.stop()
		if ifa.iff&netbsd.IN_IFF_DETACHED == 0 {
			ifa.iff |= netbsd.IN_IFF_DETACHED
			ifa.iff &^= netbsd.IN_IFF_TENTATIVE | netbsd.IN_IFF_DUPLICATED
			n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
		}
	}
}

// inReady reports whether an IPv4 address may be used: that it is neither
// tentative nor a duplicate nor on a link that is down.
func (ifa *ifaddr) inReady() bool {
	return ifa.iff&(netbsd.IN_IFF_NOTREADY|netbsd.IN_IFF_DETACHED) == 0
}

// in6Ready is the same for IPv6.
func (ifa *ifaddr) in6Ready() bool {
	return ifa.iff&(netbsd.IN6_IFF_NOTREADY|netbsd.IN6_IFF_DETACHED) == 0
}

// inLocal finds the address of ours which is a.
func (n *Net) inLocal(a netip.Addr) *ifaddr {
	for _, ifa := range n.inAddrs {
		if ifa.addr.addr() == a {
			return ifa
		}
	}
	return nil
}

// inBroadcast reports whether a is a broadcast address on the interface; nil is
// any interface.
func (n *Net) inBroadcast(a netip.Addr, ifp *Interface) bool {
	if a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || a.IsUnspecified() {
		return true
	}
	for _, ifa := range n.inAddrs {
		if !ifa.ifp.broadcast() || ifp != nil && ifa.ifp != ifp {
			continue
		}
		if ifa.dst.addr() == a {
			return true
		}
		if net := inPrefix(ifa, false); net == a && ifa.plen() < 31 && n.set.hostZeroBroadcast.Load() != 0 {
			return true
		}
	}
	return false
}
