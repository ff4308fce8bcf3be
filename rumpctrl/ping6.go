package rumpctrl

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// ping6 is a running ping6(8).
type ping6 struct {
	*echo
	flags map[byte]bool

	hostname   string
	dst        netbsd.SockaddrIn6
	src        netbsd.SockaddrIn6
	hops       int // hop limit, -1 for the kernel's
	size       int
	maxTrip    float64 // in milliseconds, 0 for any
	data       []byte
	control    []netbsd.ControlMessage
	timed      bool
	minMTU     int
	sockBuffer int
	query      nodeQuery // to send instead of echo requests
	policies   []string  // of -P
}

func runPing6(ctx context.Context, e *Env) error {
	p := &ping6{echo: newEcho(e), flags: make(map[byte]bool), hops: -1, size: 8}
	err := p.main(ctx)
	if p.conn != nil {
		p.conn.Close()
	}
	return err
}

func (p *ping6) usage() error {
	fmt.Fprint(p.Stderr, "usage: ping6 [-dfHmnNqtvwW] [-P policy] [-a [aAclsg]] [-b sockbufsiz] [-c count]\n"+
		"\t[-I interface] [-i wait] [-l preload] [-p pattern] [-X deadline]\n"+
		"\t[-x maxwait] [-S sourceaddr] [-s packetsize] [-h hoplimit]\n"+
		"\t[-g gateway] [hops...] host\n")
	return silent(1)
}

