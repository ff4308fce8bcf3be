package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// tmpfs is the file system that is a file system: links, renames, times, limits.
type tmpfs struct {
	fs      *FS
	mnt     *mount
	limit   uint64 // of bytes
	used    uint64
	maxNode uint64
	nodes   uint64
	nextIno uint64
}

// Sizes of what a tmpfs takes memory for, on amd64.
const (
	pageSize        = 4096
	sizeofTmpfsNode = 216
	sizeofTmpfsDent = 48
	tmpfsQuantum    = 32 // names take a multiple of it
	tmpfsName       = 255
)

// Offsets in a directory of tmpfs.
const (
	seqDot    = 0
	seqDotdot = 1
	seqEOF    = 2
	seqStart  = 3
)

func roundUp(n, to uint64) uint64 { return (n + to - 1) / to * to }

// bytesMax is how many bytes may be in use at most.
func (t *tmpfs) bytesMax() uint64 { return min(t.limit, roundUp(t.used, pageSize)+t.fs.freeMemory()) }

func (t *tmpfs) take(n uint64) bool {
	if t.used+n >= t.bytesMax() {
		return false
	}
	t.used += n
	return true
}

func (t *tmpfs) pagesAvail() uint64 { return (t.bytesMax() - t.used) / pageSize }

// nameSpace is what a name, or the target of a link, takes.
func nameSpace(s string) uint64 { return roundUp(uint64(len(s)), tmpfsQuantum) }

// newTmpfs makes a file system with its root folder.
func newTmpfs(fs *FS, m *mount, data []byte) (filesystem, netbsd.Errno) {
	args, err := netbsd.ParseTmpfsArgs(data)
	if err != nil || args.Version != netbsd.TMPFS_ARGS_VERSION {
		return nil, netbsd.EINVAL
	}
	if args.RootUid == ^uint32(0) || args.RootGid == ^uint32(0) {
		return nil, netbsd.EINVAL
	}
	t := &tmpfs{fs: fs, mnt: m, limit: ^uint64(0), nextIno: 1}
	if args.SizeMax >= pageSize {
		t.limit = uint64(args.SizeMax)
	}
	t.maxNode = args.NodesMax
	if t.maxNode <= 3 {
		t.maxNode = 3 + t.limit/1024
	}
	t.maxNode = min(t.maxNode, 1<<31-1)
	root, errno := t.newNode(newNode{kind: netbsd.S_IFDIR, mode: args.RootMode})
	if errno != 0 {
		return nil, errno
	}
	root.uid, root.gid = args.RootUid, args.RootGid
	root.nlink = 2
	root.dir.parent = root
	m.root = root
	m.namemax = tmpfsName
	m.flags |= netbsd.MNT_LOCAL
	m.from = "tmpfs"
	return t, 0
}

func (t *tmpfs) newNode(a newNode) (*node, netbsd.Errno) {
	if t.nodes+1 >= t.maxNode {
		return nil, netbsd.ENOSPC
	}
	if !t.take(sizeofTmpfsNode) {
		return nil, netbsd.ENOSPC
	}
	t.nodes++
	t.nextIno++
	now := t.fs.now()
	n := &node{
		mnt: t.mnt, ino: t.nextIno, kind: a.kind, mode: a.mode & netbsd.ALLPERMS, rdev: a.rdev, target: a.target,
		atime: now, mtime: now, ctime: now, btime: now,
	}
	if a.cr != nil {
		n.uid = a.cr.EUID
	}
	if n.isDir() {
		n.nlink = 1
		n.dir = &directory{nextSeq: seqStart}
	}
	return n, 0
}

func (t *tmpfs) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	if errno := t.access(dir, mayExec, cr); errno != 0 {
		return nil, errno
	}
	if last && t.mnt.readonly() && (why == forDelete || why == forRename) {
		return nil, netbsd.EROFS
	}
	if dir.removed {
		return nil, netbsd.ENOENT
	}
	if name == ".." {
		if last && why == forRename {
			return nil, netbsd.EINVAL
		}
		if dir.dir.parent == nil {
			return nil, netbsd.ENOENT
		}
		return dir.dir.parent, 0
	}
	e := dir.dir.find(name)
	if e == nil || e.node == nil {
		if last && (why == forCreate || why == forRename) {
			return nil, t.access(dir, mayWrite, cr)
		}
		return nil, netbsd.ENOENT
	}
	n := e.node
	if !last && !n.isDir() && n.kind != netbsd.S_IFLNK {
		return nil, netbsd.ENOTDIR
	}
	if last && (why == forDelete || why == forRename) {
		if errno := t.access(dir, mayWrite, cr); errno != 0 {
			return nil, errno
		}
		if dir.mode&netbsd.S_ISVTX != 0 && !cr.Root() && cr.EUID != dir.uid && cr.EUID != n.uid {
			return nil, netbsd.EPERM
		}
	}
	return n, 0
}

