package sysproxy_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// descriptors is a kernel whose call 1 opens a descriptor and 2 reads one.
func descriptors() *kernel {
	return &kernel{syscall: func(_ context.Context, t *sysproxy.Trap, p *process) (uint64, uint64, int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch t.Num {
		case 1:
			p.fd[t.Arg(0)] = t.Arg(1)
		case 2:
			v, ok := p.fd[t.Arg(0)]
			if !ok {
				return 0, 0, 9
			}
			return v, 0, 0
		}
		return 0, 0, 0
	}}
}

// call makes a call that must succeed.
func call(t *testing.T, c *sysproxy.Client, num uint32, args ...int64) (r0 uint64, errno int) {
	t.Helper()
	k := c.NewCall(num)
	for _, a := range args {
		k.Int(a)
	}
	r, err := k.Do(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r.R0, r.Errno
}

func TestFork(t *testing.T) {
	k := descriptors()
	srv := &sysproxy.Server{Handler: k}
	parent := connect(t, local(t, srv))
	call(t, parent, 1, 3, 333)
	f, err := parent.Prefork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	call(t, parent, 1, 4, 444) // after the fork: the child does not have it
	child, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer child.Close()
	if v, errno := call(t, child, 2, 3); v != 333 || errno != 0 {
		t.Error(v, errno)
	}
	if _, errno := call(t, child, 2, 4); errno != 9 {
		t.Error(errno)
	}
	if _, err := f.Start(t.Context()); !errors.Is(err, sysproxy.CodeInvalidPrefork) {
		t.Errorf("a second child of one fork: %v", err)
	}

	// A child outlives its parent, and a fork too.
	f, err = parent.Prefork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	parent.Close()
	eventually(t, "the parent is gone", func() bool { return srv.Conns() == 1 })
	orphan, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer orphan.Close()
	if v, _ := call(t, orphan, 2, 4); v != 444 {
		t.Error(v)
	}
	grandchild, err := child.Fork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer grandchild.Close()
	if v, _ := call(t, grandchild, 2, 3); v != 333 {
		t.Error(v)
	}
	if n := k.living(); n != 3 {
		t.Errorf("%d processes live", n)
	}
}

func TestForkCancel(t *testing.T) {
	k := descriptors()
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	f, err := c.Prefork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := k.living(); n != 2 {
		t.Errorf("%d processes live", n)
	}
	if err := f.Cancel(t.Context()); err != nil {
		t.Error(err)
	}
	eventually(t, "the child is gone", func() bool { return k.living() == 1 })
	if _, err := f.Start(t.Context()); !errors.Is(err, sysproxy.CodeInvalidPrefork) {
		t.Error(err)
	}
	if err := f.Cancel(t.Context()); !errors.Is(err, sysproxy.CodeInvalidPrefork) {
		t.Error(err)
	}
	call(t, c, 1, 1, 1)
}

func TestForkFails(t *testing.T) {
	k := descriptors()
	k.fork = func() error { return errors.New("no more processes") }
	c := connect(t, local(t, &sysproxy.Server{Handler: k}))
	if _, err := c.Fork(t.Context()); !errors.Is(err, sysproxy.CodeRforkFailed) {
		t.Error(err)
	}
	call(t, c, 1, 1, 1)
}

// TestExec has a process execute while its calls are running.
func TestExec(t *testing.T) {
	begun := make(chan struct{}, 200)
	k := &kernel{syscall: func(ctx context.Context, tr *sysproxy.Trap, p *process) (uint64, uint64, int) {
		if tr.Num == 3 {
			begun <- struct{}{}
			<-ctx.Done()
			return 0, 0, 4
		}
		return 0, 0, 0
	}}
	c := connect(t, local(t, &sysproxy.Server{Handler: k, MaxConnCalls: 10}))
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if r, err := c.NewCall(3).Do(t.Context()); err != nil || r.Errno != 4 {
				t.Error(r, err)
			}
		})
	}
	for range 10 {
		<-begun
	}
	for range 5 { // these wait for their turn, which comes after the exec
		wg.Go(func() {
			if r, err := c.NewCall(4).Do(t.Context()); err != nil || r.Errno != 0 {
				t.Error(r, err)
			}
		})
	}
	if err := c.Exec(t.Context(), "second"); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	call(t, c, 4)
	if err := c.Exec(t.Context(), "third"); err != nil {
		t.Fatal(err)
	}
	call(t, c, 4)
	if !slices.Equal(k.execs, []string{"second", "third"}) {
		t.Errorf("%q", k.execs)
	}
}

