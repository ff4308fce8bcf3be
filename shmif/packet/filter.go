package packet

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Filter is a compiled filter expression. It may be used concurrently.
//
// The language is pcap-filter's, in pure Go: hosts, nets, ports and port ranges with src and dst, the protocols ether,
// ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6, igmp, carp, vrrp, pim, esp, ah and stp, vlan, broadcast, multicast, less,
// greater, len, arithmetic over proto[offset:size], and, or, not and parentheses. As there, and and or have the same
// precedence, and after vlan everything is looked for behind the tag.
//
// It differs in that no names are looked up, that IPv6's extension headers are passed over to find the transport header,
// and that tcp[...] and udp[...] work on IPv6 too.
type Filter struct {
	text  string
	match pred
}

type (
	pred  func(*frameView) bool
	arith func(*frameView) (v uint32, ok bool) // not ok: the frame is of another protocol
)

// ParseFilter compiles a filter. The empty filter matches everything. Errors are *FilterError.
func ParseFilter(text string) (*Filter, error) {
	ts, err := tokens(text)
	if err != nil {
		return nil, err
	}
	p := &filterParser{text: text, ts: ts}
	if ts[0].text == "" {
		return &Filter{text, func(*frameView) bool { return true }}, nil
	}
	m, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if p.peek().text != "" {
		return nil, p.errorf("expected and, or, or the end")
	}
	return &Filter{text, m}, nil
}

// MustFilter is ParseFilter for filters that are known to be right.
func MustFilter(text string) *Filter {
	f, err := ParseFilter(text)
	if err != nil {
		panic(err)
	}
	return f
}

// String returns the filter's text.
func (f *Filter) String() string { return f.text }

// MatchBytes says whether a frame matches.
func (f *Filter) MatchBytes(frame []byte) bool {
	v := frameView{data: frame}
	return f.match(&v) && !v.fail
}

// Match says whether a packet matches. The error is always nil.
func (f *Filter) Match(p *Packet) (bool, error) { return f.MatchBytes(p.Data), nil }

type filterParser struct {
	text  string
	ts    []token
	i     int
	depth int   // of 802.1Q tags that vlan has taken off
	last  quals // of the last primitive, for "port 80 or 443"
}

// quals are the qualifiers of a primitive.
type quals struct {
	proto, dir, kind string
}

const maxNesting = 100

func (p *filterParser) peek() token { return p.ts[p.i] }

func (p *filterParser) peekAt(n int) token { return p.ts[min(p.i+n, len(p.ts)-1)] }

func (p *filterParser) next() token {
	t := p.ts[p.i]
	if t.text != "" {
		p.i++
	}
	return t
}

func (p *filterParser) take(texts ...string) bool {
	t := p.peek()
	for _, s := range texts {
		if t.text == s && !t.esc {
			p.next()
			return true
		}
	}
	return false
}

func (p *filterParser) errorf(format string, args ...any) error {
	return p.errorAt(p.peek(), format, args...)
}

func (p *filterParser) errorAt(t token, format string, args ...any) error {
	return &FilterError{p.text, t.pos, fmt.Sprintf(format, args...)}
}

func (p *filterParser) expr(nesting int) (pred, error) {
	if nesting > maxNesting {
		return nil, p.errorf("nested too deeply")
	}
	a, err := p.term(nesting)
	if err != nil {
		return nil, err
	}
	for {
		and := false
		switch {
		case p.take("and", "&&"):
			and = true
		case p.take("or", "||"):
		default:
			return a, nil
		}
		b, err := p.term(nesting)
		if err != nil {
			return nil, err
		}
		left := a
		if and {
			a = func(v *frameView) bool { return left(v) && !v.fail && b(v) }
		} else {
			a = func(v *frameView) bool { return left(v) || !v.fail && b(v) }
		}
	}
}

func (p *filterParser) term(nesting int) (pred, error) {
	if nesting > maxNesting {
		return nil, p.errorf("nested too deeply")
	}
	if p.take("not", "!") {
		m, err := p.term(nesting + 1)
		if err != nil {
			return nil, err
		}
		return func(v *frameView) bool { return !m(v) }, nil
	}
	if p.startsRelation() {
		return p.relation(nesting)
	}
	if p.take("(") {
		m, err := p.expr(nesting + 1)
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, p.errorf("expected a closing parenthesis")
		}
		return m, nil
	}
	return p.primitive(nesting)
}

