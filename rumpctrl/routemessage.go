package rumpctrl

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// How route(8) prints messages of the routing socket.

// bprintf returns the names of the bits that are set, or "none".
func bprintf(v uint64, names []string) string {
	if v == 0 {
		return "none"
	}
	var set []string
	for i, n := range names {
		if v&(1<<i) != 0 && n != "" {
			set = append(set, n)
		}
	}
	if set == nil {
		return ""
	}
	return "<" + strings.Join(set, ",") + ">"
}

func routeFlagNames(f int32) string {
	return bprintf(uint64(uint32(f)), []string{"UP", "GATEWAY", "HOST", "REJECT", "DYNAMIC", "MODIFIED", "DONE",
		"MASK_PRESENT", "CONNECTED", "XRESOLVE", "LLINFO", "STATIC", "BLACKHOLE", "CLONED", "PROTO2", "PROTO1",
		"", "", "LOCAL", "BROADCAST"})
}

func routeAddrNames(b int32) string {
	return bprintf(uint64(b), []string{"DST", "GATEWAY", "NETMASK", "GENMASK", "IFP", "IFA", "AUTHOR", "BRD", "TAG"})
}

func routeMetricNames(b uint64) string {
	return bprintf(b, []string{"mtu", "hopcount", "expire", "recvpipe", "sendpipe", "ssthresh", "rtt", "rttvar", "pksent"})
}

func messageName(typ uint8) string {
	switch typ {
	case netbsd.RTM_ADD:
		return "RTM_ADD: Add Route"
	case netbsd.RTM_DELETE:
		return "RTM_DELETE: Delete Route"
	case netbsd.RTM_CHANGE:
		return "RTM_CHANGE: Change Metrics, Flags or Gateway"
	case netbsd.RTM_GET:
		return "RTM_GET: Report Metrics"
	case netbsd.RTM_LOSING:
		return "RTM_LOSING: Kernel Suspects Partitioning"
	case netbsd.RTM_REDIRECT:
		return "RTM_REDIRECT: Told to use different route"
	case netbsd.RTM_MISS:
		return "RTM_MISS: Lookup failed on this address"
	case netbsd.RTM_LOCK:
		return "RTM_LOCK: fix specified metrics"
	case netbsd.RTM_OLDADD:
		return "RTM_OLDADD: caused by SIOCADDRT"
	case netbsd.RTM_OLDDEL:
		return "RTM_OLDDEL: caused by SIOCDELRT"
	case netbsd.RTM_NEWADDR:
		return "RTM_NEWADDR: address being added to iface"
	case netbsd.RTM_DELADDR:
		return "RTM_DELADDR: address being removed from iface"
	case netbsd.RTM_OOIFINFO:
		return "RTM_OOIFINFO: iface status change (pre-1.5)"
	case netbsd.RTM_OIFINFO:
		return "RTM_OIFINFO: iface status change (pre-64bit time)"
	case netbsd.RTM_IFANNOUNCE:
		return "RTM_IFANNOUNCE: iface arrival/departure"
	case netbsd.RTM_IEEE80211:
		return "RTM_IEEE80211: IEEE80211 wireless event"
	case netbsd.RTM_IFINFO:
		return "RTM_IFINFO: iface status change"
	case netbsd.RTM_CHGADDR:
		return "RTM_CHGADDR: address being changed on iface"
	}
	return "#" + strconv.Itoa(int(typ))
}

