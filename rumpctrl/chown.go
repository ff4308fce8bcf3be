package rumpctrl

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func runChown(ctx context.Context, e *Env) error { return e.changeOwner(ctx, "chown", true) }

func runChgrp(ctx context.Context, e *Env) error { return e.changeOwner(ctx, "chgrp", false) }

// changeOwner is chown, or without owners chgrp.
func (e *Env) changeOwner(ctx context.Context, name string, owners bool) error {
	var head, links, recurse, quiet, noFollow, verbose bool
	reference, refer := "", false
	args, err := e.getoptLong(e.Args[1:], "HLPRfhv", []string{"reference"}, func(opt byte, _, arg string) error {
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
		case 'v':
			verbose = true
		}
		return nil
	})
	if err != nil || len(args) == 0 || len(args) == 1 && !refer {
		what := "group"
		if owners {
			what = "owner:group|owner|:group"
		}
		fmt.Fprintf(e.Stderr, "Usage: %s [-R [-H | -L | -P]] [-fhv] %s file ...\n"+
			"\t%s [-R [-H | -L | -P]] [-fhv] --reference=rfile file ...\n", name, what, name)
		return silent(1)
	}
	opts := walkPhysical
	if recurse {
		if head {
			opts |= walkComFollow
		}
		if links {
			if noFollow {
				return errx(1, "the -L and -h options may not be specified together.")
			}
			opts &^= walkPhysical
		}
	} else if !noFollow {
		opts |= walkComFollow
	}
	k := e.Kernel
	uid, gid := -1, -1
	if refer {
		st, err := k.Stat(ctx, reference)
		if err != nil {
			return errc(1, err, "Cannot stat `%s'", reference)
		}
		if owners {
			uid = int(st.Uid)
		}
		gid = int(st.Gid)
	} else {
		owner, group, both := args[0], args[0], false
		if owners {
			owner, group, both = strings.Cut(args[0], ":")
		}
		if (both || !owners) && group != "" {
			if gid, err = parseID(group, "group"); err != nil {
				return err
			}
		}
		if owners && owner != "" {
			if uid, err = parseID(owner, "user"); err != nil {
				return err
			}
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
		set := k.Chown
		switch p.info {
		case walkD:
			p.skip = !recurse
			continue
		case walkDNR:
			e.warn(p.err, "%s", p.path)
			status = 1
		case walkErr, walkNS:
			e.warn(p.err, "%s", p.path)
			status = 1
			continue
		case walkSL:
			if !noFollow {
				continue
			}
			set = k.Lchown
		case walkSLNone:
			continue
		}
		if err := set(ctx, p.path, uid, gid); err != nil && !quiet {
			e.warn(err, "%s", p.path)
			status = 1
		} else if verbose {
			e.printf("%s\n", p.path)
		}
	}
	return silent(status)
}

// parseID parses the number of a user or a group. A rump kernel has no list of
// their names but "root" and "wheel" would be in it.
func parseID(s, kind string) (int, error) {
	digits := strings.TrimPrefix(s, "#")
	n, err := strconv.ParseUint(strings.TrimPrefix(digits, "+"), 10, 64)
	if ne, ok := err.(*strconv.NumError); ok && ne.Err == strconv.ErrRange {
		return 0, errc(1, netbsd.ERANGE, "%s", digits)
	}
	if err != nil && digits != "" {
		return 0, errx(1, "%s: invalid %s name", digits, kind)
	}
	return int(uint32(n)), nil
}
