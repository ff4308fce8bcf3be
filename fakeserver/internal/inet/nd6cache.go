package inet

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

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
