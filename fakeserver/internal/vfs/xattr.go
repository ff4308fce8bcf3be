package vfs

import (
	"math"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Extended attributes, which neither rumpfs nor tmpfs has. What these calls check
// before they say so is here.

// maxAttrName is the longest name of an attribute with its NUL
// (EXTATTR_MAXNAMELEN, XATTR_NAME_MAX).
const maxAttrName = 256

// An attrCall is where a call on extended attributes has its arguments, counted
// from 0; absent is no such argument.
type attrCall struct {
	name, data int  // data is followed by its size
	linux      bool // of the calls that come from Linux, which say ENOTSUP
}

const absent = -1

// The calls on attributes: to set, get, delete and list them.
var (
	setAttr    = attrCall{name: 2, data: 3}
	getAttr    = attrCall{name: 2, data: 3}
	deleteAttr = attrCall{name: 2, data: absent}
	listAttr   = attrCall{name: absent, data: 2}

	setXattr    = attrCall{name: 1, data: 2, linux: true}
	getXattr    = attrCall{name: 1, data: 2, linux: true}
	removeXattr = attrCall{name: 1, data: absent, linux: true}
	listXattr   = attrCall{name: absent, data: 1, linux: true}
)

// registerXattr adds the calls to the kernel.
func (fs *FS) registerXattr() {
	t := &fs.k.Table
	for _, n := range [...]struct {
		a                attrCall
		path, link, file netbsd.Sysno
	}{
		{setAttr, netbsd.SYS_EXTATTR_SET_FILE, netbsd.SYS_EXTATTR_SET_LINK, netbsd.SYS_EXTATTR_SET_FD},
		{getAttr, netbsd.SYS_EXTATTR_GET_FILE, netbsd.SYS_EXTATTR_GET_LINK, netbsd.SYS_EXTATTR_GET_FD},
		{deleteAttr, netbsd.SYS_EXTATTR_DELETE_FILE, netbsd.SYS_EXTATTR_DELETE_LINK, netbsd.SYS_EXTATTR_DELETE_FD},
		{listAttr, netbsd.SYS_EXTATTR_LIST_FILE, netbsd.SYS_EXTATTR_LIST_LINK, netbsd.SYS_EXTATTR_LIST_FD},
		{setXattr, netbsd.SYS_SETXATTR, netbsd.SYS_LSETXATTR, netbsd.SYS_FSETXATTR},
		{getXattr, netbsd.SYS_GETXATTR, netbsd.SYS_LGETXATTR, netbsd.SYS_FGETXATTR},
		{removeXattr, netbsd.SYS_REMOVEXATTR, netbsd.SYS_LREMOVEXATTR, netbsd.SYS_FREMOVEXATTR},
		{listXattr, netbsd.SYS_LISTXATTR, netbsd.SYS_LLISTXATTR, netbsd.SYS_FLISTXATTR},
	} {
		t.Register(n.path, func(c *kern.Call) netbsd.Errno { return n.a.ofPath(c, fs, true) })
		t.Register(n.link, func(c *kern.Call) netbsd.Errno { return n.a.ofPath(c, fs, false) })
		t.Register(n.file, n.a.ofFile)
	}
	t.Register(netbsd.SYS_EXTATTRCTL, fs.sysExtattrctl)
	t.Register(netbsd.SYS___QUOTACTL, fs.sysQuotactl)
}

func (fs *FS) sysExtattrctl(c *kern.Call) netbsd.Errno {
	// const char *path, int cmd, const char *filename, int attrnamespace, const char *attrname
	if name := c.Ptr(4); name != 0 {
		if _, errno := c.CopyinString(name, maxAttrName); errno != 0 {
			return errno
		}
	}
	if errno := fs.unsupported(c, 0, true); errno != netbsd.EOPNOTSUPP || c.Ptr(2) == 0 {
		return errno
	}
	return fs.unsupported(c, 2, true)
}

// unsupported looks for a file, whose name is argument i, that does not have what
// the call is about.
func (fs *FS) unsupported(c *kern.Call, i int, follow bool) netbsd.Errno {
	return fs.find(c, netbsd.AT_FDCWD, i, forLookup, follow, func(found, request) netbsd.Errno { return netbsd.EOPNOTSUPP })
}

// ofPath checks an attribute's name and a path.
func (a attrCall) ofPath(c *kern.Call, fs *FS, follow bool) netbsd.Errno {
	if errno := a.copyName(c); errno != 0 {
		return errno
	}
	return fs.find(c, netbsd.AT_FDCWD, 0, forLookup, follow, func(found, request) netbsd.Errno { return a.refuse(c) })
}

// ofFile checks an attribute's name and a descriptor.
func (a attrCall) ofFile(c *kern.Call) netbsd.Errno {
	if errno := a.copyName(c); errno != 0 {
		return errno
	}
	f, _, errno := getVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	f.Release()
	return a.refuse(c)
}

func (a attrCall) copyName(c *kern.Call) netbsd.Errno {
	if a.name == absent {
		return 0
	}
	_, errno := c.CopyinString(c.Ptr(a.name), maxAttrName)
	return errno
}

// refuse is the answer for a file that is there.
func (a attrCall) refuse(c *kern.Call) netbsd.Errno {
	switch {
	case a.data != absent && c.Ptr(a.data) != 0 && c.Size(a.data+1) > math.MaxInt32:
		return netbsd.EINVAL
	case a.linux:
		return netbsd.ENOTSUP
	}
	return netbsd.EOPNOTSUPP
}
