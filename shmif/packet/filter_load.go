package packet

import "net/netip"

// A frameView is a frame as filters see it: raw bytes, at a depth of 802.1Q tags. A filter that reads behind a frame's end
// does not match, whatever else it says; that is how BPF has it.
type frameView struct {
	data []byte
	fail bool
}

func (v *frameView) load(off int, size int) uint32 {
	if off < 0 || off+size > len(v.data) {
		v.fail = true
		return 0
	}
	switch size {
	case 1:
		return uint32(v.data[off])
	case 2:
		return uint32(be.Uint16(v.data[off:]))
	}
	return be.Uint32(v.data[off:])
}

func tagged(t uint16) bool { return t == TypeVLAN || t == TypeQinQ || t == 0x9100 }

// link returns the EtherType (or length) behind depth tags, and where what follows it begins.
func (v *frameView) link(depth int) (typ uint16, off int, ok bool) {
	off = 12
	for ; depth > 0; depth-- {
		if off+2 > len(v.data) || !tagged(be.Uint16(v.data[off:])) {
			return 0, 0, false
		}
		off += 4
	}
	if off+2 > len(v.data) {
		return 0, 0, false
	}
	return be.Uint16(v.data[off:]), off + 2, true
}

// A netHeader is an IP header as a filter needs it.
type netHeader struct {
	v6        bool
	off       int // of the header
	proto     uint8
	transport int  // where it begins
	first     bool // the packet has the transport header
	src, dst  netip.Addr
}

// ip finds the IP header behind depth tags, and the transport header behind IPv6's extension headers.
func (v *frameView) ip(depth int) (h netHeader, ok bool) {
	typ, off, ok := v.link(depth)
	if !ok {
		return h, false
	}
	h.off = off
	b := v.data[off:]
	switch typ {
	case TypeIPv4:
		if len(b) < 20 || b[0]>>4 != 4 {
			return h, false
		}
		h.proto, h.transport = b[9], off+int(b[0]&15)*4
		h.first = be.Uint16(b[6:])&0x1fff == 0
		h.src, h.dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
		return h, true
	case TypeIPv6:
		if len(b) < 40 || b[0]>>4 != 6 {
			return h, false
		}
		h.v6, h.first = true, true
		h.src, h.dst = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
		h.proto, h.transport = b[6], off+40
		for h.first {
			b := v.data[min(h.transport, len(v.data)):]
			if len(b) < 8 {
				break
			}
			switch h.proto {
			case 0, 43, 60: // hop-by-hop, routing, destination options
				h.transport += 8 + int(b[1])*8
			case 44:
				h.first = be.Uint16(b[2:])>>3 == 0
				h.transport += 8
			case 51:
				h.transport += 8 + int(b[1])*4
			default:
				return h, true
			}
			h.proto = b[0]
		}
		return h, true
	}
	return h, false
}

// arp finds the addresses of an ARP packet for IPv4.
func (v *frameView) arp(depth int) (sender, target netip.Addr, ok bool) {
	typ, off, ok := v.link(depth)
	if !ok || typ != TypeARP && typ != 0x8035 || len(v.data) < off+28 {
		return sender, target, false
	}
	b := v.data[off:]
	return netip.AddrFrom4([4]byte(b[14:18])), netip.AddrFrom4([4]byte(b[24:28])), true
}

// ports finds the ports of a TCP, UDP or SCTP packet.
func (v *frameView) ports(depth int) (proto uint8, src, dst uint16, ok bool) {
	h, ok := v.ip(depth)
	if !ok || !h.first || h.proto != ProtoTCP && h.proto != ProtoUDP && h.proto != 132 || h.transport+4 > len(v.data) {
		return 0, 0, 0, false
	}
	b := v.data[h.transport:]
	return h.proto, be.Uint16(b), be.Uint16(b[2:]), true
}
