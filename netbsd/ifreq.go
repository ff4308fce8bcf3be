package netbsd

import "encoding/binary"

// IFNAMSIZ is the size of an interface's name with its NUL.
const IFNAMSIZ = 16

// An Ifreq is the parameter of most ioctls on interfaces. What its union means
// depends on the command.
//
//	// net/if.h
//	struct ifreq {
//		char ifr_name[IFNAMSIZ];
//		union {
//			struct sockaddr         ifru_addr; /* and dstaddr, broadaddr */
//			struct sockaddr_storage ifru_space;
//			short                   ifru_flags;
//			int                     ifru_addrflags; /* and metric, mtu, dlt, media */
//			u_int                   ifru_value; /* and index */
//			void *                  ifru_data;
//			struct { uint32_t b_buflen; void *b_buf; } ifru_b;
//		} ifr_ifru;
//	};
type Ifreq struct {
	Name string
	Ifru [128]byte // the union
}

// SizeofIfreq is sizeof(struct ifreq).
const SizeofIfreq = 144

func (i *Ifreq) layout(v view) {
	v.str(0, IFNAMSIZ, &i.Name)
	v.bytes(16, i.Ifru[:])
}

// Append appends i in C layout to b.
func (i Ifreq) Append(b []byte) []byte { return appendStruct(b, SizeofIfreq, &i) }

// ParseIfreq reads a struct ifreq from the front of b.
func ParseIfreq(b []byte) (Ifreq, error) {
	return parseStruct[Ifreq](b, "struct ifreq", SizeofIfreq)
}

// union is the window on the union.
func (i *Ifreq) union(write bool) view { return view{i.Ifru[:], write} }

// Flags is ifr_flags: IFF_*. The kernel's 16 bits are not sign-extended here.
func (i *Ifreq) Flags() uint16 { return binary.LittleEndian.Uint16(i.Ifru[:]) }

// SetFlags sets ifr_flags.
func (i *Ifreq) SetFlags(flags uint16) { binary.LittleEndian.PutUint16(i.Ifru[:], flags) }

// Int is the union as an int: ifr_addrflags, ifr_metric, ifr_mtu, ifr_dlt or
// ifr_media.
func (i *Ifreq) Int() int32 { return int32(i.Value()) }

// SetInt sets the union to an int.
func (i *Ifreq) SetInt(n int32) { i.SetValue(uint32(n)) }

// Value is the union as an unsigned int: ifr_value or ifr_index.
func (i *Ifreq) Value() uint32 { return binary.LittleEndian.Uint32(i.Ifru[:]) }

// SetValue sets the union to an unsigned int.
func (i *Ifreq) SetValue(n uint32) { binary.LittleEndian.PutUint32(i.Ifru[:], n) }

// Data is the union as a pointer: ifr_data.
func (i *Ifreq) Data() uint64 { return binary.LittleEndian.Uint64(i.Ifru[:]) }

// SetData sets the union to a pointer.
func (i *Ifreq) SetData(ptr uint64) { binary.LittleEndian.PutUint64(i.Ifru[:], ptr) }

// Buf is the union as a buffer: ifr_buf and ifr_buflen.
func (i *Ifreq) Buf() (ptr uint64, n uint32) {
	return binary.LittleEndian.Uint64(i.Ifru[8:]), i.Value()
}

// SetBuf sets the union to a buffer.
func (i *Ifreq) SetBuf(ptr uint64, n uint32) {
	i.SetValue(n)
	binary.LittleEndian.PutUint64(i.Ifru[8:], ptr)
}

// Addr is the union as an address: ifr_addr, ifr_dstaddr, ifr_broadaddr or
// ifr_space. It is nil when there is none.
func (i *Ifreq) Addr() Sockaddr {
	var sa Sockaddr
	i.union(false).sockaddr(0, len(i.Ifru), &sa)
	return sa
}

// SetAddr sets the union to an address; nil clears it.
func (i *Ifreq) SetAddr(sa Sockaddr) {
	i.Ifru = [128]byte{}
	i.union(true).sockaddr(0, len(i.Ifru), &sa)
}

