package shmif

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrClosed is returned by operations on a Bus or Reader that has been closed.
	ErrClosed = errors.New("shmif: closed")

	// ErrUnsupported is returned where buses cannot be mapped: on systems other than Unix. It is errors.ErrUnsupported.
	ErrUnsupported = fmt.Errorf("shmif: shared memory buses need a Unix system: %w", errors.ErrUnsupported)
)

// A FormatError says that a file is not a bus, or a bus whose words cannot be true.
type FormatError struct {
	Path   string
	Field  string // magic, version, size, generation, first, last, lock, length, position
	Value  uint64 // what the file says
	Reason string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("shmif: %s: %s %#x: %s", e.Path, e.Field, e.Value, e.Reason)
}

// A LockError says that someone has held the bus's lock for longer than a frame takes: a kernel which was killed or
// stopped in the middle of sending.
type LockError struct {
	Path   string
	Waited time.Duration
}

func (e *LockError) Error() string {
	return fmt.Sprintf("shmif: %s: the lock was not released for %v: was a kernel killed while it was sending?", e.Path, e.Waited)
}

// Timeout makes a LockError look like other errors of waiting in vain.
func (e *LockError) Timeout() bool { return true }

// A FrameError says that a frame cannot be sent.
type FrameError struct {
	Len int
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("shmif: frame of %d bytes: a bus carries %d to %d", e.Len, MinFrame, MaxFrame)
}
