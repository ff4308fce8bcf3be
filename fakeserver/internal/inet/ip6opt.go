package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

func (n *Net) setIP6Opt(c *kern.Call, p *pcb, name int, b []byte) netbsd.Errno {
	v, errno := optInt(b)
	switch name {
	case netbsd.IPV6_UNICAST_HOPS:
		return optWithin(b, -1, 255, &p.ttl)
	case netbsd.IPV6_V6ONLY:
		if errno == 0 && (p.lport != 0 || !anyAddr(p.laddr)) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.v6only = v != 0
		}
	case netbsd.IPV6_RECVHOPOPTS, netbsd.IPV6_RECVDSTOPTS, ip6RecvRtDstOpts:
		if e := n.privileged(c); e != 0 {
			return e
		}
		if errno == 0 {
			p.want(name, v != 0)
		}
	case netbsd.IPV6_RECVPKTINFO, netbsd.IPV6_RECVHOPLIMIT, netbsd.IPV6_RECVRTHDR, netbsd.IPV6_RECVTCLASS, netbsd.IPV6_FAITH:
		if errno == 0 {
			p.want(name, v != 0)
		}
	case netbsd.IPV6_RECVPATHMTU:
		if errno == 0 && p.s.proto != netbsd.IPPROTO_TCP {
			p.want(name, v != 0)
		}
	case netbsd.IPV6_HOPLIMIT:
		if errno == 0 {
			errno = netbsd.ENOPROTOOPT // it goes with a packet alone
		}
	case netbsd.IPV6_TCLASS, netbsd.IPV6_DONTFRAG, netbsd.IPV6_USE_MIN_MTU, netbsd.IPV6_PREFER_TEMPADDR, ip6OTClass,
		netbsd.IPV6_PKTINFO, netbsd.IPV6_HOPOPTS, netbsd.IPV6_RTHDR, netbsd.IPV6_DSTOPTS, netbsd.IPV6_RTHDRDSTOPTS, netbsd.IPV6_NEXTHOP:
		if p.opts6 == nil {
			p.opts6 = newPacketOpts()
		}
		return p.opts6.set(n, c, p.s, name, b, true)
	case netbsd.IPV6_MULTICAST_IF:
		if errno == 0 && v != 0 {
			ifp := n.byIndex(v)
			if ifp == nil {
				return netbsd.ENXIO
			}
			if ifp.flags&netbsd.IFF_MULTICAST == 0 {
				return netbsd.EADDRNOTAVAIL
			}
		}
		if errno == 0 {
			p.multiIf = v
		}
	case netbsd.IPV6_MULTICAST_HOPS:
		return optWithin(b, -1, 255, &p.multiTTL)
	case netbsd.IPV6_MULTICAST_LOOP:
		if errno == 0 && (v < 0 || v > 1) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.loop = v != 0
		}
	case netbsd.IPV6_PORTRANGE:
		return optWithin(b, netbsd.IPV6_PORTRANGE_DEFAULT, netbsd.IPV6_PORTRANGE_LOW, &p.ranged)
	case netbsd.IPV6_PORTALGO:
		return p.setPortAlgo(b)
	default:
		return netbsd.ENOPROTOOPT
	}
	return errno
}

func (n *Net) getIP6Opt(p *pcb, name int) ([]byte, netbsd.Errno) {
	switch name {
	case netbsd.IPV6_UNICAST_HOPS:
		return intValue(p.ttl), 0
	case netbsd.IPV6_V6ONLY:
		return flagValue(p.v6only), 0
	case netbsd.IPV6_RECVPKTINFO, netbsd.IPV6_RECVHOPLIMIT, netbsd.IPV6_RECVRTHDR, netbsd.IPV6_RECVHOPOPTS,
		netbsd.IPV6_RECVDSTOPTS, netbsd.IPV6_RECVPATHMTU, netbsd.IPV6_RECVTCLASS, ip6RecvRtDstOpts, netbsd.IPV6_FAITH:
		return flagValue(p.recv[name]), 0
	case netbsd.IPV6_TCLASS, netbsd.IPV6_DONTFRAG, netbsd.IPV6_USE_MIN_MTU, netbsd.IPV6_PREFER_TEMPADDR, ip6OTClass,
		netbsd.IPV6_PKTINFO, netbsd.IPV6_HOPOPTS, netbsd.IPV6_RTHDR, netbsd.IPV6_DSTOPTS, netbsd.IPV6_RTHDRDSTOPTS, netbsd.IPV6_NEXTHOP:
		return p.opts6.get(name)
	case netbsd.IPV6_PATHMTU:
		return n.pathMTU(p)
	case netbsd.IPV6_JOIN_GROUP, netbsd.IPV6_LEAVE_GROUP:
		return nil, netbsd.EOPNOTSUPP
	case netbsd.IPV6_MULTICAST_IF:
		return intValue(p.multiIf), 0
	case netbsd.IPV6_MULTICAST_HOPS:
		if p.multiTTL < 0 {
			return intValue(int(n.set.ip6MultiHopLimit.Load())), 0
		}
		return intValue(p.multiTTL), 0
	case netbsd.IPV6_MULTICAST_LOOP:
		return flagValue(p.loop), 0
	case netbsd.IPV6_PORTRANGE:
		return intValue(p.ranged), 0
	case netbsd.IPV6_PORTALGO:
		return intValue(int(p.portAlgo)), 0
	}
	return nil, netbsd.ENOPROTOOPT
}

// pathMTU is the size of packets that reach the other side of a connected socket:
// struct ip6_mtuinfo.
func (n *Net) pathMTU(p *pcb) ([]byte, netbsd.Errno) {
	if !p.s.ep.status().connected {
		return nil, netbsd.ENOTCONN
	}
	rt := n.alloc(sin(p.faddr), false)
	if rt == nil {
		return nil, netbsd.EHOSTUNREACH
	}
	mtu := uint32(rt.ifp.mtu)
	if rt.rmx.Mtu != 0 {
		mtu = uint32(rt.rmx.Mtu)
	}
	return netbsd.Ip6Mtuinfo{Mtu: mtu}.Append(nil), 0
}
