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
// decimal, octal or hexadecimal, of which the last fills what is left.
func inetAton(s string) (netip.Addr, bool) {
	// What follows white space is not looked at.
	if i := strings.IndexAny(s, " \t\n\v\f\r"); i >= 0 {
		s = s[:i]
	}
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var addr uint64
	for i, p := range parts {
		if strings.ContainsAny(p, "_+-oObB") && !strings.HasPrefix(strings.ToLower(p), "0x") || strings.Contains(p, "_") {
			return netip.Addr{}, false
		}
		v, err := strconv.ParseUint(p, 0, 64)
		if err != nil {
			return netip.Addr{}, false
		}
		if i == len(parts)-1 {
			if v >= 1<<(8*(4-i)) {
				return netip.Addr{}, false
			}
			addr |= v
			break
		}
		if v > 0xff {
			return netip.Addr{}, false
		}
		addr |= v << (24 - 8*i)
	}
	return netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}), true
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
	if badZone(s) {
		return "No address associated with hostname"
	}
	return "Temporary failure in name resolution"
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
			id, err := e.Kernel.ZoneID(ctx, zone)
			if err != nil || zone == "" {
				return nil, false
			}
			sin6.ScopeID = id
		}
		return sin6, true
	}
	return nil, false
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
