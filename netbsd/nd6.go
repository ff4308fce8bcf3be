package netbsd

// An NdIfinfo is how an interface does neighbour discovery. Basereachable and
// Retrans are in milliseconds, Reachable, which is made of the former, and
// Recalctm in seconds.
//
//	// netinet6/nd6.h
//	struct nd_ifinfo {
//		u_int32_t linkmtu;
//		u_int32_t maxmtu;
//		u_int32_t basereachable;
//		u_int32_t reachable;
//		u_int32_t retrans;
//		u_int32_t flags;
//		int recalctm;
//		u_int8_t chlim;
//		u_int8_t initialized;
//		u_int8_t randomseed0[8];
//		u_int8_t randomseed1[8];
//		u_int8_t randomid[8];
//	};
type NdIfinfo struct {
	Linkmtu       uint32
	Maxmtu        uint32
	Basereachable uint32
	Reachable     uint32
	Retrans       uint32
	Flags         uint32
	Recalctm      int32
	Chlim         uint8
	Initialized   uint8
	Randomseed0   [8]byte
	Randomseed1   [8]byte
	Randomid      [8]byte
}

// SizeofNdIfinfo is sizeof(struct nd_ifinfo).
const SizeofNdIfinfo = 56

func (n *NdIfinfo) layout(v view) {
	v.u32(0, &n.Linkmtu)
	v.u32(4, &n.Maxmtu)
	v.u32(8, &n.Basereachable)
	v.u32(12, &n.Reachable)
	v.u32(16, &n.Retrans)
	v.u32(20, &n.Flags)
	v.i32(24, &n.Recalctm)
	v.u8(28, &n.Chlim)
	v.u8(29, &n.Initialized)
	v.bytes(30, n.Randomseed0[:])
	v.bytes(38, n.Randomseed1[:])
	v.bytes(46, n.Randomid[:])
}

// Append appends n in C layout to b.
func (n NdIfinfo) Append(b []byte) []byte { return appendStruct(b, SizeofNdIfinfo, &n) }

// ParseNdIfinfo reads a struct nd_ifinfo from the front of b.
func ParseNdIfinfo(b []byte) (NdIfinfo, error) {
	return parseStruct[NdIfinfo](b, "struct nd_ifinfo", SizeofNdIfinfo)
}

// An In6Ndireq asks for or sets how an interface does neighbour discovery:
// [SIOCGIFINFO_IN6], [SIOCSIFINFO_IN6], [SIOCSIFINFO_FLAGS].
//
//	// netinet6/nd6.h
//	struct in6_ndireq {
//		char ifname[16];
//		struct nd_ifinfo ndi;
//	};
type In6Ndireq struct {
	Ifname string
	Ndi    NdIfinfo
}

// SizeofIn6Ndireq is sizeof(struct in6_ndireq).
const SizeofIn6Ndireq = 72

func (i *In6Ndireq) layout(v view) {
	v.str(0, 16, &i.Ifname)
	i.Ndi.layout(v.at(16, SizeofNdIfinfo))
}

// Append appends i in C layout to b.
func (i In6Ndireq) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Ndireq, &i) }

// ParseIn6Ndireq reads a struct in6_ndireq from the front of b.
func ParseIn6Ndireq(b []byte) (In6Ndireq, error) {
	return parseStruct[In6Ndireq](b, "struct in6_ndireq", SizeofIn6Ndireq)
}

// Flags of an NdIfinfo, from <netinet6/nd6.h>.
const (
	ND6_IFF_PERFORMNUD     = 0x1
	ND6_IFF_ACCEPT_RTADV   = 0x2
	ND6_IFF_PREFER_SOURCE  = 0x4
	ND6_IFF_IFDISABLED     = 0x8
	ND6_IFF_OVERRIDE_RTADV = 0x10
	ND6_IFF_AUTO_LINKLOCAL = 0x20
)

