package rump

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// FD is a descriptor of a Kernel's process.
type FD int32

// CloseFD closes a descriptor: close(2). Unlike other calls it is not abandoned
// when ctx ends, so that no descriptor is left behind.
func (k *Kernel) CloseFD(ctx context.Context, fd FD) error {
	_, err := k.do(context.WithoutCancel(ctx), k.call(netbsd.SYS_CLOSE).Int(int64(fd)), "close", "")
	return err
}

// Ioctl performs an ioctl(2) on a descriptor. The kernel reads the request's
// argument from arg and writes it there, as the request says.
func (k *Kernel) Ioctl(ctx context.Context, fd FD, req netbsd.Ioctl, arg []byte, object string) error {
	return k.ioctlWith(ctx, fd, req, object, func(*sysproxy.Call) []byte { return arg })
}

// ioctlWith is Ioctl for an argument which points to other memory: build returns
// it, having lent what it points to.
func (k *Kernel) ioctlWith(ctx context.Context, fd FD, req netbsd.Ioctl, object string, build func(*sysproxy.Call) []byte) error {
	c := k.call(netbsd.SYS_IOCTL).Int(int64(fd)).Uint(uint64(req))
	_, err := k.do(ctx, c.InOut(build(c)), req.String(), object)
	return err
}

// Socket makes a socket: socket(2). Most work on interfaces is done by ioctl on
// some socket of the right family.
func (k *Kernel) Socket(ctx context.Context, family, typ, protocol int) (FD, error) {
	c := k.call(netbsd.SYS___SOCKET30).Int(int64(family)).Int(int64(typ)).Int(int64(protocol))
	r, err := k.do(ctx, c, "socket", familyName(family))
	return FD(r.R0), err
}

func familyName(family int) string {
	switch family {
	case netbsd.AF_INET:
		return "AF_INET"
	case netbsd.AF_INET6:
		return "AF_INET6"
	case netbsd.AF_ROUTE:
		return "AF_ROUTE"
	case netbsd.AF_LOCAL:
		return "AF_LOCAL"
	case netbsd.AF_LINK:
		return "AF_LINK"
	}
	return ""
}
