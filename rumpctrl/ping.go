package rumpctrl

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

const (
	ipHeaderLen = 20
	icmpMinLen  = 8
	maxOptLen   = 40 // MAX_IPOPTLEN
)

// ping is a running ping(8).
type ping struct {
	*echo
	flags map[byte]bool

	hostname     string
	to, via, src netip.Addr
	ttl, tos     int
	size         int // of the data
	timed        int // bytes in front of the data for the time, 0 if they do not fit
	data         []byte
	ipopts       []byte
	precision    int

	noRoute, noSource bool // said once that the other end knows no such option
	lastRoute         []byte
	lastSeq           uint16
	dots              dots
	policies          []string // of -E
}

func runPing(ctx context.Context, e *Env) error {
	p := &ping{echo: newEcho(e), flags: make(map[byte]bool), size: -1, ttl: -1, lastSeq: 0xffff}
	var err error
	if p.conn, err = rawSocket(ctx, e, netbsd.AF_INET, netbsd.IPPROTO_ICMP); err != nil {
		return errc(1, err, "Cannot create socket")
	}
	defer p.conn.Close()
	return p.main(ctx)
}

func rawSocket(ctx context.Context, e *Env, family, protocol int) (*rump.Conn, error) {
	return e.Kernel.NewConn(ctx, family, netbsd.SOCK_RAW, protocol, "")
}

func (p *ping) usage() error {
	fmt.Fprintf(p.Stderr, "usage: \n%s [-aCDdfLnoPQqRrv] [-c count] [-g gateway] [-h host] [-I addr] [-i interval]\n"+
		"     [-l preload] [-p pattern] [-s size] [-T ttl] [-t tos] [-w maxwait] \n"+
		"     [-E policy] host\n", p.Args[0])
	return silent(1)
}

func (p *ping) main(ctx context.Context) error {
	compat, host, pat := false, "", ""
	last := byte(0) // of the options
	interval := 0.0
	args, err := p.getopt(p.Args[1:], "ac:CdDfg:h:i:I:l:Lnop:PqQrRs:t:T:vw:E:", func(opt byte, arg string) error {
		switch opt {
		case 'c':
			n, ok := strtol(arg, 0)
			if !ok || n <= 0 {
				return errx(1, "Bad/invalid number of packets: %s", arg)
			}
			p.packets = n
		case 'C':
			compat = true
		case 'g':
			a, err := p.gethost(arg)
			if err != nil {
				return err
			}
			p.via = a
		case 'h':
			host = p.hostWord(arg)
		case 'i':
			f, ok := strtod(arg)
			if !ok || f <= 0 {
				return errx(1, "Bad/invalid interval: %s", arg)
			}
			interval = f
		case 'I':
			a, err := p.gethost(arg)
			if err != nil {
				return err
			}
			p.src = a
		case 'l':
			n, ok := strtol(arg, 0)
			if !ok || n < 0 {
				return errx(1, "Bad/invalid preload value: %s", arg)
			}
			p.preload = n
		case 'p', 'P':
			if opt == 'p' && p.flags['P'] || opt == 'P' && p.flags['p'] {
				return errx(1, "Only one of -P and -p allowed")
			}
			pat = arg
		case 's':
			n, ok := strtol(arg, 0)
			if !ok || n < 0 {
				return errx(1, "Bad/invalid packet size: %s", arg)
			}
			if n > 65535-60-8 {
				return errx(1, "packet size is too large")
			}
			p.size = n
		case 't':
			n, err := strtouq(arg)
			if err != nil || n > 0xff {
				return errx(1, "bad tos value: %s", arg)
			}
			p.tos = int(n)
		case 'T':
			n, ok := strtol(arg, 0)
			if !ok || n > 255 || n <= 0 {
				return errx(1, "ttl out of range: %s", arg)
			}
			p.ttl = n
		case 'w':
			f, ok := strtod(arg)
			if !ok || f <= 0 {
				return errx(1, "Bad/invalid maxwait time: %s", arg)
			}
			p.limit = seconds(f)
		case 'E':
			if !isPolicy(arg) {
				return errx(1, "invalid security policy: %s", arg)
			}
			p.policies = append(p.policies, arg)
		}
		p.flags[opt], last = true, opt
		return nil
	})
	if err == errBadOption {
		return p.usage()
	}
	if err != nil {
		return err
	}
	p.flood, p.once = p.flags['f'], p.flags['o']
	if interval == 0 {
		interval = 1
		if p.flood {
			interval = 0.01
		}
	}
	p.interval = seconds(interval)
	p.grace = 10 * p.interval
	if p.flags['a'] && p.flood {
		p.warnx("Sorry, no audible output for flood pings")
	}
	if p.packets > 0 {
		p.packets += p.preload
	}
	switch {
	case !p.flags['h'] && len(args) != 1, last == 'h' && len(args) == 0:
		return p.usage() // ping(8) takes a host of -h at the end for a mistake
	case !p.flags['h']:
		host = args[0]
	}
	if p.to, err = p.gethost(host); err != nil {
		return err
	}
	p.hostname = host
	if !p.via.IsValid() {
		p.via = p.to
	}
	p.fill(compat, pat)
	if p.flags['p'] {
		if err := p.fillPattern(pat); err != nil {
			return err
		}
	}
	if err := p.setUp(); err != nil {
		return err
	}
	p.printf("PING %s (%s): %d data bytes\n", p.hostname, p.to, p.size)
	if err := p.bufferSizes(65535); err != nil {
		return err
	}
	p.echo.send, p.echo.receive = p.sendOne, p.receiveOne
	err = p.run(ctx)
	p.summary(true)
	if err != nil {
		return err
	}
	if p.received == 0 {
		return silent(2)
	}
	return nil
}

