package starlark

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/shmif"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// How long a script waits for a packet, and for none to come, if it does not say.
const (
	expectTimeout     = 5 * time.Second
	expectNoneTimeout = time.Second
)

// Mark is a place from which a script looks at what is on a bus.
type Mark struct {
	b *Bus

	mu   sync.Mutex
	from shmif.Position // where packets begins
	next shmif.Position // where expect goes on
}

func markMethods() []function {
	return viewMethods(func(v starlark.Value) *Mark { return v.(*Mark) })
}

// viewMethods is the table of the methods that a bus and a mark have.
func viewMethods(of func(starlark.Value) *Mark) []function {
	return []function{
		{"expect", "match within?", "Waits for a packet that matches, a filter (pcap-filter's language) or a function of a packet, and returns it; 5s if not given how long. It begins where the last expect has found something, so that packets which are expected in turn must come in turn. On failure it shows those that came instead.", func(c *call) (starlark.Value, error) { return of(c.self).expect(c) }},
		{"expect_none", "match within?", "Fails if a packet matches that has come since the last expect, or comes within the given time, 1s if not given.", func(c *call) (starlark.Value, error) { return of(c.self).expectNone(c) }},
		{"packets", "match?", "Returns a list of the packets that came since the mark, or the beginning; of those that match, if a filter or a function is given.", func(c *call) (starlark.Value, error) { return of(c.self).packets(c) }},
	}
}

// String shows the mark to a person.
func (m *Mark) String() string        { return fmt.Sprintf("<mark on bus %s>", m.b.name) }
func (m *Mark) Type() string          { return "mark" }
func (m *Mark) Freeze()               {}
func (m *Mark) Truth() starlark.Bool  { return true }
func (m *Mark) Hash() (uint32, error) { return 0, errors.New("unhashable: mark") }

// Attr implements starlark.HasAttrs.
func (m *Mark) Attr(name string) (starlark.Value, error) { return method(m, markMethods(), name), nil }

// AttrNames implements starlark.HasAttrs.
func (m *Mark) AttrNames() []string { return attrNames(markMethods()) }

func (m *Mark) move(pos shmif.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.from, m.next = pos, pos
}

// places returns where packets begins and where expect goes on.
func (m *Mark) places() (from, next shmif.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.from, m.next
}

func (m *Mark) packets(c *call) (starlark.Value, error) {
	var match matcher
	if err := c.unpack(&match); err != nil {
		return nil, err
	}
	w := m.b.current()
	if w == nil { // nobody has used the bus
		_, err := m.b.open()
		return starlark.NewList(nil), err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if err := w.sync(c.ctx); err != nil {
			return nil, fmt.Errorf("bus %s: %w", m.b.name, err)
		}
		from, _ := m.places()
		list := []starlark.Value{}
		is := match.waiting(c)
		for _, p := range w.since(from) {
			ok, err := is.Match(p)
			if err != nil {
				return nil, err
			}
			if ok {
				list = append(list, &Packet{p})
			}
		}
		return starlark.NewList(list), nil
	})
}

func (m *Mark) expect(c *call) (starlark.Value, error) {
	var match matcher
	within := duration(expectTimeout)
	if err := c.unpack(&match, &within); err != nil {
		return nil, err
	}
	w, err := m.b.open()
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		end, err := w.end(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("bus %s: %w", m.b.name, err)
		}
		ctx, cancel := expectContext(c.ctx, within)
		defer cancel()
		_, next := m.places()
		p, err := packet.Expect(ctx, recorded{w.rec.NewCursor(next), end}, w.names, withFate(w, match.waiting(c)))
		if err != nil {
			return nil, expectError(c.ctx, "bus "+m.b.name, err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.next = p.End()
		return &Packet{p}, nil
	})
}

