package inet

import (
	"bytes"
	"crypto/md5"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// in6State is what IPv6 keeps for the whole kernel.
type in6State struct {
	addrs    []*ifaddr   // of all interfaces, oldest first
	prefixes []*ndPrefix // newest first
	routers  []*defaultRouter
	defIf    int // interface for destinations with no route
	life     timer
}

var (
	in6Loopback     = netip.MustParseAddr("::1")
	in6AllNodes     = netip.MustParseAddr("ff02::1")
	in6NodeAllNodes = netip.MustParseAddr("ff01::1")
)

// sin6 makes a struct sockaddr_in6 of an address with an embedded scope.
func sin6(a netip.Addr) sockaddr { return sin(a) }

// mask6 is the netmask of n ones as an address of an interface has it. The
// kernel's own masks (of ::1 and fe80::) have a family.
func mask6(n int) sockaddr {
	return netbsd.SockaddrIn6{Addr: [16]byte(prefixMask(n, 16))}.Append(nil)
}

// in6Find returns the interface's address a, which has an embedded scope.
func (ifp *Interface) in6Find(a netip.Addr) *ifaddr {
	for _, ifa := range ifp.addrs {
		if ifa.family == netbsd.AF_INET6 && ifa.addr.addr() == a {
			return ifa
		}
	}
	return nil
}

// linkLocal returns the interface's first link-local address that has none of
// the given flags, or nil.
func (ifp *Interface) linkLocal(without int32) *ifaddr {
	for _, ifa := range ifp.addrs {
		if ifa.family == netbsd.AF_INET6 && ifa.addr.addr().IsLinkLocalUnicast() && ifa.iff&without == 0 {
			return ifa
		}
	}
	return nil
}

// defaultZone is the interface on which scoped addresses are taken to be that do
// not say where they are, or 0.
func (n *Net) defaultZone() int {
	if n.set.ip6DefaultZone.Load() == 0 {
		return 0
	}
	return n.in6.defIf
}

// in6Local finds the address of ours which is a.
func (n *Net) in6Local(a netip.Addr) *ifaddr {
	for _, ifa := range n.in6.addrs {
		if ifa.addr.addr() == a {
			return ifa
		}
	}
	return nil
}

// in6Request is what in6Update is to do: struct in6_aliasreq.
type in6Request struct {
	addr  netip.Addr // with an embedded scope
	dst   sockaddr
	mask  sockaddr
	plen  int
	flags int32
	life  netbsd.In6Addrlifetime
	delay bool // put the first packet off, for a while (IN6_IFAUPDATE_DADDELAY)
}

var infinite = netbsd.In6Addrlifetime{Vltime: netbsd.ND6_INFINITE_LIFETIME, Pltime: netbsd.ND6_INFINITE_LIFETIME}

// in6Update adds an IPv6 address or changes the one there is (in6_update_ifa).
// What is to be checked of the request has been.
func (n *Net) in6Update(ifp *Interface, r in6Request, ifa *ifaddr) netbsd.Errno {
	isNew := ifa == nil
	if isNew {
		ifa = &ifaddr{ifp: ifp, family: netbsd.AF_INET6}
	}
	now := n.uptime()
	ifa.updated = now
	if r.mask != nil {
		if ifa.mask != nil && ifa.plen() != r.plen {
			return netbsd.EINVAL
		}
		ifa.mask = r.mask
	}
	if r.dst != nil && !r.dst.equal(ifa.dst) {
		if ifa.flags&ifaRoute != 0 {
			n.rtinit(ifa, netbsd.RTM_DELETE, netbsd.RTF_HOST)
		}
		ifa.flags &^= ifaRoute
		ifa.dst = r.dst
	} else if isNew && (ifp.pointopoint() || ifp.loopback()) && ifa.dst == nil {
		ifa.dst = make(sockaddr, 0)
	}
	ifa.life = r.life
	ifa.life.Expire, ifa.life.Preferred = 0, 0
	if ifa.life.Vltime != netbsd.ND6_INFINITE_LIFETIME {
		ifa.life.Expire = now + int64(ifa.life.Vltime)
	}
	if ifa.life.Pltime != netbsd.ND6_INFINITE_LIFETIME {
		ifa.life.Preferred = now + int64(ifa.life.Pltime)
	}
	wasTentative := ifa.iff&(netbsd.IN6_IFF_TENTATIVE|netbsd.IN6_IFF_DUPLICATED) != 0
	ifa.iff = r.flags &^ netbsd.IN6_IFF_DUPLICATED
	if ifp.link == netbsd.LINK_STATE_DOWN {
		ifa.iff |= netbsd.IN6_IFF_DETACHED
		ifa.iff &^= netbsd.IN6_IFF_TENTATIVE
	} else if (isNew || wasTentative) && ifp.doDAD() {
		ifa.iff |= netbsd.IN6_IFF_TENTATIVE
	}
	if r.flags&netbsd.IN6_IFF_DEPRECATED != 0 {
		ifa.life.Pltime = 0
		ifa.life.Preferred = now
	}
	n.armLifetimes()
	if errno := n.in6Init(ifa, r, isNew); errno != 0 || !isNew {
		return errno
	}
	n.in6.addrs = append(n.in6.addrs, ifa)
	ifp.addrs = append(ifp.addrs, ifa)
	if ifp.flags&netbsd.IFF_MULTICAST != 0 {
		n.in6Memberships(ifa)
	}
	if ifp.keepsNeighbours() {
		ifa.flags = netbsd.RTF_CONNECTED
		e := ifp.neigh.create(r.addr)
		e.ifaddr, e.mac, e.expire, e.state = true, ifp.mac, 0, netbsd.ND6_LLINFO_REACHABLE
		e.timer.stop()
	}
	if ifp.doDAD() && r.flags&netbsd.IN6_IFF_NODAD == 0 && ifa.iff&netbsd.IN6_IFF_TENTATIVE != 0 {
		var delay time.Duration
		if r.delay {
			delay = n.randDuration(time.Second)
		}
		n.nd6DADStart(ifa, delay)
	}
	return 0
}

// in6Init puts an address into use (in6_ifinit).
func (n *Net) in6Init(ifa *ifaddr, r in6Request, isNew bool) netbsd.Errno {
	ifp := ifa.ifp
	first := ifp.firstAddr(netbsd.AF_INET6) == nil
	ifa.addr = sin6(r.addr)
	if first {
		if errno := n.initAddr(ifa); errno != 0 {
			return errno
		}
	}
	ifa.metric = int32(ifp.metric)
	if ifa.plen() == 128 && ifa.dst.family() == netbsd.AF_INET6 {
		if errno := n.rtinit(ifa, netbsd.RTM_ADD, netbsd.RTF_UP|netbsd.RTF_HOST); errno != 0 {
			return errno
		}
		ifa.flags |= ifaRoute
	}
	if !isNew {
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
		return 0
	}
	switch {
	case ifp.pointopoint():
		ifa.rtrequest = n.p2pRtrequest
	case !ifp.loopback():
		ifa.rtrequest = n.nd6Rtrequest
	}
	if r.addr.IsUnspecified() || ifp.pointopoint() && ifa.dst.addr() == r.addr {
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
	} else {
		n.addLocal(ifa)
	}
	return 0
}

// solicitedNode is the group of those whose address ends as a does.
func solicitedNode(a netip.Addr) netip.Addr {
	b := a.As16()
	g := [16]byte{0: 0xff, 1: 0x02, 11: 1, 12: 0xff}
	copy(g[13:], b[13:])
	return netip.AddrFrom16(g)
}

// nodeInfoGroup is the group in which a host of the given name is asked about
// itself (in6_nigroup).
func nodeInfoGroup(hostname string) (netip.Addr, bool) {
	label, _, _ := strings.Cut(hostname, ".")
	if label == "" || len(label) > 63 {
		return netip.Addr{}, false
	}
	label = strings.ToLower(label)
	h := md5.Sum(append([]byte{byte(len(label))}, label...))
	g := [16]byte{0: 0xff, 1: 0x02, 11: 2}
	copy(g[12:], h[:4])
	return netip.AddrFrom16(g), true
}

// in6Memberships joins the groups that an address needs, and adds the routes of
// multicast on the interface.
func (n *Net) in6Memberships(ifa *ifaddr) {
	ifp := ifa.ifp
	join := func(a netip.Addr) {
		k := multiKey{embed(a, ifp.index)}
		ifp.multi[k]++
		ifa.groups = append(ifa.groups, k)
	}
	join(solicitedNode(ifa.addr.addr()))
	n.multicastRoute(ifa, embed(in6AllNodes, ifp.index))
	join(in6AllNodes)
	if g, ok := nodeInfoGroup(n.cfg.Hostname()); ok {
		join(g)
	}
	n.multicastRoute(ifa, embed(in6NodeAllNodes, ifp.index))
	join(in6NodeAllNodes)
}

func (n *Net) multicastRoute(ifa *ifaddr, group netip.Addr) {
	if rt := n.alloc(sin6(group), false); rt != nil && bytes.Equal(rt.keyBits[:4], group.AsSlice()[:4]) {
		if rt.ifp != ifa.ifp {
			rt.replaceIfa(ifa)
			rt.ifp = ifa.ifp
		}
		return
	}
	info := &routeInfo{flags: netbsd.RTF_UP | netbsd.RTF_CONNECTED}
	info.addrs[netbsd.RTAX_DST] = sin6(group)
	info.addrs[netbsd.RTAX_GATEWAY] = ifa.addr
	info.addrs[netbsd.RTAX_NETMASK] = mask6(32)
	info.addrs[netbsd.RTAX_IFA] = ifa.addr
	n.rtrequest(netbsd.RTM_ADD, info)
}

// in6Purge removes an IPv6 address (in6_purgeaddr).
func (n *Net) in6Purge(ifa *ifaddr) {
	ifp := ifa.ifp
	ifa.dad.stop()
	if ifa.flags&ifaRoute != 0 && len(ifa.dst) > 0 {
		if n.rtinit(ifa, netbsd.RTM_DELETE, netbsd.RTF_HOST) == 0 {
			ifa.flags &^= ifaRoute
		}
	}
	var other *ifaddr
	count := 0
	for _, o := range n.in6.addrs {
		if o.addr.addr() == ifa.addr.addr() {
			count++
			if o.ifp != ifp {
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
	for _, k := range ifa.groups {
		if ifp.multi[k]--; ifp.multi[k] <= 0 {
			delete(ifp.multi, k)
		}
	}
	ifa.groups = nil
	ifp.removeAddr(ifa)
	if i := slices.Index(n.in6.addrs, ifa); i >= 0 {
		n.in6.addrs = slices.Delete(n.in6.addrs, i, i+1)
	}
	// The kernel forgets to take its own entry out of the neighbours.
	if ifa.prefix != nil {
		ifa.prefix.refs--
		ifa.prefix = nil
	}
}

// eui64 is the interface's identifier, made of its hardware address.
func (ifp *Interface) eui64() (id [8]byte, ok bool) {
	if len(ifp.mac) != 6 {
		return id, false
	}
	m := ifp.mac
	return [8]byte{m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]}, true
}

// in6Attach gives an interface its link-local address (in6_ifattach).
func (n *Net) in6Attach(ifp *Interface) {
	if !n.cfg.INET6 {
		return
	}
	if ifp.typ == netbsd.IFT_BRIDGE {
		ifp.nd.Flags &^= netbsd.ND6_IFF_AUTO_LINKLOCAL
		ifp.nd.Flags |= netbsd.ND6_IFF_IFDISABLED
		return
	}
	if ifp.mtu < in6MinMTU || ifp.typ == netbsd.IFT_CARP || ifp.flags&netbsd.IFF_MULTICAST == 0 {
		return
	}
	if ifp.loopback() && ifp.in6Find(in6Loopback) == nil {
		if n.in6Local(in6Loopback) != nil {
			return // its route is there already
		}
		r := in6Request{addr: in6Loopback, dst: sin6(in6Loopback), mask: mask6(128), plen: 128, flags: netbsd.IN6_IFF_NODAD, life: infinite}
		if n.in6Update(ifp, r, nil) != 0 {
			return
		}
	}
	if ifp.nd.Flags&netbsd.ND6_IFF_IFDISABLED != 0 || ifp.nd.Flags&netbsd.ND6_IFF_AUTO_LINKLOCAL == 0 || ifp.linkLocal(0) != nil {
		return
	}
	n.in6AttachLinkLocal(ifp)
}

// in6MinMTU is the least MTU of a link that can carry IPv6 (IPV6_MMTU).
const in6MinMTU = 1280

func (n *Net) in6AttachLinkLocal(ifp *Interface) {
	b := [16]byte{0: 0xfe, 1: 0x80}
	if ifp.loopback() {
		b[15] = 1
	} else {
		id, ok := ifp.eui64()
		if !ok {
			// Without a hardware address of its own it takes another's if that
			// is unique, and something random if there is none.
			for _, o := range n.ifs {
				if id, ok = o.eui64(); ok && id[0]&2 != 0 {
					break
				}
				ok = false
			}
			if !ok {
				h := md5.Sum([]byte(n.cfg.Hostname()))
				copy(id[:], h[:])
				id[0] &^= 3
			}
		}
		copy(b[8:], id[:])
	}
	a := embed(netip.AddrFrom16(b), ifp.index)
	r := in6Request{addr: a, mask: mask6(64), plen: 64, life: infinite, delay: true}
	if n.in6Update(ifp, r, nil) != 0 {
		return
	}
	if ifa := ifp.in6Find(a); ifa != nil && n.prefixOf(ifp, a, 64) == nil {
		n.prefixAdd(&ndPrefix{
			ifp: ifp, prefix: prefixAddr(a, 64), plen: 64, onlink: true, auto: true,
			vltime: netbsd.ND6_INFINITE_LIFETIME, pltime: netbsd.ND6_INFINITE_LIFETIME,
		})
	}
}

// prefixAddr is the first n bits of an address.
func prefixAddr(a netip.Addr, n int) netip.Addr {
	b := a.AsSlice()
	p, _ := netip.AddrFromSlice(masked(b, prefixMask(n, len(b))))
	return p
}

// in6Up is told that an interface is up (in6_if_up).
func (n *Net) in6Up(ifp *Interface) {
	if n.cfg.INET6 {
		n.in6Attach(ifp)
		n.in6LinkUp(ifp)
	}
}

// in6LinkUp begins duplicate address detection for addresses that were detached
// (in6_if_link_up).
func (n *Net) in6LinkUp(ifp *Interface) {
	if !n.cfg.INET6 || ifp.link == netbsd.LINK_STATE_DOWN || !ifp.upRunning() {
		return
	}
	for _, ifa := range ifp.addrs {
		if ifa.family != netbsd.AF_INET6 {
			continue
		}
		if ifa.iff&netbsd.IN6_IFF_DETACHED != 0 {
			ifa.iff &^= netbsd.IN6_IFF_DETACHED
			if ifp.doDAD() {
				ifa.iff |= netbsd.IN6_IFF_TENTATIVE
			} else if ifa.iff&netbsd.IN6_IFF_TENTATIVE == 0 {
				n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
			}
		}
		if ifa.iff&netbsd.IN6_IFF_TENTATIVE != 0 {
			ifa.iff &^= netbsd.IN6_IFF_DUPLICATED
			n.nd6DADStart(ifa, n.randDuration(time.Second))
		}
	}
}

// in6LinkDown detaches all addresses (in6_if_link_down).
func (n *Net) in6LinkDown(ifp *Interface) {
	if !n.cfg.INET6 {
		return
	}
	n.prefixesOnlink()
	for _, ifa := range ifp.addrs {
		if ifa.family != netbsd.AF_INET6 {
			continue
		}
		ifa.dad.stop()
		if ifa.iff&netbsd.IN6_IFF_DETACHED == 0 {
			ifa.iff |= netbsd.IN6_IFF_DETACHED
			ifa.iff &^= netbsd.IN6_IFF_TENTATIVE | netbsd.IN6_IFF_DUPLICATED
			n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
		}
	}
}

// in6Detach forgets what IPv6 knows of an interface that goes away.
func (n *Net) in6Detach(ifp *Interface) {
	for _, pr := range slices.Clone(n.in6.prefixes) {
		if pr.ifp == ifp {
			pr.refs = 0
			n.prefixRemove(pr)
		}
	}
	n.in6.routers = slices.DeleteFunc(n.in6.routers, func(r *defaultRouter) bool { return r.ifp == ifp })
	n.purge(ifp, netbsd.AF_INET6, n.in6Purge)
	if n.in6.defIf == ifp.index {
		n.in6.defIf = 0
	}
}

// A multiKey is a group that an interface listens to.
type multiKey struct{ addr netip.Addr }
