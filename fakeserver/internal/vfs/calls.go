package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// registerCalls adds the system calls on files to the kernel.
func (fs *FS) registerCalls() {
	t := &fs.k.Table
	for n, f := range map[netbsd.Sysno]kern.Func{
		netbsd.SYS_OPEN: fs.sysOpen, netbsd.SYS_OPENAT: fs.sysOpenat,
		netbsd.SYS___STAT50: fs.sysStat, netbsd.SYS___LSTAT50: fs.sysLstat, netbsd.SYS_FSTATAT: fs.sysFstatat,
		netbsd.SYS_LSEEK: fs.sysLseek, netbsd.SYS___GETDENTS30: fs.sysGetdents,
		netbsd.SYS_PREAD: fs.sysPread, netbsd.SYS_PWRITE: fs.sysPwrite, netbsd.SYS_PREADV: fs.sysPreadv, netbsd.SYS_PWRITEV: fs.sysPwritev,
		netbsd.SYS_TRUNCATE: fs.sysTruncate, netbsd.SYS_FTRUNCATE: fs.sysFtruncate,
		netbsd.SYS_FSYNC: fs.sysFsync, netbsd.SYS_FDATASYNC: fs.sysFdatasync, netbsd.SYS_FSYNC_RANGE: fs.sysFsyncRange, netbsd.SYS_SYNC: sysSync,
		netbsd.SYS_POSIX_FALLOCATE: fs.sysFallocate, netbsd.SYS_FDISCARD: fs.sysFdiscard,
		netbsd.SYS_ACCESS: fs.sysAccess, netbsd.SYS_FACCESSAT: fs.sysFaccessat,

		netbsd.SYS_CHDIR: fs.sysChdir, netbsd.SYS_FCHDIR: fs.sysFchdir, netbsd.SYS_CHROOT: fs.sysChroot, netbsd.SYS_FCHROOT: fs.sysFchroot,
		netbsd.SYS___GETCWD: fs.sysGetcwd, netbsd.SYS_UMASK: fs.sysUmask,

		netbsd.SYS_LINK: fs.sysLink, netbsd.SYS_LINKAT: fs.sysLinkat, netbsd.SYS_UNLINK: fs.sysUnlink, netbsd.SYS_UNLINKAT: fs.sysUnlinkat,
		netbsd.SYS_SYMLINK: fs.sysSymlink, netbsd.SYS_SYMLINKAT: fs.sysSymlinkat,
		netbsd.SYS_READLINK: fs.sysReadlink, netbsd.SYS_READLINKAT: fs.sysReadlinkat,
		netbsd.SYS_RENAME: fs.sysRename, netbsd.SYS_RENAMEAT: fs.sysRenameat, netbsd.SYS___POSIX_RENAME: fs.sysPosixRename,
		netbsd.SYS_MKDIR: fs.sysMkdir, netbsd.SYS_MKDIRAT: fs.sysMkdirat, netbsd.SYS_RMDIR: fs.sysRmdir,
		netbsd.SYS___MKNOD50: fs.sysMknod, netbsd.SYS_MKNODAT: fs.sysMknodat, netbsd.SYS_MKFIFO: fs.sysMkfifo, netbsd.SYS_MKFIFOAT: fs.sysMkfifoat,

		netbsd.SYS_CHMOD: fs.sysChmod, netbsd.SYS_LCHMOD: fs.sysLchmod, netbsd.SYS_FCHMOD: fs.sysFchmod, netbsd.SYS_FCHMODAT: fs.sysFchmodat,
		netbsd.SYS_CHOWN: fs.sysChown, netbsd.SYS_LCHOWN: fs.sysLchown, netbsd.SYS_FCHOWN: fs.sysFchown, netbsd.SYS_FCHOWNAT: fs.sysFchownat,
		netbsd.SYS___POSIX_CHOWN: fs.sysPosixChown, netbsd.SYS___POSIX_LCHOWN: fs.sysPosixLchown, netbsd.SYS___POSIX_FCHOWN: fs.sysPosixFchown,
		netbsd.SYS_CHFLAGS: fs.sysChflags, netbsd.SYS_LCHFLAGS: fs.sysLchflags, netbsd.SYS_FCHFLAGS: fs.sysFchflags,
		netbsd.SYS___UTIMES50: fs.sysUtimes, netbsd.SYS___LUTIMES50: fs.sysLutimes, netbsd.SYS___FUTIMES50: fs.sysFutimes,
		netbsd.SYS_FUTIMENS: fs.sysFutimens, netbsd.SYS_UTIMENSAT: fs.sysUtimensat,
		netbsd.SYS_KTRACE:   fs.sysKtrace,
		netbsd.SYS_PATHCONF: fs.sysPathconf, netbsd.SYS_REVOKE: fs.sysRevoke,

		netbsd.SYS___MOUNT50: fs.sysMount, netbsd.SYS_UNMOUNT: fs.sysUnmount,
		netbsd.SYS_STATVFS1: fs.sysStatvfs, netbsd.SYS_FSTATVFS1: fs.sysFstatvfs, netbsd.SYS_GETVFSSTAT: fs.sysGetvfsstat,
	} {
		t.Register(n, f)
	}
}

