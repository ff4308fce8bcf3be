package sysproxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// errnoOf is what the C client makes of the error codes (sp_common.c: errmap).
var errnoOf = map[sysproxy.ErrorCode]syscall.Errno{
	sysproxy.CodeTryAgain:       syscall.EAGAIN,
	sysproxy.CodeAuth:           syscall.EPERM,
	sysproxy.CodeInvalidPrefork: syscall.ESRCH,
	sysproxy.CodeRforkFailed:    syscall.EIO,
	sysproxy.CodeInExec:         syscall.EBUSY,
	sysproxy.CodeNoMemory:       syscall.ENOMEM,
	sysproxy.CodeMalformed:      syscall.EINVAL,
}

func TestNoRumpKernel(t *testing.T) {
	for name, tc := range map[string]struct {
		script func(p *peer)
		want   string
	}{
		"hangs up":            {func(p *peer) {}, "closes the connection without a greeting"},
		"talks HTTP":          {func(p *peer) { io.WriteString(p.nc, "HTTP/1.1 400 Bad Request\r\n") }, `greets with "HTTP/1.1 400`},
		"talks and talks":     {func(p *peer) { p.nc.Write(bytes.Repeat([]byte("x"), 200)); p.ended() }, "overlong line"},
		"is of another time":  {func(p *peer) { io.WriteString(p.nc, "RUMPSP-1.0-NetBSD-9/amd64\n") }, "speaks version 1.0"},
		"is of another place": {func(p *peer) { io.WriteString(p.nc, "RUMPSP-0.4-NetBSD-9/sparc64\n") }, "a kernel for sparc64"},
		"says nothing":        {func(p *peer) { p.ended() }, "does not greet"},
	} {
		t.Run(name, func(t *testing.T) {
			d := fakeServer(t, tc.script)
			d.Timeout = 200 * time.Millisecond
			_, err := d.Dial(t.Context(), "unix://fake")
			var pe *sysproxy.ProtocolError
			if !errors.As(err, &pe) || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "unix://fake: ") {
				t.Errorf("error %v, want one that says %q", err, tc.want)
			}
		})
	}
}

func TestHandshakeFails(t *testing.T) {
	d := fakeServer(t,
		func(p *peer) {
			io.WriteString(p.nc, bannerLine)
			f, _ := p.read()
			p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: sysproxy.ClassError, Word: 2})
		},
		func(p *peer) {
			io.WriteString(p.nc, bannerLine)
			f, _ := p.read()
			p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: sysproxy.ClassResponse}, 12, 0, 0, 0)
		},
		func(p *peer) {
			io.WriteString(p.nc, bannerLine)
			p.read()
			p.ended()
		})
	_, err := d.Dial(t.Context(), "unix://fake")
	if !errors.Is(err, sysproxy.CodeAuth) || !errors.Is(err, syscall.EPERM) || !strings.Contains(err.Error(), "guest handshake refused") {
		t.Error(err)
	}
	_, err = d.Dial(t.Context(), "unix://fake")
	if err == nil || !strings.Contains(err.Error(), "guest handshake failed with error 12") {
		t.Error(err)
	}
	d.Timeout = 100 * time.Millisecond
	_, err = d.Dial(t.Context(), "unix://fake")
	var te *sysproxy.TransportError
	if !errors.As(err, &te) || !te.Timeout() {
		t.Error(err)
	}
	_, err = d.Dial(t.Context(), "unix://fake") // nobody is left
	if !errors.As(err, &te) || !errors.Is(err, syscall.ECONNREFUSED) || te.Timeout() {
		t.Error(err)
	}
}

// TestProgramName looks at what the handshake says.
func TestProgramName(t *testing.T) {
	k := &kernel{}
	d := local(t, &sysproxy.Server{Handler: k})
	d.Program = "ifconfig"
	connect(t, d)
	d.Program = ""
	connect(t, d)
	d.Program = "unwanted"
	if _, err := d.Dial(t.Context(), "unix://fake"); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.names[0] != "ifconfig" || k.names[1] == "" {
		t.Errorf("%q", k.names)
	}
}

