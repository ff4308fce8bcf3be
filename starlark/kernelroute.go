package starlark

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// routeParams are the parameters of those who say what a route is.
const routeParams = "destination gateway? interface? reject? blackhole? mtu? source? tag? " +
	"hopcount? expire? recvpipe? sendpipe? ssthresh? rtt? rttvar? lock?"

// kernelRouting is the table of the methods of a kernel that are about its routes.
func kernelRouting() []function {
	return []function{
		{"route_add", routeParams, "Adds a route to a prefix, a host, or \"default\"; by a gateway or directly through an interface. The source is which of the kernel's addresses packets get, the tag an MPLS label. The others are metrics: expire, rtt and rttvar are durations, lock is a list of the names of those that the kernel may not change.", kernelRoute((*rump.Kernel).AddRoute)},
		{"route_change", routeParams, "Changes a route; the parameters are route_add's.", kernelRoute((*rump.Kernel).ChangeRoute)},
		{"route_delete", routeParams, "Deletes a route; the parameters are route_add's.", kernelRoute((*rump.Kernel).DeleteRoute)},
		{"route_flush", "family?", "Deletes all routes by gateways, of the family \"inet\" or \"inet6\", or of both. Returns them as routes does.", kernelRouteFlush},
		{"route_get", "address", "Returns the route that a packet to the address would take.", kernelRouteGet},
		{"routes", "family?", "Returns the routes, of the family \"inet\" or \"inet6\", or both: a list of structs: destination, gateway, interface, flags, source, tag (None if there is none), and the metrics mtu, hopcount, expires (seconds from now, None if never), recvpipe, sendpipe, ssthresh, rtt and rttvar (seconds). No kernel tells which are locked.", kernelRoutes},
	}
}

// routeMetric is a metric of a route: its name, its bit in sets of metrics, and
// where it is.
type routeMetric struct {
	name string
	bit  int32
	at   *uint64
}

// routeMetrics returns the metrics of m, except for the time when a route expires.
func routeMetrics(m *netbsd.RtMetrics) []routeMetric {
	return []routeMetric{
		{"mtu", netbsd.RTV_MTU, &m.Mtu}, {"hopcount", netbsd.RTV_HOPCOUNT, &m.Hopcount},
		{"recvpipe", netbsd.RTV_RPIPE, &m.Recvpipe}, {"sendpipe", netbsd.RTV_SPIPE, &m.Sendpipe},
		{"ssthresh", netbsd.RTV_SSTHRESH, &m.Ssthresh}, {"rtt", netbsd.RTV_RTT, &m.Rtt}, {"rttvar", netbsd.RTV_RTTVAR, &m.Rttvar},
	}
}

// destination unpacks where a route leads: an address, a prefix or "default".
type destination struct {
	isDefault bool
	Address
}

// Unpack implements starlark.Unpacker.
func (d *destination) Unpack(v starlark.Value) error {
	if s, ok := starlark.AsString(v); ok && s == "default" {
		d.isDefault = true
		return nil
	}
	return d.Address.Unpack(v)
}

func kernelRoute(do func(*rump.Kernel, context.Context, rump.Route) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var dst destination
		var gateway, source Address
		var ifname string
		var reject, blackhole bool
		var tag, mtu, hopcount, recvpipe, sendpipe, ssthresh optional[uint32]
		var expire, rtt, rttvar optional[duration]
		var lock *starlark.List
		err := c.unpack(&dst, &gateway, &ifname, &reject, &blackhole, &mtu, &source, &tag,
			&hopcount, &expire, &recvpipe, &sendpipe, &ssthresh, &rtt, &rttvar, &lock)
		if err != nil {
			return nil, err
		}
		r := rump.Route{Gateway: gateway.addr, Interface: ifname, Source: source.addr}
		switch {
		case !dst.isDefault:
			r.Dst = dst.prefix().Masked()
		case gateway.addr.Is6():
			r.Dst = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		default:
			r.Dst = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		}
		if reject {
			r.Flags |= netbsd.RTF_REJECT
		}
		if blackhole {
			r.Flags |= netbsd.RTF_BLACKHOLE
		}
		if tag.v != nil {
			r.Tags = []uint32{*tag.v}
		}
		given := map[string]optional[uint32]{"mtu": mtu, "hopcount": hopcount, "recvpipe": recvpipe,
			"sendpipe": sendpipe, "ssthresh": ssthresh, "rtt": rttUnits(rtt), "rttvar": rttUnits(rttvar)}
		for _, m := range routeMetrics(&r.Metrics) {
			if n := given[m.name].v; n != nil {
				*m.at = uint64(*n)
				r.Inits |= m.bit
			}
		}
		if err := lockMetrics(&r, lock); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) {
			if expire.v != nil {
				now, err := c.kernel().Time(c.ctx)
				if err != nil {
					return nil, err
				}
				r.Metrics.Expire = now.Add(time.Duration(*expire.v)).Unix()
				r.Inits |= netbsd.RTV_EXPIRE
			}
			return nil, do(c.kernel(), c.ctx, r)
		})
	}
}