var relations = map[string]func(a, b uint32) bool{
	"=":  func(a, b uint32) bool { return a == b },
	"==": func(a, b uint32) bool { return a == b },
	"!=": func(a, b uint32) bool { return a != b },
	"<":  func(a, b uint32) bool { return a < b },
	"<=": func(a, b uint32) bool { return a <= b },
	">":  func(a, b uint32) bool { return a > b },
	">=": func(a, b uint32) bool { return a >= b },
}

var levels = map[string]int{"|": 1, "&": 1, "^": 1, "<<": 2, ">>": 2, "+": 3, "-": 3, "*": 4, "/": 4, "%": 4}

// startsRelation says whether arithmetic begins here, and not a primitive or a parenthesis around some.
func (p *filterParser) startsRelation() bool {
	t := p.peek()
	after := p.peekAt(1)
	switch {
	case t.text == "-", t.text == "len":
		return true
	case t.text == "(":
		after = p.ts[min(t.pair+1, len(p.ts)-1)]
	case !t.word || t.text == "":
		return false
	case after.text == "[":
		return true
	default:
		if _, isNumber := number(t.text); !isNumber {
			return false
		}
	}
	return !after.word && (relations[after.text] != nil || levels[after.text] > 0 && after.text != "/")
}

func (p *filterParser) relation(nesting int) (pred, error) {
	a, err := p.arith(1, nesting)
	if err != nil {
		return nil, err
	}
	op := p.peek()
	cmp := relations[op.text]
	if cmp == nil {
		return nil, p.errorf("expected a comparison")
	}
	p.next()
	b, err := p.arith(1, nesting)
	if err != nil {
		return nil, err
	}
	return func(v *frameView) bool {
		x, ok := a(v)
		if !ok {
			return false
		}
		y, ok := b(v)
		return ok && cmp(x, y)
	}, nil
}

func (p *filterParser) arith(level, nesting int) (arith, error) {
	if nesting > maxNesting {
		return nil, p.errorf("nested too deeply")
	}
	if level > 4 {
		return p.operand(nesting)
	}
	a, err := p.arith(level+1, nesting)
	if err != nil {
		return nil, err
	}
	for levels[p.peek().text] == level && !p.peek().word {
		op := p.next()
		b, err := p.arith(level+1, nesting)
		if err != nil {
			return nil, err
		}
		a = operate(op.text, a, b)
	}
	return a, nil
}

func operate(op string, a, b arith) arith {
	return func(v *frameView) (uint32, bool) {
		x, ok := a(v)
		if !ok {
			return 0, false
		}
		y, ok := b(v)
		if !ok {
			return 0, false
		}
		switch op {
		case "+":
			return x + y, true
		case "-":
			return x - y, true
		case "*":
			return x * y, true
		case "|":
			return x | y, true
		case "&":
			return x & y, true
		case "^":
			return x ^ y, true
		case "<<":
			return x << y, true
		case ">>":
			return x >> y, true
		}
		if y == 0 { // a division by zero ends a BPF program without a match
			v.fail = true
			return 0, true
		}
		if op == "/" {
			return x / y, true
		}
		return x % y, true
	}
}

// constants are the names that stand for numbers in arithmetic.
var constants = map[string]uint32{
	"tcpflags": 13, "icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1,
	"tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,
	"icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8,
	"icmp-routeradvert": 9, "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12, "icmp-tstamp": 13,
	"icmp-tstampreply": 14, "icmp-ireq": 15, "icmp-ireqreply": 16, "icmp-maskreq": 17, "icmp-maskreply": 18,
	"icmp6-destinationunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3, "icmp6-parameterproblem": 4,
	"icmp6-echo": 128, "icmp6-echoreply": 129, "icmp6-multicastlistenerquery": 130,
	"icmp6-multicastlistenerreportv1": 131, "icmp6-multicastlistenerdone": 132, "icmp6-routersolicit": 133,
	"icmp6-routeradvert": 134, "icmp6-neighborsolicit": 135, "icmp6-neighboradvert": 136, "icmp6-redirect": 137,
	"icmp6-multicastlistenerreportv2": 143,
}

func number(s string) (uint32, bool) {
	if n, ok := constants[s]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(s, 0, 32)
	return uint32(n), err == nil && !strings.Contains(s, "_")
}