// hostWord is the word that ping(8) takes for the host of -h: the last one of the
// option, which includes the letter where they are written together.
func (p *ping) hostWord(arg string) string {
	for _, word := range p.Args[1:] {
		if strings.HasPrefix(word, "-") && strings.HasSuffix(word, "h"+arg) {
			return word
		}
	}
	return arg
}

// gethost turns a word into an address. There is nobody to ask for names.
func (p *ping) gethost(s string) (netip.Addr, error) {
	if a, ok := inetAton(s); ok {
		return a, nil
	}
	if s == "localhost" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	return netip.Addr{}, errx(1, "Cannot resolve \"%s\" (%s)", s, noHost(s))
}

// fill makes the data of the packets.
func (p *ping) fill(compat bool, pat string) {
	if p.size < 0 {
		p.size = 64 - 8
	}
	switch {
	case !compat && p.size >= netbsd.SizeofTimespec:
		p.timed, p.precision = netbsd.SizeofTimespec, 6
	case p.size >= 8:
		p.timed, p.precision = 8, 3
	}
	p.data = make([]byte, p.size)
	for i := p.timed; i < p.size; i++ {
		p.data[i] = byte(i)
	}
	if p.flags['P'] {
		p.fillRandom()
	}
}

func (p *ping) fillRandom() {
	for i := p.timed; i < p.size; i++ {
		p.data[i] = byte(rand.Uint32())
	}
}

func (p *ping) fillPattern(pat string) error {
	b, ok := pattern(pat)
	if !ok || pat == "" || len(pat) > 32 {
		return errx(1, "\"-p %s\": patterns must be specified with 1-32 hex digits\n", pat)
	}
	for i := p.timed; i < p.size; i++ {
		p.data[i] = b[(i-p.timed)%len(b)]
	}
	if !p.flags['q'] {
		p.printf("PATTERN: 0x%x\n", b)
	}
	return nil
}

