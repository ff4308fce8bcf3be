package rumpctrl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// ndp is a running ndp(8).
type ndp struct {
	*Env
	times bool // -t
	sock  *rump.RouteSocket
	names map[int]string
}

func runNdp(ctx context.Context, e *Env) error {
	c := &ndp{Env: e}
	mode, arg := byte(0), ""
	repeat := 0
	args, err := c.getopt(c.Args[1:], "acd:f:Ii:nprstA:HPR", func(opt byte, a string) error {
		switch opt {
		case 'n':
			return nil
		case 't':
			c.times = true
			return nil
		}
		if mode != 0 {
			return errBadOption
		}
		mode, arg = opt, a
		if opt == 'A' {
			mode, repeat = 'a', atoi(a)
		}
		return nil
	})
	if err != nil {
		return c.usage()
	}
	noArgs := mode != 's' && mode != 'i' && mode != 'I' && mode != 0
	if noArgs && len(args) != 0 {
		return c.usage()
	}
	switch mode {
	case 'i', 'H', 'P', 'R':
		if err := c.Kernel.Supports(ctx, netbsd.AF_INET6); err != nil {
			return errc(1, err, "socket")
		}
	}
	switch mode {
	case 'a':
		for {
			if _, err := c.dump(ctx, netip.Addr{}); err != nil || repeat == 0 {
				return err
			}
			c.printf("\n")
			pause := time.Duration(uint32(repeat)) * time.Second // sleep(3) knows no negative time
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
	case 'c':
		return c.clear(ctx)
	case 'd':
		return c.delete(ctx, arg)
	case 'I':
		return c.defaultInterface(ctx, args)
	case 'p':
		return c.prefixes(ctx)
	case 'i':
		return c.interfaceInfo(ctx, arg, args)
	case 'r':
		return c.routers(ctx)
	case 's':
		if len(args) < 2 || len(args) > 4 {
			return c.usage()
		}
		return c.set(ctx, args)
	case 'H':
		return c.flush(ctx, netbsd.SIOCSNDFLUSH_IN6, "SIOCSNDFLUSH_IN6")
	case 'P':
		return c.flush(ctx, netbsd.SIOCSPFXFLUSH_IN6, "SIOCSPFXFLUSH_IN6")
	case 'R':
		return c.flush(ctx, netbsd.SIOCSRTRFLUSH_IN6, "SIOCSRTRFLUSH_IN6")
	case 'f':
		return nil // as ndp(8) has it, which reads no file either
	}
	if len(args) != 1 {
		return c.usage()
	}
	sa, ok := c.host(ctx, args[0])
	if !ok {
		return nil
	}
	found, err := c.dump(ctx, netip.AddrFrom16(sa.Addr))
	if err == nil && !found {
		return errx(1, "%s (%s) -- no entry", args[0], c.numericHost(ctx, sa))
	}
	return err
}

func (c *ndp) usage() error {
	n := c.Args[0]
	fmt.Fprintf(c.Stderr, "Usage: %s [-nt] hostname\n", n)
	for _, l := range []string{"-a | -c | -p | -r | -H | -P | -R", "-A wait", "-d hostname", "-f filename",
		"-i interface [flags...]", "-I [interface|delete]", "-s nodename etheraddr [temp] [proxy]"} {
		fmt.Fprintf(c.Stderr, "       %s [-nt] %s\n", n, l)
	}
	return silent(1)
}

// host turns a word into an address with its scope embedded, or says that it
// cannot.
func (c *ndp) host(ctx context.Context, s string) (netbsd.SockaddrIn6, bool) {
	sa, ok := c.numericAddr(ctx, netbsd.AF_INET6, s)
	if !ok {
		c.warnx("%s: %s", s, unresolved(s))
		return netbsd.SockaddrIn6{}, false
	}
	return embedScope(sa.(netbsd.SockaddrIn6)), true
}

// entries returns the neighbours that are to be shown.
func (c *ndp) entries(ctx context.Context, only netip.Addr) ([]rump.NeighborMessage, error) {
	table, err := c.Kernel.NeighborTable(ctx, netbsd.AF_INET6)
	if err != nil {
		return nil, errc(1, err, "sysctl(PF_ROUTE estimate)")
	}
	if c.names == nil {
		ifs, err := c.Kernel.Interfaces(ctx)
		if err != nil {
			return nil, errc(1, err, "getifaddrs")
		}
		c.names = make(map[int]string)
		for _, i := range ifs {
			c.names[i.Index] = i.Name
		}
	}
	var list []rump.NeighborMessage
	for _, m := range table {
		_, isLink := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
		dst, ok := m.Addrs[netbsd.RTAX_DST].(netbsd.SockaddrIn6)
		a := netip.AddrFrom16(dst.Addr)
		if !isLink || !ok || m.Header.Flags&netbsd.RTF_HOST == 0 {
			continue
		}
		if only.IsValid() && a != only || !only.IsValid() && a.IsMulticast() {
			continue
		}
		list = append(list, m)
	}
	return list, nil
}

// name returns a neighbour's address.
func (c *ndp) name(ctx context.Context, m rump.NeighborMessage) (string, netbsd.SockaddrIn6, netbsd.SockaddrDl) {
	link := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
	dst := m.Addrs[netbsd.RTAX_DST].(netbsd.SockaddrIn6)
	scope := dst.ScopeID
	dst = extractLinkScope(dst)
	if a := netip.AddrFrom16(dst.Addr); scope == 0 && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast()) {
		dst.ScopeID = uint32(link.Index)
	}
	return c.numericHost(ctx, dst), dst, link
}

