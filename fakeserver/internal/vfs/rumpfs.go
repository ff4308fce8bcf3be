package vfs

import (
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// rumpfs is the file system of the root folder. It is simple: no hard links, no
// renames, no link counts, times which change on request only, and folders that
// do not list "." and "..".
type rumpfs struct {
	none
	fs      *FS
	hosts   map[string]*node
	mnt     *mount
	nextIno uint64
}

// rumpfsName is the longest name on rumpfs.
const rumpfsName = 255

// maxRumpfs is the greatest file for which a real rump kernel finds memory.
const maxRumpfs = 32 << 30

// tick is how coarse the times of rumpfs's files are: those of a tick of the clock.
const tick = 10 * time.Millisecond

func (r *rumpfs) newNode(a newNode, size int64) *node {
	r.nextIno++
	now := r.fs.now().Truncate(tick)
	n := &node{
		mnt: r.mnt, ino: r.nextIno, kind: a.kind, mode: a.mode & netbsd.ALLPERMS, nlink: 1, rdev: a.rdev, target: a.target,
		atime: now, mtime: now, ctime: now, btime: now,
	}
	n.data.size = size
	if n.isDir() {
		n.nlink = 2
		n.dir = &directory{}
	}
	return n
}

func (r *rumpfs) lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno) {
	if errno := r.access(dir, mayExec, cr); errno != 0 {
		return nil, errno
	}
	if last && r.mnt.readonly() && (why == forDelete || why == forRename) {
		return nil, netbsd.EROFS
	}
	if last && why == forRename {
		return nil, netbsd.EOPNOTSUPP
	}
	if dir == r.mnt.root && (why == forLookup || why == forCreate) {
		if n := r.hosts[name]; n != nil {
			return n, 0
		}
	}
	if name == ".." && dir.dir.parent != nil {
		return dir.dir.parent, 0
	}
	e := dir.dir.find(name)
	if e == nil || name == ".." { // a removed folder has none, whatever was made in it
		if !last || why != forCreate {
			return nil, netbsd.ENOENT
		}
		if r.mnt.readonly() {
			return nil, netbsd.EROFS
		}
		return nil, r.access(dir, mayWrite, cr)
	}
	if last && why == forDelete {
		if errno := r.access(dir, mayWrite, cr); errno != 0 {
			return nil, errno
		}
	}
	if e.node == nil { // whiteout
		if last && why == forCreate {
			return nil, 0
		}
		return nil, netbsd.ENOENT
	}
	return e.node, 0
}

func (r *rumpfs) access(n *node, want uint32, cr *kern.Cred) netbsd.Errno {
	if errno := possible(n, want); errno != 0 {
		return errno
	}
	return permitted(n, want, cr)
}

func (r *rumpfs) create(dir *node, name string, a newNode) (*node, netbsd.Errno) {
	size := int64(sectorSize)
	switch a.kind {
	case netbsd.S_IFREG:
		size = 0
	case netbsd.S_IFLNK:
		size = int64(len(a.target))
	}
	n := r.newNode(a, size)
	if e := dir.dir.find(name); e != nil { // a whiteout
		n.flags |= netbsd.UF_OPAQUE
		dir.dir.drop(e)
	}
	if n.isDir() {
		n.dir.parent = dir
	}
	dir.dir.add(&dirent{name: name, node: n}, true)
	dir.changed(netbsd.NOTE_WRITE)
	return n, 0
}

func (r *rumpfs) remove(dir *node, name string, n *node, white bool) netbsd.Errno {
	if n.host != nil {
		return netbsd.EOPNOTSUPP
	}
	r.unlink(dir, name, n, white)
	return 0
}

func (r *rumpfs) whiteout(dir *node, name string) netbsd.Errno {
	if name != "" {
		dir.dir.add(&dirent{name: name}, true)
	}
	return 0
}

func (r *rumpfs) unlink(dir *node, name string, n *node, white bool) {
	e := dir.dir.find(name)
	if white {
		e.node = nil // it keeps its place
	} else {
		dir.dir.drop(e)
	}
	n.removed = true
	n.changed(netbsd.NOTE_DELETE)
	dir.changed(netbsd.NOTE_WRITE)
	if n.opens == 0 {
		r.release(n)
	}
}

func (r *rumpfs) rmdir(dir *node, name string, n *node, white bool) netbsd.Errno {
	for _, e := range n.dir.ents {
		if e.node != nil {
			return netbsd.ENOTEMPTY
		}
	}
	n.dir.ents, n.dir.byName = nil, nil
	n.dir.parent = nil
	r.unlink(dir, name, n, white)
	return 0
}

func (r *rumpfs) stat(n *node) netbsd.Stat {
	st := n.stat()
	st.Dev = n.ino // so it is: each file claims to be on a device of its own
	st.Size = n.data.size
	st.Blksize = sectorSize
	st.Blocks = 1
	return st
}

// stat is what all file systems in memory say of a file.
func (n *node) stat() netbsd.Stat {
	st := netbsd.Stat{
		Ino: n.ino, Mode: n.kind | n.mode, Nlink: n.nlink, Uid: n.uid, Gid: n.gid, Rdev: n.rdev, Flags: n.flags,
		Atim: netbsd.TimespecOf(n.atime), Mtim: netbsd.TimespecOf(n.mtime), Ctim: netbsd.TimespecOf(n.ctime),
		Birthtim: netbsd.TimespecOf(n.btime),
	}
	if !n.isDevice() {
		st.Rdev = noDevice
	}
	return st
}

// noDevice is the st_rdev of what is no device (NODEV).
const noDevice = ^uint64(0)

// sectorSize is the unit of disks (DEV_BSIZE).
const sectorSize = 512

