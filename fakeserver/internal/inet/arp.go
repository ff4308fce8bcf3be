package inet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

const (
	arpLen     = 28
	arpRequest = 1
	arpReply   = 2

	arpMaxTries = 5 // requests before a host is taken for down
	arpMaxHold  = 1 // packets that wait for an address
)

// arpInit prepares an Ethernet interface for an IPv4 address (arp_ifinit).
func (n *Net) arpInit(ifa *ifaddr) {
	ifp, a := ifa.ifp, ifa.addr.addr()
	if !a.IsUnspecified() && ifa.inReady() {
		n.arpRequest(ifp, a, a, ifp.mac)
		e := ifp.arp.create(a)
		e.static, e.ifaddr, e.mac, e.expire = true, true, ifp.mac, 0
		e.timer.stop()
	}
	ifa.rtrequest = n.arpRtrequest
	ifa.flags |= netbsd.RTF_CONNECTED
	if ifa.iff&netbsd.IN_IFF_TRYTENTATIVE != 0 {
		ifa.iff |= netbsd.IN_IFF_TENTATIVE
		ifa.arpDAD = true
	}
}

// arpRtrequest adapts a route through an Ethernet interface (arp_rtrequest).
func (n *Net) arpRtrequest(cmd int, rt *route, info *routeInfo) {
	ifp := rt.ifp
	if cmd == netbsd.RTM_LLINFO_UPD {
		if ifa := info.ifa; ifa != nil && ifa.inReady() {
			n.arpRequest(ifa.ifp, ifa.addr.addr(), ifa.addr.addr(), ifa.ifp.mac)
		}
		return
	}
	if rt.flags&netbsd.RTF_GATEWAY != 0 || cmd != netbsd.RTM_ADD {
		return
	}
	if rt.flags&netbsd.RTF_HOST == 0 && rt.mask != nil && prefixLen(rt.maskBits) < 32 {
		rt.flags |= netbsd.RTF_CONNECTED
	}
	if rt.flags&(netbsd.RTF_CONNECTED|netbsd.RTF_LOCAL) != 0 {
		rt.gateway = ifp.linkGateway()
		rt.rmx.Expire = n.uptime()
		if rt.flags&netbsd.RTF_CONNECTED != 0 {
			return
		}
	}
	if !rt.adoptGateway(0) {
		return
	}
	a := rt.key.addr()
	if rt.flags&netbsd.RTF_HOST != 0 && n.inBroadcast(a, ifp) {
		rt.flags |= netbsd.RTF_BROADCAST
	}
	if rt.flags&netbsd.RTF_BROADCAST != 0 {
		return
	}
	if rt.flags&netbsd.RTF_LOCAL != 0 {
		rt.rmx.Expire = 0
		rt.ifp, rt.rmx.Mtu = n.loopback(), 0
		return
	}
	ifa := ifp.findAddr(rt.key)
	if ifa == nil {
		return
	}
	rt.rmx.Expire, rt.rmx.Mtu = 0, 0
	rt.ifp = n.loopback()
	rt.replaceIfa(ifa)
	rt.flags |= netbsd.RTF_LOCAL
}

// adoptGateway tells a route's gateway of its interface, if it is a link address that
// has room for one of the interface with a name of the given length.
func (rt *route) adoptGateway(name int) bool {
	gw := rt.gateway
	if gw.family() != netbsd.AF_LINK || len(gw) < 8+name+rt.ifp.addrlen() {
		return false
	}
	binary.LittleEndian.PutUint16(gw[2:], uint16(rt.ifp.index))
	gw[4] = rt.ifp.typ
	return true
}

// linkGateway is the gateway of routes to an interface itself.
func (ifp *Interface) linkGateway() sockaddr {
	return sdl(ifp.index, ifp.typ, "", nil, 8+len(ifp.name)+ifp.addrlen())
}

// arpRequest asks who has target.
func (n *Net) arpRequest(ifp *Interface, source, target netip.Addr, mac []byte) {
	b := make([]byte, arpLen)
	binary.BigEndian.PutUint16(b, 1) // ARPHRD_ETHER
	binary.BigEndian.PutUint16(b[2:], etherIP)
	b[4], b[5] = 6, 4
	binary.BigEndian.PutUint16(b[6:], arpRequest)
	copy(b[8:14], mac)
	copy(b[14:18], source.AsSlice())
	copy(b[24:28], target.AsSlice())
	n.stats.arp.sent++
	n.stats.arp.sentRequest++
	n.later(func() { ifp.sendEther(etherBroadcast, etherARP, b) })
}

