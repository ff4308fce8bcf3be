package packet

import (
	"context"
	"fmt"
	"strings"

	"github.com/rumpkernel/rumpscript/shmif"
)

// A Matcher says which packets are meant: a *Filter, or a function made one by MatchFunc. String is for messages.
type Matcher interface {
	Match(*Packet) (bool, error)
	String() string
}

type matchFunc struct {
	name string
	f    func(*Packet) (bool, error)
}

func (m matchFunc) Match(p *Packet) (bool, error) { return m.f(p) }
func (m matchFunc) String() string                { return m.name }

// MatchFunc makes a Matcher of a function. An error of the function ends what uses it.
func MatchFunc(name string, f func(*Packet) (bool, error)) Matcher { return matchFunc{name, f} }

// And matches what all ms match.
func And(ms ...Matcher) Matcher {
	names := make([]string, len(ms))
	for i, m := range ms {
		names[i] = m.String()
	}
	return matchFunc{strings.Join(names, " and "), func(p *Packet) (bool, error) {
		for _, m := range ms {
			if ok, err := m.Match(p); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	}}
}

// An ExpectError says that the expected packet did not come, or that an unexpected one did, and shows what came.
type ExpectError struct {
	Want string
	None bool      // it was not to come
	Got  *Packet   // it came nevertheless
	Seen []*Packet // the last packets that came
	More int       // how many came before those
	Lost uint64    // bytes of the bus that were overwritten before they were looked at: it may have been there
	Err  error     // why the wait ended
}

const maxSeen = 50

func (e *ExpectError) Error() string {
	var b strings.Builder
	if e.None {
		fmt.Fprintf(&b, "packet: %q was not to come, but: %s", e.Want, e.Got.Line())
		return b.String()
	}
	fmt.Fprintf(&b, "packet: no %q: %v; ", e.Want, e.Err)
	if e.Lost > 0 {
		fmt.Fprintf(&b, "%d bytes of the bus were lost; ", e.Lost)
	}
	switch n := len(e.Seen) + e.More; n {
	case 0:
		b.WriteString("nothing came")
	case 1:
		b.WriteString("this came:")
	default:
		fmt.Fprintf(&b, "these %d came:", n)
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\n\t(%d before)", e.More)
	}
	for _, p := range e.Seen {
		b.WriteString("\n\t" + p.Line())
	}
	return b.String()
}

func (e *ExpectError) Unwrap() error { return e.Err }

// Timeout says whether time ran out.
func (e *ExpectError) Timeout() bool { return e.Err == context.DeadlineExceeded }

// A Source is where packets come from: a *shmif.Reader, or a *shmif.Cursor of a recording.
type Source interface {
	Next(context.Context) (shmif.Frame, error)
}

// Expect reads r until a packet matches and returns it. When ctx ends before, or the reader fails, it returns an
// *ExpectError which holds what came instead. The names may be nil.
func Expect(ctx context.Context, r Source, names *Names, m Matcher) (*Packet, error) {
	e := &ExpectError{Want: m.String()}
	for {
		f, err := r.Next(ctx)
		if err != nil {
			e.Err = err
			return nil, e
		}
		p := names.Decode(f)
		e.Lost += f.Lost
		ok, err := m.Match(p)
		if err != nil {
			return nil, err
		}
		if ok {
			return p, nil
		}
		e.Seen = append(e.Seen, p)
		if len(e.Seen) > maxSeen {
			e.Seen = e.Seen[1:]
			e.More++
		}
	}
}

// ExpectNone reads r until ctx ends and returns an *ExpectError if a packet matches.
func ExpectNone(ctx context.Context, r Source, names *Names, m Matcher) error {
	p, err := Expect(ctx, r, names, m)
	if err == nil {
		return &ExpectError{Want: m.String(), None: true, Got: p}
	}
	if e, ok := err.(*ExpectError); ok && ctx.Err() != nil && e.Lost == 0 {
		return nil
	}
	return err
}
