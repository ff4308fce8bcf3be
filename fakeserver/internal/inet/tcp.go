package inet

import (
	"bytes"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// tcpSocket is the endpoint of a TCP socket.
type tcpSocket struct {
	noProtocol
	inp pcb
	s   *socket

	mu        sync.Mutex
	ep        tcpip.Endpoint
	wq        *waiter.Queue
	entry     waiter.Entry
	state     tcpPhase
	ended     bool // a connection that was made has been reset, or has ended on both sides
	rcvShut   bool
	sndShut   bool
	listening bool
	accepted  []acceptedConn // that have been taken from gVisor to be counted
	nodelay   bool
	maxseg    int
	keep      [4]int // TCP_KEEPIDLE, KEEPINTVL, KEEPCNT, KEEPINIT

	sent, received atomic.Int64 // octets
}

type acceptedConn struct {
	ep   tcpip.Endpoint
	wq   *waiter.Queue
	peer tcpip.FullAddress
}

// tcpPhase is how far a connection has come.
type tcpPhase int

const (
	tcpNew tcpPhase = iota
	tcpConnecting
	tcpConnected
	tcpGone
)

func netProto(family uint8) tcpip.NetworkProtocolNumber {
	if family == netbsd.AF_INET6 {
		return ipv6.ProtocolNumber
	}
	return ipv4.ProtocolNumber
}

func newTCPSocket(s *socket) netbsd.Errno {
	t := &tcpSocket{s: s}
	t.inp.init(s)
	n := s.n
	t.keep = [4]int{int(n.set.tcpKeepIdle.Load()) / 2, int(n.set.tcpKeepIntvl.Load()) / 2, int(n.set.tcpKeepCnt.Load()), int(n.set.tcpKeepInit.Load()) / 2}
	s.ep = t
	return 0
}

func (t *tcpSocket) pcb() *pcb { return &t.inp }

// open makes gVisor's endpoint, when it is needed for the first time.
func (t *tcpSocket) open() netbsd.Errno {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ep != nil {
		return 0
	}
	if t.state == tcpGone {
		return netbsd.EINVAL
	}
	st := t.s.n.mirror.stack()
	if st == nil {
		return netbsd.ENOBUFS
	}
	wq := new(waiter.Queue)
	ep, err := st.NewEndpoint(tcp.ProtocolNumber, netProto(t.s.family), wq)
	if err != nil {
		return errnoOf(err)
	}
	t.attach(ep, wq)
	return 0
}

// attach puts an endpoint of gVisor's behind the socket.
func (t *tcpSocket) attach(ep tcpip.Endpoint, wq *waiter.Queue) {
	t.ep, t.wq = ep, wq
	so := ep.SocketOptions()
	// Who may have which port is decided by Net.reserve.
	so.SetReuseAddress(true)
	so.SetReusePort(true)
	if t.s.family == netbsd.AF_INET6 {
		so.SetV6Only(t.inp.v6only)
	}
	so.SetDelayOption(!t.nodelay)
	so.SetKeepAlive(t.s.option(netbsd.SO_KEEPALIVE))
	t.s.mu.Lock()
	if t.s.opts&netbsd.SO_LINGER != 0 {
		so.SetLinger(tcpip.LingerOption{Enabled: true, Timeout: time.Duration(t.s.linger) * time.Second})
	}
	t.s.mu.Unlock()
	t.applyTTL()
	if t.maxseg != 0 {
		ep.SetSockOptInt(tcpip.MaxSegOption, t.maxseg)
	}
	idle, intvl := tcpip.KeepaliveIdleOption(time.Duration(t.keep[0])*time.Second), tcpip.KeepaliveIntervalOption(time.Duration(t.keep[1])*time.Second)
	ep.SetSockOpt(&idle)
	ep.SetSockOpt(&intvl)
	ep.SetSockOptInt(tcpip.KeepaliveCountOption, t.keep[2])
	t.entry = waiter.NewFunctionEntry(waiter.EventIn|waiter.EventOut|waiter.EventErr|waiter.EventHUp|waiter.EventRdHUp, func(m waiter.EventMask) {
		t.s.sel.NotifyHint(eventHint(m))
	})
	wq.EventRegister(&t.entry)
}

// eventHint is what kqueue is told of events of gVisor's.
func eventHint(m waiter.EventMask) uint32 {
	switch m & (waiter.EventIn | waiter.EventRdHUp | waiter.EventOut | waiter.EventErr | waiter.EventHUp) {
	case waiter.EventIn, waiter.EventRdHUp, waiter.EventIn | waiter.EventRdHUp:
		return kern.Readable
	case waiter.EventOut:
		return kern.Writable
	}
	return kern.Readable | kern.Writable
}

func (t *tcpSocket) applyTTL() {
	if t.ep == nil {
		return
	}
	if t.s.family == netbsd.AF_INET {
		ttl := t.inp.ttl
		if ttl < 0 {
			ttl = int(t.s.n.set.ipTTL.Load())
		}
		t.ep.SetSockOptInt(tcpip.IPv4TTLOption, ttl)
		t.ep.SetSockOptInt(tcpip.IPv4TOSOption, t.inp.tos)
		return
	}
	ttl := t.inp.ttl
	if ttl < 0 {
		ttl = int(t.s.n.set.ip6HopLimit.Load())
	}
	t.ep.SetSockOptInt(tcpip.IPv6HopLimitOption, ttl)
	t.ep.SetSockOptInt(tcpip.IPv6TrafficClassOption, t.inp.trafficClass())
}

// full makes an address for gVisor of one with an embedded scope.
func full(a netip.Addr, port uint16) tcpip.FullAddress {
	f := tcpip.FullAddress{Port: port}
	if anyAddr(a) {
		return f
	}
	plain, index := unembed(a)
	f.Addr = tcpip.AddrFromSlice(plain.AsSlice())
	f.NIC = tcpip.NICID(index)
	return f
}

// addrOf is an address of gVisor's with an embedded scope.
func addrOf(f tcpip.FullAddress, family uint8) netip.Addr {
	a, ok := netip.AddrFromSlice(f.Addr.AsSlice())
	if !ok {
		if family == netbsd.AF_INET6 {
			return netip.IPv6Unspecified()
		}
		return netip.IPv4Unspecified()
	}
	if family == netbsd.AF_INET6 && a.Is4() {
		a = netip.AddrFrom16(a.As16())
	}
	return embed(a, int(f.NIC))
}

// gone reports whether the protocol has forgotten the socket: its connection was
// refused, reset or has ended.
func (t *tcpSocket) gone() bool {
	t.status()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state == tcpGone || t.ended
}

func (t *tcpSocket) bind(c *kern.Call, a sockaddr) netbsd.Errno {
	if t.gone() {
		return netbsd.EINVAL
	}
	n, p := t.s.n, &t.inp
	n.lock()
	addr, port, errno := n.socketAddr(p, a)
	if errno == 0 && (p.lport != 0 || !anyAddr(p.laddr)) {
		errno = netbsd.EINVAL
	}
	if errno == 0 {
		errno = n.bindAddr(p, addr)
	}
	if errno == 0 {
		errno = n.reserve(c, p, addr, port)
	}
	if errno == 0 {
		p.laddr = addr
	}
	laddr, lport := p.laddr, p.lport
	n.unlock()
	if errno != 0 {
		return errno
	}
	if errno := t.open(); errno != 0 {
		return errno
	}
	if addr.IsMulticast() {
		return 0 // gVisor wants none of that, and nobody connects to it
	}
	if err := t.ep.Bind(full(laddr, lport)); err != nil {
		n.lock()
		p.laddr, p.lport = netip.Addr{}, 0
		n.unlock()
		return errnoOf(err)
	}
	return 0
}

func (t *tcpSocket) listen(backlog int) netbsd.Errno {
	n, p := t.s.n, &t.inp
	if t.gone() || t.phase() != tcpNew {
		return netbsd.EINVAL
	}
	if errno := t.open(); errno != 0 {
		return errno
	}
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
	if need {
		if err := t.ep.Bind(full(netip.Addr{}, lport)); err != nil {
			return errnoOf(err)
		}
	}
	// The kernel's queue holds half as many again.
	if err := t.ep.Listen(backlog + backlog/2 + 1); err != nil {
		return errnoOf(err)
	}
	t.mu.Lock()
	t.listening = true
	t.mu.Unlock()
	return 0
}

// gather takes connections that are complete from gVisor.
func (t *tcpSocket) gather() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.listening {
		var peer tcpip.FullAddress
		ep, wq, err := t.ep.Accept(&peer)
		if err != nil {
			return
		}
		t.accepted = append(t.accepted, acceptedConn{ep, wq, peer})
	}
}

