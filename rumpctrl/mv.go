package rumpctrl

import (
	"context"
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// mover is one run of mv.
type mover struct {
	e                   *Env
	ctx                 context.Context
	k                   *rump.Kernel
	force, ask, verbose bool
}

func runMv(ctx context.Context, e *Env) error {
	m := &mover{e: e, ctx: ctx, k: e.Kernel}
	args, err := e.getopt(e.Args[1:], "ifv", func(opt byte, _ string) error {
		switch opt {
		case 'i':
			m.ask, m.force = true, false
		case 'f':
			m.force, m.ask = true, false
		case 'v':
			m.verbose = true
		}
		return nil
	})
	if err != nil || len(args) < 2 {
		return m.usage()
	}
	to := args[len(args)-1]
	args = args[:len(args)-1]
	if !isDir(m.k.Stat(ctx, to)) {
		if len(args) > 1 {
			return m.usage()
		}
		return silent(m.move(args[0], to))
	}
	if len(to) > netbsd.PATH_MAX {
		return errx(1, "%s: destination pathname too long", to)
	}
	if !strings.HasSuffix(to, "/") {
		to += "/"
	}
	status := 0
	for _, from := range args {
		from = stripSlashes(from)
		name := from[strings.LastIndexByte(from, '/')+1:]
		if len(to)+len(name) >= netbsd.PATH_MAX {
			e.warnx("%s: destination pathname too long", from)
			status = 1
			continue
		}
		status |= m.move(from, to+name)
	}
	return silent(status)
}

func (m *mover) usage() error {
	return m.e.usage(1, "mv [-fiv] source target", "mv [-fiv] source ... directory")
}

// fail says why something failed and returns the exit status.
func (m *mover) fail(err error, format string, args ...any) int {
	m.e.warn(err, format, args...)
	return 1
}

// move moves one file and returns an exit status.
func (m *mover) move(from, to string) int {
	if !m.force && m.k.Access(m.ctx, to, netbsd.F_OK) == nil {
		question := ""
		if m.ask {
			question = fmt.Sprintf("overwrite %s? ", to)
		} else if m.k.Access(m.ctx, to, netbsd.W_OK) != nil {
			if st, err := m.k.Stat(m.ctx, to); err == nil {
				question = fmt.Sprintf("override %s %d/%d for %s? ", modeString(st.Mode)[1:], st.Uid, st.Gid, to)
			}
		}
		if question != "" {
			if err := m.k.Access(m.ctx, from, netbsd.F_OK); err != nil {
				return m.fail(err, "rename %s", from)
			}
			if !m.e.confirm("%s", question) {
				return 0
			}
		}
	}
	err := m.k.Rename(m.ctx, from, to)
	if err == nil {
		if m.verbose {
			m.e.printf("%s -> %s\n", from, to)
		}
		return 0
	}
	if errno, _ := rump.Errno(err); errno != netbsd.EXDEV {
		return m.fail(err, "rename %s to %s", from, to)
	}
	// To another file system: copy and remove.
	if st, err := m.k.Lstat(m.ctx, to); err == nil {
		remove := m.k.Unlink
		if isDir(st, nil) {
			remove = m.k.Rmdir
		}
		if err := remove(m.ctx, to); err != nil {
			return m.fail(err, "can't remove %s", to)
		}
	}
	st, err := m.k.Lstat(m.ctx, from)
	if err != nil {
		return m.fail(err, "%s", from)
	}
	if st.Mode&netbsd.S_IFMT == netbsd.S_IFREG {
		return m.copyFile(from, to, st)
	}
	return m.copyTree(from, to)
}

// copyFile moves a regular file to another file system.
func (m *mover) copyFile(from, to string, st netbsd.Stat) int {
	in, err := m.k.Open(m.ctx, from, netbsd.O_RDONLY, 0)
	if err != nil {
		return m.fail(err, "%s", from)
	}
	defer in.Close()
	out, err := m.k.Open(m.ctx, to, netbsd.O_CREAT|netbsd.O_TRUNC|netbsd.O_WRONLY, st.Mode)
	if err != nil {
		return m.fail(err, "%s", to)
	}
	if name, err := stream(out, in, to, from); err != nil {
		m.e.warn(err, "%s", name)
		if err := m.k.Unlink(m.ctx, to); err != nil {
			m.e.warn(err, "%s: remove", to)
		}
		out.Close()
		return 1
	}
	if err := out.Utimes(st.Atim, st.Mtim); err != nil {
		m.e.warn(err, "%s: set times", to)
	}
	mode := st.Mode
	if err := out.Chown(int(st.Uid), int(st.Gid)); err != nil {
		if errno, _ := rump.Errno(err); errno != netbsd.EPERM {
			m.e.warn(err, "%s: set owner/group", to)
		}
		mode &^= netbsd.S_ISUID | netbsd.S_ISGID
	}
	if err := out.Chmod(mode); err != nil {
		m.e.warn(err, "%s: set mode", to)
	}
	if err := out.Chflags(st.Flags); err != nil {
		if errno, _ := rump.Errno(err); errno != netbsd.EOPNOTSUPP {
			m.e.warn(err, "%s: set flags (was: 0%07o)", to, st.Flags)
		}
	}
	if err := out.Close(); err != nil {
		return m.fail(err, "%s", to)
	}
	if err := m.k.Unlink(m.ctx, from); err != nil {
		return m.fail(err, "%s: remove", from)
	}
	if m.verbose {
		m.e.printf("%s -> %s\n", from, to)
	}
	return 0
}

// copyTree moves a hierarchy to another file system, with cp and rm.
func (m *mover) copyTree(from, to string) int {
	options := "-PRp"
	if m.verbose {
		options = "-PRpv"
	}
	for _, step := range []struct {
		path string
		run  func(context.Context, *Env) error
		args []string
	}{
		{"/bin/cp", runCp, []string{"mv", options, "--", from, to}},
		{"/bin/rm", runRm, []string{"mv", "-rf", "--", from}},
	} {
		child := *m.e
		child.Args = step.args
		if status := child.status(step.run(m.ctx, &child)); status != 0 {
			m.e.warnx("%s: terminated with %d (non-zero) status", step.path, status)
			return 1
		}
	}
	return 0
}
