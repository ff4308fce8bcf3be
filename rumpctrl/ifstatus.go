package rumpctrl

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// What ifconfig prints about an interface.

func ifFlagNames() bitNames {
	var names bitNames
	for i := range 16 {
		names = append(names, rump.InterfaceFlags(1<<i).Names()...)
	}
	return names
}

func ifCapabilityNames() bitNames {
	return bitNames{7: "TSO4", 8: "IP4CSUM_Rx", 9: "IP4CSUM_Tx", 10: "TCP4CSUM_Rx", 11: "TCP4CSUM_Tx",
		12: "UDP4CSUM_Rx", 13: "UDP4CSUM_Tx", 14: "TCP6CSUM_Rx", 15: "TCP6CSUM_Tx", 16: "UDP6CSUM_Rx",
		17: "UDP6CSUM_Tx", 18: "TSO6", 19: "LRO"}
}

func (c *ifconfig) status(ctx context.Context, info *rump.InterfaceInfo, s ifSettings) error {
	i := c.iface(s)
	family := s.family()
	sock := family
	if sock == netbsd.AF_UNSPEC {
		sock = netbsd.AF_INET
	}
	if err := c.Kernel.Supports(ctx, sock); err != nil {
		return errc(1, err, "status: getsock")
	}
	flags, err := c.ifFlags(ctx, s)
	if err != nil {
		return errc(1, err, "status: getifinfo")
	}
	links := sync.OnceValues(func() (linkAddrs, error) { return c.linkAddrs(ctx, info) })
	parts := []func(c *ifconfig) error{
		func(c *ifconfig) error { c.firstLine(info, flags); return nil },
		func(c *ifconfig) error { c.capabilityStatus(ctx, s); return nil },
		func(c *ifconfig) error { c.carpStatus(ctx, i); return nil },
		func(c *ifconfig) error { c.agrStatus(ctx, i); return nil },
		func(c *ifconfig) error { c.etherStatus(ctx, i); return nil },
		func(c *ifconfig) error { c.tunnelStatus(ctx, i); return nil },
		func(c *ifconfig) error { c.vlanStatus(ctx, i); return nil },
		func(c *ifconfig) error {
			l, err := links()
			c.printLinks(ctx, "address:", l.active)
			return err
		},
		func(c *ifconfig) error { c.linkstrStatus(ctx, i); return nil },
		func(c *ifconfig) error { return c.mediaStatus(ctx, i) },
	}
	if c.flags['v'] || c.flags['z'] {
		parts = append(parts, func(c *ifconfig) error { return c.stats(ctx, i) })
	}
	for _, f := range []struct {
		family int
		print  func(c *ifconfig) error
	}{
		{netbsd.AF_LINK, func(c *ifconfig) error {
			l, err := links()
			c.printLinks(ctx, "link", l.other)
			return err
		}},
		{netbsd.AF_INET6, func(c *ifconfig) error { return c.inet6Addrs(ctx, info, s) }},
		{netbsd.AF_INET, func(c *ifconfig) error { return c.inetAddrs(ctx, info, s) }},
	} {
		if family == netbsd.AF_UNSPEC || family == f.family {
			parts = append(parts, f.print)
		}
	}
	return c.sections(parts...)
}

// firstLine prints an interface's name, flags, metric and mtu.
func (c *ifconfig) firstLine(info *rump.InterfaceInfo, flags rump.InterfaceFlags) {
	c.printf("%s: flags=%s", info.Name, snprintb(uint64(flags), ifFlagNames()))
	if metric := int32(info.Data.Metric); metric != 0 { // an int in an ifreq
		c.printf(" metric %d", metric)
	}
	if info.Data.Mtu != 0 {
		c.printf(" mtu %d", info.Data.Mtu)
	}
	c.printf("\n")
}

func (c *ifconfig) capabilityStatus(ctx context.Context, s ifSettings) {
	caps := c.capabilities(ctx, s)
	if caps.have == 0 {
		return
	}
	const limit = 58
	for _, l := range snprintbLines(caps.have, ifCapabilityNames(), limit) {
		c.printf("\tcapabilities=%s\n", l)
	}
	for _, l := range snprintbLines(caps.enabled, ifCapabilityNames(), limit) {
		c.printf("\tenabled=%s\n", l)
	}
}

func (c *ifconfig) linkstrStatus(ctx context.Context, i *rump.Interface) {
	if str, err := i.Linkstr(ctx); err == nil {
		c.printf("\tlinkstr: %s\n", str)
	}
}

