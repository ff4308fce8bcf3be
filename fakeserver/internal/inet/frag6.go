package inet

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// IPv6 next headers that precede others.
const (
	ip6HopByHop  = 0
	ip6Routing   = 43
	ip6Fragment  = 44
	ip6NoNext    = 59
	ip6DstOption = 60
)

const (
	frag6Limit    = 16 // packets that are being put together at once
	frag6Lifetime = 60 * time.Second
)

// Fragments of IPv6 are put together here rather than by gVisor, which shows raw
// sockets the fragments and not the packets.
type reassembly struct {
	packets map[fragmentID]*fragments
}

type fragmentID struct {
	src, dst netip.Addr
	id       uint32
}

// fragments are what has come of one packet.
type fragments struct {
	head   []byte // the packet's headers, from the first fragment
	next   byte   // the header that follows them
	at     int    // where that is written in head
	pieces []fragment
	total  int // the length of what follows the headers, -1 while it is not known
	timer  timer
}

type fragment struct {
	from int
	data []byte
}

// headers6 walks the headers of an IPv6 packet. It returns the kind and position
// of the first one that does not precede others, or of a fragment header, and
// where in the packet that kind is written.
func headers6(b []byte) (kind byte, pos, at int, ok bool) {
	kind, pos, at = b[6], ip6Header, 6
	for {
		switch kind {
		case ip6HopByHop, ip6Routing, ip6DstOption:
			if pos+8 > len(b) {
				return 0, 0, 0, false
			}
			next, n := b[pos], 8+8*int(b[pos+1])
			kind, at = next, pos
			pos += n
			if pos > len(b) {
				return 0, 0, 0, false
			}
		default:
			return kind, pos, at, true
		}
	}
}

// reassemble takes in a packet for this kernel. It returns the packet if it is
// whole, or has become so, and nil if more is to come. n.mu is held.
func (n *Net) reassemble(b []byte) []byte {
	if len(b) < ip6Header {
		return b
	}
	kind, pos, at, ok := headers6(b)
	if !ok || kind != ip6Fragment || pos+8 > len(b) {
		return b
	}
	end := min(len(b), ip6Header+int(binary.BigEndian.Uint16(b[4:])))
	if end < pos+8 {
		return b
	}
	field := binary.BigEndian.Uint16(b[pos+2:])
	from, more, data := int(field&^7), field&1 != 0, b[pos+8:end]
	if len(data) == 0 || more && len(data)%8 != 0 || from+len(data) > 65535 {
		return b // gVisor knows what to answer
	}
	id := fragmentID{netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40])), binary.BigEndian.Uint32(b[pos+4:])}
	r := &n.frag6
	f := r.packets[id]
	if f == nil {
		if len(r.packets) >= frag6Limit {
			return nil
		}
		if r.packets == nil {
			r.packets = make(map[fragmentID]*fragments)
		}
		f = &fragments{total: -1}
		r.packets[id] = f
		f.timer.set(n, frag6Lifetime, func() { delete(r.packets, id) })
	}
	if !f.add(from, data) || !more && f.total >= 0 && f.total != from+len(data) {
		r.drop(id) // fragments that overlap are an attack: RFC 5722
		return nil
	}
	if !more {
		f.total = from + len(data)
	}
	if from == 0 {
		f.head, f.next, f.at = append([]byte(nil), b[:pos]...), b[pos], at
	}
	whole := f.whole()
	if whole != nil {
		r.drop(id)
	}
	return whole
}

func (r *reassembly) drop(id fragmentID) {
	if f := r.packets[id]; f != nil {
		f.timer.stop()
		delete(r.packets, id)
	}
}

// clear drops what has not been put together.
func (r *reassembly) clear() {
	for id := range r.packets {
		r.drop(id)
	}
}

// add puts a fragment where it belongs. It reports whether it fits there.
func (f *fragments) add(from int, data []byte) bool {
	i := 0
	for i < len(f.pieces) && f.pieces[i].from < from {
		i++
	}
	if i < len(f.pieces) && f.pieces[i].from == from && len(f.pieces[i].data) == len(data) {
		return true // it has come twice
	}
	if i > 0 && f.pieces[i-1].from+len(f.pieces[i-1].data) > from || i < len(f.pieces) && from+len(data) > f.pieces[i].from {
		return false
	}
	f.pieces = append(f.pieces, fragment{})
	copy(f.pieces[i+1:], f.pieces[i:])
	f.pieces[i] = fragment{from, append([]byte(nil), data...)}
	return true
}

// whole returns the packet if nothing is missing.
func (f *fragments) whole() []byte {
	if f.total < 0 || f.head == nil {
		return nil
	}
	b, have := append([]byte(nil), f.head...), 0
	for _, p := range f.pieces {
		if p.from != have {
			return nil
		}
		b = append(b, p.data...)
		have += len(p.data)
	}
	if have != f.total || len(b)-ip6Header > 65535 {
		return nil
	}
	b[f.at] = f.next
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)-ip6Header))
	return b
}
