package vfs

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// vnode is the kern.File of a file opened by its name.
type vnode struct {
	kern.Unsupported
	fs  *FS
	n   *node
	dev Device // of an open device
	gen int    // the node's count of revocations when it was opened
}

// dead reports whether the file is gone although it is open: its file system was
// unmounted by force, or it was revoked.
func (v *vnode) dead() bool {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	return v.n.mnt.gone || v.gen != v.n.base().revoked
}

// bufferSize is how much is moved between a file and a client at once.
const bufferSize = 64 << 10

// buffer returns a buffer of bufferSize bytes, to be given back to free.
func (fs *FS) buffer() []byte {
	if b, ok := fs.buffers.Get().(*[bufferSize]byte); ok {
		return b[:]
	}
	return new([bufferSize]byte)[:]
}

func (fs *FS) free(b []byte) { fs.buffers.Put((*[bufferSize]byte)(b)) }

func (v *vnode) Read(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if v.dead() {
		return netbsd.EIO
	}
	if v.dev != nil {
		if u.Resid == 0 {
			return 0
		}
		return v.device(c, f, u, pos, v.dev.Read)
	}
	if v.n.kind == netbsd.S_IFIFO {
		return 0
	}
	return v.positioned(f, pos, func(off int64) (int64, netbsd.Errno) {
		if off < 0 {
			return off, netbsd.EINVAL
		}
		if u.Resid == 0 && !v.n.isDir() {
			return off, 0
		}
		buf := v.fs.buffer()
		defer v.fs.free(buf)
		for {
			v.fs.mu.Lock()
			n, errno := v.n.mnt.fs.read(v.n, buf[:u.Chunk(bufferSize)], off)
			v.fs.mu.Unlock()
			if errno != 0 || n == 0 {
				return off, errno
			}
			if errno := u.Put(buf[:n]); errno != 0 {
				return off, errno
			}
			off += int64(n)
			if u.Resid == 0 {
				return off, 0
			}
		}
	})
}

// positioned calls move with the position to begin at, which is pos or the
// description's own, and stores the one that it returns.
func (v *vnode) positioned(f *kern.OpenFile, pos int64, move func(int64) (int64, netbsd.Errno)) netbsd.Errno {
	if pos != kern.Current {
		_, errno := move(pos)
		return errno
	}
	f.OffsetMu.Lock()
	defer f.OffsetMu.Unlock()
	off, errno := move(f.Offset)
	f.Offset = off
	return errno
}

// device moves data from or to a device; the description's offset follows.
func (v *vnode) device(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64,
	move func(*kern.Call, *kern.OpenFile, *kern.Uio, int64) netbsd.Errno) netbsd.Errno {
	at := pos
	if pos == kern.Current {
		f.OffsetMu.Lock()
		at = f.Offset
		f.OffsetMu.Unlock()
	}
	total := u.Resid
	errno := move(c, f, u, at)
	if pos == kern.Current {
		f.OffsetMu.Lock()
		f.Offset += total - u.Resid
		f.OffsetMu.Unlock()
	}
	return errno
}

func (v *vnode) Write(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	if v.dead() {
		return netbsd.EIO
	}
	if v.dev != nil {
		return v.device(c, f, u, pos, v.dev.Write)
	}
	if v.n.kind == netbsd.S_IFIFO {
		return netbsd.EOPNOTSUPP // where a rump kernel panics
	}
	return v.positioned(f, pos, func(off int64) (int64, netbsd.Errno) {
		return v.write(f, u, off, c.Proc.FileLimit())
	})
}

