package starlark

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// kernelRandom is the table of the methods of a kernel that are about where its
// randomness comes from.
func kernelRandom() []function {
	return []function{
		{"add_random", "data bits?", "Mixes at most 512 bytes, a string or bytes, into the kernel's pool of randomness, counted as so many bits of it, none if not given.", kernelAddRandom},
		{"random_pool", "", "Returns a struct that describes the kernel's pool of randomness, in bits: size in words, threshold, max, added, current, removed, discarded, generated.", kernelRandomPool},
		{"random_sources", "", "Returns what the kernel takes randomness from, a list of structs: name, type (\"rng\", \"skew\", \"net\", ...), bits, collect and estimate (bools).", kernelRandomSources},
		{"set_random_source", "name? type? collect? estimate?", "Says of the sources of a name or of a type whether to collect randomness from them and whether to estimate how much it is, bools.", kernelSetRandomSource},
	}
}

func kernelRandomSources(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	sources, err := waiting(c.scope, func() ([]netbsd.RndsourceEst, error) { return c.kernel().RandomSources(c.ctx) })
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(sources))
	for i, s := range sources {
		typ, _ := netbsd.RndTypeName(s.Rt.Type)
		list[i] = starlarkstruct.FromStringDict(starlark.String("random_source"), starlark.StringDict{
			"name":     starlark.String(s.Rt.Name),
			"type":     starlark.String(typ),
			"bits":     starlark.MakeUint64(uint64(s.Rt.Total)),
			"collect":  starlark.Bool(s.Rt.Flags&netbsd.RND_FLAG_NO_COLLECT == 0),
			"estimate": starlark.Bool(s.Rt.Flags&netbsd.RND_FLAG_NO_ESTIMATE == 0),
		})
	}
	return starlark.NewList(list), nil
}

func kernelRandomPool(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	p, err := waiting(c.scope, func() (netbsd.Rndpoolstat, error) { return c.kernel().RandomPool(c.ctx) })
	if err != nil {
		return nil, err
	}
	n := func(v uint32) starlark.Value { return starlark.MakeUint64(uint64(v)) }
	return starlarkstruct.FromStringDict(starlark.String("random_pool"), starlark.StringDict{
		"size": n(p.Poolsize), "threshold": n(p.Threshold), "max": n(p.Maxentropy), "added": n(p.Added),
		"current": n(p.Curentropy), "removed": n(p.Removed), "discarded": n(p.Discarded), "generated": n(p.Generated),
	}), nil
}

func kernelSetRandomSource(c *call) (starlark.Value, error) {
	var name, typ string
	var collect, estimate optional[bool]
	if err := c.unpack(&name, &typ, &collect, &estimate); err != nil {
		return nil, err
	}
	// Any type, which is none: the name counts then.
	ctl := netbsd.Rndctl{Name: name, Type: 0xff}
	switch {
	case (name == "") == (typ == ""):
		return nil, fmt.Errorf("set_random_source: give a name or a type")
	case typ != "":
		t, ok := netbsd.LookupRndType(typ)
		if !ok {
			return nil, fmt.Errorf("set_random_source: there is no type %q", typ)
		}
		ctl.Type = t
	case len(name) > 15:
		return nil, fmt.Errorf("set_random_source: no name is as long as %q", name)
	}
	for _, f := range []struct {
		want optional[bool]
		not  uint32
	}{{collect, netbsd.RND_FLAG_NO_COLLECT}, {estimate, netbsd.RND_FLAG_NO_ESTIMATE}} {
		if f.want.v != nil {
			ctl.Mask |= f.not
			if !*f.want.v {
				ctl.Flags |= f.not
			}
		}
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().SetRandomSource(c.ctx, ctl) })
}

func kernelAddRandom(c *call) (starlark.Value, error) {
	var data content
	var bits uint32
	if err := c.unpack(&data, &bits); err != nil {
		return nil, err
	}
	arg := netbsd.Rnddata{Len: uint32(len(data)), Entropy: bits}
	if copy(arg.Data[:], data) < len(data) {
		return nil, fmt.Errorf("add_random: %d bytes are more than %d", len(data), len(arg.Data))
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().AddRandom(c.ctx, arg) })
}
