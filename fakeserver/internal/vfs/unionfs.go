package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// unionfs shows the files of two folders as those of one. What is changed is
// changed in the upper one: a file that is only in the lower one is copied up
// first, and a whiteout hides one that is removed.
type unionfs struct {
	none
	fs           *FS
	mnt          *mount
	op           int32 // UNMNT_ABOVE, UNMNT_BELOW or UNMNT_REPLACE
	upper, lower *node // the two folders
	held         *mount
	cr           *kern.Cred // whose mount it is
	dirMode      uint32     // of shadows of folders
	nodes        map[layers]*node
}

// layers are the files that one file of a union stands for, of which one may be
// missing.
type layers struct{ upper, lower *node }

// A place is where a file of the lower layer is to be copied to.
type place struct {
	dir  *node
	name string
}

func newUnionfs(c *kern.Call, fs *FS, m *mount, data []byte, args any) (filesystem, netbsd.Errno) {
	parsed, err := netbsd.ParseUnionArgs(data)
	if err != nil {
		return nil, netbsd.EINVAL
	}
	t := args.(*layerTarget)
	l := &unionfs{fs: fs, mnt: m, op: parsed.Mntflags & netbsd.UNMNT_OPMASK, held: t.n.mnt, cr: c.Cred(), nodes: make(map[layers]*node)}
	switch l.op {
	case netbsd.UNMNT_ABOVE:
		l.upper, l.lower = t.n, m.on
		m.from = "<above>:" + t.path
	case netbsd.UNMNT_BELOW:
		l.upper, l.lower = m.on, t.n
		m.from = "<below>:" + t.path
	case netbsd.UNMNT_REPLACE:
		l.upper, m.from = t.n, t.path
	default:
		return nil, netbsd.EINVAL
	}
	if !m.readonly() {
		if errno := l.upper.mnt.fs.whiteout(l.upper, ""); errno != 0 {
			return nil, errno
		}
	}
	if l.op == netbsd.UNMNT_ABOVE {
		m.flags |= l.upper.mnt.flags & l.lower.mnt.flags & netbsd.MNT_LOCAL
	}
	m.flags |= l.upper.mnt.flags & netbsd.MNT_RDONLY
	l.dirMode = netbsd.ACCESSPERMS &^ dirsOf(c).umask
	m.root = l.join(layers{l.upper, l.lower})
	l.held.busy++
	return l, 0
}

func (l *unionfs) unmounted() { l.held.busy-- }

// newFileMode are the permissions of a file that is copied without its contents.
const newFileMode = 0o666

// join makes the union's node for its layers.
func (l *unionfs) join(at layers) *node {
	n := &node{mnt: l.mnt, upper: at.upper, lower: at.lower}
	n.ino, n.kind, n.rdev = n.shown().ino, n.shown().kind, n.shown().rdev
	l.nodes[at] = n
	return n
}

// node returns the union's node for its layers, which may be one that was made
// when one of them was not there. A file of the lower layer is copied to where
// it was found.
func (l *unionfs) node(at layers, where place) *node {
	if at.upper != nil && at.lower != nil && at.upper.kind != at.lower.kind {
		at.lower = nil
	}
	if l.mnt.root != nil && at.upper == l.upper && (at.lower == nil || at.lower == l.lower) {
		return l.mnt.root
	}
	n, from := l.nodes[at], at
	for _, part := range [...]layers{{at.upper, nil}, {nil, at.lower}} {
		if n == nil && part != (layers{}) {
			n, from = l.nodes[part], part
		}
	}
	if n == nil {
		n = l.join(at)
		if at.lower != nil {
			n.copyTo = where
		}
		return n
	}
	if from != at {
		if n.lower != at.lower {
			n.copyTo = where
		}
		l.change(n, at)
	}
	return n
}

// change gives a node other layers. Who has it open has the file that is shown.
func (l *unionfs) change(n *node, at layers) {
	opens, writers := n.opens, n.writers
	n.shown().count(-opens, -writers)
	if was := (layers{n.upper, n.lower}); l.nodes[was] == n {
		delete(l.nodes, was)
	}
	n.upper, n.lower = at.upper, at.lower
	l.nodes[at] = n
	n.shown().count(opens, writers)
}

// opaque reports whether a folder hides what is in the one below it.
func opaque(n *node) bool {
	return n.mnt.fs.stat(n).Flags&netbsd.UF_OPAQUE != 0
}

// hides reports whether there is a whiteout of a name in a folder.
func hides(dir *node, name string) bool {
	base := dir.base()
	if base.dir == nil {
		return false
	}
	e := base.dir.find(name)
	return e != nil && e.node == nil
}

