package rumpctrl

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// sockstat is a running sockstat(1).
type sockstat struct {
	*Env
	inet, inet6, local   bool
	connected, listening bool
	ports                map[int]bool
	started              bool
}

func runSockstat(ctx context.Context, e *Env) error {
	c := &sockstat{Env: e}
	_, err := c.getopt(c.Args[1:], "46cf:lnp:u", func(opt byte, arg string) error {
		switch opt {
		case '4':
			c.inet = true
		case '6':
			c.inet6 = true
		case 'c':
			c.connected = true
		case 'f':
			switch strings.ToLower(arg) {
			case "inet":
				c.inet = true
			case "inet6":
				c.inet6 = true
			case "local", "unix":
				c.local = true
			default:
				return errx(1, "%s: unsupported protocol family", arg)
			}
		case 'l':
			c.listening = true
		case 'p':
			return c.parsePorts(arg)
		case 'u':
			c.local = true
		}
		return nil
	})
	if err == errBadOption {
		return silent(1)
	}
	if err != nil {
		return err
	}
	if !c.inet && !c.inet6 && !c.local {
		c.inet, c.inet6, c.local = true, true, c.ports == nil
	}
	if c.ports != nil && c.local {
		return errx(1, "local domain sockets do not have ports")
	}
	return c.show(ctx)
}

// parsePorts parses ports and ranges of them, with commas.
func (c *sockstat) parsePorts(s string) error {
	if c.ports == nil {
		c.ports = make(map[int]bool)
	}
	number := func(t string) (int, bool) {
		n, ok := strtol(t, 0)
		return n, ok && t != "" && n >= 0 && n <= 65535
	}
	if s == "" {
		return nil
	}
	for _, r := range strings.Split(s, ",") {
		lo, hi, isRange := strings.Cut(r, "-")
		a, ok := number(lo)
		b := a
		if ok && isRange {
			b, ok = number(hi)
		}
		if !ok {
			return errc(1, netbsd.EINVAL, "%s", s)
		}
		for ; a <= b; a++ {
			c.ports[a] = true
		}
	}
	return nil
}

func (c *sockstat) show(ctx context.Context) error {
	var tables []string
	add := func(on bool, names ...string) {
		if on {
			tables = append(tables, names...)
		}
	}
	add(c.inet, "net.inet.tcp", "net.inet.udp")
	add(c.inet && c.ports == nil, "net.inet.raw")
	add(c.inet6, "net.inet6.tcp6", "net.inet6.udp6")
	add(c.inet6 && c.ports == nil, "net.inet6.raw6")
	add(c.local, "net.local.stream", "net.local.seqpacket", "net.local.dgram")
	sockets := make(map[uint64]netbsd.KinfoPcb)
	for _, t := range tables {
		list, err := c.Kernel.SocketTable(ctx, t)
		if err != nil {
			return errc(1, err, "sysctl")
		}
		for _, s := range list {
			sockets[s.Sockaddr] = s
		}
	}
	files, err := c.Kernel.OpenFiles(ctx)
	if err != nil {
		return errc(1, err, "sysctlnametomib")
	}
	var p netbsd.KinfoProc2
	for _, f := range files {
		s, ok := sockets[f.Fdata]
		if f.Ftype != netbsd.DTYPE_SOCKET || !ok || !c.wanted(s) {
			continue
		}
		if p.Pid != int32(f.Pid) {
			if p, err = c.Kernel.Process(ctx, int(f.Pid)); err != nil {
				p = netbsd.KinfoProc2{}
				continue
			}
		}
		c.print(f, s, p)
	}
	return nil
}

// isConnected reports whether a socket has another end.
func isConnected(s netbsd.KinfoPcb) bool {
	const ssIsConnected, inpConnected = 0x2, 2
	return s.Sostate&ssIsConnected != 0 || s.Prstate >= inpConnected ||
		s.Tstate > int32(netbsd.TCPS_LISTEN) || s.Conn != 0
}

