package sysproxy

import (
	"bytes"
	"context"
	"encoding/binary"
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

// copywait is a request of the server whose response is to come.
type copywait struct {
	b    []byte
	max  uint64 // bytes asked for
	n    int    // bytes received
	done chan struct{}
	// dead is set when nobody waits any more: what comes is dropped.
	dead bool
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
	s.cancel()
	s.s.close()
	s.out.stop()
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
			n, err = s.s.readSoon(s.in.space())
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

// readDirect reads the next bytes of a long answer, if they have come already,
// where they belong and not by way of the inbox. The lock is held during the
// system call, which does not wait.
func (s *session) readDirect() (int, error) {
	if s.into == nil || s.left < directRead || len(s.in.bytes()) > 0 {
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

// errHangUp ends a connection after an error has been sent.
type errHangUp struct{ ErrorCode }

// refuse answers with an error frame and ends the connection once that is written.
func (s *session) refuse(h Header, code ErrorCode) error {
	s.sendError(h, code)
	s.out.drain()
	return errHangUp{code}
}

// request handles a request, or a frame of a class that is none. It returns what
// is to be run in answer to it now.
func (s *session) request(h Header, payload []byte) (*Trap, error) {
	if h.Class != ClassRequest {
		s.sendError(h, CodeMalformed)
		return nil, nil
	}
	switch {
	case s.proc == nil && h.Type != TypeHandshake:
		return nil, s.refuse(h, CodeAuth)
	case s.proc == nil:
		return nil, s.handshake(h, payload)
	}
	switch h.Type {
	case TypeSyscall:
		return s.admit(h, payload), nil
	case TypePrefork:
		s.mu.Lock()
		inExec := s.inExec
		s.mu.Unlock()
		if inExec {
			return nil, s.refuse(h, CodeInExec)
		}
		return s.admit(h, nil), nil
	case TypeHandshake:
		if Handshake(h.Word) != HandshakeExec {
			return nil, s.refuse(h, CodeMalformed)
		}
		return nil, s.exec(h, programName(payload))
	default:
		s.sendError(h, CodeMalformed)
		return nil, nil
	}
}

// programName decodes the name in a handshake, with or without its NUL.
func programName(payload []byte) string {
	name, _, _ := bytes.Cut(payload, []byte{0})
	return string(name)
}

// welcome answers a handshake that has succeeded.
func (s *session) welcome(h Header) {
	var zero [4]byte
	s.send(Header{ReqNo: h.ReqNo, Class: ClassResponse, Type: TypeHandshake}, zero[:])
}

// handshake makes the connection's process.
func (s *session) handshake(h Header, payload []byte) error {
	switch Handshake(h.Word) {
	case HandshakeGuest:
		proc, err := s.srv.Handler.Guest(s.ctx, programName(payload))
		if err != nil {
			return fmt.Errorf("guest handshake: %w", err)
		}
		s.proc = proc
	case HandshakeFork:
		if len(payload) != forkHandshakeSize {
			return s.refuse(h, CodeMalformed)
		}
		proc := s.srv.claim([cookieSize]byte(payload))
		if proc == nil {
			return s.refuse(h, CodeInvalidPrefork)
		}
		if cancel := binary.LittleEndian.Uint32(payload[cookieSize:]); cancel != 0 {
			proc.Exit()
			return io.EOF // no answer but the end of the connection
		}
		s.proc = proc
	default:
		return s.refuse(h, CodeAuth)
	}
	s.welcome(h)
	return nil
}

// prefork makes a child and answers with its cookie.
func (s *session) prefork(t *Trap) {
	h := Header{ReqNo: t.reqNo, Class: ClassResponse, Type: TypePrefork}
	proc, err := s.proc.Fork(t.ctx)
	if err != nil {
		s.sendError(h, CodeRforkFailed)
		return
	}
	cookie, ok := s.srv.keep(proc, s)
	if !ok {
		proc.Exit()
		s.sendError(h, CodeNoMemory)
		return
	}
	s.send(h, cookie[:])
}

// exec ends the running system calls and then executes.
func (s *session) exec(h Header, program string) error {
	s.mu.Lock()
	if s.inExec {
		s.mu.Unlock()
		return s.refuse(h, CodeInExec)
	}
	s.inExec = true
	s.cancel()
	drained := make(chan struct{})
	if s.running == 0 {
		close(drained)
	} else {
		s.drained = drained
	}
	s.mu.Unlock()
	s.wg.Go(func() {
		<-drained
		s.mu.Lock()
		if s.ended {
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		s.proc.Exec(program)
		s.welcome(h)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inExec = false
		if s.ended {
			return
		}
		s.ctx, s.cancel = context.WithCancel(s.srv.ctx)
		for len(s.queue) > 0 && s.running < s.maxCalls() {
			t := s.pop()
			s.running++
			t.ctx = s.ctx
			s.handLocked(t)
		}
	})
	return nil
}

func (s *session) maxCalls() int { return orDefault(s.srv.MaxConnCalls, DefaultMaxConnCalls) }
