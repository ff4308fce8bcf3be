package sysproxy

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// stream reads and writes a connection without waiting, or waiting in the one of
// two ways that suits the moment: in the system call itself, which wakes soonest
// but keeps the scheduler from using the thread, or parked in the runtime's
// poller, which can be interrupted and costs nothing however long it takes. The
// first way is for answers that come at once from another process.
type stream struct {
	nc      net.Conn
	timeout time.Duration   // how long the peer may take to read what is written; 0 for any time
	raw     syscall.RawConn // nil where the descriptor is not to be touched

	// patience says whether to wait in the system call.
	patience patience
	epoch    time.Time

	// Arguments and results of the callbacks given to raw, which are made once:
	// a closure a call would be an allocation a call.
	rbuf    []byte
	rmode   readMode
	rn      int
	rerr    error
	readFn  func(uintptr) bool
	wbuf    []byte
	wn      int
	werr    error
	writeFn func(uintptr) bool
}

// readMode says what a read does if nothing is there.
type readMode uint8

const (
	readNow  readMode = iota // returns errNothing
	readSoon                 // waits in the system call, and then returns errNothing
	readPark                 // parks
)

func newStream(nc net.Conn) *stream {
	s := &stream{nc: nc, epoch: time.Now()}
	s.readFn, s.writeFn = s.readOnce, s.writeOnce
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

var (
	// errInterrupted is what a read returns after an interrupt.
	errInterrupted = errors.New("interrupted")
	// errNothing is what a read returns that does not wait.
	errNothing = errors.New("nothing to read")
)

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// hurry makes reads wait in the system call where that is worth it.
func (s *stream) hurry() {
	if s.raw == nil {
		return
	}
	s.raw.Control(func(fd uintptr) {
		// A peer within this process needs the very threads that would wait.
		s.patience.never = sameProcess(fd) || !canWait(fd)
	})
	s.patience.ready = !s.patience.never
}

// readSoon reads some bytes into p if they come soon.
func (s *stream) readSoon(p []byte) (int, error) {
	if !s.patience.worthIt() {
		return 0, errNothing
	}
	begin := time.Since(s.epoch) // quicker than time.Now
	n, err := s.read(p, readSoon)
	s.patience.learn(err != errNothing && time.Since(s.epoch)-begin < soon)
	return n, err
}

// tryRead reads some bytes into p if they are there.
func (s *stream) tryRead(p []byte) (int, error) {
	if s.raw == nil {
		return 0, errNothing
	}
	return s.read(p, readNow)
}

// parkRead reads some bytes into p, waiting as long as it takes.
func (s *stream) parkRead(p []byte) (int, error) {
	if s.raw != nil {
		return s.read(p, readPark)
	}
	n, err := s.nc.Read(p)
	if err != nil {
		err = s.readError(err)
	}
	return n, err
}

// read reads by the descriptor. Only one goroutine may read at a time.
func (s *stream) read(p []byte, mode readMode) (int, error) {
	s.rbuf, s.rmode, s.rn, s.rerr = p, mode, 0, nil
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

func (s *stream) readError(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.nc.SetReadDeadline(time.Time{})
		return errInterrupted
	}
	return err
}

// interrupt makes a read that is parked return errInterrupted. If none is, the
// next one may: a caller whose wait has not ended tries again.
func (s *stream) interrupt() { s.nc.SetReadDeadline(longAgo) }

// tryWrite writes what can be written without waiting and returns the number of
// bytes written, which may be 0. Only one goroutine may write at a time.
func (s *stream) tryWrite(p []byte) (int, error) {
	if s.raw == nil {
		return 0, nil
	}
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
