package guest

import (
	"fmt"
	"io"
)

// Types and permissions of files in an initramfs, as in st_mode.
const (
	modeFolder  = 0o040755
	modeProgram = 0o100755
	modeFile    = 0o100644
	modeConsole = 0o020600 // a character device
)

// cpio writes an archive in the format "newc", which Linux takes for an initramfs
// (Documentation/driver-api/early-userspace/buffer-format.rst).
type cpio struct {
	w   io.Writer
	ino int
	err error
}

// file writes a file. The device's numbers are for one that is a device.
func (c *cpio) file(name string, mode int, content []byte, major, minor int) {
	c.ino++
	name += "\x00"
	c.printf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s",
		c.ino, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name), 0, name)
	const header = 110
	c.pad(header + len(name))
	if c.err == nil {
		_, c.err = c.w.Write(content)
	}
	c.pad(len(content))
}

func (c *cpio) close() error {
	c.ino = -1
	c.file("TRAILER!!!", 0, nil, 0, 0)
	return c.err
}

// pad ends something of n bytes at a multiple of four.
func (c *cpio) pad(n int) { c.printf("%s", "\x00\x00\x00"[:-n&3]) }

func (c *cpio) printf(format string, args ...any) {
	if c.err == nil {
		_, c.err = fmt.Fprintf(c.w, format, args...)
	}
}
