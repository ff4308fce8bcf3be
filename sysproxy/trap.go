package sysproxy

import (
	"context"
	"encoding/binary"
	"errors"
)

// ErrFault says that the client's memory could not be reached, because the
// connection was lost or the call's context ended. A kernel reports EFAULT.
var ErrFault = errors.New("the client's memory cannot be reached")

// MaxCopy is the greatest number of bytes that one Copyin may ask for.
const MaxCopy = 16 << 20

// maxCopyout is the greatest number of bytes in one copyout: more go in several.
const maxCopyout = 64 << 10

// A Trap is a system call as it reaches a Process: its number, its arguments and
// the way to the memory of the client who made it. It is good until Syscall returns.
type Trap struct {
	Num  uint32
	Args []byte // the argument structure as sent, which may be of any length

	s     *session
	ctx   context.Context
	reqNo uint64
	fork  bool // no system call, but a prefork
	leads bool // it runs on the goroutine that reads
	sent  bool // the response has been sent
	args  [minArgs * 8]byte
}

// Arg returns argument i, in its 8-byte slot; arguments that were not sent are 0.
func (t *Trap) Arg(i int) uint64 {
	if i < 0 || i >= len(t.Args)/8 {
		return 0
	}
	return binary.LittleEndian.Uint64(t.Args[8*i:])
}

// Copyin fills b with the client's memory at addr. An error is ErrFault.
func (t *Trap) Copyin(addr uint64, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	n, err := t.s.ask(t.ctx, t.leads, TypeCopyin, addr, b)
	if err == nil && n < len(b) {
		return ErrFault
	}
	return err
}

// CopyinString returns the string at addr in the client's memory, without its
// NUL. It asks for no more than limit bytes, with the NUL; complete tells
// whether there was one within.
func (t *Trap) CopyinString(addr uint64, limit int) (str string, complete bool, err error) {
	if limit <= 0 {
		return "", false, nil
	}
	if limit > MaxCopy {
		return "", false, ErrFault
	}
	b := make([]byte, limit)
	n, err := t.s.ask(t.ctx, t.leads, TypeCopyinstr, addr, b)
	if err != nil {
		return "", false, err
	}
	for i, c := range b[:n] {
		if c == 0 {
			return string(b[:i]), true, nil
		}
	}
	return string(b[:n]), false, nil
}

// Copyout writes b to the client's memory at addr. The client says nothing to
// that; an error, which is ErrFault, says that the connection is lost.
func (t *Trap) Copyout(addr uint64, b []byte) error { return t.copyout(TypeCopyout, addr, b) }

// CopyoutString writes s and a NUL to the client's memory at addr.
func (t *Trap) CopyoutString(addr uint64, s string) error {
	return t.copyout(TypeCopyoutstr, addr, append([]byte(s), 0))
}

func (t *Trap) copyout(typ Type, addr uint64, b []byte) error {
	for len(b) > 0 {
		part := b[:min(len(b), maxCopyout)]
		var fixed [copySize]byte
		binary.LittleEndian.PutUint64(fixed[:], uint64(len(part)))
		binary.LittleEndian.PutUint64(fixed[8:], addr)
		if t.ctx.Err() != nil || !t.s.sendLater(Header{ReqNo: t.s.number(), Type: typ}, fixed[:], part) {
			return ErrFault
		}
		b, addr = b[len(part):], addr+uint64(len(part))
	}
	return nil
}

// Anonmmap makes the client set n bytes of memory aside and returns their
// address, or 0 if the client has none to give.
func (t *Trap) Anonmmap(n uint64) (addr uint64, err error) {
	var b [8]byte
	got, err := t.s.ask(t.ctx, t.leads, TypeAnonmmap, n, b[:])
	if err == nil && got < len(b) {
		err = ErrFault
	}
	return binary.LittleEndian.Uint64(b[:]), err
}

// Raise sends the process a signal.
func (t *Trap) Raise(signo int) {
	t.s.send(Header{ReqNo: t.s.number(), Type: TypeRaise, Word: uint32(signo)})
}

// Refuse answers the call with an error frame: it has not been carried out. What
// Syscall returns is then ignored.
func (t *Trap) Refuse(code ErrorCode) {
	if t.sent {
		return
	}
	t.sent = true
	t.s.sendError(Header{ReqNo: t.reqNo}, code)
}

// Reply answers the call before Syscall returns, whose results are then ignored:
// for a call after which there is no kernel any more, such as reboot(2).
func (t *Trap) Reply(r0, r1 uint64, errno int) {
	if t.sent {
		return
	}
	t.answer(r0, r1, errno)
	t.s.out.flush()
}

// answer is Reply without seeing to it that the answer is sent at once.
func (t *Trap) answer(r0, r1 uint64, errno int) {
	if t.sent {
		return
	}
	t.sent = true
	b := t.args[:sysrespSize] // the arguments are of no more use
	clear(b)
	binary.LittleEndian.PutUint32(b[0:], uint32(int32(errno)))
	binary.LittleEndian.PutUint64(b[8:], r0)
	binary.LittleEndian.PutUint64(b[16:], r1)
	h := Header{ReqNo: t.reqNo, Class: ClassResponse, Type: TypeSyscall}
	t.s.trace(">", h, b)
	t.s.out.add(h, b)
}
