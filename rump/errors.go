package rump

import (
	"errors"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// An Error says that a kernel refused what was asked of it. It unwraps to its Errno.
type Error struct {
	Kernel string       // the kernel's name, by default its URL
	Op     string       // what was tried: "create interface", "open", "SIOCSIFMTU"
	Object string       // on what: an interface, a path, a name; may be empty
	Errno  netbsd.Errno // why not
}

// Error returns, for example,
// "unix://csock: create interface shmif0: EEXIST: File exists".
func (e *Error) Error() string {
	op := e.Op
	if e.Object != "" {
		op += " " + printable(e.Object)
	}
	return fmt.Sprintf("%s: %s: %s: %s", e.Kernel, op, e.Errno.Name(), e.Errno.Error())
}

// printable quotes a name which cannot be printed as it is.
func printable(name string) string {
	for _, r := range name {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return strconv.Quote(name)
		}
	}
	return name
}

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Errno }

// Timeout reports whether the call may succeed when there is more time.
func (e *Error) Timeout() bool { return e.Errno.Timeout() }

// Temporary reports whether the same call may succeed later.
func (e *Error) Temporary() bool { return e.Errno.Temporary() }

// doing says what a call that the kernel has refused was made for, instead of the
// call's own name.
func doing(op string, err error) error {
	if e, ok := err.(*Error); ok {
		named := *e
		named.Op = op
		return &named
	}
	return err
}

// Errno returns the kernel's errno in err, and false if err is not of a kernel.
func Errno(err error) (netbsd.Errno, bool) {
	var errno netbsd.Errno
	ok := errors.As(err, &errno)
	return errno, ok
}