func (c *ndp) dump(ctx context.Context, only netip.Addr) (found bool, err error) {
	const wAddr, wLink, wIf = 36, 17, 6
	if !c.times {
		c.printf("%-*s %-*s %*s %-9s %1s %5s\n", wAddr, "Neighbor", wLink, "Linklayer Address", wIf, "Netif", "Expire", "S", "Flags")
	}
	list, err := c.entries(ctx, only)
	if err != nil {
		return false, err
	}
	now, err := c.Kernel.Time(ctx)
	if err != nil {
		return false, errc(1, err, "gettimeofday")
	}
	for _, m := range list {
		host, dst, link := c.name(ctx, m)
		if c.times {
			c.printf("%s ", now.In(c.Location).Format("15:04:05.000000"))
		}
		at := "(incomplete)"
		if len(link.Addr) > 0 {
			at = c.numericHost(ctx, link)
		}
		ifname := c.names[int(link.Index)]
		if ifname == "" {
			ifname = "?"
		}
		addrWidth := max(len(host), wAddr)
		linkWidth := max(len(at), wAddr+wLink-addrWidth)
		ifWidth := max(len(ifname), wAddr+wLink+wIf-addrWidth-linkWidth)
		c.printf("%-*s %-*s %*s", addrWidth, host, linkWidth, at, ifWidth, ifname)
		router, asked := false, int64(0)
		info, err := c.Kernel.NeighborInfo(ctx, ifname, dst)
		if err != nil {
			c.warn(err, "ioctl(SIOCGNBRINFO_IN6)")
			c.warnx("failed to get neighbor information")
			c.printf("  ")
		} else {
			expire := "expired"
			switch {
			case int64(info.Expire) > now.Unix():
				expire = sec2str(int64(info.Expire) - now.Unix())
			case info.Expire == 0:
				expire = "permanent"
			}
			state, ok := map[int32]string{netbsd.ND6_LLINFO_NOSTATE: "N", netbsd.ND6_LLINFO_INCOMPLETE: "I",
				netbsd.ND6_LLINFO_REACHABLE: "R", netbsd.ND6_LLINFO_STALE: "S", netbsd.ND6_LLINFO_DELAY: "D",
				netbsd.ND6_LLINFO_PROBE: "P"}[info.State]
			if !ok {
				state = "?"
			}
			c.printf(" %-9.9s %s", expire, state)
			router, asked = info.Isrouter != 0, info.Asked
		}
		flags := ""
		if router {
			flags += "R"
		}
		if m.Header.Flags&netbsd.RTF_ANNOUNCE != 0 {
			flags += "p"
		}
		c.printf(" %s", flags)
		if asked != 0 {
			c.printf(" %d", asked)
		}
		c.printf("\n")
	}
	return len(list) > 0, nil
}