// setUp makes the IP options and sets those of the socket.
func (p *ping) setUp() error {
	if p.flags['d'] {
		if err := p.conn.SetOption(netbsd.SOL_SOCKET, netbsd.SO_DEBUG, 1); err != nil {
			p.warn(err, "Can't turn on socket debugging")
		}
	}
	if p.flags['r'] {
		if err := p.conn.SetOption(netbsd.SOL_SOCKET, netbsd.SO_DONTROUTE, 1); err != nil {
			p.warn(err, "SO_DONTROUTE")
		}
	}
	if p.flags['g'] {
		to := p.to.As4()
		p.ipopts = append([]byte{ipoptLSRR, 7, 4}, to[:]...)
		p.ipopts = append(p.ipopts, ipoptNOP)
	}
	if p.flags['R'] {
		n := maxOptLen - len(p.ipopts)
		rr := make([]byte, n)
		rr[0], rr[1], rr[2] = ipoptRR, byte(n-1), 4
		p.ipopts = append(p.ipopts, rr...)
	}
	if err := p.sockOpt(netbsd.IPPROTO_IP, netbsd.IP_HDRINCL, 1, "Can't set special IP header"); err != nil {
		return err
	}
	err := p.setPolicies(p.policies, netbsd.IPPROTO_IP, netbsd.IP_IPSEC_POLICY, func(err error) error {
		return errc(1, err, "ipsec policy cannot be configured")
	})
	if err != nil {
		return err
	}
	src := p.src
	if !src.IsValid() {
		src = netip.IPv4Unspecified()
	}
	b := src.As4()
	if p.to.IsMulticast() {
		if p.flags['L'] {
			if err := p.conn.SetOptionBytes(netbsd.IPPROTO_IP, netbsd.IP_MULTICAST_LOOP, []byte{0}); err != nil {
				return errc(1, err, "Can't disable multicast loopback")
			}
		}
		if p.ttl > 0 {
			if err := p.conn.SetOptionBytes(netbsd.IPPROTO_IP, netbsd.IP_MULTICAST_TTL, []byte{byte(p.ttl)}); err != nil {
				return errc(1, err, "Can't set multicast time-to-live")
			}
		}
	}
	if p.flags['I'] {
		if err := p.conn.SetOptionBytes(netbsd.IPPROTO_IP, netbsd.IP_MULTICAST_IF, b[:]); err != nil {
			if p.to.IsMulticast() {
				return errc(1, err, "Can't set multicast source interface")
			}
			return errc(1, err, "Can't set source interface/address")
		}
	}
	return nil
}

const (
	ipoptEOL  = 0
	ipoptNOP  = 1
	ipoptRR   = 7
	ipoptLSRR = 131
)

// length is that of a whole packet.
func (p *ping) length() int {
	return ipHeaderLen + len(p.ipopts) + icmpMinLen + max(p.size, icmpMinLen)
}

// sendOne sends an echo request with an IP header of its own, which raw sockets
// want in host byte order.
func (p *ping) sendOne(seq uint16, now time.Time) {
	b := make([]byte, p.length())
	hlen := ipHeaderLen + len(p.ipopts)
	b[0] = 4<<4 | byte(hlen/4)
	b[1] = byte(p.tos)
	binary.LittleEndian.PutUint16(b[2:], uint16(len(b)))
	if p.flags['D'] {
		binary.LittleEndian.PutUint16(b[6:], 0x4000)
	}
	b[8] = 255
	if p.ttl > 0 {
		b[8] = byte(p.ttl)
	}
	b[9] = netbsd.IPPROTO_ICMP
	if p.src.IsValid() {
		s := p.src.As4()
		copy(b[12:], s[:])
	}
	d := p.via.As4()
	copy(b[16:], d[:])
	copy(b[20:], p.ipopts)

	icmp := b[hlen:]
	icmp[0] = 8
	binary.BigEndian.PutUint16(icmp[4:], p.id)
	binary.BigEndian.PutUint16(icmp[6:], seq)
	copy(icmp[8:], p.data)
	switch p.timed {
	case netbsd.SizeofTimespec:
		copy(icmp[8:], netbsd.TimespecOf(now).Append(nil))
	case 8:
		binary.BigEndian.PutUint32(icmp[8:], uint32(now.Unix()))
		binary.BigEndian.PutUint32(icmp[12:], uint32(now.Nanosecond()/1000))
	}
	binary.BigEndian.PutUint16(icmp[2:], checksum(icmp))
	if _, err := p.conn.WriteToSockaddr(b, netbsd.SockaddrIn{Addr: d}); err != nil {
		p.endDots()
		p.warn(err, "sendto")
	}
	if p.flood {
		p.moveDots(1)
	}
	if p.flags['P'] {
		p.fillRandom()
	}
}

