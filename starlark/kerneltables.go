package starlark

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelTables is the table of the methods of a kernel that look at what its
// network knows and has counted.
func kernelTables() []function {
	return []function{
		{"cloners", "", "Returns what kinds of interfaces can be created, a list of strings: [\"lo\", \"shmif\"].", kernelCloners},
		{"default_routers", "", "Returns the routers that IPv6 neighbour discovery knows, a list of structs: addr, interface, and expires (seconds from now).", kernelDefaultRouters},
		{"monitor", "", "Opens a routing socket and returns a monitor: what happens to routes, interfaces and addresses from now on.", kernelMonitor},
		{"prefixes", "", "Returns the prefixes that IPv6 neighbour discovery knows, a list of structs: prefix, interface, on_link, detached, valid and preferred (seconds, None for ever), and routers.", kernelPrefixes},
		{"sockets", "protocol?", "Returns the sockets of a protocol, such as \"tcp\", \"tcp6\", \"udp\" or \"udp6\", or of these four: a list of structs: protocol, local and remote (strings such as \"10.0.0.1:80\"), state (of TCP: \"LISTEN\"), received and unsent (bytes that wait).", kernelSocketTable},
		{"stats", "protocol", "Returns the counters of a protocol, such as \"net.inet.ip\" or \"net.inet6.icmp6\", a dict of ints by the names that NetBSD's headers have: stats(\"net.inet.ip\")[\"badsum\"] is IP_STAT_BADSUM.", kernelStats},
		{"sysctl_description", "name", "Returns the kernel's own text about a sysctl node.", kernelSysctlDescription},
		{"sysctl_nodes", "name?", "Returns the names of the nodes below one, or of the uppermost ones.", kernelSysctlNodes},
		{"traceroute", "address max_hops? probes? wait? echo? source? size?", "Finds the route to an address with packets that may go one hop farther each time and returns a list of structs, one a packet: hop, addr (who answered, None for nobody), rtt (seconds), error (a kind as ping's, None for an answer to an echo request) and reached. 30 hops of one packet, which is UDP unless echo is True, and 1s for its answer, if not told otherwise.", kernelTraceroute},
	}
}

func kernelCloners(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	names, err := waiting(c.scope, func() ([]string, error) { return c.kernel().Cloners(c.ctx) })
	if err != nil {
		return nil, err
	}
	return stringList(names), nil
}

func kernelDefaultRouters(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	routers, err := waiting(c.scope, func() ([]rump.DefaultRouter, error) { return c.kernel().DefaultRouters(c.ctx) })
	if err != nil {
		return nil, err
	}
	return listOf(routers, func(r rump.DefaultRouter) starlark.Value {
		return record("router", starlark.StringDict{
			"addr":      Address{r.Addr(), -1},
			"interface": starlark.String(r.Interface),
			"expires":   secondsUntil(time.Unix(int64(r.Expire), 0)),
		})
	}), nil
}

func kernelPrefixes(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	prefixes, err := waiting(c.scope, func() ([]rump.Prefix, error) { return c.kernel().Prefixes(c.ctx) })
	if err != nil {
		return nil, err
	}
	lifetime := func(sec uint32) starlark.Value {
		if sec == netbsd.ND6_INFINITE_LIFETIME {
			return starlark.None
		}
		return starlark.MakeUint64(uint64(sec))
	}
	return listOf(prefixes, func(p rump.Prefix) starlark.Value {
		in := p.Prefix
		return record("prefix", starlark.StringDict{
			"prefix":    Address{in.Prefix.NetipAddr().WithZone(""), int(in.Prefixlen)},
			"interface": starlark.String(p.Interface),
			"on_link":   starlark.Bool(in.Flags&netbsd.NDPRF_ONLINK != 0),
			"detached":  starlark.Bool(in.Flags&netbsd.NDPRF_DETACHED != 0),
			"valid":     lifetime(in.Vltime),
			"preferred": lifetime(in.Pltime),
			"routers": listOf(p.Routers, func(r netbsd.SockaddrIn6) starlark.Value {
				return Address{r.NetipAddr().WithZone(p.Interface), -1}
			}),
		})
	}), nil
}

