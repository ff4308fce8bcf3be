package rumpctrl

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// route is a running route(8).
type route struct {
	*Env
	dry, flush, links, numeric, quiet bool // -d, -f, -L, -n, -q
	short, tags, test, verbose        bool // -s, -T, -t, -v

	sock *rump.RouteSocket // nil with -t

	// What the words of a command have set.
	family              int
	addrs               netbsd.RtAddrs
	set                 int32 // RTA_*, also of addresses that are no address, such as default's mask
	forceHost, forceNet bool
	iface               bool
	locking, lockRest   bool
	metrics             netbsd.RtMetrics
	inits               int32
}

const routeOptions = "dfLnqSsTtv"

func runRoute(ctx context.Context, e *Env) error {
	c := &route{Env: e}
	if len(c.Args) < 2 {
		return c.usage("")
	}
	args, err := c.getopt(c.Args[1:], routeOptions, func(opt byte, _ string) error {
		switch opt {
		case 'd':
			c.dry = true
		case 'f':
			c.flush = true
		case 'L':
			c.links = true
		case 'n':
			c.numeric = true
		case 'q':
			c.quiet = true
		case 's':
			c.short = true
		case 'T':
			c.tags = true
		case 't':
			c.test = true
		case 'v':
			c.verbose = true
		}
		return nil
	})
	if err != nil {
		return c.usage("")
	}
	if c.test {
		null, err := c.Kernel.Open(ctx, "/dev/null", netbsd.O_WRONLY, 0)
		if err != nil {
			return errc(1, err, "socket")
		}
		null.Close()
	} else {
		if c.sock, err = c.Kernel.RouteSocket(ctx); err != nil {
			return errc(1, err, "socket")
		}
		defer c.sock.Close()
	}
	cmd := ""
	if len(args) > 0 {
		cmd = args[0]
	} else if c.flush {
		cmd, args = "flush", []string{"flush"}
	}
	switch cmd {
	case "add", "change", "delete", "get":
		if c.flush {
			c.flushRoutes(ctx, []string{""}, false)
		}
		return c.newRoute(ctx, args)
	case "show":
		return c.show(ctx, args)
	case "monitor":
		return c.monitor(ctx, args)
	case "flush":
		return c.flushRoutes(ctx, args, false)
	case "flushall":
		return c.flushRoutes(ctx, args, true)
	}
	return c.usage(cmd)
}

func (c *route) usage(word string) error {
	if word != "" {
		c.warnx("botched keyword: %s", word)
	}
	fmt.Fprintf(c.Stderr, "Usage: %s [-%s] cmd [[-<qualifers>] args]\n", c.Args[0], routeOptions)
	return silent(1)
}

// send sends a message to the kernel, or with -t to nobody.
func (c *route) send(m *netbsd.RouteMessage) error {
	if c.test {
		return nil
	}
	return c.sock.Send(m)
}

// routeReason is the reason for an error in the words of route(8).
func routeReason(err error) string {
	switch errno, _ := rump.Errno(err); errno {
	case netbsd.ESRCH:
		return "not in table"
	case netbsd.EBUSY:
		return "entry in use"
	case netbsd.ENOBUFS:
		return "routing table overflow"
	}
	return reason(err)
}

// showOptions parses what may follow show and flush.
func (c *route) showOptions(args []string, links bool) (family int, flags int32, name string, err error) {
	name = "unspec"
	for i := len(args) - 1; i >= 1; i-- {
		word, ok := strings.CutPrefix(args[i], "-")
		if !ok {
			return 0, 0, "", c.usage(args[i])
		}
		switch word {
		case "host":
			flags |= netbsd.RTF_HOST
			continue
		case "inet":
			family = netbsd.AF_INET
		case "inet6":
			family = netbsd.AF_INET6
		case "atalk":
			family = netbsd.AF_APPLETALK
		case "mpls":
			family = netbsd.AF_MPLS
		case "link":
			if !links {
				return 0, 0, "", c.usage(args[i])
			}
			family = netbsd.AF_LINK
		default:
			return 0, 0, "", c.usage(args[i])
		}
		name = word
	}
	return family, flags, name, nil
}

