package netbsd

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
)

// Address families, from <sys/socket.h>.
const (
	AF_UNSPEC    = 0
	AF_LOCAL     = 1
	AF_UNIX      = 1
	AF_INET      = 2
	AF_IMPLINK   = 3
	AF_PUP       = 4
	AF_CHAOS     = 5
	AF_NS        = 6
	AF_ISO       = 7
	AF_OSI       = 7
	AF_ECMA      = 8
	AF_DATAKIT   = 9
	AF_CCITT     = 10
	AF_SNA       = 11
	AF_DECnet    = 12
	AF_DLI       = 13
	AF_LAT       = 14
	AF_HYLINK    = 15
	AF_APPLETALK = 16
	AF_OROUTE    = 17
	AF_LINK      = 18
	AF_COIP      = 20
	AF_CNT       = 21
	AF_IPX       = 23
	AF_INET6     = 24
	AF_ISDN      = 26
	AF_E164      = 26
	AF_NATM      = 27
	AF_ARP       = 28
	AF_BLUETOOTH = 31
	AF_IEEE80211 = 32
	AF_MPLS      = 33
	AF_ROUTE     = 34
	AF_MAX       = 35
	AF_HDRCMPLT  = 30 // pseudo_AF_HDRCMPLT: the frame written to bpf(4) has its header
)

// Protocol families, which have the numbers of address families, from
// <sys/socket.h>.
const (
	PF_UNSPEC    = 0
	PF_LOCAL     = 1
	PF_UNIX      = 1
	PF_INET      = 2
	PF_IMPLINK   = 3
	PF_PUP       = 4
	PF_CHAOS     = 5
	PF_NS        = 6
	PF_ISO       = 7
	PF_OSI       = 7
	PF_ECMA      = 8
	PF_DATAKIT   = 9
	PF_CCITT     = 10
	PF_SNA       = 11
	PF_DECnet    = 12
	PF_DLI       = 13
	PF_LAT       = 14
	PF_HYLINK    = 15
	PF_APPLETALK = 16
	PF_OROUTE    = 17
	PF_LINK      = 18
	PF_XTP       = 19
	PF_COIP      = 20
	PF_CNT       = 21
	PF_INET6     = 24
	PF_IPX       = 23
	PF_RTIP      = 22
	PF_PIP       = 25
	PF_ISDN      = 26
	PF_E164      = 26
	PF_NATM      = 27
	PF_ARP       = 28
	PF_KEY       = 29
	PF_BLUETOOTH = 31
	PF_MPLS      = 33
	PF_ROUTE     = 34
	PF_MAX       = 35
)

// A Sockaddr is a socket address: [SockaddrIn], [SockaddrIn6], [SockaddrDl],
// [SockaddrUn] or, for what is none of these, [SockaddrRaw].
//
//	// sys/socket.h
//	struct sockaddr {
//		uint8_t     sa_len;    /* total length */
//		sa_family_t sa_family; /* one byte */
//		char        sa_data[14];
//	};
type Sockaddr interface {
	// Family is one of AF_*.
	Family() uint8
	// Append appends the address to b, sa_len bytes long.
	Append(b []byte) []byte
	String() string
}

// Sizes of socket addresses.
const (
	SizeofSockaddr        = 16
	SizeofSockaddrIn      = 16
	SizeofSockaddrIn6     = 28
	SizeofSockaddrDl      = 20
	SizeofSockaddrUn      = 106
	SizeofSockaddrStorage = 128
)

// ParseSockaddr reads an address from the front of b. Its length is what
// sa_len says. An address with a length that its family does not have, such as
// the shortened netmasks of the routing table, is a [SockaddrRaw].
func ParseSockaddr(b []byte) (Sockaddr, error) {
	if err := need("struct sockaddr", b, 2); err != nil {
		return nil, err
	}
	n := int(b[0])
	if n < 2 {
		return nil, &FormatError{What: "struct sockaddr", Reason: fmt.Sprintf("sa_len %d", n)}
	}
	if err := need("struct sockaddr", b, n); err != nil {
		return nil, err
	}
	b = b[:n]
	switch family := b[1]; {
	case family == AF_INET && n == SizeofSockaddrIn:
		return ParseSockaddrIn(b)
	case family == AF_INET6 && n == SizeofSockaddrIn6:
		return ParseSockaddrIn6(b)
	case family == AF_LINK && sdlFits(b):
		return ParseSockaddrDl(b)
	case family == AF_LOCAL && n <= SizeofSockaddrUn:
		return ParseSockaddrUn(b)
	}
	return SockaddrRaw{b[1], append([]byte(nil), b[2:]...)}, nil
}

