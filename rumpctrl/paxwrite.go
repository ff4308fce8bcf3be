package rumpctrl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

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
		a.chosen = false
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
				a.warnErr(p.err, "Unable to access %s", p.path)
				continue
			case walkD:
				p.skip = a.onlyDirs
			}
			if err := f(p); err != nil {
				return err
			}
		}
		if !a.chosen {
			missing += root + "\n"
		}
	}
	if missing != "" && len(args) > 0 {
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

// fillingWriter writes large pieces and, when there is no room for a whole one,
// what there is room for.
type fillingWriter struct{ w io.Writer }

func (f fillingWriter) Write(p []byte) (int, error) {
	const block = 10240
	done, err := f.w.Write(p)
	for errors.Is(err, netbsd.ENOSPC) && len(p)-done > block {
		n, berr := f.w.Write(p[done : done+block])
		if done += n; berr != nil {
			return done, berr
		}
		if done == len(p) {
			return done, nil
		}
	}
	return done, err
}

// create writes an archive, or adds to one. It returns its format, and how much was
// read of it and is written.
func (a *archiver) create(args []string) (string, int64, int64, error) {
	dst := a.e.Stdout
	var f *rump.File
	have := &paxEnd{}
	if a.archive != "" {
		var err error
		if a.appends {
			f, have, err = a.openEnd()
		} else if f, err = a.k.Open(a.ctx, a.archive, netbsd.O_WRONLY|netbsd.O_CREAT|netbsd.O_TRUNC, 0o666); err != nil {
			a.warnErr(err, "Failed open to write on %s", a.archive)
		}
		if f == nil || err != nil {
			return "", 0, 0, nil
		}
		defer f.Close()
		dst = f
	}
	blocks := bufio.NewWriterSize(fillingWriter{dst}, 256<<10)
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
		if t, ok := have.times[p.path]; ok && p.stat.Mtim.Sec <= t {
			return nil // -u: what is in the archive is as new
		}
		return a.store(w, p, f, first)
	})
	if err == nil {
		err = w.end()
	}
	blocking := int64(a.blocking)
	if blocking == 0 {
		blocking = int64(w.blocking())
	}
	if err == nil {
		length := have.at + count.n
		_, err = io.CopyN(count, zeroReader{}, roundUpTo(length, blocking)-length)
	}
	if err == nil {
		err = blocks.Flush()
	}
	if errors.Is(err, netbsd.ENOSPC) {
		a.warn("End of archive volume 1 reached")
		return "", 0, 0, nil
	}
	if err != nil {
		a.warnErr(err, "Failed write to archive volume: 1")
		return "", 0, 0, nil
	}
	// The last block that was there is written anew.
	return w.format(), have.at, count.n + have.at%blocking, nil
}

// member returns a file as an archive has it. first has the names of files which
// have more than one.
func (a *archiver) member(p *walkEntry, first map[[2]uint64]string) (*paxMember, bool) {
	m := &paxMember{name: p.path, stat: p.stat}
	switch m.kind() {
	case netbsd.S_IFLNK:
		var err error
		if m.link, err = a.k.Readlink(a.ctx, p.path); err != nil {
			a.warnErr(err, "Unable to read symlink %s", p.path)
			return nil, false
		}
	case netbsd.S_IFREG:
		id := [2]uint64{p.stat.Dev, p.stat.Ino}
		if name, ok := first[id]; ok {
			m.link, m.hard = name, true
		} else if p.stat.Nlink > 1 {
			first[id] = p.path
		}
	}
	return m, true
}

// content opens a file to be read.
func (a *archiver) content(p *walkEntry) (*rump.File, error) {
	f, err := a.k.Open(a.ctx, p.path, netbsd.O_RDONLY, 0)
	if err != nil {
		a.warnErr(err, "Unable to open %s to read", p.path)
	}
	return f, err
}

// store adds a file to an archive, which is written to f.
func (a *archiver) store(w paxWriter, p *walkEntry, f *rump.File, first map[[2]uint64]string) error {
	m, ok := a.member(p, first)
	if !ok || !a.selected(&m.stat) {
		return nil
	}
	if a.chosen = true; !a.modify(m) {
		return nil
	}
	if m.kind() == netbsd.S_IFREG && (!m.hard || w.format() != "ustar") {
		in, err := a.content(p)
		if err != nil {
			return nil
		}
		defer in.Close()
		m.data = in
		if f != nil && a.isArchive(f, p) {
			// The archive itself, as far as it is written: nothing.
			m.stat.Size, m.data = 0, bytes.NewReader(nil)
		}
	}
	if a.verbose {
		fmt.Fprintf(a.e.Stderr, "%s\n", m.name)
	}
	err := w.add(m)
	var skip *errPaxSkip
	if errors.As(err, &skip) {
		a.warn("%s", skip.msg)
		return nil
	}
	if err == nil {
		a.files++
		if a.keepAtime && m.hasData() {
			a.k.Utimes(a.ctx, p.path, p.stat.Atim, netbsd.Timespec{Nsec: netbsd.UTIME_OMIT})
		}
	}
	return err
}

// isArchive reports whether a file is the archive that is being written.
func (a *archiver) isArchive(f *rump.File, p *walkEntry) bool {
	st, err := f.Fstat()
	return err == nil && st.Dev == p.stat.Dev && st.Ino == p.stat.Ino
}
