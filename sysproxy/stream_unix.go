//go:build unix

package sysproxy

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const canSpin = true

// spinTime is how long a read waits in poll(2), in milliseconds, before it parks
// in the runtime's poller. A wait in poll cannot be interrupted, so this is also
// how late a context's end may be noticed.
const spinTime = 2

// Package syscall reads and writes here, as package net does, so that the race
// detector knows that what is read has been written before.

func (s *stream) readOnce(fd uintptr) bool {
	if s.rwait > 0 {
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		// An error here, EINTR for one, is answered by going on: read tells.
		unix.Poll(fds[:], s.rwait)
	}
	for {
		n, err := syscall.Read(int(fd), s.rbuf)
		switch err {
		case nil:
			s.rn = n
		case syscall.EAGAIN:
			s.rerr = errNothing
		case syscall.EINTR:
			continue
		default:
			s.rerr = err
		}
		return true
	}
}

func (s *stream) writeOnce(fd uintptr) bool {
	for s.wn < len(s.wbuf) {
		n, err := syscall.Write(int(fd), s.wbuf[s.wn:])
		switch err {
		case nil:
			s.wn += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return true // the caller waits elsewhere
		default:
			s.werr = err
			return true
		}
	}
	return true
}
