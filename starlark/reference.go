package starlark

import (
	"fmt"
	"strings"
)

// Entry is an entry of the language's reference.
type Entry struct {
	Name      string // "connect", "assert.eq", "kernel.run"
	Signature string // "assert.eq(got, want, message = ...)"; empty for an attribute
	Doc       string
}

// Reference returns the language's reference: what a script can call, and the
// methods and attributes of the values that it gets.
func Reference() []Entry {
	var entries []Entry
	add := func(prefix string, fs []function) {
		for _, f := range fs {
			entries = append(entries, Entry{prefix + f.name, prefix + f.signature(), f.doc})
		}
	}
	attrs := func(prefix string, as []attribute) {
		for _, a := range as {
			entries = append(entries, Entry{prefix + a.name, "", a.doc})
		}
	}
	entries = append(entries, Entry{"argv", "", "The script's arguments, a list of strings."})
	add("", globals())
	add("assert.", asserts())
	attrs("kernel.", kernelAttrs())
	add("kernel.", kernelMethods())
	attrs("interface.", interfaceAttrs())
	add("interface.", interfaceMethods())
	attrs("connection.", connAttrs())
	add("connection.", connMethods())
	attrs("listener.", listenerAttrs())
	add("listener.", listenerMethods())
	attrs("result.", resultAttrs())
	add("task.", taskMethods())
	attrs("t.", testAttrs())
	add("t.", testMethods())
	attrs("bus.", busAttrs())
	attrs("address.", addressAttrs())
	add("address.", addressMethods())
	return entries
}

// String returns the entry as text.
func (e Entry) String() string {
	head := e.Signature
	if head == "" {
		head = e.Name
	}
	return fmt.Sprintf("%s\n    %s\n", head, strings.ReplaceAll(e.Doc, "\n", "\n    "))
}

// attribute describes an attribute of a value that is no method.
type attribute struct {
	name, doc string
}