// ParseSockaddrArg reads an address that is an argument of a system call, such
// as connect(2): there the length is an argument of its own, which is that of
// b, and the kernel does not look at sa_len.
func ParseSockaddrArg(b []byte) (Sockaddr, error) {
	if err := need("struct sockaddr", b, 2); err != nil {
		return nil, err
	}
	if len(b) > 255 {
		return nil, &FormatError{What: "struct sockaddr", Reason: fmt.Sprintf("length %d", len(b))}
	}
	c := append([]byte(nil), b...)
	c[0] = uint8(len(c))
	return ParseSockaddr(c)
}

// sockaddrSize is the size that a family's addresses have, or 0.
func sockaddrSize(family uint8) int {
	switch family {
	case AF_INET:
		return SizeofSockaddrIn
	case AF_INET6:
		return SizeofSockaddrIn6
	case AF_LINK:
		return SizeofSockaddrDl
	case AF_LOCAL:
		return SizeofSockaddrUn
	}
	return 0
}

// sockaddr is a field of size bytes for an address. All zeros is no address,
// which is nil. C programs that only ask may leave sa_len out, and then the
// family decides. An address longer than the field is cut.
func (v view) sockaddr(off, size int, p *Sockaddr) {
	f := v.b[off : off+size]
	if v.write {
		if *p != nil {
			copy(f, (*p).Append(nil))
		}
		return
	}
	n := int(f[0])
	if n == 0 {
		n = sockaddrSize(f[1])
	}
	if n < 2 && f[1] == 0 {
		*p = nil
		return
	}
	c := append([]byte(nil), f[:max(2, min(n, size))]...)
	c[0] = uint8(len(c))
	*p, _ = ParseSockaddr(c)
}

// A SockaddrRaw is an address in bytes.
type SockaddrRaw struct {
	AF   uint8
	Data []byte // what follows sa_len and sa_family
}

// Family is s.AF.
func (s SockaddrRaw) Family() uint8 { return s.AF }

// Append appends the address to b. Data that do not fit sa_len are cut.
func (s SockaddrRaw) Append(b []byte) []byte {
	d := s.Data
	if len(d) > 253 {
		d = d[:253]
	}
	b = append(b, uint8(2+len(d)), s.AF)
	return append(b, d...)
}

func (s SockaddrRaw) String() string { return fmt.Sprintf("family %d %x", s.AF, s.Data) }

// A SockaddrIn is an IPv4 address and a port.
//
//	// netinet/in.h
//	struct sockaddr_in {
//		uint8_t        sin_len;
//		sa_family_t    sin_family;
//		in_port_t      sin_port; /* network byte order */
//		struct in_addr sin_addr; /* network byte order */
//		__int8_t       sin_zero[8];
//	};
type SockaddrIn struct {
	Port uint16
	Addr [4]byte
}

func (s *SockaddrIn) layout(v view) {
	n, family := uint8(SizeofSockaddrIn), uint8(AF_INET)
	v.u8(0, &n)
	v.u8(1, &family)
	v.be16(2, &s.Port)
	v.bytes(4, s.Addr[:])
}

// Family is AF_INET.
func (s SockaddrIn) Family() uint8 { return AF_INET }

// Append appends s in C layout to b.
func (s SockaddrIn) Append(b []byte) []byte { return appendStruct(b, SizeofSockaddrIn, &s) }

// ParseSockaddrIn reads a struct sockaddr_in from the front of b. It does not
// look at length and family.
func ParseSockaddrIn(b []byte) (SockaddrIn, error) {
	return parseStruct[SockaddrIn](b, "struct sockaddr_in", SizeofSockaddrIn)
}