// arpResolve finds the hardware address of a neighbour. If it is not known the
// packet waits for it, and mac is nil (arpresolve).
func (n *Net) arpResolve(ifp *Interface, a netip.Addr, gateway bool, src netip.Addr, packet []byte) (mac []byte, errno netbsd.Errno) {
	t := ifp.arp
	now := n.uptime()
	e := t.find(a)
	if e != nil && e.mac != nil && (e.static || e.expire > now) {
		return e.mac, 0
	}
	if ifp.flags&netbsd.IFF_NOARP != 0 {
		return nil, netbsd.EOPNOTSUPP
	}
	if e == nil {
		if !n.neighbourly(t.ifp, a) {
			return nil, netbsd.EINVAL
		}
		e = t.create(a)
	}
	renew := e.asked == 0 || e.expire != now
	if len(e.hold) >= arpMaxHold {
		e.hold = e.hold[1:]
		n.stats.arp.dropped++
	}
	e.hold = append(e.hold, packet)
	if e.asked >= arpMaxTries {
		errno = netbsd.EHOSTDOWN
		if gateway {
			errno = netbsd.EHOSTUNREACH
		}
	}
	if renew {
		e.mac = nil
		e.expire = now
		e.timer.set(n, seconds(n.set.arpDown.Load()), func() { n.arpExpire(e) })
		e.asked++
		if ifa := n.inLocal(src); ifa != nil && ifa.ifp.typ == netbsd.IFT_CARP && ifp.typ != netbsd.IFT_CARP {
			// Neighbours know a shared address by its own hardware address only.
			if own := ifp.ifaFor(sin(a)); own != nil {
				src = own.addr.addr()
			}
		}
		n.arpRequest(ifp, src, a, ifp.mac)
	}
	return nil, errno
}

func (n *Net) arpExpire(e *neighbour) {
	n.stats.arp.dropped += uint64(len(e.hold))
	e.table.remove(e)
}

// arpInput takes an ARP packet in (in_arpinput).
func (n *Net) arpInput(ifp *Interface, b []byte, multicast bool) {
	n.stats.arp.received++
	if len(b) < arpLen || binary.BigEndian.Uint16(b) != 1 || binary.BigEndian.Uint16(b[2:]) != etherIP || b[4] != 6 || b[5] != 4 {
		return
	}
	op := binary.BigEndian.Uint16(b[6:])
	sha := bytes.Clone(b[8:14])
	spa, tpa := netip.AddrFrom4([4]byte(b[14:18])), netip.AddrFrom4([4]byte(b[24:28]))
	var ifa *ifaddr
	for _, a := range n.inAddrs {
		if a.addr.addr() != tpa {
			continue
		}
		if a.ifp == ifp {
			ifa = a
			break
		}
		if ifp.port != nil && a.ifp.port != nil && ifp.port.bridge == a.ifp.port.bridge {
			ifa = a
		}
	}
	if ifa != nil {
		ifp = ifa.ifp
	} else {
		if ifa = ifp.findAddr(sin(spa)); ifa == nil {
			ifa = ifp.firstAddr(netbsd.AF_INET)
		}
	}
	if ifa == nil {
		return
	}
	own := ifa.addr.addr()
	if bytes.Equal(sha, ifp.mac) {
		return // from me
	}
	if bytes.Equal(sha, etherBroadcast) {
		n.log(fmt.Sprintf("%s: arp: link address is broadcast for IP address %s!", ifp.name, spa))
		return
	}
	if spa == own || spa.IsUnspecified() && tpa == own {
		if ifa.iff&netbsd.IN_IFF_TENTATIVE != 0 {
			n.arpDuplicated(ifa)
		}
		if !ifa.inReady() {
			return
		}
	}
	if tpa.IsUnspecified() {
		return
	}
	switch {
	case spa.IsUnspecified():
	case spa == own:
		n.log(fmt.Sprintf("duplicate IP address %s sent from link address %s", spa, macString(sha)))
		tpa = own
	default:
		e := ifp.arp.find(spa)
		if e == nil && tpa == own && n.neighbourly(ifp, spa) {
			e = ifp.arp.create(spa)
		}
		if e != nil && !n.arpLearn(e, sha) {
			return
		}
	}
	if op != arpRequest {
		if op == arpReply {
			n.stats.arp.receivedReply++
		}
		return
	}
	n.stats.arp.receivedRequest++
	answer := ifp.mac
	if tpa == own {
		if !ifa.inReady() {
			return
		}
	} else {
		e := ifp.arp.find(tpa)
		if e == nil || !e.public {
			return
		}
		answer = e.mac
	}
	r := make([]byte, arpLen)
	copy(r, b[:6])
	binary.BigEndian.PutUint16(r[6:], arpReply)
	copy(r[8:14], answer)
	copy(r[14:18], tpa.AsSlice())
	copy(r[18:24], sha)
	copy(r[24:28], spa.AsSlice())
	n.stats.arp.sent++
	n.stats.arp.sentReply++
	n.later(func() { ifp.sendEther(sha, etherARP, r) })
}

