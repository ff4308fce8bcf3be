package sysproxy_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// echo returns its first argument.
func echo(_ context.Context, t *sysproxy.Trap, _ *process) (uint64, uint64, int) {
	return t.Arg(0), 0, 0
}

// probe makes a system call by hand and reports whether the connection is good.
func (p *peer) probe() bool {
	p.send(sysproxy.Header{ReqNo: 999, Type: sysproxy.TypeSyscall, Word: 20}, bytes.Repeat([]byte{5}, 8)...)
	f, ok := p.read()
	return ok && f.ReqNo == 999 && f.Class == sysproxy.ClassResponse && arg(f, 1) == 0x0505050505050505
}

// TestErrorsAsRecorded does by hand what raw.py did to the real rump_server.
func TestErrorsAsRecorded(t *testing.T) {
	const req, resp, errc = sysproxy.ClassRequest, sysproxy.ClassResponse, sysproxy.ClassError
	type header = sysproxy.Header
	abc := []byte("abc\x00")
	for _, tc := range []struct {
		name   string
		guest  bool // the handshake comes first
		header header
		data   []byte
		answer *header // nil for none
		ends   bool
	}{
		{"system call before the handshake", false, header{ReqNo: 1, Type: 1, Word: 20}, nil, &header{Len: 24, ReqNo: 1, Class: errc, Word: 2}, true},
		{"handshake of kind 1 (authentication)", false, header{ReqNo: 1, Word: 1}, abc, &header{Len: 24, ReqNo: 1, Class: errc, Word: 2}, true},
		{"handshake of kind 9", false, header{ReqNo: 1, Word: 9}, abc, &header{Len: 24, ReqNo: 1, Class: errc, Word: 2}, true},
		{"exec handshake at first", false, header{ReqNo: 1, Word: 3}, abc, &header{Len: 24, ReqNo: 1, Class: errc, Word: 2}, true},
		{"fork handshake with an unknown cookie", false, header{ReqNo: 1, Word: 2}, append(bytes.Repeat([]byte{1}, 16), 0, 0, 0, 0), &header{Len: 24, ReqNo: 1, Class: errc, Word: 3}, true},
		{"fork handshake of a wrong length", false, header{ReqNo: 1, Word: 2}, make([]byte, 6), &header{Len: 24, ReqNo: 1, Class: errc, Word: 7}, true},
		{"guest handshake twice", true, header{ReqNo: 2}, abc, &header{Len: 24, ReqNo: 2, Class: errc, Word: 7}, true},
		{"unknown type 99", true, header{ReqNo: 2, Type: 99}, nil, &header{Len: 24, ReqNo: 2, Class: errc, Word: 7}, false},
		{"unknown class 7", true, header{ReqNo: 2, Class: 7, Type: 1, Word: 20}, nil, &header{Len: 24, ReqNo: 2, Class: errc, Word: 7}, false},
		{"unknown class before the handshake", false, header{ReqNo: 2, Class: 7}, nil, &header{Len: 24, ReqNo: 2, Class: errc, Word: 7}, false},
		{"a client that sends a copyin request", true, header{ReqNo: 2, Type: 2}, make([]byte, 16), &header{Len: 24, ReqNo: 2, Class: errc, Word: 7}, false},
		{"a response nobody waits for", true, header{ReqNo: 77, Class: resp, Type: 2}, make([]byte, 8), nil, false},
		{"frame length 10", true, header{Len: 10, ReqNo: 2, Type: 1, Word: 20}, nil, nil, true},
		{"frame length 0", true, header{Len: 0, ReqNo: 2, Type: 1}, nil, nil, true},
		{"absurd frame length", true, header{Len: 1 << 60, ReqNo: 2, Type: 1}, nil, nil, true},
		{"prefork", true, header{ReqNo: 2, Type: 7}, nil, &header{Len: 40, ReqNo: 2, Class: resp, Type: 7}, false},
		{"system call 500", true, header{ReqNo: 2, Type: 1, Word: 500}, make([]byte, 64), &header{Len: 48, ReqNo: 2, Class: resp, Type: 1}, false},
		{"system call 0xffffffff without arguments", true, header{ReqNo: 2, Type: 1, Word: 1<<32 - 1}, nil, &header{Len: 48, ReqNo: 2, Class: resp, Type: 1}, false},
		{"exec handshake", true, header{ReqNo: 2, Word: 3}, []byte("xyz\x00"), &header{Len: 28, ReqNo: 2, Class: resp}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := &kernel{syscall: echo}
			srv := &sysproxy.Server{Handler: k}
			defer srv.Close()
			bystander := rawClient(t, srv, true)
			p := rawClient(t, srv, tc.guest)
			if tc.header.Len == 0 && tc.name != "frame length 0" {
				tc.header.Len = 24 + uint64(len(tc.data))
			}
			p.raw(tc.header, tc.data...)
			if tc.answer != nil {
				if f, ok := p.read(); !ok || f.Header != *tc.answer {
					t.Errorf("answer %+v, want %+v", f.Header, *tc.answer)
				}
			}
			switch {
			case tc.ends:
				if !p.ended() {
					t.Error("the connection stays")
				}
			case tc.guest:
				if !p.probe() {
					t.Error("the connection is of no more use")
				}
			}
			if !bystander.probe() {
				t.Error("another connection is affected")
			}
		})
	}
}

