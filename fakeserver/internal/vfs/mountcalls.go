package vfs

import (
	"slices"
	"strings"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// maxMountData is the greatest size of a mount's arguments (VFS_MAX_MOUNT_DATA).
const maxMountData = 8192

func (fs *FS) sysMount(c *kern.Call) netbsd.Errno {
	// const char *type, const char *path, int flags, void *data, size_t data_len
	path, errno := c.Path(1)
	if errno != 0 {
		return errno
	}
	flags, addr, size := c.Uint(2), c.Ptr(3), c.Size(4)
	r := fs.request(c, forLookup, true)
	var target *node
	errno = fs.with(func() netbsd.Errno {
		f, errno := fs.namei(path, r)
		target = f.node
		return errno
	})
	if errno != 0 {
		return errno
	}
	const existing = netbsd.MNT_GETARGS | netbsd.MNT_UPDATE
	var t fstype
	if flags&existing != 0 {
		t = fs.typeOf(target.mnt.typ)
	} else {
		if t = fs.typeOf(typeName(c)); t.name == "" {
			return netbsd.ENODEV
		}
	}
	var data []byte
	if addr != 0 {
		if size == 0 {
			size = uint64(t.min)
		}
		if size == 0 || size > maxMountData {
			return netbsd.EINVAL
		}
		data = make([]byte, size)
		if errno := c.Copyin(addr, data); errno != 0 {
			return errno
		}
	}
	switch {
	case flags&netbsd.MNT_GETARGS != 0:
		return fs.mountArgs(c, target, flags, addr, data)
	case flags&netbsd.MNT_UPDATE != 0:
		return fs.mountUpdate(c, target, flags, data)
	}
	return fs.mountNew(c, t, target, path, flags, data)
}

// typeName reads the name of a type of file system. In the place of one that
// cannot be read, the address may be the number that the type once had.
func typeName(c *kern.Call) string {
	name, errno := c.CopyinString(c.Ptr(0), netbsd.VFS_NAMELEN)
	if errno == 0 {
		if name == "ufs" {
			name = netbsd.MOUNT_FFS
		}
		return name
	}
	numbers := [...]string{
		1: netbsd.MOUNT_FFS, 2: netbsd.MOUNT_NFS, 3: netbsd.MOUNT_MFS, 4: netbsd.MOUNT_MSDOS, 5: netbsd.MOUNT_CD9660,
		6: netbsd.MOUNT_FDESC, 7: netbsd.MOUNT_KERNFS,
	}
	if n := c.Ptr(0); n < uint64(len(numbers)) {
		return numbers[n]
	}
	return ""
}

func (fs *FS) typeOf(name string) fstype {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, t := range fs.types {
		if t.name == name {
			return t
		}
	}
	return fstype{}
}

func (fs *FS) mountArgs(c *kern.Call, n *node, flags uint32, addr uint64, data []byte) netbsd.Errno {
	if len(data) == 0 || flags&^netbsd.MNT_GETARGS != 0 || !n.root() {
		return netbsd.EINVAL
	}
	var b []byte
	errno := fs.with(func() netbsd.Errno {
		var errno netbsd.Errno
		b, errno = n.mnt.fs.getargs(n.mnt, data)
		return errno
	})
	if errno != 0 {
		return errno
	}
	if len(data) < len(b) {
		return netbsd.EINVAL
	}
	c.Ret(uint64(len(b)))
	return c.Copyout(addr, b)
}

func (fs *FS) mountUpdate(c *kern.Call, n *node, flags uint32, data []byte) netbsd.Errno {
	return fs.with(func() netbsd.Errno {
		m := n.mnt
		if !n.root() {
			return netbsd.EINVAL
		}
		if !c.Cred().Root() && c.Cred().EUID != m.owner {
			return netbsd.EPERM
		}
		was := m.flags
		const basic = netbsd.MNT_BASIC_FLAGS
		m.flags = m.flags&^basic | flags&basic
		if errno := m.fs.update(m, data); errno != 0 {
			m.flags = was
			return errno
		}
		return 0
	})
}

func (fs *FS) mountNew(c *kern.Call, t fstype, n *node, path string, flags uint32, data []byte) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	if !n.isDir() {
		return netbsd.ENOTDIR
	}
	if flags&netbsd.MNT_EXPORTED != 0 {
		return netbsd.EINVAL
	}
	if t.mount == nil {
		return netbsd.ENODEV // a format of real disks
	}
	var args any
	if t.prepare != nil {
		var errno netbsd.Errno
		if args, errno = t.prepare(c, fs, data); errno != 0 {
			return errno
		}
	}
	return fs.with(func() netbsd.Errno {
		m := &mount{
			typ: t.name, on: n, from: t.name, owner: c.Cred().EUID,
			flags: flags & (netbsd.MNT_BASIC_FLAGS | netbsd.MNT_IGNORE), namemax: maxName,
		}
		m.point = fs.mountPoint(dirsOf(c), n, path)
		newfs, errno := t.mount(c, fs, m, data, args)
		if errno != 0 {
			return errno
		}
		if n.covered != nil {
			return netbsd.EBUSY
		}
		m.fs = newfs
		fs.addMount(m)
		n.covered = m
		n.mnt.busy++
		m.root.mnt = m
		// Who was in the folder is now in the file system on top of it.
		for _, p := range fs.k.Procs() {
			if d, ok := p.FS.(*dirs); ok {
				if d.cwd == n {
					d.chdir(m.root)
				}
				if d.root == n {
					d.root.mnt.busy--
					d.root = m.root
					m.busy++
				}
			}
		}
		fs.statvfs(m, netbsd.ST_WAIT)
		return 0
	})
}

