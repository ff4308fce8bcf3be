package vfs

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// File handles, by which NFS names files: of what is here, only tmpfs has them.
// One is
//
//	struct fhandle { fsid_t fh_fsid; struct { uint16_t len, pad; uint32_t gen; ino_t id; } };
//
// and no shorter than FHANDLE_SIZE_MIN.
const (
	minHandle    = 28
	maxHandle    = 1024
	nfs2Handle   = 32 // NFSX_V2FH, to which shorter ones may be padded
	sizeofFsid   = 8
	sizeofTmpFid = 16
)

func (fs *FS) registerHandles() {
	for n, f := range map[netbsd.Sysno]kern.Func{
		netbsd.SYS___GETFH30: fs.sysGetfh, netbsd.SYS___FHOPEN40: fs.sysFhopen,
		netbsd.SYS___FHSTAT50: fs.sysFhstat, netbsd.SYS___FHSTATVFS140: fs.sysFhstatvfs,
	} {
		fs.k.Table.Register(n, func(c *kern.Call) netbsd.Errno {
			if !c.Cred().Root() {
				return netbsd.EPERM
			}
			return f(c)
		})
	}
}

// generation tells a file from others that had its number before.
func (n *node) generation() uint32 { return uint32(n.ino)*2654435761 | 1 }

// ofUnion reports whether a union is among the layers of a file.
func (n *node) ofUnion() bool {
	for ; n != nil; n = n.shown() {
		if _, ok := n.mnt.fs.(*unionfs); ok {
			return true
		}
	}
	return false
}

func (fs *FS) sysGetfh(c *kern.Call) netbsd.Errno {
	// const char *fname, void *fhp, size_t *fh_size
	h := make([]byte, 0, minHandle)
	errno := fs.find(c, netbsd.AT_FDCWD, 0, forLookup, true, func(f found, r request) netbsd.Errno {
		base := f.node.base()
		_, ok := base.mnt.fs.(*tmpfs)
		if !ok || f.node.ofUnion() {
			return netbsd.EOPNOTSUPP
		}
		for _, v := range f.node.mnt.fsid.Val {
			h = binary.LittleEndian.AppendUint32(h, uint32(v))
		}
		h = binary.LittleEndian.AppendUint16(h, sizeofTmpFid)
		h = binary.LittleEndian.AppendUint16(h, 0)
		h = binary.LittleEndian.AppendUint32(h, base.generation())
		h = binary.LittleEndian.AppendUint64(h, base.ino)
		return 0
	})
	if errno != 0 {
		return errno
	}
	room, errno := c.CopyinLong(c.Ptr(2))
	if errno == 0 {
		errno = c.CopyoutLong(c.Ptr(2), minHandle)
	}
	switch {
	case errno != 0:
		return errno
	case room < minHandle:
		return netbsd.E2BIG
	}
	return c.Copyout(c.Ptr(1), h[:minHandle])
}

// handle reads the handle that is the first argument; its length is the second.
func handle(c *kern.Call) ([]byte, netbsd.Errno) {
	size := c.Size(1)
	if size < minHandle || size > maxHandle {
		return nil, netbsd.EINVAL
	}
	for {
		h := make([]byte, size)
		if errno := c.Copyin(c.Ptr(0), h); errno != 0 {
			return nil, errno
		}
		says := max(minHandle, sizeofFsid+uint64(binary.LittleEndian.Uint16(h[sizeofFsid:])))
		switch {
		case says == size:
			return h, 0
		case size != nfs2Handle || says > size:
			return nil, netbsd.EINVAL
		}
		size = says
	}
}

// byHandle finds a file. The FS's lock is held.
func (fs *FS) byHandle(h []byte) (*node, netbsd.Errno) {
	id := netbsd.Fsid{Val: [2]int32{int32(binary.LittleEndian.Uint32(h)), int32(binary.LittleEndian.Uint32(h[4:]))}}
	fid := h[sizeofFsid:]
	for _, m := range fs.mounts {
		if m.fsid != id {
			continue
		}
		layer, _ := m.fs.(*nullfs)
		if layer != nil {
			m = layer.below
		}
		if _, ok := m.fs.(*tmpfs); !ok {
			return nil, netbsd.EOPNOTSUPP
		}
		if binary.LittleEndian.Uint16(fid) != sizeofTmpFid {
			return nil, netbsd.EINVAL
		}
		n := m.root.numbered(binary.LittleEndian.Uint64(fid[8:]))
		if n == nil || n.generation() != binary.LittleEndian.Uint32(fid[4:]) {
			return nil, netbsd.ESTALE
		}
		if layer != nil {
			n = layer.wrap(n)
		}
		return n, 0
	}
	return nil, netbsd.ESTALE
}

// numbered returns the file of a number at or below n, or nil.
func (n *node) numbered(ino uint64) *node {
	if n.ino == ino {
		return n
	}
	if n.dir != nil {
		for _, e := range n.dir.ents {
			if e.node != nil {
				if found := e.node.numbered(ino); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

func (fs *FS) sysFhopen(c *kern.Call) netbsd.Errno {
	// const void *fhp, size_t fh_size, int flags
	flags := kern.FFLAGS(c.Uint(2))
	if flags&(kern.FREAD|kern.FWRITE) == 0 || flags&netbsd.O_CREAT != 0 {
		return netbsd.EINVAL
	}
	if errno := c.Proc.Files.Room(); errno != 0 {
		return errno
	}
	h, errno := handle(c)
	if errno != 0 {
		return errno
	}
	file, errno := fs.openFound(c, flags, func() (*node, bool, netbsd.Errno) {
		n, errno := fs.byHandle(h)
		return n, false, errno
	})
	if errno != 0 {
		return errno
	}
	return fs.installOpened(c, file, flags)
}

func (fs *FS) sysFhstat(c *kern.Call) netbsd.Errno {
	var st netbsd.Stat
	errno := fs.withHandle(c, func(n *node) { st = n.mnt.fs.stat(n) })
	if errno != 0 {
		return errno
	}
	return c.CopyoutStruct(c.Ptr(2), st)
}

func (fs *FS) sysFhstatvfs(c *kern.Call) netbsd.Errno {
	// const void *fhp, size_t fh_size, struct statvfs *buf, int flags
	var s netbsd.Statvfs
	errno := fs.withHandle(c, func(n *node) { s = fs.statvfs(n.mnt, c.Int(3)) })
	if errno != 0 {
		return errno
	}
	return c.CopyoutStruct(c.Ptr(2), s)
}

// withHandle calls use with the file of a handle, and the FS's lock held.
func (fs *FS) withHandle(c *kern.Call, use func(*node)) netbsd.Errno {
	h, errno := handle(c)
	if errno != 0 {
		return errno
	}
	return fs.with(func() netbsd.Errno {
		n, errno := fs.byHandle(h)
		if errno == 0 {
			use(n)
		}
		return errno
	})
}
