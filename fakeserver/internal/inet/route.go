package inet

import (
	"bytes"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A route is an entry of the routing table: struct rtentry.
type route struct {
	key     sockaddr
	gateway sockaddr
	mask    sockaddr // nil for a host
	tag     sockaddr
	flags   int32
	ifa     *ifaddr
	ifp     *Interface
	rmx     netbsd.RtMetrics // Expire is an uptime
	use     int32
	expiry  timer // of what the kernel has learned of the way

	keyBits, maskBits []byte
}

// A routeInfo is what a change of the table is about: struct rt_addrinfo.
type routeInfo struct {
	addrs [netbsd.RTAX_MAX]sockaddr
	flags int32
	ifa   *ifaddr
	ifp   *Interface
}

// A table has the routes of one family, in the order in which the kernel walks
// through them: by key, and of equal keys those of longer masks first.
type table struct {
	family uint8
	routes []*route
}

func newTable(family uint8) *table { return &table{family: family} }

// weight orders the masks of one key.
func (rt *route) weight() int {
	if rt.mask == nil {
		return 8*len(rt.keyBits) + 1
	}
	return prefixLen(rt.maskBits)
}

func compareRoutes(a, b *route) int {
	if c := bytes.Compare(a.keyBits, b.keyBits); c != 0 {
		return c
	}
	if c := b.weight() - a.weight(); c != 0 {
		return c
	}
	return bytes.Compare(b.maskBits, a.maskBits)
}

// insert adds a route unless there is one of the same key and mask.
func (t *table) insert(rt *route) bool {
	i, found := slices.BinarySearchFunc(t.routes, rt, compareRoutes)
	if found {
		return false
	}
	t.routes = slices.Insert(t.routes, i, rt)
	return true
}

func (t *table) remove(rt *route) {
	if i := slices.Index(t.routes, rt); i >= 0 {
		t.routes = slices.Delete(t.routes, i, i+1)
	}
}

// match finds the route for an address: that with the longest mask.
func (t *table) match(key []byte) *route {
	var best *route
	for _, rt := range t.routes {
		if (best == nil || rt.weight() > best.weight()) && rt.matches(key) {
			best = rt
		}
	}
	return best
}

func (rt *route) matches(key []byte) bool {
	if rt.mask == nil {
		return bytes.Equal(rt.keyBits, key)
	}
	for i, m := range rt.maskBits {
		if (rt.keyBits[i]^key[i])&m != 0 {
			return false
		}
	}
	return true
}

// lookup is match or, with a mask, the route of exactly that mask whose key is
// that of the best match (rn_lookup).
func (t *table) lookup(key []byte, mask sockaddr) *route {
	best := t.match(key)
	if best == nil || mask == nil {
		return best
	}
	for _, rt := range t.routes[slices.Index(t.routes, best):] {
		if !bytes.Equal(rt.keyBits, best.keyBits) {
			break
		}
		if rt.mask != nil && bytes.Equal(rt.mask, mask) {
			return rt
		}
	}
	return nil
}

// first finds the route of a key and a mask. Without a mask it is whichever of the
// key comes first (rn_delete).
func (t *table) first(key []byte, mask sockaddr) *route {
	if mask == nil && allZero(key) {
		return nil // the tree's own
	}
	for _, rt := range t.routes {
		if bytes.Equal(rt.keyBits, key) && (mask == nil || rt.mask != nil && bytes.Equal(mask, rt.mask)) {
			return rt
		}
	}
	return nil
}

// removeInterface drops all routes through an interface or its addresses, which nobody
// is told of.
func (t *table) removeInterface(n *Net, ifp *Interface) {
	for _, rt := range slices.Clone(t.routes) {
		if rt.ifp == ifp || rt.ifa != nil && rt.ifa.ifp == ifp {
			info := routeInfo{flags: rt.flags}
			info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_NETMASK] = rt.key, rt.mask
			n.rtrequest(netbsd.RTM_DELETE, &info)
		}
	}
}

// alloc finds the route for an address (rtalloc1). If there is none and report
// is set, routing sockets are told.
func (n *Net) alloc(dst sockaddr, report bool) *route {
	var rt *route
	if t := n.tables[dst.family()]; t != nil {
		rt = t.match(dst.key(t.family))
	}
	if rt == nil {
		n.stats.rt.unreach++
	}
	if rt == nil && report {
		var info routeInfo
		info.addrs[netbsd.RTAX_DST] = dst
		n.missMsg(netbsd.RTM_MISS, &info, 0, 0)
	}
	return rt
}

