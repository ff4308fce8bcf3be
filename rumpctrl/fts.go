package rumpctrl

import (
	"context"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// A walk goes through file hierarchies as fts(3) does, whose rules show in what
// ls -R, rm -r and their like print: which files are looked at, in what order, and
// that a directory with two links is taken for one without directories in it.
// Unlike fts(3) it does not change the working folder.
type walk struct {
	ctx     context.Context
	k       *rump.Kernel
	opts    walkOption
	compare func(a, b *walkEntry) int // nil for the order of the directory

	cur      *walkEntry
	rest     []*walkEntry // what follows cur on its level
	above    [][]*walkEntry
	children []*walkEntry
	have     bool // children were read
	nameOnly bool
	started  bool
}

type walkOption uint8

const (
	walkPhysical  walkOption = 1 << iota // do not follow symbolic links
	walkComFollow                        // but those which are roots
	walkNoStat                           // the caller does not look at stat
	walkSeeDot                           // return "." and ".."
	walkXdev                             // stay on the file system
	walkWhiteout                         // return whiteouts
)

// walkInfo is what kind of a visit it is.
type walkInfo uint8

const (
	walkD       walkInfo = iota + 1 // directory, before its files
	walkDC                          // directory that causes a cycle
	walkDefault                     // none of the others
	walkDNR                         // directory that cannot be read
	walkDot                         // "." or ".."
	walkDP                          // directory, after its files
	walkErr                         // error
	walkF                           // regular file
	walkNS                          // no stat, for an error
	walkNSOK                        // no stat, none needed
	walkSL                          // symbolic link
	walkSLNone                      // symbolic link to nowhere
	walkW                           // whiteout
)

// walkEntry is a file of the hierarchy.
type walkEntry struct {
	parent *walkEntry // nil for a root
	level  int        // 0 for a root
	path   string     // from the root as it was given
	name   string
	info   walkInfo
	err    error
	stat   netbsd.Stat

	skip     bool // do not descend
	whiteout bool

	number int // for cp
}

func newWalk(ctx context.Context, k *rump.Kernel, roots []string, opts walkOption, compare func(a, b *walkEntry) int) (*walk, error) {
	w := &walk{ctx: ctx, k: k, opts: opts, compare: compare}
	for _, r := range roots {
		if r == "" {
			return nil, &rump.Error{Kernel: k.String(), Op: "walk", Errno: netbsd.ENOENT}
		}
		p := &walkEntry{path: r, name: r}
		p.info = w.look(p, opts&walkComFollow != 0)
		if p.info == walkDot {
			p.info = walkD
		}
		w.rest = append(w.rest, p)
	}
	w.sort(w.rest)
	return w, nil
}

func (w *walk) sort(es []*walkEntry) {
	if w.compare != nil {
		slices.SortStableFunc(es, w.compare)
	}
}

// look describes a file.
func (w *walk) look(p *walkEntry, follow bool) walkInfo {
	if p.whiteout {
		p.stat.Mode = netbsd.S_IFWHT
		return walkW
	}
	var err error
	if w.opts&walkPhysical == 0 || follow {
		p.stat, err = w.k.Stat(w.ctx, p.path)
		if err != nil {
			var lerr error
			if p.stat, lerr = w.k.Lstat(w.ctx, p.path); lerr == nil {
				return walkSLNone
			}
		}
	} else {
		p.stat, err = w.k.Lstat(w.ctx, p.path)
	}
	if err != nil {
		p.err = err
		return walkNS
	}
	switch p.stat.Mode & netbsd.S_IFMT {
	case netbsd.S_IFDIR:
		if p.name == "." || p.name == ".." {
			return walkDot
		}
		for t := p.parent; t != nil; t = t.parent {
			if t.stat.Ino == p.stat.Ino && t.stat.Dev == p.stat.Dev {
				return walkDC
			}
		}
		return walkD
	case netbsd.S_IFLNK:
		return walkSL
	case netbsd.S_IFREG:
		return walkF
	}
	return walkDefault
}

// next returns the next visit, or nil at the end.
func (w *walk) next() *walkEntry {
	p := w.cur
	if p != nil && p.info == walkD {
		if p.skip || w.opts&walkXdev != 0 && p.stat.Dev != w.root(p).stat.Dev {
			w.have = false
			p.info = walkDP
			return p
		}
		if w.have && w.nameOnly {
			w.have, w.nameOnly = false, false
		}
		if !w.have {
			w.children = w.build(p, false)
		}
		w.have = false
		if len(w.children) == 0 {
			if p.info == walkD {
				p.info = walkDP
			}
			return p
		}
		w.above = append(w.above, w.rest)
		w.rest, w.children = w.children, nil
		return w.advance()
	}
	if p == nil && w.started {
		return nil
	}
	w.started = true
	return w.advance()
}

func (w *walk) root(p *walkEntry) *walkEntry {
	for p.parent != nil {
		p = p.parent
	}
	return p
}

// advance goes to the next entry of the level or up.
func (w *walk) advance() *walkEntry {
	for len(w.rest) > 0 {
		p := w.rest[0]
		w.rest = w.rest[1:]
		if p.level > 0 && p.skip {
			continue
		}
		if p.level == 0 {
			// From here on the name is the last part of the path.
			if i := lastSlash(p.name); i > 0 || i == 0 && len(p.name) > 1 {
				p.name = p.name[i+1:]
			}
		}
		w.cur = p
		return p
	}
	if len(w.above) == 0 {
		w.cur = nil
		return nil
	}
	up := w.cur.parent
	w.rest = w.above[len(w.above)-1]
	w.above = w.above[:len(w.above)-1]
	if up.err != nil {
		up.info = walkErr
	} else {
		up.info = walkDP
	}
	w.cur = up
	return up
}

func lastSlash(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			return i
		}
	}
	return -1
}

