package rumpctrl

import (
	"context"
	"math"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// sysctl's //create, //destroy and //describe.

func sysctlTypeName(typ uint32) string {
	switch typ {
	case netbsd.CTLTYPE_NODE:
		return "NODE"
	case netbsd.CTLTYPE_INT:
		return "INT"
	case netbsd.CTLTYPE_STRING:
		return "STRING"
	case netbsd.CTLTYPE_QUAD:
		return "QUAD"
	case netbsd.CTLTYPE_STRUCT:
		return "STRUCT"
	case netbsd.CTLTYPE_BOOL:
		return "BOOL"
	}
	return "???"
}

// newNode is a node as its description on the command line says it.
type newNode struct {
	rump.SysctlSpec
	name    string // as given, with all its parts
	rw      int    // CTLFLAG_*, -1 if not said
	hasData bool
	data    string
}

// create makes a node: NAME,type=...,size=...,n=...,flags=...,value=...
func (c *sysctl) create(ctx context.Context, spec string) error {
	if !c.set {
		c.complain("Must specify -w to create nodes\n")
		return silent(1)
	}
	n := newNode{rw: -1}
	n.Num = netbsd.CTL_CREATE
	var rest string
	n.name, rest, _ = strings.Cut(spec, ",")
	for more := rest != ""; more; {
		if data, ok := strings.CutPrefix(rest, "value="); ok {
			n.data, n.hasData = data, true
			break
		}
		var item string
		item, rest, more = strings.Cut(rest, ",")
		key, value, hasValue := strings.Cut(item, "=")
		if ok := c.createOption(&n, key, value, hasValue); !ok {
			return c.abort()
		}
	}
	if ok := c.completeNode(&n); !ok {
		return c.abort()
	}

	c.sep = "."
	if i := strings.IndexAny(n.name, "./"); i >= 0 {
		c.sep = n.name[i : i+1]
	}
	parent := rump.SysctlRoot()
	n.Name = n.name
	if i := strings.LastIndex(n.name, c.sep); i >= 0 {
		n.Name = n.name[i+1:]
		if i > 0 {
			var err error
			if parent, err = c.Kernel.LookupSysctl(ctx, n.name[:i]); err != nil {
				return c.badName(err, n.name)
			}
		}
	}
	if _, err := c.Kernel.CreateSysctl(ctx, parent, n.SysctlSpec); err != nil {
		c.complain("%s: CTL_CREATE failed: %s\n", n.name, reason(err))
		return c.abort()
	}
	if !c.quiet && c.nameless == 0 {
		c.print("%s(%s): (created)\n", n.name, sysctlTypeName(n.Type))
	}
	return nil
}

// createOption takes one key=value of a node to be.
func (c *sysctl) createOption(n *newNode, key, value string, hasValue bool) bool {
	if !hasValue && (key == "addr" || key == "type" || key == "size" || key == "n" || key == "flags") {
		c.complain("%s: missing value\n", n.name)
		return false
	}
	switch key {
	case "addr", "symbol":
		if n.Addr != 0 || n.Symbol != "" {
			had := "addr"
			if n.Symbol != "" {
				had = "symbol"
			}
			c.complain("%s: already have %s for new node\n", n.name, had)
			return false
		}
		if key == "symbol" {
			n.Symbol = value
			return true
		}
		u, err := strtouq(value)
		if err != nil {
			c.complain("%s: '%s' is not a valid address\n", n.name, value)
			return false
		}
		n.Addr = u
	case "type":
		types := map[string]struct {
			typ  uint32
			size uint64
		}{
			"node": {netbsd.CTLTYPE_NODE, n.Size}, "int": {netbsd.CTLTYPE_INT, 4}, "bool": {netbsd.CTLTYPE_BOOL, 1},
			"string": {netbsd.CTLTYPE_STRING, n.Size}, "quad": {netbsd.CTLTYPE_QUAD, 8}, "struct": {netbsd.CTLTYPE_STRUCT, n.Size},
		}
		t, ok := types[value]
		if !ok {
			c.complain("%s: '%s' is not a valid type\n", n.name, value)
			return false
		}
		n.Type, n.Size = t.typ, t.size
	case "size":
		u, err := strtouq(value)
		if err != nil {
			c.complain("%s: '%s' is not a valid size\n", n.name, value)
			return false
		}
		n.Size = u
	case "n":
		i, ok := int32OrUint32(value)
		if !ok {
			c.complain("%s: '%s' is not a valid mib number\n", n.name, value)
			return false
		}
		n.Num = i
	case "flags":
		for _, f := range value {
			switch f {
			case 'a':
				n.Flags |= netbsd.CTLFLAG_ANYWRITE
			case 'h':
				n.Flags |= netbsd.CTLFLAG_HIDDEN
			case 'i':
				n.Flags |= netbsd.CTLFLAG_IMMEDIATE
			case 'o':
				n.Flags |= netbsd.CTLFLAG_OWNDATA
			case 'p':
				n.Flags |= netbsd.CTLFLAG_PRIVATE
			case 'u':
				n.Flags |= netbsd.CTLFLAG_UNSIGNED
			case 'x':
				n.Flags |= netbsd.CTLFLAG_HEX
			case 'r':
				n.rw = netbsd.CTLFLAG_READONLY
			case 'w':
				n.rw = netbsd.CTLFLAG_READWRITE
			default:
				c.complain("%s: '%c' is not a valid flag\n", n.name, f)
				return false
			}
		}
	default:
		c.complain("%s: unrecognized keyword '%s'\n", n.name, key)
		return false
	}
	return true
}

// int32OrUint32 parses a number of 32 bits, signed or not.
func int32OrUint32(s string) (int32, bool) {
	u, err := strtouq(s)
	if i := int64(u); err != nil || i < math.MinInt32 || i > math.MaxUint32 {
		return 0, false
	}
	return int32(u), true
}

// completeNode fills in what was not said and checks the whole.
func (c *sysctl) completeNode(n *newNode) bool {
	bad := func(format string, args ...any) bool {
		c.complain("%s: "+format+"\n", append([]any{n.name}, args...)...)
		return false
	}
	if n.Type == 0 {
		n.Type = netbsd.CTLTYPE_NODE
	}
	own := n.Flags&netbsd.CTLFLAG_OWNDATA != 0
	switch {
	case n.hasData && (n.Addr != 0 || n.Symbol != ""):
		return bad("cannot specify both value and address")
	case n.hasData:
		switch n.Type {
		case netbsd.CTLTYPE_INT:
			i, ok := int32OrUint32(n.data)
			if !ok {
				return bad("'%s' is not a valid integer", n.data)
			}
			n.Value = []byte{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24)}
		case netbsd.CTLTYPE_BOOL:
			u, err := strtouq(n.data)
			if err != nil || u > 1 {
				return bad("'%s' is not a valid bool", n.data)
			}
			n.Value = []byte{byte(u)}
		case netbsd.CTLTYPE_STRING:
			n.Value = netbsd.AppendString(nil, n.data)
			n.Flags |= netbsd.CTLFLAG_OWNDATA
			own = true
			size := uint64(len(n.Value))
			if n.Size != 0 && n.Size < size {
				bad("ignoring size=%d for string node, too small for given value", n.Size)
				n.Size = 0
			}
			if n.Size == 0 {
				n.Size = size
			}
		case netbsd.CTLTYPE_QUAD:
			u, err := strtouq(n.data)
			if err != nil {
				return bad("'%s' is not a valid quad", n.data)
			}
			for i := range 8 {
				n.Value = append(n.Value, byte(u>>(8*i)))
			}
		case netbsd.CTLTYPE_STRUCT:
			return bad("struct not initializable")
		case netbsd.CTLTYPE_NODE:
			n.hasData = false // nothing looks at it
		}
		if n.Type != netbsd.CTLTYPE_NODE && !own {
			n.Flags |= netbsd.CTLFLAG_IMMEDIATE
		}
		if n.Size == 0 {
			n.Size = uint64(len(n.Value))
		}
	case n.Addr != 0 || n.Symbol != "":
	case n.Type != netbsd.CTLTYPE_NODE:
		if n.Size == 0 {
			return bad("need a size or a starting value")
		}
		if n.Flags&netbsd.CTLFLAG_IMMEDIATE == 0 {
			n.Flags |= netbsd.CTLFLAG_OWNDATA
		}
	}
	if n.Flags&netbsd.CTLFLAG_IMMEDIATE != 0 && n.Type == netbsd.CTLTYPE_STRING {
		return bad("cannot make an immediate string")
	}
	if n.Flags&netbsd.CTLFLAG_IMMEDIATE != 0 && n.Type == netbsd.CTLTYPE_STRUCT {
		return bad("cannot make an immediate struct")
	}
	if n.Type == netbsd.CTLTYPE_NODE && (n.Addr != 0 || n.Symbol != "") {
		return bad("nodes do not have data")
	}
	if want, fixed := map[uint32]uint64{netbsd.CTLTYPE_INT: 4, netbsd.CTLTYPE_BOOL: 1, netbsd.CTLTYPE_QUAD: 8, netbsd.CTLTYPE_NODE: 0}[n.Type]; fixed && n.Size != 0 && n.Size != want {
		return bad("wrong size for type")
	}
	if n.Size == 0 && n.Type == netbsd.CTLTYPE_STRUCT {
		return bad("struct must have size")
	}
	if n.rw == -1 {
		n.rw = netbsd.CTLFLAG_READONLY
		if n.Type == netbsd.CTLTYPE_NODE || n.Flags&(netbsd.CTLFLAG_OWNDATA|netbsd.CTLFLAG_IMMEDIATE) != 0 {
			n.rw = netbsd.CTLFLAG_READWRITE
		}
	}
	n.Flags |= uint32(n.rw)
	return true
}