func (t *tcpSocket) accept(c *kern.Call) (*socket, sockaddr, netbsd.Errno) {
	t.gather()
	t.mu.Lock()
	if len(t.accepted) == 0 {
		t.mu.Unlock()
		return nil, nil, netbsd.EWOULDBLOCK
	}
	conn := t.accepted[0]
	t.accepted = t.accepted[1:]
	nodelay, maxseg, keep := t.nodelay, t.maxseg, t.keep
	t.mu.Unlock()

	n, old := t.s.n, t.s
	old.mu.Lock()
	s := &socket{
		n: n, family: old.family, typ: old.typ, proto: old.proto, opts: old.opts &^ netbsd.SO_ACCEPTCONN, linger: old.linger,
		rcvTimeo: old.rcvTimeo, sndTimeo: old.sndTimeo, rcvBuf: old.rcvBuf, sndBuf: old.sndBuf, rcvLowat: old.rcvLowat,
		sndLowat: old.sndLowat, uid: old.uid,
	}
	old.mu.Unlock()
	a := &tcpSocket{s: s, state: tcpConnected, nodelay: nodelay, maxseg: maxseg, keep: keep}
	a.inp = t.inp
	a.inp.s, a.inp.recv, a.inp.groups = s, nil, nil
	s.ep = a
	a.attach(conn.ep, conn.wq)
	local, _ := conn.ep.GetLocalAddress()
	a.inp.laddr, a.inp.lport = addrOf(local, s.family), local.Port
	a.inp.faddr, a.inp.fport = addrOf(conn.peer, s.family), conn.peer.Port
	return s, a.inp.name(a.inp.faddr, a.inp.fport), 0
}

