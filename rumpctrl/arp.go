package rumpctrl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// arp is a running arp(8).
type arp struct {
	*Env
	all, verbose bool
	sock         *rump.RouteSocket
}

func runArp(ctx context.Context, e *Env) error {
	c := &arp{Env: e}
	op := byte(0)
	args, err := c.getopt(c.Args[1:], "andsfv", func(opt byte, _ string) error {
		switch opt {
		case 'a':
			c.all = true
		case 'v':
			c.verbose = true
		case 'd', 's', 'f':
			if op != 0 {
				return errBadOption
			}
			op = opt
		}
		return nil
	})
	if err != nil {
		return c.usage()
	}
	if op == 0 && c.all {
		op = 'a'
	}
	switch op {
	case 'a':
		_, err := c.dump(ctx, netip.Addr{})
		return err
	case 'd':
		if c.all && len(args) == 0 {
			return c.deleteAll(ctx)
		}
		if c.all || len(args) < 1 || len(args) > 2 {
			return c.usage()
		}
		if err := c.open(ctx); err != nil {
			return err
		}
		defer c.sock.Close()
		c.delete(ctx, args[0], len(args) > 1 && strings.HasPrefix(args[1], "pro"))
		return nil
	case 's':
		if len(args) < 2 || len(args) > 7 {
			return c.usage()
		}
		if err := c.open(ctx); err != nil {
			return err
		}
		defer c.sock.Close()
		if !c.set(ctx, args) {
			return silent(1)
		}
		return nil
	case 'f':
		if len(args) != 1 {
			return c.usage()
		}
		return c.file(ctx, args[0])
	}
	if len(args) != 1 {
		return c.usage()
	}
	addr, ok := c.host(args[0])
	if !ok {
		return silent(1)
	}
	found, err := c.dump(ctx, addr)
	if err == nil && !found {
		return errx(1, "%s (%s) -- no entry", args[0], addr)
	}
	return err
}

func (c *arp) usage() error {
	n := c.Args[0]
	fmt.Fprintf(c.Stderr, "Usage: %s [-n] hostname\n\t      %s [-nv] -a\n\t      %s [-v] -d [-a|hostname [pub [proxy]]]\n"+
		"       %s -s hostname ether_addr [temp] [pub [proxy]]\n       %s -f filename\n", n, n, n, n, n)
	return silent(1)
}

func (c *arp) open(ctx context.Context) (err error) {
	if c.sock, err = c.Kernel.RouteSocket(ctx); err != nil {
		return errc(1, err, "socket")
	}
	return nil
}

// host turns a word into an address, or says that it cannot.
func (c *arp) host(s string) (netip.Addr, bool) {
	a, ok := inetAton(s)
	if !ok && s == "localhost" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	if !ok {
		c.warnx("%s: %s", s, noHost(s))
	}
	return a, ok
}

// dump prints the table, or the entries of an address. It returns whether there
// was one.
func (c *arp) dump(ctx context.Context, addr netip.Addr) (found bool, err error) {
	table, err := c.Kernel.NeighborTable(ctx, netbsd.AF_INET)
	if err != nil {
		return false, errc(1, err, "route-sysctl-estimate")
	}
	if len(table) == 0 {
		return false, nil
	}
	ifs, err := c.Kernel.Interfaces(ctx)
	if err != nil {
		return false, errc(1, err, "getifaddrs")
	}
	for _, m := range table {
		dst, _ := m.Addrs[netbsd.RTAX_DST].(netbsd.SockaddrIn)
		if addr.IsValid() && addr != dst.NetipAddr() {
			continue
		}
		found = true
		link, _ := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
		at := "(incomplete)"
		if len(link.Addr) > 0 {
			at = c.numericHost(ctx, link)
		}
		c.printf("? (%s) at %s", dst.NetipAddr(), at)
		for _, i := range ifs {
			if i.Index == int(link.Index) {
				c.printf(" on %s", i.Name)
			}
		}
		if m.Header.Rmx.Expire == 0 {
			c.printf(" permanent")
		}
		if m.Other&rump.SinProxy != 0 {
			c.printf(" published (proxy only)")
		}
		if mask := m.Addrs[netbsd.RTAX_NETMASK]; mask != nil {
			f := flatten(mask)
			if maskWord(mask) == 0xffffffff {
				c.printf(" published")
			}
			if f.len != 8 {
				c.printf("(weird)")
			}
		}
		c.printf("\n")
	}
	return found, nil
}