// sec2str returns a number of seconds in days, hours, minutes and seconds.
func sec2str(total int64) string {
	days, hours, mins, secs := total/86400, total/3600%24, total/60%60, total%60
	s := ""
	if days != 0 {
		s += fmt.Sprintf("%dd", days)
	}
	if s != "" || hours != 0 {
		s += fmt.Sprintf("%dh", hours)
	}
	if s != "" || mins != 0 {
		s += fmt.Sprintf("%dm", mins)
	}
	return s + fmt.Sprintf("%ds", secs)
}

func (c *ndp) open(ctx context.Context) (err error) {
	if c.sock, err = c.Kernel.RouteSocket(ctx); err != nil {
		return errc(1, err, "socket")
	}
	return nil
}

func (c *ndp) get(ctx context.Context, sa netbsd.SockaddrIn6, flags int32) (*netbsd.RouteMessage, error) {
	m := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{Type: netbsd.RTM_GET, Flags: flags | netbsd.RTF_LLDATA}}
	m.Addrs[netbsd.RTAX_DST] = sa
	r, err := c.sock.Ask(ctx, m)
	if err != nil {
		return nil, errc(1, err, "writing to routing socket")
	}
	return r, nil
}

// sameDst6 reports whether a message is about an address, whose scope is
// embedded.
func sameDst6(m *netbsd.RouteMessage, sa netbsd.SockaddrIn6) bool {
	dst, ok := m.Addrs[netbsd.RTAX_DST].(netbsd.SockaddrIn6)
	return ok && dst.Addr == sa.Addr
}

func (c *ndp) set(ctx context.Context, args []string) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	defer c.sock.Close()
	host := args[0]
	sa, ok := c.host(ctx, host)
	if !ok {
		return silent(1)
	}
	link := netbsd.SockaddrDl{Len: netbsd.SizeofSockaddrDl}
	if b, ok := parseColonHex(args[1]); ok && len(b) == 6 {
		link.Addr = b
	} else {
		c.warnx("invalid Ethernet address '%s'", args[1])
	}
	var flags int32
	add := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{Type: netbsd.RTM_ADD}}
	for _, w := range args[2:] {
		switch {
		case strings.HasPrefix(w, "temp"):
			now, err := c.Kernel.Time(ctx)
			if err != nil {
				return errc(1, err, "gettimeofday")
			}
			add.Header.Rmx.Expire, add.Header.Inits = now.Unix()+20*60, netbsd.RTV_EXPIRE
		case strings.HasPrefix(w, "proxy"):
			flags |= netbsd.RTF_ANNOUNCE
		}
	}
	m, err := c.get(ctx, sa, flags)
	if err != nil {
		return err
	}
	via, isLink := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
	if sameDst6(m, sa) {
		ether := false
		switch via.Type {
		case netbsd.IFT_ETHER, netbsd.IFT_FDDI, netbsd.IFT_ISO88023, netbsd.IFT_ISO88024, netbsd.IFT_ISO88025:
			ether = true
		}
		if !isLink || m.Header.Flags&netbsd.RTF_GATEWAY != 0 || !ether {
			fmt.Fprintf(c.Stderr, "set: cannot configure a new entry\n")
			return silent(1)
		}
	}
	if !isLink {
		c.warnx("cannot intuit interface index and type for %s", host)
		return silent(1)
	}
	link.Type, link.Index = via.Type, via.Index
	add.Header.Flags = flags | netbsd.RTF_HOST | netbsd.RTF_STATIC | netbsd.RTF_LLDATA
	add.Addrs[netbsd.RTAX_DST], add.Addrs[netbsd.RTAX_GATEWAY] = sa, link
	if err := c.sock.Send(add); err != nil {
		return errc(1, err, "writing to routing socket")
	}
	return nil
}

