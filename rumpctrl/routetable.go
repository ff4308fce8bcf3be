package rumpctrl

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// How route(8) and netstat(1) print routes.

// routePrinter prints routing tables.
type routePrinter struct {
	*Env
	numeric, verbose, tags bool

	names  map[int]string
	family int // of the last route, -1 for none
}

// flat is a socket address as it lies in memory: a netmask may be shorter than
// its family's addresses are.
type flat struct {
	len  int
	af   uint8
	room [32]byte
}

func flatten(sa netbsd.Sockaddr) flat {
	var f flat
	if sa == nil {
		return f
	}
	b := sa.Append(nil)
	f.len, f.af = len(b), sa.Family()
	if raw, ok := sa.(netbsd.SockaddrRaw); ok && len(raw.Data) == 0 {
		f.len = 0
	}
	copy(f.room[:], b)
	return f
}

func (f *flat) in() netip.Addr { return netip.AddrFrom4([4]byte(f.room[4:8])) }

func (f *flat) in6() netbsd.SockaddrIn6 {
	s, _ := netbsd.ParseSockaddrIn6(f.room[:])
	return s
}

// routeFlagLetters are the letters for a route's flags in the table.
var routeFlagLetters = []struct {
	flag   int32
	letter byte
}{
	{netbsd.RTF_UP, 'U'}, {netbsd.RTF_GATEWAY, 'G'}, {netbsd.RTF_HOST, 'H'}, {netbsd.RTF_REJECT, 'R'},
	{netbsd.RTF_BLACKHOLE, 'B'}, {netbsd.RTF_DYNAMIC, 'D'}, {netbsd.RTF_MODIFIED, 'M'}, {netbsd.RTF_DONE, 'd'},
	{netbsd.RTF_MASK, 'm'}, {netbsd.RTF_CONNECTED, 'C'}, {netbsd.RTF_STATIC, 'S'}, {netbsd.RTF_PROTO1, '1'},
	{netbsd.RTF_PROTO2, '2'}, {netbsd.RTF_ANNOUNCE, 'p'}, {netbsd.RTF_LOCAL, 'l'}, {netbsd.RTF_BROADCAST, 'b'},
}

// table prints the routes of a family, or of all, that have the flags.
func (p *routePrinter) table(ctx context.Context, family int, flags, interesting int32) error {
	routes, err := p.Kernel.RouteTable(ctx, family)
	if err != nil {
		return errc(1, err, "route-sysctl-estimate")
	}
	p.printf("Routing tables\n")
	p.family = -1
	if len(routes) > 0 {
		ifs, err := p.Kernel.Interfaces(ctx)
		if err != nil {
			return errc(1, err, "if_indextoname")
		}
		p.names = make(map[int]string)
		for _, i := range ifs {
			p.names[i.Index] = i.Name
		}
	}
	for _, m := range routes {
		dst := m.Addrs[netbsd.RTAX_DST]
		if m.Header.Flags&flags != flags || dst == nil || family != netbsd.AF_UNSPEC && int(dst.Family()) != family {
			continue
		}
		p.route(ctx, m, interesting)
	}
	return nil
}

func (p *routePrinter) dstWidth(af uint8) int {
	if af == netbsd.AF_INET6 && p.numeric {
		return 39
	}
	return 18
}

func (p *routePrinter) gatewayWidth(af uint8) int {
	if af == netbsd.AF_INET6 && p.numeric {
		return 30
	}
	return 18
}

func (p *routePrinter) header(af uint8) {
	name := map[uint8]string{netbsd.AF_INET: "Internet", netbsd.AF_INET6: "Internet6",
		netbsd.AF_APPLETALK: "AppleTalk", netbsd.AF_MPLS: "MPLS"}[af]
	if name == "" {
		name = fmt.Sprintf("Protocol Family %d", af)
	}
	p.printf("\n%s:\n", name)
	p.printf("%-*s %-*s %-6s %6s %8s %6s ", p.dstWidth(af), "Destination", p.gatewayWidth(af), "Gateway",
		"Flags", "Refs", "Use", "Mtu")
	if p.tags {
		p.printf("%7s ", "Tag")
	}
	p.printf("Interface\n")
}

