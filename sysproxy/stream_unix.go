//go:build unix

package sysproxy

import "golang.org/x/sys/unix"

const canSpin = true

// spinTime is how long a read waits in poll(2), in milliseconds, before it parks
// in the runtime's poller. A wait in poll cannot be interrupted, so this is also
// how late a context's end may be noticed.
const spinTime = 2

func (s *stream) readOnce(fd uintptr) bool {
	if s.rwait > 0 {
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		// An error here, EINTR for one, is answered by going on: read tells.
		unix.Poll(fds[:], s.rwait)
	}
	for {
		n, err := unix.Read(int(fd), s.rbuf)
		switch err {
		case nil:
			s.rn = n
		case unix.EAGAIN:
			s.rerr = errNothing
		case unix.EINTR:
			continue
		default:
			s.rerr = err
		}
		return true
	}
}

func (s *stream) writeOnce(fd uintptr) bool {
	for s.wn < len(s.wbuf) {
		n, err := unix.Write(int(fd), s.wbuf[s.wn:])
		switch err {
		case nil:
			s.wn += n
		case unix.EINTR:
		case unix.EAGAIN:
			return true // the caller waits elsewhere
		default:
			s.werr = err
			return true
		}
	}
	return true
}