func (c *route) show(ctx context.Context, args []string) error {
	family, flags, _, err := c.showOptions(args, false)
	if err != nil {
		return err
	}
	p := &routePrinter{Env: c.Env, numeric: c.numeric, verbose: c.verbose, tags: c.tags}
	return p.table(ctx, family, flags, netbsd.RTF_UP|netbsd.RTF_GATEWAY|netbsd.RTF_HOST|
		netbsd.RTF_REJECT|netbsd.RTF_LOCAL|netbsd.RTF_BROADCAST)
}

// flushRoutes deletes the routes that were added by hand or lead to gateways, or
// just all.
func (c *route) flushRoutes(ctx context.Context, args []string, all bool) error {
	family, flags, name, err := c.showOptions(args, true)
	if err != nil {
		return err
	}
	if !c.test {
		c.sock.Conn().CloseRead() // what it says to others is of no interest
	}
	routes, err := c.Kernel.RouteTable(ctx, netbsd.AF_UNSPEC)
	if err != nil {
		return errc(1, err, "route-sysctl-estimate")
	}
	if c.verbose {
		c.printf("Examining routing table from sysctl\n")
		if family != netbsd.AF_UNSPEC {
			c.printf("(address family %s)\n", name)
		}
	}
	seq := int32(0)
	for _, m := range routes {
		if c.verbose {
			c.message(ctx, m, len(m.Append(nil)))
		}
		dst := m.Addrs[netbsd.RTAX_DST]
		if m.Header.Flags&flags != flags || m.Header.Flags&(netbsd.RTF_GATEWAY|netbsd.RTF_STATIC) == 0 && !all ||
			dst == nil || family != netbsd.AF_UNSPEC && int(dst.Family()) != family || c.dry {
			continue
		}
		m.Header.Type, m.Header.Seq = netbsd.RTM_DELETE, seq
		if err := c.send(m); err != nil {
			return errx(1, "writing to routing socket: %s", routeReason(err))
		}
		seq++
		switch {
		case c.quiet:
		case c.verbose:
			c.message(ctx, m, len(m.Append(nil)))
		default:
			gw := m.Addrs[netbsd.RTAX_GATEWAY]
			c.printf("%-20.20s %-20.20s done\n", c.netName(ctx, dst, nil), c.routeName(ctx, gw))
		}
	}
	return nil
}

