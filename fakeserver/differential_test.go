package fakeserver_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

var (
	diffSeed  = flag.Uint64("seed", 1, "seed of the random system calls of TestDifferential")
	diffCalls = flag.Int("calls", 3000, "number of random system calls of TestDifferential")
	diffBytes = flag.Int("bytes", 4<<20, "number of bytes that TestWithReal carries each way")
	diffMost  = flag.Int("differences", 12, "how many differences end TestDifferential")
)

// dialReal starts a rump_server of the given components and connects to it.
func dialReal(t testing.TB, components ...string) *sysproxy.Client {
	t.Helper()
	var args []string
	for _, c := range components {
		args = append(args, "-l"+c)
	}
	c, err := sysproxy.Dial(t.Context(), rumptest.Start(t, args...).URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// answer is what a call returned and wrote.
type answer struct {
	r0, r1 uint64
	errno  netbsd.Errno
	out    string
}

func (a answer) String() string {
	s := fmt.Sprintf("%#x", a.r0)
	if a.errno != 0 {
		s = a.errno.Name()
	}
	if a.out != "" {
		s += " " + a.out
	}
	return s
}

// step is one random call: what it is called, and how to make it.
type step struct {
	name string
	do   func(c *sysproxy.Client) (answer, error)
}

// random makes random calls on files.
type random struct {
	r     *rand.Rand
	dir   string
	names []string // of files in dir; nil is a to e
}

func pick[T any](g *random, xs ...T) T { return xs[g.r.IntN(len(xs))] }

// path returns a path that may or may not exist.
func (g *random) path() string {
	name := func() string {
		if g.names != nil {
			return pick(g, g.names...)
		}
		return pick(g, "a", "b", "c", "d", "e")
	}
	switch g.r.IntN(14) {
	case 0:
		return g.dir + "/" + name() + "/"
	case 1:
		return g.dir + "/" + name() + "/.."
	case 2:
		return g.dir + "/" + name() + "/."
	case 3:
		return pick(g, "", "/", ".", "..", g.dir, g.dir+"/", "a", "./b", "../c", "//"+g.dir[1:]+"//a")
	case 4:
		return g.dir + "/" + name() + "/" + name() + "/" + name()
	case 5:
		return g.dir + "/" + string(bytes.Repeat([]byte("x"), pick(g, 30, 255, 256, 512)))
	case 6, 7, 8:
		return g.dir + "/" + name() + "/" + name()
	}
	return g.dir + "/" + name()
}

func (g *random) fd() int { return pick(g, 3, 4, 5, 6, 7, 8, 9, 1, 0, 100, -1) }

func (g *random) mode() uint32 {
	return pick[uint32](g, 0o755, 0o644, 0o700, 0o600, 0o000, 0o777, 0o4755, 0o1777, 0o444)
}

func call0(name string, n netbsd.Sysno, make func(k *sysproxy.Call)) step {
	return callOut(name, n, 0, nil, make)
}

// callOut is a call with a result in memory: the first argument that make adds
// after the others is the buffer.
func callOut(name string, n netbsd.Sysno, size int, show func([]byte, answer) string, make_ func(k *sysproxy.Call)) step {
	return step{n.String() + "(" + name + ")", func(c *sysproxy.Client) (answer, error) {
		k := c.NewCall(uint32(n))
		make_(k)
		var buf []byte
		if size > 0 {
			buf = make([]byte, size)
			k.Out(buf)
			if n == netbsd.SYS_READ || n == netbsd.SYS___GETDENTS30 || n == netbsd.SYS_READLINK || n == netbsd.SYS_PREAD {
				k.Int(int64(size))
			}
			if n == netbsd.SYS_PREAD {
				k.Int(0).Int(7)
			}
			if n == netbsd.SYS___GETCWD {
				k.Int(int64(size))
			}
			if n == netbsd.SYS_STATVFS1 {
				k.Int(1)
			}
		}
		r, err := k.Do(context.Background())
		a := answer{r.R0, r.R1, netbsd.Errno(r.Errno), ""}
		if err == nil && show != nil && a.errno == 0 {
			a.out = show(buf, a)
		}
		return a, err
	}}
}

func showStat(b []byte, _ answer) string {
	st, err := netbsd.ParseStat(b)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("mode %o nlink %d uid %d gid %d size %d blocks %d blksize %d flags %#x rdev %#x", st.Mode, st.Nlink, st.Uid, st.Gid, st.Size, st.Blocks, st.Blksize, st.Flags, st.Rdev)
}

func showBytes(b []byte, a answer) string { return fmt.Sprintf("%x", b[:min(a.r0, uint64(len(b)))]) }

func showDirents(b []byte, a answer) string {
	ds, err := netbsd.ParseDirents(b[:a.r0])
	if err != nil {
		return err.Error()
	}
	s := ""
	for _, d := range ds {
		s += fmt.Sprintf("%s/%d ", d.Name, d.Type)
	}
	return s
}

func (g *random) step() step {
	p, q, fd := g.path(), g.path(), g.fd()
	at := func() string { return fmt.Sprintf("%q", p) }
	switch g.r.IntN(40) {
	case 0, 1, 2, 3, 4:
		flags := pick(g, 0, 1, 2, 3, 0x201, 0x202, 0xa02, 0x601, 0x401, 0x200000, 0x100, 0x208, 0xa, 0x200200, 0x203, 0x24, 0x10|2|4, 0x400000)
		mode := g.mode()
		return call0(fmt.Sprintf("%q, %#x, %#o", p, flags, mode), netbsd.SYS_OPEN, func(k *sysproxy.Call) { k.String(p).Int(int64(flags)).Uint(uint64(mode)) })
	case 5, 6:
		return call0(fmt.Sprint(fd), netbsd.SYS_CLOSE, func(k *sysproxy.Call) { k.Int(int64(max(fd, 3))) })
	case 7, 8:
		b := bytes.Repeat([]byte{byte('a' + g.r.IntN(26))}, pick(g, 0, 1, 10, 511, 512, 513, 4096, 5000, 70000))
		return call0(fmt.Sprintf("%d, %d bytes", fd, len(b)), netbsd.SYS_WRITE, func(k *sysproxy.Call) { k.Int(int64(max(fd, 3))).In(b).Int(int64(len(b))) })
	case 9, 10:
		return callOut(fmt.Sprint(fd), netbsd.SYS_READ, pick(g, 1, 10, 600, 5000), showBytes, func(k *sysproxy.Call) { k.Int(int64(max(fd, 3))) })
	case 11:
		off, whence := pick(g, 0, 1, -1, 100, 5000, -600), pick(g, 0, 0, 1, 2, 3)
		return call0(fmt.Sprintf("%d, %d, %d", fd, off, whence), netbsd.SYS_LSEEK, func(k *sysproxy.Call) { k.Int(int64(fd)).Int(0).Int(int64(off)).Int(int64(whence)) })
	case 12, 13:
		return callOut(at(), netbsd.SYS___STAT50, netbsd.SizeofStat, showStat, func(k *sysproxy.Call) { k.String(p) })
	case 14, 15:
		return callOut(at(), netbsd.SYS___LSTAT50, netbsd.SizeofStat, showStat, func(k *sysproxy.Call) { k.String(p) })
	case 16:
		return callOut(fmt.Sprint(fd), netbsd.SYS___FSTAT50, netbsd.SizeofStat, showStat, func(k *sysproxy.Call) { k.Int(int64(fd)) })
	case 17, 18, 19:
		mode := g.mode()
		return call0(fmt.Sprintf("%q, %#o", p, mode), netbsd.SYS_MKDIR, func(k *sysproxy.Call) { k.String(p).Uint(uint64(mode)) })
	case 20, 21:
		return call0(at(), netbsd.SYS_RMDIR, func(k *sysproxy.Call) { k.String(p) })
	case 22, 23:
		return call0(at(), netbsd.SYS_UNLINK, func(k *sysproxy.Call) { k.String(p) })
	case 24, 25:
		return call0(fmt.Sprintf("%q, %q", p, q), netbsd.SYS_RENAME, func(k *sysproxy.Call) { k.String(p).String(q) })
	case 26:
		return call0(fmt.Sprintf("%q, %q", p, q), netbsd.SYS_LINK, func(k *sysproxy.Call) { k.String(p).String(q) })
	case 27, 28:
		target := pick(g, "a", "b", "../a", "/", "c/d", "e", q)
		return call0(fmt.Sprintf("%q, %q", target, p), netbsd.SYS_SYMLINK, func(k *sysproxy.Call) { k.String(target).String(p) })
	case 29:
		return callOut(at(), netbsd.SYS_READLINK, pick(g, 3, 100), showBytes, func(k *sysproxy.Call) { k.String(p) })
	case 30:
		mode := g.mode()
		return call0(fmt.Sprintf("%q, %#o", p, mode), netbsd.SYS_CHMOD, func(k *sysproxy.Call) { k.String(p).Uint(uint64(mode)) })
	case 31:
		uid, gid := pick(g, -1, 0, 12), pick(g, -1, 0, 34)
		return call0(fmt.Sprintf("%q, %d, %d", p, uid, gid), netbsd.SYS_CHOWN, func(k *sysproxy.Call) { k.String(p).Int(int64(uid)).Int(int64(gid)) })
	case 32:
		size := pick(g, 0, 1, 100, 4096, 5000, 100000, -1)
		return call0(fmt.Sprintf("%q, %d", p, size), netbsd.SYS_TRUNCATE, func(k *sysproxy.Call) { k.String(p).Int(0).Int(int64(size)) })
	case 33:
		size := pick(g, 0, 1, 100, 4096, 5000, -1)
		return call0(fmt.Sprintf("%d, %d", fd, size), netbsd.SYS_FTRUNCATE, func(k *sysproxy.Call) { k.Int(int64(fd)).Int(0).Int(int64(size)) })
	case 34:
		return callOut(fmt.Sprint(fd), netbsd.SYS___GETDENTS30, pick(g, 512, 4096), showDirents, func(k *sysproxy.Call) { k.Int(int64(fd)) })
	case 35:
		mode := pick(g, 0, 1, 2, 4, 6, 8)
		return call0(fmt.Sprintf("%q, %d", p, mode), netbsd.SYS_ACCESS, func(k *sysproxy.Call) { k.String(p).Int(int64(mode)) })
	case 36:
		return call0(at(), netbsd.SYS_CHDIR, func(k *sysproxy.Call) { k.String(p) })
	case 37:
		cmd, arg := pick(g, 0, 1, 2, 3, 4, 11, 13, 14, 99), pick(g, 0, 1, 4, 8, 200)
		return call0(fmt.Sprintf("%d, %d, %d", fd, cmd, arg), netbsd.SYS_FCNTL, func(k *sysproxy.Call) { k.Int(int64(fd)).Int(int64(cmd)).Int(int64(arg)) })
	case 38:
		return callOut("", netbsd.SYS___GETCWD, 1024, func(b []byte, a answer) string { return fmt.Sprintf("%q", b[:a.r0]) }, func(k *sysproxy.Call) {})
	}
	switch g.r.IntN(8) {
	case 0:
		return call0(fmt.Sprint(fd), netbsd.SYS_FCHDIR, func(k *sysproxy.Call) { k.Int(int64(fd)) })
	case 1:
		name := g.r.IntN(18)
		return call0(fmt.Sprintf("%q, %d", p, name), netbsd.SYS_PATHCONF, func(k *sysproxy.Call) { k.String(p).Int(int64(name)) })
	case 2:
		mode, dev := uint64(pick(g, 0o20644, 0o60644, 0o100644, 0o10644, 0o40755)), pick(g, 0x202, 0x20c, 0x777)
		return call0(fmt.Sprintf("%q, %#o, %#x", p, mode, dev), netbsd.SYS___MKNOD50, func(k *sysproxy.Call) { k.String(p).Uint(mode).Int(int64(dev)) })
	case 3:
		return call0(fmt.Sprint(fd), netbsd.SYS_DUP, func(k *sysproxy.Call) { k.Int(int64(fd)) })
	case 4:
		to := pick(g, 3, 4, 9, 12, 1000)
		return call0(fmt.Sprintf("%d, %d", fd, to), netbsd.SYS_DUP2, func(k *sysproxy.Call) { k.Int(int64(fd)).Int(int64(to)) })
	case 5:
		flags := uint64(pick(g, 0, 1, 2, 4, 0x10000))
		return call0(fmt.Sprintf("%q, %#x", p, flags), netbsd.SYS_CHFLAGS, func(k *sysproxy.Call) { k.String(p).Uint(flags) })
	case 6:
		how := pick(g, 5, 6, 8, 0)
		return call0(fmt.Sprintf("%d, %d", fd, how), netbsd.SYS_FLOCK, func(k *sysproxy.Call) { k.Int(int64(fd)).Int(int64(how)) })
	}
	return call0(fmt.Sprint(fd), netbsd.SYS_FSYNC, func(k *sysproxy.Call) { k.Int(int64(fd)) })
}

// mountTmpfs mounts a tmpfs.
func mountTmpfs(t *testing.T, c *sysproxy.Client, path string, size int64) {
	t.Helper()
	do(t, call(c, netbsd.SYS_MKDIR).String(path).Int(0o755))
	args := netbsd.TmpfsArgs{Version: netbsd.TMPFS_ARGS_VERSION, RootMode: 0o755, SizeMax: size}.Append(nil)
	if _, errno := do(t, call(c, netbsd.SYS___MOUNT50).String("tmpfs").String(path).Int(0).In(args).Int(int64(len(args)))); errno != 0 {
		t.Fatalf("mount tmpfs on %s: %v", path, errno)
	}
}

// makeWorkplace makes /w, to be worked in by anybody.
func makeWorkplace(t *testing.T, c *sysproxy.Client, where string) {
	t.Helper()
	const shared = 0o777
	if where == "rumpfs" {
		do(t, call(c, netbsd.SYS_MKDIR).String("/w").Int(0o755))
	} else {
		mountTmpfs(t, c, "/w", 1<<20)
	}
	do(t, call(c, netbsd.SYS_CHMOD).String("/w").Int(shared))
	if where == "rumpfs" || where == "tmpfs" {
		return
	}
	for _, dir := range []string{"/w", "/x"} {
		if dir == "/x" {
			mountTmpfs(t, c, dir, 1<<20)
			do(t, call(c, netbsd.SYS_CHMOD).String(dir).Int(shared))
		}
		for _, folder := range []string{"/a", "/b", "/a/c"} {
			do(t, call(c, netbsd.SYS_MKDIR).String(dir+folder).Int(shared))
		}
		for _, file := range []string{"/c", "/a/a", "/a/b", "/b/d"} {
			writeFile(t, c, dir+file, "in "+dir)
		}
	}
	writeFile(t, c, "/w/d", "only in /w")
	writeFile(t, c, "/x/e", "only in /x")
	switch where {
	case "null":
		mountOn(t, c, "null", "/w", "/x")
	case "union":
		mountUnion(t, c, "/w", "/x", netbsd.UNMNT_ABOVE)
	case "union -b":
		mountUnion(t, c, "/w", "/x", netbsd.UNMNT_BELOW)
	}
}

// unionCalls is how many calls in a union a real kernel must answer: one or the
// other ends it, whatever is left out.
const unionCalls = 50

// killsUnion reports whether a call can end a real kernel when it is made in a
// union: renames and links do, and what makes a file of "..".
func killsUnion(s step) bool {
	return strings.HasPrefix(s.name, "rename(") || strings.HasPrefix(s.name, "link(") || strings.Contains(s.name, "..")
}

// TestDifferential makes random calls on a real kernel and on the fake, and
// compares what they answer.
func TestDifferential(t *testing.T) {
	components := []string{"rumpvfs", "rumpvfs_layerfs", "rumpfs_tmpfs", "rumpfs_null", "rumpfs_union"}
	for _, where := range []string{"tmpfs", "rumpfs", "null", "union", "union -b"} {
		for _, uid := range []int{0, 12} {
			t.Run(fmt.Sprintf("%s/uid=%d", where, uid), func(t *testing.T) {
				real := dialReal(t, components...)
				_, fake := start(t, fakeserver.Config{Components: components})
				for _, c := range []*sysproxy.Client{real, fake} {
					makeWorkplace(t, c, where)
					if uid != 0 {
						do(t, call(c, netbsd.SYS_SETGID).Int(int64(uid)))
						do(t, call(c, netbsd.SYS_SETUID).Int(int64(uid)))
					}
				}
				g := &random{r: rand.New(rand.NewPCG(*diffSeed, uint64(uid))), dir: "/w"}
				bad := 0
				for i := range *diffCalls {
					s := g.step()
					union := strings.HasPrefix(where, "union")
					if union && killsUnion(s) {
						continue
					}
					want, err := s.do(real)
					if err != nil && union && i > unionCalls {
						t.Logf("seed %d, call %d: %s ended the real kernel", *diffSeed, i, s.name)
						break
					}
					if err != nil {
						t.Fatalf("seed %d, call %d: %s: real kernel: %v", *diffSeed, i, s.name, err)
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
					if union && got.errno == netbsd.ENOTDIR && want.errno == netbsd.ENOENT {
						continue // it depends on the real kernel's name cache
					}
					if got != want {
						t.Errorf("seed %d, call %d: %s:\n got %v\nwant %v", *diffSeed, i, s.name, got, want)
						if bad++; bad == *diffMost {
							t.FailNow()
						}
					}
				}
			})
		}
	}
}
