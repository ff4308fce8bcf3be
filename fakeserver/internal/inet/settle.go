package inet

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// A rump kernel's loopback is synchronous: what one socket sends is with another
// socket of the kernel when the call returns. gVisor hands segments of TCP to a
// goroutine of its own, so the sender waits here for what that does. It takes
// microseconds; settlePatience bounds it for when nothing is to come.
const settlePatience = 20 * time.Millisecond

// localPeer finds the socket at the other end of a connection within the kernel,
// or, if that has not been accepted yet, the one that listens for it.
func (t *tcpSocket) localPeer() *tcpSocket {
	n := t.s.n
	n.lock()
	defer n.unlock()
	p := &t.inp
	if anyAddr(p.faddr) || !n.isLocal(p.faddr) {
		return nil
	}
	var listener *tcpSocket
	for s := range n.socks {
		o, ok := s.ep.(*tcpSocket)
		if !ok || o == t || o.inp.lport != p.fport {
			continue
		}
		if o.inp.faddr == p.laddr && o.inp.fport == p.lport {
			return o
		}
		if anyAddr(o.inp.faddr) {
			listener = o
		}
	}
	return listener
}

// settle waits until a condition holds, looking at it whenever the other socket
// is notified.
func (t *tcpSocket) settle(peer *tcpSocket, done func() bool) {
	if peer == nil || done() {
		return
	}
	w := settler{make(chan struct{}, 1)}
	peer.s.sel.Attach(w)
	defer peer.s.sel.Detach(w)
	deadline := time.NewTimer(settlePatience)
	defer deadline.Stop()
	for !done() {
		select {
		case <-w.c:
		case <-deadline.C:
			return
		}
	}
}

type settler struct{ c chan struct{} }

func (w settler) Wake(uint32) {
	select {
	case w.c <- struct{}{}:
	default:
	}
}

// settleData waits until what was sent can be read.
func (t *tcpSocket) settleData() {
	peer := t.localPeer()
	t.settle(peer, func() bool {
		peer.gather()
		peer.mu.Lock()
		defer peer.mu.Unlock()
		if peer.ep == nil || peer.rcvShut {
			return true
		}
		if !peer.listening {
			return peer.received.Load() >= t.sent.Load() || peer.queued(peer.ep) > 0
		}
		for _, c := range peer.accepted {
			if c.peer.Port == t.inp.lport {
				return peer.queued(c.ep) > 0
			}
		}
		return false
	})
}

// settleAccept waits until a connection that was made can be accepted.
func (t *tcpSocket) settleAccept() {
	peer := t.localPeer()
	t.settle(peer, func() bool {
		peer.gather()
		peer.mu.Lock()
		defer peer.mu.Unlock()
		if !peer.listening {
			return true
		}
		for _, c := range peer.accepted {
			if c.peer.Port == t.inp.lport {
				return true
			}
		}
		return false
	})
}

// settleEnd waits until the other socket has noticed that no more will come.
func (t *tcpSocket) settleEnd(peer *tcpSocket) {
	t.settle(peer, func() bool {
		peer.mu.Lock()
		ep, listening := peer.ep, peer.listening
		peer.mu.Unlock()
		if ep == nil || listening {
			return true
		}
		switch tcp.EndpointState(ep.State()) {
		case tcp.StateEstablished, tcp.StateFinWait1, tcp.StateFinWait2:
			return false
		}
		return true
	})
}
