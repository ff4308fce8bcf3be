package rumpctrl

import (
	"context"
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/rump"
)

// The programs which mount a file system that is not on a disk, or is read-only,
// differ in little.

func runMountKernfs(ctx context.Context, e *Env) error {
	return e.mountPseudo(ctx, "kernfs", rump.Kernfs{})
}

func runMountFdesc(ctx context.Context, e *Env) error {
	return e.mountPseudo(ctx, "fdesc", rump.Fdesc{})
}

func runMountProcfs(ctx context.Context, e *Env) error {
	return e.mountPseudo(ctx, "proc", rump.Procfs{})
}

// mountPseudo mounts a file system which shows something of the kernel.
func (e *Env) mountPseudo(ctx context.Context, word string, fs rump.FileSystem) error {
	flags := 0
	args, err := e.getopt(e.Args[1:], "o:", func(_ byte, arg string) (err error) {
		flags, err = mountOptions(flags, arg, "getargs update")
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		return e.usage(1, fmt.Sprintf("%s [-o options] %s mount_point", e.Args[0], word))
	}
	if err != nil {
		return err
	}
	dir := e.mountPath(ctx, args[1])
	if err := e.Kernel.Mount(ctx, dir, flags, fs); err != nil {
		return errc(1, err, "%s on %s", fs.Type(), dir)
	}
	return nil
}

func runMountPtyfs(ctx context.Context, e *Env) error {
	var fs rump.Ptyfs
	flags := 0
	args, err := e.getopt(e.Args[1:], "g:m:o:", func(opt byte, arg string) (err error) {
		switch opt {
		case 'g':
			fs.Gid, err = mountID(arg, "group")
		case 'm':
			fs.Mode, err = mountMode(arg)
		case 'o':
			flags, err = mountOptions(flags, arg, "getargs update")
		}
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		return e.usage(1, "mount_ptyfs [-g group] [-m mode] [-o options] ptyfs mount_point")
	}
	if err != nil {
		return err
	}
	dir := e.mountPath(ctx, args[1])
	if err := e.Kernel.Mount(ctx, dir, flags, fs); err != nil {
		return errc(1, err, "ptyfs on %s", dir)
	}
	return nil
}

func runMountNull(ctx context.Context, e *Env) error {
	flags := 0
	args, err := e.getopt(e.Args[1:], "o:", func(_ byte, arg string) (err error) {
		flags, err = mountOptions(flags, arg, "getargs")
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		return e.usage(1, "mount_null [-o options] target_fs mount_point")
	}
	if err != nil {
		return err
	}
	target, dir := e.mountPath(ctx, args[0]), e.mountPath(ctx, args[1])
	if under(target, dir) || under(dir, target) {
		return errx(1, "%s (%s) and %s (%s) are not distinct paths", args[0], target, args[1], dir)
	}
	if err := e.Kernel.Mount(ctx, dir, flags, rump.Null{Target: target}); err != nil {
		return errc(1, err, "%s on %s", target, dir)
	}
	return nil
}

// under reports whether a path is another or below it.
func under(path, dir string) bool {
	if path == dir || dir == "/" {
		return true
	}
	return strings.HasPrefix(path, dir+"/")
}

func runMountUnion(ctx context.Context, e *Env) error {
	var fs rump.Union
	flags := 0
	args, err := e.getopt(e.Args[1:], "bo:", func(opt byte, arg string) (err error) {
		if opt == 'b' {
			fs.Below = true
			return nil
		}
		flags, err = mountOptions(flags, arg, "getargs")
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		return e.usage(1, "mount_union [-b] [-o options] directory uniondir")
	}
	if err != nil {
		return err
	}
	fs.Target = e.mountPath(ctx, args[0])
	dir := e.mountPath(ctx, args[1])
	if under(fs.Target, dir) || under(dir, fs.Target) {
		return errx(1, "%s (%s) and %s (%s) are not distinct paths", args[0], fs.Target, args[1], dir)
	}
	if err := e.Kernel.Mount(ctx, dir, flags, fs); err != nil {
		return errc(1, err, "%s on %s", fs.Target, dir)
	}
	return nil
}
