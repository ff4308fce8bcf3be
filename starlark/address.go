package starlark

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Address is an IPv4 or IPv6 address, with or without the length of its prefix.
type Address struct {
	addr netip.Addr
	bits int // -1 for none
}

// parseAddress parses "10.0.0.1", "10.0.0.1/24", "fe80::1%shmif0" and the like.
func parseAddress(s string) (Address, error) {
	host, plen, hasPlen := strings.Cut(s, "/")
	a, err := netip.ParseAddr(host)
	if err != nil {
		return Address{}, fmt.Errorf("%q is no address: write \"10.0.0.1\", \"10.0.0.1/24\" or \"2001:db8::1/64\"", s)
	}
	if !hasPlen {
		return Address{a, -1}, nil
	}
	p, err := netip.ParsePrefix(a.WithZone("").String() + "/" + plen)
	if err != nil {
		return Address{}, fmt.Errorf("%q has no good prefix length", s)
	}
	return Address{a, p.Bits()}, nil
}

// Unpack implements starlark.Unpacker: a parameter of this type takes strings too.
func (a *Address) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case Address:
		*a = v
	case starlark.String:
		p, err := parseAddress(string(v))
		if err != nil {
			return err
		}
		*a = p
	default:
		return fmt.Errorf("got %s where an address is wanted", v.Type())
	}
	return nil
}

func (a Address) prefix() netip.Prefix {
	bits := a.bits
	if bits < 0 {
		bits = a.addr.BitLen()
	}
	return netip.PrefixFrom(a.addr.WithZone(""), bits)
}

// text returns the address as it is written.
func (a Address) text() string {
	if a.bits < 0 {
		return a.addr.String()
	}
	return fmt.Sprintf("%s/%d", a.addr, a.bits)
}

func addressAttrs() []attribute {
	return []attribute{
		{"ip", "The address without its prefix length."},
		{"bits", "The length of the prefix, an int; None if there is none."},
		{"network", "The prefix: 10.0.0.0/24 of 10.0.0.1/24."},
		{"version", "4 or 6."},
		{"zone", "Of an IPv6 link-local address the interface that it is on: \"shmif0\"; None if there is none."},
	}
}

func addressMethods() []function {
	return []function{
		{"contains", "address", "Whether the prefix holds another address, or another prefix as a whole.", addressContains},
		{"host", "number", "The host of that number in the prefix, with its length: addr(\"10.0.0.0/24\").host(7) is 10.0.0.7/24.", addressHost},
		{"with_port", "port", "The address and a port, a string as dial and listen take it: \"10.0.0.1:80\", \"[2001:db8::1]:80\".", addressWithPort},
		{"with_zone", "zone", "The address on an interface: addr(\"fe80::1\").with_zone(\"shmif0\") is fe80::1%shmif0.", addressWithZone},
	}
}

// String returns the address as it is written, so that it can be put into a text:
// "%s" % addr("10.0.0.1") is "10.0.0.1".
func (a Address) String() string        { return a.text() }
func (a Address) Type() string          { return "address" }
func (a Address) Freeze()               {}
func (a Address) Truth() starlark.Bool  { return true }
func (a Address) Hash() (uint32, error) { return starlark.String(a.text()).Hash() }

// CompareSameType orders addresses by family, address and prefix length.
func (a Address) CompareSameType(op syntax.Token, other starlark.Value, _ int) (bool, error) {
	b := other.(Address)
	c := a.addr.Compare(b.addr)
	if c == 0 {
		c = a.bits - b.bits
	}
	switch op {
	case syntax.EQL:
		return c == 0, nil
	case syntax.NEQ:
		return c != 0, nil
	case syntax.LT:
		return c < 0, nil
	case syntax.LE:
		return c <= 0, nil
	case syntax.GT:
		return c > 0, nil
	default:
		return c >= 0, nil
	}
}

// Binary implements address + n and address - n, the n-th address from here.
func (a Address) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	n, ok := y.(starlark.Int)
	if !ok || op != syntax.PLUS && !(op == syntax.MINUS && side == starlark.Left) {
		return nil, nil
	}
	d := n.BigInt()
	if op == syntax.MINUS {
		d.Neg(d)
	}
	return a.plus(d)
}

