package rumpctrl

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// What ping6(8) asks instead of an echo with -a, -t, -w and -W: node information
// queries, of RFC 4620.

// Types of ICMPv6, types of queries and flags, from <netinet/icmp6.h>; the flags
// are in the order of the wire.
const (
	icmp6NIQuery = 139
	icmp6NIReply = 140

	niQtypeNoop     = 0
	niQtypeSuptypes = 1
	niQtypeFQDN     = 2
	niQtypeNodeaddr = 3

	niSubjectFQDN = 1

	niCompress = 0x1 // of NI_QTYPE_SUPTYPES
	niValidTTL = 0x1 // of NI_QTYPE_FQDN
	niTruncate = 0x1 // of NI_QTYPE_NODEADDR

	niHeader = 16 // struct icmp6_nodeinfo: type, code, checksum, query type, flags, nonce
)

// nodeQuery is a query for node information.
type nodeQuery struct {
	option byte     // that of ping6: 'a', 't', 'w', 'W'; 0 for none
	flags  uint16   // of 'a'
	nonce  [8]byte  // the first two bytes are the sequence number
	about  [16]byte // the destination
}

// addresses adds what the argument of -a says.
func (q *nodeQuery) addresses(arg string) bool {
	for _, c := range arg {
		switch c {
		case 'a':
			q.flags |= 0x2
		case 'c', 'C':
			q.flags |= 0x4
		case 'l', 'L':
			q.flags |= 0x8
		case 's', 'S':
			q.flags |= 0x10
		case 'g', 'G':
			q.flags |= 0x20
		case 'A':
			q.flags |= 0x40
		default:
			return false
		}
	}
	return true
}

// packet returns the query of a sequence number.
func (q *nodeQuery) packet(seq uint16) []byte {
	b := make([]byte, niHeader, niHeader+16)
	b[0] = icmp6NIQuery
	typ, flags := uint16(niQtypeFQDN), uint16(0)
	switch q.option {
	case 'a':
		typ, flags = niQtypeNodeaddr, q.flags
	case 't':
		b[1], typ, flags = niSubjectFQDN, niQtypeSuptypes, niCompress
	}
	binary.BigEndian.PutUint16(b[4:], typ)
	binary.BigEndian.PutUint16(b[6:], flags)
	copy(b[8:], q.nonce[:])
	binary.BigEndian.PutUint16(b[8:], seq)
	if q.option == 'a' || q.option == 'w' {
		b = append(b, q.about[:]...)
	}
	return b
}

// size returns the length of the queries.
func (q *nodeQuery) size() int { return len(q.packet(0)) }

// answers reports whether a packet is the answer to one of the queries.
func (q *nodeQuery) answers(b []byte) bool {
	return b[0] == icmp6NIReply && len(b) >= niHeader && string(b[10:16]) == string(q.nonce[2:])
}

// nodeQuery prints a query, which a loopback brings along with the answer.
func (p *ping6) nodeQuery(b []byte) {
	p.printf("Node Information Query")
	if len(b) < niHeader {
		return
	}
	typ := "unknown qtype"
	types := []string{"NOOP", "Supported qtypes", "DNS name", "nodeaddr", "IPv4 nodeaddr"}
	if n := int(binary.BigEndian.Uint16(b[4:])); n < len(types) {
		typ = types[n]
	}
	p.printf(", %s", typ)
	about := b[niHeader:]
	switch code := b[1]; {
	case code == 0 && len(about) == 16:
		p.printf(", subject=IPv6 address(%s)", inetNtop(netip.AddrFrom16([16]byte(about))))
	case code == 0:
		p.printf(", oldfqdn")
	case code == niSubjectFQDN && len(about) == 0:
		p.printf(", no subject")
	case code == niSubjectFQDN:
		name, _, ok := dnsName(about)
		if !ok {
			name = "invalid"
		}
		p.printf(", subject=DNS label(%s)", name)
	case code == 2 && len(about) == 4:
		p.printf(", subject=IPv4 address(%s)", netip.AddrFrom4([4]byte(about)))
	default:
		p.printf(", invalid")
	}
}

// nodeReply prints the answer to a query.
func (p *ping6) nodeReply(b []byte) {
	if code := int(b[1]); code != 0 {
		// ping6(8) turns the bytes of these around.
		p.printf("unknown code 0x%x, type 0x%x", code<<8, int(b[0])<<8)
		return
	}
	flags := binary.BigEndian.Uint16(b[6:])
	switch binary.BigEndian.Uint16(b[4:]) {
	case niQtypeNoop:
		p.printf("NodeInfo NOOP")
	case niQtypeSuptypes:
		p.nodeTypes(b[niHeader:], flags)
	case niQtypeNodeaddr:
		p.nodeAddrs(b[niHeader:], flags)
	default:
		p.nodeName(b, flags)
	}
}