// dot looks "." up. A folder that was removed does not have it, unless NetBSD's
// name cache remembers it from before.
func (t *tmpfs) dot(dir *node, last bool, why purpose) netbsd.Errno {
	cached := dir.dir.dotCached && !(last && (why == forDelete || why == forRename))
	dir.dir.dotCached = cached
	switch {
	case cached:
		return 0
	case dir.removed:
		return netbsd.ENOENT
	case last && why == forRename:
		return netbsd.EISDIR
	}
	dir.dir.dotCached = why == forLookup
	return 0
}

func (t *tmpfs) access(n *node, want uint32, cr *kern.Cred) netbsd.Errno {
	if errno := possible(n, want); errno != 0 {
		return errno
	}
	if want&mayWrite != 0 && n.flags&immutable != 0 {
		return netbsd.EPERM
	}
	return permitted(n, want, cr)
}

func (t *tmpfs) open(n *node, flags uint32, _ *kern.Cred) netbsd.Errno {
	if n.flags&appendOnly != 0 && flags&(kern.FWRITE|netbsd.O_APPEND) == kern.FWRITE {
		return netbsd.EPERM
	}
	return 0
}

// newDirent takes the space of a directory's entry.
func (t *tmpfs) newDirent(name string) bool {
	if !t.take(sizeofTmpfsDent) {
		return false
	}
	if !t.take(nameSpace(name)) {
		t.used -= sizeofTmpfsDent
		return false
	}
	return true
}

func (t *tmpfs) freeDirent(name string) { t.used -= sizeofTmpfsDent + nameSpace(name) }

func (t *tmpfs) create(dir *node, name string, a newNode) (*node, netbsd.Errno) {
	switch a.kind {
	case netbsd.S_IFREG, netbsd.S_IFDIR, netbsd.S_IFLNK, netbsd.S_IFSOCK, netbsd.S_IFCHR, netbsd.S_IFBLK, netbsd.S_IFIFO:
	default:
		return nil, netbsd.EINVAL
	}
	if a.target != "" && !t.take(nameSpace(a.target)) {
		return nil, netbsd.ENOSPC
	}
	back := func() {
		t.used -= nameSpace(a.target)
	}
	if !t.newDirent(name) {
		back()
		return nil, netbsd.ENOSPC
	}
	var errno netbsd.Errno
	var n *node
	switch {
	case dir.removed:
		errno = netbsd.ENOENT
	case a.kind == netbsd.S_IFDIR && dir.nlink >= netbsd.LINK_MAX:
		errno = netbsd.EMLINK
	default:
		n, errno = t.newNode(a)
	}
	if errno != 0 {
		t.freeDirent(name)
		back()
		return nil, errno
	}
	n.gid = dir.gid
	n.data.size = int64(len(a.target))
	if e := dir.dir.find(name); e != nil { // a whiteout
		t.detach(dir, e)
		t.freeDirent(name)
		n.flags |= netbsd.UF_OPAQUE
	}
	t.attach(dir, name, n)
	t.touch(dir)
	return n, 0
}

// attach gives n a name.
func (t *tmpfs) attach(dir *node, name string, n *node) {
	d := dir.dir
	d.add(&dirent{name: name, node: n, seq: d.nextSeq}, false)
	d.nextSeq++
	hint := uint32(netbsd.NOTE_WRITE)
	if n != nil {
		n.nlink++
		n.removed = false
		if n.isDir() {
			n.dir.parent = dir
			dir.nlink++
			hint |= netbsd.NOTE_LINK
		}
	}
	dir.changed(hint)
}

// detach takes a name away.
func (t *tmpfs) detach(dir *node, e *dirent) {
	dir.dir.drop(e)
	hint := uint32(netbsd.NOTE_WRITE)
	if n := e.node; n != nil {
		n.nlink--
		if n.isDir() {
			n.dir.parent = nil
			dir.nlink--
			hint |= netbsd.NOTE_LINK
		}
		if n.nlink == 0 {
			n.removed = true
			n.changed(netbsd.NOTE_DELETE)
		} else {
			n.changed(netbsd.NOTE_LINK)
		}
	}
	dir.changed(hint)
}

