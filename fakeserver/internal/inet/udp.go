package inet

import (
	"bytes"
	"net/netip"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// udpSocket is the endpoint of a UDP socket. What arrives is moved from gVisor's
// queue to ours at once, so that it is counted as the kernel counts.
type udpSocket struct {
	noProtocol
	inp pcb
	s   *socket
	q   msgQueue

	mu        sync.Mutex
	ep        tcpip.Endpoint
	wq        *waiter.Queue
	entry     waiter.Entry
	connected bool
	rcvShut   bool
	sndShut   bool
}

// gvisorQueue is how many octets gVisor may hold before they are moved: more than any
// queue of ours.
const gvisorQueue = 1 << 20

func newUDPSocket(s *socket) netbsd.Errno {
	u := &udpSocket{s: s}
	u.inp.init(s)
	s.ep = u
	return 0
}

func (u *udpSocket) pcb() *pcb { return &u.inp }

func (u *udpSocket) open() netbsd.Errno {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ep != nil {
		return 0
	}
	st := u.s.n.mirror.stack()
	if st == nil {
		return netbsd.ENOBUFS
	}
	wq := new(waiter.Queue)
	ep, err := st.NewEndpoint(udp.ProtocolNumber, netProto(u.s.family), wq)
	if err != nil {
		return errnoOf(err)
	}
	u.ep, u.wq = ep, wq
	so := ep.SocketOptions()
	so.SetReuseAddress(true)
	so.SetReusePort(true)
	so.SetBroadcast(true) // who may send broadcasts is checked by send
	so.SetReceivePacketInfo(u.s.family == netbsd.AF_INET)
	so.SetIPv6ReceivePacketInfo(u.s.family == netbsd.AF_INET6)
	so.SetReceiveTTL(true)
	so.SetReceiveHopLimit(true)
	so.SetReceiveBufferSize(gvisorQueue, false)
	ep.SetSockOptInt(tcpip.MTUDiscoverOption, int(tcpip.PMTUDiscoveryDont))
	if u.s.family == netbsd.AF_INET6 {
		so.SetV6Only(u.inp.v6only)
	}
	u.apply()
	u.entry = waiter.NewFunctionEntry(waiter.EventIn|waiter.EventErr|waiter.EventHUp, func(m waiter.EventMask) {
		u.s.sel.NotifyHint(eventHint(m))
	})
	wq.EventRegister(&u.entry)
	return 0
}

// apply lets gVisor know of options that have been set.
func (u *udpSocket) apply() {
	if u.ep == nil {
		return
	}
	n := u.s.n
	so := u.ep.SocketOptions()
	so.SetMulticastLoop(u.inp.loop)
	multiTTL := u.inp.multiTTL
	if u.s.family == netbsd.AF_INET {
		ttl := u.inp.ttl
		if ttl < 0 {
			ttl = int(n.set.ipTTL.Load())
		}
		u.ep.SetSockOptInt(tcpip.IPv4TTLOption, ttl)
		u.ep.SetSockOptInt(tcpip.IPv4TOSOption, u.inp.tos)
		if multiTTL < 0 {
			multiTTL = 1
		}
	} else {
		ttl := u.inp.ttl
		if ttl < 0 {
			ttl = int(n.set.ip6HopLimit.Load())
		}
		u.ep.SetSockOptInt(tcpip.IPv6HopLimitOption, ttl)
		u.ep.SetSockOptInt(tcpip.IPv6TrafficClassOption, u.inp.trafficClass())
		if multiTTL < 0 {
			multiTTL = int(n.set.ip6MultiHopLimit.Load())
		}
		so.SetV6Only(u.inp.v6only)
	}
	u.ep.SetSockOptInt(tcpip.MulticastTTLOption, multiTTL)
	if u.inp.multiIf != 0 {
		u.ep.SetSockOpt(&tcpip.MulticastInterfaceOption{NIC: tcpip.NICID(u.inp.multiIf)})
	}
}

func (u *udpSocket) bind(c *kern.Call, a sockaddr) netbsd.Errno {
	addr, port, errno := u.inp.bind(c, a)
	if errno != 0 {
		return errno
	}
	if errno := u.open(); errno != 0 {
		return errno
	}
	if err := u.ep.Bind(full(addr, port)); err != nil {
		u.inp.unbind()
		return errnoOf(err)
	}
	return 0
}

// ensureBound gives the socket a port if it has none.
func (u *udpSocket) ensureBound() netbsd.Errno {
	n, p := u.s.n, &u.inp
	n.lock()
	need := p.lport == 0
	var errno netbsd.Errno
	if need {
		errno = n.ephemeral(p, netip.Addr{})
	}
	lport := p.lport
	n.unlock()
	if errno != 0 {
		return errno
	}
	if errno := u.open(); errno != 0 {
		return errno
	}
	if need {
		if err := u.ep.Bind(full(netip.Addr{}, lport)); err != nil {
			return errnoOf(err)
		}
	}
	return 0
}

func (u *udpSocket) connect(c *kern.Call, a sockaddr) netbsd.Errno {
	n, p := u.s.n, &u.inp
	n.lock()
	addr, port, errno := n.socketAddr(p, a)
	n.unlock()
	if errno != 0 {
		return errno
	}
	if errno := u.open(); errno != 0 {
		return errno
	}
	n.lock()
	bound := p.lport != 0
	wasAny := anyAddr(p.laddr)
	errno = n.connectPCB(c, p, addr, port)
	lport, faddr := p.lport, p.faddr
	n.unlock()
	if errno != 0 {
		return errno
	}
	if !bound {
		if err := u.ep.Bind(full(netip.Addr{}, lport)); err != nil {
			return errnoOf(err)
		}
	}
	switch err := u.ep.Connect(full(faddr, port)); err.(type) {
	case nil:
	case *tcpip.ErrHostUnreachable, *tcpip.ErrNetworkUnreachable:
		// That is found out only when something is sent.
	default:
		n.lock()
		p.faddr, p.fport = netip.Addr{}, 0
		if wasAny {
			p.laddr = netip.Addr{}
		}
		n.unlock()
		return errnoOf(err)
	}
	u.mu.Lock()
	u.connected = true
	u.mu.Unlock()
	return 0
}

func (u *udpSocket) disconnect() {
	n, p := u.s.n, &u.inp
	n.lock()
	p.laddr, p.faddr, p.fport = netip.Addr{}, netip.Addr{}, 0
	n.unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.connected = false
	if u.ep != nil {
		u.ep.Disconnect()
	}
}

func (u *udpSocket) send(c *kern.Call, m *message) (int, netbsd.Errno) {
	n, p := u.s.n, &u.inp
	u.mu.Lock()
	connected := u.connected
	u.mu.Unlock()
	n.lock()
	to, errno := n.datagramTo(c, p, m, connected)
	n.unlock()
	if errno != 0 {
		return 0, errno
	}
	if errno := u.ensureBound(); errno != 0 {
		return 0, errno
	}
	n.lock()
	errno, drop := n.reachable(p, to.dst)
	if m.direct {
		errno, drop = n.onLink(to.dst, errno, drop)
	}
	if errno == 0 && to.dst.Is4() && !u.s.option(netbsd.SO_BROADCAST) && n.inBroadcast(to.dst, nil) {
		errno = netbsd.EACCES
	}
	n.unlock()
	switch {
	case errno != 0:
		return 0, errno
	case drop:
		return len(m.data), 0
	}
	// Where a connected socket sends to is said as well, for gVisor may not have
	// known the way when it was connected.
	dst := full(to.dst, to.port)
	if dst.NIC == 0 && to.dst.IsMulticast() {
		dst.NIC = tcpip.NICID(to.multiIf) // which gVisor does not look at if it is IPv6
	}
	if _, err := u.ep.Write(bytes.NewReader(m.data), tcpip.WriteOptions{To: &dst, ControlMessages: to.control}); err != nil {
		return 0, errnoOf(err)
	}
	return len(m.data), 0
}

// A datagramWay is how a datagram goes.
type datagramWay struct {
	dst     netip.Addr
	port    uint16
	multiIf int
	control tcpip.SendableControlMessages
}

// datagramTo finds the way of a datagram (udp_send, udp6_output). n.mu is held.
func (n *Net) datagramTo(c *kern.Call, p *pcb, m *message, connected bool) (datagramWay, netbsd.Errno) {
	w := datagramWay{dst: p.faddr, port: p.fport, multiIf: p.multiIf}
	v6 := p.s.family == netbsd.AF_INET6
	var errno netbsd.Errno
	switch {
	case m.addr == nil:
	case !v6 && len(m.ask) > 0:
		return w, netbsd.EINVAL
	case !v6 && connected:
		return w, netbsd.EISCONN
	case v6:
		w.dst, w.port, errno = n.looseAddr(p, m.addr)
	default:
		w.dst, w.port, errno = n.socketAddr(p, m.addr)
	}
	if errno != 0 {
		return w, errno
	}
	var opts *packetOpts
	if v6 {
		if opts, errno = n.outputOpts(c, p, m.ask); errno != 0 {
			return w, errno
		}
	} else if len(m.ask) > 0 {
		return w, netbsd.EINVAL
	}
	if m.addr != nil {
		switch {
		case w.port == 0:
			return w, netbsd.EADDRNOTAVAIL
		case connected:
			return w, netbsd.EISCONN
		case w.dst.Is4In6() && (p.v6only || !anyAddr(p.laddr) && !p.laddr.Is4In6()):
			return w, netbsd.EINVAL
		}
		w.dst = n.connectAddr(w.dst)
	}
	if opts != nil && !w.dst.Is4In6() {
		src, errno := opts.source(n, n.wayOut(p, opts, w.dst))
		if errno != 0 {
			return w, errno
		}
		w.control = opts.sendable(src)
	}
	if m.addr != nil && anyAddr(p.laddr) && !w.control.HasIPv6PacketInfo {
		if _, errno = n.source(p, w.dst); errno != 0 {
			return w, errno
		}
	}
	return w, 0
}

// wayOut is the interface by which a packet to dst leaves, nil if there is none
// (in6_selectif).
func (n *Net) wayOut(p *pcb, opts *packetOpts, dst netip.Addr) *Interface {
	if index := opts.index(); index != 0 {
		return n.byIndex(index)
	}
	if dst.IsMulticast() && p.multiIf != 0 {
		return n.byIndex(p.multiIf)
	}
	if _, index := unembed(dst); index != 0 {
		return n.byIndex(index)
	}
	rt := n.alloc(sin(dst), false)
	switch {
	case rt == nil:
		return nil
	case rt.ifa != nil:
		return rt.ifa.ifp
	}
	return rt.ifp
}

// gather moves what has arrived from gVisor's queue to ours.
func (u *udpSocket) gather() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ep == nil {
		return
	}
	u.s.mu.Lock()
	limit := u.s.rcvBuf
	u.s.mu.Unlock()
	for {
		w := &sliceWriter{limit: 1 << 16}
		r, err := u.ep.Read(w, tcpip.ReadOptions{NeedRemoteAddr: true})
		if err != nil {
			switch err.(type) {
			case *tcpip.ErrWouldBlock, *tcpip.ErrClosedForReceive, *tcpip.ErrNotConnected:
			default:
				u.s.mu.Lock()
				u.s.err = errnoOf(err)
				u.s.mu.Unlock()
			}
			return
		}
		from := addrOf(r.RemoteAddr, u.s.family)
		m := &message{data: w.b, addr: sinPort(from, r.RemoteAddr.Port, u.s.family)}
		m.control = u.inp.controlFor(u.s, &r.ControlMessages)
		u.q.put(m, limit)
	}
}

