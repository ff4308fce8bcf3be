package starlark

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// named unpacks a number that may also be given by its name.
func named(v starlark.Value, what string, lookup func(string) (int, bool)) (int, error) {
	if s, ok := v.(starlark.String); ok {
		n, ok := lookup(string(s))
		if !ok {
			return 0, fmt.Errorf("no %s is named %s", what, s)
		}
		return n, nil
	}
	var n uint32
	err := starlark.AsInt(v, &n)
	return int(n), err
}

func fileFcntl(c *call) (starlark.Value, error) {
	var command starlark.Value
	var arg int64
	if err := c.unpack(&command, &arg); err != nil {
		return nil, err
	}
	cmd, err := named(command, "command of fcntl", netbsd.LookupFcntl)
	if err != nil {
		return nil, fmt.Errorf("fcntl: %w", err)
	}
	switch cmd {
	case netbsd.F_GETLK, netbsd.F_SETLK, netbsd.F_SETLKW:
		return nil, fmt.Errorf("fcntl: locks are those of lock, unlock and locked")
	}
	n, err := waiting(c.scope, func() (int, error) { return c.file().Fcntl(cmd, arg) })
	return starlark.MakeInt(n), err
}

func fileIoctl(c *call) (starlark.Value, error) {
	var request starlark.Value
	var data content
	if err := c.unpack(&request, &data); err != nil {
		return nil, err
	}
	n, err := named(request, "request of ioctl", func(name string) (int, bool) {
		req, ok := netbsd.LookupIoctl(name)
		return int(req), ok
	})
	if err != nil {
		return nil, fmt.Errorf("ioctl: %w", err)
	}
	req := netbsd.Ioctl(n)
	if len(data) > req.Len() {
		return nil, fmt.Errorf("ioctl: %s takes %d bytes, not %d", req, req.Len(), len(data))
	}
	arg := make([]byte, req.Len())
	copy(arg, data)
	return waiting(c.scope, func() (starlark.Value, error) {
		err := c.file().Ioctl(req, arg)
		return starlark.Bytes(arg), err
	})
}