// rttUnit is the unit of the times among a route's metrics: 1/RTM_RTTUNIT seconds.
const rttUnit = time.Microsecond

// rttUnits returns a duration in rttUnits.
func rttUnits(d optional[duration]) (n optional[uint32]) {
	if d.v != nil {
		u := uint32(time.Duration(*d.v) / rttUnit)
		n.v = &u
	}
	return n
}

// lockMetrics locks the metrics of these names.
func lockMetrics(r *rump.Route, names *starlark.List) error {
	if names == nil {
		return nil
	}
	for v := range names.Elements() {
		name, _ := starlark.AsString(v)
		bit := int32(0)
		for _, m := range routeMetrics(&r.Metrics) {
			if m.name == name {
				bit = m.bit
			}
		}
		if name == "expire" {
			bit = netbsd.RTV_EXPIRE
		}
		if bit == 0 {
			return fmt.Errorf("lock: there is no metric %s", v)
		}
		r.Metrics.Locks |= uint64(bit)
	}
	return nil
}

func kernelRoutes(c *call) (starlark.Value, error) { return routesOf(c, (*rump.Kernel).Routes) }

func kernelRouteFlush(c *call) (starlark.Value, error) {
	return routesOf(c, (*rump.Kernel).FlushRoutes)
}

func routesOf(c *call, get func(*rump.Kernel, context.Context, int) ([]rump.Route, error)) (starlark.Value, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	family, err := familyOf(name)
	if err != nil {
		return nil, err
	}
	routes, err := waiting(c.scope, func() ([]rump.Route, error) { return get(c.kernel(), c.ctx, family) })
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(routes))
	for i, r := range routes {
		list[i] = routeValue(r)
	}
	return starlark.NewList(list), nil
}

func kernelRouteGet(c *call) (starlark.Value, error) {
	var a Address
	if err := c.unpack(&a); err != nil {
		return nil, err
	}
	r, err := waiting(c.scope, func() (rump.Route, error) { return c.kernel().RouteTo(c.ctx, a.addr) })
	if err != nil {
		return nil, err
	}
	return routeValue(r), nil
}

func routeValue(r rump.Route) starlark.Value {
	dst := Address{r.Dst.Addr(), r.Dst.Bits()}
	if r.Dst.IsSingleIP() {
		dst.bits = -1
	}
	var flags []string
	for _, f := range []struct {
		bit  rump.RouteFlags
		name string
	}{
		{netbsd.RTF_UP, "UP"}, {netbsd.RTF_GATEWAY, "GATEWAY"}, {netbsd.RTF_HOST, "HOST"}, {netbsd.RTF_REJECT, "REJECT"},
		{netbsd.RTF_BLACKHOLE, "BLACKHOLE"}, {netbsd.RTF_ANNOUNCE, "ANNOUNCE"}, {netbsd.RTF_STATIC, "STATIC"}, {netbsd.RTF_DYNAMIC, "DYNAMIC"},
		{netbsd.RTF_MODIFIED, "MODIFIED"}, {netbsd.RTF_LLDATA, "LLDATA"}, {netbsd.RTF_LOCAL, "LOCAL"}, {netbsd.RTF_CONNECTED, "CONNECTED"},
	} {
		if r.Flags&f.bit != 0 {
			flags = append(flags, f.name)
		}
	}
	fields := starlark.StringDict{
		"destination": dst,
		"gateway":     optionalAddr(r.Gateway),
		"interface":   starlark.String(r.Interface),
		"flags":       stringList(flags),
		"source":      optionalAddr(r.Source),
		"tag":         starlark.None,
		"expires":     starlark.None,
	}
	if len(r.Tags) > 0 {
		fields["tag"] = starlark.MakeUint(uint(r.Tags[0]))
	}
	if r.Metrics.Expire != 0 {
		fields["expires"] = secondsUntil(time.Unix(r.Metrics.Expire, 0))
	}
	for _, m := range routeMetrics(&r.Metrics) {
		fields[m.name] = starlark.MakeUint64(*m.at)
		if m.bit&(netbsd.RTV_RTT|netbsd.RTV_RTTVAR) != 0 {
			fields[m.name] = starlark.Float((time.Duration(*m.at) * rttUnit).Seconds())
		}
	}
	return record("route", fields)
}
