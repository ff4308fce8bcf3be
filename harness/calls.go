package harness

import (
	"fmt"
	"strings"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// keptCalls is how many system calls an Instance remembers.
const keptCalls = 32

// calls remembers the last system calls that were made of a kernel.
type calls struct {
	mu   sync.Mutex
	ring [keptCalls]madeCall
	n    int
}

type madeCall struct {
	program string
	num     netbsd.Sysno
	r0      uint64
	errno   netbsd.Errno
	err     error
}

// of returns what notes the calls of a program: a sysproxy.Dialer's OnCall.
func (c *calls) of(program string) func(uint32, sysproxy.Result, error) {
	return func(num uint32, r sysproxy.Result, err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ring[c.n%keptCalls] = madeCall{program, netbsd.Sysno(num), r.R0, netbsd.Errno(r.Errno), err}
		c.n++
	}
}

// String returns the calls, a line each, the newest last.
func (c *calls) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for i := max(0, c.n-keptCalls); i < c.n; i++ {
		m := c.ring[i%keptCalls]
		switch {
		case m.err != nil:
			fmt.Fprintf(&b, "%s: %s: %v\n", m.program, m.num.Base(), m.err)
		case m.errno != 0:
			fmt.Fprintf(&b, "%s: %s: %s\n", m.program, m.num.Base(), m.errno.Name())
		default:
			fmt.Fprintf(&b, "%s: %s = %d\n", m.program, m.num.Base(), int64(m.r0))
		}
	}
	return b.String()
}

// Calls returns the last system calls that were made of the kernel through
// Connect, a line each with the program's name and what came of it; the newest
// is last.
func (in *Instance) Calls() string {
	if in.calls == nil {
		return ""
	}
	return in.calls.String()
}
