package packet

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/rumpkernel/rumpscript/shmif"
)

// A Packet is a frame taken apart. Layers that it does not have are nil.
type Packet struct {
	shmif.Frame
	From string // the sender's name, if it has one

	Eth     *Eth
	VLAN    []VLAN // outermost first
	ARP     *ARP
	IP      *IP // of either version; the outermost
	ICMP    *ICMP
	ICMP6   *ICMP
	TCP     *TCP
	UDP     *UDP
	IGMP    *IGMP
	STP     *STP
	CARP    *CARP
	Payload []byte // what follows the last of these headers

	// Bad lists checksums and lengths which are wrong: "tcp checksum", "ip length".
	Bad []string
	// Err says why decoding stopped early: the frame is cut short or makes no sense. The layers before are there.
	Err error
}

// Decode takes a frame apart. It never fails; a frame which makes no sense has few layers and an Err.
func Decode(f shmif.Frame) *Packet {
	p := &Packet{Frame: f}
	payload := p.walk(f.Data, layers.LayerTypeEthernet)
	if p.IP != nil && p.IP.Offset == 0 {
		switch p.IP.Proto {
		case ProtoCARP:
			p.CARP = carp(payload)
		case ProtoIGMP:
			p.IGMP = igmp(payload)
		}
	}
	if p.ICMP6 != nil && len(payload) >= 4 {
		payload = payload[4:] // counted to the header here
	}
	if p.CARP != nil || p.IGMP != nil {
		payload = nil
	}
	p.Payload = payload
	return p
}

// walk goes through the layers of data, which begins with one of type first, and returns what follows the last it knows.
func (p *Packet) walk(data []byte, first gopacket.LayerType) (payload []byte) {
	payload = data
	done := false
	for _, l := range gopacket.NewPacket(data, first, gopacket.DecodeOptions{NoCopy: true}).Layers() {
		if done {
			break
		}
		if len(l.LayerContents()) == 0 && l.LayerType() != gopacket.LayerTypeDecodeFailure {
			continue // gopacket adds layers which it then fails to decode
		}
		switch l := l.(type) {
		case *layers.Ethernet:
			p.Eth = &Eth{Src: macOf(l.SrcMAC), Dst: macOf(l.DstMAC), Type: uint16(l.EthernetType)}
			if l.EthernetType == layers.EthernetTypeLLC {
				p.Eth.Type = l.Length
			}
		case *layers.Dot1Q:
			p.VLAN = append(p.VLAN, VLAN{ID: l.VLANIdentifier, Priority: l.Priority, Type: uint16(l.Type)})
		case *layers.ARP:
			p.arp(l)
			done = true
		case *layers.IPv4:
			if p.IP != nil {
				return payload // a tunnel: the inner packet is payload
			}
			p.ip4(l)
			if p.IP.Fragment() {
				return p.fragment(l.LayerPayload())
			}
		case *layers.IPv6:
			if p.IP != nil {
				return payload
			}
			p.ip6(l)
		case *layers.IPv6HopByHop:
			p.IP.Proto = uint8(l.NextHeader)
		case *layers.IPv6Destination:
			p.IP.Proto = uint8(l.NextHeader)
		case *layers.IPv6Routing:
			p.IP.Proto = uint8(l.NextHeader)
		case *layers.IPv6Fragment:
			p.IP.Proto, p.IP.ID = uint8(l.NextHeader), l.Identification
			p.IP.Offset, p.IP.MF = l.FragmentOffset*8, l.MoreFragments
			return p.fragment(l.LayerPayload())
		case *layers.ICMPv4:
			p.ICMP = &ICMP{Type: l.TypeCode.Type(), Code: l.TypeCode.Code(), ID: l.Id, Seq: l.Seq}
			p.verify("icmp", 0, l.LayerContents(), l.LayerPayload())
			done = true
		case *layers.ICMPv6:
			p.icmp6(l)
			done = true
		case *layers.TCP:
			p.tcp(l)
			done = true
		case *layers.UDP:
			p.udp(l)
			done = true
		case *layers.LLC:
		case *layers.STP:
			p.STP = stp(l)
			done = true
		case *gopacket.DecodeFailure:
			if !strings.HasPrefix(l.Error().Error(), "Unable to decode") { // which is no protocol it knows
				p.Err = l.Error()
			}
			continue
		default:
			done = true
			continue
		}
		payload = l.LayerPayload()
	}
	return payload
}

