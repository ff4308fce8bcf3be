package rumpctrl

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// isPolicy reports whether a word is an IPsec policy as far as ping(8) looks at it
// itself.
func isPolicy(text string) bool {
	return strings.HasPrefix(text, "in") || strings.HasPrefix(text, "out")
}

// setPolicies sets, for each direction, the last IPsec policy that was given for it.
// What is to become of the kernel's refusal is refused's business.
func (p *echo) setPolicies(policies []string, level, option int, refused func(error) error) error {
	for _, direction := range []string{"in", "out"} {
		for _, text := range slices.Backward(policies) {
			if !strings.HasPrefix(text, direction) {
				continue
			}
			b, bad := ipsecPolicy(text)
			if b == nil {
				fmt.Fprintf(p.Stderr, "libipsec: syntax error while parsing \"%s\"\n", bad)
				return errx(1, "%s", netbsd.EINVAL.Error())
			}
			if err := p.conn.SetOptionBytes(level, option, b); err != nil {
				if err := refused(err); err != nil {
					return err
				}
			}
			break
		}
	}
	return nil
}

// ipsecPolicy encodes an IPsec policy, as ipsec_set_policy(3) does: a direction, what
// to do, and for "ipsec" the rules. If there is a mistake it returns nil and the word.
func ipsecPolicy(text string) (b []byte, bad string) {
	const policyType = 18 // SADB_X_EXT_POLICY of <net/pfkeyv2.h>
	kinds := []string{"discard", "none", "ipsec", "entrust", "bypass"}
	words := strings.Fields(text)
	direction := 1 + slices.Index([]string{"in", "out"}, words[0])
	if direction == 0 {
		return nil, words[0]
	}
	kind, rules := slices.Index(kinds, "ipsec"), words[1:]
	if len(rules) > 0 {
		if kind = slices.Index(kinds, rules[0]); kind < 0 {
			return nil, rules[0]
		}
		rules = rules[1:]
	}
	b = binary.LittleEndian.AppendUint16(nil, 0) // its length, below
	b = binary.LittleEndian.AppendUint16(b, policyType)
	b = binary.LittleEndian.AppendUint16(b, uint16(kind))
	b = append(b, byte(direction), 0)
	b = append(b, make([]byte, 8)...)
	for _, rule := range rules {
		r := ipsecRule(rule)
		if kinds[kind] != "ipsec" || r == nil {
			return nil, rule
		}
		b = append(b, r...)
	}
	binary.LittleEndian.PutUint16(b, uint16(len(b)/8))
	return b, ""
}

// ipsecRule encodes a rule, protocol/mode/source-destination/level, of which the end
// may be left out. It returns nil if it is none.
func ipsecRule(rule string) []byte {
	parts := append(strings.Split(rule, "/"), "", "", "")
	protocol := map[string]uint16{"esp": netbsd.IPPROTO_ESP, "ah": netbsd.IPPROTO_AH, "ipcomp": netbsd.IPPROTO_IPCOMP}[parts[0]]
	mode := slices.Index([]string{"any", "transport", "tunnel"}, parts[1])
	level := max(0, slices.Index([]string{"default", "use", "require", "unique"}, parts[3]))
	if protocol == 0 || mode < 0 || len(parts) > 4+3 {
		return nil
	}
	var ends []byte
	if src, dst, ok := strings.Cut(parts[2], "-"); ok {
		for _, end := range []string{src, dst} {
			a, err := netip.ParseAddr(end)
			if err != nil {
				return nil
			}
			sa, err := netbsd.SockaddrFromAddrPort(netip.AddrPortFrom(a, 0))
			if err != nil {
				return nil
			}
			ends = sa.Append(ends)
		}
	}
	size := (8 + len(ends) + 7) &^ 7
	b := binary.LittleEndian.AppendUint16(nil, uint16(size))
	b = binary.LittleEndian.AppendUint16(b, protocol)
	b = append(b, byte(mode), byte(level), 0, 0)
	b = append(b, ends...)
	return append(b, make([]byte, size-len(b))...)
}
