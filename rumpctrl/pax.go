package rumpctrl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// archiver is one run of pax.
type archiver struct {
	e      *Env
	ctx    context.Context
	k      *rump.Kernel
	out    *printer
	status int

	read, write, verbose, absolute      bool
	onlyDirs, others, keep, first       bool // -d, -c, -k, -n
	update, links, nul, oneFS           bool // -u, -l, -0, -X
	head, follow                        bool // -H, -L
	archive, format                     string
	blocking                            int
	noAtime, noMtime, owner, permission bool // -p
	mask                                uint32
	stripped                            bool

	patterns []string
	matched  []bool
	files    int
}

const paxUsage = `usage: pax [-0cdjnvzVO] [-E limit] [-f archive] [-N dbdir] [-s replstr] ...
           [-U user] ... [-G group] ... [-T [from_date][,to_date]] ...
           [pattern ...]
       pax -r [-cdijknuvzADOVYZ] [-E limit] [-f archive] [-N dbdir]
           [-o options] ... [-p string] ... [-s replstr] ... [-U user] ...
           [-G group] ... [-T [from_date][,to_date]] ... [pattern ...]
       pax -w [-dijtuvzAHLMOPVX] [-b blocksize] [[-a] [-f archive]] [-x format]
           [-B bytes] [-N dbdir] [-o options] ... [-s replstr] ...
           [-U user] ... [-G group] ...
           [-T [from_date][,to_date][/[c][m]]] ... [file ...]
       pax -r -w [-dijklntuvzADHLMOPVXYZ] [-N dbdir] [-p string] ...
           [-s replstr] ... [-U user] ... [-G group] ...
           [-T [from_date][,to_date][/[c][m]]] ... [file ...] directory
`

func runPax(ctx context.Context, e *Env) error {
	a := &archiver{e: e, ctx: ctx, k: e.Kernel, out: e.buffered(), format: "ustar"}
	defer a.out.Flush()
	args, err := e.getopt(e.Args[1:], "0ab:cdf:HikLlno:Pp:rs:tuvwx:AB:DE:G:OT:U:VXYZjz", a.option)
	if err != nil && err != errBadOption {
		return err
	}
	if err != nil || a.read && a.write && len(args) == 0 {
		fmt.Fprint(e.Stderr, paxUsage)
		return silent(1)
	}
	if a.mask, err = e.umask(ctx); err != nil {
		return err
	}
	started := time.Now()
	var name string
	var in, out int64
	switch {
	case a.read && a.write:
		err = a.copy(args[:len(args)-1], args[len(args)-1])
	case a.write:
		name, out, err = a.create(args)
	default:
		name, in, err = a.extract(args)
	}
	a.out.Flush()
	if err != nil {
		return err
	}
	if a.verbose && name != "" {
		a.summary(name, in, out, started)
	}
	return silent(a.status)
}

func (a *archiver) option(opt byte, arg string) error {
	switch opt {
	case '0':
		a.nul = true
	case 'b':
		n, _, err := newfsNumber("block size", arg, 512, 64512)
		if err != nil || n%512 != 0 {
			a.warn("Invalid block size %s", arg)
			return errBadOption
		}
		a.blocking = int(n)
	case 'c':
		a.others = true
	case 'd':
		a.onlyDirs = true
	case 'f':
		a.archive = arg
	case 'H':
		a.head, a.follow = true, false
	case 'L':
		a.follow, a.head = true, false
	case 'P':
		a.head, a.follow = false, false
	case 'k':
		a.keep = true
	case 'l':
		a.links = true
	case 'n':
		a.first = true
	case 'p':
		for i := range len(arg) {
			switch arg[i] {
			case 'a':
				a.noAtime = true
			case 'e':
				a.noAtime, a.noMtime, a.owner, a.permission = false, false, true, true
			case 'm':
				a.noMtime = true
			case 'o':
				a.owner = true
			case 'p':
				a.permission = true
			default:
				a.warn("Invalid -p string: %c", arg[i])
				return errBadOption
			}
		}
	case 'r':
		a.read = true
	case 'u':
		a.update = true
	case 'v':
		a.verbose = true
	case 'w':
		a.write = true
	case 'x':
		switch arg {
		case "ustar", "cpio", "sv4cpio":
			a.format = arg
		case "bcpio", "sv4crc", "tar":
			return errx(1, "cannot write the format %s", arg)
		default:
			a.warn("Unknown -x format: %s", arg)
			fmt.Fprintf(a.e.Stderr, "pax: Known -x formats are: bcpio cpio sv4cpio sv4crc tar ustar\n\n")
			return errBadOption
		}
	case 'A':
		a.absolute = true
	case 'X':
		a.oneFS = true
	case 't':
		// Access times of what is archived are not kept from changing.
	default:
		return errx(1, "option -%c is not supported", opt)
	}
	return nil
}

