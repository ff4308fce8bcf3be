package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// etherMulti adds or removes a multicast address that was asked for by an ioctl
// (ether_addmulti, ether_delmulti).
func (ifp *Interface) etherMulti(a sockaddr, add bool) netbsd.Errno {
	var key netip.Addr
	switch a.family() {
	case netbsd.AF_INET, netbsd.AF_INET6:
		key = a.addr() // any will do, as only its last bits are looked at
	case netbsd.AF_UNSPEC:
		// The bytes of a hardware address.
		var b [16]byte
		if len(a) >= 8 {
			copy(b[10:], a[2:8])
		}
		if add && b[10]&1 == 0 {
			return netbsd.EINVAL
		}
		key = netip.AddrFrom16(b)
	default:
		return netbsd.EAFNOSUPPORT
	}
	k := multiKey{key}
	if add {
		ifp.multi[k]++
		return 0
	}
	if ifp.multi[k] == 0 {
		return netbsd.ENXIO
	}
	if ifp.multi[k]--; ifp.multi[k] == 0 {
		delete(ifp.multi, k)
	}
	return 0
}

// in6Ifstat counts the interface's packets of IPv6.
func (n *Net) in6Ifstat(ifp *Interface) netbsd.In6Ifstat {
	return netbsd.In6Ifstat{InReceive: ifp.in6.Load(), InDeliver: ifp.in6.Load(), OutRequest: ifp.out6.Load()}
}

// icmp6Ifstat counts those of ICMPv6.
func (n *Net) icmp6Ifstat(ifp *Interface) netbsd.Icmp6Ifstat {
	var s netbsd.Icmp6Ifstat
	s.InRoutersolicit, s.InRouteradvert = ifp.icmp6In[0], ifp.icmp6In[1]
	s.InNeighborsolicit, s.InNeighboradvert, s.InRedirect = ifp.icmp6In[2], ifp.icmp6In[3], ifp.icmp6In[4]
	for _, c := range ifp.icmp6In {
		s.InMsg += c
	}
	s.OutNeighborsolicit, s.OutNeighboradvert = ifp.icmp6Out[2], ifp.icmp6Out[3]
	s.OutMsg = s.OutNeighborsolicit + s.OutNeighboradvert
	return s
}
