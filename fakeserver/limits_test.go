package fakeserver_test

import (
	"context"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// TestDescriptorLimit runs out of descriptors.
func TestDescriptorLimit(t *testing.T) {
	k, c := start(t, fakeserver.Config{Limits: fakeserver.Limits{Descriptors: 5}})
	for want := uint64(3); want < 5; want++ {
		if fd, errno := do(t, call(c, netbsd.SYS_DUP).Int(1)); fd != want || errno != 0 {
			t.Fatalf("dup: %d, %v", fd, errno)
		}
	}
	if _, errno := do(t, call(c, netbsd.SYS_DUP).Int(1)); errno != netbsd.EMFILE {
		t.Errorf("dup: got %v, want EMFILE", errno)
	}
	if _, errno := do(t, call(c, netbsd.SYS_OPEN).String("/tmp").Int(0).Int(0)); errno != netbsd.EMFILE {
		t.Errorf("open: got %v, want EMFILE", errno)
	}
	if n := len(k.OpenFiles()); n != 0 {
		t.Errorf("%d files besides the console are open", n)
	}
}

// TestSpaceLimit runs out of space, and gets some back.
func TestSpaceLimit(t *testing.T) {
	_, c := start(t, fakeserver.Config{Limits: fakeserver.Limits{Space: 10000}})
	write := func(name string, n int) netbsd.Errno {
		fd, errno := do(t, call(c, netbsd.SYS_OPEN).String(name).Int(netbsd.O_WRONLY|netbsd.O_CREAT).Int(0o644))
		if errno != 0 {
			t.Fatal(errno)
		}
		defer do(t, call(c, netbsd.SYS_CLOSE).Int(int64(fd)))
		_, errno = do(t, call(c, netbsd.SYS_WRITE).Int(int64(fd)).In(make([]byte, n)).Int(int64(n)))
		return errno
	}
	if errno := write("/a", 6000); errno != 0 {
		t.Errorf("6000 bytes: %v", errno)
	}
	if errno := write("/b", 6000); errno != netbsd.ENOSPC {
		t.Errorf("6000 more: got %v, want ENOSPC", errno)
	}
	do(t, call(c, netbsd.SYS_UNLINK).String("/a"))
	if errno := write("/b", 6000); errno != 0 {
		t.Errorf("6000 after a removal: %v", errno)
	}
}

// TestFileLimit runs out of open files, of which duplicates take none.
func TestFileLimit(t *testing.T) {
	k, c := start(t, fakeserver.Config{Limits: fakeserver.Limits{Files: 3}})
	open := func(c *sysproxy.Client) (uint64, netbsd.Errno) {
		return do(t, call(c, netbsd.SYS_OPEN).String("/tmp").Int(0).Int(0))
	}
	fd, _ := open(c)
	if _, errno := do(t, call(c, netbsd.SYS_DUP).Uint(fd)); errno != 0 {
		t.Errorf("dup: %v", errno)
	}
	r, w := pipe(t, c)
	other := dial(t, k, "other")
	for name, try := range map[string]func() (uint64, netbsd.Errno){
		"open":   func() (uint64, netbsd.Errno) { return open(other) },
		"pipe":   func() (uint64, netbsd.Errno) { return do(t, call(c, netbsd.SYS_PIPE)) },
		"kqueue": func() (uint64, netbsd.Errno) { return do(t, call(c, netbsd.SYS_KQUEUE)) },
		"socket": func() (uint64, netbsd.Errno) {
			return do(t, call(c, netbsd.SYS___SOCKET30).Int(netbsd.AF_INET).Int(netbsd.SOCK_STREAM).Int(0))
		},
		"creating open": func() (uint64, netbsd.Errno) {
			return do(t, call(c, netbsd.SYS_OPEN).String("/new").Int(netbsd.O_CREAT|netbsd.O_RDWR).Int(0o644))
		},
	} {
		if _, errno := try(); errno != netbsd.ENFILE {
			t.Errorf("%s: got %v, want ENFILE", name, errno)
		}
	}
	if _, errno := do(t, call(c, netbsd.SYS_ACCESS).String("/new").Int(0)); errno != netbsd.ENOENT {
		t.Errorf("the open that failed has made a file: %v", errno)
	}
	for _, fd := range []uint64{r, w} {
		do(t, call(c, netbsd.SYS_CLOSE).Uint(fd))
	}
	for range 2 {
		if _, errno := open(other); errno != 0 {
			t.Errorf("open with files to spare: %v", errno)
		}
	}
	if _, errno := open(other); errno != netbsd.ENFILE {
		t.Errorf("open: got %v, want ENFILE", errno)
	}
	k.SetLimits(fakeserver.Limits{})
	if _, errno := open(other); errno != 0 {
		t.Errorf("open without a limit: %v", errno)
	}
}

// TestMemoryLimit runs out of memory, which pipes, processes and files share.
func TestMemoryLimit(t *testing.T) {
	const kib = 1 << 10
	k, c := start(t, fakeserver.Config{Limits: fakeserver.Limits{Memory: 80 * kib}}) // of which the process takes 16
	r, w := pipe(t, c)
	fd, _ := do(t, call(c, netbsd.SYS_OPEN).String("/f").Int(netbsd.O_CREAT|netbsd.O_RDWR).Int(0o644))
	fill := func(size int64) netbsd.Errno {
		_, errno := do(t, call(c, netbsd.SYS_FTRUNCATE).Uint(fd).Int(0).Int(size))
		return errno
	}
	if errno := fill(49 * kib); errno != netbsd.ENOSPC {
		t.Errorf("a file of all memory and more: got %v, want ENOSPC", errno)
	}
	if errno := fill(40 * kib); errno != 0 {
		t.Errorf("a file: %v", errno)
	}
	if _, errno := do(t, call(c, netbsd.SYS_PIPE)); errno != netbsd.ENOMEM {
		t.Errorf("pipe: got %v, want ENOMEM", errno)
	}
	if child, err := c.Fork(t.Context()); err == nil {
		child.Close()
		t.Error("a fork without memory succeeds")
	}
	for _, fd := range []uint64{r, w} {
		do(t, call(c, netbsd.SYS_CLOSE).Uint(fd))
	}
	child, err := c.Fork(t.Context())
	if err != nil {
		t.Fatalf("fork with the pipe's memory: %v", err)
	}
	if _, errno := do(t, call(c, netbsd.SYS_PIPE)); errno != netbsd.ENOMEM {
		t.Errorf("pipe: got %v, want ENOMEM", errno)
	}
	child.Close()
	if err := k.WaitProcesses(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	if _, errno := do(t, call(c, netbsd.SYS_PIPE)); errno != 0 {
		t.Errorf("pipe with the child's memory: %v", errno)
	}
}

// TestMbufLimit runs out of mbufs: sockets take them, and what waits in them.
func TestMbufLimit(t *testing.T) {
	_, c := start(t, fakeserver.Config{Limits: fakeserver.Limits{Mbufs: 3}})
	var fds [8]byte
	if _, errno := do(t, call(c, netbsd.SYS_SOCKETPAIR).Int(netbsd.AF_LOCAL).Int(netbsd.SOCK_STREAM).Int(0).Out(fds[:])); errno != 0 {
		t.Fatal(errno)
	}
	send := func(n int) netbsd.Errno {
		_, errno := do(t, call(c, netbsd.SYS_WRITE).Uint(uint64(fds[0])).In(make([]byte, n)).Int(int64(n)))
		return errno
	}
	if errno := send(4000); errno != netbsd.ENOBUFS {
		t.Errorf("a write of two clusters: got %v, want ENOBUFS", errno)
	}
	if errno := send(2000); errno != 0 {
		t.Errorf("a write of one: %v", errno)
	}
	socket := func() netbsd.Errno {
		_, errno := do(t, call(c, netbsd.SYS___SOCKET30).Int(netbsd.AF_INET).Int(netbsd.SOCK_DGRAM).Int(0))
		return errno
	}
	if errno := socket(); errno != netbsd.ENOBUFS {
		t.Errorf("a socket: got %v, want ENOBUFS", errno)
	}
	buf := make([]byte, 2000)
	do(t, call(c, netbsd.SYS_READ).Uint(uint64(fds[4])).Out(buf).Int(int64(len(buf))))
	if errno := socket(); errno != 0 {
		t.Errorf("a socket, once what was sent has been received: %v", errno)
	}
	if errno := socket(); errno != netbsd.ENOBUFS {
		t.Errorf("another socket: got %v, want ENOBUFS", errno)
	}
}
