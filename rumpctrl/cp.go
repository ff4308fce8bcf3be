package rumpctrl

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// fileCopier is one run of cp.
type fileCopier struct {
	e   *Env
	ctx context.Context
	k   *rump.Kernel

	head, links, physical  bool // -H, -L, -P
	tree, oldTree          bool // -R, -r
	force, ask, hard, keep bool // -f, -i, -l, -p
	noFlags, verbose       bool // -N, -v
	opts                   walkOption
	uid, mask              uint32
	to                     string // where the current file goes
}

func runCp(ctx context.Context, e *Env) error {
	c := &fileCopier{e: e, ctx: ctx, k: e.Kernel, opts: walkPhysical}
	args, err := e.getopt(e.Args[1:], "HLNPRfailprv", func(opt byte, _ string) error {
		switch opt {
		case 'H':
			c.head, c.links, c.physical = true, false, false
		case 'L':
			c.links, c.head, c.physical = true, false, false
		case 'N':
			c.noFlags = true
		case 'P':
			c.physical, c.head, c.links = true, false, false
		case 'R':
			c.tree = true
		case 'a':
			c.physical, c.keep, c.tree = true, true, true
			c.head, c.links = false, false
		case 'f':
			c.force, c.ask = true, false
		case 'i':
			c.ask, c.force = true, false
		case 'l':
			c.hard = true
		case 'p':
			c.keep = true
		case 'r':
			c.oldTree = true
		case 'v':
			c.verbose = true
		}
		return nil
	})
	if err != nil || len(args) < 2 {
		return c.usage()
	}
	if c.oldTree {
		if c.tree {
			return errx(1, "the -R and -r options may not be specified together.")
		}
		if c.head || c.links || c.physical {
			return errx(1, "the -H, -L, and -P options may not be specified with the -r option.")
		}
		c.opts &^= walkPhysical
	}
	if c.tree {
		if c.head {
			c.opts |= walkComFollow
		}
		if c.links {
			c.opts &^= walkPhysical
		}
	} else if !c.physical {
		c.opts = c.opts&^walkPhysical | walkComFollow
	}
	if c.uid, err = c.k.Getuid(ctx); err != nil {
		return err
	}
	if c.mask, err = e.umask(ctx); err != nil {
		return err
	}
	return c.copy(args[:len(args)-1], args[len(args)-1])
}

func (c *fileCopier) usage() error {
	return c.e.usage(1, "cp [-R [-H | -L | -P]] [-f | -i] [-alNpv] src target",
		"cp [-R [-H | -L | -P]] [-f | -i] [-alNpv] src1 ... srcN directory")
}

// stripSlashes takes the slashes at the end of a path away.
func stripSlashes(s string) string {
	for len(s) > 1 && s[len(s)-1] == '/' {
		s = s[:len(s)-1]
	}
	return s
}

type cpKind byte

const (
	fileToFile cpKind = iota
	fileToDir
	dirToNew
)

// copy copies the sources to a target.
func (c *fileCopier) copy(sources []string, target string) error {
	if len(target) >= netbsd.PATH_MAX {
		return errx(1, "%s: name too long", target)
	}
	slash := strings.HasSuffix(target, "/")
	target = stripSlashes(target)
	stat := c.k.Stat
	if c.physical {
		stat = c.k.Lstat
	}
	st, err := stat(c.ctx, target)
	if errno, ok := rump.Errno(err); err != nil && (!ok || errno != netbsd.ENOENT) {
		return errc(1, err, "%s", target)
	}
	kind := fileToDir
	if !isDir(st, err) {
		if len(sources) > 1 {
			return c.usage()
		}
		exists := err == nil
		kind = fileToFile
		if !exists {
			stat := c.k.Lstat
			if c.oldTree || c.tree && (c.links || c.head) {
				stat = c.k.Stat
			}
			st, err := stat(c.ctx, sources[0])
			if err != nil {
				return errc(1, err, "%s", sources[0])
			}
			if isDir(st, nil) && (c.tree || c.oldTree) {
				kind = dirToNew
			}
		}
		if slash && kind == fileToFile {
			return errx(1, "%s is not a directory", target)
		}
	}
	sources = slices.Clone(sources)
	for i, s := range sources {
		sources[i] = stripSlashes(s)
	}
	w, err := newWalk(c.ctx, c.k, sources, c.opts, nil)
	if err != nil {
		return errc(1, err, "%s", sources[0])
	}
	status, base := 0, 0
	var created []bool // whether the directories above were made by us
	for p := w.next(); p != nil; p = w.next() {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		ok, err := c.entry(p, kind, target, &base, &created)
		if err != nil {
			return err
		}
		if !ok {
			status = 1
		} else if c.verbose {
			c.e.printf("%s -> %s\n", p.path, c.to)
		}
	}
	return silent(status)
}

