package inet

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// defaultMinTTL and so on: what options say before they are set.
const defaultMultiTTL = 1

// optSmall reads an option that may be a char or an int, up to a limit
// (ip_getoptval).
func optSmall(b []byte, most int) (int, netbsd.Errno) {
	var v uint32
	switch len(b) {
	case 1:
		v = uint32(b[0])
	case 4:
		v = binary.LittleEndian.Uint32(b)
	default:
		return 0, netbsd.EINVAL
	}
	if v > uint32(most) {
		return 0, netbsd.EINVAL
	}
	return int(v), 0
}

func (p *pcb) want(name int, on bool) {
	if p.recv == nil {
		p.recv = make(map[int]bool)
	}
	p.recv[name] = on
}

// setIPOpt sets an option of the level of IP (ip_ctloutput, ip6_ctloutput).
func (n *Net) setIPOpt(p *pcb, level, name int, b []byte) netbsd.Errno {
	n.lock()
	defer n.unlock()
	switch {
	case level == netbsd.IPPROTO_IP && p.s.family == netbsd.AF_INET:
		return n.setIP4Opt(p, name, b)
	case level == netbsd.IPPROTO_IPV6 && p.s.family == netbsd.AF_INET6:
		return n.setIP6Opt(p, name, b)
	case level == netbsd.IPPROTO_IP && joins(netbsd.AF_INET, level, name):
		_, errno := n.changeMembership(p.inet4(), level, name, b)
		return errno
	case level == netbsd.IPPROTO_IP && multicastOpt(name):
		return n.setIP4Opt(p.inet4(), name, b)
	case level == netbsd.SOL_SOCKET && name == netbsd.SO_NOHEADER && p.s.family == netbsd.AF_INET:
		return 0
	}
	return netbsd.ENOPROTOOPT
}

// multicastOpt reports whether an IPv6 socket has an option of IPv4, for when it
// talks that.
func multicastOpt(name int) bool {
	return name == netbsd.IP_MULTICAST_IF || name == netbsd.IP_MULTICAST_TTL || name == netbsd.IP_MULTICAST_LOOP
}

// inet4 is what an IPv6 socket has for when it talks IPv4.
func (p *pcb) inet4() *pcb {
	if p.v4 == nil {
		p.v4 = new(pcb)
		p.v4.init(p.s)
	}
	return p.v4
}

func (n *Net) setIP4Opt(p *pcb, name int, b []byte) netbsd.Errno {
	switch name {
	case netbsd.IP_TOS, netbsd.IP_TTL, netbsd.IP_MINTTL, netbsd.IP_PKTINFO, netbsd.IP_RECVOPTS, netbsd.IP_RECVRETOPTS,
		netbsd.IP_RECVDSTADDR, netbsd.IP_RECVIF, netbsd.IP_RECVPKTINFO, netbsd.IP_RECVTTL:
		v, errno := optInt(b)
		if errno != 0 {
			return errno
		}
		switch name {
		case netbsd.IP_TOS:
			p.tos = v & 0xff
		case netbsd.IP_TTL:
			p.ttl = v & 0xff
		case netbsd.IP_MINTTL:
			if v <= 0 || v > 255 {
				return netbsd.EINVAL
			}
			p.minTTL = v
		default:
			p.want(name, v != 0)
		}
		return 0
	case netbsd.IP_OPTIONS:
		if p.options = nil; len(b) == 0 {
			return 0
		}
		var errno netbsd.Errno
		p.options, errno = parseIPOptions(b)
		return errno
	case netbsd.IP_MULTICAST_IF:
		if len(b) != 4 {
			return netbsd.EINVAL
		}
		a := netip.AddrFrom4([4]byte(b))
		if a.IsUnspecified() {
			p.multiIf, p.multiAddr = 0, netip.Addr{}
			return 0
		}
		ifp, byIndex := n.multicastIf(a)
		if ifp == nil || ifp.flags&netbsd.IFF_MULTICAST == 0 {
			return netbsd.EADDRNOTAVAIL
		}
		p.multiIf, p.multiAddr = ifp.index, netip.Addr{}
		if byIndex {
			p.multiAddr = a
		}
		return 0
	case netbsd.IP_MULTICAST_TTL:
		v, errno := optSmall(b, 255)
		if errno == 0 {
			p.multiTTL = v
		}
		return errno
	case netbsd.IP_MULTICAST_LOOP:
		v, errno := optSmall(b, 1)
		if errno == 0 {
			p.loop = v != 0
		}
		return errno
	case netbsd.IP_PORTRANGE:
		v, errno := optInt(b)
		if errno != 0 {
			return errno
		}
		if v < netbsd.IP_PORTRANGE_DEFAULT || v > netbsd.IP_PORTRANGE_LOW {
			return netbsd.EINVAL
		}
		p.ranged = v
		return 0
	case netbsd.IP_PORTALGO:
		return p.setPortAlgo(b)
	}
	return netbsd.ENOPROTOOPT
}

