package fakeserver_test

import (
	"context"
	"net"
	"net/netip"
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

// BenchmarkCarry carries bytes by TCP between fake kernels and real ones, if
// there are any, over a bus.
func BenchmarkCarry(b *testing.B) {
	const size = 8 << 20
	fake := func(b *testing.B) *host { return newHost(b, fakeserver.Config{Components: diffComponents}) }
	real := func(b *testing.B) *host { return realHost(b) }
	for _, bm := range []struct {
		name     string
		from, to func(*testing.B) *host
	}{
		{"real to real", real, real},
		{"fake to real", fake, real},
		{"real to fake", real, fake},
		{"fake to fake", fake, fake},
	} {
		for _, addr := range []string{"10.0.0.2:5000", "[2001:db8::2]:5000"} {
			b.Run(bm.name+" "+netip.MustParseAddrPort(addr).Addr().String(), func(b *testing.B) {
				w := wireOf(b, bm.from(b), bm.to(b))
				c, s := w.pair(familyOf(addr), addr)
				b.SetBytes(size)
				for b.Loop() {
					carry(b, w.a, c, w.b, s, size)
				}
			})
		}
	}
}
