package sysproxy_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
	"github.com/rumpkernel/rumpscript/sysproxy/recording"
)

// load reads a recording of a real kernel.
func load(tb testing.TB, name string) []recording.Entry {
	tb.Helper()
	f, err := os.Open("testdata/" + name + ".jsonl.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	all, err := recording.Read(z)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// meter ends a connection once a number of bytes have been written to it, by
// either side.
type meter struct {
	net.Conn
	left *atomic.Int64
}

func (m meter) Write(b []byte) (int, error) {
	left := m.left.Add(-int64(len(b)))
	if left > 0 {
		return m.Conn.Write(b)
	}
	n := 0
	if keep := int64(len(b)) + left; keep > 0 {
		n, _ = m.Conn.Write(b[:keep])
	}
	m.Conn.Close()
	return n, net.ErrClosed
}

// TestCutAtEveryByte ends the connection of a recorded session, the write on a
// broken pipe with its signal included, after each number of bytes.
func TestCutAtEveryByte(t *testing.T) {
	all := load(t, "sockets")
	begin := 0
	for i, e := range all {
		if e.Frame.Type == sysproxy.TypeRaise {
			begin = i - 20
		}
	}
	for all[begin].FromServer || all[begin].Frame.Type != sysproxy.TypeSyscall {
		begin++
	}
	session := append(append([]recording.Entry(nil), all[:3]...), all[begin:]...)
	var calls []recording.Entry // the requests
	for _, e := range session {
		if !e.FromServer && e.Frame.Type == sysproxy.TypeSyscall {
			calls = append(calls, e)
		}
	}
	calls = calls[:min(8, len(calls))]
	ctx := context.Background()
	play := func(limit int64) (used int64, err error) {
		var left atomic.Int64
		left.Store(limit)
		srv := &sysproxy.Server{Handler: recording.NewReplay(session)}
		defer srv.Close()
		d := sysproxy.Dialer{DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			srv.ServeConn(meter{theirs, &left})
			return meter{ours, &left}, nil
		}}
		c, err := d.Dial(ctx, "unix://recorded")
		if err != nil {
			return 0, err
		}
		defer c.Close()
		mem := make([]byte, 4096)
		for _, e := range calls {
			k := c.NewCall(e.Frame.Word)
			for i := range len(e.Frame.Data) / 8 {
				if v := arg(e.Frame, i); v >= 1<<16 && v < 1<<47 {
					k.Uint(k.Lend(mem, sysproxy.Read|sysproxy.Write))
				} else {
					k.Uint(v)
				}
			}
			if _, err := k.Do(ctx); err != nil {
				return 0, err
			}
		}
		child, err := c.Fork(ctx)
		if err == nil {
			child.Close()
		} else if errors.Is(err, sysproxy.CodeRforkFailed) {
			err = nil // no fork was recorded
		}
		return limit - left.Load(), err
	}
	total, err := play(1 << 40)
	if err != nil {
		t.Fatal(err)
	}
	if total < 1000 {
		t.Fatalf("the session has only %d bytes", total)
	}
	step := int64(1)
	if testing.Short() {
		step = 17
	}
	for n := int64(0); n < total; n += step {
		_, err := play(n)
		var te *sysproxy.TransportError
		var pe *sysproxy.ProtocolError
		if !errors.As(err, &te) && !errors.As(err, &pe) {
			t.Fatalf("cut after %d bytes of %d: %v", n, total, err)
		}
	}
}

// TestManyClients has 200 clients make 100 calls each, all of them at once.
func TestManyClients(t *testing.T) {
	const clients, calls = 200, 100
	var running atomic.Int64
	all := make(chan struct{})
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		if running.Add(1) == clients*calls {
			close(all)
		}
		select {
		case <-all:
		case <-ctx.Done():
			return 0, 0, 4
		}
		b := make([]byte, 8)
		if tr.Copyin(tr.Arg(0), b) != nil || tr.Copyout(tr.Arg(1), b) != nil {
			return 0, 0, 14
		}
		return tr.Arg(2), 0, 0
	}}
	url := serve(t, &sysproxy.Server{Handler: k})
	var wg sync.WaitGroup
	for i := range clients {
		c := dial(t, url)
		for j := range calls {
			wg.Go(func() {
				in, out := []byte{byte(i), byte(j), 3, 4, 5, 6, 7, 8}, make([]byte, 8)
				r, err := c.NewCall(3).In(in).Out(out).Int(int64(i*calls + j)).Do(t.Context())
				if err != nil || r.Errno != 0 || r.R0 != uint64(i*calls+j) || !bytes.Equal(in, out) {
					t.Errorf("client %d, call %d: %+v, %v", i, j, r, err)
				}
			})
		}
	}
	wg.Wait()
}

// dribble passes on one byte at a time.
type dribble struct{ net.Conn }

func (d dribble) Write(b []byte) (int, error) {
	for i := range b {
		if _, err := d.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(b), nil
}

func (d dribble) Read(b []byte) (int, error) { return d.Conn.Read(b[:min(1, len(b))]) }

// TestDribble sends everything in single bytes.
func TestDribble(t *testing.T) {
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		b := make([]byte, 300)
		if tr.Copyin(tr.Arg(0), b) != nil || tr.Copyout(tr.Arg(1), b) != nil {
			return 0, 0, 14
		}
		return 1, 2, 0
	}}
	srv := &sysproxy.Server{Handler: k, Wrap: func(nc net.Conn) net.Conn { return dribble{nc} }}
	d := local(t, srv)
	inner := d.DialContext
	d.DialContext = func(ctx context.Context, n, a string) (net.Conn, error) {
		nc, err := inner(ctx, n, a)
		return dribble{nc}, err
	}
	c := connect(t, d)
	for range 5 {
		in, out := bytes.Repeat([]byte("abc"), 100), make([]byte, 300)
		if r, err := c.NewCall(3).In(in).Out(out).Do(t.Context()); err != nil || r.R0 != 1 || r.R1 != 2 || !bytes.Equal(in, out) {
			t.Error(r, err)
		}
	}
}
