package inet

import (
	"bytes"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Offsets in struct ifreq, ifaliasreq and if_laddrreq.
const (
	offUnion = 16 // ifr_ifru, ifra_addr

	offAliasDst  = 32
	offAliasMask = 48

	offLaddrFlags = 16
	offLaddrPlen  = 20
	offLaddrAddr  = 24
	offLaddrDst   = 24 + netbsd.SizeofSockaddrStorage
)

// unionAddr is the address in an ifreq.
func unionAddr(data []byte) sockaddr { return getSockaddr(data[offUnion:]) }

func setUnionAddr(data []byte, a sockaddr) {
	putSockaddr(data[offUnion:min(len(data), offUnion+netbsd.SizeofSockaddrStorage)], a)
}

// inControl carries out an ioctl of IPv4 on an interface (in_control).
func (n *Net) inControl(cmd netbsd.Ioctl, data []byte, ifp *Interface) netbsd.Errno {
	switch cmd {
	case netbsd.SIOCALIFADDR, netbsd.SIOCDLIFADDR, netbsd.SIOCGLIFADDR:
		return n.inLaddr(cmd, data, ifp)
	case netbsd.SIOCGIFADDRPREF, netbsd.SIOCSIFADDRPREF:
		return n.addrPref(cmd, data, ifp, netbsd.AF_INET)
	}
	ifa := ifp.firstAddr(netbsd.AF_INET)
	hostIsNew := true
	change := false
	switch cmd {
	case netbsd.SIOCAIFADDR, netbsd.SIOCDIFADDR, netbsd.SIOCGIFALIAS, netbsd.SIOCGIFAFLAG_IN:
		a := getSockaddr(data[offUnion : offUnion+16])
		if a.family() == netbsd.AF_INET {
			ifa = ifp.findAddr(a)
		}
		if ifa == nil && cmd != netbsd.SIOCAIFADDR {
			return netbsd.EADDRNOTAVAIL
		}
		if cmd == netbsd.SIOCDIFADDR && data[offUnion+1] == netbsd.AF_UNSPEC {
			data[offUnion+1] = netbsd.AF_INET
		}
		change = cmd == netbsd.SIOCAIFADDR || cmd == netbsd.SIOCDIFADDR
	case netbsd.SIOCSIFADDR, netbsd.SIOCSIFDSTADDR, netbsd.SIOCSIFNETMASK:
		change = true
	}
	switch cmd {
	case netbsd.SIOCAIFADDR, netbsd.SIOCDIFADDR, netbsd.SIOCGIFALIAS, netbsd.SIOCGIFAFLAG_IN, netbsd.SIOCSIFADDR:
		if ifa != nil {
			if data[offUnion] == 0 {
				copy(data[offUnion:offUnion+16], ifa.addr)
				hostIsNew = false
			} else if bytes.Equal(data[offUnion+4:offUnion+8], ifa.addr[4:8]) {
				hostIsNew = false
			}
		}
		fallthrough
	case netbsd.SIOCSIFDSTADDR:
		if data[offUnion+1] != netbsd.AF_INET {
			return netbsd.EAFNOSUPPORT
		}
	}
	isNew := false
	switch {
	case change:
		if ifa == nil && (cmd == netbsd.SIOCSIFNETMASK || cmd == netbsd.SIOCSIFDSTADDR) {
			return netbsd.EADDRNOTAVAIL
		}
		if ifa == nil {
			ifa = &ifaddr{ifp: ifp, family: netbsd.AF_INET}
			isNew = true
		}
	case ifa == nil:
		switch cmd {
		case netbsd.SIOCSIFBRDADDR, netbsd.SIOCGIFADDR, netbsd.SIOCGIFNETMASK, netbsd.SIOCGIFDSTADDR, netbsd.SIOCGIFBRDADDR:
			return netbsd.EADDRNOTAVAIL
		}
	}
	var errno netbsd.Errno
	switch cmd {
	case netbsd.SIOCGIFADDR:
		setUnionAddr(data, ifa.addr)
	case netbsd.SIOCGIFBRDADDR:
		if !ifp.broadcast() {
			return netbsd.EINVAL
		}
		setUnionAddr(data, ifa.dst)
	case netbsd.SIOCGIFDSTADDR:
		if !ifp.pointopoint() {
			return netbsd.EINVAL
		}
		setUnionAddr(data, ifa.dst)
	case netbsd.SIOCGIFNETMASK:
		full := make(sockaddr, netbsd.SizeofSockaddrIn)
		copy(full, ifa.mask)
		full[0] = netbsd.SizeofSockaddrIn
		setUnionAddr(data, full)
	case netbsd.SIOCSIFDSTADDR:
		if !ifp.pointopoint() {
			return netbsd.EINVAL
		}
		old := ifa.dst
		ifa.dst = unionAddr(data)
		if errno := n.initAddr(ifa); errno != 0 {
			ifa.dst = old
			return errno
		}
		if ifa.flags&ifaRoute != 0 {
			now := ifa.dst
			ifa.dst = old
			n.rtinit(ifa, netbsd.RTM_DELETE, netbsd.RTF_HOST)
			ifa.dst = now
			n.rtinit(ifa, netbsd.RTM_ADD, netbsd.RTF_HOST|netbsd.RTF_UP)
		}
	case netbsd.SIOCSIFBRDADDR:
		if !ifp.broadcast() {
			return netbsd.EINVAL
		}
		ifa.dst = unionAddr(data)
	case netbsd.SIOCSIFADDR:
		errno = n.inInit(ifa, unionAddr(data), !isNew, hostIsNew)
	case netbsd.SIOCSIFNETMASK:
		n.inScrubPrefix(ifa)
		ifa.mask = unionAddr(data)
		errno = n.inInit(ifa, nil, false, false)
	case netbsd.SIOCAIFADDR:
		maskIsNew := false
		if mask := getSockaddr(data[offAliasMask : offAliasMask+16]); mask != nil && mask[0] != 0 {
			n.inScrubPrefix(ifa)
			ifa.mask = mask
			maskIsNew = true
		}
		dst := getSockaddr(data[offAliasDst : offAliasDst+16])
		if ifp.pointopoint() && dst.family() == netbsd.AF_INET {
			n.inScrubPrefix(ifa)
			ifa.dst = dst
			maskIsNew = true
		}
		if hostIsNew || maskIsNew {
			errno = n.inInit(ifa, getSockaddr(data[offUnion:offUnion+16]), false, hostIsNew)
		}
		if ifp.broadcast() && dst.family() == netbsd.AF_INET {
			ifa.dst = dst
		}
	case netbsd.SIOCGIFALIAS:
		putSockaddr(data[offAliasMask:offAliasMask+16], ifa.mask)
		if (ifp.pointopoint() || ifp.broadcast()) && ifa.dst.family() == netbsd.AF_INET {
			putSockaddr(data[offAliasDst:offAliasDst+16], ifa.dst)
		} else {
			clear(data[offAliasDst : offAliasDst+16])
		}
	case netbsd.SIOCGIFAFLAG_IN:
		putInt(data[offUnion:], ifa.iff)
	case netbsd.SIOCDIFADDR:
		n.inPurge(ifa)
	default:
		return netbsd.ENOTTY
	}
	if isNew {
		n.inAddrs = append(n.inAddrs, ifa)
		ifp.addrs = append(ifp.addrs, ifa)
		if errno != 0 {
			n.inPurge(ifa)
		}
	}
	return errno
}

// inLaddr carries out SIOCALIFADDR, SIOCGLIFADDR and SIOCDLIFADDR for IPv4
// (in_lifaddr_ioctl).
func (n *Net) inLaddr(cmd netbsd.Ioctl, data []byte, ifp *Interface) netbsd.Errno {
	flags, plen := getUint(data[offLaddrFlags:]), getUint(data[offLaddrPlen:])
	addr, dst := data[offLaddrAddr:offLaddrDst], data[offLaddrDst:offLaddrDst+netbsd.SizeofSockaddrStorage]
	if cmd != netbsd.SIOCGLIFADDR || flags&netbsd.IFLR_PREFIX != 0 {
		if addr[1] != netbsd.AF_INET || addr[0] != netbsd.SizeofSockaddrIn ||
			dst[1] != netbsd.AF_UNSPEC && dst[1] != netbsd.AF_INET ||
			dst[0] != 0 && dst[0] != netbsd.SizeofSockaddrIn {
			return netbsd.EINVAL
		}
	}
	if plen > 32 {
		return netbsd.EINVAL
	}
	if cmd == netbsd.SIOCALIFADDR {
		if flags&netbsd.IFLR_PREFIX != 0 {
			return netbsd.EINVAL
		}
		alias := make([]byte, netbsd.SizeofIfaliasreq)
		copy(alias[:offUnion], data)
		copy(alias[offUnion:], addr[:16])
		copy(alias[offAliasDst:], dst[:16])
		copy(alias[offAliasMask:], maskOf(int(plen)))
		return n.inControl(netbsd.SIOCAIFADDR, alias, ifp)
	}
	var ifa *ifaddr
	for _, a := range ifp.addrs {
		if a.family != netbsd.AF_INET {
			continue
		}
		mask := prefixMask(32, 4)
		switch {
		case flags&netbsd.IFLR_PREFIX != 0:
			mask = prefixMask(int(plen), 4)
			if !bytes.Equal(masked(addr[4:8], mask), addr[4:8]) {
				return netbsd.EINVAL
			}
		case cmd == netbsd.SIOCGLIFADDR:
			mask = prefixMask(0, 4)
		}
		if bytes.Equal(masked(a.addr[4:8], mask), masked(addr[4:8], mask)) {
			ifa = a
			break
		}
	}
	if ifa == nil {
		return netbsd.EADDRNOTAVAIL
	}
	if cmd == netbsd.SIOCDLIFADDR {
		n.inPurge(ifa)
		return 0
	}
	copy(addr, ifa.addr)
	clear(dst)
	if ifp.pointopoint() {
		copy(dst, ifa.dst)
	}
	putInt(data[offLaddrPlen:], int32(ifa.plen()))
	putInt(data[offLaddrFlags:], 0)
	return 0
}

// addrPref gets and sets the preference of an address (ifaddrpref_ioctl).
func (n *Net) addrPref(cmd netbsd.Ioctl, data []byte, ifp *Interface, family uint8) netbsd.Errno {
	const offPref, offAddr = 16, 24
	a := getSockaddr(data[offAddr:])
	if a.family() != family {
		return netbsd.EINVAL
	}
	want, err := netbsd.ParseSockaddr(a)
	if err != nil || addrSize(family) == 0 || len(a) != 12+addrSize(family) && family == netbsd.AF_INET6 || len(a) != 16 && family == netbsd.AF_INET {
		return netbsd.EINVAL
	}
	want = extracted(want)
	var ifa *ifaddr
	for _, o := range ifp.addrs {
		if own, err := netbsd.ParseSockaddr(o.addr); err == nil && o.family == family && extracted(own) == want {
			ifa = o
			break
		}
	}
	if ifa == nil {
		return netbsd.EADDRNOTAVAIL
	}
	if cmd == netbsd.SIOCSIFADDRPREF {
		ifa.pref = int16(getUint(data[offPref:]))
		return 0
	}
	data[offPref], data[offPref+1] = byte(ifa.pref), byte(ifa.pref>>8)
	copy(data[offAddr:], ifa.addr)
	return 0
}

// extracted is an address as a user of the kernel sees it.
func extracted(a netbsd.Sockaddr) netbsd.Sockaddr {
	if s, ok := a.(netbsd.SockaddrIn6); ok {
		return s.Extracted()
	}
	return a
}
