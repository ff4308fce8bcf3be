package kern

import (
	"encoding/binary"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// timespec reads a struct timespec that says how long to wait; a null pointer
// means forever and is nil.
func (c *Call) timespec(addr uint64) (*netbsd.Timespec, netbsd.Errno) {
	if addr == 0 {
		return nil, 0
	}
	t, errno := CopyinStruct(c, addr, netbsd.SizeofTimespec, netbsd.ParseTimespec)
	return &t, errno
}

// timeoutOf is how long a timespec says to wait.
func timeoutOf(t *netbsd.Timespec) (time.Duration, netbsd.Errno) {
	switch {
	case t == nil:
		return Forever, 0
	case checkSpan(*t) != 0:
		return 0, netbsd.EINVAL
	}
	return spanOf(*t), 0
}

// sigmask reads the signals that are to be blocked meanwhile, of which there are
// none here.
func (c *Call) sigmask(addr uint64) netbsd.Errno {
	if addr == 0 {
		return 0
	}
	const sizeofSigset = 16
	return c.Copyin(addr, make([]byte, sizeofSigset))
}

// A scan is what a poll or select looks at: the files, once found, and which
// events of each are wanted.
type scan struct {
	files  []*OpenFile // nil where there is nothing to look at
	events []int16
	got    []int16
}

// wait looks at the files until one is ready or the timeout has passed, and
// returns how many are.
func (s *scan) wait(c *Call, timeout time.Duration, look func() int) (int, netbsd.Errno) {
	n := 0
	try := func() netbsd.Errno {
		if n = look(); n == 0 {
			return netbsd.EWOULDBLOCK
		}
		return 0
	}
	var sels []*Selinfo
	if timeout != 0 {
		for _, f := range s.files {
			if f != nil {
				sels = append(sels, f.Selinfo())
			}
		}
	}
	errno := c.SleepAll(sels, timeout, try)
	if errno == netbsd.EWOULDBLOCK {
		errno = 0
	}
	return n, errno
}

func (s *scan) release() {
	for _, f := range s.files {
		if f != nil {
			f.Release()
		}
	}
}

func sysPoll(c *Call) netbsd.Errno {
	const infinite = -1 // INFTIM
	ms := c.Int(2)
	if ms == infinite {
		return c.poll(nil)
	}
	return c.poll(&netbsd.Timespec{Sec: int64(ms / 1000), Nsec: int64(ms%1000) * 1e6})
}

func sysPollts(c *Call) netbsd.Errno {
	ts, errno := c.timespec(c.Ptr(2))
	if errno == 0 {
		errno = c.sigmask(c.Ptr(3))
	}
	if errno != 0 {
		return errno
	}
	return c.poll(ts)
}

// sizeofPollfd is sizeof(struct pollfd): int fd; short events, revents.
const sizeofPollfd = 8

func (c *Call) poll(ts *netbsd.Timespec) netbsd.Errno {
	n := int(c.Uint(1))
	if n > 1000+c.Proc.Files.Len() {
		return netbsd.EINVAL
	}
	b := make([]byte, sizeofPollfd*n)
	if errno := c.Copyin(c.Ptr(0), b); errno != 0 {
		return errno
	}
	timeout, errno := timeoutOf(ts)
	if errno != 0 {
		return errno
	}
	s := scan{files: make([]*OpenFile, n), events: make([]int16, n), got: make([]int16, n)}
	defer s.release()
	for i := range n {
		fd := int(int32(binary.LittleEndian.Uint32(b[sizeofPollfd*i:])))
		s.events[i] = int16(binary.LittleEndian.Uint16(b[sizeofPollfd*i+4:]))
		if fd < 0 {
			continue
		}
		f, errno := c.Proc.Files.Get(fd)
		if errno != 0 {
			s.got[i] = netbsd.POLLNVAL
			continue
		}
		s.files[i] = f
	}
	ready, errno := s.wait(c, timeout, func() int {
		ready := 0
		for i, f := range s.files {
			if f != nil {
				s.got[i] = f.Poll(c, f, s.events[i]|netbsd.POLLERR|netbsd.POLLHUP)
			}
			if s.got[i] != 0 {
				ready++
			}
		}
		return ready
	})
	if errno != 0 {
		return errno
	}
	for i, got := range s.got {
		binary.LittleEndian.PutUint16(b[sizeofPollfd*i+6:], uint16(got))
	}
	c.Ret(uint64(ready))
	return c.Copyout(c.Ptr(0), b)
}

func sysSelect(c *Call) netbsd.Errno {
	p := c.Ptr(4)
	if p == 0 {
		return c.selectFiles(nil)
	}
	tv, errno := CopyinStruct(c, p, netbsd.SizeofTimeval, netbsd.ParseTimeval)
	if errno != 0 {
		return errno
	}
	return c.selectFiles(&netbsd.Timespec{Sec: tv.Sec, Nsec: int64(tv.Usec) * 1000})
}

func sysPselect(c *Call) netbsd.Errno {
	ts, errno := c.timespec(c.Ptr(4))
	if errno == 0 {
		errno = c.sigmask(c.Ptr(5))
	}
	if errno != 0 {
		return errno
	}
	return c.selectFiles(ts)
}

// selectEvents are the events behind select's three sets.
var selectEvents = [3]int16{
	netbsd.POLLRDNORM | netbsd.POLLHUP | netbsd.POLLERR,
	netbsd.POLLWRNORM | netbsd.POLLHUP | netbsd.POLLERR,
	netbsd.POLLRDBAND,
}

func (c *Call) selectFiles(ts *netbsd.Timespec) netbsd.Errno {
	nd := c.Int(0)
	if nd < 0 {
		return netbsd.EINVAL
	}
	nd = min(nd, c.Proc.Files.Len())
	size := (nd + 31) / 32 * 4
	var in, out [3][]byte
	for i := range in {
		in[i], out[i] = make([]byte, size), make([]byte, size)
		if p := c.Ptr(1 + i); p != 0 {
			if errno := c.Copyin(p, in[i]); errno != 0 {
				return errno
			}
		}
	}
	timeout, errno := timeoutOf(ts)
	if errno != 0 {
		return errno
	}
	s := scan{files: make([]*OpenFile, nd)}
	defer s.release()
	for fd := range nd {
		if (in[0][fd/8]|in[1][fd/8]|in[2][fd/8])&(1<<(fd%8)) == 0 {
			continue
		}
		f, errno := c.Proc.Files.Get(fd)
		if errno != 0 {
			return errno
		}
		s.files[fd] = f
	}
	ready, errno := s.wait(c, timeout, func() int {
		ready := 0
		for i := range out {
			clear(out[i])
			for fd, f := range s.files {
				bit := byte(1) << (fd % 8)
				if f != nil && in[i][fd/8]&bit != 0 && f.Poll(c, f, selectEvents[i]) != 0 {
					out[i][fd/8] |= bit
					ready++
				}
			}
		}
		return ready
	})
	if errno != 0 {
		return errno
	}
	c.Ret(uint64(ready))
	for i := range out {
		if p := c.Ptr(1 + i); p != 0 {
			if errno := c.Copyout(p, out[i]); errno != 0 {
				return errno
			}
		}
	}
	return 0
}