func (p *ping) receiveOne() error {
	buf := make([]byte, p.size+60+76+512)
	n, sa, err := p.conn.ReadFromSockaddr(buf)
	if err != nil {
		if _, ok := rump.Errno(err); ok {
			p.endDots()
			p.warn(err, "recvfrom")
			return nil
		}
		return err
	}
	from, _ := sa.(netbsd.SockaddrIn)
	p.packet(buf[:n], from.NetipAddr())
	return nil
}

// packet prints a packet that came, if it is one for us.
func (p *ping) packet(b []byte, from netip.Addr) {
	hlen := 0
	if len(b) > 0 {
		hlen = int(b[0]&15) * 4
	}
	if len(b) < hlen+icmpMinLen || hlen < ipHeaderLen {
		if p.flags['v'] {
			p.endDots()
			p.printf("packet too short (%d bytes) from %s\n", len(b), from)
		}
		return
	}
	icmp := b[hlen:]
	said := 0 // how much of the line has been printed: nothing, the answer, something else
	if icmp[0] == 0 && binary.BigEndian.Uint16(icmp[4:]) == p.id {
		seq := binary.BigEndian.Uint16(icmp[6:])
		trip, dup, ok := p.answered(seq)
		if !ok {
			return
		}
		line := func() {
			if said == 0 {
				said = 1
				p.line(len(icmp), from, seq, dup, int(b[8]), trip)
			}
		}
		if len(b) != p.length() {
			line()
			p.wrongLength(len(b))
		}
		if !dup {
			p.gap(seq)
		}
		if p.flags['q'] {
			return
		}
		if !p.flood {
			line()
		}
		p.compare(icmp[8:], line)
		said = p.options(b[ipHeaderLen:hlen], said, line)
		if said > 0 {
			p.printf("\n")
		} else {
			p.moveDots(-1)
		}
		return
	}
	if !p.other(icmp, from) {
		return
	}
	p.options(b[ipHeaderLen:hlen], 2, func() {})
	p.printf("\n")
}

// line prints an answer, without the end of the line.
func (p *ping) line(n int, from netip.Addr, seq uint16, dup bool, ttl int, trip time.Duration) {
	p.endDots()
	if p.flood {
		return
	}
	p.printf("%d bytes from %s: icmp_seq=%d", n, from, seq)
	if dup {
		p.printf(" DUP!")
	}
	p.printf(" ttl=%d", ttl)
	if p.timed > 0 {
		p.printf(" time=%.*f ms", p.precision, trip.Seconds()*1000)
	}
	if p.flags['a'] && !dup {
		fmt.Fprint(p.Stderr, "\a")
	}
}

func (p *ping) wrongLength(n int) {
	switch {
	case p.length()-n == maxOptLen && p.flags['R']:
		if !p.noRoute {
			p.noRoute = true
			p.printf("\nremote host does not support record route")
		}
	case p.length()-n == 8 && p.flags['g']:
		if !p.noSource {
			p.noSource = true
			p.printf("\nremote host does not support source route")
		}
	default:
		p.printf("\nwrong total length %d instead of %d", n, p.length())
	}
}

// gap notes, with -v, that some were left out.
func (p *ping) gap(seq uint16) {
	gap := seq - (p.lastSeq + 1)
	if gap > 0 && gap < 0x8000 && p.flags['v'] {
		p.printf("[*** sequence gap of %d packets from %d ... %d ***]\n", gap, p.lastSeq+1, seq-1)
		if p.flags['q'] {
			p.summary(false)
		}
	}
	if gap < 0x8000 {
		p.lastSeq = seq
	}
}

