package rumpctrl

import (
	"context"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func runMkdir(ctx context.Context, e *Env) error {
	// The mask applies to the default mode alone, not to one given by -m.
	mask, err := e.Kernel.Umask(ctx, 0)
	if err != nil {
		return err
	}
	defer e.Kernel.Umask(context.WithoutCancel(ctx), mask)
	mode := netbsd.ACCESSPERMS &^ mask
	dirMode := mode | netbsd.S_IWUSR | netbsd.S_IXUSR
	parents := false
	args, err := e.getopt(e.Args[1:], "m:p", func(opt byte, arg string) error {
		if opt == 'p' {
			parents = true
			return nil
		}
		change, err := parseMode(arg, 0)
		if err != nil {
			return errc(1, err, "Cannot set file mode `%s'", arg)
		}
		mode = change.apply(netbsd.ACCESSPERMS)
		return nil
	})
	if err == errBadOption || err == nil && len(args) == 0 {
		return e.usage(1, "mkdir [-p] [-m mode] dirname ...")
	}
	if err != nil {
		return err
	}
	status := 0
	for _, dir := range args {
		var failed string
		if parents {
			failed, err = mkpath(ctx, e.Kernel, dir, mode, dirMode)
		} else {
			failed, err = dir, mkdirMode(ctx, e.Kernel, dir, mode)
		}
		if err != nil {
			e.warn(err, "%s", failed)
			status = 1
		}
	}
	return silent(status)
}

// mkdirMode makes a directory with a mode that may have more than permissions,
// which mkdir(2) would drop.
func mkdirMode(ctx context.Context, k *rump.Kernel, dir string, mode uint32) error {
	err := k.Mkdir(ctx, dir, mode)
	if err == nil && mode&^netbsd.ACCESSPERMS != 0 {
		err = k.Chmod(ctx, dir, mode)
	}
	return err
}

// mkpath makes a directory and those above it. It returns the path which failed.
func mkpath(ctx context.Context, k *rump.Kernel, dir string, mode, dirMode uint32) (string, error) {
	for end := 0; ; {
		for end < len(dir) && dir[end] == '/' {
			end++
		}
		if i := strings.IndexByte(dir[end:], '/'); i >= 0 {
			end += i
		} else {
			end = len(dir)
		}
		path, last := dir[:end], end == len(dir)
		var err error
		if last {
			err = k.Mkdir(ctx, path, mode)
		} else {
			err = k.Mkdir(ctx, path, dirMode)
		}
		switch {
		case err != nil:
			st, serr := k.Stat(ctx, path)
			if serr != nil {
				return path, err
			}
			if st.Mode&netbsd.S_IFMT != netbsd.S_IFDIR {
				return path, netbsd.ENOTDIR
			}
		case last && mode&^netbsd.ACCESSPERMS != 0:
			if err := k.Chmod(ctx, path, mode); err != nil {
				return path, err
			}
		}
		if last {
			return "", nil
		}
	}
}
