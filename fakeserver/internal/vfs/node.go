package vfs

import (
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A node is a file: what NetBSD calls a vnode. All fields are guarded by the
// FS's lock but those that never change: mnt, ino, kind, rdev.
type node struct {
	mnt  *mount
	ino  uint64
	kind uint32 // S_IFREG, S_IFDIR ...
	rdev uint64

	mode                       uint32 // permissions (ALLPERMS)
	uid, gid                   uint32
	nlink                      uint32
	flags                      uint32
	atime, mtime, ctime, btime time.Time
	removed                    bool // has no name any more, and no space but for those who hold it open

	data   content // of a regular file
	target string  // of a symbolic link
	dir    *directory
	socket any       // what is bound to a S_IFSOCK; see FS.BindSocket
	host   *hostFile // of a regular file that is the host's
	text   *kernText // of a file of kernfs
	lower  *node     // what a node of a layer is on top of
	upper  *node     // of union: the writable one

	unionDir *node   // of union: the folder in which it was found
	copyTo   place   // of union: where the upper one would be
	stack    []*node // of a layer of a union alone: all of the union's layers

	covered *mount // of a directory: what is mounted on it
	locks   lockList
	sel     kern.Selinfo // knotes of EVFILT_VNODE and others
	opens   int          // descriptions
	writers int
	revoked int // how often revoke(2) has ended the descriptions that there were
}

// directory is what a directory has besides.
type directory struct {
	parent  *node // nil once it has been removed
	ents    []*dirent
	byName  map[string]*dirent // once there are many
	nextSeq int64

	dotCached bool // see tmpfs.dot
}

// dirent is a name in a directory. A whiteout has no node.
type dirent struct {
	name string
	node *node
	seq  int64
}

// manyNames is when a directory gets an index.
const manyNames = 16

func (d *directory) find(name string) *dirent {
	if d.byName != nil {
		return d.byName[name]
	}
	for _, e := range d.ents {
		if e.name == name {
			return e
		}
	}
	return nil
}

// add adds a name at the front or the end.
func (d *directory) add(e *dirent, front bool) {
	if front {
		d.ents = append(d.ents, nil)
		copy(d.ents[1:], d.ents)
		d.ents[0] = e
	} else {
		d.ents = append(d.ents, e)
	}
	if d.byName != nil {
		d.byName[e.name] = e
	} else if len(d.ents) > manyNames {
		d.byName = make(map[string]*dirent, len(d.ents))
		for _, have := range d.ents {
			d.byName[have.name] = have
		}
	}
}

func (d *directory) rename(e *dirent, name string) {
	if d.byName != nil {
		delete(d.byName, e.name)
		d.byName[name] = e
	}
	e.name = name
}

func (d *directory) drop(e *dirent) {
	for i, have := range d.ents {
		if have == e {
			d.ents = append(d.ents[:i], d.ents[i+1:]...)
			break
		}
	}
	if d.byName != nil {
		delete(d.byName, e.name)
	}
}

func (n *node) isDir() bool { return n.kind == netbsd.S_IFDIR }

func (n *node) isDevice() bool { return n.kind == netbsd.S_IFCHR || n.kind == netbsd.S_IFBLK }

// onRumpfs reports whether n is a file of a rumpfs, which can do less than others.
func (n *node) onRumpfs() bool {
	_, ok := n.mnt.fs.(*rumpfs)
	return ok
}

// base is the node that has the data: n, or what a layer is on top of.
func (n *node) base() *node {
	for {
		next := n.shown()
		if next == nil {
			return n
		}
		n = next
	}
}

// shown is the node whose contents and attributes a layer's has, or nil.
func (n *node) shown() *node {
	if n.upper != nil {
		return n.upper
	}
	return n.lower
}

// count adds to the descriptions that there are of n and of what it is on top of.
func (n *node) count(opens, writers int) {
	for ; n != nil; n = n.shown() {
		n.opens += opens
		n.writers += writers
	}
}

// nextLayer returns the folder with which a listing of a folder goes on, or nil:
// the layer below in a union, or what a mount with MNT_UNION covers.
func (n *node) nextLayer() *node {
	if u, ok := n.mnt.fs.(*unionfs); ok {
		if below := u.below(n); below != nil {
			return below
		}
	}
	if n.root() && n.mnt.flags&netbsd.MNT_UNION != 0 {
		return n.mnt.on
	}
	return nil
}

// root reports whether n is the root of its file system.
func (n *node) root() bool { return n == n.mnt.root }

// changed tells those who watch the file what has happened (NOTE_*).
func (n *node) changed(hint uint32) { n.base().sel.NotifyHint(hint) }
