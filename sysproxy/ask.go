package sysproxy

import (
	"context"
	"encoding/binary"
)

// copywait is a request of the server whose response is to come.
type copywait struct {
	b    []byte
	max  uint64 // bytes asked for
	n    int    // bytes received
	done chan struct{}
	// dead is set when nobody waits any more: what comes is dropped.
	dead bool
}

// ask makes a request of the client and waits for its answer, of which it
// returns the length. The second parameter is the address, or the length for an
// anonmmap.
// If the caller leads, it reads the answer itself.
func (s *session) ask(ctx context.Context, leads bool, t Type, addr uint64, b []byte) (int, error) {
	if len(b) > MaxCopy {
		return 0, ErrFault
	}
	w := &copywait{b: b, max: uint64(len(b)), done: make(chan struct{})}
	s.mu.Lock()
	no := s.nextReq
	s.nextReq++
	s.waits[no] = w
	s.mu.Unlock()
	var payload [copySize]byte
	p := payload[:8]
	if t == TypeAnonmmap {
		binary.LittleEndian.PutUint64(p, addr)
	} else {
		p = payload[:]
		binary.LittleEndian.PutUint64(p, uint64(len(b)))
		binary.LittleEndian.PutUint64(p[8:], addr)
	}
	s.send(Header{ReqNo: no, Type: t}, p)
	if leads && !s.readUntil(w.done) {
		return 0, ErrFault
	}
	select {
	case <-w.done:
		return w.n, nil
	case <-ctx.Done():
		s.forgo(no, w)
		return 0, ErrFault
	}
}

// readUntil reads and handles frames until done is closed, for a prompt call. It
// reports whether the connection is still good.
func (s *session) readUntil(done <-chan struct{}) bool {
	if s.nested { // the handler asks for two things at once
		return true
	}
	s.nested = true
	defer func() { s.nested = false }()
	for {
		t, err := s.read(done)
		switch {
		case err != nil:
			s.end(err)
			return false
		case t == nil:
			return true
		}
		s.hand(t)
	}
}

// forgo gives up waiting for the answer to a request. The client may send it
// all the same, so that it stays in the table.
func (s *session) forgo(no uint64, w *copywait) {
	s.mu.Lock()
	w.dead, w.b = true, nil
	if s.waits[no] == w { // not being received already
		s.overdue++
	}
	many := s.overdue > maxOverdue
	s.mu.Unlock()
	if many {
		s.end(s.violation("does not answer what it is asked"))
	}
}

// number returns the next number for a request of the server.
func (s *session) number() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nextReq
	s.nextReq++
	return n
}

// response begins the reception of an answer to a request of ours.
func (s *session) response(h Header, size uint64) error {
	s.trace("<", h, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.waits[h.ReqNo]
	delete(s.waits, h.ReqNo)
	switch {
	case w == nil && size > maxStray:
		return s.violation("sends %d bytes that nobody asked for", size)
	case w != nil && size > w.max:
		return s.violation("answers a request for %d bytes with %d", w.max, size)
	case w != nil && w.dead:
		s.overdue--
	}
	s.into, s.left = w, size
	if size == 0 && w != nil {
		close(w.done)
	}
	return nil
}

// receive takes the next bytes of an answer.
func (s *session) receive(b []byte) {
	s.left -= uint64(len(b))
	w := s.into
	if w == nil {
		return
	}
	s.mu.Lock()
	if !w.dead {
		w.n += copy(w.b[w.n:], b)
	}
	s.mu.Unlock()
	if s.left == 0 {
		close(w.done)
		s.into = nil
	}
}

// readDirect reads the next bytes of a long answer, if they have come already,
// where they belong and not by way of the inbox. The lock is held during the
// system call, which does not wait.
func (s *session) readDirect() (int, error) {
	if s.into == nil || s.left < direct || len(s.in.bytes()) > 0 {
		return 0, errNothing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.into
	if w.dead {
		return 0, errNothing
	}
	n, err := s.s.tryRead(w.b[w.n : w.n+int(s.left)])
	if err == errInterrupted { // an old deadline; wait sets a new one
		err = errNothing
	}
	w.n += n
	if s.left -= uint64(n); s.left == 0 {
		close(w.done)
		s.into = nil
	}
	return n, err
}
