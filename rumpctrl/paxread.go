package rumpctrl

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

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
		if isDir(f.Fstat()) {
			a.warn("Cannot write an archive on top of a directory %s", a.archive)
			return "", 0, nil
		}
		src = f
	}
	in := &paxInput{r: bufio.NewReaderSize(src, 64<<10)}
	r, err := openPax(in)
	if err != nil {
		if a.status = 1; in.empty {
			return "", 0, nil
		}
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
		if !a.wanted(m.name) || !a.selected(&m.stat) || a.read && a.stays(m) {
			continue
		}
		if !a.modify(m) {
			continue
		}
		if !a.read {
			a.list(m)
			continue
		}
		if a.current(m.name, &m.stat, a.fresh, a.freshChanged) {
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

// stays reports whether a file that is there stays as it is, instead of the member.
func (a *archiver) stays(m *paxMember) bool {
	if a.keep {
		if _, err := a.k.Lstat(a.ctx, m.name); err == nil {
			return true
		}
	}
	return a.current(m.name, &m.stat, a.update, a.updateChanged)
}

// restore makes a file of a member.
func (a *archiver) restore(m *paxMember) bool {
	k, ctx := a.k, a.ctx
	if !a.absolute && outside(m.name) {
		a.warn("Attempt to write file `%s' outside current working directory ignored", m.name)
		return false
	}
	if there, err := k.Lstat(ctx, m.name); err == nil {
		if a.keep {
			return false
		}
		if of, err := k.Lstat(ctx, m.link); m.hard && err == nil && of.Dev == there.Dev && of.Ino == there.Ino {
			a.warn("Cannot link file %s to itself", m.link)
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
			if err = k.MkdirAll(ctx, m.name[:i], 0o777); err == nil {
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
		return k.Link(ctx, m.link, m.name)
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
		if m.source != "" {
			a.warnErr(err, "Failed write during copy of %s to %s", m.source, m.name)
		} else {
			a.warnErr(err, "Failed write to file %s", m.name)
		}
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