// TestCallShape looks at a system call on the wire.
func TestCallShape(t *testing.T) {
	var got sysproxy.Frame
	c := connect(t, fakeServer(t, func(p *peer) {
		p.greet()
		got = p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		p.answer(got, 0, 0)
	}))
	if _, err := c.NewCall(0x7fffffff).Int(-1).Uint(1 << 63).In(nil).Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	// rump_server reads as many arguments as the call has, whatever was sent.
	if len(got.Data) != 64 || got.Word != 0x7fffffff || arg(got, 0) != 1<<64-1 || arg(got, 1) != 1<<63 || arg(got, 2) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestImpossibleCalls makes calls which must not reach the kernel.
func TestImpossibleCalls(t *testing.T) {
	c := connect(t, fakeServer(t, func(p *peer) { p.greet(); p.ended() }))
	many := c.NewCall(1)
	for range 17 {
		many.Int(0)
	}
	for what, k := range map[string]*sysproxy.Call{
		"a negative number":  c.NewCall(1 << 31),
		"too many arguments": many,
	} {
		if _, err := k.Do(t.Context()); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	c.NewCall(1).In(make([]byte, 10)).Discard()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	_, err := c.NewCall(3).Do(ctx)
	var ae *sysproxy.AbandonedError
	if !errors.As(err, &ae) || ae.Sent || !errors.Is(err, cause) || !strings.Contains(err.Error(), "system call 3 not made") {
		t.Error(err)
	}
}

// TestManyInFlight answers calls in the opposite order.
func TestManyInFlight(t *testing.T) {
	const n = 100
	c := connect(t, fakeServer(t, func(p *peer) {
		p.greet()
		var fs []sysproxy.Frame
		for range n {
			fs = append(fs, p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall))
		}
		for i := n - 1; i >= 0; i-- {
			if b := p.copyin(uint64(i), 8, arg(fs[i], 1)); !bytes.Equal(b, fs[i].Data[:8]) {
				t.Errorf("copyin of call %d: %x", i, b)
			}
			p.copyout(arg(fs[i], 2), fs[i].Data[:8]...)
			p.answer(fs[i], arg(fs[i], 0), 0)
		}
		p.ended()
	}))
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			in, out := []byte{byte(i), 0, 0, 0, 0, 0, 0, 0}, make([]byte, 8)
			r, err := c.NewCall(3).Int(int64(i)).In(in).Out(out).Do(t.Context())
			if err != nil || r.R0 != uint64(i) || !bytes.Equal(in, out) {
				t.Errorf("call %d: %+v, %v, %x", i, r, err, out)
			}
		})
	}
	wg.Wait()
	c.Close()
}

// TestBlockingCall makes calls while another one takes its time.
func TestBlockingCall(t *testing.T) {
	release := make(chan struct{})
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		if tr.Num == 3 {
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return uint64(tr.Num), 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if r, err := c.NewCall(3).Do(t.Context()); err != nil || r.R0 != 3 {
				t.Error(r, err)
			}
		})
	}
	for i := range 50 {
		if r, err := c.NewCall(20 + uint32(i)).Do(t.Context()); err != nil || r.R0 != uint64(20+i) {
			t.Fatal(r, err)
		}
	}
	close(release)
	wg.Wait()
}

