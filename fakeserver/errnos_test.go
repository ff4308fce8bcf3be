package fakeserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// onBoth runs a test on the fake, and on a real kernel if there is one.
func onBoth(t *testing.T, test func(t *testing.T, c *sysproxy.Client), components ...string) {
	t.Helper()
	t.Run("fake", func(t *testing.T) {
		_, c := start(t, fakeserver.Config{Components: components})
		test(t, c)
	})
	t.Run("real", func(t *testing.T) { test(t, dialReal(t, components...)) })
}

// TestErrnos makes calls one after the other which answer otherwise than one
// might think.
func TestErrnos(t *testing.T) {
	negative := netbsd.Timespec{Sec: -1}.Append(nil)
	zero := netbsd.Timespec{}.Append(nil)
	calls := []struct {
		name   string
		n      netbsd.Sysno
		args   func(k *sysproxy.Call)
		r0     uint64
		errno  netbsd.Errno
		signal netbsd.Signal
	}{
		{"a call of a module", netbsd.SYS_SEMGET, func(k *sysproxy.Call) { k.Int(1).Int(1).Int(0) }, 0, netbsd.ENOSYS, netbsd.SIGSYS},
		{"a call for old programs", netbsd.SYS_COMPAT_50_SELECT, func(k *sysproxy.Call) {}, 0, netbsd.ENOSYS, netbsd.SIGSYS},
		{"a call that is nobody's", netbsd.SYS_KILL, func(k *sysproxy.Call) { k.Int(1).Int(1) }, 0, netbsd.ENOSYS, 0},
		{"has it changed its ids?", netbsd.SYS_ISSETUGID, func(k *sysproxy.Call) {}, 0, 0, 0},
		{"the saved id stays with the real one", netbsd.SYS_SETREUID, func(k *sysproxy.Call) { k.Int(0).Int(7) }, 0, 0, 0},
		{"so that it can be had back", netbsd.SYS_SETEUID, func(k *sysproxy.Call) { k.Int(0) }, 0, 0, 0},
		{"it has changed them", netbsd.SYS_ISSETUGID, func(k *sysproxy.Call) {}, 1, 0, 0},
		{"a group that is not there", netbsd.SYS_SETPGID, func(k *sysproxy.Call) { k.Int(0).Int(12345) }, 0, netbsd.EPERM, 0},
		{"poll for a time before now", netbsd.SYS_POLL, func(k *sysproxy.Call) { k.Uint(0).Int(0).Int(-2) }, 0, netbsd.EINVAL, 0},
		{"sleep for less than no time", netbsd.SYS___NANOSLEEP50, func(k *sysproxy.Call) { k.In(negative).Uint(0) }, 0, 0, 0},
		{"a time before a bad descriptor", netbsd.SYS___SELECT50, func(k *sysproxy.Call) {
			k.Int(30).InOut([]byte{0, 0, 0, 0x20}).Uint(0).Uint(0).In(netbsd.Timeval{Usec: 1e6}.Append(nil))
		}, 0, netbsd.EINVAL, 0},
		{"no timer and a bad time", netbsd.SYS___TIMER_SETTIME50, func(k *sysproxy.Call) { k.Int(4).Int(0).In(append(zero, negative...)).Uint(0) }, 0, netbsd.EINVAL, 0},
		{"a timer", netbsd.SYS_TIMER_CREATE, func(k *sysproxy.Call) { k.Int(0).Uint(0).Out(make([]byte, 4)) }, 0, 0, 0},
		{"a timer and a bad time", netbsd.SYS___TIMER_SETTIME50, func(k *sysproxy.Call) { k.Int(5).Int(0).In(append(zero, negative...)).Uint(0) }, 0, netbsd.ETIMEDOUT, 0},
		{"may modules be loaded?", netbsd.SYS_MODCTL, func(k *sysproxy.Call) { k.Int(netbsd.MODCTL_EXISTS).Int(0) }, 0, 0, 0},
		{"can modules be what?", netbsd.SYS_MODCTL, func(k *sysproxy.Call) { k.Int(netbsd.MODCTL_EXISTS).Int(2) }, 0, netbsd.EINVAL, 0},
		{"trace the kernel", netbsd.SYS_FKTRACE, func(k *sysproxy.Call) { k.Int(1).Int(netbsd.KTROP_CLEAR).Int(1).Int(0) }, 0, 0, 0},
		{"advice on no file at all", netbsd.SYS___POSIX_FADVISE50, func(k *sysproxy.Call) { k.Int(77).Int(0).Int(0).Int(-1).Int(0) }, uint64(netbsd.EINVAL), 0, 0},
		{"a lock is read first", netbsd.SYS_FCNTL, func(k *sysproxy.Call) { k.Int(77).Int(netbsd.F_SETLK).Uint(0) }, 0, netbsd.EFAULT, 0},
		{"a file system's own fcntl", netbsd.SYS_FCNTL, func(k *sysproxy.Call) { k.Int(1).Int(-0x80000000).Uint(0) }, 0, netbsd.EOPNOTSUPP, 0},
		{"an attribute", netbsd.SYS_EXTATTR_DELETE_FILE, func(k *sysproxy.Call) { k.String("/").Int(1).String("a") }, 0, netbsd.EOPNOTSUPP, 0},
		{"an attribute of Linux", netbsd.SYS_REMOVEXATTR, func(k *sysproxy.Call) { k.String("/").String("user.a") }, 0, netbsd.ENOTSUP, 0},
		{"a quota that points nowhere", netbsd.SYS___QUOTACTL, func(k *sysproxy.Call) { k.String("/").In(append([]byte{3}, make([]byte, 47)...)) }, 0, netbsd.EFAULT, 0},
		{"no operation on quotas", netbsd.SYS___QUOTACTL, func(k *sysproxy.Call) { k.String("/").In(append([]byte{14}, make([]byte, 47)...)) }, 0, netbsd.EINVAL, 0},
		{"a file system without a name", netbsd.SYS___MOUNT50, func(k *sysproxy.Call) { k.Uint(0).String("/").Int(0).Uint(0).Int(0) }, 0, netbsd.ENODEV, 0},
		{"flags that are all ones", netbsd.SYS_CHFLAGS, func(k *sysproxy.Call) { k.String("/").Int(-1) }, 0, 0, 0},
		{"open a folder", netbsd.SYS_OPEN, func(k *sysproxy.Call) { k.String("/").Int(0).Int(0) }, 3, 0, 0},
		{"whose owner nobody asks for", netbsd.SYS_FCNTL, func(k *sysproxy.Call) { k.Int(3).Int(netbsd.F_GETOWN).Int(0) }, 0, netbsd.EOPNOTSUPP, 0},
		{"and which is polled in vain", netbsd.SYS_POLL, func(k *sysproxy.Call) { k.InOut(netbsd.Pollfd{Fd: 3}.Append(nil)).Int(1).Int(0) }, 1, 0, 0},
		{"a queue of events", netbsd.SYS_KQUEUE, func(k *sysproxy.Call) {}, 4, 0, 0},
		{"none of rumpfs", netbsd.SYS___KEVENT50, func(k *sysproxy.Call) {
			k.Int(4).In(netbsd.Kevent{Ident: 3, Filter: netbsd.EVFILT_VNODE, Flags: netbsd.EV_ADD}.Append(nil)).Int(1).Uint(0).Int(0).Uint(0)
		}, 0, netbsd.EOPNOTSUPP, 0},
		{"work in a folder", netbsd.SYS_CHDIR, func(k *sysproxy.Call) { k.String("/w") }, 0, 0, 0},
		{"which is revoked", netbsd.SYS_REVOKE, func(k *sysproxy.Call) { k.String("/w") }, 0, 0, 0},
		{"and gone", netbsd.SYS_MKDIR, func(k *sysproxy.Call) { k.String("d").Int(0o755) }, 0, netbsd.ENOENT, 0},
		{"where is this?", netbsd.SYS___GETCWD, func(k *sysproxy.Call) { k.Out(make([]byte, 99)).Int(99) }, 0, netbsd.EBADF, 0},
		{"it is there by its name", netbsd.SYS_MKDIR, func(k *sysproxy.Call) { k.String("/w/d").Int(0o755) }, 0, 0, 0},
		{"work in a folder in it", netbsd.SYS_CHDIR, func(k *sysproxy.Call) { k.String("/w/d") }, 0, 0, 0},
		{"of which a small buffer gets the end", netbsd.SYS___GETCWD, func(k *sysproxy.Call) { k.Out(make([]byte, 3)).Int(3) }, 3, 0, 0},
		{"and a smaller one nothing", netbsd.SYS___GETCWD, func(k *sysproxy.Call) { k.Out(make([]byte, 2)).Int(2) }, 0, netbsd.ERANGE, 0},
		{"a device without places", netbsd.SYS_OPEN, func(k *sysproxy.Call) { k.String("/dev/zero").Int(0).Int(0) }, 5, 0, 0},
		{"and a place before it", netbsd.SYS_PREAD, func(k *sysproxy.Call) { k.Int(5).Out(make([]byte, 4)).Int(4).Int(0).Int(-5) }, 4, 0, 0},
		{"work in one of rumpfs", netbsd.SYS_CHDIR, func(k *sysproxy.Call) { k.String("/tmp") }, 0, 0, 0},
		{"which cannot be revoked", netbsd.SYS_REVOKE, func(k *sysproxy.Call) { k.String("/tmp") }, 0, 0, 0},
		{"it is still there", netbsd.SYS_MKDIR, func(k *sysproxy.Call) { k.String("d").Int(0o755) }, 0, 0, 0},
	}
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		mountTmpfs(t, c, "/w", 1<<20)
		for _, s := range calls {
			k := call(c, s.n)
			s.args(k)
			r, err := k.Do(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			if errno := netbsd.Errno(r.Errno); errno != s.errno || errno == 0 && r.R0 != s.r0 || r.Signal != int(s.signal) {
				t.Errorf("%s: %v: got %d, %v, signal %d; want %d, %v, signal %d", s.name, s.n, r.R0, errno, r.Signal, s.r0, s.errno, s.signal)
			}
		}
	}, "rumpvfs", "rumpfs_tmpfs")
}