func (r *rumpfs) set(n *node, a attrs, cr *kern.Cred) netbsd.Errno {
	if a.atime != nil || a.mtime != nil || a.btime != nil {
		if errno := mayTouch(n, a.now, cr); errno != 0 {
			return errno
		}
		n.setTimes(a)
	}
	if a.flags != nil {
		if errno := maySetFlags(n, *a.flags, cr); errno != 0 {
			return errno
		}
		n.flags = *a.flags
	}
	if a.uid != nil || a.gid != nil {
		uid, gid := or(a.uid, n.uid), or(a.gid, n.gid)
		if errno := mayChown(n, uid, gid, cr); errno != 0 {
			return errno
		}
		n.uid, n.gid = uid, gid
	}
	if a.mode != nil {
		if errno := mayChmod(n, *a.mode, cr); errno != 0 {
			return errno
		}
		n.mode = *a.mode
	}
	if a.size != nil && n.kind == netbsd.S_IFREG && n.host == nil && *a.size != n.data.size {
		if errno := r.take(n, *a.size); errno != 0 {
			return errno
		}
		n.data.resizePaged(*a.size)
	}
	n.changed(netbsd.NOTE_ATTRIB)
	return 0
}

func or(p *uint32, def uint32) uint32 {
	if p == nil {
		return def
	}
	return *p
}

func (n *node) setTimes(a attrs) {
	for _, t := range [...]struct {
		from *netbsd.Timespec
		to   *time.Time
	}{{a.atime, &n.atime}, {a.mtime, &n.mtime}, {a.btime, &n.btime}} {
		if t.from != nil {
			*t.to = t.from.Time()
		}
	}
}

func (r *rumpfs) read(n *node, b []byte, off int64) (int, netbsd.Errno) {
	if n.isDir() {
		return 0, netbsd.EISDIR
	}
	if n.host != nil {
		return n.host.readAt(b, off)
	}
	if off <= n.data.size {
		return n.data.readAt(b, off), 0
	}
	// Beyond the end a rump kernel finds the rest of the page, and then an error.
	end := int64(roundUp(uint64(n.data.size), pageSize))
	if off >= end {
		return 0, netbsd.EINVAL
	}
	return n.data.raw(b[:min(int64(len(b)), end-off)], off), 0
}

func (r *rumpfs) grow(n *node, off, size int64) netbsd.Errno {
	switch {
	case n.host != nil:
	case off+size > n.data.size:
		// Even if there is nothing to be written.
		if errno := r.take(n, off+size); errno != 0 {
			return errno
		}
		n.data.size = off + size
	}
	return 0
}

// take accounts for a new size of a file.
func (r *rumpfs) take(n *node, size int64) netbsd.Errno {
	more := size - n.data.size
	if size > maxRumpfs {
		return netbsd.ENOSPC
	}
	if left, limited := r.fs.left(); limited && more > left {
		return netbsd.ENOSPC
	}
	r.fs.taken += more
	return 0
}

// release frees a file that is neither named nor open.
func (r *rumpfs) release(n *node) {
	if n.kind == netbsd.S_IFREG && n.host == nil {
		r.fs.taken -= n.data.size
		n.data = content{}
	}
}

func (r *rumpfs) write(n *node, b []byte, off int64) netbsd.Errno {
	if n.host != nil {
		return n.host.writeAt(b, off)
	}
	n.data.writeAt(b, off)
	return 0
}

func (r *rumpfs) wrote(n *node) { n.changed(netbsd.NOTE_WRITE) }

// readdir lists names in the order of their creation, the last one first. An
// offset is a position in that list. When an entry does not fit, the offset
// goes back by one: a rump kernel lists the entry before it once more.
func (r *rumpfs) readdir(n *node, off int64, room int) ([]byte, int64, netbsd.Errno) {
	var b []byte
	i := max(off, 0)
	if off < 0 {
		i = 0
	}
	ents := n.dir.ents
	if i >= int64(len(ents)) {
		return nil, int64(len(ents)), 0
	}
	for ; i < int64(len(ents)) && len(b) < room; i++ {
		e := ents[i]
		d := netbsd.Dirent{Fileno: 1, Type: netbsd.DT_WHT, Name: e.name}
		if e.node != nil {
			d.Fileno, d.Type = e.node.ino, netbsd.DirentType(e.node.kind)
		}
		if len(b)+d.Reclen() > room {
			i--
			break
		}
		b = d.Append(b)
	}
	return b, i, 0
}

func (r *rumpfs) pathconf(n *node, name int) (int64, netbsd.Errno) {
	switch name {
	case netbsd.PC_FILESIZEBITS:
		return 43, 0
	case netbsd.PC_SYMLINK_MAX:
		return netbsd.PATH_MAX, 0
	case netbsd.PC_2_SYMLINKS:
		return 1, 0
	}
	return commonPathconf(name, rumpfsName)
}

// commonPathconf is what file systems agree on.
func commonPathconf(name int, longest int64) (int64, netbsd.Errno) {
	switch name {
	case netbsd.PC_LINK_MAX:
		return netbsd.LINK_MAX, 0
	case netbsd.PC_NAME_MAX:
		return longest, 0
	case netbsd.PC_PATH_MAX:
		return netbsd.PATH_MAX, 0
	case netbsd.PC_PIPE_BUF:
		return netbsd.PIPE_BUF, 0
	case netbsd.PC_CHOWN_RESTRICTED, netbsd.PC_NO_TRUNC, netbsd.PC_SYNC_IO:
		return 1, 0
	}
	return 0, netbsd.EINVAL
}

func (r *rumpfs) statvfs(s *netbsd.Statvfs) {
	// genfs_statvfs: as if there were two blocks, in use.
	s.Bsize, s.Frsize, s.Iosize = sectorSize, sectorSize, sectorSize
	s.Blocks = 2
}