// An Ifaliasreq adds or asks for an address of an interface: [SIOCAIFADDR],
// [SIOCGIFALIAS], [SIOCSIFPHYADDR]. An address that is not there is nil. What
// is called Dstaddr is the broadcast address where there is broadcast. IPv4's
// struct in_aliasreq has the same layout.
//
//	// net/if.h
//	struct ifaliasreq {
//		char ifra_name[16];
//		struct sockaddr ifra_addr;
//		struct sockaddr ifra_dstaddr;
//		struct sockaddr ifra_mask;
//	};
type Ifaliasreq struct {
	Name    string
	Addr    Sockaddr
	Dstaddr Sockaddr
	Mask    Sockaddr
}

// SizeofIfaliasreq is sizeof(struct ifaliasreq).
const SizeofIfaliasreq = 64

func (i *Ifaliasreq) layout(v view) {
	v.str(0, 16, &i.Name)
	v.sockaddr(16, 16, &i.Addr)
	v.sockaddr(32, 16, &i.Dstaddr)
	v.sockaddr(48, 16, &i.Mask)
}

// Append appends i in C layout to b.
func (i Ifaliasreq) Append(b []byte) []byte { return appendStruct(b, SizeofIfaliasreq, &i) }

// ParseIfaliasreq reads a struct ifaliasreq from the front of b.
func ParseIfaliasreq(b []byte) (Ifaliasreq, error) {
	return parseStruct[Ifaliasreq](b, "struct ifaliasreq", SizeofIfaliasreq)
}

// Flags of an IPv4 address of an interface, as [SIOCGIFAFLAG_IN] has them, from
// <netinet/in_var.h>.
const (
	IN_IFF_TENTATIVE    = 0x1
	IN_IFF_DUPLICATED   = 0x2
	IN_IFF_DETACHED     = 0x4
	IN_IFF_TRYTENTATIVE = 0x8
	IN_IFF_NOTREADY     = 11
)

// InAddrWords returns the flags of an IPv4 address as ifconfig(8) says them.
func InAddrWords(flags int32) []string {
	return addrWords(flags, []addrWord{
		{IN_IFF_TENTATIVE, "tentative"},
		{IN_IFF_DUPLICATED, "duplicated"},
		{IN_IFF_DETACHED, "detached"},
	})
}

type addrWord struct {
	bit  int32
	word string
}

func addrWords(flags int32, table []addrWord) []string {
	var words []string
	for _, w := range table {
		if flags&w.bit != 0 {
			words = append(words, w.word)
		}
	}
	return words
}

// An IfLaddrreq adds, asks for or removes an address with its prefix:
// [SIOCALIFADDR], [SIOCGLIFADDR], [SIOCDLIFADDR].
//
//	// net/if.h
//	struct if_laddrreq {
//		char iflr_name[16];
//		unsigned int flags;
//		unsigned int prefixlen;
//		struct sockaddr_storage addr;
//		struct sockaddr_storage dstaddr;
//	};
type IfLaddrreq struct {
	Name      string
	Flags     uint32
	Prefixlen uint32
	Addr      Sockaddr
	Dstaddr   Sockaddr
}

// SizeofIfLaddrreq is sizeof(struct if_laddrreq).
const SizeofIfLaddrreq = 280

func (i *IfLaddrreq) layout(v view) {
	v.str(0, 16, &i.Name)
	v.u32(16, &i.Flags)
	v.u32(20, &i.Prefixlen)
	v.sockaddr(24, 128, &i.Addr)
	v.sockaddr(152, 128, &i.Dstaddr)
}

// Append appends i in C layout to b.
func (i IfLaddrreq) Append(b []byte) []byte { return appendStruct(b, SizeofIfLaddrreq, &i) }