// newRoute adds, changes, deletes or gets a route.
func (c *route) newRoute(ctx context.Context, args []string) error {
	cmd := args[0]
	if cmd != "get" && !c.test {
		c.sock.Conn().CloseRead()
	}
	flags := int32(netbsd.RTF_STATIC)
	host := false
	dest, gateway := "", ""
	words := args[1:]
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		option, isOption := strings.CutPrefix(word, "-")
		if !isOption {
			switch {
			case c.set&netbsd.RTA_DST == 0:
				dest = word
				h, err := c.address(ctx, netbsd.RTAX_DST, word)
				if err != nil {
					return err
				}
				host = h
				if c.family == netbsd.AF_INET {
					dest, _, _ = strings.Cut(dest, "/")
				}
			case c.set&netbsd.RTA_GATEWAY == 0:
				gateway = word
				if _, err := c.address(ctx, netbsd.RTAX_GATEWAY, word); err != nil {
					return err
				}
			default:
				n := atoi(word)
				switch {
				case n == 0 && word != "0":
					return c.usage("")
				case n == 0:
					if !c.quiet {
						c.warnx("old usage of trailing 0, assuming route to if")
					}
					c.iface = true
					continue
				case n > 0 && n < 10:
					if !c.quiet {
						c.warnx("old usage of trailing digit, assuming route via gateway")
					}
					c.iface = false
					continue
				}
				if _, err := c.address(ctx, netbsd.RTAX_NETMASK, word); err != nil {
					return err
				}
			}
			continue
		}
		if on, off, ok := routeFlagOption(option); ok {
			flags = flags&^off | on
			continue
		}
		if axis, ok := routeAddrOption(option); ok {
			if len(words) == 0 {
				return c.usage(option)
			}
			if option == "tag" {
				c.family = netbsd.AF_MPLS
			}
			h, err := c.address(ctx, axis, words[0])
			if err != nil {
				return err
			}
			switch option {
			case "dst":
				host, dest = h, words[0]
				if c.family == netbsd.AF_INET {
					dest, _, _ = strings.Cut(dest, "/")
				}
			case "netmask":
				c.forceNet = true
			}
			words = words[1:]
			continue
		}
		if metric, bit := c.metric(option); metric != nil {
			if len(words) == 0 {
				return c.usage(option)
			}
			c.inits |= bit
			if c.lockRest || c.locking {
				c.metrics.Locks |= uint64(bit)
			}
			c.locking = false
			n, _ := strtoul(words[0])
			metric(n)
			words = words[1:]
			continue
		}
		switch option {
		case "sa":
			c.family = netbsd.AF_ROUTE
		case "atalk":
			c.family = netbsd.AF_APPLETALK
		case "inet":
			c.family = netbsd.AF_INET
		case "inet6":
			c.family = netbsd.AF_INET6
		case "link":
			c.family = netbsd.AF_LINK
		case "mpls":
			c.family = netbsd.AF_MPLS
		case "iface", "interface":
			c.iface = true
		case "lock":
			c.locking = true
		case "lockrest":
			c.lockRest = true
		case "host":
			c.forceHost = true
		case "net":
			c.forceNet = true
		case "prefixlen":
			if len(words) == 0 {
				return c.usage(option)
			}
			h, err := c.prefixlen(words[0])
			if err != nil {
				return err
			}
			host = h
			words = words[1:]
		default:
			return c.usage(option)
		}
	}
	switch {
	case c.set&netbsd.RTA_DST == 0:
		return errx(1, "missing destination specification")
	case cmd == "add" && c.set&netbsd.RTA_GATEWAY == 0:
		return errx(1, "missing gateway specification")
	case c.forceHost && c.forceNet:
		return errx(1, "-host and -net conflict")
	case c.forceHost:
		host = true
	case c.forceNet:
		host = false
	}
	flags |= netbsd.RTF_UP
	if host {
		flags |= netbsd.RTF_HOST
	}
	if !c.iface {
		flags |= netbsd.RTF_GATEWAY
	}
	if cmd == "get" {
		return c.get(ctx, flags)
	}
	typ := map[string]uint8{"add": netbsd.RTM_ADD, "change": netbsd.RTM_CHANGE, "delete": netbsd.RTM_DELETE}[cmd]
	err := c.post(ctx, typ, flags)
	if !c.quiet {
		kind := "net"
		if host {
			kind = "host"
		}
		c.printf("%s %s %s", cmd, kind, dest)
		if gateway != "" {
			c.printf(": gateway %s", gateway)
		}
		if err != nil {
			c.printf(": %s", routeReason(err))
		}
		c.printf("\n")
	}
	if err != nil {
		return silent(1)
	}
	return nil
}

// routeFlagOption returns the flags that an option sets and clears.
func routeFlagOption(option string) (on, off int32, ok bool) {
	switch option {
	case "nostatic":
		return 0, netbsd.RTF_STATIC, true
	case "static":
		return netbsd.RTF_STATIC, 0, true
	case "reject":
		return netbsd.RTF_REJECT, 0, true
	case "noreject":
		return 0, netbsd.RTF_REJECT, true
	case "blackhole":
		return netbsd.RTF_BLACKHOLE, 0, true
	case "noblackhole":
		return 0, netbsd.RTF_BLACKHOLE, true
	case "proto1":
		return netbsd.RTF_PROTO1, 0, true
	case "proto2":
		return netbsd.RTF_PROTO2, 0, true
	case "proxy":
		return netbsd.RTF_ANNOUNCE, 0, true
	case "connected", "cloning":
		return netbsd.RTF_CONNECTED, 0, true
	case "noconnected", "nocloning":
		return 0, netbsd.RTF_CONNECTED, true
	}
	return 0, 0, false
}

// routeAddrOption returns which address an option takes.
func routeAddrOption(option string) (axis int, ok bool) {
	switch option {
	case "ifa":
		return netbsd.RTAX_IFA, true
	case "ifp":
		return netbsd.RTAX_IFP, true
	case "genmask":
		return netbsd.RTAX_GENMASK, true
	case "gateway":
		return netbsd.RTAX_GATEWAY, true
	case "dst":
		return netbsd.RTAX_DST, true
	case "netmask":
		return netbsd.RTAX_NETMASK, true
	case "tag":
		return netbsd.RTAX_TAG, true
	}
	return 0, false
}