func (p *filterParser) operand(nesting int) (arith, error) {
	t := p.next()
	switch {
	case t.text == "-":
		a, err := p.arith(5, nesting+1)
		if err != nil {
			return nil, err
		}
		return func(v *frameView) (uint32, bool) { x, ok := a(v); return -x, ok }, nil
	case t.text == "(":
		a, err := p.arith(1, nesting+1)
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, p.errorf("expected a closing parenthesis")
		}
		return a, nil
	case t.text == "len":
		return func(v *frameView) (uint32, bool) { return uint32(len(v.data)), true }, nil
	case t.word && p.peek().text == "[":
		return p.load(t, nesting)
	case t.word:
		if n, ok := number(t.text); ok {
			return func(*frameView) (uint32, bool) { return n, true }, nil
		}
	}
	return nil, p.errorAt(t, "expected a number, len, or a protocol with an offset in brackets")
}

// load compiles proto[offset] and proto[offset:size].
func (p *filterParser) load(proto token, nesting int) (arith, error) {
	base, ok := baseOf(proto.text, p.depth)
	if !ok {
		return nil, p.errorAt(proto, "nothing can be read from this")
	}
	p.next() // [
	off, err := p.arith(1, nesting+1)
	if err != nil {
		return nil, err
	}
	size := 1
	if p.take(":") {
		t := p.next()
		switch t.text {
		case "1", "2", "4":
			size = int(t.text[0] - '0')
		default:
			return nil, p.errorAt(t, "a size is 1, 2 or 4")
		}
	}
	if !p.take("]") {
		return nil, p.errorf("expected ]")
	}
	return func(v *frameView) (uint32, bool) {
		b, ok := base(v)
		if !ok {
			return 0, false
		}
		o, ok := off(v)
		if !ok {
			return 0, false
		}
		if o > 1<<20 {
			v.fail = true
			return 0, true
		}
		return v.load(b+int(o), size), true
	}, nil
}

// etherTypes and ipProtos are the protocols by name.
var (
	etherTypes = map[string]uint16{"ip": TypeIPv4, "ip6": TypeIPv6, "arp": TypeARP, "rarp": 0x8035}
	ipProtos   = map[string]uint8{
		"tcp": ProtoTCP, "udp": ProtoUDP, "sctp": 132, "icmp": ProtoICMP, "icmp6": ProtoICMPv6, "igmp": ProtoIGMP,
		"carp": ProtoCARP, "vrrp": 112, "pim": 103, "esp": 50, "ah": 51,
	}
)

// baseOf returns where a protocol's header begins, for frames that have one.
func baseOf(proto string, depth int) (func(*frameView) (int, bool), bool) {
	if proto == "ether" || proto == "link" {
		return func(*frameView) (int, bool) { return 0, true }, true
	}
	if typ, ok := etherTypes[proto]; ok {
		return func(v *frameView) (int, bool) {
			t, off, ok := v.link(depth)
			return off, ok && t == typ
		}, true
	}
	if n, ok := ipProtos[proto]; ok {
		return func(v *frameView) (int, bool) {
			h, ok := v.ip(depth)
			return h.transport, ok && h.first && h.proto == n && h.v6 == (n == ProtoICMPv6 || h.v6 && n != ProtoICMP)
		}, true
	}
	return nil, false
}

func isProto(s string) bool { _, ok := baseOf(s, 0); return ok || s == "stp" }

// primitive compiles qualifiers and an identifier, or a word that stands alone.
func (p *filterParser) primitive(nesting int) (pred, error) {
	start := p.peek()
	if start.text == "" {
		return nil, p.errorf("something is missing")
	}
	if !start.word {
		return nil, p.errorf("expected a host, a protocol or a comparison")
	}
	q, given, err := p.quals()
	if err != nil {
		return nil, err
	}
	if !given {
		if !start.esc {
			if m, ok, err := p.alone("", start); ok || err != nil {
				return m, err
			}
		}
		q = p.last
		if q == (quals{}) {
			if _, isAddr := parseID(start.text); !isAddr {
				return nil, p.errorAt(start, "unknown word")
			}
		}
	}
	if given {
		if m, ok, err := p.alone(q.proto, start); ok || err != nil {
			return m, err
		}
		t := p.peek()
		if q.dir == "" && q.kind == "" && (!t.word || t.esc || isWord(t.text)) {
			return p.protocol(q.proto, start)
		}
		p.last = q
		if t.text == "(" { // port (80 or 443)
			p.next()
			m, err := p.expr(nesting + 1)
			if err != nil {
				return nil, err
			}
			if !p.take(")") {
				return nil, p.errorf("expected a closing parenthesis")
			}
			return m, nil
		}
	}
	return p.id(q)
}

