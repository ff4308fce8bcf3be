package starlark

import (
	"context"
	"errors"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelProcess is the table of the methods of a kernel that are about the process
// that the script is there.
func kernelProcess() []function {
	return []function{
		{"chdir", "path", "Sets the working folder of the script's process in the kernel, from which its relative paths go. Utilities are processes of their own.", kernelDo1(func(ctx context.Context, k *rump.Kernel, path string) error { return k.Chdir(ctx, path) })},
		{"chroot", "path", "Sets the root folder of the script's process in the kernel, for good: do so in a fork.", kernelDo1(func(ctx context.Context, k *rump.Kernel, path string) error { return k.Chroot(ctx, path) })},
		{"exit", "", "Ends the process of a fork.", kernelExit},
		{"fork", "", "Returns the same kernel as another process, which has a copy of this one's descriptors and its working folder. It ends with the script or test, or by exit.", kernelFork},
		{"getcwd", "", "Returns the working folder of the script's process in the kernel.", kernelGetcwd},
		{"getpid", "", "Returns the number of the script's process in the kernel.", kernelNumber(func(ctx context.Context, k *rump.Kernel) (int, error) { return k.Getpid(ctx) })},
		{"getuid", "", "Returns the user that the script's process belongs to in the kernel.", kernelNumber(func(ctx context.Context, k *rump.Kernel) (int, error) {
			uid, err := k.Getuid(ctx)
			return int(uid), err
		})},
		{"open_files", "", "Returns the open files of all the kernel's processes, a list of structs: pid, fd, type (\"file\", \"socket\", \"pipe\", \"kqueue\", \"misc\", \"crypto\", \"mqueue\", \"semaphore\"), offset and size in bytes.", kernelOpenFiles},
		{"umask", "mask", "Sets the permissions that new files of the script's process do not get, and returns those that they did not get before.", kernelUmask},
	}
}

// kernelNumber adapts something asked of a kernel whose answer is a number.
func kernelNumber(ask func(context.Context, *rump.Kernel) (int, error)) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		if err := c.unpack(); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) {
			n, err := ask(c.ctx, c.kernel())
			return starlark.MakeInt(n), err
		})
	}
}

func kernelGetcwd(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		dir, err := c.kernel().Getwd(c.ctx)
		return starlark.String(dir), err
	})
}

func kernelUmask(c *call) (starlark.Value, error) {
	var mask uint32
	if err := c.unpack(&mask); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		before, err := c.kernel().Umask(c.ctx, mask)
		return starlark.MakeInt(int(before)), err
	})
}

func kernelFork(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	k := c.self.(*Kernel)
	child, err := waiting(c.scope, func() (*rump.Kernel, error) { return c.kernel().Fork(c.ctx) })
	if err != nil {
		return nil, err
	}
	c.scope.adopt(child)
	// What the kernel runs on belongs to the first of its processes.
	in := &harness.Instance{Kernel: child, Target: k.in.Target, Name: k.in.Name, URL: k.in.URL, BusDir: k.in.BusDir, Connect: k.in.Connect}
	return &Kernel{in: in, sc: k.sc, ctx: k.ctx, forked: true}, nil
}

func kernelExit(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	if !c.self.(*Kernel).forked {
		return nil, errors.New("exit: this process is the script's own: only that of a fork can end before the script")
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Close() })
}

func kernelOpenFiles(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	files, err := waiting(c.scope, func() ([]netbsd.KinfoFile, error) { return c.kernel().OpenFiles(c.ctx) })
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(files))
	for i, f := range files {
		list[i] = starlarkstruct.FromStringDict(starlark.String("open_file"), starlark.StringDict{
			"pid":    starlark.MakeUint64(uint64(f.Pid)),
			"fd":     starlark.MakeInt(int(f.Fd)),
			"type":   starlark.String(netbsd.FileTypeName(f.Ftype)),
			"offset": starlark.MakeUint64(f.Foffset),
			"size":   starlark.MakeUint64(f.Vsize),
		})
	}
	return starlark.NewList(list), nil
}
