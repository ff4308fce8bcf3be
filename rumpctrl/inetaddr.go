package rumpctrl

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// inetAton parses an IPv4 address as inet_aton(3) does: one to four parts, each
// decimal, octal or hexadecimal, of which the last fills what is left. What does not
// fit into 32 bits is lost.
func inetAton(s string) (netip.Addr, bool) {
	// What follows white space is not looked at.
	if i := strings.IndexAny(s, " \t\n\v\f\r"); i >= 0 {
		s = s[:i]
	}
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var addr uint32
	for i, p := range parts {
		v, ok := inetPart(p)
		last := i == len(parts)-1
		switch {
		case !ok, !last && v > 0xff, last && uint64(v) >= 1<<(8*(4-i)):
			return netip.Addr{}, false
		case last:
			addr |= v
		default:
			addr |= v << (24 - 8*i)
		}
	}
	return netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}), true
}

// inetPart parses a number of an IPv4 address.
func inetPart(s string) (uint32, bool) {
	base, digits := uint32(10), s
	switch lower := strings.ToLower(s); {
	case s == "":
		return 0, false
	case len(s) > 2 && strings.HasPrefix(lower, "0x"):
		base, digits = 16, lower[2:]
	case s[0] == '0':
		base = 8
	}
	n := uint32(0)
	for _, c := range digits {
		d := uint32(c - '0')
		if base == 16 && c >= 'a' && c <= 'f' {
			d = uint32(c-'a') + 10
		}
		if d >= base {
			return 0, false
		}
		n = n*base + d
	}
	return n, true
}

// inetNtop returns an address as inet_ntop(3) does, without its zone.
func inetNtop(a netip.Addr) string {
	a = a.WithZone("")
	if b := a.As16(); a.Is6() && [12]byte(b[:12]) == [12]byte{} && (b[12] != 0 || b[13] != 0) {
		return "::" + netip.AddrFrom4([4]byte(b[12:])).String()
	}
	return a.String()
}

// unresolved says why a word is no address, as gai_strerror(3) does: there is
// nobody to ask for names, and an interface is not there.
func unresolved(s string) string {
	if s == "" {
		return "hostname nor servname provided, or not known"
	}
	if badZone(s) {
		return "No address associated with hostname"
	}
	return "Temporary failure in name resolution"
}

// noHost says why a word is no IPv4 host, as hstrerror(3) does after
// gethostbyname(3): it asks nobody for what looks like an address.
func noHost(s string) string {
	const digits = "0123456789"
	dotted := strings.Trim(s, digits+".") == "" && s != "" && s[0] != '.' && !strings.HasSuffix(s, ".")
	colons := strings.Contains(s, ":") && strings.Trim(s, digits+"abcdefABCDEF:.") == "" && !strings.HasSuffix(s, ".")
	if dotted || colons {
		return "Resolver Error 0 (no error)"
	}
	return "Host name lookup failure"
}

// badZone reports whether a word that is no address is one but for its zone.
func badZone(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() != ""
}

// numericHost returns an address as getnameinfo(3) does when asked for numbers:
// the zone of an IPv6 address is the interface's name.
func (e *Env) numericHost(ctx context.Context, sa netbsd.Sockaddr) string {
	return hostText(sa, e.interfaceName(ctx))
}

// hostText is numericHost where interfaces are named by a function, which returns
// "" for one that there is not.
func hostText(sa netbsd.Sockaddr, interfaceName func(index int) string) string {
	switch s := sa.(type) {
	case netbsd.SockaddrIn:
		return s.NetipAddr().String()
	case netbsd.SockaddrIn6:
		h := inetNtop(netip.AddrFrom16(s.Addr))
		if s.ScopeID != 0 {
			h += "%" + zoneText(s, interfaceName)
		}
		return h
	case netbsd.SockaddrDl:
		if s.Name == "" && len(s.Addr) == 0 && len(s.Selector) == 0 {
			return fmt.Sprintf("link#%d", s.Index)
		}
		return colonHex(s.Addr)
	case netbsd.SockaddrUn:
		return s.Path
	}
	return ""
}

// zoneText names the interface of a scoped address.
func zoneText(s netbsd.SockaddrIn6, interfaceName func(index int) string) string {
	a := netip.AddrFrom16(s.Addr)
	if a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() {
		if name := interfaceName(int(s.ScopeID)); name != "" {
			return name
		}
	}
	return strconv.FormatUint(uint64(s.ScopeID), 10)
}

// interfaceName returns a function that asks the kernel.
func (e *Env) interfaceName(ctx context.Context) func(index int) string {
	return func(index int) string {
		name, _ := e.Kernel.InterfaceName(ctx, index)
		return name
	}
}

// colonHex returns bytes as two digits each with colons between them.
func colonHex(b []byte) string {
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = hex.EncodeToString([]byte{c})
	}
	return strings.Join(parts, ":")
}

// numericAddr parses an address as getaddrinfo(3) does without asking anyone for
// names: of a family, or of any if that is AF_UNSPEC. IPv6 zones are names of
// interfaces, or numbers.
func (e *Env) numericAddr(ctx context.Context, family int, s string) (netbsd.Sockaddr, bool) {
	if family == netbsd.AF_UNSPEC || family == netbsd.AF_INET {
		if a, ok := inetAton(s); ok {
			return netbsd.SockaddrIn{Addr: a.As4()}, true
		}
	}
	if family == netbsd.AF_UNSPEC || family == netbsd.AF_INET6 {
		addr, zone, scoped := strings.Cut(s, "%")
		a, err := netip.ParseAddr(addr)
		if err != nil || !a.Is6() {
			return nil, false
		}
		sin6 := netbsd.SockaddrIn6{Addr: a.As16()}
		if scoped {
			id, err := e.zoneID(ctx, a, zone)
			if err != nil || zone == "" {
				return nil, false
			}
			sin6.ScopeID = id
		}
		return sin6, true
	}
	return nil, false
}

// zoneID returns the number of an address's zone, which is an interface only where
// the address is one of a link.
func (e *Env) zoneID(ctx context.Context, a netip.Addr, zone string) (uint32, error) {
	if a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast() {
		return e.Kernel.ZoneID(ctx, zone)
	}
	n, err := strconv.ParseUint(zone, 10, 32)
	return uint32(n), err
}

// extractScope takes the interface's number out of a link-local address.
func extractScope(s netbsd.SockaddrIn6) netbsd.SockaddrIn6 {
	if netip.AddrFrom16(s.Addr).IsLinkLocalUnicast() {
		s.ScopeID = uint32(s.Addr[2])<<8 | uint32(s.Addr[3])
		s.Addr[2], s.Addr[3] = 0, 0
	}
	return s
}

// embedScope puts the interface's number into a link-local address, as the
// kernel wants it in some requests.
func embedScope(s netbsd.SockaddrIn6) netbsd.SockaddrIn6 {
	if netip.AddrFrom16(s.Addr).IsLinkLocalUnicast() {
		s.Addr[2], s.Addr[3] = byte(s.ScopeID>>8), byte(s.ScopeID)
		s.ScopeID = 0
	}
	return s
}
