package packet

import "net/netip"

// NeighborSolicitation returns the layers behind the IP header of a question for target's Ethernet address, asked by the
// station with the address from.
func NeighborSolicitation(target netip.Addr, from MAC) []Layer {
	return []Layer{ICMP{V6: true, Type: ICMPv6NeighborSolicitation}, ndBody(target, 1, from)}
}

// NeighborAdvertisement returns the layers behind the IP header of the statement that target is at m.
func NeighborAdvertisement(target netip.Addr, m MAC, solicited bool) []Layer {
	flags := uint32(1 << 29) // override
	if solicited {
		flags |= 1 << 30
	}
	return []Layer{ICMP{V6: true, Type: ICMPv6NeighborAdvertisement, Rest: &flags}, ndBody(target, 2, m)}
}

func ndBody(target netip.Addr, option byte, m MAC) Raw {
	b := target.As16()
	return append(append(b[:], option, 1), m[:]...)
}

// solicitedNode is the multicast group of a's solicitations, and its Ethernet address.
func solicitedNode(a netip.Addr) (netip.Addr, MAC) {
	b := a.As16()
	group := [16]byte{0: 0xff, 1: 2, 11: 1, 12: 0xff, 13: b[13], 14: b[14], 15: b[15]}
	return netip.AddrFrom16(group), MAC{0x33, 0x33, 0xff, b[13], b[14], b[15]}
}
