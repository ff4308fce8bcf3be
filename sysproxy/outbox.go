package sysproxy

import (
	"fmt"
	"sync"
)

// maxOutbox is how many bytes may wait to be written to a peer that does not read.
const maxOutbox = 64 << 20

// busyOutbox is how many bytes may wait before a writer that can wait does.
const busyOutbox = 256 << 10

// outbox collects the frames of many goroutines and writes them in as few system
// calls as it can: whoever finds no write going on writes for all the others.
type outbox struct {
	s    *stream
	fail func(op string, err error) // told once of a failed write

	mu       sync.Mutex
	written  sync.Cond // told of each write; its lock is mu
	buf      []byte    // frames to be written
	spare    []byte    // the buffer written last, to be used again
	flushing bool
	broken   bool
}

// frame appends a frame to the box and sees to it that it is written. The parts
// after the header are its payload; h.Len is set from them.
func (o *outbox) frame(h Header, parts ...[]byte) {
	h.Len = HeaderSize
	for _, p := range parts {
		h.Len += uint64(len(p))
	}
	o.mu.Lock()
	if o.broken {
		o.mu.Unlock()
		return
	}
	if len(o.buf) > 0 && uint64(len(o.buf))+h.Len > maxOutbox {
		o.broken = true
		o.mu.Unlock()
		o.fail("write", fmt.Errorf("the peer does not read: %d MiB wait for it", maxOutbox>>20))
		return
	}
	o.buf = h.Append(o.buf)
	for _, p := range parts {
		o.buf = append(o.buf, p...)
	}
	o.start()
}

// bytes appends what is no frame: the banner.
func (o *outbox) bytes(b []byte) {
	o.mu.Lock()
	o.buf = append(o.buf, b...)
	o.start()
}

// start writes unless somebody does. It is entered with the lock held and leaves
// without it.
func (o *outbox) start() {
	if o.flushing {
		o.mu.Unlock()
		return
	}
	o.flushing = true
	o.flush(false)
}

// flush writes until the box is empty. It is entered with the lock held and
// leaves without it. If the peer is slow to read, it leaves the rest to a
// goroutine, so that no caller waits here unless it is told to.
func (o *outbox) flush(wait bool) {
	for len(o.buf) > 0 && !o.broken {
		b := o.buf
		o.buf, o.spare = o.spare[:0], nil
		o.mu.Unlock()

		n, err := o.s.tryWrite(b)
		if err == nil && n < len(b) {
			if !wait {
				// The box stays marked as being flushed, so the order is kept.
				go o.finish(b, n)
				return
			}
			err = o.s.write(b[n:])
		}

		o.mu.Lock()
		o.done(b, err)
	}
	o.flushing = false
	o.wakeAll()
	o.mu.Unlock()
}

func (o *outbox) wakeAll() {
	if o.written.L != nil { // somebody has waited once
		o.written.Broadcast()
	}
}

// throttle waits while much is to be written. It reports whether more can be.
func (o *outbox) throttle() bool { return o.waitBelow(busyOutbox) }

// drain waits until everything is written, or cannot be.
func (o *outbox) drain() { o.waitBelow(0) }

func (o *outbox) waitBelow(limit int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.broken && (len(o.buf) > limit || limit == 0 && o.flushing) {
		if o.written.L == nil {
			o.written.L = &o.mu
		}
		o.written.Wait()
	}
	return !o.broken
}

// stop makes the box drop everything from now on.
func (o *outbox) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = true
	o.buf = nil
	o.wakeAll()
}

// finish writes b from n on, and then what has come in the meantime.
func (o *outbox) finish(b []byte, n int) {
	err := o.s.write(b[n:])
	o.mu.Lock()
	o.done(b, err)
	o.flush(true)
}

// done takes back a buffer that has been written. The lock is held, but not
// while failure is told.
func (o *outbox) done(b []byte, err error) {
	o.wakeAll()
	if err != nil {
		o.broken = true
		o.mu.Unlock()
		o.fail("write", err)
		o.mu.Lock()
		return
	}
	if cap(b) <= 1<<20 { // a rare giant is not kept
		o.spare = b[:0]
	}
}