// ParseIfLaddrreq reads a struct if_laddrreq from the front of b.
func ParseIfLaddrreq(b []byte) (IfLaddrreq, error) {
	return parseStruct[IfLaddrreq](b, "struct if_laddrreq", SizeofIfLaddrreq)
}

// Flags of an IfLaddrreq, from <net/if.h>.
const (
	IFLR_PREFIX  = 0x8000
	IFLR_ACTIVE  = 0x4000
	IFLR_FACTORY = 0x2000
)

// An IfAddrprefreq is the preference of an address: [SIOCSIFADDRPREF],
// [SIOCGIFADDRPREF].
//
//	// net/if.h
//	struct if_addrprefreq {
//		char ifap_name[16];
//		int16_t ifap_preference;
//		struct sockaddr_storage ifap_addr;
//	};
type IfAddrprefreq struct {
	Name       string
	Preference int16
	Addr       Sockaddr
}

// SizeofIfAddrprefreq is sizeof(struct if_addrprefreq).
const SizeofIfAddrprefreq = 152

func (i *IfAddrprefreq) layout(v view) {
	v.str(0, 16, &i.Name)
	v.i16(16, &i.Preference)
	v.sockaddr(24, 128, &i.Addr)
}

// Append appends i in C layout to b.
func (i IfAddrprefreq) Append(b []byte) []byte { return appendStruct(b, SizeofIfAddrprefreq, &i) }

// ParseIfAddrprefreq reads a struct if_addrprefreq from the front of b.
func ParseIfAddrprefreq(b []byte) (IfAddrprefreq, error) {
	return parseStruct[IfAddrprefreq](b, "struct if_addrprefreq", SizeofIfAddrprefreq)
}

// An Ifdrv carries a parameter of which only the driver knows the layout, such
// as those of a bridge, or a link string. With [SIOCGLINKSTR] and
// [SIOCSLINKSTR] Cmd is IFLINKSTR_QUERYLEN, IFLINKSTR_UNSET or 0, and Len counts
// the string's NUL.
//
//	// net/if.h
//	struct ifdrv {
//		char ifd_name[16];
//		unsigned long ifd_cmd;
//		size_t ifd_len;
//		void *ifd_data;
//	};
type Ifdrv struct {
	Name string
	Cmd  uint64
	Len  uint64
	Data uint64
}

// SizeofIfdrv is sizeof(struct ifdrv).
const SizeofIfdrv = 40

func (i *Ifdrv) layout(v view) {
	v.str(0, 16, &i.Name)
	v.u64(16, &i.Cmd)
	v.u64(24, &i.Len)
	v.u64(32, &i.Data)
}

// Append appends i in C layout to b.
func (i Ifdrv) Append(b []byte) []byte { return appendStruct(b, SizeofIfdrv, &i) }

// ParseIfdrv reads a struct ifdrv from the front of b.
func ParseIfdrv(b []byte) (Ifdrv, error) { return parseStruct[Ifdrv](b, "struct ifdrv", SizeofIfdrv) }

// Commands of an Ifdrv that carries a link string, from <net/if.h>.
const (
	IFLINKSTR_QUERYLEN = 0x1
	IFLINKSTR_UNSET    = 0x2
)

// An Ifconf asks for all interfaces and their addresses: [SIOCGIFCONF]. Buf has
// room for Len bytes of [Ifreq].
type Ifconf struct {
	Len int32
	Buf uint64
}

// SizeofIfconf is sizeof(struct ifconf).
const SizeofIfconf = 16

func (i *Ifconf) layout(v view) {
	v.i32(0, &i.Len)
	v.u64(8, &i.Buf)
}

// Append appends i in C layout to b.
func (i Ifconf) Append(b []byte) []byte { return appendStruct(b, SizeofIfconf, &i) }

// ParseIfconf reads a struct ifconf from the front of b.
func ParseIfconf(b []byte) (Ifconf, error) {
	return parseStruct[Ifconf](b, "struct ifconf", SizeofIfconf)
}

