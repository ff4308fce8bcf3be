package sysproxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// The greatest payloads that a server takes: of a request, and of a response
// that nobody waits for.
const (
	maxRequest = 4 << 10
	maxStray   = 1 << 20
)

const (
	// idleWorkers is how many goroutines are kept for the next system call.
	idleWorkers = 4

	// maxServerOutbox is how many bytes may wait for a client that does not read.
	maxServerOutbox = 4 << 20

	// maxOverdue is how many answers a client may owe to system calls that have
	// given up waiting for them.
	maxOverdue = 1024
)

// session is one connection of a Server: one process, but for the moments when
// it has none yet.
//
// One goroutine reads at a time. When it has got a system call it lets another
// one read on, so that answers to copyin always get through, and carries it out.
type session struct {
	srv  *Server
	peer string
	s    *netStream
	out  outbox

	// Only the reader touches these.
	in     inbox
	into   *copywait // of the response being received; nil if it is dropped
	left   uint64    // how many bytes of it are to come
	proc   Process   // nil before the handshake
	nested bool      // whether a prompt call reads, for its copyin
	midway bool      // whether the deadline is set
	brisk  bool      // whether the last system call was a prompt one: the next may come soon

	stopped chan struct{} // closed when nobody reads any more

	work chan *Trap     // to idle workers
	wg   sync.WaitGroup // workers and execs

	mu      sync.Mutex
	err     error // why the connection has ended
	ended   bool
	waits   map[uint64]*copywait
	overdue int // waits that are dead
	nextReq uint64
	running int
	idle    int
	queue   []*Trap
	inExec  bool
	ctx     context.Context // of the running system calls
	cancel  context.CancelFunc
	drained chan struct{} // closed when the last call has ended, during an exec
}

func newSession(srv *Server, nc net.Conn) *session {
	s := &session{srv: srv, s: newStream(nc), waits: make(map[uint64]*copywait), work: make(chan *Trap), stopped: make(chan struct{})}
	s.peer = "client"
	if a := nc.RemoteAddr(); a != nil && a.String() != "" && a.String() != "@" {
		s.peer = "client " + a.String()
	}
	s.s.timeout = srv.timeout()
	s.s.hurry()
	s.out.init(s.s, maxServerOutbox, func(op string, err error) { s.end(&TransportError{s.peer, op, err}) })
	s.ctx, s.cancel = context.WithCancel(srv.ctx)
	return s
}

// serve runs the connection from the greeting to the end.
func (s *session) serve() {
	s.out.bytes(append([]byte(s.srv.banner().String()), '\n'))
	s.midway = true // so that the handshake's deadline is lifted after it
	s.deadline(true)
	s.wg.Go(func() { s.worker(readOn) })
	<-s.stopped
	s.wg.Wait()
	if s.proc != nil {
		s.proc.Exit()
	}
	s.srv.log("serving "+s.peer, s.err)
}

// end closes the connection and makes everybody who waits for it give up.
func (s *session) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended, s.err = true, err
	// System calls end only then, so that nobody is told how.
	s.out.stop()
	s.s.close()
	s.cancel()
	close(s.work) // no worker is given more
	s.queue = nil
	if s.drained != nil && s.running == 0 {
		close(s.drained)
		s.drained = nil
	}
}

// lead reads and handles frames until there is a system call to be run by the
// caller, which then reads no more. It returns nil when the connection has ended.
func (s *session) lead() *Trap {
	t, err := s.read(nil)
	if err != nil {
		s.end(err)
		close(s.stopped)
		return nil
	}
	s.hand(readOn)
	return t
}