// list returns the entries of the directory visited last, or before the first
// visit the roots.
func (w *walk) list(nameOnly bool) []*walkEntry {
	if !w.started {
		return w.rest
	}
	if w.cur == nil || w.cur.info != walkD {
		return nil
	}
	w.nameOnly = nameOnly
	w.children = w.build(w.cur, nameOnly)
	w.have = len(w.children) > 0
	w.cur.info, w.cur.err = walkD, nil // an error comes with the visit
	return w.children
}

// build reads a directory.
func (w *walk) build(cur *walkEntry, nameOnly bool) []*walkEntry {
	f, err := w.k.Open(w.ctx, cur.path, netbsd.O_RDONLY|netbsd.O_NONBLOCK|netbsd.O_DIRECTORY, 0)
	if err != nil {
		cur.info, cur.err = walkDNR, err
		return nil
	}
	defer f.Close()
	// How many directories there can be: 0 if it does not matter, -1 to look at
	// everything.
	links, noStat := -1, false
	if nameOnly {
		links, noStat = 0, true
	} else if w.opts&(walkNoStat|walkPhysical) == walkNoStat|walkPhysical {
		links, noStat = int(cur.stat.Nlink), true
		if w.opts&walkSeeDot == 0 {
			links -= 2
		}
	}
	base := cur.path
	if base[len(base)-1] != '/' {
		base += "/"
	}
	var es []*walkEntry
	for {
		ds, err := f.Dirents()
		if err != nil || len(ds) == 0 {
			// readdir(3) does not tell an error from the end, and fts(3) does not ask.
			break
		}
		for _, d := range ds {
			if w.opts&walkSeeDot == 0 && (d.Name == "." || d.Name == "..") {
				continue
			}
			p := &walkEntry{parent: cur, level: cur.level + 1, path: base + d.Name, name: d.Name}
			if d.Type == netbsd.DT_WHT {
				if w.opts&walkWhiteout == 0 {
					continue
				}
				p.whiteout = true
			}
			if links == 0 || noStat && d.Type != netbsd.DT_DIR && d.Type != netbsd.DT_UNKNOWN {
				p.info = walkNSOK
			} else {
				p.info = w.look(p, false)
				if links > 0 && (p.info == walkD || p.info == walkDC || p.info == walkDot) {
					links--
				}
			}
			es = append(es, p)
		}
	}
	w.sort(es)
	return es
}
