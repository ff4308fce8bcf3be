package starlark

import (
	"fmt"

	"go.starlark.net/starlark"
)

// optional unpacks a parameter whose being left out means something: v is nil
// then. T is a kind of int, a bool, or a type whose pointer is a starlark.Unpacker.
type optional[T any] struct{ v *T }

// or returns the value, or another if there is none.
func (o optional[T]) or(other T) T {
	if o.v == nil {
		return other
	}
	return *o.v
}

// Unpack implements starlark.Unpacker.
func (o *optional[T]) Unpack(v starlark.Value) error {
	x := new(T)
	switch p := any(x).(type) {
	case starlark.Unpacker:
		if err := p.Unpack(v); err != nil {
			return err
		}
	case *bool:
		b, ok := v.(starlark.Bool)
		if !ok {
			return fmt.Errorf("got %s, want bool", v.Type())
		}
		*p = bool(b)
	default:
		if err := starlark.AsInt(v, p); err != nil {
			return err
		}
	}
	o.v = x
	return nil
}
