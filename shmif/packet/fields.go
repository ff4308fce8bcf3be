package packet

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

// A field is a part of a packet by its dotted name. It returns nil when the packet does not have it.
type field struct {
	name string
	doc  string
	get  func(*Packet) any
}

// of wraps a getter of a layer that may be missing.
func of[L any](layer func(*Packet) *L, get func(*L) any) func(*Packet) any {
	return func(p *Packet) any {
		if l := layer(p); l != nil {
			return get(l)
		}
		return nil
	}
}

func eth(p *Packet) *Eth     { return p.Eth }
func arp(p *Packet) *ARP     { return p.ARP }
func ip(p *Packet) *IP       { return p.IP }
func icmp(p *Packet) *ICMP   { return p.ICMP }
func icmp6(p *Packet) *ICMP  { return p.ICMP6 }
func tcp(p *Packet) *TCP     { return p.TCP }
func udp(p *Packet) *UDP     { return p.UDP }
func igmpOf(p *Packet) *IGMP { return p.IGMP }
func stpOf(p *Packet) *STP   { return p.STP }
func carpOf(p *Packet) *CARP { return p.CARP }

func vlan(p *Packet) *VLAN {
	if len(p.VLAN) == 0 {
		return nil
	}
	return &p.VLAN[0]
}

var fields = []field{
	{"time", "seconds since the Unix epoch, as a float", func(p *Packet) any { return float64(p.Time.UnixNano()) / 1e9 }},
	{"sent", "the sender's uptime in seconds, as a float", func(p *Packet) any { return p.Sent.Seconds() }},
	{"from", "the sender's name", func(p *Packet) any { return p.From }},
	{"sender", "the sender's number on the bus", func(p *Packet) any { return p.Sender }},
	{"len", "the frame's length", func(p *Packet) any { return len(p.Data) }},
	{"data", "the frame", func(p *Packet) any { return p.Data }},
	{"payload", "what follows the last header", func(p *Packet) any { return p.Payload }},
	{"bad", "what is wrong with it: a list such as tcp checksum", func(p *Packet) any { return p.Bad }},

	{"eth.src", "source address", of(eth, func(e *Eth) any { return e.Src })},
	{"eth.dst", "destination address", of(eth, func(e *Eth) any { return e.Dst })},
	{"eth.type", "EtherType, or the length of an 802.3 frame", of(eth, func(e *Eth) any { return e.Type })},
	{"vlan.id", "the outermost tag's VLAN", of(vlan, func(v *VLAN) any { return v.ID })},
	{"vlan.priority", "the outermost tag's priority", of(vlan, func(v *VLAN) any { return v.Priority })},
	{"arp.op", "1 request, 2 reply", of(arp, func(a *ARP) any { return a.Op })},
	{"arp.sender_mac", "", of(arp, func(a *ARP) any { return a.SenderMAC })},
	{"arp.sender_ip", "", of(arp, func(a *ARP) any { return a.SenderIP })},
	{"arp.target_mac", "", of(arp, func(a *ARP) any { return a.DestMAC })},
	{"arp.target_ip", "", of(arp, func(a *ARP) any { return a.DestIP })},
	{"ip.version", "4 or 6", of(ip, func(i *IP) any { return i.Version() })},
	{"ip.src", "source address", of(ip, func(i *IP) any { return i.Src })},
	{"ip.dst", "destination address", of(ip, func(i *IP) any { return i.Dst })},
	{"ip.ttl", "time to live or hop limit", of(ip, func(i *IP) any { return i.TTL })},
	{"ip.proto", "protocol", of(ip, func(i *IP) any { return i.Proto })},
	{"ip.tos", "type of service or traffic class", of(ip, func(i *IP) any { return i.TOS })},
	{"ip.flow", "IPv6 flow label", of(ip, func(i *IP) any { return i.Flow })},
	{"ip.id", "identification", of(ip, func(i *IP) any { return i.ID })},
	{"ip.df", "do not fragment", of(ip, func(i *IP) any { return i.DF })},
	{"ip.mf", "more fragments", of(ip, func(i *IP) any { return i.MF })},
	{"ip.offset", "fragment offset in bytes", of(ip, func(i *IP) any { return i.Offset })},
	{"ip.options", "IPv4 options", of(ip, func(i *IP) any { return i.Options })},
	{"icmp.type", "", of(icmp, func(i *ICMP) any { return i.Type })},
	{"icmp.code", "", of(icmp, func(i *ICMP) any { return i.Code })},
	{"icmp.id", "an echo's", of(icmp, func(i *ICMP) any { return i.ID })},
	{"icmp.seq", "an echo's", of(icmp, func(i *ICMP) any { return i.Seq })},
	{"icmp.mtu", "of fragmentation needed", of(icmp, func(i *ICMP) any { return i.Seq })},
	{"icmp6.type", "", of(icmp6, func(i *ICMP) any { return i.Type })},
	{"icmp6.code", "", of(icmp6, func(i *ICMP) any { return i.Code })},
	{"icmp6.id", "an echo's", of(icmp6, func(i *ICMP) any { return i.ID })},
	{"icmp6.seq", "an echo's", of(icmp6, func(i *ICMP) any { return i.Seq })},
	{"icmp6.mtu", "of packet too big", of(icmp6, func(i *ICMP) any { return i.word() })},
	{"icmp6.target", "of a neighbour solicitation or advertisement, or a redirect", func(p *Packet) any {
		if a := p.ndTarget(); a.IsValid() {
			return a
		}
		return nil
	}},
	{"tcp.src", "source port", of(tcp, func(t *TCP) any { return t.Src })},
	{"tcp.dst", "destination port", of(tcp, func(t *TCP) any { return t.Dst })},
	{"tcp.seq", "", of(tcp, func(t *TCP) any { return t.Seq })},
	{"tcp.ack", "", of(tcp, func(t *TCP) any { return t.Ack })},
	{"tcp.flags", "by name: SYN|ACK", of(tcp, func(t *TCP) any { return t.Flags.Names() })},
	{"tcp.window", "as sent, not scaled", of(tcp, func(t *TCP) any { return t.Window })},
	{"tcp.urgent", "", of(tcp, func(t *TCP) any { return t.Urgent })},
	{"tcp.mss", "0 if there is none", of(tcp, func(t *TCP) any { return t.MSS })},
	{"tcp.scale", "window scale, missing if there is none", of(tcp, func(t *TCP) any { return t.Scale })},
	{"tcp.sack_ok", "SACK permitted", of(tcp, func(t *TCP) any { return t.SACKOK })},
	{"udp.src", "source port", of(udp, func(u *UDP) any { return u.Src })},
	{"udp.dst", "destination port", of(udp, func(u *UDP) any { return u.Dst })},
	{"igmp.type", "", of(igmpOf, func(g *IGMP) any { return g.Type })},
	{"igmp.group", "", of(igmpOf, func(g *IGMP) any { return g.Group })},
	{"stp.type", "", of(stpOf, func(s *STP) any { return s.Type })},
	{"stp.root", "priority.address", of(stpOf, func(s *STP) any { return s.Root })},
	{"stp.bridge", "priority.address", of(stpOf, func(s *STP) any { return s.Bridge })},
	{"stp.cost", "", of(stpOf, func(s *STP) any { return s.Cost })},
	{"carp.vhid", "", of(carpOf, func(c *CARP) any { return c.VHID })},
	{"carp.advbase", "", of(carpOf, func(c *CARP) any { return c.AdvBase })},
	{"carp.advskew", "", of(carpOf, func(c *CARP) any { return c.AdvSkew })},
}

