package starlark

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

// function describes a function of the script language: one line of a table,
// from which both the binding and the reference are made.
type function struct {
	name   string
	params string // names in order; a ? after the name makes it optional: "name value?"
	doc    string
	call   func(c *call) (starlark.Value, error)
}

// call is one call of a function.
type call struct {
	f      function
	scope  *scope
	ctx    context.Context
	thread *starlark.Thread
	self   starlark.Value // of a method
	args   starlark.Tuple
	kwargs []starlark.Tuple
}

// unpack stores the arguments into pointers, one for each parameter in order, as
// starlark.UnpackArgs does.
func (c *call) unpack(ptrs ...any) error {
	names := strings.Fields(c.f.params)
	if len(names) != len(ptrs) {
		return fmt.Errorf("%s: %d parameters for %d variables", c.f.name, len(names), len(ptrs))
	}
	pairs := make([]any, 0, 2*len(ptrs))
	for i, p := range ptrs {
		pairs = append(pairs, names[i], p)
	}
	return starlark.UnpackArgs(c.f.name, c.args, c.kwargs, pairs...)
}

// builtin returns the function as a value, as a method of self if that is not nil.
func (f function) builtin(self starlark.Value) *starlark.Builtin {
	b := starlark.NewBuiltin(f.name, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		sc, ok := t.Local(keyScope).(*scope)
		if !ok {
			return nil, fmt.Errorf("%s: called outside of a script", f.name)
		}
		c := &call{f, sc, contextOf(t), t, self, args, kwargs}
		v, err := f.call(c)
		if err != nil {
			c.failed(err)
		}
		if v == nil && err == nil {
			v = starlark.None
		}
		return v, err
	})
	if self != nil {
		b = b.BindReceiver(self)
	}
	return b
}

// signature returns how the function is called: "dial(network, address, timeout = None)".
func (f function) signature() string {
	var parts []string
	for _, p := range strings.Fields(f.params) {
		if name, optional := strings.CutSuffix(p, "?"); optional {
			p = name + " = ..."
		}
		parts = append(parts, p)
	}
	return f.name + "(" + strings.Join(parts, ", ") + ")"
}

// method returns the named method of a value, or nil as starlark.HasAttrs wants it.
func method(self starlark.Value, methods []function, name string) starlark.Value {
	for _, f := range methods {
		if f.name == name {
			return f.builtin(self)
		}
	}
	return nil
}

// attrNames returns the names of a value's methods and other attributes, sorted.
func attrNames(methods []function, others ...string) []string {
	names := slices.Clone(others)
	for _, f := range methods {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// module is a name under which functions are gathered.
type module struct {
	name      string
	functions []function
}

func (m module) String() string                           { return fmt.Sprintf("<module %s>", m.name) }
func (m module) Type() string                             { return "module" }
func (m module) Freeze()                                  {}
func (m module) Truth() starlark.Bool                     { return true }
func (m module) Hash() (uint32, error)                    { return 0, fmt.Errorf("unhashable: module") }
func (m module) Attr(name string) (starlark.Value, error) { return method(nil, m.functions, name), nil }
func (m module) AttrNames() []string                      { return attrNames(m.functions) }

var _ starlark.HasAttrs = module{}
