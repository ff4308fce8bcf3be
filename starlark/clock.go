package starlark

import (
	"fmt"
	gotime "time"

	"go.starlark.net/lib/time"
	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
)

// Clock is the time of fake kernels, which stands still until a script moves it.
type Clock struct{ c *harness.ManualClock }

// clockStart is what a clock shows if nobody says: always the same, so that what
// depends on it is.
var clockStart = gotime.Date(2020, 1, 1, 0, 0, 0, 0, gotime.UTC)

func clockAttrs() []attribute {
	return []attribute{
		{"now", "What the clock shows, a value of Starlark's time module."},
		{"next", "How long it is until the next thing is due that waits for the clock, a duration of Starlark's time module, or None if nothing is."},
	}
}

func clockMethods() []function {
	return []function{
		{"advance", "duration", "Moves the clock: advance(\"20m\"). All that is due on the way happens, in order, before it returns; what kernels then tell each other over a bus may take a moment longer.", clockAdvance},
	}
}

// String shows the clock to a person.
func (k *Clock) String() string {
	return fmt.Sprintf("<clock %s>", k.c.Now().Format(gotime.RFC3339Nano))
}
func (k *Clock) Type() string          { return "clock" }
func (k *Clock) Freeze()               {} // what moves is no value
func (k *Clock) Truth() starlark.Bool  { return true }
func (k *Clock) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: clock") }

// Attr implements starlark.HasAttrs.
func (k *Clock) Attr(name string) (starlark.Value, error) {
	switch name {
	case "now":
		return time.Time(k.c.Now()), nil
	case "next":
		if d, ok := k.c.Next(); ok {
			return time.Duration(d), nil
		}
		return starlark.None, nil
	}
	return method(k, clockMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (k *Clock) AttrNames() []string { return attrNames(clockMethods(), "next", "now") }

func newClock(c *call) (starlark.Value, error) {
	var start starlark.Value
	if err := c.unpack(&start); err != nil {
		return nil, err
	}
	at := clockStart
	switch v := start.(type) {
	case nil:
	case time.Time:
		at = gotime.Time(v)
	case starlark.String:
		t, err := gotime.Parse(gotime.RFC3339, string(v))
		if err != nil {
			return nil, fmt.Errorf("clock: %s is no time: write \"2020-01-01T00:00:00Z\"", v)
		}
		at = t
	default:
		return nil, fmt.Errorf("clock: got %s where a time is wanted", v.Type())
	}
	return &Clock{harness.NewManualClock(at)}, nil
}

func clockAdvance(c *call) (starlark.Value, error) {
	var d duration
	if err := c.unpack(&d); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		c.self.(*Clock).c.Advance(gotime.Duration(d))
		return nil, nil
	})
}

// Unpack implements starlark.Unpacker: a parameter that is a clock, or None.
func (k *Clock) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.NoneType:
	case *Clock:
		k.c = v.c
	default:
		return fmt.Errorf("got %s where a clock is wanted: clock()", v.Type())
	}
	return nil
}