// warn says what is wrong and makes the exit status 1.
func (a *archiver) warn(format string, args ...any) {
	a.out.Flush()
	fmt.Fprintf(a.e.Stderr, "pax: %s\n", fmt.Sprintf(format, args...))
	a.status = 1
}

// warnErr is warn with the reason in parentheses.
func (a *archiver) warnErr(err error, format string, args ...any) {
	a.warn("%s (%s)", fmt.Sprintf(format, args...), reason(err))
}

// summary says how much was read and written.
func (a *archiver) summary(name string, in, out int64, started time.Time) {
	secs := max(int64(time.Since(started).Round(time.Second)/time.Second), 1)
	w := a.e.Stderr
	if !a.read && !a.write { // a list
		w = a.e.Stdout
	}
	fmt.Fprintf(w, "pax: %s vol 1, %d files, %d bytes read, %d bytes written in %d secs (%d bytes/sec)\n",
		name, a.files, in, out, secs, (in+out)/secs)
}

// strip takes the leading slash of a name away.
func (a *archiver) strip(name string, say bool) string {
	if a.absolute || !strings.HasPrefix(name, "/") {
		return name
	}
	if say && !a.stripped {
		a.stripped = true
		a.out.Flush()
		fmt.Fprintf(a.e.Stderr, "pax: Removing leading / from absolute path names in the archive\n")
	}
	if name = strings.TrimLeft(name, "/"); name == "" {
		name = "."
	}
	return name
}

// paxMatch matches a name with a pattern of the shell, in which "*" matches a slash
// too.
func paxMatch(pattern, name string) bool {
	star, from := "", "" // after the last "*": the pattern, and where to try it next
	starred := false
	for {
		switch {
		case pattern != "" && pattern[0] == '*':
			pattern = pattern[1:]
			star, from, starred = pattern, name, true
			continue
		case pattern == "" && name == "":
			return true
		case pattern != "" && name != "":
			if rest, ok := paxMatchByte(pattern, name[0]); ok {
				pattern, name = rest, name[1:]
				continue
			}
		}
		if !starred || from == "" {
			return false
		}
		from = from[1:]
		pattern, name = star, from
	}
}

// paxMatchByte matches one byte with the start of a pattern that is not a "*", and
// returns the rest of the pattern.
func paxMatchByte(pattern string, c byte) (rest string, ok bool) {
	switch {
	case pattern[0] == '?':
		return pattern[1:], true
	case pattern[0] == '[':
		set, rest, ok := strings.Cut(pattern[1:], "]")
		if !ok {
			return "", false
		}
		not := set != "" && (set[0] == '!' || set[0] == '^')
		if not {
			set = set[1:]
		}
		in := false
		for i := 0; i < len(set); i++ {
			lo, hi := set[i], set[i]
			if i+2 < len(set) && set[i+1] == '-' {
				hi = set[i+2]
				i += 2
			}
			in = in || lo <= c && c <= hi
		}
		return rest, in != not
	case pattern[0] == '\\' && len(pattern) > 1:
		pattern = pattern[1:]
	}
	return pattern[1:], pattern[0] == c
}