// setPortAlgo chooses how a free port is found, which -1 leaves to the kernel
// (portalgo_algo_index_select).
func (p *pcb) setPortAlgo(b []byte) netbsd.Errno {
	v, errno := optInt(b)
	if errno == 0 && (v < -1 || v >= len(portAlgos)) {
		errno = netbsd.EINVAL
	}
	if errno == 0 {
		p.portAlgo = uint16(v)
	}
	return errno
}

// multicastIf finds the interface that an address stands for: its own, or for
// 0.x.y.z that of the number (ip_multicast_if).
func (n *Net) multicastIf(a netip.Addr) (ifp *Interface, byIndex bool) {
	b := a.As4()
	if b[0] == 0 {
		return n.byIndex(int(b[1])<<16 | int(b[2])<<8 | int(b[3])), true
	}
	if ifa := n.inLocal(a); ifa != nil {
		return ifa.ifp, false
	}
	return nil, false
}

func (n *Net) setIP6Opt(p *pcb, name int, b []byte) netbsd.Errno {
	v, errno := optInt(b)
	switch name {
	case netbsd.IPV6_UNICAST_HOPS:
		if errno == 0 && (v < -1 || v >= 256) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.ttl = v
		}
	case netbsd.IPV6_V6ONLY:
		if errno == 0 && (p.lport != 0 || !anyAddr(p.laddr)) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.v6only = v != 0
		}
	case netbsd.IPV6_RECVPKTINFO, netbsd.IPV6_RECVHOPLIMIT, netbsd.IPV6_RECVRTHDR, netbsd.IPV6_RECVHOPOPTS,
		netbsd.IPV6_RECVDSTOPTS, netbsd.IPV6_RECVPATHMTU, netbsd.IPV6_RECVTCLASS, netbsd.IPV6_RTHDRDSTOPTS,
		netbsd.IPV6_USE_MIN_MTU, netbsd.IPV6_DONTFRAG, netbsd.IPV6_FAITH, netbsd.IPV6_PREFER_TEMPADDR:
		if errno == 0 {
			p.want(name, v != 0)
		}
	case netbsd.IPV6_TCLASS:
		if errno == 0 && (v < -1 || v > 255) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.tos = v
		}
	case netbsd.IPV6_MULTICAST_IF:
		if errno == 0 && v != 0 {
			ifp := n.byIndex(v)
			if ifp == nil {
				return netbsd.ENXIO
			}
			if ifp.flags&netbsd.IFF_MULTICAST == 0 {
				return netbsd.EADDRNOTAVAIL
			}
		}
		if errno == 0 {
			p.multiIf = v
		}
	case netbsd.IPV6_MULTICAST_HOPS:
		if errno == 0 && (v < -1 || v >= 256) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.multiTTL = v
		}
	case netbsd.IPV6_MULTICAST_LOOP:
		if errno == 0 && (v < 0 || v > 1) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.loop = v != 0
		}
	case netbsd.IPV6_PORTRANGE:
		if errno == 0 && (v < netbsd.IPV6_PORTRANGE_DEFAULT || v > netbsd.IPV6_PORTRANGE_LOW) {
			errno = netbsd.EINVAL
		}
		if errno == 0 {
			p.ranged = v
		}
	case netbsd.IPV6_PORTALGO:
		return p.setPortAlgo(b)
	case netbsd.IPV6_PKTINFO, netbsd.IPV6_HOPLIMIT, netbsd.IPV6_NEXTHOP, netbsd.IPV6_HOPOPTS, netbsd.IPV6_DSTOPTS, netbsd.IPV6_RTHDR:
		return 0
	default:
		return netbsd.ENOPROTOOPT
	}
	return errno
}