// TestForkAfterExec forks, and executes again, as soon as an exec is over.
func TestForkAfterExec(t *testing.T) {
	c := connect(t, local(t, &sysproxy.Server{Handler: &kernel{}}))
	for range 500 {
		if err := c.Exec(t.Context(), "again"); err != nil {
			t.Fatal(err)
		}
		if err := c.Exec(t.Context(), "and again"); err != nil {
			t.Fatal(err)
		}
		child, err := c.Fork(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		child.Close()
	}
}

// TestInExec sends requests during an exec that waits for a running call.
func TestInExec(t *testing.T) {
	for name, typ := range map[string]sysproxy.Type{"prefork": sysproxy.TypePrefork, "exec": sysproxy.TypeHandshake} {
		t.Run(name, func(t *testing.T) {
			begun, release := make(chan struct{}), make(chan struct{})
			k := &kernel{syscall: func(context.Context, *sysproxy.Trap, *process) (uint64, uint64, int) {
				close(begun)
				<-release
				return 0, 0, 0
			}}
			srv := &sysproxy.Server{Handler: k}
			defer srv.Close()
			defer close(release)
			p := rawClient(t, srv, true)
			p.send(sysproxy.Header{ReqNo: 2, Type: sysproxy.TypeSyscall, Word: 3})
			<-begun
			exec := sysproxy.Header{ReqNo: 3, Word: uint32(sysproxy.HandshakeExec)}
			p.send(exec, 'x', 0)
			p.send(sysproxy.Header{ReqNo: 4, Type: typ, Word: exec.Word}, 'x', 0)
			if f := p.expect(sysproxy.ClassError, 0); f.ReqNo != 4 || f.Word != uint32(sysproxy.CodeInExec) {
				t.Errorf("%+v", f)
			}
			if !p.ended() {
				t.Error("the connection stays")
			}
		})
	}
}

// TestExecDuringCopyin has the answer to a copyin come after an exec has ended
// the call which asked for it.
func TestExecDuringCopyin(t *testing.T) {
	const size = 2 << 20
	k := &kernel{syscall: func(_ context.Context, tr *sysproxy.Trap, _ *process) (uint64, uint64, int) {
		if tr.Num == 4 && tr.Copyin(4096, make([]byte, size)) != nil {
			return 0, 0, 14
		}
		return 0, 0, 0
	}}
	srv := &sysproxy.Server{Handler: k}
	defer srv.Close()
	p := rawClient(t, srv, true)
	p.send(sysproxy.Header{ReqNo: 2, Type: sysproxy.TypeSyscall, Word: 4})
	ask := p.expect(sysproxy.ClassRequest, sysproxy.TypeCopyin)
	p.send(sysproxy.Header{ReqNo: 3, Word: uint32(sysproxy.HandshakeExec)}, 'x', 0)
	if f := p.expect(sysproxy.ClassResponse, sysproxy.TypeSyscall); binary.LittleEndian.Uint32(f.Data) != 14 {
		t.Errorf("%x", f.Data)
	}
	p.expect(sysproxy.ClassResponse, sysproxy.TypeHandshake)
	p.send(sysproxy.Header{ReqNo: ask.ReqNo, Class: sysproxy.ClassResponse, Type: sysproxy.TypeCopyin}, make([]byte, size)...)
	p.send(sysproxy.Header{ReqNo: 5, Type: sysproxy.TypeSyscall, Word: 20})
	if f := p.expect(sysproxy.ClassResponse, sysproxy.TypeSyscall); f.ReqNo != 5 {
		t.Errorf("%+v", f)
	}
}
