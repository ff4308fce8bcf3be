package rumpctrl

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// traceroute is a running traceroute(8) or traceroute6(8).
type traceroute struct {
	*Env
	name  string
	trace rump.Trace
	flags map[byte]bool

	host       string
	headerSize int // what the size on the command line leaves out
}

func runTraceroute(ctx context.Context, e *Env) error {
	c := &traceroute{Env: e, name: "traceroute", flags: make(map[byte]bool)}
	return c.main(ctx, "adDFPIlMnrvxf:g:i:m:p:q:s:t:w:z:A:")
}

func runTraceroute6(ctx context.Context, e *Env) error {
	c := &traceroute{Env: e, name: "traceroute6", flags: make(map[byte]bool), headerSize: 48}
	return c.main(ctx, "dIlnrvf:g:m:p:q:s:w:")
}

func (c *traceroute) v4() bool { return c.name == "traceroute" }

func (c *traceroute) syntax() error {
	if !c.v4() {
		return c.usage(1, "traceroute6 [-dIlnrv] [-f firsthop] [-g gateway] [-m hoplimit] [-p port]",
			"[-q probes] [-s src] [-w waittime] target [datalen]")
	}
	return c.usage(1, "traceroute [-adDFPIlMnrvx] [-g gateway] [-i iface] [-f first_ttl]",
		"[-m max_ttl] [-p port] [-q nqueries] [-s src_addr] [-t tos]",
		"[-w waittime] [-z pausemsecs] [-A as_server] host [packetlen]")
}

// number parses a number between two limits.
func (c *traceroute) number(s, what string, least, most int) (int, error) {
	n, ok := strtol(s, 0)
	switch {
	case !ok || s == "":
		return 0, errx(1, "\"%s\" bad value for %s", s, what)
	case n < least:
		return 0, errx(1, "%s must be >= %d", what, least)
	case n > most:
		return 0, errx(1, "%s must be <= %d", what, most)
	}
	return n, nil
}

func (c *traceroute) address(ctx context.Context, s string) (netip.Addr, error) {
	family := netbsd.AF_INET6
	if c.v4() {
		family = netbsd.AF_INET
	}
	switch {
	case s == "localhost" && c.v4():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	case s == "localhost":
		return netip.IPv6Loopback(), nil
	}
	switch sa, _ := c.numericAddr(ctx, family, s); sa := sa.(type) {
	case netbsd.SockaddrIn:
		return sa.NetipAddr(), nil
	case netbsd.SockaddrIn6:
		return c.scoped(ctx, sa), nil
	}
	return netip.Addr{}, errx(1, "unknown host %s", s)
}

func (c *traceroute) scoped(ctx context.Context, sa netbsd.SockaddrIn6) netip.Addr {
	a := netip.AddrFrom16(sa.Addr)
	if sa.ScopeID != 0 {
		a = a.WithZone(zoneText(sa, c.interfaceName(ctx)))
	}
	return a
}

