package inet

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Offsets in struct in6_aliasreq.
const (
	offAlias6Dst   = 44
	offAlias6Mask  = 72
	offAlias6Flags = 100
	offAlias6Life  = 104
)

// setScope puts the interface's number into an address of its link
// (in6_setscope). Only a loopback interface can have ::1.
func (ifp *Interface) setScope(a netip.Addr) (netip.Addr, netbsd.Errno) {
	if a == in6Loopback && !ifp.loopback() {
		return a, netbsd.EINVAL
	}
	return embed(a, ifp.index), 0
}

// requestAddr6 reads the address of a request and embeds its scope in it, in
// the request too, as the kernel does.
func (n *Net) requestAddr6(field []byte, ifp *Interface) (netip.Addr, netbsd.Errno) {
	s, err := netbsd.ParseSockaddrIn6(field)
	if err != nil {
		return netip.Addr{}, netbsd.EINVAL
	}
	a := netip.AddrFrom16(s.Addr)
	if s.ScopeID != 0 {
		if scoped(a) {
			if n.byIndex(int(s.ScopeID)) == nil {
				return a, netbsd.ENXIO
			}
			a = embed(a, int(s.ScopeID))
			binary.LittleEndian.PutUint32(field[24:], 0)
		}
	} else {
		var errno netbsd.Errno
		if a, errno = ifp.setScope(a); errno != 0 {
			return a, errno
		}
	}
	copy(field[8:], a.AsSlice())
	return a, 0
}

// putAddr6 writes an address with its scope as a number of its own.
func putAddr6(field []byte, a sockaddr) {
	if s, err := netbsd.ParseSockaddrIn6(a); err == nil && len(a) == netbsd.SizeofSockaddrIn6 {
		copy(field, s.Extracted().Append(nil))
		return
	}
	copy(field, a)
}