// lookupLayer finds a name in one of the layers, whose top is given, and goes
// over the mount points in it.
func lookupLayer(top, dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	if name == ".." {
		for dir != top && dir.root() && dir.mnt.on != nil {
			dir = dir.mnt.on
		}
	}
	n, errno := dir.mnt.fs.lookup(dir, name, last, why, cr)
	for errno == 0 && n != nil && n != top && n.covered != nil {
		n = n.covered.root
	}
	return n, errno
}

func (l *unionfs) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	if last && l.mnt.readonly() && (why == forDelete || why == forRename) {
		return nil, netbsd.EROFS
	}
	upper, uerr := l.lookupUpper(dir, name, last, why, cr)
	missing := uerr == netbsd.ENOENT || uerr == 0 && upper == nil
	lower, lerr := l.lookupLower(dir, name, missing, cr)
	if missing && uerr == 0 && l.mnt.readonly() {
		uerr = netbsd.EROFS
	}
	if upper == nil && lerr != 0 {
		return nil, uerr
	}
	if upper == nil && lower.isDir() {
		if dir.upper == nil {
			return nil, netbsd.ENOENT
		}
		var errno netbsd.Errno
		if upper, errno = l.shadow(dir.upper, name, cr); errno != 0 {
			return nil, errno
		}
		if why != forLookup {
			return l.lookup(dir, name, last, why, cr)
		}
	}
	if lerr != 0 {
		lower = nil
	}
	n := l.node(layers{upper, lower}, place{dir.upper, name})
	if n.unionDir == nil && n != dir && name != ".." {
		n.unionDir = dir
	}
	return n, 0
}

func (l *unionfs) lookupUpper(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	if dir.upper == nil {
		return nil, netbsd.ENOENT
	}
	return lookupLayer(l.upper, dir.upper, name, last, why, cr)
}

// lookupLower finds a name in the lower layer, unless it is missing in the upper
// one on purpose. As if it came from the name cache, a file is found even where
// the path needs a folder.
func (l *unionfs) lookupLower(dir *node, name string, missing bool, cr *kern.Cred) (*node, netbsd.Errno) {
	hidden := missing && dir.upper != nil && (hides(dir.upper, name) || opaque(dir.upper))
	switch {
	case dir.lower != nil && !hidden:
		if l.op == netbsd.UNMNT_BELOW {
			cr = l.cr
		}
		return lookupLayer(l.lower, dir.lower, name, true, forLookup, cr)
	case name == ".." && dir.unionDir != nil && dir.unionDir.lower != nil:
		return dir.unionDir.lower, 0
	}
	return nil, netbsd.ENOENT
}

// shadow makes a folder in the upper layer for one that is in the lower one.
func (l *unionfs) shadow(dir *node, name string, cr *kern.Cred) (*node, netbsd.Errno) {
	if l.op != netbsd.UNMNT_ABOVE {
		cr = l.cr
	}
	return l.createUpper(place{dir, name}, newNode{kind: netbsd.S_IFDIR, mode: l.dirMode, cr: cr})
}

// createUpper makes what is only in the lower layer in the upper one.
func (l *unionfs) createUpper(at place, a newNode) (*node, netbsd.Errno) {
	if errno := lookupNew(at, a.cr); errno != 0 {
		return nil, errno
	}
	return at.dir.mnt.fs.create(at.dir, at.name, a)
}

// lookupNew checks that a name may be made, and is not there.
func lookupNew(at place, cr *kern.Cred) netbsd.Errno {
	n, errno := at.dir.mnt.fs.lookup(at.dir, at.name, true, forCreate, cr)
	if errno == 0 && n != nil {
		errno = netbsd.EEXIST
	}
	return errno
}

func (l *unionfs) create(dir *node, name string, a newNode) (*node, netbsd.Errno) {
	if dir.upper == nil {
		return nil, netbsd.EROFS
	}
	n, errno := dir.upper.mnt.fs.create(dir.upper, name, a)
	if errno != 0 {
		return nil, errno
	}
	made := l.node(layers{n, nil}, place{})
	if n.isDir() {
		made.unionDir = dir
	}
	return made, 0
}

func (l *unionfs) whiteout(dir *node, name string) netbsd.Errno {
	if dir.upper == nil {
		return netbsd.EOPNOTSUPP
	}
	return dir.upper.mnt.fs.whiteout(dir.upper, name)
}

func (l *unionfs) remove(dir *node, name string, n *node, _ bool) netbsd.Errno {
	return l.removeUpper(dir, name, n, func(fs filesystem, white bool) netbsd.Errno {
		return fs.remove(dir.upper, name, n.upper, white)
	})
}

func (l *unionfs) rmdir(dir *node, name string, n *node, _ bool) netbsd.Errno {
	if errno := l.empty(n); errno != 0 {
		return errno
	}
	return l.removeUpper(dir, name, n, func(fs filesystem, white bool) netbsd.Errno {
		return fs.rmdir(dir.upper, name, n.upper, white)
	})
}

