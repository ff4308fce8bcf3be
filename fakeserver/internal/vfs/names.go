package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// The calls which make, move and remove names.

func (fs *FS) chdir(c *kern.Call, use func(d *dirs, n *node)) netbsd.Errno {
	return fs.find(c, netbsd.AT_FDCWD, 0, forLookup, true, func(f found, r request) netbsd.Errno {
		if !f.node.isDir() {
			return netbsd.ENOTDIR
		}
		if errno := f.node.mnt.fs.access(f.node, mayExec, r.cr); errno != 0 {
			return errno
		}
		use(r.dirs, f.node)
		return 0
	})
}

func (fs *FS) sysChdir(c *kern.Call) netbsd.Errno { return fs.chdir(c, (*dirs).chdir) }

func (fs *FS) fchdir(c *kern.Call, use func(d *dirs, n *node) netbsd.Errno) netbsd.Errno {
	f, v, errno := getVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	return fs.with(func() netbsd.Errno {
		n := v.n
		if !n.isDir() {
			return netbsd.ENOTDIR
		}
		if errno := n.mnt.fs.access(n, mayExec, c.Cred()); errno != 0 {
			return errno
		}
		for n.covered != nil {
			n = n.covered.root
		}
		return use(dirsOf(c), n)
	})
}

func (fs *FS) sysFchdir(c *kern.Call) netbsd.Errno {
	return fs.fchdir(c, func(d *dirs, n *node) netbsd.Errno {
		if d.chroot && !fs.under(n, d.root) {
			return netbsd.EPERM
		}
		d.chdir(n)
		return 0
	})
}

// changeRoot makes n the process's root folder.
func (fs *FS) changeRoot(d *dirs, n *node) {
	d.root.mnt.busy--
	d.root, d.chroot = n, true
	n.mnt.busy++
	if !fs.under(d.cwd, n) {
		d.chdir(n)
	}
}

func (fs *FS) sysChroot(c *kern.Call) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	return fs.chdir(c, fs.changeRoot)
}

func (fs *FS) sysFchroot(c *kern.Call) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	return fs.fchdir(c, func(d *dirs, n *node) netbsd.Errno {
		fs.changeRoot(d, n)
		return 0
	})
}

func (fs *FS) sysGetcwd(c *kern.Call) netbsd.Errno {
	room := c.Int(1)
	if room < 2 {
		return netbsd.ERANGE
	}
	var path string
	errno := fs.with(func() netbsd.Errno {
		d := dirsOf(c)
		if d.cwdGen != d.cwd.base().revoked && d.cwd != d.root {
			return netbsd.EBADF
		}
		var errno netbsd.Errno
		path, errno = fs.path(d.cwd, d.root, c.Cred())
		return errno
	})
	if errno != 0 {
		return errno
	}
	path = lastNames(path, room/2)
	if len(path)+1 > room {
		return netbsd.ERANGE
	}
	c.Ret(uint64(len(path) + 1))
	return c.Copyout(c.Ptr(0), netbsd.AppendString(nil, path))
}

// lastNames is the end of a path, of at most n names: as far up as getcwd(2) goes
// for a buffer that n names of one letter would fill, and calls it the whole.
func lastNames(path string, n int) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '/' {
			if n--; n == 0 {
				return path[i:]
			}
		}
	}
	return path
}

func (fs *FS) sysUmask(c *kern.Call) netbsd.Errno {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	d := dirsOf(c)
	c.Ret(uint64(d.umask))
	d.umask = c.Uint(0) & netbsd.ALLPERMS
	return 0
}

// create makes what does not exist yet.
func (fs *FS) create(c *kern.Call, fd, arg int, createDir bool, a newNode) netbsd.Errno {
	change := func(r *request) { r.createDir = createDir }
	return fs.findWith(c, fd, arg, forCreate, false, change, func(f found, r request) netbsd.Errno {
		if f.node != nil {
			return netbsd.EEXIST
		}
		a.cr = r.cr
		a.mode &^= r.dirs.umask
		_, errno := f.dir.mnt.fs.create(f.dir, f.name, a)
		return errno
	})
}

func (fs *FS) sysMkdir(c *kern.Call) netbsd.Errno { return fs.mkdir(c, netbsd.AT_FDCWD, 0, c.Uint(1)) }
func (fs *FS) sysMkdirat(c *kern.Call) netbsd.Errno {
	return fs.mkdir(c, c.Int(0), 1, c.Uint(2))
}

func (fs *FS) mkdir(c *kern.Call, fd, arg int, mode uint32) netbsd.Errno {
	return fs.create(c, fd, arg, true, newNode{kind: netbsd.S_IFDIR, mode: mode & netbsd.ACCESSPERMS})
}

