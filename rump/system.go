package rump

import (
	"context"
	"errors"
	"io"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Reboot ends the kernel: reboot(2) with RB_HALT and its like. A rump kernel does
// not come back. It may be gone before it has answered, which is no error.
func (k *Kernel) Reboot(ctx context.Context, howto uint32, bootstr string) error {
	c := k.call(netbsd.SYS_REBOOT).Uint(uint64(howto))
	if howto&netbsd.RB_STRING != 0 {
		c.String(bootstr)
	} else {
		c.Uint(0)
	}
	_, err := k.do(ctx, c, "reboot", "")
	var lost *sysproxy.TransportError
	if errors.As(err, &lost) && (lost.Op == "read" || lost.Err == io.EOF) {
		return nil
	}
	return err
}

// Ktrace changes which events of a process, or with a negative pid of a process
// group, the kernel records in a file: ktrace(2) with KTROP_SET and KTRFAC_*.
func (k *Kernel) Ktrace(ctx context.Context, file string, ops, points uint32, pid int) error {
	if err := k.badPath("ktrace", file); err != nil {
		return err
	}
	c := k.call(netbsd.SYS_KTRACE)
	if file == "" {
		c.Uint(0)
	} else {
		c.String(file)
	}
	c.Uint(uint64(ops)).Uint(uint64(points)).Int(int64(pid))
	_, err := k.do(ctx, c, "ktrace", file)
	return err
}

// Fktrace is Ktrace into an open file: fktrace(2).
func (k *Kernel) Fktrace(ctx context.Context, fd FD, ops, points uint32, pid int) error {
	_, err := k.onFD(ctx, netbsd.SYS_FKTRACE, "fktrace", fd, "", uint64(ops), uint64(points), uint64(int64(pid)))
	return err
}