func (p *ping6) main(ctx context.Context) error {
	var pat []byte
	ifname, gateway := "", ""
	hasInterval := false
	args, err := p.getopt(p.Args[1:], "a:b:c:dfHg:h:I:i:l:mnNop:qRS:s:tvwWx:X:P:", func(opt byte, arg string) error {
		// What is out of range counts as the greatest number, which an int has no room for.
		number := func(lo int, format string) (int, error) {
			n, ok := strtol(arg, 10)
			if !ok || arg == "" || opt != 'c' && int(int32(n)) < lo || n < lo {
				return 0, errx(1, format, arg)
			}
			return n, nil
		}
		var err error
		switch opt {
		case 'a':
			p.query.option = opt
			if !p.query.addresses(arg) {
				return errBadOption
			}
		case 't', 'w', 'W':
			p.query.option = opt
		case 'R':
			return errx(1, "-R is not supported in this configuration")
		case 'b':
			n, ok := strtol(arg, 10)
			if !ok || arg == "" || int(int32(n)) != n {
				return errx(1, "invalid socket buffer size")
			}
			p.sockBuffer = n
		case 'c':
			p.packets, err = number(1, "illegal number of packets -- %s")
		case 'f':
			p.flood, p.interval = true, 10*time.Millisecond
		case 'g':
			gateway = arg
		case 'h':
			n, ok := strtol(arg, 10)
			if !ok || arg == "" {
				return errx(1, "illegal hoplimit %s", arg)
			}
			if p.hops = int(int32(n)); p.hops > 255 || p.hops < -1 {
				return errx(1, "illegal hoplimit -- %s", arg)
			}
		case 'I':
			ifname = arg
		case 'i':
			f, ok := strtod(arg)
			if !ok || f < 0 {
				return errx(1, "illegal timing interval %s", arg)
			}
			if f < 0.01 {
				p.warnx("too small interval, raised to 0.01")
				f = 0.01
			}
			p.interval, hasInterval = seconds(f), true
		case 'l':
			p.preload, err = number(0, "illegal preload value -- %s")
		case 'm':
			p.minMTU++
		case 'o':
			p.once = true
		case 'p':
			b, ok := pattern(arg)
			if !ok {
				return errx(1, "patterns must be specified as hex digits")
			}
			pat = b
			if !p.flags['q'] {
				p.printf("PATTERN: 0x%x\n", b)
			}
		case 'S':
			sa, ok := p.numericAddr(ctx, netbsd.AF_INET6, arg)
			if !ok {
				why := "hostname nor servname provided, or not known"
				if badZone(arg) {
					why = unresolved(arg)
				}
				return errx(1, "invalid source address: %s", why)
			}
			p.src = sa.(netbsd.SockaddrIn6)
		case 's':
			if p.size, err = number(0, "illegal datalen value -- %s"); err != nil {
				return err
			}
			if most := 131072 - 40 - 8; p.size > most {
				return errx(1, "datalen value too large, maximum is %d", most)
			}
		case 'x':
			f, ok := strtod(arg)
			if !ok || f <= 0 {
				return errx(1, "Bad/invalid maxwait time: %s", arg)
			}
			p.maxTrip = f
		case 'X':
			f, ok := strtod(arg)
			if !ok || f <= 0 {
				return errx(1, "Bad/invalid deadline time: %s", arg)
			}
			p.limit = seconds(f)
		case 'P':
			if !isPolicy(arg) {
				return errx(1, "invalid security policy")
			}
			p.policies = append(p.policies, arg)
		}
		p.flags[opt] = true
		return err
	})
	if err == errBadOption || err == nil && len(args) < 1 {
		return p.usage()
	}
	if err != nil {
		return err
	}
	p.hostname = args[len(args)-1]
	if p.flags['N'] {
		group, ok := nodeGroup(p.hostname)
		if !ok {
			return p.usage()
		}
		p.hostname = group
	}
	sa, ok := p.numericAddr(ctx, netbsd.AF_INET6, p.hostname)
	if !ok {
		return errx(1, "%s", unresolved(p.hostname))
	}
	p.dst = sa.(netbsd.SockaddrIn6)
	if p.conn, err = rawSocket(ctx, p.Env, netbsd.AF_INET6, netbsd.IPPROTO_ICMPV6); err != nil {
		return errc(1, err, "socket")
	}
	if p.flags['S'] {
		if err := p.conn.Bind(p.src); err != nil {
			return errc(1, err, "bind")
		}
	}
	if gateway != "" {
		gw, ok := p.numericAddr(ctx, netbsd.AF_INET6, gateway)
		if !ok {
			return errx(1, "getaddrinfo for the gateway %s: Temporary failure in name resolution", gateway)
		}
		if err := p.conn.SetOptionBytes(netbsd.IPPROTO_IPV6, netbsd.IPV6_NEXTHOP, gw.Append(nil)); err != nil {
			return errc(1, err, "setsockopt(IPV6_NEXTHOP)")
		}
	}
	if p.flood && hasInterval {
		return errx(1, "-f and -i incompatible options")
	}
	length := 8 + p.size
	if p.query.option != 0 {
		p.query.about = p.dst.Addr
		rand.Read(p.query.nonce[:]) // never fails
		length, p.size = p.query.size(), 2048
	} else {
		p.timed = p.size >= 8
	}
	p.data = make([]byte, p.size)
	for i := range p.data {
		p.data[i] = byte(i + 8)
	}
	if len(pat) > 0 {
		for i := 8; i < len(p.data); i++ {
			p.data[i] = pat[(i-8)%len(pat)]
		}
	}
	if err := p.setUp(ctx, ifname, args[:len(args)-1]); err != nil {
		return err
	}
	p.printf("PING6(%d=40+8+%d bytes) %s --> %s\n", 40+length, length-8, p.numericHost(ctx, p.src), p.numericHost(ctx, p.dst))
	p.grace = 10 * p.interval.Truncate(time.Second)
	p.echo.send = func(seq uint16, now time.Time) { p.sendOne(seq, now) }
	p.echo.receive = func() error { return p.receiveOne(ctx) }
	err = p.run(ctx)
	p.summary()
	if err != nil {
		return err
	}
	if p.packets > 0 && p.received != p.packets || p.received == 0 {
		return silent(1)
	}
	return nil
}

