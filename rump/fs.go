package rump

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// FS returns the kernel's files, from its root folder on, as a file system of
// package io/fs. It is an fs.ReadDirFS, fs.StatFS, fs.ReadFileFS and
// fs.ReadLinkFS. The context is that of everything done with it.
func (k *Kernel) FS(ctx context.Context) fs.FS { return k.DirFS(ctx, "/") }

// DirFS is FS from the folder dir on. As with os.DirFS, symbolic links may lead
// out of it.
func (k *Kernel) DirFS(ctx context.Context, dir string) fs.FS { return &dirFS{k, ctx, dir} }

type dirFS struct {
	k   *Kernel
	ctx context.Context
	dir string
}

var (
	_ fs.ReadDirFS  = (*dirFS)(nil)
	_ fs.StatFS     = (*dirFS)(nil)
	_ fs.ReadFileFS = (*dirFS)(nil)
	_ fs.ReadLinkFS = (*dirFS)(nil)
	_ fs.SubFS      = (*dirFS)(nil)
)

// path returns the kernel's path of a name.
func (d *dirFS) path(op, name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return d.dir, nil
	}
	if d.dir == "/" {
		return "/" + name, nil
	}
	return d.dir + "/" + name, nil
}

// pathError is err as package io/fs has it.
func pathError(op, name string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

func (d *dirFS) Open(name string) (fs.File, error) {
	p, err := d.path("open", name)
	if err != nil {
		return nil, err
	}
	f, err := d.k.Open(d.ctx, p, netbsd.O_RDONLY, 0)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	return f, nil
}

func (d *dirFS) ReadDir(name string) ([]fs.DirEntry, error) {
	p, err := d.path("readdir", name)
	if err != nil {
		return nil, err
	}
	es, err := d.k.ReadDir(d.ctx, p)
	return es, pathError("readdir", name, err)
}

func (d *dirFS) Stat(name string) (fs.FileInfo, error) {
	return d.info("stat", name, d.k.Stat)
}

func (d *dirFS) Lstat(name string) (fs.FileInfo, error) {
	return d.info("lstat", name, d.k.Lstat)
}

func (d *dirFS) info(op, name string, stat func(context.Context, string) (netbsd.Stat, error)) (fs.FileInfo, error) {
	p, err := d.path(op, name)
	if err != nil {
		return nil, err
	}
	st, err := stat(d.ctx, p)
	if err != nil {
		return nil, pathError(op, name, err)
	}
	return &FileInfo{baseName(p), st}, nil
}

// baseName is path.Base, but of the root of a file system ".".
func baseName(p string) string {
	i := len(p)
	for i > 0 && p[i-1] != '/' {
		i--
	}
	if i == len(p) {
		return "."
	}
	return p[i:]
}

func (d *dirFS) ReadFile(name string) ([]byte, error) {
	p, err := d.path("readfile", name)
	if err != nil {
		return nil, err
	}
	b, err := d.k.ReadFile(d.ctx, p)
	return b, pathError("readfile", name, err)
}

func (d *dirFS) ReadLink(name string) (string, error) {
	p, err := d.path("readlink", name)
	if err != nil {
		return "", err
	}
	s, err := d.k.Readlink(d.ctx, p)
	return s, pathError("readlink", name, err)
}

func (d *dirFS) Sub(dir string) (fs.FS, error) {
	p, err := d.path("sub", dir)
	if err != nil {
		return nil, err
	}
	return &dirFS{d.k, d.ctx, p}, nil
}
