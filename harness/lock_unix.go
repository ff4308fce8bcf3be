//go:build unix

package harness

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock is a locked file. It is a bare descriptor, which stays open until the
// process ends if nobody closes it: what it guards must not seem abandoned
// because an Instance was forgotten.
type lock struct{ fd int }

// lockNew creates a file and locks it.
func lockNew(path string) (*lock, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, &os.PathError{Op: "create", Path: path, Err: err}
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		unix.Close(fd)
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return &lock{fd}, nil
}

func (l *lock) release() { unix.Close(l.fd) }

// isLocked reports whether somebody has locked a file.
func isLocked(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	return false, os.NewSyscallError("flock", err)
}
