package netbsd

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"testing"
)

var _ net.Error = Errno(0)

func TestErrno(t *testing.T) {
	for _, tt := range []struct {
		e          Errno
		name, text string
	}{
		{ENOENT, "ENOENT", "No such file or directory"},
		{EEXIST, "EEXIST", "File exists"},
		{EWOULDBLOCK, "EAGAIN", "Resource temporarily unavailable"},
		{ENOTSUP, "ENOTSUP", "Not supported"},
		{EAFNOSUPPORT, "EAFNOSUPPORT", "Address family not supported by protocol family"},
		{ENOSYS, "ENOSYS", "Function not implemented"},
		{EPROTO, "EPROTO", "Protocol error"},
		{107, "errno 107", "Unknown error: 107"},
		{0, "errno 0", "Undefined error: 0"},
		{-4, "errno -4", "Unknown error: 4294967292"},
	} {
		if got := tt.e.Name(); got != tt.name {
			t.Errorf("%d.Name() = %q, want %q", tt.e, got, tt.name)
		}
		if got := tt.e.Error(); got != tt.text {
			t.Errorf("%d.Error() = %q, want %q", tt.e, got, tt.text)
		}
	}
	for e := Errno(1); e <= ELAST; e++ {
		if got, ok := LookupErrno(e.Name()); !ok || got != e {
			t.Errorf("LookupErrno(%q) = %d, %v, want %d", e.Name(), got, ok, e)
		}
	}
	if got, ok := LookupErrno("EWOULDBLOCK"); !ok || got != EAGAIN {
		t.Errorf("LookupErrno(EWOULDBLOCK) = %v", got)
	}
	for _, name := range []string{"", "ENOPE", "File exists"} {
		if got, ok := LookupErrno(name); ok {
			t.Errorf("LookupErrno(%q) = %v", name, got)
		}
	}
}

func TestErrnoIs(t *testing.T) {
	for _, tt := range []struct {
		e    Errno
		is   error
		want bool
	}{
		{ENOENT, fs.ErrNotExist, true},
		{ENOENT, os.ErrNotExist, true},
		{ENOTDIR, fs.ErrNotExist, false},
		{EEXIST, fs.ErrExist, true},
		{ENOTEMPTY, fs.ErrExist, true},
		{EPERM, fs.ErrPermission, true},
		{EACCES, fs.ErrPermission, true},
		{ENOSYS, errors.ErrUnsupported, true},
		{EOPNOTSUPP, errors.ErrUnsupported, true},
		{EINVAL, errors.ErrUnsupported, false},
		{EINVAL, EINVAL, true},
		{EINVAL, ENOENT, false},
	} {
		if got := errors.Is(fmt.Errorf("open: %w", tt.e), tt.is); got != tt.want {
			t.Errorf("errors.Is(%s, %v) = %v", tt.e.Name(), tt.is, got)
		}
	}
	if !ETIMEDOUT.Timeout() || !EAGAIN.Temporary() || EPIPE.Timeout() || EPIPE.Temporary() {
		t.Error("Timeout or Temporary")
	}
	if Errno(0).Err() != nil || EIO.Err() != EIO {
		t.Error("Err")
	}
}
