package inet

import (
	"net/netip"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// rawSocket is the endpoint of a raw socket. It is ours and not gVisor's, whose
// would see more than NetBSD's do; gVisor carries its packets.
type rawSocket struct {
	noProtocol
	inp pcb
	s   *socket
	q   msgQueue

	mu         sync.Mutex
	registered bool
	connected  bool
	rcvShut    bool
	sndShut    bool
	hdrincl    bool
	checksum   int // offset for IPV6_CHECKSUM, -1 for none
	filter     netbsd.Icmp6Filter
}

func newRawSocket(s *socket) {
	r := &rawSocket{s: s, checksum: -1}
	r.inp.init(s)
	for i := range r.filter.Filt {
		r.filter.Filt[i] = ^uint32(0)
	}
	if s.family == netbsd.AF_INET6 && s.proto == netbsd.IPPROTO_ICMPV6 {
		r.checksum = 2
	}
	s.ep = r
	r.register()
}

// register makes gVisor show us packets.
func (r *rawSocket) register() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.registered {
		return
	}
	if r.s.proto == netbsd.IPPROTO_TCP || r.s.proto == netbsd.IPPROTO_UDP {
		return // they have sockets of their own
	}
	if st := r.s.n.mirror.stack(); st != nil {
		// It refuses protocols that it does not know; mirror.deliver shows those.
		r.registered = st.RegisterRawTransportEndpoint(netProto(r.s.family), r.gvisorProto(), r) == nil
	}
}

// gvisorProto is the protocol whose packets gVisor is to show: a socket without one
// gets ICMP, too.
func (r *rawSocket) gvisorProto() tcpip.TransportProtocolNumber {
	if r.s.family == netbsd.AF_INET && r.s.proto == 0 {
		return netbsd.IPPROTO_ICMP
	}
	return tcpip.TransportProtocolNumber(r.s.proto)
}

func (r *rawSocket) bind(c *kern.Call, a sockaddr) netbsd.Errno {
	n := r.s.n
	n.lock()
	defer n.unlock()
	addr, _, errno := n.socketAddr(&r.inp, a)
	if errno == 0 && (addr.IsMulticast() || addr.Is4In6()) {
		errno = netbsd.EADDRNOTAVAIL
	}
	if errno == 0 {
		errno = n.bindAddr(&r.inp, addr)
	}
	if errno == 0 {
		r.inp.laddr = addr
	}
	return errno
}

func (r *rawSocket) connect(c *kern.Call, a sockaddr) netbsd.Errno {
	n := r.s.n
	n.lock()
	defer n.unlock()
	addr, _, errno := n.looseAddr(&r.inp, a)
	if errno != 0 {
		return errno
	}
	if addr.Is6() && anyAddr(r.inp.laddr) {
		src, errno := n.source(&r.inp, addr)
		if errno != 0 {
			return errno
		}
		r.inp.laddr = src
	}
	r.inp.faddr = addr
	r.mu.Lock()
	r.connected = true
	r.mu.Unlock()
	return 0
}

// disconnect ends the use of an IPv4 socket, too: it can send no more.
func (r *rawSocket) disconnect() {
	n := r.s.n
	n.lock()
	r.inp.faddr = netip.Addr{}
	n.unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connected = false
	if r.s.family == netbsd.AF_INET {
		r.sndShut, r.rcvShut = true, true
		r.q.end()
	}
}

func (r *rawSocket) status() status {
	n, msgs, done := r.q.len()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return status{rcv: n, msgs: msgs, room: r.s.sndBuf, hiwat: r.s.sndBuf, connected: r.connected, rcvDone: done || r.rcvShut, sndDone: r.sndShut}
}

func (r *rawSocket) shutdown(how int) netbsd.Errno {
	r.mu.Lock()
	defer r.mu.Unlock()
	if how != netbsd.SHUT_WR {
		r.rcvShut = true
		r.q.shut()
	}
	if how != netbsd.SHUT_RD {
		r.sndShut = true
	}
	return 0
}

func (r *rawSocket) sockname() (sockaddr, netbsd.Errno) {
	n := r.s.n
	n.lock()
	defer n.unlock()
	return r.inp.name(r.inp.laddr, 0), 0
}

