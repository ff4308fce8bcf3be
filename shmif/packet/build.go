package packet

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Build composes layers, outermost first, into the bytes of a frame. Lengths, checksums and the types of what follows
// are filled in where the layers do not say otherwise. Nothing is padded to Ethernet's 60 bytes: the bus does not need it.
func Build(layers ...Layer) ([]byte, error) {
	var body []byte
	var inner Layer
	for i := len(layers) - 1; i >= 0; i-- {
		l := layers[i]
		var outer *IP
		for j := i - 1; j >= 0 && outer == nil; j-- {
			outer, _ = layers[j].(*IP)
			if v, ok := layers[j].(IP); ok {
				outer = &v
			}
		}
		h, err := l.header(body, inner, outer)
		if err != nil {
			return nil, fmt.Errorf("packet: %w", err)
		}
		body = append(h, body...)
		inner = l
	}
	return body, nil
}

// MustBuild is Build for layers that are known to fit together.
func MustBuild(layers ...Layer) []byte {
	b, err := Build(layers...)
	if err != nil {
		panic(err)
	}
	return b
}

var be = binary.BigEndian

// etherType is the type of what follows an Ethernet header.
func etherType(given uint16, inner Layer, n int) (uint16, error) {
	if given != 0 {
		return given, nil
	}
	switch l := inner.(type) {
	case IP:
		return etherType(0, &l, n)
	case *IP:
		if l.Version() == 6 {
			return TypeIPv6, nil
		}
		return TypeIPv4, nil
	case ARP, *ARP:
		return TypeARP, nil
	case VLAN, *VLAN:
		return TypeVLAN, nil
	case Raw, *Raw, nil:
		return uint16(n), nil // 802.3
	}
	return 0, fmt.Errorf("%T cannot follow an Ethernet header without a type", inner)
}

func (e Eth) header(body []byte, inner Layer, _ *IP) ([]byte, error) {
	t, err := etherType(e.Type, inner, len(body))
	h := append(append(make([]byte, 0, 14+len(body)), e.Dst[:]...), e.Src[:]...)
	return be.AppendUint16(h, t), err
}

func (v VLAN) header(body []byte, inner Layer, _ *IP) ([]byte, error) {
	t, err := etherType(v.Type, inner, len(body))
	return be.AppendUint16(be.AppendUint16(nil, uint16(v.Priority)<<13|v.ID&0xfff), t), err
}

func (a ARP) header([]byte, Layer, *IP) ([]byte, error) {
	h := []byte{0, 1, 8, 0, 6, 4}
	op := a.Op
	if op == 0 {
		op = ARPRequest
	}
	h = be.AppendUint16(h, op)
	var sender, dest [4]byte
	for _, p := range []struct {
		to *[4]byte
		ip netip.Addr
	}{{&sender, a.SenderIP}, {&dest, a.DestIP}} {
		if p.ip.IsValid() {
			if !p.ip.Unmap().Is4() {
				return nil, fmt.Errorf("ARP for %v, which is not IPv4", p.ip)
			}
			*p.to = p.ip.Unmap().As4()
		}
	}
	h = append(append(h, a.SenderMAC[:]...), sender[:]...)
	return append(append(h, a.DestMAC[:]...), dest[:]...), nil
}

// protocol is the number of what follows an IP header.
func (ip *IP) protocol(inner Layer) uint8 {
	if ip.Proto != 0 {
		return ip.Proto
	}
	switch l := inner.(type) {
	case TCP, *TCP:
		return ProtoTCP
	case UDP, *UDP:
		return ProtoUDP
	case ICMP:
		return ip.protocol(&l)
	case *ICMP:
		if l.V6 {
			return ProtoICMPv6
		}
		return ProtoICMP
	case IP:
		return ip.protocol(&l)
	case *IP:
		if l.Version() == 6 {
			return 41
		}
		return 4
	case nil:
		return 59 // no next header
	}
	return 255
}

