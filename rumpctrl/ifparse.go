package rumpctrl

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// The grammar of ifconfig's command line. A parser looks at one word, with the
// settings so far, and says what the word sets, what is to be done, and which
// parser looks at the next word. Where there is a choice the first that matches
// wins; a keyword which is not allowed (again) at its place ends the choice.

type ifDo func(ctx context.Context, s ifSettings) error

// ifStep is what a word of the command line became.
type ifStep struct {
	settings ifSettings
	do       ifDo     // nil for nothing
	next     ifParser // nil if no word may follow
}

// ifWord is a word of the command line, or the end of it.
type ifWord struct {
	text string
	end  bool
}

type ifVerdict int

const (
	ifMismatch ifVerdict = iota
	ifMatch
	ifForbidden
)

type ifParser func(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error)

// parse runs words through the grammar. It returns false if they do not fit.
func (c *ifconfig) parse(ctx context.Context, p ifParser, words []string) ([]ifStep, bool, error) {
	const maxSteps = 32 // as many as ifconfig(8) has room for
	var steps []ifStep
	settings := ifSettings{}
	for p != nil && len(steps) < maxSteps {
		w := ifWord{end: true}
		if len(words) > 0 {
			w, words = ifWord{text: words[0]}, words[1:]
		}
		step, verdict, err := p(ctx, settings, w)
		if err != nil || verdict != ifMatch {
			return nil, false, err
		}
		steps = append(steps, step)
		settings, p = step.settings, step.next
	}
	return steps, p == nil || len(words) == 0, nil
}

// firstOf tries parsers in turn.
func firstOf(ps ...ifParser) ifParser {
	return func(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
		for _, p := range ps {
			if step, v, err := p(ctx, s, w); v != ifMismatch || err != nil {
				return step, v, err
			}
		}
		return ifStep{}, ifMismatch, nil
	}
}

// parseEnd matches the end of the command line.
func (c *ifconfig) parseEnd(do ifDo) ifParser {
	return func(_ context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
		if !w.end {
			return ifStep{}, ifMismatch, nil
		}
		return ifStep{settings: s, do: do}, ifMatch, nil
	}
}

// parseIface matches the name of an interface.
func parseIface(key string, do ifDo, next ifParser) ifParser {
	return func(_ context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
		if w.end || len(w.text) > netbsd.IFNAMSIZ {
			return ifStep{}, ifMismatch, nil
		}
		return ifStep{s.with(key, w.text), do, next}, ifMatch, nil
	}
}

// parseInt matches a number in a base, or as C has it if that is 0.
func parseInt(key string, base int, lo, hi int64, do ifDo, next ifParser) ifParser {
	return func(_ context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
		n, err := strconv.ParseInt(strings.TrimLeft(w.text, " \t\n\v\f\r"), base, 64)
		if w.text == "" && !w.end {
			n, err = 0, nil // strtoimax(3) takes nothing for 0
		}
		if w.end || err != nil || n < lo || n > hi || strings.Contains(w.text, "_") {
			return ifStep{}, ifMismatch, nil
		}
		return ifStep{s.with(key, n), do, next}, ifMatch, nil
	}
}

// parseString matches any word; with hex, one that begins with 0x stands for the
// bytes.
func (c *ifconfig) parseString(key string, hex bool, do ifDo, next ifParser) ifParser {
	return func(_ context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
		if w.end {
			return ifStep{}, ifMismatch, nil
		}
		const room = 128
		text, ok := c.getString(w.text, hex, room)
		if !ok {
			return ifStep{}, ifMismatch, nil
		}
		return ifStep{s.with(key, text), do, next}, ifMatch, nil
	}
}

// getString takes a word of at most room bytes, which with hex may be written as
// hexadecimal digits after 0x.
func (c *ifconfig) getString(w string, hex bool, room int) (string, bool) {
	if !hex || len(w) < 2 || w[0] != '0' || w[1] != 'x' && w[1] != 'X' {
		if len(w) > room {
			c.warnx("strings too long")
			return "", false
		}
		return w, true
	}
	var b []byte
	for w = w[2:]; w != ""; w = w[2:] {
		if len(w) < 2 {
			c.warnx("bad hexadecimal digits")
			return "", false
		}
		n, err := strconv.ParseUint(w[:2], 16, 8)
		if err != nil {
			c.warnx("bad hexadecimal digits")
			return "", false
		}
		if len(b) == room {
			c.warnx("hexadecimal digits too long")
			return "", false
		}
		b = append(b, byte(n))
	}
	return string(b), true
}

