package starlark

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func kernelCopyIn(c *call) (starlark.Value, error) {
	var from, to string
	if err := c.unpack(&from, &to); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, copyIn(c.ctx, c.kernel(), from, to) })
}

// copyIn copies a file or a folder of the host into the kernel.
func copyIn(ctx context.Context, k *rump.Kernel, from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return k.CopyFS(ctx, to, os.DirFS(from))
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	mode := netbsd.ModeOf(info.Mode()) & netbsd.ALLPERMS
	out, err := k.Open(ctx, to, netbsd.O_WRONLY|netbsd.O_CREAT|netbsd.O_EXCL, mode|netbsd.S_IWUSR)
	if err != nil {
		return err
	}
	n, err := out.ReadFrom(in)
	if err == nil {
		err = out.Chmod(mode)
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_, err = moved(n, err)
	}
	return err
}

func kernelCopyOut(c *call) (starlark.Value, error) {
	var from, to string
	if err := c.unpack(&from, &to); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, copyOut(c.ctx, c.kernel(), from, to) })
}

// copyOut copies a file or a folder of the kernel to the host.
func copyOut(ctx context.Context, k *rump.Kernel, from, to string) error {
	st, err := k.Stat(ctx, from)
	if err != nil {
		return err
	}
	if st.FileMode().IsDir() {
		return os.CopyFS(filepath.Clean(to), k.DirFS(ctx, from))
	}
	in, err := k.Open(ctx, from, netbsd.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, st.FileMode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = in.WriteTo(out)
	if err == nil {
		err = out.Chmod(st.FileMode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky))
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}