func (c *ndp) delete(ctx context.Context, host string) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	defer c.sock.Close()
	sa, ok := c.host(ctx, host)
	if !ok {
		return nil
	}
	return c.deleteAddr(ctx, host, sa)
}

func (c *ndp) deleteAddr(ctx context.Context, host string, sa netbsd.SockaddrIn6) error {
	m, err := c.get(ctx, sa, 0)
	if err != nil {
		return err
	}
	_, isLink := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
	if sameDst6(m, sa) && (!isLink || m.Header.Flags&netbsd.RTF_GATEWAY != 0) {
		c.warnx("delete: cannot delete non-NDP entry")
		return nil
	}
	if !isLink {
		c.printf("cannot locate %s\n", host)
		return nil
	}
	m.Header.Type = netbsd.RTM_DELETE
	m.Header.Flags |= netbsd.RTF_LLDATA
	if err := c.sock.Send(m); err != nil && !errors.Is(err, netbsd.ESRCH) {
		return errc(1, err, "writing to routing socket")
	}
	dst, _ := m.Addrs[netbsd.RTAX_DST].(netbsd.SockaddrIn6)
	c.printf("%s (%s) deleted\n", host, c.numericHost(ctx, dst))
	return nil
}

// clear deletes all entries that were not made by hand.
func (c *ndp) clear(ctx context.Context) error {
	list, err := c.entries(ctx, netip.Addr{})
	if err != nil {
		return err
	}
	if err := c.open(ctx); err != nil {
		return err
	}
	defer c.sock.Close()
	for _, m := range list {
		if m.Header.Flags&netbsd.RTF_STATIC != 0 {
			continue
		}
		host, dst, _ := c.name(ctx, m)
		if err := c.deleteAddr(ctx, host, embedLinkScope(dst)); err != nil {
			return err
		}
	}
	return nil
}

func (c *ndp) flush(ctx context.Context, req netbsd.Ioctl, name string) error {
	b := netbsd.In6Ifreq{Name: "lo0"}.Append(nil)
	if err := c.Kernel.NetIoctl(ctx, netbsd.AF_INET6, req, b, ""); err != nil {
		return errc(1, err, "ioctl(%s)", name)
	}
	return nil
}

func (c *ndp) defaultInterface(ctx context.Context, args []string) error {
	if len(args) > 1 {
		return c.usage()
	}
	index := 0
	if len(args) == 1 && args[0] != "delete" {
		n, err := c.Kernel.Interface(args[0]).Index(ctx)
		if err != nil {
			return errx(1, "invalid interface %s", args[0])
		}
		index = n
	}
	if err := c.Kernel.Supports(ctx, netbsd.AF_INET6); err != nil {
		return errc(1, err, "socket")
	}
	if len(args) == 1 {
		b := netbsd.In6Ndifreq{Ifname: "lo0", Ifindex: uint64(index)}.Append(nil)
		if err := c.Kernel.NetIoctl(ctx, netbsd.AF_INET6, netbsd.SIOCSDEFIFACE_IN6, b, args[0]); err != nil {
			return errc(1, err, "ioctl(SIOCSDEFIFACE_IN6)")
		}
	}
	b := netbsd.In6Ndifreq{Ifname: "lo0"}.Append(nil)
	if err := c.Kernel.NetIoctl(ctx, netbsd.AF_INET6, netbsd.SIOCGDEFIFACE_IN6, b, ""); err != nil {
		return errc(1, err, "ioctl(SIOCGDEFIFACE_IN6)")
	}
	r, err := netbsd.ParseIn6Ndifreq(b)
	if err != nil {
		return err
	}
	if r.Ifindex == 0 {
		c.printf("No default interface.\n")
		return nil
	}
	name, err := c.Kernel.InterfaceName(ctx, int(r.Ifindex))
	if err != nil || name == "" {
		return errc(1, netbsd.ENXIO, "failed to resolve ifname for index %d", r.Ifindex)
	}
	c.printf("ND default interface = %s\n", name)
	return nil
}

