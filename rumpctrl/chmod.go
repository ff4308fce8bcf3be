package rumpctrl

import (
	"context"
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func runChmod(ctx context.Context, e *Env) error {
	var head, links, recurse, quiet, noFollow bool
	reference, refer := "", false
	usage := func() error {
		fmt.Fprintf(e.Stderr, "Usage: chmod [-R [-H | -L | -P]] [-fh] mode file ...\n"+
			"\tchmod [-R [-H | -L | -P]] [-fh] --reference=rfile file ...\n")
		return silent(1)
	}
	// A word such as -x or -w is a mode and ends the options.
	args, rest := e.Args[1:], []string(nil)
	for i, a := range args {
		if a == "--" {
			break
		}
		if len(a) > 1 && a[0] == '-' && strings.ContainsAny(a[1:2], "XgorstuwxX") {
			args, rest = args[:i], args[i:]
			break
		}
	}
	args, err := e.getoptLong(args, "HLPRfh", []string{"reference"}, func(opt byte, _, arg string) error {
		switch opt {
		case 0:
			reference, refer = arg, true
		case 'H':
			head, links = true, false
		case 'L':
			links, head = true, false
		case 'P':
			head, links = false, false
		case 'R':
			recurse = true
		case 'f':
			quiet = true
		case 'h':
			noFollow = true
		}
		return nil
	})
	args = append(args, rest...)
	if err != nil || len(args) == 0 || len(args) == 1 && !refer {
		return usage()
	}
	opts := walkPhysical
	if recurse {
		if noFollow {
			return errx(1, "the -R and -h options may not be specified together.")
		}
		if head {
			opts |= walkComFollow
		}
		if links {
			opts &^= walkPhysical
		}
	} else if !noFollow {
		opts |= walkComFollow
	}
	k := e.Kernel
	set := k.Chmod
	if noFollow {
		set = k.Lchmod
	}
	var change modeChange
	var mode uint32
	if refer {
		st, err := k.Stat(ctx, reference)
		if err != nil {
			return errc(1, err, "Cannot stat `%s'", reference)
		}
		mode = st.Mode
	} else {
		mask, err := e.umask(ctx)
		if err != nil {
			return err
		}
		if change, err = parseMode(args[0], mask); err != nil {
			return errc(1, err, "Cannot set file mode `%s'", args[0])
		}
		args = args[1:]
	}
	w, err := newWalk(ctx, k, args, opts, nil)
	if err != nil {
		return errc(1, err, "fts_open")
	}
	status := 0
	for p := w.next(); p != nil; p = w.next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch p.info {
		case walkD:
			p.skip = !recurse
		case walkDNR:
			e.warn(p.err, "%s", p.path)
			status = 1
		case walkDP:
			continue
		case walkErr, walkNS:
			e.warn(p.err, "%s", p.path)
			status = 1
			continue
		case walkSL, walkSLNone:
			if !noFollow {
				continue
			}
		}
		if change != nil {
			mode = change.apply(p.stat.Mode)
		}
		if err := set(ctx, p.path, mode); err != nil && !quiet {
			e.warn(err, "%s", p.path)
			status = 1
		}
	}
	return silent(status)
}

// umask returns the process's mask, which can only be read by setting it.
func (e *Env) umask(ctx context.Context) (uint32, error) {
	mask, err := e.Kernel.Umask(ctx, 0)
	if err == nil {
		_, err = e.Kernel.Umask(context.WithoutCancel(ctx), mask)
	}
	return mask & netbsd.ACCESSPERMS, err
}
