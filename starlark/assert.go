package starlark

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// An AssertionError says that an assertion of a script did not hold.
type AssertionError struct {
	Assertion string // the call in the script: "assert.eq(k.sysctl(name), 1)"; or its name alone
	What      string // what did not hold, with the values
	Message   string // the script's own words, may be empty
}

func (e *AssertionError) Error() string {
	s := e.Assertion + " failed: "
	if e.Message != "" {
		s += e.Message + ": "
	}
	return s + e.What
}

// asserts is the table of assertions.
func asserts() []function {
	table := assertTable()
	for i, f := range table {
		table[i].call = func(c *call) (starlark.Value, error) {
			v, err := f.call(c)
			if a, ok := err.(*AssertionError); ok {
				if text := callText(c.thread.CallFrame(1).Pos); text != "" {
					a.Assertion = text
				}
			}
			return v, err
		}
	}
	return table
}

func assertTable() []function {
	compare := func(name string, op syntax.Token, doc, verb string) function {
		return function{name, "got want message?", doc, func(c *call) (starlark.Value, error) {
			var got, want starlark.Value
			var msg string
			if err := c.unpack(&got, &want, &msg); err != nil {
				return nil, err
			}
			got, want = likeAddress(got, want), likeAddress(want, got)
			ok, err := starlark.Compare(op, got, want)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, &AssertionError{"assert." + name, describeComparison(got, want, verb), msg}
			}
			return nil, nil
		}}
	}
	return []function{
		compare("eq", syntax.EQL, "Fails unless got equals want.", "want"),
		compare("ne", syntax.NEQ, "Fails if got equals want.", "which must not equal"),
		compare("lt", syntax.LT, "Fails unless got is less than want.", "want less than"),
		{"true", "got message?", "Fails unless got is true, as if takes it.", assertTrue},
		{"contains", "got want message?", "Fails unless want is in got: a part of a string, an element of a list, tuple or set, a key of a dict.", assertContains},
		{"matches", "got pattern message?", "Fails unless the regular expression (RE2) matches a part of the string got.", assertMatches},
		{"fails", "function error? message?", "Calls the function and fails unless that fails with the given error: the name of an errno, such as \"EEXIST\", or a regular expression (RE2) which matches a part of the error's text. Without one any error will do. Returns the error's text.", assertFails},
		{"eventually", "function timeout? message?", "Calls the function again and again until it returns something true, which is returned. Fails with the last value, or the last error, if that takes longer than the timeout, 5s if not given.", assertEventually},
		{"golden", "got file message?", "Fails unless the string or bytes got is what is in the file, whose path is relative to the script's. With --update the file is written instead.", assertGolden},
		{"never", "function timeout? message?", "Calls the function again and again for the given time, 1s if not given, and fails if it ever returns something true.", assertNever},
	}
}

// longValue is the length in bytes from which two values are shown as a diff.
const longValue = 60

func describeComparison(got, want starlark.Value, verb string) string {
	g, gok := starlark.AsString(got)
	w, wok := starlark.AsString(want)
	if gok && wok && verb == "want" && (len(g) > longValue || len(w) > longValue) && strings.Contains(g+w, "\n") {
		return "got and want differ:\n" + string(diff.Diff("want", []byte(w), "got", []byte(g)))
	}
	return fmt.Sprintf("got %s, %s %s", got, verb, want)
}

func assertTrue(c *call) (starlark.Value, error) {
	var got starlark.Value
	var msg string
	if err := c.unpack(&got, &msg); err != nil {
		return nil, err
	}
	if !got.Truth() {
		return nil, &AssertionError{"assert.true", fmt.Sprintf("got %s", got), msg}
	}
	return nil, nil
}

func assertContains(c *call) (starlark.Value, error) {
	var got, want starlark.Value
	var msg string
	if err := c.unpack(&got, &want, &msg); err != nil {
		return nil, err
	}
	if seq, ok := got.(starlark.Iterable); ok {
		for v := range starlark.Elements(seq) {
			want = likeAddress(want, v)
		}
	}
	in, err := starlark.Binary(syntax.IN, want, got)
	if err != nil {
		return nil, err
	}
	if !in.Truth() {
		return nil, &AssertionError{"assert.contains", fmt.Sprintf("%s is not in %s", want, got), msg}
	}
	return nil, nil
}

func assertMatches(c *call) (starlark.Value, error) {
	var got, pattern, msg string
	if err := c.unpack(&got, &pattern, &msg); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	if !re.MatchString(got) {
		return nil, &AssertionError{"assert.matches", fmt.Sprintf("%s does not match %s", starlark.String(got), starlark.String(pattern)), msg}
	}
	return nil, nil
}

func assertFails(c *call) (starlark.Value, error) {
	var f starlark.Callable
	var want, msg string
	if err := c.unpack(&f, &want, &msg); err != nil {
		return nil, err
	}
	expecting(c.thread, 1)
	_, err := starlark.Call(c.thread, f, nil, nil)
	expecting(c.thread, -1)
	if err == nil {
		what := f.String() + " did not fail"
		if want != "" {
			what += ", want " + want
		}
		return nil, &AssertionError{"assert.fails", what, msg}
	}
	if c.ctx.Err() != nil {
		return nil, err // the script is being ended: that is no failure to expect
	}
	err = plainError(err)
	if errno, ok := netbsd.LookupErrno(want); ok {
		if !hasErrno(err, errno) {
			return nil, &AssertionError{"assert.fails", fmt.Sprintf("got the error %q, want %s", err, want), msg}
		}
		return starlark.String(err.Error()), nil
	}
	re, rerr := regexp.Compile(want)
	if rerr != nil {
		return nil, rerr
	}
	if !re.MatchString(err.Error()) {
		return nil, &AssertionError{"assert.fails", fmt.Sprintf("got the error %q, want one that matches %s", err, starlark.String(want)), msg}
	}
	return starlark.String(err.Error()), nil
}

// hasErrno reports whether an error is, or tells of, an errno: a utility has
// nothing but its words to tell one by.
func hasErrno(err error, errno netbsd.Errno) bool {
	if got, ok := rump.Errno(err); ok {
		return got == errno
	}
	var status *StatusError
	return errors.As(err, &status) && strings.Contains(status.Stderr, ": "+errno.Error()+"\n")
}

// plainError returns the error without the place in the script.
func plainError(err error) error {
	for {
		var eval *starlark.EvalError
		if !errors.As(err, &eval) || errors.Unwrap(eval) == nil {
			return err
		}
		err = errors.Unwrap(eval)
	}
}
