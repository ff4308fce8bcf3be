package kern

import (
	"sync"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A File is what an open file does. Its methods may be called from many
// goroutines at once. The OpenFile given to them is the description through
// which the call comes, with its flags; a File may be behind several.
type File interface {
	// Read moves data to u, from the position pos, or if pos is Current from
	// the description's own offset, which it then advances. It leaves in
	// u.Resid what was not moved.
	Read(c *Call, f *OpenFile, u *Uio, pos int64) netbsd.Errno
	Write(c *Call, f *OpenFile, u *Uio, pos int64) netbsd.Errno

	// Ioctl carries out a command. data holds the parameter as it was copied
	// in, and is copied out afterwards, as the command says; for a command
	// without one it holds the third argument itself, in 8 bytes.
	Ioctl(c *Call, f *OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno

	Stat(c *Call, f *OpenFile) (netbsd.Stat, netbsd.Errno)

	// Poll returns those of the events (POLL*) which are there now.
	Poll(c *Call, f *OpenFile, events int16) int16

	// Selinfo returns what is notified when Poll's answer may have changed; nil
	// if it never does.
	Selinfo() *Selinfo

	// KqFilter prepares a knote that is to watch the file.
	KqFilter(f *OpenFile, kn *Knote) (Filter, netbsd.Errno)

	// SetNonblock is told of a new value of the description's FNONBLOCK or
	// FASYNC flag, and may refuse it.
	SetNonblock(c *Call, f *OpenFile, on bool) netbsd.Errno

	// Close is called when the last descriptor of the description is closed.
	Close(f *OpenFile) netbsd.Errno
}

// Current is the position for reads and writes at the description's offset.
const Current = int64(-1)

// Unsupported is a File which can do nothing, to be embedded in those that can
// do something.
type Unsupported struct{}

// Read fails with EOPNOTSUPP.
func (Unsupported) Read(*Call, *OpenFile, *Uio, int64) netbsd.Errno { return netbsd.EOPNOTSUPP }

// Write fails with EOPNOTSUPP.
func (Unsupported) Write(*Call, *OpenFile, *Uio, int64) netbsd.Errno { return netbsd.EOPNOTSUPP }

// Ioctl fails with ENOTTY.
func (Unsupported) Ioctl(*Call, *OpenFile, netbsd.Ioctl, []byte) netbsd.Errno { return netbsd.ENOTTY }

// Stat fails with EOPNOTSUPP.
func (Unsupported) Stat(*Call, *OpenFile) (netbsd.Stat, netbsd.Errno) {
	return netbsd.Stat{}, netbsd.EOPNOTSUPP
}

// Poll finds nothing.
func (Unsupported) Poll(*Call, *OpenFile, int16) int16 { return 0 }

// Selinfo is nil.
func (Unsupported) Selinfo() *Selinfo { return nil }

// KqFilter fails with EOPNOTSUPP.
func (Unsupported) KqFilter(*OpenFile, *Knote) (Filter, netbsd.Errno) {
	return Filter{}, netbsd.EOPNOTSUPP
}

// SetNonblock does nothing.
func (Unsupported) SetNonblock(*Call, *OpenFile, bool) netbsd.Errno { return 0 }

// Close does nothing.
func (Unsupported) Close(*OpenFile) netbsd.Errno { return 0 }

// An OpenFile is an open file description: a File with an offset and flags,
// which descriptors refer to.
type OpenFile struct {
	File
	Type int // DTYPE_*
	Cred *Cred

	// Offset is guarded by OffsetMu, which a File holds while it reads or
	// writes at Current.
	OffsetMu sync.Mutex
	Offset   int64

	flags  atomic.Uint32
	refs   atomic.Int32
	kernel atomic.Pointer[Kernel] // that counts it as an open file
}

// NewOpenFile makes a description with one reference.
func NewOpenFile(file File, dtype int, flags uint32, cred *Cred) *OpenFile {
	f := &OpenFile{File: file, Type: dtype, Cred: cred}
	f.flags.Store(flags)
	f.refs.Store(1)
	return f
}

// Flags returns the description's flags: FREAD, FWRITE, FNONBLOCK ...
func (f *OpenFile) Flags() uint32 { return f.flags.Load() }

// SetFlags sets the flags in mask to those in flags.
func (f *OpenFile) SetFlags(mask, flags uint32) {
	for {
		old := f.flags.Load()
		if f.flags.CompareAndSwap(old, old&^mask|flags&mask) {
			return
		}
	}
}

// Nonblock reports whether reads and writes fail rather than wait.
func (f *OpenFile) Nonblock() bool { return f.Flags()&FNONBLOCK != 0 }

// Hold adds a reference.
func (f *OpenFile) Hold() { f.refs.Add(1) }

// count makes the file one of those which are open in a kernel, of which there
// may be only so many.
func (f *OpenFile) count(k *Kernel) netbsd.Errno {
	if f.kernel.Load() != nil || f.File == File(k.console) {
		return 0
	}
	if n := k.openFiles.Add(1); !Below(n, int64(k.limits.Load().Files)) {
		k.openFiles.Add(-1)
		return netbsd.ENFILE
	}
	if !f.kernel.CompareAndSwap(nil, k) {
		k.openFiles.Add(-1) // somebody else was faster
	}
	return 0
}

// Release drops a reference and closes the file with the last.
func (f *OpenFile) Release() netbsd.Errno {
	if f.refs.Add(-1) == 0 {
		if k := f.kernel.Load(); k != nil {
			k.openFiles.Add(-1)
		}
		return f.File.Close(f)
	}
	return 0
}