// TestCloseWhileReading closes pipes from which another call reads.
func TestCloseWhileReading(t *testing.T) {
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		for range 100 { // the close comes at another moment each time
			closeWhileReading(t, c)
		}
	}, "rumpvfs")
}

func closeWhileReading(t *testing.T, c *sysproxy.Client) {
	t.Helper()
	r, err := call(c, netbsd.SYS_PIPE).Do(context.Background())
	if err != nil || r.Errno != 0 {
		t.Fatal(r, err)
	}
	read := make(chan error, 1)
	go func() {
		r, err := call(c, netbsd.SYS_READ).Int(int64(r.R0)).Out(make([]byte, 1)).Int(1).Do(context.Background())
		if err == nil {
			err = netbsd.Errno(r.Errno)
		}
		read <- err
	}()
	// The end that is read from can be closed only while somebody reads once
	// somebody does, which nothing tells: if nobody does yet, EBADF it is, too.
	if _, errno := do(t, call(c, netbsd.SYS_CLOSE).Int(int64(r.R0))); errno != 0 {
		t.Fatal(errno)
	}
	if err := <-read; !errors.Is(err, netbsd.EBADF) {
		t.Errorf("read: got %v, want EBADF", err)
	}
	if _, errno := do(t, call(c, netbsd.SYS_CLOSE).Int(int64(r.R1))); errno != 0 {
		t.Fatal(errno)
	}
}