// in6Control carries out an ioctl of IPv6 on an interface (in6_control).
func (n *Net) in6Control(c *kern.Call, cmd netbsd.Ioctl, data []byte, ifp *Interface) netbsd.Errno {
	switch cmd {
	case netbsd.SIOCSIFADDR, netbsd.SIOCSIFDSTADDR, netbsd.SIOCSIFBRDADDR, netbsd.SIOCSIFNETMASK:
		return netbsd.EOPNOTSUPP
	case netbsd.SIOCGIFADDRPREF, netbsd.SIOCSIFADDRPREF:
		return n.addrPref(cmd, data, ifp, netbsd.AF_INET6)
	case netbsd.SIOCSNDFLUSH_IN6, netbsd.SIOCSPFXFLUSH_IN6, netbsd.SIOCSRTRFLUSH_IN6, netbsd.SIOCSDEFIFACE_IN6,
		netbsd.SIOCSIFINFO_FLAGS, netbsd.SIOCSIFINFO_IN6:
		if errno := n.privileged(c); errno != 0 {
			return errno
		}
		return n.nd6Ioctl(cmd, data, ifp)
	case netbsd.SIOCGIFINFO_IN6, netbsd.SIOCGDRLST_IN6, netbsd.SIOCGNBRINFO_IN6, netbsd.SIOCGDEFIFACE_IN6:
		return n.nd6Ioctl(cmd, data, ifp)
	case netbsd.SIOCSIFPREFIX_IN6, netbsd.SIOCDIFPREFIX_IN6, netbsd.SIOCAIFPREFIX_IN6, netbsd.SIOCCIFPREFIX_IN6,
		netbsd.SIOCSGIFPREFIX_IN6, netbsd.SIOCGIFPREFIX_IN6:
		return netbsd.EOPNOTSUPP
	case netbsd.SIOCALIFADDR, netbsd.SIOCDLIFADDR, netbsd.SIOCGLIFADDR:
		return n.in6Laddr(c, cmd, data, ifp)
	}
	var ifa *ifaddr
	var addr netip.Addr
	switch cmd {
	case netbsd.SIOCAIFADDR_IN6, netbsd.SIOCSIFPHYADDR_IN6, netbsd.SIOCSIFADDR_IN6, netbsd.SIOCGIFADDR_IN6,
		netbsd.SIOCGIFDSTADDR_IN6, netbsd.SIOCGIFNETMASK_IN6, netbsd.SIOCDIFADDR_IN6, netbsd.SIOCGIFPSRCADDR_IN6,
		netbsd.SIOCGIFPDSTADDR_IN6, netbsd.SIOCGIFAFLAG_IN6, netbsd.SIOCGIFALIFETIME_IN6, netbsd.SIOCGIFSTAT_IN6,
		netbsd.SIOCGIFSTAT_ICMP6:
		if data[offUnion+1] == netbsd.AF_INET6 {
			var errno netbsd.Errno
			if addr, errno = n.requestAddr6(data[offUnion:offUnion+netbsd.SizeofSockaddrIn6], ifp); errno != 0 {
				return errno
			}
			ifa = ifp.in6Find(addr)
		}
	}
	switch cmd {
	case netbsd.SIOCSIFADDR_IN6:
		return netbsd.EINVAL
	case netbsd.SIOCDIFADDR_IN6, netbsd.SIOCAIFADDR_IN6:
		if ifa == nil && cmd == netbsd.SIOCDIFADDR_IN6 {
			return netbsd.EADDRNOTAVAIL
		}
		if data[offUnion+1] != netbsd.AF_INET6 || data[offUnion] != netbsd.SizeofSockaddrIn6 {
			return netbsd.EAFNOSUPPORT
		}
	case netbsd.SIOCGIFADDR_IN6, netbsd.SIOCGIFAFLAG_IN6, netbsd.SIOCGIFNETMASK_IN6, netbsd.SIOCGIFDSTADDR_IN6,
		netbsd.SIOCGIFALIFETIME_IN6:
		if ifa == nil {
			return netbsd.EADDRNOTAVAIL
		}
	}
	u := data[offUnion:]
	switch cmd {
	case netbsd.SIOCGIFADDR_IN6:
		putAddr6(u, ifa.addr)
	case netbsd.SIOCGIFDSTADDR_IN6:
		if !ifp.pointopoint() {
			return netbsd.EINVAL
		}
		d := ifa.dst
		if len(d) == 0 {
			clear(u[:netbsd.SizeofSockaddrIn6])
			break
		}
		putAddr6(u, d)
	case netbsd.SIOCGIFNETMASK_IN6:
		m := make([]byte, netbsd.SizeofSockaddrIn6)
		copy(m, ifa.mask)
		copy(u, m)
	case netbsd.SIOCGIFAFLAG_IN6:
		putInt(u, ifa.iff)
	case netbsd.SIOCGIFSTAT_IN6:
		copy(u, netbsd.In6Ifstat{}.Append(nil))
		copy(u, n.in6Ifstat(ifp).Append(nil))
	case netbsd.SIOCGIFSTAT_ICMP6:
		copy(u, n.icmp6Ifstat(ifp).Append(nil))
	case netbsd.SIOCGIFALIFETIME_IN6:
		life := ifa.life
		if life.Vltime != netbsd.ND6_INFINITE_LIFETIME {
			life.Expire = n.wall(ifa.updated + int64(life.Vltime))
		}
		if life.Pltime != netbsd.ND6_INFINITE_LIFETIME {
			life.Preferred = n.wall(ifa.updated + int64(life.Pltime))
		}
		copy(u, life.Append(nil))
	case netbsd.SIOCAIFADDR_IN6:
		return n.in6Add(data, ifp, ifa, addr)
	case netbsd.SIOCDIFADDR_IN6:
		pr := ifa.prefix
		n.in6Purge(ifa)
		if pr != nil && pr.refs == 0 {
			n.prefixRemove(pr)
		}
	default:
		return netbsd.ENOTTY
	}
	return 0
}