// neighbourly reports whether an address may be a neighbour on an interface's link
// (in_lltable_rtcheck, in6_lltable_rtcheck).
func (n *Net) neighbourly(ifp *Interface, a netip.Addr) bool {
	rt := n.alloc(sin(a), false)
	if a.Is6() {
		return rt != nil && rt.flags&netbsd.RTF_GATEWAY == 0 && rt.ifp == ifp || ifp.ifaFor(sin(a)) != nil
	}
	switch {
	case rt == nil:
		return false
	case rt.flags&netbsd.RTF_HOST == 0:
		return rt.flags&netbsd.RTF_GATEWAY == 0 && (rt.ifp == ifp || rt.mask != nil)
	}
	return rt.flags&netbsd.RTF_GATEWAY == 0 || rt.gateway.addr() == a
}

// arpLearn notes a neighbour's hardware address, unless it is fixed.
func (n *Net) arpLearn(e *neighbour, mac []byte) bool {
	if e.mac != nil && !bytes.Equal(e.mac, mac) {
		if e.static {
			n.log(fmt.Sprintf("%s tried to overwrite permanent arp info for %s", macString(mac), e.addr))
			return false
		}
		n.log(fmt.Sprintf("arp info overwritten for %s by %s", e.addr, macString(mac)))
	}
	e.mac = mac
	if !e.static {
		keep := n.set.arpKeep.Load()
		e.expire = n.uptime() + keep
		e.timer.set(n, seconds(keep), func() { n.arpExpire(e) })
	}
	e.asked = 0
	n.release(e)
	return true
}

func macString(mac []byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5])
}

// dad is duplicate address detection for one address.
type dad struct {
	timer     timer
	running   bool
	sent      int // probes
	announced int
	nsIn      int
	naIn      int
	tries     int
}

func (d *dad) stop() {
	d.timer.stop()
	*d = dad{}
}

// The times of RFC 5227.
const (
	probeWait        = time.Second
	probeMin         = time.Second
	probeMax         = 2 * time.Second
	announceWait     = 2 * time.Second
	announceNum      = 2
	announceInterval = 2 * time.Second
	dadMaxTry        = 15
)

// arpDADStart begins to look for duplicates of an IPv4 address (arp_dad_start).
func (n *Net) arpDADStart(ifa *ifaddr) {
	if ifa.iff&netbsd.IN_IFF_TENTATIVE == 0 {
		return
	}
	a := ifa.addr.addr()
	if n.set.ipDADCount.Load() == 0 {
		ifa.iff &^= netbsd.IN_IFF_TENTATIVE
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
		n.arpRequest(ifa.ifp, a, a, ifa.ifp.mac)
		return
	}
	if !ifa.ifp.up() || ifa.dad.running {
		return
	}
	ifa.dad = dad{running: true}
	ifa.dad.timer.set(n, n.randDuration(probeWait), func() { n.arpDADTimer(ifa) })
}

func (n *Net) arpDADTimer(ifa *ifaddr) {
	d, ifp, a := &ifa.dad, ifa.ifp, ifa.addr.addr()
	if !d.running || ifa.iff&netbsd.IN_IFF_DUPLICATED != 0 || ifa.iff&netbsd.IN_IFF_TENTATIVE == 0 && d.announced == 0 {
		return
	}
	if d.tries > dadMaxTry {
		d.stop()
		return
	}
	if count := int(n.set.ipDADCount.Load()); d.sent < count {
		d.tries++
		if ifp.upRunning() {
			d.tries = 0
			d.sent++
			n.arpRequest(ifp, netip.IPv4Unspecified(), a, ifp.mac)
		}
		wait := announceWait
		if d.sent < count {
			wait = probeMin + n.randDuration(probeMax-probeMin)
		}
		d.timer.set(n, wait, func() { n.arpDADTimer(ifa) })
		return
	}
	if d.announced == 0 {
		ifa.iff &^= netbsd.IN_IFF_TENTATIVE
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
	}
	n.arpRequest(ifp, a, a, ifp.mac)
	if d.announced++; d.announced < announceNum {
		d.timer.set(n, announceInterval, func() { n.arpDADTimer(ifa) })
		return
	}
	d.stop()
}

// arpDuplicated is told that somebody else has the address (arp_dad_duplicated).
func (n *Net) arpDuplicated(ifa *ifaddr) {
	if !ifa.dad.running {
		return
	}
	n.log(fmt.Sprintf("%s: DAD detected duplicate IPv4 address %s: ARP out=%d", ifa.ifp.name, ifa.addr.addr(), ifa.dad.sent))
	ifa.iff &^= netbsd.IN_IFF_TENTATIVE
	ifa.iff |= netbsd.IN_IFF_DUPLICATED
	ifa.dad.stop()
	n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
}