// compare checks that the data came back as they were sent.
func (p *ping) compare(data []byte, line func()) {
	if p.flags['P'] || len(data) < p.size {
		return
	}
	for i := p.timed; i < p.size; i++ {
		if data[i] == p.data[i] {
			continue
		}
		line()
		p.printf("\nwrong data byte #%d should have been %#x but was %#x", i-p.timed, p.data[i], data[i])
		for j := p.timed; j < p.size; j++ {
			if j%16 == 0 {
				p.printf("\n\t")
			}
			p.printf("%2x ", data[j])
		}
		return
	}
}

// options prints the IP options of a packet. It returns how much of the line has
// been printed then.
func (p *ping) options(opts []byte, said int, line func()) int {
	for len(opts) > 0 {
		kind := opts[0]
		n := 1
		if kind != ipoptEOL && kind != ipoptNOP {
			if len(opts) < 3 || int(opts[1]) < 3 || int(opts[1]) > len(opts) {
				return said
			}
			n = int(opts[1])
		}
		opt := opts[:n]
		opts = opts[n:]
		switch kind {
		case ipoptEOL:
			return said
		case ipoptNOP:
			if said > 1 {
				p.printf("\nNOP")
			}
		case ipoptLSRR:
			if said > 1 {
				p.printf("\nLSRR: ")
				p.addrs(opt[3:])
			}
		case ipoptRR:
			used := min(max(0, int(opt[2])-4), n-3)
			if used == 0 {
				continue
			}
			route := opt[3 : 3+used]
			if said <= 1 {
				if string(route) == string(p.lastRoute) {
					if said > 0 {
						p.printf("\t(same route)")
					}
					continue
				}
				p.lastRoute = append([]byte(nil), route...)
			}
			if said == 0 {
				p.endDots()
				p.printf("RR: ")
				said = 1
			} else {
				p.printf("\nRR: ")
			}
			p.addrs(route)
		default:
			line()
			said = max(said, 1)
			p.printf("\nunknown option 0x%x", kind)
		}
	}
	return said
}

func (p *ping) addrs(b []byte) {
	for i := 0; i+4 <= len(b); i += 4 {
		if i > 0 {
			p.printf("\n")
		}
		p.printf("\t%s", netip.AddrFrom4([4]byte(b[i:])))
	}
}

func (p *ping) summary(header bool) {
	p.endDots()
	if header {
		p.printf("\n----%s PING Statistics----\n", p.hostname)
	}
	p.printf("%s", p.counts())
	if p.received == 0 || p.timed == 0 {
		return
	}
	avg, dev := p.times()
	x := p.precision
	p.printf("round-trip min/avg/max/stddev = %.*f/%.*f/%.*f/%.*f ms\n", x, p.min*1000, x, avg*1000, x, p.max*1000, x, dev*1000)
	if p.flood {
		rate := func(n int, d time.Duration) float64 { return float64(n) / math.Max(d.Seconds(), 0.0001) }
		p.printf("  %.1f packets/sec sent,  %.1f packets/sec received\n",
			rate(p.sent, p.lastSent.Sub(p.firstSent)), rate(p.received, p.lastGot.Sub(p.firstGot)))
	}
}