// NetipAddr is the address without the port.
func (s SockaddrIn) NetipAddr() netip.Addr { return netip.AddrFrom4(s.Addr) }

// AddrPort is the address and the port.
func (s SockaddrIn) AddrPort() netip.AddrPort { return netip.AddrPortFrom(s.NetipAddr(), s.Port) }

func (s SockaddrIn) String() string { return s.AddrPort().String() }

// A SockaddrIn6 is an IPv6 address and a port.
//
// Inside the kernel and in what routing sockets and some ioctls show of it, the
// address of a link carries the interface's number in its bytes 2 and 3, and
// the scope is 0: see [SockaddrIn6.Embedded] and [SockaddrIn6.Extracted].
//
//	// netinet6/in6.h
//	struct sockaddr_in6 {
//		uint8_t         sin6_len;
//		sa_family_t     sin6_family;
//		in_port_t       sin6_port;     /* network byte order */
//		uint32_t        sin6_flowinfo; /* network byte order */
//		struct in6_addr sin6_addr;
//		uint32_t        sin6_scope_id; /* host byte order */
//	};
type SockaddrIn6 struct {
	Port     uint16
	Flowinfo uint32
	Addr     [16]byte
	ScopeID  uint32
}

func (s *SockaddrIn6) layout(v view) {
	n, family := uint8(SizeofSockaddrIn6), uint8(AF_INET6)
	v.u8(0, &n)
	v.u8(1, &family)
	v.be16(2, &s.Port)
	v.be32(4, &s.Flowinfo)
	v.bytes(8, s.Addr[:])
	v.u32(24, &s.ScopeID)
}

// Family is AF_INET6.
func (s SockaddrIn6) Family() uint8 { return AF_INET6 }

// Append appends s in C layout to b.
func (s SockaddrIn6) Append(b []byte) []byte { return appendStruct(b, SizeofSockaddrIn6, &s) }

// ParseSockaddrIn6 reads a struct sockaddr_in6 from the front of b. It does
// not look at length and family.
func ParseSockaddrIn6(b []byte) (SockaddrIn6, error) {
	return parseStruct[SockaddrIn6](b, "struct sockaddr_in6", SizeofSockaddrIn6)
}

// NetipAddr is the address without the port. A scope is its zone, as a decimal
// number, and is taken from inside the address if need be.
func (s SockaddrIn6) NetipAddr() netip.Addr {
	s = s.Extracted()
	a := netip.AddrFrom16(s.Addr)
	if s.ScopeID != 0 {
		a = a.WithZone(strconv.FormatUint(uint64(s.ScopeID), 10))
	}
	return a
}

// AddrPort is the address and the port.
func (s SockaddrIn6) AddrPort() netip.AddrPort { return netip.AddrPortFrom(s.NetipAddr(), s.Port) }

func (s SockaddrIn6) String() string { return s.AddrPort().String() }

// scopedIn6 reports whether the address means something on one link or
// interface only, which is when the kernel embeds the scope.
func scopedIn6(a [16]byte) bool {
	return a[0] == 0xfe && a[1]&0xc0 == 0x80 || a[0] == 0xff && (a[1]&0x0f == 1 || a[1]&0x0f == 2)
}

// Embedded is s as the kernel keeps it: the scope of a link-local address goes
// into its bytes 2 and 3.
func (s SockaddrIn6) Embedded() SockaddrIn6 {
	if scopedIn6(s.Addr) && s.ScopeID != 0 && s.ScopeID <= 0xffff {
		binary.BigEndian.PutUint16(s.Addr[2:], uint16(s.ScopeID))
		s.ScopeID = 0
	}
	return s
}

// Extracted is the opposite of Embedded: a number in bytes 2 and 3 of a
// link-local address becomes the scope.
func (s SockaddrIn6) Extracted() SockaddrIn6 {
	if scopedIn6(s.Addr) {
		if id := binary.BigEndian.Uint16(s.Addr[2:]); id != 0 {
			s.ScopeID = uint32(id)
			s.Addr[2], s.Addr[3] = 0, 0
		}
	}
	return s
}

