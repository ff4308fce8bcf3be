package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

func (fs *FS) sysOpen(c *kern.Call) netbsd.Errno {
	return fs.open(c, netbsd.AT_FDCWD, 0, c.Uint(1), c.Uint(2))
}

func (fs *FS) sysOpenat(c *kern.Call) netbsd.Errno {
	return fs.open(c, c.Int(0), 1, c.Uint(2), c.Uint(3))
}

func (fs *FS) open(c *kern.Call, fd, arg int, oflags, mode uint32) netbsd.Errno {
	path, errno := c.Path(arg)
	if errno != 0 {
		return errno
	}
	c.TraceName(path)
	if errno := checkAt(c, fd); errno != 0 {
		return errno
	}
	flags := kern.FFLAGS(oflags)
	if flags&(kern.FREAD|kern.FWRITE) == 0 {
		return netbsd.EINVAL
	}
	if errno := c.Proc.Files.Room(); errno != 0 {
		return errno
	}
	mode = mode &^ dirsOf(c).umask & netbsd.ALLPERMS &^ netbsd.S_ISVTX
	file, errno := fs.openPath(c, fd, path, flags, mode)
	if errno != 0 {
		return errno
	}
	return fs.installOpened(c, file, flags)
}

// installOpened locks an opened file if that was asked for, and gives it a
// descriptor.
func (fs *FS) installOpened(c *kern.Call, file *kern.OpenFile, flags uint32) netbsd.Errno {
	if how := flags & (netbsd.O_EXLOCK | netbsd.O_SHLOCK); how != 0 {
		if errno := fs.lockOpened(c, file, flags); errno != 0 {
			file.Release()
			return errno
		}
	}
	n, errno := c.Proc.Files.Install(file, flags&netbsd.O_CLOEXEC != 0)
	c.Ret(uint64(n))
	return errno
}

func (fs *FS) lockOpened(c *kern.Call, file *kern.OpenFile, flags uint32) netbsd.Errno {
	v, ok := file.File.(*vnode)
	if !ok {
		return netbsd.EOPNOTSUPP
	}
	how := netbsd.LOCK_SH
	if flags&netbsd.O_EXLOCK != 0 {
		how = netbsd.LOCK_EX
	}
	if flags&kern.FNONBLOCK != 0 {
		how |= netbsd.LOCK_NB
	}
	return v.Flock(c, file, how)
}

// openPath opens a file by its name, or makes it.
func (fs *FS) openPath(c *kern.Call, fd int, path string, flags, mode uint32) (*kern.OpenFile, netbsd.Errno) {
	const create = netbsd.O_CREAT
	if flags&(create|netbsd.O_DIRECTORY) == create|netbsd.O_DIRECTORY {
		return nil, netbsd.EINVAL
	}
	why, follow := forLookup, flags&netbsd.O_NOFOLLOW == 0
	if flags&create != 0 {
		why = forCreate
		follow = follow && flags&netbsd.O_EXCL == 0
	}
	r, errno := fs.requestAt(c, fd, path, why, follow)
	if errno != 0 {
		return nil, errno
	}
	return fs.openFound(c, flags, func() (*node, bool, netbsd.Errno) {
		f, errno := fs.namei(path, r)
		if errno != 0 {
			return nil, false, errno
		}
		created := f.node == nil
		if created {
			f.node, errno = f.dir.mnt.fs.create(f.dir, f.name, newNode{kind: netbsd.S_IFREG, mode: mode, cr: r.cr})
		} else if flags&(create|netbsd.O_EXCL) == create|netbsd.O_EXCL {
			errno = netbsd.EEXIST
		}
		return f.node, created, errno
	})
}

// openFound opens the file that locate finds, or makes, with the FS's lock held.
func (fs *FS) openFound(c *kern.Call, flags uint32, locate func() (n *node, created bool, errno netbsd.Errno)) (*kern.OpenFile, netbsd.Errno) {
	v := &vnode{fs: fs}
	cr := c.Cred()
	var file *kern.OpenFile
	errno := fs.with(func() netbsd.Errno {
		n, created, errno := locate()
		if errno != 0 {
			return errno
		}
		switch n.kind {
		case netbsd.S_IFSOCK:
			return netbsd.EOPNOTSUPP
		case netbsd.S_IFLNK:
			return netbsd.EFTYPE
		}
		if !created {
			if errno := openable(n, flags, cr); errno != 0 {
				return errno
			}
			if flags&netbsd.O_TRUNC != 0 {
				var zero int64
				if errno := n.mnt.fs.set(n, attrs{size: &zero, umask: dirsOf(c).umask}, cr); errno != 0 {
					return errno
				}
			}
		}
		if n.kind != netbsd.S_IFIFO || n.onRumpfs() {
			if errno := n.mnt.fs.open(n, flags, cr); errno != 0 {
				return errno
			}
		}
		v.n = n
		if special, ok := n.mnt.fs.(opener); ok {
			if file, errno = special.openFile(c, n, flags); file != nil || errno != 0 {
				return errno
			}
		}
		file = fs.newFile(v, flags, cr)
		return 0
	})
	if errno != 0 || file.File != kern.File(v) {
		return file, errno
	}
	// What may wait is done without the lock. Until it has succeeded there is
	// nothing to be closed.
	if errno := fs.openSpecial(c, v, flags); errno != 0 {
		fs.mu.Lock()
		v.closed(flags)
		fs.mu.Unlock()
		return nil, errno
	}
	return file, 0
}

// opener is a file system whose files are not its own when they are opened:
// fdesc.
type opener interface {
	openFile(c *kern.Call, n *node, flags uint32) (*kern.OpenFile, netbsd.Errno)
}

// apart reports whether a file is of kernfs or fdesc, whose devices have no driver
// behind them, and whose files have no locks.
func apart(n *node) bool {
	switch n.mnt.fs.(type) {
	case *kernfs, *fdesc:
		return true
	}
	return false
}

func (fs *FS) openSpecial(c *kern.Call, v *vnode, flags uint32) netbsd.Errno {
	switch {
	case v.n.isDevice() && !apart(v.n):
		dev, errno := fs.openDevice(c, v.n, flags)
		v.dev = dev
		return errno
	case v.n.kind == netbsd.S_IFIFO:
		return openFifo(v.n)
	}
	return 0
}

// openable checks whether an existing file may be opened as flags say.
func openable(n *node, flags uint32, cr *kern.Cred) netbsd.Errno {
	if flags&netbsd.O_DIRECTORY != 0 && !n.isDir() {
		return netbsd.ENOTDIR
	}
	want := uint32(0)
	if flags&kern.FREAD != 0 {
		want |= mayRead
	}
	if flags&(kern.FWRITE|netbsd.O_TRUNC) != 0 {
		want |= mayWrite
		if n.isDir() {
			return netbsd.EISDIR
		}
	}
	return n.mnt.fs.access(n, want, cr)
}
