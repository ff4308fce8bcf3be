package kern

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// A Call is a system call that is being carried out. It is good until its
// handler returns.
type Call struct {
	Ctx  context.Context // ends when nobody waits for the call any more
	Proc *Proc
	Num  netbsd.Sysno

	lid     int64     // the thread's number
	fd      int       // the descriptor that File was asked for last,
	file    *OpenFile // and what it referred to; nil if none was
	r0, r1  uint64
	partial bool // return them with an error too
	trap    *sysproxy.Trap
}

// Kernel returns the process's kernel.
func (c *Call) Kernel() *Kernel { return c.Proc.Kernel }

// Cred returns the credentials with which the call is made.
func (c *Call) Cred() *Cred { return c.Proc.Cred() }

// Ret sets the first return value.
func (c *Call) Ret(v uint64) { c.r0 = v }

// Ret2 sets both return values.
func (c *Call) Ret2(v0, v1 uint64) { c.r0, c.r1 = v0, v1 }

// Result returns the return values.
func (c *Call) Result() (r0, r1 uint64) { return c.r0, c.r1 }

// Int returns argument i as a C int.
func (c *Call) Int(i int) int { return int(int32(c.trap.Arg(i))) }

// Uint returns argument i as a C unsigned int, mode_t, uid_t or socklen_t.
func (c *Call) Uint(i int) uint32 { return uint32(c.trap.Arg(i)) }

// Long returns argument i as a C long or off_t.
func (c *Call) Long(i int) int64 { return int64(c.trap.Arg(i)) }

// Size returns argument i as a size_t, u_long or dev_t.
func (c *Call) Size(i int) uint64 { return c.trap.Arg(i) }

// Ptr returns argument i as an address in the caller's memory.
func (c *Call) Ptr(i int) uint64 { return c.trap.Arg(i) }

// Args returns the arguments as they were sent.
func (c *Call) Args() []byte { return c.trap.Args }

// Raise sends the caller a signal.
func (c *Call) Raise(signo netbsd.Signal) { c.trap.Raise(int(signo)) }

// Anonmmap sets n bytes of the caller's memory aside.
func (c *Call) Anonmmap(n uint64) (addr uint64, errno netbsd.Errno) {
	addr, err := c.trap.Anonmmap(n)
	if err != nil {
		return 0, netbsd.EFAULT
	}
	if addr == 0 {
		return 0, netbsd.ENOMEM
	}
	return addr, 0
}

// Copyin fills b from the caller's memory.
func (c *Call) Copyin(addr uint64, b []byte) netbsd.Errno {
	if len(b) == 0 {
		return 0
	}
	if addr == 0 || c.trap.Copyin(addr, b) != nil {
		return netbsd.EFAULT
	}
	return 0
}

// Copyout writes b to the caller's memory.
func (c *Call) Copyout(addr uint64, b []byte) netbsd.Errno {
	if len(b) == 0 {
		return 0
	}
	if addr == 0 || c.trap.Copyout(addr, b) != nil {
		return netbsd.EFAULT
	}
	return 0
}

// CopyinString reads a string of less than limit bytes; a longer one is
// ENAMETOOLONG.
func (c *Call) CopyinString(addr uint64, limit int) (string, netbsd.Errno) {
	if addr == 0 {
		return "", netbsd.EFAULT
	}
	s, complete, err := c.trap.CopyinString(addr, limit)
	switch {
	case err != nil:
		return "", netbsd.EFAULT
	case !complete:
		return "", netbsd.ENAMETOOLONG
	}
	return s, 0
}

// Path reads a file's name from argument i.
func (c *Call) Path(i int) (string, netbsd.Errno) { return c.CopyinString(c.Ptr(i), netbsd.PATH_MAX) }

// CopyinInt reads a C int.
func (c *Call) CopyinInt(addr uint64) (int32, netbsd.Errno) {
	var b [4]byte
	errno := c.Copyin(addr, b[:])
	return int32(binary.LittleEndian.Uint32(b[:])), errno
}

