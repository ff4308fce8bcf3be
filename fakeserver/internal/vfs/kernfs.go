package vfs

import (
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// kernfs shows what the kernel knows of itself as files.
type kernfs struct {
	none
	fs  *FS
	mnt *mount

	// devices are rootdev and rrootdev, which a kernel has that mounted no disk
	// as its root, but does not list.
	devices map[string]*node
}

// kernText is the contents of a file: computed when it is read.
type kernText struct {
	get func(k *kern.Kernel) string
	set func(k *kern.Kernel, s string) netbsd.Errno // nil if it cannot be written
}

// copyright is what the kernel prints when it starts.
const copyright = `Copyright (c) 1996, 1997, 1998, 1999, 2000, 2001, 2002, 2003, 2004, 2005,
    2006, 2007, 2008, 2009, 2010, 2011, 2012, 2013, 2014, 2015, 2016
    The NetBSD Foundation, Inc.  All rights reserved.
Copyright (c) 1982, 1986, 1989, 1991, 1993
    The Regents of the University of California.  All rights reserved.

`

var kernFiles = [...]struct {
	name string
	text kernText
}{
	{"boottime", kernText{get: func(k *kern.Kernel) string { return fmt.Sprintf("%d\n", k.BootTime().Unix()) }}},
	{"copyright", kernText{get: func(*kern.Kernel) string { return copyright }}},
	{"hostname", kernText{
		get: func(k *kern.Kernel) string { return k.Hostname() + "\n" },
		set: func(k *kern.Kernel, s string) netbsd.Errno {
			k.SetHostname(strings.TrimSuffix(s, "\n"))
			return 0
		},
	}},
	{"hz", kernText{get: func(*kern.Kernel) string { return "100\n" }}},
	{"loadavg", kernText{get: func(*kern.Kernel) string { return "0 0 0 2048\n" }}},
	{"msgbuf", kernText{get: func(k *kern.Kernel) string { return k.MessageBuffer() }}},
	{"pagesize", kernText{get: func(*kern.Kernel) string { return fmt.Sprintf("%d\n", pageSize) }}},
	{"physmem", kernText{get: func(k *kern.Kernel) string { return fmt.Sprintf("%d\n", k.Memory()/pageSize) }}},
	{"time", kernText{get: func(k *kern.Kernel) string {
		now := k.Now()
		return fmt.Sprintf("%d %d\n", now.Unix(), now.Nanosecond()/1000)
	}}},
	{"version", kernText{get: func(*kern.Kernel) string { return kern.Version }}},
}

func newKernfs(c *kern.Call, fs *FS, m *mount, data []byte, _ any) (filesystem, netbsd.Errno) {
	if m.flags&netbsd.MNT_GETARGS != 0 {
		return nil, netbsd.EOPNOTSUPP
	}
	kfs := &kernfs{fs: fs, mnt: m}
	m.flags |= netbsd.MNT_LOCAL
	m.root = synthetic(m, 2, netbsd.S_IFDIR, 0o555, fs.now())
	m.root.dir.parent = m.root
	for i := range kernFiles {
		f := &kernFiles[i]
		mode := uint32(0o444)
		if f.text.set != nil {
			mode = 0o644
		}
		n := synthetic(m, uint64(4+i), netbsd.S_IFREG, mode, fs.now())
		n.text = &f.text
		m.root.dir.add(&dirent{name: f.name, node: n, seq: int64(2 + i)}, false)
	}
	kfs.devices = map[string]*node{
		"rootdev":  synthetic(m, 12, netbsd.S_IFBLK, 0o444, fs.now()),
		"rrootdev": synthetic(m, 13, netbsd.S_IFCHR, 0o444, fs.now()),
	}
	for _, n := range kfs.devices {
		n.rdev = noDevice
	}
	return kfs, 0
}

func (k *kernfs) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	// It asks what for even where the path goes on.
	if n := k.devices[name]; n != nil && why != forDelete && why != forRename {
		return n, 0
	}
	return lookupFixed(dir, name, true, why)
}

