package main

import (
	"context"
	"fmt"
	"os"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

func main() {
	c, err := sysproxy.Dial(context.Background(), os.Args[1])
	if err != nil {
		panic(err)
	}
	for i := 2; i+2 < len(os.Args)+0; i += 3 {
		typ, path, arg := os.Args[i], os.Args[i+1], os.Args[i+2]
		c.NewCall(uint32(netbsd.SYS_MKDIR)).String(path).Int(0o755).Do(context.Background())
		k := c.NewCall(uint32(netbsd.SYS___MOUNT50)).String(typ).String(path).Int(0)
		var data []byte
		switch typ {
		case "null":
			data = netbsd.NullArgs{Target: k.Lend(append([]byte(arg), 0), sysproxy.Read)}.Append(nil)
		case "union":
			data = netbsd.UnionArgs{Target: k.Lend(append([]byte(arg), 0), sysproxy.Read)}.Append(nil)
		case "tmpfs":
			data = netbsd.TmpfsArgs{Version: netbsd.TMPFS_ARGS_VERSION, RootMode: 0o755}.Append(nil)
		case "ptyfs":
			data = netbsd.PtyfsArgs{Version: 2, Mode: 0o620}.Append(nil)
		}
		if data != nil {
			k = k.In(data).Int(int64(len(data)))
		} else {
			k = k.Uint(0).Int(0)
		}
		r, err := k.Do(context.Background())
		fmt.Println(typ, path, arg, netbsd.Errno(r.Errno), err)
	}
}
