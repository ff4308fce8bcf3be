package starlark

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// help prints what the reference says of a value, or of a name.
func help(c *call) (starlark.Value, error) {
	var v starlark.Value
	if err := c.unpack(&v); err != nil {
		return nil, err
	}
	name := ""
	switch v := v.(type) {
	case nil:
		c.thread.Print(c.thread, "help(x) tells of a function, a value or a name: help(connect), help(\"kernel.run\").\nrumpscript doc prints the whole reference.")
		return nil, nil
	case starlark.String:
		name = string(v)
	case *starlark.Builtin:
		name = v.Name()
		if r := v.Receiver(); r != nil {
			name = r.Type() + "." + name
		}
	case *starlark.Function:
		c.thread.Print(c.thread, fmt.Sprintf("%s, defined at %s\n    %s", v.Name(), v.Position(), v.Doc()))
		return nil, nil
	case module:
		name = v.name
	default:
		name = v.Type()
	}
	if text := Lookup(name); text != "" {
		c.thread.Print(c.thread, strings.TrimSpace(text))
		return nil, nil
	}
	return nil, fmt.Errorf("help: nothing is known of %s", name)
}

// Lookup returns the entries of the reference with a name, of a type's or
// module's members, or whose last part the name is; or "".
func Lookup(name string) string {
	if name == "test" {
		name = "t" // as scripts call it
	}
	var b strings.Builder
	for _, e := range Reference() {
		if e.Name == name || strings.HasSuffix(e.Name, "."+name) || strings.HasPrefix(e.Name, name+".") {
			fmt.Fprintln(&b, e)
		}
	}
	return b.String()
}
