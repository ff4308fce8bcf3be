package shmif

import "time"

// A Clock tells the time and waits; tests replace it.
type Clock interface {
	Now() time.Time
	// After returns a channel that delivers once, when d has passed, and a function that releases it before.
	After(d time.Duration) (c <-chan time.Time, stop func())
}

// SystemClock is the time package's clock.
var SystemClock Clock = systemClock{}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