// TestAbandoned ends the wait for a call by its context. The server then uses
// the memory that the call had lent, which by then belongs to the caller again.
// In one case the abandoned caller reads for all, in the other somebody else does.
func TestAbandoned(t *testing.T) {
	for name, others := range map[string]bool{"alone": false, "with another call in flight": true} {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan struct{}, 2)
			c := connect(t, fakeServer(t, func(p *peer) {
				p.greet()
				var other sysproxy.Frame
				if others {
					other = p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
					arrived <- struct{}{}
				}
				late := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
				arrived <- struct{}{}
				next := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
				for i := range 100 {
					if b := p.copyin(uint64(i), 8, arg(late, 0)); string(b) != "precious" {
						t.Errorf("the kernel sees %q", b)
					}
					p.copyout(arg(late, 1), 1, 2, 3, 4, 5, 6, 7, 8)
				}
				p.answer(next, 1, 0)
				p.answer(late, 2, 0)
				p.answer(p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall), 3, 0)
				if others {
					p.answer(other, 4, 0)
				}
				p.ended()
			}))
			var wg sync.WaitGroup
			if others {
				wg.Go(func() {
					if r, err := c.NewCall(209).Do(t.Context()); err != nil || r.R0 != 4 {
						t.Error(r, err)
					}
				})
				<-arrived
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-arrived; cancel() }()
			in, out := []byte("precious"), make([]byte, 8)
			_, err := c.NewCall(3).In(in).Out(out).Do(ctx)
			var ae *sysproxy.AbandonedError
			if !errors.As(err, &ae) || ae.Num != 3 || !ae.Sent || !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			wg.Go(func() {
				for i := range in { // -race tells if somebody else still uses it
					in[i], out[i] = 'x', 'y'
				}
			})
			if r, err := c.NewCall(4).Do(t.Context()); err != nil || r.R0 != 1 {
				t.Error(r, err)
			}
			if r, err := c.NewCall(5).Do(t.Context()); err != nil || r.R0 != 3 {
				t.Error(r, err)
			}
			wg.Wait()
			if string(out) != "yyyyyyyy" {
				t.Errorf("a late copyout has reached the caller: %q", out)
			}
			c.Close()
		})
	}
}

// TestAbandonedWhileCopiedOut has a context end in the middle of a copyout.
func TestAbandonedWhileCopiedOut(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rest := make(chan struct{})
	c := connect(t, fakeServer(t, func(p *peer) {
		p.greet()
		f := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		frame := sysproxy.Frame{Header: sysproxy.Header{Type: sysproxy.TypeCopyout},
			Data: copydata(1<<16, arg(f, 0), bytes.Repeat([]byte{7}, 1<<16)...)}.Append(nil)
		p.nc.Write(frame[:1<<15])
		cancel()
		<-rest
		p.nc.Write(frame[1<<15:])
		p.answer(f, 0, 0)
		p.answer(p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall), 9, 0)
	}))
	b := make([]byte, 1<<16)
	if _, err := c.NewCall(3).Out(b).Do(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	clear(b)
	close(rest)
	if r, err := c.NewCall(20).Do(t.Context()); err != nil || r.R0 != 9 {
		t.Error(r, err)
	}
	if !bytes.Equal(b, make([]byte, 1<<16)) {
		t.Error("the rest of the copyout has reached the caller")
	}
}

// TestManyAbandoned gives up on many calls at once and from all sides.
func TestManyAbandoned(t *testing.T) {
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		b := make([]byte, 64)
		for range 20 {
			if tr.Copyin(tr.Arg(0), b) != nil || tr.Copyout(tr.Arg(1), b) != nil {
				return 0, 0, 14
			}
		}
		return tr.Arg(2), 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 40 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*j%7)*100*time.Microsecond)
				in, out := bytes.Repeat([]byte{byte(j)}, 64), make([]byte, 64)
				r, err := c.NewCall(3).In(in).Out(out).Int(int64(j)).Do(ctx)
				cancel()
				switch {
				case err == nil:
					if r.Errno != 0 || r.R0 != uint64(j) || !bytes.Equal(in, out) {
						t.Errorf("%+v %x", r, out)
					}
				case !errors.Is(err, context.DeadlineExceeded):
					t.Error(err)
				}
				clear(in)
				clear(out)
			}
		})
	}
	wg.Wait()
	b := make([]byte, 64)
	if r, err := c.NewCall(3).In(b).Out(b).Int(42).Do(t.Context()); err != nil || r.R0 != 42 {
		t.Error(r, err)
	}
}

func TestClose(t *testing.T) {
	begun := make(chan struct{}, 10)
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		begun <- struct{}{}
		<-ctx.Done()
		return 0, 0, 4
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := c.NewCall(3).Out(make([]byte, 10)).Do(t.Context()); !errors.Is(err, sysproxy.ErrClosed) {
				t.Error(err)
			}
		})
	}
	for range 10 {
		<-begun
	}
	c.Close()
	wg.Wait()
	if _, err := c.NewCall(3).Do(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	c.Close()
	eventually(t, "the process is gone", func() bool { return k.living() == 0 })
}