// dropName takes a name away, or makes a whiteout of it.
func (t *tmpfs) dropName(dir *node, name string, white bool) {
	t.detach(dir, dir.dir.find(name))
	if white {
		t.attach(dir, name, nil)
	} else {
		t.freeDirent(name)
	}
}

func (t *tmpfs) whiteout(dir *node, name string) netbsd.Errno {
	if name != "" {
		if !t.newDirent(name) {
			return netbsd.ENOSPC
		}
		t.attach(dir, name, nil)
	}
	t.touch(dir)
	return 0
}

// touch notes that a directory, or a file's contents, has changed.
func (t *tmpfs) touch(n *node) {
	n.mtime = t.fs.now()
	n.ctime = n.mtime
}

func (t *tmpfs) remove(dir *node, name string, n *node, white bool) netbsd.Errno {
	if n.isDir() || n.flags&(immutable|appendOnly) != 0 || dir.flags&appendOnly != 0 {
		return netbsd.EPERM
	}
	t.dropName(dir, name, white)
	if n.nlink > 0 {
		n.ctime = t.fs.now()
	}
	t.touch(dir)
	t.maybeFree(n)
	return 0
}

// maybeFree frees the space of a file that has no name and is not open.
func (t *tmpfs) maybeFree(n *node) {
	if n.nlink == 0 && n.opens == 0 {
		t.release(n)
	}
}

func (t *tmpfs) release(n *node) {
	if n.kind == netbsd.S_IFLNK {
		t.used -= nameSpace(n.target)
	}
	t.used -= pages(n.data.size, n) * pageSize
	t.used -= sizeofTmpfsNode
	t.nodes--
	n.data = content{}
}

// pages is how many pages a file of a size takes.
func pages(size int64, n *node) uint64 {
	if n.kind != netbsd.S_IFREG {
		return 0
	}
	return roundUp(uint64(size), pageSize) / pageSize
}

func (t *tmpfs) rmdir(dir *node, name string, n *node, white bool) netbsd.Errno {
	for _, e := range n.dir.ents {
		if e.node != nil {
			return netbsd.ENOTEMPTY
		}
	}
	if dir.flags&appendOnly != 0 || n.flags&(immutable|appendOnly) != 0 {
		return netbsd.EPERM
	}
	n.nlink--
	t.dropName(dir, name, white)
	dir.dir.dotCached = false
	for len(n.dir.ents) > 0 {
		e := n.dir.ents[0]
		t.detach(n, e)
		t.freeDirent(e.name)
	}
	t.touch(dir)
	t.maybeFree(n)
	return 0
}

func (t *tmpfs) link(dir *node, name string, n *node) netbsd.Errno {
	switch {
	case n.nlink >= netbsd.LINK_MAX:
		return netbsd.EMLINK
	case n.flags&(immutable|appendOnly) != 0:
		return netbsd.EPERM
	case !t.newDirent(name):
		return netbsd.ENOSPC
	}
	t.attach(dir, name, n)
	t.touch(dir)
	n.ctime = t.fs.now()
	return 0
}

// rename moves a name; the cases in which both are the same file, or in which a
// folder and a file would mix, have been dealt with.
func (t *tmpfs) rename(fdir *node, fname string, n *node, tdir *node, tname string, over *node, cr *kern.Cred) netbsd.Errno {
	if n.isDir() && fdir != tdir {
		for d := tdir; d != nil && d != t.mnt.root; d = d.dir.parent {
			if d == n {
				return netbsd.EINVAL
			}
		}
	}
	if over != nil && over.isDir() && len(over.dir.ents) > 0 {
		return netbsd.ENOTEMPTY
	}
	if (n.flags|fdir.flags)&(immutable|appendOnly) != 0 || tdir.flags&immutable != 0 ||
		over != nil && (over.flags&(immutable|appendOnly) != 0 || tdir.flags&appendOnly != 0) {
		return netbsd.EPERM
	}
	if n.isDir() && fdir != tdir {
		if errno := t.access(n, mayWrite, cr); errno != 0 {
			return errno
		}
		if over == nil && tdir.nlink >= netbsd.LINK_MAX {
			return netbsd.EMLINK
		}
	}
	from, to := nameSpace(fname), nameSpace(tname)
	if fname != tname && from != to && to > 0 && !t.take(to) {
		return netbsd.ENOSPC
	}
	if over != nil {
		if over.isDir() {
			over.nlink--
		}
		t.detach(tdir, tdir.dir.find(tname))
		t.freeDirent(tname)
		if over.nlink > 0 {
			over.ctime = t.fs.now()
		}
		t.maybeFree(over)
	}
	if fname != tname && from != to {
		t.used -= from
	}
	if e := fdir.dir.find(fname); fdir == tdir {
		fdir.dir.rename(e, tname) // it keeps its place
	} else {
		t.detach(fdir, e)
		t.attach(tdir, tname, n)
	}
	t.touch(fdir)
	t.touch(tdir)
	for _, d := range [...]*node{fdir, tdir, n, over} {
		if d != nil && d.isDir() {
			d.dir.dotCached = false
		}
	}
	n.ctime = t.fs.now()
	n.changed(netbsd.NOTE_RENAME)
	return 0
}

