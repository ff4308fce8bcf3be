package fakeserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// notMade are the system calls that TestDifferentialCalls leaves out: they end
// the kernel, set its clock, or take addresses of memory in structures and have
// tests of their own.
var notMade = map[netbsd.Sysno]bool{
	netbsd.SYS_REBOOT: true, netbsd.SYS___SETTIMEOFDAY50: true, netbsd.SYS___CLOCK_SETTIME50: true, netbsd.SYS___ADJTIME50: true,
	netbsd.SYS_RECVMSG: true, netbsd.SYS_SENDMSG: true, netbsd.SYS_RECVMMSG: true, netbsd.SYS_SENDMMSG: true,
}

// waits is the outcome of a call that takes too long for a test.
const waits = "waits"

// written are the calls whose memory is compared, too: what they write does not
// depend on the time nor on which kernel it is.
var written = map[netbsd.Sysno]bool{
	netbsd.SYS_POLL: true, netbsd.SYS___POLLTS50: true, netbsd.SYS___SELECT50: true, netbsd.SYS___PSELECT50: true,
	netbsd.SYS_PIPE2: true, netbsd.SYS_GETGROUPS: true, netbsd.SYS___GETLOGIN: true, netbsd.SYS_GETRLIMIT: true,
	netbsd.SYS_READLINK: true, netbsd.SYS_READLINKAT: true, netbsd.SYS___GETCWD: true, netbsd.SYS__KSEM_GETVALUE: true,
	netbsd.SYS__KSEM_INIT: true, netbsd.SYS_TIMER_CREATE: true, netbsd.SYS___CLOCK_GETRES50: true, netbsd.SYS_FCNTL: true,
}

// argument is an argument of a call: a number, or a pointer to memory.
type argument struct {
	num   uint64
	mem   []byte
	vec   []int // lengths of the buffers of an iovec
	isMem bool
}

// randomCall is a call with its arguments.
type randomCall struct {
	n    netbsd.Sysno
	args []argument
}

func (r randomCall) String() string {
	var s []string
	for _, a := range r.args {
		switch {
		case a.vec != nil:
			s = append(s, fmt.Sprintf("iovec%v", a.vec))
		case !a.isMem:
			s = append(s, fmt.Sprintf("%#x", a.num))
		default:
			b := a.mem
			tail := ""
			if len(b) > 64 {
				b, tail = b[:64], "..."
			}
			if i := bytes.IndexByte(b, 0); i > 0 && len(bytes.Trim(b[i:], "\x00")) == 0 {
				s = append(s, fmt.Sprintf("%q", b[:i]))
				continue
			}
			s = append(s, fmt.Sprintf("[%d]%x%s", len(a.mem), bytes.TrimRight(b, "\x00"), tail))
		}
	}
	return fmt.Sprintf("%v(%s)", r.n, strings.Join(s, ", "))
}

