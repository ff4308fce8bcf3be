package vfs

import (
	"strings"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// maxName is the longest name of a path (KERNEL_NAME_MAX).
const maxName = 255

// maxLinks is how many symbolic links a path may go through (MAXSYMLINKS).
const maxLinks = 32

// A request for a file by its name.
type request struct {
	why       purpose
	follow    bool // a symbolic link at the end
	createDir bool // what is to be created is a folder, so that slashes may follow
	at        *node
	gen       int // at's, as in vnode
	cr        *kern.Cred
	dirs      *dirs
}

// found is what a path leads to.
type found struct {
	dir  *node  // the folder; nil for "/" and when a mount point was crossed
	name string // the last name
	node *node  // nil if there is none yet
}

// namei follows a path.
func (fs *FS) namei(path string, r request) (found, netbsd.Errno) {
	if path == "" {
		return found{}, netbsd.ENOENT
	}
	rootdir := r.dirs.root
	dir, dead := r.at, r.gen != r.at.base().revoked
	if path[0] == '/' {
		dir, dead = rootdir, false
		path = strings.TrimLeft(path, "/")
	}
	if path == "" {
		return fs.end(found{node: dir}, r)
	}
	if dead || dir.mnt.gone {
		return found{}, netbsd.ENOENT
	}
	links := 0
	for {
		name, rest, slash := strings.Cut(path, "/")
		rest = strings.TrimLeft(rest, "/")
		last := rest == ""
		if len(name) > maxName {
			return found{}, netbsd.ENAMETOOLONG
		}
		if !dir.isDir() {
			return found{}, netbsd.ENOTDIR
		}
		newDir, n, errno := fs.step(dir, name, last, slash, rootdir, r)
		if errno != 0 {
			return found{}, errno
		}
		dir = newDir
		if n == nil {
			return found{dir: dir, name: name}, 0
		}
		parent := dir
		for n.covered != nil {
			n = n.covered.root
			parent = nil
		}
		if n.kind == netbsd.S_IFLNK && (!last || slash || r.follow) {
			if links++; links > maxLinks {
				return found{}, netbsd.ELOOP
			}
			target := n.base().target
			if target == "" {
				return found{}, netbsd.ENOENT
			}
			if len(target)+len(rest)+1 >= netbsd.PATH_MAX {
				return found{}, netbsd.ENAMETOOLONG
			}
			if target[0] == '/' {
				dir = rootdir
				target = strings.TrimLeft(target, "/")
			}
			if slash {
				target += "/" + rest
			}
			if path = target; strings.Trim(path, "/") == "" {
				return fs.end(found{node: dir}, r)
			}
			path = strings.TrimLeft(path, "/")
			continue
		}
		if slash && !n.isDir() {
			return found{}, netbsd.ENOTDIR
		}
		if last {
			return fs.end(found{dir: parent, name: name, node: n}, r)
		}
		dir, path = n, rest
	}
}

// step looks one name up. It returns the folder in which it was looked for, and
// nil if it is to be created.
func (fs *FS) step(dir *node, name string, last, slash bool, rootdir *node, r request) (*node, *node, netbsd.Errno) {
	if name == ".." {
		for {
			if dir == rootdir || dir == fs.root.root {
				return dir, dir, 0
			}
			if !dir.root() || dir.mnt.on == nil {
				break
			}
			dir = dir.mnt.on
		}
	}
	for {
		if name == "." {
			if errno := dir.mnt.fs.access(dir, mayExec, r.cr); errno != 0 {
				return nil, nil, errno
			}
			if t, ok := dir.base().mnt.fs.(*tmpfs); ok {
				if errno := t.dot(dir.base(), last, r.why); errno != 0 {
					return nil, nil, errno
				}
			}
			return dir, dir, 0
		}
		n, errno := lookupIn(dir, name, last, slash, r)
		if errno == netbsd.ENOENT && dir.root() && dir.mnt.flags&netbsd.MNT_UNION != 0 && dir.mnt.on != nil {
			dir = dir.mnt.on
			continue
		}
		if errno != 0 {
			return nil, nil, errno
		}
		if n == nil {
			if slash && !r.createDir {
				return nil, nil, netbsd.ENOENT
			}
			if dir.mnt.readonly() {
				return nil, nil, netbsd.EROFS
			}
		}
		return dir, n, 0
	}
}

// lookupIn asks a folder's file system for a name.
func lookupIn(dir *node, name string, last, slash bool, r request) (*node, netbsd.Errno) {
	if l, ok := dir.mnt.fs.(byProcess); ok {
		return l.lookupFor(r.dirs.proc, dir, name, slash)
	}
	return dir.mnt.fs.lookup(dir, name, last, r.why, r.cr)
}

// end checks the last file of a path: what is to be made or removed must have a
// folder, on the same file system.
func (fs *FS) end(f found, r request) (found, netbsd.Errno) {
	for f.dir == nil && f.node.covered != nil {
		f.node = f.node.covered.root
	}
	if r.why != forLookup && (f.dir == nil || f.dir.mnt != f.node.mnt) {
		if r.why == forCreate {
			return found{}, netbsd.EEXIST
		}
		return found{}, netbsd.EBUSY
	}
	return f, 0
}