// SockaddrFromAddrPort makes a socket address of an address and a port. The
// zone of an IPv6 address must be the interface's number, since a name means
// nothing without the interfaces. An IPv4 address mapped to IPv6 stays IPv6.
func SockaddrFromAddrPort(ap netip.AddrPort) (Sockaddr, error) {
	a := ap.Addr()
	switch {
	case a.Is4():
		return SockaddrIn{Port: ap.Port(), Addr: a.As4()}, nil
	case a.Is6():
		s := SockaddrIn6{Port: ap.Port(), Addr: a.As16()}
		if zone := a.Zone(); zone != "" {
			id, err := strconv.ParseUint(zone, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("netbsd: zone %q of %v is not a number", zone, a)
			}
			s.ScopeID = uint32(id)
		}
		return s, nil
	}
	return nil, fmt.Errorf("netbsd: no address")
}

// SockaddrFromAddr is SockaddrFromAddrPort with port 0.
func SockaddrFromAddr(a netip.Addr) (Sockaddr, error) {
	return SockaddrFromAddrPort(netip.AddrPortFrom(a, 0))
}

// AddrPortOf is the address and port of an IPv4 or IPv6 socket address; of any
// other it is the zero AddrPort.
func AddrPortOf(sa Sockaddr) netip.AddrPort {
	switch s := sa.(type) {
	case SockaddrIn:
		return s.AddrPort()
	case SockaddrIn6:
		return s.AddrPort()
	}
	return netip.AddrPort{}
}

// Netmask is the netmask of the given number of bits as a socket address of
// the family, AF_INET or AF_INET6. It is nil when there is no such mask.
func Netmask(family uint8, bits int) Sockaddr {
	switch {
	case family == AF_INET && bits >= 0 && bits <= 32:
		var s SockaddrIn
		setBits(s.Addr[:], bits)
		return s
	case family == AF_INET6 && bits >= 0 && bits <= 128:
		var s SockaddrIn6
		setBits(s.Addr[:], bits)
		return s
	}
	return nil
}

// NetmaskBits counts the bits of a netmask for addresses of the family. The
// kernel leaves trailing zeros out of the masks in its routing table, and their
// own family has no meaning. It reports false for a mask with holes and for a
// family without masks. A nil mask is one of a single host: all bits.
func NetmaskBits(family uint8, mask Sockaddr) (int, bool) {
	var off, size int
	switch family {
	case AF_INET:
		off, size = 4, 4
	case AF_INET6:
		off, size = 8, 16
	default:
		return 0, false
	}
	if mask == nil {
		return size * 8, true
	}
	var addr, want [16]byte
	if b := mask.Append(nil); len(b) > off {
		copy(addr[:size], b[off:])
	}
	bits := 0
	for bits < size*8 && addr[bits/8]&(0x80>>(bits%8)) != 0 {
		bits++
	}
	setBits(want[:], bits)
	return bits, addr == want
}

// setBits sets the first n bits of b.
func setBits(b []byte, n int) {
	for i := range n {
		b[i/8] |= 0x80 >> (i % 8)
	}
}

// A SockaddrDl is an address of the link level: an interface, by number, name
// or both, and the hardware address on it.
//
//	// net/if_dl.h
//	struct sockaddr_dl {
//		uint8_t     sdl_len;
//		sa_family_t sdl_family;
//		uint16_t    sdl_index;
//		struct dl_addr {
//			uint8_t dl_type; /* IFT_* */
//			uint8_t dl_nlen; /* length of the name */
//			uint8_t dl_alen; /* length of the address */
//			uint8_t dl_slen; /* length of the selector */
//			char    dl_data[12]; /* and more: name, address, selector */
//		} sdl_addr;
//	};
type SockaddrDl struct {
	// Len is sdl_len. When it is too small for the rest, such as 0, Append
	// takes what the rest needs.
	Len      uint8
	Index    uint16 // the interface's number, or 0
	Type     uint8  // IFT_*, or 0
	Name     string // the interface's name, such as "shmif0"
	Addr     []byte // the hardware address
	Selector []byte
}

// offsetof(struct sockaddr_dl, sdl_data)
const offsetSdlData = 8

