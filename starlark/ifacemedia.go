package starlark

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// interfaceMedia is the method of an interface about what it is connected to.
func interfaceMedia() []function {
	return []function{
		{"media", "name? options? mode? instance?", "Selects what is given of the media, such as \"10baseT\" with the options [\"full-duplex\"], and returns what the interface is connected to, a struct: type (\"Ethernet\"), current and active, structs of name, options, mode (None if there is none) and instance; supported, a list of such; and connected (None if the interface does not know). An interface without media gives an error.", interfaceSelectMedia},
	}
}

func interfaceSelectMedia(c *call) (starlark.Value, error) {
	var name, mode string
	var options *starlark.List
	var instance optional[int]
	if err := c.unpack(&name, &options, &mode, &instance); err != nil {
		return nil, err
	}
	i := c.iface()
	m, err := waiting(c.scope, func() (rump.Media, error) {
		m, err := i.Media(c.ctx)
		if err != nil || name == "" && options == nil && mode == "" && instance.v == nil {
			return m, err
		}
		word, err := selectMedia(m.Current, name, options, mode, instance)
		if err != nil {
			return m, err
		}
		if err := i.SetMedia(c.ctx, word); err != nil {
			return m, err
		}
		return i.Media(c.ctx)
	})
	if err != nil {
		return nil, err
	}
	connected := starlark.Value(starlark.None)
	if m.Status&netbsd.IFM_AVALID != 0 {
		connected = starlark.Bool(m.Status&netbsd.IFM_ACTIVE != 0)
	}
	return record("media", starlark.StringDict{
		"type": starlark.String(m.Current.TypeName()), "current": mediaValue(m.Current), "active": mediaValue(m.Active),
		"supported": listOf(m.Supported, mediaValue), "connected": connected,
	}), nil
}

// selectMedia returns a media word with what is given put in.
func selectMedia(m netbsd.Media, name string, options *starlark.List, mode string, instance optional[int]) (netbsd.Media, error) {
	if name != "" {
		s, ok := netbsd.LookupMediaSubtype(m.Type(), name)
		if !ok {
			return 0, fmt.Errorf("media: there is no %s media %q", m.TypeName(), name)
		}
		m = s | m&netbsd.IFM_IMASK
	}
	if mode != "" {
		bits, ok := netbsd.LookupMediaMode(m, mode)
		if !ok {
			return 0, fmt.Errorf("media: there is no %s mode %q", m.TypeName(), mode)
		}
		m = m&^netbsd.IFM_MMASK | bits
	}
	if options != nil {
		m &^= m.Options()
		for v := range options.Elements() {
			word, _ := starlark.AsString(v)
			o, ok := netbsd.LookupMediaOption(m, word)
			if !ok {
				return 0, fmt.Errorf("media: there is no %s option %s", m.TypeName(), v)
			}
			m |= o
		}
	}
	if n := instance.or(m.Inst()); n < 0 || n > netbsd.IFM_INST_MAX {
		return 0, fmt.Errorf("media: instance = %d: out of range", n)
	} else {
		m = m&^netbsd.IFM_IMASK | netbsd.Media(n)<<netbsd.IFM_ISHIFT
	}
	return m, nil
}

func mediaValue(m netbsd.Media) starlark.Value {
	return record("media_word", starlark.StringDict{
		"name": starlark.String(m.SubtypeName()), "options": stringList(m.OptionNames()),
		"mode": optionalString(m.ModeName()), "instance": starlark.MakeInt(m.Inst()),
	})
}
