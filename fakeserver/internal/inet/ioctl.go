package inet

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

func getUint(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

func putInt(b []byte, v int32) { binary.LittleEndian.PutUint32(b, uint32(v)) }

// ifName is the name at the front of a request.
func ifName(data []byte) string {
	b := data[:min(len(data), netbsd.IFNAMSIZ)]
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// maxMTU is the greatest MTU of Ethernet (ETHERMTU), minMTU the least (ETHERMIN),
// jumboMTU the greatest with jumbo frames (ETHERMTU_JUMBO).
const (
	minMTU   = 46
	maxMTU   = 1500
	jumboMTU = 9000
)

// Ioctl carries out an ioctl on interfaces, on a socket of the given family
// (doifioctl).
func (n *Net) Ioctl(c *kern.Call, family uint8, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	n.lock()
	n.setCaller(c)
	defer n.commit()
	switch cmd {
	case netbsd.SIOCGIFCONF:
		return n.ifconf(c, data)
	case netbsd.SIOCINITIFADDR:
		return netbsd.EPERM
	case netbsd.SIOCIFCREATE:
		if errno := n.privileged(c); errno != 0 {
			return errno
		}
		return n.clone(ifName(data))
	case netbsd.SIOCIFDESTROY:
		if errno := n.privileged(c); errno != 0 {
			return errno
		}
		return n.destroy(ifName(data))
	case netbsd.SIOCIFGCLONERS:
		return n.listCloners(c, data)
	}
	if len(data) < netbsd.IFNAMSIZ {
		return netbsd.ENOTTY
	}
	ifp := n.byName(ifName(data))
	if ifp == nil {
		return netbsd.ENXIO
	}
	switch cmd {
	case netbsd.SIOCALIFADDR, netbsd.SIOCDLIFADDR, netbsd.SIOCSIFADDRPREF, netbsd.SIOCSIFFLAGS, netbsd.SIOCSIFCAP,
		netbsd.SIOCSIFMETRIC, netbsd.SIOCZIFDATA, netbsd.SIOCSIFMTU, netbsd.SIOCSIFPHYADDR, netbsd.SIOCDIFPHYADDR,
		netbsd.SIOCSIFPHYADDR_IN6, netbsd.SIOCSLIFPHYADDR, netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI, netbsd.SIOCSIFMEDIA,
		netbsd.SIOCSDRVSPEC, netbsd.SIOCSLINKSTR, netbsd.SIOCAIFADDR, netbsd.SIOCDIFADDR, netbsd.SIOCSIFADDR,
		netbsd.SIOCSIFDSTADDR, netbsd.SIOCSIFBRDADDR, netbsd.SIOCSIFNETMASK, netbsd.SIOCAIFADDR_IN6, netbsd.SIOCDIFADDR_IN6:
		if errno := n.privileged(c); errno != 0 {
			return errno
		}
	}
	old := ifp.flags
	if ifp.deaf {
		return netbsd.ENXIO
	}
	if ifp.aggregated && portRefuses(cmd) {
		return netbsd.EBUSY
	}
	errno := ifp.drv.ioctl(c, cmd, data)
	if errno == netbsd.ENOTTY {
		errno = n.protocolIoctl(c, family, cmd, data, ifp)
	}
	if !ifp.gone && (old^ifp.flags)&netbsd.IFF_UP != 0 && ifp.up() {
		ifp.setUp()
	}
	return errno
}

// protocolIoctl leaves a command to the socket's protocol.
func (n *Net) protocolIoctl(c *kern.Call, family uint8, cmd netbsd.Ioctl, data []byte, ifp *Interface) netbsd.Errno {
	switch family {
	case netbsd.AF_INET:
		return n.inControl(cmd, data, ifp)
	case netbsd.AF_INET6:
		return n.in6Control(c, cmd, data, ifp)
	case netbsd.AF_LINK:
		return n.linkControl(cmd, data, ifp)
	}
	return netbsd.EOPNOTSUPP
}

// privileged fails for whom is not the superuser.
func (n *Net) privileged(c *kern.Call) netbsd.Errno {
	if c != nil && !c.Cred().Root() {
		return netbsd.EPERM
	}
	return 0
}

// setCaller notes who makes a call, for the messages of routing sockets.
func (n *Net) setCaller(c *kern.Call) {
	n.caller = 0
	if c != nil {
		n.caller = c.Proc.PID
	}
}

// commonIoctl carries out the commands that are the same for all interfaces
// (ifioctl_common). ENETRESET says that the device has to be told.
func (ifp *Interface) commonIoctl(cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	u := data[offUnion:]
	switch cmd {
	case netbsd.SIOCSIFCAP:
		enable := binary.LittleEndian.Uint64(data[24:])
		if enable&^ifp.caps != 0 {
			return netbsd.EINVAL
		}
		if enable == ifp.capena {
			return 0
		}
		ifp.capena = enable
		if ifp.up() {
			return netbsd.ENETRESET
		}
	case netbsd.SIOCGIFCAP:
		binary.LittleEndian.PutUint64(data[16:], ifp.caps)
		binary.LittleEndian.PutUint64(data[24:], ifp.capena)
	case netbsd.SIOCSIFFLAGS:
		flags := binary.LittleEndian.Uint16(u)
		if ifp.up() && flags&netbsd.IFF_UP == 0 {
			ifp.down()
		}
		if !ifp.up() && flags&netbsd.IFF_UP != 0 {
			ifp.setUp()
		}
		ifp.flags = ifp.flags&netbsd.IFF_CANTCHANGE | flags&^netbsd.IFF_CANTCHANGE
	case netbsd.SIOCGIFFLAGS:
		binary.LittleEndian.PutUint16(u, ifp.flags)
	case netbsd.SIOCGIFMETRIC:
		putInt(u, int32(ifp.metric))
	case netbsd.SIOCSIFMETRIC:
		ifp.metric = int(int32(getUint(u)))
	case netbsd.SIOCGIFMTU:
		putInt(u, int32(ifp.mtu))
	case netbsd.SIOCSIFMTU:
		mtu := int(int32(getUint(u)))
		if mtu == ifp.mtu {
			return 0
		}
		ifp.mtu = mtu
		ifp.n.nd6SetMTU(ifp)
		return netbsd.ENETRESET
	case netbsd.SIOCGIFDLT:
		putInt(u, ifp.dlt())
	case netbsd.SIOCGIFINDEX:
		putInt(u, int32(ifp.index))
	case netbsd.SIOCGIFDATA, netbsd.SIOCZIFDATA:
		d := ifp.data()
		copy(data[offUnion:], d.Append(nil))
		if cmd == netbsd.SIOCZIFDATA {
			for _, c := range []*counts{&ifp.in, &ifp.out} {
				c.packets.Store(0)
				c.bytes.Store(0)
				c.mcasts.Store(0)
				c.errors.Store(0)
			}
			ifp.noproto.Store(0)
			ifp.touch()
		}
	default:
		return netbsd.ENOTTY
	}
	return 0
}

// dlt is the kind of frames that bpf sees (DLT_NULL, DLT_EN10MB).
func (ifp *Interface) dlt() int32 {
	if ifp.hdrlen == ethernetHeader {
		return 1
	}
	return 0
}

// ifconf lists all interfaces and their addresses.
func (n *Net) ifconf(c *kern.Call, data []byte) netbsd.Errno {
	if len(data) < netbsd.SizeofIfconf {
		return netbsd.EINVAL
	}
	req, _ := netbsd.ParseIfconf(data)
	room, used := int(req.Len), 0
	at := req.Buf
	put := func(ifp *Interface, a sockaddr) netbsd.Errno {
		if req.Buf == 0 {
			used += netbsd.SizeofIfreq
			return 0
		}
		if room-used < netbsd.SizeofIfreq {
			return 0
		}
		b := make([]byte, netbsd.SizeofIfreq)
		copy(b, ifp.name)
		copy(b[offUnion:], a)
		errno := c.Copyout(at, b)
		at += netbsd.SizeofIfreq
		used += netbsd.SizeofIfreq
		return errno
	}
	for _, ifp := range n.ifs {
		if len(ifp.addrs) == 0 {
			if errno := put(ifp, nil); errno != 0 {
				return errno
			}
		}
		for _, ifa := range ifp.addrs {
			if errno := put(ifp, ifa.addr); errno != 0 {
				return errno
			}
		}
	}
	req.Len = int32(used)
	copy(data, req.Append(nil))
	return 0
}

// etherIoctl carries out the commands of Ethernet interfaces (ether_ioctl).
// start and stop switch the device on and off.
func (ifp *Interface) etherIoctl(cmd netbsd.Ioctl, data []byte, start func() netbsd.Errno, stop func()) netbsd.Errno {
	switch cmd {
	case netbsd.SIOCSIFMTU:
		most := maxMTU
		if ifp.eccaps&netbsd.ETHERCAP_JUMBO_MTU != 0 {
			most = jumboMTU
		}
		if mtu := int(int32(getUint(data[offUnion:]))); mtu < minMTU || mtu > most {
			return netbsd.EINVAL
		}
		if errno := ifp.commonIoctl(cmd, data); errno != netbsd.ENETRESET {
			return errno
		}
		if ifp.up() {
			return start()
		}
		return 0
	case netbsd.SIOCSIFFLAGS:
		if errno := ifp.commonIoctl(cmd, data); errno != 0 {
			return errno
		}
		switch ifp.flags & (netbsd.IFF_UP | netbsd.IFF_RUNNING) {
		case netbsd.IFF_RUNNING:
			stop()
		case netbsd.IFF_UP, netbsd.IFF_UP | netbsd.IFF_RUNNING:
			return start()
		}
		return 0
	case netbsd.SIOCGETHERCAP:
		putInt(data[16:], ifp.eccaps)
		putInt(data[20:], ifp.ecena)
		return 0
	case netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI:
		return ifp.etherMulti(unionAddr(data), cmd == netbsd.SIOCADDMULTI)
	case netbsd.SIOCALIFADDR:
		if data[offLaddrAddr+1] == netbsd.AF_LINK {
			mac := sockaddr(data[offLaddrAddr:offLaddrDst]).linkAddr()
			if len(mac) < 6 || mac[0]&1 != 0 || string(mac[:6]) == "\x00\x00\x00\x00\x00\x00" {
				return netbsd.EINVAL
			}
		}
	}
	return ifp.commonIoctl(cmd, data)
}

// etherInitAddr prepares an Ethernet interface for an address, which switches it
// on if it is the first.
func (ifp *Interface) etherInitAddr(ifa *ifaddr, start func() netbsd.Errno) netbsd.Errno {
	if ifa.family != netbsd.AF_LINK && !ifp.upRunning() {
		ifp.flags |= netbsd.IFF_UP
		if errno := start(); errno != 0 {
			return errno
		}
	}
	switch ifa.family {
	case netbsd.AF_INET:
		ifp.n.arpInit(ifa)
	}
	return 0
}

// linkControl carries out SIOCALIFADDR, SIOCDLIFADDR and SIOCGLIFADDR on sockets
// of AF_LINK, which add, remove and show hardware addresses (link_control).
func (n *Net) linkControl(cmd netbsd.Ioctl, data []byte, ifp *Interface) netbsd.Errno {
	switch cmd {
	case netbsd.SIOCALIFADDR, netbsd.SIOCDLIFADDR, netbsd.SIOCGLIFADDR:
	default:
		return netbsd.ENOTTY
	}
	addr := data[offLaddrAddr:offLaddrDst]
	flags := getUint(data[offLaddrFlags:])
	if addr[1] != netbsd.AF_LINK || int(addr[6]) != ifp.addrlen() {
		return netbsd.EINVAL
	}
	if flags&netbsd.IFLR_PREFIX != 0 && getUint(data[offLaddrPlen:]) != uint32(8*ifp.addrlen()) {
		return netbsd.EINVAL
	}
	mac := append([]byte(nil), sockaddr(addr).linkAddr()...)
	want := sdl(ifp.index, ifp.typ, ifp.name, mac, 0)
	var ifa *ifaddr
	for _, a := range ifp.addrs {
		if a.addr.equal(want) {
			ifa = a
			break
		}
	}
	switch cmd {
	case netbsd.SIOCGLIFADDR:
		if flags&netbsd.IFLR_PREFIX == 0 {
			ifa = ifp.firstAddr(netbsd.AF_LINK)
		}
		if ifa == nil {
			return netbsd.EADDRNOTAVAIL
		}
		flags = 0
		if ifa == ifp.dl {
			flags = netbsd.IFLR_ACTIVE
		}
		putInt(data[offLaddrFlags:], int32(flags))
		copy(addr, ifa.addr)
	case netbsd.SIOCDLIFADDR:
		if ifa == nil {
			return netbsd.EADDRNOTAVAIL
		}
		if ifa == ifp.dl {
			return netbsd.EBUSY
		}
		n.addrMsg(netbsd.RTM_DELETE, ifa, 0, nil)
		ifp.removeAddr(ifa)
	case netbsd.SIOCALIFADDR:
		if ifa == nil {
			ifa = ifp.newLinkAddr(mac)
			ifp.addrs = append(ifp.addrs, ifa)
			n.addrMsg(netbsd.RTM_ADD, ifa, 0, nil)
		}
		if ifa != ifp.dl && flags&netbsd.IFLR_ACTIVE != 0 {
			ifp.activate(ifa)
			n.addrMsg(netbsd.RTM_CHANGE, ifa, 0, nil)
		}
	}
	return 0
}

// activate makes a link address the one in use, and tells the neighbours
// (if_activate_sadl).
func (ifp *Interface) activate(ifa *ifaddr) {
	ifp.dl, ifp.mac = ifa, ifa.addr.linkAddr()
	for _, a := range append([]*ifaddr(nil), ifp.addrs...) {
		if a.family != netbsd.AF_LINK {
			ifp.n.rtinit(a, netbsd.RTM_LLINFO_UPD, 0)
		}
	}
}