// CopyoutInt writes a C int.
func (c *Call) CopyoutInt(addr uint64, v int32) netbsd.Errno {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(v))
	return c.Copyout(addr, b[:])
}

// CopyinLong reads a C long, size_t or pointer.
func (c *Call) CopyinLong(addr uint64) (uint64, netbsd.Errno) {
	var b [8]byte
	errno := c.Copyin(addr, b[:])
	return binary.LittleEndian.Uint64(b[:]), errno
}

// CopyoutLong writes a C long, size_t or pointer.
func (c *Call) CopyoutLong(addr uint64, v uint64) netbsd.Errno {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	return c.Copyout(addr, b[:])
}

// CopyinStruct reads a struct of size bytes with one of netbsd's parsers.
func CopyinStruct[T any](c *Call, addr uint64, size int, parse func([]byte) (T, error)) (T, netbsd.Errno) {
	b := make([]byte, size)
	if errno := c.Copyin(addr, b); errno != 0 {
		var zero T
		return zero, errno
	}
	v, err := parse(b)
	if err != nil {
		return v, netbsd.EINVAL
	}
	return v, 0
}

// Appender is a struct of package netbsd.
type Appender interface{ Append([]byte) []byte }

// CopyoutStruct writes a struct.
func (c *Call) CopyoutStruct(addr uint64, v Appender) netbsd.Errno {
	return c.Copyout(addr, v.Append(nil))
}

// File returns the open file of a descriptor, or EBADF. The caller must Release
// it. If the descriptor is closed while the call sleeps, that ends with EBADF.
func (c *Call) File(fd int) (*OpenFile, netbsd.Errno) {
	f, errno := c.Proc.Files.Get(fd)
	c.fd, c.file = fd, f
	return f, errno
}

// closed reports whether the call's descriptor was closed since it was asked for.
func (c *Call) closed() bool { return c.file != nil && !c.Proc.Files.refers(c.fd, c.file) }

// Forever is the timeout of a Sleep without one.
const Forever = time.Duration(-1)

// Sleep calls try until it returns anything but EWOULDBLOCK, each time that s
// is notified. It returns what try returned, or EWOULDBLOCK when the timeout has
// passed, or EINTR when the caller is gone.
func (c *Call) Sleep(s *Selinfo, timeout time.Duration, try func() netbsd.Errno) netbsd.Errno {
	return c.SleepAll([]*Selinfo{s}, timeout, try)
}

// SleepAll is Sleep on several at once.
func (c *Call) SleepAll(ss []*Selinfo, timeout time.Duration, try func() netbsd.Errno) netbsd.Errno {
	if errno := try(); errno != netbsd.EWOULDBLOCK || timeout == 0 {
		return errno
	}
	w := wakeup{make(chan struct{}, 1)}
	for _, s := range ss {
		if s != nil {
			s.Attach(w)
			defer s.Detach(w)
		}
	}
	var expired chan struct{}
	if timeout > 0 {
		expired = make(chan struct{})
		t := c.Kernel().clock.AfterFunc(timeout, func() { close(expired) })
		defer t.Stop()
	}
	ended := c.Kernel().ended.Done()
	for {
		if c.closed() { // perhaps before s could tell
			return netbsd.EBADF
		}
		if errno := try(); errno != netbsd.EWOULDBLOCK {
			return errno
		}
		select {
		case <-w.c:
		case <-expired:
			return try()
		case <-c.Ctx.Done():
			return netbsd.EINTR
		case <-ended:
			return c.Die()
		}
	}
}

// Die is the end of a call whose kernel has ended: nobody gets an answer.
func (c *Call) Die() netbsd.Errno {
	<-c.Ctx.Done() // the server ends the connections
	return netbsd.EINTR
}

type wakeup struct{ c chan struct{} }

func (w wakeup) Wake(uint32) {
	select {
	case w.c <- struct{}{}:
	default:
	}
}
