package fakeserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// eventStep makes a random call on pipes, kqueues and semaphores which does not
// wait.
func (g *random) eventStep() step {
	fd := int64(pick(g, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
	result := func(name string, n netbsd.Sysno, make_ func(k *sysproxy.Call) func(r sysproxy.Result) string) step {
		return step{n.String() + "(" + name + ")", func(c *sysproxy.Client) (answer, error) {
			k := c.NewCall(uint32(n))
			show := make_(k)
			r, err := k.Do(context.Background())
			a := answer{r0: r.R0, errno: netbsd.Errno(r.Errno)}
			if err == nil && show != nil && a.errno == 0 {
				a.out = show(r)
			}
			if r.Signal != 0 {
				a.out += " " + netbsd.Signal(r.Signal).Name()
			}
			return a, err
		}}
	}
	zero := netbsd.Timespec{}.Append(nil)
	switch g.r.IntN(20) {
	case 0, 1:
		return result("", netbsd.SYS_PIPE2, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b := make([]byte, 8)
			k.Out(b).Int(netbsd.O_NONBLOCK)
			return func(sysproxy.Result) string { return fmt.Sprint(b) }
		})
	case 2:
		return result("", netbsd.SYS_KQUEUE, func(*sysproxy.Call) func(sysproxy.Result) string { return nil })
	case 3:
		return result(fmt.Sprint(fd), netbsd.SYS_CLOSE, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.Int(fd)
			return nil
		})
	case 4, 5, 6:
		n := pick(g, 1, 10, 512, 513, 1000, 16384, 20000)
		return result(fmt.Sprintf("%d, %d bytes", fd, n), netbsd.SYS_WRITE, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.Int(fd).In(bytes.Repeat([]byte("x"), n)).Int(int64(n))
			return nil
		})
	case 7, 8:
		n := pick(g, 1, 10, 600, 20000)
		return result(fmt.Sprintf("%d, %d", fd, n), netbsd.SYS_READ, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.Int(fd).Out(make([]byte, n)).Int(int64(n))
			return nil
		})
	case 9, 10:
		var fds []byte
		name := ""
		for range 1 + g.r.IntN(4) {
			p := netbsd.Pollfd{Fd: int32(pick(g, 0, 3, 4, 5, 6, 7, 8, 9, 10, -1)), Events: int16(pick(g, 1, 4, 5, 0x41, 2, 0x1df))}
			name += fmt.Sprintf("%+v ", p)
			fds = p.Append(fds)
		}
		return result(name, netbsd.SYS_POLL, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b := bytes.Clone(fds)
			k.InOut(b).Int(int64(len(b) / netbsd.SizeofPollfd)).Int(0)
			return func(sysproxy.Result) string { return fmt.Sprint(b) }
		})
	case 11:
		nd := int64(pick(g, 0, 5, 8, 13, 30, -1))
		in, out := uint64(g.r.IntN(1<<11)), uint64(g.r.IntN(1<<11))
		if g.r.IntN(2) == 0 {
			in &= 0x38
			out &= 0x38
		}
		return result(fmt.Sprintf("%d, %#x, %#x", nd, in, out), netbsd.SYS___SELECT50, func(k *sysproxy.Call) func(sysproxy.Result) string {
			a, b := binary.LittleEndian.AppendUint64(nil, in), binary.LittleEndian.AppendUint64(nil, out)
			k.Int(nd).InOut(a).InOut(b).Uint(0).In(netbsd.Timeval{}.Append(nil))
			return func(sysproxy.Result) string { return fmt.Sprint(a, b) }
		})
	case 12, 13, 14:
		ev := netbsd.Kevent{
			Ident: uint64(pick(g, 3, 4, 5, 6, 7, 8, 9)), Filter: uint32(pick(g, 0, 0, 1, 1, 3, 9)), Udata: 5,
			Flags: uint32(pick(g, 1, 1, 1, 0x11, 0x21, 0x81, 2, 4, 8, 0x41)), Fflags: uint32(pick(g, 0, 2)),
		}
		room := pick(g, 0, 1, 4)
		return result(fmt.Sprintf("%d, %+v, room %d", fd, ev, room), netbsd.SYS___KEVENT50, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b := make([]byte, room*netbsd.SizeofKevent)
			k.Int(fd).In(ev.Append(nil)).Int(1)
			if room > 0 {
				k.Out(b)
			} else {
				k.Uint(0)
			}
			k.Int(int64(room)).In(zero)
			return func(r sysproxy.Result) string {
				evs, _ := netbsd.ParseKevents(b[:r.R0*netbsd.SizeofKevent])
				return fmt.Sprintf("%+v", evs)
			}
		})
	case 15:
		return result(fmt.Sprintf("%d, wait", fd), netbsd.SYS___KEVENT50, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b := make([]byte, 4*netbsd.SizeofKevent)
			k.Int(fd).Uint(0).Int(0).Out(b).Int(4).In(zero)
			return func(r sysproxy.Result) string {
				evs, _ := netbsd.ParseKevents(b[:r.R0*netbsd.SizeofKevent])
				return fmt.Sprintf("%+v", evs)
			}
		})
	case 16:
		cmd := pick(g, netbsd.FIONREAD, netbsd.FIONBIO)
		return result(fmt.Sprintf("%d, %v", fd, cmd), netbsd.SYS_IOCTL, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b := []byte{1, 0, 0, 0}
			k.Int(fd).Uint(uint64(cmd)).InOut(b)
			return func(sysproxy.Result) string { return fmt.Sprint(b) }
		})
	case 17:
		return callOut(fmt.Sprint(fd), netbsd.SYS___FSTAT50, netbsd.SizeofStat, showStat, func(k *sysproxy.Call) { k.Int(fd) })
	case 18:
		to := int64(pick(g, 3, 4, 5, 9, 13))
		return result(fmt.Sprintf("%d, %d", fd, to), netbsd.SYS_DUP2, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.Int(fd).Int(to)
			return nil
		})
	}
	cmd, arg := int64(pick(g, netbsd.F_GETFL, netbsd.F_GETFD, netbsd.F_SETFD, netbsd.F_MAXFD, netbsd.F_DUPFD, netbsd.F_GETOWN, netbsd.F_GETNOSIGPIPE)), int64(pick(g, 0, 1, 5))
	return result(fmt.Sprintf("%d, %d, %d", fd, cmd, arg), netbsd.SYS_FCNTL, func(k *sysproxy.Call) func(sysproxy.Result) string {
		k.Int(fd).Int(cmd).Int(arg)
		return nil
	})
}

