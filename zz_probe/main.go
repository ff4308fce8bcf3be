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
	ctx := context.Background()
	r, _ := c.NewCall(uint32(netbsd.SYS_OPEN)).String("/pf").Int(0x602).Int(0o644).Do(ctx)
	fd := int64(r.R0)
	c.NewCall(uint32(netbsd.SYS_WRITE)).Int(fd).In([]byte("0123456789")).Int(10).Do(ctx)
	for _, off := range []int64{9, 10, 11, 100, 4095, 4096, 5000} {
		for _, n := range []int{1, 100, 8000} {
			b := make([]byte, n)
			r, err := c.NewCall(uint32(netbsd.SYS_PREAD)).Int(fd).Out(b).Int(int64(n)).Int(0).Int(off).Do(ctx)
			fmt.Println("pread off", off, "n", n, "=", r.R0, netbsd.Errno(r.Errno).Name(), err, b[:min(4, n)])
		}
	}
}
