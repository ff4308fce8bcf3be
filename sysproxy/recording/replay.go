package recording

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Replay is a sysproxy.Handler that answers from a recording; see the package's
// documentation for how it finds the answers. A Replay serves its recording
// once: make another one to begin anew.
type Replay struct {
	mu         sync.Mutex
	all        []*conversation
	mismatches []error
}

// NewReplay returns a Replay of a recording.
func NewReplay(entries []Entry) *Replay { return &Replay{all: converse(entries)} }

// Banner returns what the recorded server greeted with.
func (r *Replay) Banner() sysproxy.Banner {
	for _, c := range r.all {
		if b, err := sysproxy.ParseBanner(strings.TrimSuffix(c.banner, "\n")); err == nil {
			return b
		}
	}
	return sysproxy.Banner{}
}

// Serve serves the recording to clients that connect to l, until ctx ends, which is
// no error, or l fails.
func (r *Replay) Serve(ctx context.Context, l net.Listener) error {
	srv := &sysproxy.Server{Handler: r, Banner: r.Banner()}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	err := srv.Serve(l)
	srv.Close()
	if err == sysproxy.ErrClosed && ctx.Err() != nil {
		err = nil
	}
	return err
}

// Mismatches returns an error for each request that the recording does not have.
func (r *Replay) Mismatches() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.mismatches)
}

// Left returns how many recorded system calls nobody has made yet.
func (r *Replay) Left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, c := range r.all {
		for _, k := range c.calls {
			if k.req.Class == sysproxy.ClassRequest && k.req.Type == sysproxy.TypeSyscall && !k.taken {
				n++
			}
		}
	}
	return n
}

func (r *Replay) mismatch(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	r.mismatches = append(r.mismatches, err)
	return err
}

// Guest implements sysproxy.Handler.
func (r *Replay) Guest(_ context.Context, program string) (sysproxy.Process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var first *conversation
	for _, c := range r.all {
		name, ok := c.guest()
		if !ok || c.taken {
			continue
		}
		if name == program {
			first = c
			break
		}
		if first == nil {
			first = c
		}
	}
	if first == nil {
		return nil, r.mismatch("guest %q: no recorded guest is left", program)
	}
	first.taken = true
	return &process{r: r, c: first}, nil
}

// guest returns the program name if c is that of a guest.
func (c *conversation) guest() (name string, ok bool) {
	for _, k := range c.calls {
		f := k.req
		if f.Class == sysproxy.ClassRequest && f.Type == sysproxy.TypeHandshake &&
			sysproxy.Handshake(f.Word) == sysproxy.HandshakeGuest {
			b, _, _ := bytes.Cut(f.Data, []byte{0})
			return string(b), true
		}
	}
	return "", false
}

// process is a recorded client's process.
type process struct {
	r    *Replay
	c    *conversation // nil for a fork that was recorded without its child
	anon []translation
}

// take returns the first call that nobody has taken and that matches.
func (p *process) take(matches func(*call) bool) *call {
	if p.c == nil {
		return nil
	}
	for _, k := range p.c.calls {
		if !k.taken && k.req.Class == sysproxy.ClassRequest && matches(k) {
			k.taken = true
			return k
		}
	}
	return nil
}

// Fork implements sysproxy.Process.
func (p *process) Fork(context.Context) (sysproxy.Process, error) {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	k := p.take(func(k *call) bool { return k.req.Type == sysproxy.TypePrefork })
	if k == nil || k.answer == nil || k.answer.Class != sysproxy.ClassResponse {
		return nil, p.r.mismatch("connection %d: no recorded fork is left", p.id())
	}
	child := &process{r: p.r, anon: slices.Clone(p.anon)}
	for _, c := range p.r.all {
		if !c.taken && c.claims(k.answer.Data) {
			c.taken = true
			child.c = c
			break
		}
	}
	return child, nil
}

// claims reports whether c is that of a child with the given cookie.
func (c *conversation) claims(cookie []byte) bool {
	if len(c.calls) == 0 {
		return false
	}
	f := c.calls[0].req
	return f.Type == sysproxy.TypeHandshake && sysproxy.Handshake(f.Word) == sysproxy.HandshakeFork && bytes.HasPrefix(f.Data, cookie)
}

func (p *process) id() int {
	if p.c == nil {
		return 0
	}
	return p.c.id
}

// Exec implements sysproxy.Process.
func (p *process) Exec(string) {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	p.take(func(k *call) bool {
		return k.req.Type == sysproxy.TypeHandshake && sysproxy.Handshake(k.req.Word) == sysproxy.HandshakeExec
	})
}

// Exit implements sysproxy.Process.
func (p *process) Exit() {}

