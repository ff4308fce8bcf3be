package vfs

import (
	"strconv"
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

func (d *fdesc) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	if dir != d.fds || name == ".." || last && (why == forDelete || why == forRename) {
		return lookupFixed(dir, name, last, why)
	}
	fd, err := strconv.ParseUint(name, 10, 16)
	if err != nil || strconv.FormatUint(fd, 10) != name {
		return nil, netbsd.ENOENT
	}
	for n, have := range d.num {
		if have == int(fd) {
			return n, 0
		}
	}
	n := synthetic(d.mnt, fdescIno+fd, netbsd.S_IFCHR, 0o666, d.fs.now())
	d.num[n] = int(fd)
	return n, 0
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

func (d *fdesc) pathconf(n *node, name int) (int64, netbsd.Errno) {
	return commonPathconf(name, maxName)
}

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
