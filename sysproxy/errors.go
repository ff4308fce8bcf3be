package sysproxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// ErrClosed is what a call on a closed Client or Server unwraps to.
var ErrClosed = net.ErrClosed

// ErrorCode is the reason in a frame of class error (sp_common.c: enum rumpsp_err).
// It answers errors.Is for the host's errno that the C client maps it to.
type ErrorCode uint32

// The codes, with the errno which the C client reports.
const (
	CodeTryAgain       ErrorCode = 1 // EAGAIN: short of resources; the request may be sent again
	CodeAuth           ErrorCode = 2 // EPERM: request before the handshake, or a handshake of an unknown kind
	CodeInvalidPrefork ErrorCode = 3 // ESRCH: no such fork cookie
	CodeRforkFailed    ErrorCode = 4 // EIO: the kernel could not make the process
	CodeInExec         ErrorCode = 5 // EBUSY: the process is in the middle of an exec
	CodeNoMemory       ErrorCode = 6 // ENOMEM
	CodeMalformed      ErrorCode = 7 // EINVAL: the server does not understand the request
)

var codes = [...]struct {
	text  string
	errno syscall.Errno
}{
	CodeTryAgain:       {"try again", syscall.EAGAIN},
	CodeAuth:           {"authentication failed", syscall.EPERM},
	CodeInvalidPrefork: {"invalid prefork", syscall.ESRCH},
	CodeRforkFailed:    {"rfork failed", syscall.EIO},
	CodeInExec:         {"process in exec", syscall.EBUSY},
	CodeNoMemory:       {"out of memory", syscall.ENOMEM},
	CodeMalformed:      {"malformed request", syscall.EINVAL},
}

// Error returns the code's meaning in words.
func (c ErrorCode) Error() string {
	if c > 0 && int(c) < len(codes) {
		return codes[c].text
	}
	return fmt.Sprintf("protocol error code %d", uint32(c))
}

// Is reports whether target is the host errno that the C client gives for c.
func (c ErrorCode) Is(target error) bool {
	e, ok := target.(syscall.Errno)
	return ok && c > 0 && int(c) < len(codes) && codes[c].errno == e
}

// A RefusedError says that the server answered a request with an error frame.
// It unwraps to its ErrorCode.
type RefusedError struct {
	URL  string    // the server
	Op   string    // what was asked: "guest handshake", "prefork" ...
	Code ErrorCode // the server's reason
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: %s refused: %s", e.URL, e.Op, e.Code.Error())
}

// Unwrap returns the code.
func (e *RefusedError) Unwrap() error { return e.Code }

// A ProtocolError says that the peer broke the protocol, or that it does not
// speak it at all. The connection has been closed.
type ProtocolError struct {
	URL  string // the peer
	What string // what it did
}

func (e *ProtocolError) Error() string { return fmt.Sprintf("%s: %s", e.URL, e.What) }

// A TransportError says that the connection could not be made or was lost. It is
// a net.Error and unwraps to the cause, which is io.EOF if the peer went away.
type TransportError struct {
	URL string // the peer
	Op  string // "connect", "read", "write"
	Err error
}

func (e *TransportError) Error() string {
	if errors.Is(e.Err, io.EOF) || errors.Is(e.Err, syscall.ECONNRESET) || errors.Is(e.Err, syscall.EPIPE) {
		return fmt.Sprintf("%s: connection lost: the kernel has gone away", e.URL)
	}
	err := e.Err
	// net's own errors repeat the operation and the address, which are named here already.
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	return fmt.Sprintf("%s: %s: %v", e.URL, e.Op, err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Timeout reports whether the operation ran out of time.
func (e *TransportError) Timeout() bool {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		return true
	}
	var t interface{ Timeout() bool }
	return errors.As(e.Err, &t) && t.Timeout()
}

// Temporary is part of net.Error; it is never true.
func (e *TransportError) Temporary() bool { return false }

var _ net.Error = (*TransportError)(nil)

// An AbandonedError says that the context ended before the kernel had answered a
// system call. The protocol knows no cancel: a call that has been sent goes on
// and may still be carried out, but what the kernel writes for it goes nowhere.
// It unwraps to the context's error.
type AbandonedError struct {
	URL  string
	Num  uint32 // system call number
	Sent bool   // whether the kernel knows of the call at all
	Err  error
}

func (e *AbandonedError) Error() string {
	if !e.Sent {
		return fmt.Sprintf("%s: system call %d not made: %v", e.URL, e.Num, e.Err)
	}
	return fmt.Sprintf("%s: system call %d abandoned: %v", e.URL, e.Num, e.Err)
}

// Unwrap returns the context's error.
func (e *AbandonedError) Unwrap() error { return e.Err }