func (p *routePrinter) route(ctx context.Context, m *netbsd.RouteMessage, interesting int32) {
	dst := m.Addrs[netbsd.RTAX_DST]
	af := dst.Family()
	if p.family != int(af) {
		p.family = int(af)
		p.header(af)
	}
	p.column(p.dstWidth(af), p.address(ctx, dst, m.Addrs[netbsd.RTAX_NETMASK], m.Header.Flags&netbsd.RTF_HOST != 0))
	if gw := m.Addrs[netbsd.RTAX_GATEWAY]; gw != nil {
		p.column(p.gatewayWidth(af), p.address(ctx, gw, nil, true))
	}
	var letters strings.Builder
	for _, l := range routeFlagLetters {
		if m.Header.Flags&interesting&l.flag != 0 {
			letters.WriteByte(l.letter)
		}
	}
	p.printf("%-6.6s %6s %8s ", letters.String(), "-", "-")
	r := m.Header.Rmx
	if r.Mtu != 0 {
		p.printf("%6d", int64(r.Mtu))
	} else {
		p.printf("%6s", "-")
	}
	p.printf("%c", lockLetter(r, netbsd.RTV_MTU))
	if p.tags {
		tag := "-"
		if t := m.Addrs[netbsd.RTAX_TAG]; t != nil && t.Family() == netbsd.AF_MPLS {
			tag = mplsLabels(t)
		}
		p.printf("%7s", tag)
	}
	p.printf(" %.16s\n", p.names[int(m.Header.Index)])
	if p.verbose {
		l := func(v uint64) byte { return lockLetter(r, v) }
		p.printf("\texpire   %10d%c  recvpipe %10d%c  sendpipe %10d%c\n", r.Expire, l(netbsd.RTV_EXPIRE),
			r.Recvpipe, l(netbsd.RTV_RPIPE), r.Sendpipe, l(netbsd.RTV_SPIPE))
		p.printf("\tssthresh %10d%c  rtt      %10d%c  rttvar   %10d%c\n", r.Ssthresh, l(netbsd.RTV_SSTHRESH),
			r.Rtt, l(netbsd.RTV_RTT), r.Rttvar, l(netbsd.RTV_RTTVAR))
		p.printf("\thopcount %10d%c\n", r.Hopcount, l(netbsd.RTV_HOPCOUNT))
	}
}

// lockLetter marks a metric that the kernel may not change.
func lockLetter(r netbsd.RtMetrics, v uint64) byte {
	if r.Locks&v != 0 {
		return 'L'
	}
	return ' '
}

func (p *routePrinter) column(width int, s string) {
	if p.numeric {
		p.printf("%-*s ", width, s)
	} else {
		p.printf("%-*.*s ", width, width, s)
	}
}

// address returns a destination or a gateway as the table has it.
func (p *routePrinter) address(ctx context.Context, sa, mask netbsd.Sockaddr, host bool) string {
	if s, ok := sa.(netbsd.SockaddrIn6); ok {
		s = extractLinkScope(s)
		if host {
			s.ScopeID = 0 // the zone of a host is not shown
			return p.numericHost(ctx, s)
		}
		return p.netName(ctx, s, mask)
	}
	if host || mask == nil {
		return p.routeName(ctx, sa)
	}
	return p.netName(ctx, sa, mask)
}

// extractLinkScope takes the interface's number out of a link-local address,
// multicast ones included.
func extractLinkScope(s netbsd.SockaddrIn6) netbsd.SockaddrIn6 {
	if netip.AddrFrom16(s.Addr).IsLinkLocalMulticast() {
		s.ScopeID = uint32(s.Addr[2])<<8 | uint32(s.Addr[3])
		s.Addr[2], s.Addr[3] = 0, 0
		return s
	}
	return extractScope(s)
}

// embedLinkScope is the opposite of extractLinkScope.
func embedLinkScope(s netbsd.SockaddrIn6) netbsd.SockaddrIn6 {
	if netip.AddrFrom16(s.Addr).IsLinkLocalMulticast() {
		s.Addr[2], s.Addr[3] = byte(s.ScopeID>>8), byte(s.ScopeID)
		s.ScopeID = 0
		return s
	}
	return embedScope(s)
}

