package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func (n *Net) setIP4Opt(p *pcb, name int, b []byte) netbsd.Errno {
	switch name {
	case netbsd.IP_TOS, netbsd.IP_TTL, netbsd.IP_MINTTL, netbsd.IP_PKTINFO, netbsd.IP_RECVOPTS, netbsd.IP_RECVRETOPTS,
		netbsd.IP_RECVDSTADDR, netbsd.IP_RECVIF, netbsd.IP_RECVPKTINFO, netbsd.IP_RECVTTL:
		v, errno := optInt(b)
		if errno != 0 {
			return errno
		}
		switch name {
		case netbsd.IP_TOS:
			p.tos = v & 0xff
		case netbsd.IP_TTL:
			p.ttl = v & 0xff
		case netbsd.IP_MINTTL:
			if v <= 0 || v > 255 {
				return netbsd.EINVAL
			}
			p.minTTL = v
		default:
			p.want(name, v != 0)
		}
		return 0
	case netbsd.IP_OPTIONS:
		if p.options = nil; len(b) == 0 {
			return 0
		}
		var errno netbsd.Errno
		p.options, errno = parseIPOptions(b)
		return errno
	case netbsd.IP_MULTICAST_IF:
		if len(b) != 4 {
			return netbsd.EINVAL
		}
		a := netip.AddrFrom4([4]byte(b))
		if a.IsUnspecified() {
			p.multiIf, p.multiAddr = 0, netip.Addr{}
			return 0
		}
		ifp, byIndex := n.multicastIf(a)
		if ifp == nil || ifp.flags&netbsd.IFF_MULTICAST == 0 {
			return netbsd.EADDRNOTAVAIL
		}
		p.multiIf, p.multiAddr = ifp.index, netip.Addr{}
		if byIndex {
			p.multiAddr = a
		}
		return 0
	case netbsd.IP_MULTICAST_TTL:
		v, errno := optSmall(b, 255)
		if errno == 0 {
			p.multiTTL = v
		}
		return errno
	case netbsd.IP_MULTICAST_LOOP:
		v, errno := optSmall(b, 1)
		if errno == 0 {
			p.loop = v != 0
		}
		return errno
	case netbsd.IP_PORTRANGE:
		v, errno := optInt(b)
		if errno != 0 {
			return errno
		}
		if v < netbsd.IP_PORTRANGE_DEFAULT || v > netbsd.IP_PORTRANGE_LOW {
			return netbsd.EINVAL
		}
		p.ranged = v
		return 0
	case netbsd.IP_PORTALGO:
		return p.setPortAlgo(b)
	}
	return netbsd.ENOPROTOOPT
}

// setPortAlgo chooses how a free port is found, which -1 leaves to the kernel
// (portalgo_algo_index_select).
func (p *pcb) setPortAlgo(b []byte) netbsd.Errno {
	v, errno := optInt(b)
	if errno == 0 && (v < -1 || v >= len(portAlgos)) {
		errno = netbsd.EINVAL
	}
	if errno == 0 {
		p.portAlgo = uint16(v)
	}
	return errno
}

// multicastIf finds the interface that an address stands for: its own, or for
// 0.x.y.z that of the number (ip_multicast_if).
func (n *Net) multicastIf(a netip.Addr) (ifp *Interface, byIndex bool) {
	b := a.As4()
	if b[0] == 0 {
		return n.byIndex(int(b[1])<<16 | int(b[2])<<8 | int(b[3])), true
	}
	if ifa := n.inLocal(a); ifa != nil {
		return ifa.ifp, false
	}
	return nil, false
}

func (n *Net) getIP4Opt(p *pcb, name int) ([]byte, netbsd.Errno) {
	switch name {
	case netbsd.IP_OPTIONS, netbsd.IP_RETOPTS:
		return p.options, 0
	case netbsd.IP_TOS:
		return intValue(p.tos), 0
	case netbsd.IP_TTL:
		if p.ttl < 0 {
			if p.s.typ == netbsd.SOCK_RAW {
				return intValue(0), 0
			}
			return intValue(int(n.set.ipTTL.Load())), 0
		}
		return intValue(p.ttl), 0
	case netbsd.IP_MINTTL:
		return intValue(p.minTTL), 0
	case netbsd.IP_ERRORMTU:
		return intValue(0), 0
	case netbsd.IP_PKTINFO, netbsd.IP_RECVOPTS, netbsd.IP_RECVRETOPTS, netbsd.IP_RECVDSTADDR, netbsd.IP_RECVIF,
		netbsd.IP_RECVPKTINFO, netbsd.IP_RECVTTL:
		return flagValue(p.recv[name]), 0
	case netbsd.IP_MULTICAST_IF:
		a := netip.IPv4Unspecified()
		switch {
		case p.multiIf == 0:
		case p.multiAddr.IsValid():
			a = p.multiAddr
		default:
			if ifp := n.byIndex(p.multiIf); ifp != nil {
				if ifa := ifp.firstAddr(netbsd.AF_INET); ifa != nil {
					a = ifa.addr.addr()
				}
			}
		}
		return a.AsSlice(), 0
	case netbsd.IP_MULTICAST_TTL:
		if p.multiTTL < 0 {
			return []byte{defaultMultiTTL}, 0
		}
		return []byte{byte(p.multiTTL)}, 0
	case netbsd.IP_MULTICAST_LOOP:
		if p.loop {
			return []byte{1}, 0
		}
		return []byte{0}, 0
	case netbsd.IP_ADD_MEMBERSHIP, netbsd.IP_DROP_MEMBERSHIP:
		return nil, netbsd.EOPNOTSUPP
	case netbsd.IP_PORTRANGE:
		if p.ranged == netbsd.IP_PORTRANGE_LOW {
			return intValue(netbsd.IP_PORTRANGE_LOW), 0
		}
		return intValue(netbsd.IP_PORTRANGE_DEFAULT), 0
	case netbsd.IP_PORTALGO:
		return intValue(int(p.portAlgo)), 0
	}
	return nil, netbsd.ENOPROTOOPT
}
