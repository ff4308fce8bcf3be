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

// kind is a kind of value that scripts meet, under the name that the reference
// has for it.
type kind struct {
	name    string
	attrs   []attribute
	methods []function
}

// kinds is the table of tables.
func kinds() []kind {
	return []kind{
		{"kernel", kernelAttrs(), kernelMethods()},
		{"interface", interfaceAttrs(), interfaceMethods()},
		{"connection", connAttrs(), connMethods()},
		{"listener", listenerAttrs(), listenerMethods()},
		{"file", fileAttrs(), fileMethods()},
		{"vnd", vndAttrs(), vndMethods()},
		{"socket", socketAttrs(), socketMethods()},
		{"monitor", nil, monitorMethods()},
		{"result", resultAttrs(), nil},
		{"task", nil, taskMethods()},
		{"clock", clockAttrs(), clockMethods()},
		{"faults", nil, faultsMethods()},
		{"t", testAttrs(), testMethods()},
		{"bus", busAttrs(), busMethods()},
		{"mark", nil, markMethods()},
		{"packet", packetAttrs(), packetMethods()},
		{"host", hostAttrs(), hostMethods()},
		{"peer", peerAttrs(), peerMethods()},
		{"peer_listener", peerListenerAttrs(), peerListenerMethods()},
		{"address", addressAttrs(), addressMethods()},
	}
}

func argvAttr() attribute { return attribute{"argv", "The script's arguments, a list of strings."} }

// Reference returns the language's reference: what a script can call, and the
// methods and attributes of the values that it gets.
func Reference() []Entry {
	entries := []Entry{{"argv", "", argvAttr().doc}}
	add := func(prefix string, fs []function) {
		for _, f := range fs {
			entries = append(entries, Entry{prefix + f.name, prefix + f.signature(), f.doc})
		}
	}
	add("", globals())
	add("", layerFunctions())
	add("assert.", asserts())
	for _, k := range kinds() {
		for _, a := range k.attrs {
			entries = append(entries, Entry{k.name + "." + a.name, "", a.doc})
		}
		add(k.name+".", k.methods)
	}
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