func isWord(s string) bool {
	switch s {
	case "and", "or", "not", "":
		return true
	}
	return false
}

// quals reads qualifiers: a protocol, a direction and a kind, each at most once and in this order.
func (p *filterParser) quals() (q quals, given bool, err error) {
	if t := p.peek(); t.word && !t.esc && (isProto(t.text) || t.text == "link") {
		q.proto = p.next().text
		if q.proto == "link" {
			q.proto = "ether"
		}
		given = true
	}
	if t := p.peek(); !t.esc && (t.text == "src" || t.text == "dst") {
		given = true
		q.dir = p.next().text
		if op, other := p.peek(), p.peekAt(1); (op.text == "or" || op.text == "and") && (other.text == "src" || other.text == "dst") && other.text != q.dir {
			// "src or dst host a", but not "src a or dst b": the word before would be an address then.
			p.next()
			p.next()
			q.dir = op.text
		}
	}
	if t := p.peek(); !t.esc {
		switch t.text {
		case "host", "net", "port", "portrange", "proto":
			q.kind = p.next().text
			given = true
		case "protochain":
			p.next()
			q.kind, given = "proto", true
		case "gateway", "inbound", "outbound", "on", "ifname":
			return q, given, p.errorf("not supported on a bus")
		}
	}
	return q, given, nil
}

// alone compiles the words that need no identifier.
func (p *filterParser) alone(proto string, start token) (pred, bool, error) {
	depth := p.depth
	switch t := p.peek(); t.text {
	case "broadcast":
		p.next()
		if proto != "" && proto != "ether" {
			return nil, false, p.errorAt(t, "only of ether: a bus knows no netmask")
		}
		return func(v *frameView) bool { return len(v.data) >= 6 && macOf(v.data) == Broadcast }, true, nil
	case "multicast":
		p.next()
		switch proto {
		case "", "ether":
			return func(v *frameView) bool { return len(v.data) >= 6 && v.data[0]&1 != 0 }, true, nil
		case "ip", "ip6":
			return func(v *frameView) bool {
				h, ok := v.ip(depth)
				return ok && h.v6 == (proto == "ip6") && h.dst.IsMulticast()
			}, true, nil
		}
		return nil, false, p.errorAt(t, "only of ether, ip and ip6")
	case "less", "greater":
		if proto != "" {
			return nil, false, p.errorAt(start, "the length has no protocol")
		}
		p.next()
		arg := p.next()
		n, ok := number(arg.text)
		if !ok {
			return nil, false, p.errorAt(arg, "expected a length")
		}
		less := t.text == "less"
		return func(v *frameView) bool {
			if less {
				return uint32(len(v.data)) <= n
			}
			return uint32(len(v.data)) >= n
		}, true, nil
	case "vlan":
		if proto != "" {
			return nil, false, p.errorAt(start, "a tag has no protocol")
		}
		p.next()
		id := -1
		if arg := p.peek(); arg.word && !isWord(arg.text) {
			if n, ok := number(arg.text); ok {
				if n > 4095 {
					return nil, false, p.errorf("a VLAN is 0 to 4095")
				}
				p.next()
				id = int(n)
			}
		}
		p.depth++
		return func(v *frameView) bool {
			typ, off, ok := v.link(depth)
			return ok && tagged(typ) && off+2 <= len(v.data) && (id < 0 || int(be.Uint16(v.data[off:])&0xfff) == id)
		}, true, nil
	}
	return nil, false, nil
}

// protocol compiles a protocol that stands alone.
func (p *filterParser) protocol(proto string, t token) (pred, error) {
	depth := p.depth
	switch proto {
	case "":
		return nil, p.errorf("expected an address, net or port")
	case "ether":
		return nil, p.errorf("every frame is; expected host, src, dst, proto or an offset in brackets")
	case "stp":
		return func(v *frameView) bool {
			typ, off, ok := v.link(depth)
			return ok && typ < 1536 && off+2 < len(v.data) && v.data[off] == 0x42 && v.data[off+1] == 0x42
		}, nil
	}
	p.last = quals{}
	return matchProto(proto, depth), nil
}

