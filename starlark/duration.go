package starlark

import (
	"fmt"
	"time"

	"go.starlark.net/starlark"
)

// duration unpacks a length of time: a string such as "250ms" or "1m30s", or a
// number of seconds.
type duration time.Duration

// Unpack implements starlark.Unpacker.
func (d *duration) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.String:
		t, err := time.ParseDuration(string(v))
		if err != nil {
			return fmt.Errorf("%s is no duration: write \"250ms\", \"2s\" or a number of seconds", v)
		}
		*d = duration(t)
	case starlark.Int, starlark.Float:
		f, _ := starlark.AsFloat(v)
		*d = duration(f * float64(time.Second))
	default:
		return fmt.Errorf("got %s where a duration is wanted: \"250ms\", \"2s\" or a number of seconds", v.Type())
	}
	if *d < 0 {
		return fmt.Errorf("%s is negative", v)
	}
	return nil
}
