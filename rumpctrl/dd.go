package rumpctrl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// copier is one run of dd. Its input and output are files of the kernel, or
// standard input and output, which are not.
type copier struct {
	e   *Env
	ctx context.Context

	given      ddFlag
	in, out    ddSide
	table      *[256]byte
	recordSize int
	count      int64
	files      int64
	progress   int64
	format     string

	buf     []byte // input not yet converted, or waiting for a full output block
	pending int64  // zeroes skipped for conv=sparse
	record  []byte // of conv=block
	toss    bool   // drop up to the end of the line
	warned  bool

	started time.Time
	stat    struct {
		inFull, inPart, outFull, outPart, swab, trunc, sparse, bytes int64
	}
}

// ddSide is the input or the output.
type ddSide struct {
	name   string
	size   int // of a block
	offset int64
	flags  int
	file   *rump.File // nil for standard input or output
	std    bool
	chr    bool // a character device
	pipe   bool // cannot seek
}

func runDd(ctx context.Context, e *Env) error {
	d := &copier{e: e, ctx: ctx, files: 1, format: "posix"}
	args, err := e.getopt(e.Args[1:], "", func(byte, string) error { return nil })
	if err != nil {
		return errx(1, "usage: dd [operand ...]")
	}
	err = d.parse(args)
	if err == errNothingToDo {
		d.summary()
	}
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.setup(); err != nil {
		return err
	}
	d.started = time.Now()
	err = d.run()
	if err != nil {
		status := e.status(err)
		err = silent(status)
	}
	d.summary()
	return err
}

func (d *copier) close() {
	for _, s := range []*ddSide{&d.in, &d.out} {
		if s.file != nil {
			s.file.Close()
		}
	}
}

// setup opens and positions the files.
func (d *copier) setup() error {
	k := d.e.Kernel
	if d.in.std = d.in.name == ""; d.in.std {
		d.in.name = "stdin"
		d.in.pipe = true
	} else {
		f, err := k.Open(d.ctx, d.in.name, d.in.flags, 0)
		if err != nil {
			return errc(1, err, "%s", d.in.name)
		}
		d.in.file = f
	}
	if err := d.in.kind(); err != nil {
		return err
	}
	if d.files > 1 {
		return errx(1, "files is not supported for non-tape devices")
	}
	if d.out.std = d.out.name == ""; d.out.std {
		d.out.name = "stdout"
		d.out.pipe = true
	} else {
		flags := d.out.flags
		if flags&netbsd.O_TRUNC != 0 && d.has(ddSeek) {
			return errx(1, "oflag=trunc is incompatible with seek or oseek operands, giving up.")
		}
		if flags&netbsd.O_TRUNC != 0 && d.has(ddNoTrunc) {
			return errx(1, "oflag=trunc is incompatible with conv=notrunc operand, giving up.")
		}
		if !d.has(ddSeek | ddNoTrunc) {
			flags |= netbsd.O_TRUNC
		}
		f, err := k.Open(d.ctx, d.out.name, netbsd.O_RDWR|flags, 0o666)
		if err != nil {
			f, err = k.Open(d.ctx, d.out.name, netbsd.O_WRONLY|flags, 0o666)
		}
		if err != nil {
			return errc(1, err, "%s", d.out.name)
		}
		d.out.file = f
	}
	if err := d.out.kind(); err != nil {
		return err
	}
	if d.in.offset != 0 {
		if err := d.skip(); err != nil {
			return err
		}
	}
	if d.out.offset != 0 {
		var err error = netbsd.ESPIPE
		if d.out.file != nil {
			_, err = d.out.file.Seek(d.out.offset*int64(d.out.size), io.SeekStart)
		}
		if err != nil {
			return errc(1, err, "%s", d.out.name)
		}
	}
	if d.given&(ddOf|ddSeek|ddNoTrunc) == ddOf|ddSeek {
		// It fails on some kinds of files, which does not matter.
		d.out.file.Truncate(d.out.offset * int64(d.out.size))
	}
	if d.has(ddLower | ddUpper) {
		d.table = caseTable(d.table, d.has(ddLower))
	}
	return nil
}