// metric returns how to set the metric of an option, and its bit; nil if the
// option is none.
func (c *route) metric(option string) (set func(uint64), bit int32) {
	m := &c.metrics
	to := func(p *uint64) func(uint64) { return func(v uint64) { *p = v } }
	switch option {
	case "mtu":
		return to(&m.Mtu), netbsd.RTV_MTU
	case "hopcount":
		return to(&m.Hopcount), netbsd.RTV_HOPCOUNT
	case "expire":
		return func(v uint64) { m.Expire = int64(v) }, netbsd.RTV_EXPIRE
	case "recvpipe":
		return to(&m.Recvpipe), netbsd.RTV_RPIPE
	case "sendpipe":
		return to(&m.Sendpipe), netbsd.RTV_SPIPE
	case "ssthresh":
		return to(&m.Ssthresh), netbsd.RTV_SSTHRESH
	case "rtt":
		return to(&m.Rtt), netbsd.RTV_RTT
	case "rttvar":
		return to(&m.Rttvar), netbsd.RTV_RTTVAR
	}
	return nil, 0
}

// build makes the message of what the words have set.
func (c *route) build(typ uint8, flags int32) *netbsd.RouteMessage {
	m := &netbsd.RouteMessage{
		Header: netbsd.RtMsghdr{Type: typ, Flags: flags, Rmx: c.metrics, Inits: c.inits, Seq: 1},
		Addrs:  c.addrs,
	}
	if mask := c.addrs[netbsd.RTAX_NETMASK]; mask != nil {
		m.Addrs[netbsd.RTAX_NETMASK] = trimMask(mask)
	}
	return m
}

// trimMask cuts the zeros at the end of a mask off.
func trimMask(mask netbsd.Sockaddr) netbsd.Sockaddr {
	f := flatten(mask)
	n := f.len
	for n > 2 && f.room[n-1] == 0 {
		n--
	}
	if n < 2 {
		return netbsd.SockaddrRaw{AF: f.af}
	}
	return netbsd.SockaddrRaw{AF: f.af, Data: append([]byte(nil), f.room[2:n]...)}
}

// post sends a message and says why if the kernel does not want it.
func (c *route) post(ctx context.Context, typ uint8, flags int32) error {
	m := c.build(typ, flags)
	c.echo(ctx, m)
	if c.dry {
		return nil
	}
	if err := c.send(m); err != nil {
		c.warnx("writing to routing socket: %s", routeReason(err))
		return err
	}
	return nil
}

// echo prints a message before it is sent, with -v.
func (c *route) echo(ctx context.Context, m *netbsd.RouteMessage) {
	if !c.verbose || c.short {
		return
	}
	for i, name := range [...]string{"dst", "gate", "mask", "genmask", "ifp", "ifa", "", "", "mpls"} {
		sa := m.Addrs[i]
		if sa == nil || name == "" {
			continue
		}
		f := flatten(sa)
		switch {
		case f.af == netbsd.AF_INET:
			c.printf("soup->so_%s: inet %s; ", name, f.in())
		case f.af == netbsd.AF_INET6:
			c.printf("soup->so_%s: inet6 %s; ", name, inetNtop(netipFrom16(f.in6().Addr)))
		case f.af == netbsd.AF_LINK:
			l, _ := sa.(netbsd.SockaddrDl)
			c.printf("soup->so_%s: link %s; ", name, linkNtoa(l))
		case f.af == netbsd.AF_MPLS:
			c.printf("soup->so_%s: mpls %s; ", name, strings.ReplaceAll(mplsLabels(sa), ",", "; "))
		default:
			c.printf("soup->so_%s: (%d) %s; ", name, f.af, anyName(sa))
		}
	}
	c.printf("\n")
	c.message(ctx, m, len(m.Append(nil)))
}

