package sysproxy

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// maxReply is the greatest payload of a response that a client takes.
const maxReply = 256

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
	crowd := len(c.pending) > 1
	c.mu.Unlock()

	c.client.trace(">", h, payload)
	c.out.add(h, payload)
	if crowd {
		runtime.Gosched() // others may have something to send too
	}
	c.out.flush()
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
		if !alone {
			// Those whose answers have come go on first: their next calls are then
			// written together, and nobody wants the processor during the next wait.
			runtime.Gosched()
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

// fill reads what there is, waiting for something. Only the one caller who is
// alone may wait in the system call: where there are more, each of them may go on
// in the meantime.
func (c *conn) fill(ctx context.Context, alone bool) error {
	if c.left >= directRead && len(c.in.bytes()) == 0 {
		if n, err := c.readDirect(); n > 0 {
			return nil
		} else if err != errNothing {
			return &TransportError{c.url, "read", err}
		}
	}
	p := c.in.space()
	n, err := 0, errNothing
	if alone {
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

// consume handles what has been read, up to the first part that is incomplete.
func (c *conn) consume() error {
	for {
		b := c.in.bytes()
		if c.left > 0 {
			if len(b) == 0 {
				return nil
			}
			n := min(uint64(len(b)), c.left)
			c.deposit(b[:n])
			c.in.skip(int(n))
			continue
		}
		if len(b) < HeaderSize {
			return nil
		}
		h := ParseHeader(b)
		size, ok := h.payload()
		if !ok {
			return c.violation("sends a frame of length %d, less than a header's", h.Len)
		}
		fixed := size // how much of the payload must be there at once
		isCopyout := h.Class == ClassRequest && (h.Type == TypeCopyout || h.Type == TypeCopyoutstr)
		if isCopyout {
			fixed = copySize
			if size < copySize {
				return c.violation("sends a %s of %d bytes", h.Type, size)
			}
		} else if size > maxReply {
			return c.violation("sends a frame of %d bytes where at most %d make sense (%s)", h.Len, HeaderSize+maxReply, h)
		}
		if uint64(len(b)) < HeaderSize+fixed {
			return nil
		}
		payload := b[HeaderSize : HeaderSize+fixed]
		c.client.trace("<", h, payload)
		var err error
		switch {
		case isCopyout:
			err = c.copyout(h, payload)
		case h.Class == ClassRequest:
			err = c.request(h, payload)
		case h.Class == ClassResponse || h.Class == ClassError:
			err = c.response(h, payload)
		default:
			err = c.violation("sends a frame of unknown class %d", uint16(h.Class))
		}
		if err != nil {
			return err
		}
		c.in.skip(HeaderSize + int(fixed))
	}
}

// response completes the call that h answers.
func (c *conn) response(h Header, payload []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.pending[h.ReqNo]
	if k == nil {
		return c.violation("answers request %d, which nobody made", h.ReqNo)
	}
	if h.Class == ClassError {
		k.err = &RefusedError{c.url, k.describe(), ErrorCode(h.Word)}
	} else {
		if h.Type != k.typ {
			return c.violation("answers a %s with a %s", k.typ, h.Type)
		}
		if want := replySize(k.typ); len(payload) != want {
			return c.violation("answers a %s with %d bytes instead of %d", k.typ, len(payload), want)
		}
		switch k.typ {
		case TypeSyscall:
			k.res = Result{
				Errno:  int(int32(binary.LittleEndian.Uint32(payload))),
				R0:     binary.LittleEndian.Uint64(payload[8:]),
				R1:     binary.LittleEndian.Uint64(payload[16:]),
				Signal: c.raised,
				Anon:   k.anon,
			}
			c.raised = 0
		default:
			copy(k.reply[:], payload)
		}
	}
	delete(c.pending, h.ReqNo)
	c.complete(k)
	return nil
}

// replySize is the payload of the response to a request of a client.
func replySize(t Type) int {
	switch t {
	case TypeSyscall:
		return sysrespSize
	case TypePrefork:
		return cookieSize
	default:
		return 4 // a handshake's: an int error
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
	}
}

// owner returns the call in flight on this connection to which an address
// belongs. A call that is in flight elsewhere, or not yet or no longer in
// flight, lends nothing here.
func (c *conn) owner(addr uint64) *Call {
	if k := c.client.callAt(addr); k != nil && k.on.Load() == c {
		return k
	}
	return nil
}

// request answers what the kernel asks for.
func (c *conn) request(h Header, payload []byte) error {
	want := 0
	switch h.Type {
	case TypeCopyin, TypeCopyinstr:
		want = copySize
	case TypeAnonmmap:
		want = 8
	case TypeRaise:
	default:
		return c.violation("sends a request of type %s, which a client does not answer", h.Type)
	}
	if len(payload) != want {
		return c.violation("sends a %s of %d bytes instead of %d", h.Type, len(payload), want)
	}
	switch h.Type {
	case TypeRaise:
		c.raised = int(h.Word)
		if f := c.client.dialer.OnRaise; f != nil {
			f(c.raised)
		}
		return nil
	case TypeAnonmmap:
		var addr [8]byte
		binary.LittleEndian.PutUint64(addr[:], c.anonmmap(binary.LittleEndian.Uint64(payload)))
		r := Header{ReqNo: h.ReqNo, Class: ClassResponse, Type: TypeAnonmmap}
		c.client.trace(">", r, addr[:])
		c.out.frame(r, addr[:])
		return nil
	}
	n, addr := binary.LittleEndian.Uint64(payload), binary.LittleEndian.Uint64(payload[8:])
	k := c.owner(addr)
	if k == nil {
		return c.violation("asks for %d bytes at %#x, which belong to no system call in flight", n, addr)
	}
	k.memMu.Lock()
	get := k.mem.read
	if h.Type == TypeCopyinstr {
		get = k.mem.readString
	}
	b, err := get(addr, n)
	if err != nil {
		k.memMu.Unlock()
		return c.violation("%s (%s)", err, k.describe())
	}
	// The bytes are copied or written while the call cannot be detached. That a
	// write failed is told later, since failing takes the connection's lock.
	r := Header{ReqNo: h.ReqNo, Class: ClassResponse, Type: TypeCopyin}
	c.client.trace(">", r, b)
	if len(b) < directWrite {
		c.out.add(r, b)
	} else {
		c.out.addLong(r, b)
	}
	k.memMu.Unlock()
	c.out.flush()
	return nil
}

// anonmmap makes n bytes of memory for the call that allows it, and returns its
// address or 0.
func (c *conn) anonmmap(n uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.pending {
		if k.anonMax == 0 {
			continue // at most one allows it: see Client.lockAnon
		}
		if n == 0 || n > k.anonMax {
			return 0
		}
		k.anonMax -= n
		k.memMu.Lock()
		defer k.memMu.Unlock()
		b := make([]byte, n)
		addr := k.mem.lendPage(b)
		k.anon = append(k.anon, Anon{addr, b})
		return addr
	}
	return 0
}

// copyout begins the reception of data for a lent range.
func (c *conn) copyout(h Header, payload []byte) error {
	n, addr := binary.LittleEndian.Uint64(payload), binary.LittleEndian.Uint64(payload[8:])
	if n != h.Len-HeaderSize-copySize {
		return c.violation("sends a %s which announces %d bytes and has %d", h.Type, n, h.Len-HeaderSize-copySize)
	}
	k := c.owner(addr)
	if k == nil {
		return c.violation("copies %d bytes out to %#x, which belong to no system call in flight", n, addr)
	}
	k.memMu.Lock()
	defer k.memMu.Unlock()
	if err := k.mem.writable(addr, n); err != nil {
		return c.violation("%s (%s)", err, k.describe())
	}
	c.target, c.addr, c.left = k, addr, n
	return nil
}

// deposit puts the next bytes of a copyout where they belong.
func (c *conn) deposit(b []byte) {
	c.target.memMu.Lock()
	c.target.mem.write(c.addr, b)
	c.target.memMu.Unlock()
	c.addr += uint64(len(b))
	c.left -= uint64(len(b))
}

// directRead is the least number of bytes still to come of a copyout that are
// read where they belong, not by way of the inbox.
const directRead = 4 << 10

// directWrite is the least number of bytes of a copyin that are written from
// where they are, not by way of the outbox.
const directWrite = 16 << 10

// readDirect reads the next bytes of a copyout that have come already. The lock
// is held during the system call, which does not wait: a caller who gives up on
// the call does not return before.
func (c *conn) readDirect() (int, error) {
	c.target.memMu.Lock()
	defer c.target.memMu.Unlock()
	p := c.target.mem.space(c.addr, c.left)
	if p == nil {
		return 0, errNothing // detached
	}
	n, err := c.s.tryRead(p)
	c.addr += uint64(n)
	c.left -= uint64(n)
	if err == errInterrupted {
		err = errNothing
	}
	return n, err
}

func (c *conn) violation(format string, args ...any) error {
	return &ProtocolError{c.url, fmt.Sprintf(format, args...)}
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

// greet reads the banner.
func (c *conn) greet(ctx context.Context) (Banner, error) {
	stop := context.AfterFunc(ctx, c.s.interrupt)
	defer stop()
	end := -1
	for ; end < 0; end = bytes.IndexByte(c.in.bytes(), '\n') {
		if len(c.in.bytes()) >= maxBanner {
			return Banner{}, c.violation("%s", errBannerTooLong)
		}
		n, err := c.s.parkRead(c.in.space())
		c.in.filled(n)
		none := len(c.in.bytes()) == 0
		switch {
		case err == errInterrupted && ctx.Err() != nil:
			if none && errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return Banner{}, c.violation("no rump kernel: it does not greet")
			}
			return Banner{}, &TransportError{c.url, "connect", context.Cause(ctx)}
		case err == errInterrupted:
		case err == io.EOF && none:
			return Banner{}, c.violation("closes the connection without a greeting: no rump kernel, or a full one")
		case err != nil:
			return Banner{}, &TransportError{c.url, "connect", err}
		}
	}
	if end >= maxBanner {
		return Banner{}, c.violation("%s", errBannerTooLong)
	}
	line := string(c.in.bytes()[:end])
	c.in.skip(end + 1)
	b, err := ParseBanner(line)
	if err == nil {
		err = b.usable()
	}
	if err != nil {
		return Banner{}, c.violation("%s", err)
	}
	return b, nil
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
