package kern

import (
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// procTimers are a process's timers.
type procTimers struct {
	mu      sync.Mutex
	used    bool // there has been one
	timer   [netbsd.ITIMER_MONOTONIC + 1]itimer
	created [maxTimer]*ptimer
}

type itimer struct {
	end      time.Time // zero if it does not run
	interval time.Duration
	alarm    Timer // sends the process a signal at the end; nil if nothing does
}

// set makes a timer run, and send the caller a signal whenever it ends unless that
// is 0. The timers' lock is held.
func (t *procTimers) set(c *Call, it *itimer, d, interval time.Duration, signo netbsd.Signal) {
	t.used = t.used || d > 0
	it.cancel()
	it.interval, it.end = interval, time.Time{}
	if d <= 0 {
		return
	}
	d = max(d, tick)
	clock, raise := c.Kernel().Clock(), c.trap.Raise
	it.end = clock.Now().Add(d)
	if signo == 0 {
		return
	}
	var alarm Timer
	alarm = clock.AfterFunc(d, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if it.alarm != alarm {
			return // it has been set anew
		}
		raise(int(signo))
		if it.interval > 0 {
			alarm.Reset(it.left(clock.Now()))
		}
	})
	it.alarm = alarm
}

// cancel makes a timer send no signal any more.
func (it *itimer) cancel() {
	if it.alarm != nil {
		it.alarm.Stop()
		it.alarm = nil
	}
}

func (t *procTimers) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.timer {
		t.timer[i].cancel()
	}
	for _, pt := range t.created {
		if pt != nil {
			pt.cancel()
		}
	}
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
		var signo netbsd.Signal
		if which == netbsd.ITIMER_REAL || which == netbsd.ITIMER_MONOTONIC {
			signo = netbsd.SIGALRM // the others count the time of a processor, of which none is used
		}
		t := &c.Proc.timers
		t.mu.Lock()
		t.set(c, &t.timer[which], v.Value.Duration(), v.Interval.Duration(), signo)
		t.mu.Unlock()
	}
	if p := c.Ptr(2); p != 0 {
		return c.CopyoutStruct(p, old)
	}
	return 0
}