// get asks for a route and prints it.
func (c *route) get(ctx context.Context, flags int32) error {
	m := c.build(netbsd.RTM_GET, flags)
	if m.Addrs[netbsd.RTAX_IFP] == nil {
		m.Addrs[netbsd.RTAX_IFP] = netbsd.SockaddrDl{Len: netbsd.SizeofSockaddrDl}
	}
	c.echo(ctx, m)
	if c.dry || c.test {
		return nil
	}
	r, err := c.sock.Ask(ctx, m)
	if err != nil {
		c.warnx("writing to routing socket: %s", routeReason(err))
		return silent(1)
	}
	if !c.short {
		c.printf("   route to: %s\n", c.routeName(ctx, c.addrs[netbsd.RTAX_DST]))
	}
	if r.Header.Errno != 0 {
		errno := netbsd.Errno(r.Header.Errno)
		c.warnx("RTM_GET: %s (errno %d)", errno.Error(), int(errno))
		return silent(1)
	}
	dst, mask := r.Addrs[netbsd.RTAX_DST], r.Addrs[netbsd.RTAX_NETMASK]
	if dst != nil && !c.short {
		c.printf("destination: %s\n", c.routeName(ctx, dst))
	}
	if mask != nil && !c.short {
		f := flatten(mask)
		if f.len > 0 && dst != nil {
			mask = netbsd.SockaddrRaw{AF: dst.Family(), Data: f.room[2:f.len]}
		}
		c.printf("       mask: %s\n", c.routeName(ctx, mask))
	}
	if gw := r.Addrs[netbsd.RTAX_GATEWAY]; gw != nil && r.Header.Flags&netbsd.RTF_GATEWAY != 0 {
		name := c.routeName(ctx, gw)
		if c.short {
			c.printf("%s\n", name)
		} else {
			c.printf("    gateway: %s\n", name)
		}
	}
	if tag := r.Addrs[netbsd.RTAX_TAG]; tag != nil {
		name := c.routeName(ctx, tag)
		if c.short {
			c.printf("%s\n", name)
		} else {
			c.printf("        Tag: %s\n", name)
		}
	}
	if c.short {
		if r.Addrs.Bits()&netbsd.RTF_GATEWAY == 0 {
			return silent(1)
		}
		return nil
	}
	if ifa := r.Addrs[netbsd.RTAX_IFA]; ifa != nil {
		c.printf(" local addr: %s\n", c.routeName(ctx, ifa))
	}
	if l, ok := r.Addrs[netbsd.RTAX_IFP].(netbsd.SockaddrDl); ok && l.Name != "" {
		c.printf("  interface: %s\n", l.Name)
	}
	c.printf("      flags: %s\n", routeFlagNames(r.Header.Flags))
	x := r.Header.Rmx
	if x.Expire != 0 {
		x.Expire -= time.Now().Unix()
	}
	c.printf(" recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     expire\n")
	for i, v := range []struct {
		n    int64
		lock uint64
	}{
		{int64(x.Recvpipe), netbsd.RTV_RPIPE}, {int64(x.Sendpipe), netbsd.RTV_SPIPE},
		{int64(x.Ssthresh), netbsd.RTV_SSTHRESH}, {int64(x.Rtt+500) / 1000, netbsd.RTV_RTT},
		{int64(x.Rttvar+500) / 1000, netbsd.RTV_RTTVAR}, {int64(x.Hopcount), netbsd.RTV_HOPCOUNT},
		{int64(x.Mtu), netbsd.RTV_MTU}, {x.Expire, netbsd.RTV_EXPIRE},
	} {
		if i > 0 {
			c.printf(" ")
		}
		c.printf("%8d%c", v.n, lockLetter(x, v.lock))
	}
	c.printf("\n")
	const usual = netbsd.RTA_DST | netbsd.RTA_GATEWAY | netbsd.RTA_NETMASK | netbsd.RTA_IFP | netbsd.RTA_IFA | netbsd.RTA_BRD
	if c.verbose {
		c.common(ctx, r)
	} else if b := r.Addrs.Bits(); b&^usual != 0 {
		c.printf("sockaddrs: %s\n", routeAddrNames(b))
	}
	return nil
}

func atoi(s string) int {
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || n == 0 && s[n] == '-') {
		n++
	}
	v, _ := strconv.Atoi(s[:n])
	return v
}

// strtoul parses as much of a number as there is, as strtoul(3) in base 0 does: one
// that is out of range is the greatest, and ERANGE.
func strtoul(s string) (uint64, error) {
	for n := len(s); n > 0; n-- {
		v, err := strtouq(s[:n])
		if errors.Is(err, strconv.ErrRange) {
			return v, netbsd.ERANGE
		}
		if err == nil {
			return v, nil
		}
	}
	return 0, nil
}

