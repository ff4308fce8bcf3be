package packet

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/rumpkernel/rumpscript/shmif"
)

// Line returns one readable line for a frame, in the manner of tcpdump.
func Line(f shmif.Frame) string { return Decode(f).Line() }

// Line returns one readable line: the time, the sender if it has a name, and what String returns.
func (p *Packet) Line() string {
	s := p.Time.Format("15:04:05.000000") + " "
	if p.From != "" {
		s += p.From + ": "
	}
	if p.Lost > 0 {
		s = fmt.Sprintf("%s[%d bytes of bus lost before] ", s, p.Lost)
	}
	return s + p.String()
}

// String says what the packet is, without its time and sender: "IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 0,
// length 64".
func (p *Packet) String() string {
	var b strings.Builder
	for _, v := range p.VLAN {
		fmt.Fprintf(&b, "vlan %d, ", v.ID)
	}
	switch {
	case p.Eth == nil:
		fmt.Fprintf(&b, "%d bytes, too short for Ethernet", len(p.Data))
	case p.ARP != nil:
		b.WriteString(p.ARP.line())
	case p.STP != nil:
		b.WriteString(p.STP.line())
	case p.IP != nil:
		p.ipLine(&b)
	default:
		fmt.Fprintf(&b, "%v > %v, ", p.Eth.Src, p.Eth.Dst)
		if p.Eth.Type < 1536 {
			b.WriteString("802.3")
		} else {
			fmt.Fprintf(&b, "ethertype %#04x", p.etherType())
		}
		fmt.Fprintf(&b, ", length %d", len(p.Data))
	}
	for _, what := range p.Bad {
		fmt.Fprintf(&b, " [bad %s]", what)
	}
	if p.Err != nil {
		fmt.Fprintf(&b, " [%v]", p.Err)
	}
	return b.String()
}

// etherType is the type behind all tags.
func (p *Packet) etherType() uint16 {
	if n := len(p.VLAN); n > 0 {
		return p.VLAN[n-1].Type
	}
	return p.Eth.Type
}

func (a *ARP) line() string {
	switch {
	case a.Op == ARPRequest && a.SenderIP == a.DestIP:
		return fmt.Sprintf("ARP announcement %v is-at %v", a.SenderIP, a.SenderMAC)
	case a.Op == ARPRequest && a.SenderIP == netip.IPv4Unspecified():
		return fmt.Sprintf("ARP probe who-has %v (%v)", a.DestIP, a.SenderMAC)
	case a.Op == ARPRequest:
		return fmt.Sprintf("ARP who-has %v tell %v", a.DestIP, a.SenderIP)
	case a.Op == ARPReply:
		return fmt.Sprintf("ARP reply %v is-at %v", a.SenderIP, a.SenderMAC)
	}
	return fmt.Sprintf("ARP op %d from %v to %v", a.Op, a.SenderIP, a.DestIP)
}

func (s *STP) line() string {
	switch s.Type {
	case 0x80:
		return "STP topology change"
	case 2:
		return fmt.Sprintf("RSTP bridge %s port %#04x, root %s, cost %d, flags %#02x", s.Bridge, s.Port, s.Root, s.Cost, s.Flags)
	}
	return fmt.Sprintf("STP config, bridge %s port %#04x, root %s, cost %d, flags %#02x", s.Bridge, s.Port, s.Root, s.Cost, s.Flags)
}