func flagValue(on bool) []byte {
	if on {
		return intValue(1)
	}
	return intValue(0)
}

// getIPOpt returns an option of the level of IP.
func (n *Net) getIPOpt(p *pcb, level, name int) ([]byte, netbsd.Errno) {
	n.lock()
	defer n.unlock()
	switch {
	case level == netbsd.IPPROTO_IP && p.s.family == netbsd.AF_INET:
		return n.getIP4Opt(p, name)
	case level == netbsd.IPPROTO_IPV6 && p.s.family == netbsd.AF_INET6:
		return n.getIP6Opt(p, name)
	case level == netbsd.IPPROTO_IP && (multicastOpt(name) || joins(netbsd.AF_INET, level, name)):
		return n.getIP4Opt(p.inet4(), name)
	}
	return nil, netbsd.ENOPROTOOPT
}

func (n *Net) getIP4Opt(p *pcb, name int) ([]byte, netbsd.Errno) {
	switch name {
	case netbsd.IP_OPTIONS, netbsd.IP_RETOPTS:
		return p.options, 0
	case netbsd.IP_TOS:
		return intValue(p.tos), 0
	case netbsd.IP_TTL:
		if p.ttl < 0 {
			if p.s.typ == netbsd.SOCK_RAW {
				return intValue(0), 0
			}
			return intValue(int(n.set.ipTTL.Load())), 0
		}
		return intValue(p.ttl), 0
	case netbsd.IP_MINTTL:
		return intValue(p.minTTL), 0
	case netbsd.IP_ERRORMTU:
		return intValue(0), 0
	case netbsd.IP_PKTINFO, netbsd.IP_RECVOPTS, netbsd.IP_RECVRETOPTS, netbsd.IP_RECVDSTADDR, netbsd.IP_RECVIF,
		netbsd.IP_RECVPKTINFO, netbsd.IP_RECVTTL:
		return flagValue(p.recv[name]), 0
	case netbsd.IP_MULTICAST_IF:
		a := netip.IPv4Unspecified()
		switch {
		case p.multiIf == 0:
		case p.multiAddr.IsValid():
			a = p.multiAddr
		default:
			if ifp := n.byIndex(p.multiIf); ifp != nil {
				if ifa := ifp.firstAddr(netbsd.AF_INET); ifa != nil {
					a = ifa.addr.addr()
				}
			}
		}
		return a.AsSlice(), 0
	case netbsd.IP_MULTICAST_TTL:
		if p.multiTTL < 0 {
			return []byte{defaultMultiTTL}, 0
		}
		return []byte{byte(p.multiTTL)}, 0
	case netbsd.IP_MULTICAST_LOOP:
		if p.loop {
			return []byte{1}, 0
		}
		return []byte{0}, 0
	case netbsd.IP_ADD_MEMBERSHIP, netbsd.IP_DROP_MEMBERSHIP:
		return nil, netbsd.EOPNOTSUPP
	case netbsd.IP_PORTRANGE:
		if p.ranged == netbsd.IP_PORTRANGE_LOW {
			return intValue(netbsd.IP_PORTRANGE_LOW), 0
		}
		return intValue(netbsd.IP_PORTRANGE_DEFAULT), 0
	case netbsd.IP_PORTALGO:
		return intValue(int(p.portAlgo)), 0
	}
	return nil, netbsd.ENOPROTOOPT
}