// An In6Nbrinfo asks for what is known of a neighbour: [SIOCGNBRINFO_IN6].
// Expire is the time left, in seconds as the kernel counts them, cut to 32 bits.
//
//	// netinet6/nd6.h
//	struct in6_nbrinfo {
//		char ifname[16];
//		struct in6_addr addr;
//		long asked;
//		int isrouter;
//		int state;
//		int expire;
//	};
type In6Nbrinfo struct {
	Ifname   string
	Addr     [16]byte
	Asked    int64
	Isrouter int32
	State    int32
	Expire   int32
}

// SizeofIn6Nbrinfo is sizeof(struct in6_nbrinfo).
const SizeofIn6Nbrinfo = 56

func (i *In6Nbrinfo) layout(v view) {
	v.str(0, 16, &i.Ifname)
	v.bytes(16, i.Addr[:])
	v.i64(32, &i.Asked)
	v.i32(40, &i.Isrouter)
	v.i32(44, &i.State)
	v.i32(48, &i.Expire)
}

// Append appends i in C layout to b.
func (i In6Nbrinfo) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Nbrinfo, &i) }

// ParseIn6Nbrinfo reads a struct in6_nbrinfo from the front of b.
func ParseIn6Nbrinfo(b []byte) (In6Nbrinfo, error) {
	return parseStruct[In6Nbrinfo](b, "struct in6_nbrinfo", SizeofIn6Nbrinfo)
}

// States of a neighbour, from <netinet6/nd6.h>.
const (
	ND6_LLINFO_PURGE      = -3
	ND6_LLINFO_NOSTATE    = -2
	ND6_LLINFO_INCOMPLETE = 0
	ND6_LLINFO_REACHABLE  = 1
	ND6_LLINFO_STALE      = 2
	ND6_LLINFO_DELAY      = 3
	ND6_LLINFO_PROBE      = 4
)

// An In6Defrouter is a default router, an element of net.inet6.icmp6.nd6_drlist.
//
//	// netinet6/nd6.h
//	struct in6_defrouter {
//		struct sockaddr_in6 rtaddr;
//		u_char flags;
//		u_short rtlifetime;
//		u_long expire;
//		u_short if_index;
//	};
type In6Defrouter struct {
	Rtaddr     SockaddrIn6
	Flags      uint8
	Rtlifetime uint16
	Expire     uint64
	IfIndex    uint16
}

// SizeofIn6Defrouter is sizeof(struct in6_defrouter).
const SizeofIn6Defrouter = 48

func (i *In6Defrouter) layout(v view) {
	i.Rtaddr.layout(v.at(0, SizeofSockaddrIn6))
	v.u8(28, &i.Flags)
	v.u16(30, &i.Rtlifetime)
	v.u64(32, &i.Expire)
	v.u16(40, &i.IfIndex)
}

// Append appends i in C layout to b.
func (i In6Defrouter) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Defrouter, &i) }

// ParseIn6Defrouter reads a struct in6_defrouter from the front of b.
func ParseIn6Defrouter(b []byte) (In6Defrouter, error) {
	return parseStruct[In6Defrouter](b, "struct in6_defrouter", SizeofIn6Defrouter)
}

// ParseIn6Defrouters reads all routers in b.
func ParseIn6Defrouters(b []byte) ([]In6Defrouter, error) {
	return parseArray[In6Defrouter](b, "struct in6_defrouter", SizeofIn6Defrouter)
}

// An In6Prefix is a prefix, an element of net.inet6.icmp6.nd6_prlist. Advrtrs
// addresses of routers, each a [SockaddrIn6], follow it.
//
//	// netinet6/nd6.h
//	struct in6_prefix {
//		struct sockaddr_in6 prefix;
//		struct prf_ra raflags;
//		u_char prefixlen;
//		u_char origin;
//		u_int32_t vltime;
//		u_int32_t pltime;
//		time_t expire;
//		u_int32_t flags;
//		int refcnt;
//		u_short if_index;
//		u_short advrtrs;
//	};
type In6Prefix struct {
	Prefix    SockaddrIn6
	Raflags   [4]byte
	Prefixlen uint8
	Origin    uint8
	Vltime    uint32
	Pltime    uint32
	Expire    int64
	Flags     uint32
	Refcnt    int32
	IfIndex   uint16
	Advrtrs   uint16
}

