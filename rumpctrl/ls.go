package rumpctrl

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// lister is one run of ls.
type lister struct {
	e      *Env
	ctx    context.Context
	out    *printer
	status int
	wrote  bool // something was listed

	opts     walkOption
	width    int
	block    int64 // unit of block counts, in blocks of 512
	format   lsFormat
	group    int // -g: -1 never, 1 leave the owner out
	time     byte
	sort     byte
	escape   byte // 'q', 'b', 'B' or 0
	inode    bool
	size     bool
	flags    bool
	slash    bool // -p
	classify bool // -F
	dirs     bool // -d
	dots     bool
	recurse  bool
	reverse  bool
	unsorted bool
	human    bool
	commas   bool
	seconds  bool
	fullPath bool
	leafOnly bool
	now      time.Time
	w        *walk
}

type lsFormat byte

const (
	lsSingle lsFormat = iota
	lsLong
	lsColumns
	lsAcross
	lsStream
)

func runLs(ctx context.Context, e *Env) error {
	out := e.buffered()
	defer out.Flush()
	l := &lister{e: e, ctx: ctx, out: out, opts: walkPhysical, block: 512, sort: 'n', time: 'm', dots: true}
	// The standard output of a rump kernel's process is its console, a terminal,
	// wherever what the utility prints goes to.
	l.width, l.format, l.escape = cmp.Or(e.Columns, 80), lsColumns, 'q'
	kilo := false
	args, err := e.getopt(e.Args[1:], "1AaBbCcdFfghikLlMmnOoPpqRrSsTtuWwXx", func(opt byte, _ string) error {
		switch opt {
		case '1':
			l.format = lsSingle
		case 'C':
			l.format = lsColumns
		case 'g':
			l.format = lsLong
			if l.group != -1 {
				l.group = 1
			}
		case 'l':
			l.format, l.group = lsLong, -1
		case 'n':
			l.format = lsLong
		case 'm':
			l.format = lsStream
		case 'x':
			l.format = lsAcross
		case 'c', 'u':
			l.time = opt
		case 'F':
			l.classify = true
		case 'L':
			l.opts &^= walkPhysical
		case 'R':
			l.recurse = true
		case 'f':
			l.unsorted = true
			l.opts |= walkSeeDot
		case 'a':
			l.opts |= walkSeeDot
		case 'A':
		case 'B', 'b', 'q':
			l.escape = opt
		case 'w':
			l.escape = 0
		case 'd':
			l.dirs, l.recurse = true, false
		case 'i':
			l.inode = true
		case 'k':
			l.block, kilo, l.human = 1024, true, false
		case 'h':
			l.human, kilo, l.commas = true, false, false
		case 'M':
			l.human, l.commas = false, true
		case 'O':
			l.leafOnly = true
		case 'o':
			l.flags = true
		case 'P':
			l.fullPath = true
		case 'p':
			l.slash = true
		case 'r':
			l.reverse = true
		case 'S', 't':
			l.sort = opt
		case 's':
			l.size = true
		case 'T':
			l.seconds = true
		case 'W':
			l.opts |= walkWhiteout
		case 'X':
			l.opts |= walkXdev
		}
		return nil
	})
	if err != nil {
		return e.usage(1, "ls [-1AaBbCcdFfghikLlMmnOoPpqRrSsTtuWwXx] [file ...]")
	}
	if c := e.Getenv("COLUMNS"); c != "" && (l.format == lsColumns || l.format == lsAcross || l.format == lsStream) {
		l.width, _ = strconv.Atoi(c)
	}
	if !l.inode && l.format != lsLong && !l.size && !l.classify && !l.slash && l.sort == 'n' {
		l.opts |= walkNoStat
	}
	if l.format != lsLong && !l.dirs && !l.classify {
		l.opts |= walkComFollow
	}
	if l.inode || l.format == lsLong || l.size {
		if !kilo {
			_, l.block = e.blockSize()
		}
		l.block /= 512
	}
	l.now = time.Now()
	if len(args) == 0 {
		args = []string{"."}
	}
	if err := l.traverse(args); err != nil {
		return err
	}
	if l.status != 0 {
		return silent(l.status)
	}
	return nil
}

func (l *lister) warn(name string, err error) {
	l.out.Flush()
	l.e.warn(err, "%s", name)
	l.status = 1
}

func (l *lister) traverse(args []string) error {
	compare := l.compare
	if l.unsorted {
		compare = nil
	}
	w, err := newWalk(l.ctx, l.e.Kernel, args, l.opts, compare)
	if err != nil {
		l.out.Flush()
		l.e.warnx("%s", reason(err))
		return silent(1)
	}
	l.w = w
	l.display(nil, w.list(false))
	if l.dirs {
		return nil
	}
	for p := w.next(); p != nil; p = w.next() {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		switch p.info {
		case walkDC:
			l.out.Flush()
			l.e.warnx("%s: directory causes a cycle", p.name)
		case walkDNR, walkErr:
			l.warn(p.name, p.err)
		case walkD:
			if p.level != 0 && p.name[0] == '.' && !l.dots {
				break
			}
			if !l.leafOnly {
				if l.wrote {
					fmt.Fprintf(l.out, "\n%s:\n", p.path)
				} else if len(args) > 1 {
					fmt.Fprintf(l.out, "%s:\n", p.path)
					l.wrote = true
				}
			}
			children := w.list(!l.recurse && l.opts&walkNoStat != 0)
			l.display(p, children)
			if !l.recurse && len(children) > 0 {
				p.skip = true
			}
		}
	}
	return nil
}

// compare orders the roots, directories last, and the files of a directory.
func (l *lister) compare(a, b *walkEntry) int {
	if a.info == walkErr || b.info == walkErr {
		return 0
	}
	if a.info == walkNS || b.info == walkNS {
		switch {
		case b.info != walkNS:
			return 1
		case a.info != walkNS:
			return -1
		}
		return strings.Compare(a.name, b.name)
	}
	if a.info != b.info && !l.dirs && a.level == 0 {
		if a.info == walkD {
			return 1
		}
		if b.info == walkD {
			return -1
		}
	}
	c := 0
	switch l.sort {
	case 'S':
		c = cmp.Compare(b.stat.Size, a.stat.Size)
	case 't':
		x, y := l.timeOf(a), l.timeOf(b)
		c = cmp.Or(cmp.Compare(y.Sec, x.Sec), cmp.Compare(y.Nsec, x.Nsec))
	}
	c = cmp.Or(c, strings.Compare(a.name, b.name))
	if l.reverse {
		c = -c
	}
	return c
}

func (l *lister) timeOf(p *walkEntry) netbsd.Timespec {
	switch l.time {
	case 'u':
		return p.stat.Atim
	case 'c':
		return p.stat.Ctim
	}
	return p.stat.Mtim
}
