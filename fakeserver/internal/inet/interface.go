package inet

import (
	"bytes"
	"slices"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// An Interface is a network interface: struct ifnet with what the protocols
// keep for it.
type Interface struct {
	n      *Net
	name   string
	kind   string // the cloner which made it
	unit   int
	index  int
	typ    uint8 // IFT_*
	flags  uint16
	mtu    int
	metric int
	hdrlen int
	baud   uint64
	link   int32  // LINK_STATE_*
	mac    []byte // nil where there is none
	caps   uint64 // IFCAP_*
	capena uint64
	eccaps int32 // ETHERCAP_*
	ecena  int32

	changed  netbsd.Timespec // if_lastchange
	in, out  counts
	noproto  atomic.Uint64
	in6      atomic.Uint64 // packets of IPv6
	out6     atomic.Uint64
	icmp6In  [5]uint64 // of neighbour discovery, from type 133
	icmp6Out [5]uint64

	addrs  []*ifaddr // in the order in which they were added; link addresses among them
	dl     *ifaddr   // the link address in use
	arp    *lltable
	neigh  *lltable
	nd     ndInfo
	multi  map[multiKey]int // groups joined, with how often
	drv    driver
	port   *bridgePort // of the bridge to which the interface belongs
	vlans  map[uint16]*Interface
	promis int
	gone   bool
	deaf   bool // does not answer ioctls any more

	aggregated bool // a port of an agr interface
}

// counts are the packets of one direction.
type counts struct{ packets, bytes, mcasts, errors atomic.Uint64 }

func (c *counts) add(size int, mcast bool) {
	c.packets.Add(1)
	c.bytes.Add(uint64(size))
	if mcast {
		c.mcasts.Add(1)
	}
}

// A driver is what makes one kind of interface different from another. All
// methods but transmit are called with the network's lock held.
type driver interface {
	// ioctl carries out a command; ENOTTY leaves it to the protocols.
	ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno

	// initAddr is told of an address that is about to be used (SIOCINITIFADDR).
	initAddr(ifa *ifaddr) netbsd.Errno

	// transmit sends an Ethernet frame, or a packet where there is no Ethernet.
	// It is called without the lock.
	transmit(b []byte)

	// detach lets go of what the driver holds, when the interface goes.
	detach()
}

func (ifp *Interface) up() bool      { return ifp.flags&netbsd.IFF_UP != 0 }
func (ifp *Interface) running() bool { return ifp.flags&netbsd.IFF_RUNNING != 0 }
func (ifp *Interface) loopback() bool {
	return ifp.flags&netbsd.IFF_LOOPBACK != 0
}
func (ifp *Interface) pointopoint() bool { return ifp.flags&netbsd.IFF_POINTOPOINT != 0 }
func (ifp *Interface) broadcast() bool   { return ifp.flags&netbsd.IFF_BROADCAST != 0 }

// upRunning reports whether packets can be sent.
func (ifp *Interface) upRunning() bool { return ifp.up() && ifp.running() }

// doDAD reports whether addresses are checked for duplicates (if_do_dad).
func (ifp *Interface) doDAD() bool { return !ifp.loopback() && ifp.upRunning() }

// ether reports whether the interface speaks Ethernet, with neighbours to be
// found by ARP and neighbour discovery.
func (ifp *Interface) ether() bool { return len(ifp.mac) == 6 }

// addrlen is the length of a hardware address.
func (ifp *Interface) addrlen() int { return len(ifp.mac) }

func (ifp *Interface) touch() { ifp.changed = netbsd.TimespecOf(ifp.n.cfg.Now()) }

// data returns struct if_data.
func (ifp *Interface) data() netbsd.IfData {
	return netbsd.IfData{
		Type: ifp.typ, Addrlen: uint8(ifp.addrlen()), Hdrlen: uint8(ifp.hdrlen), LinkState: ifp.link,
		Mtu: uint64(ifp.mtu), Metric: uint64(ifp.metric), Baudrate: ifp.baud,
		Ipackets: ifp.in.packets.Load(), Ierrors: ifp.in.errors.Load(),
		Opackets: ifp.out.packets.Load(), Oerrors: ifp.out.errors.Load(),
		Ibytes: ifp.in.bytes.Load(), Obytes: ifp.out.bytes.Load(),
		Imcasts: ifp.in.mcasts.Load(), Omcasts: ifp.out.mcasts.Load(),
		Noproto: ifp.noproto.Load(), Lastchange: ifp.changed,
	}
}

// attach adds an interface to the kernel and gives it a number.
func (n *Net) attach(ifp *Interface) {
	// The number of an interface that is gone is used again if nothing has come
	// after it (if_getindex).
	for n.lastIf == 0 || n.byIndex(n.lastIf) != nil {
		n.lastIf++
	}
	ifp.n, ifp.index = n, n.lastIf
	ifp.multi = make(map[multiKey]int)
	if n.cfg.INET {
		ifp.arp = newLLTable(ifp, netbsd.AF_INET)
	}
	if n.cfg.INET6 {
		ifp.neigh = newLLTable(ifp, netbsd.AF_INET6)
		ifp.nd.init(ifp)
	}
	n.ifs = append(n.ifs, ifp)
	ifp.setLinkAddr(ifp.mac)
	n.addNodes(ifp)
	n.ifAnnounce(ifp, netbsd.IFAN_ARRIVAL)
}

// setLinkAddr makes a link address and makes it the one in use.
func (ifp *Interface) setLinkAddr(mac []byte) *ifaddr {
	ifa := ifp.newLinkAddr(mac)
	if ifp.dl != nil {
		ifp.removeAddr(ifp.dl)
	}
	ifp.addrs = append(ifp.addrs, ifa)
	ifp.dl, ifp.mac = ifa, mac
	return ifa
}

func (ifp *Interface) newLinkAddr(mac []byte) *ifaddr {
	a := sdl(ifp.index, ifp.typ, ifp.name, mac, 0)
	m := make(sockaddr, 8+len(ifp.name))
	m[0] = byte(len(m))
	for i := range ifp.name {
		m[8+i] = 0xff
	}
	return &ifaddr{ifp: ifp, family: netbsd.AF_LINK, addr: a, mask: m, rtrequest: linkRtrequest}
}

// detach takes an interface away with all that refers to it.
func (n *Net) detach(ifp *Interface) {
	n.leaveCarps(ifp)
	ifp.gone = true
	for i, p := range n.ifs {
		if p == ifp {
			n.ifs = append(n.ifs[:i:i], n.ifs[i+1:]...)
			break
		}
	}
	if ifp.port != nil {
		ifp.port.bridge.remove(ifp.port)
	}
	ifp.down()
	// The protocol of the oldest address lets go of all of its own first.
	for _, ifa := range slices.Clone(ifp.addrs) {
		switch ifa.family {
		case netbsd.AF_INET:
			n.purge(ifp, netbsd.AF_INET, n.inPurge)
		case netbsd.AF_INET6:
			n.in6Detach(ifp)
		}
	}
	n.in6Detach(ifp)
	ifp.arp.purge()
	ifp.neigh.purge()
	for _, t := range n.tables {
		t.removeInterface(n, ifp)
	}
	ifp.stopTimers()
	ifp.drv.detach()
	n.removeNodes(ifp)
	n.ifAnnounce(ifp, netbsd.IFAN_DEPARTURE)
}

// purge removes the addresses of a family.
func (n *Net) purge(ifp *Interface, family uint8, remove func(*ifaddr)) {
	for _, ifa := range slices.Clone(ifp.addrs) {
		if ifa.family == family {
			remove(ifa)
		}
	}
}

func (ifp *Interface) stopTimers() {
	for _, ifa := range ifp.addrs {
		ifa.dad.timer.stop()
	}
	ifp.arp.stopTimers()
	ifp.neigh.stopTimers()
}

// removeAddr takes an address off the interface's list.
func (ifp *Interface) removeAddr(ifa *ifaddr) {
	for i, a := range ifp.addrs {
		if a == ifa {
			ifp.addrs = append(ifp.addrs[:i:i], ifp.addrs[i+1:]...)
			return
		}
	}
}

// setUp marks the interface as up and tells the protocols (if_up).
func (ifp *Interface) setUp() {
	ifp.flags |= netbsd.IFF_UP
	ifp.touch()
	ifp.n.carpdevChanged(ifp)
	ifp.n.ifMsg(ifp)
	ifp.n.in6Up(ifp) // protocols are told in this order
	ifp.n.inLinkUp(ifp)
}

// down is the opposite (if_down).
func (ifp *Interface) down() {
	ifp.flags &^= netbsd.IFF_UP
	ifp.touch()
	ifp.n.carpdevChanged(ifp)
	ifp.n.ifMsg(ifp)
	ifp.n.in6LinkDown(ifp)
	ifp.n.inLinkDown(ifp)
}

// promiscuous counts who wants to see all frames.
func (ifp *Interface) promiscuous(on bool) {
	if on {
		ifp.promis++
	} else if ifp.promis > 0 {
		ifp.promis--
	}
	old := ifp.flags
	ifp.flags &^= netbsd.IFF_PROMISC
	if ifp.promis > 0 {
		ifp.flags |= netbsd.IFF_PROMISC
	}
	if old != ifp.flags {
		ifp.n.ifMsg(ifp)
	}
}

// An ifaddr is an address of an interface: struct ifaddr, in_ifaddr, in6_ifaddr.
type ifaddr struct {
	ifp    *Interface
	family uint8
	addr   sockaddr
	dst    sockaddr // the broadcast address, or the other end
	mask   sockaddr // as it was given or, for IPv4, without its trailing zeros
	flags  int32    // RTF_UP if it has the route of its prefix, RTF_CONNECTED
	metric int32
	pref   int16
	iff    int32 // IN_IFF_* or IN6_IFF_*

	rtrequest func(cmd int, rt *route, info *routeInfo)
	dad       dad

	// IPv4
	arpDAD bool // DAD is ARP's business (ia_dad_start)

	// IPv6
	life    netbsd.In6Addrlifetime // as it was given
	updated int64                  // uptime at which it was
	prefix  *ndPrefix
	groups  []multiKey
}

// ifaRoute is the flag of an address that has the route of its prefix (IFA_ROUTE).
const ifaRoute = netbsd.RTF_UP

// maskBits returns the mask's bytes.
func (ifa *ifaddr) maskBits() []byte { return ifa.mask.key(ifa.family) }

// plen is the length of the address's prefix.
func (ifa *ifaddr) plen() int { return prefixLen(ifa.maskBits()) }

// contains reports whether an address is in the prefix of ifa.
func (ifa *ifaddr) contains(key []byte) bool {
	m, own := ifa.maskBits(), ifa.addr.key(ifa.family)
	for i := range m {
		if (own[i]^key[i])&m[i] != 0 {
			return false
		}
	}
	return true
}

// firstAddr returns the first address of a family, or nil.
func (ifp *Interface) firstAddr(family uint8) *ifaddr {
	for _, ifa := range ifp.addrs {
		if ifa.family == family {
			return ifa
		}
	}
	return nil
}

// findAddr returns the interface's address that is equal to key, or nil.
func (ifp *Interface) findAddr(a sockaddr) *ifaddr {
	want := a.addr()
	for _, ifa := range ifp.addrs {
		if ifa.family == a.family() && ifa.addr.addr() == want {
			return ifa
		}
	}
	return nil
}

// ifaWithAddr finds an address of any interface, or its broadcast address.
func (n *Net) ifaWithAddr(a sockaddr) *ifaddr {
	for _, ifp := range n.ifs {
		for _, ifa := range ifp.addrs {
			if ifa.family != a.family() {
				continue
			}
			if ifa.addr.equal(a) || ifp.broadcast() && len(ifa.dst) > 0 && ifa.dst.equal(a) {
				return ifa
			}
		}
	}
	return nil
}

// ifaWithDst finds the address whose other end is a.
func (n *Net) ifaWithDst(a sockaddr) *ifaddr {
	for _, ifp := range n.ifs {
		if !ifp.pointopoint() {
			continue
		}
		for _, ifa := range ifp.addrs {
			if ifa.family == a.family() && len(ifa.dst) > 0 && ifa.dst.equal(a) {
				return ifa
			}
		}
	}
	return nil
}

// ifaWithNet finds the address with the longest prefix that has a in it.
func (n *Net) ifaWithNet(a sockaddr) *ifaddr {
	if a.family() == netbsd.AF_LINK && len(a) >= 8 {
		if ifp := n.byIndex(a.linkIndex()); ifp != nil {
			return ifp.dl
		}
	}
	size := addrSize(a.family())
	if size == 0 {
		return n.ifaWithName(a)
	}
	var best *ifaddr
	key := a.key(a.family())
	for _, ifp := range n.ifs {
		for _, ifa := range ifp.addrs {
			if ifa.family == a.family() && ifa.mask != nil && ifa.contains(key) && (best == nil || ifa.plen() > best.plen()) {
				best = ifa
			}
		}
	}
	return best
}

// ifaWithName finds the link address of the interface whose name is in a, or of
// the one that begins so: the mask of a link address is ones where the name is.
func (n *Net) ifaWithName(a sockaddr) *ifaddr {
	if a.family() != netbsd.AF_LINK || len(a) < 8 {
		return nil
	}
	var best *ifaddr
	for _, ifp := range n.ifs {
		if bytes.HasPrefix(a[8:], []byte(ifp.name)) && (best == nil || len(ifp.name) > len(best.ifp.name)) {
			best = ifp.dl
		}
	}
	return best
}

// ifaFor finds the interface's address that suits a best: one with a in its
// prefix, or else the last of the family.
func (ifp *Interface) ifaFor(a sockaddr) *ifaddr {
	var best *ifaddr
	for _, ifa := range ifp.addrs {
		if ifa.family != a.family() {
			continue
		}
		best = ifa
		if size := addrSize(a.family()); size > 0 && ifa.mask != nil && ifa.contains(a.key(a.family())) {
			return ifa
		}
	}
	return best
}