// in6Add carries out SIOCAIFADDR_IN6.
func (n *Net) in6Add(data []byte, ifp *Interface, ifa *ifaddr, addr netip.Addr) netbsd.Errno {
	r := in6Request{addr: addr, flags: int32(getUint(data[offAlias6Flags:]))}
	if r.flags&(netbsd.IN6_IFF_DUPLICATED|netbsd.IN6_IFF_DETACHED|netbsd.IN6_IFF_TENTATIVE|netbsd.IN6_IFF_NODAD|netbsd.IN6_IFF_AUTOCONF) != 0 {
		return netbsd.EINVAL
	}
	r.life, _ = netbsd.ParseIn6Addrlifetime(data[offAlias6Life:])
	dst, mask := data[offAlias6Dst:offAlias6Mask], data[offAlias6Mask:offAlias6Flags]
	if ifp.pointopoint() && dst[1] != netbsd.AF_INET6 && dst[1] != netbsd.AF_UNSPEC {
		return netbsd.EAFNOSUPPORT
	}
	if mask[0] > netbsd.SizeofSockaddrIn6 || ifa == nil && mask[0] == 0 {
		return netbsd.EINVAL
	}
	if mask[0] != 0 {
		plen, ok := mask6Len(mask)
		if !ok || plen <= 0 {
			return netbsd.EINVAL
		}
		r.plen = plen
		r.mask = make(sockaddr, netbsd.SizeofSockaddrIn6)
		copy(r.mask, mask)
	} else {
		r.plen = ifa.plen()
	}
	if dst[1] == netbsd.AF_INET6 {
		if !ifp.pointopoint() && !ifp.loopback() || r.plen != 128 {
			return netbsd.EINVAL
		}
		s, _ := netbsd.ParseSockaddrIn6(dst)
		a := netip.AddrFrom16(s.Addr)
		if scoped(a) {
			if s.ScopeID != 0 && int(s.ScopeID) != ifp.index {
				return netbsd.EINVAL
			}
			a = embed(a, ifp.index)
		}
		r.dst = sin6(a)
	}
	if r.life.Pltime > r.life.Vltime {
		return netbsd.EINVAL
	}
	if r.life.Vltime == 0 && ifa == nil {
		return 0
	}
	if errno := n.in6Update(ifp, r, ifa); errno != 0 {
		return errno
	}
	if ifa = ifp.in6Find(addr); ifa == nil || r.plen == 128 {
		return 0
	}
	pr := n.prefixOf(ifp, addr, r.plen)
	if pr == nil {
		pr = &ndPrefix{ifp: ifp, prefix: prefixAddr(addr, r.plen), plen: r.plen, onlink: true, vltime: r.life.Vltime, pltime: r.life.Pltime}
		n.prefixAdd(pr)
	}
	if ifa.prefix == nil {
		ifa.prefix = pr
		pr.refs++
	}
	n.prefixesOnlink()
	return 0
}

// mask6Len is the length of a netmask, which must have no holes up to the end
// that its own length says (in6_mask2len).
func mask6Len(mask []byte) (int, bool) {
	m := sockaddr(mask[:min(int(mask[0]), len(mask))])
	bits := m.key(netbsd.AF_INET6)
	n := prefixLen(bits)
	return n, bytes.Equal(bits, prefixMask(n, 16))
}

