package netbsd

import (
	"encoding/binary"
	"fmt"
)

// An RtMetrics is what is measured or set of a route. Locks is a set of RTV_*.
// Times are in units of 1/RTM_RTTUNIT seconds, but Expire is in seconds.
//
//	// net/route.h
//	struct rt_metrics {
//		uint64_t rmx_locks;
//		uint64_t rmx_mtu;
//		uint64_t rmx_hopcount;
//		uint64_t rmx_recvpipe;
//		uint64_t rmx_sendpipe;
//		uint64_t rmx_ssthresh;
//		uint64_t rmx_rtt;
//		uint64_t rmx_rttvar;
//		time_t rmx_expire;
//		time_t rmx_pksent;
//	};
type RtMetrics struct {
	Locks    uint64
	Mtu      uint64
	Hopcount uint64
	Recvpipe uint64
	Sendpipe uint64
	Ssthresh uint64
	Rtt      uint64
	Rttvar   uint64
	Expire   int64
	Pksent   int64
}

// SizeofRtMetrics is sizeof(struct rt_metrics).
const SizeofRtMetrics = 80

func (r *RtMetrics) layout(v view) {
	v.u64(0, &r.Locks)
	v.u64(8, &r.Mtu)
	v.u64(16, &r.Hopcount)
	v.u64(24, &r.Recvpipe)
	v.u64(32, &r.Sendpipe)
	v.u64(40, &r.Ssthresh)
	v.u64(48, &r.Rtt)
	v.u64(56, &r.Rttvar)
	v.i64(64, &r.Expire)
	v.i64(72, &r.Pksent)
}

// Append appends r in C layout to b.
func (r RtMetrics) Append(b []byte) []byte { return appendStruct(b, SizeofRtMetrics, &r) }

// ParseRtMetrics reads a struct rt_metrics from the front of b.
func ParseRtMetrics(b []byte) (RtMetrics, error) {
	return parseStruct[RtMetrics](b, "struct rt_metrics", SizeofRtMetrics)
}

// An RtMsghdr begins a message about a route.
//
//	// net/route.h
//	struct rt_msghdr {
//		u_short rtm_msglen;
//		u_char rtm_version;
//		u_char rtm_type;
//		u_short rtm_index;
//		int rtm_flags;
//		int rtm_addrs;
//		pid_t rtm_pid;
//		int rtm_seq;
//		int rtm_errno;
//		int rtm_use;
//		int rtm_inits;
//		struct rt_metrics rtm_rmx;
//	};
type RtMsghdr struct {
	Msglen  uint16
	Version uint8
	Type    uint8
	Index   uint16
	Flags   int32
	Addrs   int32
	Pid     int32
	Seq     int32
	Errno   int32
	Use     int32
	Inits   int32
	Rmx     RtMetrics
}

// SizeofRtMsghdr is sizeof(struct rt_msghdr).
const SizeofRtMsghdr = 120

func (r *RtMsghdr) layout(v view) {
	v.u16(0, &r.Msglen)
	v.u8(2, &r.Version)
	v.u8(3, &r.Type)
	v.u16(4, &r.Index)
	v.i32(8, &r.Flags)
	v.i32(12, &r.Addrs)
	v.i32(16, &r.Pid)
	v.i32(20, &r.Seq)
	v.i32(24, &r.Errno)
	v.i32(28, &r.Use)
	v.i32(32, &r.Inits)
	r.Rmx.layout(v.at(40, SizeofRtMetrics))
}

// Append appends r in C layout to b.
func (r RtMsghdr) Append(b []byte) []byte { return appendStruct(b, SizeofRtMsghdr, &r) }

// ParseRtMsghdr reads a struct rt_msghdr from the front of b.
func ParseRtMsghdr(b []byte) (RtMsghdr, error) {
	return parseStruct[RtMsghdr](b, "struct rt_msghdr", SizeofRtMsghdr)
}

// RTM_VERSION is the version of routing messages, and RTM_RTTUNIT the units in
// a second of their times, from <net/route.h>.
const (
	RTM_RTTUNIT = 1000000
	RTM_VERSION = 4
)