func (n *Net) getIP6Opt(p *pcb, name int) ([]byte, netbsd.Errno) {
	switch name {
	case netbsd.IPV6_UNICAST_HOPS:
		return intValue(p.ttl), 0
	case netbsd.IPV6_V6ONLY:
		return flagValue(p.v6only), 0
	case netbsd.IPV6_RECVPKTINFO, netbsd.IPV6_RECVHOPLIMIT, netbsd.IPV6_RECVRTHDR, netbsd.IPV6_RECVHOPOPTS,
		netbsd.IPV6_RECVDSTOPTS, netbsd.IPV6_RECVPATHMTU, netbsd.IPV6_RECVTCLASS, netbsd.IPV6_RTHDRDSTOPTS,
		netbsd.IPV6_USE_MIN_MTU, netbsd.IPV6_DONTFRAG, netbsd.IPV6_FAITH, netbsd.IPV6_PREFER_TEMPADDR:
		return flagValue(p.recv[name]), 0
	case netbsd.IPV6_TCLASS:
		return intValue(p.tos), 0
	case netbsd.IPV6_JOIN_GROUP, netbsd.IPV6_LEAVE_GROUP:
		return nil, netbsd.EOPNOTSUPP
	case netbsd.IPV6_MULTICAST_IF:
		return intValue(p.multiIf), 0
	case netbsd.IPV6_MULTICAST_HOPS:
		if p.multiTTL < 0 {
			return intValue(int(n.set.ip6MultiHopLimit.Load())), 0
		}
		return intValue(p.multiTTL), 0
	case netbsd.IPV6_MULTICAST_LOOP:
		return flagValue(p.loop), 0
	case netbsd.IPV6_PORTRANGE:
		return intValue(p.ranged), 0
	case netbsd.IPV6_PORTALGO:
		return intValue(int(p.portAlgo)), 0
	}
	return nil, netbsd.ENOPROTOOPT
}

// joins reports whether an option is about membership in a group.
func joins(family uint8, level, name int) bool {
	switch {
	case family == netbsd.AF_INET && level == netbsd.IPPROTO_IP:
		return name == netbsd.IP_ADD_MEMBERSHIP || name == netbsd.IP_DROP_MEMBERSHIP
	case family == netbsd.AF_INET6 && level == netbsd.IPPROTO_IPV6:
		return name == netbsd.IPV6_JOIN_GROUP || name == netbsd.IPV6_LEAVE_GROUP
	}
	return false
}

// maxMemberships is the greatest number of groups (IP_MAX_MEMBERSHIPS).
const maxMemberships = 20

// setMembership joins or leaves a group. ep may be nil for sockets that are not
// gVisor's.
func (n *Net) setMembership(p *pcb, ep tcpip.Endpoint, level, name int, b []byte) netbsd.Errno {
	n.lock()
	m, errno := n.changeMembership(p, level, name, b)
	n.unlock()
	if errno != 0 || ep == nil {
		return errno
	}
	add := name == netbsd.IP_ADD_MEMBERSHIP
	opt := tcpip.MembershipOption{NIC: tcpip.NICID(m.index), MulticastAddr: tcpip.AddrFromSlice(m.group.AsSlice())}
	if add {
		o := tcpip.AddMembershipOption(opt)
		return errnoOf(ep.SetSockOpt(&o))
	}
	o := tcpip.RemoveMembershipOption(opt)
	return errnoOf(ep.SetSockOpt(&o))
}

// changeMembership takes note that a socket joins or leaves a group.
func (n *Net) changeMembership(p *pcb, level, name int, b []byte) (membership, netbsd.Errno) {
	add := name == netbsd.IP_ADD_MEMBERSHIP
	m, errno := n.membership(p, level, b, add)
	if errno != 0 {
		return m, errno
	}
	i := slices.IndexFunc(p.groups, func(o membership) bool {
		return o.group == m.group && (m.index == 0 || o.index == m.index)
	})
	switch {
	case add && i >= 0:
		return m, netbsd.EADDRINUSE
	case add && len(p.groups) >= maxMemberships:
		return m, netbsd.ETOOMANYREFS
	case !add && i < 0:
		return m, netbsd.EADDRNOTAVAIL
	case add:
		p.groups = append(p.groups, m)
		if ifp := n.byIndex(m.index); ifp != nil {
			ifp.multi[multiKey{embed(m.group, m.index)}]++
		}
	default:
		m = p.groups[i]
		p.groups = slices.Delete(p.groups, i, i+1)
		n.leave(m)
	}
	return m, 0
}

func (n *Net) leave(m membership) {
	if ifp := n.byIndex(m.index); ifp != nil {
		k := multiKey{embed(m.group, m.index)}
		if ifp.multi[k]--; ifp.multi[k] <= 0 {
			delete(ifp.multi, k)
		}
	}
}

