package kern

import (
	"encoding/binary"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Timers of timer_create(2) take the places in a process's table of timers that
// setitimer's leave free (TIMER_MIN and TIMER_MAX).
const (
	minTimer = 4
	maxTimer = 36
)

// ptimer is a timer of timer_create(2).
type ptimer struct {
	clock uint32
	signo netbsd.Signal // 0 for none
	itimer
	overruns int32
}

// timer returns the timer of the first argument.
func (c *Call) ptimer() (*ptimer, netbsd.Errno) {
	id := c.Int(0)
	t := &c.Proc.timers
	if id < 2 || id >= maxTimer || t.created[id] == nil {
		return nil, netbsd.EINVAL
	}
	return t.created[id], 0
}

func sysTimerCreate(c *Call) netbsd.Errno {
	// clockid_t clock_id, struct sigevent *evp, timer_t *timerid
	clock := c.Uint(0)
	if clock > netbsd.CLOCK_MONOTONIC {
		return netbsd.EINVAL
	}
	signal := netbsd.SIGALRM
	if p := c.Ptr(1); p != 0 {
		const sigeventSize, sigNone, sigSignal, sigSA, nsig = 32, 0, 1, 3, 64
		b := make([]byte, sigeventSize)
		if errno := c.Copyin(p, b); errno != 0 {
			return errno
		}
		notify, signo := int32(binary.LittleEndian.Uint32(b)), int32(binary.LittleEndian.Uint32(b[4:]))
		if notify < sigNone || notify > sigSA || notify == sigSignal && (signo <= 0 || signo >= nsig) {
			return netbsd.EINVAL
		}
		if signal = 0; notify == sigSignal {
			signal = netbsd.Signal(signo)
		}
	}
	if clock != netbsd.CLOCK_REALTIME && clock != netbsd.CLOCK_MONOTONIC {
		signal = 0
	}
	t := &c.Proc.timers
	t.mu.Lock()
	t.used = true
	id := minTimer
	for id < maxTimer && t.created[id] != nil {
		id++
	}
	if id == maxTimer {
		t.mu.Unlock()
		return netbsd.EAGAIN
	}
	t.created[id] = &ptimer{clock: clock, signo: signal}
	t.mu.Unlock()
	return c.CopyoutInt(c.Ptr(2), int32(id))
}

func sysTimerDelete(c *Call) netbsd.Errno {
	t := &c.Proc.timers
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, errno := c.ptimer(); errno != 0 {
		return errno
	}
	t.created[c.Int(0)].cancel()
	t.created[c.Int(0)] = nil
	return 0
}

func sysTimerGetoverrun(c *Call) netbsd.Errno {
	t := &c.Proc.timers
	t.mu.Lock()
	defer t.mu.Unlock()
	pt, errno := c.ptimer()
	if errno != 0 {
		return errno
	}
	c.Ret(uint64(pt.overruns))
	return 0
}

// value is what is left of the timer.
func (pt *ptimer) value(now time.Time) netbsd.Itimerspec {
	v := netbsd.Itimerspec{Interval: netbsd.TimespecOfDuration(pt.interval)}
	if d := pt.left(now); d > 0 {
		v.Value = netbsd.TimespecOfDuration(d)
	}
	return v
}

func sysTimerGettime(c *Call) netbsd.Errno {
	t := &c.Proc.timers
	t.mu.Lock()
	pt, errno := c.ptimer()
	if errno != 0 {
		t.mu.Unlock()
		return errno
	}
	v := pt.value(c.Kernel().Clock().Now())
	t.mu.Unlock()
	return c.CopyoutStruct(c.Ptr(1), v)
}

// check checks the number and the times of a timer to be set, which come before
// whether there is that timer.
func (t *procTimers) check(id int, v netbsd.Itimerspec) netbsd.Errno {
	if !t.used || id < 2 || id >= maxTimer {
		return netbsd.EINVAL
	}
	if errno := checkSpan(v.Value); errno != 0 {
		return errno
	}
	return checkSpan(v.Interval)
}

func sysTimerSettime(c *Call) netbsd.Errno {
	// timer_t timerid, int flags, const struct itimerspec *value, struct itimerspec *ovalue
	v, errno := CopyinStruct(c, c.Ptr(2), netbsd.SizeofItimerspec, netbsd.ParseItimerspec)
	if errno != 0 {
		return errno
	}
	t := &c.Proc.timers
	t.mu.Lock()
	errno = t.check(c.Int(0), v)
	pt, missing := c.ptimer()
	if errno == 0 {
		errno = missing
	}
	if errno != 0 {
		t.mu.Unlock()
		return errno
	}
	k := c.Kernel()
	now := k.Clock().Now()
	old := pt.value(now)
	d := spanOf(v.Value)
	if d > 0 && c.Uint(1)&netbsd.TIMER_ABSTIME != 0 {
		if at, errno := c.readClock(pt.clock); errno == 0 {
			d = max(d-at.Duration(), 1)
		}
	}
	t.set(c, &pt.itimer, d, spanOf(v.Interval), pt.signo)
	t.mu.Unlock()
	if p := c.Ptr(3); p != 0 {
		return c.CopyoutStruct(p, old)
	}
	return 0
}
