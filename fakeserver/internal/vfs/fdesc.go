package vfs

import (
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// synthetic makes a file of a file system without storage.
func synthetic(m *mount, ino uint64, kind, mode uint32, now time.Time) *node {
	n := &node{mnt: m, ino: ino, kind: kind, mode: mode, nlink: 1, atime: now, mtime: now, ctime: now, btime: now}
	if n.isDir() {
		n.nlink = 2
		n.dir = &directory{}
	}
	return n
}

// fdesc shows a process its own descriptors as files.
type fdesc struct {
	none
	fs  *FS
	mnt *mount
	fds *node         // the folder "fd"
	num map[*node]int // which descriptor a file is
}

// fdescIno is the number of descriptor 0's file.
const fdescIno = 10

func newFdesc(c *kern.Call, fs *FS, m *mount, data []byte, _ any) (filesystem, netbsd.Errno) {
	d := &fdesc{fs: fs, mnt: m, num: make(map[*node]int)}
	m.flags |= netbsd.MNT_LOCAL
	now := fs.now()
	m.root = synthetic(m, 2, netbsd.S_IFDIR, 0o555, now)
	m.root.dir.parent = m.root
	d.fds = synthetic(m, 3, netbsd.S_IFDIR, 0o555, now)
	d.fds.dir.parent = m.root
	m.root.dir.add(&dirent{name: "fd", node: d.fds}, false)
	for i, name := range [...]string{"stdin", "stdout", "stderr"} {
		n := synthetic(m, uint64(4+i), netbsd.S_IFLNK, 0o555, now)
		n.target = "fd/" + strconv.Itoa(i)
		m.root.dir.add(&dirent{name: name, node: n}, false)
	}
	return d, 0
}

// lookup finds a folder's folder; for the rest see lookupFor.
func (d *fdesc) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	return lookupFixed(dir, name, last, why)
}

// lookupFor finds the same names whatever for. A number before a slash is none: the
// real one does not see where it ends.
func (d *fdesc) lookupFor(p *kern.Proc, dir *node, name string, slash bool) (*node, netbsd.Errno) {
	switch {
	case name == "..":
		return dir.dir.parent, 0
	case dir != d.fds && name == "tty":
		return nil, netbsd.ENXIO // there is no terminal
	case dir != d.fds:
		if e := dir.dir.find(name); e != nil {
			return e.node, 0
		}
		return nil, netbsd.ENOENT
	case slash || strings.Trim(name, "0123456789") != "":
		return nil, netbsd.ENOENT
	}
	fd, err := strconv.Atoi(name)
	if err != nil || !p.Files.Opened(fd) {
		return nil, netbsd.EBADF
	}
	for n, have := range d.num {
		if have == fd {
			return n, 0
		}
	}
	n := synthetic(d.mnt, fdescIno+uint64(fd), netbsd.S_IFCHR, 0o666, d.fs.now())
	d.num[n] = fd
	return n, 0
}

// access lets everybody do everything.
func (d *fdesc) access(*node, uint32, *kern.Cred) netbsd.Errno { return 0 }

// set changes nothing, which is no error for a descriptor.
func (d *fdesc) set(n *node, a attrs, cr *kern.Cred) netbsd.Errno {
	if d.isDescriptor(n) {
		return 0
	}
	return netbsd.EACCES
}

// statDescriptor describes what a descriptor is open on: a file, a pipe or a
// socket. It has no words for anything else.
func statDescriptor(c *kern.Call, f *kern.OpenFile) (netbsd.Stat, netbsd.Errno) {
	v, ok := f.File.(*vnode)
	switch {
	case ok && (v.n.mnt.gone || v.gen != v.n.base().revoked):
		return netbsd.Stat{}, netbsd.EBADF
	case ok:
		st := v.n.mnt.fs.stat(v.n)
		if v.n.isDir() {
			st.Mode &^= 0o111 // so that nobody goes round in circles
		}
		return st, 0
	case f.Type != netbsd.DTYPE_PIPE && f.Type != netbsd.DTYPE_SOCKET:
		return netbsd.Stat{}, netbsd.EBADF
	}
	st, errno := f.Stat(c, f)
	if st.Mode&netbsd.S_IFMT == 0 {
		st.Mode |= netbsd.S_IFSOCK
	}
	return st, errno
}

func (d *fdesc) isDescriptor(n *node) bool {
	_, ok := d.num[n]
	return ok
}

// openFile opens a descriptor once more, which is a dup.
func (d *fdesc) openFile(c *kern.Call, n *node, flags uint32) (*kern.OpenFile, netbsd.Errno) {
	fd, ok := d.num[n]
	if !ok {
		return nil, 0
	}
	f, errno := c.File(fd)
	if errno != 0 {
		return nil, netbsd.ENOENT
	}
	if want := flags & (kern.FREAD | kern.FWRITE); f.Flags()&want != want {
		f.Release()
		return nil, netbsd.EACCES
	}
	return f, 0
}

func (d *fdesc) stat(n *node) netbsd.Stat { return statFixed(n) }

func (d *fdesc) read(*node, []byte, int64) (int, netbsd.Errno) { return 0, netbsd.EOPNOTSUPP }

func (d *fdesc) readdir(n *node, off int64, room int) ([]byte, int64, netbsd.Errno) {
	return readFixed(n, off, room, n != d.mnt.root)
}

func (d *fdesc) pathconf(n *node, name int) (int64, netbsd.Errno) { return terminalPathconf(name) }

func (d *fdesc) statvfs(s *netbsd.Statvfs) { twoBlocks(s) }

// ptyfs has the slaves of open pseudo-terminals, of which the fake has none.
type ptyfs struct {
	none
	mnt *mount
}

func newPtyfs(c *kern.Call, fs *FS, m *mount, data []byte, _ any) (filesystem, netbsd.Errno) {
	if _, err := netbsd.ParsePtyfsArgs(data); err != nil {
		return nil, netbsd.EINVAL
	}
	m.flags |= netbsd.MNT_LOCAL
	m.root = synthetic(m, 2, netbsd.S_IFDIR, 0o555, fs.now())
	m.root.dir.parent = m.root
	return &ptyfs{mnt: m}, 0
}

func (p *ptyfs) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	return lookupFixed(dir, name, last, why)
}

func (p *ptyfs) stat(n *node) netbsd.Stat { return statFixed(n) }

func (p *ptyfs) read(*node, []byte, int64) (int, netbsd.Errno) { return 0, netbsd.EISDIR }

func (p *ptyfs) readdir(n *node, off int64, room int) ([]byte, int64, netbsd.Errno) {
	return readFixed(n, off, room, true)
}

func (p *ptyfs) pathconf(n *node, name int) (int64, netbsd.Errno) {
	return commonPathconf(name, maxName)
}

func (p *ptyfs) statvfs(s *netbsd.Statvfs) { twoBlocks(s) }