// entry copies one file. It reports whether that went well; an error ends the run.
func (c *fileCopier) entry(p *walkEntry, kind cpKind, target string, base *int, created *[]bool) (bool, error) {
	switch p.info {
	case walkNS, walkDNR, walkErr:
		c.e.warn(p.err, "%s", p.path)
		return false, nil
	case walkDC:
		c.e.warnx("%s: directory causes a cycle", p.path)
		return false, nil
	}
	c.to = target
	if kind != fileToFile {
		if len(p.name)+len(target)+1 > netbsd.PATH_MAX {
			c.e.warnx("%s/%s: name too long (not copied)", target, p.name)
			return false, nil
		}
		if p.level == 0 {
			*base = len(p.path)
			if kind != dirToNew {
				*base = strings.LastIndexByte(p.path, '/') + 1
				if p.path[*base:] == ".." {
					*base++
				}
			}
		}
		rest := p.path[*base:]
		c.to = target
		if !strings.HasPrefix(rest, "/") && !strings.HasSuffix(target, "/") {
			c.to += "/"
		}
		if len(c.to)+len(rest) >= netbsd.PATH_MAX {
			c.e.warnx("%s%s: name too long (not copied)", c.to, rest)
			return false, nil
		}
		c.to = stripSlashes(c.to + rest)
	}
	stat := c.k.Stat
	if c.physical {
		stat = c.k.Lstat
	}
	there, err := stat(c.ctx, c.to)
	exists := err == nil
	dir := isDir(p.stat, nil)
	if exists {
		if there.Dev == p.stat.Dev && there.Ino == p.stat.Ino {
			c.e.warnx("%s and %s are identical (not copied).", c.to, p.path)
			p.skip = p.skip || dir
			return false, nil
		}
		if !dir && isDir(there, nil) {
			c.e.warnx("cannot overwrite directory %s with non-directory %s", c.to, p.path)
			return false, nil
		}
	}
	switch p.stat.Mode & netbsd.S_IFMT {
	case netbsd.S_IFLNK:
		if c.opts&walkPhysical == 0 || c.opts&walkComFollow != 0 && p.level == 0 {
			return c.file(p, exists), nil
		}
		return c.link(p, exists), nil
	case netbsd.S_IFDIR:
		return c.dir(p, there, exists, created)
	case netbsd.S_IFBLK, netbsd.S_IFCHR, netbsd.S_IFIFO:
		if c.tree {
			return c.special(p.stat, exists), nil
		}
	}
	return c.file(p, exists), nil
}

func (c *fileCopier) warn(err error, format string, args ...any) bool {
	c.e.warn(err, format, args...)
	return false
}

// dir makes a directory before its files are copied, and gives it its permissions
// after them.
func (c *fileCopier) dir(p *walkEntry, there netbsd.Stat, exists bool, created *[]bool) (bool, error) {
	if !c.tree && !c.oldTree {
		if p.info == walkD {
			c.e.warnx("%s is a directory (not copied).", p.path)
		}
		p.skip = true
		return false, nil
	}
	switch p.info {
	case walkD:
		*created = append(*created, !exists)
		if !exists {
			if err := c.k.Mkdir(c.ctx, c.to, p.stat.Mode|netbsd.S_IRWXU); err != nil {
				return false, errc(1, err, "%s", c.to)
			}
		} else if !isDir(there, nil) {
			return false, errc(1, netbsd.ENOTDIR, "%s", c.to)
		}
	case walkDP:
		n := len(*created) - 1
		ours := n >= 0 && (*created)[n]
		*created = (*created)[:max(n, 0)]
		if c.keep {
			return c.attributes(p.stat, nil), nil
		}
		if ours {
			c.k.Chmod(c.ctx, c.to, p.stat.Mode)
		}
	default:
		c.e.warnx("directory %s encountered when not expected.", p.path)
		return false, nil
	}
	return true, nil
}

