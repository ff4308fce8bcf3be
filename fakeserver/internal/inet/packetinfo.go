package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// controlFor makes the control messages that the user wants with a datagram.
func (p *pcb) controlFor(s *socket, cm *tcpip.ReceivableControlMessages) []netbsd.ControlMessage {
	info := packetInfo{ttl: -1}
	if cm.HasTTL {
		info.ttl = int(cm.TTL)
	}
	if cm.HasHopLimit {
		info.ttl = int(cm.HopLimit)
	}
	if cm.HasIPPacketInfo {
		info.dst, _ = netip.AddrFromSlice(cm.PacketInfo.DestinationAddr.AsSlice())
		info.index = int(cm.PacketInfo.NIC)
	}
	if cm.HasIPv6PacketInfo {
		info.dst, _ = netip.AddrFromSlice(cm.IPv6PacketInfo.Addr.AsSlice())
		info.index = int(cm.IPv6PacketInfo.NIC)
	}
	info.tclass = int(cm.TClass)
	return p.control(s, info)
}

// packetInfo is what is known of a datagram apart from its contents.
type packetInfo struct {
	dst    netip.Addr
	index  int // of the interface by which it came
	ttl    int // -1 if not known
	tclass int
}

// control makes control messages (ip_savecontrol, ip6_savecontrol).
func (p *pcb) control(s *socket, info packetInfo) []netbsd.ControlMessage {
	var out []netbsd.ControlMessage
	add := func(level, typ int32, data []byte) {
		out = append(out, netbsd.ControlMessage{Level: level, Type: typ, Data: data})
	}
	if s.option(netbsd.SO_TIMESTAMP) {
		add(netbsd.SOL_SOCKET, netbsd.SCM_TIMESTAMP, netbsd.TimevalOf(s.n.cfg.Now()).Append(nil))
	}
	if len(p.recv) == 0 {
		return out
	}
	if s.family == netbsd.AF_INET {
		dst := info.dst
		if !dst.Is4() {
			dst = netip.IPv4Unspecified()
		}
		if p.recv[netbsd.IP_RECVDSTADDR] {
			add(netbsd.IPPROTO_IP, netbsd.IP_RECVDSTADDR, dst.AsSlice())
		}
		if p.recv[netbsd.IP_RECVPKTINFO] || p.recv[netbsd.IP_PKTINFO] {
			add(netbsd.IPPROTO_IP, netbsd.IP_RECVPKTINFO, netbsd.InPktinfo{Addr: dst.As4(), Ifindex: uint32(info.index)}.Append(nil))
		}
		if p.recv[netbsd.IP_RECVIF] {
			add(netbsd.IPPROTO_IP, netbsd.IP_RECVIF, sdl(info.index, 0, "", nil, 8))
		}
		if p.recv[netbsd.IP_RECVTTL] && info.ttl >= 0 {
			add(netbsd.IPPROTO_IP, netbsd.IP_RECVTTL, []byte{byte(info.ttl)})
		}
		return out
	}
	if p.recv[netbsd.IPV6_RECVPKTINFO] && info.dst.Is6() {
		plain, _ := unembed(info.dst)
		add(netbsd.IPPROTO_IPV6, netbsd.IPV6_PKTINFO, netbsd.In6Pktinfo{Addr: plain.As16(), Ifindex: uint32(info.index)}.Append(nil))
	}
	if p.recv[netbsd.IPV6_RECVHOPLIMIT] && info.ttl >= 0 {
		add(netbsd.IPPROTO_IPV6, netbsd.IPV6_HOPLIMIT, intValue(info.ttl))
	}
	if p.recv[netbsd.IPV6_RECVTCLASS] {
		add(netbsd.IPPROTO_IPV6, netbsd.IPV6_TCLASS, intValue(info.tclass))
	}
	return out
}