// wanted reports whether a name is selected by the patterns: by one that matches it
// or a folder that it is in.
func (a *archiver) wanted(name string) bool {
	if len(a.patterns) == 0 {
		return true
	}
	for i, p := range a.patterns {
		if a.first && a.matched[i] {
			continue
		}
		match := paxMatch(p, name)
		for at := 0; !match && !a.onlyDirs; {
			j := strings.IndexByte(name[at:], '/')
			if j < 0 {
				break
			}
			at += j
			match = at > 0 && paxMatch(p, name[:at])
			at++
		}
		if match {
			a.matched[i] = true
			return !a.others
		}
	}
	return a.others
}

// extract reads an archive: with -r into files, else it lists it. It returns the
// format and how much was read.
func (a *archiver) extract(patterns []string) (string, int64, error) {
	a.patterns, a.matched = patterns, make([]bool, len(patterns))
	src := a.e.Stdin
	if a.archive != "" {
		f, err := a.k.Open(a.ctx, a.archive, netbsd.O_RDONLY, 0)
		if err != nil {
			a.warnErr(err, "Failed open to read on %s", a.archive)
			return "", 0, nil
		}
		defer f.Close()
		src = f
	}
	in := &paxInput{r: bufio.NewReaderSize(src, 64<<10)}
	r, err := openPax(in)
	if err != nil {
		a.warn("End of archive volume 1 reached")
		a.warn("Sorry, unable to determine archive format.")
		return "", 0, nil
	}
	var dirs []*paxMember
	for {
		m, err := r.next()
		if err == io.EOF {
			break
		}
		if cerr := a.ctx.Err(); cerr != nil {
			return "", 0, cerr
		}
		if err != nil {
			if err == io.ErrUnexpectedEOF {
				a.warn("End of archive volume 1 reached")
			} else {
				a.warn("%v", err)
			}
			break
		}
		a.files++
		if !a.wanted(m.name) {
			continue
		}
		m.name = a.strip(m.name, false)
		if !a.read {
			a.list(m)
			continue
		}
		if a.verbose {
			fmt.Fprintf(a.e.Stderr, "%s\n", m.name)
		}
		if a.restore(m) && m.kind() == netbsd.S_IFDIR {
			dirs = append(dirs, m)
		}
	}
	// What is in a folder would change its times, or could not be written.
	for i := len(dirs) - 1; i >= 0; i-- {
		a.attributes(dirs[i])
	}
	unmatched := ""
	for i, p := range a.patterns {
		if !a.matched[i] {
			unmatched += p + "\n"
		}
	}
	if unmatched != "" {
		a.warn("WARNING! These patterns were not matched:\n%s", strings.TrimSuffix(unmatched, "\n"))
	}
	blocking := int64(10240)
	if r.format() != "ustar" && r.format() != "tar" {
		blocking = 5120
	}
	return r.format(), roundUpTo(in.count, blocking), nil
}

// list prints a member, with -v as ls -l does.
func (a *archiver) list(m *paxMember) {
	if !a.verbose {
		fmt.Fprintf(a.out, "%s\n", m.name)
		return
	}
	st := &m.stat
	t := time.Unix(st.Mtim.Sec, 0).In(a.e.Location)
	layout := "Jan _2 15:04"
	if st.Mtim.Sec+365/2*86400 <= time.Now().Unix() {
		layout = "Jan _2  2006"
	}
	fmt.Fprintf(a.out, "%s%2d %-8d %-6d ", modeString(st.Mode), st.Nlink, st.Uid, st.Gid)
	if isDevice(st.Mode) {
		fmt.Fprintf(a.out, "%4d,%4d ", netbsd.Major(st.Rdev), netbsd.Minor(st.Rdev))
	} else {
		fmt.Fprintf(a.out, "%9d ", st.Size)
	}
	fmt.Fprintf(a.out, "%s %s", t.Format(layout), m.name)
	switch {
	case m.hard:
		fmt.Fprintf(a.out, " == %s\n", m.link)
	case m.kind() == netbsd.S_IFLNK:
		fmt.Fprintf(a.out, " -> %s\n", m.link)
	default:
		fmt.Fprintf(a.out, "\n")
	}
}

