package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// domain tells whether the kernel has an address family.
func (n *Net) domain(family int) bool {
	switch family {
	case netbsd.AF_INET:
		return n.cfg.INET
	case netbsd.AF_INET6:
		return n.cfg.INET6
	case netbsd.AF_LOCAL:
		return n.cfg.Local
	case netbsd.AF_ROUTE, netbsd.AF_LINK:
		return n.cfg.Net
	}
	return false
}

// protocol finds the protocol of a socket: that which was asked for, or the
// family's own for the type (pffindproto, pffindtype).
func (n *Net) protocol(family, typ, proto int) (int, netbsd.Errno) {
	if !n.domain(family) {
		return 0, netbsd.EAFNOSUPPORT
	}
	switch family {
	case netbsd.AF_INET, netbsd.AF_INET6:
		switch {
		case typ == netbsd.SOCK_RAW:
			return proto, 0
		case typ == netbsd.SOCK_STREAM && (proto == 0 || proto == netbsd.IPPROTO_TCP):
			return netbsd.IPPROTO_TCP, 0
		case typ == netbsd.SOCK_DGRAM && (proto == 0 || proto == netbsd.IPPROTO_UDP):
			return netbsd.IPPROTO_UDP, 0
		}
	case netbsd.AF_LOCAL:
		switch typ {
		case netbsd.SOCK_STREAM, netbsd.SOCK_DGRAM, netbsd.SOCK_SEQPACKET:
			if proto == 0 {
				return 0, 0
			}
		}
	case netbsd.AF_ROUTE:
		if typ == netbsd.SOCK_RAW {
			return proto, 0
		}
	case netbsd.AF_LINK:
		if typ == netbsd.SOCK_DGRAM && proto == 0 {
			return 0, 0
		}
	}
	if proto == 0 && typ != 0 {
		return 0, netbsd.EPROTOTYPE
	}
	return 0, netbsd.EPROTONOSUPPORT
}

// newSocket makes a socket (socreate).
func (n *Net) newSocket(c *kern.Call, family, typ, proto int) (*socket, netbsd.Errno) {
	if typ == netbsd.SOCK_RAW && family != netbsd.AF_ROUTE && family != netbsd.AF_OROUTE && family != netbsd.AF_BLUETOOTH {
		if errno := n.privileged(c); errno != 0 {
			return nil, errno // whether there is such a family or not
		}
	}
	proto, errno := n.protocol(family, typ, proto)
	if errno != 0 {
		return nil, errno
	}
	if errno := n.enoughMbufs(1); errno != 0 {
		return nil, errno
	}
	s := &socket{n: n, family: uint8(family), typ: typ, proto: proto, rcvLowat: 1, sndLowat: 2048}
	if c != nil {
		s.uid = c.Cred().EUID
	}
	switch {
	case family == netbsd.AF_ROUTE:
		s.sndBuf, s.rcvBuf = 8192, 8192
		newRouteSocket(s)
	case family == netbsd.AF_LINK:
		s.rcvLowat, s.sndLowat = 0, 0 // it has no buffers
		s.ep = &linkSocket{}
	case family == netbsd.AF_LOCAL:
		newLocalSocket(s)
	case typ == netbsd.SOCK_RAW:
		s.sndBuf, s.rcvBuf = 8192, 8192
		newRawSocket(s)
	case typ == netbsd.SOCK_STREAM:
		s.sndBuf, s.rcvBuf = int(n.set.tcpSendSpace.Load()), int(n.set.tcpRecvSpace.Load())
		errno = newTCPSocket(s)
	default:
		s.sndBuf = int(n.set.udpSendSpace.Load())
		s.rcvBuf = int(n.set.udpRecvSpace.Load())
		if family == netbsd.AF_INET6 {
			s.rcvBuf = int(n.set.udp6RecvSpace.Load())
		}
		errno = newUDPSocket(s)
	}
	if errno != 0 {
		return nil, errno
	}
	if family != netbsd.AF_LINK {
		s.sndLowat = min(s.sndLowat, max(s.sndBuf, 1))
	}
	n.remember(s)
	return s, 0
}

// remember puts a socket on the list of those which are open.
func (n *Net) remember(s *socket) {
	n.lock()
	n.lastID++
	s.id = n.lastID
	n.socks[s] = struct{}{}
	n.unlock()
}

// forget takes a socket off the list of those which are open.
func (n *Net) forget(s *socket) {
	n.lock()
	delete(n.socks, s)
	n.unlock()
}