// do makes the call and waits for it for a while; out is the memory after it.
func (r randomCall) do(c *sysproxy.Client, patience time.Duration) (answer, error) {
	k := c.NewCall(uint32(r.n))
	var mem [][]byte
	for _, a := range r.args {
		switch {
		case a.vec != nil:
			var iov []byte
			for i, n := range a.vec {
				b := bytes.Repeat([]byte{byte('a' + i)}, max(n, 0))
				mem = append(mem, b)
				iov = binary.LittleEndian.AppendUint64(iov, k.Lend(b, sysproxy.Read|sysproxy.Write))
				iov = binary.LittleEndian.AppendUint64(iov, uint64(n))
			}
			k.In(iov)
		case a.isMem:
			b := bytes.Clone(a.mem)
			mem = append(mem, b)
			k.InOut(b)
		default:
			k.Uint(a.num)
		}
	}
	for range 8 - len(r.args) {
		k.Uint(0)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, err := k.Do(ctx)
	a := answer{r0: res.R0, errno: netbsd.Errno(res.Errno)}
	if err != nil {
		var abandoned *sysproxy.AbandonedError
		if errors.As(err, &abandoned) {
			return answer{out: waits}, nil
		}
		return a, err
	}
	if res.Signal != 0 {
		a.out = netbsd.Signal(res.Signal).Name()
	}
	if a.errno == 0 && written[r.n] {
		for _, b := range mem {
			a.out += fmt.Sprintf(" %x", b[:min(len(b), 80)])
		}
	}
	return a, nil
}

// declared reports whether a declaration such as "const char *path" is of a
// parameter that has one of the names.
func declared(decl string, names ...string) bool {
	name := decl[strings.LastIndexAny(decl, " *")+1:]
	for _, n := range names {
		if name == n {
			return true
		}
	}
	return false
}

func (g *random) memory(size int) argument {
	b := make([]byte, size)
	switch g.r.IntN(4) {
	case 0, 1:
		for i := 0; i+4 <= min(size, 64); i += 4 {
			binary.LittleEndian.PutUint32(b[i:], pick[uint32](g, 0, 0, 0, 1, 2, 3, 5, 100, math.MaxUint32))
		}
	case 2:
		copy(b, pick(g, "/w/a", "tmpfs", "a", "b", "user.x", "/w"))
	}
	return argument{mem: b, isMem: true}
}

// argument makes an argument of what the declaration asks for.
func (g *random) argument(n netbsd.Sysno, decl string) argument {
	num := func(v int64) argument { return argument{num: uint64(v)} }
	const room = 8192
	switch {
	case declared(decl, "PAD"):
		return num(0)
	case strings.Contains(decl, "iovec"):
		v := make([]int, g.r.IntN(4))
		for i := range v {
			v[i] = pick(g, 0, 1, 10, 600)
		}
		if len(v) == 0 {
			v = []int{}
		}
		return argument{vec: v}
	case strings.Contains(decl, "*") && g.r.IntN(12) == 0 && !strings.Contains(decl, "timespec") && !strings.Contains(decl, "timeval"):
		return num(0)
	case strings.Contains(decl, "char *") && declared(decl, "path", "link", "from", "to", "fname", "name1", "name2", "path1", "path2", "filename"):
		p := append([]byte(g.path()), 0)
		return argument{mem: append(p, make([]byte, 1024)...), isMem: true}
	case strings.Contains(decl, "const char *"):
		b := make([]byte, 2048)
		copy(b, pick(g, "", "a", "b", "user.x", "tmpfs", "rumpfs", "kernfs", "ffs", "root", "x/y", strings.Repeat("n", 30), strings.Repeat("n", 300)))
		return argument{mem: b, isMem: true}
	case strings.Contains(decl, "timespec"), strings.Contains(decl, "timeval"), strings.Contains(decl, "itimer"):
		b := make([]byte, room)
		if g.r.IntN(4) == 0 {
			for i := 0; i < 32; i += 8 {
				binary.LittleEndian.PutUint64(b[i:], pick[uint64](g, 0, 0, 1, 1000, math.MaxUint64, 999999, 1000000, 999999999, 1000000000))
			}
			if strings.Contains(decl, "itimer") {
				// A timer that runs would send a signal sooner or later.
				binary.LittleEndian.PutUint64(b[16:], 0)
				binary.LittleEndian.PutUint64(b[24:], pick[uint64](g, 0, 1e9))
			}
			if strings.Contains(n.String(), "sleep") || strings.Contains(n.String(), "timedwait") {
				binary.LittleEndian.PutUint64(b, pick[uint64](g, 0, math.MaxUint64)) // no waiting for seconds
			}
		}
		return argument{mem: b, isMem: true}
	case strings.Contains(decl, "quotactl_args"): // the operation; what it points to is nowhere
		return argument{mem: append([]byte{byte(g.r.IntN(16))}, make([]byte, 47)...), isMem: true}
	case strings.Contains(decl, "*"):
		return g.memory(room)
	case declared(decl, "fd", "s", "fdes", "fildes", "fd1", "fd2", "fromfd", "tofd") && strings.HasPrefix(decl, "int"):
		return num(int64(pick(g, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 100, -1, -100, math.MaxInt32, math.MinInt32)))
	case declared(decl, "from", "to"):
		return num(int64(pick(g, 3, 4, 5, 6, 7, 8, 9, 100, -1, math.MaxInt32)))
	case strings.HasPrefix(decl, "mode_t"):
		return num(int64(g.mode()))
	case strings.HasPrefix(decl, "uid_t"), strings.HasPrefix(decl, "gid_t"):
		return num(int64(pick(g, 0, 0, -1, 12)))
	case strings.HasPrefix(decl, "pid_t"):
		return num(int64(pick(g, 0, 1, 2, 3, -1, 100, math.MaxInt32)))
	case strings.HasPrefix(decl, "size_t"), strings.HasPrefix(decl, "u_int"), strings.HasPrefix(decl, "socklen_t"), strings.HasPrefix(decl, "unsigned"), declared(decl, "iovcnt", "gidsetsize", "nent"):
		return num(int64(pick(g, 0, 0, 1, 2, 3, 4, 8, 10, 16, 24, 100, 512)))
	case strings.HasPrefix(decl, "off_t"):
		return num(pick[int64](g, 0, 0, 1, -1, 100, 4096, 1<<40, math.MinInt64, math.MaxInt64))
	case declared(decl, "com"):
		return num(int64(pick(g, netbsd.FIONREAD, netbsd.FIONWRITE, netbsd.FIONSPACE, netbsd.FIOCLEX, netbsd.FIONCLEX, netbsd.FIONBIO, netbsd.FIOASYNC,
			netbsd.FIOGETOWN, netbsd.FIOSETOWN, netbsd.TIOCGPGRP, netbsd.TIOCSPGRP, netbsd.TIOCGETA, netbsd.TIOCSCTTY, netbsd.DIOCGDINFO, netbsd.SIOCGIFFLAGS,
			netbsd.SIOCATMARK, netbsd.IO('x', 99), netbsd.IOR('x', 99, 100), netbsd.IOW('x', 99, 4095), netbsd.IOWR('f', 122, 8))))
	case strings.HasPrefix(decl, "u_long"):
		return num(pick[int64](g, 0, 1, 2, 4, 0x10000, 0x20000, 0x100000, -1))
	}
	return num(int64(pick(g, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 16, 64, 0x100, 0x200, 0x400, 0x1000, -1, math.MaxInt32, math.MinInt32, 0x10000, 0x200000, 0x400000)))
}

// randomCall picks any system call and arguments for it.
func (g *random) call() randomCall {
	for {
		n := netbsd.Sysno(g.r.IntN(int(netbsd.SYS_NSYSENT)))
		if notMade[n] || !n.Rump() && g.r.IntN(8) != 0 {
			continue
		}
		c := randomCall{n: n}
		for _, decl := range n.Args() {
			a := g.argument(n, decl)
			if prev := len(c.args) - 1; prev >= 0 && c.args[prev].vec != nil {
				a.num = uint64(g.r.IntN(len(c.args[prev].vec) + 1))
			}
			c.args = append(c.args, a)
		}
		if len(c.args) > 8 {
			c.args = c.args[:8]
		}
		if g.tooMuch(c) {
			continue
		}
		return c
	}
}

// tooMuch reports whether a call would change more than it should: what the
// test itself needs.
func (g *random) tooMuch(c randomCall) bool {
	switch c.n {
	case netbsd.SYS_CHROOT, netbsd.SYS_FCHROOT, netbsd.SYS_SETRLIMIT:
		return true
	case netbsd.SYS_FCNTL:
		return c.args[1].num == netbsd.F_CLOSEM || c.args[1].num == netbsd.F_SETLKW
	case netbsd.SYS_MODCTL: // whose structures point elsewhere
		return c.args[0].num == netbsd.MODCTL_LOAD || c.args[0].num == netbsd.MODCTL_STAT
	case netbsd.SYS_CLOSE:
		return int32(c.args[0].num) >= 0 && c.args[0].num < 3
	}
	return false
}

// varies reports what a kernel may answer otherwise: numbers and times of its own.
func (c randomCall) varies() bool {
	switch c.n {
	case netbsd.SYS_GETPID, netbsd.SYS_GETPPID:
		return true
	}
	return false
}

// TestDifferentialCalls is TestDifferential for all system calls, by their
// declarations, on kernels of several kinds.
func TestDifferentialCalls(t *testing.T) {
	for _, v := range []struct {
		name       string
		components []string
		mount      string // what is mounted on /w; nothing is a folder of rumpfs
		user       int64  // that makes the calls
		names      []string
	}{
		{"tmpfs", []string{"rumpvfs", "rumpfs_tmpfs"}, "tmpfs", 0, nil},
		{"tmpfs as a user", []string{"rumpvfs", "rumpfs_tmpfs"}, "tmpfs", 12, nil},
		{"rumpfs", []string{"rumpvfs"}, "", 0, nil},
		{"rumpfs as a user", []string{"rumpvfs"}, "", 12, nil},
		{"null", []string{"rumpvfs", "rumpvfs_layerfs", "rumpfs_tmpfs", "rumpfs_null"}, "null", 0, nil},
		{"null as a user", []string{"rumpvfs", "rumpvfs_layerfs", "rumpfs_tmpfs", "rumpfs_null"}, "null", 12, nil},
		{"kernfs", []string{"rumpvfs", "rumpfs_kernfs"}, "kernfs", 0, []string{"hostname", "hz", "version", "boottime", "rootdev", "x"}},
		{"fdesc", []string{"rumpvfs", "rumpfs_fdesc"}, "fdesc", 0, []string{"fd", "0", "3", "5", "stdin", "tty", "9"}},
		{"devices", []string{"rumpvfs", "rumpdev", "rumpdev_disk", "rumpdev_vnd", "rumpdev_cgd", "rumpdev_md"}, "/dev", 0, []string{
			"null", "zero", "vnd0a", "rvnd0d", "vnd0d", "rcgd0d", "md0d", "rmd0d", "x",
		}},
		{"network", []string{"rumpvfs", "rumpnet", "rumpnet_net", "rumpnet_netinet", "rumpnet_local"}, "", 0, nil},
		{"bare", []string{"rumpkern_sysproxy"}, "", 0, nil},
		{"bare as a user", []string{"rumpkern_sysproxy"}, "", 12, nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			d := differ{t: t, g: &random{r: rand.New(rand.NewPCG(*diffSeed, uint64(v.user)+77)), dir: "/w", names: v.names}}
			if v.mount == "/dev" {
				d.g.dir = v.mount
			}
			d.boot = func() {
				d.real = dialReal(t, v.components...)
				_, d.fake = start(t, fakeserver.Config{Components: v.components})
				for _, c := range []*sysproxy.Client{d.real, d.fake} {
					do(t, call(c, netbsd.SYS_MKDIR).String("/w").Int(0o755))
					switch v.mount {
					case "tmpfs":
						mountTmpfs(t, c, "/w", 1<<20)
					case "null":
						mountTmpfs(t, c, "/below", 1<<20)
						mountOn(t, c, "null", "/w", "/below")
					case "kernfs", "fdesc":
						mountOn(t, c, v.mount, "/w", "")
					}
					do(t, call(c, netbsd.SYS_CHMOD).String("/w").Int(0o777))
					do(t, call(c, netbsd.SYS_SETGID).Int(v.user))
					do(t, call(c, netbsd.SYS_SETUID).Int(v.user))
				}
			}
			d.boot()
			for i := range *diffCalls {
				d.compare(i, d.g.call())
			}
		})
	}
}