// mountPoint is the name that a mount is known by: the path as the caller gave
// it, made absolute.
func (fs *FS) mountPoint(d *dirs, n *node, path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	if p, errno := fs.path(n, d.root, nil); errno == 0 {
		return p
	}
	return path
}

func (fs *FS) sysUnmount(c *kern.Call) netbsd.Errno {
	return fs.find(c, netbsd.AT_FDCWD, 0, forLookup, false, func(f found, r request) netbsd.Errno {
		m := f.node.mnt
		switch {
		case !r.cr.Root() && r.cr.EUID != m.owner:
			return netbsd.EPERM
		case m.flags&netbsd.MNT_ROOTFS != 0 || !f.node.root():
			return netbsd.EINVAL
		case m.busy > 0 && (c.Uint(1)&netbsd.MNT_FORCE == 0 || fs.covers(m)):
			return netbsd.EBUSY
		}
		if closer, ok := m.fs.(interface{ unmounted() }); ok {
			closer.unmounted()
		}
		m.gone = true
		m.on.covered = nil
		m.on.mnt.busy--
		fs.mounts = slices.DeleteFunc(fs.mounts, func(o *mount) bool { return o == m })
		return 0
	})
}

// covers reports whether another file system is mounted on one.
func (fs *FS) covers(m *mount) bool {
	return slices.ContainsFunc(fs.mounts, func(o *mount) bool { return o.on != nil && o.on.mnt == m })
}

func (fs *FS) sysStatvfs(c *kern.Call) netbsd.Errno {
	// const char *path, struct statvfs *buf, int flags
	var s netbsd.Statvfs
	errno := fs.find(c, netbsd.AT_FDCWD, 0, forLookup, true, func(f found, r request) netbsd.Errno {
		s = fs.statvfs(f.node.mnt, c.Int(2))
		return 0
	})
	if errno != 0 {
		return errno
	}
	return c.CopyoutStruct(c.Ptr(1), s)
}

func (fs *FS) sysFstatvfs(c *kern.Call) netbsd.Errno {
	f, v, errno := openedVnode(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	fs.mu.Lock()
	s := fs.statvfs(v.n.mnt, c.Int(2))
	fs.mu.Unlock()
	return c.CopyoutStruct(c.Ptr(1), s)
}

func (fs *FS) sysGetvfsstat(c *kern.Call) netbsd.Errno {
	// struct statvfs *buf, size_t bufsize, int flags
	to, room := c.Ptr(0), c.Size(1)/netbsd.SizeofStatvfs
	var all []netbsd.Statvfs
	fs.mu.Lock()
	for _, m := range fs.mounts {
		if to != 0 && uint64(len(all)) < room {
			all = append(all, fs.statvfs(m, c.Int(2)))
		} else {
			all = append(all, netbsd.Statvfs{})
		}
	}
	fs.mu.Unlock()
	n := uint64(len(all))
	if to != 0 {
		n = min(n, room)
		for i := range n {
			if errno := c.CopyoutStruct(to+i*netbsd.SizeofStatvfs, all[i]); errno != 0 {
				return errno
			}
		}
	}
	c.Ret(n)
	return 0
}