// Types of routing messages, from <net/route.h>.
const (
	RTM_ADD        = 0x1
	RTM_DELETE     = 0x2
	RTM_CHANGE     = 0x3
	RTM_GET        = 0x4
	RTM_LOSING     = 0x5
	RTM_REDIRECT   = 0x6
	RTM_MISS       = 0x7
	RTM_LOCK       = 0x8
	RTM_OLDADD     = 0x9
	RTM_OLDDEL     = 0xa
	RTM_NEWADDR    = 0xc
	RTM_DELADDR    = 0xd
	RTM_OOIFINFO   = 0xe
	RTM_OIFINFO    = 0xf
	RTM_IFANNOUNCE = 0x10
	RTM_IEEE80211  = 0x11
	RTM_SETGATE    = 0x12
	RTM_LLINFO_UPD = 0x13
	RTM_IFINFO     = 0x14
	RTM_CHGADDR    = 0x15
)

// Flags of a route, from <net/route.h>.
const (
	RTF_UP        = 0x1
	RTF_GATEWAY   = 0x2
	RTF_HOST      = 0x4
	RTF_REJECT    = 0x8
	RTF_DYNAMIC   = 0x10
	RTF_MODIFIED  = 0x20
	RTF_DONE      = 0x40
	RTF_MASK      = 0x80
	RTF_CONNECTED = 0x100
	RTF_LLDATA    = 0x400
	RTF_STATIC    = 0x800
	RTF_BLACKHOLE = 0x1000
	RTF_PROTO2    = 0x4000
	RTF_PROTO1    = 0x8000
	RTF_SRC       = 0x10000
	RTF_ANNOUNCE  = 0x20000
	RTF_LOCAL     = 0x40000
	RTF_BROADCAST = 0x80000
)

// Metrics of a route, from <net/route.h>.
const (
	RTV_MTU      = 0x1
	RTV_HOPCOUNT = 0x2
	RTV_EXPIRE   = 0x4
	RTV_RPIPE    = 0x8
	RTV_SPIPE    = 0x10
	RTV_SSTHRESH = 0x20
	RTV_RTT      = 0x40
	RTV_RTTVAR   = 0x80
)

// Addresses in a routing message, as bits and as indices into [RtAddrs], from
// <net/route.h>.
const (
	RTA_DST      = 0x1
	RTA_GATEWAY  = 0x2
	RTA_NETMASK  = 0x4
	RTA_GENMASK  = 0x8
	RTA_IFP      = 0x10
	RTA_IFA      = 0x20
	RTA_AUTHOR   = 0x40
	RTA_BRD      = 0x80
	RTA_TAG      = 0x100
	RTAX_DST     = 0
	RTAX_GATEWAY = 1
	RTAX_NETMASK = 2
	RTAX_GENMASK = 3
	RTAX_IFP     = 4
	RTAX_IFA     = 5
	RTAX_AUTHOR  = 6
	RTAX_BRD     = 7
	RTAX_TAG     = 8
	RTAX_MAX     = 9
)

// RtAddrs are the addresses of a routing message, by RTAX_*. An address that is
// not there is nil. An address of length zero, which is what the netmask of a
// default route looks like, is a [SockaddrRaw] without data.
type RtAddrs [RTAX_MAX]Sockaddr

// Bits is the set of addresses that are there, as RTA_*.
func (a *RtAddrs) Bits() int32 {
	var bits int32
	for i, sa := range a {
		if sa != nil {
			bits |= 1 << i
		}
	}
	return bits
}

// append appends the addresses to b, each in a multiple of eight bytes.
//
//	// #define RT_ROUNDUP2(a, n) ((a) > 0 ? (1 + (((a) - 1) | ((n) - 1))) : (n))
//	// #define RT_ROUNDUP(a) RT_ROUNDUP2((a), sizeof(uint64_t))
func (a *RtAddrs) append(b []byte) []byte {
	for _, sa := range a {
		if sa == nil {
			continue
		}
		n := len(b)
		b = sa.Append(b)
		if raw, ok := sa.(SockaddrRaw); ok && len(raw.Data) == 0 {
			b[n] = 0
		}
		b = append(b, make([]byte, roundUp(len(b)-n, 8)-(len(b)-n))...)
	}
	return b
}