// An IfClonereq asks for the names of the drivers that can create interfaces:
// [SIOCIFGCLONERS]. Buffer has room for Count names of IFNAMSIZ bytes.
//
//	// net/if.h
//	struct if_clonereq {
//		int ifcr_total;
//		int ifcr_count;
//		char *ifcr_buffer;
//	};
type IfClonereq struct {
	Total  int32
	Count  int32
	Buffer uint64
}

// SizeofIfClonereq is sizeof(struct if_clonereq).
const SizeofIfClonereq = 16

func (i *IfClonereq) layout(v view) {
	v.i32(0, &i.Total)
	v.i32(4, &i.Count)
	v.u64(8, &i.Buffer)
}

// Append appends i in C layout to b.
func (i IfClonereq) Append(b []byte) []byte { return appendStruct(b, SizeofIfClonereq, &i) }

// ParseIfClonereq reads a struct if_clonereq from the front of b.
func ParseIfClonereq(b []byte) (IfClonereq, error) {
	return parseStruct[IfClonereq](b, "struct if_clonereq", SizeofIfClonereq)
}

// An Ifcapreq is what an interface's hardware can do: [SIOCGIFCAP],
// [SIOCSIFCAP]. The bits are IFCAP_*.
//
//	// net/if.h
//	struct ifcapreq {
//		char ifcr_name[16];
//		uint64_t ifcr_capabilities;
//		uint64_t ifcr_capenable;
//	};
type Ifcapreq struct {
	Name         string
	Capabilities uint64
	Capenable    uint64
}

// SizeofIfcapreq is sizeof(struct ifcapreq).
const SizeofIfcapreq = 32

func (i *Ifcapreq) layout(v view) {
	v.str(0, 16, &i.Name)
	v.u64(16, &i.Capabilities)
	v.u64(24, &i.Capenable)
}

// Append appends i in C layout to b.
func (i Ifcapreq) Append(b []byte) []byte { return appendStruct(b, SizeofIfcapreq, &i) }

// ParseIfcapreq reads a struct ifcapreq from the front of b.
func ParseIfcapreq(b []byte) (Ifcapreq, error) {
	return parseStruct[Ifcapreq](b, "struct ifcapreq", SizeofIfcapreq)
}

// Capabilities of an interface, from <net/if.h>.
const (
	IFCAP_TSOv4         = 0x80
	IFCAP_CSUM_IPv4_Rx  = 0x100
	IFCAP_CSUM_IPv4_Tx  = 0x200
	IFCAP_CSUM_TCPv4_Rx = 0x400
	IFCAP_CSUM_TCPv4_Tx = 0x800
	IFCAP_CSUM_UDPv4_Rx = 0x1000
	IFCAP_CSUM_UDPv4_Tx = 0x2000
	IFCAP_CSUM_TCPv6_Rx = 0x4000
	IFCAP_CSUM_TCPv6_Tx = 0x8000
	IFCAP_CSUM_UDPv6_Rx = 0x10000
	IFCAP_CSUM_UDPv6_Tx = 0x20000
	IFCAP_TSOv6         = 0x40000
	IFCAP_LRO           = 0x80000
	IFCAP_MASK          = 0xfff80
)

// An Eccapreq is what an Ethernet interface can do: [SIOCGETHERCAP]. The bits
// are ETHERCAP_*.
//
//	// net/if_ether.h
//	struct eccapreq {
//		char eccr_name[16];
//		int eccr_capabilities;
//		int eccr_capenable;
//	};
type Eccapreq struct {
	Name         string
	Capabilities int32
	Capenable    int32
}

// SizeofEccapreq is sizeof(struct eccapreq).
const SizeofEccapreq = 24

func (e *Eccapreq) layout(v view) {
	v.str(0, 16, &e.Name)
	v.i32(16, &e.Capabilities)
	v.i32(20, &e.Capenable)
}

// Append appends e in C layout to b.
func (e Eccapreq) Append(b []byte) []byte { return appendStruct(b, SizeofEccapreq, &e) }

