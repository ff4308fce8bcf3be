//go:build linux && (amd64 || arm64)

package sysproxy

import (
	"io"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawIO tells that sockets are read and written by their descriptors.
const rawIO = true

// recv reads what there is, without waiting.
func recv(fd uintptr, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, errNothing
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return 0, errNothing
	case errno != 0:
		return 0, os.NewSyscallError("read", errno)
	case n == 0:
		return 0, io.EOF
	}
	if raceEnabled {
		syscall.Read(int(fd), nil) // tells the race detector that something was read
	}
	return int(n), nil
}

// send sends what there is room for, without waiting.
func (o *sending) send(fd uintptr) error {
	if raceEnabled {
		syscall.Write(int(fd), nil) // tells the race detector that something is written
	}
	for {
		p, q := o.left()
		if len(p) == 0 {
			return nil
		}
		n, errno := send(fd, p, q)
		switch errno {
		case 0:
			o.n += n
		case unix.EINTR:
		case unix.EAGAIN:
			return nil
		default:
			return os.NewSyscallError("write", errno)
		}
	}
}

// send makes one system call to send p and q, of which only q may be empty.
func send(fd uintptr, p, q []byte) (int, syscall.Errno) {
	const flags = unix.MSG_DONTWAIT | unix.MSG_NOSIGNAL
	if len(q) == 0 {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
		return int(n), errno
	}
	iov := [2]unix.Iovec{{Base: &p[0], Len: uint64(len(p))}, {Base: &q[0], Len: uint64(len(q))}}
	msg := unix.Msghdr{Iov: &iov[0], Iovlen: uint64(len(iov))}
	n, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&msg)), flags)
	return int(n), errno
}

// awaitInput waits until there is something to read, or soon has passed. The
// scheduler does not know of it, and gets its thread back by a signal.
func awaitInput(fd uintptr) {
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	limit := unix.Timespec{Nsec: soon.Nanoseconds()}
	unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), uintptr(len(fds)), uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
}

// sameProcess reports whether the other end of the socket is in this process.
func sameProcess(fd uintptr) bool {
	cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	return err == nil && int(cred.Pid) == os.Getpid()
}

// yield offers the processor to others.
func yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
