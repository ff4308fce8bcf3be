package netbsd

// A Linger is whether and for how many seconds close(2) waits: SO_LINGER.
//
//	// sys/socket.h
//	struct linger {
//		int l_onoff;
//		int l_linger;
//	};
type Linger struct {
	Onoff  int32
	Linger int32
}

// SizeofLinger is sizeof(struct linger).
const SizeofLinger = 8

func (l *Linger) layout(v view) {
	v.i32(0, &l.Onoff)
	v.i32(4, &l.Linger)
}

// Append appends l in C layout to b.
func (l Linger) Append(b []byte) []byte { return appendStruct(b, SizeofLinger, &l) }

// ParseLinger reads a struct linger from the front of b.
func ParseLinger(b []byte) (Linger, error) {
	return parseStruct[Linger](b, "struct linger", SizeofLinger)
}

// An AcceptFilterArg is the filter of a listening socket: SO_ACCEPTFILTER.
//
//	// sys/socket.h
//	struct accept_filter_arg {
//		char af_name[16];
//		char af_arg[240];
//	};
type AcceptFilterArg struct {
	Name string
	Arg  string
}

// SizeofAcceptFilterArg is sizeof(struct accept_filter_arg).
const SizeofAcceptFilterArg = 256

func (a *AcceptFilterArg) layout(v view) {
	v.str(0, 16, &a.Name)
	v.str(16, 240, &a.Arg)
}

// Append appends a in C layout to b.
func (a AcceptFilterArg) Append(b []byte) []byte { return appendStruct(b, SizeofAcceptFilterArg, &a) }

// ParseAcceptFilterArg reads a struct accept_filter_arg from the front of b.
func ParseAcceptFilterArg(b []byte) (AcceptFilterArg, error) {
	return parseStruct[AcceptFilterArg](b, "struct accept_filter_arg", SizeofAcceptFilterArg)
}

// An IpMreq is an IPv4 group and the address of an interface, both in network
// byte order: IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP.
//
//	// netinet/in.h
//	struct ip_mreq {
//		struct in_addr imr_multiaddr;
//		struct in_addr imr_interface;
//	};
type IpMreq struct {
	Multiaddr [4]byte
	Interface [4]byte
}

// SizeofIpMreq is sizeof(struct ip_mreq).
const SizeofIpMreq = 8

func (i *IpMreq) layout(v view) {
	v.bytes(0, i.Multiaddr[:])
	v.bytes(4, i.Interface[:])
}

// Append appends i in C layout to b.
func (i IpMreq) Append(b []byte) []byte { return appendStruct(b, SizeofIpMreq, &i) }

// ParseIpMreq reads a struct ip_mreq from the front of b.
func ParseIpMreq(b []byte) (IpMreq, error) {
	return parseStruct[IpMreq](b, "struct ip_mreq", SizeofIpMreq)
}

// An InPktinfo is an IPv4 address, in network byte order, and an interface:
// IP_PKTINFO.
//
//	// netinet/in.h
//	struct in_pktinfo {
//		struct in_addr ipi_addr;
//		unsigned int ipi_ifindex;
//	};
type InPktinfo struct {
	Addr    [4]byte
	Ifindex uint32
}

// SizeofInPktinfo is sizeof(struct in_pktinfo).
const SizeofInPktinfo = 8

func (i *InPktinfo) layout(v view) {
	v.bytes(0, i.Addr[:])
	v.u32(4, &i.Ifindex)
}

// Append appends i in C layout to b.
func (i InPktinfo) Append(b []byte) []byte { return appendStruct(b, SizeofInPktinfo, &i) }

// ParseInPktinfo reads a struct in_pktinfo from the front of b.
func ParseInPktinfo(b []byte) (InPktinfo, error) {
	return parseStruct[InPktinfo](b, "struct in_pktinfo", SizeofInPktinfo)
}

