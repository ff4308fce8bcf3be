package inet

import (
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// icmpInput takes in what of ICMP changes the routes of the kernel. It reports whether the
// packet goes on to gVisor. n.mu is held.
func (n *Net) icmpInput(b []byte) bool {
	hlen := int(b[0]&0xf) * 4
	if hlen < header.IPv4MinimumSize || len(b) < hlen+header.ICMPv4MinimumSize || !n.isOurs(netip.AddrFrom4([4]byte(b[16:20]))) {
		return true
	}
	const unreachable, tooLong, redirect = 3, 4, 5
	switch typ, code := b[hlen], b[hlen+1]; {
	case typ == unreachable && code == tooLong:
		return n.tooLong4(b)
	case typ == redirect && code <= 3 && n.set.redirAccept.Load() != 0:
		if quoted := quoted4(b); quoted != nil {
			gateway, author := netip.AddrFrom4([4]byte(b[hlen+4:hlen+8])), netip.AddrFrom4([4]byte(b[12:16]))
			n.redirect(sin(netip.AddrFrom4([4]byte(quoted[16:20]))), sin(gateway), sin(author),
				time.Duration(n.set.redirTimeout.Load())*time.Second)
		}
	}
	return true
}

// redirect makes a host reached by another gateway, as the one that it was reached by
// has asked for (rtredirect). n.mu is held.
func (n *Net) redirect(dst, gateway, author sockaddr, keep time.Duration) {
	info := &routeInfo{flags: netbsd.RTF_GATEWAY | netbsd.RTF_HOST, ifa: n.ifaWithNet(gateway)}
	info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_GATEWAY] = dst, gateway
	rt := n.alloc(dst, false)
	var errno netbsd.Errno
	switch {
	case info.ifa == nil:
		errno = netbsd.ENETUNREACH
	case rt != nil && (!author.equal(rt.gateway) || rt.ifa != info.ifa):
		errno = netbsd.EINVAL
	case n.ifaWithAddr(gateway) != nil:
		errno = netbsd.EHOSTUNREACH
	case rt == nil || rt.flags&(netbsd.RTF_GATEWAY|netbsd.RTF_HOST) == netbsd.RTF_GATEWAY || rt.mask != nil && allZero(rt.maskBits):
		info.flags |= netbsd.RTF_DYNAMIC
		if rt, errno = n.rtrequest(netbsd.RTM_ADD, info); errno == 0 {
			info.flags = rt.flags
		}
	case rt.flags&netbsd.RTF_GATEWAY != 0:
		n.setGate(rt, gateway)
		rt.flags |= netbsd.RTF_MODIFIED
		info.flags |= netbsd.RTF_MODIFIED
	default:
		errno = netbsd.EHOSTUNREACH
	}
	if errno == 0 {
		n.later(func() { n.mirror.sync(false) })
		rt.forget(n, keep, func() {})
	}
	info.addrs[netbsd.RTAX_AUTHOR] = author
	n.missMsg(netbsd.RTM_REDIRECT, info, info.flags, errno)
}
