package rumpctrl

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// netstat is a running netstat(1), as far as the kernel tells by sysctl.
type netstat struct {
	*Env
	all, numeric, routes, interfaces, tags bool // -a, -n, -r, -i, -T
	bytes, drops, pcbs, links, verbose     bool // -b, -d, -A, -L, -v
	stats                                  int  // -s
	family                                 int
	protocol, iface                        string
}

func runNetstat(ctx context.Context, e *Env) error {
	c := &netstat{Env: e}
	args, err := c.getopt(c.Args[1:], "AabdhilLnqrsTvf:I:p:", func(opt byte, arg string) error {
		switch opt {
		case 'A':
			c.pcbs = true
		case 'a':
			c.all = true
		case 'b':
			c.bytes = true
		case 'd':
			c.drops = true
		case 'i':
			c.interfaces = true
		case 'L':
			c.links = true
		case 'n':
			c.numeric = true
		case 'r':
			c.routes = true
		case 's':
			c.stats++
		case 'T':
			c.tags = true
		case 'v':
			c.verbose = true
		case 'I':
			c.interfaces, c.iface = true, arg
		case 'p':
			c.protocol = arg
			c.stats = max(c.stats, 1)
			for _, g := range statGroups() {
				if g.name == arg {
					return nil
				}
			}
			return errx(1, "%s: unknown or uninstrumented protocol", arg)
		case 'f':
			switch arg {
			case "inet":
				c.family = netbsd.AF_INET
			case "inet6":
				c.family = netbsd.AF_INET6
			case "unix", "local":
				c.family = netbsd.AF_LOCAL
			case "atalk":
				c.family = netbsd.AF_APPLETALK
			case "mpls":
				c.family = netbsd.AF_MPLS
			default:
				return errx(1, "%s: unknown address family", arg)
			}
		}
		return nil
	})
	if err == errBadOption || err == nil && len(args) > 0 {
		n := c.Args[0]
		fmt.Fprintf(c.Stderr, "usage: %s [-Aan] [-f address_family]\n"+
			"       %s [-bdin] [-I interface] [-f address_family]\n"+
			"       %s [-s] [-p protocol] [-f address_family]\n"+
			"       %s [-nrsTv] [-f address_family]\n", n, n, n, n)
		return silent(1)
	}
	if err != nil {
		return err
	}
	switch {
	case c.routes:
		p := &routePrinter{Env: e, numeric: c.numeric, verbose: c.verbose, tags: c.tags}
		return p.table(ctx, c.family, 0, netbsd.RTF_UP|netbsd.RTF_GATEWAY|netbsd.RTF_HOST|netbsd.RTF_REJECT|
			netbsd.RTF_BLACKHOLE|netbsd.RTF_DYNAMIC|netbsd.RTF_MODIFIED|netbsd.RTF_CONNECTED|netbsd.RTF_STATIC|
			netbsd.RTF_PROTO1|netbsd.RTF_PROTO2|netbsd.RTF_ANNOUNCE|netbsd.RTF_LOCAL|netbsd.RTF_BROADCAST)
	case c.interfaces:
		return c.showInterfaces(ctx)
	case c.stats > 0:
		return c.showStats(ctx)
	}
	return c.showSockets(ctx)
}

func (c *netstat) showStats(ctx context.Context) error {
	for _, g := range statGroups() {
		inet6 := strings.HasPrefix(g.sysctl, "net.inet6.")
		if c.protocol != "" && c.protocol != g.name ||
			c.family != netbsd.AF_UNSPEC && (c.family == netbsd.AF_INET6) != inet6 ||
			c.family == netbsd.AF_LOCAL {
			continue
		}
		s, err := c.Kernel.Stats(ctx, g.sysctl)
		if isErrno(err) {
			continue // a kernel without the protocol
		}
		if err != nil {
			return err
		}
		c.printf("%s:\n", g.name)
		for _, l := range g.lines {
			c.statLine(ctx, g, l, s)
		}
	}
	return nil
}

// statLine prints a line, unless all its counters are zero and -s was given
// twice.
func (c *netstat) statLine(ctx context.Context, g statGroup, l statLine, s netbsd.Stats) {
	tabs := strings.Repeat("\t", l.depth)
	if l.hist > 0 {
		first := true
		for i := range l.hist {
			n := s.At(l.counters[0] + i)
			if n == 0 {
				continue
			}
			if first {
				first = false
				colon := ":"
				if strings.Contains(l.text, "source") {
					colon = ""
				}
				c.printf("%s%s%s\n", tabs, l.text, colon)
			}
			c.printf("%s\t%s\n", tabs, c.histogram(ctx, g, l, i, n))
		}
		return
	}
	any := len(l.counters) == 0
	var text strings.Builder
	var last uint64
	next := 0
	for i := 0; i < len(l.text); i++ {
		if l.text[i] != '%' || i+1 == len(l.text) {
			text.WriteByte(l.text[i])
			continue
		}
		i++
		switch l.text[i] {
		case 'd':
			last = s.At(l.counters[next])
			next++
			for _, m := range l.minus {
				last -= s.At(m)
			}
			any = any || last != 0
			fmt.Fprint(&text, last)
		case 's':
			if last != 1 {
				text.WriteString("s")
			}
		case 'e':
			if last != 1 {
				text.WriteString("es")
			}
		case 'y':
			if last != 1 {
				text.WriteString("ies")
			} else {
				text.WriteString("y")
			}
		}
	}
	if any || c.stats <= 1 {
		c.printf("%s%s\n", tabs, text.String())
	}
}

