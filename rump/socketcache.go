package rump

import (
	"context"
	"errors"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// socketCache holds a process's sockets for ioctls: one a family, made when it
// is first needed and closed by the kernel when the process ends.
type socketCache struct {
	mu  sync.Mutex
	fds map[int]FD
}

// ioctlSocket returns a datagram socket of a family.
func (k *Kernel) ioctlSocket(ctx context.Context, family int) (FD, error) {
	c := k.socks
	c.mu.Lock()
	defer c.mu.Unlock()
	if fd, ok := c.fds[family]; ok {
		return fd, nil
	}
	fd, err := k.Socket(ctx, family, netbsd.SOCK_DGRAM, 0)
	if err != nil {
		return -1, err
	}
	if c.fds == nil {
		c.fds = make(map[int]FD)
	}
	c.fds[family] = fd
	return fd, nil
}

// forget drops a cached socket that the kernel does not know any more.
func (c *socketCache) forget(family int, fd FD) {
	c.mu.Lock()
	if c.fds[family] == fd {
		delete(c.fds, family)
	}
	c.mu.Unlock()
}

// Supports returns nil if the kernel has sockets of a family, netbsd.AF_INET or
// another, and otherwise the error that making one gives.
func (k *Kernel) Supports(ctx context.Context, family int) error {
	_, err := k.ioctlSocket(ctx, family)
	return err
}

// NetIoctl performs an ioctl(2) on some datagram socket of the family, which is
// how interfaces are configured. The kernel reads the request's argument from
// arg and writes it there; object names it in errors. A family of AF_UNSPEC
// means that any will do.
func (k *Kernel) NetIoctl(ctx context.Context, family int, req netbsd.Ioctl, arg []byte, object string) error {
	return k.netIoctlWith(ctx, family, req, object, func(*sysproxy.Call) []byte { return arg })
}

func (k *Kernel) netIoctlWith(ctx context.Context, family int, req netbsd.Ioctl, object string, build func(*sysproxy.Call) []byte) error {
	families := []int{family}
	if family == netbsd.AF_UNSPEC {
		// A kernel may lack any of the protocols; its interfaces answer to all.
		families = []int{netbsd.AF_INET, netbsd.AF_INET6, netbsd.AF_LOCAL, netbsd.AF_LINK}
	}
	var first error
	for _, family := range families {
		// A cached socket is stale if the process is a new one after a reconnect.
		for range 2 {
			fd, err := k.ioctlSocket(ctx, family)
			if errors.Is(err, netbsd.EAFNOSUPPORT) || errors.Is(err, netbsd.EPROTONOSUPPORT) {
				if first == nil {
					first = err
				}
				break
			}
			if err != nil {
				return err
			}
			err = k.ioctlWith(ctx, fd, req, object, build)
			if !errors.Is(err, netbsd.EBADF) {
				return err
			}
			k.socks.forget(family, fd)
		}
	}
	return first
}