// normalMask brings a mask that came from outside into the table's form.
func normalMask(family uint8, mask sockaddr) sockaddr {
	if mask == nil {
		return nil
	}
	return routeMask(family, mask.key(family))
}

// maskedKey is dst with the bits that a mask leaves, in the form of a full address.
func maskedKey(family uint8, dst, mask sockaddr) sockaddr {
	out := dst.clone()
	off, bits := addrOffset(family), mask.key(family)
	for i := off; i < len(out); i++ {
		if i-off < len(bits) {
			out[i] &= bits[i-off]
		}
	}
	// Ports and the like do not belong into a key.
	for i := 2; i < min(off, len(out)); i++ {
		out[i] = 0
	}
	return out
}

// rtrequest changes the table or finds a route in it (rtrequest1). cmd is
// RTM_ADD, RTM_DELETE or RTM_GET.
func (n *Net) rtrequest(cmd int, info *routeInfo) (*route, netbsd.Errno) {
	dst := info.addrs[netbsd.RTAX_DST]
	t := n.tables[dst.family()]
	if t == nil {
		return nil, netbsd.ESRCH
	}
	mask := normalMask(t.family, info.addrs[netbsd.RTAX_NETMASK])
	if info.flags&netbsd.RTF_HOST != 0 {
		mask = nil
	}
	if mask != nil {
		dst = maskedKey(t.family, dst, mask)
	}
	switch cmd {
	case netbsd.RTM_DELETE:
		if t.lookup(dst.key(t.family), mask) == nil {
			return nil, netbsd.ESRCH
		}
		rt := t.first(dst.key(t.family), mask)
		if rt == nil {
			return nil, netbsd.ESRCH
		}
		t.remove(rt)
		rt.expiry.stop()
		rt.flags &^= netbsd.RTF_UP
		if ifa := rt.ifa; ifa != nil {
			if ifa.flags&ifaRoute != 0 && ifa.connects(rt) {
				ifa.flags &^= ifaRoute
			}
			if ifa.rtrequest != nil {
				ifa.rtrequest(netbsd.RTM_DELETE, rt, info)
			}
		}
		return rt, 0
	case netbsd.RTM_ADD:
		if info.ifa == nil {
			if errno := n.routeIfa(info); errno != 0 {
				return nil, errno
			}
		}
		ifa := info.ifa
		rt := &route{key: dst, mask: mask, flags: netbsd.RTF_UP | info.flags, ifa: ifa, tag: info.addrs[netbsd.RTAX_TAG]}
		rt.keyBits = dst.key(t.family)
		if mask != nil {
			rt.maskBits = mask.key(t.family)
		}
		n.setGate(rt, info.addrs[netbsd.RTAX_GATEWAY])
		rt.ifp = ifa.ifp
		if a := info.addrs[netbsd.RTAX_IFP]; a != nil {
			if ifa2 := n.ifaWithNet(a); ifa2 != nil {
				rt.ifp = ifa2.ifp
			}
		}
		// The tree has a node of zeros of its own.
		if mask == nil && allZero(rt.keyBits) || !t.insert(rt) {
			return nil, netbsd.EEXIST
		}
		if ifa.rtrequest != nil {
			ifa.rtrequest(cmd, rt, info)
		}
		return rt, 0
	case netbsd.RTM_GET:
		if rt := t.lookup(dst.key(t.family), mask); rt != nil {
			return rt, 0
		}
		return nil, netbsd.ESRCH
	}
	return nil, netbsd.EOPNOTSUPP
}

func allZero(b []byte) bool {
	return !slices.ContainsFunc(b, func(x byte) bool { return x != 0 })
}

// connects reports whether rt is the route of the address's own prefix
// (rt_ifa_connected).
func (ifa *ifaddr) connects(rt *route) bool {
	if rt.flags&netbsd.RTF_HOST != 0 {
		return ifa.dst != nil && ifa.dst.equal(rt.key)
	}
	a := ifa.addr
	if ifa.mask != nil {
		a = maskedKey(ifa.family, a, ifa.mask)
	}
	return a.equal(rt.key)
}

// replaceIfa gives a route another address of ours. The one that it had for the route
// of its prefix has that no longer (rt_replace_ifa).
func (rt *route) replaceIfa(ifa *ifaddr) {
	if old := rt.ifa; old != nil && old != ifa && old.flags&ifaRoute != 0 && old.connects(rt) {
		old.flags &^= ifaRoute
		if ifa.connects(rt) {
			ifa.flags |= ifaRoute
		}
	}
	rt.ifa = ifa
}

