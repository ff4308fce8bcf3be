package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// permitted checks a node's mode bits.
func permitted(n *node, want uint32, cr *kern.Cred) netbsd.Errno {
	if cr.Root() {
		// The superuser may do all but execute what nobody may.
		if want&mayExec != 0 && !n.isDir() && n.mode&0o111 == 0 {
			return netbsd.EACCES
		}
		return 0
	}
	shift := 0
	switch {
	case cr.EUID == n.uid:
		shift = 6
	case cr.Member(n.gid):
		shift = 3
	}
	if n.mode>>shift&want != want {
		return netbsd.EACCES
	}
	return 0
}

// possible checks whether a file system takes a write at all.
func possible(n *node, want uint32) netbsd.Errno {
	if want&mayWrite == 0 || n.isDevice() || n.kind == netbsd.S_IFIFO || n.kind == netbsd.S_IFSOCK {
		return 0
	}
	if n.mnt.readonly() {
		return netbsd.EROFS
	}
	return 0
}

// mayChmod, mayChown, mayTouch and maySetFlags are who may change what.

func mayChmod(n *node, mode uint32, cr *kern.Cred) netbsd.Errno {
	if cr.Root() {
		return 0
	}
	switch {
	case cr.EUID != n.uid:
		return netbsd.EPERM
	case mode&netbsd.S_ISVTX != 0 && !n.isDir():
		return netbsd.EFTYPE
	case mode&netbsd.S_ISGID != 0 && !cr.Member(n.gid):
		return netbsd.EPERM
	}
	return 0
}

func mayChown(n *node, uid, gid uint32, cr *kern.Cred) netbsd.Errno {
	if cr.Root() || cr.EUID == n.uid && uid == n.uid && (gid == n.gid || cr.Member(gid)) {
		return 0
	}
	return netbsd.EPERM
}

func mayTouch(n *node, now bool, cr *kern.Cred) netbsd.Errno {
	if cr.Root() || cr.EUID == n.uid {
		return 0
	}
	if !now {
		return netbsd.EPERM
	}
	return n.mnt.fs.access(n, mayWrite, cr)
}

func maySetFlags(n *node, flags uint32, cr *kern.Cred) netbsd.Errno {
	if cr.Root() {
		return 0
	}
	if cr.EUID != n.uid || n.isDevice() || flags&netbsd.SF_SETTABLE != n.flags&netbsd.SF_SETTABLE {
		return netbsd.EPERM
	}
	return 0
}

const (
	immutable  = netbsd.UF_IMMUTABLE | netbsd.SF_IMMUTABLE
	appendOnly = netbsd.UF_APPEND | netbsd.SF_APPEND
)
