package netbsd

import "encoding/binary"

// An In6Ifreq is the parameter of ioctls on the IPv6 addresses of interfaces.
// What its union means depends on the command.
//
//	// netinet6/in6_var.h
//	struct in6_ifreq {
//		char ifr_name[IFNAMSIZ];
//		union {
//			struct sockaddr_in6     ifru_addr; /* and dstaddr */
//			short                   ifru_flags;
//			int                     ifru_flags6; /* and metric */
//			void *                  ifru_data;
//			struct in6_addrlifetime ifru_lifetime;
//			struct in6_ifstat       ifru_stat;
//			struct icmp6_ifstat     ifru_icmp6stat;
//		} ifr_ifru;
//	};
type In6Ifreq struct {
	Name string
	Ifru [272]byte // the union
}

// SizeofIn6Ifreq is sizeof(struct in6_ifreq).
const SizeofIn6Ifreq = 288

func (i *In6Ifreq) layout(v view) {
	v.str(0, IFNAMSIZ, &i.Name)
	v.bytes(16, i.Ifru[:])
}

// Append appends i in C layout to b.
func (i In6Ifreq) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Ifreq, &i) }

// ParseIn6Ifreq reads a struct in6_ifreq from the front of b.
func ParseIn6Ifreq(b []byte) (In6Ifreq, error) {
	return parseStruct[In6Ifreq](b, "struct in6_ifreq", SizeofIn6Ifreq)
}

// Addr is the union as an address: ifr_addr or ifr_dstaddr.
func (i *In6Ifreq) Addr() SockaddrIn6 {
	sa, _ := ParseSockaddrIn6(i.Ifru[:])
	return sa
}

// SetAddr sets the union to an address.
func (i *In6Ifreq) SetAddr(sa SockaddrIn6) { i.Ifru = [272]byte{}; copy(i.Ifru[:], sa.Append(nil)) }

// Flags6 is the union as the flags of an address: IN6_IFF_*.
func (i *In6Ifreq) Flags6() int32 { return int32(binary.LittleEndian.Uint32(i.Ifru[:])) }

// SetFlags6 sets the union to the flags of an address and leaves what follows
// them alone, as the kernel does.
func (i *In6Ifreq) SetFlags6(flags int32) { binary.LittleEndian.PutUint32(i.Ifru[:], uint32(flags)) }

// Lifetime is the union as the lifetimes of an address.
func (i *In6Ifreq) Lifetime() In6Addrlifetime {
	l, _ := ParseIn6Addrlifetime(i.Ifru[:])
	return l
}

// SetLifetime sets the union to the lifetimes of an address.
func (i *In6Ifreq) SetLifetime(l In6Addrlifetime) {
	i.Ifru = [272]byte{}
	copy(i.Ifru[:], l.Append(nil))
}

// An In6Addrlifetime is for how long an address is valid and preferred, in
// seconds. [ND6_INFINITE_LIFETIME] is for ever.
//
//	// netinet6/in6_var.h
//	struct in6_addrlifetime {
//		time_t ia6t_expire;
//		time_t ia6t_preferred;
//		u_int32_t ia6t_vltime;
//		u_int32_t ia6t_pltime;
//	};
type In6Addrlifetime struct {
	Expire    int64
	Preferred int64
	Vltime    uint32
	Pltime    uint32
}

// SizeofIn6Addrlifetime is sizeof(struct in6_addrlifetime).
const SizeofIn6Addrlifetime = 24

func (i *In6Addrlifetime) layout(v view) {
	v.i64(0, &i.Expire)
	v.i64(8, &i.Preferred)
	v.u32(16, &i.Vltime)
	v.u32(20, &i.Pltime)
}

// Append appends i in C layout to b.
func (i In6Addrlifetime) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Addrlifetime, &i) }

// ParseIn6Addrlifetime reads a struct in6_addrlifetime from the front of b.
func ParseIn6Addrlifetime(b []byte) (In6Addrlifetime, error) {
	return parseStruct[In6Addrlifetime](b, "struct in6_addrlifetime", SizeofIn6Addrlifetime)
}

// An In6Aliasreq adds an IPv6 address to an interface: [SIOCAIFADDR_IN6]. An
// address that is not there is nil.
//
//	// netinet6/in6_var.h
//	struct in6_aliasreq {
//		char ifra_name[16];
//		struct sockaddr_in6 ifra_addr;
//		struct sockaddr_in6 ifra_dstaddr;
//		struct sockaddr_in6 ifra_prefixmask;
//		int ifra_flags;
//		struct in6_addrlifetime ifra_lifetime;
//	};
type In6Aliasreq struct {
	Name       string
	Addr       Sockaddr
	Dstaddr    Sockaddr
	Prefixmask Sockaddr
	Flags      int32
	Lifetime   In6Addrlifetime
}

// SizeofIn6Aliasreq is sizeof(struct in6_aliasreq).
const SizeofIn6Aliasreq = 128

