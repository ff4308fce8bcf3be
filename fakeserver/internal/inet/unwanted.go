package inet

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// unwanted takes a datagram that no socket is for, of which gVisor would tell more
// than NetBSD does (udp_input).
func (n *Net) unwanted(id stack.TransportEndpointID, pkt *stack.PacketBuffer) (taken bool) {
	if pkt.NetworkProtocolNumber != ipv4.ProtocolNumber {
		return false
	}
	udp := header.UDP(pkt.TransportHeader().Slice())
	length, sum := header.UDPValid(udp, pkt.Data().Checksum, uint16(pkt.Data().Size()), pkt.NetworkProtocolNumber,
		id.RemoteAddress, id.LocalAddress, pkt.RXChecksumValidated)
	if !length || !sum {
		return false
	}
	b := append(append([]byte(nil), pkt.NetworkHeader().Slice()...), udp...)
	src, dst := netip.AddrFrom4(id.RemoteAddress.As4()), netip.AddrFrom4(id.LocalAddress.As4())
	n.lock()
	ifp, all := n.byIndex(int(pkt.NICID)), dst.IsMulticast() || n.inBroadcast(dst, nil)
	own := n.inLocal(src) != nil
	n.unlock()
	if ifp == nil || all {
		return true
	}
	if own && udp.Checksum() == 0 {
		// The sum of what stays here is left to a loopback interface, which does
		// not complete it.
		h := header.UDP(b[len(b)-header.UDPMinimumSize:])
		h.SetChecksum(header.PseudoHeaderChecksum(header.UDPProtocolNumber, id.RemoteAddress, id.LocalAddress, h.Length()))
	}
	n.sendError4(ifp, b, icmpError{typ: 3, code: 3})
	return true
}

// unclaimed tells the sender of a packet for this kernel that nobody knows its protocol
// (rip_input). It reports whether the packet has been dealt with.
func (n *Net) unclaimed(ifp *Interface, b []byte) bool {
	n.lock()
	ours := n.inLocal(netip.AddrFrom4([4]byte(b[16:20]))) != nil
	n.unlock()
	const fragment, dontFragment = 0x3fff, 0x4000 // IP_MF | IP_OFFMASK, IP_DF
	off := binary.BigEndian.Uint16(b[6:])
	switch {
	case !ours || off&fragment != 0:
		return false
	case off&dontFragment != 0:
		return true // the kernel looks for fragments in the machine's byte order by then
	}
	// The header is quoted as raw sockets have it.
	quoted := slices.Clone(b)
	binary.LittleEndian.PutUint16(quoted[2:], uint16(len(b)-int(b[0]&0xf)*4))
	n.sendError4(ifp, quoted, icmpError{typ: 3, code: 2})
	return true
}
