package sysproxy

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// A stream is the bytes of a connection. One goroutine at a time may read, and
// one may write.
type stream interface {
	// tryRead reads some bytes into p if they are there; else the error is errNothing.
	tryRead(p []byte) (int, error)

	// spinRead reads some bytes into p if they are likely to come within moments and
	// do, without going to sleep; else the error is errNothing.
	spinRead(p []byte) (int, error)

	// readSoon reads some bytes into p if they are likely to come soon and do;
	// else the error is errNothing.
	readSoon(p []byte) (int, error)

	// parkRead reads some bytes into p, waiting as long as it takes or until it
	// is interrupted; the error is then errInterrupted.
	parkRead(p []byte) (int, error)

	// interrupt ends a parkRead. If there is none, the next one may end at once:
	// a caller whose wait has not ended tries again.
	interrupt()

	// tryWrite writes what can be written of p, and then of q, without waiting,
	// and returns the number of bytes written, which may be 0.
	tryWrite(p, q []byte) (int, error)

	// write writes all of p, waiting as long as the peer may take.
	write(p []byte) error

	close() error
}

var (
	// errInterrupted is what a read returns after an interrupt.
	errInterrupted = errors.New("interrupted")
	// errNothing is what a read returns that does not wait.
	errNothing = errors.New("nothing to read")
)

// netStream is a stream over a net.Conn, which waits in the runtime's poller: it
// costs nothing however long it takes, and no thread.
type netStream struct {
	nc      net.Conn
	timeout time.Duration   // how long the peer may take to read what is written; 0 for any time
	raw     syscall.RawConn // nil where the descriptor is not to be touched
	try     tryWriter       // nil unless nc can write without waiting by itself

	hurries  bool // whether to spin, and to wait in the system call, for a moment
	spinner  spinner
	patience patience

	// Arguments and results of the callbacks given to raw, which are made once:
	// a closure a call would be an allocation a call.
	rbuf    []byte
	parks   bool // whether to wait if nothing is there
	awaits  bool // whether to wait in the system call for it
	rn      int
	rerr    error
	readFn  func(uintptr) bool
	out     sending
	werr    error
	writeFn func(uintptr) bool
}

// A tryWriter is a connection within the process which can write what there is
// room for, without waiting.
type tryWriter interface {
	TryWrite(p []byte) (int, error)
}

func newStream(nc net.Conn) *netStream {
	s := &netStream{nc: nc, spinner: newSpinner()}
	s.readFn, s.writeFn = s.readOnce, s.writeOnce
	s.try, _ = nc.(tryWriter)
	// Other types may well offer a descriptor, and do more than read and write it.
	switch nc := nc.(type) {
	case *net.UnixConn:
		s.raw = rawConn(nc)
	case *net.TCPConn:
		s.raw = rawConn(nc)
	}
	return s
}

func rawConn(c syscall.Conn) syscall.RawConn {
	if !rawIO {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

func (s *netStream) tryRead(p []byte) (int, error) {
	if s.raw == nil {
		return 0, errNothing
	}
	return s.read(p, false)
}

// hurry makes spinRead spin and readSoon wait, if the peer is another process: one
// within this process needs the very processor that they keep.
func (s *netStream) hurry() {
	if s.raw != nil {
		s.raw.Control(func(fd uintptr) { s.hurries = !sameProcess(fd) })
	}
}

func (s *netStream) spinRead(p []byte) (int, error) {
	if !s.hurries {
		return 0, errNothing
	}
	return s.spinner.read(func() (int, error) { return s.read(p, false) })
}

func (s *netStream) readSoon(p []byte) (int, error) {
	if !s.hurries || !s.patience.worthIt() {
		return 0, errNothing
	}
	s.awaits = true
	n, err := s.read(p, false)
	s.awaits = false
	s.patience.learn(err != errNothing)
	return n, err
}

func (s *netStream) parkRead(p []byte) (int, error) {
	if s.raw != nil {
		return s.read(p, true)
	}
	n, err := s.nc.Read(p)
	if err != nil {
		err = s.readError(err)
	}
	return n, err
}

// read reads by the descriptor.
func (s *netStream) read(p []byte, parks bool) (int, error) {
	s.rbuf, s.parks, s.rn, s.rerr = p, parks, 0, nil
	err := s.raw.Read(s.readFn)
	s.rbuf = nil
	if err != nil {
		return 0, s.readError(err)
	}
	return s.rn, s.rerr
}

// readOnce is what raw.Read calls until it returns true.
func (s *netStream) readOnce(fd uintptr) bool {
	if s.awaits {
		awaitInput(fd)
	}
	s.rn, s.rerr = recv(fd, s.rbuf)
	return !s.parks || s.rerr != errNothing
}

func (s *netStream) readError(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.nc.SetReadDeadline(time.Time{})
		return errInterrupted
	}
	return err
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

func (s *netStream) interrupt() { s.nc.SetReadDeadline(longAgo) }

func (s *netStream) tryWrite(p, q []byte) (int, error) {
	if s.try != nil {
		n, err := s.try.TryWrite(p)
		if n == len(p) && err == nil && len(q) > 0 {
			var more int
			more, err = s.try.TryWrite(q)
			n += more
		}
		return n, err
	}
	if s.raw == nil {
		return 0, nil
	}
	s.out, s.werr = sending{p: p, q: q}, nil
	err := s.raw.Write(s.writeFn)
	n := s.out.n
	s.out = sending{}
	if err == nil {
		err = s.werr
	}
	return n, err
}

// writeOnce is what raw.Write calls.
func (s *netStream) writeOnce(fd uintptr) bool {
	s.werr = s.out.send(fd)
	return true // what is left is written elsewhere
}

func (s *netStream) write(p []byte) error {
	if s.timeout > 0 {
		s.nc.SetWriteDeadline(time.Now().Add(s.timeout))
		defer s.nc.SetWriteDeadline(time.Time{})
	}
	_, err := s.nc.Write(p)
	return err
}

func (s *netStream) close() error { return s.nc.Close() }

// sending is two runs of bytes, one to follow the other, on their way to a socket.
type sending struct {
	p, q []byte
	n    int // bytes sent
}

// left returns what is still to be sent.
func (o *sending) left() (p, q []byte) {
	if o.n < len(o.p) {
		return o.p[o.n:], o.q
	}
	return o.q[o.n-len(o.p):], nil
}

// direct is the least number of bytes that are read or written where they belong,
// not by way of an inbox or an outbox.
const direct = 4 << 10