func (i *In6Aliasreq) layout(v view) {
	v.str(0, 16, &i.Name)
	v.sockaddr(16, 28, &i.Addr)
	v.sockaddr(44, 28, &i.Dstaddr)
	v.sockaddr(72, 28, &i.Prefixmask)
	v.i32(100, &i.Flags)
	i.Lifetime.layout(v.at(104, SizeofIn6Addrlifetime))
}

// Append appends i in C layout to b.
func (i In6Aliasreq) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Aliasreq, &i) }

// ParseIn6Aliasreq reads a struct in6_aliasreq from the front of b.
func ParseIn6Aliasreq(b []byte) (In6Aliasreq, error) {
	return parseStruct[In6Aliasreq](b, "struct in6_aliasreq", SizeofIn6Aliasreq)
}

// Flags of an IPv6 address of an interface, from <netinet6/in6_var.h>.
const (
	IN6_IFF_ANYCAST    = 0x1
	IN6_IFF_TENTATIVE  = 0x2
	IN6_IFF_DUPLICATED = 0x4
	IN6_IFF_DETACHED   = 0x8
	IN6_IFF_DEPRECATED = 0x10
	IN6_IFF_NODAD      = 0x20
	IN6_IFF_AUTOCONF   = 0x40
	IN6_IFF_TEMPORARY  = 0x80
	IN6_IFF_NOTREADY   = 6
)

// In6AddrWords returns the flags of an IPv6 address as ifconfig(8) says them.
func In6AddrWords(flags int32) []string {
	return addrWords(flags, []addrWord{
		{IN6_IFF_ANYCAST, "anycast"},
		{IN6_IFF_TENTATIVE, "tentative"},
		{IN6_IFF_DUPLICATED, "duplicated"},
		{IN6_IFF_DETACHED, "detached"},
		{IN6_IFF_DEPRECATED, "deprecated"},
		{IN6_IFF_AUTOCONF, "autoconf"},
		{IN6_IFF_TEMPORARY, "temporary"},
	})
}

// ND6_INFINITE_LIFETIME is a lifetime without end, from <netinet6/nd6.h>.
const ND6_INFINITE_LIFETIME = 0xffffffff

// An In6Ifstat counts an interface's IPv6 packets: [SIOCGIFSTAT_IN6], in the
// union of an [In6Ifreq].
//
// The header is <netinet6/in6_var.h>.
type In6Ifstat struct {
	InReceive      uint64 // ifs6_in_receive
	InHdrerr       uint64 // ifs6_in_hdrerr
	InToobig       uint64 // ifs6_in_toobig
	InNoroute      uint64 // ifs6_in_noroute
	InAddrerr      uint64 // ifs6_in_addrerr
	InProtounknown uint64 // ifs6_in_protounknown
	InTruncated    uint64 // ifs6_in_truncated
	InDiscard      uint64 // ifs6_in_discard
	InDeliver      uint64 // ifs6_in_deliver
	OutForward     uint64 // ifs6_out_forward
	OutRequest     uint64 // ifs6_out_request
	OutDiscard     uint64 // ifs6_out_discard
	OutFragok      uint64 // ifs6_out_fragok
	OutFragfail    uint64 // ifs6_out_fragfail
	OutFragcreat   uint64 // ifs6_out_fragcreat
	ReassReqd      uint64 // ifs6_reass_reqd
	ReassOk        uint64 // ifs6_reass_ok
	ReassFail      uint64 // ifs6_reass_fail
	InMcast        uint64 // ifs6_in_mcast
	OutMcast       uint64 // ifs6_out_mcast
}

// SizeofIn6Ifstat is sizeof(struct in6_ifstat).
const SizeofIn6Ifstat = 160

func (i *In6Ifstat) layout(v view) {
	v.u64(0, &i.InReceive)
	v.u64(8, &i.InHdrerr)
	v.u64(16, &i.InToobig)
	v.u64(24, &i.InNoroute)
	v.u64(32, &i.InAddrerr)
	v.u64(40, &i.InProtounknown)
	v.u64(48, &i.InTruncated)
	v.u64(56, &i.InDiscard)
	v.u64(64, &i.InDeliver)
	v.u64(72, &i.OutForward)
	v.u64(80, &i.OutRequest)
	v.u64(88, &i.OutDiscard)
	v.u64(96, &i.OutFragok)
	v.u64(104, &i.OutFragfail)
	v.u64(112, &i.OutFragcreat)
	v.u64(120, &i.ReassReqd)
	v.u64(128, &i.ReassOk)
	v.u64(136, &i.ReassFail)
	v.u64(144, &i.InMcast)
	v.u64(152, &i.OutMcast)
}

// Append appends i in C layout to b.
func (i In6Ifstat) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Ifstat, &i) }

// ParseIn6Ifstat reads a struct in6_ifstat from the front of b.
func ParseIn6Ifstat(b []byte) (In6Ifstat, error) {
	return parseStruct[In6Ifstat](b, "struct in6_ifstat", SizeofIn6Ifstat)
}

