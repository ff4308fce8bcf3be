package shmif

import (
	"context"
	"errors"
	"sync"
)

// A Recorder takes the frames of a capture, in order, one at a time. package packet has one that writes pcapng.
type Recorder interface {
	Record(Frame) error
}

// A Tee is a Recorder which gives each frame to several, and stops at the first error.
type Tee []Recorder

// Record gives f to all.
func (t Tee) Record(f Frame) error {
	for _, r := range t {
		if err := r.Record(f); err != nil {
			return err
		}
	}
	return nil
}

// A Capture records a bus while it is in use.
type Capture struct {
	reader *Reader
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	until Position
	stop  bool
	stats CaptureStats
	err   error
}

// CaptureStats say what a capture has recorded, and what not.
type CaptureStats struct {
	Frames, Bytes uint64 // recorded
	Overruns      uint64 // how often the bus was faster than the capture
	Lost          uint64 // bytes of the bus, headers included, which were overwritten before they could be recorded
}

// StartCapture records what is on b from pos on, until Stop or until the bus is closed. The recorder keeps frames'
// data as long as it likes.
func StartCapture(b *Bus, pos Position, rec Recorder) *Capture {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Capture{reader: b.NewReader(pos), cancel: cancel, done: make(chan struct{})}
	go c.run(ctx, rec)
	return c
}

func (c *Capture) run(ctx context.Context, rec Recorder) {
	defer close(c.done)
	defer c.reader.Close()
	for {
		f, err := c.reader.Next(ctx)
		if err != nil && ctx.Err() != nil {
			// Stopped: whatever came before Stop is recorded still.
			var ok bool
			if c.reader.Position() >= c.end() {
				return
			}
			if f, ok, err = c.reader.TryNext(); err == nil && !ok {
				return
			}
		}
		if err == nil {
			c.mu.Lock()
			c.stats.Frames++
			c.stats.Bytes += uint64(len(f.Data))
			c.stats.Lost += f.Lost
			if f.Lost > 0 {
				c.stats.Overruns++
			}
			c.mu.Unlock()
			err = rec.Record(f)
		}
		if err != nil {
			if !errors.Is(err, ErrClosed) {
				c.mu.Lock()
				c.err = err
				c.mu.Unlock()
			}
			return
		}
	}
}

func (c *Capture) end() Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until
}

// Stats returns what has been recorded so far.
func (c *Capture) Stats() CaptureStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// Stop records what is on the bus at this moment, ends the capture, and returns the error that ended it earlier, if any.
func (c *Capture) Stop() (CaptureStats, error) {
	c.mu.Lock()
	if !c.stop {
		c.stop = true
		if end, err := c.reader.bus.End(); err == nil {
			c.until = end
		}
		c.cancel()
	}
	c.mu.Unlock()
	<-c.done
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats, c.err
}
