package sysproxy

import (
	"encoding/binary"
	"fmt"
)

// maxReply is the greatest payload of a response that a client takes.
const maxReply = 256

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
	if len(b) < direct {
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