func (t *tcpSocket) phase() tcpPhase {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

func (t *tcpSocket) connect(c *kern.Call, a sockaddr) netbsd.Errno {
	n, p := t.s.n, &t.inp
	if t.gone() {
		return netbsd.EINVAL
	}
	n.lock()
	needBind := p.lport == 0 || anyAddr(p.laddr)
	var errno netbsd.Errno
	if p.lport == 0 {
		errno = n.ephemeral(p, netip.Addr{})
	}
	var addr netip.Addr
	var port uint16
	if errno == 0 {
		addr, port, errno = n.socketAddr(p, a)
	}
	if errno == 0 {
		errno = n.connectPCB(c, p, addr, port)
	}
	if errno == 0 && p.faddr.Is4() && !p.s.option(netbsd.SO_BROADCAST) && n.inBroadcast(p.faddr, nil) {
		errno = netbsd.EACCES
	}
	unheard := false // whatever is sent gets nowhere
	if errno == 0 {
		var drop bool
		errno, drop = n.reachable(p, p.faddr)
		if p.s.option(netbsd.SO_DONTROUTE) {
			errno, drop = n.onLink(p.faddr, errno, drop)
			unheard = drop
		}
		if drop {
			errno = 0
		}
		if errno != 0 {
			p.faddr, p.fport = netip.Addr{}, 0
		}
	}
	laddr, lport, faddr := p.laddr, p.lport, p.faddr
	n.unlock()
	if errno != 0 {
		return errno
	}
	if errno := t.open(); errno != 0 {
		return errno
	}
	t.mu.Lock()
	ep := t.ep
	t.mu.Unlock()
	if needBind && ep.State() == uint32(tcp.StateInitial) {
		if err := ep.Bind(full(laddr, lport)); err != nil {
			return errnoOf(err)
		}
	}
	t.mu.Lock()
	t.state = tcpConnecting
	t.mu.Unlock()
	if unheard {
		return netbsd.EINPROGRESS
	}
	err := ep.Connect(full(faddr, port))
	switch err.(type) {
	case nil:
		t.mu.Lock()
		t.state = tcpConnected
		t.mu.Unlock()
		return netbsd.EINPROGRESS
	case *tcpip.ErrConnectStarted:
		return netbsd.EINPROGRESS
	}
	t.fail()
	return errnoOf(err)
}

// fail ends a connection that has not been made. There is no other attempt.
func (t *tcpSocket) fail() {
	t.mu.Lock()
	ep := t.detach()
	t.mu.Unlock()
	if ep != nil {
		ep.Close()
	}
	n := t.s.n
	n.lock()
	t.inp.faddr, t.inp.fport = netip.Addr{}, 0
	n.unlock()
}

// detach makes the protocol forget the socket. It returns gVisor's endpoint, which is
// to be closed. t.mu is held.
func (t *tcpSocket) detach() tcpip.Endpoint {
	ep := t.ep
	if ep != nil {
		t.wq.EventUnregister(&t.entry)
	}
	t.ep, t.wq, t.state, t.listening = nil, nil, tcpGone, false
	return ep
}

// connectPCB gives a socket its two ends (in_pcbconnect).
func (n *Net) connectPCB(c *kern.Call, p *pcb, addr netip.Addr, port uint16) netbsd.Errno {
	if port == 0 {
		return netbsd.EADDRNOTAVAIL
	}
	if addr.IsMulticast() && p.s.typ == netbsd.SOCK_STREAM {
		return netbsd.EADDRNOTAVAIL
	}
	if addr.Is4In6() && p.v6only {
		return netbsd.EINVAL
	}
	addr = n.connectAddr(addr)
	laddr := p.laddr
	if anyAddr(laddr) {
		dst := addr
		if addr.Is4In6() {
			dst = addr.Unmap()
		}
		var errno netbsd.Errno
		if laddr, errno = n.source(p, dst); errno != 0 {
			return errno
		}
		if addr.Is4In6() {
			laddr = netip.AddrFrom16(laddr.As16())
		}
	}
	for _, o := range n.pcbs(p.s.proto) {
		if o != p && o.lport == p.lport && p.lport != 0 && o.laddr == laddr && o.faddr == addr && o.fport == port {
			return netbsd.EADDRINUSE
		}
	}
	if p.lport == 0 {
		if errno := n.ephemeral(p, laddr); errno != 0 {
			return errno
		}
	}
	p.laddr, p.faddr, p.fport = laddr, addr, port
	return 0
}

// finished reports whether a connection is made or has failed; it takes note of
// which.
func (t *tcpSocket) finished() bool {
	t.mu.Lock()
	ep, state := t.ep, t.state
	t.mu.Unlock()
	if state != tcpConnecting || ep == nil {
		return true
	}
	switch tcp.EndpointState(ep.State()) {
	case tcp.StateConnecting, tcp.StateSynSent, tcp.StateSynRecv, tcp.StateInitial, tcp.StateBound:
		return false
	case tcp.StateError, tcp.StateClose:
		err := ep.LastError()
		errno := errnoOf(err)
		if errno == 0 {
			errno = netbsd.ECONNREFUSED
		}
		t.fail()
		t.s.mu.Lock()
		t.s.err = errno
		t.s.mu.Unlock()
		return true
	}
	t.mu.Lock()
	t.state = tcpConnected
	t.mu.Unlock()
	t.settleAccept()
	return true
}

// sliceWriter gathers what gVisor has up to a limit.
type sliceWriter struct {
	b     []byte
	limit int
}

func (w *sliceWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.limit-len(w.b))
	w.b = append(w.b, p[:n]...)
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func (t *tcpSocket) recv(c *kern.Call, want int, peek bool) (*message, netbsd.Errno) {
	t.mu.Lock()
	ep, shut, state := t.ep, t.rcvShut, t.state
	t.mu.Unlock()
	if shut || state == tcpGone {
		return nil, 0
	}
	if ep == nil || state != tcpConnected {
		if !t.finished() {
			return nil, netbsd.EWOULDBLOCK
		}
		return nil, netbsd.ENOTCONN
	}
	w := &sliceWriter{limit: want}
	if have := t.queued(ep); have > 0 {
		w.b = make([]byte, 0, min(have, want))
	}
	_, err := ep.Read(w, tcpip.ReadOptions{Peek: peek})
	switch err.(type) {
	case nil:
		if !peek {
			t.received.Add(int64(len(w.b)))
		}
		return &message{data: w.b, more: t.queued(ep) > 0}, 0
	case *tcpip.ErrWouldBlock:
		return nil, netbsd.EWOULDBLOCK
	case *tcpip.ErrClosedForReceive:
		return nil, 0
	}
	return nil, errnoOf(err)
}

func (t *tcpSocket) queued(ep tcpip.Endpoint) int {
	n, err := ep.GetSockOptInt(tcpip.ReceiveQueueSizeOption)
	if err != nil {
		return 0
	}
	return n
}

func (t *tcpSocket) send(c *kern.Call, m *message) (int, netbsd.Errno) {
	t.mu.Lock()
	ep, state, shut := t.ep, t.state, t.sndShut
	t.mu.Unlock()
	if len(m.ask) > 0 {
		return 0, netbsd.EINVAL
	}
	if shut {
		return 0, netbsd.EPIPE
	}
	if ep == nil || state != tcpConnected {
		return 0, netbsd.ENOTCONN
	}
	n, err := ep.Write(bytes.NewReader(m.data), tcpip.WriteOptions{})
	if err != nil && n == 0 {
		return 0, errnoOf(err)
	}
	t.sent.Add(n)
	t.settleData()
	return int(n), 0
}

func (t *tcpSocket) status() status {
	t.gather()
	t.finished()
	t.mu.Lock()
	defer t.mu.Unlock()
	st := status{
		connected: t.state == tcpConnected, listening: t.listening, queue: len(t.accepted),
		rcvDone: t.rcvShut || t.state == tcpGone, sndDone: t.sndShut || t.state == tcpGone,
	}
	t.s.mu.Lock()
	st.room, st.hiwat = t.s.sndBuf, t.s.sndBuf
	t.s.mu.Unlock()
	if t.ep == nil || t.listening {
		return st
	}
	if st.rcv = t.queued(t.ep); st.rcv > 0 {
		st.msgs = 1
	}
	if st.connected {
		ready := t.ep.Readiness(waiter.EventIn | waiter.EventOut | waiter.EventHUp | waiter.EventErr | waiter.EventRdHUp)
		if ready&waiter.EventOut == 0 {
			st.room = 0
		}
		switch s := tcp.EndpointState(t.ep.State()); s {
		case tcp.StateCloseWait, tcp.StateLastAck, tcp.StateClosing, tcp.StateTimeWait:
			st.rcvDone = true
		case tcp.StateError, tcp.StateClose:
			st.rcvDone, st.sndDone = true, true
			t.ended, st.connected = true, false
			if err := t.ep.LastError(); err != nil {
				t.s.mu.Lock()
				if t.s.err == 0 {
					t.s.err = errnoOf(err)
				}
				t.s.mu.Unlock()
			}
		}
		if t.rcvShut {
			st.rcv, st.msgs = 0, 0
		}
	}
	return st
}

func (t *tcpSocket) shutdown(how int) netbsd.Errno {
	if how != netbsd.SHUT_RD && t.gone() {
		return netbsd.EINVAL
	}
	var peer *tcpSocket
	if how != netbsd.SHUT_RD && t.phase() == tcpConnected {
		peer = t.localPeer()
	}
	defer t.settleEnd(peer)
	var dropped tcpip.Endpoint
	defer func() {
		if dropped != nil {
			dropped.Close()
		}
	}()
	t.mu.Lock()
	defer t.mu.Unlock()
	var flags tcpip.ShutdownFlags
	if how != netbsd.SHUT_WR {
		t.rcvShut = true
		flags |= tcpip.ShutdownRead
	}
	if how != netbsd.SHUT_RD {
		t.sndShut = true
		flags |= tcpip.ShutdownWrite
	}
	switch {
	case t.ep != nil && t.state == tcpConnected:
		t.ep.Shutdown(flags)
	case how != netbsd.SHUT_RD:
		dropped = t.detach() // there is nothing to be ended in good order
	}
	return 0
}

func (t *tcpSocket) sockname() (sockaddr, netbsd.Errno) {
	if t.gone() {
		return nil, netbsd.EINVAL
	}
	n := t.s.n
	n.lock()
	defer n.unlock()
	return t.inp.name(t.inp.laddr, t.inp.lport), 0
}

func (t *tcpSocket) peername() (sockaddr, netbsd.Errno) {
	n := t.s.n
	n.lock()
	defer n.unlock()
	return t.inp.name(t.inp.faddr, t.inp.fport), 0
}

func (t *tcpSocket) close() {
	var peer *tcpSocket
	if t.phase() == tcpConnected {
		peer = t.localPeer()
	}
	defer t.settleEnd(peer)
	t.mu.Lock()
	ep, conns := t.detach(), t.accepted
	t.accepted = nil
	t.mu.Unlock()
	for _, c := range conns {
		c.ep.Close()
	}
	if ep != nil {
		// What nobody has read makes gVisor reset the connection.
		for {
			if _, err := ep.Read(io.Discard, tcpip.ReadOptions{}); err != nil {
				break
			}
		}
		ep.Close()
	}
}

func (t *tcpSocket) setopt(c *kern.Call, level, name int, b []byte) netbsd.Errno {
	if t.gone() {
		return netbsd.ECONNRESET
	}
	switch level {
	case netbsd.SOL_SOCKET:
		t.setSocketOpt(name)
	case netbsd.IPPROTO_TCP:
		return t.setTCPOpt(name, b)
	}
	errno := t.s.n.setIPOpt(c, &t.inp, level, name, b)
	if errno == 0 {
		t.mu.Lock()
		t.applyTTL()
		if t.ep != nil && t.s.family == netbsd.AF_INET6 {
			t.ep.SocketOptions().SetV6Only(t.inp.v6only)
		}
		t.mu.Unlock()
	}
	return errno
}

// setSocketOpt lets gVisor know of an option that has been set.
func (t *tcpSocket) setSocketOpt(name int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ep == nil {
		return
	}
	so := t.ep.SocketOptions()
	switch name {
	case netbsd.SO_KEEPALIVE:
		so.SetKeepAlive(t.s.option(netbsd.SO_KEEPALIVE))
	case netbsd.SO_LINGER:
		t.s.mu.Lock()
		l := tcpip.LingerOption{Enabled: t.s.opts&netbsd.SO_LINGER != 0, Timeout: time.Duration(t.s.linger) * time.Second}
		t.s.mu.Unlock()
		so.SetLinger(l)
	case netbsd.SO_RCVBUF, netbsd.SO_SNDBUF:
		t.s.mu.Lock()
		rcv, snd := t.s.rcvBuf, t.s.sndBuf
		t.s.mu.Unlock()
		if name == netbsd.SO_RCVBUF {
			so.SetReceiveBufferSize(int64(rcv), true)
		} else {
			so.SetSendBufferSize(int64(snd), true)
		}
	}
}

func (t *tcpSocket) setTCPOpt(name int, b []byte) netbsd.Errno {
	v, errno := optInt(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch name {
	case netbsd.TCP_NODELAY:
		if errno != 0 {
			return errno
		}
		t.nodelay = v != 0
		if t.ep != nil {
			t.ep.SocketOptions().SetDelayOption(!t.nodelay)
		}
	case netbsd.TCP_MAXSEG:
		if errno != 0 {
			return errno
		}
		if v <= 0 || v > 536 && t.maxseg == 0 || v > t.maxseg && t.maxseg != 0 {
			return netbsd.EINVAL
		}
		t.maxseg = v
		if t.ep != nil {
			t.ep.SetSockOptInt(tcpip.MaxSegOption, v)
		}
	case netbsd.TCP_KEEPIDLE, netbsd.TCP_KEEPINTVL, netbsd.TCP_KEEPCNT, netbsd.TCP_KEEPINIT:
		if errno != 0 {
			return errno
		}
		if v == 0 {
			return netbsd.EINVAL
		}
		v = min(int(uint32(v)), 1<<30) // it has no sign
		i := map[int]int{netbsd.TCP_KEEPIDLE: 0, netbsd.TCP_KEEPINTVL: 1, netbsd.TCP_KEEPCNT: 2, netbsd.TCP_KEEPINIT: 3}[name]
		t.keep[i] = v
		if t.ep == nil {
			return 0
		}
		switch i {
		case 0:
			o := tcpip.KeepaliveIdleOption(time.Duration(v) * time.Second)
			t.ep.SetSockOpt(&o)
		case 1:
			o := tcpip.KeepaliveIntervalOption(time.Duration(v) * time.Second)
			t.ep.SetSockOpt(&o)
		case 2:
			t.ep.SetSockOptInt(tcpip.KeepaliveCountOption, v)
		}
	default:
		return netbsd.ENOPROTOOPT
	}
	return 0
}

// tfNoDelay is how TCP_NODELAY is shown if it is set (TF_NODELAY).
const tfNoDelay = 4

func (t *tcpSocket) getopt(level, name int) ([]byte, netbsd.Errno) {
	if t.gone() {
		return nil, netbsd.ECONNRESET
	}
	if level != netbsd.IPPROTO_TCP {
		return t.s.n.getIPOpt(&t.inp, level, name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch name {
	case netbsd.TCP_NODELAY:
		v := 0
		if t.nodelay {
			v = tfNoDelay
		}
		return intValue(v), 0
	case netbsd.TCP_MAXSEG:
		v := t.maxseg
		if v == 0 {
			v = 536
			if t.ep != nil && t.state == tcpConnected {
				if seg, err := t.ep.GetSockOptInt(tcpip.MaxSegOption); err == nil && seg > 0 {
					v = seg
				}
			}
		}
		return intValue(v), 0
	case netbsd.TCP_INFO:
		return t.info(), 0
	}
	return nil, netbsd.ENOPROTOOPT
}

// info is struct tcp_info.
func (t *tcpSocket) info() []byte {
	i := netbsd.TCPInfo{State: uint8(t.tcpState())}
	return i.Append(nil)
}

// tcpState is the connection's state as NetBSD numbers it. t.mu is held.
func (t *tcpSocket) tcpState() netbsd.TCPState {
	if t.listening {
		return netbsd.TCPS_LISTEN
	}
	if t.ep == nil {
		return netbsd.TCPS_CLOSED
	}
	switch tcp.EndpointState(t.ep.State()) {
	case tcp.StateListen:
		return netbsd.TCPS_LISTEN
	case tcp.StateSynSent, tcp.StateConnecting:
		return netbsd.TCPS_SYN_SENT
	case tcp.StateSynRecv:
		return netbsd.TCPS_SYN_RECEIVED
	case tcp.StateEstablished:
		return netbsd.TCPS_ESTABLISHED
	case tcp.StateCloseWait:
		return netbsd.TCPS_CLOSE_WAIT
	case tcp.StateFinWait1:
		return netbsd.TCPS_FIN_WAIT_1
	case tcp.StateClosing:
		return netbsd.TCPS_CLOSING
	case tcp.StateLastAck:
		return netbsd.TCPS_LAST_ACK
	case tcp.StateFinWait2:
		return netbsd.TCPS_FIN_WAIT_2
	case tcp.StateTimeWait:
		return netbsd.TCPS_TIME_WAIT
	}
	return netbsd.TCPS_CLOSED
}