// message prints a message whose length on the wire was n.
func (c *route) message(ctx context.Context, m netbsd.RoutingMessage, n int) {
	if !c.verbose {
		return
	}
	c.printf("%s: len %d, ", messageName(m.MessageType()), n)
	switch m := m.(type) {
	case *netbsd.InterfaceMessage:
		carrier := fmt.Sprintf("0x%x", uint32(m.Header.Data.LinkState))
		switch m.Header.Data.LinkState {
		case netbsd.LINK_STATE_UNKNOWN:
			carrier = "unknown"
		case netbsd.LINK_STATE_DOWN:
			carrier = "no carrier"
		case netbsd.LINK_STATE_UP:
			carrier = "active"
		}
		c.printf("if# %d, carrier: %s, flags: %s", m.Header.Index, carrier,
			bprintf(uint64(uint32(m.Header.Flags)), []string{"UP", "BROADCAST", "DEBUG", "LOOPBACK", "PTP", "NOTRAILERS",
				"RUNNING", "NOARP", "PPROMISC", "ALLMULTI", "OACTIVE", "SIMPLEX", "LINK0", "LINK1", "LINK2", "MULTICAST"}))
		c.messageAddrs(ctx, &m.Addrs)
	case *netbsd.AddressMessage:
		c.printf("metric %d, flags: %s", m.Header.Metric, routeFlagNames(m.Header.Flags))
		c.messageAddrs(ctx, &m.Addrs)
	case *netbsd.AnnounceMessage:
		what := "#" + strconv.Itoa(int(m.Header.What))
		switch m.Header.What {
		case netbsd.IFAN_ARRIVAL:
			what = "arrival"
		case netbsd.IFAN_DEPARTURE:
			what = "departure"
		}
		c.printf("if# %d, what: %s\n", m.Header.Index, what)
	case *netbsd.RouteMessage:
		c.printf("pid %d, seq %d, errno %d, flags: %s", m.Header.Pid, m.Header.Seq, m.Header.Errno, routeFlagNames(m.Header.Flags))
		c.common(ctx, m)
	default:
		c.printf("\n")
	}
}

func (c *route) common(ctx context.Context, m *netbsd.RouteMessage) {
	c.printf("\nlocks: %s inits: %s", routeMetricNames(m.Header.Rmx.Locks), routeMetricNames(uint64(uint32(m.Header.Inits))))
	c.messageAddrs(ctx, &m.Addrs)
}

func (c *route) messageAddrs(ctx context.Context, addrs *netbsd.RtAddrs) {
	if bits := addrs.Bits(); bits != 0 {
		c.printf("\nsockaddrs: %s\n", routeAddrNames(bits))
		var family uint8
		for _, i := range []int{netbsd.RTAX_DST, netbsd.RTAX_IFA} {
			if addrs[i] != nil && family == 0 {
				family = addrs[i].Family()
			}
		}
		for i, sa := range addrs {
			if sa == nil {
				continue
			}
			f := flatten(sa)
			switch {
			case i == netbsd.RTAX_NETMASK && f.len > 0 && family == netbsd.AF_INET:
				c.printf(" %s", f.in())
			case i == netbsd.RTAX_NETMASK && f.len > 0 && family == netbsd.AF_INET6:
				c.printf(" %s", inetNtop(netipFrom16(f.in6().Addr)))
			case i == netbsd.RTAX_NETMASK && f.len > 0:
				c.printf(" %s", anyName(sa))
			default:
				c.printf(" %s", c.routeName(ctx, sa))
			}
		}
	}
	c.printf("\n")
}

func netipFrom16(b [16]byte) netip.Addr { return netip.AddrFrom16(b) }

// monitor prints what happens to routes, interfaces and addresses, until it is
// interrupted or, with -c, has seen as many messages.
func (c *route) monitor(ctx context.Context, args []string) error {
	c.verbose = true
	count := -1
	if len(args) >= 3 && args[1] == "-c" {
		n, err := strconv.Atoi(args[2])
		if err != nil || n <= 0 {
			return c.usage(args[2])
		}
		count = n
	}
	if c.dry {
		mib := netbsd.RouteMib(0, netbsd.NET_RT_IFLIST, 0)
		b, err := c.Kernel.SysctlRaw(ctx, mib, nil, "net.route.iflist")
		if err != nil {
			return errc(1, err, "route-sysctl-estimate")
		}
		return c.messages(ctx, b)
	}
	if c.test {
		return nil
	}
	for ; count != 0; count-- {
		b, err := c.sock.ReceiveBytes(ctx)
		if err != nil {
			return errc(1, err, "read from routing socket")
		}
		c.printf("got message of size %d on %s\n", len(b), time.Now().In(c.Location).Format("Mon Jan _2 15:04:05 2006"))
		if err := c.messages(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// messages prints all messages in b.
func (c *route) messages(ctx context.Context, b []byte) error {
	for len(b) >= 4 {
		n := int(binary.LittleEndian.Uint16(b))
		if n < 4 || n > len(b) {
			break
		}
		if b[2] != netbsd.RTM_VERSION {
			c.printf("routing message version %d not understood\n", b[2])
		} else {
			msgs, err := netbsd.ParseRoutingMessages(b[:n])
			if err != nil {
				return err
			}
			for _, m := range msgs {
				c.message(ctx, m, n)
			}
		}
		b = b[n:]
	}
	return nil
}