// Syscall implements sysproxy.Process.
func (p *process) Syscall(ctx context.Context, t *sysproxy.Trap) (r0, r1 uint64, errno int) {
	p.r.mu.Lock()
	k := p.take(func(k *call) bool { return k.matches(t, ^uint64(0)) })
	if k == nil {
		k = p.take(func(k *call) bool { return k.matches(t, 1<<32-1) })
	}
	if k == nil {
		p.r.mismatch("connection %d: system call %d with arguments %#x was not recorded, or has been made already", p.id(), t.Num, words(t.Args))
	}
	anon := slices.Clone(p.anon)
	p.r.mu.Unlock()
	switch {
	case k == nil:
		t.Refuse(sysproxy.CodeMalformed)
		return 0, 0, 0
	case k.answer == nil:
		<-ctx.Done()
		return 0, 0, 0
	}
	if err := p.steps(t, k, anon); err != nil {
		if !errors.Is(err, sysproxy.ErrFault) {
			p.r.mu.Lock()
			p.r.mismatch("connection %d: system call %d: %w", p.id(), t.Num, err)
			p.r.mu.Unlock()
		}
		t.Refuse(sysproxy.CodeMalformed)
		return 0, 0, 0
	}
	if k.answer.Class == sysproxy.ClassError || len(k.answer.Data) < 24 {
		t.Refuse(sysproxy.ErrorCode(k.answer.Word))
		return 0, 0, 0
	}
	b := k.answer.Data
	return binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:]), int(int32(binary.LittleEndian.Uint32(b)))
}

// matches reports whether the system call t is the recorded one. Arguments which
// may not be pointers are compared in the masked bits.
func (k *call) matches(t *sysproxy.Trap, mask uint64) bool {
	if k.req.Type != sysproxy.TypeSyscall || k.req.Word != t.Num {
		return false
	}
	for i, rec := range words(k.req.Data) {
		act := t.Arg(i)
		if rec&mask != act&mask && !(maybePointer(rec) && maybePointer(act)) {
			return false
		}
	}
	return true
}

// translation says what a recorded address has become.
type translation struct{ recorded, actual uint64 }

// translations translates addresses.
type translations []translation

func (ts *translations) add(recorded, actual uint64) {
	if maybePointer(recorded) && maybePointer(actual) {
		*ts = append(*ts, translation{recorded, actual})
	}
}

// address translates by the nearest recorded address that is not above.
func (ts translations) address(recorded uint64) (uint64, bool) {
	best := translation{}
	for _, t := range ts {
		// Of equals the later one: what was copied in last is what the kernel used.
		if t.recorded <= recorded && t.recorded >= best.recorded {
			best = t
		}
	}
	return best.actual + (recorded - best.recorded), best.recorded != 0
}

// steps does again what the server did during the recorded call.
func (p *process) steps(t *sysproxy.Trap, k *call, anon []translation) error {
	known := translations(anon)
	for i, rec := range words(k.req.Data) {
		known.add(rec, t.Arg(i))
	}
	for _, s := range k.steps {
		switch s.req.Type {
		case sysproxy.TypeRaise:
			t.Raise(int(s.req.Word))
			continue
		case sysproxy.TypeAnonmmap:
			if len(s.req.Data) < 8 || len(s.resp) < 8 {
				continue
			}
			rec := binary.LittleEndian.Uint64(s.resp)
			act, err := t.Anonmmap(binary.LittleEndian.Uint64(s.req.Data))
			if err != nil {
				return err
			}
			known.add(rec, act)
			p.r.mu.Lock()
			p.anon = append(p.anon, translation{rec, act})
			p.r.mu.Unlock()
			anon = append(anon, translation{rec, act})
			continue
		}
		rec, n := s.addr()
		act, ok := known.address(rec)
		if !ok {
			return fmt.Errorf("a %s at %#x, which no pointer of the call leads to", s.req.Type, rec)
		}
		switch s.req.Type {
		case sysproxy.TypeCopyin:
			b := make([]byte, max(0, min(n, sysproxy.MaxCopy)))
			if err := t.Copyin(act, b); err != nil {
				return err
			}
			if rec%8 == 0 {
				now := words(b)
				for i, old := range words(s.resp) {
					if i < len(now) {
						known.add(old, now[i])
					}
				}
			}
		case sysproxy.TypeCopyinstr:
			if _, _, err := t.CopyinString(act, n); err != nil {
				return err
			}
		case sysproxy.TypeCopyout, sysproxy.TypeCopyoutstr:
			b := slices.Clone(s.req.Data[16:])
			translate(b, rec, anon)
			if s.req.Type == sysproxy.TypeCopyoutstr {
				if err := t.CopyoutString(act, strings.TrimSuffix(string(b), "\x00")); err != nil {
					return err
				}
			} else if err := t.Copyout(act, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// translate replaces pointers to anonymous memory within b, which goes to addr.
func translate(b []byte, addr uint64, anon []translation) {
	for i := int(-addr & 7); i+8 <= len(b); i += 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		for _, t := range anon {
			if v == t.recorded {
				binary.LittleEndian.PutUint64(b[i:], t.actual)
			}
		}
	}
}
