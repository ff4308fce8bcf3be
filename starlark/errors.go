package starlark

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Error is an error of a script: of its text, or of its run.
type Error struct {
	Pos   string  // file:line:column where it happened; may be empty
	Stack []Frame // the script's functions that were active, the innermost first
	Err   error   // what happened
}

// Frame is an active function of a script.
type Frame struct {
	Name string // of the function; <toplevel> for the file itself
	Pos  string // file:line:column of the call that it is in
}

// Error returns one line: the place and what happened there.
func (e *Error) Error() string {
	if e.Pos == "" {
		return e.Err.Error()
	}
	return e.Pos + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Backtrace returns the calls which led to the error, a line each, or nothing if
// it happened at the top level.
func (e *Error) Backtrace() string {
	if len(e.Stack) < 2 {
		return ""
	}
	var b strings.Builder
	for _, f := range e.Stack {
		fmt.Fprintf(&b, "\t%s: in %s\n", f.Pos, f.Name)
	}
	return b.String()
}

// newError makes an Error of what go.starlark.net returns.
func newError(err error) *Error {
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	var syn syntax.Error
	if errors.As(err, &syn) {
		return &Error{Pos: syn.Pos.String(), Err: errors.New(syn.Msg)}
	}
	var res resolve.ErrorList
	if errors.As(err, &res) && len(res) > 0 {
		// The first is enough: it is one line, and the next run shows the next one.
		return &Error{Pos: res[0].Pos.String(), Err: errors.New(res[0].Msg)}
	}
	var eval *starlark.EvalError
	if !errors.As(err, &eval) {
		return &Error{Err: err}
	}
	e := &Error{Err: errors.Unwrap(eval)}
	if e.Err == nil {
		e.Err = errors.New(eval.Msg)
	}
	var task *taskError
	if errors.As(e.Err, &task) {
		// It happened in the task; who has asked for its result comes after that.
		e = newError(task.err)
	}
	for i := len(eval.CallStack) - 1; i >= 0; i-- {
		f := eval.CallStack[i]
		if f.Pos.Filename() == "<builtin>" {
			continue
		}
		e.Stack = append(e.Stack, Frame{f.Name, f.Pos.String()})
	}
	if e.Pos == "" && len(e.Stack) > 0 {
		e.Pos = e.Stack[0].Pos
	}
	return e
}
