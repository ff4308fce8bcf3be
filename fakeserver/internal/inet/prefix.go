package inet

import (
	"net/netip"
	"slices"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// ndInfo is what neighbour discovery keeps for an interface: struct nd_ifinfo.
type ndInfo struct{ netbsd.NdIfinfo }

func (nd *ndInfo) init(ifp *Interface) {
	nd.Chlim = 64
	nd.Basereachable = 30000
	nd.Reachable = reachable(ifp.n, nd.Basereachable)
	nd.Retrans = 1000
	nd.Flags = netbsd.ND6_IFF_PERFORMNUD | netbsd.ND6_IFF_ACCEPT_RTADV
	if ifp.n.set.ip6AutoLinkLocal.Load() != 0 && ifp.typ != netbsd.IFT_BRIDGE || ifp.loopback() {
		nd.Flags |= netbsd.ND6_IFF_AUTO_LINKLOCAL
	}
	nd.Initialized = 1
	nd.Maxmtu = uint32(ifp.mtu)
}

// reachable is a random time in seconds around base milliseconds (ND_COMPUTE_RTIME).
func reachable(n *Net, base uint32) uint32 {
	const least, most = 512, 1536 // of 1024
	base >>= 10
	return (least*base + n.rand.Uint32()&((most-least)*base)) / 1000
}

func (n *Net) nd6SetMTU(ifp *Interface) { ifp.nd.Maxmtu = uint32(ifp.mtu) }

// An ndPrefix is a prefix which is known on a link: struct nd_prefix.
type ndPrefix struct {
	ifp            *Interface
	prefix         netip.Addr // with an embedded scope
	plen           int
	onlink, auto   bool // what was said of it
	vltime, pltime uint32
	updated        int64
	routed         bool // it has a route (NDPRF_ONLINK)
	detached       bool
	refs           int // addresses
	routers        []*defaultRouter
}

// A defaultRouter is a router that announces itself: struct nd_defrouter.
type defaultRouter struct {
	ifp       *Interface
	addr      netip.Addr // with an embedded scope
	flags     uint8
	lifetime  uint16
	expire    int64
	installed bool
}

func (pr *ndPrefix) expire() int64 {
	if pr.vltime == netbsd.ND6_INFINITE_LIFETIME {
		return 0
	}
	return pr.updated + int64(pr.vltime)
}

// prefixOf finds the prefix of an address on an interface.
func (n *Net) prefixOf(ifp *Interface, a netip.Addr, plen int) *ndPrefix {
	p := prefixAddr(a, plen)
	for _, pr := range n.in6.prefixes {
		if pr.ifp == ifp && pr.plen == plen && pr.prefix == p {
			return pr
		}
	}
	return nil
}

// prefixAdd adds a prefix and its route (nd6_prelist_add).
func (n *Net) prefixAdd(pr *ndPrefix) {
	pr.updated = n.uptime()
	n.in6.prefixes = slices.Insert(n.in6.prefixes, 0, pr)
	if pr.onlink {
		n.prefixOnlink(pr)
	}
	n.armLifetimes()
}

// prefixOnlink adds the route of a prefix, unless it has one on another
// interface (nd6_prefix_onlink).
func (n *Net) prefixOnlink(pr *ndPrefix) {
	for _, o := range n.in6.prefixes {
		if o != pr && o.routed && o.plen == pr.plen && o.prefix == pr.prefix {
			return
		}
	}
	ifa := pr.ifp.linkLocal(netbsd.IN6_IFF_NOTREADY | netbsd.IN6_IFF_ANYCAST)
	if ifa == nil {
		ifa = pr.ifp.firstAddr(netbsd.AF_INET6)
	}
	if ifa == nil {
		return
	}
	info := &routeInfo{flags: ifa.flags | netbsd.RTF_UP}
	neighbours := pr.ifp.keepsNeighbours()
	if neighbours {
		info.flags |= netbsd.RTF_CONNECTED
	} else {
		info.flags &^= netbsd.RTF_CONNECTED
	}
	info.addrs[netbsd.RTAX_DST] = sin6(pr.prefix)
	info.addrs[netbsd.RTAX_GATEWAY] = ifa.addr
	info.addrs[netbsd.RTAX_NETMASK] = mask6(pr.plen)
	if rt, errno := n.rtrequest(netbsd.RTM_ADD, info); errno == 0 {
		if neighbours && rt.gateway.family() != netbsd.AF_LINK {
			rt.gateway = pr.ifp.linkGateway()
		}
		n.routeMsg(netbsd.RTM_ADD, rt)
		pr.routed = true
	}
}

// keepsNeighbours reports whether IPv6 has entries for neighbours on an interface, even
// if they have no hardware addresses (nd6_need_cache).
func (ifp *Interface) keepsNeighbours() bool {
	switch ifp.typ {
	case netbsd.IFT_GIF, netbsd.IFT_PPP, netbsd.IFT_CARP:
		return true
	}
	return ifp.ether()
}

// prefixOffline removes the route of a prefix; another interface with the same
// prefix gets it (nd6_prefix_offlink).
func (n *Net) prefixOffline(pr *ndPrefix) {
	if !pr.routed {
		return
	}
	info := &routeInfo{}
	info.addrs[netbsd.RTAX_DST] = sin6(pr.prefix)
	info.addrs[netbsd.RTAX_NETMASK] = mask6(pr.plen)
	rt, errno := n.rtrequest(netbsd.RTM_DELETE, info)
	pr.routed = false
	if errno != 0 {
		return
	}
	n.routeMsg(netbsd.RTM_DELETE, rt)
	for _, o := range n.in6.prefixes {
		if o != pr && !o.routed && !o.detached && o.plen == pr.plen && o.prefix == pr.prefix {
			n.prefixOnlink(o)
		}
	}
}

// prefixRemove forgets a prefix once no address needs it (prelist_remove).
func (n *Net) prefixRemove(pr *ndPrefix) {
	pr.vltime, pr.pltime = 0, 0
	n.prefixOffline(pr)
	if pr.refs > 0 {
		return
	}
	if i := slices.Index(n.in6.prefixes, pr); i >= 0 {
		n.in6.prefixes = slices.Delete(n.in6.prefixes, i, i+1)
	}
	n.prefixesOnlink()
}

// prefixesOnlink gives routes to prefixes that have none: something else may have been
// in the way before (pfxlist_onlink_check).
func (n *Net) prefixesOnlink() {
	for _, pr := range n.in6.prefixes {
		if pr.onlink && !pr.routed && !pr.detached && !pr.prefix.IsLinkLocalUnicast() {
			n.prefixOnlink(pr)
		}
	}
}

// prefixRoutes is how many prefixes have a route.
func (n *Net) prefixRoutes() []byte {
	n.lock()
	defer n.unlock()
	count := 0
	for _, pr := range n.in6.prefixes {
		if pr.routed {
			count++
		}
	}
	return intValue(count)
}

// armLifetimes sets a timer for the next lifetime that ends.
func (n *Net) armLifetimes() {
	var next int64
	at := func(t int64) {
		if t != 0 && (next == 0 || t < next) {
			next = t
		}
	}
	now := n.uptime()
	for _, ifa := range n.in6.addrs {
		if ifa.iff&netbsd.IN6_IFF_DEPRECATED == 0 && ifa.life.Preferred > now {
			at(ifa.life.Preferred)
		}
		at(ifa.life.Expire)
	}
	for _, pr := range n.in6.prefixes {
		at(pr.expire())
	}
	for _, r := range n.in6.routers {
		at(r.expire)
	}
	n.in6.life.stop()
	if next != 0 {
		n.in6.life.set(n, max(seconds(next-now+1), time.Second), n.checkLifetimes)
	}
}

// checkLifetimes ends what has outlived itself (nd6_timer).
func (n *Net) checkLifetimes() {
	now := n.uptime()
	for _, r := range slices.Clone(n.in6.routers) {
		if r.expire != 0 && r.expire < now {
			n.routerRemove(r)
		}
	}
	for _, ifa := range slices.Clone(n.in6.addrs) {
		switch {
		case ifa.life.Vltime != netbsd.ND6_INFINITE_LIFETIME && ifa.life.Expire < now:
			pr := ifa.prefix
			n.in6Purge(ifa)
			if pr != nil && pr.refs == 0 {
				n.prefixRemove(pr)
			}
		case ifa.life.Pltime != netbsd.ND6_INFINITE_LIFETIME && ifa.life.Preferred < now:
			if ifa.iff&netbsd.IN6_IFF_DEPRECATED == 0 {
				ifa.iff |= netbsd.IN6_IFF_DEPRECATED
				n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
			}
		default:
			if ifa.iff&netbsd.IN6_IFF_DEPRECATED != 0 {
				ifa.iff &^= netbsd.IN6_IFF_DEPRECATED
				n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
			}
		}
	}
	for _, pr := range slices.Clone(n.in6.prefixes) {
		if e := pr.expire(); e != 0 && e < now {
			n.prefixRemove(pr)
		}
	}
	n.armLifetimes()
}

// routerUpdate notes what a router says of itself (defrtrlist_update).
func (n *Net) routerUpdate(r defaultRouter) *defaultRouter {
	for _, o := range n.in6.routers {
		if o.ifp == r.ifp && o.addr == r.addr {
			if r.lifetime == 0 {
				n.routerRemove(o)
				return nil
			}
			o.flags, o.lifetime, o.expire = r.flags, r.lifetime, r.expire
			return o
		}
	}
	if r.lifetime == 0 {
		return nil
	}
	p := &r
	n.in6.routers = append(n.in6.routers, p)
	n.routerSelect()
	return p
}

func (n *Net) routerRemove(r *defaultRouter) {
	i := slices.Index(n.in6.routers, r)
	if i < 0 {
		return
	}
	if r.installed {
		n.routerRoute(r, netbsd.RTM_DELETE)
	}
	n.in6.routers = slices.Delete(n.in6.routers, i, i+1)
	for _, pr := range n.in6.prefixes {
		pr.routers = slices.DeleteFunc(pr.routers, func(o *defaultRouter) bool { return o == r })
	}
	n.routerSelect()
}

// routerSelect makes one of the routers the default route (defrouter_select).
func (n *Net) routerSelect() {
	if n.set.ip6Forwarding.Load() != 0 || len(n.in6.routers) == 0 {
		return
	}
	var installed, selected *defaultRouter
	for _, r := range n.in6.routers {
		if r.installed && installed == nil {
			installed = r
		}
		if e := r.ifp.neigh.find(r.addr); selected == nil && e != nil && e.state > netbsd.ND6_LLINFO_INCOMPLETE {
			selected = r
		}
	}
	switch {
	case installed != nil && installed.probablyReachable():
		selected = installed
	case selected == nil:
		selected = n.in6.routers[0]
	}
	if installed == selected {
		return
	}
	if installed != nil {
		n.routerRoute(installed, netbsd.RTM_DELETE)
	}
	n.routerRoute(selected, netbsd.RTM_ADD)
}

func (r *defaultRouter) probablyReachable() bool {
	e := r.ifp.neigh.find(r.addr)
	return e != nil && e.state > netbsd.ND6_LLINFO_INCOMPLETE
}

// routerRoute adds or deletes the default route by a router.
func (n *Net) routerRoute(r *defaultRouter, cmd int) {
	info := &routeInfo{flags: netbsd.RTF_GATEWAY}
	info.addrs[netbsd.RTAX_DST] = sin6(netip.IPv6Unspecified())
	info.addrs[netbsd.RTAX_GATEWAY] = sin6(r.addr)
	info.addrs[netbsd.RTAX_NETMASK] = mask6(0)
	rt, errno := n.rtrequest(cmd, info)
	if errno == 0 {
		n.routeMsg(cmd, rt)
	}
	r.installed = cmd == netbsd.RTM_ADD && errno == 0
}
