package fakeserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// walkSysctl lists the names of all nodes below one, and whether they say the same
// whenever and wherever they are asked.
func walkSysctl(t testing.TB, c *sysproxy.Client, at []int32, visit func(mib []int32, n netbsd.Sysctlnode)) {
	query := netbsd.Sysctlnode{Flags: netbsd.SYSCTL_VERSION}.Append(nil)
	b, errno := sysctl(t, c, append(slices.Clone(at), netbsd.CTL_QUERY), 1<<16, query)
	if errno != 0 {
		return
	}
	nodes, err := netbsd.ParseSysctlnodes(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		mib := append(slices.Clone(at), n.Num)
		visit(mib, n)
		if n.Type() == netbsd.CTLTYPE_NODE {
			walkSysctl(t, c, mib, visit)
		}
	}
}

// passing reports whether what a node says depends on when it is asked, or on what the
// machine has done: statistics and lists.
func passing(mib []int32, typ uint32) bool {
	return typ == netbsd.CTLTYPE_STRUCT || mib[1] == netbsd.PF_ROUTE
}

// settable reports whether setting a node is for the kernel to survive, and for the
// calls after it to mean something.
func settable(mib []int32) bool {
	return len(mib) > 2 && mib[0] == netbsd.CTL_NET && mib[1] != netbsd.PF_ROUTE
}

// TestDifferentialSysctl is TestDifferential for sysctl(3) about the network.
func TestDifferentialSysctl(t *testing.T) {
	dir := t.TempDir()
	// What is loaded last takes its numbers first.
	components := append(slices.Clone(diffComponents[1:]), diffComponents[0])
	real := &host{t: t, c: dialReal(t, components...)}
	fake := newHost(t, fakeserver.Config{Components: components})
	real.onWire(filepath.Join(dir, "real"), "10.0.0.1/24")
	fake.onWire(filepath.Join(dir, "fake"), "10.0.0.1/24")
	var mibs [][]int32
	types := make(map[string]uint32)
	walkSysctl(t, real.c, []int32{netbsd.CTL_NET}, func(mib []int32, n netbsd.Sysctlnode) {
		mibs = append(mibs, mib)
		types[fmt.Sprint(mib)] = n.Type()
	})
	g := &random{r: rand.New(rand.NewPCG(*diffSeed, 13))}
	bad := 0
	for i := range *diffCalls {
		mib := slices.Clone(pick(g, mibs...))
		same := len(mib) > 1 && !passing(mib, types[fmt.Sprint(mib)])
		switch g.r.IntN(8) {
		case 0:
			mib[g.r.IntN(len(mib))] += int32(pick(g, 1, -1, 100))
			same = false
		case 1:
			mib = append(mib, int32(pick(g, 0, 1, 2, 17, -1, 1000)))
			same = false
		case 2:
			mib = mib[:len(mib)-1]
			same = false
		case 3:
			mib = append(mib, int32(pick(g, netbsd.CTL_QUERY, netbsd.CTL_DESCRIBE, netbsd.CTL_CREATE, netbsd.CTL_DESTROY, netbsd.CTL_EOL)))
			same = false
		}
		room := pick(g, -1, 0, 1, 4, 8, 16, 64, 1<<16)
		var val []byte
		if (settable(mib) || g.r.IntN(4) == 0 && len(mib) > 0 && mib[0] == netbsd.CTL_NET) && g.r.IntN(3) == 0 {
			val = make([]byte, pick(g, 1, 4, 4, 4, 8, 5, 64))
			if len(val) >= 4 {
				binary.LittleEndian.PutUint32(val, uint32(pick(g, 0, 1, 1, 2, 64, 255, 1000, 65536))) // the real kernel does not survive a limit of -1
			}
		}
		namelen := len(mib)
		if g.r.IntN(30) == 0 {
			namelen = pick(g, 0, 1, 13, -1)
			mib = append(mib, make([]int32, 13)...)[:max(13, len(mib))]
			same = false
		}
		one := func(c *sysproxy.Client) (answer, error) {
			k := call(c, netbsd.SYS___SYSCTL).In(netbsd.AppendMib(nil, mib...)).Int(int64(namelen))
			old, size := make([]byte, max(room, 0)), binary.LittleEndian.AppendUint64(nil, uint64(max(room, 0)))
			if room < 0 {
				k.Uint(0)
			} else {
				k.Out(old)
			}
			k.InOut(size)
			if val == nil {
				k.Uint(0).Int(0)
			} else {
				k.In(bytes.Clone(val)).Int(int64(len(val)))
			}
			r, err := k.Do(context.Background())
			a := answer{errno: netbsd.Errno(r.Errno)}
			if same {
				n := binary.LittleEndian.Uint64(size)
				a.out = fmt.Sprintf("%d %x", n, old[:min(n, uint64(len(old)))])
			}
			return a, err
		}
		name := fmt.Sprintf("sysctl(%v/%d, type %d, room %d, %x)", mib, namelen, types[fmt.Sprint(mib)], room, val)
		want, err := one(real.c)
		if err != nil {
			t.Fatalf("seed %d, call %d: %s: real kernel: %v", *diffSeed, i, name, err)
		}
		got, err := one(fake.c)
		if err != nil {
			t.Fatalf("seed %d, call %d: %s: fake kernel: %v", *diffSeed, i, name, err)
		}
		if os.Getenv("DIFFTRACE") != "" {
			fmt.Println(i, name, "=", want)
		}
		if got != want {
			t.Errorf("seed %d, call %d: %s:\n got %v\nwant %v", *diffSeed, i, name, got, want)
			if bad++; bad > *diffMost {
				t.FailNow()
			}
		}
	}
}

// TestDifferentialSizes compares what nodes of the kernel, whose values pass, say of their
// sizes: with no room, too little and more than they need, and with a new value.
func TestDifferentialSizes(t *testing.T) {
	sizes := func(h *host) string {
		var log string
		for _, base := range [][]int32{{1, 53}, {1, 31}, {1, 81}, {1, 84}, {1, 1034, 1035}, {1, 1038}, {3, 1058}} {
			for _, tail := range [][]int32{{}, {0}, {-1}, {0, 0}, {-1, 0}, {1, 0}, {2, 0}, {3, 0}, {0, 2}, {0, 0, 0}} {
				for _, room := range []int{-1, 0, 3, 4, 100, 256, 257, 1 << 18} {
					for _, val := range [][]byte{nil, one} {
						mib := append(append([]int32{}, base...), tail...)
						size := binary.LittleEndian.AppendUint64(nil, uint64(max(room, 0)))
						k := call(h.c, netbsd.SYS___SYSCTL).In(netbsd.AppendMib(nil, mib...)).Int(int64(len(mib)))
						if room < 0 {
							k.Int(0)
						} else {
							k.Out(make([]byte, room))
						}
						r, err := k.InOut(size).In(val).Int(int64(len(val))).Do(context.Background())
						if err != nil {
							t.Fatal(err)
						}
						log += fmt.Sprintf("%v with room for %d, new %v: %v, %d\n", mib, room, val, netbsd.Errno(r.Errno), binary.LittleEndian.Uint64(size))
					}
				}
			}
		}
		return log
	}
	fake := newHost(t, fakeserver.Config{Components: diffComponents})
	if d := cmp.Diff(sizes(realHost(t)), sizes(fake)); d != "" {
		t.Errorf("-real +fake:\n%s", d)
	}
}