func matchProto(proto string, depth int) pred {
	if typ, ok := etherTypes[proto]; ok {
		return func(v *frameView) bool {
			t, _, ok := v.link(depth)
			return ok && t == typ
		}
	}
	n := ipProtos[proto]
	return func(v *frameView) bool {
		h, ok := v.ip(depth)
		if !ok || h.proto != n {
			return false
		}
		if n == ProtoICMP || n == ProtoICMPv6 {
			return h.v6 == (n == ProtoICMPv6)
		}
		return true
	}
}

// An id is what a primitive is about: an address, a prefix or a number.
type id struct {
	mac    *MAC
	prefix netip.Prefix
}

func parseID(s string) (id, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return id{prefix: netip.PrefixFrom(a, a.BitLen())}, true
	}
	if strings.Count(s, ":") == 5 {
		if m, err := ParseMAC(s); err == nil {
			return id{mac: &m}, true
		}
	}
	return id{}, false
}

// id compiles what follows the qualifiers.
func (p *filterParser) id(q quals) (pred, error) {
	t := p.next()
	if !t.word || t.text == "" {
		return nil, p.errorAt(t, "expected an address, net or port")
	}
	switch q.kind {
	case "port", "portrange":
		return p.ports(q, t)
	case "proto":
		return p.proto(q, t)
	case "net":
		prefix, err := p.prefix(t)
		if err != nil {
			return nil, err
		}
		return p.hosts(q, t, prefix)
	}
	a, ok := parseID(t.text)
	if !ok {
		return nil, p.errorAt(t, "not an address; names are not looked up")
	}
	if a.mac != nil || q.proto == "ether" {
		if a.mac == nil {
			return nil, p.errorAt(t, "not an Ethernet address")
		}
		if q.proto != "ether" && q.proto != "" {
			return nil, p.errorAt(t, "an Ethernet address is of ether")
		}
		m := *a.mac
		return func(v *frameView) bool {
			return len(v.data) >= 12 && direction(q.dir, macOf(v.data[6:]) == m, macOf(v.data) == m)
		}, nil
	}
	if p.peek().text == "/" {
		prefix, err := p.prefix(t)
		if err != nil {
			return nil, err
		}
		a.prefix = prefix
	}
	return p.hosts(q, t, a.prefix)
}

func direction(dir string, src, dst bool) bool {
	switch dir {
	case "src":
		return src
	case "dst":
		return dst
	case "and":
		return src && dst
	}
	return src || dst
}

// prefix reads a net: 10, 10.1/16, 10.0.0.0 mask 255.0.0.0, fe80::/10.
func (p *filterParser) prefix(t token) (netip.Prefix, error) {
	text, bits := t.text, 0
	if !strings.Contains(text, ":") {
		parts := strings.Split(text, ".")
		if len(parts) > 4 {
			return netip.Prefix{}, p.errorAt(t, "not a net")
		}
		bits = 8 * len(parts)
		text += strings.Repeat(".0", 4-len(parts))
	} else {
		bits = 128
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, p.errorAt(t, "not a net; names are not looked up")
	}
	switch {
	case p.take("/"):
		arg := p.next()
		n, err := strconv.Atoi(arg.text)
		if err != nil || n < 0 || n > a.BitLen() {
			return netip.Prefix{}, p.errorAt(arg, "expected a prefix length")
		}
		bits = n
	case p.take("mask"):
		arg := p.next()
		m, err := netip.ParseAddr(arg.text)
		if err != nil || !m.Is4() || !a.Is4() {
			return netip.Prefix{}, p.errorAt(arg, "expected a netmask")
		}
		w := m.As4()
		mask := be.Uint32(w[:])
		bits = 0
		for ; mask&(1<<31) != 0; mask <<= 1 {
			bits++
		}
		if mask != 0 {
			return netip.Prefix{}, p.errorAt(arg, "a netmask with holes")
		}
	}
	prefix := netip.PrefixFrom(a, bits)
	if prefix.Masked().Addr() != a {
		return netip.Prefix{}, p.errorAt(t, "has bits outside its mask")
	}
	return prefix, nil
}