// membership reads a struct ip_mreq or ipv6_mreq, and finds its interface.
func (n *Net) membership(p *pcb, level int, b []byte, add bool) (membership, netbsd.Errno) {
	if level == netbsd.IPPROTO_IP {
		if len(b) != netbsd.SizeofIpMreq {
			return membership{}, netbsd.EINVAL
		}
		r, _ := netbsd.ParseIpMreq(b)
		m := membership{group: netip.AddrFrom4(r.Multiaddr)}
		if !m.group.IsMulticast() {
			return m, netbsd.EINVAL
		}
		var ifp *Interface
		if a := netip.AddrFrom4(r.Interface); a.IsUnspecified() {
			if !add {
				return m, 0
			}
			if rt := n.alloc(sin(m.group), false); rt != nil {
				ifp = rt.ifp
			}
		} else {
			ifp, _ = n.multicastIf(a)
		}
		if ifp == nil || ifp.flags&netbsd.IFF_MULTICAST == 0 {
			return m, netbsd.EADDRNOTAVAIL
		}
		m.index = ifp.index
		return m, 0
	}
	if len(b) != netbsd.SizeofIpv6Mreq {
		return membership{}, netbsd.EINVAL
	}
	r, _ := netbsd.ParseIpv6Mreq(b)
	m := membership{group: netip.AddrFrom16(r.Multiaddr), index: int(r.Interface)}
	if !m.group.IsMulticast() {
		return m, netbsd.EINVAL
	}
	var ifp *Interface
	switch {
	case m.index != 0:
		if ifp = n.byIndex(m.index); ifp == nil {
			return m, netbsd.ENXIO
		}
	case !add:
		return m, 0
	default:
		if rt := n.alloc(sin(m.group), false); rt != nil {
			ifp = rt.ifp
		}
	}
	if ifp == nil || ifp.flags&netbsd.IFF_MULTICAST == 0 {
		return m, netbsd.EADDRNOTAVAIL
	}
	m.index = ifp.index
	return m, 0
}

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

// sendInfo is what control messages ask for when something is sent.
type sendInfo struct {
	src   netip.Addr
	index int
	hops  int // -1 if nothing was asked for
}

// sendControl reads the control messages that go with a datagram of IPv6
// (ip6_setpktopts).
func (n *Net) sendControl(cms []netbsd.ControlMessage) (sendInfo, netbsd.Errno) {
	info := sendInfo{hops: -1}
	for _, cm := range cms {
		if cm.Level != netbsd.IPPROTO_IPV6 {
			continue
		}
		switch cm.Type {
		case netbsd.IPV6_PKTINFO:
			if len(cm.Data) < netbsd.SizeofIn6Pktinfo {
				return info, netbsd.EINVAL
			}
			pi, _ := netbsd.ParseIn6Pktinfo(cm.Data)
			info.index = int(pi.Ifindex)
			if info.index != 0 && n.byIndex(info.index) == nil {
				return info, netbsd.ENXIO
			}
			if a := netip.AddrFrom16(pi.Addr); !a.IsUnspecified() {
				info.src = embed(a, info.index)
				if ifa := n.in6Local(info.src); ifa == nil || !ifa.in6Ready() {
					return info, netbsd.EADDRNOTAVAIL
				}
			}
		case netbsd.IPV6_HOPLIMIT:
			v, errno := optInt(cm.Data)
			if errno != 0 || v < -1 || v > 255 {
				return info, netbsd.EINVAL
			}
			info.hops = v
		}
	}
	return info, 0
}

// controlOptions is sendControl for gVisor.
func (n *Net) controlOptions(cms []netbsd.ControlMessage) (tcpip.SendableControlMessages, netbsd.Errno) {
	var out tcpip.SendableControlMessages
	info, errno := n.sendControl(cms)
	if errno != 0 {
		return out, errno
	}
	if info.hops >= 0 {
		out.HasHopLimit, out.HopLimit = true, uint8(info.hops)
	}
	if info.index != 0 || info.src.IsValid() {
		out.HasIPv6PacketInfo = true
		out.IPv6PacketInfo.NIC = tcpip.NICID(info.index)
		if info.src.IsValid() {
			plain, _ := unembed(info.src)
			out.IPv6PacketInfo.Addr = tcpip.AddrFromSlice(plain.AsSlice())
		}
	}
	return out, 0
}
