package vfs

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// dirs is a process's place in the file system. It is guarded by the FS's lock.
type dirs struct {
	fs     *FS
	proc   *kern.Proc
	cwd    *node
	cwdGen int // as in vnode
	root   *node
	chroot bool
	umask  uint32
}

// defaultUmask is the umask of a new process (CMASK).
const defaultUmask = 0o022

func (fs *FS) newProcess(p, parent *kern.Proc) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	d := &dirs{fs: fs, cwd: fs.root.root, root: fs.root.root, umask: defaultUmask}
	if parent != nil {
		*d = *parent.FS.(*dirs)
	}
	d.proc = p
	d.cwd.mnt.busy++
	d.root.mnt.busy++
	p.FS = d
}

// Release gives the folders up.
func (d *dirs) Release() {
	d.fs.mu.Lock()
	defer d.fs.mu.Unlock()
	d.cwd.mnt.busy--
	d.root.mnt.busy--
}

func (d *dirs) chdir(n *node) {
	d.cwd.mnt.busy--
	d.cwd, d.cwdGen = n, n.base().revoked
	n.mnt.busy++
}

func dirsOf(c *kern.Call) *dirs { return c.Proc.FS.(*dirs) }

// request begins a request on behalf of a call, relative to the working folder.
func (fs *FS) request(c *kern.Call, why purpose, follow bool) request {
	d := dirsOf(c)
	return request{why: why, follow: follow, at: d.cwd, gen: d.cwdGen, cr: c.Cred(), dirs: d}
}

// requestAt is request relative to a descriptor, or the working folder.
func (fs *FS) requestAt(c *kern.Call, fd int, path string, why purpose, follow bool) (request, netbsd.Errno) {
	r := fs.request(c, why, follow)
	if fd == netbsd.AT_FDCWD {
		return r, 0
	}
	f, v, errno := openedVnode(c, fd) // even for an absolute path
	if errno != 0 {
		return r, errno
	}
	f.Release()
	if path != "" && path[0] == '/' {
		return r, 0
	}
	if !v.n.isDir() {
		return r, netbsd.ENOTDIR
	}
	r.at, r.gen = v.n, v.gen
	return r, 0
}

// getVnode returns a descriptor's file, which must be one of a file system that is
// still there.
func getVnode(c *kern.Call, fd int) (*kern.OpenFile, *vnode, netbsd.Errno) {
	f, v, errno := openedVnode(c, fd)
	if errno == 0 && v.dead() {
		f.Release()
		return nil, nil, netbsd.EBADF
	}
	return f, v, errno
}

// openedVnode returns a descriptor's file, which must be one of a file system.
func openedVnode(c *kern.Call, fd int) (*kern.OpenFile, *vnode, netbsd.Errno) {
	f, errno := c.File(fd)
	if errno != 0 {
		return nil, nil, errno
	}
	v, ok := f.File.(*vnode)
	if !ok {
		f.Release()
		return nil, nil, netbsd.EINVAL
	}
	return f, v, 0
}

// under reports whether n is top or somewhere below it.
func (fs *FS) under(n, top *node) bool {
	for range 1 << 16 {
		if n == top {
			return true
		}
		if n.root() {
			if n.mnt.on == nil {
				return false
			}
			n = n.mnt.on
			continue
		}
		if n = n.parent(); n == nil {
			return false
		}
	}
	return false
}

// parent returns a folder's folder within its file system, or nil.
func (n *node) parent() *node {
	up, errno := n.mnt.fs.lookup(n, "..", true, forLookup, &kern.Cred{})
	if errno != 0 {
		return nil
	}
	return up
}

// path returns the name of a folder as seen from root. If cr is not nil, it must
// be allowed to read all folders on the way.
func (fs *FS) path(n, root *node, cr *kern.Cred) (string, netbsd.Errno) {
	path := ""
	for n != root {
		if cr != nil {
			if errno := n.mnt.fs.access(n, mayRead|mayExec, cr); errno != 0 {
				return "", errno
			}
		}
		for n.root() && n != root && n.mnt.on != nil {
			n = n.mnt.on
		}
		if n == root || n == fs.root.root {
			break
		}
		up := n.parent()
		if up == nil {
			return "", netbsd.ENOENT
		}
		name := fs.nameIn(up, n)
		if name == "" {
			return "", netbsd.ENOENT
		}
		path = "/" + name + path
		n = up
	}
	if path == "" {
		path = "/"
	}
	return path, 0
}

// nameIn finds the name of a folder in its folder.
func (fs *FS) nameIn(dir, n *node) string {
	base := dir.base()
	if base.dir == nil {
		return ""
	}
	for _, e := range base.dir.ents {
		if e.node != nil && e.node.base() == n.base() {
			return e.name
		}
	}
	return ""
}