func (t *tmpfs) stat(n *node) netbsd.Stat {
	st := n.stat()
	st.Dev = uint64(uint32(t.mnt.fsid.Val[0]))
	st.Size = n.data.size
	if n.isDir() {
		st.Size = int64(len(n.dir.ents)) * sizeofTmpfsDent
	}
	st.Blksize = pageSize
	st.Blocks = int64(roundUp(uint64(st.Size), pageSize)) / netbsd.S_BLKSIZE
	return st
}

func (t *tmpfs) set(n *node, a attrs, cr *kern.Cred) netbsd.Errno {
	readonly := func() netbsd.Errno {
		switch {
		case t.mnt.readonly():
			return netbsd.EROFS
		case n.flags&(immutable|appendOnly) != 0:
			return netbsd.EPERM
		}
		return 0
	}
	if a.flags != nil {
		if t.mnt.readonly() {
			return netbsd.EROFS
		}
		if errno := maySetFlags(n, *a.flags, cr); errno != 0 {
			return errno
		}
		if *a.flags&netbsd.SF_SETTABLE != n.flags&netbsd.SF_SETTABLE {
			n.flags = *a.flags
		} else {
			n.flags = n.flags&netbsd.SF_SETTABLE | *a.flags&netbsd.UF_SETTABLE
		}
		n.ctime = t.fs.now()
	}
	if a.size != nil {
		if errno := t.chsize(n, *a.size); errno != 0 {
			return errno
		}
	}
	if a.uid != nil || a.gid != nil {
		if errno := readonly(); errno != 0 {
			return errno
		}
		uid, gid := or(a.uid, n.uid), or(a.gid, n.gid)
		if errno := mayChown(n, uid, gid, cr); errno != 0 {
			return errno
		}
		n.uid, n.gid = uid, gid
		n.ctime = t.fs.now()
	}
	if a.mode != nil {
		if errno := readonly(); errno != 0 {
			return errno
		}
		if errno := mayChmod(n, *a.mode, cr); errno != 0 {
			return errno
		}
		n.mode = *a.mode & netbsd.ALLPERMS
		n.ctime = t.fs.now()
	}
	if a.atime != nil || a.mtime != nil || a.btime != nil {
		if errno := readonly(); errno != 0 {
			return errno
		}
		if errno := mayTouch(n, a.now, cr); errno != 0 {
			return errno
		}
		n.setTimes(a)
	}
	n.changed(netbsd.NOTE_ATTRIB)
	return 0
}

func (t *tmpfs) chsize(n *node, size int64) netbsd.Errno {
	switch n.kind {
	case netbsd.S_IFDIR:
		return netbsd.EISDIR
	case netbsd.S_IFREG:
	case netbsd.S_IFBLK, netbsd.S_IFCHR, netbsd.S_IFIFO:
		return 0
	default:
		return netbsd.EOPNOTSUPP
	}
	switch {
	case t.mnt.readonly():
		return netbsd.EROFS
	case n.flags&(immutable|appendOnly) != 0:
		return netbsd.EPERM
	case size < 0:
		return netbsd.EINVAL
	case size == n.data.size:
		return 0
	}
	if errno := t.resize(n, size); errno != 0 {
		return errno
	}
	t.touch(n)
	return 0
}

// resize changes the size and the space taken.
func (t *tmpfs) resize(n *node, size int64) netbsd.Errno {
	before, after := pages(n.data.size, n), pages(size, n)
	if after > before {
		if !t.take((after - before) * pageSize) {
			return netbsd.ENOSPC
		}
	} else {
		t.used -= (before - after) * pageSize
	}
	if size > n.data.size {
		n.changed(netbsd.NOTE_EXTEND)
	}
	n.data.resize(size)
	return 0
}

func (t *tmpfs) read(n *node, b []byte, off int64) (int, netbsd.Errno) {
	if n.isDir() {
		return 0, netbsd.EISDIR
	}
	if n.kind != netbsd.S_IFREG {
		return 0, netbsd.EINVAL
	}
	n.atime = t.fs.now()
	return n.data.readAt(b, off), 0
}

