package kern

import (
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// tick is the length of the clock's tick (hz is 100).
const tick = 10 * time.Millisecond

func sysGettimeofday(c *Call) netbsd.Errno {
	if p := c.Ptr(0); p != 0 {
		if errno := c.CopyoutStruct(p, netbsd.TimevalOf(c.Kernel().Now())); errno != 0 {
			return errno
		}
	}
	if p := c.Ptr(1); p != 0 {
		return c.CopyoutStruct(p, netbsd.Timezone{})
	}
	return 0
}

func sysSettimeofday(c *Call) netbsd.Errno {
	if c.Ptr(0) == 0 {
		return 0
	}
	tv, errno := CopyinStruct(c, c.Ptr(0), netbsd.SizeofTimeval, netbsd.ParseTimeval)
	if errno != 0 {
		return errno
	}
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	if tv.Usec < 0 || tv.Usec >= 1e6 {
		return netbsd.EINVAL
	}
	c.Kernel().SetTime(tv.Time())
	return 0
}

// cpuClocks are the bits of the clocks of a process or thread.
const cpuClocks = uint32(netbsd.CLOCK_THREAD_CPUTIME_ID | netbsd.CLOCK_PROCESS_CPUTIME_ID)

// readClock returns what a clock of clock_gettime(2) shows.
func (c *Call) readClock(id uint32) (netbsd.Timespec, netbsd.Errno) {
	switch id {
	case netbsd.CLOCK_REALTIME:
		return netbsd.TimespecOf(c.Kernel().Now()), 0
	case netbsd.CLOCK_MONOTONIC:
		return netbsd.TimespecOfDuration(c.Kernel().Uptime()), 0
	}
	if id&cpuClocks != 0 {
		// The time that a process or thread has used, of which it has none here.
		if other := int(id &^ cpuClocks); other != 0 && c.Kernel().Proc(other) == nil {
			return netbsd.Timespec{}, netbsd.ESRCH
		}
		return netbsd.Timespec{}, 0
	}
	return netbsd.Timespec{}, netbsd.EINVAL
}

func sysClockGettime(c *Call) netbsd.Errno {
	t, errno := c.readClock(c.Uint(0))
	if errno != 0 {
		return errno
	}
	return c.CopyoutStruct(c.Ptr(1), t)
}

func sysClockSettime(c *Call) netbsd.Errno {
	t, errno := CopyinStruct(c, c.Ptr(1), netbsd.SizeofTimespec, netbsd.ParseTimespec)
	if errno != 0 {
		return errno
	}
	switch {
	case c.Uint(0) != netbsd.CLOCK_REALTIME, t.Nsec < 0, t.Nsec >= 1e9, t.Sec < 0:
		return netbsd.EINVAL
	case !c.Cred().Root():
		return netbsd.EPERM
	}
	c.Kernel().SetTime(t.Time())
	return 0
}

func sysClockGetres(c *Call) netbsd.Errno {
	switch c.Uint(0) {
	case netbsd.CLOCK_REALTIME, netbsd.CLOCK_MONOTONIC:
	default:
		return netbsd.EINVAL
	}
	if c.Ptr(1) == 0 {
		return 0
	}
	return c.CopyoutStruct(c.Ptr(1), netbsd.TimespecOfDuration(tick))
}

func sysNanosleep(c *Call) netbsd.Errno {
	return c.nanosleep(netbsd.CLOCK_MONOTONIC, netbsd.TIMER_RELTIME, c.Ptr(0), c.Ptr(1))
}

func sysClockNanosleep(c *Call) netbsd.Errno {
	c.Ret(uint64(c.nanosleep(c.Uint(0), c.Int(1), c.Ptr(2), c.Ptr(3))))
	return 0 // the error is the return value
}

func (c *Call) nanosleep(clock uint32, flags int, req, rem uint64) netbsd.Errno {
	t, errno := CopyinStruct(c, req, netbsd.SizeofTimespec, netbsd.ParseTimespec)
	if errno != 0 {
		return errno
	}
	now, errno := c.readClock(clock)
	if errno != 0 {
		return errno
	}
	abstime := flags&netbsd.TIMER_ABSTIME != 0
	d := time.Duration(0)
	switch checkSpan(t) {
	case netbsd.EINVAL:
		return netbsd.EINVAL
	case 0:
		d = spanOf(t)
	}
	if abstime {
		d -= now.Duration()
	}
	if d <= 0 {
		if rem == 0 {
			return 0
		}
		return c.CopyoutStruct(rem, netbsd.Timespec{})
	}
	if clock&cpuClocks != 0 {
		d = Forever // such a clock stands still
	}
	start := c.Kernel().Clock().Now()
	errno = c.Sleep(nil, d, func() netbsd.Errno { return netbsd.EWOULDBLOCK })
	if errno == netbsd.EWOULDBLOCK {
		errno = 0
	}
	if rem != 0 {
		left := max(d-c.Kernel().Clock().Now().Sub(start), 0)
		if e := c.CopyoutStruct(rem, netbsd.TimespecOfDuration(left)); e != 0 {
			return e
		}
	}
	return errno
}

// checkSpan checks a length of time (itimespecfix): what is negative is over
// already.
func checkSpan(t netbsd.Timespec) netbsd.Errno {
	switch {
	case t.Nsec < 0 || t.Nsec >= 1e9:
		return netbsd.EINVAL
	case t.Sec < 0:
		return netbsd.ETIMEDOUT
	}
	return 0
}

// longest is what an absurdly long sleep is cut to.
const longest = 100 * 365 * 24 * time.Hour

// spanOf is a length of time that is not negative, cut so that it fits a Duration.
func spanOf(t netbsd.Timespec) time.Duration {
	if t.Sec > int64(longest/time.Second) {
		return longest
	}
	return t.Duration()
}

func sysAdjtime(c *Call) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	if p := c.Ptr(0); p != 0 {
		tv, errno := CopyinStruct(c, p, netbsd.SizeofTimeval, netbsd.ParseTimeval)
		if errno != 0 {
			return errno
		}
		k := c.Kernel()
		k.SetTime(k.Now().Add(tv.Duration()))
	}
	if p := c.Ptr(1); p != 0 {
		return c.CopyoutStruct(p, netbsd.Timeval{})
	}
	return 0
}
