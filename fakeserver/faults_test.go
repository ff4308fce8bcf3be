package fakeserver_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

func TestCallFault(t *testing.T) {
	k, c := start(t, fakeserver.Config{Faults: fakeserver.Faults{Calls: []fakeserver.CallFault{
		{Call: netbsd.SYS_MKDIR, Skip: 1, Count: 2, Errno: netbsd.ENOSPC},
	}}})
	want := []netbsd.Errno{0, netbsd.ENOSPC, netbsd.ENOSPC, 0}
	for i, want := range want {
		if _, errno := do(t, call(c, netbsd.SYS_MKDIR).String("/d"+string(rune('0'+i))).Int(0o755)); errno != want {
			t.Errorf("mkdir %d: got %v, want %v", i, errno, want)
		}
	}
	k.SetFaults(fakeserver.Faults{Calls: []fakeserver.CallFault{{Any: true, Errno: netbsd.ENOMEM}}})
	if _, errno := do(t, call(c, netbsd.SYS_GETPID)); errno != netbsd.ENOMEM {
		t.Errorf("getpid: got %v, want ENOMEM", errno)
	}
	k.SetFaults(fakeserver.Faults{})
	if _, errno := do(t, call(c, netbsd.SYS_GETPID)); errno != 0 {
		t.Errorf("getpid without faults: got %v", errno)
	}
}

// TestDelayFault delays a call that else is answered where it is read: others of
// the same client are not kept waiting.
func TestDelayFault(t *testing.T) {
	clock := fakeserver.NewManualClock(time.Unix(1000, 0))
	_, c := start(t, fakeserver.Config{Clock: clock, Faults: fakeserver.Faults{Calls: []fakeserver.CallFault{
		{Call: netbsd.SYS_GETPID, Delay: time.Hour},
	}}})
	delayed := make(chan error)
	go func() {
		_, err := call(c, netbsd.SYS_GETPID).Do(context.Background())
		delayed <- err
	}()
	clock.BlockUntil(1)
	if _, errno := do(t, call(c, netbsd.SYS_GETUID)); errno != 0 {
		t.Errorf("getuid: %v", errno)
	}
	clock.Advance(time.Hour)
	if err := <-delayed; err != nil {
		t.Error(err)
	}
}

func TestPanicFault(t *testing.T) {
	var console bytes.Buffer
	k, c := start(t, fakeserver.Config{Console: &console, Faults: fakeserver.Faults{Calls: []fakeserver.CallFault{
		{Call: netbsd.SYS_GETPID, Panic: "on purpose"},
	}}})
	other := dial(t, k, "other")
	if _, err := call(c, netbsd.SYS_GETPID).Do(context.Background()); err == nil {
		t.Error("getpid succeeds")
	}
	<-k.Done()
	if _, err := call(other, netbsd.SYS_GETUID).Do(context.Background()); err == nil {
		t.Error("another client goes on")
	}
	var p *fakeserver.PanicError
	if err := k.Err(); !errors.As(err, &p) || p.Message != "on purpose" {
		t.Errorf("Err: got %v", err)
	}
	k.Close()
	if !strings.Contains(console.String(), "panic: on purpose") {
		t.Errorf("console says %q", console.String())
	}
	if _, err := k.DialContext(context.Background(), "", ""); err == nil {
		t.Error("a dead kernel accepts a connection")
	}
}

func TestHalt(t *testing.T) {
	k, c := start(t, fakeserver.Config{})
	if _, errno := do(t, call(c, netbsd.SYS_REBOOT).Int(netbsd.RB_HALT).Int(0)); errno != 0 {
		t.Errorf("reboot: %v", errno)
	}
	<-k.Done()
	if err := k.Err(); !errors.Is(err, fakeserver.ErrHalted) {
		t.Errorf("Err: got %v", err)
	}
}