func (p *Packet) ipLine(b *strings.Builder) {
	ip := p.IP
	b.WriteString("IP")
	if ip.Version() == 6 {
		b.WriteString("6")
	}
	src, dst := ip.Src.String(), ip.Dst.String()
	switch {
	case p.TCP != nil:
		src, dst = fmt.Sprintf("%s.%d", src, p.TCP.Src), fmt.Sprintf("%s.%d", dst, p.TCP.Dst)
	case p.UDP != nil:
		src, dst = fmt.Sprintf("%s.%d", src, p.UDP.Src), fmt.Sprintf("%s.%d", dst, p.UDP.Dst)
	}
	fmt.Fprintf(b, " %s > %s: ", src, dst)
	switch {
	case p.TCP != nil:
		p.tcpLine(b)
	case p.UDP != nil:
		fmt.Fprintf(b, "UDP, length %d", len(p.Payload))
	case p.ICMP != nil:
		p.icmpLine(b)
	case p.ICMP6 != nil:
		p.icmp6Line(b)
	case p.IGMP != nil:
		b.WriteString(p.IGMP.line())
	case p.CARP != nil:
		fmt.Fprintf(b, "CARP advertisement, vhid %d, advbase %d, advskew %d, counter %d", p.CARP.VHID, p.CARP.AdvBase, p.CARP.AdvSkew, p.CARP.Counter)
	case ip.Offset > 0:
		fmt.Fprintf(b, "proto %d", ip.Proto)
	default:
		fmt.Fprintf(b, "proto %d, length %d", ip.Proto, len(p.Payload))
	}
	if ip.Fragment() {
		plus := ""
		if ip.MF {
			plus = "+"
		}
		fmt.Fprintf(b, " (frag %d:%d@%d%s)", ip.ID, p.ipPayload(), ip.Offset, plus)
	}
	if ip.TTL <= 1 && !ip.Dst.IsMulticast() {
		fmt.Fprintf(b, " [ttl %d]", ip.TTL)
	}
}

// ipPayload is how much of a fragment's packet is in it.
func (p *Packet) ipPayload() int {
	n := len(p.Payload)
	switch {
	case p.ICMP != nil, p.ICMP6 != nil, p.UDP != nil:
		n += 8
	case p.TCP != nil:
		n += 20 + len(p.TCP.options())
	}
	return n
}

func (p *Packet) tcpLine(b *strings.Builder) {
	t := p.TCP
	fmt.Fprintf(b, "Flags [%v], seq %d", t.Flags, t.Seq)
	if n := len(p.Payload); n > 0 {
		fmt.Fprintf(b, ":%d", t.Seq+uint32(n))
	}
	if t.Flags&ACK != 0 {
		fmt.Fprintf(b, ", ack %d", t.Ack)
	}
	fmt.Fprintf(b, ", win %d", t.Window)
	if t.Flags&URG != 0 {
		fmt.Fprintf(b, ", urg %d", t.Urgent)
	}
	var o []string
	if t.MSS != 0 {
		o = append(o, fmt.Sprint("mss ", t.MSS))
	}
	if t.Scale != nil {
		o = append(o, fmt.Sprint("wscale ", *t.Scale))
	}
	if t.SACKOK {
		o = append(o, "sackOK")
	}
	for _, s := range t.SACK {
		o = append(o, fmt.Sprintf("sack %d:%d", s[0], s[1]))
	}
	if t.Timestamp != nil {
		o = append(o, fmt.Sprintf("TS val %d ecr %d", t.Timestamp[0], t.Timestamp[1]))
	}
	if len(t.Options) > 0 {
		o = append(o, fmt.Sprintf("other %x", t.Options))
	}
	if len(o) > 0 {
		fmt.Fprintf(b, ", options [%s]", strings.Join(o, ","))
	}
	fmt.Fprintf(b, ", length %d", len(p.Payload))
}

var unreachable = map[uint8]string{
	0: "net", 1: "host", 2: "protocol", 3: "port", 5: "source route", 6: "net unknown", 7: "host unknown",
	9: "net prohibited", 10: "host prohibited", 13: "admin prohibited",
}

var unreachable6 = map[uint8]string{
	0: "route", 1: "admin prohibited", 2: "scope", 3: "address", 4: "port", 5: "source policy", 6: "reject route",
}