// ifAddr is an address of the command line with the prefix length that it may
// have had.
type ifAddr struct {
	sa     netbsd.Sockaddr
	prefix int // -1 for none
}

// parseAddr matches an address of the family that has been named, or of any. If
// maskKey is given the address may have a prefix length, which sets that.
func (c *ifconfig) parseAddr(key, maskKey, after, notAfter string, do ifDo, next ifParser) ifParser {
	return func(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
		if w.end || after != "" && !s.has(after) || notAfter != "" && s.has(notAfter) {
			return ifStep{}, ifMismatch, nil
		}
		family := s.family()
		a := ifAddr{prefix: -1}
		hasPrefix := false
		switch family {
		case netbsd.AF_LINK:
			hw, ok := parseColonHex(w.text)
			if !ok {
				return ifStep{}, ifMismatch, nil
			}
			a.sa = netbsd.SockaddrDl{Addr: hw}
		case netbsd.AF_APPLETALK:
			if !isAppletalk(w.text) {
				return ifStep{}, ifMismatch, nil
			}
			a.sa = netbsd.SockaddrRaw{AF: netbsd.AF_APPLETALK}
		case netbsd.AF_UNSPEC, netbsd.AF_INET, netbsd.AF_INET6:
			text, port, hasPort := strings.Cut(w.text, ",")
			if maskKey != "" {
				var plen string
				if i := strings.LastIndexByte(text, '/'); i >= 0 {
					text, plen, hasPrefix = text[:i], text[i+1:], true
					n, err := strconv.Atoi(plen)
					if plen == "" {
						n, err = 0, nil
					}
					if err != nil || n < 0 || n >= math.MaxUint8 {
						return ifStep{}, ifMismatch, nil
					}
					a.prefix = n
				}
			}
			sa, ok := c.numericAddr(ctx, family, text)
			if !ok {
				return ifStep{}, ifMismatch, nil
			}
			if hasPort {
				n, err := strconv.ParseUint(port, 10, 16)
				if err != nil {
					return ifStep{}, ifMismatch, nil
				}
				switch t := sa.(type) {
				case netbsd.SockaddrIn:
					t.Port = uint16(n)
					sa = t
				case netbsd.SockaddrIn6:
					t.Port = uint16(n)
					sa = t
				}
			}
			a.sa = sa
		default:
			return ifStep{}, ifMismatch, nil
		}
		t := s.with(key, a)
		if hasPrefix {
			mask := prefixMask(a.sa.Family(), a.prefix)
			if mask == nil {
				return ifStep{}, ifMismatch, errx(1, "paddr_match: prefixlen_to_mask(%d, %d): %s",
					a.sa.Family(), a.prefix, netbsd.EINVAL.Error())
			}
			t = t.with(maskKey, ifAddr{mask, a.prefix})
		}
		return ifStep{t, do, next}, ifMatch, nil
	}
}

// isAppletalk reports whether a word is an AppleTalk address: a network and a node.
// No rump kernel has the protocol, and so it will not be used.
func isAppletalk(s string) bool {
	network, node, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(network, 10, 16)
	m, err2 := strconv.ParseUint(node, 10, 8)
	return err == nil && err2 == nil && n > 0 && m > 0 && m < 255
}

// prefixMask returns the netmask of a prefix length; that of length 0 has all
// bits, as ifconfig(8) sees it.
func prefixMask(family uint8, bits int) netbsd.Sockaddr {
	if bits == 0 {
		bits = 32
		if family == netbsd.AF_INET6 {
			bits = 128
		}
	}
	return netbsd.Netmask(family, bits)
}

// parseColonHex parses a link address: one or two digits a byte, with colons.
func parseColonHex(s string) ([]byte, bool) {
	var b []byte
	for _, p := range strings.Split(s, ":") {
		n, err := strconv.ParseUint(p, 16, 8)
		if err != nil || len(p) > 2 || len(b) == 120 {
			return nil, false
		}
		b = append(b, byte(n))
	}
	return b, true
}

// ifKeyword is a word with a meaning.
type ifKeyword struct {
	word     string
	neg      bool // -word is one too, and sets negVal
	key      string
	val      any
	negVal   any
	after    string // only if this is set
	notAfter []string
	do       ifDo
	next     ifParser
}