func (a Address) plus(n *big.Int) (starlark.Value, error) {
	b := a.addr.AsSlice()
	sum := new(big.Int).Add(new(big.Int).SetBytes(b), n)
	if sum.Sign() < 0 || sum.BitLen() > a.addr.BitLen() {
		return nil, fmt.Errorf("%s + %s is no address", a.text(), n)
	}
	sum.FillBytes(b)
	next, _ := netip.AddrFromSlice(b)
	return Address{next.WithZone(a.addr.Zone()), a.bits}, nil
}

// Attr implements starlark.HasAttrs.
func (a Address) Attr(name string) (starlark.Value, error) {
	switch name {
	case "ip":
		return Address{a.addr, -1}, nil
	case "bits":
		if a.bits < 0 {
			return starlark.None, nil
		}
		return starlark.MakeInt(a.bits), nil
	case "network":
		p := a.prefix().Masked()
		return Address{p.Addr(), p.Bits()}, nil
	case "version":
		if a.addr.Is4() {
			return starlark.MakeInt(4), nil
		}
		return starlark.MakeInt(6), nil
	case "zone":
		if z := a.addr.Zone(); z != "" {
			return starlark.String(z), nil
		}
		return starlark.None, nil
	}
	return method(a, addressMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (a Address) AttrNames() []string {
	return attrNames(addressMethods(), "bits", "ip", "network", "version", "zone")
}

func addressContains(c *call) (starlark.Value, error) {
	var other Address
	if err := c.unpack(&other); err != nil {
		return nil, err
	}
	p, q := c.self.(Address).prefix(), other.prefix()
	return starlark.Bool(q.Bits() >= p.Bits() && p.Contains(q.Addr())), nil
}

func addressHost(c *call) (starlark.Value, error) {
	var n starlark.Int
	if err := c.unpack(&n); err != nil {
		return nil, err
	}
	a := c.self.(Address)
	base := Address{a.prefix().Masked().Addr(), a.bits}
	v, err := base.plus(n.BigInt())
	if err != nil {
		return nil, err
	}
	if h := v.(Address); n.Sign() < 0 || !a.prefix().Contains(h.addr) {
		return nil, fmt.Errorf("%s has no host %s", a.text(), n)
	}
	return v, nil
}

func addressWithPort(c *call) (starlark.Value, error) {
	var port uint16
	if err := c.unpack(&port); err != nil {
		return nil, err
	}
	return starlark.String(netip.AddrPortFrom(c.self.(Address).addr, port).String()), nil
}

func addressWithZone(c *call) (starlark.Value, error) {
	var zone string
	if err := c.unpack(&zone); err != nil {
		return nil, err
	}
	a := c.self.(Address)
	if !a.addr.Is6() {
		return nil, fmt.Errorf("%s is no IPv6 address: it has no zone", a.text())
	}
	return Address{a.addr.WithZone(zone), a.bits}, nil
}

// likeAddress converts strings where the other value has addresses, so that scripts
// can compare the two: assert.eq(shm.addrs, ["10.0.0.1/24"]).
func likeAddress(v, other starlark.Value) starlark.Value {
	switch v := v.(type) {
	case starlark.String:
		if _, isAddr := other.(Address); isAddr {
			if a, err := parseAddress(string(v)); err == nil {
				return a
			}
		}
	case starlark.Tuple:
		if o, ok := other.(starlark.Tuple); ok && len(o) == len(v) {
			converted := make(starlark.Tuple, len(v))
			for i := range v {
				converted[i] = likeAddress(v[i], o[i])
			}
			return converted
		}
	case *starlark.List:
		if o, ok := other.(*starlark.List); ok && o.Len() == v.Len() {
			converted := make([]starlark.Value, v.Len())
			for i := range converted {
				converted[i] = likeAddress(v.Index(i), o.Index(i))
			}
			return starlark.NewList(converted)
		}
	}
	return v
}

var (
	_ starlark.Comparable = Address{}
	_ starlark.HasBinary  = Address{}
	_ starlark.HasAttrs   = Address{}
)
