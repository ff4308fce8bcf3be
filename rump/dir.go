package rump

import (
	"context"
	"io"
	"io/fs"
	"path"
	"sort"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// direntsSize is how many bytes of entries are asked for at once.
const direntsSize = 32 << 10

// Dirents returns the next entries of a directory as the kernel lists them, with
// "." and "..", and none at its end: getdents(2).
func (f *File) Dirents() ([]netbsd.Dirent, error) {
	if err := f.check("getdents"); err != nil {
		return nil, err
	}
	buf := make([]byte, direntsSize)
	for {
		c := f.k.call(netbsd.SYS___GETDENTS30).Int(int64(f.open.fd)).InOut(buf).Int(int64(len(buf)))
		r, err := f.k.do(f.ctx, c, "getdents", f.name)
		n, err := transfer(r, err, len(buf))
		if err != nil || n == 0 {
			return nil, err
		}
		ds, err := netbsd.ParseDirents(buf[:n])
		if err != nil || len(ds) > 0 {
			return ds, err
		}
	}
}

// ReadDir returns the next n entries of a directory, or all that are left if n
// is not positive, in the order in which the kernel has them.
func (f *File) ReadDir(n int) ([]fs.DirEntry, error) {
	f.open.dirMu.Lock()
	defer f.open.dirMu.Unlock()
	for n <= 0 || len(f.open.entries) < n {
		ds, err := f.Dirents()
		if err != nil {
			all := f.open.entries
			f.open.entries = nil
			return all, err
		}
		if len(ds) == 0 {
			break
		}
		for _, d := range ds {
			if d.Name != "." && d.Name != ".." {
				f.open.entries = append(f.open.entries, f.entry(d))
			}
		}
	}
	if n <= 0 {
		n = len(f.open.entries)
	} else if len(f.open.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.open.entries))
	some := f.open.entries[:n:n]
	f.open.entries = f.open.entries[n:]
	return some, nil
}

func (f *File) entry(d netbsd.Dirent) fs.DirEntry {
	e := &dirEntry{k: f.k, ctx: f.ctx, path: path.Join(f.name, d.Name), name: d.Name, typ: d.FileMode().Type()}
	if d.Type == netbsd.DT_UNKNOWN {
		// Some file systems do not say. A file that is gone by now is of no type.
		if st, err := f.k.Lstat(f.ctx, e.path); err == nil {
			e.typ = st.FileMode().Type()
		}
	}
	return e
}

// ReadDir returns the entries of a directory in order of their names.
func (k *Kernel) ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	f, err := k.Open(ctx, name, netbsd.O_RDONLY|netbsd.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	es, err := f.ReadDir(-1)
	sort.Slice(es, func(i, j int) bool { return es[i].Name() < es[j].Name() })
	return es, err
}

type dirEntry struct {
	k    *Kernel
	ctx  context.Context
	path string
	name string
	typ  fs.FileMode
}

func (e *dirEntry) Name() string      { return e.name }
func (e *dirEntry) IsDir() bool       { return e.typ.IsDir() }
func (e *dirEntry) Type() fs.FileMode { return e.typ }
func (e *dirEntry) String() string    { return fs.FormatDirEntry(e) }

func (e *dirEntry) Info() (fs.FileInfo, error) {
	st, err := e.k.Lstat(e.ctx, e.path)
	if err != nil {
		return nil, err
	}
	return &FileInfo{e.name, st}, nil
}
