package starlark

import (
	"reflect"
	"unsafe"

	"go.starlark.net/starlark"
)

// variable is a variable that a stopped function can see.
type variable struct {
	name  string
	value starlark.Value
}

// variables returns the variables of a stopped function: its locals and those that
// it has captured from the functions around it, in the order of the script; and
// the variables of its file. A variable that has no value yet is left out.
func variables(frame starlark.DebugFrame) (own []variable, globals starlark.StringDict) {
	fn, ok := frame.Callable().(*starlark.Function)
	if !ok {
		return nil, nil
	}
	add := func(b starlark.Binding, v starlark.Value) {
		if v = captured(v); v != nil {
			own = append(own, variable{b.Name, v})
		}
	}
	for i := range frame.NumLocals() {
		add(frame.Local(i))
	}
	for i := range fn.NumFreeVars() {
		add(fn.FreeVar(i))
	}
	return own, fn.Globals()
}

// captured returns what a variable holds. One that an inner function shares is in a
// cell, whose type go.starlark.net keeps to itself: a struct with one field, v.
func captured(v starlark.Value) starlark.Value {
	if v == nil || v.Type() != "cell" {
		return v
	}
	cell := reflect.ValueOf(v)
	if cell.Kind() != reflect.Pointer || cell.Elem().Kind() != reflect.Struct {
		return nil
	}
	field := cell.Elem().FieldByName("v")
	if !field.IsValid() || field.Type() != reflect.TypeFor[starlark.Value]() {
		return nil
	}
	return *(*starlark.Value)(unsafe.Pointer(field.UnsafeAddr()))
}