func (c *arp) deleteAll(ctx context.Context) error {
	table, err := c.Kernel.NeighborTable(ctx, netbsd.AF_INET)
	if err != nil {
		return errc(1, err, "route-sysctl-estimate")
	}
	if err := c.open(ctx); err != nil {
		return err
	}
	defer c.sock.Close()
	for _, m := range table {
		if dst, ok := m.Addrs[netbsd.RTAX_DST].(netbsd.SockaddrIn); ok {
			c.delete(ctx, dst.NetipAddr().String(), false)
		}
	}
	return nil
}

// inarp makes the address of an ARP entry: a struct sockaddr_inarp.
func inarp(a netip.Addr, proxy bool) netbsd.Sockaddr {
	data := make([]byte, 14)
	b := a.As4()
	copy(data[2:], b[:])
	if proxy {
		data[12] = rump.SinProxy
	}
	return netbsd.SockaddrRaw{AF: netbsd.AF_INET, Data: data}
}

// get asks for the entry of an address, or for the route to it.
func (c *arp) get(ctx context.Context, a netip.Addr, proxy bool, flags int32) (*netbsd.RouteMessage, error) {
	m := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{Type: netbsd.RTM_GET, Flags: flags | netbsd.RTF_LLDATA}}
	m.Addrs[netbsd.RTAX_DST] = inarp(a, proxy)
	r, err := c.sock.Ask(ctx, m)
	if err != nil {
		c.warn(err, "writing to routing socket")
	}
	return r, err
}

// isEntry reports whether a message is about an entry and not about a route.
func isEntry(m *netbsd.RouteMessage) bool {
	l, ok := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
	if !ok || m.Header.Flags&(netbsd.RTF_LLDATA|netbsd.RTF_GATEWAY) != netbsd.RTF_LLDATA {
		return false
	}
	switch l.Type {
	case netbsd.IFT_ETHER, netbsd.IFT_FDDI, netbsd.IFT_ISO88023, netbsd.IFT_ISO88024, netbsd.IFT_ISO88025, netbsd.IFT_ARCNET:
		return true
	}
	return false
}

func sameDst(m *netbsd.RouteMessage, a netip.Addr) bool {
	return netbsd.AddrPortOf(m.Addrs[netbsd.RTAX_DST]).Addr() == a
}

func (c *arp) delete(ctx context.Context, host string, proxy bool) {
	a, ok := c.host(host)
	if !ok {
		return
	}
	for {
		m, err := c.get(ctx, a, proxy, 0)
		if err != nil {
			c.warn(err, "%s", host)
			return
		}
		if sameDst(m, a) && isEntry(m) {
			m.Header.Type = netbsd.RTM_DELETE
			m.Header.Flags |= netbsd.RTF_LLDATA
			if err := c.sock.Send(m); err != nil && !errors.Is(err, netbsd.ESRCH) {
				c.warn(err, "writing to routing socket")
				return
			}
			if c.verbose {
				c.printf("%s (%s) deleted\n", host, a)
			}
			return
		}
		if proxy {
			c.warnx("delete: can't locate %s", host)
			return
		}
		proxy = true
	}
}