// removeUpper removes a file from the upper layer, where a whiteout is left if
// there is one below.
func (l *unionfs) removeUpper(dir *node, name string, n *node, remove func(fs filesystem, white bool) netbsd.Errno) netbsd.Errno {
	if n.upper == nil {
		cr := l.cr
		if errno := lookupNew(n.copyTo, cr); errno != 0 {
			return errno
		}
		return dir.upper.mnt.fs.whiteout(dir.upper, n.copyTo.name)
	}
	errno := remove(n.upper.mnt.fs, n.lower != nil || opaque(n.upper))
	if errno == 0 {
		delete(l.nodes, layers{n.upper, n.lower})
	}
	return errno
}

// empty checks that all that is in the lower layer of a folder is hidden by the
// upper one.
func (l *unionfs) empty(n *node) netbsd.Errno {
	if n.lower == nil || opaque(n.upper) {
		return 0
	}
	for off := int64(0); ; {
		b, next, errno := n.lower.mnt.fs.readdir(n.lower, off, maxDirents)
		if errno != 0 || len(b) == 0 {
			return errno
		}
		ents, err := netbsd.ParseDirents(b)
		if err != nil {
			return netbsd.EIO
		}
		for _, e := range ents {
			if e.Type != netbsd.DT_WHT && e.Name != "." && e.Name != ".." && !hides(n.upper, e.Name) {
				return netbsd.ENOTEMPTY
			}
		}
		off = next
	}
}

func (l *unionfs) link(dir *node, name string, n *node) netbsd.Errno {
	if n.upper == nil {
		if errno := l.copyUp(n, true, 0, l.cr); errno != 0 {
			return errno
		}
	}
	if dir.upper == nil {
		return netbsd.EROFS
	}
	return n.upper.mnt.fs.link(dir.upper, name, n.upper)
}

// rename moves files within the upper layer; others are on another device.
func (l *unionfs) rename(fdir *node, fname string, n *node, tdir *node, tname string, over *node, cr *kern.Cred) netbsd.Errno {
	if fdir.upper == nil || n.upper == nil || tdir.upper == nil {
		return netbsd.EXDEV
	}
	if fdir.upper.covered != nil || tdir.upper.covered != nil {
		return netbsd.EBUSY // which is so at the top of a union that is mounted below
	}
	var above *node
	if over != nil {
		above = over.upper
	}
	return n.upper.mnt.fs.rename(fdir.upper, fname, n.upper, tdir.upper, tname, above, cr)
}

func (l *unionfs) access(n *node, want uint32, cr *kern.Cred) netbsd.Errno {
	if errno := possible(n, want); errno != 0 {
		return errno
	}
	if n.upper != nil {
		return n.upper.mnt.fs.access(n.upper, want, cr)
	}
	errno := n.lower.mnt.fs.access(n.lower, want, cr)
	if errno == 0 && l.op == netbsd.UNMNT_BELOW {
		errno = n.lower.mnt.fs.access(n.lower, want, l.cr)
	}
	return errno
}

func (l *unionfs) open(n *node, flags uint32, cr *kern.Cred) netbsd.Errno {
	if n.upper == nil && flags&kern.FWRITE != 0 && n.kind == netbsd.S_IFREG {
		if errno := l.copyUp(n, true, 0, cr); errno != 0 {
			return errno
		}
	}
	return n.shown().mnt.fs.open(n.shown(), flags, cr)
}

// stat adds up the links of folders that are in both layers.
func (l *unionfs) stat(n *node) netbsd.Stat {
	st := n.shown().mnt.fs.stat(n.shown())
	if n.isDir() && n.upper != nil && n.lower != nil {
		lower := n.lower.mnt.fs.stat(n.lower).Nlink
		switch {
		case st.Nlink == 1 || st.Nlink == 2 && lower == 2:
		case lower == 1:
			st.Nlink = 1
		default:
			st.Nlink += lower
		}
	}
	st.Dev = uint64(uint32(l.mnt.fsid.Val[0]))
	return st
}

func (l *unionfs) set(n *node, a attrs, cr *kern.Cred) netbsd.Errno {
	sizeOnly := a.mode == nil && a.uid == nil && a.gid == nil && a.flags == nil && a.atime == nil && a.mtime == nil
	regular := n.kind == netbsd.S_IFREG || n.kind == netbsd.S_IFLNK
	switch {
	case !sizeOnly && l.mnt.readonly():
		return netbsd.EROFS
	case a.size != nil && n.isDir():
		return netbsd.EISDIR
	case a.size != nil && regular && l.mnt.readonly():
		return netbsd.EROFS
	}
	if n.upper == nil && n.kind == netbsd.S_IFREG {
		if errno := l.copyUp(n, a.size == nil || *a.size != 0, a.umask, cr); errno != 0 {
			return errno
		}
	}
	switch {
	case n.upper != nil:
		return n.upper.mnt.fs.set(n.upper, a, cr)
	case !regular && !n.isDir() && sizeOnly && (a.size == nil || *a.size == 0):
		return 0
	}
	return netbsd.EROFS
}