// An Icmp6Ifstat counts an interface's ICMPv6 packets: [SIOCGIFSTAT_ICMP6], in
// the union of an [In6Ifreq].
//
// The header is <netinet6/in6_var.h>.
type Icmp6Ifstat struct {
	InMsg              uint64 // ifs6_in_msg
	InError            uint64 // ifs6_in_error
	InDstunreach       uint64 // ifs6_in_dstunreach
	InAdminprohib      uint64 // ifs6_in_adminprohib
	InTimeexceed       uint64 // ifs6_in_timeexceed
	InParamprob        uint64 // ifs6_in_paramprob
	InPkttoobig        uint64 // ifs6_in_pkttoobig
	InEcho             uint64 // ifs6_in_echo
	InEchoreply        uint64 // ifs6_in_echoreply
	InRoutersolicit    uint64 // ifs6_in_routersolicit
	InRouteradvert     uint64 // ifs6_in_routeradvert
	InNeighborsolicit  uint64 // ifs6_in_neighborsolicit
	InNeighboradvert   uint64 // ifs6_in_neighboradvert
	InRedirect         uint64 // ifs6_in_redirect
	InMldquery         uint64 // ifs6_in_mldquery
	InMldreport        uint64 // ifs6_in_mldreport
	InMlddone          uint64 // ifs6_in_mlddone
	OutMsg             uint64 // ifs6_out_msg
	OutError           uint64 // ifs6_out_error
	OutDstunreach      uint64 // ifs6_out_dstunreach
	OutAdminprohib     uint64 // ifs6_out_adminprohib
	OutTimeexceed      uint64 // ifs6_out_timeexceed
	OutParamprob       uint64 // ifs6_out_paramprob
	OutPkttoobig       uint64 // ifs6_out_pkttoobig
	OutEcho            uint64 // ifs6_out_echo
	OutEchoreply       uint64 // ifs6_out_echoreply
	OutRoutersolicit   uint64 // ifs6_out_routersolicit
	OutRouteradvert    uint64 // ifs6_out_routeradvert
	OutNeighborsolicit uint64 // ifs6_out_neighborsolicit
	OutNeighboradvert  uint64 // ifs6_out_neighboradvert
	OutRedirect        uint64 // ifs6_out_redirect
	OutMldquery        uint64 // ifs6_out_mldquery
	OutMldreport       uint64 // ifs6_out_mldreport
	OutMlddone         uint64 // ifs6_out_mlddone
}

// SizeofIcmp6Ifstat is sizeof(struct icmp6_ifstat).
const SizeofIcmp6Ifstat = 272

func (i *Icmp6Ifstat) layout(v view) {
	v.u64(0, &i.InMsg)
	v.u64(8, &i.InError)
	v.u64(16, &i.InDstunreach)
	v.u64(24, &i.InAdminprohib)
	v.u64(32, &i.InTimeexceed)
	v.u64(40, &i.InParamprob)
	v.u64(48, &i.InPkttoobig)
	v.u64(56, &i.InEcho)
	v.u64(64, &i.InEchoreply)
	v.u64(72, &i.InRoutersolicit)
	v.u64(80, &i.InRouteradvert)
	v.u64(88, &i.InNeighborsolicit)
	v.u64(96, &i.InNeighboradvert)
	v.u64(104, &i.InRedirect)
	v.u64(112, &i.InMldquery)
	v.u64(120, &i.InMldreport)
	v.u64(128, &i.InMlddone)
	v.u64(136, &i.OutMsg)
	v.u64(144, &i.OutError)
	v.u64(152, &i.OutDstunreach)
	v.u64(160, &i.OutAdminprohib)
	v.u64(168, &i.OutTimeexceed)
	v.u64(176, &i.OutParamprob)
	v.u64(184, &i.OutPkttoobig)
	v.u64(192, &i.OutEcho)
	v.u64(200, &i.OutEchoreply)
	v.u64(208, &i.OutRoutersolicit)
	v.u64(216, &i.OutRouteradvert)
	v.u64(224, &i.OutNeighborsolicit)
	v.u64(232, &i.OutNeighboradvert)
	v.u64(240, &i.OutRedirect)
	v.u64(248, &i.OutMldquery)
	v.u64(256, &i.OutMldreport)
	v.u64(264, &i.OutMlddone)
}

// Append appends i in C layout to b.
func (i Icmp6Ifstat) Append(b []byte) []byte { return appendStruct(b, SizeofIcmp6Ifstat, &i) }

// ParseIcmp6Ifstat reads a struct icmp6_ifstat from the front of b.
func ParseIcmp6Ifstat(b []byte) (Icmp6Ifstat, error) {
	return parseStruct[Icmp6Ifstat](b, "struct icmp6_ifstat", SizeofIcmp6Ifstat)
}