func (ip IP) header(body []byte, inner Layer, _ *IP) ([]byte, error) {
	if !ip.Src.IsValid() || !ip.Dst.IsValid() {
		return nil, fmt.Errorf("IP from %v to %v: an address is missing", ip.Src, ip.Dst)
	}
	ttl := ip.TTL
	if ttl == 0 && !ip.ZeroTTL {
		ttl = 64
	}
	if ip.Offset%8 != 0 {
		return nil, fmt.Errorf("fragment offset %d is not a multiple of 8", ip.Offset)
	}
	if ip.Version() == 6 {
		return ip.header6(body, inner, ttl)
	}
	src, dst := ip.Src.Unmap(), ip.Dst.Unmap()
	if !src.Is4() {
		return nil, fmt.Errorf("IP from %v to %v: not of one family", ip.Src, ip.Dst)
	}
	n := 20 + len(ip.Options)
	if len(ip.Options)%4 != 0 || n > 60 {
		return nil, fmt.Errorf("%d bytes of IPv4 options", len(ip.Options))
	}
	h := make([]byte, n, n+len(body))
	hl := uint8(n)
	if ip.HeaderLen != nil {
		hl = *ip.HeaderLen
	}
	h[0] = 4<<4 | hl/4&15
	h[1] = ip.TOS
	be.PutUint16(h[2:], orLen(ip.Length, n+len(body)))
	be.PutUint16(h[4:], uint16(ip.ID))
	frag := ip.Offset / 8
	if ip.DF {
		frag |= 1 << 14
	}
	if ip.MF {
		frag |= 1 << 13
	}
	be.PutUint16(h[6:], frag)
	h[8], h[9] = ttl, ip.protocol(inner)
	s, d := src.As4(), dst.As4()
	copy(h[12:], s[:])
	copy(h[16:], d[:])
	copy(h[20:], ip.Options)
	if ip.Checksum != nil {
		be.PutUint16(h[10:], *ip.Checksum)
	} else {
		be.PutUint16(h[10:], checksum(0, h))
	}
	return h, nil
}

func (ip *IP) header6(body []byte, inner Layer, ttl uint8) ([]byte, error) {
	if ip.Src.Is4() {
		return nil, fmt.Errorf("IP from %v to %v: not of one family", ip.Src, ip.Dst)
	}
	n := 40
	if ip.Fragment() {
		n += 8
	}
	h := make([]byte, n, n+len(body))
	be.PutUint32(h, 6<<28|uint32(ip.TOS)<<20|ip.Flow&0xfffff)
	be.PutUint16(h[4:], orLen(ip.Length, n-40+len(body)))
	h[6], h[7] = ip.protocol(inner), ttl
	s, d := ip.Src.As16(), ip.Dst.As16()
	copy(h[8:], s[:])
	copy(h[24:], d[:])
	if ip.Fragment() {
		h[40], h[6] = h[6], 44
		frag := ip.Offset
		if ip.MF {
			frag |= 1
		}
		be.PutUint16(h[42:], frag)
		be.PutUint32(h[44:], ip.ID)
	}
	return h, nil
}

func (i ICMP) header(body []byte, _ Layer, outer *IP) ([]byte, error) {
	h := make([]byte, 8, 8+len(body))
	h[0], h[1] = i.Type, i.Code
	be.PutUint32(h[4:], i.word())
	var sum uint32
	if i.V6 {
		if outer == nil && i.Checksum == nil {
			return nil, fmt.Errorf("ICMPv6 needs an IP header for its checksum")
		}
		sum = pseudo(outer, ProtoICMPv6, 8+len(body))
	}
	be.PutUint16(h[2:], orSum(i.Checksum, sum, h, body))
	return h, nil
}

