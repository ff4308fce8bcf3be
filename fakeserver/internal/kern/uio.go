package kern

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Uio is data on its way between a file and whoever reads or writes it: the
// caller's memory, or the kernel's own.
type Uio struct {
	Resid int64 // bytes that remain to be moved

	c    *Call
	iov  []span
	kern []byte // if c is nil

	trace bool
	moved []byte // if trace is set
}

type span struct{ addr, size uint64 }

// maxIO is the greatest number of bytes of one read or write (SSIZE_MAX).
const maxIO = 1<<63 - 1

// UserIO is a Uio for size bytes of the caller's memory.
func (c *Call) UserIO(addr, size uint64) *Uio {
	return &Uio{Resid: int64(size), c: c, iov: []span{{addr, size}}}
}

// KernelIO is a Uio for memory of the kernel.
func KernelIO(b []byte) *Uio { return &Uio{Resid: int64(len(b)), kern: b} }

// maxIov is the greatest number of elements of a vector (IOV_MAX).
const maxIov = 1024

// VectorIO is a Uio for the caller's memory that an array of n struct iovec at
// addr describes.
func (c *Call) VectorIO(addr uint64, n int) (*Uio, netbsd.Errno) {
	if n < 0 || n > maxIov {
		return nil, netbsd.EINVAL
	}
	u := &Uio{c: c, iov: make([]span, 0, n)}
	b := make([]byte, 16*n)
	if errno := c.Copyin(addr, b); errno != 0 {
		return nil, errno
	}
	for i := range n {
		s := span{binary.LittleEndian.Uint64(b[16*i:]), binary.LittleEndian.Uint64(b[16*i+8:])}
		if s.size > maxIO || u.Resid+int64(s.size) < 0 {
			return nil, netbsd.EINVAL
		}
		u.Resid += int64(s.size)
		u.iov = append(u.iov, s)
	}
	return u, 0
}

// chunk is how much is copied from or to the caller at once.
const chunk = 64 << 10

// Chunk returns how much of limit bytes to move next.
func (u *Uio) Chunk(limit int64) int { return int(max(min(u.Resid, limit, chunk), 0)) }

// Put moves b to the reader. On an error part of it may have been moved.
func (u *Uio) Put(b []byte) netbsd.Errno { return u.move(b, true) }

// Take fills b from the writer.
func (u *Uio) Take(b []byte) netbsd.Errno { return u.move(b, false) }

func (u *Uio) move(b []byte, out bool) netbsd.Errno {
	b = b[:min(int64(len(b)), u.Resid)]
	if u.c == nil {
		var n int
		if out {
			n = copy(u.kern, b)
		} else {
			n = copy(b, u.kern)
		}
		u.kern = u.kern[n:]
		u.Resid -= int64(n)
		return 0
	}
	whole, before := b, u.Resid
	if u.trace {
		defer func() { u.moved = append(u.moved, whole[:before-u.Resid]...) }()
	}
	for len(b) > 0 {
		s := &u.iov[0]
		if s.size == 0 {
			u.iov = u.iov[1:]
			continue
		}
		n := min(uint64(len(b)), s.size)
		var errno netbsd.Errno
		if out {
			errno = u.c.Copyout(s.addr, b[:n])
		} else {
			errno = u.c.Copyin(s.addr, b[:n])
		}
		if errno != 0 {
			return errno
		}
		s.addr += n
		s.size -= n
		u.Resid -= int64(n)
		b = b[n:]
	}
	return 0
}

// PutAll moves b as far as there is room, and returns how much that was.
func (u *Uio) PutAll(b []byte) (int, netbsd.Errno) {
	before := u.Resid
	errno := u.Put(b)
	return int(before - u.Resid), errno
}
