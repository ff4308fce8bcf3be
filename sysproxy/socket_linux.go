//go:build linux && (amd64 || arm64)

package sysproxy

import (
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a stream over a descriptor that the runtime's poller does not know.
// The poller is told of each message, and wakes a thread for it, although
// somebody waits already; and that costs more than the message.
//
// A read waits in poll(2), in one of two ways: unknown to the scheduler, which
// wakes soonest but keeps a processor from other goroutines, for answers that
// come at once; or as any system call that blocks, which takes a thread. It does
// not wait in recv(2), which is also woken when the peer has read what was sent
// to it, only to find that nothing is there.
type socket struct {
	spinner  spinner
	patience patience

	mu     sync.RWMutex // held for reading while the descriptors are in use
	fd     int
	wake   int // an eventfd which interrupts a read
	closed bool
}

// ownSocket takes the socket of a stream over, whose peer should be another
// process: one within this process needs the very processor that a read keeps.
// It returns nil, and has done nothing, if that is not possible.
func ownSocket(from *netStream) stream {
	switch from.nc.(type) {
	case *net.UnixConn, *net.TCPConn:
	default:
		return nil
	}
	s := &socket{spinner: newSpinner()}
	s.fd, s.wake = -1, -1
	err := from.raw.Control(func(fd uintptr) {
		if sameProcess(fd) {
			return
		}
		if own, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 3); err == nil {
			s.fd = own
		}
	})
	if err != nil || s.fd < 0 {
		return nil
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		unix.Close(s.fd)
		return nil
	}
	from.nc.Close() // only this makes the poller forget it
	// A wait unknown to the scheduler ends by the signal with which it, or the
	// garbage collector, wants the thread back.
	s.patience.never = strings.Contains(os.Getenv("GODEBUG"), "asyncpreemptoff=1")
	return s
}

func (s *socket) tryRead(p []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	return recv(uintptr(s.fd), p)
}

func (s *socket) spinRead(p []byte) (int, error) {
	return s.spinner.read(func() (int, error) { return s.tryRead(p) })
}

func (s *socket) readSoon(p []byte) (int, error) {
	if !s.patience.worthIt() {
		return 0, errNothing
	}
	begin := time.Since(s.spinner.epoch) // quicker than time.Now
	for {
		n, err := s.awaitRead(p)
		took := time.Since(s.spinner.epoch) - begin
		if err == errNothing && took < soon {
			runtime.Gosched() // the scheduler wanted the thread
			continue
		}
		s.patience.learn(took < soon)
		return n, err
	}
}

// awaitRead reads some bytes into p, or returns errNothing after a signal.
func (s *socket) awaitRead(p []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	fds := [1]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), uintptr(len(fds)), 0, 0, 0, 0)
	return recv(uintptr(s.fd), p)
}

func (s *socket) parkRead(p []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for {
		if s.closed {
			return 0, net.ErrClosed
		}
		fds := [2]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}, {Fd: int32(s.wake), Events: unix.POLLIN}}
		_, _, errno := syscall.Syscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), uintptr(len(fds)), 0, 0, 0, 0)
		if errno == 0 && fds[1].Revents != 0 {
			var count [8]byte
			unix.Read(s.wake, count[:])
			return 0, errInterrupted
		}
		if n, err := recv(uintptr(s.fd), p); err != errNothing {
			return n, err
		}
	}
}

func (s *socket) interrupt() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed {
		unix.Write(s.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (s *socket) tryWrite(p, q []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	o := sending{p: p, q: q}
	err := o.send(uintptr(s.fd))
	return o.n, err
}

func (s *socket) write(p []byte) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o := sending{p: p}
	for {
		if s.closed {
			return net.ErrClosed
		}
		if err := o.send(uintptr(s.fd)); err != nil || o.n == len(p) {
			return err
		}
		fds := [1]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}
		syscall.Syscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), uintptr(len(fds)), 0, 0, 0, 0)
	}
}

func (s *socket) close() error {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return net.ErrClosed
	}
	unix.Shutdown(s.fd, unix.SHUT_RDWR) // ends the waits
	s.mu.RUnlock()

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	unix.Close(s.wake)
	return unix.Close(s.fd)
}