// TestNoHandshake has clients say nothing, or not all of it, in time.
func TestNoHandshake(t *testing.T) {
	srv := &sysproxy.Server{Handler: &kernel{syscall: echo}, Timeout: 300 * time.Millisecond}
	defer srv.Close()
	silent := rawClient(t, srv, false)
	half := rawClient(t, srv, false)
	half.nc.Write(sysproxy.Header{Len: 28}.Append(nil)[:20])
	stalling := rawClient(t, srv, true)
	stalling.raw(sysproxy.Header{Len: 88, Type: sysproxy.TypeSyscall}, 1, 2, 3)
	idle := rawClient(t, srv, true)
	for name, p := range map[string]*peer{"silent": silent, "half": half, "stalling": stalling} {
		if !p.ended() {
			t.Errorf("%s: the connection stays", name)
		}
	}
	if !idle.probe() {
		t.Error("an idle client was cut off")
	}
}

// TestCopyinLies has a client answer a copyin in all wrong ways.
func TestCopyinLies(t *testing.T) {
	t.Run("prompt", func(t *testing.T) { copyinLies(t, true) })
	t.Run("not prompt", func(t *testing.T) { copyinLies(t, false) })
}

func copyinLies(t *testing.T, prompt bool) {
	resp := func(no, n uint64) sysproxy.Header {
		return sysproxy.Header{Len: 24 + n, ReqNo: no, Class: sysproxy.ClassResponse, Type: sysproxy.TypeCopyin}
	}
	for _, tc := range []struct {
		name   string
		answer func(p *peer, no uint64)
		errno  int // of the call; -1 if the connection ends
	}{
		{"too short", func(p *peer, no uint64) { p.raw(resp(no, 7), make([]byte, 7)...) }, 14},
		{"empty", func(p *peer, no uint64) { p.raw(resp(no, 0)) }, 14},
		{"too long", func(p *peer, no uint64) { p.raw(resp(no, 9), make([]byte, 9)...) }, -1},
		{"absurdly long", func(p *peer, no uint64) { p.raw(resp(no, 1<<60)) }, -1},
		{"an error", func(p *peer, no uint64) {
			p.send(sysproxy.Header{ReqNo: no, Class: sysproxy.ClassError, Word: 6})
			p.expect(sysproxy.ClassError, 0)
			p.raw(resp(no, 8), make([]byte, 8)...)
		}, 0},
		{"another one before", func(p *peer, no uint64) {
			p.raw(resp(no+1000, 8), make([]byte, 8)...)
			p.raw(resp(no, 8), make([]byte, 8)...)
		}, 0},
		{"twice", func(p *peer, no uint64) {
			p.raw(resp(no, 8), make([]byte, 8)...)
			p.raw(resp(no, 8), bytes.Repeat([]byte{1}, 8)...)
		}, 0},
		{"more than anybody asks for, unasked", func(p *peer, no uint64) { p.raw(resp(no+1000, 2<<20)) }, -1},
		{"not at all", func(p *peer, no uint64) { p.nc.Close() }, -1},
		{"half", func(p *peer, no uint64) { p.raw(resp(no, 8), 1, 2, 3, 4); p.nc.Close() }, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			errs := make(chan error, 1)
			k := &kernel{prompt: prompt, syscall: func(_ context.Context, tr *sysproxy.Trap, _ *process) (uint64, uint64, int) {
				guarded := bytes.Repeat([]byte{9}, 24)
				err := tr.Copyin(4096, guarded[8:16])
				for i, b := range guarded {
					if (i < 8 || i >= 16) && b != 9 {
						t.Error("bytes outside the buffer were changed")
					}
				}
				errs <- err
				if err != nil {
					return 0, 0, 14
				}
				return 0, 0, 0
			}}
			srv := &sysproxy.Server{Handler: k}
			defer srv.Close()
			p := rawClient(t, srv, true)
			p.send(sysproxy.Header{ReqNo: 2, Type: sysproxy.TypeSyscall, Word: 4})
			f := p.expect(sysproxy.ClassRequest, sysproxy.TypeCopyin)
			if !bytes.Equal(f.Data, copydata(8, 4096)) {
				t.Errorf("%x", f.Data)
			}
			tc.answer(p, f.ReqNo)
			err := <-errs
			if want := tc.errno != 0; (err != nil) != want || want && !errors.Is(err, sysproxy.ErrFault) {
				t.Errorf("Copyin: %v", err)
			}
			if tc.errno < 0 {
				p.ended()
				eventually(t, "the process is gone", func() bool { return k.living() == 0 })
				return
			}
			if f := p.expect(sysproxy.ClassResponse, sysproxy.TypeSyscall); int(binary.LittleEndian.Uint32(f.Data)) != tc.errno {
				t.Errorf("errno %d", f.Data[0])
			}
		})
	}
}