// histogram returns one line of a histogram.
func (c *netstat) histogram(ctx context.Context, g statGroup, l statLine, i int, n uint64) string {
	name := fmt.Sprintf("#%d", i)
	switch {
	case g.name == "icmp":
		names := []string{"echo reply", "", "", "destination unreachable", "source quench", "routing redirect",
			"alternate host address", "", "echo", "router advertisement", "router solicitation", "time exceeded",
			"parameter problem", "time stamp", "time stamp reply", "information request", "information request reply",
			"address mask request", "address mask reply"}
		if i < len(names) && names[i] != "" {
			name = names[i]
		}
	case g.name == "icmp6":
		if n, ok := map[int]string{1: "unreach", 2: "packet too big", 3: "time exceed", 4: "parameter problem", 128: "echo",
			129: "echo reply", 130: "multicast listener query", 131: "MLDv1 listener report", 132: "MLDv1 listener done",
			133: "router solicitation", 134: "router advertisement", 135: "neighbor solicitation",
			136: "neighbor advertisement", 137: "redirect", 138: "router renumbering", 139: "node information request",
			140: "node information reply", 141: "inverse neighbor solicitation", 142: "inverse neighbor advertisement",
			143: "MLDv2 listener report"}[i]; ok {
			name = n
		}
	case strings.HasPrefix(l.text, "Input"):
		if n, ok := map[int]string{0: "hop by hop", 1: "ICMP", 2: "IGMP", 4: "IP", 6: "TCP", 17: "UDP", 22: "IDP", 29: "TP",
			41: "IP6", 43: "routing", 44: "fragment", 50: "ESP", 51: "AH", 58: "ICMP6", 59: "no next header",
			60: "destination option", 80: "ISOIP", 89: "OSPF", 97: "Ethernet", 103: "PIM", 132: "SCTP"}[i]; ok {
			name = n
		}
	case strings.HasPrefix(l.text, "two"):
		ifname, err := c.Kernel.InterfaceName(ctx, i)
		if err != nil || ifname == "" {
			ifname = "(null)"
		}
		return fmt.Sprintf("%s = %d", ifname, n)
	default:
		scope, ok := map[int]string{1: "node-local", 2: "link-local", 5: "site-local", 14: "global"}[i]
		if !ok {
			return fmt.Sprintf("%d addresses scope=%x", n, i)
		}
		if n != 1 {
			scope += "s"
		}
		return fmt.Sprintf("%d %s", n, scope)
	}
	return fmt.Sprintf("%s: %d", name, n)
}

func (c *netstat) showSockets(ctx context.Context) error {
	width := 22
	if c.pcbs && c.numeric {
		width = 21
	} else if c.pcbs {
		width = 18
	}
	for _, f := range []struct {
		family int
		title  string
		names  []string
	}{
		{netbsd.AF_INET, "Active Internet connections", []string{"net.inet.tcp", "net.inet.udp"}},
		{netbsd.AF_INET6, "Active Internet6 connections", []string{"net.inet6.tcp6", "net.inet6.udp6"}},
	} {
		if c.family != netbsd.AF_UNSPEC && c.family != f.family {
			continue
		}
		first := true
		for _, node := range f.names {
			list, err := c.Kernel.SocketTable(ctx, node)
			if err != nil {
				return errc(1, err, "sysctl (query)")
			}
			proto := node[strings.LastIndexByte(node, '.')+1:]
			for _, s := range list {
				dst := netbsd.AddrPortOf(s.Dst)
				unset := !dst.IsValid() || dst.Addr().IsUnspecified() || dst.Addr().Is4() && hostOfNet(dst.Addr()) == 0
				if !c.all && unset {
					continue
				}
				if first {
					first = false
					c.socketHeader(f.title, width)
				}
				if c.pcbs {
					c.printf("%8x ", s.Ppcbaddr)
				}
				c.printf("%-5.5s %6d %6d  %-*.*s %-*.*s", proto, s.Rcvq, s.Sndq,
					width, width, socketEnd(netbsd.AddrPortOf(s.Src)), width, width, socketEnd(dst))
				if strings.HasPrefix(proto, "tcp") {
					c.printf(" %s", netbsd.TCPState(s.Tstate))
				}
				c.printf("\n")
			}
		}
	}
	if c.family == netbsd.AF_UNSPEC || c.family == netbsd.AF_LOCAL {
		return c.showLocal(ctx)
	}
	return nil
}

