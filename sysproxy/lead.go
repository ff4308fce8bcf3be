package sysproxy

import (
	"context"
	"runtime"
	"time"
)

// Of the callers who wait for a response one leads: it reads for all, answers the
// kernel's requests, and wakes the others as their responses come. When it has its
// own it hands over to one who waits. Only if all have gone, and calls were
// abandoned which the kernel still works on, a goroutine leads until those are
// through.
//
// Calls that the kernel keeps for long, as accept(2) and poll(2), must not make
// others slow, whose callers come back at once. When they have been in flight for a
// while they are called old. Who leaves with only old ones left does not hand over,
// which would take as long as a call: for a moment nobody leads. And who makes calls
// quickly, one after the other, takes over from a leader whose own call is old.
const (
	// oldAfter is how long a call must at least be in flight to be old.
	oldAfter = time.Millisecond
	// lullTime is how long nobody leads before an old call's caller has to.
	lullTime = 200 * time.Microsecond
	// quickly is how soon after an answer the next call must be made.
	quickly = 100 * time.Microsecond
)

// wait waits until k is done, leading where nobody does.
func (c *conn) wait(ctx context.Context, k *Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !k.done {
		if ctx.Err() != nil {
			c.abandon(k)
			c.leave(k)
			return &AbandonedError{c.url, k.num, true, context.Cause(ctx)}
		}
		if !c.leading && (c.heir == nil || c.heir == k) {
			c.heir, c.leader = nil, k
			c.lead(ctx)
			continue
		}
		if !c.leading { // it is the heir's turn
			c.wakeUp(c.heir)
		} else if c.heir == nil && c.leadsIdly() && c.sinceAnswer() < quickly {
			c.heir = k
			c.s.interrupt() // the leader steps down
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
	c.leave(k)
	return k.err
}

// leave is for those who no longer wait for k.
func (c *conn) leave(k *Call) {
	if c.heir == k {
		c.heir = nil
	}
	c.handOver()
}

// leadsIdly reports whether the leader waits for an old call or none at all.
func (c *conn) leadsIdly() bool { return c.leader == nil || c.leader.old }

func (c *conn) sinceAnswer() time.Duration { return time.Since(c.epoch) - c.answered }

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
	if c.answered-c.swept >= oldAfter {
		c.ageBefore(c.sweptReq)
		c.swept, c.sweptReq = c.answered, c.nextReq
	}
	switch {
	case c.leading || c.err != nil || len(c.waiting) == 0 && c.abandoned == 0:
	case c.heir == nil && len(c.pending) == c.old:
		if !c.lulling {
			c.startLull()
		}
	default:
		c.appoint()
	}
}

// appoint makes somebody lead.
func (c *conn) appoint() {
	switch {
	case c.heir != nil:
		c.wakeUp(c.heir)
	case len(c.waiting) > 0:
		c.wakeUp(c.waiting[len(c.waiting)-1])
	case c.abandoned > 0:
		c.leading, c.leader = true, nil // reserved, so that only one is started
		go func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.lead(context.Background())
			c.handOver()
		}()
	}
}

// startLull lets nobody lead for a moment.
func (c *conn) startLull() {
	c.lulling, c.lullReq = true, c.nextReq
	if c.lull == nil {
		c.lull = time.AfterFunc(lullTime, c.endLull)
	} else {
		c.lull.Reset(lullTime)
	}
}

// endLull appoints somebody to lead, unless somebody does or calls were made
// meanwhile.
func (c *conn) endLull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lulling = false
	switch {
	case c.leading || c.err != nil:
	case c.nextReq != c.lullReq:
		c.handOver()
	default:
		c.appoint()
	}
}

// abandon gives up on k, whose response is still to come.
func (c *conn) abandon(k *Call) {
	k.abandoned = true
	c.abandoned++
	c.age(k)
	k.detach()
}

// age makes a call an old one.
func (c *conn) age(k *Call) {
	if !k.old {
		k.old = true
		c.old++
	}
}

// ageBefore makes those calls old that were made before the request next.
func (c *conn) ageBefore(next uint64) {
	for no, k := range c.pending {
		if no < next {
			c.age(k)
		}
	}
}

// enough reports whether the leader has what it leads for.
func (c *conn) enough() bool {
	if c.leader == nil {
		return c.abandoned == 0
	}
	return c.leader.done
}

// turn is what a leader knows of the calls in flight when it goes to read.
type turn struct {
	alone bool   // its own is the only one that is not old
	young bool   // there is one that is not old
	next  uint64 // the number of the next request
}

// lead reads for c.leader until that has enough, ctx ends or the connection does,
// or there is an heir. It is entered and left with the lock held.
func (c *conn) lead(ctx context.Context) {
	c.leading = true
	for c.err == nil && !c.enough() && ctx.Err() == nil && c.heir == nil {
		young := len(c.pending) - c.old
		t := turn{alone: young == 1 && !c.leadsIdly(), young: young > 0, next: c.nextReq}
		c.mu.Unlock()
		err := c.fill(ctx, t)
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
func (c *conn) fill(ctx context.Context, t turn) error {
	if c.left >= direct && len(c.in.bytes()) == 0 {
		if n, err := c.readDirect(); n > 0 {
			return nil
		} else if err != errNothing {
			return &TransportError{c.url, "read", err}
		}
	}
	p := c.in.space()
	n, err := 0, errNothing
	if t.young {
		n, err = c.s.spinRead(p)
	}
	if err == errNothing && t.alone {
		n, err = c.s.readSoon(p)
	}
	if err == errNothing {
		c.watch(ctx)
		begin := time.Since(c.epoch)
		n, err = c.s.parkRead(p)
		if t.young && time.Since(c.epoch)-begin >= oldAfter {
			c.mu.Lock()
			c.ageBefore(t.next)
			c.mu.Unlock()
		}
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