// in6Laddr carries out SIOCALIFADDR, SIOCGLIFADDR and SIOCDLIFADDR for IPv6
// (in6_lifaddr_ioctl).
func (n *Net) in6Laddr(c *kern.Call, cmd netbsd.Ioctl, data []byte, ifp *Interface) netbsd.Errno {
	flags, plen := getUint(data[offLaddrFlags:]), getUint(data[offLaddrPlen:])
	addr, dst := data[offLaddrAddr:offLaddrDst], data[offLaddrDst:offLaddrDst+netbsd.SizeofSockaddrStorage]
	const size = netbsd.SizeofSockaddrIn6
	if cmd != netbsd.SIOCGLIFADDR || flags&netbsd.IFLR_PREFIX != 0 {
		if addr[1] != netbsd.AF_INET6 || addr[0] != size || dst[1] != 0 && dst[1] != netbsd.AF_INET6 || dst[0] != 0 && dst[0] != size {
			return netbsd.EINVAL
		}
	}
	if plen > 128 {
		return netbsd.EINVAL
	}
	if cmd == netbsd.SIOCALIFADDR {
		alias := make([]byte, netbsd.SizeofIn6Aliasreq)
		copy(alias[:offUnion], data)
		copy(alias[offUnion:], addr[:size])
		if dst[1] != 0 {
			copy(alias[offAlias6Dst:], dst[:size])
		}
		if flags&netbsd.IFLR_PREFIX != 0 {
			ll := ifp.linkLocal(0)
			if ll == nil {
				return netbsd.EADDRNOTAVAIL
			}
			if plen > 64 || !bytes.Equal(addr[16:24], make([]byte, 8)) {
				return netbsd.EINVAL
			}
			copy(alias[offUnion+16:], ll.addr[16:24])
		}
		mask := mask6(int(plen))
		mask[1] = 0
		copy(alias[offAlias6Mask:], mask)
		putInt(alias[offAlias6Flags:], int32(flags&^netbsd.IFLR_PREFIX))
		copy(alias[offAlias6Life:], infinite.Append(nil))
		return n.in6Control(c, netbsd.SIOCAIFADDR_IN6, alias, ifp)
	}
	mask, match := prefixMask(128, 16), bytes.Clone(addr[8:24])
	switch {
	case flags&netbsd.IFLR_PREFIX != 0:
		mask = prefixMask(int(plen), 16)
		if !bytes.Equal(masked(match, mask), match) {
			return netbsd.EINVAL
		}
	case cmd == netbsd.SIOCGLIFADDR:
		mask = prefixMask(0, 16)
	}
	var ifa *ifaddr
	for _, a := range ifp.addrs {
		if a.family != netbsd.AF_INET6 {
			continue
		}
		plain, _ := unembed(a.addr.addr())
		if bytes.Equal(masked(plain.AsSlice(), mask), masked(match, mask)) {
			ifa = a
			break
		}
	}
	if ifa == nil {
		return netbsd.EADDRNOTAVAIL
	}
	if cmd == netbsd.SIOCDLIFADDR {
		req := make([]byte, netbsd.SizeofIn6Aliasreq)
		copy(req[:offUnion], data)
		copy(req[offUnion:], ifa.addr)
		return n.in6Control(c, netbsd.SIOCDIFADDR_IN6, req, ifp)
	}
	putAddr6(addr, ifa.addr)
	clear(dst)
	if ifp.pointopoint() {
		putAddr6(dst, ifa.dst)
	}
	putInt(data[offLaddrPlen:], int32(ifa.plen()))
	putInt(data[offLaddrFlags:], ifa.iff)
	return 0
}

// nd6Ioctl carries out an ioctl of neighbour discovery (nd6_ioctl).
func (n *Net) nd6Ioctl(cmd netbsd.Ioctl, data []byte, ifp *Interface) netbsd.Errno {
	nd := &ifp.nd
	switch cmd {
	case netbsd.SIOCGDRLST_IN6:
		n.oldRouterList(data)
	case netbsd.SIOCGIFINFO_IN6:
		copy(data[offUnion:], nd.NdIfinfo.Append(nil))
	case netbsd.SIOCSIFINFO_IN6, netbsd.SIOCSIFINFO_FLAGS:
		req, err := netbsd.ParseNdIfinfo(data[offUnion:])
		if err != nil {
			return netbsd.EINVAL
		}
		if cmd == netbsd.SIOCSIFINFO_IN6 {
			if req.Linkmtu != 0 {
				if req.Linkmtu < in6MinMTU || int(req.Linkmtu) > ifp.linkMTU6() {
					return netbsd.EINVAL
				}
				nd.Linkmtu = req.Linkmtu
			}
			if req.Basereachable != 0 {
				if nd.Basereachable != req.Basereachable {
					nd.Reachable = reachable(n, req.Basereachable)
				}
				nd.Basereachable = req.Basereachable
			}
			if req.Retrans != 0 {
				nd.Retrans = req.Retrans
			}
			if req.Chlim != 0 {
				nd.Chlim = req.Chlim
			}
		}
		n.setNDFlags(ifp, req.Flags)
	case netbsd.SIOCSNDFLUSH_IN6:
		for _, r := range n.in6.routers {
			if r.installed {
				n.routerRoute(r, netbsd.RTM_DELETE)
			}
		}
		n.routerSelect()
	case netbsd.SIOCSPFXFLUSH_IN6:
		for _, pr := range append([]*ndPrefix(nil), n.in6.prefixes...) {
			if pr.prefix.IsLinkLocalUnicast() {
				continue
			}
			for _, ifa := range append([]*ifaddr(nil), n.in6.addrs...) {
				if ifa.iff&netbsd.IN6_IFF_AUTOCONF != 0 && ifa.prefix == pr {
					n.in6Purge(ifa)
				}
			}
			n.prefixRemove(pr)
		}
	case netbsd.SIOCSRTRFLUSH_IN6:
		for _, r := range append([]*defaultRouter(nil), n.in6.routers...) {
			n.routerRemove(r)
		}
	case netbsd.SIOCGNBRINFO_IN6:
		req, err := netbsd.ParseIn6Nbrinfo(data)
		if err != nil {
			return netbsd.EINVAL
		}
		a, errno := ifp.setScope(netip.AddrFrom16(req.Addr))
		if errno != 0 {
			return errno
		}
		e := ifp.neigh.find(a)
		if e == nil {
			return netbsd.EINVAL
		}
		req.Asked, req.State, req.Isrouter, req.Expire = int64(e.asked), int32(e.state), 0, 0
		if e.router {
			req.Isrouter = 1
		}
		if e.expire != 0 {
			req.Expire = int32(n.wall(e.expire))
		}
		copy(data[offUnion:], req.Append(nil)[offUnion:])
	case netbsd.SIOCGDEFIFACE_IN6:
		putInt(data[16:], int32(n.in6.defIf))
		putInt(data[20:], 0)
	case netbsd.SIOCSDEFIFACE_IN6:
		index := int(getUint(data[16:]))
		if n.byIndex(index) == nil {
			return netbsd.EINVAL
		}
		n.in6.defIf = index
	default:
		return netbsd.ENOTTY
	}
	return 0
}

