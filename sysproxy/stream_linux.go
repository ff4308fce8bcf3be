//go:build linux && (amd64 || arm64)

package sysproxy

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawIO tells that sockets are read and written by their descriptors.
const rawIO = true

// waitTime limits how long a read waits in the system call. The kernel counts it
// in ticks, which are some milliseconds long.
const waitTimeUsec = 5000

// canWait makes the socket one whose reads may wait, for waitTime at most, and
// reports whether that could be done. All reads and writes here that must not
// wait say so.
//
// The wait is unknown to Go's scheduler (RawSyscall), which otherwise would have
// its monitor take the processor away from the waiting thread every 20
// microseconds, and so cost more than the answer. It does not stop the garbage
// collector: the signal with which that preempts a thread also ends the wait,
// since a socket with a timeout does not resume it.
func canWait(fd uintptr) bool {
	tv := unix.Timeval{Usec: waitTimeUsec}
	if unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv) != nil {
		return false
	}
	// Whoever writes without saying that it must not wait does not wait long either.
	if unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_SNDTIMEO, &tv) != nil {
		return false
	}
	return unix.SetNonblock(int(fd), false) == nil
}

// sameProcess reports whether the other end of the socket is in this process.
func sameProcess(fd uintptr) bool {
	cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	return err == nil && int(cred.Pid) == os.Getpid()
}

func (s *stream) readOnce(fd uintptr) bool {
	if len(s.rbuf) == 0 {
		s.rerr = errNothing
		return true
	}
	flags := unix.MSG_DONTWAIT
	if s.rmode == readSoon {
		flags = 0
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&s.rbuf[0])), uintptr(len(s.rbuf)), uintptr(flags), 0, 0)
	switch errno {
	case 0:
		s.rn = int(n)
		if raceEnabled {
			syscall.Read(int(fd), nil) // tells the race detector that something was read
		}
	case unix.EAGAIN, unix.EINTR:
		if s.rmode == readPark {
			return false
		}
		s.rerr = errNothing
	default:
		s.rerr = errno
	}
	return true
}

func (s *stream) writeOnce(fd uintptr) bool {
	if raceEnabled {
		syscall.Write(int(fd), nil) // tells the race detector that something is written
	}
	for s.wn < len(s.wbuf) {
		p := s.wbuf[s.wn:]
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			s.wn += int(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return true // the caller waits elsewhere
		default:
			s.werr = errno
			return true
		}
	}
	return true
}