// TestServerDoesNotRead has calls wait to be written, and a long copyin go on when
// the server reads again.
func TestServerDoesNotRead(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // more than a socket holds
	asked, read := make(chan struct{}), make(chan struct{})
	c := connect(t, fakeServer(t, func(p *peer) {
		p.greet()
		f := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		close(asked)
		p.send(sysproxy.Header{ReqNo: 7, Type: sysproxy.TypeCopyin}, copydata(uint64(len(data)), arg(f, 0))...)
		<-read
		// The short call may come before the long answer or after it, but not in it.
		var short sysproxy.Frame
		for range 2 {
			g, _ := p.read()
			if g.Class == sysproxy.ClassRequest {
				short = g
			} else if !bytes.Equal(g.Data, data) {
				t.Errorf("%d bytes came, not those that were lent", len(g.Data))
			}
		}
		p.answer(short, 1, 0)
		p.answer(f, 2, 0)
		p.ended()
	}))
	var wg sync.WaitGroup
	wg.Go(func() {
		if r, err := c.NewCall(4).In(data).Do(t.Context()); err != nil || r.R0 != 2 {
			t.Error(r, err)
		}
	})
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.NewCall(20).Do(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(read)
	wg.Wait()
	c.Close()
}

// TestServerDies has the server go away in the middle of everything.
func TestServerDies(t *testing.T) {
	for _, cut := range []func(p *peer, f sysproxy.Frame){
		func(p *peer, f sysproxy.Frame) {},
		func(p *peer, f sysproxy.Frame) { p.raw(sysproxy.Header{Len: 48, ReqNo: f.ReqNo, Class: 1, Type: 1}) },
		func(p *peer, f sysproxy.Frame) {
			p.raw(sysproxy.Header{Len: 24 + 16 + 8, Type: sysproxy.TypeCopyout}, copydata(8, arg(f, 0), 1, 2)...)
		},
	} {
		c := connect(t, fakeServer(t, func(p *peer) {
			p.greet()
			cut(p, p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall))
		}))
		_, err := c.NewCall(3).Out(make([]byte, 8)).Do(t.Context())
		var te *sysproxy.TransportError
		if !errors.As(err, &te) || !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "the kernel has gone away") {
			t.Error(err)
		}
	}
}

// TestRaise gets a signal as a value.
func TestRaise(t *testing.T) {
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		if tr.Num == 4 {
			tr.Raise(13)
			return 0, 0, 32
		}
		return 0, 0, 0
	}}
	d := local(t, &sysproxy.Server{Handler: k})
	var seen []int
	d.OnRaise = func(signo int) { seen = append(seen, signo) }
	c := connect(t, d)
	if r, err := c.NewCall(4).Do(t.Context()); err != nil || r.Signal != 13 || r.Errno != 32 {
		t.Error(r, err)
	}
	if r, err := c.NewCall(5).Do(t.Context()); err != nil || r.Signal != 0 {
		t.Error(r, err)
	}
	if len(seen) != 1 || seen[0] != 13 {
		t.Error(seen)
	}
}

// TestAnon lets the kernel ask for memory.
func TestAnon(t *testing.T) {
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		addr, err := tr.Anonmmap(tr.Arg(0))
		if err != nil || addr == 0 {
			return 0, 0, 12
		}
		tr.Copyout(addr, []byte("a property list"))
		return addr, 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r, err := c.NewCall(54).Int(5000).AllowAnon(8192).Do(t.Context())
			if err != nil || r.Errno != 0 || len(r.Anon) != 1 || r.Anon[0].Addr != r.R0 || r.R0%4096 != 0 ||
				len(r.Anon[0].Data) != 5000 || !bytes.HasPrefix(r.Anon[0].Data, []byte("a property list\x00")) {
				t.Error(r, err)
			}
		})
	}
	wg.Wait()
	for _, max := range []uint64{0, 4999} {
		if r, err := c.NewCall(54).Int(5000).AllowAnon(max).Do(t.Context()); err != nil || r.Errno != 12 || r.Anon != nil {
			t.Error(r, err)
		}
	}
	if r, err := c.NewCall(54).Int(-1).AllowAnon(8192).Do(t.Context()); err != nil || r.Errno != 12 {
		t.Error(r, err)
	}
}

