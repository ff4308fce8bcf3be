package inet

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A sockaddr is a socket address in C's layout, as the routing table keeps it
// and routing messages carry it. nil is no address. IPv6 addresses of a link
// have the interface's number embedded (netbsd.SockaddrIn6.Embedded).
type sockaddr []byte

func (s sockaddr) family() uint8 {
	if len(s) < 2 {
		return netbsd.AF_UNSPEC
	}
	return s[1]
}

// sin makes a struct sockaddr_in, or a sockaddr_in6 with an embedded scope.
func sin(a netip.Addr) sockaddr {
	if a.Is4() {
		return netbsd.SockaddrIn{Addr: a.As4()}.Append(nil)
	}
	return netbsd.SockaddrIn6{Addr: a.As16()}.Append(nil)
}

// sinPort is sin with a port, and for IPv6 with the scope as a number of its
// own: what a socket's user sees.
func sinPort(a netip.Addr, port uint16, family uint8) sockaddr {
	if family == netbsd.AF_INET {
		return netbsd.SockaddrIn{Addr: a.As4(), Port: port}.Append(nil)
	}
	return netbsd.SockaddrIn6{Addr: a.As16(), Port: port}.Extracted().Append(nil)
}

// addr returns an IPv4 or IPv6 address; it is not valid if there is none. The
// scope stays embedded.
func (s sockaddr) addr() netip.Addr {
	switch {
	case s.family() == netbsd.AF_INET && len(s) >= 8:
		return netip.AddrFrom4([4]byte(s[4:8]))
	case s.family() == netbsd.AF_INET6 && len(s) >= 24:
		return netip.AddrFrom16([16]byte(s[8:24]))
	}
	return netip.Addr{}
}

// addrOffset is where the bytes begin that routes are looked up by.
func addrOffset(family uint8) int {
	switch family {
	case netbsd.AF_INET:
		return 4
	case netbsd.AF_INET6:
		return 8
	}
	return 2
}

// addrSize is how many those are.
func addrSize(family uint8) int {
	switch family {
	case netbsd.AF_INET:
		return 4
	case netbsd.AF_INET6:
		return 16
	}
	return 0
}

// key returns the address's bytes, with zeros for what is cut off.
func (s sockaddr) key(family uint8) []byte {
	k := make([]byte, addrSize(family))
	if off := addrOffset(family); len(s) > off {
		copy(k, s[off:])
	}
	return k
}

func (s sockaddr) equal(t sockaddr) bool { return bytes.Equal(s, t) }

func (s sockaddr) clone() sockaddr { return bytes.Clone(s) }

// routeMask is a netmask as the routing table keeps it: everything before the
// address is ones, trailing zeros are cut off, and the length says so.
func routeMask(family uint8, bits []byte) sockaddr {
	off := addrOffset(family)
	n := len(bits)
	for n > 0 && bits[n-1] == 0 {
		n--
	}
	if n == 0 {
		return sockaddr{0}
	}
	m := make(sockaddr, off+n)
	for i := range off {
		m[i] = 0xff
	}
	copy(m[off:], bits[:n])
	m[0] = byte(len(m))
	return m
}

// prefixMask returns the bytes of a mask of n ones.
func prefixMask(n, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		switch left := n - 8*i; {
		case left >= 8:
			b[i] = 0xff
		case left > 0:
			b[i] = 0xff << (8 - left)
		}
	}
	return b
}

// prefixLen counts a mask's leading ones.
func prefixLen(mask []byte) int {
	n := 0
	for _, b := range mask {
		for bit := byte(0x80); bit != 0; bit >>= 1 {
			if b&bit == 0 {
				return n
			}
			n++
		}
	}
	return n
}

func masked(key, mask []byte) []byte {
	k := bytes.Clone(key)
	for i := range k {
		k[i] &= mask[i]
	}
	return k
}

// sdl makes a struct sockaddr_dl of at least 20 bytes or, for an interface's own
// address, as long as name and address need (rounded up to 4).
func sdl(index int, typ uint8, name string, mac []byte, length int) sockaddr {
	return netbsd.SockaddrDl{Len: uint8(length), Index: uint16(index), Type: typ, Name: name, Addr: mac}.Append(nil)
}

// linkAddr returns the hardware address in a struct sockaddr_dl.
func (s sockaddr) linkAddr() []byte {
	if len(s) < 8 || 8+int(s[5])+int(s[6]) > len(s) {
		return nil
	}
	return s[8+int(s[5]) : 8+int(s[5])+int(s[6])]
}

func (s sockaddr) linkIndex() int { return int(binary.LittleEndian.Uint16(s[2:])) }

// getSockaddr reads an address from a field of a request: as long as it says, but
// not shorter than its family's. It is nil when there is none.
func getSockaddr(field []byte) sockaddr {
	if len(field) < 2 || field[0] == 0 && field[1] == 0 {
		return nil
	}
	n := int(field[0])
	switch field[1] {
	case netbsd.AF_INET:
		n = max(n, netbsd.SizeofSockaddrIn)
	case netbsd.AF_INET6:
		n = max(n, netbsd.SizeofSockaddrIn6)
	}
	if n == 0 {
		n = netbsd.SizeofSockaddr
	}
	return bytes.Clone(field[:min(n, len(field))])
}

// putSockaddr writes an address into a field and zeros what is left of it.
func putSockaddr(field []byte, s sockaddr) {
	clear(field)
	copy(field, s)
}

// scoped reports whether an address needs a scope, which the kernel embeds.
func scoped(a netip.Addr) bool {
	return a.Is6() && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast())
}

// embed puts an interface's number into an address of a link.
func embed(a netip.Addr, index int) netip.Addr {
	if !scoped(a) {
		return a
	}
	b := a.As16()
	binary.BigEndian.PutUint16(b[2:], uint16(index))
	return netip.AddrFrom16(b)
}

// unembed takes it out again; index is 0 if there was none.
func unembed(a netip.Addr) (plain netip.Addr, index int) {
	if !scoped(a) {
		return a, 0
	}
	b := a.As16()
	index = int(binary.BigEndian.Uint16(b[2:]))
	b[2], b[3] = 0, 0
	return netip.AddrFrom16(b), index
}
