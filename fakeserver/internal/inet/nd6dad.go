package inet

import (
	"bytes"
	"fmt"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// nd6DADStart begins to look for duplicates of an IPv6 address (nd6_dad_start).
func (n *Net) nd6DADStart(ifa *ifaddr, delay time.Duration) {
	if ifa.iff&netbsd.IN6_IFF_TENTATIVE == 0 {
		return
	}
	if ifa.iff&netbsd.IN6_IFF_ANYCAST != 0 || n.set.ip6DADCount.Load() == 0 {
		ifa.iff &^= netbsd.IN6_IFF_TENTATIVE
		n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
		return
	}
	if !ifa.ifp.up() || ifa.dad.running {
		return
	}
	ifa.dad = dad{running: true}
	ifa.dad.timer.set(n, delay+10*time.Millisecond, func() { n.nd6DADTimer(ifa) })
}

func (n *Net) nd6DADTimer(ifa *ifaddr) {
	d, ifp := &ifa.dad, ifa.ifp
	if !d.running || ifa.iff&netbsd.IN6_IFF_DUPLICATED != 0 || ifa.iff&netbsd.IN6_IFF_TENTATIVE == 0 {
		return
	}
	if d.tries > dadMaxTry {
		d.stop()
		return
	}
	if d.sent < int(n.set.ip6DADCount.Load()) {
		d.tries++
		if ifp.upRunning() {
			d.tries = 0
			d.sent++
			n.nd6Solicit(ifp, netip.Addr{}, ifa.addr.addr(), netip.Addr{}, true)
		}
		d.timer.set(n, ifp.retrans(), func() { n.nd6DADTimer(ifa) })
		return
	}
	if d.nsIn > 0 || d.naIn > 0 {
		n.nd6Duplicated(ifa)
		return
	}
	d.stop()
	ifa.iff &^= netbsd.IN6_IFF_TENTATIVE
	n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
}

// nd6DADSolicited is told that somebody else looks for duplicates of the same
// address (nd6_dad_ns_input).
func (n *Net) nd6DADSolicited(ifa *ifaddr) {
	if !ifa.dad.running || ifa.dad.sent == 0 {
		n.nd6Duplicated(ifa)
		return
	}
	ifa.dad.nsIn++
}

// nd6Duplicated is told that somebody else has the address (nd6_dad_duplicated).
func (n *Net) nd6Duplicated(ifa *ifaddr) {
	d, ifp, a := &ifa.dad, ifa.ifp, ifa.addr.addr()
	if !d.running {
		return
	}
	n.log(fmt.Sprintf("%s: DAD detected duplicate IPv6 address %s: NS in/out=%d/%d, NA in=%d", ifp.name, a, d.nsIn, d.sent, d.naIn))
	ifa.iff &^= netbsd.IN6_IFF_TENTATIVE
	ifa.iff |= netbsd.IN6_IFF_DUPLICATED
	d.stop()
	n.addrMsg(netbsd.RTM_NEWADDR, ifa, 0, nil)
	if id, ok := ifp.eui64(); ok && a.IsLinkLocalUnicast() && bytes.Equal(a.AsSlice()[8:], id[:]) {
		ifp.nd.Flags |= netbsd.ND6_IFF_IFDISABLED
		n.log(ifp.name + ": possible hardware address duplication detected, disable IPv6")
	}
}
