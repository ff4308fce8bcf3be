package rumpctrl

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// paxMember is a file in an archive.
type paxMember struct {
	name   string
	source string // where a copy is made of; empty if it is from an archive
	link   string // content of a symbolic link, or another name of a hard link
	hard   bool
	stat   netbsd.Stat
	data   io.Reader // of a regular file
}

func (m *paxMember) kind() uint32 { return m.stat.Mode & netbsd.S_IFMT }

// hasData reports whether the file's content is in the archive at this place.
func (m *paxMember) hasData() bool { return m.kind() == netbsd.S_IFREG && !m.hard }

// A paxReader reads an archive. next returns io.EOF at its end.
type paxReader interface {
	format() string
	next() (*paxMember, error)
	end() int64 // where the last member that next has returned ends
}

// A paxWriter writes an archive.
type paxWriter interface {
	format() string
	blocking() int // the archive's length is a multiple of it
	add(m *paxMember) error
	end() error
}

// errPaxSkip means that a file cannot be stored, which has been said.
type errPaxSkip struct{ msg string }

func (e *errPaxSkip) Error() string { return e.msg }

// openPax finds out which format an archive has.
func openPax(r *paxInput) (paxReader, error) {
	head := r.peek(512)
	switch {
	case bytes.HasPrefix(head, []byte("070707")):
		return &cpioReader{in: r, name: "cpio"}, nil
	case bytes.HasPrefix(head, []byte("070701")):
		return &cpioReader{in: r, name: "sv4cpio", hex: true}, nil
	case bytes.HasPrefix(head, []byte("070702")):
		return &cpioReader{in: r, name: "sv4crc", hex: true}, nil
	case len(head) == 512 && tarChecksum(head):
		name := "tar"
		if bytes.Equal(head[257:262], []byte("ustar")) {
			name = "ustar"
		}
		return &tarReader{in: tar.NewReader(r), from: r, name: name}, nil
	}
	return nil, errNoPaxFormat
}

var errNoPaxFormat = errors.New("unable to determine archive format")

// tarChecksum checks the checksum of a tar header.
func tarChecksum(h []byte) bool {
	want, err := strconv.ParseInt(strings.Trim(string(h[148:156]), " \x00"), 8, 64)
	sum := int64(8 * ' ')
	for i, c := range h {
		if i < 148 || i >= 156 {
			sum += int64(c)
		}
	}
	return err == nil && sum == want
}

// paxInput counts what is read, and can look ahead.
type paxInput struct {
	r     io.Reader
	ahead []byte
	empty bool // nothing was there when it was looked at
	count int64
}

func (p *paxInput) peek(n int) []byte {
	buf := make([]byte, n)
	k, _ := io.ReadFull(p.r, buf)
	p.ahead, p.empty = buf[:k], k == 0
	return p.ahead
}

func (p *paxInput) Read(b []byte) (int, error) {
	var n int
	var err error
	if len(p.ahead) > 0 {
		n = copy(b, p.ahead)
		p.ahead = p.ahead[n:]
	} else {
		n, err = p.r.Read(b)
	}
	p.count += int64(n)
	return n, err
}

type tarReader struct {
	in    *tar.Reader
	from  *paxInput // which in reads from, no further than it must
	name  string
	after int64
}

func (t *tarReader) format() string { return t.name }

