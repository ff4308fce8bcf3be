package starlark

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// Layers are one or more layers of a packet that a script composes, the outermost
// first.
type Layers struct{ layers []packet.Layer }

// layerFunctions is the table of the functions that make layers.
func layerFunctions() []function {
	return []function{
		{"arp", "op? sender_mac? sender_ip? target_mac? target_ip?", "Makes an ARP message: op is \"request\", which is also the default, \"reply\" or a number.", arpLayer},
		{"eth", "src? dst? type?", "Makes an Ethernet header; to all if dst is not given. Layers are composed with /: eth(dst = mac) / ip(src = a, dst = b) / icmp(type = \"echo\") / \"payload\". Lengths, checksums and types are filled in where the layers do not say otherwise.", ethLayer},
		{"icmp", "type code? id? seq? mtu? rest? checksum?", "Makes an ICMP header. The type is a number, or one of echo, echo_reply, unreachable, redirect, time_exceeded; id and seq are an echo's, mtu that of fragmentation needed, rest the four bytes as one number.", icmpLayer},
		{"icmp6", "type code? id? seq? mtu? rest? checksum?", "Makes an ICMPv6 header, as icmp does; the names are echo, echo_reply, unreachable, packet_too_big, time_exceeded, router_solicitation, router_advertisement, neighbor_solicitation, neighbor_advertisement.", icmp6Layer},
		{"ip", "src? dst? ttl? proto? tos? flow? id? df? mf? offset? options? length? header_len? checksum?", "Makes an IP header, of the version of its addresses. A host fills in the addresses that are not given.", ipLayer},
		{"raw", "data", "Makes a layer of a string or bytes, as they are. A string or bytes next to / are taken so too.", rawLayer},
		{"tcp", "src? dst? seq? ack? flags? window? urgent? mss? scale? sack_ok? timestamp? options? header_len? checksum?", "Makes a TCP header. Flags are \"SYN|ACK\", or \"S.\" as tcpdump has them; timestamp is a pair of numbers.", tcpLayer},
		{"udp", "src? dst? length? checksum?", "Makes a UDP header.", udpLayer},
		{"vlan", "id priority? type?", "Makes an 802.1Q tag.", vlanLayer},
	}
}

// String shows the layers to a person.
func (l *Layers) String() string {
	names := make([]string, len(l.layers))
	for i, x := range l.layers {
		names[i] = strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", x), "packet."))
	}
	return "<" + strings.Join(names, " / ") + ">"
}
func (l *Layers) Type() string          { return "layers" }
func (l *Layers) Freeze()               {}
func (l *Layers) Truth() starlark.Bool  { return true }
func (l *Layers) Hash() (uint32, error) { return 0, errors.New("unhashable: layers") }

// Binary implements layers / layers, and the same with a payload.
func (l *Layers) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	if op != syntax.SLASH {
		return nil, nil
	}
	other, ok := layersOf(y)
	if !ok {
		return nil, nil
	}
	if side == starlark.Right {
		return &Layers{slices.Concat(other, l.layers)}, nil
	}
	return &Layers{slices.Concat(l.layers, other)}, nil
}

// layersOf returns the layers that a value stands for.
func layersOf(v starlark.Value) ([]packet.Layer, bool) {
	switch v := v.(type) {
	case *Layers:
		return v.layers, true
	case starlark.String:
		return []packet.Layer{packet.Raw(v)}, true
	case starlark.Bytes:
		return []packet.Layer{packet.Raw(v)}, true
	}
	return nil, false
}

func layer(l packet.Layer) (starlark.Value, error) { return &Layers{[]packet.Layer{l}}, nil }

// mac unpacks an Ethernet address.
type mac packet.MAC

// Unpack implements starlark.Unpacker.
func (m *mac) Unpack(v starlark.Value) error {
	s, ok := starlark.AsString(v)
	if !ok {
		return fmt.Errorf("got %s where an Ethernet address is wanted", v.Type())
	}
	a, err := packet.ParseMAC(s)
	*m = mac(a)
	return err
}

// ipAddr unpacks an IP address; a prefix length is passed over.
type ipAddr netip.Addr

