package inet

import (
	"bytes"
	"io"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

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