func (fs *FS) sysMkfifo(c *kern.Call) netbsd.Errno {
	return fs.mkfifo(c, netbsd.AT_FDCWD, 0, c.Uint(1))
}
func (fs *FS) sysMkfifoat(c *kern.Call) netbsd.Errno {
	return fs.mkfifo(c, c.Int(0), 1, c.Uint(2))
}

func (fs *FS) mkfifo(c *kern.Call, fd, arg int, mode uint32) netbsd.Errno {
	return fs.create(c, fd, arg, false, newNode{kind: netbsd.S_IFIFO, mode: mode & netbsd.ALLPERMS})
}

func (fs *FS) sysMknod(c *kern.Call) netbsd.Errno {
	return fs.mknod(c, netbsd.AT_FDCWD, 0, c.Uint(1), c.Size(2))
}

func (fs *FS) sysMknodat(c *kern.Call) netbsd.Errno {
	// int fd, const char *path, mode_t mode, int pad, dev_t dev
	return fs.mknod(c, c.Int(0), 1, c.Uint(2), c.Size(4))
}

func (fs *FS) mknod(c *kern.Call, fd, arg int, mode uint32, dev uint64) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	a := newNode{kind: mode & netbsd.S_IFMT, mode: mode & netbsd.ALLPERMS, rdev: dev}
	return fs.findWith(c, fd, arg, forCreate, false, nil, func(f found, r request) netbsd.Errno {
		if f.node != nil {
			return netbsd.EEXIST
		}
		switch a.kind {
		case netbsd.S_IFREG:
			a.rdev = 0
		case netbsd.S_IFCHR, netbsd.S_IFBLK:
			if dev == noDevice {
				return netbsd.EINVAL
			}
		default:
			return netbsd.EINVAL
		}
		a.cr = r.cr
		a.mode &^= r.dirs.umask
		_, errno := f.dir.mnt.fs.create(f.dir, f.name, a)
		return errno
	})
}

func (fs *FS) sysSymlink(c *kern.Call) netbsd.Errno { return fs.symlink(c, netbsd.AT_FDCWD, 1) }
func (fs *FS) sysSymlinkat(c *kern.Call) netbsd.Errno {
	// const char *path1, int fd, const char *path2
	return fs.symlink(c, c.Int(1), 2)
}

func (fs *FS) symlink(c *kern.Call, fd, arg int) netbsd.Errno {
	target, errno := c.Path(0)
	if errno != 0 {
		return errno
	}
	return fs.create(c, fd, arg, false, newNode{kind: netbsd.S_IFLNK, mode: netbsd.ACCESSPERMS, target: target})
}

func (fs *FS) sysReadlink(c *kern.Call) netbsd.Errno {
	return fs.readlink(c, netbsd.AT_FDCWD, 0, c.Ptr(1), c.Size(2))
}

func (fs *FS) sysReadlinkat(c *kern.Call) netbsd.Errno {
	return fs.readlink(c, c.Int(0), 1, c.Ptr(2), c.Size(3))
}

func (fs *FS) readlink(c *kern.Call, fd, arg int, to, room uint64) netbsd.Errno {
	var target string
	errno := fs.find(c, fd, arg, forLookup, false, func(f found, r request) netbsd.Errno {
		n := f.node
		if n.kind != netbsd.S_IFLNK {
			return netbsd.EINVAL
		}
		target = n.base().target
		if n.mnt.flags&netbsd.MNT_SYMPERM != 0 {
			return n.mnt.fs.access(n, mayRead, r.cr)
		}
		return 0
	})
	if errno != 0 {
		return errno
	}
	n := min(uint64(len(target)), room)
	c.Ret(n)
	return c.Copyout(to, []byte(target[:n]))
}

func (fs *FS) sysLink(c *kern.Call) netbsd.Errno {
	return fs.link(c, netbsd.AT_FDCWD, 0, netbsd.AT_FDCWD, 1, netbsd.AT_SYMLINK_FOLLOW)
}

func (fs *FS) sysLinkat(c *kern.Call) netbsd.Errno {
	// int fd1, const char *name1, int fd2, const char *name2, int flags
	return fs.link(c, c.Int(0), 1, c.Int(2), 3, c.Int(4))
}