// setGate sets a route's gateway (rt_setgate).
func (n *Net) setGate(rt *route, gate sockaddr) {
	rt.gateway = gate.clone()
	if rt.flags&netbsd.RTF_GATEWAY != 0 {
		if gw := n.alloc(gate, true); gw != nil && rt.rmx.Locks&netbsd.RTV_MTU == 0 && rt.rmx.Mtu > gw.rmx.Mtu {
			rt.rmx.Mtu = gw.rmx.Mtu
		}
	}
}

// ifaWithRoute finds the address of ours through which a gateway is reached.
func (n *Net) ifaWithRoute(flags int32, dst, gateway sockaddr) *ifaddr {
	var ifa *ifaddr
	if flags&netbsd.RTF_GATEWAY == 0 {
		if flags&netbsd.RTF_HOST != 0 && gateway.family() != netbsd.AF_LINK {
			ifa = n.ifaWithDst(dst)
		}
		if ifa == nil {
			ifa = n.ifaWithAddr(gateway)
		}
	} else {
		ifa = n.ifaWithDst(gateway)
	}
	if ifa == nil {
		ifa = n.ifaWithNet(gateway)
	}
	if ifa == nil {
		rt := n.alloc(dst, false)
		if rt == nil || rt.ifa == nil {
			return nil
		}
		ifa = rt.ifa
	}
	if ifa.family != dst.family() {
		if other := ifa.ifp.ifaFor(dst); other != nil {
			ifa = other
		}
	}
	return ifa
}

// routeIfa completes a request with the address and interface of the route
// (rt_getifa).
func (n *Net) routeIfa(info *routeInfo) netbsd.Errno {
	dst, gateway := info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_GATEWAY]
	ifaAddr, ifpAddr := info.addrs[netbsd.RTAX_IFA], info.addrs[netbsd.RTAX_IFP]
	if info.ifp == nil && ifpAddr != nil && ifpAddr.family() == netbsd.AF_LINK {
		if ifa := n.ifaWithNet(ifpAddr); ifa != nil {
			info.ifp = ifa.ifp
		}
	}
	if info.ifa == nil && ifaAddr != nil {
		info.ifa = n.ifaWithAddr(ifaAddr)
	}
	if info.ifa == nil {
		a := ifaAddr
		if a == nil {
			a = gateway
		}
		if a == nil {
			a = dst
		}
		switch {
		case a != nil && info.ifp != nil:
			info.ifa = info.ifp.ifaFor(a)
		case dst != nil && gateway != nil:
			info.ifa = n.ifaWithRoute(info.flags, dst, gateway)
		case a != nil:
			info.ifa = n.ifaWithRoute(info.flags, a, a)
		}
	}
	if info.ifa == nil {
		return netbsd.ENETUNREACH
	}
	if info.ifp == nil {
		info.ifp = info.ifa.ifp
	}
	return 0
}

// rtinit adds, deletes or refreshes the route of an address's own prefix.
func (n *Net) rtinit(ifa *ifaddr, cmd int, flags int32) netbsd.Errno {
	dst := ifa.addr
	if flags&netbsd.RTF_HOST != 0 {
		dst = ifa.dst
	}
	if addrSize(dst.family()) == 0 {
		return netbsd.ESRCH
	}
	if cmd == netbsd.RTM_DELETE {
		if flags&netbsd.RTF_HOST == 0 && ifa.mask != nil {
			dst = maskedKey(ifa.family, dst, ifa.mask)
		}
		if rt := n.alloc(dst, false); rt != nil && rt.ifa != ifa {
			if flags&netbsd.RTF_HOST != 0 {
				return netbsd.EHOSTUNREACH
			}
			return netbsd.ENETUNREACH
		}
	}
	info := &routeInfo{ifa: ifa, flags: flags | ifa.flags}
	info.addrs[netbsd.RTAX_DST] = dst
	info.addrs[netbsd.RTAX_GATEWAY] = ifa.addr
	req := cmd
	if cmd == netbsd.RTM_LLINFO_UPD {
		req = netbsd.RTM_GET
	} else {
		info.addrs[netbsd.RTAX_NETMASK] = ifa.mask
	}
	rt, errno := n.rtrequest(req, info)
	if errno != 0 {
		return errno
	}
	switch cmd {
	case netbsd.RTM_LLINFO_UPD:
		if ifa.rtrequest != nil {
			ifa.rtrequest(netbsd.RTM_LLINFO_UPD, rt, info)
		}
		cmd = netbsd.RTM_CHANGE
	case netbsd.RTM_ADD:
		if rt.ifa != ifa {
			if rt.ifa != nil && rt.ifa.rtrequest != nil {
				rt.ifa.rtrequest(netbsd.RTM_DELETE, rt, info)
			}
			rt.replaceIfa(ifa)
			rt.ifp = ifa.ifp
			if ifa.rtrequest != nil {
				ifa.rtrequest(netbsd.RTM_ADD, rt, info)
			}
		}
	}
	n.routeMsg(cmd, rt)
	return 0
}