// TestFlood has a client send more than is good and read nothing.
func TestFlood(t *testing.T) {
	for name, frame := range map[string]sysproxy.Frame{
		"requests that are refused":      {Header: sysproxy.Header{Type: 99}},
		"system calls":                   {Header: sysproxy.Header{Type: sysproxy.TypeSyscall}, Data: make([]byte, 64)},
		"system calls that copy out":     {Header: sysproxy.Header{Type: sysproxy.TypeSyscall, Word: 3}, Data: make([]byte, 64)},
		"responses nobody waits for":     {Header: sysproxy.Header{Class: 1, Type: 2}, Data: make([]byte, 4096)},
		"preforks that nobody claims":    {Header: sysproxy.Header{Type: sysproxy.TypePrefork}},
		"system calls that ask, unheard": {Header: sysproxy.Header{Type: sysproxy.TypeSyscall, Word: 4}, Data: make([]byte, 64)},
	} {
		t.Run(name, func(t *testing.T) {
			k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
				switch tr.Num {
				case 3:
					tr.Copyout(1<<20, make([]byte, 1<<20))
				case 4:
					tr.Copyin(1<<20, make([]byte, 1<<10))
				}
				return tr.Arg(0), 0, 0
			}}
			srv := &sysproxy.Server{Handler: k, Timeout: 400 * time.Millisecond}
			defer srv.Close()
			bystander := rawClient(t, srv, true)
			p := rawClient(t, srv, true)
			var wire []byte
			for len(wire) < 64<<10 {
				wire = frame.Append(wire)
			}
			p.nc.SetWriteDeadline(time.Now().Add(600 * time.Millisecond))
			for range 400 {
				if _, err := p.nc.Write(wire); err != nil {
					break
				}
			}
			if !bystander.probe() {
				t.Error("another connection is affected")
			}
			p.nc.Close()
			eventually(t, "its process is gone", func() bool { return srv.Conns() == 1 })
			if n := k.living(); n > 1+64 {
				t.Errorf("%d processes are left", n)
			}
		})
	}
}

