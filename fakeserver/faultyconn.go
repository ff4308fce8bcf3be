package fakeserver

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// errCut is what a write on a connection returns that was cut on purpose.
var errCut = errors.New("the connection is cut on purpose")

// faultyConn applies rules to what is written.
type faultyConn struct {
	net.Conn // without its syscall.Conn, so that all goes through Write
	clock    Clock
	done     <-chan struct{}

	mu      sync.Mutex
	rules   []ConnFault
	sent    int64
	frames  int
	greeted bool
	head    []byte // of the header being sent
	left    uint64 // bytes of the frame's payload to come
	started []int64
	drop    bool
}

// Write sends b up to each point where a rule applies.
func (c *faultyConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := 0
	for done < len(b) {
		if err := c.apply(); err != nil {
			return done, err
		}
		n := c.parse(b[done:])
		if limit := c.next(); limit >= 0 && int64(n) > limit {
			n = int(limit)
		}
		c.advance(b[done : done+n])
		if !c.drop {
			if _, err := c.Conn.Write(b[done : done+n]); err != nil {
				return done, err
			}
		}
		done += n
	}
	return done, c.apply()
}

// apply carries out the rules for the byte that comes next.
func (c *faultyConn) apply() error {
	for i := 0; i < len(c.rules); i++ {
		r := c.rules[i]
		if at, ok := c.at(r); !ok || at > c.sent {
			continue
		}
		c.rules = append(c.rules[:i], c.rules[i+1:]...)
		i--
		if r.Delay > 0 {
			passed := make(chan struct{})
			t := c.clock.AfterFunc(r.Delay, func() { close(passed) })
			select {
			case <-passed:
			case <-c.done:
				t.Stop()
			}
		}
		c.drop = c.drop || r.Drop
		if r.Cut {
			c.Conn.Close()
			return errCut
		}
	}
	return nil
}

// at returns the byte at which a rule applies, if that is known yet.
func (c *faultyConn) at(r ConnFault) (int64, bool) {
	if r.Frame == 0 {
		return r.After, true
	}
	if r.Frame > len(c.started) {
		return 0, false
	}
	return c.started[r.Frame-1] + r.After, true
}

// next returns how many bytes it is to the next rule that is known, or -1.
func (c *faultyConn) next() int64 {
	limit := int64(-1)
	for _, r := range c.rules {
		if at, ok := c.at(r); ok && at > c.sent && (limit < 0 || at-c.sent < limit) {
			limit = at - c.sent
		}
	}
	return limit
}

// parse returns how many of b's bytes belong together: the rest of the
// greeting, of a header, or of a payload. At the beginning of a frame it notes
// where that is.
func (c *faultyConn) parse(b []byte) int {
	switch {
	case !c.greeted:
		for i, x := range b {
			if x == '\n' {
				return i + 1
			}
		}
		return len(b)
	case c.left > 0:
		return int(min(c.left, uint64(len(b))))
	}
	if len(c.head) == 0 && len(c.started) == c.frames {
		c.started = append(c.started, c.sent)
	}
	return min(sysproxy.HeaderSize-len(c.head), len(b))
}

// advance counts bytes that parse has looked at.
func (c *faultyConn) advance(b []byte) {
	c.sent += int64(len(b))
	switch {
	case len(b) == 0:
	case !c.greeted:
		c.greeted = b[len(b)-1] == '\n'
	case c.left > 0:
		if c.left -= uint64(len(b)); c.left == 0 {
			c.frames++
		}
	default:
		c.head = append(c.head, b...)
		if len(c.head) < sysproxy.HeaderSize {
			return
		}
		c.left = max(binary.LittleEndian.Uint64(c.head), sysproxy.HeaderSize) - sysproxy.HeaderSize
		c.head = c.head[:0]
		if c.left == 0 {
			c.frames++
		}
	}
}
