package inet

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Flags of IPv4's fragment offset, from <netinet/ip.h>.
const (
	ipDontFragment  = 0x4000
	ipMoreFragments = 0x2000
)

// cut4 cuts a packet for a way that takes less than the interface, which is all that
// gVisor cuts for (ip_fragment).
func (n *Net) cut4(b []byte) [][]byte {
	if b[9] == netbsd.IPPROTO_TCP || int(b[0]&0xf)*4 != header.IPv4MinimumSize {
		return [][]byte{b}
	}
	off := binary.BigEndian.Uint16(b[6:])
	mtu := n.learnedMTU(netip.AddrFrom4([4]byte(b[16:20])), len(b))
	if mtu == 0 || off&ipDontFragment != 0 {
		return [][]byte{b}
	}
	data := b[header.IPv4MinimumSize:]
	room := (mtu - header.IPv4MinimumSize) &^ 7
	var pieces [][]byte
	for at := 0; at < len(data); at += room {
		p := append(slices.Clone(b[:header.IPv4MinimumSize]), data[at:min(at+room, len(data))]...)
		flags := off + uint16(at/8)
		if at+room < len(data) {
			flags |= ipMoreFragments
		}
		h := header.IPv4(p)
		h.SetTotalLength(uint16(len(p)))
		binary.BigEndian.PutUint16(p[6:], flags)
		h.SetChecksum(0)
		h.SetChecksum(^h.CalculateChecksum())
		pieces = append(pieces, p)
	}
	return pieces
}

// cut6 is cut4 for IPv6, where only who sends a packet cuts it (ip6_output).
func (n *Net) cut6(ifp *Interface, b []byte) [][]byte {
	src, dst := netip.AddrFrom16([16]byte(b[8:24])), embed(netip.AddrFrom16([16]byte(b[24:40])), ifp.index)
	if b[6] == netbsd.IPPROTO_TCP || b[6] == ip6HopByHop || b[6] == ip6Routing || b[6] == ip6DstOption {
		return [][]byte{b}
	}
	mtu := n.learnedMTU(dst, len(b))
	if mtu == 0 {
		return [][]byte{b}
	}
	n.lock()
	own, id := n.in6Local(embed(src, ifp.index)) != nil, n.rand.Uint32()
	n.unlock()
	if !own {
		return [][]byte{b}
	}
	const fragmentHeader = 8
	next, off, more, data := b[6], 0, false, b[ip6Header:]
	if next == ip6Fragment && len(data) >= fragmentHeader {
		word := binary.BigEndian.Uint16(data[2:])
		next, off, more, id = data[0], int(word&^7), word&1 != 0, binary.BigEndian.Uint32(data[4:])
		data = data[fragmentHeader:]
	}
	room := (mtu - ip6Header - fragmentHeader) &^ 7
	var pieces [][]byte
	for at := 0; at < len(data); at += room {
		piece := data[at:min(at+room, len(data))]
		word := uint16(off + at)
		if more || at+room < len(data) {
			word |= 1
		}
		p := append(slices.Clone(b[:ip6Header]), next, 0)
		p = binary.BigEndian.AppendUint16(p, word)
		p = append(binary.BigEndian.AppendUint32(p, id), piece...)
		p[6] = ip6Fragment
		binary.BigEndian.PutUint16(p[4:], uint16(fragmentHeader+len(piece)))
		pieces = append(pieces, p)
	}
	return pieces
}

// learnedMTU is what the route to an address takes if that is less than a length, else 0.
func (n *Net) learnedMTU(dst netip.Addr, length int) int {
	n.lock()
	defer n.unlock()
	t := n.tables[sin(dst).family()]
	if t == nil {
		return 0
	}
	rt := t.match(sin(dst).key(t.family))
	const least = 68 // that any network takes
	if rt == nil || rt.rmx.Mtu < least || rt.rmx.Mtu >= uint64(length) || rt.ifp == nil || rt.ifp.loopback() {
		return 0
	}
	return int(rt.rmx.Mtu)
}
