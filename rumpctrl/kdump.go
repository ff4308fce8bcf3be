package rumpctrl

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kdumper is one run of kdump.
type kdumper struct {
	e   *Env
	ctx context.Context
	out *printer

	decimal, tail  bool
	numeric, plain int
	times          byte // 'T' absolute, 'R' relative
	pid            int
	maxData        int
	word           int // of a hexadecimal dump; 0 for none
	points         uint32
	before         netbsd.Timespec
}

func runKdump(ctx context.Context, e *Env) error {
	d := &kdumper{e: e, ctx: ctx, out: e.buffered(), pid: -1, maxData: -1}
	defer d.out.Flush()
	file := ""
	args, err := e.getopt(e.Args[1:], "e:f:dlm:Nnp:RTt:xX:", func(opt byte, arg string) error {
		number := func(p *int) error {
			n, err := strconv.ParseInt(arg, 0, 64)
			if err != nil {
				return errx(1, "invalid number %s", arg)
			}
			*p = int(n)
			return nil
		}
		switch opt {
		case 'e':
			if arg != "netbsd" {
				return errx(1, "Emulation `%s' unknown", arg)
			}
		case 'f':
			file = arg
		case 'd':
			d.decimal = true
		case 'l':
			d.tail = true
		case 'p':
			return number(&d.pid)
		case 'm':
			return number(&d.maxData)
		case 'N':
			d.numeric++
		case 'n':
			d.plain++
		case 'R', 'T':
			d.times = opt
		case 't':
			p, ok := tracePoints(d.points, arg)
			if !ok {
				return errx(1, "unknown trace point in %s", arg)
			}
			d.points = p
		case 'x':
			d.word = 1
		case 'X':
			n, err := strconv.Atoi(arg)
			if err != nil || !isPowerOf2(n) || n > 16 {
				return errx(1, "argument to -X must be 1, 2, 4, 8 or 16")
			}
			d.word = n
		}
		return nil
	})
	if err != nil && err != errBadOption {
		return err
	}
	if err == nil && file == "" {
		if file = "ktrace.out"; len(args) == 1 {
			file, args = args[0], nil
		}
	}
	if err != nil || len(args) > 0 {
		fmt.Fprintf(e.Stderr, "Usage: kdump [-dlNnRT] [-e emulation] [-f file] [-m maxdata] [-p pid]\n"+
			"             [-t trstr] [-x | -X size] [file]\n")
		return silent(1)
	}
	if d.points == 0 {
		d.points = netbsd.KTRFAC_MASK
	}
	f, err := e.Kernel.Open(ctx, file, netbsd.O_RDONLY, 0)
	if err != nil {
		return errc(1, err, "%s", file)
	}
	defer f.Close()
	return d.dump(f)
}

// more waits for a file to grow, for -l.
type more struct {
	d *kdumper
	f *rump.File
}

func (m *more) Read(p []byte) (int, error) {
	for {
		n, err := m.f.Read(p)
		if err != io.EOF || !m.d.tail {
			return n, err
		}
		m.d.out.Flush()
		select {
		case <-time.After(time.Second):
		case <-m.d.ctx.Done():
			return 0, m.d.ctx.Err()
		}
	}
}

// dump prints all records.
func (d *kdumper) dump(f *rump.File) error {
	in := &chunkReader{r: &more{d, f}}
	for {
		head, err := in.next(netbsd.SizeofKtrHeader)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
		h, err := netbsd.ParseKtrHeader(head)
		if err != nil {
			return err
		}
		if h.Len < 0 || h.Len > 64<<20 {
			d.out.Flush()
			return errx(1, "bogus length 0x%x", uint32(h.Len))
		}
		data, err := in.next(int(h.Len))
		if err != nil {
			d.out.Flush()
			return errx(1, "data too short")
		}
		wanted := h.Type >= 0 && h.Type < 32 && d.points&(1<<h.Type) != 0 && (d.pid == -1 || d.pid == int(h.Pid))
		if !wanted {
			continue
		}
		col, err := d.header(h)
		if err == nil {
			err = d.record(h, data, col)
		}
		if err != nil {
			d.out.Flush()
			return err
		}
	}
}

