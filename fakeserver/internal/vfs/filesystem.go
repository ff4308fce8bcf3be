package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A purpose is what a name is looked up for.
type purpose int

const (
	forLookup purpose = iota
	forCreate
	forDelete
	forRename // the target of a rename
)

// A filesystem is what makes one type of file system differ from others. All
// methods are called with the FS's lock held.
type filesystem interface {
	// lookup finds a name other than "." in a directory, which may be ".."
	// within the file system. It returns ENOENT if there is none, and nil
	// without an error if there is none and the last name of a path is to be
	// created.
	lookup(dir *node, name string, last bool, why purpose, cr *kern.Cred) (*node, netbsd.Errno)

	create(dir *node, name string, a newNode) (*node, netbsd.Errno)
	// remove and rmdir leave a whiteout in the place of the name if they are told
	// to.
	remove(dir *node, name string, n *node, white bool) netbsd.Errno
	rmdir(dir *node, name string, n *node, white bool) netbsd.Errno

	// whiteout makes a name that is not there hide one in a layer below. Without
	// a name it only tells whether the file system has whiteouts.
	whiteout(dir *node, name string) netbsd.Errno

	link(dir *node, name string, n *node) netbsd.Errno
	rename(fdir *node, fname string, n *node, tdir *node, tname string, over *node, cr *kern.Cred) netbsd.Errno

	access(n *node, want uint32, cr *kern.Cred) netbsd.Errno
	open(n *node, flags uint32, cr *kern.Cred) netbsd.Errno
	stat(n *node) netbsd.Stat
	set(n *node, a attrs, cr *kern.Cred) netbsd.Errno
	read(n *node, b []byte, off int64) (int, netbsd.Errno)

	// grow prepares for a write of size bytes at off, as a whole: it makes the
	// space or fails.
	grow(n *node, off, size int64) netbsd.Errno
	write(n *node, b []byte, off int64) netbsd.Errno
	wrote(n *node) // ends a write

	// readdir returns entries from off on as far as they fit in room, and the
	// offset of the next.
	readdir(n *node, off int64, room int) (b []byte, next int64, errno netbsd.Errno)

	pathconf(n *node, name int) (int64, netbsd.Errno)
	statvfs(s *netbsd.Statvfs)
	release(n *node) // when the last description of a removed file is closed
	update(m *mount, data []byte) netbsd.Errno
	getargs(m *mount, data []byte) ([]byte, netbsd.Errno)
}

// byProcess is a file system whose names depend on who looks them up, and not on
// what for; slash tells whether one is followed by a slash.
type byProcess interface {
	lookupFor(p *kern.Proc, dir *node, name string, slash bool) (*node, netbsd.Errno)
}

// newNode says what is to be created.
type newNode struct {
	kind   uint32
	mode   uint32
	rdev   uint64
	target string
	cr     *kern.Cred
}

// Kinds of access (VREAD and so on).
const (
	mayExec  = 1
	mayWrite = 2
	mayRead  = 4
)

// attrs are attributes to be changed: those that are not nil.
type attrs struct {
	mode, uid, gid, flags *uint32
	size                  *int64
	atime, mtime, btime   *netbsd.Timespec
	umask                 uint32 // of who changes the size
	now                   bool   // the times are the present, which others than the owner may set
}

// none refuses everything that a file system may refuse; file systems embed it.
type none struct{}

func (none) create(*node, string, newNode) (*node, netbsd.Errno) { return nil, netbsd.EOPNOTSUPP }
func (none) remove(*node, string, *node, bool) netbsd.Errno      { return netbsd.EOPNOTSUPP }
func (none) rmdir(*node, string, *node, bool) netbsd.Errno       { return netbsd.EOPNOTSUPP }
func (none) whiteout(*node, string) netbsd.Errno                 { return netbsd.EOPNOTSUPP }
func (none) link(*node, string, *node) netbsd.Errno              { return netbsd.EOPNOTSUPP }
func (none) rename(*node, string, *node, *node, string, *node, *kern.Cred) netbsd.Errno {
	return netbsd.EOPNOTSUPP
}
func (none) open(*node, uint32, *kern.Cred) netbsd.Errno             { return 0 }
func (none) set(*node, attrs, *kern.Cred) netbsd.Errno               { return netbsd.EOPNOTSUPP }
func (none) grow(*node, int64, int64) netbsd.Errno                   { return 0 }
func (none) write(*node, []byte, int64) netbsd.Errno                 { return netbsd.EOPNOTSUPP }
func (none) wrote(*node)                                             {}
func (none) release(*node)                                           {}
func (none) update(*mount, []byte) netbsd.Errno                      { return 0 }
func (none) getargs(*mount, []byte) ([]byte, netbsd.Errno)           { return nil, netbsd.EOPNOTSUPP }
func (none) access(n *node, want uint32, cr *kern.Cred) netbsd.Errno { return permitted(n, want, cr) }
