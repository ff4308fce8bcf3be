package kern

import "time"

// A Clock tells a kernel the time and wakes it up.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once d has passed, in a goroutine of its own or in
	// that of whoever moves the clock.
	AfterFunc(d time.Duration, f func()) Timer
}

// A Timer is a call of Clock.AfterFunc that is to come.
type Timer interface {
	Stop() bool // reports whether the call will not come
	Reset(d time.Duration)
}

// WallClock is the host's clock.
type WallClock struct{}

// Now returns the host's time.
func (WallClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc.
func (WallClock) AfterFunc(d time.Duration, f func()) Timer { return wallTimer{time.AfterFunc(d, f)} }

type wallTimer struct{ *time.Timer }

func (t wallTimer) Reset(d time.Duration) { t.Timer.Reset(d) }

// Clock returns what the kernel's timers run on; unlike Now it never jumps.
func (k *Kernel) Clock() Clock { return k.clock }

// Now returns the kernel's time of day.
func (k *Kernel) Now() time.Time { return k.clock.Now().Add(time.Duration(k.offset.Load())) }

// Uptime returns how long the kernel has been running.
func (k *Kernel) Uptime() time.Duration { return k.clock.Now().Sub(k.boot) }

// BootTime returns the time of day at which the kernel started.
func (k *Kernel) BootTime() time.Time { return k.boot.Add(time.Duration(k.offset.Load())) }

// SetTime sets the time of day.
func (k *Kernel) SetTime(t time.Time) { k.offset.Store(int64(t.Sub(k.clock.Now()))) }
