package kern

import (
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// procTimers are a process's interval timers. A rump kernel counts them down
// but does not deliver the signal.
type procTimers struct {
	mu      sync.Mutex
	used    bool // there has been one
	timer   [netbsd.ITIMER_MONOTONIC + 1]itimer
	created [maxTimer]*ptimer
}

type itimer struct {
	end      time.Time // zero if it does not run
	interval time.Duration
}

func (t *procTimers) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.timer[:])
}

// read returns what is left of a timer at a time.
func (t *procTimers) read(which int, now time.Time) netbsd.Itimerval {
	t.mu.Lock()
	defer t.mu.Unlock()
	it := &t.timer[which]
	v := netbsd.Itimerval{Interval: netbsd.TimevalOfDuration(it.interval)}
	if left := it.left(now); left > 0 {
		v.Value = netbsd.TimevalOfDuration(left)
	}
	return v
}

// left is how long it is until the timer ends next; it is not positive for one
// that does not run.
func (it *itimer) left(now time.Time) time.Duration {
	if it.end.IsZero() {
		return 0
	}
	left := it.end.Sub(now)
	if left <= 0 && it.interval > 0 {
		left = it.interval - -left%it.interval
	}
	return left
}

func sysGetitimer(c *Call) netbsd.Errno {
	which := c.Int(0)
	if which < 0 || which > netbsd.ITIMER_MONOTONIC {
		return netbsd.EINVAL
	}
	return c.CopyoutStruct(c.Ptr(1), c.Proc.timers.read(which, c.Kernel().Clock().Now()))
}

func sysSetitimer(c *Call) netbsd.Errno {
	which := c.Int(0)
	if which < 0 || which > netbsd.ITIMER_MONOTONIC {
		return netbsd.EINVAL
	}
	now := c.Kernel().Clock().Now()
	old := c.Proc.timers.read(which, now)
	if p := c.Ptr(1); p != 0 {
		v, errno := CopyinStruct(c, p, netbsd.SizeofItimerval, netbsd.ParseItimerval)
		if errno != 0 {
			return errno
		}
		for _, tv := range [...]netbsd.Timeval{v.Interval, v.Value} {
			if tv.Sec < 0 || tv.Usec < 0 || tv.Usec >= 1e6 {
				return netbsd.EINVAL
			}
		}
		it := itimer{interval: v.Interval.Duration()}
		if d := v.Value.Duration(); d > 0 {
			it.end = now.Add(d)
		}
		t := &c.Proc.timers
		t.mu.Lock()
		t.used = t.used || !it.end.IsZero()
		t.timer[which] = it
		t.mu.Unlock()
	}
	if p := c.Ptr(2); p != 0 {
		return c.CopyoutStruct(p, old)
	}
	return 0
}
