package shell

import (
	"context"
	"io/fs"
	"os"

	"mvdan.cc/sh/v3/interp"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// look calls f with the process in which the shell looks at files.
func (sh *Shell) look(ctx context.Context, hc *interp.HandlerContext, f func(k *rump.Kernel) error) error {
	kn, err := sh.kernel(hc)
	if err != nil {
		return err
	}
	p, err := kn.file(ctx)
	if err != nil {
		return err
	}
	defer p.fileDone()
	return f(p.Kernel)
}

// stat is the interpreter's handler for test and cd.
func (sh *Shell) stat(ctx context.Context, name string, follow bool) (fs.FileInfo, error) {
	hc := handler(ctx)
	path, host := sh.place(hc, name)
	if host && follow {
		return os.Stat(path)
	} else if host {
		return os.Lstat(path)
	}
	if st, ok := deviceInfo(path); ok {
		return st, nil
	}
	var info fs.FileInfo
	err := sh.look(ctx, hc, func(k *rump.Kernel) error {
		stat := k.Stat
		if !follow {
			stat = k.Lstat
		}
		st, err := stat(ctx, path)
		info = rump.NewFileInfo(path, st)
		return err
	})
	if err != nil {
		return nil, pathError("stat", path, err)
	}
	return info, nil
}

// deviceInfo describes the devices that open opens itself.
func deviceInfo(path string) (fs.FileInfo, bool) {
	switch path {
	case "/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/stdin", "/dev/stdout", "/dev/stderr":
		return rump.NewFileInfo(path, netbsd.Stat{Mode: netbsd.S_IFCHR | 0o666, Nlink: 1}), true
	}
	return nil, false
}

// readDir is the interpreter's handler for globs.
func (sh *Shell) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	hc := handler(ctx)
	path, host := sh.place(hc, name)
	if host {
		return os.ReadDir(path)
	}
	var entries []fs.DirEntry
	err := sh.look(ctx, hc, func(k *rump.Kernel) error {
		var err error
		entries, err = k.ReadDir(ctx, path)
		return err
	})
	return entries, err
}

// access is the interpreter's handler for test -r, -w and -x, and for cd.
func (sh *Shell) access(ctx context.Context, name string, mode interp.AccessMode) error {
	hc := handler(ctx)
	path, host := sh.place(hc, name)
	if host {
		return interp.DefaultAccessHandler()(ctx, path, mode)
	}
	if _, ok := deviceInfo(path); ok {
		return nil
	}
	m := 0
	for _, b := range []struct {
		bit    interp.AccessMode
		netbsd int
	}{{interp.AccessRead, netbsd.R_OK}, {interp.AccessWrite, netbsd.W_OK}, {interp.AccessExec, netbsd.X_OK}} {
		if mode&b.bit != 0 {
			m |= b.netbsd
		}
	}
	return sh.look(ctx, hc, func(k *rump.Kernel) error { return k.Access(ctx, path, m) })
}
