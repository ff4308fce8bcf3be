package rumpctrl

import (
	"context"
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// linker is one run of ln.
type linker struct {
	e                          *Env
	ctx                        context.Context
	k                          *rump.Kernel
	force, noFollow, ask, soft bool
	verbose                    bool
}

func runLn(ctx context.Context, e *Env) error {
	l := &linker{e: e, ctx: ctx, k: e.Kernel}
	args, err := e.getopt(e.Args[1:], "fhinsv", func(opt byte, _ string) error {
		switch opt {
		case 'f':
			l.force, l.ask = true, false
		case 'h', 'n':
			l.noFollow = true
		case 'i':
			l.ask, l.force = true, false
		case 's':
			l.soft = true
		case 'v':
			l.verbose = true
		}
		return nil
	})
	if err != nil || len(args) == 0 {
		return l.usage()
	}
	if len(args) == 1 {
		return silent(l.link(args[0], ".", true))
	}
	if len(args) == 2 {
		return silent(l.link(args[0], args[1], false))
	}
	dir := args[len(args)-1]
	if l.noFollow {
		if st, err := l.k.Lstat(ctx, dir); err == nil && st.Mode&netbsd.S_IFMT == netbsd.S_IFLNK {
			return errc(1, netbsd.ENOTDIR, "%s", dir)
		}
	}
	st, err := l.k.Stat(ctx, dir)
	if err != nil {
		return errc(1, err, "%s", dir)
	}
	if st.Mode&netbsd.S_IFMT != netbsd.S_IFDIR {
		return l.usage()
	}
	status := 0
	for _, target := range args[:len(args)-1] {
		status |= l.link(target, dir, true)
	}
	return silent(status)
}

func (l *linker) usage() error {
	fmt.Fprintf(l.e.Stderr, "usage:\tln [-fhinsv] file1 file2\n\tln [-fhinsv] file ... directory\n")
	return silent(1)
}

func isDir(st netbsd.Stat, err error) bool {
	return err == nil && st.Mode&netbsd.S_IFMT == netbsd.S_IFDIR
}

// link makes one link and returns an exit status.
func (l *linker) link(target, source string, inDir bool) int {
	fail := func(name string, err error) int {
		l.e.warn(err, "%s", name)
		return 1
	}
	if !l.soft {
		if _, err := l.k.Stat(l.ctx, target); err != nil {
			return fail(target, err)
		}
	}
	if inDir || isDir(l.k.Lstat(l.ctx, source)) || !l.noFollow && isDir(l.k.Stat(l.ctx, source)) {
		source += "/" + target[strings.LastIndexByte(target, '/')+1:]
		if len(source) >= netbsd.PATH_MAX {
			source = source[:netbsd.PATH_MAX-1]
		}
	}
	_, err := l.k.Lstat(l.ctx, source)
	exists := err == nil
	if exists && l.ask {
		if !l.e.confirm("replace %s? ", source) {
			fmt.Fprintf(l.e.Stderr, "not replaced\n")
			return 1
		}
	}
	if exists && (l.force || l.ask) {
		if err := l.k.Unlink(l.ctx, source); err != nil {
			return fail(source, err)
		}
	}
	arrow := "=>"
	if l.soft {
		arrow = "->"
		err = l.k.Symlink(l.ctx, target, source)
	} else {
		err = l.k.Link(l.ctx, target, source)
	}
	if err != nil {
		return fail(source, err)
	}
	if l.verbose {
		l.e.printf("%s %s %s\n", source, arrow, target)
	}
	return 0
}
