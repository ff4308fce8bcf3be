package packet

import (
	"net/netip"
	"strings"
)

// The layers of a packet. Decode fills them and Build composes them, so that what was received can be changed and sent
// again. Where a field is a pointer, nil lets Build fill in what is right, and a value is sent as it is; Decode leaves it
// nil and lists what was wrong in Packet.Bad.

// EtherTypes and IP protocols that have layers here.
const (
	TypeIPv4 = 0x0800
	TypeARP  = 0x0806
	TypeVLAN = 0x8100
	TypeQinQ = 0x88a8
	TypeIPv6 = 0x86dd

	ProtoICMP   = 1
	ProtoIGMP   = 2
	ProtoTCP    = 6
	ProtoUDP    = 17
	ProtoICMPv6 = 58
	ProtoCARP   = 112
)

// A Layer is one of the types below.
type Layer interface {
	// header returns the header, given what it carries and the IP header which carries it.
	header(body []byte, inner Layer, outer *IP) ([]byte, error)
}

// Eth is an Ethernet header. A Type below 1536 is the length of an 802.3 frame.
type Eth struct {
	Src, Dst MAC
	Type     uint16 // of what follows if 0
}

// VLAN is an 802.1Q tag.
type VLAN struct {
	ID       uint16
	Priority uint8
	Type     uint16 // of what follows if 0
}

// ARP is an ARP packet for IPv4 over Ethernet.
type ARP struct {
	Op                 uint16 // 1 request, 2 reply; a request if 0
	SenderMAC, DestMAC MAC
	SenderIP, DestIP   netip.Addr
}

// The operations of ARP.
const (
	ARPRequest = 1
	ARPReply   = 2
)

// IP is an IPv4 or IPv6 header, as Src and Dst say.
type IP struct {
	Src, Dst netip.Addr
	TTL      uint8 // or hop limit; 64 if 0, unless ZeroTTL
	ZeroTTL  bool
	Proto    uint8  // of what follows if 0; the last header's if there are extension headers
	TOS      uint8  // or traffic class
	Flow     uint32 // IPv6
	ID       uint32 // 16 bits of IPv4, 32 of IPv6 if it is a fragment
	DF, MF   bool   // DF is IPv4's
	Offset   uint16 // of a fragment, in bytes
	Options  []byte // IPv4; a multiple of 4 bytes

	Length    *uint16 // IPv4: total; IPv6: payload
	HeaderLen *uint8  // IPv4: in bytes
	Checksum  *uint16 // IPv4
}

// Version returns 4 or 6.
func (ip *IP) Version() int {
	if ip.Dst.Is6() && !ip.Dst.Is4In6() {
		return 6
	}
	return 4
}

// Fragment says whether the packet is part of another.
func (ip *IP) Fragment() bool { return ip.MF || ip.Offset != 0 }

// ICMP is the header of ICMP, or of ICMPv6 when V6 is set: type, code and the four bytes whose meaning they give.
type ICMP struct {
	V6         bool
	Type, Code uint8
	ID, Seq    uint16  // of an echo; an MTU in "fragmentation needed" is Seq
	Rest       *uint32 // the four bytes, instead of ID and Seq
	Checksum   *uint16
}

// Types of ICMP and ICMPv6.
const (
	ICMPEchoReply    = 0
	ICMPUnreachable  = 3
	ICMPRedirect     = 5
	ICMPEcho         = 8
	ICMPTimeExceeded = 11

	ICMPv6Unreachable           = 1
	ICMPv6PacketTooBig          = 2
	ICMPv6TimeExceeded          = 3
	ICMPv6Echo                  = 128
	ICMPv6EchoReply             = 129
	ICMPv6RouterSolicitation    = 133
	ICMPv6RouterAdvertisement   = 134
	ICMPv6NeighborSolicitation  = 135
	ICMPv6NeighborAdvertisement = 136
)

// word returns the four bytes behind the checksum.
func (i *ICMP) word() uint32 {
	if i.Rest != nil {
		return *i.Rest
	}
	return uint32(i.ID)<<16 | uint32(i.Seq)
}

// TCP is a TCP header.
type TCP struct {
	Src, Dst uint16
	Seq, Ack uint32
	Flags    Flags
	Window   uint16
	Urgent   uint16

	// Options, which Build writes in this order, the whole padded to a multiple of four.
	MSS       uint16      // 0: none
	Scale     *uint8      // window scale
	SACKOK    bool        // SACK permitted
	SACK      [][2]uint32 // blocks: left and right edge
	Timestamp *[2]uint32  // value and echo reply
	Options   []byte      // anything else, as it is

	HeaderLen *uint8 // in bytes
	Checksum  *uint16
}

// UDP is a UDP header.
type UDP struct {
	Src, Dst uint16
	Length   *uint16
	Checksum *uint16
}

// Raw is what no header is: payload, or a packet made by hand.
type Raw []byte

// IGMP is a membership message of IGMPv1 or v2, or the beginning of one of v3.
type IGMP struct {
	Type    uint8 // 0x11 query, 0x12 and 0x16 and 0x22 report, 0x17 leave
	MaxResp uint8
	Group   netip.Addr
	Records []GroupRecord // of a v3 report
}

// A GroupRecord is what an IGMPv3 or MLDv2 report says of one group.
type GroupRecord struct {
	Type    uint8
	Group   netip.Addr
	Sources []netip.Addr
}

// STP is a spanning tree BPDU.
type STP struct {
	Type         uint8 // 0 configuration, 0x80 topology change, 2 rapid
	Version      uint8
	Flags        uint8
	Root, Bridge string // priority.address
	Cost         uint32
	Port         uint16
}

// CARP is a CARP advertisement, of which the keyed hash is left out.
type CARP struct {
	Version, Type    uint8
	VHID             uint8
	AdvSkew, AdvBase uint8
	Counter          uint64
}

// Flags are a TCP header's flags.
type Flags uint16

// The flags of TCP.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// flagLetters are tcpdump's.
const flagLetters = "FSRP.UEW"

// String returns the flags as tcpdump does: S. is SYN and ACK.
func (f Flags) String() string {
	var b strings.Builder
	for i, c := range flagLetters {
		if f&(1<<i) != 0 {
			b.WriteRune(c)
		}
	}
	if b.Len() == 0 {
		return "none"
	}
	return b.String()
}

// Names returns the flags by name: SYN|ACK.
func (f Flags) Names() string {
	var names []string
	for i, n := range []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"} {
		if f&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, "|")
}

// ParseFlags parses what String and Names return; letters may be in any order and case, A is ACK as well.
func ParseFlags(s string) (Flags, bool) {
	if s == "none" || s == "" {
		return 0, true
	}
	byName := map[string]Flags{"FIN": FIN, "SYN": SYN, "RST": RST, "PSH": PSH, "ACK": ACK, "URG": URG, "ECE": ECE, "CWR": CWR}
	var f Flags
	for _, name := range strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return strings.ContainsRune("|,+ ", r) }) {
		if bit, ok := byName[name]; ok {
			f |= bit
			continue
		}
		for _, c := range name {
			if c == 'A' {
				c = '.'
			}
			i := strings.IndexRune(flagLetters, c)
			if i < 0 {
				return 0, false
			}
			f |= 1 << i
		}
	}
	return f, true
}