// mountOn mounts a file system whose arguments are another's path, if anything.
func mountOn(t *testing.T, c *sysproxy.Client, typ, path, target string) {
	t.Helper()
	k := call(c, netbsd.SYS___MOUNT50).String(typ).String(path).Int(0)
	if target == "" {
		k.Uint(0).Int(0)
	} else {
		args := make([]byte, netbsd.SizeofNullArgs)
		binary.LittleEndian.PutUint64(args, k.Lend([]byte(target+"\x00"), sysproxy.Read))
		k.In(args).Int(int64(len(args)))
	}
	if _, errno := do(t, k); errno != 0 {
		t.Fatalf("mount %s on %s: %v", typ, path, errno)
	}
}

// differ makes the same calls on a real kernel and on the fake.
type differ struct {
	t          *testing.T
	g          *random
	real, fake *sysproxy.Client
	boot       func() // begins anew
	bad        int    // differences so far
	last       []string
}

// compare makes a call and compares what it returns.
func (d *differ) compare(i int, s randomCall) {
	want, err := s.do(d.real, 300*time.Millisecond)
	if err != nil {
		// Its address is wrong, or the kernel does not survive it.
		d.t.Logf("seed %d, call %d: %s: real kernel: %v\n%s", *diffSeed, i, s, err, strings.Join(d.last, "\n"))
		d.reboot()
		return
	}
	if want.out == waits {
		d.reboot() // what still waits would get in the way
		return
	}
	got, err := s.do(d.fake, 20*time.Second)
	if err != nil {
		d.t.Fatalf("seed %d, call %d: %s: fake kernel: %v", *diffSeed, i, s, err)
	}
	if os.Getenv("DIFFTRACE") != "" {
		fmt.Println(i, s, "=", want, ",", got)
	}
	d.last = append(d.last, fmt.Sprintf("%v = %v", s, want))
	if len(d.last) > 6 {
		d.last = d.last[1:]
	}
	for _, a := range []*answer{&got, &want} {
		if a.errno != 0 || s.varies() {
			a.r0 = 0 // has no meaning
		}
	}
	if got != want {
		d.t.Errorf("seed %d, call %d: %s:\n got %v\nwant %v", *diffSeed, i, s, got, want)
		if d.bad++; d.bad == *diffMost {
			d.t.FailNow()
		}
	}
}

func (d *differ) reboot() {
	d.real.Close()
	d.fake.Close()
	d.last = nil
	d.boot()
}
