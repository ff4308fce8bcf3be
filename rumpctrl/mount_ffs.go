package rumpctrl

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func runMountFfs(ctx context.Context, e *Env) error {
	return e.mountUfs(ctx, "async sync update reload atime devmtime force softdep log getargs extattr discard",
		func(dev string) rump.FileSystem { return rump.FFS{Device: dev} })
}

func runMountExt2fs(ctx context.Context, e *Env) error {
	return e.mountUfs(ctx, "async sync update reload force getargs devmtime atime relatime",
		func(dev string) rump.FileSystem { return rump.Ext2fs{Device: dev} })
}

// mountUfs mounts a file system on a device whose only argument that is.
func (e *Env) mountUfs(ctx context.Context, options string, fs func(dev string) rump.FileSystem) error {
	flags := 0
	args, err := e.getopt(e.Args[1:], "o:", func(_ byte, arg string) (err error) {
		flags, err = mountOptions(flags, arg, options)
		return err
	})
	if err == errBadOption || err == nil && len(args) != 2 {
		return e.usage(1, e.Args[0]+" [-o options] special node")
	}
	if err != nil {
		return err
	}
	dev := e.mountPath(ctx, args[0])
	dir := e.mountPath(ctx, args[1])
	if flags&netbsd.MNT_GETARGS != 0 {
		_, err = e.Kernel.MountArgs(ctx, dir, fs(dev))
	} else {
		err = e.Kernel.Mount(ctx, dir, flags, fs(dev))
	}
	if err == nil {
		return nil
	}
	cause := reason(err)
	switch errno, _ := rump.Errno(err); {
	case errno == netbsd.EMFILE:
		cause = "mount table full"
	case errno == netbsd.EINVAL && flags&netbsd.MNT_UPDATE != 0:
		cause = "specified device does not match mounted device"
	case errno == netbsd.EINVAL:
		cause = "incorrect super block"
	}
	return errx(1, "%s on %s: %s", dev, dir, cause)
}