// hosts compiles a test of network addresses.
func (p *filterParser) hosts(q quals, t token, prefix netip.Prefix) (pred, error) {
	depth := p.depth
	v6 := prefix.Addr().Is6()
	proto := q.proto
	switch {
	case proto == "ip" && v6, (proto == "arp" || proto == "rarp") && v6:
		return nil, p.errorAt(t, "not an IPv4 address")
	case proto == "ip6" && !v6:
		return nil, p.errorAt(t, "not an IPv6 address")
	case proto == "ether":
		return nil, p.errorAt(t, "not an Ethernet address")
	}
	var want uint8
	if proto != "" && etherTypes[proto] == 0 {
		n, ok := ipProtos[proto]
		if !ok {
			return nil, p.errorAt(t, "%s has no hosts", proto)
		}
		want = n
	}
	return func(v *frameView) bool {
		if proto != "arp" && proto != "rarp" {
			if h, ok := v.ip(depth); ok {
				return h.v6 == v6 && (want == 0 || h.proto == want) && direction(q.dir, prefix.Contains(h.src), prefix.Contains(h.dst))
			}
		}
		if v6 || proto == "ip" || want != 0 {
			return false
		}
		if typ, _, _ := v.link(depth); proto != "" && typ != etherTypes[proto] {
			return false
		}
		sender, target, ok := v.arp(depth)
		return ok && direction(q.dir, prefix.Contains(sender), prefix.Contains(target))
	}, nil
}

var services = map[string]uint16{
	"ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80,
	"ntp": 123, "snmp": 161, "bgp": 179, "https": 443, "syslog": 514, "rip": 520, "discard": 9, "daytime": 13, "echo": 7,
}

func (p *filterParser) port(t token) (uint16, error) {
	if n, ok := services[t.text]; ok {
		return n, nil
	}
	n, err := strconv.ParseUint(t.text, 0, 16)
	if err != nil {
		return 0, p.errorAt(t, "not a port")
	}
	return uint16(n), nil
}

func (p *filterParser) ports(q quals, t token) (pred, error) {
	depth := p.depth
	low, err := p.port(t)
	if err != nil {
		return nil, err
	}
	high := low
	if q.kind == "portrange" {
		if p.take("-") {
			if high, err = p.port(p.next()); err != nil {
				return nil, err
			}
		}
		if low > high {
			low, high = high, low
		}
	}
	var want uint8
	v4, v6 := true, true
	switch q.proto {
	case "":
	case "ip":
		v6 = false
	case "ip6":
		v4 = false
	case "tcp", "udp", "sctp":
		want = ipProtos[q.proto]
	default:
		return nil, p.errorAt(t, "%s has no ports", q.proto)
	}
	in := func(n uint16) bool { return low <= n && n <= high }
	return func(v *frameView) bool {
		proto, src, dst, ok := v.ports(depth)
		if !ok || want != 0 && proto != want {
			return false
		}
		if !v4 || !v6 {
			if h, _ := v.ip(depth); h.v6 != v6 {
				return false
			}
		}
		return direction(q.dir, in(src), in(dst))
	}, nil
}

// proto compiles "ether proto X", "ip proto X", "ip6 proto X" and "proto X".
func (p *filterParser) proto(q quals, t token) (pred, error) {
	depth := p.depth
	if q.dir != "" {
		return nil, p.errorAt(t, "a protocol has no direction")
	}
	n, isNumber := number(t.text)
	switch q.proto {
	case "ether":
		if typ, ok := etherTypes[t.text]; ok {
			n = uint32(typ)
		} else if !isNumber || n > 0xffff {
			return nil, p.errorAt(t, "not an EtherType")
		}
		return func(v *frameView) bool {
			typ, _, ok := v.link(depth)
			return ok && uint32(typ) == n
		}, nil
	case "ip", "ip6", "":
		if proto, ok := ipProtos[t.text]; ok {
			n = uint32(proto)
		} else if !isNumber || n > 255 {
			return nil, p.errorAt(t, "not a protocol of IP")
		}
		return func(v *frameView) bool {
			h, ok := v.ip(depth)
			return ok && uint32(h.proto) == n && (q.proto == "" || h.v6 == (q.proto == "ip6"))
		}, nil
	}
	return nil, p.errorAt(t, "%s has no protocols", q.proto)
}
