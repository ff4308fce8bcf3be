package sysproxy

import (
	"fmt"
	"sync"
)

// busyOutbox is how many bytes may wait before a writer that can wait does.
const busyOutbox = 256 << 10

// outbox collects the frames of many goroutines and writes them in as few system
// calls as it can: whoever finds no write going on writes for all the others.
type outbox struct {
	s     stream
	limit int                        // how many bytes may wait for a peer that does not read
	fail  func(op string, err error) // told once of a failed write, without a lock held

	mu       sync.Mutex
	written  sync.Cond // told of each write; its lock is mu
	buf      []byte    // frames to be written
	spare    []byte    // the buffer written last, to be used again
	flushing bool
	corked   bool  // somebody is about to flush
	full     bool  // a frame was dropped because of the limit
	failed   error // of a write whose writer could not tell
	broken   bool
}

func (o *outbox) init(s stream, limit int, fail func(string, error)) {
	o.s, o.limit, o.fail = s, limit, fail
	o.written.L = &o.mu
}

// use puts another stream in the place of the first one, once everything is written.
func (o *outbox) use(s stream) {
	o.drain()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.s = s
}

// frame appends a frame to the box and sees to it that it is written. The parts
// after the header are its payload; h.Len is set from them.
func (o *outbox) frame(h Header, parts ...[]byte) {
	o.add(h, parts...)
	o.flush()
}

// add appends a frame, to be written with the next flush. It calls nothing that
// could wait or fail, so that it may be called with a lock held.
func (o *outbox) add(h Header, parts ...[]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.append(h, parts)
}

// addSoon is add for a writer that can wait until less waits to be written. It
// reports whether the box has become so full that it should be flushed, and
// whether it still takes anything.
func (o *outbox) addSoon(h Header, parts ...[]byte) (many, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.broken && o.flushing && len(o.buf) > busyOutbox {
		o.written.Wait()
	}
	o.append(h, parts)
	return len(o.buf) > busyOutbox/2, !o.broken
}

// addLong is add for a frame whose payload is so long that it should not be
// copied: what the peer has room for is written at once. It does not wait either.
func (o *outbox) addLong(h Header, payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.flushing || len(o.buf) > 0 || o.broken {
		o.append(h, [][]byte{payload}) // in its turn
		return
	}
	h.Len = HeaderSize + uint64(len(payload))
	o.buf = h.Append(o.buf)
	n, err := o.s.tryWrite(o.buf, payload)
	o.failed = err
	head := copy(o.buf, o.buf[min(n, HeaderSize):])
	o.buf = append(o.buf[:head], payload[max(n-HeaderSize, 0):]...)
}

func (o *outbox) append(h Header, parts [][]byte) {
	if o.broken || o.full {
		return
	}
	h.Len = HeaderSize
	for _, p := range parts {
		h.Len += uint64(len(p))
	}
	// One frame always has room: its size has been checked where it comes from.
	if len(o.buf) > 0 && uint64(len(o.buf))+h.Len > uint64(o.limit) {
		o.full = true
		return
	}
	o.buf = h.Append(o.buf)
	for _, p := range parts {
		o.buf = append(o.buf, p...)
	}
}

// bytes appends what is no frame: the banner.
func (o *outbox) bytes(b []byte) {
	o.mu.Lock()
	o.buf = append(o.buf, b...)
	o.mu.Unlock()
	o.flush()
}

// cork makes flush leave everything to uncork, which must follow soon.
func (o *outbox) cork() {
	o.mu.Lock()
	o.corked = true
	o.mu.Unlock()
}

// uncork ends what cork began, and flushes.
func (o *outbox) uncork() {
	o.mu.Lock()
	o.corked = false
	o.mu.Unlock()
	o.flush()
}

// flush sees to it that everything in the box is written. It does not wait for
// a peer that is slow to read.
func (o *outbox) flush() {
	o.mu.Lock()
	switch {
	case o.full && !o.broken:
		o.broken = true
		o.written.Broadcast()
		o.mu.Unlock()
		o.fail("write", fmt.Errorf("the peer does not read: more than %d MiB wait for it", o.limit>>20))
	case o.failed != nil && !o.broken:
		o.broken = true
		o.written.Broadcast()
		o.mu.Unlock()
		o.fail("write", o.failed)
	case o.flushing || o.corked || len(o.buf) == 0:
		o.mu.Unlock()
	default:
		o.flushing = true
		o.run(false)
	}
}

// run writes until the box is empty. It is entered with the lock held and leaves
// without it. If the peer is slow to read, it leaves the rest to a goroutine, so
// that no caller waits here unless it is told to.
func (o *outbox) run(wait bool) {
	for len(o.buf) > 0 && !o.broken {
		b := o.buf
		o.buf, o.spare = o.spare[:0], nil
		o.mu.Unlock()

		n, err := o.s.tryWrite(b, nil)
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
	o.written.Broadcast()
	o.mu.Unlock()
}

// finish writes b from n on, and then what has come in the meantime.
func (o *outbox) finish(b []byte, n int) {
	err := o.s.write(b[n:])
	o.mu.Lock()
	o.done(b, err)
	o.run(true)
}

// done takes back a buffer that has been written. The lock is held, but not
// while failure is told.
func (o *outbox) done(b []byte, err error) {
	o.written.Broadcast()
	if err != nil {
		already := o.broken
		o.broken = true
		if already {
			return // the connection ended during the write
		}
		o.mu.Unlock()
		o.fail("write", err)
		o.mu.Lock()
		return
	}
	if cap(b) <= 1<<20 { // a rare giant is not kept
		o.spare = b[:0]
	}
}

// drain waits until everything is written, or cannot be.
func (o *outbox) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.broken && (len(o.buf) > 0 || o.flushing) {
		o.written.Wait()
	}
}

// stop makes the box drop everything from now on.
func (o *outbox) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = true
	o.buf = nil
	o.written.Broadcast()
}
