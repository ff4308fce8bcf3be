package sysproxy

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
)

// maxArgs is the greatest number of arguments that a Call takes, and minArgs the
// number of slots that are always sent: rump_server reads as many as the system
// call has, whatever was sent, and no call has more.
const (
	maxArgs = 16
	minArgs = 8
)

// Result is what a system call returned.
type Result struct {
	R0, R1 uint64 // the two return values; R1 matters to pipe(2) and its like only
	Errno  int    // the kernel's errno, in the kernel's numbering; 0 for success
	Signal int    // a signal that the kernel raised during the call, 0 for none
	// Anon is the memory that the kernel asked for during the call; see AllowAnon.
	Anon []Anon
}

// Anon is memory which the client made at the kernel's request.
type Anon struct {
	Addr uint64 // as the kernel knows it
	Data []byte
}

// A Call is a system call to be: its number, its arguments and the memory that
// it lends to the kernel while it lasts. It is made by Client.NewCall and ended
// by Do or Discard, after which it must not be used again. The methods which add
// an argument return the Call, so that they can be chained.
type Call struct {
	client *Client
	window int

	num     uint32
	typ     Type
	args    [maxArgs * 8]byte
	nargs   int
	scratch [256]byte // for short strings
	used    int
	lent    uint64 // bytes lent so far
	anonMax uint64 // how many bytes the kernel may still ask for
	anon    []Anon
	hasAnon bool  // holds the client's anon semaphore
	bad     error // what was wrong with an argument

	memMu sync.Mutex // excludes the reader's copies from detach
	mem   memory

	wake chan struct{}        // tells a waiting caller to look again
	on   atomic.Pointer[conn] // where the call is in flight

	// Guarded by the connection's lock.
	done      bool
	abandoned bool
	old       bool // the kernel keeps it for long
	queued    int  // position in the connection's queue of waiters, from 1
	res       Result
	err       error
	reply     [cookieSize]byte // payload of a handshake's or prefork's response
}

// Int adds an integer argument: an int, a long, a descriptor, a flag word.
func (k *Call) Int(v int64) *Call { return k.Uint(uint64(v)) }

// Uint adds an argument as it stands in its 8-byte slot.
func (k *Call) Uint(v uint64) *Call {
	if k.nargs == maxArgs {
		k.bad = fmt.Errorf("more than %d arguments", maxArgs)
		return k
	}
	binary.LittleEndian.PutUint64(k.args[8*k.nargs:], v)
	k.nargs++
	return k
}

// In adds a pointer to bytes which the kernel may read during the call. The
// caller must not change them while it lasts. A nil slice is a null pointer.
func (k *Call) In(b []byte) *Call { return k.pointer(b, Read) }

// Out adds a pointer to bytes which the kernel may write during the call.
func (k *Call) Out(b []byte) *Call { return k.pointer(b, Write) }

// InOut adds a pointer to bytes which the kernel may read and write.
func (k *Call) InOut(b []byte) *Call { return k.pointer(b, Read|Write) }

// String adds a pointer to s and a NUL.
func (k *Call) String(s string) *Call {
	n := len(s) + 1
	var b []byte
	if k.used+n <= len(k.scratch) {
		b = k.scratch[k.used : k.used+n : k.used+n]
		k.used += n
	} else {
		b = make([]byte, n)
	}
	copy(b, s)
	b[n-1] = 0
	return k.pointer(b, Read)
}

func (k *Call) pointer(b []byte, a Access) *Call {
	if b == nil {
		return k.Uint(0)
	}
	return k.Uint(k.Lend(b, a))
}

// Lend lends b to the kernel for the length of the call and returns the address
// under which the kernel knows it, for a pointer inside a structure. The kernel
// reaches nothing before or after b.
func (k *Call) Lend(b []byte, a Access) uint64 {
	if uint64(len(b)) > maxLoan {
		k.bad = fmt.Errorf("lends %d bytes, more than %d", len(b), uint64(maxLoan))
		return 0
	}
	if k.lent += uint64(len(b)); k.lent > maxLent {
		k.bad = fmt.Errorf("lends more than %d bytes", uint64(maxLent))
		return 0
	}
	return k.mem.lend(b, a)
}

// AllowAnon lets the kernel ask for up to max bytes of fresh memory during the
// call, as the ioctls which return a property list do; they come back in
// Result.Anon. Without it the kernel is told that there is no memory.
func (k *Call) AllowAnon(max uint64) *Call {
	k.anonMax = max
	return k
}

// Discard ends a call that is not to be made after all.
func (k *Call) Discard() { k.client.release(k) }

// Do makes the call and waits for the kernel's answer. What the kernel thinks of
// the call is in the result; an error says that there is no result: it is a
// *TransportError, a *ProtocolError, a *RefusedError or, if the context ended
// first, an *AbandonedError.
func (k *Call) Do(ctx context.Context) (Result, error) { return k.client.do(ctx, k) }

// reset makes a used call ready for the next one.
func (k *Call) reset(num uint32) {
	k.num, k.typ = num, TypeSyscall
	if k.nargs > 0 {
		clear(k.args[:8*k.nargs])
		k.nargs = 0
	}
	k.used, k.lent, k.anonMax, k.anon, k.bad = 0, 0, 0, nil, nil
	k.done, k.abandoned, k.old, k.queued = false, false, false, 0
	k.res, k.err = Result{}, nil
	select {
	case <-k.wake: // a wake-up that came too late
	default:
	}
}

// payload returns the arguments as they are sent.
func (k *Call) payload() []byte { return k.args[:8*max(k.nargs, minArgs)] }

// describe names the request in an error.
func (k *Call) describe() string {
	if k.typ == TypeSyscall {
		return fmt.Sprintf("system call %d", k.num)
	}
	if k.typ == TypeHandshake {
		return Handshake(k.num).String() + " handshake"
	}
	return k.typ.String()
}

// detach gives the lent memory back to its owner while the kernel goes on.
func (k *Call) detach() {
	k.memMu.Lock()
	k.mem.detach()
	k.memMu.Unlock()
}
