package vfs

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// nullfs shows a folder in a second place. Its nodes stand for those below.
type nullfs struct {
	fs    *FS
	mnt   *mount
	below *mount
	nodes map[*node]*node // by the node below
}

// findTarget returns a function that reads the path of the folder to be shown,
// the first of arguments of size bytes, and finds it.
func findTarget(size int) func(*kern.Call, *FS, []byte) (any, netbsd.Errno) {
	return func(c *kern.Call, fs *FS, data []byte) (any, netbsd.Errno) {
		if len(data) < size {
			return nil, netbsd.EINVAL
		}
		return fs.target(c, data)
	}
}

func (fs *FS) target(c *kern.Call, data []byte) (any, netbsd.Errno) {
	path, errno := c.CopyinString(binary.LittleEndian.Uint64(data), netbsd.PATH_MAX)
	if errno != 0 {
		return nil, errno
	}
	r := fs.request(c, forLookup, true)
	var n *node
	errno = fs.with(func() netbsd.Errno {
		f, errno := fs.namei(path, r)
		n = f.node
		return errno
	})
	if errno == 0 && !n.isDir() {
		errno = netbsd.EINVAL
	}
	return &layerTarget{n, path}, errno
}

type layerTarget struct {
	n    *node
	path string
}

func newNullfs(c *kern.Call, fs *FS, m *mount, data []byte, args any) (filesystem, netbsd.Errno) {
	t := args.(*layerTarget)
	if fs.under(m.on, t.n) && m.on == t.n {
		return nil, netbsd.EDEADLK
	}
	l := &nullfs{fs: fs, mnt: m, below: t.n.mnt, nodes: make(map[*node]*node)}
	m.root = l.wrap(t.n)
	m.from = t.path
	m.flags |= t.n.mnt.flags & netbsd.MNT_LOCAL
	m.namemax = t.n.mnt.namemax
	t.n.mnt.busy++
	return l, 0
}

func (l *nullfs) unmounted() { l.below.busy-- }

// wrap returns the layer's node for one below.
func (l *nullfs) wrap(n *node) *node {
	if n == nil {
		return nil
	}
	if w := l.nodes[n]; w != nil {
		return w
	}
	w := &node{mnt: l.mnt, ino: n.ino, kind: n.kind, rdev: n.rdev, lower: n}
	l.nodes[n] = w
	return w
}

func (l *nullfs) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	if last && l.mnt.readonly() && (why == forDelete || why == forRename) {
		return nil, netbsd.EROFS
	}
	n, errno := dir.lower.mnt.fs.lookup(dir.lower, name, last, why, cr)
	if errno == 0 && n == nil && l.mnt.readonly() {
		errno = netbsd.EROFS
	}
	return l.wrap(n), errno
}

func (l *nullfs) create(dir *node, name string, a newNode) (*node, netbsd.Errno) {
	n, errno := dir.lower.mnt.fs.create(dir.lower, name, a)
	return l.wrap(n), errno
}

func (l *nullfs) remove(dir *node, name string, n *node, white bool) netbsd.Errno {
	errno := n.lower.mnt.fs.remove(dir.lower, name, n.lower, white)
	if errno == 0 {
		delete(l.nodes, n.lower)
	}
	return errno
}

func (l *nullfs) rmdir(dir *node, name string, n *node, white bool) netbsd.Errno {
	errno := n.lower.mnt.fs.rmdir(dir.lower, name, n.lower, white)
	if errno == 0 {
		delete(l.nodes, n.lower)
	}
	return errno
}

func (l *nullfs) link(dir *node, name string, n *node) netbsd.Errno {
	return n.lower.mnt.fs.link(dir.lower, name, n.lower)
}

func (l *nullfs) rename(fdir *node, fname string, n *node, tdir *node, tname string, over *node, cr *kern.Cred) netbsd.Errno {
	var below *node
	if over != nil {
		below = over.lower
	}
	return n.lower.mnt.fs.rename(fdir.lower, fname, n.lower, tdir.lower, tname, below, cr)
}

func (l *nullfs) access(n *node, want uint32, cr *kern.Cred) netbsd.Errno {
	if errno := possible(n, want); errno != 0 {
		return errno
	}
	return n.lower.mnt.fs.access(n.lower, want, cr)
}

func (l *nullfs) whiteout(dir *node, name string) netbsd.Errno {
	return dir.lower.mnt.fs.whiteout(dir.lower, name)
}

func (l *nullfs) open(n *node, flags uint32, cr *kern.Cred) netbsd.Errno {
	return n.lower.mnt.fs.open(n.lower, flags, cr)
}

func (l *nullfs) stat(n *node) netbsd.Stat {
	st := n.lower.mnt.fs.stat(n.lower)
	st.Dev = uint64(uint32(l.mnt.fsid.Val[0]))
	return st
}

func (l *nullfs) set(n *node, a attrs, cr *kern.Cred) netbsd.Errno {
	if l.mnt.readonly() {
		return netbsd.EROFS
	}
	return n.lower.mnt.fs.set(n.lower, a, cr)
}

func (l *nullfs) read(n *node, b []byte, off int64) (int, netbsd.Errno) {
	return n.lower.mnt.fs.read(n.lower, b, off)
}

func (l *nullfs) grow(n *node, off, size int64) netbsd.Errno {
	return n.lower.mnt.fs.grow(n.lower, off, size)
}

func (l *nullfs) write(n *node, b []byte, off int64) netbsd.Errno {
	return n.lower.mnt.fs.write(n.lower, b, off)
}

func (l *nullfs) wrote(n *node) { n.lower.mnt.fs.wrote(n.lower) }

func (l *nullfs) readdir(n *node, off int64, room int) ([]byte, int64, netbsd.Errno) {
	return n.lower.mnt.fs.readdir(n.lower, off, room)
}

func (l *nullfs) pathconf(n *node, name int) (int64, netbsd.Errno) {
	return n.lower.mnt.fs.pathconf(n.lower, name)
}

func (l *nullfs) statvfs(s *netbsd.Statvfs) { l.below.fs.statvfs(s) }

func (l *nullfs) release(n *node) { n.lower.mnt.fs.release(n.lower) }

func (l *nullfs) update(_ *mount, data []byte) netbsd.Errno {
	if len(data) == 0 {
		return netbsd.EINVAL
	}
	return netbsd.EOPNOTSUPP
}

func (l *nullfs) getargs(_ *mount, data []byte) ([]byte, netbsd.Errno) {
	if len(data) < netbsd.SizeofNullArgs {
		return nil, netbsd.EINVAL
	}
	clear(data[:8]) // the path is not told
	return data[:netbsd.SizeofNullArgs], 0
}
