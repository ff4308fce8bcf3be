package kern

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// opened returns a descriptor's file if it was opened for what is to be done
// (FREAD or FWRITE).
func (c *Call) opened(fd int, flag uint32) (*OpenFile, netbsd.Errno) {
	f, errno := c.File(fd)
	if errno != 0 {
		return nil, errno
	}
	if f.Flags()&flag == 0 {
		f.Release()
		return nil, netbsd.EBADF
	}
	return f, 0
}

// Transfer reads or writes and returns the number of bytes moved. An error after
// some have been moved is forgotten, as in NetBSD, if it says that the rest
// would have had to wait.
func (c *Call) Transfer(f *OpenFile, u *Uio, write bool, pos int64) netbsd.Errno {
	if u.Resid < 0 {
		return netbsd.EINVAL
	}
	total := u.Resid
	u.trace = c.Proc.traces(netbsd.KTR_GENIO)
	var errno netbsd.Errno
	if write {
		errno = f.Write(c, f, u, pos)
	} else {
		errno = f.Read(c, f, u, pos)
	}
	if moved := total - u.Resid; errno != 0 && moved > 0 && (errno == netbsd.EINTR || errno == netbsd.EWOULDBLOCK) {
		errno = 0
	}
	if errno == netbsd.EPIPE && write && f.Flags()&FNOSIGPIPE == 0 {
		c.Raise(netbsd.SIGPIPE)
	}
	// The count is there even if there is an error as well.
	c.Ret(uint64(total - u.Resid))
	c.partial = true
	if u.trace && errno == 0 {
		c.TraceIO(c.Int(0), write, u.moved)
	}
	return errno
}

func sysRead(c *Call) netbsd.Errno {
	f, errno := c.opened(c.Int(0), FREAD)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	return c.Transfer(f, c.UserIO(c.Ptr(1), c.Size(2)), false, Current)
}

func sysWrite(c *Call) netbsd.Errno {
	f, errno := c.opened(c.Int(0), FWRITE)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	return c.Transfer(f, c.UserIO(c.Ptr(1), c.Size(2)), true, Current)
}

func sysReadv(c *Call) netbsd.Errno {
	if c.Int(2) == 0 {
		return netbsd.EINVAL
	}
	f, errno := c.opened(c.Int(0), FREAD)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	u, errno := c.VectorIO(c.Ptr(1), c.Int(2))
	if errno != 0 {
		return errno
	}
	return c.Transfer(f, u, false, Current)
}

func sysWritev(c *Call) netbsd.Errno {
	if c.Int(2) == 0 {
		return netbsd.EINVAL
	}
	f, errno := c.opened(c.Int(0), FWRITE)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	u, errno := c.VectorIO(c.Ptr(1), c.Int(2))
	if errno != 0 {
		return errno
	}
	return c.Transfer(f, u, true, Current)
}

// maxIoctl is the greatest parameter that the kernel copies (IOCPARM_MAX).
const maxIoctl = 4096

func sysIoctl(c *Call) netbsd.Errno {
	fd, cmd := c.Int(0), netbsd.Ioctl(c.Uint(1))
	f, errno := c.File(fd)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if f.Flags()&(FREAD|FWRITE) == 0 {
		return netbsd.EBADF
	}
	switch cmd {
	case netbsd.FIONCLEX, netbsd.FIOCLEX:
		c.Proc.Files.SetCloexec(fd, cmd == netbsd.FIOCLEX)
		return 0
	}
	size := cmd.Len()
	if size > maxIoctl {
		return netbsd.ENOTTY
	}
	data := make([]byte, size)
	switch {
	case size == 0:
		data = binary.LittleEndian.AppendUint64(nil, c.Ptr(2))
	case cmd.In():
		if errno := c.Copyin(c.Ptr(2), data); errno != 0 {
			return errno
		}
		c.TraceIO(fd, true, data)
	}
	switch cmd {
	case netbsd.FIONBIO:
		on := binary.LittleEndian.Uint32(data) != 0
		return setNonblock(c, f, on)
	case netbsd.FIOASYNC:
		var flags uint32
		if binary.LittleEndian.Uint32(data) != 0 {
			flags = FASYNC
		}
		f.SetFlags(FASYNC, flags)
		return f.SetNonblock(c, f, f.Nonblock())
	}
	errno = f.Ioctl(c, f, cmd, data)
	if errno == netbsd.EPASSTHROUGH { // which fcntl(2) lets through
		errno = netbsd.ENOTTY
	}
	if errno == 0 && cmd.Out() && size > 0 {
		if errno = c.Copyout(c.Ptr(2), data); errno == 0 {
			c.TraceIO(fd, false, data)
		}
	}
	return errno
}

func setNonblock(c *Call, f *OpenFile, on bool) netbsd.Errno {
	var flags uint32
	if on {
		flags = FNONBLOCK
	}
	f.SetFlags(FNONBLOCK, flags)
	return f.SetNonblock(c, f, on)
}

func sysClose(c *Call) netbsd.Errno { return c.Proc.Files.Close(c.Proc, c.Int(0)) }

func sysFstat(c *Call) netbsd.Errno {
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	st, errno := f.Stat(c, f)
	if errno != 0 {
		return errno
	}
	return c.CopyoutStruct(c.Ptr(1), st)
}
