package rump_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// modelFS is what a tmpfs does, in a few lines: the results and errnos of the
// calls that TestFileOperations makes.
type modelFS struct{ root *modelNode }

type modelNode struct {
	kind     uint32 // S_IFDIR, S_IFREG or S_IFLNK
	mode     uint32
	data     []byte
	target   string
	children map[string]*modelNode
	parent   *modelNode
	links    uint32
}

func newModel() *modelFS {
	return &modelFS{newModelDir(nil, 0o755)}
}

func newModelDir(parent *modelNode, mode uint32) *modelNode {
	n := &modelNode{kind: netbsd.S_IFDIR, mode: mode, children: map[string]*modelNode{}, parent: parent, links: 2}
	if parent == nil {
		n.parent = n
	}
	return n
}

// lookup follows a path. It returns the folder that the last part is in, that
// part, and what it names, if anything.
func (m *modelFS) lookup(p string, follow bool) (dir *modelNode, last string, n *modelNode, errno netbsd.Errno) {
	links := 0
	slash := strings.HasSuffix(p, "/")
	parts := strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
	dir, n = m.root, m.root
	if len(parts) == 0 {
		return m.root, ".", m.root, 0
	}
	cur := m.root
	for i := 0; i < len(parts); i++ {
		if cur.kind != netbsd.S_IFDIR {
			return nil, "", nil, netbsd.ENOTDIR
		}
		name := parts[i]
		if len(name) > 255 {
			return nil, "", nil, netbsd.ENAMETOOLONG
		}
		end := i == len(parts)-1
		var next *modelNode
		switch name {
		case ".":
			next = cur
		case "..":
			next = cur.parent
		default:
			next = cur.children[name]
		}
		if next == nil {
			if !end {
				return nil, "", nil, netbsd.ENOENT
			}
			return cur, name, nil, 0
		}
		if next.kind == netbsd.S_IFLNK && (!end || follow || slash) {
			if links++; links > 32 {
				return nil, "", nil, netbsd.ELOOP
			}
			rest := parts[i+1:]
			parts = append(slices.Clone(parts[:0:0]), strings.FieldsFunc(next.target, func(r rune) bool { return r == '/' })...)
			parts = append(parts, rest...)
			i, cur = -1, m.root
			continue
		}
		dir, last, n = cur, name, next
		cur = next
	}
	return dir, last, n, 0
}

func (m *modelFS) write(p string, data []byte, flags int, mode uint32) netbsd.Errno {
	if flags&netbsd.O_EXCL != 0 {
		_, _, n, e := m.lookup(p, false)
		if e != 0 {
			return e
		}
		if n != nil {
			return netbsd.EEXIST
		}
	}
	dir, name, n, e := m.lookup(p, true)
	switch {
	case e != 0:
		return e
	case n == nil && flags&netbsd.O_CREAT == 0:
		return netbsd.ENOENT
	case n == nil:
		n = &modelNode{kind: netbsd.S_IFREG, mode: mode, parent: dir, links: 1}
		dir.children[name] = n
	case n.kind == netbsd.S_IFDIR:
		return netbsd.EISDIR
	}
	if flags&netbsd.O_TRUNC != 0 {
		n.data = nil
	}
	off := 0
	if flags&netbsd.O_APPEND != 0 {
		off = len(n.data)
	}
	if need := off + len(data); need > len(n.data) {
		n.data = append(n.data, make([]byte, need-len(n.data))...)
	}
	copy(n.data[off:], data)
	return 0
}

func (m *modelFS) read(p string) ([]byte, netbsd.Errno) {
	_, _, n, e := m.lookup(p, true)
	switch {
	case e != 0:
		return nil, e
	case n == nil:
		return nil, netbsd.ENOENT
	case n.kind == netbsd.S_IFDIR:
		return nil, netbsd.EISDIR
	}
	return n.data, 0
}

func (m *modelFS) mkdir(p string, mode uint32) netbsd.Errno {
	dir, name, n, e := m.lookup(p, false)
	switch {
	case e != 0:
		return e
	case n != nil:
		return netbsd.EEXIST
	}
	dir.children[name] = newModelDir(dir, mode)
	dir.links++
	return 0
}

func (m *modelFS) symlink(target, p string) netbsd.Errno {
	dir, name, n, e := m.lookup(p, false)
	switch {
	case e != 0:
		return e
	case n != nil:
		return netbsd.EEXIST
	}
	dir.children[name] = &modelNode{kind: netbsd.S_IFLNK, mode: 0o777, target: target, parent: dir, links: 1}
	return 0
}

func (m *modelFS) link(from, to string) netbsd.Errno {
	_, _, n, e := m.lookup(from, true)
	switch {
	case e != 0:
		return e
	case n == nil:
		return netbsd.ENOENT
	}
	dir, name, there, e := m.lookup(to, false)
	switch {
	case e != 0:
		return e
	case there != nil:
		return netbsd.EEXIST
	case n.kind == netbsd.S_IFDIR:
		return netbsd.EPERM
	}
	dir.children[name] = n
	n.links++
	return 0
}