// TestFileHandles opens a file by its handle.
func TestFileHandles(t *testing.T) {
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		mountTmpfs(t, c, "/w", 1<<20)
		do(t, call(c, netbsd.SYS_OPEN).String("/w/f").Int(netbsd.O_CREAT).Int(0o644))
		size := binary.LittleEndian.AppendUint64(nil, 27)
		if _, errno := do(t, call(c, netbsd.SYS___GETFH30).String("/w/f").Uint(0).InOut(size)); errno != netbsd.E2BIG {
			t.Errorf("getfh without room: got %v, want E2BIG", errno)
		}
		handle := make([]byte, binary.LittleEndian.Uint64(size))
		if _, errno := do(t, call(c, netbsd.SYS___GETFH30).String("/w/f").Out(handle).InOut(size)); errno != 0 || len(handle) != 28 {
			t.Fatalf("getfh: %d bytes, %v", len(handle), errno)
		}
		open := func(h []byte, flags int64) netbsd.Errno {
			fd, errno := do(t, call(c, netbsd.SYS___FHOPEN40).In(h).Int(int64(len(h))).Int(flags))
			if errno == 0 {
				if errno := write(t, c, fd, 100); errno != 0 {
					t.Errorf("write: %v", errno)
				}
			}
			return errno
		}
		if errno := open(handle, netbsd.O_WRONLY); errno != 0 {
			t.Errorf("fhopen: %v", errno)
		}
		b := make([]byte, netbsd.SizeofStat)
		if _, errno := do(t, call(c, netbsd.SYS___FHSTAT50).In(handle).Int(28).Out(b)); errno != 0 {
			t.Errorf("fhstat: %v", errno)
		}
		if st, _ := netbsd.ParseStat(b); st.Size != 100 {
			t.Errorf("the file has %d bytes, want 100", st.Size)
		}
		if errno := open(append(bytes.Clone(handle), make([]byte, 4)...), netbsd.O_WRONLY); errno != 0 {
			t.Errorf("fhopen with a handle padded for NFS: %v", errno)
		}
		if errno := open(append(bytes.Clone(handle), make([]byte, 8)...), netbsd.O_WRONLY); errno != netbsd.EINVAL {
			t.Errorf("fhopen with a handle padded otherwise: got %v, want EINVAL", errno)
		}
		do(t, call(c, netbsd.SYS_UNLINK).String("/w/f"))
		other := bytes.Clone(handle)
		other[16] ^= 0xff
		if errno := open(other, netbsd.O_RDONLY); errno != netbsd.ESTALE {
			t.Errorf("fhopen of a file that never was: got %v, want ESTALE", errno)
		}
		if _, errno := do(t, call(c, netbsd.SYS___GETFH30).String("/").Out(handle).InOut(size)); errno != netbsd.EOPNOTSUPP {
			t.Errorf("getfh on rumpfs: got %v, want EOPNOTSUPP", errno)
		}
	}, "rumpvfs", "rumpfs_tmpfs")
}

