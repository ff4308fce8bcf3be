package inet

import "sync"

// A msgQueue is what has arrived at a socket whose messages have limits.
type msgQueue struct {
	mu    sync.Mutex
	msgs  []*message
	bytes int // with the addresses, as the kernel counts
	done  bool
}

// size is what a message takes of a buffer.
func (m *message) size() int {
	n := len(m.data) + len(m.addr)
	for _, c := range m.control {
		n += 16 + len(c.Data)
	}
	return n
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
		c := *m
		c.files = nil
		return &c
	}
	q.msgs = q.msgs[1:]
	if len(q.msgs) == 0 {
		q.msgs = nil
	}
	q.bytes -= m.size()
	return m
}

// len returns how many bytes wait, and whether nothing more will come.
func (q *msgQueue) len() (n int, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes, q.done
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
