package rumpctrl

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// lsTable is what is to be listed at once, and how wide its columns are.
type lsTable struct {
	all      []*walkEntry
	entries  []*walkEntry
	maxLen   int
	blocks   int64
	bytes    int64
	wInode   int
	wBlock   int
	wLink    int
	wUser    int
	wGroup   int
	wFlags   int
	wSize    int
	wMajor   int
	wMinor   int
	topLevel bool
}

func digits(n uint64) int { return len(strconv.FormatUint(n, 10)) }

func isDevice(mode uint32) bool {
	t := mode & netbsd.S_IFMT
	return t == netbsd.S_IFCHR || t == netbsd.S_IFBLK
}

// display lists the files of a directory, or the roots.
func (l *lister) display(dir *walkEntry, list []*walkEntry) {
	if len(list) == 0 {
		return
	}
	t := &lsTable{all: list, topLevel: list[0].level == 0}
	needStat := l.inode || l.format == lsLong || l.size
	var maxBlocks, maxSize int64
	var maxInode uint64
	var maxLink, maxMajor, maxMinor uint32
	devices := false
	for _, p := range list {
		switch {
		case p.info == walkErr || p.info == walkNS:
			l.warn(p.name, p.err)
			continue
		case dir == nil && p.info == walkD && !l.dirs:
			continue // comes later
		case dir != nil && p.name[0] == '.' && !l.dots:
			continue
		}
		t.maxLen = max(t.maxLen, len(p.name))
		if needStat {
			st := &p.stat
			maxBlocks = max(maxBlocks, st.Blocks)
			maxInode = max(maxInode, st.Ino)
			maxLink = max(maxLink, st.Nlink)
			maxSize = max(maxSize, st.Size)
			if isDevice(st.Mode) {
				devices = true
				maxMajor = max(maxMajor, netbsd.Major(st.Rdev))
				maxMinor = max(maxMinor, netbsd.Minor(st.Rdev))
			}
			t.blocks += st.Blocks
			t.bytes += st.Size
			t.wUser = max(t.wUser, digits(uint64(st.Uid)))
			t.wGroup = max(t.wGroup, digits(uint64(st.Gid)))
			if l.flags {
				t.wFlags = max(t.wFlags, len(fileFlags(st.Flags, "-")))
			}
		}
		t.entries = append(t.entries, p)
	}
	if len(t.entries) == 0 {
		return
	}
	if needStat {
		t.wBlock = digits(uint64(howMany(maxBlocks, l.block)))
		t.wSize = digits(uint64(maxSize))
		if l.human {
			t.wBlock, t.wSize = 4, 4
		} else if l.commas {
			t.wBlock += (t.wBlock - 1) / 3
			t.wSize += (t.wSize - 1) / 3
		}
		t.wInode, t.wLink = digits(maxInode), digits(uint64(maxLink))
		if devices {
			t.wMajor, t.wMinor = digits(uint64(maxMajor)), digits(uint64(maxMinor))
			if t.wMajor+t.wMinor+2 > t.wSize {
				t.wSize = t.wMajor + t.wMinor + 2
			} else if t.wSize-t.wMinor-2 > t.wMajor {
				t.wMajor = t.wSize - t.wMinor - 2
			}
		}
	}
	switch l.format {
	case lsLong:
		l.long(t)
	case lsColumns:
		l.columns(t)
	case lsAcross:
		l.across(t)
	case lsStream:
		l.stream(t)
	default:
		l.single(t)
	}
	l.wrote = true
}

func (l *lister) human5(n int64) string {
	return humanizeNumber(5, n, "", humanDecimal|humanB|humanNoSpace)
}

func (l *lister) total(t *lsTable) {
	if t.topLevel || l.format != lsLong && !l.size {
		return
	}
	if l.human {
		fmt.Fprintf(l.out, "total %s\n", l.human5(t.bytes))
	} else {
		fmt.Fprintf(l.out, "total %s\n", l.number(howMany(t.blocks, l.block)))
	}
}