func (c *ndp) interfaceInfo(ctx context.Context, ifname string, words []string) error {
	get := func() (netbsd.In6Ndireq, error) {
		b := netbsd.In6Ndireq{Ifname: ifname}.Append(nil)
		if err := c.Kernel.NetIoctl(ctx, netbsd.AF_INET6, netbsd.SIOCGIFINFO_IN6, b, ifname); err != nil {
			return netbsd.In6Ndireq{}, errc(1, err, "ioctl(SIOCGIFINFO_IN6)")
		}
		return netbsd.ParseIn6Ndireq(b)
	}
	r, err := get()
	if err != nil {
		return err
	}
	flags := []struct {
		name string
		bit  uint32
	}{
		{"nud", netbsd.ND6_IFF_PERFORMNUD}, {"disabled", netbsd.ND6_IFF_IFDISABLED},
		{"accept_rtadv", netbsd.ND6_IFF_ACCEPT_RTADV}, {"override_rtadv", netbsd.ND6_IFF_OVERRIDE_RTADV},
		{"auto_linklocal", netbsd.ND6_IFF_AUTO_LINKLOCAL}, {"prefer_source", netbsd.ND6_IFF_PREFER_SOURCE},
	}
	for _, w := range words {
		name, minus := strings.CutPrefix(w, "-")
		for _, f := range flags {
			if name == f.name && minus {
				r.Ndi.Flags &^= f.bit
			} else if name == f.name {
				r.Ndi.Flags |= f.bit
			}
		}
		for _, v := range []struct {
			name string
			set  func(uint64)
		}{
			{"basereachable", func(n uint64) { r.Ndi.Basereachable = uint32(n) }},
			{"retrans", func(n uint64) { r.Ndi.Retrans = uint32(n) }},
			{"curhlim", func(n uint64) { r.Ndi.Chlim = uint8(n) }},
		} {
			if !strings.HasPrefix(name, v.name) {
				v.set(0) // means unspecified
				continue
			}
			_, value, ok := strings.Cut(name, "=")
			if !ok {
				return errc(1, netbsd.ENOENT, "syntax error in %s field", v.name)
			}
			n, err := strtoul(value)
			if err != nil {
				return errc(1, err, "syntax error in %s's value", v.name)
			}
			v.set(n)
		}
		b := r.Append(nil)
		if err := c.Kernel.NetIoctl(ctx, netbsd.AF_INET6, netbsd.SIOCSIFINFO_IN6, b, ifname); err != nil {
			return errc(1, err, "ioctl(SIOCSIFINFO_IN6)")
		}
		if err := c.Kernel.NetIoctl(ctx, netbsd.AF_INET6, netbsd.SIOCSIFINFO_FLAGS, b, ifname); err != nil {
			return errc(1, err, "ioctl(SIOCSIFINFO_FLAGS)")
		}
		got, err := netbsd.ParseIn6Ndireq(b)
		if err != nil {
			return err
		}
		want := r.Ndi.Flags
		r = got
		r.Ndi.Flags = want
	}
	if r.Ndi.Initialized == 0 {
		return errx(1, "%s: not initialized yet", ifname)
	}
	if r, err = get(); err != nil {
		return err
	}
	n := r.Ndi
	c.printf("linkmtu=%d, maxmtu=%d, curhlim=%d, basereachable=%ds%dms, reachable=%ds, retrans=%ds%dms",
		n.Linkmtu, n.Maxmtu, n.Chlim, n.Basereachable/1000, n.Basereachable%1000, n.Reachable, n.Retrans/1000, n.Retrans%1000)
	if n.Randomid != [8]byte{} {
		c.printf("\nRandom seed(0): %x\nRandom seed(1): %x\nRandom ID:      %x", n.Randomseed0, n.Randomseed1, n.Randomid)
	}
	if n.Flags != 0 {
		c.printf("\nFlags: ")
		for _, f := range flags {
			if n.Flags&f.bit != 0 {
				c.printf("%s ", f.name)
			}
		}
	}
	c.printf("\n")
	return nil
}