func (c *ifconfig) etherStatus(ctx context.Context, i *rump.Interface) {
	have, enabled, err := i.EtherCapabilities(ctx)
	if err != nil || have == 0 {
		return
	}
	const limit = 55
	names := bitNames{"VLAN_MTU", "VLAN_HWTAGGING", "JUMBO_MTU"}
	for _, l := range snprintbLines(uint64(have), names, limit) {
		c.printf("\tec_capabilities=%s\n", l)
	}
	for _, l := range snprintbLines(uint64(enabled), names, limit) {
		c.printf("\tec_enabled=%s\n", l)
	}
}

// linkAddrs are an interface's link addresses: those in use, and the others.
type linkAddrs struct{ active, other []netbsd.SockaddrDl }

func (c *ifconfig) linkAddrs(ctx context.Context, info *rump.InterfaceInfo) (l linkAddrs, err error) {
	i := c.Kernel.Interface(info.Name)
	for _, a := range info.Addrs {
		sdl, ok := a.Addr.(netbsd.SockaddrDl)
		if !ok {
			continue
		}
		active, err := i.LinkActive(ctx, sdl)
		if err != nil {
			if errno, ok := rump.Errno(err); ok && errno == netbsd.EAFNOSUPPORT {
				return l, errc(1, err, "print_link_addresses: getsock")
			}
			return l, errc(1, err, "print_link_addresses: ioctl")
		}
		if active {
			l.active = append(l.active, sdl)
		} else {
			l.other = append(l.other, sdl)
		}
	}
	return l, nil
}

func (c *ifconfig) printLinks(ctx context.Context, word string, addrs []netbsd.SockaddrDl) {
	for _, sdl := range addrs {
		if host := c.host(ctx, sdl); host != "" {
			c.printf("\t%s %s\n", word, host)
		}
	}
}

// host returns an address as text. There is nobody to ask for names, with -N
// either.
func (c *ifconfig) host(ctx context.Context, sa netbsd.Sockaddr) string {
	if c.names != nil {
		return hostText(sa, func(index int) string { return c.names[index] })
	}
	return c.numericHost(ctx, sa)
}

func (c *ifconfig) stats(ctx context.Context, i *rump.Interface) error {
	d, err := i.Stats(ctx, c.flags['z'])
	if err != nil {
		if c.flags['z'] {
			return errc(1, err, "SIOCZIFDATA")
		}
		return errc(1, err, "SIOCGIFDATA")
	}
	count := func(prefix string, n uint64, unit string) {
		c.printf("%s%d %s", prefix, n, unit)
		if n != 1 {
			c.printf("s")
		}
	}
	some := func(n uint64, unit string) {
		if n != 0 {
			count(", ", n, unit)
		}
	}
	octets := func(n uint64) {
		if !c.flags['h'] {
			count(", ", n, "byte")
			return
		}
		s := humanizeNumber(5, int64(n), "", humanDecimal|humanNoSpace)
		c.printf(", %s byte", s)
		if s != "1" {
			c.printf("s")
		}
	}
	count("\tinput: ", d.Ipackets, "packet")
	octets(d.Ibytes)
	some(d.Imcasts, "multicast")
	some(d.Ierrors, "error")
	some(d.Iqdrops, "queue drop")
	if d.Noproto != 0 {
		c.printf(", %d unknown protocol", d.Noproto)
	}
	count("\n\toutput: ", d.Opackets, "packet")
	octets(d.Obytes)
	some(d.Omcasts, "multicast")
	some(d.Oerrors, "error")
	some(d.Collisions, "collision")
	c.printf("\n")
	return nil
}

func (c *ifconfig) inetAddrs(ctx context.Context, info *rump.InterfaceInfo, s ifSettings) error {
	if c.Kernel.Supports(ctx, netbsd.AF_INET) != nil {
		return nil
	}
	i := c.iface(s)
	flags, err := c.ifFlags(ctx, s)
	if err != nil {
		return errc(1, err, "in_alias: getifflags")
	}
	prefs := c.preferences(ctx, info, netbsd.AF_INET)
	var first netbsd.Sockaddr
	var parts []func(c *ifconfig) error
	for n, a := range info.Addrs {
		if sin, ok := a.Addr.(netbsd.SockaddrIn); ok {
			if first == nil {
				first = sin
			}
			parts = append(parts, func(c *ifconfig) error {
				c.inetAddr(ctx, i, sin, sin != first, flags, prefs[n])
				return nil
			})
		}
	}
	return c.sections(parts...)
}

