package kern

import (
	"io"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Console is what descriptors 0, 1 and 2 of a new process refer to: nothing
// can be read, and what is written appears on the kernel's console.
type Console struct {
	Unsupported
	mu   sync.Mutex
	w    io.Writer
	said string // by the kernel itself
}

func newConsole(w io.Writer) *Console {
	if w == nil {
		w = io.Discard
	}
	return &Console{w: w}
}

// Print writes a message of the kernel's own.
func (t *Console) Print(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said += s
	t.write(s)
}

func (t *Console) write(s string) {
	io.WriteString(t.w, s) // a console that cannot be written to is nobody's error
}

func (t *Console) messages() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.said
}

// Read finds the end of the file.
func (t *Console) Read(*Call, *OpenFile, *Uio, int64) netbsd.Errno { return 0 }

func (t *Console) Write(c *Call, f *OpenFile, u *Uio, pos int64) netbsd.Errno {
	for u.Resid > 0 {
		b := make([]byte, u.Chunk(chunk))
		if errno := u.Take(b); errno != 0 {
			return errno
		}
		t.mu.Lock()
		t.write(string(b))
		t.mu.Unlock()
	}
	return 0
}

// Ioctl lets the console pass for a terminal, and no more.
func (t *Console) Ioctl(c *Call, f *OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	if cmd == netbsd.TIOCGETA {
		return 0
	}
	return netbsd.ENOTTY
}

// SetNonblock is refused, as every ioctl is.
func (t *Console) SetNonblock(*Call, *OpenFile, bool) netbsd.Errno { return netbsd.ENOTTY }

func (t *Console) Stat(c *Call, f *OpenFile) (netbsd.Stat, netbsd.Errno) {
	boot := netbsd.TimespecOf(c.Kernel().BootTime())
	return netbsd.Stat{Mode: netbsd.S_IFCHR | 0o600, Atim: boot, Mtim: boot, Ctim: boot, Birthtim: boot}, 0
}

func (t *Console) Poll(c *Call, f *OpenFile, events int16) int16 {
	return events & (netbsd.POLLOUT | netbsd.POLLWRNORM)
}
