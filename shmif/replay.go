package shmif

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// ReplayOptions say how a recording is played.
type ReplayOptions struct {
	// Interval is the time between frames. If it is 0 they keep the distances of their Time, divided by Speed.
	Interval time.Duration
	// Speed is how much faster than recorded: 2 takes half the time, 0 is as recorded. A negative Speed does not wait.
	Speed float64
	// Sender sends all frames under one number. If it is 0 each keeps its own; then a kernel that has sent one of them
	// itself ignores it.
	Sender uint64
	Clock  Clock // SystemClock if nil
}

// Replay puts recorded frames on b and returns how many it has sent. Frames too short or too long for a bus end it.
func Replay(ctx context.Context, b *Bus, frames iter.Seq2[Frame, error], o ReplayOptions) (int, error) {
	clock := o.Clock
	if clock == nil {
		clock = SystemClock
	}
	speed := o.Speed
	if speed == 0 {
		speed = 1
	}
	n := 0
	start, first := clock.Now(), time.Time{}
	for f, err := range frames {
		if err != nil {
			return n, err
		}
		if n == 0 {
			first = f.Time
		}
		var at time.Duration
		switch {
		case speed < 0:
		case o.Interval > 0:
			at = time.Duration(n) * o.Interval
		default:
			at = time.Duration(float64(f.Time.Sub(first)) / speed)
		}
		if wait := at - clock.Now().Sub(start); wait > 0 {
			c, release := clock.After(wait)
			select {
			case <-c:
			case <-ctx.Done():
			}
			release()
		}
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		if o.Sender != 0 {
			f.Sender = o.Sender
		}
		if err := b.Write(f); err != nil {
			if fe := (*FrameError)(nil); errors.As(err, &fe) {
				err = fmt.Errorf("frame %d of the recording: %w", n+1, err)
			}
			return n, err
		}
		n++
	}
	return n, nil
}
