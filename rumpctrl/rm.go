package rumpctrl

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// remover is one run of rm.
type remover struct {
	e                               *Env
	ctx                             context.Context
	k                               *rump.Kernel
	dirs, force, ask, tree, verbose bool
	overwrite, whiteout, oneFS      bool
	status                          int
}

func runRm(ctx context.Context, e *Env) error {
	r := &remover{e: e, ctx: ctx, k: e.Kernel}
	args, err := e.getopt(e.Args[1:], "dfiPRrvWx", func(opt byte, _ string) error {
		switch opt {
		case 'd':
			r.dirs = true
		case 'f':
			r.force, r.ask = true, false
		case 'i':
			r.ask, r.force = true, false
		case 'P':
			r.overwrite = true
		case 'R', 'r':
			r.tree = true
		case 'v':
			r.verbose = true
		case 'W':
			r.whiteout = true
		case 'x':
			r.oneFS = true
		}
		return nil
	})
	if err == nil && len(args) == 0 && r.force {
		return nil
	}
	if err != nil || len(args) == 0 {
		return e.usage(1, "rm [-f|-i] [-dPRrvWx] file ...")
	}
	args = r.withoutDots(args)
	if len(args) > 0 {
		if r.tree {
			err = r.trees(args)
		} else {
			err = r.files(args)
		}
	}
	if err != nil {
		return err
	}
	return silent(r.status)
}

// withoutDots leaves out operands whose last part is "." or "..", as POSIX wants.
func (r *remover) withoutDots(args []string) []string {
	var rest []string
	for _, a := range args {
		for len(a) > 1 && a[len(a)-1] == '/' {
			a = a[:len(a)-1]
		}
		switch a[strings.LastIndexByte(a, '/')+1:] {
		case ".", "..":
			if r.status == 0 {
				r.e.warnx(`"." and ".." may not be removed`)
			}
			r.status = 1
		default:
			rest = append(rest, a)
		}
	}
	return rest
}

// absent reports whether an error says that there is no such file, for -f.
func absent(err error) bool {
	errno, ok := rump.Errno(err)
	return ok && (errno == netbsd.ENOENT || errno == netbsd.ENAMETOOLONG || errno == netbsd.ENOTDIR)
}

func (r *remover) warn(path string, err error) {
	r.e.warn(err, "%s", path)
	r.status = 1
}

// trees removes hierarchies.
func (r *remover) trees(args []string) error {
	opts := walkPhysical
	if r.force || r.ask {
		opts |= walkNoStat
	}
	if r.whiteout {
		opts |= walkWhiteout
	}
	if r.oneFS {
		opts |= walkXdev
	}
	w, err := newWalk(r.ctx, r.k, args, opts, nil)
	if err != nil {
		return errc(1, err, "fts_open failed")
	}
	for p := w.next(); p != nil; p = w.next() {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		switch p.info {
		case walkDNR:
			if errno, _ := rump.Errno(p.err); !r.force || errno != netbsd.ENOENT {
				r.warn(p.path, p.err)
			}
			continue
		case walkErr:
			return errx(1, "%s: %s", p.path, reason(p.err))
		case walkNS:
			if r.force && absent(p.err) {
				continue
			}
			if opts&walkNoStat == 0 {
				r.warn(p.path, p.err)
				continue
			}
		case walkD:
			if !r.force && !r.check(p.path, p.stat) {
				p.skip, p.number = true, 1
			}
			continue
		case walkDP:
			if p.number == 1 {
				continue
			}
		default:
			if !r.force && !r.check(p.path, p.stat) {
				continue
			}
		}
		gone := func(err error) bool { errno, _ := rump.Errno(err); return r.force && errno == netbsd.ENOENT }
		switch p.info {
		case walkDP:
			err = r.k.Rmdir(r.ctx, p.path)
		case walkW:
			err = r.k.Undelete(r.ctx, p.path)
		default:
			gone = func(err error) bool { return r.force && absent(err) }
			if r.overwrite && !r.scrub(p.path) {
				continue
			}
			err = r.k.Unlink(r.ctx, p.path)
		}
		switch {
		case err == nil:
			if r.verbose {
				r.e.printf("%s\n", p.path)
			}
		case !gone(err):
			r.warn(p.path, err)
		}
	}
	return nil
}

