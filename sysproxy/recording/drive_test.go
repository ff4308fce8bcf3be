package recording

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// span is memory of a recorded client and what the driving client lends for it.
type span struct {
	lo, hi uint64 // as recorded
	actual uint64
	mem    []byte // as lent
	want   []byte // as it must be in the end
}

// driver makes the calls of a recorded conversation with a Client.
type driver struct {
	client *sysproxy.Client
	forks  map[string]*sysproxy.Fork // by recorded cookie

	mu    sync.Mutex
	spans []*span // of the call in flight
}

// actual translates a recorded address.
func (d *driver) actual(rec uint64) (uint64, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return actual(d.spans, rec)
}

func actual(spans []*span, rec uint64) (uint64, bool) {
	for _, s := range spans {
		if rec >= s.lo && rec <= s.hi {
			return s.actual + (rec - s.lo), true
		}
	}
	return 0, false
}

// drive makes the calls of c and checks that they have the recorded outcome.
func (d *driver) drive(ctx context.Context, t *testing.T, c *conversation) {
	t.Helper()
	for i, k := range c.calls {
		if k.req.Class != sysproxy.ClassRequest {
			t.Fatalf("call %d is no request", i)
		}
		switch k.req.Type {
		case sysproxy.TypeHandshake:
			if sysproxy.Handshake(k.req.Word) == sysproxy.HandshakeExec {
				if err := d.client.Exec(ctx, string(bytes.TrimSuffix(k.req.Data, []byte{0}))); err != nil {
					t.Fatal(err)
				}
			}
		case sysproxy.TypePrefork:
			f, err := d.client.Prefork(ctx)
			if err != nil {
				t.Fatal(err)
			}
			d.forks[string(k.answer.Data)] = f
		case sysproxy.TypeSyscall:
			if err := d.syscall(ctx, k); err != nil {
				t.Fatalf("connection %d, call %d: %v", c.id, i, err)
			}
		}
	}
}

// spansOf finds the memory which the kernel reached during a call.
func spansOf(k *call) []*span {
	var spans []*span
	var anon []*span
	for _, s := range k.steps {
		addr, n := s.addr()
		switch s.req.Type {
		case sysproxy.TypeAnonmmap:
			lo := binary.LittleEndian.Uint64(s.resp)
			anon = append(anon, &span{lo: lo, hi: lo + binary.LittleEndian.Uint64(s.req.Data)})
			continue
		case sysproxy.TypeRaise:
			continue
		case sysproxy.TypeCopyinstr:
			n = len(s.resp)
		}
		if _, ok := actual(anon, addr); !ok {
			spans = append(spans, &span{lo: addr, hi: addr + uint64(n)})
		}
	}
	slices.SortFunc(spans, func(a, b *span) int { return int(int64(a.lo) - int64(b.lo)) })
	var merged []*span
	for _, s := range spans {
		if n := len(merged); n > 0 && s.lo <= merged[n-1].hi {
			merged[n-1].hi = max(merged[n-1].hi, s.hi)
		} else {
			merged = append(merged, s)
		}
	}
	// A pointer below a span, with nothing in between, points to the same object.
	for i, s := range merged {
		for _, p := range k.pointers() {
			if p < s.lo && s.lo-p < 4096 && (i == 0 || p > merged[i-1].hi) {
				s.lo = p
			}
		}
	}
	return merged
}

// syscall makes a recorded system call.
func (d *driver) syscall(ctx context.Context, k *call) error {
	n := d.client.NewCall(k.req.Word)
	spans := spansOf(k)
	known := make(map[uint64]bool) // bytes whose first content is known
	for _, s := range spans {
		s.mem = make([]byte, s.hi-s.lo)
		s.actual = n.Lend(s.mem, sysproxy.Read|sysproxy.Write)
	}
	at := func(addr uint64) []byte {
		for _, s := range spans {
			if addr >= s.lo && addr < s.hi {
				return s.mem[addr-s.lo:]
			}
		}
		return nil
	}
	var anonMax uint64
	for _, s := range k.steps {
		addr, size := s.addr()
		switch s.req.Type {
		case sysproxy.TypeCopyin, sysproxy.TypeCopyinstr:
			for i, b := range s.resp {
				if a := addr + uint64(i); !known[a] {
					known[a] = true
					at(a)[0] = b
				}
			}
		case sysproxy.TypeCopyout:
			for i := range size {
				known[addr+uint64(i)] = true
			}
		case sysproxy.TypeAnonmmap:
			anonMax += binary.LittleEndian.Uint64(s.req.Data)
		}
	}
	for _, s := range spans {
		for i := int(-s.lo & 7); i+8 <= len(s.mem); i += 8 {
			if a, ok := actual(spans, binary.LittleEndian.Uint64(s.mem[i:])); ok {
				binary.LittleEndian.PutUint64(s.mem[i:], a)
			}
		}
		s.want = bytes.Clone(s.mem)
	}
	anonAt := make(map[uint64]byte) // by recorded address
	for _, s := range k.steps {
		if s.req.Type == sysproxy.TypeCopyout {
			addr, _ := s.addr()
			for i, b := range s.req.Data[16:] {
				a := addr + uint64(i)
				anonAt[a] = b
				for _, s := range spans {
					if a >= s.lo && a < s.hi {
						s.want[a-s.lo] = b
					}
				}
			}
		}
	}
	for _, v := range words(k.req.Data) {
		if a, ok := actual(spans, v); ok {
			v = a
		}
		n.Uint(v)
	}
	d.mu.Lock()
	d.spans = spans
	d.mu.Unlock()
	r, err := n.AllowAnon(anonMax).Do(ctx)
	if err != nil {
		return err
	}
	want := k.answer.Data
	if r.Errno != int(int32(binary.LittleEndian.Uint32(want))) || r.R0 != binary.LittleEndian.Uint64(want[8:]) || r.R1 != binary.LittleEndian.Uint64(want[16:]) {
		return fmt.Errorf("result %+v, recorded %x", r, want)
	}
	signal := 0
	var anonRec []uint64
	for _, s := range k.steps {
		switch s.req.Type {
		case sysproxy.TypeRaise:
			signal = int(s.req.Word)
		case sysproxy.TypeAnonmmap:
			anonRec = append(anonRec, binary.LittleEndian.Uint64(s.resp))
		}
	}
	if r.Signal != signal {
		return fmt.Errorf("signal %d, recorded %d", r.Signal, signal)
	}
	if len(r.Anon) != len(anonRec) {
		return fmt.Errorf("%d pieces of anonymous memory, recorded %d", len(r.Anon), len(anonRec))
	}
	for i, a := range r.Anon {
		for off, b := range a.Data {
			if anonAt[anonRec[i]+uint64(off)] != b {
				return fmt.Errorf("anonymous memory differs at offset %d", off)
			}
		}
	}
	for _, s := range spans {
		if len(anonRec) > 0 {
			// The kernel tells where the memory is: somewhere else than it was.
			for i := int(-s.lo & 7); i+8 <= len(s.want); i += 8 {
				for j, rec := range anonRec {
					if binary.LittleEndian.Uint64(s.want[i:]) == rec {
						binary.LittleEndian.PutUint64(s.want[i:], r.Anon[j].Addr)
					}
				}
			}
		}
		if !bytes.Equal(s.mem, s.want) {
			return fmt.Errorf("memory recorded at %#x differs:\n got %x\nwant %x", s.lo, s.mem, s.want)
		}
	}
	return nil
}
