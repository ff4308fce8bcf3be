package starlark

import (
	"net/netip"
	"time"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// record returns a struct of the given kind.
func record(kind string, fields starlark.StringDict) starlark.Value {
	return starlarkstruct.FromStringDict(starlark.String(kind), fields)
}

// listOf returns a list of a value for each item.
func listOf[T any](items []T, value func(T) starlark.Value) *starlark.List {
	list := make([]starlark.Value, len(items))
	for i, x := range items {
		list[i] = value(x)
	}
	return starlark.NewList(list)
}

func stringList(items []string) *starlark.List {
	return listOf(items, func(s string) starlark.Value { return starlark.String(s) })
}

// optionalString returns a string, or None for an empty one.
func optionalString(s string) starlark.Value {
	if s == "" {
		return starlark.None
	}
	return starlark.String(s)
}

// optionalAddr returns an address, or None for an invalid one.
func optionalAddr(a netip.Addr) starlark.Value {
	if !a.IsValid() {
		return starlark.None
	}
	return Address{a, -1}
}

// secondsUntil returns the seconds from now, or None for no time.
func secondsUntil(t time.Time) starlark.Value {
	if t.IsZero() {
		return starlark.None
	}
	return starlark.Float(time.Until(t).Seconds())
}
