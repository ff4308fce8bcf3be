package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// maxOptLen is the greatest length of an option's value (MCLBYTES).
const maxOptLen = 2048

func sysSetsockopt(c *kern.Call) netbsd.Errno {
	size := c.Uint(4)
	if size > 0 && c.Ptr(3) == 0 || size > maxOptLen {
		return netbsd.EINVAL
	}
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	b := make([]byte, size)
	if errno := c.Copyin(c.Ptr(3), b); errno != 0 {
		return errno
	}
	level, name := c.Int(1), c.Int(2)
	if level != netbsd.SOL_SOCKET {
		return s.ep.setopt(c, level, name, b)
	}
	errno = s.setopt(name, b)
	if errno == 0 && name == netbsd.SO_NOSIGPIPE {
		var flags uint32
		if s.option(netbsd.SO_NOSIGPIPE) {
			flags = kern.FNOSIGPIPE
		}
		f.SetFlags(kern.FNOSIGPIPE, flags)
	}
	if errno == 0 || errno == netbsd.ENOPROTOOPT {
		// The protocol may know it, or better (sosetopt).
		if e := s.ep.setopt(c, level, name, b); e != netbsd.ENOPROTOOPT {
			errno = e
		}
	}
	return errno
}

func sysGetsockopt(c *kern.Call) netbsd.Errno {
	var size uint32
	if c.Ptr(3) != 0 {
		n, errno := c.CopyinInt(c.Ptr(4))
		if errno != 0 {
			return errno
		}
		size = uint32(n)
	}
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	level, name := c.Int(1), c.Int(2)
	var b []byte
	if level == netbsd.SOL_SOCKET {
		b, errno = s.getopt(name)
		if l, ok := s.ep.(*localSocket); ok && name == netbsd.SO_SNDBUF {
			l.lock()
			b = intValue(l.space())
			l.unlock()
		}
	} else {
		b, errno = s.ep.getopt(level, name)
	}
	if errno != 0 || size == 0 {
		return errno
	}
	b = b[:min(int64(size), int64(len(b)))]
	if errno := c.Copyout(c.Ptr(3), b); errno != 0 {
		return errno
	}
	return c.CopyoutInt(c.Ptr(4), int32(len(b)))
}