// parse reads the addresses that bits says are in b, which begins at offset
// off of the message. Those of optional may be missing at the end.
func (a *RtAddrs) parse(b []byte, off int, bits, optional int32) error {
	for i := range a {
		if bits&(1<<i) == 0 || len(b) == 0 && optional&(1<<i) != 0 {
			continue
		}
		bad := func(reason string) error {
			return &FormatError{What: "routing message", Offset: off, Reason: fmt.Sprintf("address %d: %s", i, reason)}
		}
		if len(b) < 2 {
			return bad("missing")
		}
		n := int(b[0])
		switch {
		case n == 0:
			a[i] = SockaddrRaw{AF: b[1]}
		case n > len(b):
			return bad(fmt.Sprintf("sa_len %d, %d bytes left", n, len(b)))
		default:
			sa, err := ParseSockaddr(b)
			if err != nil {
				return bad(fmt.Sprintf("sa_len %d", n))
			}
			a[i] = sa
		}
		n = min(max(8, roundUp(n, 8)), len(b))
		b, off = b[n:], off+n
	}
	if len(b) > 0 {
		return &FormatError{What: "routing message", Offset: off, Reason: fmt.Sprintf("%d bytes after the addresses", len(b))}
	}
	return nil
}

// A RoutingMessage is a message of a routing socket or an element of the
// tables that sysctl(3) has under net.route: [*RouteMessage],
// [*InterfaceMessage], [*AddressMessage], [*AnnounceMessage] or, for any other,
// [*OpaqueMessage].
type RoutingMessage interface {
	// MessageType is one of RTM_*.
	MessageType() uint8
	// Append appends the message to b. Length, version and the set of
	// addresses are what they have to be.
	Append(b []byte) []byte
}

// A RouteMessage is a message about a route, such as RTM_ADD and RTM_GET. Of
// the header Append sets Msglen, Version and Addrs. But an RTM_GET keeps RTA_IFP
// and RTA_IFA in Addrs, since it may ask for these addresses by their bits alone.
type RouteMessage struct {
	Header RtMsghdr
	Addrs  RtAddrs
}

// MessageType is the header's.
func (m *RouteMessage) MessageType() uint8 { return m.Header.Type }

// Append appends the message to b.
func (m *RouteMessage) Append(b []byte) []byte {
	n := len(b)
	h := m.Header
	h.Version, h.Addrs = RTM_VERSION, m.Addrs.Bits()|h.Addrs&optionalAddrs(h.Type)
	return setMsglen(m.Addrs.append(h.Append(b)), n)
}

// optionalAddrs are the addresses that a message of the type may name without
// having them.
func optionalAddrs(typ uint8) int32 {
	if typ == RTM_GET {
		return RTA_IFP | RTA_IFA
	}
	return 0
}

// An InterfaceMessage is a message about an interface: RTM_IFINFO.
type InterfaceMessage struct {
	Header IfMsghdr
	Addrs  RtAddrs
}

// MessageType is the header's.
func (m *InterfaceMessage) MessageType() uint8 { return m.Header.Type }

// Append appends the message to b.
func (m *InterfaceMessage) Append(b []byte) []byte {
	n := len(b)
	h := m.Header
	h.Version, h.Addrs = RTM_VERSION, m.Addrs.Bits()
	return setMsglen(m.Addrs.append(h.Append(b)), n)
}

// An AddressMessage is a message about an address of an interface: RTM_NEWADDR,
// RTM_DELADDR, RTM_CHGADDR.
type AddressMessage struct {
	Header IfaMsghdr
	Addrs  RtAddrs
}

// MessageType is the header's.
func (m *AddressMessage) MessageType() uint8 { return m.Header.Type }

// Append appends the message to b.
func (m *AddressMessage) Append(b []byte) []byte {
	n := len(b)
	h := m.Header
	h.Version, h.Addrs = RTM_VERSION, m.Addrs.Bits()
	return setMsglen(m.Addrs.append(h.Append(b)), n)
}

// An AnnounceMessage is a message about an interface that came or went:
// RTM_IFANNOUNCE.
type AnnounceMessage struct {
	Header IfAnnouncemsghdr
}

// MessageType is the header's.
func (m *AnnounceMessage) MessageType() uint8 { return m.Header.Type }

// Append appends the message to b.
func (m *AnnounceMessage) Append(b []byte) []byte {
	n := len(b)
	h := m.Header
	h.Version = RTM_VERSION
	return setMsglen(h.Append(b), n)
}