// TestUnclaimedFork lets forks expire.
func TestUnclaimedFork(t *testing.T) {
	k := &kernel{syscall: echo}
	srv := &sysproxy.Server{Handler: k, Timeout: 400 * time.Millisecond, MaxForks: 3}
	defer srv.Close()
	c := connect(t, local(t, srv))
	var forks []*sysproxy.Fork
	for range 3 {
		f, err := c.Prefork(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		forks = append(forks, f)
	}
	_, err := c.Prefork(t.Context())
	if !errors.Is(err, sysproxy.CodeNoMemory) && k.living() > 3 { // unless one has expired already
		t.Errorf("the fourth fork: %v", err)
	}
	eventually(t, "the forks are gone", func() bool { return k.living() == 1 })
	if _, err := forks[0].Start(t.Context()); !errors.Is(err, sysproxy.CodeInvalidPrefork) {
		t.Error(err)
	}
}

// TestCloseEndsForks closes a server that has unclaimed forks and running calls.
func TestCloseEndsForks(t *testing.T) {
	begun := make(chan struct{})
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		close(begun)
		<-ctx.Done()
		return 0, 0, 4
	}}
	srv := &sysproxy.Server{Handler: k}
	c := connect(t, local(t, srv))
	if _, err := c.Prefork(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := c.NewCall(3).Do(context.Background())
		done <- err
	}()
	<-begun
	srv.Close()
	if n := k.living(); n != 0 {
		t.Errorf("%d processes live on", n)
	}
	if err := <-done; !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// TestMaxConns fills a server.
func TestMaxConns(t *testing.T) {
	for _, max := range []int{0, 3} {
		srv := &sysproxy.Server{Handler: &kernel{syscall: echo}, MaxConns: max}
		d := local(t, srv)
		if max == 0 {
			max = 255
		}
		var last *sysproxy.Client
		for range max {
			last = connect(t, d)
		}
		if _, err := d.Dial(t.Context(), "unix://fake"); err == nil || !strings.Contains(err.Error(), "closes the connection without a greeting: no rump kernel, or a full one") {
			t.Error(err)
		}
		last.Close()
		eventually(t, "there is room", func() bool { return srv.Conns() == max-1 })
		connect(t, d)
	}
}

// TestLimitsOfCalls counts how many calls run at once.
func TestLimitsOfCalls(t *testing.T) {
	for name, tc := range map[string]struct {
		maxCalls, maxConn int
		want              int
	}{
		"as rump_server, a connection": {0, 0, 128},
		"as rump_server, all":          {128, 0, 128},
		"few a connection":             {0, 2, 4},
		"few":                          {3, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			running, most := 0, 0
			release := make(chan struct{})
			k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				<-release
				mu.Lock()
				running--
				mu.Unlock()
				return tr.Arg(0), 0, 0
			}}
			srv := &sysproxy.Server{Handler: k, MaxCalls: tc.maxCalls, MaxConnCalls: tc.maxConn}
			d := local(t, srv)
			conns := 2
			if name == "as rump_server, a connection" {
				conns = 1
			}
			var wg sync.WaitGroup
			for range conns {
				c := connect(t, d)
				for i := range 300 {
					wg.Go(func() {
						if r, err := c.NewCall(3).Int(int64(i)).Do(t.Context()); err != nil || r.R0 != uint64(i) {
							t.Error(r, err)
						}
					})
				}
			}
			now := func() int { mu.Lock(); defer mu.Unlock(); return running }
			eventually(t, "as many run as may", func() bool { return now() == tc.want })
			close(release)
			wg.Wait()
			mu.Lock()
			defer mu.Unlock()
			if most != tc.want {
				t.Errorf("%d calls ran at once, want %d", most, tc.want)
			}
		})
	}
}