func (m *modelFS) unlink(p string) netbsd.Errno {
	dir, name, n, e := m.lookup(p, false)
	switch {
	case e != 0:
		return e
	case n == nil:
		return netbsd.ENOENT
	case n.kind == netbsd.S_IFDIR:
		return netbsd.EPERM
	}
	delete(dir.children, name)
	n.links--
	return 0
}

func (m *modelFS) rmdir(p string) netbsd.Errno {
	dir, name, n, e := m.lookup(p, false)
	switch {
	case e != 0:
		return e
	case n == nil:
		return netbsd.ENOENT
	case n.kind != netbsd.S_IFDIR:
		return netbsd.ENOTDIR
	case n == m.root:
		return netbsd.EBUSY
	case name == "." || n == dir:
		return netbsd.EINVAL
	case name == "..":
		return netbsd.ENOTEMPTY
	case len(n.children) > 0:
		return netbsd.ENOTEMPTY
	}
	delete(dir.children, name)
	dir.links--
	return 0
}

func (m *modelFS) truncate(p string, size int) netbsd.Errno {
	_, _, n, e := m.lookup(p, true)
	switch {
	case e != 0:
		return e
	case n == nil:
		return netbsd.ENOENT
	case n.kind == netbsd.S_IFDIR:
		return netbsd.EISDIR
	}
	if size <= len(n.data) {
		n.data = n.data[:size:size]
	} else {
		n.data = append(n.data, make([]byte, size-len(n.data))...)
	}
	return 0
}

func (m *modelFS) chmod(p string, mode uint32) netbsd.Errno {
	_, _, n, e := m.lookup(p, true)
	switch {
	case e != 0:
		return e
	case n == nil:
		return netbsd.ENOENT
	}
	n.mode = mode
	return 0
}

// rename is for names in folders which are none of each other's descendants.
func (m *modelFS) rename(from, to string) netbsd.Errno {
	fdir, fname, n, e := m.lookup(from, false)
	switch {
	case e != 0:
		return e
	case n == nil:
		return netbsd.ENOENT
	}
	tdir, tname, there, e := m.lookup(to, false)
	if e != 0 {
		return e
	}
	if there == n {
		if n.kind != netbsd.S_IFDIR && (fdir != tdir || fname != tname) {
			delete(fdir.children, fname) // NetBSD's rename of one link onto another removes the first
			n.links--
		}
		return 0
	}
	if there != nil && (n.kind == netbsd.S_IFDIR) != (there.kind == netbsd.S_IFDIR) {
		if n.kind == netbsd.S_IFDIR {
			return netbsd.ENOTDIR
		}
		return netbsd.EISDIR
	}
	for d := tdir; n.kind == netbsd.S_IFDIR && d != m.root; d = d.parent {
		if d == n {
			return netbsd.EINVAL
		}
	}
	if there != nil {
		if len(there.children) > 0 {
			return netbsd.ENOTEMPTY
		}
		there.links--
		if there.kind == netbsd.S_IFDIR {
			tdir.links--
		}
	}
	delete(fdir.children, fname)
	tdir.children[tname] = n
	if n.kind == netbsd.S_IFDIR {
		fdir.links--
		tdir.links++
		n.parent = tdir
	}
	return 0
}

func (m *modelFS) stat(p string, follow bool) (string, netbsd.Errno) {
	_, _, n, e := m.lookup(p, follow)
	switch {
	case e != 0:
		return "", e
	case n == nil:
		return "", netbsd.ENOENT
	}
	size := len(n.data)
	if n.kind == netbsd.S_IFLNK {
		size = len(n.target)
	}
	return describe(n.kind|n.mode, n.links, size), 0
}

func (m *modelFS) readDir(p string) (string, netbsd.Errno) {
	_, _, n, e := m.lookup(p, true)
	switch {
	case e != 0:
		return "", e
	case n == nil:
		return "", netbsd.ENOENT
	case n.kind != netbsd.S_IFDIR:
		return "", netbsd.ENOTDIR
	}
	var names []string
	for name := range n.children {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, " "), 0
}

// describe is what is compared of a stat; the size of a directory is its own affair.
func describe(mode, links uint32, size int) string {
	if mode&netbsd.S_IFMT == netbsd.S_IFDIR {
		size = 0
	}
	return fmt.Sprintf("%o %d links %d bytes", mode, links, size)
}

// TestFileOperations makes random calls on a kernel's tmpfs and on the model, and
// compares every result and errno.
func TestFileOperations(t *testing.T) {
	k, _ := vfsKernel(t)
	fileOperations(t, k)
}