func (l *lister) single(t *lsTable) {
	for _, p := range t.entries {
		l.name(p, t, t.wBlock)
		io.WriteString(l.out, "\n")
	}
}

func (l *lister) long(t *lsTable) {
	if !l.leafOnly {
		l.total(t)
	}
	for _, p := range t.entries {
		st := &p.stat
		if l.inode {
			fmt.Fprintf(l.out, "%*d ", t.wInode, st.Ino)
		}
		if l.size {
			if l.human {
				fmt.Fprintf(l.out, "%*s ", t.wBlock, l.human5(st.Blocks*netbsd.S_BLKSIZE))
			} else {
				fmt.Fprintf(l.out, "%*s ", t.wBlock, l.number(howMany(st.Blocks, l.block)))
			}
		}
		fmt.Fprintf(l.out, "%s %*d ", modeString(st.Mode), t.wLink, st.Nlink)
		if l.group != 1 {
			fmt.Fprintf(l.out, "%-*d  ", t.wUser, st.Uid)
		}
		fmt.Fprintf(l.out, "%-*d  ", t.wGroup, st.Gid)
		if l.flags {
			fmt.Fprintf(l.out, "%-*s ", t.wFlags, fileFlags(st.Flags, "-"))
		}
		switch {
		case isDevice(st.Mode):
			fmt.Fprintf(l.out, "%*d, %*d ", t.wMajor, netbsd.Major(st.Rdev), t.wMinor, netbsd.Minor(st.Rdev))
		case l.human:
			fmt.Fprintf(l.out, "%*s ", t.wSize, l.human5(st.Size))
		default:
			fmt.Fprintf(l.out, "%*s ", t.wSize, l.number(st.Size))
		}
		l.date(l.timeOf(p))
		l.text(l.pathOf(p))
		l.typeMark(st.Mode)
		if st.Mode&netbsd.S_IFMT == netbsd.S_IFLNK {
			l.link(p)
		}
		io.WriteString(l.out, "\n")
	}
}

// date prints a time of a long listing: with its year, if it is not within six
// months of now.
func (l *lister) date(ts netbsd.Timespec) {
	const sixMonths = 365 / 2 * 86400
	t := time.Unix(ts.Sec, 0).In(l.e.Location)
	layout := "Jan _2  2006 "
	if l.seconds {
		layout = "Jan _2 15:04:05 2006 "
	} else if now := l.now.Unix(); ts.Sec+sixMonths > now && ts.Sec-sixMonths < now {
		layout = "Jan _2 15:04 "
	}
	io.WriteString(l.out, t.Format(layout))
}

func (l *lister) link(p *walkEntry) {
	target, err := l.e.Kernel.Readlink(l.ctx, p.path)
	if err != nil {
		l.out.Flush()
		fmt.Fprintf(l.e.Stderr, "\nls: %s: %s\n", p.path, reason(err))
		return
	}
	io.WriteString(l.out, " -> ")
	l.text(target)
}

func (l *lister) columnWidth(t *lsTable) int {
	w := t.maxLen + 1
	if l.inode {
		w += t.wInode + 1
	}
	if l.size {
		w += l.sizeWidth(t) + 1
	}
	if l.classify || l.slash {
		w++
	}
	return w
}

func (l *lister) sizeWidth(t *lsTable) int {
	if l.human {
		return t.wSize
	}
	return t.wBlock
}

func (l *lister) columns(t *lsTable) {
	width := l.columnWidth(t)
	if l.width < 2*width {
		l.single(t)
		return
	}
	cols := l.width / width
	width = l.width / cols
	num := len(t.entries)
	rows := (num + cols - 1) / cols
	l.total(t)
	for row := range rows {
		for at, col := row, 0; col < cols; col++ {
			n := l.name(t.entries[at], t, l.sizeWidth(t))
			if at += rows; at >= num {
				break
			}
			l.pad(width - n)
		}
		io.WriteString(l.out, "\n")
	}
}

