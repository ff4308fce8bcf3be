// Package memconn makes connections within the process: like net.Pipe, but with
// buffers, so that a request and its answer cost two wake-ups and no system call.
package memconn

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// size is how many bytes one direction holds.
const size = 256 << 10

// Pipe returns the two ends of a connection. name is their address.
func Pipe(name string) (a, b net.Conn) {
	ab, ba := newHalf(), newHalf()
	return &conn{r: ba, w: ab, name: addr(name)}, &conn{r: ab, w: ba, name: addr(name)}
}

type addr string

func (addr) Network() string  { return "memory" }
func (a addr) String() string { return string(a) }

type conn struct {
	r, w *half
	name addr
	once sync.Once
}

// half is one direction.
type half struct {
	mu         sync.Mutex
	canRead    sync.Cond
	canWrite   sync.Cond
	buf        []byte
	off        int // where the unread bytes begin
	wclosed    bool
	rclosed    bool
	rdead      deadline
	wdead      deadline
	readWaits  int
	writeWaits int
}

func newHalf() *half {
	h := &half{}
	h.canRead.L, h.canWrite.L = &h.mu, &h.mu
	return h
}

// deadline is a point in time after which an operation fails.
type deadline struct {
	passed bool
	timer  *time.Timer
	gen    int
}

// set changes the deadline; wake is called, without the lock, when it passes.
func (d *deadline) set(mu *sync.Mutex, t time.Time, wake func()) {
	mu.Lock()
	defer mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.gen++
	d.passed = false
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.passed = true
		wake()
		return
	}
	gen := d.gen
	d.timer = time.AfterFunc(left, func() {
		mu.Lock()
		defer mu.Unlock()
		if d.gen == gen {
			d.passed = true
			wake()
		}
	})
}

func (c *conn) Read(p []byte) (int, error) {
	h := c.r
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.rclosed:
			return 0, net.ErrClosed
		case h.rdead.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case len(h.buf) > h.off:
			n := copy(p, h.buf[h.off:])
			h.off += n
			if h.off == len(h.buf) {
				h.buf, h.off = h.buf[:0], 0
				const keep = 8 << 10 // an idle connection costs no more
				if cap(h.buf) > keep {
					h.buf = nil
				}
			}
			if h.writeWaits > 0 {
				h.canWrite.Broadcast()
			}
			return n, nil
		case h.wclosed:
			return 0, io.EOF
		}
		h.readWaits++
		h.canRead.Wait()
		h.readWaits--
	}
}

func (c *conn) Write(p []byte) (int, error) { return c.write(p, true) }

// TryWrite writes what there is room for.
func (c *conn) TryWrite(p []byte) (int, error) { return c.write(p, false) }

func (c *conn) write(p []byte, wait bool) (int, error) {
	h := c.w
	h.mu.Lock()
	defer h.mu.Unlock()
	done := 0
	for {
		switch {
		case h.wclosed:
			return done, net.ErrClosed
		case h.rclosed:
			return done, io.ErrClosedPipe
		case h.wdead.passed:
			return done, os.ErrDeadlineExceeded
		case done == len(p):
			return done, nil
		}
		if room := size - (len(h.buf) - h.off); room > 0 {
			if h.off > 0 && len(h.buf)+len(p)-done > cap(h.buf) {
				h.buf = h.buf[:copy(h.buf, h.buf[h.off:])]
				h.off = 0
			}
			n := min(room, len(p)-done)
			h.buf = append(h.buf, p[done:done+n]...)
			done += n
			if h.readWaits > 0 {
				h.canRead.Broadcast()
			}
			continue
		}
		if !wait {
			return done, nil
		}
		h.writeWaits++
		h.canWrite.Wait()
		h.writeWaits--
	}
}

func (c *conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = nil
		c.w.mu.Lock()
		c.w.wclosed = true
		c.w.wake()
		c.w.mu.Unlock()
		c.r.mu.Lock()
		c.r.rclosed = true
		c.r.buf = nil
		c.r.off = 0
		c.r.wake()
		c.r.mu.Unlock()
		c.SetDeadline(time.Time{})
	})
	return err
}

func (h *half) wake() {
	h.canRead.Broadcast()
	h.canWrite.Broadcast()
}

func (c *conn) LocalAddr() net.Addr  { return c.name }
func (c *conn) RemoteAddr() net.Addr { return c.name }

func (c *conn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.r.rdead.set(&c.r.mu, t, c.r.canRead.Broadcast)
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.w.wdead.set(&c.w.mu, t, c.w.canWrite.Broadcast)
	return nil
}