func (t TCP) header(body []byte, _ Layer, outer *IP) ([]byte, error) {
	o := t.options()
	n := 20 + len(o)
	if n > 60 {
		return nil, fmt.Errorf("%d bytes of TCP options", len(o))
	}
	hl := uint8(n)
	if t.HeaderLen != nil {
		hl = *t.HeaderLen
	}
	h := make([]byte, n, n+len(body))
	be.PutUint16(h, t.Src)
	be.PutUint16(h[2:], t.Dst)
	be.PutUint32(h[4:], t.Seq)
	be.PutUint32(h[8:], t.Ack)
	be.PutUint16(h[12:], uint16(hl/4&15)<<12|uint16(t.Flags)&0xfff)
	be.PutUint16(h[14:], t.Window)
	be.PutUint16(h[18:], t.Urgent)
	copy(h[20:], o)
	if outer == nil && t.Checksum == nil {
		return nil, fmt.Errorf("TCP needs an IP header for its checksum")
	}
	be.PutUint16(h[16:], orSum(t.Checksum, pseudo(outer, ProtoTCP, n+len(body)), h, body))
	return h, nil
}

func (t *TCP) options() []byte {
	var o []byte
	if t.MSS != 0 {
		o = append(o, 2, 4, byte(t.MSS>>8), byte(t.MSS))
	}
	if t.Scale != nil {
		o = append(o, 1, 3, 3, *t.Scale)
	}
	if t.SACKOK {
		o = append(o, 1, 1, 4, 2)
	}
	if t.Timestamp != nil {
		o = append(o, 1, 1, 8, 10)
		o = be.AppendUint32(be.AppendUint32(o, t.Timestamp[0]), t.Timestamp[1])
	}
	if len(t.SACK) > 0 {
		o = append(o, 1, 1, 5, byte(2+8*len(t.SACK)))
		for _, b := range t.SACK {
			o = be.AppendUint32(be.AppendUint32(o, b[0]), b[1])
		}
	}
	o = append(o, t.Options...)
	for len(o)%4 != 0 {
		o = append(o, 0)
	}
	return o
}

func (u UDP) header(body []byte, _ Layer, outer *IP) ([]byte, error) {
	h := make([]byte, 8, 8+len(body))
	be.PutUint16(h, u.Src)
	be.PutUint16(h[2:], u.Dst)
	be.PutUint16(h[4:], orLen(u.Length, 8+len(body)))
	if outer == nil && u.Checksum == nil {
		return nil, fmt.Errorf("UDP needs an IP header for its checksum")
	}
	sum := orSum(u.Checksum, pseudo(outer, ProtoUDP, 8+len(body)), h, body)
	if sum == 0 && u.Checksum == nil {
		sum = 0xffff // 0 means that there is none
	}
	be.PutUint16(h[6:], sum)
	return h, nil
}

func (r Raw) header([]byte, Layer, *IP) ([]byte, error) { return append([]byte(nil), r...), nil }

func orLen(given *uint16, n int) uint16 {
	if given != nil {
		return *given
	}
	return uint16(n)
}

func orSum(given *uint16, sum uint32, parts ...[]byte) uint16 {
	if given != nil {
		return *given
	}
	return checksum(sum, parts...)
}

// pseudo is the sum over the pseudo-header of TCP, UDP and ICMPv6.
func pseudo(ip *IP, proto uint8, n int) uint32 {
	if ip == nil {
		return 0
	}
	sum := uint32(proto) + uint32(n)
	for _, a := range []netip.Addr{ip.Src, ip.Dst} {
		b := a.Unmap().AsSlice()
		for i := 0; i+1 < len(b); i += 2 {
			sum += uint32(be.Uint16(b[i:]))
		}
	}
	return sum
}

// checksum is the Internet checksum of the parts, of which all but the last have an even length.
func checksum(sum uint32, parts ...[]byte) uint16 {
	for _, b := range parts {
		for ; len(b) >= 2; b = b[2:] {
			sum += uint32(be.Uint16(b))
		}
		if len(b) == 1 {
			sum += uint32(b[0]) << 8
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