func (t *tarReader) next() (*paxMember, error) {
	h, err := t.in.Next()
	if err != nil {
		return nil, err
	}
	m := &paxMember{name: h.Name, link: h.Linkname, data: t.in}
	st := &m.stat
	st.Mode = uint32(h.Mode) & netbsd.ALLPERMS
	st.Uid, st.Gid = uint32(h.Uid), uint32(h.Gid)
	st.Size, st.Nlink = h.Size, 1
	st.Mtim = netbsd.TimespecOf(h.ModTime)
	st.Atim, st.Ctim = st.Mtim, st.Mtim
	st.Rdev = netbsd.Makedev(uint32(h.Devmajor), uint32(h.Devminor))
	switch h.Typeflag {
	case tar.TypeDir:
		st.Mode |= netbsd.S_IFDIR
		st.Nlink = 2
		m.name = stripSlashes(m.name)
	case tar.TypeSymlink:
		st.Mode |= netbsd.S_IFLNK
	case tar.TypeLink:
		st.Mode |= netbsd.S_IFREG
		st.Nlink, m.hard = 2, true
	case tar.TypeChar:
		st.Mode |= netbsd.S_IFCHR
	case tar.TypeBlock:
		st.Mode |= netbsd.S_IFBLK
	case tar.TypeFifo:
		st.Mode |= netbsd.S_IFIFO
	default:
		st.Mode |= netbsd.S_IFREG
	}
	t.after = t.from.count
	if m.hasData() {
		t.after += roundUpTo(h.Size, 512)
	}
	return m, nil
}

func (t *tarReader) end() int64 { return t.after }

// octal writes a number into a field, with a NUL at its end. It reports whether it
// fits.
func octal(field []byte, n uint64) bool {
	s := fmt.Sprintf("%0*o", len(field)-1, n)
	copy(field, s)
	return len(s) < len(field)
}

// ustarWriter writes the format of POSIX.
type ustarWriter struct{ out io.Writer }

func (u *ustarWriter) format() string { return "ustar" }
func (u *ustarWriter) blocking() int  { return 10240 }

