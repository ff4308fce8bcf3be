package rump_test

import (
	"testing"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/rump"
)

// vfsKernel starts a kernel with file systems and returns a process of it.
func vfsKernel(t testing.TB, args ...string) (*rump.Kernel, *rumptest.Server) {
	t.Helper()
	s := rumptest.Start(t, append(args, rumptest.VFS...)...)
	k, err := rump.Dial(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k, s
}

// tmpfs makes a folder with a tmpfs on it.
func tmpfs(t testing.TB, k *rump.Kernel, dir string, fs rump.Tmpfs) {
	t.Helper()
	if err := k.Mkdir(t.Context(), dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := k.Mount(t.Context(), dir, 0, fs); err != nil {
		t.Fatal(err)
	}
}
