package fakeserver_test

import (
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// TestLocalSocketFile binds a local socket, which is a file that outlives it.
func TestLocalSocketFile(t *testing.T) {
	h := newHost(t, fakeserver.Config{Components: []string{"rumpvfs", "rumpnet_local"}})
	name := netbsd.SockaddrUn{Path: "/s"}.Append(nil)
	use := func(n netbsd.Sysno, fd int64) netbsd.Errno {
		_, errno := do(t, call(h.c, n).Int(fd).In(name).Int(int64(len(name))))
		return errno
	}
	expect := func(what string, got, want netbsd.Errno) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	l := h.socket(netbsd.AF_LOCAL, netbsd.SOCK_STREAM, 0)
	c := h.socket(netbsd.AF_LOCAL, netbsd.SOCK_STREAM, 0)
	expect("connect to nothing", use(netbsd.SYS_CONNECT, c), netbsd.ENOENT)
	expect("bind", use(netbsd.SYS_BIND, l), 0)
	expect("bind another", use(netbsd.SYS_BIND, c), netbsd.EADDRINUSE)
	expect("connect to a socket that does not listen", use(netbsd.SYS_CONNECT, c), netbsd.ECONNREFUSED)
	h.listen(l)
	expect("connect", use(netbsd.SYS_CONNECT, c), 0)
	b := make([]byte, netbsd.SizeofStat)
	h.sys(call(h.c, netbsd.SYS___STAT50).String("/s").Out(b))
	st, err := netbsd.ParseStat(b)
	if err != nil || st.Mode != netbsd.S_IFSOCK|0o755 {
		t.Errorf("mode %o: %v", st.Mode, err)
	}
	_, errno := do(t, call(h.c, netbsd.SYS_OPEN).String("/s").Int(0))
	expect("open", errno, netbsd.EOPNOTSUPP)
	h.close(l)
	expect("connect to a socket that is gone", use(netbsd.SYS_CONNECT, h.socket(netbsd.AF_LOCAL, netbsd.SOCK_STREAM, 0)), netbsd.ECONNREFUSED)
	h.sys(call(h.c, netbsd.SYS_UNLINK).String("/s"))
	expect("connect to what has been removed", use(netbsd.SYS_CONNECT, h.socket(netbsd.AF_LOCAL, netbsd.SOCK_STREAM, 0)), netbsd.ENOENT)
}
