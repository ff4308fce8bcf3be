package rumpctrl

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// sysctl is a running sysctl(8).
type sysctl struct {
	*Env
	all, hidden           bool // -a, -A
	describe, meta        bool // -d, -M
	raw, quiet, set       bool // -r, -q, -w
	nameless, hexadecimal int  // -n, -x: how often they were given
	equals                string
	file                  string

	out       io.Writer // buffered
	warnings  io.Writer
	sep       string // between the parts of names, as the last name had it
	requested bool   // a node was asked for by its name
	failed    bool
	line      int // of the file
}

func runSysctl(ctx context.Context, e *Env) error {
	out := bufio.NewWriter(e.Stdout)
	c := &sysctl{Env: e, equals: " = ", sep: ".", out: out, warnings: e.Stderr}
	err := c.main(ctx)
	out.Flush()
	return err
}

func (c *sysctl) main(ctx context.Context) error {
	args, err := c.getopt(c.Args[1:], "Aabdef:Mnqrwx", func(opt byte, arg string) error {
		switch opt {
		case 'A':
			c.hidden = true
		case 'a':
			c.all = true
		case 'd':
			c.describe = true
		case 'e':
			c.equals = "="
		case 'f':
			c.file, c.set = arg, true
		case 'M':
			c.meta = true
		case 'n':
			c.nameless++
		case 'q':
			c.quiet = true
		case 'b', 'r':
			c.raw = true
		case 'w':
			c.set = true
		case 'x':
			c.hexadecimal++
		}
		return nil
	})
	if err != nil || c.hexadecimal > 0 && c.raw || (c.all || c.hidden) && c.quiet {
		return c.usage()
	}
	if (c.hidden || c.meta || c.describe) && len(args) == 0 && c.file == "" {
		c.all = true
	}
	if c.hidden {
		c.warnings = c.out
	}
	if c.all {
		return c.printAll(ctx)
	}
	if c.file != "" {
		return c.setFromFile(ctx)
	}
	if len(args) == 0 {
		return c.usage()
	}
	for _, a := range args {
		if err := c.parse(ctx, a); err != nil {
			return err
		}
	}
	return c.result()
}

// result is how the utility ends if nothing ended it before.
func (c *sysctl) result() error {
	if c.failed {
		return silent(1)
	}
	return nil
}

func (c *sysctl) usage() error {
	name := c.Args[0]
	fmt.Fprintf(c.Stderr, "usage:\t%s %s\n", name, strings.Join([]string{
		"[-dneq] [-x[x]|-r] variable ...",
		"[-ne] [-q] -w variable=value ...",
		"[-dne] -a",
		"[-dne] -A",
		"[-ne] -M",
		"[-dne] [-q] -f file",
	}, "\n\t"+name+" "))
	return silent(1)
}

