package shmif

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"
)

// A Reader reads a bus's frames in turn, those of all senders and its own process's too. It keeps its place by itself
// and takes nothing from the bus, so that any number can read. One goroutine at a time may call Next; Close may be
// called from any.
type Reader struct {
	bus   *Bus
	chunk chunk
	lost  uint64 // not yet told with a frame

	mu     sync.Mutex // protects watch against Close
	watch  *watch
	closed chan struct{}
}

// NewReader returns a reader which begins at pos, a position taken from End, Oldest, Send or a frame. If what was there
// has been overwritten, the reader begins with the oldest frame there is, and says so in its Lost.
func (b *Bus) NewReader(pos Position) *Reader {
	r := &Reader{bus: b, chunk: chunk{pos: pos}, closed: make(chan struct{})}
	b.readersMu.Lock()
	b.readers[r] = struct{}{}
	b.readersMu.Unlock()
	return r
}

// Position returns where the next frame begins.
func (r *Reader) Position() Position { return r.chunk.pos }

// Close ends a Next that is waiting and all later ones with ErrClosed.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.closed:
		return nil
	default:
	}
	close(r.closed)
	r.bus.readersMu.Lock()
	delete(r.bus.readers, r)
	r.bus.readersMu.Unlock()
	if r.watch != nil {
		r.watch.stop()
	}
	return nil
}

// TryNext returns the next frame if there is one.
func (r *Reader) TryNext() (Frame, bool, error) { return r.tryNext(context.Background()) }

func (r *Reader) tryNext(ctx context.Context) (Frame, bool, error) {
	select {
	case <-r.closed:
		return Frame{}, false, ErrClosed
	case <-r.bus.closed:
		return Frame{}, false, ErrClosed
	default:
	}
	for {
		f, ok, err := r.chunk.next(r.bus.path)
		if ok {
			f.Lost += r.lost
			r.lost = 0
		}
		if ok || err != nil {
			return f, ok, err
		}
		r.lost += r.chunk.lost
		r.chunk.lost = 0
		var c chunk
		err = r.bus.locked(ctx, func() (err error) {
			c, err = r.bus.mem.grab(r.bus.path, r.chunk.pos)
			return err
		})
		if err != nil {
			return Frame{}, false, err
		}
		c.stamp = r.bus.clock.Now()
		r.chunk = c
		if len(c.buf) == 0 {
			return Frame{}, false, nil
		}
	}
}

// Next returns the next frame, waiting for one until ctx ends. A *FormatError or *LockError concerns the bus and stays.
func (r *Reader) Next(ctx context.Context) (Frame, error) {
	for idle := 0; ; idle++ {
		if err := ctx.Err(); err != nil {
			return Frame{}, context.Cause(ctx)
		}
		f, ok, err := r.tryNext(ctx)
		if ok || err != nil {
			return f, err
		}
		w, fresh, err := r.watching()
		if err != nil {
			return Frame{}, err
		}
		if fresh {
			continue // something may have come before the watch was there
		}
		t := time.NewTimer(w.patience(idle))
		select {
		case <-w.c:
			idle = 0
		case <-t.C:
		case <-ctx.Done():
		case <-r.closed:
		case <-r.bus.closed:
		}
		t.Stop()
	}
}

// watching returns the reader's watch, which it sets up when it has to wait for the first time.
func (r *Reader) watching() (w *watch, fresh bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.closed:
		return nil, false, ErrClosed
	default:
	}
	if r.watch == nil {
		r.watch = newWatch(r.bus.file)
		fresh = true
	}
	return r.watch, fresh, nil
}

// Frames returns the frames as they come, until ctx ends or the reader or its bus is closed, which is no error.
func (r *Reader) Frames(ctx context.Context) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		for {
			f, err := r.Next(ctx)
			if err != nil {
				if ctx.Err() == nil && !errors.Is(err, ErrClosed) {
					yield(Frame{}, err)
				}
				return
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// Snapshot returns the frames that are in the ring now.
func (b *Bus) Snapshot() ([]Frame, error) {
	var c chunk
	err := b.locked(context.Background(), func() (err error) {
		c, err = b.mem.grabAll(b.path)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.stamp = b.clock.Now()
	return c.rest(b.path)
}
