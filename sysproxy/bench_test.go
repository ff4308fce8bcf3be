package sysproxy_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// nullKernel returns from every call at once; call 1 copies its argument in and
// call 2 copies as much out.
type nullKernel struct{}

var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

func (nullKernel) Guest(context.Context, string) (sysproxy.Process, error) { return nullKernel{}, nil }
func (nullKernel) Fork(context.Context) (sysproxy.Process, error)          { return nullKernel{}, nil }
func (nullKernel) Exec(string)                                             {}
func (nullKernel) Exit()                                                   {}
func (nullKernel) Prompt(uint32, bool) bool                                { return true }
func (nullKernel) Syscall(ctx context.Context, t *sysproxy.Trap) (uint64, uint64, int) {
	n := t.Arg(1)
	b := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(b)
	switch t.Num {
	case 1:
		if t.Copyin(t.Arg(0), b[:n]) != nil {
			return 0, 0, 14
		}
	case 2:
		if t.Copyout(t.Arg(0), b[:n]) != nil {
			return 0, 0, 14
		}
	}
	return n, 0, 0
}

func serve(tb testing.TB, s *sysproxy.Server) string {
	tb.Helper()
	url := "unix://" + filepath.Join(tb.TempDir(), "s")
	l, err := sysproxy.Listen(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	tb.Cleanup(func() {
		s.Close()
		if err := <-done; err != sysproxy.ErrClosed {
			tb.Errorf("Serve: %v", err)
		}
	})
	return url
}

func dial(tb testing.TB, url string) *sysproxy.Client {
	tb.Helper()
	c, err := sysproxy.Dial(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

// floor is a bare ping-pong of in bytes and out bytes over a Unix socket.
func floor(b *testing.B, in, out int) {
	l, err := net.Listen("unix", filepath.Join(b.TempDir(), "s"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		p, q := make([]byte, in), make([]byte, out)
		for {
			if _, err := io.ReadFull(c, p); err != nil {
				return
			}
			if _, err := c.Write(q); err != nil {
				return
			}
		}
	}()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	p, q := make([]byte, in), make([]byte, out)
	for b.Loop() {
		if _, err := c.Write(p); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNull(b *testing.B) {
	b.Run("floor", func(b *testing.B) { floor(b, 24+64, 24+24) })
	b.Run("client", func(b *testing.B) {
		c := dial(b, serve(b, &sysproxy.Server{Handler: nullKernel{}}))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.NewCall(20).Do(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, n := range []int{4, 16} {
		b.Run(map[int]string{4: "client-4", 16: "client-16"}[n], func(b *testing.B) {
			c := dial(b, serve(b, &sysproxy.Server{Handler: nullKernel{}}))
			var wg sync.WaitGroup
			per := b.N / n
			b.ResetTimer()
			for range n {
				wg.Go(func() {
					for range per {
						if _, err := c.NewCall(20).Do(context.Background()); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func BenchmarkCopy(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		name := map[int]string{1 << 10: "1KiB", 64 << 10: "64KiB"}[size]
		buf := make([]byte, size)
		for num, dir := range []string{1: "in", 2: "out"} {
			if dir == "" {
				continue
			}
			b.Run(dir+"/"+name+"/floor", func(b *testing.B) {
				b.SetBytes(int64(size))
				floorCopy(b, dir == "in", size)
			})
			b.Run(dir+"/"+name+"/client", func(b *testing.B) {
				c := dial(b, serve(b, &sysproxy.Server{Handler: nullKernel{}}))
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					k := c.NewCall(uint32(num))
					if num == 1 {
						k.In(buf)
					} else {
						k.Out(buf)
					}
					r, err := k.Int(int64(size)).Do(context.Background())
					if err != nil || r.R0 != uint64(size) {
						b.Fatal(r, err)
					}
				}
			})
		}
	}
}

// floorCopy exchanges the bytes of the frames of a call that copies size bytes
// in or out, over a bare Unix socket.
func floorCopy(b *testing.B, in bool, size int) {
	l, err := net.Listen("unix", filepath.Join(b.TempDir(), "s"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	type step struct {
		client bool
		n      int
	}
	steps := []step{{true, 24 + 64}, {false, 24 + 16 + size + 24 + 24}}
	if in {
		steps = []step{{true, 24 + 64}, {false, 24 + 16}, {true, 24 + size}, {false, 24 + 24}}
	}
	play := func(c net.Conn, client bool, buf []byte) error {
		for _, s := range steps {
			var err error
			if s.client == client {
				binary.LittleEndian.PutUint64(buf, uint64(s.n))
				_, err = c.Write(buf[:s.n])
			} else {
				_, err = io.ReadFull(c, buf[:s.n])
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		buf := make([]byte, size+1024)
		for play(c, false, buf) == nil {
		}
	}()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	buf := make([]byte, size+1024)
	for b.Loop() {
		if err := play(c, true, buf); err != nil {
			b.Fatal(err)
		}
	}
}