// deleteMsg deletes a route and says so (rtdeletemsg).
func (n *Net) deleteMsg(rt *route) netbsd.Errno {
	var info routeInfo
	info.addrs[netbsd.RTAX_DST] = rt.key
	info.addrs[netbsd.RTAX_NETMASK] = rt.mask
	info.addrs[netbsd.RTAX_GATEWAY] = rt.gateway
	info.flags = rt.flags
	_, errno := n.rtrequest(netbsd.RTM_DELETE, &info)
	n.missMsg(netbsd.RTM_DELETE, &info, info.flags, errno)
	return errno
}

// addLocal adds the host route of an address of ours, and announces the address
// (rt_ifa_addlocal).
func (n *Net) addLocal(ifa *ifaddr) netbsd.Errno {
	rt := n.alloc(ifa.addr, false)
	if rt != nil && rt.flags&netbsd.RTF_HOST != 0 && rt.ifp.loopback() {
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
		return 0
	}
	info := &routeInfo{flags: netbsd.RTF_HOST | netbsd.RTF_LOCAL, ifa: ifa}
	if !ifa.ifp.loopback() && !ifa.ifp.pointopoint() {
		info.flags |= netbsd.RTF_LLDATA
	}
	info.addrs[netbsd.RTAX_DST] = ifa.addr
	info.addrs[netbsd.RTAX_GATEWAY] = ifa.ifp.dl.addr
	rt, errno := n.rtrequest(netbsd.RTM_ADD, info)
	if rt != nil {
		rt.replaceIfa(ifa)
	}
	n.addrMsg(netbsd.RTM_ADD, ifa, errno, rt)
	return errno
}

// removeLocal removes it; other is an equal address of another interface, to
// which the route then belongs (rt_ifa_remlocal).
func (n *Net) removeLocal(ifa, other *ifaddr) {
	rt := n.alloc(ifa.addr, false)
	switch {
	case rt == nil || rt.flags&netbsd.RTF_HOST == 0 || !rt.ifp.loopback():
		n.addrMsg(netbsd.RTM_DELADDR, ifa, 0, nil)
	case other == nil:
		n.deleteMsg(rt)
		n.addrMsg(netbsd.RTM_DELADDR, ifa, 0, nil)
	default:
		rt.replaceIfa(other)
		n.routeMsg(netbsd.RTM_CHANGE, rt)
	}
}

// linkRtrequest gives a route to an interface the address there that suits it
// (link_rtrequest).
func linkRtrequest(cmd int, rt *route, info *routeInfo) {
	if cmd != netbsd.RTM_ADD || rt.ifa == nil {
		return
	}
	ifa := rt.ifa.ifp.ifaFor(rt.key)
	if ifa == nil {
		return
	}
	rt.replaceIfa(ifa)
	if ifa.family != netbsd.AF_LINK && ifa.rtrequest != nil {
		ifa.rtrequest(cmd, rt, info)
	}
}

// rejects says what sending through the route fails with, if it does
// (rt_check_reject_route, looutput). drop is set for a black hole.
func (n *Net) rejects(rt *route) (errno netbsd.Errno, drop bool) {
	if rt.flags&netbsd.RTF_BLACKHOLE != 0 && rt.ifp.loopback() {
		return 0, true
	}
	if rt.flags&netbsd.RTF_REJECT == 0 {
		return 0, false
	}
	switch {
	case rt.ifp.loopback() && rt.flags&netbsd.RTF_HOST == 0:
		return netbsd.ENETUNREACH, false
	case rt.ifp.loopback():
		return netbsd.EHOSTUNREACH, false
	case rt.rmx.Expire != 0 && n.uptime() >= rt.rmx.Expire:
		return 0, false
	case rt.flags&netbsd.RTF_GATEWAY != 0:
		return netbsd.EHOSTUNREACH, false
	}
	return netbsd.EHOSTDOWN, false
}