func fileOperations(t *testing.T, k *rump.Kernel) {
	ctx := context.Background()
	if _, err := k.Umask(ctx, 0); err != nil {
		t.Fatal(err)
	}
	run := 0
	names := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	rapid.Check(t, func(t *rapid.T) {
		run++
		base := fmt.Sprintf("/prop%d", run)
		if err := k.Mkdir(ctx, base, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := k.Mount(ctx, base, 0, rump.Tmpfs{}); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := k.Unmount(ctx, base, 0); err != nil {
				t.Error(err)
			}
			k.Rmdir(ctx, base)
		}()
		m := newModel()
		name := func() string {
			return strings.Join(rapid.SliceOfN(names, 1, 3).Draw(t, "path"), "/")
		}
		at := func(p string) string { return base + "/" + p }
		agree := func(what string, err error, want netbsd.Errno) {
			t.Helper()
			if !errors.Is(err, want) && !(err == nil && want == 0) {
				t.Fatalf("%s: kernel says %v, the model %s", what, err, want.Name())
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				p := name()
				data := []byte(rapid.StringN(0, 10, 40).Draw(t, "data"))
				flags := netbsd.O_WRONLY | rapid.SampledFrom([]int{
					0, netbsd.O_CREAT, netbsd.O_CREAT | netbsd.O_TRUNC, netbsd.O_CREAT | netbsd.O_EXCL, netbsd.O_APPEND,
				}).Draw(t, "flags")
				f, err := k.Open(ctx, at(p), flags, 0o640)
				if err == nil {
					_, err = f.Write(data)
					f.Close()
				}
				agree("write "+p, err, m.write(p, data, flags, 0o640))
			},
			"read": func(t *rapid.T) {
				p := name()
				got, err := k.ReadFile(ctx, at(p))
				want, errno := m.read(p)
				agree("read "+p, err, errno)
				if string(got) != string(want) {
					t.Fatalf("read %s: kernel has %q, the model %q", p, got, want)
				}
			},
			"mkdir": func(t *rapid.T) {
				p := name()
				agree("mkdir "+p, k.Mkdir(ctx, at(p), 0o750), m.mkdir(p, 0o750))
			},
			"rmdir": func(t *rapid.T) {
				p := name()
				agree("rmdir "+p, k.Rmdir(ctx, at(p)), m.rmdir(p))
			},
			"unlink": func(t *rapid.T) {
				p := name()
				agree("unlink "+p, k.Unlink(ctx, at(p)), m.unlink(p))
			},
			"symlink": func(t *rapid.T) {
				p, target := name(), name()
				// The model knows targets from the root of the tmpfs on.
				agree("symlink "+p, k.Symlink(ctx, at(target), at(p)), m.symlink(target, p))
			},
			"link": func(t *rapid.T) {
				from, to := name(), name()
				agree("link "+from+" "+to, k.Link(ctx, at(from), at(to)), m.link(from, to))
			},
			"rename": func(t *rapid.T) {
				from, to := name(), name()
				agree("rename "+from+" "+to, k.Rename(ctx, at(from), at(to)), m.rename(from, to))
			},
			"truncate": func(t *rapid.T) {
				p, size := name(), rapid.IntRange(0, 10000).Draw(t, "size")
				agree("truncate "+p, k.Truncate(ctx, at(p), int64(size)), m.truncate(p, size))
			},
			"chmod": func(t *rapid.T) {
				p, mode := name(), uint32(rapid.IntRange(0, 0o777).Draw(t, "mode"))
				agree("chmod "+p, k.Chmod(ctx, at(p), mode), m.chmod(p, mode))
			},
			"stat": func(t *rapid.T) {
				p, follow := name(), rapid.Bool().Draw(t, "follow")
				stat := k.Lstat
				if follow {
					stat = k.Stat
				}
				st, err := stat(ctx, at(p))
				want, errno := m.stat(p, follow)
				agree("stat "+p, err, errno)
				size := int(st.Size)
				if st.Mode&netbsd.S_IFMT == netbsd.S_IFLNK {
					size -= len(base) + 1
				}
				if got := describe(st.Mode, st.Nlink, size); err == nil && got != want {
					t.Fatalf("stat %s: kernel says %s, the model %s", p, got, want)
				}
			},
			"readdir": func(t *rapid.T) {
				p := path.Join(name(), rapid.SampledFrom([]string{"", "..", "../.."}).Draw(t, "up"))
				if strings.HasPrefix(p, "..") {
					p = "."
				}
				es, err := k.ReadDir(ctx, at(p))
				var names []string
				for _, e := range es {
					names = append(names, e.Name())
				}
				want, errno := m.readDir(p)
				agree("readdir "+p, err, errno)
				if got := strings.Join(names, " "); got != want {
					t.Fatalf("readdir %s: kernel has %q, the model %q", p, got, want)
				}
			},
		})
	})
}

var _ io.Reader = (*rump.File)(nil)