func (c *traceroute) main(ctx context.Context, spec string) error {
	t := &c.trace
	t.Checksum = true
	args, err := c.getopt(c.Args[1:], spec, func(opt byte, arg string) (err error) {
		c.flags[opt] = true
		switch opt {
		case 'f':
			t.FirstHop, err = c.number(arg, "first ttl", 1, 255)
		case 'm':
			t.MaxHops, err = c.number(arg, "max ttl", 1, 255)
		case 'p':
			t.Port, err = c.number(arg, "port", 1, 65535)
		case 'q':
			t.Probes, err = c.number(arg, "nprobes", 1, 1<<30)
		case 't':
			t.TOS, err = c.number(arg, "tos", 0, 255)
		case 'w':
			var n int
			n, err = c.number(arg, "wait time", 2, 24*60*60)
			t.Wait = time.Duration(n) * time.Second
		case 'z':
			var n int
			n, err = c.number(arg, "pause msecs", 1, 60*60*1000)
			t.Pause = time.Duration(n) * time.Millisecond
		case 's':
			t.Source, err = c.address(ctx, arg)
		case 'i':
			t.Source, err = c.sourceOf(ctx, arg)
		case 'g':
			var a netip.Addr
			if a, err = c.address(ctx, arg); err == nil {
				if t.Gateways = append(t.Gateways, a); len(t.Gateways) > 8 {
					return errx(1, "No more than %d gateways", 8)
				}
			}
		case 'x':
			t.Checksum = !t.Checksum
		case 'a', 'A', 'M':
			return errx(1, "-%c is not supported", opt)
		}
		return err
	})
	if err == errBadOption {
		return c.syntax()
	}
	if err != nil {
		return err
	}
	if !t.Checksum {
		c.warnx("Warning: ckecksums disabled")
	}
	t.DiscoverMTU = c.flags['P']
	if c.flags['D'] {
		t.Sending = c.dump
	}
	t.Echo, t.DontFragment, t.DontRoute, t.Debug = c.flags['I'], c.flags['F'], c.flags['r'], c.flags['d']
	if len(args) < 1 || len(args) > 2 {
		return c.syntax()
	}
	if !c.v4() && len(t.Gateways) > 0 {
		return errx(1, "-g is not supported")
	}
	c.host = args[0]
	if t.Addr, err = c.address(ctx, c.host); err != nil {
		return err
	}
	if err := c.limits(ctx, args[1:]); err != nil {
		return err
	}
	fmt.Fprintf(c.Stderr, "%s to %s (%s)", c.name, c.host, t.Addr)
	if t.Source.IsValid() {
		fmt.Fprintf(c.Stderr, " from %s", t.Source)
	}
	fmt.Fprintf(c.Stderr, ", %d hops max, %d byte packets\n", t.MaxHops, t.Size-c.headerSize)
	return c.run(ctx)
}

// limits sets the size of the packets and how far they go.
func (c *traceroute) limits(ctx context.Context, args []string) (err error) {
	t := &c.trace
	least := 28
	if !c.v4() {
		least = 12
	}
	if len(t.Gateways) > 0 {
		least += 4 * (len(t.Gateways) + 2)
	}
	size := max(least, 40)
	if !c.v4() {
		size = least
	}
	if t.DiscoverMTU {
		size = 17914
	}
	if len(args) > 0 {
		if size, err = c.number(args[0], "packet length", least, 65535-c.headerSize); err != nil {
			return err
		}
	}
	t.Size = size + c.headerSize
	if t.MaxHops == 0 {
		t.MaxHops = 64
		name := "net.inet.ip.ttl"
		if !c.v4() {
			name = "net.inet6.ip6.hlim"
		}
		if v, err := c.Kernel.Sysctl(ctx, name); err == nil {
			if n, ok := v.(int); ok && n > 0 && n < 256 {
				t.MaxHops = n
			}
		}
	}
	if t.FirstHop > t.MaxHops {
		return errx(1, "first ttl (%d) may not be greater than max ttl (%d)", t.FirstHop, t.MaxHops)
	}
	return nil
}

// sourceOf returns the address of an interface.
func (c *traceroute) sourceOf(ctx context.Context, name string) (netip.Addr, error) {
	list, err := c.Kernel.Interfaces(ctx)
	if err != nil {
		return netip.Addr{}, errc(1, err, "getifaddrs")
	}
	for _, i := range list {
		if i.Name != name {
			continue
		}
		for _, p := range i.Prefixes() {
			if p.Addr().Is4() {
				return p.Addr(), nil
			}
		}
	}
	return netip.Addr{}, errx(1, "Can't find interface %s", name)
}

func (c *traceroute) run(ctx context.Context) error {
	hop, started := 0, false
	size := c.trace.Size // of the last packet
	var last netip.Addr
	for p, err := range c.Kernel.Traceroute(ctx, c.trace) {
		if started && (err != nil || p.Hop != hop) {
			c.printf("\n")
			started = false
		}
		if ctx.Err() != nil {
			return silent(1)
		}
		if err != nil {
			if _, ok := rump.Errno(err); ok && p.Hop > 0 {
				c.warn(err, "sendto")
				c.printf("%s: wrote %s %d chars, ret=%d\n", c.name, c.host, c.trace.Size-c.headerSize, -1)
				return silent(1)
			}
			return errc(1, err, "socket")
		}
		if p.SentSize < size {
			c.printf("message too big, trying new MTU = %d\n", p.SentSize)
			started = false
		}
		size = p.SentSize
		if p.Hop != hop || !started {
			hop, started, last = p.Hop, true, netip.Addr{}
			c.printf("%2d ", hop)
		}
		c.probe(p, &last)
		if p.NextSize != 0 {
			c.tooLarge(p)
			size, started = p.NextSize, false
		}
	}
	if started {
		c.printf("\n")
	}
	return nil
}