// TestMaxQueued has more calls wait than may.
func TestMaxQueued(t *testing.T) {
	release := make(chan struct{})
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		<-release
		return 0, 0, 0
	}}
	srv := &sysproxy.Server{Handler: k, MaxConnCalls: 2, MaxQueued: 3}
	defer srv.Close()
	p := rawClient(t, srv, true)
	for i := range 6 {
		p.send(sysproxy.Header{ReqNo: uint64(i), Type: sysproxy.TypeSyscall}, make([]byte, 64)...)
	}
	if f := p.expect(sysproxy.ClassError, 0); f.ReqNo != 5 || f.Word != uint32(sysproxy.CodeTryAgain) {
		t.Errorf("%+v", f)
	}
	close(release)
	for range 5 {
		p.expect(sysproxy.ClassResponse, sysproxy.TypeSyscall)
	}
}

// TestTrap calls everything that a Trap offers.
func TestTrap(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 20<<10) // more than one copyout has
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		switch tr.Num {
		case 1:
			s, complete, err := tr.CopyinString(tr.Arg(0), int(tr.Arg(1)))
			if err != nil {
				return 0, 0, 14
			}
			if tr.CopyoutString(tr.Arg(2), s) != nil {
				return 0, 0, 14
			}
			if !complete {
				return 0, 0, 63
			}
			return uint64(len(s)), 7, 0
		case 2:
			if tr.Copyout(tr.Arg(0), big) != nil || tr.Copyout(0, nil) != nil || tr.Copyin(0, nil) != nil {
				return 0, 0, 14
			}
		case 3:
			tr.Reply(1, 2, 3)
			tr.Reply(4, 5, 6)
			tr.Refuse(sysproxy.CodeTryAgain)
			return 7, 8, 9
		case 4:
			tr.Refuse(sysproxy.CodeNoMemory)
		case 5:
			if tr.Arg(7) != 0 || tr.Arg(8) != 0 || tr.Arg(-1) != 0 || tr.Arg(math.MaxInt) != 0 {
				return 0, 0, 22
			}
		case 6:
			if _, _, err := tr.CopyinString(0, sysproxy.MaxCopy+1); err != sysproxy.ErrFault {
				return 0, 0, 22
			}
			if s, complete, err := tr.CopyinString(0, -1); s != "" || complete || err != nil {
				return 0, 0, 22
			}
			if tr.Copyin(0, make([]byte, sysproxy.MaxCopy+1)) != sysproxy.ErrFault {
				return 0, 0, 22
			}
		}
		return 0, 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	b := make([]byte, 8)
	if r, err := c.NewCall(1).String("path").Int(100).Out(b).Do(t.Context()); err != nil || r.Errno != 0 || r.R0 != 4 || r.R1 != 7 || string(b) != "path\x00\x00\x00\x00" {
		t.Error(r, err, b)
	}
	if r, err := c.NewCall(1).String("a longer path").Int(3).Out(b).Do(t.Context()); err != nil || r.Errno != 63 || string(b[:4]) != "a l\x00" {
		t.Error(r, err, b)
	}
	b = make([]byte, len(big))
	if r, err := c.NewCall(2).Out(b).Do(t.Context()); err != nil || r.Errno != 0 || !bytes.Equal(b, big) {
		t.Error(r, err)
	}
	if r, err := c.NewCall(3).Do(t.Context()); err != nil || r.R0 != 1 || r.R1 != 2 || r.Errno != 3 {
		t.Error(r, err)
	}
	if r, err := c.NewCall(4).Do(t.Context()); !errors.Is(err, sysproxy.CodeNoMemory) {
		t.Error(r, err)
	}
	for _, num := range []uint32{5, 6} {
		if r, err := c.NewCall(num).Do(t.Context()); err != nil || r.Errno != 0 {
			t.Error(num, r, err)
		}
	}
}