// copyUp makes a file of the lower layer in the upper one, with or without what
// is in it.
func (l *unionfs) copyUp(n *node, contents bool, umask uint32, cr *kern.Cred) netbsd.Errno {
	upper, errno := l.createUpper(n.copyTo, newNode{kind: netbsd.S_IFREG, mode: newFileMode &^ umask, cr: cr})
	if errno != 0 {
		return errno
	}
	lower := n.lower
	l.change(n, layers{upper, lower})
	if !contents {
		return 0
	}
	if errno := l.copyContents(lower, upper); errno != 0 {
		return errno
	}
	st := lower.mnt.fs.stat(lower)
	mode := st.Mode & netbsd.ALLPERMS
	return upper.mnt.fs.set(upper, attrs{mode: &mode, flags: &st.Flags}, cr)
}

func (l *unionfs) copyContents(from, to *node) netbsd.Errno {
	buf := l.fs.buffer()
	defer l.fs.free(buf)
	for off := int64(0); ; {
		got, errno := from.mnt.fs.read(from, buf, off)
		if errno != 0 || got == 0 {
			return errno
		}
		if errno := to.mnt.fs.grow(to, off, int64(got)); errno != 0 {
			return errno
		}
		if errno := to.mnt.fs.write(to, buf[:got], off); errno != 0 {
			return errno
		}
		to.mnt.fs.wrote(to)
		off += int64(got)
	}
}

func (l *unionfs) read(n *node, b []byte, off int64) (int, netbsd.Errno) {
	return n.shown().mnt.fs.read(n.shown(), b, off)
}

func (l *unionfs) grow(n *node, off, size int64) netbsd.Errno {
	return n.shown().mnt.fs.grow(n.shown(), off, size)
}

func (l *unionfs) write(n *node, b []byte, off int64) netbsd.Errno {
	return n.shown().mnt.fs.write(n.shown(), b, off)
}

func (l *unionfs) wrote(n *node) { n.shown().mnt.fs.wrote(n.shown()) }

// readdir lists the upper layer. After its end a listing goes on with below.
func (l *unionfs) readdir(n *node, off int64, room int) ([]byte, int64, netbsd.Errno) {
	if n.upper == nil {
		return nil, off, 0
	}
	return n.upper.mnt.fs.readdir(n.upper, off, room)
}

// below returns the folder with which a listing of n goes on, or nil: one that
// stands for the next layer alone.
func (l *unionfs) below(n *node) *node {
	if opaque(n) {
		return nil
	}
	stack := n.stack
	if stack == nil {
		stack = plain(n, nil)
	}
	for i, layer := range stack[:len(stack)-1] {
		if layer == n.upper || n.stack == nil {
			next := stack[i+1]
			return &node{mnt: l.mnt, upper: next, ino: next.ino, kind: next.kind, stack: stack}
		}
	}
	return nil
}

// plain appends the folders of which n is made, those of unions in it included,
// from the top down.
func plain(n *node, stack []*node) []*node {
	if _, ok := n.mnt.fs.(*unionfs); !ok {
		return append(stack, n)
	}
	for _, layer := range [...]*node{n.upper, n.lower} {
		if layer != nil {
			stack = plain(layer, stack)
		}
	}
	return stack
}

func (l *unionfs) pathconf(n *node, name int) (int64, netbsd.Errno) {
	return n.shown().mnt.fs.pathconf(n.shown(), name)
}

// statvfs counts what is taken in both layers, and what is free in the upper
// one.
func (l *unionfs) statvfs(s *netbsd.Statvfs) {
	var lower netbsd.Statvfs
	if l.lower != nil {
		l.lower.mnt.fs.statvfs(&lower)
	}
	l.upper.mnt.fs.statvfs(s)
	blocks := lower.Blocks - lower.Bfree
	if lower.Bsize != s.Bsize && s.Bsize != 0 {
		blocks = blocks * lower.Bsize / s.Bsize
	}
	s.Blocks += blocks
	s.Files += lower.Files - lower.Ffree
}

func (l *unionfs) update(_ *mount, data []byte) netbsd.Errno {
	if len(data) < netbsd.SizeofUnionArgs {
		return netbsd.EINVAL
	}
	return netbsd.EOPNOTSUPP
}

func (l *unionfs) getargs(_ *mount, data []byte) ([]byte, netbsd.Errno) {
	if len(data) < netbsd.SizeofUnionArgs {
		return nil, netbsd.EINVAL
	}
	return netbsd.UnionArgs{Mntflags: l.op}.Append(nil), 0
}
