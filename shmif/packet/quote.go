package packet

import "github.com/rumpkernel/rumpscript/shmif"

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

// Quote returns what an ICMP error quotes of the packet, its IP header and n bytes of what follows, or nil if it has none.
func (p *Packet) Quote(n int) Raw {
	if p.IP == nil || n < 0 {
		return nil
	}
	at := shmif.MinFrame + 4*len(p.VLAN)
	if at >= len(p.Data) {
		return nil
	}
	ip := p.Data[at:]
	header := 40
	if p.IP.Version() == 4 {
		header = int(ip[0]&0xf) * 4
	}
	return Raw(ip[:min(header+n, len(ip))])
}
