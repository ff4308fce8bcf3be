package rumpctrl

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/rumpkernel/rumpscript/rump"
)

// mode prints a node that is the mode of files.
func (c *sysctl) mode(ctx context.Context, n rump.SysctlNode, t *rump.SysctlTree) error {
	b, err := c.value(ctx, n, t)
	if err != nil {
		c.complainOf(err, n.Name)
		return nil
	}
	c.showMode(n, b, showValue)
	return nil
}

func (c *sysctl) showMode(n rump.SysctlNode, b []byte, how sysctlShow) {
	if c.raw || c.hexadecimal > 0 || len(b) != 4 {
		c.number(n, n.Name, b, how)
		return
	}
	m := uint32(binary.LittleEndian.Uint16(b))
	c.text(n, n.Name, fmt.Appendf(nil, "%04o (%s)", m, modeString(m)[1:]), how)
}

func (c *sysctl) setMode(ctx context.Context, n rump.SysctlNode, value string) error {
	old, err := c.Kernel.ReadSysctl(ctx, n)
	if err != nil || len(old) != 4 {
		return c.notSet(err, n.Name)
	}
	change, err := parseMode(value, 0)
	if err != nil {
		c.complain("%s: '%s' is an invalid mode\n", n.Name, value)
		return silent(1)
	}
	b := binary.LittleEndian.AppendUint32(nil, change.apply(uint32(binary.LittleEndian.Uint16(old))))
	if old, err = c.Kernel.WriteSysctl(ctx, n, b); err != nil {
		return c.notSet(err, n.Name)
	}
	if c.quiet {
		return nil
	}
	c.showMode(n, old, showOld)
	c.showMode(n, b, showNew)
	return nil
}