// TestListen replaces a dead server's socket, and no other file.
func TestListen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	addr, _ := net.ResolveUnixAddr("unix", path)
	dead, err := net.ListenUnix("unix", addr)
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if _, err := sysproxy.Listen(t.Context(), "unix://"+path); err == nil {
		t.Error("a live server's socket was taken")
	}
	dead.Close()
	l, err := sysproxy.Listen(t.Context(), "unix://"+path)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Error("the socket is left over")
	}
	os.WriteFile(path, []byte("precious"), 0o600)
	if _, err := sysproxy.Listen(t.Context(), "unix://"+path); err == nil {
		t.Error("a file was taken")
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("a file was removed")
	}
	srv := &sysproxy.Server{Handler: &kernel{syscall: echo}}
	l, err = sysproxy.Listen(t.Context(), "tcp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	c, err := sysproxy.Dial(t.Context(), "tcp://"+l.Addr().String()+"/")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := c.NewCall(20).Int(3).Do(t.Context()); err != nil || r.R0 != 3 {
		t.Error(r, err)
	}
	srv.Close()
	if err := <-done; err != sysproxy.ErrClosed {
		t.Error(err)
	}
	c.Close()
	l, _ = sysproxy.Listen(t.Context(), "tcp://127.0.0.1:0")
	if err := srv.Serve(l); err != sysproxy.ErrClosed {
		t.Error(err)
	}
}

// Calls of TestPromptNextToLocks: one that waits for memory and holds a lock, and one
// that takes the lock.
const (
	firstLocked = 1000
	lockedCall  = 1001
	lockingCall = 1002
)

// TestPromptNextToLocks makes calls that would run where they were read, next to
// others that have what these want.
func TestPromptNextToLocks(t *testing.T) {
	var mu sync.Mutex
	k := &kernel{prompt: true, syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		mu.Lock()
		defer mu.Unlock()
		if tr.Num == lockedCall && tr.Copyin(tr.Arg(0), make([]byte, 8)) != nil {
			return 0, 0, 14
		}
		return 0, 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for range 8 {
		for _, num := range []uint32{lockedCall, lockingCall} {
			wg.Go(func() {
				for range 100 {
					if r, err := c.NewCall(num).In(make([]byte, 8)).Do(ctx); err != nil || r.Errno != 0 {
						t.Errorf("call %d: %+v, %v", num, r, err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
}

// TestCloseAnswersNothing ends a server while calls of many clients wait. They end
// as well, and what they return is nobody's answer.
func TestCloseAnswersNothing(t *testing.T) {
	begun := make(chan struct{}, 50)
	k := &kernel{syscall: func(ctx context.Context, _ *sysproxy.Trap, _ *process) (uint64, uint64, int) {
		begun <- struct{}{}
		<-ctx.Done()
		return 0, 0, 4
	}}
	for range 10 {
		srv := &sysproxy.Server{Handler: k}
		var wg sync.WaitGroup
		for range cap(begun) {
			c := connect(t, local(t, srv))
			wg.Go(func() {
				var lost *sysproxy.TransportError
				if r, err := c.NewCall(3).Do(t.Context()); !errors.As(err, &lost) {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		for range cap(begun) {
			<-begun
		}
		srv.Close()
		wg.Wait()
	}
}

// TestPrompt makes calls that run where they were read.
func TestPrompt(t *testing.T) {
	k := &kernel{prompt: true, syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		b := make([]byte, tr.Arg(3))
		if tr.Copyin(tr.Arg(0), b) != nil || tr.Copyout(tr.Arg(1), b) != nil || tr.Copyin(tr.Arg(0), b) != nil {
			return 0, 0, 14
		}
		return tr.Arg(2), 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k, MaxConnCalls: 5}))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for j := range 30 {
				size := []int{1, 5000, 200000}[(i+j)%3]
				in, out := bytes.Repeat([]byte{byte(i), byte(j)}, size), make([]byte, 2*size)
				r, err := c.NewCall(3).In(in).Out(out).Int(int64(j)).Int(int64(2 * size)).Do(t.Context())
				if err == nil && r.Errno == 14 {
					continue // the exec has ended it
				}
				if err != nil || r.Errno != 0 || r.R0 != uint64(j) || !bytes.Equal(in, out) {
					t.Errorf("call %d.%d: %+v, %v", i, j, r, err)
				}
			}
		})
	}
	if err := c.Exec(t.Context(), "other"); err != nil {
		t.Error(err)
	}
	if child, err := c.Fork(t.Context()); err != nil {
		t.Error(err)
	} else {
		child.Close()
	}
	wg.Wait()
	c.Close()
	eventually(t, "the processes are gone", func() bool { return k.living() == 0 })
}
