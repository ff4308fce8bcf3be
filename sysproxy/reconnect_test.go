package sysproxy_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// mortal is a server that can be killed and started again at the same place.
type mortal struct {
	t   *testing.T
	url string
	k   *kernel
	srv *sysproxy.Server
	end chan error
}

func newMortal(t *testing.T) *mortal {
	m := &mortal{t: t, url: "unix://" + filepath.Join(t.TempDir(), "s"), k: descriptors()}
	m.start()
	t.Cleanup(m.kill)
	return m
}

func (m *mortal) start() {
	l, err := sysproxy.Listen(context.Background(), m.url)
	if err != nil {
		m.t.Error(err)
		return
	}
	m.srv, m.end = &sysproxy.Server{Handler: m.k}, make(chan error, 1)
	go func(s *sysproxy.Server, end chan error) { end <- s.Serve(l) }(m.srv, m.end)
}

func (m *mortal) kill() {
	if m.srv != nil {
		m.srv.Close()
		<-m.end
		m.srv = nil
	}
}

func (m *mortal) dial(r sysproxy.Reconnect) *sysproxy.Client {
	m.t.Helper()
	c, err := (&sysproxy.Dialer{Reconnect: r}).Dial(m.t.Context(), m.url)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { c.Close() })
	return c
}

func TestReconnectNever(t *testing.T) {
	m := newMortal(t)
	c := m.dial(sysproxy.ReconnectNever())
	call(t, c, 1, 3, 333)
	m.kill()
	m.start()
	var te *sysproxy.TransportError
	for range 3 {
		if _, err := c.NewCall(2).Int(3).Do(t.Context()); !errors.As(err, &te) {
			t.Error(err)
		}
	}
}

func TestReconnectOnce(t *testing.T) {
	m := newMortal(t)
	c := m.dial(sysproxy.ReconnectOnce())
	call(t, c, 1, 3, 333)
	m.kill()
	m.start()
	if _, errno := call(t, c, 2, 3); errno != 9 {
		t.Errorf("the descriptor of the lost process has errno %d", errno)
	}
	call(t, c, 1, 3, 334)
	if v, _ := call(t, c, 2, 3); v != 334 {
		t.Error(v)
	}
	m.kill()
	if _, err := c.NewCall(2).Do(t.Context()); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
	m.start()
	call(t, c, 2, 3)
}

// TestReconnectAfterCancel loses a connection right after the context of the last
// call on it has ended.
func TestReconnectAfterCancel(t *testing.T) {
	m := newMortal(t)
	c := m.dial(sysproxy.ReconnectOnce())
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := c.NewCall(1).Int(3).Int(333).Do(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		m.kill()
		m.start()
		call(t, c, 1, 3, 333)
	}
}

func TestReconnectFor(t *testing.T) {
	m := newMortal(t)
	c := m.dial(sysproxy.ReconnectFor(100 * time.Millisecond))
	call(t, c, 1, 3, 333)
	m.kill()
	begin := time.Now()
	if _, err := c.NewCall(2).Do(t.Context()); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
	if d := time.Since(begin); d < 100*time.Millisecond || d > 5*time.Second {
		t.Errorf("tried for %v", d)
	}
	m.start()
	call(t, c, 2, 3)
}

func TestReconnectForever(t *testing.T) {
	m := newMortal(t)
	c := m.dial(sysproxy.ReconnectForever())
	m.kill()

	// The context ends it.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.NewCall(2).Do(ctx); err == nil {
		t.Error("no error")
	}

	// Many wait for one connection.
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if r, err := c.NewCall(1).Do(t.Context()); err != nil || r.Errno != 0 {
				t.Error(r, err)
			}
		})
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.NewCall(2).Do(short); err == nil {
		t.Error("no error")
	}
	m.start()
	wg.Wait()
	if n := m.srv.Conns(); n != 1 {
		t.Errorf("%d connections", n)
	}

	// Close ends it.
	m.kill()
	done := make(chan error, 1)
	go func() {
		_, err := c.NewCall(2).Do(context.Background())
		done <- err
	}()
	time.AfterFunc(20*time.Millisecond, func() { c.Close() })
	if err := <-done; !errors.Is(err, sysproxy.ErrClosed) {
		t.Error(err)
	}
}

// TestInFlightWhenLost checks that a call that was in flight is not repeated.
func TestInFlightWhenLost(t *testing.T) {
	var made atomic.Int32
	d := fakeServer(t,
		func(p *peer) { p.greet(); p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall); made.Add(1) },
		func(p *peer) {
			p.greet()
			for {
				f, ok := p.read()
				if !ok {
					return
				}
				made.Add(1)
				p.answer(f, 0, 0)
			}
		})
	d.Reconnect = sysproxy.ReconnectForever()
	c := connect(t, d)
	if _, err := c.NewCall(4).Do(t.Context()); err == nil {
		t.Error("no error")
	}
	if n := made.Load(); n != 1 {
		t.Errorf("the kernel has seen %d calls", n)
	}
	call(t, c, 4)
	if n := made.Load(); n != 2 {
		t.Errorf("the kernel has seen %d calls", n)
	}
	c.Close()
}

// TestCloseWhileDialing closes a client whose new connection hangs.
func TestCloseWhileDialing(t *testing.T) {
	d := fakeServer(t, func(p *peer) { p.greet() })
	first := d.DialContext
	dialing := make(chan struct{})
	calls := 0
	d.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if calls++; calls == 1 {
			return first(ctx, network, address)
		}
		close(dialing)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	d.Timeout = -1
	d.Reconnect = sysproxy.ReconnectForever()
	c := connect(t, d)
	go func() { <-dialing; c.Close() }()
	eventually(t, "the connection is lost", func() bool {
		_, err := c.NewCall(1).Do(t.Context())
		return errors.Is(err, sysproxy.ErrClosed)
	})
}

// OnLost is asked about lost connections, and about nothing else.
func TestOnLost(t *testing.T) {
	m := newMortal(t)
	why := errors.New("it was killed")
	asked := 0
	d := &sysproxy.Dialer{OnLost: func(lost error) error {
		asked++
		return errors.Join(why, lost)
	}}
	c, err := d.Dial(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.NewCall(20).Do(gone); errors.Is(err, why) {
		t.Errorf("a call that is not made has the error %v", err)
	}
	f, err := c.Prefork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.kill()
	dials := func() error { _, err := d.Dial(t.Context(), m.url); return err }
	for what, f := range map[string]func() error{
		"call":    func() error { _, err := c.NewCall(20).Do(t.Context()); return err },
		"prefork": func() error { _, err := c.Prefork(t.Context()); return err },
		"exec":    func() error { return c.Exec(t.Context(), "x") },
		"dial":    dials,
		"start":   func() error { _, err := f.Start(t.Context()); return err },
		"cancel":  func() error { return f.Cancel(t.Context()) },
	} {
		before := asked
		err := f()
		var lost *sysproxy.TransportError
		if !errors.Is(err, why) || !errors.As(err, &lost) || asked != before+1 {
			t.Errorf("%s: the error is %v; asked %d times", what, err, asked-before)
		}
	}
	c.Close()
	before := asked
	if _, err := c.NewCall(20).Do(t.Context()); !errors.Is(err, sysproxy.ErrClosed) || asked != before {
		t.Errorf("after Close the error is %v", err)
	}
}