func (u *udpSocket) recv(c *kern.Call, want int, peek bool) (*message, netbsd.Errno) {
	u.gather()
	if m := u.q.take(peek); m != nil {
		return m, 0
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rcvShut {
		return nil, 0
	}
	return nil, netbsd.EWOULDBLOCK
}

func (u *udpSocket) status() status {
	u.gather()
	n, msgs, _ := u.q.len()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	return status{rcv: n, msgs: msgs, room: u.s.sndBuf, hiwat: u.s.sndBuf, connected: u.connected, rcvDone: u.rcvShut, sndDone: u.sndShut}
}

func (u *udpSocket) shutdown(how int) netbsd.Errno {
	u.mu.Lock()
	defer u.mu.Unlock()
	if how != netbsd.SHUT_WR {
		u.rcvShut = true
		u.q.shut()
	}
	if how != netbsd.SHUT_RD {
		u.sndShut = true
	}
	return 0
}

func (u *udpSocket) sockname() (sockaddr, netbsd.Errno) {
	n := u.s.n
	n.lock()
	defer n.unlock()
	return u.inp.name(u.inp.laddr, u.inp.lport), 0
}

func (u *udpSocket) peername() (sockaddr, netbsd.Errno) {
	n := u.s.n
	n.lock()
	defer n.unlock()
	return u.inp.name(u.inp.faddr, u.inp.fport), 0
}

func (u *udpSocket) setopt(c *kern.Call, level, name int, b []byte) netbsd.Errno {
	if level == netbsd.IPPROTO_UDP {
		return u.setUDPOpt(name, b)
	}
	if joins(u.s.family, level, name) {
		// Only an endpoint that exists can be in a group.
		if errno := u.open(); errno != 0 {
			return errno
		}
		return u.s.n.setMembership(&u.inp, u.ep, level, name, b)
	}
	errno := u.s.n.setIPOpt(c, &u.inp, level, name, b)
	if errno == 0 {
		u.mu.Lock()
		u.apply()
		u.mu.Unlock()
	}
	return errno
}

// The option of UDP and its values, from <netinet/udp.h>.
const (
	udpEncap       = 100
	udpEncapNonIKE = 1
	udpEncapESP    = 2
)

// setUDPOpt is about packets of IPsec within UDP, which nobody sends.
func (u *udpSocket) setUDPOpt(name int, b []byte) netbsd.Errno {
	switch {
	case u.s.family == netbsd.AF_INET6:
		return netbsd.EINVAL
	case name != udpEncap:
		return netbsd.ENOPROTOOPT
	}
	v, errno := optInt(b)
	if errno == 0 && v != 0 && v != udpEncapESP && v != udpEncapNonIKE {
		errno = netbsd.EINVAL
	}
	return errno
}

func (u *udpSocket) getopt(level, name int) ([]byte, netbsd.Errno) {
	if level == netbsd.IPPROTO_UDP {
		return nil, netbsd.EINVAL
	}
	return u.s.n.getIPOpt(&u.inp, level, name)
}

func (u *udpSocket) close() {
	u.mu.Lock()
	ep := u.ep
	u.ep = nil
	if ep != nil {
		u.wq.EventUnregister(&u.entry)
	}
	u.mu.Unlock()
	if ep != nil {
		ep.Close()
	}
	u.q.shut()
}