// Unpack implements starlark.Unpacker.
func (a *ipAddr) Unpack(v starlark.Value) error {
	var x Address
	if err := x.Unpack(v); err != nil {
		return err
	}
	*a = ipAddr(x.addr.WithZone(""))
	return nil
}

// flags unpacks the flags of TCP.
type flags packet.Flags

// Unpack implements starlark.Unpacker.
func (f *flags) Unpack(v starlark.Value) error {
	s, _ := starlark.AsString(v)
	p, ok := packet.ParseFlags(s)
	if _, isString := v.(starlark.String); !ok || !isString {
		return fmt.Errorf("got %s where TCP's flags are wanted: \"SYN|ACK\", or \"S.\"", v)
	}
	*f = flags(p)
	return nil
}

// sequence unpacks a sequence number, modulo 2^32.
type sequence uint32

// Unpack implements starlark.Unpacker.
func (n *sequence) Unpack(v starlark.Value) error {
	i, ok := v.(starlark.Int)
	if !ok {
		return fmt.Errorf("got %s where a number is wanted", v.Type())
	}
	x, ok := i.Int64()
	if !ok {
		return fmt.Errorf("%s is no sequence number", i)
	}
	*n = sequence(uint32(x))
	return nil
}

// timestamps unpacks the value and the echo reply of TCP's option.
type timestamps [2]uint32