// nodeTypes prints the bitmap of the types that a node answers.
func (p *ping6) nodeTypes(b []byte, flags uint16) {
	p.printf("NodeInfo Supported Qtypes")
	compressed := flags&niCompress != 0
	if p.flags['v'] {
		p.printf(", %s bitmap", map[bool]string{true: "compressed", false: "raw"}[compressed])
	}
	const most = 1 << 16
	first := 0
	for len(b) > 0 {
		n, skip := len(b), 0
		if !compressed {
			if n > most/8 || n%4 != 0 {
				p.printf("???")
				return
			}
		} else {
			if n < 4 || n%4 != 0 {
				return
			}
			words := int(binary.BigEndian.Uint16(b))
			skip = 32 * int(binary.BigEndian.Uint16(b[2:]))
			b = b[4:]
			if n = 4 * words; n > len(b) || first+8*n+skip > most {
				return
			}
		}
		p.bitRanges(b[:n], first)
		b = b[n:]
		first += 8*n + skip
	}
}

// bitRanges prints the numbers of the bits that are set, of which those in a row
// as one range. A bitmap is of words in network order, whose lowest bit is first.
func (p *ping6) bitRanges(b []byte, first int) {
	set := func(i int) bool {
		return i < 8*len(b) && binary.BigEndian.Uint32(b[i/32*4:])>>(i%32)&1 != 0
	}
	for i := 0; i < 8*len(b); i++ {
		if !set(i) {
			continue
		}
		from := i
		for set(i + 1) {
			i++
		}
		p.printf(" %d", first+from)
		if i > from {
			p.printf("-%d", first+i)
		}
	}
}

// nodeAddrs prints a node's addresses, with the times they live if they have such.
func (p *ping6) nodeAddrs(b []byte, flags uint16) {
	if p.flags['v'] && flags&niTruncate != 0 {
		p.printf(" truncated")
	}
	p.printf("\n")
	if len(b) == 0 {
		p.printf("  no address\n")
	}
	withTTL := len(b)%20 == 0
	for {
		ttl := ""
		if withTTL && len(b) >= 4 {
			ttl = "(TTL=infty)"
			if t := binary.BigEndian.Uint32(b); t != netbsd.ND6_INFINITE_LIFETIME {
				ttl = fmt.Sprintf("(TTL=%d)", t)
			}
			b = b[4:]
		}
		if len(b) < 16 {
			return
		}
		p.printf("  %s%s\n", inetNtop(netip.AddrFrom16([16]byte(b))), ttl)
		b = b[16:]
	}
}

// nodeName prints a node's names.
func (p *ping6) nodeName(b []byte, flags uint16) {
	const at = niHeader + 4 // after a time to live
	var names []byte
	if len(b) > at {
		names = b[at:]
	}
	old := len(names) > 0 && int(names[0]) == len(names)-1 // a length and a name, as in the third draft
	if old {
		for _, c := range names[1:] {
			p.printf("%s", printable(c))
		}
	} else {
		for i, rest := 0, names; len(rest) > 0; i++ {
			var name string
			var ok bool
			if name, rest, ok = dnsName(rest); !ok {
				p.printf("???")
				break
			}
			// A name that is cut short ends in one more zero.
			if len(rest) > 0 && rest[0] == 0 && name != "" {
				name, rest = name[:len(name)-1], rest[1:]
			}
			if i > 0 {
				p.printf(",")
			}
			p.printf("%s", name)
		}
	}
	if !p.flags['v'] {
		return
	}
	if len(b) < at {
		p.printf(" ()")
		return
	}
	ttl := int32(binary.BigEndian.Uint32(b[niHeader:]))
	p.printf(" (TTL=%d", ttl)
	switch {
	case flags&niValidTTL == 0:
		p.printf(":meaningless")
	case ttl < 0:
		p.printf(":invalid")
	}
	switch {
	case old:
		p.printf(",03 draft")
	case len(names) == 0:
		p.printf(",no name")
	}
	p.printf(")")
}

func printable(c byte) string {
	if c < ' ' || c > '~' {
		return fmt.Sprintf("\\%03o", c)
	}
	return string(rune(c))
}

// dnsName decodes a name at the beginning of b and returns what follows it. As
// with ping6(8), one with pointers to others is none.
func dnsName(b []byte) (name string, rest []byte, ok bool) {
	var s strings.Builder
	for i := 0; len(b) > 0; i++ {
		n := int(b[0])
		if n == 0 || i > 0 {
			s.WriteByte('.')
		}
		b = b[1:]
		switch {
		case n == 0:
			return s.String(), b, true
		case n&0xc0 != 0 || n > len(b):
			return "", b, false
		}
		for _, c := range b[:n] {
			s.WriteString(printable(c))
		}
		b = b[n:]
	}
	return "", b, false
}

// nodeGroup returns the multicast group that nodes of a name are members of. It
// is made of the length and the letters of the name's first label.
func nodeGroup(name string) (group string, ok bool) {
	label, _, _ := strings.Cut(strings.ToLower(name), ".")
	if len(label) > 63 {
		return "", false
	}
	sum := md5.Sum(append([]byte{byte(len(label))}, label...))
	a := netip.MustParseAddr("ff02::2:0:0").As16()
	copy(a[12:], sum[:4])
	return inetNtop(netip.AddrFrom16(a)), true
}
