package rump

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// ReadFile returns the content of a file.
func (k *Kernel) ReadFile(ctx context.Context, name string) ([]byte, error) {
	f, err := k.Open(ctx, name, netbsd.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	_, err = f.WriteTo(&b)
	if err != nil {
		return nil, err
	}
	if b.Bytes() == nil {
		return []byte{}, nil
	}
	return b.Bytes(), nil
}

// WriteFile writes a file, which it makes with the given permissions or empties.
func (k *Kernel) WriteFile(ctx context.Context, name string, data []byte, mode uint32) error {
	_, err := k.WriteFileFrom(ctx, name, bytes.NewReader(data), mode)
	return err
}

// WriteFileFrom writes what r has to a file, which it makes with the given
// permissions or empties, and returns how much that was.
func (k *Kernel) WriteFileFrom(ctx context.Context, name string, r io.Reader, mode uint32) (int64, error) {
	f, err := k.Open(ctx, name, netbsd.O_WRONLY|netbsd.O_CREAT|netbsd.O_TRUNC, mode)
	if err != nil {
		return 0, err
	}
	n, err := f.ReadFrom(r)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return n, err
}

// MkdirAll makes a directory and those above it which do not exist.
func (k *Kernel) MkdirAll(ctx context.Context, name string, mode uint32) error {
	err := k.Mkdir(ctx, name, mode)
	if err == nil {
		return nil
	}
	if errors.Is(err, netbsd.ENOENT) {
		parent := path.Dir(strings.TrimRight(name, "/"))
		if parent == name || parent == "." {
			return err
		}
		if err := k.MkdirAll(ctx, parent, mode); err != nil {
			return err
		}
		err = k.Mkdir(ctx, name, mode)
	}
	if err == nil || !isErrno(err, netbsd.EEXIST, netbsd.EISDIR) {
		return err
	}
	st, serr := k.Stat(ctx, name)
	switch {
	case serr != nil:
		return err
	case st.Mode&netbsd.S_IFMT != netbsd.S_IFDIR:
		return &Error{k.name, "mkdir", name, netbsd.ENOTDIR}
	}
	return nil
}

// isErrno reports whether err is one of some errnos.
func isErrno(err error, which ...netbsd.Errno) bool {
	errno, ok := Errno(err)
	for _, w := range which {
		if ok && errno == w {
			return true
		}
	}
	return false
}

// RemoveAll removes a file, or a directory and all that is in it. That there is
// none is no error.
func (k *Kernel) RemoveAll(ctx context.Context, name string) error {
	err := k.Unlink(ctx, name)
	if err == nil || errors.Is(err, netbsd.ENOENT) {
		return nil
	}
	st, serr := k.Lstat(ctx, name)
	if errors.Is(serr, netbsd.ENOENT) {
		return nil
	}
	if serr != nil || st.Mode&netbsd.S_IFMT != netbsd.S_IFDIR {
		return err
	}
	// A directory that changes while it is read may hide entries: look again
	// until there is nothing left.
	for {
		es, err := k.ReadDir(ctx, name)
		if errors.Is(err, netbsd.ENOENT) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range es {
			if err := k.RemoveAll(ctx, strings.TrimRight(name, "/")+"/"+e.Name()); err != nil {
				return err
			}
		}
		err = k.Rmdir(ctx, name)
		if err == nil || errors.Is(err, netbsd.ENOENT) {
			return nil
		}
		if !errors.Is(err, netbsd.ENOTEMPTY) || len(es) == 0 {
			return err
		}
	}
}

// CopyFS copies all files of fsys into the folder dir of the kernel, which it
// makes if need be: directories, regular files and symbolic links, with their
// permissions. A file that exists there is an error, as it is with os.CopyFS.
// To copy out of the kernel, give FS or DirFS to os.CopyFS.
func (k *Kernel) CopyFS(ctx context.Context, dir string, fsys fs.FS) error {
	type later struct {
		path string
		mode uint32
	}
	var dirs []later // whose permissions may forbid to write into them
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := strings.TrimRight(dir, "/") + "/" + name
		if name == "." {
			to = dir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := netbsd.ModeOf(info.Mode()) & netbsd.ALLPERMS
		switch info.Mode().Type() {
		case fs.ModeDir:
			if err := k.MkdirAll(ctx, to, 0o777); err != nil {
				return err
			}
			if name != "." {
				dirs = append(dirs, later{to, mode})
			}
			return nil
		case 0:
			return k.copyIn(ctx, fsys, name, to, mode)
		case fs.ModeSymlink:
			target, err := fs.ReadLink(fsys, name)
			if err != nil {
				return err
			}
			return k.Symlink(ctx, target, to)
		}
		return &fs.PathError{Op: "copy", Path: name, Err: fs.ErrInvalid}
	})
	for i := len(dirs) - 1; i >= 0 && err == nil; i-- {
		err = k.Chmod(ctx, dirs[i].path, dirs[i].mode)
	}
	return err
}

func (k *Kernel) copyIn(ctx context.Context, fsys fs.FS, name, to string, mode uint32) error {
	from, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := k.Open(ctx, to, netbsd.O_WRONLY|netbsd.O_CREAT|netbsd.O_EXCL, mode|netbsd.S_IWUSR)
	if err != nil {
		return err
	}
	_, err = f.ReadFrom(from)
	if err == nil {
		err = f.Chmod(mode)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