// other prints an ICMP message that is no answer: one about a packet of ours, or
// with -v any. It returns whether it printed anything.
func (p *ping) other(icmp []byte, from netip.Addr) bool {
	inner := icmp[icmpMinLen:]
	about := false
	if len(inner) >= ipHeaderLen {
		hlen := int(inner[0]&15) * 4
		about = inner[9] == netbsd.IPPROTO_ICMP && len(inner) >= hlen+6 && binary.BigEndian.Uint16(inner[hlen+4:]) == p.id
	}
	typ, code := icmp[0], int(icmp[1])
	isError := typ == 3 || typ == 4 || typ == 5 || typ == 11 || typ == 12
	if typ == 0 {
		return false // the answers to others are too many
	}
	switch {
	case p.flags['v']:
		p.endDots()
	case about && isError && !p.flags['q'] && !p.flags['Q']:
		p.endDots()
		p.printf("%d bytes from %s: ", len(icmp), from)
	default:
		return false
	}
	switch typ {
	case 3:
		if code == 4 {
			p.printf("frag needed and DF set.  Next MTU=%d", binary.BigEndian.Uint16(icmp[6:]))
		} else {
			p.printf("%s", named(code, "Bad Destination Unreachable Code", "Destination Net Unreachable",
				"Destination Host Unreachable", "Destination Protocol Unreachable", "Destination Port Unreachable", "",
				"Source Route Failed", "Unreachable unknown net", "Unreachable unknown host", "Unreachable host isolated",
				"Net prohibited access", "Host prohibited access", "Bad TOS for net", "Bad TOS for host",
				"Communication prohibited", "Host precedence violation", "Precedence cutoff"))
		}
	case 4:
		p.printf("Source Quench")
	case 5:
		p.printf("%s New router addr: %s", named(code, "Redirect--Bad Code", "Redirect Network", "Redirect Host",
			"Redirect Type of Service and Network", "Redirect Type of Service and Host"), netip.AddrFrom4([4]byte(icmp[4:8])))
	case 8:
		p.printf("Echo Request: ID=%d seq=%d", binary.BigEndian.Uint16(icmp[4:]), binary.BigEndian.Uint16(icmp[6:]))
	case 11:
		p.printf("%s", named(code, "Time exceeded, Bad Code", "Time To Live exceeded", "Frag reassembly time exceeded"))
	case 12:
		p.printf("Parameter problem: pointer = 0x%02x", icmp[4])
	default:
		name := map[byte]string{9: "Router Discovery Advert", 10: "Router Discovery Solicit", 13: "Timestamp",
			14: "Timestamp Reply", 15: "Information Request", 16: "Information Reply", 17: "Address Mask Request",
			18: "Address Mask Reply"}[typ]
		if name == "" {
			name = fmt.Sprintf("Bad ICMP type: %d", typ)
			if p.flags['v'] && len(inner) >= ipHeaderLen {
				p.printf("%s", name)
				p.header(inner)
				return true
			}
		}
		p.printf("%s", name)
	}
	if isError {
		p.returned(inner)
	}
	return true
}

// named returns the name of a code, or says that there is none.
func named(code int, bad string, names ...string) string {
	if code < len(names) && names[code] != "" {
		return names[code]
	}
	return fmt.Sprintf("%s: %d", bad, code)
}

// returned tells about the packet that an ICMP error gives back.
func (p *ping) returned(ip []byte) {
	if len(ip) < ipHeaderLen {
		return
	}
	if p.flags['v'] {
		p.header(ip)
	}
	hlen := int(ip[0]&15) * 4
	if len(ip) < hlen+8 {
		return
	}
	rest := ip[hlen:]
	switch ip[9] {
	case netbsd.IPPROTO_TCP, netbsd.IPPROTO_UDP:
		if p.flags['v'] {
			name := strings.ToUpper(map[byte]string{netbsd.IPPROTO_TCP: "tcp", netbsd.IPPROTO_UDP: "udp"}[ip[9]])
			p.printf("\n  %s: from port %d, to port %d", name, binary.BigEndian.Uint16(rest), binary.BigEndian.Uint16(rest[2:]))
		}
	case netbsd.IPPROTO_ICMP:
		if rest[0] != 8 {
			return
		}
		id, seq := binary.BigEndian.Uint16(rest[4:]), binary.BigEndian.Uint16(rest[6:])
		if p.flags['v'] {
			p.printf("\n  ID=%d icmp_seq=%d", id, seq)
		} else {
			p.printf(" for icmp_seq=%d", seq)
		}
	}
}

// header prints an IP header.
func (p *ping) header(ip []byte) {
	u16 := func(off int) uint16 { return binary.LittleEndian.Uint16(ip[off:]) }
	p.printf("\n Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src	     Dst\n")
	p.printf("  %1x  %1x  %02x %04x %04x   %1x %04x  %02x  %02x %04x", ip[0]>>4, ip[0]&15, ip[1], u16(2), u16(4),
		u16(6)>>13, u16(6)&0x1fff, ip[8], ip[9], u16(10))
	p.printf(" %15s  %s ", netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20])))
	for i := ipHeaderLen; i < min(int(ip[0]&15)*4, len(ip)); i++ {
		p.printf("%02x", ip[i])
	}
}