// read is lead but for what comes after it. It returns nil when done is closed,
// if there is one.
func (s *session) read(done <-chan struct{}) (*Trap, error) {
	for {
		// Another system call may have come together with the last one.
		if t, err := s.consume(); t != nil || err != nil {
			return t, err
		}
		select {
		case <-done:
			return nil, nil
		default:
		}
		s.out.flush() // the answers of prompt calls
		n, err := s.readDirect()
		if n > 0 {
			continue
		}
		if err == errNothing && s.brisk && s.srv.lone.Load() {
			if n, err = s.s.spinRead(s.in.space()); err == errNothing {
				n, err = s.s.readSoon(s.in.space())
			}
			s.in.filled(n)
		}
		if err == errNothing {
			n, err = s.wait()
			s.in.filled(n)
		}
		switch {
		case err == errInterrupted && s.proc == nil:
			return nil, errors.New("no handshake in time")
		case err == errInterrupted:
			return nil, errors.New("stalls in the middle of a frame")
		case err == io.EOF && s.inFrame():
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
	}
}

// wait reads what comes next, and limits how long a client may take that is in
// the middle of a frame.
func (s *session) wait() (int, error) {
	if s.proc != nil { // until then the first deadline stands
		was := s.midway
		s.midway = s.inFrame()
		switch {
		case s.midway:
			// Most often the rest is there already, and no timer needs to be set.
			if n, err := s.s.tryRead(s.in.space()); err != errNothing && err != errInterrupted {
				return n, err
			}
			s.deadline(true)
		case was:
			s.deadline(false)
		}
	}
	return s.s.parkRead(s.in.space())
}

// inFrame reports whether the client has sent a part of a frame.
func (s *session) inFrame() bool { return s.left > 0 || len(s.in.bytes()) > 0 }

// deadline limits how long the client may take from now on, or lifts the limit.
func (s *session) deadline(on bool) {
	if t := s.srv.timeout(); t == 0 {
		return
	} else if on {
		s.s.nc.SetReadDeadline(time.Now().Add(t))
	} else {
		s.s.nc.SetReadDeadline(time.Time{})
	}
}

// consume handles what has been read, up to the first part that is incomplete, or
// up to the last system call, which it returns to be run.
func (s *session) consume() (*Trap, error) {
	for {
		b := s.in.bytes()
		if s.left > 0 {
			if len(b) == 0 {
				return nil, nil
			}
			n := min(uint64(len(b)), s.left)
			s.receive(b[:n])
			s.in.skip(int(n))
			continue
		}
		if len(b) < HeaderSize {
			return nil, nil
		}
		h := ParseHeader(b)
		size, ok := h.payload()
		if !ok {
			return nil, s.violation("sends a frame of length %d, less than a header's", h.Len)
		}
		if h.Class == ClassResponse {
			if err := s.response(h, size); err != nil {
				return nil, err
			}
			s.in.skip(HeaderSize)
			continue
		}
		if size > maxRequest {
			return nil, s.violation("sends a frame of %d bytes where at most %d make sense (%s)", h.Len, HeaderSize+maxRequest, h)
		}
		if uint64(len(b)) < HeaderSize+size {
			return nil, nil
		}
		payload := b[HeaderSize : HeaderSize+size]
		s.trace("<", h, payload)
		s.in.skip(HeaderSize + int(size)) // the bytes stay where they are until more are read
		t, err := s.request(h, payload)
		switch {
		case err != nil:
			return nil, err
		case t != nil && s.prompt(t):
			s.runPrompt(t)
			s.brisk = true
		case t != nil && len(s.in.bytes()) < HeaderSize:
			s.brisk = false
			return t, nil
		case t != nil:
			s.brisk = false
			s.hand(t)
		}
	}
}

func (s *session) send(h Header, parts ...[]byte) {
	if s.srv.Debug.Writer != nil {
		s.trace(">", h, bytes.Join(parts, nil))
	}
	s.out.frame(h, parts...)
}

// sendLater is send for what may wait until something else is sent: a client has
// no use for a copyout before the answer. It reports whether the connection is good.
func (s *session) sendLater(h Header, parts ...[]byte) bool {
	if s.srv.Debug.Writer != nil {
		s.trace(">", h, bytes.Join(parts, nil))
	}
	many, ok := s.out.addSoon(h, parts...)
	if many {
		s.out.flush()
	}
	return ok
}

func (s *session) sendError(h Header, code ErrorCode) {
	s.send(Header{ReqNo: h.ReqNo, Class: ClassError, Word: uint32(code)})
}

func (s *session) trace(dir string, h Header, payload []byte) {
	if d := s.srv.Debug; d.Writer != nil {
		d.print(s.peer, dir, h, payload)
	}
}

func (s *session) violation(format string, args ...any) error {
	return &ProtocolError{s.peer, fmt.Sprintf(format, args...)}
}

func (s *session) maxCalls() int { return orDefault(s.srv.MaxConnCalls, DefaultMaxConnCalls) }
