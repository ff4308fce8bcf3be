package rumpctrl

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// statItem is a parsed item of a format.
type statItem struct {
	text      string // as it was given
	alt       bool   // #
	space     bool
	plus      bool
	zero      bool
	minus     bool
	size      int
	precision int  // -1 for none
	out       byte // D O U X F S, 0 for the default
	piece     byte // H M L
	what      byte
}

// format fills a format in.
func (s *statter) format(format, name string, st netbsd.Stat, number int) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); {
		if format[i] != '%' {
			b.WriteByte(format[i])
			i++
			continue
		}
		start := i
		if i++; i < len(format) {
			simple := map[byte]string{'n': "\n", 't': "\t", '%': "%", '@': strconv.Itoa(number)}[format[i]]
			if simple != "" {
				b.WriteString(simple)
				i++
				continue
			}
		}
		item := statItem{size: -1, precision: -1}
		at := func() byte {
			if i < len(format) {
				return format[i]
			}
			return 0
		}
		flags := map[byte]*bool{'#': &item.alt, ' ': &item.space, '+': &item.plus, '0': &item.zero, '-': &item.minus}
		for flags[at()] != nil {
			*flags[at()] = true
			i++
		}
		digits := func() int {
			n := 0
			for at() >= '0' && at() <= '9' {
				n = min(n*10+int(at()-'0'), 1<<16)
				i++
			}
			return n
		}
		if at() >= '0' && at() <= '9' {
			item.size = digits()
		}
		if at() == '.' {
			i++
			item.precision = digits()
		}
		if c := at(); c != 0 && strings.IndexByte("DOUXFS", c) >= 0 {
			item.out = c
			i++
		}
		if c := at(); c == 'H' || c == 'M' || c == 'L' {
			item.piece = c
			i++
		}
		if item.what = at(); item.what == 0 || strings.IndexByte("RdipluggramcBzbkfvYTNZ", item.what) < 0 {
			return b.String(), errx(1, "%s: bad format", format[start:min(i+1, len(format))])
		}
		i++
		item.text = format[start:i]
		text, err := s.item(item, name, st)
		if err != nil {
			return b.String(), err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// item formats one item.
func (s *statter) item(it statItem, name string, st netbsd.Stat) (string, error) {
	bad := errx(1, "%s: bad format", it.text)
	const numeric = "DOUX"
	var n uint64
	text, allowed, def := "", numeric, byte('U')
	shift := 0
	prefix := 0
	var when *netbsd.Timespec
	switch it.what {
	case 'd', 'r':
		n = st.Dev
		if it.what == 'r' {
			n = st.Rdev
		}
		text, allowed = "???", numeric+"S"
		if it.out == 'S' && it.what == 'r' && isDevice(st.Mode) {
			text = s.deviceName(st)
		}
		switch it.piece {
		case 'H':
			n, it.piece = uint64(netbsd.Major(n)), 0
		case 'L':
			n, it.piece = uint64(netbsd.Minor(n)), 0
		}
	case 'i':
		n = st.Ino
	case 'p':
		n = uint64(st.Mode)
		text, allowed, def = strings.TrimRight(modeString(st.Mode), " "), numeric+"S", 'O'
		switch it.piece {
		case 'H':
			n, text = n>>12, text[1:4]
		case 'M':
			n, text = n>>9&7, text[4:7]
		case 'L':
			n, text = n&0o777, text[7:10]
		}
		it.piece = 0
	case 'l':
		n = uint64(st.Nlink)
	case 'u', 'g':
		n = uint64(st.Uid)
		if it.what == 'g' {
			n = uint64(st.Gid)
		}
		text, allowed = fmt.Sprintf("(%d)", n), numeric+"S"
	case 'a', 'm', 'c', 'B':
		when = map[byte]*netbsd.Timespec{'a': &st.Atim, 'm': &st.Mtim, 'c': &st.Ctim, 'B': &st.Birthtim}[it.what]
		n = uint64(when.Sec)
		text, allowed, def = strftime(s.times, time.Unix(when.Sec, 0).In(s.e.Location)), numeric+"FS", 'D'
	case 'z':
		n = uint64(st.Size)
		shift = map[byte]int{'H': 30, 'M': 20, 'L': 10}[it.piece]
		it.piece = 0
	case 'b':
		n = uint64(st.Blocks)
	case 'k':
		n = uint64(uint32(st.Blksize))
	case 'f':
		n = uint64(st.Flags)
	case 'v':
		n = uint64(st.Gen)
	case 'R', 'Y':
		allowed, def = "S", 'S'
		target, ok := s.target(it.what, name, st)
		if text = target; it.out == 'S' {
			if text = ""; ok {
				text, prefix = " -> "+target, 4
			}
		}
	case 'T':
		allowed, def = "S", 'S'
		if it.piece == 'H' {
			text = statType(st.Mode)
		} else if it.piece == 0 || it.piece == 'L' {
			text = statMark(st.Mode)
		}
		if it.piece != 'M' {
			it.piece = 0
		}
	case 'N':
		allowed, def = "S", 'S'
		text = statName(name, it.piece)
		if it.piece != 'M' {
			it.piece = 0
		}
	case 'Z':
		if !isDevice(st.Mode) {
			it.what, it.piece = 'z', 0
			return s.item(it, name, st)
		}
		it.what, it.piece = 'r', 'H'
		major, err := s.item(it, name, st)
		if err != nil {
			return "", err
		}
		it.piece = 'L'
		minor, err := s.item(it, name, st)
		return major + "," + minor, err
	}
	out := it.out
	if out == 0 {
		out = def
	}
	if it.piece != 0 || strings.IndexByte(allowed, out) < 0 {
		return "", bad
	}
	switch out {
	case 'S':
		if it.alt {
			text = text[:prefix] + visible(text[prefix:], visWhite|visOctal|visCStyle)
		}
		if it.precision >= 0 && len(text) > it.precision {
			text = text[:it.precision]
		}
		return it.pad(text), nil
	case 'F':
		return it.float(*when), nil
	}
	if shift > 0 {
		n = (n>>(shift-1) + 1) >> 1
	}
	return it.number(n, out), nil
}

// target is what a symbolic link contains, or a file's real path.
func (s *statter) target(what byte, name string, st netbsd.Stat) (string, bool) {
	if what == 'R' {
		if name == "" {
			return "(stdin)", false
		}
		p, err := s.e.Kernel.Realpath(s.ctx, name)
		if err != nil && !s.quiet {
			s.e.warn(err, "realpath `%s'", name)
		}
		return p, err == nil
	}
	if st.Mode&netbsd.S_IFMT != netbsd.S_IFLNK {
		return "", false
	}
	t, err := s.e.Kernel.Readlink(s.ctx, name)
	if err != nil && !s.quiet {
		s.e.warn(err, "readlink `%s'", name)
	}
	return t, err == nil
}

// deviceName is the name in /dev of a device: devname(3).
func (s *statter) deviceName(st netbsd.Stat) string {
	es, _ := s.e.Kernel.ReadDir(s.ctx, "/dev")
	for _, e := range es {
		d, err := s.e.Kernel.Lstat(s.ctx, "/dev/"+e.Name())
		if err == nil && d.Rdev == st.Rdev && d.Mode&netbsd.S_IFMT == st.Mode&netbsd.S_IFMT {
			return e.Name()
		}
	}
	return "???"
}

func statMark(mode uint32) string {
	switch mode & netbsd.S_IFMT {
	case netbsd.S_IFIFO:
		return "|"
	case netbsd.S_IFDIR:
		return "/"
	case netbsd.S_IFLNK:
		return "@"
	case netbsd.S_IFSOCK:
		return "="
	case netbsd.S_IFWHT:
		return "%"
	case netbsd.S_IFREG:
		if mode&(netbsd.S_IXUSR|netbsd.S_IXGRP|netbsd.S_IXOTH) != 0 {
			return "*"
		}
	}
	return ""
}

func statType(mode uint32) string {
	switch mode & netbsd.S_IFMT {
	case netbsd.S_IFIFO:
		return "Fifo File"
	case netbsd.S_IFCHR:
		return "Character Device"
	case netbsd.S_IFDIR:
		return "Directory"
	case netbsd.S_IFBLK:
		return "Block Device"
	case netbsd.S_IFREG:
		return "Regular File"
	case netbsd.S_IFLNK:
		return "Symbolic Link"
	case netbsd.S_IFSOCK:
		return "Socket"
	case netbsd.S_IFWHT:
		return "Whiteout File"
	}
	return "???"
}

// statName is a file's name, the folder in it or its last part.
func statName(name string, piece byte) string {
	if name == "" {
		return "(stdin)"
	}
	if piece == 0 {
		return name
	}
	if strings.Contains(name, "/") {
		name = stripSlashes(name)
	}
	i := strings.LastIndexByte(name, '/')
	switch {
	case piece == 'H' && i < 0:
		return "."
	case piece == 'H' && i == 0:
		return name
	case piece == 'H':
		return stripSlashes(name[:i+1])
	case piece == 'L' && i >= 0 && i+1 < len(name):
		return name[i+1:]
	}
	return name
}

// pad fills up with spaces.
func (it statItem) pad(s string) string {
	n := it.size - len(s)
	switch {
	case n <= 0:
		return s
	case it.minus:
		return s + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + s
}

// number prints a number as printf(3) does.
func (it statItem) number(n uint64, out byte) string {
	sign, digits, alt := "", "", ""
	switch out {
	case 'D':
		v := big.NewInt(int64(n))
		if v.Sign() < 0 {
			sign = "-"
			v.Neg(v)
		} else if it.plus {
			sign = "+"
		} else if it.space {
			sign = " "
		}
		digits = v.String()
	case 'U':
		digits = strconv.FormatUint(n, 10)
	case 'O':
		if digits = strconv.FormatUint(n, 8); it.alt && n != 0 {
			digits = "0" + digits
		}
	case 'X':
		if digits = strconv.FormatUint(n, 16); it.alt && n != 0 {
			alt = "0x"
		}
	}
	if it.precision >= 0 {
		digits = strings.Repeat("0", max(0, it.precision-len(digits))) + digits
	} else if it.zero && !it.minus {
		digits = strings.Repeat("0", max(0, it.size-len(sign)-len(alt)-len(digits))) + digits
	}
	return it.pad(sign + alt + digits)
}

// float prints a time with a fraction of a second.
func (it statItem) float(t netbsd.Timespec) string {
	if it.precision == 0 {
		it.precision = -1
		return it.number(uint64(t.Sec), 'D')
	}
	p := it.precision
	if p < 0 {
		p = 9
	}
	frac := fmt.Sprintf("%09d", t.Nsec)
	if p <= 9 {
		frac = frac[:p]
	} else {
		frac += strings.Repeat("0", p-9)
	}
	it.precision = -1
	it.size -= p + 1
	return it.number(uint64(t.Sec), 'D') + "." + frac
}
