package shmif

import (
	"context"
	"slices"
	"sort"
	"sync"
)

// A Recording is a Recorder which keeps frames in memory, so that what happened on a bus can be looked at for longer than
// the ring holds it, and by any number of cursors. The zero value is ready.
type Recording struct {
	// Limit is how many bytes of frames are kept, the last ones; 0 keeps all. It is set before the first frame.
	Limit int

	mu      sync.Mutex
	frames  []Frame
	bytes   int
	dropped Position      // the end of the last frame that was dropped
	changed chan struct{} // closed and forgotten when something happens; nil if nobody waits
	closed  bool
}

// Record appends f.
func (r *Recording) Record(f Frame) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frames = append(r.frames, f)
	r.bytes += len(f.Data)
	for r.Limit > 0 && r.bytes > r.Limit && len(r.frames) > 1 {
		r.bytes -= len(r.frames[0].Data)
		r.dropped = r.frames[0].End()
		r.frames[0] = Frame{}
		r.frames = r.frames[1:]
	}
	r.wake()
	return nil
}

// Close says that nothing more will come; cursors at the end return ErrClosed.
func (r *Recording) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.wake()
	return nil
}

func (r *Recording) wake() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// Frames returns the frames that are kept.
func (r *Recording) Frames() []Frame { return r.Since(0) }

// Since returns the frames that are kept, from pos on.
func (r *Recording) Since(pos Position) []Frame {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.frames[r.search(pos):])
}

func (r *Recording) search(pos Position) int {
	return sort.Search(len(r.frames), func(i int) bool { return r.frames[i].Position >= pos })
}

// NewCursor returns a cursor which reads the recording from pos on, and what is still to come.
func (r *Recording) NewCursor(pos Position) *Cursor { return &Cursor{r: r, pos: pos} }

// A Cursor reads a recording as a Reader reads a bus. One goroutine at a time may use it; there is nothing to close.
type Cursor struct {
	r   *Recording
	pos Position
}

// Position returns where the next frame begins at the earliest.
func (c *Cursor) Position() Position { return c.pos }

// Next returns the next frame, waiting for one until ctx ends or the recording is closed. Its Lost also counts what the
// recording has dropped.
func (c *Cursor) Next(ctx context.Context) (Frame, error) {
	for {
		if ctx.Err() != nil {
			return Frame{}, context.Cause(ctx)
		}
		f, changed, err := c.try()
		if changed == nil {
			return f, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// TryNext returns the next frame if there is one.
func (c *Cursor) TryNext() (Frame, bool, error) {
	f, changed, err := c.try()
	return f, changed == nil && err == nil, err
}

// try returns a frame or an error, or what to wait for.
func (c *Cursor) try() (Frame, <-chan struct{}, error) {
	r := c.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.search(c.pos); i < len(r.frames) {
		f := r.frames[i]
		if c.pos < r.dropped {
			f.Lost += uint64(r.dropped - c.pos)
		}
		c.pos = f.End()
		return f, nil, nil
	}
	if r.closed {
		return Frame{}, nil, ErrClosed
	}
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return Frame{}, r.changed, nil
}