// with calls f with the FS's lock held.
func (fs *FS) with(f func() netbsd.Errno) netbsd.Errno {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return f()
}

// path reads a path and finds what it leads to.
func (fs *FS) find(c *kern.Call, fd int, arg int, why purpose, follow bool, use func(f found, r request) netbsd.Errno) netbsd.Errno {
	return fs.findWith(c, fd, arg, why, follow, nil, use)
}

func (fs *FS) findWith(c *kern.Call, fd int, arg int, why purpose, follow bool, change func(*request),
	use func(f found, r request) netbsd.Errno) netbsd.Errno {
	path, r, errno := fs.pathAt(c, fd, arg, why, follow)
	if errno != 0 {
		return errno
	}
	if change != nil {
		change(&r)
	}
	return fs.with(func() netbsd.Errno {
		f, errno := fs.namei(path, r)
		if errno != 0 {
			return errno
		}
		return use(f, r)
	})
}

// checkAt checks the descriptor of a folder, for calls that do so before they read
// the path.
func checkAt(c *kern.Call, fd int) netbsd.Errno {
	if fd == netbsd.AT_FDCWD {
		return 0
	}
	f, _, errno := openedVnode(c, fd)
	if errno != 0 {
		return errno
	}
	f.Release()
	return 0
}

// pathAt reads a path and finds where it begins.
func (fs *FS) pathAt(c *kern.Call, fd, arg int, why purpose, follow bool) (string, request, netbsd.Errno) {
	path, errno := c.Path(arg)
	if errno != 0 {
		return "", request{}, errno
	}
	c.TraceName(path)
	r, errno := fs.requestAt(c, fd, path, why, follow)
	return path, r, errno
}

func (fs *FS) statPath(c *kern.Call, fd, arg int, follow bool, to uint64) netbsd.Errno {
	var st netbsd.Stat
	var file *kern.OpenFile // behind a name of fdesc; to be released without the lock
	errno := fs.find(c, fd, arg, forLookup, follow, func(f found, r request) netbsd.Errno {
		if d, ok := f.node.mnt.fs.(*fdesc); ok && d.isDescriptor(f.node) {
			var errno netbsd.Errno
			if file, errno = c.Proc.Files.Get(d.num[f.node]); errno == 0 {
				st, errno = statDescriptor(c, file)
			}
			return errno
		}
		st = f.node.mnt.fs.stat(f.node)
		return 0
	})
	if file != nil {
		file.Release()
	}
	if errno != 0 {
		return errno
	}
	return c.CopyoutStruct(to, st)
}

func (fs *FS) sysStat(c *kern.Call) netbsd.Errno {
	return fs.statPath(c, netbsd.AT_FDCWD, 0, true, c.Ptr(1))
}

func (fs *FS) sysLstat(c *kern.Call) netbsd.Errno {
	return fs.statPath(c, netbsd.AT_FDCWD, 0, false, c.Ptr(1))
}

func (fs *FS) sysFstatat(c *kern.Call) netbsd.Errno {
	return fs.statPath(c, c.Int(0), 1, c.Int(3)&netbsd.AT_SYMLINK_NOFOLLOW == 0, c.Ptr(2))
}

func (fs *FS) sysAccess(c *kern.Call) netbsd.Errno {
	return fs.access(c, netbsd.AT_FDCWD, 0, c.Uint(1), 0)
}

func (fs *FS) sysFaccessat(c *kern.Call) netbsd.Errno {
	return fs.access(c, c.Int(0), 1, c.Uint(2), c.Int(3))
}

func (fs *FS) access(c *kern.Call, fd, arg int, mode uint32, flags int) netbsd.Errno {
	if mode&^(netbsd.R_OK|netbsd.W_OK|netbsd.X_OK) != 0 {
		return netbsd.EINVAL
	}
	real := func(r *request) {
		if flags&netbsd.AT_EACCESS == 0 {
			cr := *r.cr
			cr.EUID, cr.EGID = cr.UID, cr.GID
			r.cr = &cr
		}
	}
	return fs.findWith(c, fd, arg, forLookup, flags&netbsd.AT_SYMLINK_NOFOLLOW == 0, real, func(f found, r request) netbsd.Errno {
		if mode == 0 {
			return 0
		}
		return f.node.mnt.fs.access(f.node, mode, r.cr)
	})
}