func TestConnFault(t *testing.T) {
	tests := []struct {
		name  string
		fault fakeserver.ConnFault
		calls int // that succeed
	}{
		{"cut in the greeting", fakeserver.ConnFault{After: 5, Cut: true}, -1},
		{"cut before the second answer", fakeserver.ConnFault{Frame: 3, Cut: true}, 1},
		{"cut in the middle of the second answer", fakeserver.ConnFault{Frame: 3, After: 30, Cut: true}, 1},
		{"another connection", fakeserver.ConnFault{Conn: 2, Cut: true}, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k, err := fakeserver.New(fakeserver.Config{Faults: fakeserver.Faults{Conns: []fakeserver.ConnFault{test.fault}}})
			if err != nil {
				t.Fatal(err)
			}
			defer k.Close()
			c, err := (&sysproxy.Dialer{DialContext: k.DialContext}).Dial(context.Background(), k.URL())
			if test.calls < 0 {
				if err == nil {
					t.Error("the connection is made")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			n := 0
			for n < 5 {
				if _, err := call(c, netbsd.SYS_GETPID).Do(context.Background()); err != nil {
					break
				}
				n++
			}
			if n != test.calls {
				t.Errorf("%d calls succeed, want %d", n, test.calls)
			}
		})
	}
}

func TestDropFault(t *testing.T) {
	_, c := start(t, fakeserver.Config{Faults: fakeserver.Faults{Conns: []fakeserver.ConnFault{{Frame: 2, Drop: true}}}})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := call(c, netbsd.SYS_GETPID).Do(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a dropped answer: got %v", err)
	}
}

// TestManualClock puts a call to sleep and wakes it up by hand.
func TestManualClock(t *testing.T) {
	clock := fakeserver.NewManualClock(time.Unix(1000, 0))
	_, c := start(t, fakeserver.Config{Clock: clock})
	req := netbsd.Timespec{Sec: 3600}.Append(nil)
	slept := make(chan netbsd.Errno)
	go func() {
		r, err := call(c, netbsd.SYS___NANOSLEEP50).In(req).Uint(0).Do(context.Background())
		if err != nil {
			r.Errno = -1
		}
		slept <- netbsd.Errno(r.Errno)
	}()
	clock.BlockUntil(1)
	clock.Advance(time.Hour - 1)
	select {
	case <-slept:
		t.Fatal("the call woke up too early")
	default:
	}
	clock.Advance(1)
	if errno := <-slept; errno != 0 {
		t.Errorf("nanosleep: %v", errno)
	}
	var now [netbsd.SizeofTimeval]byte
	do(t, call(c, netbsd.SYS___GETTIMEOFDAY50).Out(now[:]).Uint(0))
	if tv, _ := netbsd.ParseTimeval(now[:]); tv.Sec != 4600 {
		t.Errorf("the time is %d, want 4600", tv.Sec)
	}
}

// TestCancel ends a client in the middle of a call that waits.
func TestCancel(t *testing.T) {
	k, c := start(t, fakeserver.Config{})
	r, _ := pipe(t, c)
	done := make(chan error)
	go func() {
		_, err := call(c, netbsd.SYS_READ).Int(int64(r)).Out(make([]byte, 1)).Int(1).Do(context.Background())
		done <- err
	}()
	c.Close()
	if err := <-done; err == nil {
		t.Error("the read succeeds")
	}
	if err := k.WaitProcesses(context.Background(), 0); err != nil {
		t.Error(err)
	}
}

func pipe(t testing.TB, c *sysproxy.Client) (r, w uint64) {
	t.Helper()
	res, err := call(c, netbsd.SYS_PIPE).Do(context.Background())
	if err != nil || res.Errno != 0 {
		t.Fatalf("pipe: %v, %v", netbsd.Errno(res.Errno), err)
	}
	return res.R0, res.R1
}

func TestCallLog(t *testing.T) {
	k, c := start(t, fakeserver.Config{CallLog: 3})
	for range 5 {
		do(t, call(c, netbsd.SYS_GETUID))
	}
	do(t, call(c, netbsd.SYS_MKDIR).String("/nosuch/d").Int(0o700))
	log := k.Calls()
	if len(log) != 3 || log[2].Call != netbsd.SYS_MKDIR || log[2].Errno != netbsd.ENOENT || log[2].Args.Int(1) != 0o700 || log[2].Program != "test" {
		t.Errorf("log is %+v", log)
	}
}

// TestThousandKernels runs as many at once.
func TestThousandKernels(t *testing.T) {
	const n = 1000
	var ks [n]*fakeserver.Kernel
	var wg sync.WaitGroup
	for i := range ks {
		k, err := fakeserver.New(fakeserver.Config{})
		if err != nil {
			t.Fatal(err)
		}
		ks[i] = k
	}
	for _, k := range ks {
		wg.Go(func() {
			defer k.Close()
			c, err := (&sysproxy.Dialer{DialContext: k.DialContext}).Dial(context.Background(), k.URL())
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if _, errno := do(t, call(c, netbsd.SYS_MKDIR).String("/d").Int(0o755)); errno != 0 {
				t.Error(errno)
			}
		})
	}
	wg.Wait()
}