// chunkReader reads pieces of a stream of any length.
type chunkReader struct {
	r   io.Reader
	buf []byte
}

func (c *chunkReader) next(n int) ([]byte, error) {
	var tmp [32 << 10]byte
	for len(c.buf) < n {
		k, err := c.r.Read(tmp[:])
		c.buf = append(c.buf, tmp[:k]...)
		if err != nil && len(c.buf) < n {
			if err == io.EOF && len(c.buf) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	b := bytes.Clone(c.buf[:n])
	c.buf = c.buf[:copy(c.buf, c.buf[n:])]
	return b, nil
}

var ktrNames = map[int16]string{
	netbsd.KTR_SYSCALL: "CALL", netbsd.KTR_SYSRET: "RET ", netbsd.KTR_NAMEI: "NAMI", netbsd.KTR_GENIO: "GIO ",
	netbsd.KTR_PSIG: "PSIG", netbsd.KTR_CSW: "CSW ", netbsd.KTR_EMUL: "EMUL", netbsd.KTR_USER: "MISC",
	netbsd.KTR_EXEC_ENV: "ENV", netbsd.KTR_EXEC_ARG: "ARG", netbsd.KTR_EXEC_FD: "FD", netbsd.KTR_SAUPCALL: "SAU",
	netbsd.KTR_MIB: "MIB",
}

// header prints what all records begin with, and returns its width.
func (d *kdumper) header(h netbsd.KtrHeader) (int, error) {
	name, ok := ktrNames[h.Type]
	if !ok {
		name = fmt.Sprintf("UNKNOWN(%d)", h.Type)
	}
	s := fmt.Sprintf("%6d ", h.Pid)
	if h.Version > 0 {
		s += fmt.Sprintf("%6d ", h.Lid)
	}
	s += fmt.Sprintf("%-8.16s ", h.Comm)
	if d.times != 0 {
		if h.Version != 2 {
			return 0, errc(1, netbsd.Errno(0), "Unsupported ktrace version %x", h.Version)
		}
		t := h.Time
		if d.times == 'R' {
			if d.before.Sec == 0 {
				t = netbsd.Timespec{}
			} else {
				t.Sec -= d.before.Sec
				if t.Nsec -= d.before.Nsec; t.Nsec < 0 {
					t.Sec--
					t.Nsec += 1e9
				}
			}
			d.before = h.Time
		}
		s += fmt.Sprintf("%d.%09d ", t.Sec, t.Nsec)
	}
	s += fmt.Sprintf("%-4s  ", name)
	d.out.WriteString(s)
	return len(s), nil
}

// record prints what is particular to a record.
func (d *kdumper) record(h netbsd.KtrHeader, data []byte, col int) error {
	switch h.Type {
	case netbsd.KTR_SYSCALL:
		return d.syscall(data)
	case netbsd.KTR_SYSRET:
		return d.sysret(data)
	case netbsd.KTR_NAMEI, netbsd.KTR_EMUL:
		if i := bytes.IndexByte(data, 0); i >= 0 {
			data = data[:i]
		}
		fmt.Fprintf(d.out, "\"%s\"\n", data)
	case netbsd.KTR_GENIO:
		g, err := netbsd.ParseKtrGenio(data)
		if err != nil {
			return err
		}
		d.genio(g, data[netbsd.SizeofKtrGenio:])
	case netbsd.KTR_PSIG:
		return d.psig(data)
	case netbsd.KTR_CSW:
		c, err := netbsd.ParseKtrCsw(data)
		if err != nil {
			return err
		}
		what, mode := "resume", "kernel"
		if c.Out != 0 {
			what = "stop"
		}
		if c.User != 0 {
			mode = "user"
		}
		fmt.Fprintf(d.out, "%s %s\n", what, mode)
	case netbsd.KTR_USER:
		u, err := netbsd.ParseKtrUser(data)
		if err != nil {
			return err
		}
		d.user(u, data[netbsd.SizeofKtrUser:])
	case netbsd.KTR_EXEC_ARG, netbsd.KTR_EXEC_ENV:
		d.text(data, col)
	case netbsd.KTR_EXEC_FD:
		x, err := netbsd.ParseKtrExecfd(data)
		if err != nil {
			return err
		}
		switch name := netbsd.FileTypeName(x.Dtype); {
		case x.Dtype == 0:
			fmt.Fprintf(d.out, "0 %d\n", x.Fd)
		case name != "":
			fmt.Fprintf(d.out, "%s %d\n", name, x.Fd)
		default:
			fmt.Fprintf(d.out, "UNKNOWN(%d) %d\n", x.Dtype, x.Fd)
		}
	case netbsd.KTR_MIB:
		mib, err := netbsd.ParseMib(data)
		if err != nil {
			return err
		}
		for i, n := range mib {
			if i > 0 {
				d.out.WriteByte('.')
			}
			fmt.Fprint(d.out, n)
		}
		d.out.WriteByte('\n')
	default:
		d.out.WriteByte('\n')
		d.hex(data, max(d.word, 1))
	}
	return nil
}

// long prints a number, in hexadecimal unless it is small.
func (d *kdumper) long(v int64) {
	if d.decimal || v >= 0 && v < 10 {
		fmt.Fprintf(d.out, "%d", v)
	} else {
		fmt.Fprintf(d.out, "%#x", uint64(v))
	}
}

func (d *kdumper) syscall(data []byte) error {
	c, err := netbsd.ParseKtrSyscall(data)
	if err != nil {
		return err
	}
	args, err := c.Args(data)
	if err != nil {
		return err
	}
	n := netbsd.Sysno(c.Code)
	name := "?"
	if d.numeric > 0 || !n.Known() {
		fmt.Fprintf(d.out, "[%d]", c.Code)
	} else {
		name = n.String()
		d.out.WriteString(name)
	}
	sep := byte('(')
	next := func(s string) {
		d.out.WriteByte(sep)
		d.out.WriteString(s)
		sep = ','
		args = args[1:]
	}
	longArg := func() {
		d.out.WriteByte(sep)
		d.long(int64(args[0]))
		sep = ','
		args = args[1:]
	}
	if len(args) == 0 {
		d.out.WriteByte('\n')
		return nil
	}
	if d.plain == 0 {
		switch {
		case name == "ioctl" && len(args) >= 2:
			longArg()
			cmd := netbsd.Ioctl(args[0])
			if cmd.Known() {
				next(cmd.String())
			} else {
				next(d.ioctlText(uint64(cmd)))
			}
		case name == "fcntl" && len(args) >= 2:
			longArg()
			if name, ok := netbsd.FcntlName(int(args[0])); ok {
				next(name)
			} else {
				next(fmt.Sprintf("%#x", args[0]))
			}
		case strings.Contains(name, "sigaction") || strings.Contains(name, "sigvec"):
			next("SIG" + signalShort(int64(args[0])))
		case (name == "kill" || name == "killpg") && len(args) >= 2:
			longArg()
			next(" SIG" + signalShort(int64(args[0])))
		}
	}
	for len(args) > 0 {
		longArg()
	}
	d.out.WriteString(")\n")
	return nil
}

// ioctlText takes an ioctl apart.
func (d *kdumper) ioctlText(cmd uint64) string {
	num := func(n uint64) string {
		switch {
		case d.decimal:
			return strconv.FormatUint(n, 10)
		case n == 0:
			return "0"
		}
		return fmt.Sprintf("%#x", n)
	}
	dir := ""
	if cmd&netbsd.IOC_IN != 0 {
		dir += "W"
	}
	if cmd&netbsd.IOC_OUT != 0 {
		dir += "R"
	}
	s := "_IO" + dir
	if g := byte(cmd >> 8); g >= ' ' && g < 0x7f {
		s += fmt.Sprintf("('%c',", g)
	} else {
		s += fmt.Sprintf("(0x%02x,", g)
	}
	s += num(cmd & 0xff)
	if cmd&netbsd.IOC_VOID == 0 {
		s += "," + num(uint64(netbsd.Ioctl(cmd).Len()))
	}
	return s + ")"
}

// signalShort is the name of a signal without SIG.
func signalShort(n int64) string {
	switch {
	case n == 0:
		return " 0"
	case n < 0 || n >= netbsd.NSIG:
		return fmt.Sprintf("*unknown %d*", n)
	}
	return strings.TrimPrefix(netbsd.Signal(n).Name(), "SIG")
}

func (d *kdumper) sysret(data []byte) error {
	// Older kernels have no second value.
	padded := append(bytes.Clone(data), make([]byte, max(0, netbsd.SizeofKtrSysret-len(data)))...)
	r, err := netbsd.ParseKtrSysret(padded)
	if err != nil || len(data) < 16 {
		return errx(1, "data too short")
	}
	if n := netbsd.Sysno(uint16(r.Code)); d.numeric > 0 || !n.Known() || d.plain > 1 {
		fmt.Fprintf(d.out, "[%d] ", r.Code)
	} else {
		fmt.Fprintf(d.out, "%s ", n)
	}
	switch r.Error {
	case 0:
		d.value(r.Retval)
		if r.Retval1 != 0 {
			d.out.WriteString(", ")
			d.value(r.Retval1)
		}
	case -3:
		d.out.WriteString("RESTART")
	case -2:
		d.out.WriteString("JUSTRETURN")
	default:
		fmt.Fprintf(d.out, "-1 errno %d", r.Error)
		if d.plain == 0 {
			d.out.WriteString(" " + netbsd.Errno(r.Error).Error())
		}
	}
	d.out.WriteByte('\n')
	return nil
}

// value prints what a system call returned.
func (d *kdumper) value(v int64) {
	if d.plain > 0 {
		d.long(v)
		return
	}
	fmt.Fprintf(d.out, "%d", v)
	if v < 0 || v >= 10 {
		fmt.Fprintf(d.out, "/%#x", uint64(v))
	}
}

func (d *kdumper) genio(g netbsd.KtrGenio, data []byte) {
	if g.Fd != -1 {
		fmt.Fprintf(d.out, "fd %d ", g.Fd)
	}
	what := "wrote"
	if g.Rw == 0 {
		what = "read"
	}
	fmt.Fprintf(d.out, "%s %d bytes\n", what, len(data))
	if d.maxData == 0 {
		return
	}
	if d.maxData > 0 && len(data) > d.maxData {
		data = data[:d.maxData]
	}
	if d.word > 0 {
		d.hex(data, d.word)
		return
	}
	d.out.WriteString("       ")
	d.text(data, 7)
}

// text prints bytes as a string, folded at the edge of the screen.
func (d *kdumper) text(data []byte, col int) {
	width := d.e.Columns
	if width <= 8 || d.plain > 0 {
		width = 80
	}
	d.out.WriteByte('"')
	col++
	for i, c := range data {
		var s string
		switch {
		case c == '"':
			s = `\"`
		case c == 0 && i+1 < len(data):
			s = strings.TrimSuffix(visible(string(data[i:i+2]), visCStyle), visible(string(data[i+1:i+2]), visCStyle))
		default:
			s = visible(string(data[i:i+1]), visCStyle)
		}
		n := len(s)
		if s == "\t" {
			n = 8 - col&7
		}
		if col+n > width-2 {
			d.out.WriteString("\\\n\t")
			col = 8
			if s == "\t" {
				n = 8
			}
		}
		col += n
		d.out.WriteString(s)
	}
	d.out.WriteString("\"\n")
}

// hex prints bytes in hexadecimal, 16 in a line, in words of some bytes. Lines like
// the one before are counted only.
func (d *kdumper) hex(data []byte, word int) {
	group, gap, step := word, 3, 2
	switch word {
	case 2:
		gap = 2
	case 1:
		group, gap, step = 8, 1, 3
	}
	width := 16*step + 16/group*gap
	if word != 1 {
		width += 2
	}
	line := func(off int, p []byte) {
		b := bytes.Repeat([]byte{' '}, 16*3+4+16)
		chars := make([]byte, len(p))
		at := 0
		for l, c := range p {
			if l%group == 0 {
				at += gap
			}
			pos := at + (l^(word-1))*step
			copy(b[pos:], fmt.Sprintf("%02x", c))
			if chars[l] = '.'; c > ' ' && c < 0x7f {
				chars[l] = c
			}
		}
		fmt.Fprintf(d.out, "\t%-5s%s%s\n", fmt.Sprintf("%03x", off), b[:width], chars)
	}
	same := 0
	for off := 0; off < len(data); off += 16 {
		end := min(off+16, len(data))
		if off > 0 && end < len(data) && bytes.Equal(data[off:end], data[off-16:off]) {
			same++
			continue
		}
		switch {
		case same == 1:
			line(off-16, data[off-16:off])
		case same > 1:
			fmt.Fprintf(d.out, "\t%s\n", "*****"[:min(5, len(fmt.Sprintf("%3x", off)))])
		}
		same = 0
		line(off, data[off:end])
	}
}

func (d *kdumper) psig(data []byte) error {
	p, err := netbsd.ParseKtrPsig(data)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "SIG%s ", signalShort(int64(p.Signo)))
	if p.Action == 0 {
		d.out.WriteString("SIG_DFL")
	} else {
		var mask []string
		for s := 1; s < netbsd.NSIG; s++ {
			if p.Mask[(s-1)/8]&(1<<((s-1)%8)) != 0 {
				mask = append(mask, strconv.Itoa(s))
			}
		}
		fmt.Fprintf(d.out, "caught handler=%#x mask=(%s)", p.Action, strings.Join(mask, ","))
	}
	info := data[netbsd.SizeofKtrPsig:]
	if len(info) < 24 {
		if p.Code != 0 {
			fmt.Fprintf(d.out, " code=0x%x", p.Code)
		}
		if p.Action != 0 {
			d.out.WriteByte(')')
		}
		d.out.WriteByte('\n')
		return nil
	}
	// A siginfo_t begins with the signal, a code, an errno and padding.
	code := int32(binary.LittleEndian.Uint32(info[4:]))
	errno := int32(binary.LittleEndian.Uint32(info[8:]))
	pid, uid := int32(binary.LittleEndian.Uint32(info[16:])), int32(binary.LittleEndian.Uint32(info[20:]))
	switch {
	case code == 0:
		fmt.Fprintf(d.out, ": code=SI_USER sent by pid=%d, uid=%d)\n", pid, uid)
	case code == -5:
		fmt.Fprintf(d.out, ": code=SI_LWP sent by pid=%d, uid=%d)\n", pid, uid)
	case code == math.MaxInt16:
		d.out.WriteString(": code=SI_NOINFO\n")
	case code < 0:
		fmt.Fprintf(d.out, ": code=%d unimplemented)\n", code)
	default:
		fmt.Fprintf(d.out, ": code=%d, errno=%d)\n", code, errno)
	}
	return nil
}

// user prints what a process has recorded itself.
func (d *kdumper) user(u netbsd.KtrUser, data []byte) {
	if d.word > 0 {
		fmt.Fprintf(d.out, "%s:\n", u.Id)
		d.hex(data, d.word)
		return
	}
	if a, err := netbsd.ParseSockaddr(data); u.Id == "mbsoname" && err == nil {
		fmt.Fprintf(d.out, "%s: [%v]\n", u.Id, a)
		return
	}
	fmt.Fprintf(d.out, "%s: %d, %x\n", u.Id, len(data), data)
}