func (c *netstat) socketHeader(title string, width int) {
	c.printf("%s", title)
	if c.all {
		c.printf(" (including servers)")
	}
	c.printf("\n")
	if c.pcbs {
		c.printf("%-8.8s ", "PCB")
	}
	c.printf("%-5.5s %-6.6s %-6.6s  %-*.*s %-*.*s %s\n", "Proto", "Recv-Q", "Send-Q",
		width, width, "Local Address", width, width, "Foreign Address", "State")
}

// socketEnd returns an end of a socket: an address and a port with a dot.
func socketEnd(ap netip.AddrPort) string {
	host, port := "*", "*"
	if a := ap.Addr(); a.IsValid() && !a.IsUnspecified() {
		host = inetNtop(a)
	}
	if ap.Port() != 0 {
		port = fmt.Sprint(ap.Port())
	}
	return host + "." + port
}

func (c *netstat) showLocal(ctx context.Context) error {
	first := true
	for _, node := range []string{"net.local.stream", "net.local.seqpacket", "net.local.dgram"} {
		list, err := c.Kernel.SocketTable(ctx, node)
		if err != nil {
			return errc(1, err, "sysctl (query)")
		}
		for _, s := range list {
			un, _ := s.Src.(netbsd.SockaddrUn)
			if !c.all && s.Conn == 0 {
				continue
			}
			if first {
				first = false
				c.printf("Active UNIX domain sockets\n%-8.8s %-6.6s %-6.6s %-6.6s %8.8s %8.8s %8.8s %8.8s Addr\n",
					"Address", "Type", "Recv-Q", "Send-Q", "Inode", "Conn", "Refs", "Nextref")
			}
			typ := map[uint32]string{netbsd.SOCK_STREAM: "stream", netbsd.SOCK_DGRAM: "dgram", netbsd.SOCK_RAW: "raw",
				netbsd.SOCK_RDM: "rdm", netbsd.SOCK_SEQPACKET: "seqpac"}[s.Type]
			c.printf("%8x %-6.6s %6d %6d %8x %8x %8x %8x", s.Pcbaddr, typ, s.Rcvq, s.Sndq, s.Vnode, s.Conn, s.Refs, s.Nextref)
			if un.Path != "" {
				c.printf(" %s", un.Path)
			}
			c.printf("\n")
		}
	}
	return nil
}

func (c *netstat) showInterfaces(ctx context.Context) error {
	ifs, err := c.Kernel.Interfaces(ctx)
	if err != nil {
		return errc(1, err, "sysctl")
	}
	c.printf("%-5.5s %-5.5s %-13.13s %-17.17s ", "Name", "Mtu", "Network", "Address")
	if c.bytes {
		c.printf("%10.10s %10.10s", "Ibytes", "Obytes")
	} else {
		c.printf("%8.8s %5.5s %8.8s %5.5s %5s", "Ipkts", "Ierrs", "Opkts", "Oerrs", "Colls")
	}
	if c.drops {
		c.printf(" %s", "Drops")
	}
	c.printf("\n")
	for _, i := range ifs {
		if c.iface != "" && c.iface != i.Name {
			continue
		}
		name := i.Name
		if !i.Up() {
			name += "*"
		}
		for _, a := range i.Addrs {
			network, addr, ok := c.interfaceAddr(ctx, a.Addr, a.Netmask)
			if !ok {
				continue
			}
			c.printf("%-5s %-5d %-13.13s %-17.17s ", name, i.Data.Mtu, network, addr)
			if len(network) > 13 || len(addr) > 17 {
				// What does not fit is shown in full with -v only.
				if c.verbose {
					c.printf("\n%-5s %-5s %s %s ", "", "", network, addr)
				}
			}
			if c.bytes {
				c.printf("%10d %10d", i.Data.Ibytes, i.Data.Obytes)
			} else {
				c.printf("%8d %5d %8d %5d %5d", i.Data.Ipackets, i.Data.Ierrors, i.Data.Opackets, i.Data.Oerrors, i.Data.Collisions)
			}
			if c.drops {
				c.printf(" %5d", i.Data.Iqdrops)
			}
			c.printf("\n")
		}
	}
	return nil
}

// interfaceAddr returns the columns Network and Address for an address.
func (c *netstat) interfaceAddr(ctx context.Context, sa, mask netbsd.Sockaddr) (network, addr string, ok bool) {
	if c.family != netbsd.AF_UNSPEC && int(sa.Family()) != c.family {
		return "", "", false
	}
	switch s := sa.(type) {
	case netbsd.SockaddrIn:
		net := s
		w := maskWord(mask)
		for i := range net.Addr {
			net.Addr[i] &= byte(w >> (24 - 8*i))
		}
		return c.netName(ctx, net, mask), s.NetipAddr().String(), true
	case netbsd.SockaddrIn6:
		return c.netName(ctx, extractScope(s), mask), c.numericHost(ctx, extractScope(s)), true
	case netbsd.SockaddrDl:
		return "<Link>", colonHex(s.Addr), true
	}
	return "", "", false
}
