package fakeserver

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Faults are what is to go wrong in a kernel. They can be changed at any time by
// Kernel.SetFaults.
type Faults struct {
	// Calls are rules for system calls, of which the first that applies counts.
	Calls []CallFault

	// Conns are rules for connections, of which all that apply count.
	Conns []ConnFault
}

// A CallFault makes system calls fail, wait, or end the kernel.
type CallFault struct {
	Call  netbsd.Sysno // which call; with Any, every call
	Any   bool
	Skip  int // let so many of them pass first
	Count int // and apply to so many; 0 means all that follow

	// What happens: Errno is the call's error; with Panic the kernel dies of
	// it, and with Halt it halts. Before that the call waits for Delay, on the
	// kernel's clock. With none of the three the call is only delayed.
	Errno netbsd.Errno
	Panic string
	Halt  bool
	Delay time.Duration
}

// A ConnFault damages a connection at a byte of what the kernel sends.
type ConnFault struct {
	Conn  int // the connection it applies to, from 1 on; 0 means each
	After int64
	// Frame, if not 0, makes After count from the beginning of the kernel's
	// frame of that number, from 1 on; the greeting is not counted.
	Frame int

	// What happens: the connection is Cut, or what follows is dropped (with the
	// connection left open), or only delayed.
	Cut   bool
	Drop  bool
	Delay time.Duration
}

type faults struct {
	k *Kernel

	mu    sync.Mutex
	f     Faults
	seen  []int // by rule: how many calls it has matched
	conns int
}

func newFaults(k *Kernel, f Faults) *faults {
	fs := &faults{k: k}
	fs.set(f)
	return fs
}

func (fs *faults) set(f Faults) {
	fs.mu.Lock()
	fs.f = f
	fs.seen = make([]int, len(f.Calls))
	fs.mu.Unlock()
	if len(f.Calls) > 0 {
		fs.k.core.SetFault(fs.call)
	} else {
		fs.k.core.SetFault(nil)
	}
}

// SetFaults replaces what is to go wrong. Rules for connections hold for those
// made from now on; their numbers go on from where they were.
func (k *Kernel) SetFaults(f Faults) { k.faults.set(f) }

// call decides over a system call.
func (fs *faults) call(c *kern.Call) netbsd.Errno {
	rule, ok := fs.match(c.Num)
	if !ok {
		return 0
	}
	if rule.Delay > 0 {
		errno := c.Sleep(nil, rule.Delay, func() netbsd.Errno { return netbsd.EWOULDBLOCK })
		if errno != netbsd.EWOULDBLOCK {
			return errno
		}
	}
	switch {
	case rule.Panic != "":
		fs.k.core.Panic(rule.Panic)
		return c.Die()
	case rule.Halt:
		fs.k.core.Exit("")
		return c.Die()
	}
	return rule.Errno
}

func (fs *faults) match(n netbsd.Sysno) (CallFault, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, r := range fs.f.Calls {
		if !r.Any && r.Call != n {
			continue
		}
		fs.seen[i]++
		if at := fs.seen[i]; at > r.Skip && (r.Count == 0 || at <= r.Skip+r.Count) {
			return r, true
		}
	}
	return CallFault{}, false
}

// wrap damages a new connection as the rules say.
func (fs *faults) wrap(nc net.Conn) net.Conn {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.conns++
	var rules []ConnFault
	for _, r := range fs.f.Conns {
		if r.Conn == 0 || r.Conn == fs.conns {
			rules = append(rules, r)
		}
	}
	if len(rules) == 0 {
		return nc
	}
	return &faultyConn{Conn: nc, rules: rules, done: fs.k.Done(), clock: fs.k.core.Clock()}
}

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

func randomSeed() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:]) | 1
}
