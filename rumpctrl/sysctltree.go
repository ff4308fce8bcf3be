package rumpctrl

import (
	"context"
	"errors"
	"fmt"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// printAll prints the whole tree. It is read while it is printed, with many
// calls in flight.
func (c *sysctl) printAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := c.printTree(ctx, c.Kernel.ReadSysctlTree(ctx, rump.SysctlRoot(), c.wanted()), true)
	if err != nil {
		return err
	}
	return nil // what could not be read does not count here
}

// wanted returns what tells whether a node's value, or what is below it, will be
// looked at. It is asked while the tree is printed, by those who read it.
func (c *sysctl) wanted() func(n rump.SysctlNode) bool {
	interested := c.interested()
	values := !c.describe && !c.meta
	return func(n rump.SysctlNode) bool {
		if n.IsNode() {
			// Functions make up nodes that only those see who ask for them.
			return interested || !n.Childless()
		}
		return values && (n.Node.Type() != netbsd.CTLTYPE_STRUCT || interested || handlerOf(n.Name) != nil)
	}
}

// interested reports whether nodes that nobody knows how to print are to be
// mentioned or shown as bytes.
func (c *sysctl) interested() bool {
	return c.hidden || c.requested || c.raw || c.hexadecimal > 0
}

// printTree prints a node and all that is below it. below tells that it was
// reached from above and not asked for by its name.
func (c *sysctl) printTree(ctx context.Context, t *rump.SysctlTree, below bool) error {
	return c.printNode(ctx, t, below, nil)
}

// printNode is printTree with the texts for the nodes of the same parent.
func (c *sysctl) printNode(ctx context.Context, t *rump.SysctlTree, below bool, texts map[int32]string) error {
	n := t.SysctlNode
	root := len(n.MIB) == 0
	if below && c.sep != "." {
		n.Name = replaceSeparator(n.Name, c.sep)
	}
	if c.meta && !root {
		if err := c.printMeta(ctx, t, n); err != nil || !n.IsNode() {
			return err
		}
	}
	if c.describe && !root {
		c.printDescription(ctx, n, below, texts)
		if !n.IsNode() {
			return nil
		}
	}
	if n.Node.Flags&netbsd.CTLFLAG_ALIAS != 0 && below {
		return nil // it is printed where it really is
	}
	h := handlerOf(n.Name)
	if !n.IsNode() {
		if h != nil {
			return h.print(c, ctx, n, t)
		}
		c.printValue(n, t)
		return nil
	}
	children, err := t.Children()
	if err != nil && !isErrno(err) {
		return err
	}
	if len(children) == 0 {
		switch {
		case c.describe:
		case h != nil:
			return h.print(c, ctx, n, t)
		case (c.hidden || c.requested) && !c.meta:
			c.print("%s: no children\n", n.Name)
		}
		return nil
	}
	texts = nil
	if c.describe {
		texts, _ = c.Kernel.SysctlDescriptions(ctx, n)
	}
	c.requested = false
	for _, child := range children {
		if child.Node.Flags&netbsd.CTLFLAG_HIDDEN != 0 && !c.hidden {
			continue
		}
		if err := c.printNode(ctx, child, true, texts); err != nil {
			return err
		}
	}
	return nil
}

func isErrno(err error) bool {
	var errno netbsd.Errno
	return errors.As(err, &errno)
}

// replaceSeparator puts another separator between the parts of a name.
func replaceSeparator(name, sep string) string {
	b := []byte(name)
	for i := range b {
		if b[i] == '.' {
			b[i] = sep[0]
		}
	}
	return string(b)
}

// printValue prints a node that needs no special care.
func (c *sysctl) printValue(n rump.SysctlNode, t *rump.SysctlTree) {
	if n.Node.Type() == netbsd.CTLTYPE_STRUCT && !c.interested() {
		return
	}
	b, err := t.Bytes()
	if err != nil {
		c.complainOf(err, n.Name)
		return
	}
	if n.Node.Size == 0 && len(b) == 0 {
		if (c.hidden || c.requested) && !c.meta {
			c.print("%s: node contains no data\n", n.Name)
		}
		return
	}
	size := map[uint32]int{netbsd.CTLTYPE_INT: 4, netbsd.CTLTYPE_BOOL: 1, netbsd.CTLTYPE_QUAD: 8}[n.Node.Type()]
	switch n.Node.Type() {
	case netbsd.CTLTYPE_INT, netbsd.CTLTYPE_BOOL, netbsd.CTLTYPE_QUAD:
		if len(b) < size {
			b = append(b, make([]byte, size-len(b))...)
		}
		c.number(n, n.Name, b[:size], showValue)
	case netbsd.CTLTYPE_STRING:
		c.text(n, n.Name, b, showValue)
	case netbsd.CTLTYPE_STRUCT:
		c.structure(n, n.Name, b, showValue)
	}
}