// ParseEccapreq reads a struct eccapreq from the front of b.
func ParseEccapreq(b []byte) (Eccapreq, error) {
	return parseStruct[Eccapreq](b, "struct eccapreq", SizeofEccapreq)
}

// Capabilities of an Ethernet interface, from <net/if_ether.h>.
const (
	ETHERCAP_VLAN_MTU       = 0x1
	ETHERCAP_VLAN_HWTAGGING = 0x2
	ETHERCAP_JUMBO_MTU      = 0x4
	ETHERCAP_MASK           = 0x7
)

// An Ifdatareq asks for the counters of an interface: [SIOCGIFDATA],
// [SIOCZIFDATA].
//
//	// net/if.h
//	struct ifdatareq {
//		char ifdr_name[16];
//		struct if_data ifdr_data;
//	};
type Ifdatareq struct {
	Name string
	Data IfData
}

// SizeofIfdatareq is sizeof(struct ifdatareq).
const SizeofIfdatareq = 152

func (i *Ifdatareq) layout(v view) {
	v.str(0, 16, &i.Name)
	i.Data.layout(v.at(16, SizeofIfData))
}

// Append appends i in C layout to b.
func (i Ifdatareq) Append(b []byte) []byte { return appendStruct(b, SizeofIfdatareq, &i) }

// ParseIfdatareq reads a struct ifdatareq from the front of b.
func ParseIfdatareq(b []byte) (Ifdatareq, error) {
	return parseStruct[Ifdatareq](b, "struct ifdatareq", SizeofIfdatareq)
}

// An Ifmediareq asks for the media of an interface: [SIOCGIFMEDIA]. Ulist has
// room for Count media words, IFM_*, of four bytes.
//
//	// net/if.h
//	struct ifmediareq {
//		char ifm_name[16];
//		int ifm_current;
//		int ifm_mask;
//		int ifm_status;
//		int ifm_active;
//		int ifm_count;
//		int *ifm_ulist;
//	};
type Ifmediareq struct {
	Name    string
	Current int32
	Mask    int32
	Status  int32
	Active  int32
	Count   int32
	Ulist   uint64
}

// SizeofIfmediareq is sizeof(struct ifmediareq).
const SizeofIfmediareq = 48

func (i *Ifmediareq) layout(v view) {
	v.str(0, 16, &i.Name)
	v.i32(16, &i.Current)
	v.i32(20, &i.Mask)
	v.i32(24, &i.Status)
	v.i32(28, &i.Active)
	v.i32(32, &i.Count)
	v.u64(40, &i.Ulist)
}

// Append appends i in C layout to b.
func (i Ifmediareq) Append(b []byte) []byte { return appendStruct(b, SizeofIfmediareq, &i) }

// ParseIfmediareq reads a struct ifmediareq from the front of b.
func ParseIfmediareq(b []byte) (Ifmediareq, error) {
	return parseStruct[Ifmediareq](b, "struct ifmediareq", SizeofIfmediareq)
}

// Flags of an interface, from <net/if.h>. As a 16-bit number IFF_MULTICAST is
// the sign.
const (
	IFF_UP          = 0x1
	IFF_BROADCAST   = 0x2
	IFF_DEBUG       = 0x4
	IFF_LOOPBACK    = 0x8
	IFF_POINTOPOINT = 0x10
	IFF_NOTRAILERS  = 0x20
	IFF_RUNNING     = 0x40
	IFF_NOARP       = 0x80
	IFF_PROMISC     = 0x100
	IFF_ALLMULTI    = 0x200
	IFF_OACTIVE     = 0x400
	IFF_SIMPLEX     = 0x800
	IFF_LINK0       = 0x1000
	IFF_LINK1       = 0x2000
	IFF_LINK2       = 0x4000
	IFF_MULTICAST   = 0x8000
	IFF_CANTCHANGE  = 0x8f52
)

// States of an interface's link, from <net/if.h>.
const (
	LINK_STATE_UNKNOWN = 0
	LINK_STATE_DOWN    = 1
	LINK_STATE_UP      = 2
)