// ustarSplit divides a name into a prefix and a rest which fit into the header.
func ustarSplit(name string) (prefix, rest string, ok bool) {
	const nameSize, prefixSize = 100, 155
	if len(name) < nameSize {
		return "", name, true
	}
	if len(name) > prefixSize+nameSize {
		return "", "", false
	}
	i := strings.IndexByte(name[len(name)-nameSize:], '/')
	if i < 0 {
		return "", "", false
	}
	i += len(name) - nameSize
	if i == 0 || i >= prefixSize {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

func (u *ustarWriter) add(m *paxMember) error {
	h := make([]byte, 512)
	prefix, name, ok := ustarSplit(m.name)
	switch {
	case m.kind() == netbsd.S_IFSOCK:
		return &errPaxSkip{"Ustar cannot archive a socket " + m.name}
	case len(m.link) >= 100 && (m.hard || m.kind() == netbsd.S_IFLNK):
		return &errPaxSkip{"Link name too long for ustar " + m.link}
	case !ok:
		return &errPaxSkip{"File name too long for ustar " + m.name}
	}
	copy(h[345:], prefix)
	copy(h, name)
	st := &m.stat
	size := uint64(0)
	switch m.kind() {
	case netbsd.S_IFDIR:
		h[156] = '5'
	case netbsd.S_IFCHR, netbsd.S_IFBLK:
		h[156] = '3'
		if m.kind() == netbsd.S_IFBLK {
			h[156] = '4'
		}
		octal(h[329:337], uint64(netbsd.Major(st.Rdev)))
		if !octal(h[337:345], uint64(netbsd.Minor(st.Rdev))) {
			return &errPaxSkip{"Ustar DEVTYPE header field is too small for " + m.name}
		}
	case netbsd.S_IFIFO:
		h[156] = '6'
	case netbsd.S_IFLNK:
		h[156] = '2'
		copy(h[157:257], m.link)
	default:
		h[156] = '0'
		size = uint64(st.Size)
		if m.hard {
			h[156], size = '1', 0
			copy(h[157:257], m.link)
		}
	}
	if !octal(h[124:136], size) {
		return &errPaxSkip{"File is too long for ustar " + m.name}
	}
	copy(h[257:], "ustar\x0000")
	octal(h[100:108], uint64(st.Mode))
	if !octal(h[108:116], uint64(st.Uid)) {
		return &errPaxSkip{"Ustar UID header field is too small for " + m.name}
	}
	if !octal(h[116:124], uint64(st.Gid)) {
		return &errPaxSkip{"Ustar GID header field is too small for " + m.name}
	}
	octal(h[136:148], uint64(max(st.Mtim.Sec, 0)))
	sum := uint64(8 * ' ')
	for _, c := range h {
		sum += uint64(c)
	}
	octal(h[148:156], sum)
	if _, err := u.out.Write(h); err != nil {
		return err
	}
	if !m.hasData() {
		return nil
	}
	return paxData(u.out, m, 512)
}

// paxData copies a file's content, which must be as long as its header says, and
// fills up to a multiple of a number.
func paxData(out io.Writer, m *paxMember, to int64) error {
	n, err := io.Copy(out, io.LimitReader(m.data, m.stat.Size))
	if err != nil {
		return err
	}
	pad := m.stat.Size - n // a file which has become shorter is filled with zeroes
	pad += roundUpTo(m.stat.Size, to) - m.stat.Size
	_, err = io.CopyN(out, zeroReader{}, pad)
	return err
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func (u *ustarWriter) end() error {
	_, err := u.out.Write(make([]byte, 1024))
	return err
}

// cpioReader reads the formats of cpio with a header of characters: that of POSIX
// in octal, and those of System V in hexadecimal.
type cpioReader struct {
	in    *paxInput
	name  string
	hex   bool
	rest  int64 // of the file before
	pad   int64
	after int64                // where what was last read as a whole member ends
	seen  map[[2]uint64]string // the first name of files with several
}

func (c *cpioReader) format() string { return c.name }

func (c *cpioReader) end() int64 { return c.after }

func (c *cpioReader) skip(n int64) error {
	_, err := io.CopyN(io.Discard, c.in, n)
	return err
}

var errCpio = errors.New("cpio header is corrupt")

func (c *cpioReader) next() (*paxMember, error) {
	if err := c.skip(c.rest + c.pad); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	c.rest, c.pad = 0, 0
	c.after = c.in.count
	size, base, widths := 76, 8, []int{6, 6, 6, 6, 6, 6, 6, 6, 11, 6, 11}
	if c.hex {
		size, base, widths = 110, 16, []int{6, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8}
	}
	h := make([]byte, size)
	if _, err := io.ReadFull(c.in, h); err != nil {
		return nil, err
	}
	var f []uint64
	for off, i := 0, 0; i < len(widths); i++ {
		n, err := strconv.ParseUint(strings.TrimLeft(string(h[off:off+widths[i]]), " "), base, 64)
		if err != nil {
			return nil, errCpio
		}
		f = append(f, n)
		off += widths[i]
	}
	m := &paxMember{}
	st := &m.stat
	var nameSize uint64
	if c.hex {
		st.Ino, st.Mode, st.Uid, st.Gid, st.Nlink = f[1], uint32(f[2]), uint32(f[3]), uint32(f[4]), uint32(f[5])
		st.Mtim.Sec, st.Size = int64(f[6]), int64(f[7])
		st.Dev = netbsd.Makedev(uint32(f[8]), uint32(f[9]))
		st.Rdev = netbsd.Makedev(uint32(f[10]), uint32(f[11]))
		nameSize = f[12]
	} else {
		st.Dev, st.Ino, st.Mode, st.Uid, st.Gid, st.Nlink = f[1], f[2], uint32(f[3]), uint32(f[4]), uint32(f[5]), uint32(f[6])
		st.Rdev, st.Mtim.Sec = f[7], int64(f[8])
		nameSize, st.Size = f[9], int64(f[10])
	}
	st.Atim, st.Ctim = st.Mtim, st.Mtim
	if nameSize < 2 || nameSize > 3*netbsd.PATH_MAX {
		return nil, fmt.Errorf("Cpio file name length %d is out of range", nameSize)
	}
	name := make([]byte, nameSize)
	if _, err := io.ReadFull(c.in, name); err != nil || name[nameSize-1] != 0 {
		return nil, errors.New("Cpio file name in header is corrupted")
	}
	m.name = string(name[:nameSize-1])
	align := func(n int64) int64 {
		if c.hex {
			return roundUpTo(n, 4) - n
		}
		return 0
	}
	if err := c.skip(align(int64(size) + int64(nameSize))); err != nil {
		return nil, err
	}
	if m.name == "TRAILER!!!" && st.Size == 0 {
		return nil, io.EOF
	}
	c.pad = align(st.Size)
	if m.kind() == netbsd.S_IFLNK {
		if st.Size == 0 || st.Size > netbsd.PATH_MAX {
			return nil, fmt.Errorf("Cpio link name length is invalid: %d", st.Size)
		}
		link := make([]byte, st.Size)
		if _, err := io.ReadFull(c.in, link); err != nil {
			return nil, err
		}
		m.link = string(link)
		return m, nil
	}
	if m.kind() == 0 {
		st.Mode |= netbsd.S_IFREG
	}
	c.rest = st.Size
	m.data = &cpioData{c}
	if st.Nlink > 1 && m.kind() != netbsd.S_IFDIR {
		if c.seen == nil {
			c.seen = map[[2]uint64]string{}
		}
		id := [2]uint64{st.Dev, st.Ino}
		if first, ok := c.seen[id]; ok {
			m.link, m.hard = first, true
		} else {
			c.seen[id] = m.name
		}
	}
	return m, nil
}

// cpioData is the content of the file whose header was read last.
type cpioData struct{ c *cpioReader }

func (d *cpioData) Read(p []byte) (int, error) {
	if d.c.rest == 0 {
		return 0, io.EOF
	}
	n, err := d.c.in.Read(p[:min(int64(len(p)), d.c.rest)])
	d.c.rest -= int64(n)
	return n, err
}

// cpioWriter writes the format of POSIX, or with hex that of System V.
type cpioWriter struct {
	out  io.Writer
	hex  bool
	inos map[[2]uint64]uint64
}

func (c *cpioWriter) format() string {
	if c.hex {
		return "sv4cpio"
	}
	return "cpio"
}
func (c *cpioWriter) blocking() int { return 5120 }

func (c *cpioWriter) add(m *paxMember) error {
	st := m.stat
	size := uint64(0)
	var data io.Reader
	switch m.kind() {
	case netbsd.S_IFREG:
		size, data = uint64(st.Size), m.data
	case netbsd.S_IFLNK:
		size, data = uint64(len(m.link)), strings.NewReader(m.link)
	}
	// Numbers of devices and inodes are too large for the header; that different
	// files have different ones is all that matters.
	id := [2]uint64{st.Dev, st.Ino}
	if c.inos == nil {
		c.inos = map[[2]uint64]uint64{}
	}
	ino, ok := c.inos[id]
	if !ok {
		ino = uint64(len(c.inos) + 1)
		c.inos[id] = ino
	}
	dev := ino >> 18
	rdev := uint64(0)
	if isDevice(st.Mode) {
		rdev = st.Rdev
	}
	var h string
	head := 76
	if c.hex {
		head = 110
		h = fmt.Sprintf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", ino, st.Mode, st.Uid, st.Gid, st.Nlink,
			uint32(st.Mtim.Sec), size, 0, 0, netbsd.Major(rdev), netbsd.Minor(rdev), len(m.name)+1, 0)
	} else {
		h = fmt.Sprintf("070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", dev&0o777777, ino&0o777777, st.Mode&0o777777, st.Uid, st.Gid,
			st.Nlink&0o777777, rdev&0o777777, uint64(max(st.Mtim.Sec, 0)), len(m.name)+1, size)
	}
	if len(h) != head {
		return &errPaxSkip{"Cpio header field is too small for file " + m.name}
	}
	h += m.name + "\x00"
	if c.hex {
		h += strings.Repeat("\x00", int(roundUpTo(int64(len(h)), 4))-len(h))
	}
	if _, err := io.WriteString(c.out, h); err != nil {
		return err
	}
	if data == nil {
		return nil
	}
	align := int64(1)
	if c.hex {
		align = 4
	}
	m2 := *m
	m2.data, m2.stat.Size = data, int64(size)
	return paxData(c.out, &m2, align)
}

func (c *cpioWriter) end() error {
	return c.add(&paxMember{name: "TRAILER!!!", stat: netbsd.Stat{Nlink: 1}, data: strings.NewReader("")})
}
