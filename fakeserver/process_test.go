package fakeserver_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// TestForkExec checks what a child inherits, and what exec closes.
func TestForkExec(t *testing.T) {
	_, c := start(t, fakeserver.Config{})
	r, w := pipe(t, c)
	cloexec, _ := do(t, call(c, netbsd.SYS_OPEN).String("/tmp").Int(netbsd.O_CLOEXEC).Int(0))
	kq, _ := do(t, call(c, netbsd.SYS_KQUEUE))
	do(t, call(c, netbsd.SYS_CHDIR).String("/tmp"))
	child, err := c.Fork(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer child.Close()

	if _, errno := do(t, call(child, netbsd.SYS_FCNTL).Int(int64(kq)).Int(netbsd.F_GETFD).Int(0)); errno != netbsd.EBADF {
		t.Errorf("a kqueue is inherited: %v", errno)
	}
	if _, errno := do(t, call(child, netbsd.SYS_MKDIR).String("made-by-child").Int(0o755)); errno != 0 {
		t.Errorf("mkdir: %v", errno)
	}
	if _, errno := do(t, call(c, netbsd.SYS_RMDIR).String("/tmp/made-by-child")); errno != 0 {
		t.Errorf("the child has another working folder: %v", errno)
	}
	do(t, call(c, netbsd.SYS_CLOSE).Int(int64(w)))
	if _, errno := do(t, call(child, netbsd.SYS_WRITE).Int(int64(w)).In([]byte("x")).Int(1)); errno != 0 {
		t.Errorf("write: %v", errno)
	}
	if err := child.Exec(context.Background(), "other"); err != nil {
		t.Fatal(err)
	}
	if _, errno := do(t, call(child, netbsd.SYS_CLOSE).Int(int64(cloexec))); errno != netbsd.EBADF {
		t.Errorf("close-on-exec: %v", errno)
	}
	if _, errno := do(t, call(child, netbsd.SYS_CLOSE).Int(int64(w))); errno != 0 {
		t.Errorf("close: %v", errno)
	}
	b := make([]byte, 10)
	if n, errno := do(t, call(c, netbsd.SYS_READ).Int(int64(r)).Out(b).Int(10)); n != 1 || errno != 0 {
		t.Errorf("read: %d, %v", n, errno)
	}
	if n, errno := do(t, call(c, netbsd.SYS_READ).Int(int64(r)).Out(b).Int(10)); n != 0 || errno != 0 {
		t.Errorf("read at the end: %d, %v", n, errno)
	}
}

// kevent registers changes and waits for events.
func kevent(t *testing.T, c *sysproxy.Client, kq uint64, timeout time.Duration, changes ...netbsd.Kevent) ([]netbsd.Kevent, netbsd.Errno) {
	t.Helper()
	var in []byte
	for _, ev := range changes {
		in = ev.Append(in)
	}
	out := make([]byte, 8*netbsd.SizeofKevent)
	n, errno := do(t, call(c, netbsd.SYS___KEVENT50).Int(int64(kq)).In(in).Int(int64(len(changes))).Out(out).Int(8).
		In(netbsd.TimespecOfDuration(timeout).Append(nil)))
	evs, err := netbsd.ParseKevents(out[:n*netbsd.SizeofKevent])
	if err != nil {
		t.Fatal(err)
	}
	return evs, errno
}

func TestKqueue(t *testing.T) {
	clock := fakeserver.NewManualClock(time.Unix(1, 0))
	_, c := start(t, fakeserver.Config{Clock: clock})
	kq, _ := do(t, call(c, netbsd.SYS_KQUEUE))
	r, w := pipe(t, c)
	add := netbsd.Kevent{Ident: r, Filter: netbsd.EVFILT_READ, Flags: netbsd.EV_ADD | netbsd.EV_CLEAR, Udata: 7}
	if evs, errno := kevent(t, c, kq, 0, add); len(evs) != 0 || errno != 0 {
		t.Errorf("add: %v, %v", evs, errno)
	}
	do(t, call(c, netbsd.SYS_WRITE).Int(int64(w)).In([]byte("abc")).Int(3))
	if evs, _ := kevent(t, c, kq, time.Second); len(evs) != 1 || evs[0].Data != 3 || evs[0].Udata != 7 {
		t.Errorf("after a write: %v", evs)
	}
	if evs, _ := kevent(t, c, kq, 0); len(evs) != 0 {
		t.Errorf("an event that was cleared comes again: %v", evs)
	}
	do(t, call(c, netbsd.SYS_CLOSE).Int(int64(w)))
	if evs, _ := kevent(t, c, kq, 0); len(evs) != 1 || evs[0].Flags&netbsd.EV_EOF == 0 {
		t.Errorf("after the end: %v", evs)
	}
	do(t, call(c, netbsd.SYS_CLOSE).Int(int64(r)))
	if evs, _ := kevent(t, c, kq, 0); len(evs) != 0 {
		t.Errorf("a closed descriptor has an event: %v", evs)
	}

	timer := netbsd.Kevent{Ident: 1, Filter: netbsd.EVFILT_TIMER, Flags: netbsd.EV_ADD, Data: 100}
	kevent(t, c, kq, 0, timer)
	clock.Advance(350 * time.Millisecond)
	if evs, _ := kevent(t, c, kq, 0); len(evs) != 1 || evs[0].Data != 3 {
		t.Errorf("timer: %v", evs)
	}

	mountTmpfs(t, c, "/w", 1<<20)
	fd, _ := do(t, call(c, netbsd.SYS_OPEN).String("/w").Int(0).Int(0))
	watch := netbsd.Kevent{Ident: fd, Filter: netbsd.EVFILT_VNODE, Flags: netbsd.EV_ADD | netbsd.EV_CLEAR, Fflags: netbsd.NOTE_WRITE}
	kevent(t, c, kq, 0, watch)
	do(t, call(c, netbsd.SYS_MKDIR).String("/w/d").Int(0o755))
	if evs, _ := kevent(t, c, kq, 0); len(evs) != 1 || evs[0].Fflags != netbsd.NOTE_WRITE {
		t.Errorf("vnode: %v", evs)
	}
	if evs, _ := kevent(t, c, kq, 0, netbsd.Kevent{Ident: 99, Filter: netbsd.EVFILT_READ, Flags: netbsd.EV_ADD}); len(evs) != 1 ||
		evs[0].Flags != netbsd.EV_ERROR || netbsd.Errno(evs[0].Data) != netbsd.EBADF {
		t.Errorf("an error: %v", evs)
	}
}

// TestPoll waits for one of two pipes.
func TestPoll(t *testing.T) {
	_, c := start(t, fakeserver.Config{})
	r1, _ := pipe(t, c)
	r2, w2 := pipe(t, c)
	fds := netbsd.Pollfd{Fd: int32(r1), Events: netbsd.POLLIN}.Append(nil)
	fds = netbsd.Pollfd{Fd: int32(r2), Events: netbsd.POLLIN}.Append(fds)
	done := make(chan uint64)
	go func() {
		r, _ := call(c, netbsd.SYS_POLL).InOut(fds).Int(2).Int(-1).Do(context.Background())
		done <- r.R0
	}()
	do(t, call(c, netbsd.SYS_WRITE).Int(int64(w2)).In([]byte("x")).Int(1))
	if n := <-done; n != 1 {
		t.Errorf("poll: %d ready", n)
	}
	ps, err := netbsd.ParsePollfds(fds)
	if err != nil || ps[0].Revents != 0 || ps[1].Revents != netbsd.POLLIN {
		t.Errorf("poll: %+v, %v", ps, err)
	}
}

// TestBrokenPipe raises a signal.
func TestBrokenPipe(t *testing.T) {
	_, c := start(t, fakeserver.Config{})
	r, w := pipe(t, c)
	do(t, call(c, netbsd.SYS_CLOSE).Int(int64(r)))
	res, err := call(c, netbsd.SYS_WRITE).Int(int64(w)).In([]byte("x")).Int(1).Do(context.Background())
	if err != nil || netbsd.Errno(res.Errno) != netbsd.EPIPE || netbsd.Signal(res.Signal) != netbsd.SIGPIPE {
		t.Errorf("write: %+v, %v", res, err)
	}
}

// TestLocks lets one process wait for another's lock.
func TestLocks(t *testing.T) {
	k, c := start(t, fakeserver.Config{})
	other := dial(t, k, "other")
	open := func(c *sysproxy.Client) int64 {
		fd, errno := do(t, call(c, netbsd.SYS_OPEN).String("/tmp/lock").Int(netbsd.O_RDWR|netbsd.O_CREAT).Int(0o644))
		if errno != 0 {
			t.Fatal(errno)
		}
		return int64(fd)
	}
	fd, fd2 := open(c), open(other)
	lock := netbsd.Flock{Start: 10, Len: 5, Type: netbsd.F_WRLCK}.Append(nil)
	if _, errno := do(t, call(c, netbsd.SYS_FCNTL).Int(fd).Int(netbsd.F_SETLK).In(lock)); errno != 0 {
		t.Fatal(errno)
	}
	if _, errno := do(t, call(other, netbsd.SYS_FCNTL).Int(fd2).Int(netbsd.F_SETLK).In(lock)); errno != netbsd.EAGAIN {
		t.Errorf("a second lock: %v", errno)
	}
	who := netbsd.Flock{Start: 12, Type: netbsd.F_RDLCK}.Append(nil)
	do(t, call(other, netbsd.SYS_FCNTL).Int(fd2).Int(netbsd.F_GETLK).InOut(who))
	if f, _ := netbsd.ParseFlock(who); f.Type != netbsd.F_WRLCK || f.Start != 10 || f.Len != 5 {
		t.Errorf("F_GETLK: %+v", f)
	}
	got := make(chan netbsd.Errno)
	go func() {
		r, _ := call(other, netbsd.SYS_FCNTL).Int(fd2).Int(netbsd.F_SETLKW).In(lock).Do(context.Background())
		got <- netbsd.Errno(r.Errno)
	}()
	do(t, call(c, netbsd.SYS_CLOSE).Int(fd)) // which drops the lock
	if errno := <-got; errno != 0 {
		t.Errorf("F_SETLKW: %v", errno)
	}
}

// TestHaltAnswersNothing halts kernels while calls of many clients wait and while
// others are made: like a real one's, their connections end, and no call is answered
// any more.
func TestHaltAnswersNothing(t *testing.T) {
	for range 5 {
		k, _ := start(t, fakeserver.Config{})
		var wg sync.WaitGroup
		for range 50 {
			c := dial(t, k, "client")
			wg.Go(func() {
				var lost *sysproxy.TransportError
				if r, err := call(c, netbsd.SYS_POLL).In(nil).Int(0).Int(-1).Do(t.Context()); !errors.As(err, &lost) {
					t.Errorf("poll: %+v, %v", r, err)
				}
			})
			wg.Go(func() {
				for {
					r, err := call(c, netbsd.SYS_GETPID).Do(t.Context())
					if err != nil {
						return
					}
					if r.Errno != 0 {
						t.Errorf("getpid: %+v", r)
					}
				}
			})
		}
		k.Halt()
		wg.Wait()
	}
}
