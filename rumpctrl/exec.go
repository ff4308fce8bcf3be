package rumpctrl

import (
	"context"
	"errors"
	"path"

	"github.com/rumpkernel/rumpscript/rump"
)

// spawn runs a utility as a child process: fork(2), exec(2) and wait(2). The child
// has the descriptors and the working folder of its parent.
func (e *Env) spawn(ctx context.Context, args []string) (status int, err error) {
	k, err := e.Kernel.Fork(ctx)
	if err != nil {
		return 0, err
	}
	defer k.Close()
	child := *e
	child.Kernel, child.Args = k, args
	return child.exec(ctx)
}

// exec makes the process run another utility: exec(2). It is found by the last
// part of its path.
func (e *Env) exec(ctx context.Context) (status int, err error) {
	name := path.Base(e.Args[0])
	u, ok := Lookup(name)
	if !ok {
		return StatusUnknown, nil
	}
	if err := e.Kernel.Exec(ctx, name); err != nil {
		return 0, err
	}
	child := *e
	child.Args = append([]string{name}, e.Args[1:]...)
	return child.status(u.run(ctx, &child)), nil
}

// opOf is what was tried when the kernel refused: "open", or the name of an ioctl.
func opOf(err error) string {
	var e *rump.Error
	if errors.As(err, &e) {
		return e.Op
	}
	return ""
}