func (c *sysctl) print(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// complain prints a message and remembers that there was one.
func (c *sysctl) complain(format string, args ...any) {
	fmt.Fprintf(c.warnings, "%s: ", c.Args[0])
	if c.file != "" {
		fmt.Fprintf(c.warnings, "%s#%d: ", c.file, c.line)
	}
	fmt.Fprintf(c.warnings, format, args...)
	c.failed = true
}

// abort ends the utility, or of a file the line, after a complaint.
func (c *sysctl) abort() error {
	if c.file == "" {
		return silent(1)
	}
	return nil
}

// complainOf says why a node could not be read. An error that says that there is
// nothing to read is said only of a node that was asked for by its name.
func (c *sysctl) complainOf(err error, name string) {
	if !c.hidden && !c.requested {
		return
	}
	if errno, ok := rump.Errno(err); ok {
		switch errno {
		case netbsd.ENOENT, netbsd.ENOPROTOOPT, netbsd.ENOTDIR, netbsd.EINVAL, netbsd.EOPNOTSUPP, netbsd.EPROTONOSUPPORT:
			c.complain("%s: the value is not available (%s)\n", name, reason(err))
			return
		}
	}
	c.complain("%s: %s\n", name, reason(err))
}

// parse does what one argument says: print a node, set one, or make, destroy or
// describe one.
func (c *sysctl) parse(ctx context.Context, arg string) error {
	c.requested = true
	key, value, hasValue := strings.Cut(arg, "=")
	optional := false
	if k, ok := strings.CutSuffix(key, "?"); ok && hasValue {
		key, optional = k, true
	}
	c.sep = "."
	if i := strings.IndexAny(key, "./"); i >= 0 {
		c.sep = key[i : i+1]
	}
	describe := c.describe
	if strings.HasPrefix(key, c.sep+c.sep) {
		if optional {
			arg = key + "=" + value
		}
		op, rest := cutOperation(arg[2:], c.sep)
		switch op {
		case "create":
			return c.create(ctx, rest)
		case "destroy":
			return c.destroy(ctx, rest)
		case "describe":
			if strings.Contains(rest, "=") {
				return c.setDescription(ctx, rest)
			}
			key, hasValue, describe = rest, false, true
		default:
			c.complain("unable to parse '%s'\n", arg)
			return nil
		}
	}
	n, err := c.Kernel.LookupSysctl(ctx, key)
	if err != nil {
		if optional {
			return nil
		}
		return c.badName(err, key)
	}
	if !hasValue {
		saved := c.describe
		c.describe = describe
		defer func() { c.describe = saved }()
		return c.printTree(ctx, c.Kernel.ReadSysctlTree(ctx, n, c.wanted()), false)
	}
	if c.file != "" {
		value = strings.TrimLeft(value, " \t\n\v\f\r")
	}
	if !c.set {
		c.complain("Must specify -w to set variables\n")
		return silent(1)
	}
	if h := handlerOf(n.Name); !n.IsNode() && h != nil {
		if h.write == nil {
			c.complain("Cannot write `%s': %s\n", n.Name, netbsd.EOPNOTSUPP.Error())
			return silent(1)
		}
		return h.write(c, ctx, n, value)
	}
	switch n.Node.Type() {
	case netbsd.CTLTYPE_INT, netbsd.CTLTYPE_BOOL, netbsd.CTLTYPE_QUAD:
		return c.writeNumber(ctx, n, value)
	case netbsd.CTLTYPE_STRING:
		return c.writeString(ctx, n, value)
	}
	// What cannot be set is printed instead.
	if n.IsNode() {
		n.Name += c.sep + n.Name[strings.LastIndex(n.Name, c.sep)+1:] // sysctl(8) names it so
	}
	return c.printTree(ctx, c.Kernel.ReadSysctlTree(ctx, n, c.wanted()), false)
}

// cutOperation splits "create=name..." or "create.name...".
func cutOperation(s, sep string) (op, rest string) {
	for _, op := range []string{"create", "destroy", "describe"} {
		rest, ok := strings.CutPrefix(s, op)
		if !ok || rest == "" {
			continue
		}
		if rest[0] == '=' {
			return op, rest[1:]
		}
		if rest[:1] == sep {
			return op, rest
		}
	}
	return "", s
}

// badName says which part of a name there is none of.
func (c *sysctl) badName(err error, name string) error {
	var bad *rump.SysctlNameError
	if !errors.As(err, &bad) {
		return err
	}
	if c.quiet {
		c.failed = true
		return c.abort()
	}
	levels := [...]string{"top", "second", "third", "fourth", "fifth", "sixth",
		"seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"}
	c.complain("%s level name '%s' in '%s' is invalid\n", levels[min(bad.Level, len(levels)-1)], bad.Token, name)
	return c.abort()
}

// A sysctl of a file is one line each, with comments.
func (c *sysctl) setFromFile(ctx context.Context) error {
	b, err := c.Kernel.ReadFile(ctx, c.file)
	if err != nil {
		return errc(1, err, "%s", c.file)
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		for strings.HasSuffix(l, "\\") && i+1 < len(lines) {
			i++
			l = strings.TrimSuffix(l, "\\") + lines[i]
		}
		c.line = i + 1
		l = uncomment(l)
		if l == "" {
			continue
		}
		if err := c.parse(ctx, l); err != nil {
			return err
		}
	}
	return c.result()
}

// uncomment cuts a comment off a line and takes backslashes away, as fparseln(3)
// does.
func uncomment(l string) string {
	var b strings.Builder
	for i := 0; i < len(l); i++ {
		if l[i] == '#' {
			break
		}
		if l[i] == '\\' && i+1 < len(l) && strings.IndexByte("#\\", l[i+1]) >= 0 {
			i++
		}
		b.WriteByte(l[i])
	}
	return b.String()
}

func (c *sysctl) writeNumber(ctx context.Context, n rump.SysctlNode, value string) error {
	if c.file != "" {
		value = strings.TrimSpace(value)
	}
	q, err := strtouq(value)
	if errors.Is(err, strconv.ErrRange) {
		c.complain("%s: %s\n", value, netbsd.ERANGE.Error())
		return c.abort()
	}
	if err != nil {
		c.complain("%s: not a number\n", value)
		return c.abort()
	}
	var b []byte
	switch n.Node.Type() {
	case netbsd.CTLTYPE_INT:
		if hi := uint32(q >> 32); hi != 0 && hi != math.MaxUint32 {
			c.complain("%s: %s\n", value, netbsd.ERANGE.Error())
			return c.abort()
		}
		b = binary.LittleEndian.AppendUint32(nil, uint32(q))
	case netbsd.CTLTYPE_BOOL:
		b = []byte{0}
		if q != 0 {
			b[0] = 1
		}
	case netbsd.CTLTYPE_QUAD:
		b = binary.LittleEndian.AppendUint64(nil, q)
	}
	old, err := c.Kernel.WriteSysctl(ctx, n, b)
	if err != nil {
		return c.notSet(err, n.Name)
	}
	if len(old) < len(b) {
		old = append(old, make([]byte, len(b)-len(old))...)
	}
	c.number(n, n.Name, old[:len(b)], showOld)
	c.number(n, n.Name, b, showNew)
	return nil
}

// notSet says that a node could not be set.
func (c *sysctl) notSet(err error, name string) error {
	if c.hidden || c.requested {
		c.complain("%s: %s\n", name, reason(err))
	}
	return c.abort()
}

func (c *sysctl) writeString(ctx context.Context, n rump.SysctlNode, value string) error {
	b := netbsd.AppendString(nil, value)
	if n.Node.Size != 0 && uint64(len(b)) > n.Node.Size {
		c.complain("%s: string too long\n", value)
		return c.abort()
	}
	old, err := c.Kernel.WriteSysctl(ctx, n, b)
	if err != nil {
		return c.notSet(err, n.Name)
	}
	c.text(n, n.Name, old, showOld)
	c.text(n, n.Name, b, showNew)
	return nil
}

// strtouq parses a number as strtouq(3) does: in base 8, 10 or 16 by its prefix,
// negative ones modulo 2 to the 64.
func strtouq(s string) (uint64, error) {
	t := strings.TrimLeft(s, " \t\n\v\f\r")
	neg := strings.HasPrefix(t, "-")
	if neg || strings.HasPrefix(t, "+") {
		t = t[1:]
	}
	if t == "" || t[0] < '0' || t[0] > '9' || strings.ContainsAny(t, "_oO") || len(t) > 1 && (t[1] == 'b' || t[1] == 'B') {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseUint(t, 0, 64)
	if neg && err == nil {
		n = -n
	}
	return n, err
}

// How a value is shown: alone, as the old one or as the new one.
type sysctlShow int

const (
	showValue sysctlShow = iota
	showOld
	showNew
)

// begin prints what comes before a value. It returns false if that was all.
func (c *sysctl) begin(name string, b []byte, how sysctlShow) bool {
	if c.quiet || (c.nameless > 0 || c.raw) && how == showOld {
		return false
	}
	if c.raw {
		c.out.Write(b)
		return false
	}
	if c.nameless == 0 {
		switch how {
		case showValue:
			c.print("%s%s", name, c.equals)
		case showOld:
			c.print("%s: ", name)
		}
	}
	if c.hexadecimal > 1 {
		if how != showNew {
			c.print("\n")
		}
		c.dump(b)
		return false
	}
	return true
}

func (c *sysctl) end(how sysctlShow) {
	if how == showOld {
		c.print(" -> ")
	} else {
		c.print("\n")
	}
}

func (c *sysctl) number(n rump.SysctlNode, name string, b []byte, how sysctlShow) {
	if !c.begin(name, b, how) {
		return
	}
	var u uint64
	for i, x := range b[:min(len(b), 8)] {
		u |= uint64(x) << (8 * i)
	}
	switch {
	case c.hexadecimal > 0:
		c.print("0x%0*x", 2*len(b), u)
	case n.Node.Flags&netbsd.CTLFLAG_HEX != 0 && u != 0:
		c.print("0x%x", u)
	case n.Node.Type() == netbsd.CTLTYPE_INT && n.Node.Flags&netbsd.CTLFLAG_UNSIGNED == 0:
		c.print("%d", int32(u))
	default:
		c.print("%d", u)
	}
	c.end(how)
}

func (c *sysctl) text(n rump.SysctlNode, name string, b []byte, how sysctlShow) {
	if !c.begin(name, b, how) {
		return
	}
	s, _, nul := strings.Cut(string(b), "\x00")
	switch {
	case c.hexadecimal > 0:
		c.print("%x", s)
		if nul {
			c.print("00")
		}
	case n.Node.Flags&netbsd.CTLFLAG_HEX != 0:
		for i := range len(s) {
			c.print("\\x%2.2x", s[i])
		}
	default:
		c.print("%s", s)
	}
	c.end(how)
}

func (c *sysctl) structure(n rump.SysctlNode, name string, b []byte, how sysctlShow) {
	if c.quiet {
		return
	}
	if c.hexadecimal == 0 && !c.raw {
		if c.hidden || c.requested {
			c.complain("%s: this type is unknown to this program\n", name)
		}
		return
	}
	if !c.begin(name, b, how) {
		return
	}
	const most = 16
	c.print("%s", hex.EncodeToString(b[:min(len(b), most)]))
	if len(b) > most {
		c.print("...(%d more bytes)", len(b)-most)
	}
	c.print("\n")
}

// dump prints bytes in hexadecimal and as text, sixteen a line.
func (c *sysctl) dump(b []byte) {
	for off := 0; off < len(b); off += 16 {
		row := b[off:min(off+16, len(b))]
		var digits, text strings.Builder
		for _, x := range row {
			fmt.Fprintf(&digits, "%02x ", x)
			if x < ' ' || x > '~' {
				x = '.'
			}
			text.WriteByte(x)
		}
		c.print("%07x  %-48s | %-16s |\n", off, digits.String(), text.String())
	}
	c.print("%07d bytes\n", len(b))
}