// printMeta prints how the kernel describes a node: sysctl -M.
func (c *sysctl) printMeta(ctx context.Context, t *rump.SysctlTree, n rump.SysctlNode) error {
	number := ""
	for i, m := range n.MIB {
		if i > 0 {
			number += "."
		}
		number += fmt.Sprint(m)
	}
	if c.nameless > 0 {
		c.print("%s: ", number)
	} else {
		c.print("%s (%s): ", n.Name, number)
	}
	typ := map[uint32]string{netbsd.CTLTYPE_NODE: "NODE", netbsd.CTLTYPE_INT: "INT", netbsd.CTLTYPE_STRING: "STRING",
		netbsd.CTLTYPE_QUAD: "QUAD", netbsd.CTLTYPE_STRUCT: "STRUCT", netbsd.CTLTYPE_BOOL: "BOOL"}[n.Node.Type()]
	if typ == "" {
		typ = "???"
	}
	c.print("CTLTYPE_%s", typ)
	flags := n.Node.Flags & netbsd.SYSCTL_FLAGMASK
	if n.IsNode() {
		if flags&netbsd.CTLFLAG_ALIAS != 0 {
			c.print(", alias %d", n.Node.Idata())
		} else {
			c.print(", children %d/%d", n.Node.Clen(), n.Node.Csize())
		}
	}
	c.print(", size %d, flags 0x%x<%s>", n.Node.Size, flags, sysctlFlags(flags))
	if n.Node.Func != 0 {
		c.print(", func=0x%x", n.Node.Func)
	}
	c.print(", ver=%d\n", int32(n.Node.Ver))
	return nil
}

func sysctlFlags(f uint32) string {
	s, comma := "READONLY", ","
	if f&netbsd.CTLFLAG_READWRITE == netbsd.CTLFLAG_READWRITE {
		s = "READWRITE"
		f &^= netbsd.CTLFLAG_READWRITE
	} else if f&netbsd.CTLFLAG_READWRITE != 0 {
		s, comma = "", ""
	}
	for _, x := range []struct {
		bit  uint32
		name string
	}{
		{netbsd.CTLFLAG_ANYWRITE, "ANYWRITE"},
		{netbsd.CTLFLAG_PRIVATE, "PRIVATE"},
		{netbsd.CTLFLAG_PERMANENT, "PERMANENT"},
		{netbsd.CTLFLAG_OWNDATA, "OWNDATA"},
		{netbsd.CTLFLAG_IMMEDIATE, "IMMEDIATE"},
		{netbsd.CTLFLAG_HEX, "HEX"},
		{netbsd.CTLFLAG_ROOT, "ROOT"},
		{netbsd.CTLFLAG_ANYNUMBER, "ANYNUMBER"},
		{netbsd.CTLFLAG_HIDDEN, "HIDDEN"},
		{netbsd.CTLFLAG_ALIAS, "ALIAS"},
	} {
		if f&x.bit != 0 {
			s += comma + x.name
			comma = ","
			f &^= x.bit
		}
	}
	if f != 0 {
		s += comma + fmt.Sprintf("%x", f)
	}
	return s
}

// printDescription prints the kernel's text for a node: sysctl -d.
func (c *sysctl) printDescription(ctx context.Context, n rump.SysctlNode, below bool, texts map[int32]string) {
	if !c.hidden && n.IsNode() {
		return
	}
	text := texts[n.Node.Num]
	if texts == nil {
		text, _ = c.Kernel.SysctlDescription(ctx, n)
	}
	if text == "" && below && !c.hidden {
		return
	}
	if c.nameless == 0 {
		c.print("%s: ", n.Name)
	}
	if text == "" {
		text = "(no description)"
	}
	c.print("%s\n", text)
}