// write writes all of u or nothing: the space is made first.
func (v *vnode) write(f *kern.OpenFile, u *kern.Uio, off int64, limit uint64) (int64, netbsd.Errno) {
	fs, n := v.fs, v.n
	if off < 0 {
		return off, netbsd.EINVAL
	}
	appending := f.Flags()&kern.FAPPEND != 0 && n.kind == netbsd.S_IFREG
	size := u.Resid
	// The first piece is fetched before the space is made, so that what fails
	// at once changes nothing.
	whole := fs.buffer()
	defer fs.free(whole)
	buf := whole[:u.Chunk(bufferSize)]
	if errno := u.Take(buf); errno != 0 {
		return off, errno
	}
	fs.mu.Lock()
	if appending {
		off = n.size()
	}
	before := n.size()
	if n.kind == netbsd.S_IFREG && (off+size < off || uint64(off+size) > limit) {
		fs.mu.Unlock()
		u.Resid = size
		return off, netbsd.EFBIG
	}
	if errno := n.mnt.fs.grow(n, off, size); errno != 0 {
		fs.mu.Unlock()
		u.Resid = size
		return off, errno
	}
	if size == 0 {
		fs.mu.Unlock()
		return off, 0
	}
	errno := n.mnt.fs.write(n, buf, off)
	fs.mu.Unlock()
	off += int64(len(buf))
	for errno == 0 && u.Resid > 0 {
		b := whole[:u.Chunk(bufferSize)]
		if errno = u.Take(b); errno != 0 {
			break
		}
		fs.mu.Lock()
		errno = n.mnt.fs.write(n, b, off)
		fs.mu.Unlock()
		off += int64(len(b))
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if errno != 0 && before < n.size() {
		n.mnt.fs.set(n, attrs{size: &before}, &kern.Cred{})
		u.Resid = size
		return off, errno
	}
	n.mnt.fs.wrote(n)
	return off, errno
}

// size is how long the file is now.
func (n *node) size() int64 { return n.base().data.size }

func (v *vnode) Ioctl(c *kern.Call, f *kern.OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	dead := v.dead()
	if v.dev != nil && !dead {
		return v.dev.Ioctl(c, f, cmd, data)
	}
	switch cmd {
	case netbsd.FIONREAD:
		if dead {
			return netbsd.EBADF
		}
		v.fs.mu.Lock()
		size := v.n.mnt.fs.stat(v.n).Size
		v.fs.mu.Unlock()
		f.OffsetMu.Lock()
		binary.LittleEndian.PutUint32(data, uint32(size-f.Offset))
		f.OffsetMu.Unlock()
		return 0
	case netbsd.FIONWRITE, netbsd.FIONSPACE:
		binary.LittleEndian.PutUint32(data, 0)
		return 0
	case netbsd.FIONBIO, netbsd.FIOASYNC:
		return 0
	}
	switch {
	case dead:
		return netbsd.EBADF
	case v.n.base().onRumpfs():
		return netbsd.EOPNOTSUPP
	}
	return netbsd.EPASSTHROUGH
}

func (v *vnode) Stat(c *kern.Call, f *kern.OpenFile) (netbsd.Stat, netbsd.Errno) {
	if v.dead() {
		return netbsd.Stat{}, netbsd.EBADF
	}
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	return v.n.mnt.fs.stat(v.n), 0
}

func (v *vnode) Poll(c *kern.Call, f *kern.OpenFile, events int16) int16 {
	if v.dead() {
		return events
	}
	switch {
	case v.dev != nil:
		return v.dev.Poll(c, f, events)
	case v.n.base().onRumpfs():
		return int16(netbsd.EOPNOTSUPP) // an error in the place of events
	}
	return events & (netbsd.POLLIN | netbsd.POLLOUT | netbsd.POLLRDNORM | netbsd.POLLWRNORM)
}

func (v *vnode) Selinfo() *kern.Selinfo {
	if v.dev != nil {
		return v.dev.Selinfo()
	}
	return nil
}

func (v *vnode) KqFilter(f *kern.OpenFile, kn *kern.Knote) (kern.Filter, netbsd.Errno) {
	if v.dead() {
		return kern.Filter{}, netbsd.EBADF
	}
	n := v.n.base()
	if n.onRumpfs() && !v.n.isDevice() {
		return kern.Filter{}, netbsd.EOPNOTSUPP
	}
	switch kn.Filter {
	case netbsd.EVFILT_VNODE:
		return kern.Filter{Sel: &n.sel, Hints: true}, 0
	case netbsd.EVFILT_READ, netbsd.EVFILT_WRITE:
		switch {
		case v.dev != nil:
			return v.dev.KqFilter(f, kn)
		case kn.Filter == netbsd.EVFILT_WRITE:
			return kern.Filter{Sel: &n.sel, Event: func(kn *kern.Knote) bool {
				kn.Data = 0
				return true
			}}, 0
		}
		return kern.Filter{Sel: &n.sel, Event: func(kn *kern.Knote) bool {
			f.OffsetMu.Lock()
			off := f.Offset
			f.OffsetMu.Unlock()
			v.fs.mu.Lock()
			kn.Data = n.data.size - off
			v.fs.mu.Unlock()
			return kn.Data != 0
		}}, 0
	}
	return kern.Filter{}, netbsd.EINVAL
}

func (v *vnode) SetNonblock(c *kern.Call, f *kern.OpenFile, on bool) netbsd.Errno {
	if v.dev != nil {
		return v.dev.SetNonblock(c, f, on)
	}
	return 0
}

// SetFlags is asked about F_SETFL, which rumpfs refuses for files of its own.
func (v *vnode) SetFlags() netbsd.Errno {
	if v.dead() {
		return 0
	}
	if v.n.ofUnion() {
		return netbsd.EOPNOTSUPP
	}
	if v.n.base().onRumpfs() && !v.n.isDevice() {
		return netbsd.EINVAL
	}
	return 0
}

func (v *vnode) Pathconf(c *kern.Call, name int) (int64, netbsd.Errno) {
	if v.dead() {
		return 0, netbsd.EBADF
	}
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	return v.n.pathconf(name)
}

func (v *vnode) Close(f *kern.OpenFile) netbsd.Errno {
	var errno netbsd.Errno
	if v.dev != nil {
		errno = v.dev.Close(f)
	}
	fs := v.fs
	fs.mu.Lock()
	n := v.n.base()
	if v.n.kind == netbsd.S_IFBLK {
		delete(fs.opens, keyOf(v.n))
	}
	freed := n.locks.dropOwner(f)
	v.closed(f.Flags())
	if n.opens == 0 && n.removed {
		n.mnt.fs.release(n)
	}
	fs.mu.Unlock()
	if freed {
		fs.watch.Notify()
	}
	return errno
}

// opened and closed count a description of the node.
func (v *vnode) opened(flags uint32) { v.count(1, flags) }
func (v *vnode) closed(flags uint32) { v.count(-1, flags) }

func (v *vnode) count(by int, flags uint32) {
	v.n.mnt.busy += by
	writers := 0
	if flags&kern.FWRITE != 0 {
		writers = by
	}
	v.n.count(by, writers)
}

// newFile makes a description of an opened node. The FS's lock is held.
func (fs *FS) newFile(v *vnode, flags uint32, cr *kern.Cred) *kern.OpenFile {
	v.gen = v.n.base().revoked
	v.opened(flags)
	return kern.NewOpenFile(v, netbsd.DTYPE_VNODE, flags&kern.FMASK, cr)
}