func (r *rawSocket) peername() (sockaddr, netbsd.Errno) {
	n := r.s.n
	n.lock()
	defer n.unlock()
	return r.inp.name(r.inp.faddr, 0), 0
}

func (r *rawSocket) setopt(c *kern.Call, level, name int, b []byte) netbsd.Errno {
	if joins(r.s.family, level, name) {
		return r.s.n.setRawMembership(&r.inp, level, name, b)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.s.family == netbsd.AF_INET && level == netbsd.IPPROTO_IP && name == netbsd.IP_HDRINCL:
		v, errno := optInt(b)
		if errno == 0 {
			r.hdrincl = v != 0
		}
		return errno
	case r.s.family == netbsd.AF_INET6 && level == netbsd.SOL_SOCKET && name == netbsd.SO_NOHEADER:
		v, errno := optInt(b)
		if errno == 0 && v == 0 {
			errno = netbsd.EINVAL
		}
		return errno
	case r.s.family == netbsd.AF_INET6 && r.s.proto == netbsd.IPPROTO_ICMPV6 && level == netbsd.IPPROTO_ICMPV6:
		if name != netbsd.ICMP6_FILTER {
			return netbsd.ENOPROTOOPT
		}
		f, err := netbsd.ParseIcmp6Filter(b)
		if err != nil || len(b) != netbsd.SizeofIcmp6Filter {
			return netbsd.EINVAL
		}
		r.filter = f
		return 0
	case r.s.family == netbsd.AF_INET6 && level == netbsd.IPPROTO_IPV6 && name == netbsd.IPV6_CHECKSUM:
		v, errno := optInt(b)
		switch {
		case errno != 0:
			return errno
		case v%2 != 0:
			return netbsd.EINVAL
		case r.s.proto == netbsd.IPPROTO_ICMPV6:
			if v != 2 {
				return netbsd.EINVAL
			}
		default:
			r.checksum = v
		}
		return 0
	}
	return r.s.n.setIPOpt(c, &r.inp, level, name, b)
}

// setRawMembership joins or leaves a group on behalf of a raw socket: gVisor is
// told by interface rather than by socket.
func (n *Net) setRawMembership(p *pcb, level, name int, b []byte) netbsd.Errno {
	add := name == netbsd.IP_ADD_MEMBERSHIP
	n.lock()
	m, errno := n.membership(p, level, b, add)
	n.unlock()
	if errno != 0 {
		return errno
	}
	if errno := n.setMembership(p, nil, level, name, b); errno != 0 {
		return errno
	}
	st := n.mirror.stack()
	if st == nil {
		return 0
	}
	proto, group := netProto(p.s.family), tcpip.AddrFromSlice(m.group.AsSlice())
	if add {
		return errnoOf(st.JoinGroup(proto, tcpip.NICID(m.index), group))
	}
	return errnoOf(st.LeaveGroup(proto, tcpip.NICID(m.index), group))
}

func (r *rawSocket) getopt(level, name int) ([]byte, netbsd.Errno) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.s.family == netbsd.AF_INET && level == netbsd.IPPROTO_IP && name == netbsd.IP_HDRINCL:
		return flagValue(r.hdrincl), 0
	case r.s.proto == netbsd.IPPROTO_ICMPV6 && level == netbsd.IPPROTO_ICMPV6 && name == netbsd.ICMP6_FILTER:
		return r.filter.Append(nil), 0
	case r.s.family == netbsd.AF_INET6 && level == netbsd.IPPROTO_IPV6 && name == netbsd.IPV6_CHECKSUM:
		return intValue(r.checksum), 0
	}
	return r.s.n.getIPOpt(&r.inp, level, name)
}

func (r *rawSocket) close() {
	r.mu.Lock()
	registered := r.registered
	r.registered = false
	r.mu.Unlock()
	if registered {
		if st := r.s.n.mirror.st.Load(); st != nil {
			st.UnregisterRawTransportEndpoint(netProto(r.s.family), r.gvisorProto(), r)
		}
	}
	r.q.shut()
}
