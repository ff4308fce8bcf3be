package vfs

import (
	"math"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// The calls which change a file's attributes, each by name, by name without
// following a symbolic link, and by descriptor.

// byName changes the file that a path leads to.
func (fs *FS) byName(c *kern.Call, fd, arg int, follow bool, change func(n *node, cr *kern.Cred) netbsd.Errno) netbsd.Errno {
	if errno := checkAt(c, fd); errno != 0 {
		return errno
	}
	return fs.find(c, fd, arg, forLookup, follow, func(f found, r request) netbsd.Errno { return change(f.node, r.cr) })
}

// byFile changes an open file.
func (fs *FS) byFile(c *kern.Call, change func(n *node, cr *kern.Cred) netbsd.Errno) netbsd.Errno {
	f, v, errno := getVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	return fs.with(func() netbsd.Errno { return change(v.n, c.Cred()) })
}

func setMode(mode uint32) func(*node, *kern.Cred) netbsd.Errno {
	mode &= netbsd.ALLPERMS
	return func(n *node, cr *kern.Cred) netbsd.Errno { return n.mnt.fs.set(n, attrs{mode: &mode}, cr) }
}

func (fs *FS) sysChmod(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, true, setMode(c.Uint(1)))
}

func (fs *FS) sysLchmod(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, false, setMode(c.Uint(1)))
}

func (fs *FS) sysFchmod(c *kern.Call) netbsd.Errno { return fs.byFile(c, setMode(c.Uint(1))) }

func (fs *FS) sysFchmodat(c *kern.Call) netbsd.Errno {
	return fs.byName(c, c.Int(0), 1, c.Int(3)&netbsd.AT_SYMLINK_NOFOLLOW == 0, setMode(c.Uint(2)))
}

// setOwner changes owner and group, and clears set-user-id and set-group-id as
// NetBSD or as POSIX has it.
func setOwner(uid, gid uint32, posix bool) func(*node, *kern.Cred) netbsd.Errno {
	const unchanged = ^uint32(0)
	return func(n *node, cr *kern.Cred) netbsd.Errno {
		var a attrs
		mode := n.mnt.fs.stat(n).Mode & netbsd.ALLPERMS
		was := mode
		if uid != unchanged {
			a.uid = &uid
		}
		if gid != unchanged {
			a.gid = &gid
		}
		switch {
		case posix && !cr.Root():
			mode &^= netbsd.S_ISUID | netbsd.S_ISGID
		case !posix && a.uid != nil && a.gid != nil:
			mode &^= netbsd.S_ISUID | netbsd.S_ISGID
		case !posix && a.uid != nil:
			mode &^= netbsd.S_ISUID
		case !posix && a.gid != nil:
			mode &^= netbsd.S_ISGID
		}
		if mode != was {
			a.mode = &mode
		}
		return n.mnt.fs.set(n, a, cr)
	}
}

func (fs *FS) sysChown(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, true, setOwner(c.Uint(1), c.Uint(2), false))
}

func (fs *FS) sysLchown(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, false, setOwner(c.Uint(1), c.Uint(2), false))
}

func (fs *FS) sysFchown(c *kern.Call) netbsd.Errno {
	return fs.byFile(c, setOwner(c.Uint(1), c.Uint(2), false))
}

func (fs *FS) sysFchownat(c *kern.Call) netbsd.Errno {
	return fs.byName(c, c.Int(0), 1, c.Int(4)&netbsd.AT_SYMLINK_NOFOLLOW == 0, setOwner(c.Uint(2), c.Uint(3), false))
}

func (fs *FS) sysPosixChown(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, true, setOwner(c.Uint(1), c.Uint(2), true))
}

func (fs *FS) sysPosixLchown(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, false, setOwner(c.Uint(1), c.Uint(2), true))
}

func (fs *FS) sysPosixFchown(c *kern.Call) netbsd.Errno {
	return fs.byFile(c, setOwner(c.Uint(1), c.Uint(2), true))
}

// setFlags sets a file's flags; all ones of a u_long are no change (VNOVAL).
func setFlags(arg uint64) func(*node, *kern.Cred) netbsd.Errno {
	flags := uint32(arg)
	return func(n *node, cr *kern.Cred) netbsd.Errno {
		if arg == math.MaxUint64 {
			if apart(n) {
				return n.mnt.fs.set(n, attrs{}, cr)
			}
			return 0
		}
		// Devices' flags are the superuser's, even where the node is not.
		if n.isDevice() && !apart(n) && !cr.Root() {
			return netbsd.EPERM
		}
		return n.mnt.fs.set(n, attrs{flags: &flags}, cr)
	}
}