func (c *sysctl) destroy(ctx context.Context, name string) error {
	if !c.set {
		c.complain("Must specify -w to destroy nodes\n")
		return silent(1)
	}
	n, err := c.Kernel.LookupSysctl(ctx, name)
	if err != nil {
		return c.badName(err, name)
	}
	gone, err := c.Kernel.DestroySysctl(ctx, n)
	if err != nil {
		c.complain("%s: CTL_DESTROY failed: %s\n", name, reason(err))
		return c.abort()
	}
	if !c.quiet && c.nameless == 0 {
		c.print("%s(%s): (destroyed)\n", n.Name, sysctlTypeName(gone.Type()))
	}
	return nil
}

func (c *sysctl) setDescription(ctx context.Context, arg string) error {
	if !c.set {
		c.complain("Must specify -w to set descriptions\n")
		return silent(1)
	}
	name, text, _ := strings.Cut(arg, "=")
	n, err := c.Kernel.LookupSysctl(ctx, name)
	if err != nil {
		return c.badName(err, name)
	}
	switch got, err := c.Kernel.DescribeSysctl(ctx, n, text); {
	case err != nil:
		c.complain("%s: CTL_DESCRIBE failed: %s\n", n.Name, reason(err))
	case got == "":
		c.complain("%s: description not set\n", n.Name)
	case !c.quiet && c.nameless == 0:
		c.print("%s: %s\n", n.Name, got)
	}
	return nil
}