// inetAddr prints an address, and its preference if anyone's is told.
func (c *ifconfig) inetAddr(ctx context.Context, i *rump.Interface, sin netbsd.SockaddrIn, alias bool, flags rump.InterfaceFlags, preference string) {
	al, err := i.InetAlias(ctx, sin)
	if err != nil {
		if !errors.Is(err, netbsd.EADDRNOTAVAIL) && !errors.Is(err, netbsd.EAFNOSUPPORT) {
			c.warn(err, "SIOCGIFALIAS")
		}
		c.printf("\n")
		return
	}
	word := ""
	if alias {
		word = "alias "
	}
	c.printf("\tinet %s%s", word, c.host(ctx, al.Addr))
	if flags&netbsd.IFF_POINTOPOINT != 0 {
		c.printf(" -> %s", c.host(ctx, al.Dstaddr))
	}
	c.printf(" netmask 0x%x", maskWord(al.Mask))
	if flags&netbsd.IFF_BROADCAST != 0 {
		c.printf(" broadcast %s", c.host(ctx, al.Dstaddr))
	}
	f, err := i.InetFlags(ctx, sin)
	if err != nil && !errors.Is(err, netbsd.EADDRNOTAVAIL) {
		c.warn(err, "SIOCGIFAFLAG_IN")
	}
	for _, w := range netbsd.InAddrWords(f) {
		c.printf(" %s", w)
	}
	c.printf("%s\n", preference)
}

// maskWord returns an IPv4 netmask as a number. The kernel gives masks no family
// and no more bytes than are not zero.
func maskWord(sa netbsd.Sockaddr) uint32 {
	var b [8]byte
	if sa != nil {
		copy(b[:], sa.Append(nil))
	}
	return binary.BigEndian.Uint32(b[4:])
}

func (c *ifconfig) inet6Addrs(ctx context.Context, info *rump.InterfaceInfo, s ifSettings) error {
	if c.Kernel.Supports(ctx, netbsd.AF_INET6) != nil {
		return nil
	}
	i := c.iface(s)
	flags, err := c.ifFlags(ctx, s)
	if err != nil {
		return errc(1, err, "in6_alias: getifflags")
	}
	prefs := c.preferences(ctx, info, netbsd.AF_INET6)
	var parts []func(c *ifconfig) error
	for n, a := range info.Addrs {
		if sin6, ok := a.Addr.(netbsd.SockaddrIn6); ok {
			parts = append(parts, func(c *ifconfig) error {
				plen, ok := netbsd.NetmaskBits(netbsd.AF_INET6, a.Netmask)
				if !ok {
					plen = 0 // it has holes
				}
				c.inet6Addr(ctx, i, extractScope(sin6), plen, flags, prefs[n])
				return nil
			})
		}
	}
	return c.sections(parts...)
}

// inet6Addr prints an address, and its preference if anyone's is told.
func (c *ifconfig) inet6Addr(ctx context.Context, i *rump.Interface, sin6 netbsd.SockaddrIn6, plen int, flags rump.InterfaceFlags, preference string) {
	warn := func(err error, what string) {
		if err != nil && !errors.Is(err, netbsd.EADDRNOTAVAIL) {
			c.warn(err, "%s", what)
		}
	}
	c.printf("\tinet6 %s", c.host(ctx, sin6))
	if flags&netbsd.IFF_POINTOPOINT != 0 {
		peer, err := i.Inet6Peer(ctx, sin6)
		warn(err, "SIOCGIFDSTADDR_IN6")
		if err != nil {
			peer = netbsd.SockaddrIn6{}
		}
		if p6, ok := peer.(netbsd.SockaddrIn6); ok {
			peer = extractScope(p6)
		}
		c.printf(" -> %s", c.host(ctx, peer))
	}
	c.printf(" prefixlen %d", plen)
	f, err := i.Inet6Flags(ctx, sin6)
	warn(err, "SIOCGIFAFLAG_IN6")
	for _, w := range netbsd.In6AddrWords(f) {
		c.printf(" %s", w)
	}
	if sin6.ScopeID != 0 {
		c.printf(" scopeid 0x%x", sin6.ScopeID)
	}
	if c.flags['L'] {
		l, err := i.Inet6Lifetime(ctx, sin6)
		warn(err, "SIOCGIFALIFETIME_IN6")
		if err == nil && (l.Preferred != 0 || l.Expire != 0) {
			now := time.Now().Unix()
			left := func(until int64) string {
				if until == 0 {
					return "infty"
				}
				return fmt.Sprint(until - min(now, until))
			}
			c.printf(" pltime %s vltime %s", left(l.Preferred), left(l.Expire))
		}
	}
	c.printf("%s\n", preference)
}