// TestAnonAbandoned has the one call that may use anonymous memory be abandoned:
// the next one waits until the kernel is through with it.
func TestAnonAbandoned(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		if tr.Arg(0) == 1 {
			close(begun)
			<-release
		}
		addr, err := tr.Anonmmap(100)
		if err != nil || addr == 0 || tr.Copyout(addr, []byte{byte(tr.Arg(0))}) != nil {
			return 0, 0, 12
		}
		return 0, 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if _, err := c.NewCall(54).Int(1).AllowAnon(100).Do(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	var ae *sysproxy.AbandonedError
	if _, err := c.NewCall(54).Int(2).AllowAnon(100).Do(short); !errors.As(err, &ae) || ae.Sent {
		t.Error(err)
	}
	close(release)
	r, err := c.NewCall(54).Int(3).AllowAnon(100).Do(t.Context())
	if err != nil || len(r.Anon) != 1 || r.Anon[0].Data[0] != 3 {
		t.Error(r, err)
	}
}

// TestDebug looks at the lines of RUMPSP_DEBUG.
func TestDebug(t *testing.T) {
	var out bytes.Buffer
	d := fakeServer(t, func(p *peer) {
		p.greet()
		f := p.expect(sysproxy.ClassRequest, sysproxy.TypeSyscall)
		p.copyin(1, 2, arg(f, 0))
		p.answer(f, 0, 0)
		p.ended()
	})
	d.Program = "prog"
	d.Debug = sysproxy.Debug{Writer: &out, Payload: true}
	c := connect(t, d)
	if _, err := c.NewCall(4).In([]byte("hi")).Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Close()
	for _, want := range []string{
		"rump_sp unix://fake > req handshake #1 guest 5 bytes 70726f6700\n",
		"rump_sp unix://fake < resp handshake #1 4 bytes 00000000\n",
		"rump_sp unix://fake > req syscall #2 syscall=4 64 bytes ",
		"rump_sp unix://fake < req copyin #1 16 bytes 0200000000000000",
		"rump_sp unix://fake > resp copyin #1 2 bytes 6869\n",
		"rump_sp unix://fake < resp syscall #2 24 bytes ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

// TestDebugVariable looks at what RUMPSP_DEBUG does.
func TestDebugVariable(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = w
	defer func() { os.Stderr = old }()
	t.Setenv("RUMPSP_DEBUG", "1")
	c := connect(t, fakeServer(t, func(p *peer) { p.greet(); p.ended() }))
	c.Close()
	t.Setenv("RUMPSP_DEBUG", "0")
	c = connect(t, fakeServer(t, func(p *peer) { p.greet(); p.ended() }))
	c.Close()
	w.Close()
	b, _ := io.ReadAll(r)
	if strings.Count(string(b), "\n") != 2 || !strings.Contains(string(b), "> req handshake #1 guest") {
		t.Errorf("%q", b)
	}
}

// TestNoAllocations makes calls whose client side allocates nothing, against a
// server that allocates nothing either.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	d := fakeServer(t, func(p *peer) {
		p.greet()
		var req [88]byte
		resp := sysproxy.Frame{Header: sysproxy.Header{Class: sysproxy.ClassResponse, Type: sysproxy.TypeSyscall}, Data: make([]byte, 24)}.Append(nil)
		for {
			if _, err := io.ReadFull(p.r, req[:]); err != nil {
				return
			}
			copy(resp[8:16], req[8:16])
			p.nc.Write(resp)
		}
	})
	c := connect(t, d)
	in, out := make([]byte, 100), make([]byte, 100)
	for name, ctx := range map[string]context.Context{"background": context.Background(), "with cancel": t.Context()} {
		if n := testing.AllocsPerRun(1000, func() {
			if _, err := c.NewCall(3).Int(1).In(in).Out(out).String("a string").Do(ctx); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("context %s: %v allocations a call", name, n)
		}
	}
	c.Close()
}