func (fs *FS) sysLseek(c *kern.Call) netbsd.Errno {
	// int fd, int pad, off_t offset, int whence
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	v, ok := f.File.(*vnode)
	if !ok || v.n.kind == netbsd.S_IFIFO {
		return netbsd.ESPIPE
	}
	off := c.Long(2)
	f.OffsetMu.Lock()
	defer f.OffsetMu.Unlock()
	switch c.Int(3) {
	case netbsd.SEEK_SET:
	case netbsd.SEEK_CUR:
		off += f.Offset
	case netbsd.SEEK_END:
		st, errno := v.Stat(c, f)
		if errno != 0 {
			return errno
		}
		off += st.Size
	default:
		return netbsd.EINVAL
	}
	if off < 0 && v.n.kind != netbsd.S_IFCHR {
		return netbsd.EINVAL
	}
	f.Offset = off
	c.Ret(uint64(off))
	return 0
}

// maxDirents is the greatest size of a getdents (MAXBSIZE).
const maxDirents = 64 << 10

func (fs *FS) sysGetdents(c *kern.Call) netbsd.Errno {
	f, v, errno := getVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if f.Flags()&kern.FREAD == 0 {
		return netbsd.EBADF
	}
	if !v.n.isDir() {
		return netbsd.EINVAL
	}
	room := int(min(c.Size(2), maxDirents))
	f.OffsetMu.Lock()
	defer f.OffsetMu.Unlock()
	for {
		fs.mu.Lock()
		b, next, errno := v.n.mnt.fs.readdir(v.n, f.Offset, room)
		if below := v.n.nextLayer(); errno == 0 && len(b) == 0 && below != nil {
			v.closed(f.Flags())
			v.n = below
			v.opened(f.Flags())
			f.Offset = 0
			fs.mu.Unlock()
			continue
		}
		fs.mu.Unlock()
		f.Offset = next
		if errno != 0 {
			return errno
		}
		c.Ret(uint64(len(b)))
		if errno := c.Copyout(c.Ptr(1), b); errno != 0 {
			return errno
		}
		c.TraceIO(c.Int(0), false, b)
		return 0
	}
}

// positioned begins a read or write at a position.
func (fs *FS) positioned(c *kern.Call, flag uint32) (*kern.OpenFile, netbsd.Errno) {
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return nil, errno
	}
	if f.Flags()&flag == 0 {
		f.Release()
		return nil, netbsd.EBADF
	}
	v, ok := f.File.(*vnode)
	if !ok || v.n.kind == netbsd.S_IFIFO {
		f.Release()
		return nil, netbsd.ESPIPE
	}
	return f, 0
}

// seekable checks a position, which is negative only where it does not matter or
// the device decides: on character devices.
func seekable(f *kern.OpenFile, pos int64) (int64, netbsd.Errno) {
	if pos >= 0 {
		return pos, 0
	}
	if v, ok := f.File.(*vnode); !ok || v.n.kind != netbsd.S_IFCHR {
		return 0, netbsd.EINVAL
	}
	const before = -2 // any but kern.Current
	return before, 0
}

func (fs *FS) sysPread(c *kern.Call) netbsd.Errno  { return fs.positionedIO(c, kern.FREAD) }
func (fs *FS) sysPwrite(c *kern.Call) netbsd.Errno { return fs.positionedIO(c, kern.FWRITE) }

func (fs *FS) positionedIO(c *kern.Call, flag uint32) netbsd.Errno {
	// int fd, void *buf, size_t nbyte, int pad, off_t offset
	f, errno := fs.positioned(c, flag)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	pos, errno := seekable(f, c.Long(4))
	if errno != 0 {
		return errno
	}
	return c.Transfer(f, c.UserIO(c.Ptr(1), c.Size(2)), flag == kern.FWRITE, pos)
}

func (fs *FS) sysPreadv(c *kern.Call) netbsd.Errno  { return fs.positionedVector(c, kern.FREAD) }
func (fs *FS) sysPwritev(c *kern.Call) netbsd.Errno { return fs.positionedVector(c, kern.FWRITE) }

func (fs *FS) positionedVector(c *kern.Call, flag uint32) netbsd.Errno {
	if c.Int(2) == 0 {
		return netbsd.EINVAL
	}
	f, errno := fs.positioned(c, flag)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	pos, errno := seekable(f, c.Long(4))
	if errno != 0 {
		return errno
	}
	u, errno := c.VectorIO(c.Ptr(1), c.Int(2))
	if errno != 0 {
		return errno
	}
	return c.Transfer(f, u, flag == kern.FWRITE, pos)
}

func (fs *FS) sysTruncate(c *kern.Call) netbsd.Errno {
	// const char *path, int pad, off_t length
	size := c.Long(2)
	if size < 0 {
		return netbsd.EINVAL
	}
	return fs.find(c, netbsd.AT_FDCWD, 0, forLookup, true, func(f found, r request) netbsd.Errno {
		n := f.node
		if n.isDir() {
			return netbsd.EISDIR
		}
		if errno := n.mnt.fs.access(n, mayWrite, r.cr); errno != 0 {
			return errno
		}
		return n.mnt.fs.set(n, attrs{size: &size, umask: r.dirs.umask}, r.cr)
	})
}

