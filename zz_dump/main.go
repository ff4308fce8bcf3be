package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

func main() {
	ctx := context.Background()
	c, err := sysproxy.Dial(ctx, os.Args[1])
	if err != nil {
		panic(err)
	}
	var walk func(mib []int32, name string)
	sys := func(mib []int32, old []byte, nw []byte) (int, uint64) {
		l := make([]byte, 8)
		binary.LittleEndian.PutUint64(l, uint64(len(old)))
		k := c.NewCall(uint32(netbsd.SYS___SYSCTL)).In(netbsd.AppendMib(nil, mib...)).Int(int64(len(mib))).Out(old).InOut(l)
		if nw == nil {
			k = k.Uint(0).Uint(0)
		} else {
			k = k.In(nw).Int(int64(len(nw)))
		}
		r, err := k.Do(ctx)
		if err != nil {
			panic(err)
		}
		return r.Errno, binary.LittleEndian.Uint64(l)
	}
	walk = func(mib []int32, name string) {
		old := make([]byte, 96*200)
		q := netbsd.Sysctlnode{Flags: netbsd.SYSCTL_VERSION}
		e, n := sys(append(append([]int32{}, mib...), netbsd.CTL_QUERY), old, q.Append(nil))
		if e != 0 {
			fmt.Printf("# %s query errno %d\n", name, e)
			return
		}
		nodes, err := netbsd.ParseSysctlnodes(old[:n])
		if err != nil {
			panic(err)
		}
		desc := map[int32]string{}
		db := make([]byte, 65536)
		e, n = sys(append(append([]int32{}, mib...), netbsd.CTL_DESCRIBE), db, nil)
		if e == 0 {
			b := db[:n]
			for len(b) >= 12 {
				num := int32(binary.LittleEndian.Uint32(b))
				ln := int(binary.LittleEndian.Uint32(b[8:]))
				if ln > 0 && ln <= len(b)-12 {
					desc[num] = strings.TrimRight(string(b[12:12+ln]), "\x00")
				}
				b = b[(12+ln+3)&^3:]
			}
		} else {
			fmt.Printf("# %s describe errno %d\n", name, e)
		}
		for _, nd := range nodes {
			m := append(append([]int32{}, mib...), nd.Num)
			full := nd.Name
			if name != "" {
				full = name + "." + nd.Name
			}
			val := ""
			ms := make([]string, len(m))
			for i, x := range m {
				ms[i] = fmt.Sprint(x)
			}
			if nd.Type() != netbsd.CTLTYPE_NODE {
				vb := make([]byte, 70000)
				e, n := sys(m, vb, nil)
				if e != 0 {
					val = fmt.Sprintf("!%d", e)
				} else {
					val = hex.EncodeToString(vb[:min(n, 70000)])
					if len(val) > 600 { val = fmt.Sprintf("?%d", n) }
				}
			}
			fn := 0
			if nd.Func != 0 {
				fn = 1
			}
			fmt.Printf("%s|%s|%#x|%d|%d|%x|%d|%s|%q\n", strings.Join(ms, "."), full, nd.Flags, nd.Ver, nd.Size, nd.Un, fn, val, desc[nd.Num])
			if nd.Type() == netbsd.CTLTYPE_NODE {
				walk(m, full)
			}
		}
	}
	walk(nil, "")
}