// address takes an address of a command; it returns whether it is that of a host.
func (c *route) address(ctx context.Context, axis int, s string) (host bool, err error) {
	if c.family == netbsd.AF_UNSPEC {
		c.family = netbsd.AF_INET
	}
	family := c.family
	switch axis {
	case netbsd.RTAX_IFP:
		family = netbsd.AF_LINK
	case netbsd.RTAX_TAG:
		family = netbsd.AF_MPLS
	}
	c.set |= 1 << axis
	if s == "default" {
		switch axis {
		case netbsd.RTAX_DST:
			c.forceNet = true
			c.addrs[axis] = zeroAddr(family)
			_, err := c.address(ctx, netbsd.RTAX_NETMASK, s)
			return false, err
		case netbsd.RTAX_NETMASK, netbsd.RTAX_GENMASK:
			c.addrs[axis] = netbsd.SockaddrRaw{AF: uint8(family)}
		default:
			c.addrs[axis] = zeroAddr(family)
		}
		return false, nil
	}
	switch family {
	case netbsd.AF_INET6:
		return c.address6(ctx, axis, s)
	case netbsd.AF_LINK:
		c.addrs[axis] = linkAddr(s)
		return true, nil
	case netbsd.AF_MPLS:
		if axis != netbsd.RTAX_DST && axis != netbsd.RTAX_TAG {
			return false, errx(1, "MPLS can be used only as DST or TAG")
		}
		c.addrs[axis], err = mplsAddr(s)
		return true, err
	case netbsd.AF_ROUTE:
		c.addrs[axis] = rawAddr(s)
		return true, nil
	case netbsd.AF_APPLETALK:
		return false, errx(1, "bad address: %s", s)
	}
	return c.address4(axis, s)
}

func zeroAddr(family int) netbsd.Sockaddr {
	switch family {
	case netbsd.AF_INET6:
		return netbsd.SockaddrIn6{}
	case netbsd.AF_LINK:
		return netbsd.SockaddrDl{Len: netbsd.SizeofSockaddrDl}
	case netbsd.AF_INET:
		return netbsd.SockaddrIn{}
	}
	return netbsd.SockaddrRaw{AF: uint8(family), Data: make([]byte, 6)}
}

func (c *route) address6(ctx context.Context, axis int, s string) (host bool, err error) {
	text, plen, hasPrefix := s, "", false
	if i := strings.LastIndexByte(s, '/'); i >= 0 && axis == netbsd.RTAX_DST {
		text, plen, hasPrefix = s[:i], s[i+1:], true
	}
	sa, ok := c.numericAddr(ctx, netbsd.AF_INET6, text)
	if !ok {
		return false, errx(1, "%s: bad value", s)
	}
	sin6 := embedLinkScope(sa.(netbsd.SockaddrIn6))
	c.addrs[axis] = sin6
	switch {
	case hasPrefix:
		return c.prefixlen(plen)
	case axis != netbsd.RTAX_DST:
		return false, nil
	case sin6.Addr == [16]byte{} && sin6.ScopeID == 0:
		_, err := c.prefixlen("0")
		return false, err
	case sin6.Addr[0]&0xe0 == 0x20 && [8]byte(sin6.Addr[8:]) == [8]byte{}:
		// A global address without an interface identifier is that of a net.
		_, err := c.prefixlen("64")
		return false, err
	}
	return true, nil
}

func (c *route) address4(axis int, s string) (host bool, err error) {
	put := func(n uint32) {
		c.addrs[axis] = netbsd.SockaddrIn{Addr: [4]byte(binary.BigEndian.AppendUint32(nil, n))}
	}
	word := func(s string) (uint32, bool) {
		a, ok := inetAton(s)
		if !ok {
			return 0, false
		}
		b := a.As4()
		return binary.BigEndian.Uint32(b[:]), true
	}
	const none = 0xffffffff
	if net, plen, ok := strings.Cut(s, "/"); ok && axis == netbsd.RTAX_DST {
		if !c.forceNet {
			if n, ok := word(net); ok && n != none {
				put(c.classMask(n))
				return c.prefixlen(plen)
			}
		} else if n, ok := inetNetwork(net); ok {
			put(c.classMask(n))
			return c.prefixlen(plen)
		}
	}
	if n, ok := word(s); ok && (axis != netbsd.RTAX_DST || !c.forceNet) {
		put(n)
		if n&^classNet(n) != 0 {
			return true, nil
		}
		if axis == netbsd.RTAX_DST {
			put(c.classMask(n))
		}
		return false, nil
	}
	if n, ok := inetNetwork(s); ok {
		put(0)
		if axis == netbsd.RTAX_DST {
			put(c.classMask(n))
		}
		return false, nil
	}
	if s == "localhost" {
		put(127<<24 | 1)
		return true, nil
	}
	return false, errx(1, "%s: bad value", s)
}

// classNet returns the netmask that an address has by its class.
func classNet(n uint32) uint32 {
	switch {
	case n>>31 == 0:
		return 0xff000000
	case n>>30 == 2:
		return 0xffff0000
	}
	return 0xffffff00
}

