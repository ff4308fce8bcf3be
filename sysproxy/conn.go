package sysproxy

import (
	"context"
	"sync"
	"time"
)

// maxClientOutbox is how many bytes may wait for a server that does not read.
const maxClientOutbox = 64 << 20

// conn is one connection of a Client.
//
// There is no goroutine that reads: of the callers who wait for a response one
// leads; see lead.go.
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

	epoch time.Time

	mu        sync.Mutex
	pending   map[uint64]*Call
	nextReq   uint64
	leading   bool
	leader    *Call // whose caller leads, nil for a goroutine
	heir      *Call // whose caller is to lead next, if it has asked for it
	waiting   []*Call
	abandoned int
	old       int           // how many of pending are old
	swept     time.Duration // when old ones were looked for last, since epoch
	sweptReq  uint64        // nextReq then
	answered  time.Duration // when a call that is not old was completed last, since epoch
	lulling   bool          // endLull will be called
	lull      *time.Timer   // calls endLull
	lullReq   uint64        // nextReq when the lull began
	err       error         // why the connection has ended
}

func newConn(client *Client, url string, s stream) *conn {
	c := &conn{client: client, url: url, s: s, epoch: time.Now(), pending: make(map[uint64]*Call), nextReq: 1}
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

// complete ends the wait for k.
func (c *conn) complete(k *Call) {
	k.done = true
	if k.old {
		c.old--
	} else {
		c.answered = time.Since(c.epoch)
	}
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
	if c.lull != nil {
		c.lull.Stop()
	}
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
	for {
		n, err := c.s.tryRead(c.in.space())
		if n > 0 {
			c.in.filled(n)
		}
		if err != errInterrupted { // which says nothing of the connection
			return err != nil && err != errNothing
		}
	}
}