func (fs *FS) sysFtruncate(c *kern.Call) netbsd.Errno {
	size := c.Long(2)
	if size < 0 {
		return netbsd.EINVAL
	}
	f, v, errno := openedVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if f.Flags()&kern.FWRITE == 0 {
		return netbsd.EINVAL
	}
	if v.dead() {
		return netbsd.EBADF
	}
	return fs.with(func() netbsd.Errno {
		if v.n.isDir() {
			return netbsd.EISDIR
		}
		return v.n.mnt.fs.set(v.n, attrs{size: &size}, f.Cred)
	})
}

func (fs *FS) sysFsync(c *kern.Call) netbsd.Errno {
	f, _, errno := openedVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	return f.Release()
}

func (fs *FS) sysFdatasync(c *kern.Call) netbsd.Errno {
	f, _, errno := openedVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if f.Flags()&kern.FWRITE == 0 {
		return netbsd.EBADF
	}
	return 0
}

func (fs *FS) sysFsyncRange(c *kern.Call) netbsd.Errno {
	// int fd, int flags, off_t start, off_t length
	f, _, errno := openedVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if f.Flags()&kern.FWRITE == 0 {
		return netbsd.EBADF
	}
	const kinds = netbsd.FDATASYNC | netbsd.FFILESYNC
	if how := c.Uint(1) & kinds; how == 0 || how == kinds {
		return netbsd.EINVAL
	}
	if start, size := c.Long(2), c.Long(3); size != 0 && start+size < start {
		return netbsd.EINVAL
	}
	return 0
}

func sysSync(c *kern.Call) netbsd.Errno { return 0 }

func (fs *FS) sysFallocate(c *kern.Call) netbsd.Errno {
	c.Ret(uint64(fs.allocate(c, netbsd.EOPNOTSUPP)))
	return 0 // the error is the return value
}

func (fs *FS) sysFdiscard(c *kern.Call) netbsd.Errno { return fs.allocate(c, netbsd.EOPNOTSUPP) }

func (fs *FS) allocate(c *kern.Call, answer netbsd.Errno) netbsd.Errno {
	// int fd, int pad, off_t pos, off_t len
	pos, size := c.Long(2), c.Long(3)
	if pos < 0 || size < 0 || pos+size < 0 {
		return netbsd.EINVAL
	}
	f, v, errno := getVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	switch {
	case f.Flags()&kern.FWRITE == 0:
		return netbsd.EBADF
	case v.n.isDir():
		return netbsd.EISDIR
	}
	return answer
}

func (fs *FS) sysPathconf(c *kern.Call) netbsd.Errno {
	var v int64
	errno := fs.find(c, netbsd.AT_FDCWD, 0, forLookup, true, func(f found, r request) netbsd.Errno {
		var errno netbsd.Errno
		v, errno = f.node.pathconf(c.Int(1))
		return errno
	})
	c.Ret(uint64(v))
	return errno
}

func (fs *FS) sysRevoke(c *kern.Call) netbsd.Errno {
	return fs.find(c, netbsd.AT_FDCWD, 0, forLookup, true, func(f found, r request) netbsd.Errno {
		if !r.cr.Root() && r.cr.EUID != f.node.base().uid {
			return netbsd.EPERM
		}
		if n := f.node.base(); n.isDevice() || !n.onRumpfs() {
			n.revoked++ // files of rumpfs cannot be
		}
		return 0
	})
}

func (fs *FS) sysKtrace(c *kern.Call) netbsd.Errno {
	// const char *fname, int ops, int facs, pid_t pid
	ops := c.Uint(1)
	if ops&3 == netbsd.KTROP_CLEAR {
		return c.Ktrace(nil, ops, c.Uint(2), c.Int(3))
	}
	path, errno := c.Path(0)
	if errno != 0 {
		return errno
	}
	errno = fs.find(c, netbsd.AT_FDCWD, 0, forLookup, true, func(f found, r request) netbsd.Errno {
		if d, ok := f.node.mnt.fs.(*fdesc); ok && d.isDescriptor(f.node) {
			return netbsd.EDUPFD // what open(2) makes a duplicate of
		}
		return 0
	})
	if errno != 0 {
		return errno
	}
	f, errno := fs.openPath(c, netbsd.AT_FDCWD, path, kern.FREAD|kern.FWRITE, 0)
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if v, ok := f.File.(*vnode); !ok || v.n.kind != netbsd.S_IFREG {
		return netbsd.EACCES
	}
	return c.Ktrace(f, ops, c.Uint(2), c.Int(3))
}
