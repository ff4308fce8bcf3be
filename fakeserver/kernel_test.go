package fakeserver_test

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// start makes a kernel and a client for a test.
func start(t testing.TB, cfg fakeserver.Config) (*fakeserver.Kernel, *sysproxy.Client) {
	t.Helper()
	k, err := fakeserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k, dial(t, k, "test")
}

func dial(t testing.TB, k *fakeserver.Kernel, program string) *sysproxy.Client {
	t.Helper()
	c, err := (&sysproxy.Dialer{DialContext: k.DialContext, Program: program}).Dial(context.Background(), k.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// do makes a call and returns its result.
func do(t testing.TB, k *sysproxy.Call) (uint64, netbsd.Errno) {
	t.Helper()
	r, err := k.Do(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r.R0, netbsd.Errno(r.Errno)
}

func call(c *sysproxy.Client, n netbsd.Sysno) *sysproxy.Call { return c.NewCall(uint32(n)) }

func sysctl(t testing.TB, c *sysproxy.Client, mib []int32, room int, val []byte) ([]byte, netbsd.Errno) {
	t.Helper()
	old, size := make([]byte, room), make([]byte, 8)
	binary.LittleEndian.PutUint64(size, uint64(room))
	_, errno := do(t, call(c, netbsd.SYS___SYSCTL).In(netbsd.AppendMib(nil, mib...)).Int(int64(len(mib))).Out(old).InOut(size).In(val).Int(int64(len(val))))
	return old[:min(binary.LittleEndian.Uint64(size), uint64(room))], errno
}

func TestSysctl(t *testing.T) {
	_, c := start(t, fakeserver.Config{Hostname: "host"})
	tests := []struct {
		name  string
		mib   []int32
		room  int
		val   string
		want  string
		errno netbsd.Errno
	}{
		{"read", []int32{1, 1}, 64, "", "NetBSD\x00", 0},
		{"too small", []int32{1, 1}, 3, "", "Net", netbsd.ENOMEM},
		{"hostname", []int32{1, 10}, 64, "", "host\x00", 0},
		{"set hostname", []int32{1, 10}, 0, "other", "", netbsd.ENOMEM},
		{"hostname set", []int32{1, 10}, 64, "", "other\x00", 0},
		{"read-only", []int32{1, 1}, 0, "Linux", "", netbsd.EPERM},
		{"random without room", []int32{1, 81}, 0, "", "", 0},
		{"too much random", []int32{1, 81}, 257, "", string(make([]byte, 257)), netbsd.E2BIG},
		{"messages", []int32{1, 53}, 3, "", "\x00\x00\x00", 0},
		{"setting messages", []int32{1, 53}, 0, "x", "", netbsd.EPERM},
		{"counters of no type", []int32{1, 84}, 0, "", "", netbsd.EINVAL},
		{"counters of interrupts", []int32{1, 84, 1, 0}, 64, "", "", 0},
		{"a counter", []int32{1, 84, 0, 0}, 60, "", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x0f\x07vmem\x00static_bt_inuse\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", netbsd.ENOMEM},
		{"no such node", []int32{1, 4000}, 0, "", "", netbsd.ENOENT},
		{"below a leaf", []int32{1, 1, 1}, 0, "", "", netbsd.ENOTDIR},
		{"a node", []int32{1}, 0, "", "", netbsd.EINVAL},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var val []byte
			if test.val != "" {
				val = []byte(test.val)
			}
			got, errno := sysctl(t, c, test.mib, test.room, val)
			if string(got) != test.want || errno != test.errno {
				t.Errorf("got %q, %v; want %q, %v", got, errno, test.want, test.errno)
			}
		})
	}
}