func kernelSocketTable(c *call) (starlark.Value, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	names := []string{"tcp", "tcp6", "udp", "udp6"}
	if name != "" {
		names = []string{name}
	}
	var list []starlark.Value
	for _, name := range names {
		node := "net.inet." + name
		if strings.HasSuffix(name, "6") {
			node = "net.inet6." + name
		}
		pcbs, err := waiting(c.scope, func() ([]netbsd.KinfoPcb, error) { return c.kernel().SocketTable(c.ctx, node) })
		if err != nil {
			return nil, err
		}
		for _, p := range pcbs {
			state := starlark.Value(starlark.None)
			if p.Protocol == netbsd.IPPROTO_TCP {
				state = starlark.String(netbsd.TCPState(p.Tstate).String())
			}
			list = append(list, record("socket", starlark.StringDict{
				"protocol": starlark.String(name),
				"local":    starlark.String(netbsd.AddrPortOf(p.Src).String()),
				"remote":   starlark.String(netbsd.AddrPortOf(p.Dst).String()),
				"state":    state,
				"received": starlark.MakeUint64(p.Rcvq),
				"unsent":   starlark.MakeUint64(p.Sndq),
			}))
		}
	}
	return starlark.NewList(list), nil
}

func kernelStats(c *call) (starlark.Value, error) {
	var protocol string
	if err := c.unpack(&protocol); err != nil {
		return nil, err
	}
	index := netbsd.StatIndex(protocol)
	if index == nil {
		return nil, fmt.Errorf("stats: no counters are known of %q: write \"net.inet.ip\", \"net.inet6.icmp6\" and the like", protocol)
	}
	stats, err := waiting(c.scope, func() (netbsd.Stats, error) { return c.kernel().Stats(c.ctx, protocol) })
	if err != nil {
		return nil, err
	}
	d := starlark.NewDict(len(index))
	for name, i := range index {
		d.SetKey(starlark.String(name), starlark.MakeUint64(stats.At(i))) // a new dict takes any string
	}
	return d, nil
}

func kernelSysctlDescription(c *call) (starlark.Value, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	text, err := waiting(c.scope, func() (string, error) {
		n, err := c.kernel().LookupSysctl(c.ctx, name)
		if err != nil {
			return "", err
		}
		return c.kernel().SysctlDescription(c.ctx, n)
	})
	return starlark.String(text), err
}

func kernelSysctlNodes(c *call) (starlark.Value, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	nodes, err := waiting(c.scope, func() ([]rump.SysctlNode, error) {
		n := rump.SysctlRoot()
		if name != "" {
			var err error
			if n, err = c.kernel().LookupSysctl(c.ctx, name); err != nil {
				return nil, err
			}
		}
		return c.kernel().SysctlChildren(c.ctx, n)
	})
	if err != nil {
		return nil, err
	}
	return listOf(nodes, func(n rump.SysctlNode) starlark.Value { return starlark.String(n.Name) }), nil
}

func kernelTraceroute(c *call) (starlark.Value, error) {
	var to, source Address
	t := rump.Trace{MaxHops: 30, Probes: 1}
	wait := duration(time.Second)
	if err := c.unpack(&to, &t.MaxHops, &t.Probes, &wait, &t.Echo, &source, &t.Size); err != nil {
		return nil, err
	}
	if t.MaxHops < 1 || t.MaxHops > 255 || t.Probes < 1 {
		return nil, fmt.Errorf("traceroute: max_hops = %d, probes = %d: out of range", t.MaxHops, t.Probes)
	}
	t.Addr, t.Source, t.Wait = to.addr, source.addr, time.Duration(wait)
	var list []starlark.Value
	_, err := waiting(c.scope, func() (starlark.Value, error) {
		for p, err := range c.kernel().Traceroute(c.ctx, t) {
			if err != nil {
				return nil, err
			}
			list = append(list, probeValue(p))
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return starlark.NewList(list), nil
}

func probeValue(p rump.TraceProbe) starlark.Value {
	answered := p.From != netip.Addr{}
	rtt, kind := starlark.Value(starlark.None), starlark.Value(starlark.None)
	if answered {
		rtt = starlark.Float(p.Time.Seconds())
	}
	if p.Err != nil {
		kind = starlark.String(p.Err.Kind())
	}
	return record("probe", starlark.StringDict{
		"hop": starlark.MakeInt(p.Hop), "addr": optionalAddr(p.From), "rtt": rtt, "error": kind, "reached": starlark.Bool(p.Reached),
	})
}
