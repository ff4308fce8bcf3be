package starlark

import (
	"fmt"

	"go.starlark.net/starlark"
)

// Bus is an Ethernet segment: a file in shared memory to which shmif interfaces attach.
type Bus struct {
	name string
	path string
}

func busAttrs() []attribute {
	return []attribute{
		{"name", "The bus's name, as given to bus()."},
		{"path", "The path of its file, as interface.attach takes it."},
	}
}

// String shows the bus to a person.
func (b *Bus) String() string        { return fmt.Sprintf("<bus %s>", b.name) }
func (b *Bus) Type() string          { return "bus" }
func (b *Bus) Freeze()               {}
func (b *Bus) Truth() starlark.Bool  { return true }
func (b *Bus) Hash() (uint32, error) { return starlark.String(b.path).Hash() }

// Attr implements starlark.HasAttrs.
func (b *Bus) Attr(name string) (starlark.Value, error) {
	switch name {
	case "name":
		return starlark.String(b.name), nil
	case "path":
		return starlark.String(b.path), nil
	}
	return nil, nil
}

// AttrNames implements starlark.HasAttrs.
func (b *Bus) AttrNames() []string { return []string{"name", "path"} }

// linkstr unpacks what an interface can be attached to: a bus or a path.
type linkstr string

// Unpack implements starlark.Unpacker.
func (l *linkstr) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case *Bus:
		*l = linkstr(v.path)
	case starlark.String:
		*l = linkstr(v)
	default:
		return fmt.Errorf("got %s where a bus or the path of one is wanted", v.Type())
	}
	return nil
}
