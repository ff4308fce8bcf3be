package fakeserver

import (
	"container/heap"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
)

// A Clock tells a kernel the time and wakes it up.
type Clock = kern.Clock

// A Timer is what a Clock's AfterFunc returns.
type Timer = kern.Timer

// A ManualClock stands still until it is moved by Advance. It may be shared by
// many kernels.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers timerHeap
	seq    uint64
	added  sync.Cond
}

// NewManualClock returns a clock that shows start.
func NewManualClock(start time.Time) *ManualClock {
	c := &ManualClock{now: start}
	c.added.L = &c.mu
	return c
}

// Now returns what the clock shows.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc makes f be called by the Advance that moves the clock by d or more.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) Timer {
	t := &manualTimer{c: c, f: f, index: -1}
	t.Reset(d)
	return t
}

// Advance moves the clock by d, stopping at each timer on the way to call what
// is due, in order, and returns when that is done. What the calls set going in
// other goroutines may not be done yet.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	for len(c.timers) > 0 && !c.timers[0].when.After(end) {
		t := heap.Pop(&c.timers).(*manualTimer)
		if t.when.After(c.now) {
			c.now = t.when
		}
		c.mu.Unlock()
		t.f()
		c.mu.Lock()
	}
	if end.After(c.now) {
		c.now = end
	}
	c.mu.Unlock()
}

// Next returns how long it is until the next timer is due; ok is false if there
// is none.
func (c *ManualClock) Next() (d time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return 0, false
	}
	return c.timers[0].when.Sub(c.now), true
}

// BlockUntil waits until at least n timers are waiting for the clock: until n
// calls sleep, for one.
func (c *ManualClock) BlockUntil(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.timers) < n {
		c.added.Wait()
	}
}

type manualTimer struct {
	c     *ManualClock
	f     func()
	when  time.Time
	seq   uint64
	index int // in the heap, or -1
}

func (t *manualTimer) Stop() bool {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.c.timers, t.index)
	return true
}

func (t *manualTimer) Reset(d time.Duration) {
	c := t.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.index >= 0 {
		heap.Remove(&c.timers, t.index)
	}
	c.seq++
	t.when, t.seq = c.now.Add(max(d, 0)), c.seq
	heap.Push(&c.timers, t)
	c.added.Broadcast()
}

// timerHeap has the timer that is due first at the front, and of two that are
// due at once the one that was set first.
type timerHeap []*manualTimer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].when.Equal(h[j].when) {
		return h[i].seq < h[j].seq
	}
	return h[i].when.Before(h[j].when)
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*manualTimer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
