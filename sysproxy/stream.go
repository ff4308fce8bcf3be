package sysproxy

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// stream reads and writes a connection in the way that suits a request and its
// response: it waits for the first moments of a read in the system call itself,
// which wakes sooner than a goroutine parked in the runtime's poller, and parks
// only when nothing has come by then. Both ways it offers an interrupt.
type stream struct {
	nc      net.Conn
	timeout time.Duration   // how long the peer may take to read what is written; 0 for any time
	raw     syscall.RawConn // nil where nc has no descriptor, as net.Pipe
	try     tryWriter       // nil unless nc can write without waiting by itself

	// Arguments and results of the callbacks given to raw, which are made once:
	// a closure a call would be an allocation a call.
	rbuf   []byte
	rwait  int // milliseconds
	rn     int
	rerr   error
	readFn func(uintptr) bool

	wmu     sync.Mutex // guards wbuf and wn
	wbuf    []byte
	wn      int
	werr    error
	writeFn func(uintptr) bool
}

// A tryWriter is a connection within the process which can write what there is
// room for, without waiting.
type tryWriter interface {
	TryWrite(p []byte) (int, error)
}

func newStream(nc net.Conn) *stream {
	s := &stream{nc: nc}
	s.try, _ = nc.(tryWriter)
	if sc, ok := nc.(syscall.Conn); ok && canSpin {
		if raw, err := sc.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	s.readFn = s.readOnce
	s.writeFn = s.writeOnce
	return s
}

var (
	// errInterrupted is what a read returns after an interrupt.
	errInterrupted = errors.New("interrupted")
	// errNothing is what spinRead returns if nothing has come.
	errNothing = errors.New("nothing to read")
)

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// spinRead reads some bytes into p if they come within spinTime, which it waits
// for in the system call. Only one goroutine may read at a time.
func (s *stream) spinRead(p []byte) (int, error) { return s.readWithin(p, spinTime) }

// tryRead reads some bytes into p if they are there.
func (s *stream) tryRead(p []byte) (int, error) { return s.readWithin(p, 0) }

func (s *stream) readWithin(p []byte, ms int) (int, error) {
	if s.raw == nil {
		return 0, errNothing
	}
	s.rbuf, s.rwait, s.rn, s.rerr = p, ms, 0, nil
	err := s.raw.Read(s.readFn)
	s.rbuf = nil
	switch {
	case err != nil:
		return 0, s.readError(err)
	case s.rerr == errNothing:
		return 0, errNothing
	case s.rerr != nil:
		return 0, os.NewSyscallError("read", s.rerr)
	case s.rn == 0:
		return 0, io.EOF
	}
	return s.rn, nil
}

// parkRead reads some bytes into p, waiting as long as it takes.
func (s *stream) parkRead(p []byte) (int, error) {
	n, err := s.nc.Read(p)
	if err != nil {
		err = s.readError(err)
	}
	return n, err
}

func (s *stream) readError(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.nc.SetReadDeadline(time.Time{})
		return errInterrupted
	}
	return err
}

// interrupt makes a read that waits return errInterrupted. If none waits, the
// next one may: a caller whose wait has not ended tries again.
func (s *stream) interrupt() { s.nc.SetReadDeadline(longAgo) }

// tryWrite writes what can be written without waiting and returns the number of
// bytes written, which may be 0.
func (s *stream) tryWrite(p []byte) (int, error) {
	if s.try != nil {
		return s.try.TryWrite(p)
	}
	if s.raw == nil {
		return 0, nil
	}
	s.wmu.Lock()
	defer s.wmu.Unlock()
	s.wbuf, s.wn, s.werr = p, 0, nil
	err := s.raw.Write(s.writeFn)
	s.wbuf = nil
	if err == nil && s.werr != nil {
		err = os.NewSyscallError("write", s.werr)
	}
	return s.wn, err
}

// write writes all of p, waiting as long as the peer may take.
func (s *stream) write(p []byte) error {
	if s.timeout > 0 {
		s.nc.SetWriteDeadline(time.Now().Add(s.timeout))
		defer s.nc.SetWriteDeadline(time.Time{})
	}
	_, err := s.nc.Write(p)
	return err
}

func (s *stream) close() error { return s.nc.Close() }