// tooLarge says that a packet was too large for a router, and what size is tried next.
func (c *traceroute) tooLarge(p rump.TraceProbe) {
	if p.NextSize == p.Err.MTU {
		c.printf("\nfragmentation required and DF set, next hop MTU = %d\n", p.NextSize)
		return
	}
	c.printf("\nfragmentation required and DF set. ")
	if p.Err.MTU > 0 {
		c.printf("\nBogus next hop MTU = %d > last MTU = %d. ", p.Err.MTU, p.SentSize)
	}
	c.printf("Trying new MTU = %d\n", p.NextSize)
}

// dump prints a packet before it is sent.
func (c *traceroute) dump(packet []byte) {
	fmt.Fprintf(c.Stderr, "packet data:")
	for i, b := range packet {
		if i%24 == 0 {
			fmt.Fprintf(c.Stderr, "\n ")
		}
		fmt.Fprintf(c.Stderr, " %02x", b)
	}
	fmt.Fprintf(c.Stderr, "\n")
}

// probe prints what became of one packet.
func (c *traceroute) probe(p rump.TraceProbe, last *netip.Addr) {
	if !p.From.IsValid() {
		c.printf(" *")
		return
	}
	if p.From != *last {
		if last.IsValid() {
			c.printf("\n   ")
		}
		*last = p.From
		switch {
		case c.flags['n'], !c.v4() && !c.flags['l']:
			c.printf(" %s", p.From)
		default:
			c.printf(" %s (%s)", p.From, p.From)
		}
		if c.flags['v'] {
			c.printf(" %d bytes", p.Size)
		}
	}
	c.printf("  %.3f ms", p.Time.Seconds()*1000)
	if c.flags['l'] && c.v4() {
		c.printf(" (%d)", p.Hops)
	}
	if s := c.mark(p); s != "" && p.NextSize == 0 {
		c.printf(" %s", s)
	}
}

// mark is what says of an answer that it is not the expected one.
func (c *traceroute) mark(p rump.TraceProbe) string {
	if p.Reached {
		if p.Hops >= 0 && p.Hops <= 1 {
			return "!" // it has lost all its hops on its way back
		}
		if p.Err != nil && p.Err.From.Is4() && p.Err.Code == netbsd.ICMP_UNREACH_PROTOCOL {
			return "!P"
		}
		return ""
	}
	e := p.Err
	var marks map[int]string
	switch {
	case e.From.Is4() && e.Type == netbsd.ICMP_UNREACH:
		if e.Code == netbsd.ICMP_UNREACH_NEEDFRAG {
			return fmt.Sprintf("!F-%d", e.MTU)
		}
		marks = map[int]string{
			netbsd.ICMP_UNREACH_NET: "!N", netbsd.ICMP_UNREACH_HOST: "!H", netbsd.ICMP_UNREACH_SRCFAIL: "!S",
			netbsd.ICMP_UNREACH_NET_UNKNOWN: "!U", netbsd.ICMP_UNREACH_HOST_UNKNOWN: "!W",
			netbsd.ICMP_UNREACH_ISOLATED: "!I", netbsd.ICMP_UNREACH_NET_PROHIB: "!A",
			netbsd.ICMP_UNREACH_HOST_PROHIB: "!Z", netbsd.ICMP_UNREACH_TOSNET: "!Q",
			netbsd.ICMP_UNREACH_TOSHOST: "!T", netbsd.ICMP_UNREACH_ADMIN_PROHIBIT: "!X",
			netbsd.ICMP_UNREACH_HOST_PREC: "!V", netbsd.ICMP_UNREACH_PREC_CUTOFF: "!C",
		}
	case !e.From.Is4() && e.Type == netbsd.ICMP6_DST_UNREACH:
		marks = map[int]string{0: "!N", 1: "!P", 2: "!S", 3: "!A"}
	default:
		return "" // the time to live was exceeded
	}
	if s, ok := marks[e.Code]; ok {
		return s
	}
	return fmt.Sprintf("!<%d>", e.Code)
}
