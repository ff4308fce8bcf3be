package vfs

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Quotas, which no file system here has. What the kernel copies in before a file
// system can say so is here.

// Operations of __quotactl(2), from <sys/quotactl.h>.
const (
	quotaGet         = 3
	quotaPut         = 4
	quotaDel         = 5
	quotaCursorClose = 7
	quotaRewind      = 11 // the last of those with a cursor
	quotaOn          = 12
	quotaOff         = 13
)

// Sizes of what the operations take.
const (
	sizeofQuotactlArgs = 48
	sizeofQuotakey     = 12
	sizeofQuotaval     = 40
	sizeofQuotakcursor = 64
)

func (fs *FS) sysQuotactl(c *kern.Call) netbsd.Errno {
	args := make([]byte, sizeofQuotactlArgs)
	if errno := c.Copyin(c.Ptr(1), args); errno != 0 {
		return errno
	}
	if errno := fs.unsupported(c, 0, true); errno != netbsd.EOPNOTSUPP {
		return errno
	}
	first, second := binary.LittleEndian.Uint64(args[8:]), binary.LittleEndian.Uint64(args[16:])
	var errno netbsd.Errno
	switch op := binary.LittleEndian.Uint32(args); {
	case op > quotaOff:
		return netbsd.EINVAL
	case op == quotaGet, op == quotaDel:
		errno = c.Copyin(first, make([]byte, sizeofQuotakey))
	case op == quotaPut:
		if errno = c.Copyin(first, make([]byte, sizeofQuotakey)); errno == 0 {
			errno = c.Copyin(second, make([]byte, sizeofQuotaval))
		}
	case op >= quotaCursorClose && op <= quotaRewind:
		errno = c.Copyin(first, make([]byte, sizeofQuotakcursor))
	case op == quotaOn:
		errno = c.Copyin(second, make([]byte, netbsd.PATH_MAX))
	}
	if errno != 0 {
		return errno
	}
	return netbsd.EOPNOTSUPP
}
