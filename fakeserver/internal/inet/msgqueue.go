package inet

import (
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A msgQueue is what has arrived at a socket whose messages have limits.
type msgQueue struct {
	mu    sync.Mutex
	msgs  []*message
	bytes int // with the addresses, as the kernel counts
	done  bool
}

// size is what a message takes of a buffer.
func (m *message) size() int {
	return len(m.data) + len(m.addr) + m.controlSize()
}

// sizeofFile is what a file takes in a message that waits: a pointer.
const sizeofFile = 8

// controlSize is what a message's control messages take of a buffer.
func (m *message) controlSize() int {
	n := 0
	if m.rights {
		n = netbsd.CmsgSpace(sizeofFile * len(m.files))
	}
	for _, c := range m.control {
		n += netbsd.CmsgSpace(len(c.Data))
	}
	return n
}

// peeked is a message as somebody sees it who leaves it where it is. Of files, he
// sees as much as the kernel keeps of them.
func (m *message) peeked() *message {
	p := *m
	if m.rights {
		cm := netbsd.ControlMessage{Level: netbsd.SOL_SOCKET, Type: netbsd.SCM_RIGHTS, Data: make([]byte, sizeofFile*len(m.files))}
		p.control = append([]netbsd.ControlMessage{cm}, m.control...)
	}
	p.files = nil
	return &p
}

// put adds a message unless it would be too much.
func (q *msgQueue) put(m *message, limit int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.done || q.bytes+m.size() > limit {
		return false
	}
	q.msgs = append(q.msgs, m)
	q.bytes += m.size()
	return true
}

// take returns the oldest message, or nil.
func (q *msgQueue) take(peek bool) *message {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.msgs) == 0 {
		return nil
	}
	m := q.msgs[0]
	if peek {
		return m.peeked()
	}
	q.msgs = q.msgs[1:]
	if len(q.msgs) == 0 {
		q.msgs = nil
	}
	q.bytes -= m.size()
	return m
}

// recv returns the oldest message, EWOULDBLOCK if there is none yet, and nothing
// once none will come.
func (q *msgQueue) recv(peek bool) (*message, netbsd.Errno) {
	if m := q.take(peek); m != nil {
		return m, 0
	}
	if _, _, done := q.len(); done {
		return nil, 0
	}
	return nil, netbsd.EWOULDBLOCK
}

// arrive puts a message that has come into the socket's queue, if there is room.
func (s *socket) arrive(q *msgQueue, m *message) {
	s.mu.Lock()
	limit := s.rcvBuf
	s.mu.Unlock()
	if q.put(m, limit) {
		s.sel.NotifyHint(kern.Readable)
	}
}

// len returns how many bytes wait in how many messages, and whether nothing more
// will come.
func (q *msgQueue) len() (n, msgs int, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes, len(q.msgs), q.done
}

// end refuses what comes.
func (q *msgQueue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done = true
}

// shut drops what waits, and refuses what comes.
func (q *msgQueue) shut() {
	q.mu.Lock()
	msgs := q.msgs
	q.done, q.msgs, q.bytes = true, nil, 0
	q.mu.Unlock()
	for _, m := range msgs {
		m.dispose()
	}
}
