package fakeserver_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// BenchmarkStartStop makes a kernel with everything in it, connects, makes one
// call and ends it.
func BenchmarkStartStop(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		k, err := fakeserver.New(fakeserver.Config{})
		if err != nil {
			b.Fatal(err)
		}
		c, err := (&sysproxy.Dialer{DialContext: k.DialContext}).Dial(context.Background(), k.URL())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := call(c, netbsd.SYS_GETPID).Do(context.Background()); err != nil {
			b.Fatal(err)
		}
		c.Close()
		k.Close()
	}
}

func benchNull(b *testing.B, c *sysproxy.Client) {
	for b.Loop() {
		if _, err := call(c, netbsd.SYS_GETPID).Do(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNull makes calls that do nothing within the process.
func BenchmarkNull(b *testing.B) {
	_, c := start(b, fakeserver.Config{})
	benchNull(b, c)
}

// BenchmarkNullUnix makes them over a Unix socket.
func BenchmarkNullUnix(b *testing.B) {
	k, _ := start(b, fakeserver.Config{})
	l, err := net.Listen("unix", filepath.Join(b.TempDir(), "s"))
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- k.Serve(context.Background(), l) }()
	c, err := sysproxy.Dial(context.Background(), "unix://"+l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	benchNull(b, c)
	c.Close()
	k.Close()
	if err := <-done; err != nil {
		b.Error(err)
	}
}

// BenchmarkWrite64K writes to a file on tmpfs within the process.
func BenchmarkWrite64K(b *testing.B) {
	_, c := start(b, fakeserver.Config{})
	fd, errno := do(b, call(c, netbsd.SYS_OPEN).String("/tmp/f").Int(netbsd.O_RDWR|netbsd.O_CREAT).Int(0o644))
	if errno != 0 {
		b.Fatal(errno)
	}
	buf := make([]byte, 64<<10)
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		if _, err := call(c, netbsd.SYS_PWRITE).Int(int64(fd)).In(buf).Int(int64(len(buf))).Int(0).Int(0).Do(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNullReal makes calls that do nothing on a real kernel, if there is one.
func BenchmarkNullReal(b *testing.B) {
	benchNull(b, dialReal(b))
}