func (fs *FS) link(c *kern.Call, fd, arg, newFd, newArg, flags int) netbsd.Errno {
	var n *node
	if errno := checkAt(c, fd); errno != 0 {
		return errno
	}
	errno := fs.find(c, fd, arg, forLookup, flags&netbsd.AT_SYMLINK_FOLLOW != 0, func(f found, r request) netbsd.Errno {
		n = f.node
		return 0
	})
	if errno != 0 {
		return errno
	}
	return fs.find(c, newFd, newArg, forCreate, false, func(f found, r request) netbsd.Errno {
		switch {
		case f.node != nil:
			return netbsd.EEXIST
		case n.isDir():
			return netbsd.EPERM
		case f.dir.mnt != n.mnt:
			return netbsd.EXDEV
		}
		return n.mnt.fs.link(f.dir, f.name, n)
	})
}

func (fs *FS) sysUnlink(c *kern.Call) netbsd.Errno { return fs.unlink(c, netbsd.AT_FDCWD, 0, false) }

func (fs *FS) sysUnlinkat(c *kern.Call) netbsd.Errno {
	return fs.unlink(c, c.Int(0), 1, c.Int(2)&netbsd.AT_REMOVEDIR != 0)
}

func (fs *FS) sysRmdir(c *kern.Call) netbsd.Errno { return fs.unlink(c, netbsd.AT_FDCWD, 0, true) }

func (fs *FS) unlink(c *kern.Call, fd, arg int, dir bool) netbsd.Errno {
	return fs.find(c, fd, arg, forDelete, false, func(f found, r request) netbsd.Errno {
		n := f.node
		switch {
		case n.root(), n.covered != nil:
			return netbsd.EBUSY
		case f.dir == n:
			return netbsd.EINVAL
		case n.isDir() && !dir:
			return netbsd.EPERM
		case n.isDir():
			if f.name == ".." {
				return netbsd.ENOTEMPTY
			}
			return n.mnt.fs.rmdir(f.dir, f.name, n, false)
		case dir:
			return netbsd.ENOTDIR
		}
		return n.mnt.fs.remove(f.dir, f.name, n, false)
	})
}

func (fs *FS) sysRename(c *kern.Call) netbsd.Errno {
	return fs.rename(c, netbsd.AT_FDCWD, 0, netbsd.AT_FDCWD, 1, false)
}

func (fs *FS) sysPosixRename(c *kern.Call) netbsd.Errno {
	return fs.rename(c, netbsd.AT_FDCWD, 0, netbsd.AT_FDCWD, 1, true)
}

func (fs *FS) sysRenameat(c *kern.Call) netbsd.Errno {
	return fs.rename(c, c.Int(0), 1, c.Int(2), 3, false)
}

// rename moves a file. retain makes a rename onto another name of the same file
// do nothing, as POSIX has it.
func (fs *FS) rename(c *kern.Call, ffd, farg, tfd, targ int, retain bool) netbsd.Errno {
	from, errno := c.Path(farg)
	if errno != 0 {
		return errno
	}
	to, errno := c.Path(targ)
	if errno != 0 {
		return errno
	}
	fr, errno := fs.requestAt(c, ffd, from, forDelete, false)
	if errno != 0 {
		return errno
	}
	return fs.with(func() netbsd.Errno {
		src, errno := fs.namei(from, fr)
		if errno != 0 {
			return errno
		}
		if src.name == "." || src.name == ".." {
			return netbsd.EINVAL
		}
		tr := fr
		if tfd != ffd {
			fs.mu.Unlock()
			tr, errno = fs.requestAt(c, tfd, to, forRename, false)
			fs.mu.Lock()
			if errno != 0 {
				return errno
			}
		} else if tr.at = fr.at; tfd == netbsd.AT_FDCWD {
			tr.at = tr.dirs.cwd
		}
		tr.why, tr.createDir = forRename, src.node.isDir()
		dst, errno := fs.namei(to, tr)
		if errno != 0 {
			return errno
		}
		switch dst.name {
		case ".":
			return netbsd.EISDIR
		case "..":
			return netbsd.EINVAL
		}
		if src.dir.mnt != dst.dir.mnt {
			return netbsd.EXDEV
		}
		n, over := src.node, dst.node
		switch {
		case over != nil && n.isDir() && !over.isDir():
			return netbsd.ENOTDIR
		case over != nil && !n.isDir() && over.isDir():
			return netbsd.EISDIR
		case n == dst.dir:
			return netbsd.EINVAL
		case n == over && (retain || src.dir == dst.dir && src.name == dst.name):
			return 0
		case n == over:
			// Two names of one file: the old one goes.
			return n.mnt.fs.remove(src.dir, src.name, n, false)
		case n.covered != nil || over != nil && over.covered != nil:
			return netbsd.EBUSY
		}
		return n.mnt.fs.rename(src.dir, src.name, n, dst.dir, dst.name, over, fr.cr)
	})
}