// SizeofIn6Prefix is sizeof(struct in6_prefix).
const SizeofIn6Prefix = 72

func (i *In6Prefix) layout(v view) {
	i.Prefix.layout(v.at(0, SizeofSockaddrIn6))
	v.bytes(28, i.Raflags[:])
	v.u8(32, &i.Prefixlen)
	v.u8(33, &i.Origin)
	v.u32(36, &i.Vltime)
	v.u32(40, &i.Pltime)
	v.i64(48, &i.Expire)
	v.u32(56, &i.Flags)
	v.i32(60, &i.Refcnt)
	v.u16(64, &i.IfIndex)
	v.u16(66, &i.Advrtrs)
}

// Append appends i in C layout to b.
func (i In6Prefix) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Prefix, &i) }

// ParseIn6Prefix reads a struct in6_prefix from the front of b.
func ParseIn6Prefix(b []byte) (In6Prefix, error) {
	return parseStruct[In6Prefix](b, "struct in6_prefix", SizeofIn6Prefix)
}

// An In6PrefixRouters is a prefix and the routers that announced it.
type In6PrefixRouters struct {
	Prefix  In6Prefix
	Routers []SockaddrIn6
}

// Append appends p to b. Prefix.Advrtrs is the number of Routers.
func (p In6PrefixRouters) Append(b []byte) []byte {
	p.Prefix.Advrtrs = uint16(len(p.Routers))
	b = p.Prefix.Append(b)
	for _, r := range p.Routers[:p.Prefix.Advrtrs] {
		b = r.Append(b)
	}
	return b
}

// ParseIn6Prefixes reads all prefixes in b and their routers.
func ParseIn6Prefixes(b []byte) ([]In6PrefixRouters, error) {
	var ps []In6PrefixRouters
	for len(b) > 0 {
		var p In6PrefixRouters
		var err error
		if p.Prefix, err = ParseIn6Prefix(b); err != nil {
			return nil, err
		}
		b = b[SizeofIn6Prefix:]
		for range p.Prefix.Advrtrs {
			r, err := ParseSockaddrIn6(b)
			if err != nil {
				return nil, err
			}
			p.Routers = append(p.Routers, r)
			b = b[SizeofSockaddrIn6:]
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// Flags of a prefix, and where it comes from, from <netinet6/nd6.h> and
// <netinet6/in6_var.h>.
const (
	NDPRF_ONLINK   = 0x1
	NDPRF_DETACHED = 0x2
	NDPRF_HOME     = 0x4
	PR_ORIG_RA     = 0
	PR_ORIG_RR     = 1
	PR_ORIG_STATIC = 2
	PR_ORIG_KERNEL = 3
)

// An In6Ndifreq is the interface for what has no route: [SIOCGDEFIFACE_IN6],
// [SIOCSDEFIFACE_IN6].
//
//	// netinet6/nd6.h
//	struct in6_ndifreq {
//		char ifname[16];
//		u_long ifindex;
//	};
type In6Ndifreq struct {
	Ifname  string
	Ifindex uint64
}

// SizeofIn6Ndifreq is sizeof(struct in6_ndifreq).
const SizeofIn6Ndifreq = 24

func (i *In6Ndifreq) layout(v view) {
	v.str(0, 16, &i.Ifname)
	v.u64(16, &i.Ifindex)
}

// Append appends i in C layout to b.
func (i In6Ndifreq) Append(b []byte) []byte { return appendStruct(b, SizeofIn6Ndifreq, &i) }

// ParseIn6Ndifreq reads a struct in6_ndifreq from the front of b.
func ParseIn6Ndifreq(b []byte) (In6Ndifreq, error) {
	return parseStruct[In6Ndifreq](b, "struct in6_ndifreq", SizeofIn6Ndifreq)
}