func (t *tmpfs) grow(n *node, off, size int64) netbsd.Errno {
	switch {
	case t.mnt.readonly():
		return netbsd.EROFS
	case n.kind != netbsd.S_IFREG:
		return netbsd.EINVAL
	case size > 0 && off+size > n.data.size:
		return t.resize(n, off+size)
	}
	return 0
}

func (t *tmpfs) write(n *node, b []byte, off int64) netbsd.Errno {
	n.data.writeAt(b, off)
	return 0
}

func (t *tmpfs) wrote(n *node) {
	t.touch(n)
	n.changed(netbsd.NOTE_WRITE)
}

func (t *tmpfs) readdir(n *node, off int64, room int) ([]byte, int64, netbsd.Errno) {
	n.atime = t.fs.now()
	if n.removed {
		return nil, off, 0
	}
	var b []byte
	first := int64(seqEOF)
	if len(n.dir.ents) > 0 {
		first = n.dir.ents[0].seq
	}
	for _, dot := range [...]struct {
		at, next int64
		d        netbsd.Dirent
	}{
		{seqDot, seqDotdot, netbsd.Dirent{Fileno: n.ino, Type: netbsd.DT_DIR, Name: "."}},
		{seqDotdot, first, netbsd.Dirent{Fileno: n.dir.parent.ino, Type: netbsd.DT_DIR, Name: ".."}},
	} {
		if off != dot.at {
			continue
		}
		if len(b)+dot.d.Reclen() > room {
			return b, off, 0
		}
		b, off = dot.d.Append(b), dot.next
	}
	if off == seqEOF {
		return b, off, 0
	}
	i := 0
	for i < len(n.dir.ents) && n.dir.ents[i].seq != off {
		i++
	}
	if i == len(n.dir.ents) {
		return b, off, netbsd.EINVAL
	}
	for ; i < len(n.dir.ents); i++ {
		e := n.dir.ents[i]
		d := netbsd.Dirent{Fileno: 1, Type: netbsd.DT_WHT, Name: e.name}
		if e.node != nil {
			d.Fileno, d.Type = e.node.ino, netbsd.DirentType(e.node.kind)
		}
		if len(b)+d.Reclen() > room {
			return b, e.seq, 0
		}
		b = d.Append(b)
	}
	return b, seqEOF, 0
}

func (t *tmpfs) pathconf(n *node, name int) (int64, netbsd.Errno) {
	if name == netbsd.PC_FILESIZEBITS {
		return 64, 0
	}
	return commonPathconf(name, tmpfsName)
}

func (t *tmpfs) statvfs(s *netbsd.Statvfs) {
	s.Bsize, s.Frsize, s.Iosize = pageSize, pageSize, pageSize
	avail := t.pagesAvail()
	s.Blocks = t.bytesMax() / pageSize
	s.Bfree, s.Bavail = avail, avail
	free := min(t.maxNode-t.nodes, avail*pageSize/sizeofTmpfsNode)
	s.Files = t.nodes + free
	s.Ffree, s.Favail = free, free
}

func (t *tmpfs) update(m *mount, data []byte) netbsd.Errno {
	args, err := netbsd.ParseTmpfsArgs(data)
	if err != nil || args.Version != netbsd.TMPFS_ARGS_VERSION || args.RootUid == ^uint32(0) || args.RootGid == ^uint32(0) {
		return netbsd.EINVAL
	}
	if args.NodesMax > 3 && args.NodesMax < t.nodes {
		return netbsd.EBUSY
	}
	if args.SizeMax >= pageSize {
		if roundUp(t.used, pageSize) >= uint64(args.SizeMax) {
			return netbsd.EBUSY
		}
		t.limit = uint64(args.SizeMax)
	}
	if args.NodesMax > 3 {
		t.maxNode = min(args.NodesMax, 1<<31-1)
	}
	m.root.uid, m.root.gid, m.root.mode = args.RootUid, args.RootGid, args.RootMode
	return 0
}

func (t *tmpfs) getargs(m *mount, data []byte) ([]byte, netbsd.Errno) {
	args := netbsd.TmpfsArgs{
		Version: netbsd.TMPFS_ARGS_VERSION, NodesMax: t.maxNode, SizeMax: int64(t.limit),
		RootUid: m.root.uid, RootGid: m.root.gid, RootMode: m.root.mode,
	}
	return args.Append(nil), 0
}
