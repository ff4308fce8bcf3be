package rumpctrl

import (
	"context"
	"strings"
)

func runRmdir(ctx context.Context, e *Env) error {
	parents := false
	args, err := e.getopt(e.Args[1:], "p", func(byte, string) error { parents = true; return nil })
	if err != nil || len(args) == 0 {
		return e.usage(1, "rmdir [-p] directory ...")
	}
	status := 0
	for _, dir := range args {
		if err := e.Kernel.Rmdir(ctx, dir); err != nil {
			e.warn(err, "%s", dir)
			status = 1
		} else if parents && !e.rmdirAbove(ctx, dir) {
			status = 1
		}
	}
	return silent(status)
}

// rmdirAbove removes the directories above one as its path names them.
func (e *Env) rmdirAbove(ctx context.Context, dir string) bool {
	for {
		i := strings.LastIndexByte(dir, '/')
		if i < 0 {
			return true
		}
		slashAtEnd := i == len(dir)-1
		dir = dir[:i]
		if slashAtEnd {
			continue
		}
		if err := e.Kernel.Rmdir(ctx, dir); err != nil {
			e.warn(err, "%s", dir)
			return false
		}
	}
}