// FieldNames returns the names that Field knows, in the order of the layers, each with what it means.
func FieldNames() []struct{ Name, Doc string } {
	names := make([]struct{ Name, Doc string }, len(fields))
	for i, f := range fields {
		names[i].Name, names[i].Doc = f.name, f.doc
	}
	return names
}

// Field returns a part of the packet by its dotted name: "ip.src", "tcp.flags". The value is a uint64, float64, bool,
// string, []byte or []string, or nil if the packet does not have the layer; addresses are strings. A name that no packet
// has is an error.
func (p *Packet) Field(name string) (any, error) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return nil, fmt.Errorf("packet: no field %q%s", name, suggest(name))
	}
	return plain(fields[i].get(p)), nil
}

// Has says whether the packet has a layer: "tcp", "ip", "vlan".
func (p *Packet) Has(layer string) bool {
	for _, f := range fields {
		if strings.HasPrefix(f.name, layer+".") && plain(f.get(p)) != nil {
			return true
		}
	}
	return false
}

func suggest(name string) string {
	layer, _, _ := strings.Cut(name, ".")
	var near []string
	for _, f := range fields {
		if strings.HasPrefix(f.name, layer+".") {
			near = append(near, f.name)
		}
	}
	if len(near) == 0 {
		return ""
	}
	return "; there are " + strings.Join(near, ", ")
}

// plain turns a value into one of the types that Field returns.
func plain(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		return v
	case []string:
		return v
	case MAC:
		return v.String()
	case netip.Addr:
		return v.String()
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return nil
		}
		r = r.Elem()
	}
	switch {
	case r.CanUint():
		return r.Uint()
	case r.CanInt():
		return uint64(r.Int())
	}
	return r.Interface()
}