// keywords matches one of several keywords. What a keyword leaves open it has
// from the defaults.
func keywords(defaults ifKeyword, kws []ifKeyword) ifParser {
	return func(_ context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
		if w.end {
			return ifStep{}, ifMismatch, nil
		}
		for _, k := range kws {
			if k.after != "" && !s.has(k.after) {
				continue
			}
			val := k.val
			switch {
			case k.neg && w.text == "-"+k.word:
				val = k.negVal
			case w.text != k.word:
				continue
			}
			for _, key := range k.notAfter {
				if s.has(key) {
					return ifStep{}, ifForbidden, nil
				}
			}
			if k.key == "" {
				k.key = defaults.key
			}
			if k.do == nil {
				k.do = defaults.do
			}
			if k.next == nil {
				k.next = defaults.next
			}
			if val != nil {
				s = s.with(k.key, val)
			}
			return ifStep{s, k.do, k.next}, ifMatch, nil
		}
		return ifStep{}, ifMismatch, nil
	}
}

// flagKeyword is a keyword that sets bits, and clears them with a minus.
func flagKeyword(word string, bits int64) ifKeyword {
	return ifKeyword{word: word, neg: true, val: bits, negVal: -bits}
}

// parseStart begins with an interface: what is to be done with it may follow.
func (c *ifconfig) parseStart(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
	return parseIface("if", nil, firstOf(
		keywords(ifKeyword{key: "clonecmd", do: c.clone}, []ifKeyword{
			{word: "create", val: netbsd.SIOCIFCREATE, next: firstOf(c.families(c.parseCommand), c.parseCommand)},
			{word: "destroy", val: netbsd.SIOCIFDESTROY},
		}),
		c.families(firstOf(c.parseEnd(c.show), c.parseCommand)),
		c.parseEnd(c.show),
		c.parseCommand,
	))(ctx, s, w)
}

// parseInterfaceOnly takes nothing but an interface.
func (c *ifconfig) parseInterfaceOnly(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
	return parseIface("if", c.showCarrier, nil)(ctx, s, w)
}

// parseInterfaceFamilyOnly takes an interface and perhaps an address family.
func (c *ifconfig) parseInterfaceFamilyOnly(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
	return parseIface("if", nil, c.parseFamilyOnly)(ctx, s, w)
}

// parseFamilyOnly takes perhaps an address family.
func (c *ifconfig) parseFamilyOnly(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
	return firstOf(c.parseEnd(c.show), c.families(c.parseEnd(c.show)))(ctx, s, w)
}

func (c *ifconfig) families(next ifParser) ifParser {
	return keywords(ifKeyword{key: "af", next: next}, []ifKeyword{
		{word: "atalk", val: int64(netbsd.AF_APPLETALK)},
		{word: "link", val: int64(netbsd.AF_LINK)},
		{word: "inet6", val: int64(netbsd.AF_INET6)},
		{word: "inet", val: int64(netbsd.AF_INET)},
	})
}