// files removes files one by one.
func (r *remover) files(args []string) error {
	for _, f := range args {
		st, err := r.k.Lstat(r.ctx, f)
		switch {
		case err != nil && r.whiteout:
			st.Mode = netbsd.S_IFWHT
		case err != nil:
			if !r.force || !absent(err) {
				r.warn(f, err)
			}
			continue
		case r.whiteout:
			r.warn(f, netbsd.EEXIST)
			continue
		}
		typ := st.Mode & netbsd.S_IFMT
		if typ == netbsd.S_IFDIR && !r.dirs {
			r.e.warnx("%s: is a directory", f)
			r.status = 1
			continue
		}
		if !r.force && typ != netbsd.S_IFWHT && !r.check(f, st) {
			continue
		}
		switch typ {
		case netbsd.S_IFWHT:
			err = r.k.Undelete(r.ctx, f)
		case netbsd.S_IFDIR:
			err = r.k.Rmdir(r.ctx, f)
		default:
			if r.overwrite && !r.scrub(f) {
				continue
			}
			err = r.k.Unlink(r.ctx, f)
		}
		if err != nil && (!r.force || !absent(err)) {
			r.warn(f, err)
		}
		if err == nil && r.verbose {
			r.e.printf("%s\n", f)
		}
	}
	return nil
}

// check asks whether to remove a file: with -i, or if it cannot be written.
func (r *remover) check(path string, st netbsd.Stat) bool {
	if r.ask {
		return r.e.confirm("remove '%s'? ", path)
	}
	if st.Mode&netbsd.S_IFMT == netbsd.S_IFLNK || r.k.Access(r.ctx, path, netbsd.W_OK) == nil {
		return true
	}
	if r.overwrite {
		r.e.warnx("%s: -P was specified but file could not be overwritten", path)
		return false
	}
	return r.e.confirm("override %s %d:%d for '%s'? ", modeString(st.Mode)[1:], st.Uid, st.Gid, path)
}

// scrub overwrites a regular file before it is removed.
func (r *remover) scrub(path string) bool {
	err := r.overwriteFile(path)
	if err != nil {
		r.warn(path, err)
	}
	return err == nil
}

func (r *remover) overwriteFile(path string) error {
	st, err := r.k.Lstat(r.ctx, path)
	if err != nil {
		return err
	}
	if st.Mode&netbsd.S_IFMT != netbsd.S_IFREG {
		return nil
	}
	f, err := r.k.Open(r.ctx, path, netbsd.O_RDWR|netbsd.O_SYNC|netbsd.O_RSYNC|netbsd.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := f.Fstat()
	if err != nil {
		return err
	}
	if now.Dev != st.Dev || now.Ino != st.Ino {
		return netbsd.EPERM
	}
	buf := make([]byte, 8<<10)
	pass := func(fill func()) error {
		if err := f.Sync(); err != nil {
			return err
		}
		for off := int64(0); off < st.Size; off += int64(len(buf)) {
			fill()
			if _, err := f.WriteAt(buf[:min(int64(len(buf)), st.Size-off)], off); err != nil {
				return err
			}
		}
		return f.Sync()
	}
	constant := func(c byte) func() {
		return func() {
			for i := range buf {
				buf[i] = c
			}
		}
	}
	random := func() {
		for i := range buf {
			buf[i] = byte(rand.Uint32())
		}
	}
	for _, fill := range []func(){constant(byte(rand.Uint32())), constant(0xff), constant(0), random} {
		if err := pass(fill); err != nil {
			return err
		}
	}
	return nil
}