// file copies the content of a file.
func (c *fileCopier) file(p *walkEntry, exists bool) bool {
	from, err := c.k.Open(c.ctx, p.path, netbsd.O_RDONLY, 0)
	if err != nil {
		return c.warn(err, "%s", p.path)
	}
	defer from.Close()
	create := func() (*rump.File, error) {
		return c.k.Open(c.ctx, c.to, netbsd.O_WRONLY|netbsd.O_TRUNC|netbsd.O_CREAT, p.stat.Mode&^(netbsd.S_ISUID|netbsd.S_ISGID))
	}
	toLink := c.tree && !(c.links || c.head) || c.physical
	var to *rump.File
	if exists {
		if c.ask && !c.e.confirm("overwrite %s? ", c.to) {
			return true
		}
		stat := c.k.Stat
		if toLink {
			stat = c.k.Lstat
		}
		st, err := stat(c.ctx, c.to)
		if err != nil {
			return c.warn(err, "stat: %s", c.to)
		}
		if !(toLink && st.Mode&netbsd.S_IFMT == netbsd.S_IFLNK) {
			to, err = c.k.Open(c.ctx, c.to, netbsd.O_WRONLY|netbsd.O_TRUNC, 0)
		} else {
			err = netbsd.EEXIST
		}
		if err != nil && (c.force || toLink) {
			c.k.Unlink(c.ctx, c.to)
			to, err = create()
		}
		if err != nil {
			return c.warn(err, "%s", c.to)
		}
	} else if to, err = create(); err != nil {
		if c.force || toLink {
			c.k.Unlink(c.ctx, c.to)
			to, err = create()
		}
		if err != nil {
			return c.warn(err, "%s", c.to)
		}
	}
	if c.hard {
		to.Close()
		c.k.Unlink(c.ctx, c.to)
		if err := c.k.Link(c.ctx, p.path, c.to); err != nil {
			return c.warn(err, "%s", c.to)
		}
		return true
	}
	if p.stat.Size > 0 {
		if name, err := stream(to, from, c.to, p.path); err != nil {
			to.Close()
			return c.warn(err, "%s", name)
		}
	}
	ok := true
	if c.keep && !c.attributes(p.stat, to) {
		ok = false
	}
	if !c.keep && !exists && p.stat.Mode&(netbsd.S_ISUID|netbsd.S_ISGID) != 0 && p.stat.Uid == c.uid {
		st, err := to.Fstat()
		if err == nil && st.Gid == p.stat.Gid {
			err = to.Chmod(p.stat.Mode & netbsd.ALLPERMS &^ c.mask)
		}
		if err != nil {
			ok = c.warn(err, "%s", c.to)
		}
	}
	if err := to.Close(); err != nil {
		ok = c.warn(err, "%s", c.to)
	}
	if c.keep && !c.times(p.stat) {
		ok = false
	}
	return ok
}

// stream copies from one file to another and returns the name of the one that
// failed.
func stream(to, from *rump.File, toName, fromName string) (string, error) {
	r := &readNoting{r: from}
	_, err := to.ReadFrom(r)
	if err != nil && r.err != nil {
		return fromName, r.err
	}
	return toName, err
}

// readNoting remembers a failed read, to tell it from a failed write.
type readNoting struct {
	r   io.Reader
	err error
}

func (r *readNoting) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

func (c *fileCopier) link(p *walkEntry, exists bool) bool {
	target, err := c.k.Readlink(c.ctx, p.path)
	if err != nil {
		return c.warn(err, "readlink: %s", p.path)
	}
	if exists {
		if err := c.k.Unlink(c.ctx, c.to); err != nil {
			return c.warn(err, "unlink: %s", c.to)
		}
	}
	if err := c.k.Symlink(c.ctx, target, c.to); err != nil {
		return c.warn(err, "symlink: %s", target)
	}
	return !c.keep || c.attributes(p.stat, nil)
}

// special makes a device or a fifo like another.
func (c *fileCopier) special(st netbsd.Stat, exists bool) bool {
	if exists {
		if err := c.k.Unlink(c.ctx, c.to); err != nil {
			return c.warn(err, "unlink: %s", c.to)
		}
	}
	if st.Mode&netbsd.S_IFMT == netbsd.S_IFIFO {
		if err := c.k.Mkfifo(c.ctx, c.to, st.Mode); err != nil {
			return c.warn(err, "mkfifo: %s", c.to)
		}
	} else if err := c.k.Mknod(c.ctx, c.to, st.Mode, st.Rdev); err != nil {
		return c.warn(err, "mknod: %s", c.to)
	}
	return !c.keep || c.attributes(st, nil)
}

// attributes gives the copy the owner, permissions and flags of the original, and
// unless it is still open its times.
func (c *fileCopier) attributes(st netbsd.Stat, f *rump.File) bool {
	ok := true
	isLink := st.Mode&netbsd.S_IFMT == netbsd.S_IFLNK
	mode := st.Mode & (netbsd.S_ISUID | netbsd.S_ISGID | netbsd.ACCESSPERMS)
	var err error
	if f != nil {
		err = f.Chown(int(st.Uid), int(st.Gid))
	} else {
		err = c.k.Lchown(c.ctx, c.to, int(st.Uid), int(st.Gid))
	}
	if err != nil {
		if errno, _ := rump.Errno(err); errno != netbsd.EPERM {
			ok = c.warn(err, "chown: %s", c.to)
		}
		mode &^= netbsd.S_ISUID | netbsd.S_ISGID
	}
	if f != nil {
		err = f.Chmod(mode)
	} else {
		err = c.k.Lchmod(c.ctx, c.to, mode)
	}
	if err != nil {
		ok = c.warn(err, "chmod: %s", c.to)
	}
	if !isLink && !c.noFlags {
		if f != nil {
			err = f.Chflags(st.Flags)
		} else {
			err = c.k.Chflags(c.ctx, c.to, st.Flags)
		}
		if errno, _ := rump.Errno(err); err != nil && (errno != netbsd.EOPNOTSUPP || st.Flags != 0) {
			ok = c.warn(err, "chflags: %s", c.to)
		}
	}
	if f == nil && !c.times(st) {
		ok = false
	}
	return ok
}

func (c *fileCopier) times(st netbsd.Stat) bool {
	if err := c.k.Lutimes(c.ctx, c.to, st.Atim, st.Mtim); err != nil {
		return c.warn(err, "lutimens: %s", c.to)
	}
	return true
}