// Unpack implements starlark.Unpacker.
func (t *timestamps) Unpack(v starlark.Value) error {
	pair, ok := v.(starlark.Indexable)
	if !ok || pair.Len() != 2 {
		return fmt.Errorf("got %s where a pair of numbers is wanted", v)
	}
	for i := range t {
		if err := (*sequence)(&t[i]).Unpack(pair.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// numberNamed unpacks a number that may be given by a name.
func numberNamed(v starlark.Value, names map[string]uint16, to any) error {
	if s, ok := starlark.AsString(v); ok {
		n, known := names[s]
		if !known {
			return fmt.Errorf("%q is none of its names", s)
		}
		v = starlark.MakeInt(int(n))
	}
	return starlark.AsInt(v, to)
}

func ethLayer(c *call) (starlark.Value, error) {
	var src, dst optional[mac]
	var typ optional[uint16]
	if err := c.unpack(&src, &dst, &typ); err != nil {
		return nil, err
	}
	return layer(packet.Eth{Src: packet.MAC(src.or(mac{})), Dst: packet.MAC(dst.or(mac(packet.Broadcast))), Type: typ.or(0)})
}

func vlanLayer(c *call) (starlark.Value, error) {
	var id, typ optional[uint16]
	var priority optional[uint8]
	if err := c.unpack(&id, &priority, &typ); err != nil {
		return nil, err
	}
	return layer(packet.VLAN{ID: id.or(0), Priority: priority.or(0), Type: typ.or(0)})
}

func arpLayer(c *call) (starlark.Value, error) {
	var op starlark.Value
	var smac, tmac mac
	var sip, tip ipAddr
	if err := c.unpack(&op, &smac, &sip, &tmac, &tip); err != nil {
		return nil, err
	}
	a := packet.ARP{SenderMAC: packet.MAC(smac), DestMAC: packet.MAC(tmac), SenderIP: netip.Addr(sip), DestIP: netip.Addr(tip)}
	if op != nil {
		if err := numberNamed(op, map[string]uint16{"request": packet.ARPRequest, "reply": packet.ARPReply}, &a.Op); err != nil {
			return nil, fmt.Errorf("arp: for parameter \"op\": %w", err)
		}
	}
	return layer(a)
}

func ipLayer(c *call) (starlark.Value, error) {
	var src, dst ipAddr
	var ttl, proto, tos, headerLen optional[uint8]
	var flow, id optional[uint32]
	var df, mf bool
	var offset, length, checksum optional[uint16]
	var options content
	if err := c.unpack(&src, &dst, &ttl, &proto, &tos, &flow, &id, &df, &mf, &offset, &options, &length, &headerLen, &checksum); err != nil {
		return nil, err
	}
	return layer(packet.IP{
		Src: netip.Addr(src), Dst: netip.Addr(dst), TTL: ttl.or(0), ZeroTTL: ttl.v != nil && *ttl.v == 0,
		Proto: proto.or(0), TOS: tos.or(0), Flow: flow.or(0), ID: id.or(0), DF: df, MF: mf, Offset: offset.or(0),
		Options: options, Length: length.v, HeaderLen: headerLen.v, Checksum: checksum.v,
	})
}

func icmpLayer(c *call) (starlark.Value, error) {
	return icmpOf(c, false, map[string]uint16{
		"echo_reply": packet.ICMPEchoReply, "unreachable": packet.ICMPUnreachable, "redirect": packet.ICMPRedirect,
		"echo": packet.ICMPEcho, "time_exceeded": packet.ICMPTimeExceeded,
	})
}

func icmp6Layer(c *call) (starlark.Value, error) {
	return icmpOf(c, true, map[string]uint16{
		"unreachable": packet.ICMPv6Unreachable, "packet_too_big": packet.ICMPv6PacketTooBig, "time_exceeded": packet.ICMPv6TimeExceeded,
		"echo": packet.ICMPv6Echo, "echo_reply": packet.ICMPv6EchoReply,
		"router_solicitation": packet.ICMPv6RouterSolicitation, "router_advertisement": packet.ICMPv6RouterAdvertisement,
		"neighbor_solicitation": packet.ICMPv6NeighborSolicitation, "neighbor_advertisement": packet.ICMPv6NeighborAdvertisement,
	})
}

func icmpOf(c *call, v6 bool, names map[string]uint16) (starlark.Value, error) {
	var typ starlark.Value
	var code optional[uint8]
	var id, seq, checksum optional[uint16]
	var mtu, rest optional[uint32]
	if err := c.unpack(&typ, &code, &id, &seq, &mtu, &rest, &checksum); err != nil {
		return nil, err
	}
	i := packet.ICMP{V6: v6, Code: code.or(0), ID: id.or(0), Seq: seq.or(0), Rest: rest.v, Checksum: checksum.v}
	if err := numberNamed(typ, names, &i.Type); err != nil {
		return nil, fmt.Errorf("%s: for parameter \"type\": %w", c.f.name, err)
	}
	switch {
	case mtu.v == nil:
	case v6:
		i.Rest = mtu.v
	case *mtu.v > 0xffff:
		return nil, fmt.Errorf("icmp: for parameter \"mtu\": %d out of range (want value in unsigned 16-bit range)", *mtu.v)
	default:
		i.Seq = uint16(*mtu.v)
	}
	return layer(i)
}

func tcpLayer(c *call) (starlark.Value, error) {
	var src, dst, window, urgent, mss, checksum optional[uint16]
	var seq, ack sequence
	var fl flags
	var scale, headerLen optional[uint8]
	var sackOK bool
	var ts optional[timestamps]
	var options content
	if err := c.unpack(&src, &dst, &seq, &ack, &fl, &window, &urgent, &mss, &scale, &sackOK, &ts, &options, &headerLen, &checksum); err != nil {
		return nil, err
	}
	return layer(packet.TCP{
		Src: src.or(0), Dst: dst.or(0), Seq: uint32(seq), Ack: uint32(ack), Flags: packet.Flags(fl), Window: window.or(65535), Urgent: urgent.or(0),
		MSS: mss.or(0), Scale: scale.v, SACKOK: sackOK, Timestamp: (*[2]uint32)(ts.v), Options: options, HeaderLen: headerLen.v, Checksum: checksum.v,
	})
}

func udpLayer(c *call) (starlark.Value, error) {
	var src, dst, length, checksum optional[uint16]
	if err := c.unpack(&src, &dst, &length, &checksum); err != nil {
		return nil, err
	}
	return layer(packet.UDP{Src: src.or(0), Dst: dst.or(0), Length: length.v, Checksum: checksum.v})
}

func rawLayer(c *call) (starlark.Value, error) {
	var data content
	if err := c.unpack(&data); err != nil {
		return nil, err
	}
	return layer(packet.Raw(data))
}

var _ starlark.HasBinary = (*Layers)(nil)