// An Ipv6Mreq is an IPv6 group and an interface: IPV6_JOIN_GROUP,
// IPV6_LEAVE_GROUP.
//
//	// netinet6/in6.h
//	struct ipv6_mreq {
//		struct in6_addr ipv6mr_multiaddr;
//		unsigned int ipv6mr_interface;
//	};
type Ipv6Mreq struct {
	Multiaddr [16]byte
	Interface uint32
}

// SizeofIpv6Mreq is sizeof(struct ipv6_mreq).
const SizeofIpv6Mreq = 20

func (i *Ipv6Mreq) layout(v view) {
	v.bytes(0, i.Multiaddr[:])
	v.u32(16, &i.Interface)
}

// Append appends i in C layout to b.
func (i Ipv6Mreq) Append(b []byte) []byte { return appendStruct(b, SizeofIpv6Mreq, &i) }

// ParseIpv6Mreq reads a struct ipv6_mreq from the front of b.
func ParseIpv6Mreq(b []byte) (Ipv6Mreq, error) {
	return parseStruct[Ipv6Mreq](b, "struct ipv6_mreq", SizeofIpv6Mreq)
}

// An In6Pktinfo is an IPv6 address and an interface: IPV6_PKTINFO.
//
//	// netinet6/in6.h
//	struct in6_pktinfo {
//		struct in6_addr ipi6_addr;
//		unsigned int ipi6_ifindex;
//	};
type In6Pktinfo struct {
	Addr    [16]byte
	Ifindex uint32
}

// SizeofIn6Pktinfo is sizeof(struct in6_pktinfo).
const SizeofIn6Pktinfo = 20

func (i *In6Pktinfo) layout(v view) {
	v.bytes(0, i.Addr[:])
	v.u32(16, &i.Ifindex)
}

// Append appends i in C layout to b.
func (i In6Pktinfo) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Pktinfo, &i) }

// ParseIn6Pktinfo reads a struct in6_pktinfo from the front of b.
func ParseIn6Pktinfo(b []byte) (In6Pktinfo, error) {
	return parseStruct[In6Pktinfo](b, "struct in6_pktinfo", SizeofIn6Pktinfo)
}

// An Ip6Mtuinfo is the size of packets on the way to an address: IPV6_PATHMTU.
//
//	// netinet6/in6.h
//	struct ip6_mtuinfo {
//		struct sockaddr_in6 ip6m_addr;
//		uint32_t ip6m_mtu;
//	};
type Ip6Mtuinfo struct {
	Addr SockaddrIn6
	Mtu  uint32
}

// SizeofIp6Mtuinfo is sizeof(struct ip6_mtuinfo).
const SizeofIp6Mtuinfo = 32

func (i *Ip6Mtuinfo) layout(v view) {
	i.Addr.layout(v.at(0, SizeofSockaddrIn6))
	v.u32(28, &i.Mtu)
}

// Append appends i in C layout to b.
func (i Ip6Mtuinfo) Append(b []byte) []byte { return appendStruct(b, SizeofIp6Mtuinfo, &i) }

// ParseIp6Mtuinfo reads a struct ip6_mtuinfo from the front of b.
func ParseIp6Mtuinfo(b []byte) (Ip6Mtuinfo, error) {
	return parseStruct[Ip6Mtuinfo](b, "struct ip6_mtuinfo", SizeofIp6Mtuinfo)
}

// An Icmp6Filter is the set of ICMPv6 types that a socket gets, a bit each:
// ICMP6_FILTER.
//
//	// netinet/icmp6.h
//	struct icmp6_filter {
//		u_int32_t icmp6_filt[8];
//	};
type Icmp6Filter struct {
	Filt [8]uint32
}

// SizeofIcmp6Filter is sizeof(struct icmp6_filter).
const SizeofIcmp6Filter = 32

func (i *Icmp6Filter) layout(v view) {
	for j := range i.Filt {
		v.u32(0+4*j, &i.Filt[j])
	}
}