// parseCommand takes one thing to do, after which others may follow.
func (c *ifconfig) parseCommand(ctx context.Context, s ifSettings, w ifWord) (ifStep, ifVerdict, error) {
	again := c.parseCommand
	number := func(key string, base int, do ifDo) ifParser {
		return parseInt(key, base, math.MinInt64, math.MaxInt64, do, again)
	}
	return firstOf(
		c.vlanKeywords(again),
		c.tunnelKeywords(again),
		c.agrKeywords(again),
		keywords(ifKeyword{}, []ifKeyword{
			{word: "pltime", next: number("pltime", 0, nil)},
			{word: "vltime", next: number("vltime", 0, nil)},
			{word: "eui64", key: "eui64", val: true, next: again},
		}),
		keywords(ifKeyword{key: "ia6flag", next: again}, []ifKeyword{
			flagKeyword("anycast", netbsd.IN6_IFF_ANYCAST),
			flagKeyword("deprecated", netbsd.IN6_IFF_DEPRECATED),
		}),
		c.carpKeywords(again),
		c.pfsyncKeywords(again),
		c.wirelessKeywords(again),
		keywords(ifKeyword{}, []ifKeyword{
			{word: "phase", next: parseInt("phase", 10, 1, 2, nil, again)},
			{word: "range", next: c.parseString("range", true, nil, again)},
		}),
		keywords(ifKeyword{next: again}, []ifKeyword{{word: "active", key: "active", val: true}}),
		keywords(ifKeyword{key: "ifflag", do: c.setFlags, next: again}, []ifKeyword{
			flagKeyword("arp", -netbsd.IFF_NOARP),
			flagKeyword("debug", netbsd.IFF_DEBUG),
			flagKeyword("link0", netbsd.IFF_LINK0),
			flagKeyword("link1", netbsd.IFF_LINK1),
			flagKeyword("link2", netbsd.IFF_LINK2),
			{word: "down", val: int64(-netbsd.IFF_UP)},
			{word: "up", val: int64(netbsd.IFF_UP)},
		}),
		keywords(ifKeyword{key: "ifcap", do: c.setCapabilities, next: again}, capabilityKeywords()),
		c.mediaKeywords(again),
		keywords(ifKeyword{}, []ifKeyword{
			{word: "alias", neg: true, key: "alias", val: true, negVal: false, notAfter: []string{"alias"}, next: again},
			{word: "broadcast", next: c.parseAddr("broadcast", "", "", "", c.setBroadcast, again)},
			{word: "delete", key: "alias", val: false, notAfter: []string{"alias"}, next: again},
			{word: "metric", next: number("metric", 10, c.setMetric)},
			{word: "mtu", next: number("mtu", 10, c.setMTU)},
			{word: "netmask", next: c.parseAddr("dstormask", "", "", "", c.setNetmask, again)},
			{word: "preference", after: "address", next: parseInt("preference", 10, math.MinInt16, math.MaxInt16, nil, again)},
			{word: "prefixlen", next: number("prefixlen", 10, c.setPrefixlen)},
			{word: "trailers", neg: true, do: c.noTrailers, next: again},
			{word: "linkstr", next: c.parseString("linkstr", true, c.setLinkstr, again)},
			{word: "-linkstr", do: c.clearLinkstr, next: again},
		}),
		c.parseAddr("address", "netmask", "", "address", c.checkPrefix, again),
		c.parseAddr("dstormask", "", "address", "dstormask", c.setDstOrMask, again),
		c.parseAddr("broadcast", "", "dstormask", "broadcast", c.setBroadcast, again),
		c.parseEnd(nil),
	)(ctx, s, w)
}

func capabilityKeywords() []ifKeyword {
	return []ifKeyword{
		flagKeyword("ip4csum-tx", netbsd.IFCAP_CSUM_IPv4_Tx),
		flagKeyword("ip4csum-rx", netbsd.IFCAP_CSUM_IPv4_Rx),
		flagKeyword("tcp4csum-tx", netbsd.IFCAP_CSUM_TCPv4_Tx),
		flagKeyword("tcp4csum-rx", netbsd.IFCAP_CSUM_TCPv4_Rx),
		flagKeyword("udp4csum-tx", netbsd.IFCAP_CSUM_UDPv4_Tx),
		flagKeyword("udp4csum-rx", netbsd.IFCAP_CSUM_UDPv4_Rx),
		flagKeyword("tcp6csum-tx", netbsd.IFCAP_CSUM_TCPv6_Tx),
		flagKeyword("tcp6csum-rx", netbsd.IFCAP_CSUM_TCPv6_Rx),
		flagKeyword("udp6csum-tx", netbsd.IFCAP_CSUM_UDPv6_Tx),
		flagKeyword("udp6csum-rx", netbsd.IFCAP_CSUM_UDPv6_Rx),
		flagKeyword("ip4csum", netbsd.IFCAP_CSUM_IPv4_Tx|netbsd.IFCAP_CSUM_IPv4_Rx),
		flagKeyword("tcp4csum", netbsd.IFCAP_CSUM_TCPv4_Tx|netbsd.IFCAP_CSUM_TCPv4_Rx),
		flagKeyword("udp4csum", netbsd.IFCAP_CSUM_UDPv4_Tx|netbsd.IFCAP_CSUM_UDPv4_Rx),
		flagKeyword("tcp6csum", netbsd.IFCAP_CSUM_TCPv6_Tx|netbsd.IFCAP_CSUM_TCPv6_Rx),
		flagKeyword("udp6csum", netbsd.IFCAP_CSUM_UDPv6_Tx|netbsd.IFCAP_CSUM_UDPv6_Rx),
		flagKeyword("tso4", netbsd.IFCAP_TSOv4),
		flagKeyword("tso6", netbsd.IFCAP_TSOv6),
	}
}

