package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

func (t *tcpSocket) bind(c *kern.Call, a sockaddr) netbsd.Errno {
	if t.gone() {
		return netbsd.EINVAL
	}
	addr, port, errno := t.inp.bind(c, a)
	if errno != 0 {
		return errno
	}
	if errno := t.open(); errno != 0 {
		return errno
	}
	if addr.IsMulticast() {
		return 0 // gVisor wants none of that, and nobody connects to it
	}
	if err := t.ep.Bind(full(addr, port)); err != nil {
		t.inp.unbind()
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
		if index := p.outIndex(); index != 0 && scoped(dst) {
			if _, zone := unembed(dst); zone == 0 {
				dst = embed(dst, index)
				addr = dst
			}
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