func (p *ping6) setUp(ctx context.Context, ifname string, hops []string) error {
	const ipv6 = netbsd.IPPROTO_IPV6
	if p.flags['v'] {
		for _, o := range []struct {
			opt  int
			name string
		}{
			{netbsd.IPV6_RECVHOPOPTS, "IPV6_RECVHOPOPTS"}, {netbsd.IPV6_RECVDSTOPTS, "IPV6_RECVDSTOPTS"},
			{netbsd.IPV6_RTHDRDSTOPTS, "IPV6_RECVRTHDRDSTOPTS"}, {netbsd.IPV6_RECVRTHDR, "IPV6_RECVRTHDR"},
		} {
			// The last is not known to every kernel.
			if err := p.conn.SetOption(ipv6, o.opt, 1); err != nil && o.opt != netbsd.IPV6_RTHDRDSTOPTS {
				return errc(1, err, "setsockopt(%s)", o.name)
			}
		}
	}
	if p.flags['d'] {
		p.conn.SetOption(netbsd.SOL_SOCKET, netbsd.SO_DEBUG, 1)
	}
	if netip.AddrFrom16(p.dst.Addr).IsMulticast() {
		if err := p.sockOpt(ipv6, netbsd.IPV6_MULTICAST_HOPS, 64, "IPV6_MULTICAST_HOPS"); err != nil {
			return err
		}
	}
	if p.minMTU == 1 {
		if err := p.sockOpt(ipv6, netbsd.IPV6_RECVPATHMTU, 1, "setsockopt(IPV6_RECVPATHMTU)"); err != nil {
			return err
		}
	} else {
		use := 1
		if p.minMTU > 1 {
			use = 0
		}
		if err := p.sockOpt(ipv6, netbsd.IPV6_USE_MIN_MTU, use, "setsockopt(IPV6_USE_MIN_MTU)"); err != nil {
			return err
		}
	}
	err := p.setPolicies(p.policies, ipv6, netbsd.IPV6_IPSEC_POLICY, func(error) error {
		p.warnx("Unable to set IPsec policy")
		return nil
	})
	if err != nil {
		return err
	}
	// In a filter a set bit lets a type pass.
	var filter netbsd.Icmp6Filter
	for i := range 256 {
		filter.SetPass(uint8(i), p.flags['v'] || i == p.replyType())
	}
	if err := p.conn.SetOptionBytes(netbsd.IPPROTO_ICMPV6, netbsd.ICMP6_FILTER, filter.Append(nil)); err != nil {
		return errc(1, err, "setsockopt(ICMP6_FILTER)")
	}
	if ifname != "" {
		index, err := p.Kernel.Interface(ifname).Index(ctx)
		if err != nil {
			return errx(1, "%s: invalid interface name", ifname)
		}
		info := netbsd.In6Pktinfo{Ifindex: uint32(index)}
		p.control = append(p.control, netbsd.ControlMessage{Level: ipv6, Type: netbsd.IPV6_PKTINFO, Data: info.Append(nil)})
	}
	if p.hops >= 0 {
		p.control = append(p.control, netbsd.ControlMessage{Level: ipv6, Type: netbsd.IPV6_HOPLIMIT,
			Data: binary.LittleEndian.AppendUint32(nil, uint32(p.hops))})
	}
	if len(hops) > 0 {
		rthdr, err := p.routingHeader(ctx, hops)
		if err != nil {
			return err
		}
		p.control = append(p.control, netbsd.ControlMessage{Level: ipv6, Type: netbsd.IPV6_RTHDR, Data: rthdr})
	}
	if !p.flags['S'] {
		if err := p.findSource(ctx); err != nil {
			return err
		}
	}
	if p.sockBuffer != 0 {
		if p.size > p.sockBuffer {
			p.warnx("you need -b to increase socket buffer size")
		}
		for _, o := range []struct {
			opt  int
			name string
		}{{netbsd.SO_SNDBUF, "SO_SNDBUF"}, {netbsd.SO_RCVBUF, "SO_RCVBUF"}} {
			if err := p.sockOpt(netbsd.SOL_SOCKET, o.opt, p.sockBuffer, "setsockopt("+o.name+")"); err != nil {
				return err
			}
		}
	} else {
		if p.size > 8*1024 {
			p.warnx("you need -b to increase socket buffer size")
		}
		p.conn.SetOption(netbsd.SOL_SOCKET, netbsd.SO_RCVBUF, 48*1024)
	}
	for _, o := range []struct {
		opt  int
		name string
	}{{netbsd.IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO"}, {netbsd.IPV6_RECVHOPLIMIT, "IPV6_RECVHOPLIMIT"}} {
		if err := p.conn.SetOption(ipv6, o.opt, 1); err != nil {
			p.warn(err, "setsockopt(%s)", o.name)
		}
	}
	return nil
}

const (
	icmp6EchoRequest = 128
	icmp6EchoReply   = 129
)

// routingHeader makes a routing header of type 0 through the hops.
func (p *ping6) routingHeader(ctx context.Context, hops []string) ([]byte, error) {
	if len(hops) > 127 {
		return nil, errx(1, "too many intermediate hops")
	}
	b := []byte{0, byte(2 * len(hops)), 0, byte(len(hops)), 0, 0, 0, 0}
	for _, h := range hops {
		sa, ok := p.numericAddr(ctx, netbsd.AF_INET6, h)
		if !ok {
			return nil, errx(1, "%s", unresolved(h))
		}
		a := sa.(netbsd.SockaddrIn6).Addr
		b = append(b, a[:]...)
	}
	return b, nil
}

// findSource finds the address that the kernel would send from: that of a UDP
// socket which is connected to the destination.
func (p *ping6) findSource(ctx context.Context) error {
	c, err := p.Kernel.NewConn(ctx, netbsd.AF_INET6, netbsd.SOCK_DGRAM, 0, "udp6")
	if err != nil {
		return errc(1, err, "UDP socket")
	}
	defer c.Close()
	for _, m := range p.control {
		switch m.Type {
		case netbsd.IPV6_PKTINFO:
			if err := c.SetOptionBytes(netbsd.IPPROTO_IPV6, int(m.Type), m.Data); err != nil {
				return errc(1, err, "UDP setsockopt(IPV6_PKTINFO)")
			}
		case netbsd.IPV6_HOPLIMIT:
			if err := c.SetOptionBytes(netbsd.IPPROTO_IPV6, netbsd.IPV6_UNICAST_HOPS, m.Data); err != nil {
				return errc(1, err, "UDP setsockopt(IPV6_UNICAST_HOPS)")
			}
		case netbsd.IPV6_RTHDR:
			if err := c.SetOptionBytes(netbsd.IPPROTO_IPV6, int(m.Type), m.Data); err != nil {
				return errc(1, err, "UDP setsockopt(IPV6_RTHDR)")
			}
		}
	}
	to := p.dst
	to.Port = 0x6e0a // any
	if err := c.Connect(ctx, to); err != nil {
		return errc(1, err, "UDP connect")
	}
	sa, err := c.LocalSockaddr()
	if err != nil {
		return errc(1, err, "getsockname")
	}
	p.src, _ = sa.(netbsd.SockaddrIn6)
	return nil
}

// replyType returns the type of the answers.
func (p *ping6) replyType() int {
	if p.query.option != 0 {
		return icmp6NIReply
	}
	return icmp6EchoReply
}

// echoRequest returns the echo request of a sequence number.
func (p *ping6) echoRequest(seq uint16, now time.Time) []byte {
	b := make([]byte, 8+p.size)
	b[0] = icmp6EchoRequest
	binary.BigEndian.PutUint16(b[4:], p.id)
	binary.BigEndian.PutUint16(b[6:], seq)
	copy(b[8:], p.data)
	if p.timed {
		binary.BigEndian.PutUint32(b[8:], uint32(now.Unix()))
		binary.BigEndian.PutUint32(b[12:], uint32(now.Nanosecond()/1000))
	}
	return b
}

func (p *ping6) sendOne(seq uint16, now time.Time) {
	var b []byte
	if p.query.option != 0 {
		b = p.query.packet(seq)
	} else {
		b = p.echoRequest(seq, now)
	}
	if n, err := p.conn.WriteMsg(b, p.dst, p.control...); err != nil || n != len(b) {
		if err != nil {
			p.warn(err, "sendmsg")
			n = -1
		}
		p.printf("ping6: wrote %s %d chars, ret=%d\n", p.hostname, len(b), n)
	}
	if p.flood && !p.flags['q'] {
		p.printf(".")
	}
}

func (p *ping6) receiveOne(ctx context.Context) error {
	room := p.size + 40 + 8 + 256
	if p.flags['v'] {
		room = 2048 + 40 + 8 + 256
	}
	buf := make([]byte, room)
	n, m, err := p.conn.ReadMsg(buf)
	if err != nil {
		if _, ok := rump.Errno(err); ok {
			p.warn(err, "recvmsg")
			return nil
		}
		return err
	}
	if n == 0 {
		for _, c := range m.Control {
			if c.Type != netbsd.IPV6_PATHMTU {
				continue
			}
			if info, err := netbsd.ParseIp6Mtuinfo(c.Data); err == nil && p.flags['v'] {
				p.printf("new path MTU (%d) is notified\n", info.Mtu)
			}
		}
		return nil
	}
	p.packet(ctx, buf[:n], m)
	return nil
}

func (p *ping6) packet(ctx context.Context, b []byte, m rump.Message) {
	from, ok := m.From.(netbsd.SockaddrIn6)
	if !ok {
		if p.flags['v'] {
			p.warnx("invalid peername")
		}
		return
	}
	if len(b) < 8 {
		if p.flags['v'] {
			p.warnx("packet too short (%d bytes) from %s", len(b), p.numericHost(ctx, from))
		}
		return
	}
	hops, info := -1, netbsd.In6Pktinfo{}
	hasInfo := false
	for _, c := range m.Control {
		switch {
		case c.Level == netbsd.IPPROTO_IPV6 && c.Type == netbsd.IPV6_HOPLIMIT && len(c.Data) >= 4:
			hops = int(int32(binary.LittleEndian.Uint32(c.Data)))
		case c.Level == netbsd.IPPROTO_IPV6 && c.Type == netbsd.IPV6_PKTINFO:
			i, err := netbsd.ParseIn6Pktinfo(c.Data)
			info, hasInfo = i, err == nil
		}
	}
	if hops < 0 {
		p.warnx("failed to get receiving hop limit")
		return
	}
	if !hasInfo {
		p.warnx("failed to get receiving packet information")
		return
	}
	if p.query.option != 0 && p.query.answers(b) {
		if _, _, ok := p.answered(binary.BigEndian.Uint16(b[8:])); !ok || p.flags['q'] {
			return
		}
		p.printf("%d bytes from %s: ", len(b), p.numericHost(ctx, from))
		p.nodeReply(b)
		if !p.flood {
			p.printf("\n")
		}
		return
	}
	if b[0] != icmp6EchoReply || binary.BigEndian.Uint16(b[4:]) != p.id {
		if p.flags['v'] {
			p.printf("%d bytes from %s: ", len(b), p.numericHost(ctx, from))
			p.other(b)
			p.printf("\n")
		}
		return
	}
	seq := binary.BigEndian.Uint16(b[6:])
	trip, dup, ok := p.answered(seq)
	if !ok {
		return
	}
	if ms := trip.Seconds() * 1000; p.timed && p.maxTrip > 0 && ms > p.maxTrip {
		if !dup {
			p.received--
		}
		return
	}
	if p.flags['q'] {
		return
	}
	if p.flood {
		p.printf("\b")
		return
	}
	p.printf("%d bytes from %s, icmp_seq=%d hlim=%d", len(b), p.numericHost(ctx, from), seq, hops)
	if p.flags['v'] {
		dst := netbsd.SockaddrIn6{Addr: info.Addr, ScopeID: info.Ifindex}
		p.printf(" dst=%s", p.numericHost(ctx, dst))
	}
	if p.timed {
		p.printf(" time=%.3f ms", trip.Seconds()*1000)
	}
	if dup {
		p.printf("(DUP!)")
	}
	for i := 8; i < min(len(p.data), len(b)-8); i++ {
		if got := b[8+i]; got != p.data[i] {
			p.printf("\nwrong data byte #%d should be 0x%x but was 0x%x", i, p.data[i], got)
			break
		}
	}
	p.printf("\n")
}

// other prints an ICMPv6 message that is no answer.
func (p *ping6) other(b []byte) {
	code := int(b[1])
	word := binary.BigEndian.Uint32(b[4:])
	switch b[0] {
	case 1:
		p.printf("%s\n", named(code, "Destination Unreachable, Bad Code", "No Route to Destination",
			"Destination Administratively Unreachable", "Destination Unreachable Beyond Scope",
			"Destination Host Unreachable", "Destination Port Unreachable"))
		p.returned(b[8:])
	case 2:
		p.printf("Packet too big mtu = %d\n", word)
		p.returned(b[8:])
	case 3:
		p.printf("%s\n", named(code, "Time exceeded, Bad Code", "Time to live exceeded", "Frag reassembly time exceeded"))
		p.returned(b[8:])
	case 4:
		kind := fmt.Sprintf("Bad code(%d) ", code)
		if kinds := []string{"Erroneous Header ", "Unknown Nextheader ", "Unrecognized Option "}; code < len(kinds) {
			kind = kinds[code]
		}
		p.printf("Parameter problem: %spointer = 0x%02x\n", kind, word)
		p.returned(b[8:])
	case 137:
		p.printf("Redirect\n")
		if len(b) >= 40 {
			p.printf("Destination: %s New Target: %s", inetNtop(netip.AddrFrom16([16]byte(b[24:40]))),
				inetNtop(netip.AddrFrom16([16]byte(b[8:24]))))
		}
	case icmp6NIQuery:
		p.nodeQuery(b)
	default:
		name := map[byte]string{128: "Echo Request", 129: "Echo Reply", 130: "Listener Query", 131: "Listener Report",
			132: "Listener Done", 133: "Router Solicitation", 134: "Router Advertisement", 135: "Neighbor Solicitation",
			136: "Neighbor Advertisement", 140: "Node Information Reply"}[b[0]]
		if name == "" {
			name = fmt.Sprintf("Bad ICMP type: %d", b[0])
		}
		p.printf("%s", name)
	}
}

// returned tells about the packet that an ICMPv6 error gives back.
func (p *ping6) returned(ip []byte) {
	if len(ip) < 40 {
		p.printf("IP6...\n")
		return
	}
	p.printf("Vr TC  Flow Plen Nxt Hlim\n")
	flow := binary.BigEndian.Uint32(ip)
	p.printf(" %1x %02x %05x %04x  %02x   %02x\n", ip[0]>>4, flow>>20&0xff, flow&0xfffff,
		binary.BigEndian.Uint16(ip[4:]), ip[6], ip[7])
	p.printf("%s->", inetNtop(netip.AddrFrom16([16]byte(ip[8:24]))))
	p.printf("%s\n", inetNtop(netip.AddrFrom16([16]byte(ip[24:40]))))
	next, rest := ip[6], ip[40:]
	for len(rest) >= 8 {
		n := 0
		switch next {
		case netbsd.IPPROTO_HOPOPTS, netbsd.IPPROTO_DSTOPTS, netbsd.IPPROTO_ROUTING:
			p.printf("%s ", map[byte]string{netbsd.IPPROTO_HOPOPTS: "HBH", netbsd.IPPROTO_DSTOPTS: "DSTOPT", netbsd.IPPROTO_ROUTING: "RTHDR"}[next])
			n = (int(rest[1]) + 1) * 8
		case netbsd.IPPROTO_FRAGMENT:
			p.printf("FRAG ")
			n = 8
		case netbsd.IPPROTO_AH:
			p.printf("AH ")
			n = (int(rest[1]) + 2) * 4
		case netbsd.IPPROTO_ICMPV6:
			p.printf("ICMP6: type = %d, code = %d\n", rest[0], rest[1])
			return
		case netbsd.IPPROTO_ESP:
			p.printf("ESP\n")
			return
		case netbsd.IPPROTO_TCP, netbsd.IPPROTO_UDP:
			name := map[byte]string{netbsd.IPPROTO_TCP: "TCP", netbsd.IPPROTO_UDP: "UDP"}[next]
			p.printf("%s: from port %d, to port %d (decimal)\n", name, binary.BigEndian.Uint16(rest), binary.BigEndian.Uint16(rest[2:]))
			return
		default:
			p.printf("Unknown Header(%d)\n", next)
			return
		}
		next = rest[0]
		if n > len(rest) {
			break
		}
		rest = rest[n:]
	}
	p.printf("...\n")
}

func (p *ping6) summary() {
	p.printf("\n--- %s ping6 statistics ---\n%s", p.hostname, p.counts())
	if p.received == 0 || !p.timed {
		return
	}
	avg, dev := p.times()
	p.printf("round-trip min/avg/max/std-dev = %.3f/%.3f/%.3f/%.3f ms\n", p.min*1000, avg*1000, p.max*1000, dev*1000)
}