// The things to do.

// socket says, before an ioctl, that the kernel has no socket for it.
func (c *ifconfig) socket(ctx context.Context) error {
	if err := c.Kernel.Supports(ctx, netbsd.AF_INET); err != nil {
		return errc(1, err, "getsock")
	}
	return nil
}

// withSocket is a thing to do that needs a socket first.
func (c *ifconfig) withSocket(do ifDo) ifDo {
	return func(ctx context.Context, s ifSettings) error {
		if err := c.socket(ctx); err != nil {
			return err
		}
		return do(ctx, s)
	}
}

func (c *ifconfig) clone(ctx context.Context, s ifSettings) error {
	if err := c.socket(ctx); err != nil {
		return err
	}
	var err error
	if s["clonecmd"] == netbsd.SIOCIFCREATE {
		err = c.iface(s).Create(ctx)
	} else {
		err = c.iface(s).Destroy(ctx)
	}
	if err != nil {
		c.warn(err, "clone_command")
	}
	return err
}

func (c *ifconfig) setFlags(ctx context.Context, s ifSettings) error {
	if err := c.socket(ctx); err != nil {
		return err
	}
	if n := s["ifflag"].(int64); n < 0 {
		return c.iface(s).ChangeFlags(ctx, 0, rump.InterfaceFlags(-n))
	} else {
		return c.iface(s).ChangeFlags(ctx, rump.InterfaceFlags(n), 0)
	}
}

// ifCapabilities is what SIOCGIFCAP says, with what has been changed since.
type ifCapabilities struct{ have, enabled uint64 }

func (c *ifconfig) capabilities(ctx context.Context, s ifSettings) ifCapabilities {
	if caps, ok := s["ifcaps"].(ifCapabilities); ok {
		return caps
	}
	have, enabled, _ := c.iface(s).Capabilities(ctx) // none if there is nothing to ask
	return ifCapabilities{have, enabled}
}

func (c *ifconfig) setCapabilities(ctx context.Context, s ifSettings) error {
	caps := c.capabilities(ctx, s)
	if n := s["ifcap"].(int64); n < 0 {
		caps.enabled &^= uint64(-n)
	} else {
		caps.enabled |= uint64(n)
	}
	c.learnt["ifcaps"] = caps
	return nil
}

func (c *ifconfig) commitCapabilities(ctx context.Context, s ifSettings) error {
	caps, ok := s["ifcaps"].(ifCapabilities)
	if !ok {
		return nil
	}
	if err := c.iface(s).EnableCapabilities(ctx, caps.enabled); err != nil {
		return errc(1, err, "SIOCSIFCAP")
	}
	return nil
}

func (c *ifconfig) setMetric(ctx context.Context, s ifSettings) error {
	if err := c.socket(ctx); err != nil {
		return err
	}
	if err := c.iface(s).SetMetric(ctx, int(s["metric"].(int64))); err != nil {
		c.warn(err, "SIOCSIFMETRIC")
	}
	return nil
}

func (c *ifconfig) setMTU(ctx context.Context, s ifSettings) error {
	if err := c.socket(ctx); err != nil {
		return err
	}
	if err := c.iface(s).SetMTU(ctx, int(s["mtu"].(int64))); err != nil {
		c.warn(err, "SIOCSIFMTU")
	}
	return nil
}

func (c *ifconfig) setLinkstr(ctx context.Context, s ifSettings) error {
	if err := c.socket(ctx); err != nil {
		return err
	}
	if err := c.iface(s).SetLinkstr(ctx, s["linkstr"].(string)); err != nil {
		return errc(1, err, "SIOCSLINKSTR")
	}
	return nil
}

func (c *ifconfig) clearLinkstr(ctx context.Context, s ifSettings) error {
	if err := c.socket(ctx); err != nil {
		return err
	}
	if err := c.iface(s).ClearLinkstr(ctx); err != nil {
		return errc(1, err, "SIOCSLINKSTR")
	}
	return nil
}

func (c *ifconfig) noTrailers(context.Context, ifSettings) error {
	c.printf("Note: trailers are no longer sent, but always received\n")
	return nil
}
