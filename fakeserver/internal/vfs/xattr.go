package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Extended attributes, quotas and file handles: neither rumpfs nor tmpfs has
// them. What these calls check before they say so is here.

// maxAttrName is the longest name of an attribute with its NUL
// (EXTATTR_MAXNAMELEN, XATTR_NAME_MAX).
const maxAttrName = 256

// registerXattr adds the calls to the kernel.
func (fs *FS) registerXattr() {
	t := &fs.k.Table
	byPath := func(nameArg int, follow bool) kern.Func {
		return func(c *kern.Call) netbsd.Errno { return fs.attrOf(c, nameArg, follow) }
	}
	byFile := func(nameArg int) kern.Func {
		return func(c *kern.Call) netbsd.Errno { return attrOfFile(c, nameArg) }
	}
	const none = -1
	for n, f := range map[netbsd.Sysno]kern.Func{
		netbsd.SYS_EXTATTRCTL:       func(c *kern.Call) netbsd.Errno { return fs.attrOf(c, none, true) },
		netbsd.SYS_EXTATTR_SET_FILE: byPath(2, true), netbsd.SYS_EXTATTR_SET_LINK: byPath(2, false), netbsd.SYS_EXTATTR_SET_FD: byFile(2),
		netbsd.SYS_EXTATTR_GET_FILE: byPath(2, true), netbsd.SYS_EXTATTR_GET_LINK: byPath(2, false), netbsd.SYS_EXTATTR_GET_FD: byFile(2),
		netbsd.SYS_EXTATTR_DELETE_FILE: byPath(2, true), netbsd.SYS_EXTATTR_DELETE_LINK: byPath(2, false), netbsd.SYS_EXTATTR_DELETE_FD: byFile(2),
		netbsd.SYS_EXTATTR_LIST_FILE: byPath(none, true), netbsd.SYS_EXTATTR_LIST_LINK: byPath(none, false), netbsd.SYS_EXTATTR_LIST_FD: byFile(none),
		netbsd.SYS_SETXATTR: byPath(1, true), netbsd.SYS_LSETXATTR: byPath(1, false), netbsd.SYS_FSETXATTR: byFile(1),
		netbsd.SYS_GETXATTR: byPath(1, true), netbsd.SYS_LGETXATTR: byPath(1, false), netbsd.SYS_FGETXATTR: byFile(1),
		netbsd.SYS_REMOVEXATTR: byPath(1, true), netbsd.SYS_LREMOVEXATTR: byPath(1, false), netbsd.SYS_FREMOVEXATTR: byFile(1),
		netbsd.SYS_LISTXATTR: byPath(none, true), netbsd.SYS_LLISTXATTR: byPath(none, false), netbsd.SYS_FLISTXATTR: byFile(none),
		netbsd.SYS___QUOTACTL: fs.sysQuotactl,
		netbsd.SYS___GETFH30: func(c *kern.Call) netbsd.Errno {
			if !c.Cred().Root() {
				return netbsd.EPERM
			}
			return fs.attrOf(c, none, false)
		},
		netbsd.SYS___FHOPEN40: sysHandle, netbsd.SYS___FHSTAT50: sysHandle, netbsd.SYS___FHSTATVFS140: sysHandle,
	} {
		t.Register(n, f)
	}
}

// attrOf checks an attribute's name and a path.
func (fs *FS) attrOf(c *kern.Call, nameArg int, follow bool) netbsd.Errno {
	if nameArg >= 0 {
		if _, errno := c.CopyinString(c.Ptr(nameArg), maxAttrName); errno != 0 {
			return errno
		}
	}
	return fs.find(c, netbsd.AT_FDCWD, 0, forLookup, follow, func(found, request) netbsd.Errno { return netbsd.EOPNOTSUPP })
}

// attrOfFile checks an attribute's name and a descriptor.
func attrOfFile(c *kern.Call, nameArg int) netbsd.Errno {
	if nameArg >= 0 {
		if _, errno := c.CopyinString(c.Ptr(nameArg), maxAttrName); errno != 0 {
			return errno
		}
	}
	f, _, errno := getVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	f.Release()
	return netbsd.EOPNOTSUPP
}

// sysHandle opens a file by a handle, of which there are none.
func sysHandle(c *kern.Call) netbsd.Errno {
	const least, most = 24, 1024
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	if size := c.Size(1); size < least || size > most {
		return netbsd.EINVAL
	}
	b := make([]byte, c.Size(1))
	if errno := c.Copyin(c.Ptr(0), b); errno != 0 {
		return errno
	}
	return netbsd.EINVAL
}

func (fs *FS) sysQuotactl(c *kern.Call) netbsd.Errno {
	if _, errno := c.CopyinInt(c.Ptr(1)); errno != 0 {
		return errno
	}
	return fs.attrOf(c, -1, true)
}