// fragment looks into a fragment, which gopacket does not; the first one has a transport header.
func (p *Packet) fragment(data []byte) []byte {
	if p.IP.Offset > 0 {
		return data
	}
	return p.walk(data, layers.IPProtocol(p.IP.Proto).LayerType())
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (p *Packet) bad(what string) { p.Bad = append(p.Bad, what) }

// verify checks a checksum over everything, the pseudo-header's included.
func (p *Packet) verify(name string, proto uint8, parts ...[]byte) {
	if p.IP == nil || p.IP.Fragment() {
		return
	}
	n := 0
	var all []byte
	for _, b := range parts {
		n += len(b)
		all = append(all, b...)
	}
	var sum uint32
	if proto != 0 {
		sum = pseudo(p.IP, proto, n)
	}
	if checksum(sum, all) != 0 {
		p.bad(name + " checksum")
	}
}

func (p *Packet) arp(l *layers.ARP) {
	if l.HwAddressSize != 6 || l.ProtAddressSize != 4 || l.Protocol != layers.EthernetTypeIPv4 {
		p.Err = fmt.Errorf("ARP with addresses of %d and %d bytes", l.HwAddressSize, l.ProtAddressSize)
		return
	}
	p.ARP = &ARP{
		Op:        l.Operation,
		SenderMAC: macOf(l.SourceHwAddress), SenderIP: addr(l.SourceProtAddress),
		DestMAC: macOf(l.DstHwAddress), DestIP: addr(l.DstProtAddress),
	}
}

func (p *Packet) ip4(l *layers.IPv4) {
	p.IP = &IP{
		Src: addr(l.SrcIP), Dst: addr(l.DstIP), TTL: l.TTL, ZeroTTL: l.TTL == 0, Proto: uint8(l.Protocol), TOS: l.TOS,
		ID: uint32(l.Id), DF: l.Flags&layers.IPv4DontFragment != 0, MF: l.Flags&layers.IPv4MoreFragments != 0,
		Offset: l.FragOffset * 8,
	}
	c := l.LayerContents()
	if len(c) > 20 {
		p.IP.Options = c[20:]
	}
	if checksum(0, c) != 0 {
		p.bad("ip checksum")
	}
	if int(l.Length) != len(c)+len(l.LayerPayload()) {
		p.bad("ip length")
	}
}

func (p *Packet) ip6(l *layers.IPv6) {
	p.IP = &IP{
		Src: addr(l.SrcIP), Dst: addr(l.DstIP), TTL: l.HopLimit, ZeroTTL: l.HopLimit == 0, Proto: uint8(l.NextHeader),
		TOS: l.TrafficClass, Flow: l.FlowLabel,
	}
	n := len(l.LayerPayload())
	if l.HopByHop != nil { // which gopacket counts to neither
		n += len(l.HopByHop.LayerContents())
	}
	if int(l.Length) != n {
		p.bad("ip length")
	}
}

func (p *Packet) icmp6(l *layers.ICMPv6) {
	p.ICMP6 = &ICMP{V6: true, Type: l.TypeCode.Type(), Code: l.TypeCode.Code()}
	if b := l.LayerPayload(); len(b) >= 4 {
		p.ICMP6.ID, p.ICMP6.Seq = be.Uint16(b), be.Uint16(b[2:])
	}
	p.verify("icmp6", ProtoICMPv6, l.LayerContents(), l.LayerPayload())
}

func (p *Packet) tcp(l *layers.TCP) {
	c := l.LayerContents()
	t := &TCP{
		Src: uint16(l.SrcPort), Dst: uint16(l.DstPort), Seq: l.Seq, Ack: l.Ack, Window: l.Window, Urgent: l.Urgent,
		Flags: Flags(be.Uint16(c[12:]) & 0xff),
	}
	for _, o := range l.Options {
		d := o.OptionData
		switch {
		case o.OptionType == layers.TCPOptionKindMSS && len(d) == 2:
			t.MSS = be.Uint16(d)
		case o.OptionType == layers.TCPOptionKindWindowScale && len(d) == 1:
			t.Scale = new(d[0])
		case o.OptionType == layers.TCPOptionKindSACKPermitted:
			t.SACKOK = true
		case o.OptionType == layers.TCPOptionKindTimestamps && len(d) == 8:
			t.Timestamp = &[2]uint32{be.Uint32(d), be.Uint32(d[4:])}
		case o.OptionType == layers.TCPOptionKindSACK && len(d)%8 == 0:
			for ; len(d) > 0; d = d[8:] {
				t.SACK = append(t.SACK, [2]uint32{be.Uint32(d), be.Uint32(d[4:])})
			}
		case o.OptionType > 1:
			t.Options = append(append(t.Options, byte(o.OptionType), byte(2+len(d))), d...)
		}
	}
	p.TCP = t
	p.verify("tcp", ProtoTCP, c, l.LayerPayload())
}

func (p *Packet) udp(l *layers.UDP) {
	p.UDP = &UDP{Src: uint16(l.SrcPort), Dst: uint16(l.DstPort)}
	if int(l.Length) != len(l.LayerContents())+len(l.LayerPayload()) {
		p.bad("udp length")
	}
	if l.Checksum != 0 || p.IP != nil && p.IP.Version() == 6 {
		p.verify("udp", ProtoUDP, l.LayerContents(), l.LayerPayload())
	}
}

func igmp(b []byte) *IGMP {
	if len(b) < 8 {
		return nil
	}
	g := &IGMP{Type: b[0], MaxResp: b[1], Group: addr(b[4:8])}
	if g.Type == 0x22 {
		g.Group = netip.Addr{}
		g.Records = groupRecords(b[8:], int(be.Uint16(b[6:])), 4)
	}
	return g
}

// groupRecords reads the records of an IGMPv3 or MLDv2 report; size is that of an address.
func groupRecords(b []byte, n, size int) []GroupRecord {
	var rs []GroupRecord
	for ; n > 0 && len(b) >= 4+size; n-- {
		r := GroupRecord{Type: b[0], Group: addr(b[4 : 4+size])}
		aux, sources := 4*int(b[1]), int(be.Uint16(b[2:]))
		b = b[4+size:]
		for ; sources > 0 && len(b) >= size; sources-- {
			r.Sources = append(r.Sources, addr(b[:size]))
			b = b[size:]
		}
		rs = append(rs, r)
		b = b[min(aux, len(b)):]
	}
	return rs
}

func stp(l *layers.STP) *STP {
	s := &STP{Type: l.Type, Version: l.Version, Cost: l.Cost, Port: l.PortID}
	if c := l.LayerContents(); len(c) > 4 {
		s.Flags = c[4]
	}
	id := func(i layers.STPSwitchID) string {
		return fmt.Sprintf("%04x.%s", i.Priority|i.SysID, strings.ToLower(i.HwAddr.String()))
	}
	s.Root, s.Bridge = id(l.RouteID), id(l.BridgeID)
	return s
}

func carp(b []byte) *CARP {
	if len(b) < 16 || b[0]>>4 != 2 {
		return nil
	}
	return &CARP{Version: b[0] >> 4, Type: b[0] & 15, VHID: b[1], AdvSkew: b[2], AdvBase: b[5], Counter: be.Uint64(b[8:])}
}

// Layers returns the packet's layers and payload for Build.
func (p *Packet) Layers() []Layer {
	var ls []Layer
	if p.Eth != nil {
		ls = append(ls, p.Eth)
	}
	for i := range p.VLAN {
		ls = append(ls, &p.VLAN[i])
	}
	if p.ARP != nil {
		return append(ls, p.ARP)
	}
	if p.IP != nil {
		ls = append(ls, p.IP)
	}
	switch {
	case p.ICMP != nil:
		ls = append(ls, p.ICMP)
	case p.ICMP6 != nil:
		ls = append(ls, p.ICMP6)
	case p.TCP != nil:
		ls = append(ls, p.TCP)
	case p.UDP != nil:
		ls = append(ls, p.UDP)
	}
	if len(p.Payload) > 0 {
		ls = append(ls, Raw(p.Payload))
	}
	return ls
}
