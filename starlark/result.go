package starlark

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// Result is what a utility did: its status and what it printed.
type Result struct {
	Args           []string
	Kernel         string
	Status         int
	Stdout, Stderr string
}

func resultAttrs() []attribute {
	return []attribute{
		{"status", "The utility's exit status, an int."},
		{"stdout", "What the utility printed on standard output, a string."},
		{"stderr", "What the utility printed on standard error, a string."},
	}
}

// String shows the result to a person.
func (r *Result) String() string {
	return fmt.Sprintf("<result of %q: status %d>", strings.Join(r.Args, " "), r.Status)
}
func (r *Result) Type() string          { return "result" }
func (r *Result) Freeze()               {}
func (r *Result) Truth() starlark.Bool  { return r.Status == 0 }
func (r *Result) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: result") }

// Attr implements starlark.HasAttrs.
func (r *Result) Attr(name string) (starlark.Value, error) {
	switch name {
	case "status":
		return starlark.MakeInt(r.Status), nil
	case "stdout":
		return starlark.String(r.Stdout), nil
	case "stderr":
		return starlark.String(r.Stderr), nil
	}
	return nil, nil
}

// AttrNames implements starlark.HasAttrs.
func (r *Result) AttrNames() []string { return []string{"status", "stderr", "stdout"} }

// A StatusError says that a utility ended with a status other than 0.
type StatusError struct{ *Result }

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s: %s: exit status %d", e.Kernel, strings.Join(e.Args, " "), e.Status)
	if msg := strings.TrimSpace(e.Stderr); msg != "" {
		s += ": " + strings.ReplaceAll(msg, "\n", "; ")
	}
	return s
}