// sdlFits reports whether the lengths inside b, a sockaddr_dl, fit b.
func sdlFits(b []byte) bool {
	return len(b) >= offsetSdlData && offsetSdlData+int(b[5])+int(b[6])+int(b[7]) <= len(b)
}

// Family is AF_LINK.
func (s SockaddrDl) Family() uint8 { return AF_LINK }

// Append appends s in C layout to b. Parts which make it longer than 255 bytes
// are left out.
func (s SockaddrDl) Append(b []byte) []byte {
	room := 255 - offsetSdlData
	name := s.Name[:min(len(s.Name), room)]
	room -= len(name)
	addr := s.Addr[:min(len(s.Addr), room)]
	room -= len(addr)
	sel := s.Selector[:min(len(s.Selector), room)]
	n := max(int(s.Len), offsetSdlData+len(name)+len(addr)+len(sel))

	start := len(b)
	b = append(b, uint8(n), AF_LINK)
	b = binary.LittleEndian.AppendUint16(b, s.Index)
	b = append(b, s.Type, uint8(len(name)), uint8(len(addr)), uint8(len(sel)))
	b = append(b, name...)
	b = append(b, addr...)
	b = append(b, sel...)
	return append(b, make([]byte, start+n-len(b))...)
}

// ParseSockaddrDl reads a struct sockaddr_dl from the front of b.
func ParseSockaddrDl(b []byte) (SockaddrDl, error) {
	const what = "struct sockaddr_dl"
	if err := need(what, b, offsetSdlData); err != nil {
		return SockaddrDl{}, err
	}
	n := int(b[0])
	if err := need(what, b, n); err != nil {
		return SockaddrDl{}, err
	}
	if !sdlFits(b[:n]) {
		return SockaddrDl{}, &FormatError{What: what, Reason: fmt.Sprintf("sdl_len %d holds no %d+%d+%d bytes", n, b[5], b[6], b[7])}
	}
	s := SockaddrDl{Len: b[0], Index: binary.LittleEndian.Uint16(b[2:]), Type: b[4]}
	name, addr := offsetSdlData+int(b[5]), offsetSdlData+int(b[5])+int(b[6])
	s.Name = string(b[offsetSdlData:name])
	s.Addr = append(s.Addr, b[name:addr]...)
	s.Selector = append(s.Selector, b[addr:addr+int(b[7])]...)
	return s, nil
}

// String is "link#2" with, where known, the name and the hardware address.
func (s SockaddrDl) String() string {
	t := "link#" + strconv.Itoa(int(s.Index))
	if s.Name != "" {
		t += " " + s.Name
	}
	for i, c := range s.Addr {
		sep := ":"
		if i == 0 {
			sep = " "
		}
		t += fmt.Sprintf("%s%02x", sep, c)
	}
	return t
}

// A SockaddrUn is the path of a local socket.
//
//	// sys/un.h
//	struct sockaddr_un {
//		uint8_t     sun_len;
//		sa_family_t sun_family;
//		char        sun_path[104];
//	};
type SockaddrUn struct {
	Path string
}

// Family is AF_LOCAL.
func (s SockaddrUn) Family() uint8 { return AF_LOCAL }

// Append appends s in C layout to b, as short as its path allows.
//
//	// #define SUN_LEN(su) (sizeof(*(su)) - sizeof((su)->sun_path) + strlen((su)->sun_path))
func (s SockaddrUn) Append(b []byte) []byte {
	p := s.Path[:min(len(s.Path), SizeofSockaddrUn-2)]
	b = append(b, uint8(2+len(p)), AF_LOCAL)
	return append(b, p...)
}

// ParseSockaddrUn reads a struct sockaddr_un from b, whose length is that of
// the address. The path ends at the first NUL or with b.
func ParseSockaddrUn(b []byte) (SockaddrUn, error) {
	if err := need("struct sockaddr_un", b, 2); err != nil {
		return SockaddrUn{}, err
	}
	return SockaddrUn{Path: cstring(b[2:min(len(b), SizeofSockaddrUn)])}, nil
}

func (s SockaddrUn) String() string { return s.Path }