// inetNetwork parses a net's number, of which trailing zeros may be missing:
// inet_network(3).
func inetNetwork(s string) (uint32, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return 0, false
	}
	var n uint32
	for _, p := range parts {
		v, err := strtouq(p)
		if err != nil || v > 0xff || strings.HasPrefix(p, "-") || strings.HasPrefix(p, "+") {
			return 0, false
		}
		n = n<<8 | uint32(v)
	}
	return n, true
}

// classMask sets the netmask that a net's number has by its class and returns
// the net as an address.
func (c *route) classMask(net uint32) uint32 {
	var addr, mask uint32
	const a, b, cc, d = 0xff000000, 0xffff0000, 0xffffff00, 0xf0000000
	switch {
	case net == 0:
	case net < 128:
		addr, mask = net<<24, a
	case net < 192:
		addr, mask = net<<24, b
	case net < 224:
		addr, mask = net<<24, cc
	case net < 256:
		addr, mask = net<<24, d
	case net < 192<<8:
		addr, mask = net<<16, b
	case net < 224<<8:
		addr, mask = net<<16, cc
	case net < 1<<16:
		addr, mask = net<<16, b
	case net < 224<<16:
		addr, mask = net<<8, cc
	case net < 1<<24:
		addr, mask = net<<8, d
	default:
		addr = net
		switch {
		case addr&^uint32(a) == 0:
			mask = a
		case addr&^uint32(b) == 0:
			mask = b
		case addr&^uint32(cc) == 0:
			mask = cc
		default:
			mask = 0xffffffff
		}
	}
	c.set |= netbsd.RTA_NETMASK
	c.addrs[netbsd.RTAX_NETMASK] = netbsd.SockaddrIn{Addr: [4]byte(binary.BigEndian.AppendUint32(nil, mask))}
	return addr
}

// prefixlen sets the netmask of a length; it returns whether that is a host's.
func (c *route) prefixlen(s string) (host bool, err error) {
	n := atoi(s)
	most := map[int]int{netbsd.AF_INET: 32, netbsd.AF_INET6: 128}[c.family]
	if most == 0 {
		return false, errx(1, "prefixlen is not supported with af %d", c.family)
	}
	if n < -1 || n > most {
		return false, errx(1, "%s: bad value", s)
	}
	bits := max(n, 0)
	if n < 0 && c.family == netbsd.AF_INET {
		bits = 31 // what route(8) makes of it, by a shift of 33
	}
	c.set |= netbsd.RTA_NETMASK
	c.addrs[netbsd.RTAX_NETMASK] = netbsd.Netmask(uint8(c.family), bits)
	return n == most, nil
}

// linkAddr parses a link address as link_addr(3) does: an interface's name, a
// colon, and bytes in hexadecimal with dots or colons between them. A word
// without a colon is a name.
func linkAddr(s string) netbsd.Sockaddr {
	l := netbsd.SockaddrDl{Len: netbsd.SizeofSockaddrDl}
	name, rest, ok := strings.Cut(s, ":")
	if !ok {
		name, rest, ok = strings.Cut(s, ".")
	}
	l.Name = name
	if !ok || rest == "" {
		return l
	}
	for _, p := range strings.FieldsFunc(rest, func(r rune) bool { return r == ':' || r == '.' || r == '-' }) {
		n, _ := strconv.ParseUint(p, 16, 8)
		l.Addr = append(l.Addr, byte(n))
	}
	return l
}

func mplsAddr(s string) (netbsd.Sockaddr, error) {
	var labels []uint32
	for _, p := range strings.Split(s, ",") {
		n := atoi(p)
		if n < 0 || n >= 1<<20 {
			return nil, errx(1, "%s: Bad tag", p)
		}
		labels = append(labels, uint32(n))
	}
	return netbsd.MplsSockaddr(labels...), nil
}

// rawAddr parses an address that is given as its bytes after the length.
func rawAddr(s string) netbsd.Sockaddr {
	var b []byte
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }) {
		for ; p != ""; p = p[min(2, len(p)):] {
			n, _ := strconv.ParseUint(p[:min(2, len(p))], 16, 8)
			b = append(b, byte(n))
		}
	}
	if len(b) == 0 {
		return netbsd.SockaddrRaw{}
	}
	return netbsd.SockaddrRaw{AF: b[0], Data: b[1:]}
}