// An OpaqueMessage is a message of a type that has no struct here.
type OpaqueMessage struct {
	Type uint8
	Data []byte // what follows the length, the version and the type
}

// MessageType is m.Type.
func (m *OpaqueMessage) MessageType() uint8 { return m.Type }

// Append appends the message to b.
func (m *OpaqueMessage) Append(b []byte) []byte {
	n := len(b)
	b = append(b, 0, 0, RTM_VERSION, m.Type)
	return setMsglen(append(b, m.Data...), n)
}

// setMsglen sets the length of the message that begins at b[n:].
func setMsglen(b []byte, n int) []byte {
	binary.LittleEndian.PutUint16(b[n:], uint16(len(b)-n))
	return b
}

// ParseRoutingMessages reads all messages in b. Messages of another version
// are skipped, as NetBSD's own programs do.
func ParseRoutingMessages(b []byte) ([]RoutingMessage, error) {
	const what = "routing message"
	var ms []RoutingMessage
	for off := 0; off < len(b); {
		p := b[off:]
		if len(p) < 4 {
			return nil, &FormatError{What: what, Offset: off, Reason: "no room for a header"}
		}
		n := int(binary.LittleEndian.Uint16(p))
		if n < 4 || n > len(p) {
			return nil, &FormatError{What: what, Offset: off, Reason: fmt.Sprintf("length %d, %d bytes left", n, len(p))}
		}
		if p[2] == RTM_VERSION {
			m, err := parseRoutingMessage(p[:n], off)
			if err != nil {
				return nil, err
			}
			ms = append(ms, m)
		}
		off += n
	}
	return ms, nil
}

// parseRoutingMessage reads one message, which is all of b.
func parseRoutingMessage(b []byte, off int) (RoutingMessage, error) {
	short := func(err error) error { return &FormatError{What: "routing message", Offset: off, Reason: err.Error()} }
	switch b[3] {
	case RTM_ADD, RTM_DELETE, RTM_CHANGE, RTM_GET, RTM_LOSING, RTM_REDIRECT, RTM_MISS, RTM_LOCK, RTM_SETGATE, RTM_LLINFO_UPD:
		h, err := ParseRtMsghdr(b)
		if err != nil {
			return nil, short(err)
		}
		m := &RouteMessage{Header: h}
		return m, m.Addrs.parse(b[SizeofRtMsghdr:], off+SizeofRtMsghdr, h.Addrs, optionalAddrs(h.Type))
	case RTM_IFINFO:
		h, err := ParseIfMsghdr(b)
		if err != nil {
			return nil, short(err)
		}
		m := &InterfaceMessage{Header: h}
		return m, m.Addrs.parse(b[SizeofIfMsghdr:], off+SizeofIfMsghdr, h.Addrs, 0)
	case RTM_NEWADDR, RTM_DELADDR, RTM_CHGADDR:
		h, err := ParseIfaMsghdr(b)
		if err != nil {
			return nil, short(err)
		}
		m := &AddressMessage{Header: h}
		return m, m.Addrs.parse(b[SizeofIfaMsghdr:], off+SizeofIfaMsghdr, h.Addrs, 0)
	case RTM_IFANNOUNCE:
		h, err := ParseIfAnnouncemsghdr(b)
		if err != nil {
			return nil, short(err)
		}
		return &AnnounceMessage{Header: h}, nil
	}
	return &OpaqueMessage{b[3], append([]byte(nil), b[4:]...)}, nil
}

// Tables under the sysctl name CTL_NET, PF_ROUTE, 0, family, table, flags, from
// <sys/socket.h>. A family of 0 means all. The flags, RTF_*, are for
// NET_RT_FLAGS; of NET_RT_IFLIST they are an interface's number or 0.
const (
	NET_RT_DUMP     = 1
	NET_RT_FLAGS    = 2
	NET_RT_OOIFLIST = 3
	NET_RT_OIFLIST  = 4
	NET_RT_IFLIST   = 5
	NET_RT_MAXID    = 6
)

// RouteMib is the sysctl name of a table of routes or interfaces.
func RouteMib(family uint8, table, flags int32) []int32 {
	return []int32{CTL_NET, PF_ROUTE, 0, int32(family), table, flags}
}