// Append appends i in C layout to b.
func (i Icmp6Filter) Append(b []byte) []byte { return appendStruct(b, SizeofIcmp6Filter, &i) }

// ParseIcmp6Filter reads a struct icmp6_filter from the front of b.
func ParseIcmp6Filter(b []byte) (Icmp6Filter, error) {
	return parseStruct[Icmp6Filter](b, "struct icmp6_filter", SizeofIcmp6Filter)
}

// SetPass lets packets of the type through, or not.
//
//	// #define ICMP6_FILTER_SETPASS(type, filterp) \
//	//     (((filterp)->icmp6_filt[(type) >> 5]) |= (1 << ((type) & 31)))
func (i *Icmp6Filter) SetPass(typ uint8, pass bool) {
	if bit := uint32(1) << (typ & 31); pass {
		i.Filt[typ>>5] |= bit
	} else {
		i.Filt[typ>>5] &^= bit
	}
}

// WillPass reports whether packets of the type get through.
func (i *Icmp6Filter) WillPass(typ uint8) bool { return i.Filt[typ>>5]&(1<<(typ&31)) != 0 }

// A TCPInfo is the state of a TCP connection: TCP_INFO. Times are in
// microseconds. WScale are the shifts of the windows, the peer's in the low four
// bits.
//
// The header is <netinet/tcp.h>.
type TCPInfo struct {
	State        uint8 // TCPS_*
	Options      uint8 // TCPI_OPT_*
	WScale       uint8 // tcpi_snd_wscale:4, tcpi_rcv_wscale:4
	Rto          uint32
	SndMss       uint32
	RcvMss       uint32
	LastDataRecv uint32
	Rtt          uint32
	Rttvar       uint32
	SndSsthresh  uint32
	SndCwnd      uint32
	RcvSpace     uint32
	SndWnd       uint32
	SndBwnd      uint32
	SndNxt       uint32
	RcvNxt       uint32
	ToeTid       uint32
	SndRexmit    uint32 // tcpi_snd_rexmitpack
	RcvOoo       uint32 // tcpi_rcv_ooopack
	SndZerowin   uint32
}

// SizeofTCPInfo is sizeof(struct tcp_info).
const SizeofTCPInfo = 236

func (t *TCPInfo) layout(v view) {
	v.u8(0, &t.State)
	v.u8(5, &t.Options)
	v.u8(6, &t.WScale)
	v.u32(8, &t.Rto)
	v.u32(16, &t.SndMss)
	v.u32(20, &t.RcvMss)
	v.u32(52, &t.LastDataRecv)
	v.u32(68, &t.Rtt)
	v.u32(72, &t.Rttvar)
	v.u32(76, &t.SndSsthresh)
	v.u32(80, &t.SndCwnd)
	v.u32(96, &t.RcvSpace)
	v.u32(100, &t.SndWnd)
	v.u32(104, &t.SndBwnd)
	v.u32(108, &t.SndNxt)
	v.u32(112, &t.RcvNxt)
	v.u32(116, &t.ToeTid)
	v.u32(120, &t.SndRexmit)
	v.u32(124, &t.RcvOoo)
	v.u32(128, &t.SndZerowin)
}

// Append appends t in C layout to b.
func (t TCPInfo) Append(b []byte) []byte { return appendStruct(b, SizeofTCPInfo, &t) }

// ParseTCPInfo reads a struct tcp_info from the front of b.
func ParseTCPInfo(b []byte) (TCPInfo, error) {
	return parseStruct[TCPInfo](b, "struct tcp_info", SizeofTCPInfo)
}

// Options of a TCP connection in a TCPInfo, from <netinet/tcp.h>.
const (
	TCPI_OPT_TIMESTAMPS = 0x1
	TCPI_OPT_SACK       = 0x2
	TCPI_OPT_WSCALE     = 0x4
	TCPI_OPT_ECN        = 0x8
	TCPI_OPT_TOE        = 0x10
)