func isListening(s netbsd.KinfoPcb) bool {
	if s.Tstate == int32(netbsd.TCPS_LISTEN) {
		return true
	}
	switch s.Family {
	case netbsd.AF_INET, netbsd.AF_INET6:
		return s.Type == netbsd.SOCK_RAW || s.Type == netbsd.SOCK_DGRAM && netbsd.AddrPortOf(s.Src).Port() != 0
	case netbsd.AF_LOCAL:
		un, _ := s.Src.(netbsd.SockaddrUn)
		return un.Path != ""
	}
	return false
}

func (c *sockstat) wanted(s netbsd.KinfoPcb) bool {
	if c.connected || c.listening {
		switch {
		case isConnected(s):
			if !c.connected {
				return false
			}
		case !isListening(s) || !c.listening:
			return false
		}
	}
	if c.ports == nil {
		return true
	}
	return (s.Family == netbsd.AF_INET || s.Family == netbsd.AF_INET6) &&
		(c.ports[int(netbsd.AddrPortOf(s.Src).Port())] || c.ports[int(netbsd.AddrPortOf(s.Dst).Port())])
}

func (c *sockstat) print(f netbsd.KinfoFile, s netbsd.KinfoPcb, p netbsd.KinfoProc2) {
	if !c.started {
		c.started = true
		c.printf("%-8s %-10s %-5s %-2s %-6s %-21s %s\n", "USER", "COMMAND", "PID", "FD", "PROTO", "LOCAL ADDRESS", "FOREIGN ADDRESS")
	}
	c.printf("%-8d %-10.10s %-5d %2d %-6s %-21s ", p.Uid, p.Comm, f.Pid, f.Fd, socketProtocol(s), socketAddr(s.Src))
	switch {
	case isConnected(s):
		c.printf("%s", socketAddr(s.Dst))
	case s.Family == netbsd.AF_INET, s.Family == netbsd.AF_INET6:
		c.printf("*.*")
	default:
		c.printf("-")
	}
	c.printf("\n")
}

func socketProtocol(s netbsd.KinfoPcb) string {
	switch s.Family {
	case netbsd.AF_INET, netbsd.AF_INET6:
		name := map[uint32]string{netbsd.IPPROTO_TCP: "tcp", netbsd.IPPROTO_UDP: "udp", netbsd.IPPROTO_RAW: "raw"}[s.Protocol]
		switch {
		case name == "":
			return fmt.Sprintf("%d/%d", s.Family, s.Protocol)
		case s.Family == netbsd.AF_INET6:
			return name + "6"
		}
		return name
	case netbsd.AF_LOCAL:
		name := map[uint32]string{netbsd.SOCK_STREAM: "stream", netbsd.SOCK_DGRAM: "dgram", netbsd.SOCK_RAW: "raw",
			netbsd.SOCK_RDM: "rdm", netbsd.SOCK_SEQPACKET: "seq"}[s.Type]
		if name == "" {
			return fmt.Sprintf("%d/%d", s.Family, s.Protocol)
		}
		return name
	}
	return fmt.Sprintf("%d/%d/%d", s.Family, s.Type, s.Protocol)
}

// socketAddr returns an end of a socket.
func socketAddr(sa netbsd.Sockaddr) string {
	switch s := sa.(type) {
	case nil:
		return "(PF_UNSPEC)"
	case netbsd.SockaddrIn, netbsd.SockaddrIn6:
		ap := netbsd.AddrPortOf(sa)
		host := "*"
		if a := ap.Addr(); !a.IsUnspecified() {
			host = inetNtop(a)
			if zone := a.Zone(); zone != "" {
				host += "%" + zone
			}
		} else if ap.Port() == 0 {
			return "*.*"
		}
		return fmt.Sprintf("%s.%d", host, ap.Port())
	case netbsd.SockaddrUn:
		if s.Path == "" {
			return "-"
		}
		return s.Path
	}
	return ""
}

// hostOfNet returns the part of an address that its class leaves to hosts.
func hostOfNet(a netip.Addr) uint32 {
	if !a.Is4() {
		return 0
	}
	b := a.As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return n &^ classNet(n)
}
