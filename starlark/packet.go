package starlark

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// Packet is a packet that was seen on a bus.
type Packet struct{ p *packet.Packet }

// packetLayers are the parts of a packet that have fields of their own.
func packetLayers() []attribute {
	return []attribute{
		{"eth", "Its Ethernet header; None if it has none, as for the following."},
		{"vlan", "Its outermost 802.1Q tag."},
		{"arp", "Its ARP message."},
		{"ip", "Its IP header, of version 4 or 6, the outermost."},
		{"icmp", "Its ICMP header."},
		{"icmp6", "Its ICMPv6 header."},
		{"tcp", "Its TCP header."},
		{"udp", "Its UDP header."},
		{"igmp", "Its IGMP message."},
		{"stp", "Its spanning tree message."},
		{"carp", "Its CARP advertisement."},
	}
}

// packetAttrs returns what a packet has, and what its layers have: "ip.src".
func packetAttrs() []attribute {
	attrs := append(packetLayers(), attribute{"quoted", "The packet that an ICMP error quotes, of which the end is usually missing; None if it quotes none."})
	for _, f := range packet.FieldNames() {
		doc := strings.ToUpper(f.Doc[:1]) + f.Doc[1:]
		if isAddress(f.Name) {
			doc += ", an address"
		}
		doc += "."
		attrs = append(attrs, attribute{f.Name, doc})
	}
	return attrs
}

func packetMethods() []function {
	return []function{
		{"matches", "filter", "Whether a filter (pcap-filter's language) matches the packet.", packetMatches},
		{"quote", "size?", "What an ICMP error quotes of the packet: the IP header and so many bytes of what follows, 8 if not given. icmp(type = 3, code = 4, mtu = 576) / p.quote().", packetQuote},
	}
}

// String shows the packet to a person: a line in tcpdump's manner.
func (p *Packet) String() string        { return p.p.Line() }
func (p *Packet) Type() string          { return "packet" }
func (p *Packet) Freeze()               {}
func (p *Packet) Truth() starlark.Bool  { return true }
func (p *Packet) Hash() (uint32, error) { return 0, errors.New("unhashable: packet") }

// Attr implements starlark.HasAttrs.
func (p *Packet) Attr(name string) (starlark.Value, error) {
	if slices.ContainsFunc(packetLayers(), func(a attribute) bool { return a.name == name }) {
		if !p.p.Has(name) {
			return starlark.None, nil
		}
		return header{p, name}, nil
	}
	if name == "quoted" {
		if q := p.p.Quoted(); q != nil {
			return &Packet{q}, nil
		}
		return starlark.None, nil
	}
	if v := method(p, packetMethods(), name); v != nil {
		return v, nil
	}
	return p.field(name)
}

// AttrNames implements starlark.HasAttrs.
func (p *Packet) AttrNames() []string {
	var names []string
	for _, a := range packetAttrs() {
		if !strings.Contains(a.name, ".") {
			names = append(names, a.name)
		}
	}
	return attrNames(packetMethods(), names...)
}

// field returns the value of a field, nil if no packet has it.
func (p *Packet) field(name string) (starlark.Value, error) {
	v, err := p.p.Field(name)
	if err != nil {
		return nil, nil // go.starlark.net says it better
	}
	switch v := v.(type) {
	case float64:
		return starlark.Float(v), nil
	case []string:
		list := make([]starlark.Value, len(v))
		for i, s := range v {
			list[i] = starlark.String(s)
		}
		return starlark.NewList(list), nil
	case string:
		if isAddress(name) {
			a, err := netip.ParseAddr(v)
			if err != nil {
				return starlark.None, nil // a zero one
			}
			return Address{a, -1}, nil
		}
	}
	return fromGo(v)
}

// isAddress says whether a field is an IP address.
func isAddress(field string) bool {
	switch field {
	case "ip.src", "ip.dst", "arp.sender_ip", "arp.target_ip", "icmp6.target", "igmp.group":
		return true
	}
	return false
}

// header is a layer of a packet.
type header struct {
	p     *Packet
	layer string
}

// String shows the header to a person.
func (h header) String() string        { return fmt.Sprintf("<%s of %s>", h.layer, h.p.p) }
func (h header) Type() string          { return h.layer + " header" }
func (h header) Freeze()               {}
func (h header) Truth() starlark.Bool  { return true }
func (h header) Hash() (uint32, error) { return 0, errors.New("unhashable: header") }

// Attr implements starlark.HasAttrs.
func (h header) Attr(name string) (starlark.Value, error) { return h.p.field(h.layer + "." + name) }

// AttrNames implements starlark.HasAttrs.
func (h header) AttrNames() []string {
	var names []string
	for _, f := range packet.FieldNames() {
		if name, ok := strings.CutPrefix(f.Name, h.layer+"."); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func packetMatches(c *call) (starlark.Value, error) {
	var filter string
	if err := c.unpack(&filter); err != nil {
		return nil, err
	}
	f, err := packet.ParseFilter(filter)
	if err != nil {
		return nil, err
	}
	return starlark.Bool(f.MatchBytes(c.self.(*Packet).p.Data)), nil
}

func packetQuote(c *call) (starlark.Value, error) {
	size := 8
	if err := c.unpack(&size); err != nil {
		return nil, err
	}
	p := c.self.(*Packet).p
	raw := p.Quote(size)
	if raw == nil {
		return nil, fmt.Errorf("quote: %s has no IP header to quote", p)
	}
	return &Layers{[]packet.Layer{raw}}, nil
}
