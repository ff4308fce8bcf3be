package rumpctrl

import (
	"context"
	"errors"
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