func (p *Packet) icmpLine(b *strings.Builder) {
	i := p.ICMP
	switch i.Type {
	case ICMPEcho, ICMPEchoReply:
		what := "request"
		if i.Type == ICMPEchoReply {
			what = "reply"
		}
		fmt.Fprintf(b, "ICMP echo %s, id %d, seq %d, length %d", what, i.ID, i.Seq, 8+len(p.Payload))
	case ICMPUnreachable:
		if i.Code == 4 {
			fmt.Fprintf(b, "ICMP fragmentation needed, mtu %d%s", i.Seq, p.quoted())
			break
		}
		what, ok := unreachable[i.Code]
		if !ok {
			what = fmt.Sprint("code ", i.Code)
		}
		fmt.Fprintf(b, "ICMP unreachable: %s%s", what, p.quoted())
	case ICMPRedirect:
		w := i.word()
		gw := netip.AddrFrom4([4]byte{byte(w >> 24), byte(w >> 16), byte(w >> 8), byte(w)})
		fmt.Fprintf(b, "ICMP redirect to %v%s", gw, p.quoted())
	case ICMPTimeExceeded:
		fmt.Fprintf(b, "ICMP time exceeded%s", p.quoted())
	default:
		fmt.Fprintf(b, "ICMP type %d, code %d, length %d", i.Type, i.Code, 8+len(p.Payload))
	}
}

// Quoted returns the packet that an ICMP error quotes, of which the end is usually missing, or nil.
func (p *Packet) Quoted() *Packet {
	var t uint16
	switch {
	case p.ICMP != nil && (p.ICMP.Type == 3 || p.ICMP.Type == 4 || p.ICMP.Type == 5 || p.ICMP.Type == 11 || p.ICMP.Type == 12):
		t = TypeIPv4
	case p.ICMP6 != nil && p.ICMP6.Type < 128:
		t = TypeIPv6
	default:
		return nil
	}
	b, err := Build(Eth{Type: t}, Raw(p.Payload))
	if err != nil {
		return nil
	}
	q := Decode(shmif.Frame{Data: b})
	if q.IP == nil {
		return nil
	}
	return q
}

func (p *Packet) quoted() string {
	q := p.Quoted()
	if q == nil {
		return ""
	}
	rest := fmt.Sprintf("proto %d", q.IP.Proto)
	if hl := len(p.Payload) - len(q.Payload); hl >= 0 {
		switch l := q.Payload; {
		case q.TCP != nil:
			rest = fmt.Sprintf("tcp %d > %d seq %d", q.TCP.Src, q.TCP.Dst, q.TCP.Seq)
		case q.UDP != nil:
			rest = fmt.Sprintf("udp %d > %d", q.UDP.Src, q.UDP.Dst)
		case q.IP.Proto == ProtoTCP && len(l) >= 8: // the eight bytes that are always quoted
			rest = fmt.Sprintf("tcp %d > %d seq %d", be.Uint16(l), be.Uint16(l[2:]), be.Uint32(l[4:]))
		case q.IP.Proto == ProtoICMP, q.IP.Proto == ProtoICMPv6:
			rest = "icmp"
		}
	}
	return fmt.Sprintf(" (%v > %v %s)", q.IP.Src, q.IP.Dst, rest)
}

// ndTarget is the address that a neighbour solicitation, advertisement or redirect is about.
func (p *Packet) ndTarget() netip.Addr {
	if p.ICMP6 == nil || p.ICMP6.Type < 135 || p.ICMP6.Type > 137 || len(p.Payload) < 16 {
		return netip.Addr{}
	}
	return addr(p.Payload[:16])
}

// ndLink is the link-layer address which an ND message carries.
func (p *Packet) ndLink() (MAC, bool) {
	skip := map[uint8]int{133: 0, 134: 8, 135: 16, 136: 16, 137: 32}
	n, ok := skip[p.ICMP6.Type]
	if !ok || len(p.Payload) < n {
		return MAC{}, false
	}
	for o := p.Payload[n:]; len(o) >= 8; {
		size := int(o[1]) * 8
		if size == 0 || size > len(o) {
			break
		}
		if o[0] == 1 || o[0] == 2 {
			return macOf(o[2:8]), true
		}
		o = o[size:]
	}
	return MAC{}, false
}