// caseTable is a table which changes case after another.
func caseTable(first *[256]byte, lower bool) *[256]byte {
	var t [256]byte
	for i := range t {
		c := byte(i)
		if first != nil {
			c = first[i]
		}
		switch {
		case lower && c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case !lower && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		t[i] = c
	}
	return &t
}

// kind finds out what can be done with a file.
func (s *ddSide) kind() error {
	if s.file == nil {
		return nil
	}
	st, err := s.file.Fstat()
	if err != nil {
		return errc(1, err, "%s", s.name)
	}
	if s.chr = st.Mode&netbsd.S_IFMT == netbsd.S_IFCHR; !s.chr {
		_, err := s.file.Seek(0, io.SeekCurrent)
		s.pipe = errors.Is(err, netbsd.ESPIPE)
	}
	return nil
}

// skip goes to where the input begins.
func (d *copier) skip() error {
	if !d.in.pipe {
		if _, err := d.in.file.Seek(d.in.offset*int64(d.in.size), io.SeekCurrent); err != nil {
			return errc(1, err, "%s", d.in.name)
		}
		return nil
	}
	buf := make([]byte, d.in.size)
	for range d.in.offset {
		for got := 0; got < d.in.size; {
			n, err := d.read(buf[got:])
			if err != nil {
				return errc(1, err, "%s", d.in.name)
			}
			if n == 0 {
				return errx(1, "skip reached end of input")
			}
			got += n
		}
	}
	return nil
}

// read reads once. At the end it returns 0.
func (d *copier) read(p []byte) (int, error) {
	if err := d.ctx.Err(); err != nil {
		return 0, err
	}
	if d.in.file != nil {
		return d.e.Kernel.ReadFD(d.ctx, d.in.file.FD(), p, d.in.name)
	}
	for {
		n, err := d.e.Stdin.Read(p)
		if n > 0 || err == io.EOF {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// write writes once.
func (d *copier) write(p []byte) (int, error) {
	if d.out.file != nil {
		return d.e.Kernel.WriteFD(d.ctx, d.out.file.FD(), p, d.out.name)
	}
	return d.e.Stdout.Write(p)
}

// run copies until the input ends.
func (d *copier) run() error {
	block := make([]byte, d.in.size)
	for d.count == 0 || d.stat.inFull+d.stat.inPart < d.count {
		if d.has(ddSync) {
			fill := byte(0)
			if d.has(ddBlock | ddUnblock) {
				fill = ' '
			}
			for i := range block {
				block[i] = fill
			}
		}
		n, err := d.read(block)
		switch {
		case err != nil:
			if !d.has(ddNoError) || d.ctx.Err() != nil {
				return errc(1, err, "%s", d.in.name)
			}
			d.e.warn(err, "%s", d.in.name)
			d.summary()
			if !d.in.pipe {
				if _, err := d.in.file.Seek(int64(d.in.size), io.SeekCurrent); err != nil {
					d.e.warn(err, "%s", d.in.name)
				}
			}
			if !d.has(ddSync) {
				continue
			}
			n = len(block)
			d.stat.inFull++
		case n == 0:
			return d.finish()
		case n == len(block):
			d.stat.inFull++
		default:
			d.stat.inPart++
			if d.has(ddSync) {
				n = len(block)
			}
		}
		if err := d.convert(block[:n]); err != nil {
			return err
		}
	}
	return d.finish()
}

// convert takes a block of input.
func (d *copier) convert(p []byte) error {
	if d.has(ddBs) {
		return d.flush(p, true)
	}
	if d.has(ddSwab) {
		n := len(p)
		if n&1 != 0 {
			d.stat.swab++
			n--
		}
		for i := 0; i < n; i += 2 {
			p[i], p[i+1] = p[i+1], p[i]
		}
	}
	switch {
	case d.has(ddBlock):
		d.block(p)
	case d.has(ddUnblock):
		d.record = append(d.record, d.translate(p)...)
		for len(d.record) >= d.recordSize {
			d.unblock(d.record[:d.recordSize])
			d.record = d.record[d.recordSize:]
		}
	default:
		d.buf = append(d.buf, d.translate(p)...)
	}
	done := 0
	for len(d.buf)-done >= d.out.size {
		if err := d.flush(d.buf[done:done+d.out.size], false); err != nil {
			return err
		}
		done += d.out.size
	}
	d.buf = d.buf[:copy(d.buf, d.buf[done:])]
	return nil
}

func (d *copier) translate(p []byte) []byte {
	if d.table != nil {
		for i, c := range p {
			p[i] = d.table[c]
		}
	}
	return p
}

// block makes lines into records of the same length.
func (d *copier) block(p []byte) {
	for _, c := range p {
		switch {
		case d.toss:
			d.toss = c != '\n'
		case c == '\n':
			d.endRecord()
		case len(d.record) == d.recordSize:
			d.stat.trunc++
			d.endRecord()
			d.toss = true
		default:
			if d.table != nil {
				c = d.table[c]
			}
			d.record = append(d.record, c)
		}
	}
	if len(d.record) == d.recordSize && !d.toss {
		// Whether a newline would follow is not known here.
		d.stat.trunc++
		d.endRecord()
		d.toss = true
	}
}

// endRecord pads a record with spaces.
func (d *copier) endRecord() {
	space := byte(' ')
	if d.table != nil {
		space = d.table[' ']
	}
	for len(d.record) < d.recordSize {
		d.record = append(d.record, space)
	}
	d.buf = append(d.buf, d.record...)
	d.record = d.record[:0]
}

// unblock makes a record into a line.
func (d *copier) unblock(r []byte) {
	d.buf = append(d.buf, strings.TrimRight(string(r), " ")...)
	d.buf = append(d.buf, '\n')
}

// finish writes what is left.
func (d *copier) finish() error {
	if len(d.record) > 0 {
		if d.has(ddBlock) {
			d.stat.trunc++
			d.endRecord()
		} else {
			d.e.warnx("%s: short input record", d.in.name)
			d.unblock(d.record)
		}
	}
	if d.has(ddOsync) && len(d.buf) < d.out.size {
		d.buf = append(d.buf, make([]byte, d.out.size-len(d.buf))...)
	}
	if len(d.buf) == 0 && d.pending > 0 {
		// The last block is written, so that the file is as long as it should be.
		d.buf = make([]byte, d.out.size)
		d.pending -= int64(d.out.size)
	}
	if len(d.buf) > 0 {
		if err := d.flush(d.buf, true); err != nil {
			return err
		}
	}
	if d.out.file != nil {
		err := d.out.file.Close()
		d.out.file = nil
		if err != nil {
			return errc(1, err, "close")
		}
	}
	return nil
}

// flush writes a block. A forced one is written whatever its length.
func (d *copier) flush(p []byte, force bool) error {
	if !force && d.has(ddSparse) && strings.Trim(string(p), "\x00") == "" {
		d.pending += int64(len(p))
		return nil
	}
	if d.pending > 0 {
		var err error = netbsd.ESPIPE
		if d.out.file != nil {
			_, err = d.out.file.Seek(d.pending, io.SeekCurrent)
		}
		if err != nil {
			return errc(1, err, "%s: seek error creating sparse file", d.out.name)
		}
	}
	for whole := len(p); ; {
		n, err := d.write(p)
		if err != nil {
			return errc(1, err, "%s", d.out.name)
		}
		if n == 0 {
			return errx(1, "%s: end of device", d.out.name)
		}
		if d.pending > 0 {
			blocks := d.pending / int64(d.out.size)
			d.stat.bytes += d.pending
			d.stat.sparse += blocks
			d.stat.outFull += blocks
			d.pending = 0
		}
		d.stat.bytes += int64(n)
		p = p[n:]
		if n == whole && whole == d.out.size {
			d.stat.outFull++
		} else {
			d.stat.outPart++
		}
		if len(p) == 0 {
			break
		}
		if d.out.chr && !d.warned {
			d.warned = true
			d.e.warnx("%s: short write on character device", d.out.name)
		}
	}
	if d.progress > 0 && (d.stat.outFull+d.stat.outPart)%d.progress == 0 {
		io.WriteString(d.e.Stderr, ".")
	}
	return nil
}

// summary prints what was done.
func (d *copier) summary() {
	if d.progress > 0 {
		io.WriteString(d.e.Stderr, "\n")
	}
	switch d.format {
	case "quiet":
	case "posix":
		if d.progress > 0 {
			io.WriteString(d.e.Stderr, "\n")
		}
		d.records()
		s, _ := d.formatSummary("%b bytes transferred in %s secs (%e bytes/sec)\n")
		io.WriteString(d.e.Stderr, s)
	case "human":
		d.records()
		s, _ := d.formatSummary("%b bytes (%B) transferred in %s secs (%e bytes/sec - %E)\n")
		io.WriteString(d.e.Stderr, s)
	default:
		s, _ := d.formatSummary(d.format)
		io.WriteString(d.e.Stderr, s)
	}
}

func (d *copier) records() {
	f := "%I+%i records in\n%O+%o records out\n"
	if d.stat.swab > 0 {
		f += "%w odd length swab %W\n"
	}
	if d.stat.trunc > 0 {
		f += "%t truncated %T\n"
	}
	if d.stat.sparse > 0 {
		f += "%p sparse output %P\n"
	}
	s, _ := d.formatSummary(f)
	io.WriteString(d.e.Stderr, s)
}

func blocks(n int64) string {
	if n == 1 {
		return "block"
	}
	return "blocks"
}

// formatSummary fills in a format of msgfmt.
func (d *copier) formatSummary(format string) (string, error) {
	ms := time.Now().UnixMilli()
	if !d.started.IsZero() {
		ms = time.Since(d.started).Milliseconds()
	}
	ms = max(ms, 1)
	s := &d.stat
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			break
		}
		switch format[i] {
		case 'b':
			fmt.Fprint(&b, s.bytes)
		case 'B':
			b.WriteString(humanizeNumber(7, s.bytes, "B", humanDecimal))
		case 'e':
			fmt.Fprint(&b, perSecond(s.bytes, ms))
		case 'E':
			b.WriteString(humanizeNumber(7, perSecond(s.bytes, ms), "B", humanDecimal) + "/sec")
		case 'i':
			fmt.Fprint(&b, s.inPart)
		case 'I':
			fmt.Fprint(&b, s.inFull)
		case 'o':
			fmt.Fprint(&b, s.outPart)
		case 'O':
			fmt.Fprint(&b, s.outFull)
		case 's':
			fmt.Fprintf(&b, "%d.%03d", ms/1000, ms%1000)
		case 'p':
			fmt.Fprint(&b, s.sparse)
		case 't':
			fmt.Fprint(&b, s.trunc)
		case 'w':
			fmt.Fprint(&b, s.swab)
		case 'P':
			b.WriteString(blocks(s.sparse))
		case 'T':
			b.WriteString(blocks(s.trunc))
		case 'W':
			b.WriteString(blocks(s.swab))
		case '%':
			b.WriteByte('%')
		default:
			return "", errx(1, "unknown specifier '%c' in msgfmt string", format[i])
		}
	}
	return b.String(), nil
}

func perSecond(bytes, ms int64) int64 { return int64(uint64(bytes) * 1000 / uint64(ms)) }