// set enters what HOST ETHER_ADDR [temp] [pub [proxy]] says.
func (c *arp) set(ctx context.Context, args []string) bool {
	host := args[0]
	a, ok := c.host(host)
	if !ok {
		return false
	}
	link := netbsd.SockaddrDl{Len: netbsd.SizeofSockaddrDl}
	if link.Addr, ok = arpLink(args[1]); !ok {
		c.warnx("invalid link-level address '%s'", args[1])
	}
	var flags int32
	var expire int64
	publish, only := false, false
	for words := args[2:]; len(words) > 0; words = words[1:] {
		switch w := words[0]; {
		case strings.HasPrefix(w, "temp"):
			now, err := c.Kernel.Time(ctx)
			if err != nil {
				c.warn(err, "%s", host)
				return false
			}
			expire = now.Unix() + 20*60
		case strings.HasPrefix(w, "pub"):
			flags |= netbsd.RTF_ANNOUNCE
			publish = true
			if len(words) > 1 && strings.HasPrefix(words[1], "pro") {
				only = true
				words = words[1:]
			}
		case strings.HasPrefix(w, "trail"):
			c.warnx("%s: Sending trailers is no longer supported", host)
		case w == "ifscope":
			if len(words) == 1 {
				c.warnx("missing interface for ifscope")
				continue
			}
			words = words[1:]
			info, err := c.Kernel.Interface(words[0]).Info(ctx)
			if err != nil || info.HardwareAddr() == nil {
				c.warnx("cannot get link address for %s", words[0])
				continue
			}
			link.Addr = info.HardwareAddr()
		}
	}
	proxy := false
	var m *netbsd.RouteMessage
	for {
		var err error
		if m, err = c.get(ctx, a, proxy, flags); err != nil {
			c.warn(err, "%s", host)
			return false
		}
		if !sameDst(m, a) || isEntry(m) {
			break
		}
		if !publish {
			c.warnx("set: can only proxy for %s", host)
			return false
		}
		if proxy {
			c.warnx("set: proxy entry exists for non 802 device")
			return false
		}
		proxy, only = true, true
	}
	via, ok := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl)
	if !ok {
		c.warnx("cannot intuit interface index and type for %s", host)
		return false
	}
	link.Type, link.Index = via.Type, via.Index
	add := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{
		Type:  netbsd.RTM_ADD,
		Flags: flags | netbsd.RTF_HOST | netbsd.RTF_STATIC | netbsd.RTF_LLDATA,
		Inits: netbsd.RTV_EXPIRE,
	}}
	add.Header.Rmx.Expire = expire
	add.Addrs[netbsd.RTAX_DST] = inarp(a, publish && only)
	add.Addrs[netbsd.RTAX_GATEWAY] = link
	if publish && !only {
		add.Header.Flags &^= netbsd.RTF_HOST
		add.Addrs[netbsd.RTAX_NETMASK] = netbsd.SockaddrRaw{Data: []byte{0, 0, 0xff, 0xff, 0xff, 0xff}}
	}
	err := c.sock.Send(add)
	if err != nil {
		c.warn(err, "writing to routing socket")
	}
	if c.verbose {
		c.printf("%s (%s) added\n", host, args[1])
	}
	return err == nil
}

// arpLink parses a link address: bytes in hexadecimal with colons. What cannot
// be parsed after the first is left out.
func arpLink(s string) ([]byte, bool) {
	var b []byte
	for len(b) < 12 {
		n, length := strtoulHex(s)
		if length == 0 || n > 255 {
			break
		}
		b = append(b, byte(n))
		if s = s[length:]; !strings.HasPrefix(s, ":") {
			break
		}
		s = s[1:]
	}
	return b, len(b) > 0
}

// strtoulHex parses the hexadecimal number that a word begins with, as strtoul(3)
// does, and returns how much of the word that is.
func strtoulHex(s string) (n uint64, length int) {
	digits := strings.TrimLeft(s, " \t\n\v\f\r")
	negative := strings.HasPrefix(digits, "-")
	digits = strings.TrimPrefix(strings.TrimPrefix(digits, "-"), "+")
	if len(digits) > 2 && strings.EqualFold(digits[:2], "0x") && isHexDigit(digits[2]) {
		digits = digits[2:]
	}
	end := 0
	for end < len(digits) && isHexDigit(digits[end]) {
		end++
	}
	if end == 0 {
		return 0, 0
	}
	n, err := strconv.ParseUint(digits[:end], 16, 64)
	if negative && err == nil {
		n = -n
	}
	return n, len(s) - len(digits) + end
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// file enters what the lines of a file say.
func (c *arp) file(ctx context.Context, name string) error {
	var b []byte
	var err error
	if name == "-" {
		b, err = io.ReadAll(c.Stdin)
	} else {
		b, err = c.Kernel.ReadFile(ctx, name)
	}
	if errors.Is(err, netbsd.EISDIR) {
		return nil // it can be opened, and has no lines
	}
	if err != nil {
		return errc(1, err, "Cannot open %s", name)
	}
	if err := c.open(ctx); err != nil {
		return err
	}
	defer c.sock.Close()
	failed := false
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "\x00")
		if strings.HasPrefix(line, "#") {
			continue
		}
		line = uncomment(strings.TrimSuffix(line, "\n"))
		words := strings.Fields(line)
		words = words[:min(len(words), 5)]
		if len(words) < 2 {
			c.warnx("bad line: %s", line)
			failed = true
			continue
		}
		failed = !c.set(ctx, words) || failed
	}
	if failed {
		return silent(1)
	}
	return nil
}