func (fs *FS) sysChflags(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, true, setFlags(c.Size(1)))
}

func (fs *FS) sysLchflags(c *kern.Call) netbsd.Errno {
	return fs.byName(c, netbsd.AT_FDCWD, 0, false, setFlags(c.Size(1)))
}

func (fs *FS) sysFchflags(c *kern.Call) netbsd.Errno { return fs.byFile(c, setFlags(c.Size(1))) }

// times reads two times from the caller's memory; a null pointer is the present.
func (fs *FS) timevals(c *kern.Call, addr uint64) (func(*node, *kern.Cred) netbsd.Errno, netbsd.Errno) {
	if addr == 0 {
		return fs.setTimes(nil), 0
	}
	b := make([]byte, 2*netbsd.SizeofTimeval)
	if errno := c.Copyin(addr, b); errno != 0 {
		return nil, errno
	}
	var ts [2]netbsd.Timespec
	for i := range ts {
		tv, err := netbsd.ParseTimeval(b[netbsd.SizeofTimeval*i:])
		if err != nil {
			return nil, netbsd.EINVAL
		}
		ts[i] = netbsd.Timespec{Sec: tv.Sec, Nsec: int64(tv.Usec) * 1000}
	}
	return fs.setTimes(&ts), 0
}

func (fs *FS) timespecs(c *kern.Call, addr uint64) (func(*node, *kern.Cred) netbsd.Errno, netbsd.Errno) {
	if addr == 0 {
		return fs.setTimes(nil), 0
	}
	b := make([]byte, 2*netbsd.SizeofTimespec)
	if errno := c.Copyin(addr, b); errno != 0 {
		return nil, errno
	}
	var ts [2]netbsd.Timespec
	for i := range ts {
		var err error
		if ts[i], err = netbsd.ParseTimespec(b[netbsd.SizeofTimespec*i:]); err != nil {
			return nil, netbsd.EINVAL
		}
	}
	return fs.setTimes(&ts), 0
}

// setTimes changes the times of access and modification, and that of birth if
// it would otherwise come after the latter.
func (fs *FS) setTimes(ts *[2]netbsd.Timespec) func(*node, *kern.Cred) netbsd.Errno {
	return func(n *node, cr *kern.Cred) netbsd.Errno {
		now := netbsd.TimespecOf(fs.now())
		a := attrs{atime: &now, mtime: &now, now: true}
		if ts != nil {
			at, mt := ts[0], ts[1]
			a.now = at.Nsec == netbsd.UTIME_NOW && mt.Nsec == netbsd.UTIME_NOW
			if at.Nsec == netbsd.UTIME_NOW {
				at = now
			}
			if mt.Nsec == netbsd.UTIME_NOW {
				mt = now
			}
			a.atime, a.mtime = &at, &mt
			if ts[0].Nsec == netbsd.UTIME_OMIT {
				a.atime = nil
			}
			if ts[1].Nsec == netbsd.UTIME_OMIT {
				a.mtime = nil
			}
		}
		if a.mtime != nil && a.mtime.Time().Before(n.base().btime) {
			a.btime = a.mtime
		}
		return n.mnt.fs.set(n, a, cr)
	}
}

func (fs *FS) sysUtimes(c *kern.Call) netbsd.Errno {
	change, errno := fs.timevals(c, c.Ptr(1))
	if errno != 0 {
		return errno
	}
	return fs.byName(c, netbsd.AT_FDCWD, 0, true, change)
}

func (fs *FS) sysLutimes(c *kern.Call) netbsd.Errno {
	change, errno := fs.timevals(c, c.Ptr(1))
	if errno != 0 {
		return errno
	}
	return fs.byName(c, netbsd.AT_FDCWD, 0, false, change)
}

func (fs *FS) sysFutimes(c *kern.Call) netbsd.Errno {
	change, errno := fs.timevals(c, c.Ptr(1))
	if errno != 0 {
		return errno
	}
	return fs.byFile(c, change)
}

func (fs *FS) sysFutimens(c *kern.Call) netbsd.Errno {
	change, errno := fs.timespecs(c, c.Ptr(1))
	if errno != 0 {
		return errno
	}
	return fs.byFile(c, change)
}

func (fs *FS) sysUtimensat(c *kern.Call) netbsd.Errno {
	// int fd, const char *path, const struct timespec *tptr, int flag
	change, errno := fs.timespecs(c, c.Ptr(2))
	if errno != 0 {
		return errno
	}
	return fs.byName(c, c.Int(0), 1, c.Int(3)&netbsd.AT_SYMLINK_NOFOLLOW == 0, change)
}