func (m *Mark) expectNone(c *call) (starlark.Value, error) {
	var match matcher
	within := duration(expectNoneTimeout)
	if err := c.unpack(&match, &within); err != nil {
		return nil, err
	}
	w, err := m.b.open()
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		end, err := w.end(c.ctx)
		if err != nil {
			return nil, fmt.Errorf("bus %s: %w", m.b.name, err)
		}
		ctx, cancel := expectContext(c.ctx, within)
		defer cancel()
		_, next := m.places()
		err = packet.ExpectNone(ctx, recorded{w.rec.NewCursor(next), end}, w.names, withFate(w, match.waiting(c)))
		return nil, expectError(c.ctx, "bus "+m.b.name, err)
	})
}

// recorded reads what has been recorded even if there is no time to wait for more.
type recorded struct {
	*shmif.Cursor
	end shmif.Position // of what there is
}

// Next implements packet.Source.
func (r recorded) Next(ctx context.Context) (shmif.Frame, error) {
	if r.Position() < r.end {
		f, ok, err := r.TryNext()
		if ok || err != nil {
			return f, err
		}
	}
	return r.Cursor.Next(ctx)
}

// withFate has a matcher see whom a packet will not reach.
func withFate(w *wire, m packet.Matcher) packet.Matcher {
	return packet.MatchFunc(m.String(), func(p *packet.Packet) (bool, error) {
		w.fate(p)
		return m.Match(p)
	})
}

// expectContext limits how long a script waits for a packet.
func expectContext(ctx context.Context, within duration) (context.Context, context.CancelFunc) {
	d := time.Duration(within)
	return context.WithTimeoutCause(ctx, d, fmt.Errorf("not within %s", d))
}

// expectError says where a packet was expected. What a script's function or the
// end of the script has brought about stays as it is.
func expectError(ctx context.Context, where string, err error) error {
	var eval *starlark.EvalError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil || errors.As(err, &eval):
		return err
	}
	return &packetError{where, err}
}

// packetError is an error of package packet, and where it happened.
type packetError struct {
	where string
	err   error
}

func (e *packetError) Error() string {
	return e.where + ": " + strings.TrimPrefix(e.err.Error(), "packet: ")
}

func (e *packetError) Unwrap() error { return e.err }

// matcher unpacks which packets are meant: a filter or a function.
type matcher struct {
	filter *packet.Filter
	f      starlark.Callable
}

// Unpack implements starlark.Unpacker.
func (m *matcher) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.String:
		f, err := packet.ParseFilter(string(v))
		m.filter = f
		return err
	case starlark.Callable:
		m.f = v
		return nil
	}
	return fmt.Errorf("got %s where a filter or a function of a packet is wanted", v.Type())
}

func (m *matcher) given() bool { return m.filter != nil || m.f != nil }

// name says in errors which packets are meant.
func (m *matcher) name() string {
	fn, ok := m.f.(*starlark.Function)
	if !ok {
		return m.f.Name()
	}
	pos := fn.Position()
	return fmt.Sprintf("%s of line %d", fn.Name(), pos.Line)
}

// waiting returns the matcher for somebody who is waiting in the call.
func (m *matcher) waiting(c *call) packet.Matcher {
	switch {
	case m.filter != nil:
		return m.filter
	case m.f == nil:
		return packet.MatchFunc("any packet", func(*packet.Packet) (bool, error) { return true, nil })
	}
	return packet.MatchFunc(m.name(), func(p *packet.Packet) (bool, error) {
		return resuming(c.scope, func() (bool, error) { return m.truth(c.thread, p) })
	})
}

// inTask returns the matcher for somebody who runs beside the script.
func (m *matcher) inTask(c *call) func(*packet.Packet) (bool, error) {
	if m.filter != nil {
		return m.filter.Match
	}
	sc := c.scope
	thread := sc.thread(context.WithoutCancel(c.ctx), m.name())
	thread.Print = c.thread.Print
	return func(p *packet.Packet) (bool, error) {
		sc.turn.take(thread)
		defer sc.turn.give()
		return m.truth(thread, p)
	}
}

func (m *matcher) truth(thread *starlark.Thread, p *packet.Packet) (bool, error) {
	v, err := starlark.Call(thread, m.f, starlark.Tuple{&Packet{p}}, nil)
	if err != nil {
		return false, err
	}
	return bool(v.Truth()), nil
}
