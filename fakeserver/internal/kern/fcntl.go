package kern

import (
	"encoding/binary"
	"math"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Fcntler is a File that knows more of fcntl(2) than every file does: locks.
// handled is false for a command which it does not know.
type Fcntler interface {
	Fcntl(c *Call, f *OpenFile, cmd int, arg uint64) (handled bool, errno netbsd.Errno)
}

// flagsGuard is a File that may refuse F_SETFL.
type flagsGuard interface{ SetFlags() netbsd.Errno }

// A Flocker is a File on which flock(2) works.
type Flocker interface {
	Flock(c *Call, f *OpenFile, how int) netbsd.Errno
}

// A Pathconfer is a File on which fpathconf(2) works.
type Pathconfer interface {
	Pathconf(c *Call, name int) (int64, netbsd.Errno)
}

func sysDup(c *Call) netbsd.Errno { return c.dup(c.Int(0), 0, false) }

func (c *Call) dup(fd, low int, cloexec bool) netbsd.Errno {
	f, errno := c.File(fd)
	if errno != 0 {
		return errno
	}
	fd, errno = c.Proc.Files.InstallFrom(f, low, cloexec)
	c.Ret(uint64(fd))
	return errno
}

func sysDup2(c *Call) netbsd.Errno { return c.dup2(c.Int(0), c.Int(1), 0) }

func sysDup3(c *Call) netbsd.Errno { return c.dup2(c.Int(0), c.Int(1), c.Uint(2)) }

func (c *Call) dup2(from, to int, flags uint32) netbsd.Errno {
	f, errno := c.File(from)
	if errno != 0 {
		return errno
	}
	switch {
	case to < 0 || to >= c.Proc.Files.limit():
		f.Release()
		return netbsd.EBADF
	case from == to:
		f.Release()
		c.Ret(uint64(to))
		return 0
	case flags&^(netbsd.O_CLOEXEC|netbsd.O_NONBLOCK|netbsd.O_NOSIGPIPE) != 0:
		f.Release()
		return netbsd.EINVAL
	}
	if errno := c.Proc.Files.Replace(c.Proc, f, to, flags&netbsd.O_CLOEXEC != 0); errno != 0 {
		return errno
	}
	c.Ret(uint64(to))
	return 0
}

func sysFcntl(c *Call) netbsd.Errno {
	fd, cmd, arg := c.Int(0), c.Int(1), c.Size(2)
	t := c.Proc.Files
	switch cmd {
	case netbsd.F_GETLK, netbsd.F_SETLK, netbsd.F_SETLKW: // the lock is read before the descriptor is looked at
		if errno := c.Copyin(arg, make([]byte, netbsd.SizeofFlock)); errno != 0 {
			return errno
		}
	case netbsd.F_CLOSEM:
		if fd < 0 {
			return netbsd.EBADF
		}
		for m := t.Max(); m >= fd; m = t.Max() {
			t.Close(c.Proc, m)
		}
		return 0
	case netbsd.F_MAXFD:
		c.Ret(uint64(int64(t.Max())))
		return 0
	}
	f, errno := c.File(fd)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if uint32(cmd)&netbsd.F_FSCTL != 0 {
		return c.fsctl(f, uint32(cmd), arg)
	}
	switch cmd {
	case netbsd.F_DUPFD, netbsd.F_DUPFD_CLOEXEC:
		if low := int32(arg); low < 0 || int(low) >= t.limit() {
			return netbsd.EINVAL
		}
		return c.dup(fd, int(int32(arg)), cmd == netbsd.F_DUPFD_CLOEXEC)
	case netbsd.F_GETFD:
		if t.Cloexec(fd) {
			c.Ret(netbsd.FD_CLOEXEC)
		}
	case netbsd.F_SETFD:
		t.SetCloexec(fd, arg&netbsd.FD_CLOEXEC != 0)
	case netbsd.F_GETNOSIGPIPE:
		if f.Flags()&FNOSIGPIPE != 0 {
			c.Ret(1)
		}
	case netbsd.F_SETNOSIGPIPE:
		var flags uint32
		if arg != 0 {
			flags = FNOSIGPIPE
		}
		f.SetFlags(FNOSIGPIPE, flags)
	case netbsd.F_GETFL:
		c.Ret(uint64(OFLAGS(f.Flags())))
	case netbsd.F_SETFL:
		if f.Type == netbsd.DTYPE_KQUEUE {
			return netbsd.ENOTTY
		}
		if l, ok := f.File.(flagsGuard); ok {
			if errno := l.SetFlags(); errno != 0 {
				return errno
			}
		}
		flags := FFLAGS(uint32(arg)) & FCNTLFLAGS
		if (flags^f.Flags())&(FNONBLOCK|FASYNC) != 0 {
			if errno := f.SetNonblock(c, f, flags&FNONBLOCK != 0); errno != 0 {
				return errno
			}
		}
		f.SetFlags(FCNTLFLAGS, flags)
	case netbsd.F_GETOWN, netbsd.F_SETOWN:
		data := binary.LittleEndian.AppendUint32(nil, uint32(arg))
		com := netbsd.FIOGETOWN
		if cmd == netbsd.F_SETOWN {
			com = netbsd.FIOSETOWN
		}
		if errno := f.Ioctl(c, f, com, data); errno != 0 {
			return errno
		}
		if cmd == netbsd.F_GETOWN {
			c.Ret(uint64(int64(int32(binary.LittleEndian.Uint32(data)))))
		}
	default:
		if l, ok := f.File.(Fcntler); ok {
			if handled, errno := l.Fcntl(c, f, cmd, arg); handled {
				return errno
			}
		}
		return netbsd.EINVAL
	}
	return 0
}

// fsctl is a command of fcntl(2) which is a file system's own. None here has one,
// but the parameter is copied in first.
func (c *Call) fsctl(f *OpenFile, cmd uint32, addr uint64) netbsd.Errno {
	if f.Flags()&(FREAD|FWRITE) == 0 {
		return netbsd.EBADF
	}
	if cmd&netbsd.F_FSIN != 0 {
		if errno := c.Copyin(addr, make([]byte, cmd>>netbsd.F_PARAM_SHIFT&netbsd.F_PARAM_MASK)); errno != 0 {
			return errno
		}
	}
	if f.Type == netbsd.DTYPE_KQUEUE {
		return netbsd.ENOTTY
	}
	return netbsd.EOPNOTSUPP
}

func sysFlock(c *Call) netbsd.Errno {
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	l, ok := f.File.(Flocker)
	if !ok {
		return netbsd.EOPNOTSUPP
	}
	return l.Flock(c, f, c.Int(1))
}

// pipeBuf is the number of bytes that a pipe takes in one piece (PIPE_BUF).
const pipeBuf = 512

func sysFpathconf(c *Call) netbsd.Errno {
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if p, ok := f.File.(Pathconfer); ok {
		v, errno := p.Pathconf(c, c.Int(1))
		c.Ret(uint64(v))
		return errno
	}
	switch f.Type {
	case netbsd.DTYPE_SOCKET, netbsd.DTYPE_PIPE:
		if c.Int(1) != netbsd.PC_PIPE_BUF {
			return netbsd.EINVAL
		}
		c.Ret(pipeBuf)
		return 0
	case netbsd.DTYPE_KQUEUE:
		return netbsd.EINVAL
	}
	return netbsd.EOPNOTSUPP
}

// sysFadvise returns its error as its value.
func sysFadvise(c *Call) netbsd.Errno {
	c.Ret(uint64(c.fadvise(c.Int(0), c.Long(2), c.Long(3), c.Uint(4))))
	return 0
}

func (c *Call) fadvise(fd int, off, size int64, advice uint32) netbsd.Errno {
	if size < 0 || size > 0 && math.MaxInt64-off < size {
		return netbsd.EINVAL
	}
	f, errno := c.File(fd)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	switch {
	case f.Type == netbsd.DTYPE_PIPE, f.Type == netbsd.DTYPE_SOCKET:
		return netbsd.ESPIPE
	case f.Type != netbsd.DTYPE_VNODE:
		return netbsd.EOPNOTSUPP
	case advice > netbsd.POSIX_FADV_NOREUSE:
		return netbsd.EINVAL
	}
	return 0
}