// linkMTU6 is the MTU of IPv6 on the link (IN6_LINKMTU).
func (ifp *Interface) linkMTU6() int {
	if l := int(ifp.nd.Linkmtu); l != 0 && l < ifp.mtu {
		return l
	}
	return ifp.mtu
}

// setNDFlags carries out SIOCSIFINFO_FLAGS.
func (n *Net) setNDFlags(ifp *Interface, flags uint32) {
	nd := &ifp.nd
	disabled := nd.Flags&netbsd.ND6_IFF_IFDISABLED != 0
	switch disable := flags&netbsd.ND6_IFF_IFDISABLED != 0; {
	case disabled && !disable:
		if ll := ifp.linkLocal(0); ll != nil && ll.iff&netbsd.IN6_IFF_DUPLICATED != 0 {
			flags |= netbsd.ND6_IFF_IFDISABLED
			n.log("Cannot enable an interface with a link-local address marked duplicate.")
			break
		}
		nd.Flags &^= netbsd.ND6_IFF_IFDISABLED
		if ifp.up() {
			n.in6Up(ifp)
		}
	case !disabled && disable:
		nd.Flags |= netbsd.ND6_IFF_IFDISABLED
		for _, ifa := range ifp.addrs {
			if ifa.family == netbsd.AF_INET6 {
				ifa.dad.stop()
				ifa.iff |= netbsd.IN6_IFF_TENTATIVE
			}
		}
	}
	if flags&netbsd.ND6_IFF_AUTO_LINKLOCAL != 0 {
		if nd.Flags&netbsd.ND6_IFF_AUTO_LINKLOCAL == 0 {
			nd.Flags |= netbsd.ND6_IFF_AUTO_LINKLOCAL
			n.in6Attach(ifp)
		} else if flags&netbsd.ND6_IFF_IFDISABLED == 0 && ifp.up() && ifp.linkLocal(0) == nil {
			n.in6Attach(ifp)
		}
	}
	nd.Flags = flags
}

// oldRouterList writes the default routers as before there was a sysctl(3) for them:
//
//	// netinet6/nd6.h
//	struct in6_drlist {
//		char ifname[IFNAMSIZ];
//		struct {
//			struct in6_addr rtaddr;
//			u_char flags;
//			u_short rtlifetime;
//			u_long expire;
//			u_short if_index;
//		} defrouter[DRLSTSIZ];
//	};
func (n *Net) oldRouterList(data []byte) {
	clear(data)
	const size = 40
	for b := data[netbsd.IFNAMSIZ:]; len(b) >= size; b = b[size:] {
		i := (len(data) - netbsd.IFNAMSIZ - len(b)) / size
		if i == len(n.in6.routers) {
			return
		}
		r := n.in6.routers[i]
		plain, _ := unembed(r.addr)
		copy(b, plain.AsSlice())
		b[16] = r.flags
		binary.LittleEndian.PutUint16(b[18:], r.lifetime)
		if r.expire != 0 {
			binary.LittleEndian.PutUint64(b[24:], uint64(n.wall(r.expire)))
		}
		binary.LittleEndian.PutUint16(b[32:], uint16(r.ifp.index))
	}
}
