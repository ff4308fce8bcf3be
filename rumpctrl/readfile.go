package rumpctrl

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// readFile reads a file of the kernel.
func (e *Env) readFile(ctx context.Context, path string) ([]byte, error) {
	fail := func(op string, errno int) error {
		return &rump.Error{Kernel: e.Kernel.String(), Op: op, Object: path, Errno: netbsd.Errno(errno)}
	}
	client := e.Kernel.Client()
	r, err := client.NewCall(uint32(netbsd.SYS_OPEN)).String(path).Int(netbsd.O_RDONLY).Int(0).Do(ctx)
	if err != nil {
		return nil, err
	}
	if r.Errno != 0 {
		return nil, fail("open", r.Errno)
	}
	fd := rump.FD(r.R0)
	defer e.Kernel.CloseFD(ctx, fd)
	var content []byte
	buf := make([]byte, 16<<10)
	for {
		r, err := client.NewCall(uint32(netbsd.SYS_READ)).Int(int64(fd)).Out(buf).Int(int64(len(buf))).Do(ctx)
		if err != nil {
			return nil, err
		}
		if r.Errno != 0 {
			return nil, fail("read", r.Errno)
		}
		if r.R0 == 0 {
			return content, nil
		}
		content = append(content, buf[:min(r.R0, uint64(len(buf)))]...)
	}
}
