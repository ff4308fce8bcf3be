package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// BindSocket makes a node for a local socket (unp_bind). The socket is what
// FindSocket returns.
func (fs *FS) BindSocket(c *kern.Call, path string, socket any) netbsd.Errno {
	r := fs.request(c, forCreate, true)
	return fs.with(func() netbsd.Errno {
		f, errno := fs.namei(path, r)
		if errno != 0 {
			return errno
		}
		if f.node != nil {
			return netbsd.EADDRINUSE
		}
		mode := netbsd.ACCESSPERMS &^ r.dirs.umask
		n, errno := f.dir.mnt.fs.create(f.dir, f.name, newNode{kind: netbsd.S_IFSOCK, mode: mode, cr: r.cr})
		if errno == 0 {
			n.base().socket = socket
		}
		return errno
	})
}

// FindSocket finds the local socket of a path for somebody who wants to send to
// it (unp_connect).
func (fs *FS) FindSocket(c *kern.Call, path string) (socket any, errno netbsd.Errno) {
	r := fs.request(c, forLookup, true)
	errno = fs.with(func() netbsd.Errno {
		f, errno := fs.namei(path, r)
		if errno != 0 {
			return errno
		}
		if f.node.kind != netbsd.S_IFSOCK {
			return netbsd.ENOTSOCK
		}
		socket = f.node.base().socket
		return f.node.mnt.fs.access(f.node, mayWrite, r.cr)
	})
	return socket, errno
}
