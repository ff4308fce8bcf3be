package fakeserver

import (
	"net"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Faults are what is to go wrong in a kernel. They can be changed at any time by
// Kernel.SetFaults and Kernel.AddFaults.
type Faults struct {
	// Calls are rules for system calls, of which the first that applies counts.
	Calls []CallFault

	// Conns are rules for connections, of which all that apply count.
	Conns []ConnFault

	// Bus, if set, is what happens to packets on the way to and from buses.
	Bus *BusFault
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

// A ConnFault damages a connection at a byte of what the kernel sends. It holds
// for connections that are made from then on.
type ConnFault struct {
	Conn  int   // the connection it applies to, 1 for the next; 0 means each
	After int64 // how many bytes go well
	// Frame, if not 0, makes After count from the beginning of the kernel's
	// frame of that number, from 1 on; the greeting is not counted.
	Frame int

	// What happens: the connection is Cut, or what follows is dropped (with the
	// connection left open), or only delayed.
	Cut   bool
	Drop  bool
	Delay time.Duration
}

// Limits are how much a kernel has of what can run out, on top of what a real
// one is limited to. 0 means no limit, and less than 0 that there is nothing.
type Limits = kern.Limits

// SetLimits changes the limits. What has been taken already stays.
func (k *Kernel) SetLimits(l Limits) { k.core.SetLimits(l) }

// Limits returns the limits that hold.
func (k *Kernel) Limits() Limits { return k.core.Limits() }

// faults are the rules that hold, with how often they have been asked.
type faults struct {
	k *Kernel

	mu    sync.Mutex
	calls []*callRule
	conns []*connRule
	onBus *BusFault
}

type callRule struct {
	CallFault
	seen int // calls that it has matched
}

type connRule struct {
	ConnFault
	seen int // connections that were made since it holds
}

// SetFaults replaces what is to go wrong.
func (k *Kernel) SetFaults(f Faults) {
	k.faults.mu.Lock()
	k.faults.calls, k.faults.conns, k.faults.onBus = nil, nil, nil
	k.faults.mu.Unlock()
	k.AddFaults(f)
}

// AddFaults adds to what is to go wrong. Rules that hold already are asked first.
func (k *Kernel) AddFaults(f Faults) {
	fs := k.faults
	fs.mu.Lock()
	for _, r := range f.Calls {
		fs.calls = append(fs.calls, &callRule{CallFault: r})
	}
	for _, r := range f.Conns {
		fs.conns = append(fs.conns, &connRule{ConnFault: r})
	}
	if f.Bus != nil {
		fs.onBus = f.Bus
	}
	any := len(fs.calls) > 0
	fs.mu.Unlock()
	if any {
		k.core.SetFault(fs.call)
	} else {
		k.core.SetFault(nil)
	}
}

// bus returns what happens to packets, or nil.
func (fs *faults) bus() *BusFault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.onBus
}

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
	for _, r := range fs.calls {
		if !r.Any && r.Call != n {
			continue
		}
		if r.seen++; r.seen > r.Skip && (r.Count == 0 || r.seen <= r.Skip+r.Count) {
			return r.CallFault, true
		}
	}
	return CallFault{}, false
}

// wrap damages a new connection as the rules say.
func (fs *faults) wrap(nc net.Conn) net.Conn {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var rules []ConnFault
	for _, r := range fs.conns {
		if r.seen++; r.Conn == 0 || r.Conn == r.seen {
			rules = append(rules, r.ConnFault)
		}
	}
	if len(rules) == 0 {
		return nc
	}
	return &faultyConn{Conn: nc, rules: rules, done: fs.k.Done(), clock: fs.k.core.Clock()}
}