// routeName returns an address, or a netmask, as route(8) does.
func (e *Env) routeName(ctx context.Context, sa netbsd.Sockaddr) string {
	f := flatten(sa)
	if f.len == 0 {
		return "default"
	}
	switch f.af {
	case netbsd.AF_INET:
		if a := f.in(); !a.IsUnspecified() {
			return a.String()
		}
		return "default"
	case netbsd.AF_INET6:
		s := f.in6()
		if f.len == netbsd.SizeofSockaddrIn6 {
			s = extractLinkScope(s)
		}
		return e.numericHost(ctx, s)
	case netbsd.AF_LINK:
		if l, ok := sa.(netbsd.SockaddrDl); ok {
			return linkName(l)
		}
	case netbsd.AF_MPLS:
		return mplsLabels(sa)
	}
	return fmt.Sprintf("(%d) %s", f.af, anyName(sa))
}

// anyName returns the bytes of an address of which nothing is known.
func anyName(sa netbsd.Sockaddr) string {
	b := sa.Append(nil)[2:]
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = fmt.Sprintf("%02x", c)
	}
	if len(parts) == 0 {
		parts = []string{"00"}
	}
	return "Q" + strings.Join(parts, ".")
}

// linkName returns a link address as route(8) does: the number of the interface,
// an Ethernet address, or link_ntoa(3)'s idea of any other.
func linkName(l netbsd.SockaddrDl) string {
	if l.Name == "" && len(l.Addr) == 0 && len(l.Selector) == 0 {
		return fmt.Sprintf("link#%d", l.Index)
	}
	if l.Type == netbsd.IFT_ETHER || l.Type == netbsd.IFT_CARP {
		var b [6]byte
		copy(b[:], l.Addr)
		return colonHex(b[:])
	}
	return linkNtoa(l)
}

// linkNtoa is link_ntoa(3).
func linkNtoa(l netbsd.SockaddrDl) string {
	parts := make([]string, len(l.Addr))
	for i, c := range l.Addr {
		parts[i] = fmt.Sprintf("%x", c)
	}
	s := l.Name
	if s != "" && len(parts) > 0 {
		s += ":"
	}
	return s + strings.Join(parts, ".")
}

// mplsLabels returns the labels of an MPLS address: of each shim the upper 20
// bits.
func mplsLabels(sa netbsd.Sockaddr) string {
	var labels []string
	for _, l := range netbsd.MplsLabels(sa) {
		labels = append(labels, fmt.Sprint(l))
	}
	return strings.Join(labels, ",")
}

// netName returns a net with the length of its mask, which may be missing.
func (e *Env) netName(ctx context.Context, sa, mask netbsd.Sockaddr) string {
	f, m := flatten(sa), flatten(mask)
	switch f.af {
	case netbsd.AF_INET:
		n := 0
		if w := binary.BigEndian.Uint32(m.room[4:]); w != 0 {
			n = 32 - bits.TrailingZeros32(w)
		}
		a := f.in().As4()
		switch {
		case n == 0 && a == [4]byte{}:
			return "default"
		case n < 9:
			return fmt.Sprintf("%d/%d", a[0], n)
		case n < 17:
			return fmt.Sprintf("%d.%d/%d", a[0], a[1], n)
		case n < 25:
			return fmt.Sprintf("%d.%d.%d/%d", a[0], a[1], a[2], n)
		}
		return fmt.Sprintf("%d.%d.%d.%d/%d", a[0], a[1], a[2], a[3], n)
	case netbsd.AF_INET6:
		s := f.in6()
		n := 128
		if mask != nil {
			n = e.maskLength6(&s, m)
		}
		if n == 0 && s.Addr == [16]byte{} {
			return "default"
		}
		return fmt.Sprintf("%s/%d", e.numericHost(ctx, s), n)
	case netbsd.AF_LINK:
		if l, ok := sa.(netbsd.SockaddrDl); ok {
			return linkName(l)
		}
	}
	return fmt.Sprintf("af %d: %s", f.af, anyName(sa))
}

// maskLength6 returns the length of a mask and applies it to the address.
func (e *Env) maskLength6(s *netbsd.SockaddrIn6, m flat) int {
	n, final, illegal := 0, false, false
	for i := range 16 {
		b := m.room[8+i]
		switch {
		case 8+i >= m.len:
			s.Addr[i] = 0
			continue
		case final && b != 0:
			illegal = true
		case b == 0xff:
			n += 8
		default:
			ones := bits.LeadingZeros8(^b)
			final = true
			if b<<ones != 0 {
				illegal = true
			} else {
				n += ones
			}
		}
		if illegal {
			s.Addr[i] = 0
		} else {
			s.Addr[i] &= b
		}
	}
	if illegal {
		e.warnx("illegal prefixlen")
	}
	return n
}