// write writes n bytes to a descriptor.
func write(t *testing.T, c *sysproxy.Client, fd uint64, n int) netbsd.Errno {
	t.Helper()
	_, errno := do(t, call(c, netbsd.SYS_WRITE).Int(int64(fd)).In(make([]byte, n)).Int(int64(n)))
	return errno
}

// TestTimerSignals waits for the signals of timers.
func TestTimerSignals(t *testing.T) {
	soon := netbsd.Itimerval{Value: netbsd.Timeval{Usec: 20000}}.Append(nil)
	wait := func(t *testing.T, c *sysproxy.Client, want netbsd.Signal) {
		t.Helper()
		r, err := call(c, netbsd.SYS_POLL).Uint(0).Int(0).Int(1000).Do(t.Context())
		if err != nil || r.Signal != int(want) {
			t.Errorf("got signal %d (%v), want %d", r.Signal, err, want)
		}
	}
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		do(t, call(c, netbsd.SYS___SETITIMER50).Int(netbsd.ITIMER_REAL).In(soon).Uint(0))
		wait(t, c, netbsd.SIGALRM)
		do(t, call(c, netbsd.SYS___SETITIMER50).Int(netbsd.ITIMER_VIRTUAL).In(soon).Uint(0))
		wait(t, c, 0)
		const notifyBySignal = 1
		event := binary.LittleEndian.AppendUint32(nil, notifyBySignal)
		event = binary.LittleEndian.AppendUint32(event, uint32(netbsd.SIGUSR1))
		id := make([]byte, 4)
		do(t, call(c, netbsd.SYS_TIMER_CREATE).Int(netbsd.CLOCK_MONOTONIC).In(append(event, make([]byte, 24)...)).Out(id))
		do(t, call(c, netbsd.SYS___TIMER_SETTIME50).Int(int64(id[0])).Int(0).In(netbsd.Itimerspec{Value: netbsd.Timespec{Nsec: 2e7}}.Append(nil)).Uint(0))
		wait(t, c, netbsd.SIGUSR1)
	}, "rumpvfs")
}