func (p *Packet) icmp6Line(b *strings.Builder) {
	i := p.ICMP6
	link := ""
	if m, ok := p.ndLink(); ok {
		link = fmt.Sprintf(" (%v)", m)
	}
	switch i.Type {
	case ICMPv6Unreachable:
		what, ok := unreachable6[i.Code]
		if !ok {
			what = fmt.Sprint("code ", i.Code)
		}
		fmt.Fprintf(b, "ICMP6 unreachable: %s%s", what, p.quoted())
	case ICMPv6PacketTooBig:
		fmt.Fprintf(b, "ICMP6 packet too big, mtu %d%s", i.word(), p.quoted())
	case ICMPv6TimeExceeded:
		fmt.Fprintf(b, "ICMP6 time exceeded%s", p.quoted())
	case ICMPv6Echo, ICMPv6EchoReply:
		what := "request"
		if i.Type == ICMPv6EchoReply {
			what = "reply"
		}
		fmt.Fprintf(b, "ICMP6 echo %s, id %d, seq %d, length %d", what, i.ID, i.Seq, 8+len(p.Payload))
	case 130, 131, 132:
		what := map[uint8]string{130: "query", 131: "report", 132: "done"}[i.Type]
		group := netip.IPv6Unspecified()
		if len(p.Payload) >= 16 {
			group = addr(p.Payload[:16])
		}
		fmt.Fprintf(b, "MLD %s %v", what, group)
	case 143:
		b.WriteString("MLDv2 report" + groups(groupRecords(p.Payload, int(i.Seq), 16)))
	case ICMPv6RouterSolicitation:
		fmt.Fprintf(b, "ND router solicitation%s", link)
	case ICMPv6RouterAdvertisement:
		fmt.Fprintf(b, "ND router advertisement, lifetime %ds%s", i.Seq, link)
	case ICMPv6NeighborSolicitation:
		fmt.Fprintf(b, "ND who-has %v%s", p.ndTarget(), link)
	case ICMPv6NeighborAdvertisement:
		var flags []string
		for n, name := range []string{"router", "solicited", "override"} {
			if i.word()&(1<<(31-n)) != 0 {
				flags = append(flags, name)
			}
		}
		fmt.Fprintf(b, "ND %v is here%s [%s]", p.ndTarget(), link, strings.Join(flags, ","))
	case 137:
		fmt.Fprintf(b, "ND redirect to %v", p.ndTarget())
	default:
		fmt.Fprintf(b, "ICMP6 type %d, code %d, length %d", i.Type, i.Code, 8+len(p.Payload))
	}
}

func (g *IGMP) line() string {
	switch g.Type {
	case 0x11:
		return fmt.Sprintf("IGMP query %v", g.Group)
	case 0x12:
		return fmt.Sprintf("IGMPv1 report %v", g.Group)
	case 0x16:
		return fmt.Sprintf("IGMPv2 report %v", g.Group)
	case 0x17:
		return fmt.Sprintf("IGMP leave %v", g.Group)
	case 0x22:
		return "IGMPv3 report" + groups(g.Records)
	}
	return fmt.Sprintf("IGMP type %#02x", g.Type)
}

func groups(rs []GroupRecord) string {
	kinds := []string{"", "include", "exclude", "to include", "to exclude", "allow", "block"}
	var b strings.Builder
	for _, r := range rs {
		kind := fmt.Sprint("type ", r.Type)
		if int(r.Type) < len(kinds) {
			kind = kinds[r.Type]
		}
		fmt.Fprintf(&b, " [%v %s %v]", r.Group, kind, r.Sources)
	}
	return b.String()
}