// TestDifferentialEvents is TestDifferential for pipes and what waits for them.
func TestDifferentialEvents(t *testing.T) {
	components := []string{"rumpvfs"}
	real := dialReal(t, components...)
	_, fake := start(t, fakeserver.Config{Components: components})
	// A pipe(2) that finds no descriptor breaks another pipe of the real kernel.
	for _, c := range []*sysproxy.Client{real, fake} {
		do(t, call(c, netbsd.SYS_SETRLIMIT).Int(netbsd.RLIMIT_NOFILE).In(netbsd.Rlimit{Cur: 1700, Max: 1772}.Append(nil)))
	}
	g := &random{r: rand.New(rand.NewPCG(*diffSeed, 3))}
	bad := 0
	for i := range *diffCalls {
		s := g.eventStep()
		want, err := s.do(real)
		if err != nil {
			// It has a bug or two with knotes of descriptors that are closed.
			t.Logf("seed %d, call %d: %s: real kernel: %v", *diffSeed, i, s.name, err)
			return
		}
		got, err := s.do(fake)
		if err != nil {
			t.Fatalf("seed %d, call %d: %s: fake kernel: %v", *diffSeed, i, s.name, err)
		}
		got.r1, want.r1 = 0, 0
		if got.errno != 0 {
			got.r0 = 0
		}
		if want.errno != 0 {
			want.r0 = 0 // has no meaning
		}
		if os.Getenv("DIFFTRACE") != "" {
			fmt.Println(i, s.name, "=", want)
		}
		if got != want {
			t.Errorf("seed %d, call %d: %s:\n got %v\nwant %v", *diffSeed, i, s.name, got, want)
			if bad++; bad == *diffMost {
				t.FailNow()
			}
		}
	}
}
