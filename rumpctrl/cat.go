package rumpctrl

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// catter is one run of cat.
type catter struct {
	e                                *Env
	ctx                              context.Context
	out                              *printer
	status                           int
	ends, number, filled             bool // -e, -n, -b
	squeeze, tabs, visible, onlyFile bool // -s, -t, -v, -f
}

func runCat(ctx context.Context, e *Env) error {
	c := &catter{e: e, ctx: ctx, out: e.buffered()}
	args, err := e.getopt(e.Args[1:], "B:beflnstuv", func(opt byte, arg string) error {
		switch opt {
		case 'b':
			c.filled, c.number = true, true
		case 'e':
			c.ends, c.visible = true, true
		case 'f':
			c.onlyFile = true
		case 'n':
			c.number = true
		case 's':
			c.squeeze = true
		case 't':
			c.tabs, c.visible = true, true
		case 'v':
			c.visible = true
		}
		return nil
	})
	if err != nil {
		fmt.Fprintf(e.Stderr, "Usage: cat [-beflnstuv] [-B bsize] [-] [file ...]\n")
		return silent(1)
	}
	if len(args) == 0 {
		args = []string{"-"}
	}
	cook := c.number || c.ends || c.squeeze || c.visible
	for _, name := range args {
		if err := c.file(name, cook); err != nil {
			return err
		}
	}
	return silent(c.status)
}

// file prints one file. An error ends the run.
func (c *catter) file(name string, cook bool) error {
	var in io.Reader = c.e.Stdin
	shown := "stdin"
	if name != "-" {
		shown = name
		flags := netbsd.O_RDONLY
		if c.onlyFile {
			flags |= netbsd.O_NONBLOCK
		}
		f, err := c.e.Kernel.Open(c.ctx, name, flags, 0)
		if err != nil {
			c.warn(name, err)
			return nil
		}
		defer f.Close()
		if c.onlyFile {
			st, err := f.Fstat()
			if err != nil {
				c.warn(name, err)
				return nil
			}
			if st.Mode&netbsd.S_IFMT != netbsd.S_IFREG {
				c.e.warnx("%s: not a regular file", name)
				c.status = 1
				return nil
			}
		}
		in = f
	}
	out := &writeNoting{w: c.e.Stdout}
	var err error
	if cook {
		c.out.Reset(out)
		err = c.cook(in)
		if ferr := c.out.Flush(); err == nil {
			err = ferr
		}
	} else {
		_, err = io.Copy(out, in)
	}
	if out.err != nil {
		return errc(1, out.err, "stdout")
	}
	if err != nil {
		c.warn(shown, err)
	}
	return nil
}

func (c *catter) warn(name string, err error) {
	c.e.warn(err, "%s", name)
	c.status = 1
}

// writeNoting remembers a failed write, to tell it from a failed read.
type writeNoting struct {
	w   io.Writer
	err error
}

func (w *writeNoting) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil {
		w.err = err
	}
	return n, err
}

// cook prints with line numbers and visible characters.
func (c *catter) cook(in io.Reader) error {
	r := bufio.NewReaderSize(in, 64<<10)
	line := 0
	blank := false
	prev := byte('\n')
	for {
		ch, err := r.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if prev == '\n' {
			if c.squeeze {
				if ch == '\n' {
					if blank {
						continue
					}
					blank = true
				} else {
					blank = false
				}
			}
			if c.number {
				if !c.filled || ch != '\n' {
					line++
					fmt.Fprintf(c.out, "%6d\t", line)
				} else if c.ends {
					fmt.Fprintf(c.out, "%6s\t", "")
				}
			}
		}
		prev = ch
		switch {
		case ch == '\n':
			if c.ends {
				c.out.WriteByte('$')
			}
		case ch == '\t':
			if c.tabs {
				c.out.WriteString("^I")
				continue
			}
		case c.visible:
			if ch >= 0x80 {
				c.out.WriteString("M-")
				ch &= 0x7f
			}
			if ch < ' ' || ch == 0x7f {
				c.out.WriteByte('^')
				ch ^= 0x40
			}
		}
		if err := c.out.WriteByte(ch); err != nil {
			return nil // noted already
		}
	}
}