// outside reports whether a name would lead out of the folder that is extracted
// into.
func outside(name string) bool {
	depth := 0
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

// restore makes a file of a member.
func (a *archiver) restore(m *paxMember) bool {
	k, ctx := a.k, a.ctx
	if !a.absolute && outside(m.name) {
		a.warn("Attempt to write file `%s' outside current working directory ignored", m.name)
		return false
	}
	if there, err := k.Lstat(ctx, m.name); err == nil {
		if a.keep || a.update && m.stat.Mtim.Sec <= there.Mtim.Sec {
			return false
		}
		if isDir(there, nil) != (m.kind() == netbsd.S_IFDIR) {
			if isDir(there, nil) {
				err = k.Rmdir(ctx, m.name)
			} else {
				err = k.Unlink(ctx, m.name)
			}
			if err != nil {
				a.warnErr(err, "Unable to remove %s", m.name)
				return false
			}
		} else if m.kind() != netbsd.S_IFDIR && !(m.hard && m.link == m.name) {
			k.Unlink(ctx, m.name)
		}
	}
	err := a.make(m)
	if errno, _ := rump.Errno(err); errno == netbsd.ENOENT {
		// The folders above may not be in the archive.
		if i := strings.LastIndexByte(m.name, '/'); i > 0 {
			if k.MkdirAll(ctx, m.name[:i], 0o777) == nil {
				err = a.make(m)
			}
		}
	}
	if err != nil {
		what := "Unable to create"
		if m.hard {
			a.warnErr(err, "Cannot link to %s from %s", m.link, m.name)
			return false
		}
		a.warnErr(err, "%s %s", what, m.name)
		return false
	}
	if m.kind() != netbsd.S_IFDIR && !m.hard {
		a.attributes(m)
	}
	return true
}

// make makes the node that a member is.
func (a *archiver) make(m *paxMember) error {
	k, ctx := a.k, a.ctx
	perm := m.stat.Mode & netbsd.ACCESSPERMS
	switch {
	case m.hard:
		return k.Link(ctx, a.strip(m.link, false), m.name)
	case m.kind() == netbsd.S_IFDIR:
		err := k.Mkdir(ctx, m.name, perm|netbsd.S_IRWXU)
		if errno, _ := rump.Errno(err); (errno == netbsd.EEXIST || errno == netbsd.EISDIR) && isDir(k.Stat(ctx, m.name)) {
			return nil
		}
		return err
	case m.kind() == netbsd.S_IFLNK:
		return k.Symlink(ctx, m.link, m.name)
	case m.kind() == netbsd.S_IFIFO:
		return k.Mkfifo(ctx, m.name, perm)
	case isDevice(m.stat.Mode):
		return k.Mknod(ctx, m.name, m.stat.Mode, m.stat.Rdev)
	}
	f, err := k.Open(ctx, m.name, netbsd.O_WRONLY|netbsd.O_CREAT|netbsd.O_EXCL, perm|netbsd.S_IWUSR)
	if err != nil {
		return err
	}
	in := &readNoting{r: m.data}
	_, err = f.ReadFrom(in)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil && in.err == nil {
		a.warnErr(err, "Failed write to file %s", m.name)
		return nil
	}
	return err
}

// attributes gives a file the owner, permissions and times of its member, as -p
// says.
func (a *archiver) attributes(m *paxMember) {
	k, ctx := a.k, a.ctx
	link := m.kind() == netbsd.S_IFLNK
	chown, chmod, utimes := k.Chown, k.Chmod, k.Utimes
	if link {
		chown, chmod, utimes = k.Lchown, k.Lchmod, k.Lutimes
	}
	mode := m.stat.Mode & netbsd.ALLPERMS
	if a.owner {
		if err := chown(ctx, m.name, int(m.stat.Uid), int(m.stat.Gid)); err != nil {
			mode &^= netbsd.S_ISUID | netbsd.S_ISGID
			a.warnErr(err, "Unable to set file uid/gid of %s", m.name)
		}
	}
	if !a.permission {
		mode &= netbsd.ACCESSPERMS &^ a.mask
	}
	if !link || a.permission {
		if err := chmod(ctx, m.name, mode); err != nil {
			a.warnErr(err, "Could not set permissions on %s", m.name)
		}
	}
	if a.noAtime && a.noMtime {
		return
	}
	atime, mtime := m.stat.Atim, m.stat.Mtim
	if a.noAtime {
		atime.Nsec = netbsd.UTIME_OMIT
	}
	if a.noMtime {
		mtime.Nsec = netbsd.UTIME_OMIT
	}
	if err := utimes(ctx, m.name, atime, mtime); err != nil {
		a.warnErr(err, "Access/modification time set failed on: %s", m.name)
	}
}

// sources returns the files to be archived, from the arguments or standard input.
func (a *archiver) sources(args []string) []string {
	if len(args) > 0 {
		return args
	}
	sep := byte('\n')
	if a.nul {
		sep = 0
	}
	r := bufio.NewReader(a.e.Stdin)
	var names []string
	for {
		s, err := r.ReadString(sep)
		if s = strings.TrimSuffix(s, string(sep)); s != "" {
			names = append(names, s)
		}
		if err != nil {
			return names
		}
	}
}

// each calls f for each file below the sources.
func (a *archiver) each(args []string, f func(p *walkEntry) error) error {
	opts := walkPhysical
	if a.follow {
		opts = 0
	} else if a.head {
		opts |= walkComFollow
	}
	if a.oneFS {
		opts |= walkXdev
	}
	missing := ""
	for _, root := range a.sources(args) {
		w, err := newWalk(a.ctx, a.k, []string{root}, opts, nil)
		if err != nil {
			return err
		}
		for p := w.next(); p != nil; p = w.next() {
			if err := a.ctx.Err(); err != nil {
				return err
			}
			switch p.info {
			case walkDP, walkDot:
				continue
			case walkDC:
				a.warn("File system cycle found at %s", p.path)
				continue
			case walkNS, walkErr, walkDNR:
				if p.level == 0 && p.info == walkNS {
					a.warnErr(p.err, "Unable to access %s", p.path)
					missing += p.path + "\n"
				} else {
					a.warnErr(p.err, "Unable to access %s", p.path)
				}
				continue
			case walkD:
				p.skip = a.onlyDirs
			}
			if err := f(p); err != nil {
				return err
			}
		}
	}
	if missing != "" {
		a.warn("WARNING! These file names were not selected:\n%s", strings.TrimSuffix(missing, "\n"))
	}
	return nil
}

// countingWriter counts what is written.
type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// create writes an archive. It returns its format and its length.
func (a *archiver) create(args []string) (string, int64, error) {
	dst := a.e.Stdout
	var f *rump.File
	if a.archive != "" {
		var err error
		if f, err = a.k.Open(a.ctx, a.archive, netbsd.O_WRONLY|netbsd.O_CREAT|netbsd.O_TRUNC, 0o666); err != nil {
			a.warnErr(err, "Failed open to write on %s", a.archive)
			return "", 0, nil
		}
		defer f.Close()
		dst = f
	}
	blocks := bufio.NewWriterSize(dst, 256<<10)
	count := &countingWriter{w: blocks}
	var w paxWriter
	switch a.format {
	case "cpio", "sv4cpio":
		w = &cpioWriter{out: count, hex: a.format == "sv4cpio"}
	default:
		w = &ustarWriter{out: count}
	}
	first := map[[2]uint64]string{}
	err := a.each(args, func(p *walkEntry) error {
		if f != nil {
			if st, err := f.Fstat(); err == nil && st.Dev == p.stat.Dev && st.Ino == p.stat.Ino {
				return nil // the archive itself
			}
		}
		return a.store(w, p, first)
	})
	if err == nil {
		err = w.end()
	}
	blocking := int64(a.blocking)
	if blocking == 0 {
		blocking = int64(w.blocking())
	}
	if err == nil {
		_, err = io.CopyN(count, zeroReader{}, roundUpTo(count.n, blocking)-count.n)
	}
	if err == nil {
		err = blocks.Flush()
	}
	if err != nil {
		a.warnErr(err, "Failed write to archive volume: 1")
		return "", 0, nil
	}
	return w.format(), count.n, nil
}

// store adds a file to an archive.
func (a *archiver) store(w paxWriter, p *walkEntry, first map[[2]uint64]string) error {
	m := &paxMember{name: a.strip(p.path, true), stat: p.stat}
	var err error
	if m.kind() == netbsd.S_IFLNK {
		if m.link, err = a.k.Readlink(a.ctx, p.path); err != nil {
			a.warnErr(err, "Unable to read symlink %s", p.path)
			return nil
		}
	}
	if m.kind() == netbsd.S_IFREG {
		id := [2]uint64{p.stat.Dev, p.stat.Ino}
		if name, ok := first[id]; ok {
			m.link, m.hard = name, true
		} else if p.stat.Nlink > 1 {
			first[id] = p.path
		}
		if !m.hard || w.format() != "ustar" {
			f, err := a.k.Open(a.ctx, p.path, netbsd.O_RDONLY, 0)
			if err != nil {
				a.warnErr(err, "Unable to open %s to read", p.path)
				return nil
			}
			defer f.Close()
			m.data = f
		}
	}
	if a.verbose {
		fmt.Fprintf(a.e.Stderr, "%s\n", m.name)
	}
	err = w.add(m)
	var skip *errPaxSkip
	if errors.As(err, &skip) {
		a.warn("%s", skip.msg)
		return nil
	}
	if err == nil {
		a.files++
	}
	return err
}

// copy copies files into a folder, as if by way of an archive.
func (a *archiver) copy(args []string, dir string) error {
	st, err := a.k.Stat(a.ctx, dir)
	if err != nil {
		a.warnErr(err, "Cannot access destination directory %s", dir)
		return nil
	}
	if !isDir(st, nil) {
		a.warn("Destination is not a directory %s", dir)
		return nil
	}
	a.absolute = true // names are below the folder
	var dirs []*paxMember
	first := map[[2]uint64]string{}
	err = a.each(args, func(p *walkEntry) error {
		m := &paxMember{name: strings.TrimRight(dir, "/") + "/" + strings.TrimLeft(p.path, "/"), stat: p.stat}
		if m.kind() == netbsd.S_IFLNK {
			if m.link, err = a.k.Readlink(a.ctx, p.path); err != nil {
				a.warnErr(err, "Unable to read symlink %s", p.path)
				return nil
			}
		}
		if m.kind() == netbsd.S_IFREG {
			id := [2]uint64{p.stat.Dev, p.stat.Ino}
			if name, ok := first[id]; ok {
				m.link, m.hard = name, true
			} else if p.stat.Nlink > 1 {
				first[id] = m.name
			}
			if a.links && !m.hard {
				m.link, m.hard = p.path, true
			}
			if !m.hard {
				f, err := a.k.Open(a.ctx, p.path, netbsd.O_RDONLY, 0)
				if err != nil {
					a.warnErr(err, "Unable to open %s to read", p.path)
					return nil
				}
				defer f.Close()
				m.data = f
			}
		}
		if a.verbose {
			fmt.Fprintf(a.e.Stderr, "%s\n", m.name)
		}
		if a.restore(m) && m.kind() == netbsd.S_IFDIR {
			dirs = append(dirs, m)
		}
		return nil
	})
	for i := len(dirs) - 1; i >= 0; i-- {
		a.attributes(dirs[i])
	}
	return err
}