// TestSpecialNames looks names up in file systems that have none of their own.
func TestSpecialNames(t *testing.T) {
	onBoth(t, func(t *testing.T, c *sysproxy.Client) {
		for _, typ := range []string{"kernfs", "fdesc"} {
			do(t, call(c, netbsd.SYS_MKDIR).String("/"+typ).Int(0o755))
			mountOn(t, c, typ, "/"+typ, "")
		}
		do(t, call(c, netbsd.SYS_OPEN).String("/").Int(0).Int(0))
		for _, s := range []struct {
			name string
			n    netbsd.Sysno
			path string
			want netbsd.Errno
		}{
			{"a device that is not listed", netbsd.SYS___LSTAT50, "/kernfs/rootdev", 0},
			{"to remove what is in no folder", netbsd.SYS_UNLINK, "/kernfs/hz/x", netbsd.EROFS},
			{"to look for it", netbsd.SYS_CHDIR, "/kernfs/hz/x", netbsd.ENOTDIR},
			{"a terminal", netbsd.SYS___LSTAT50, "/fdesc/tty", netbsd.ENXIO},
			{"a descriptor of the console", netbsd.SYS___LSTAT50, "/fdesc/fd/1", netbsd.EBADF},
			{"a descriptor of a folder", netbsd.SYS___LSTAT50, "/fdesc/fd/3", 0},
			{"a descriptor and a slash", netbsd.SYS___LSTAT50, "/fdesc/fd/1/", netbsd.ENOENT},
			{"a closed descriptor", netbsd.SYS___LSTAT50, "/fdesc/fd/77", netbsd.EBADF},
			{"no descriptor", netbsd.SYS___LSTAT50, "/fdesc/fd/x", netbsd.ENOENT},
			{"to make a folder", netbsd.SYS_MKDIR, "/fdesc/x", netbsd.ENOENT},
			{"to remove a folder's mode", netbsd.SYS_CHMOD, "/fdesc/fd", netbsd.EACCES},
			{"to trace into a descriptor", netbsd.SYS_KTRACE, "/fdesc/fd/1", netbsd.EDUPFD},
		} {
			k := call(c, s.n).String(s.path)
			if s.n == netbsd.SYS___LSTAT50 {
				k.Out(make([]byte, netbsd.SizeofStat))
			}
			if _, errno := do(t, k.Int(0).Int(1).Int(1)); errno != s.want {
				t.Errorf("%s: %v %s: got %v, want %v", s.name, s.n, s.path, errno, s.want)
			}
		}
	}, "rumpvfs", "rumpfs_kernfs", "rumpfs_fdesc")
}