func (c *ndp) routers(ctx context.Context) error {
	list, err := c.Kernel.DefaultRouters(ctx)
	if err != nil {
		return errc(1, err, "sysctl(ICMPV6CTL_ND6_DRLIST)")
	}
	now, err := c.Kernel.Time(ctx)
	if err != nil {
		return errc(1, err, "gettimeofday")
	}
	for _, r := range list {
		const managed, other = 0x80, 0x40
		flags := ""
		if r.Flags&managed != 0 {
			flags += "M"
		}
		if r.Flags&other != 0 {
			flags += "O"
		}
		pref := [...]string{"medium", "high", "rsv", "low"}[r.Flags>>3&3]
		expire := "Never"
		if r.Expire != 0 {
			expire = sec2str(int64(r.Expire) - now.Unix())
		}
		c.printf("%s if=%s, flags=%s, pref=%s, expire=%s\n", c.numericHost(ctx, r.Rtaddr), r.Interface, flags, pref, expire)
	}
	return nil
}

func (c *ndp) prefixes(ctx context.Context) error {
	list, err := c.Kernel.Prefixes(ctx)
	if err != nil {
		return errc(1, err, "sysctl(ICMPV6CTL_ND6_PRLIST)")
	}
	now, err := c.Kernel.Time(ctx)
	if err != nil {
		return errc(1, err, "gettimeofday")
	}
	for _, p := range list {
		x := p.In6PrefixRouters.Prefix
		c.printf("%s/%d if=%s\n", c.numericHost(ctx, x.Prefix), x.Prefixlen, p.Interface)
		flags := ""
		for _, f := range []struct {
			set    bool
			letter string
		}{
			{x.Raflags[0]&1 != 0, "L"}, {x.Raflags[0]&2 != 0, "A"},
			{x.Flags&1 != 0, "O"}, {x.Flags&2 != 0, "D"}, {x.Flags&4 != 0, "H"},
		} {
			if f.set {
				flags += f.letter
			}
		}
		life := func(n uint32) string {
			if n == netbsd.ND6_INFINITE_LIFETIME {
				return "infinity"
			}
			return strconv.FormatUint(uint64(n), 10)
		}
		expire := "expired"
		switch {
		case x.Expire == 0:
			expire = "expire=Never"
		case x.Expire >= now.Unix():
			expire = "expire=" + sec2str(x.Expire-now.Unix())
		}
		c.printf("flags=%s vltime=%s, pltime=%s, %s, ref=%d\n", flags, life(x.Vltime), life(x.Pltime), expire, x.Refcnt)
		if len(p.Routers) == 0 {
			c.printf("  No advertising router\n")
			continue
		}
		c.printf("  advertised by\n")
		for _, r := range p.Routers {
			c.printf("    %s", c.numericHost(ctx, r))
			info, err := c.Kernel.NeighborInfo(ctx, p.Interface, r)
			switch {
			case err != nil:
				c.printf(" (no neighbor state)\n")
			case info.State >= netbsd.ND6_LLINFO_REACHABLE:
				c.printf(" (reachable)\n")
			default:
				c.printf(" (unreachable)\n")
			}
		}
	}
	return nil
}
