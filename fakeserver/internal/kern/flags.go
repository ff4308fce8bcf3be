package kern

import "github.com/rumpkernel/rumpscript/netbsd"

// Flags of an open file, from <sys/fcntl.h>: those of open(2), but for the
// access, which is a mask here.
const (
	FREAD      = 0x1
	FWRITE     = 0x2
	FNONBLOCK  = netbsd.O_NONBLOCK
	FAPPEND    = netbsd.O_APPEND
	FASYNC     = netbsd.O_ASYNC
	FFSYNC     = netbsd.O_SYNC
	FHASLOCK   = 0x4000
	FDSYNC     = netbsd.O_DSYNC
	FRSYNC     = netbsd.O_RSYNC
	FALTIO     = netbsd.O_ALT_IO
	FDIRECT    = netbsd.O_DIRECT
	FNOSIGPIPE = netbsd.O_NOSIGPIPE

	// FCNTLFLAGS are those which fcntl(2) may change.
	FCNTLFLAGS = FAPPEND | FASYNC | FFSYNC | FNONBLOCK | FDSYNC | FRSYNC | FALTIO | FDIRECT | FNOSIGPIPE
	// FMASK are those which open(2) leaves in an open file.
	FMASK = FREAD | FWRITE | FCNTLFLAGS
)

// FFLAGS turns the flags of open(2) into those of an open file.
func FFLAGS(oflags uint32) uint32 { return oflags + 1 }

// OFLAGS turns the flags of an open file into those of open(2).
func OFLAGS(fflags uint32) uint32 { return fflags - 1 }