// lookupFixed finds a name in a folder that nobody can change.
func lookupFixed(dir *node, name string, last bool, why purpose) (*node, netbsd.Errno) {
	var n *node
	if name == ".." {
		n = dir.dir.parent
	} else if e := dir.dir.find(name); e != nil {
		n = e.node
	}
	switch {
	case last && (why == forDelete || why == forRename):
		return nil, netbsd.EROFS
	case n == nil && last && why == forCreate:
		return nil, netbsd.EROFS
	case n == nil:
		return nil, netbsd.ENOENT
	}
	return n, 0
}

func (k *kernfs) stat(n *node) netbsd.Stat {
	st := statFixed(n)
	if n.text != nil {
		st.Size = int64(len(n.text.get(k.fs.k)))
		st.Blocks = st.Size / netbsd.S_BLKSIZE
	}
	return st
}

// statFixed describes a file which is not really there.
func statFixed(n *node) netbsd.Stat {
	st := n.stat()
	st.Dev = uint64(uint32(n.mnt.fsid.Val[0]))
	st.Blksize = sectorSize
	if n.isDir() {
		st.Size, st.Blocks = sectorSize, 1
	}
	if n.kind == netbsd.S_IFLNK {
		st.Size = int64(len(n.target))
	}
	return st
}

func (k *kernfs) read(n *node, b []byte, off int64) (int, netbsd.Errno) {
	if n.text == nil {
		return 0, netbsd.EOPNOTSUPP
	}
	s := n.text.get(k.fs.k)
	if off >= int64(len(s)) {
		return 0, 0
	}
	return copy(b, s[off:]), 0
}

func (k *kernfs) write(n *node, b []byte, off int64) netbsd.Errno {
	switch {
	case n.text == nil || n.text.set == nil:
		return netbsd.EINVAL
	case off != 0:
		return netbsd.EINVAL
	}
	return n.text.set(k.fs.k, string(b))
}

// set lets attributes seem to change, as the real one does.
func (k *kernfs) set(*node, attrs, *kern.Cred) netbsd.Errno { return 0 }

func (k *kernfs) readdir(n *node, off int64, room int) ([]byte, int64, netbsd.Errno) {
	return readFixed(n, off, room, true)
}

// readFixed lists a folder that nobody can change. An offset is a position.
func readFixed(n *node, off int64, room int, dots bool) ([]byte, int64, netbsd.Errno) {
	if off < 0 {
		return nil, off, netbsd.EINVAL
	}
	var ds []netbsd.Dirent
	if dots {
		ds = append(ds, netbsd.Dirent{Fileno: n.ino, Type: netbsd.DT_DIR, Name: "."},
			netbsd.Dirent{Fileno: n.dir.parent.ino, Type: netbsd.DT_DIR, Name: ".."})
	}
	for _, e := range n.dir.ents {
		ds = append(ds, netbsd.Dirent{Fileno: e.node.ino, Type: netbsd.DirentType(e.node.kind), Name: e.name})
	}
	if off >= int64(len(ds)) {
		return nil, off, 0
	}
	b, count := netbsd.AppendDirents(nil, room, ds[off:])
	return b, off + int64(count), 0
}

func (k *kernfs) pathconf(n *node, name int) (int64, netbsd.Errno) { return terminalPathconf(name) }

// terminalPathconf answers as if a file were a terminal.
func terminalPathconf(name int) (int64, netbsd.Errno) {
	switch name {
	case netbsd.PC_MAX_CANON, netbsd.PC_MAX_INPUT, netbsd.PC_VDISABLE:
		return 255, 0
	case netbsd.PC_LINK_MAX, netbsd.PC_PIPE_BUF, netbsd.PC_CHOWN_RESTRICTED, netbsd.PC_SYNC_IO:
		return commonPathconf(name, maxName)
	}
	return 0, netbsd.EINVAL
}

func (k *kernfs) statvfs(s *netbsd.Statvfs) { twoBlocks(s) }

// twoBlocks is what file systems without space of their own say of it.
func twoBlocks(s *netbsd.Statvfs) {
	s.Bsize, s.Frsize, s.Iosize = sectorSize, sectorSize, sectorSize
	s.Blocks = 2
}