func (l *lister) pad(n int) { io.WriteString(l.out, strings.Repeat(" ", max(n, 0))) }

func (l *lister) across(t *lsTable) {
	width := l.columnWidth(t)
	if l.width < 2*width {
		l.single(t)
		return
	}
	cols := l.width / width
	width = l.width / cols
	l.total(t)
	col := 0
	for _, p := range t.entries {
		if col >= cols {
			col = 0
			io.WriteString(l.out, "\n")
		}
		l.pad(width - l.name(p, t, l.sizeWidth(t)))
		col++
	}
	io.WriteString(l.out, "\n")
}

func (l *lister) stream(t *lsTable) {
	extra := 0
	if l.inode {
		extra += t.wInode + 1
	}
	if l.size {
		extra += l.sizeWidth(t) + 1
	}
	if l.classify {
		extra++
	}
	col := 0
	for _, p := range t.entries {
		if col > 0 {
			io.WriteString(l.out, ",")
			col++
			if col+1+extra+len(p.name) >= l.width {
				io.WriteString(l.out, "\n")
				col = 0
			} else {
				io.WriteString(l.out, " ")
				col++
			}
		}
		col += l.name(p, t, l.sizeWidth(t))
	}
	io.WriteString(l.out, "\n")
}

// name prints inode, size and name, and returns how many columns that took.
func (l *lister) name(p *walkEntry, t *lsTable, wSize int) int {
	n := 0
	if l.inode {
		k, _ := fmt.Fprintf(l.out, "%*d ", t.wInode, p.stat.Ino)
		n += k
	}
	if l.size {
		s := l.number(howMany(p.stat.Blocks, l.block))
		if l.human {
			s = l.human5(p.stat.Size)
		}
		k, _ := fmt.Fprintf(l.out, "%*s ", wSize, s)
		n += k
	}
	n += l.text(l.pathOf(p))
	return n + l.typeMark(p.stat.Mode)
}

func (l *lister) pathOf(p *walkEntry) string {
	if l.fullPath {
		if p.parent != nil {
			return p.parent.path + "/" + p.name
		}
		return p.path + "/" + p.name
	}
	return p.name
}

// typeMark prints the character of -F or -p.
func (l *lister) typeMark(mode uint32) int {
	if !l.classify && !(l.slash && mode&netbsd.S_IFMT == netbsd.S_IFDIR) {
		return 0
	}
	mark := ""
	switch mode & netbsd.S_IFMT {
	case netbsd.S_IFDIR:
		mark = "/"
	case netbsd.S_IFIFO:
		mark = "|"
	case netbsd.S_IFLNK:
		mark = "@"
	case netbsd.S_IFSOCK:
		mark = "="
	case netbsd.S_IFWHT:
		mark = "%"
	default:
		if mode&(netbsd.S_IXUSR|netbsd.S_IXGRP|netbsd.S_IXOTH) != 0 {
			mark = "*"
		}
	}
	io.WriteString(l.out, mark)
	return len(mark)
}

// text prints a name as -q, -b, -B and -w say, and returns its width.
func (l *lister) text(s string) int {
	switch l.escape {
	case 'b':
		s = visible(s, visOctal|visWhite|visCStyle)
	case 'B':
		s = visible(s, visOctal|visWhite)
	case 'q':
		return l.questionMarks(s)
	}
	io.WriteString(l.out, s)
	return len(s)
}

// questionMarks prints a name with "?" for each byte that cannot be printed in the
// C locale, which is the only one there is.
func (l *lister) questionMarks(s string) int {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	l.out.Write(b)
	return len(b)
}

// number writes a number, with -M with a comma before every third digit.
func (l *lister) number(n int64) string {
	s := strconv.FormatInt(n, 10)
	if l.commas {
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
	}
	return s
}
