package fakeserver_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// TestDiskPieces reads and writes pieces of a file of the host that is there as
// a block device and as a raw one. What is wanted is what a real kernel answers.
func TestDiskPieces(t *testing.T) {
	const size = 4096
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	_, c := start(t, fakeserver.Config{Disks: []fakeserver.Disk{
		{Key: "/block", HostPath: path, Type: fakeserver.DiskBlock},
		{Key: "/raw", HostPath: path, Type: fakeserver.DiskChar},
	}})
	type answer struct {
		moved uint64
		errno netbsd.Errno
	}
	for _, tt := range []struct {
		name        string
		size, off   int64
		read, write answer
	}{
		{"/block", 512, 0, answer{512, 0}, answer{512, 0}},
		{"/block", 10, 100, answer{10, 0}, answer{10, 0}},
		{"/block", 513, size - 512, answer{512, 0}, answer{512, 0}},
		{"/block", 1, size, answer{}, answer{}},
		{"/block", 512, size + 512, answer{}, answer{}},
		{"/raw", 512, 0, answer{512, 0}, answer{512, 0}},
		{"/raw", 10, 0, answer{}, answer{0, netbsd.EINVAL}},
		{"/raw", 513, 0, answer{}, answer{0, netbsd.EINVAL}},
		{"/raw", 512, 100, answer{0, netbsd.EINVAL}, answer{0, netbsd.EINVAL}},
		{"/raw", 1024, size - 512, answer{512, 0}, answer{512, 0}},
		{"/raw", 512, size, answer{}, answer{}},
		{"/raw", 512, size + 512, answer{}, answer{0, netbsd.EINVAL}},
	} {
		fd, errno := do(t, call(c, netbsd.SYS_OPEN).String(tt.name).Int(netbsd.O_RDWR).Int(0))
		if errno != 0 {
			t.Fatalf("open %s: %v", tt.name, errno)
		}
		for n, want := range map[netbsd.Sysno]answer{netbsd.SYS_PREAD: tt.read, netbsd.SYS_PWRITE: tt.write} {
			moved, errno := do(t, call(c, n).Uint(fd).InOut(make([]byte, tt.size)).Int(tt.size).Int(0).Int(tt.off))
			if got := (answer{moved, errno}); got != want {
				t.Errorf("%v of %d bytes at %d of %s: %v, want %v", n, tt.size, tt.off, tt.name, got, want)
			}
		}
		do(t, call(c, netbsd.SYS_CLOSE).Uint(fd))
	}
}
