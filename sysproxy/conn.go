package sysproxy

import (
	"context"
	"runtime"
	"sync"
)

// maxClientOutbox is how many bytes may wait for a server that does not read.
const maxClientOutbox = 64 << 20

// conn is one connection of a Client.
//
// There is no goroutine that reads. Of the callers who wait for a response one
// leads: it reads for all, answers the kernel's requests, and wakes the others as
// their responses come. When it has its own it hands over to one who waits. Only
// if all have gone, and calls were abandoned which the kernel still works on, a
// goroutine leads until those are through.
type conn struct {
	client *Client
	url    string
	s      stream
	out    outbox

	// Only the leader touches these.
	in     inbox
	target *Call  // of the copyout being received
	addr   uint64 // where its next byte goes
	left   uint64 // how many bytes of it are to come
	raised int    // a signal not yet delivered
	woke   bool   // somebody was woken since the last wait

	watched   <-chan struct{} // Done of the context whose end interrupts reads
	stopWatch func() bool

	mu        sync.Mutex
	pending   map[uint64]*Call
	nextReq   uint64
	leading   bool
	waiting   []*Call
	abandoned int
	err       error // why the connection has ended
}

func newConn(client *Client, url string, s stream) *conn {
	c := &conn{client: client, url: url, s: s, pending: make(map[uint64]*Call), nextReq: 1}
	c.out.init(c.s, maxClientOutbox, func(op string, err error) { c.fail(&TransportError{c.url, op, err}) })
	return c
}

// use puts another stream in the place of the first one, while no call is in flight.
func (c *conn) use(s stream) {
	c.out.use(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unwatch() // it would interrupt the first one
	c.s = s
}

// do sends a request and waits for its response.
func (c *conn) do(ctx context.Context, k *Call, word uint32, payload []byte) error {
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		c.client.unlockAnonOf(k)
		return c.err
	}
	h := Header{ReqNo: c.nextReq, Type: k.typ, Word: word}
	c.nextReq++
	c.pending[h.ReqNo] = k
	k.on.Store(c)
	c.mu.Unlock()

	c.client.trace(">", h, payload)
	c.out.frame(h, payload)
	return c.wait(ctx, k)
}

// wait waits until k is done, leading where nobody does.
func (c *conn) wait(ctx context.Context, k *Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !k.done {
		if ctx.Err() != nil {
			c.abandon(k)
			c.handOver()
			return &AbandonedError{c.url, k.num, true, context.Cause(ctx)}
		}
		if !c.leading {
			c.lead(ctx, func() bool { return k.done })
			continue
		}
		c.waiting = append(c.waiting, k)
		k.queued = len(c.waiting)
		c.mu.Unlock()
		select {
		case <-k.wake:
		case <-ctx.Done():
		}
		c.mu.Lock()
		c.dequeue(k)
	}
	c.handOver()
	return k.err
}

// dequeue takes k out of the queue of those who wait.
func (c *conn) dequeue(k *Call) {
	if k.queued == 0 {
		return
	}
	last := len(c.waiting) - 1
	moved := c.waiting[last]
	c.waiting[k.queued-1], moved.queued = moved, k.queued
	c.waiting[last] = nil
	c.waiting = c.waiting[:last]
	k.queued = 0
}

// wakeUp makes a waiting caller look again.
func (c *conn) wakeUp(k *Call) {
	c.dequeue(k)
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// handOver finds somebody to lead, if there is need. Whoever leaves calls it.
func (c *conn) handOver() {
	switch {
	case c.leading || c.err != nil:
	case len(c.waiting) > 0:
		c.wakeUp(c.waiting[len(c.waiting)-1])
	case c.abandoned > 0:
		c.leading = true // reserved, so that only one is started
		go func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.lead(context.Background(), func() bool { return c.abandoned == 0 })
			c.handOver()
		}()
	}
}

// abandon gives up on k, whose response is still to come.
func (c *conn) abandon(k *Call) {
	k.abandoned = true
	c.abandoned++
	k.detach()
}

// lead reads until enough says so, ctx ends or the connection does. It is entered
// and left with the lock held.
func (c *conn) lead(ctx context.Context, enough func() bool) {
	c.leading = true
	for c.err == nil && !enough() && ctx.Err() == nil {
		alone := len(c.pending) == 1
		c.mu.Unlock()
		err := c.fill(ctx, alone)
		if err == nil {
			err = c.consume()
		}
		if c.woke {
			c.woke = false
			// Those whose answers have come go on first: their next calls are then
			// written together, and nobody wants the processor during the next wait.
			c.out.cork()
			runtime.Gosched()
			c.out.uncork()
		}
		c.mu.Lock()
		if err != nil && err != errInterrupted && c.err == nil {
			c.end(err)
		}
	}
	c.leading = false
	if c.err != nil {
		c.endPending()
	}
}

// fill reads what there is, waiting for something. Only one who is alone may keep
// the processor while waiting: where there are more, each of them may go on in the
// meantime.
func (c *conn) fill(ctx context.Context, alone bool) error {
	if c.left >= direct && len(c.in.bytes()) == 0 {
		if n, err := c.readDirect(); n > 0 {
			return nil
		} else if err != errNothing {
			return &TransportError{c.url, "read", err}
		}
	}
	p := c.in.space()
	n, err := c.s.spinRead(p)
	if err == errNothing && alone {
		n, err = c.s.readSoon(p)
	}
	if err == errNothing {
		c.watch(ctx)
		n, err = c.s.parkRead(p)
	}
	if n > 0 {
		c.in.filled(n)
		return nil
	}
	if err != nil && err != errInterrupted {
		return &TransportError{c.url, "read", err}
	}
	return err
}

// watch makes the end of ctx interrupt a parked read. It goes on doing so after
// the read, since the next one often has the same context; an interrupt that
// nobody waits for does no harm.
func (c *conn) watch(ctx context.Context) {
	if done := ctx.Done(); done != nil && done != c.watched {
		c.unwatch()
		c.watched = done
		c.stopWatch = context.AfterFunc(ctx, c.s.interrupt)
	}
}

func (c *conn) unwatch() {
	if c.stopWatch != nil {
		c.stopWatch()
		c.watched, c.stopWatch = nil, nil
	}
}

// complete ends the wait for k.
func (c *conn) complete(k *Call) {
	k.done = true
	k.on.Store(nil)
	c.client.unlockAnonOf(k)
	if k.abandoned {
		c.abandoned--
		c.client.release(k)
	} else if k.queued > 0 {
		c.wakeUp(k)
		c.woke = true
	}
}

// fail ends the connection from outside the reader.
func (c *conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.end(err)
	}
	if !c.leading {
		c.endPending()
	}
}

// end notes why the connection ends and closes it.
func (c *conn) end(err error) {
	c.err = err
	c.out.stop()
	c.s.close()
}

// endPending completes all calls in flight with the connection's error. It is
// for the leader to do so, since until then the leader may be using their memory.
func (c *conn) endPending() {
	c.unwatch()
	for n, k := range c.pending {
		delete(c.pending, n)
		k.err = c.err
		c.complete(k)
	}
}

// gone reports whether an idle connection has been closed by the kernel.
func (c *conn) gone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return true
	}
	if c.leading || len(c.pending) > 0 {
		return false // the leader will notice
	}
	n, err := c.s.tryRead(c.in.space())
	if n > 0 {
		c.in.filled(n)
	}
	return err != nil && err != errNothing && err != errInterrupted
}
