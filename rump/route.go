package rump

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Route is an entry of the routing table.
type Route struct {
	Dst       netip.Prefix // of a host all bits; the default route's is 0.0.0.0/0 or ::/0
	Gateway   netip.Addr   // invalid if the route leads to an interface
	Link      net.HardwareAddr
	Interface string
	Source    netip.Addr // the local address that is used, where the kernel tells
	Flags     RouteFlags
	Metrics   netbsd.RtMetrics
	// Metrics to set when the route is added or changed: netbsd.RTV_*.
	Inits int32
	Tags  []uint32 // MPLS labels
}

// RouteFlags are flags of a route: netbsd.RTF_UP and the others.
type RouteFlags int32

// RouteTable returns the kernel's messages about the routes of a family;
// AF_UNSPEC means of all.
func (k *Kernel) RouteTable(ctx context.Context, family int) ([]*netbsd.RouteMessage, error) {
	b, err := k.sysctlRaw(ctx, netbsd.RouteMib(uint8(family), netbsd.NET_RT_DUMP, 0), nil, "net.route.dump", 8192)
	if err != nil {
		return nil, err
	}
	return routeMessages(b)
}

func routeMessages(b []byte) ([]*netbsd.RouteMessage, error) {
	msgs, err := netbsd.ParseRoutingMessages(b)
	if err != nil {
		return nil, err
	}
	var routes []*netbsd.RouteMessage
	for _, m := range msgs {
		if r, ok := m.(*netbsd.RouteMessage); ok {
			routes = append(routes, r)
		}
	}
	return routes, nil
}

// Routes returns the routes of a family: netbsd.AF_INET, netbsd.AF_INET6, or
// AF_UNSPEC for both.
func (k *Kernel) Routes(ctx context.Context, family int) ([]Route, error) {
	table, err := k.RouteTable(ctx, family)
	if err != nil {
		return nil, err
	}
	names, err := k.interfaceNames(ctx)
	if err != nil {
		return nil, err
	}
	var routes []Route
	for _, m := range table {
		if r, ok := routeOf(m, names); ok {
			routes = append(routes, r)
		}
	}
	return routes, nil
}

// interfaceNames returns the names of all interfaces by their numbers.
func (k *Kernel) interfaceNames(ctx context.Context) (map[int]string, error) {
	ifs, err := k.Interfaces(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[int]string, len(ifs))
	for _, i := range ifs {
		names[i.Index] = i.Name
	}
	return names, nil
}

// routeOf makes a Route of a message. It returns false for families that are no
// Internet's.
func routeOf(m *netbsd.RouteMessage, names map[int]string) (Route, bool) {
	named := func(a netip.Addr) netip.Addr {
		if n, err := strconv.Atoi(a.Zone()); err == nil && names[n] != "" {
			return a.WithZone(names[n])
		}
		return a
	}
	dst := m.Addrs[netbsd.RTAX_DST]
	a := netbsd.AddrPortOf(dst).Addr()
	if !a.IsValid() {
		return Route{}, false
	}
	r := Route{
		Flags:     RouteFlags(m.Header.Flags),
		Metrics:   m.Header.Rmx,
		Interface: names[int(m.Header.Index)],
		Gateway:   named(netbsd.AddrPortOf(m.Addrs[netbsd.RTAX_GATEWAY]).Addr()),
		Source:    named(netbsd.AddrPortOf(m.Addrs[netbsd.RTAX_IFA]).Addr()),
	}
	r.Tags = netbsd.MplsLabels(m.Addrs[netbsd.RTAX_TAG])
	bits := a.BitLen()
	if mask := m.Addrs[netbsd.RTAX_NETMASK]; mask != nil && m.Header.Flags&netbsd.RTF_HOST == 0 {
		if n, ok := netbsd.NetmaskBits(dst.Family(), mask); ok {
			bits = n
		}
	}
	r.Dst = netip.PrefixFrom(a.WithZone(""), bits)
	if l, ok := m.Addrs[netbsd.RTAX_GATEWAY].(netbsd.SockaddrDl); ok {
		r.Link = l.Addr
		if r.Interface == "" {
			r.Interface = l.Name
		}
	}
	if l, ok := m.Addrs[netbsd.RTAX_IFP].(netbsd.SockaddrDl); ok && l.Name != "" {
		r.Interface = l.Name
	}
	return r, true
}

// message makes a routing message for a route.
func (k *Kernel) routeMessage(ctx context.Context, typ uint8, r Route) (*netbsd.RouteMessage, error) {
	if !r.Dst.IsValid() {
		return nil, fmt.Errorf("%s: route without a valid destination", k)
	}
	m := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{
		Type:  typ,
		Flags: int32(r.Flags) | netbsd.RTF_UP | netbsd.RTF_STATIC,
		Inits: r.Inits,
		Rmx:   r.Metrics,
	}}
	sockaddr := func(a netip.Addr) (netbsd.Sockaddr, error) {
		sa, err := k.sockaddr(ctx, a.WithZone(""), 0, a.Zone())
		return embedded(sa), err
	}
	var err error
	if m.Addrs[netbsd.RTAX_DST], err = sockaddr(r.Dst.Masked().Addr()); err != nil {
		return nil, err
	}
	if r.Dst.IsSingleIP() {
		m.Header.Flags |= netbsd.RTF_HOST
	} else {
		family := uint8(netbsd.AF_INET)
		if r.Dst.Addr().Is6() {
			family = netbsd.AF_INET6
		}
		m.Addrs[netbsd.RTAX_NETMASK] = shortMask(netbsd.Netmask(family, r.Dst.Bits()))
	}
	switch {
	case r.Gateway.IsValid():
		m.Header.Flags |= netbsd.RTF_GATEWAY
		if m.Addrs[netbsd.RTAX_GATEWAY], err = sockaddr(r.Gateway); err != nil {
			return nil, err
		}
	case r.Interface != "":
		index, err := k.Interface(r.Interface).Index(ctx)
		if err != nil {
			return nil, err
		}
		m.Addrs[netbsd.RTAX_GATEWAY] = netbsd.SockaddrDl{Index: uint16(index), Name: r.Interface, Addr: r.Link}
	}
	if r.Source.IsValid() {
		if m.Addrs[netbsd.RTAX_IFA], err = sockaddr(r.Source); err != nil {
			return nil, err
		}
	}
	if len(r.Tags) > 0 {
		m.Addrs[netbsd.RTAX_TAG] = netbsd.MplsSockaddr(r.Tags...)
	}
	return m, nil
}

// shortMask cuts the zeros at the end of a netmask off, as the routing table has
// them.
func shortMask(mask netbsd.Sockaddr) netbsd.Sockaddr {
	b := mask.Append(nil)
	n := len(b)
	for n > 2 && b[n-1] == 0 {
		n--
	}
	return netbsd.SockaddrRaw{AF: b[1], Data: b[2:n]}
}

// AddRoute adds a route. Without a gateway it leads to the interface.
func (k *Kernel) AddRoute(ctx context.Context, r Route) error {
	return k.changeAndLock(ctx, netbsd.RTM_ADD, "add route", r)
}

// ChangeRoute changes a route's gateway, flags or metrics.
func (k *Kernel) ChangeRoute(ctx context.Context, r Route) error {
	return k.changeAndLock(ctx, netbsd.RTM_CHANGE, "change route", r)
}

// changeAndLock is changeRoute for a route whose metrics may be locked, which takes
// a message of its own: adding pays no heed to locks, and what a change mentions it
// also sets.
func (k *Kernel) changeAndLock(ctx context.Context, typ uint8, op string, r Route) error {
	locks := r.Metrics.Locks
	r.Metrics.Locks = 0
	if err := k.changeRoute(ctx, typ, op, r); err != nil || locks == 0 {
		return err
	}
	r.Metrics.Locks, r.Inits = locks, int32(locks)
	return k.changeRoute(ctx, netbsd.RTM_LOCK, "lock metrics of route", r)
}

// DeleteRoute takes a route away. A gateway, if given, must be the route's.
func (k *Kernel) DeleteRoute(ctx context.Context, r Route) error {
	return k.changeRoute(ctx, netbsd.RTM_DELETE, "delete route", r)
}

func (k *Kernel) changeRoute(ctx context.Context, typ uint8, op string, r Route) error {
	m, err := k.routeMessage(ctx, typ, r)
	if err != nil {
		return err
	}
	s, err := k.RouteSocket(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Send(m); err != nil {
		if errno, ok := Errno(err); ok {
			return &Error{k.name, op, r.Dst.String(), errno}
		}
		return err
	}
	return nil
}

// RouteTo returns the route that packets to an address take.
func (k *Kernel) RouteTo(ctx context.Context, to netip.Addr) (Route, error) {
	sa, err := k.sockaddr(ctx, to.WithZone(""), 0, to.Zone())
	if err != nil {
		return Route{}, err
	}
	s, err := k.RouteSocket(ctx)
	if err != nil {
		return Route{}, err
	}
	defer s.Close()
	m := &netbsd.RouteMessage{Header: netbsd.RtMsghdr{
		Type: netbsd.RTM_GET, Flags: netbsd.RTF_UP | netbsd.RTF_HOST | netbsd.RTF_GATEWAY | netbsd.RTF_STATIC,
	}}
	m.Addrs[netbsd.RTAX_DST] = embedded(sa)
	m.Addrs[netbsd.RTAX_IFP] = netbsd.SockaddrDl{Len: netbsd.SizeofSockaddrDl}
	reply, err := s.Ask(ctx, m)
	if err != nil {
		if errno, ok := Errno(err); ok {
			return Route{}, &Error{k.name, "route to", to.String(), errno}
		}
		return Route{}, err
	}
	names, err := k.interfaceNames(ctx)
	if err != nil {
		return Route{}, err
	}
	r, _ := routeOf(reply, names)
	return r, nil
}

// FlushRoutes deletes the routes of a family, or of AF_UNSPEC all, that lead
// through gateways or were added by hand, and returns them.
func (k *Kernel) FlushRoutes(ctx context.Context, family int) ([]Route, error) {
	table, err := k.RouteTable(ctx, netbsd.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	names, err := k.interfaceNames(ctx)
	if err != nil {
		return nil, err
	}
	s, err := k.RouteSocket(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var gone []Route
	for _, m := range table {
		dst := m.Addrs[netbsd.RTAX_DST]
		if m.Header.Flags&(netbsd.RTF_GATEWAY|netbsd.RTF_STATIC) == 0 || dst == nil ||
			family != netbsd.AF_UNSPEC && int(dst.Family()) != family {
			continue
		}
		m.Header.Type = netbsd.RTM_DELETE
		if err := s.Send(m); err != nil && !errors.Is(err, netbsd.ESRCH) {
			return gone, err
		}
		r, _ := routeOf(m, names)
		gone = append(gone, r)
	}
	return gone, nil
}

// RouteSocket is a routing socket: route(4).
type RouteSocket struct {
	conn *Conn
	seq  int32
	pid  int32
}

// RouteSocket opens a routing socket.
func (k *Kernel) RouteSocket(ctx context.Context) (*RouteSocket, error) {
	c, err := k.NewConn(ctx, netbsd.AF_ROUTE, netbsd.SOCK_RAW, 0, "route")
	if err != nil {
		return nil, err
	}
	return &RouteSocket{conn: c}, nil
}

// Close closes the socket.
func (s *RouteSocket) Close() error { return s.conn.Close() }

// Conn returns the socket itself, for deadlines and raw messages.
func (s *RouteSocket) Conn() *Conn { return s.conn }

// Send sends a message and returns the kernel's verdict.
func (s *RouteSocket) Send(m *netbsd.RouteMessage) error {
	_, err := s.conn.Write(m.Append(nil))
	return err
}

// Ask sends a message and waits for the kernel's answer to it.
func (s *RouteSocket) Ask(ctx context.Context, m *netbsd.RouteMessage) (*netbsd.RouteMessage, error) {
	if s.pid == 0 {
		r, err := s.conn.k.do(ctx, s.conn.k.call(netbsd.SYS_GETPID), "getpid", "")
		if err != nil {
			return nil, err
		}
		s.pid = int32(r.R0)
	}
	s.seq++
	m.Header.Seq = s.seq
	if err := s.Send(m); err != nil {
		return nil, err
	}
	for {
		got, err := s.Receive(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range got {
			if r, ok := g.(*netbsd.RouteMessage); ok && r.Header.Seq == s.seq && r.Header.Pid == s.pid {
				return r, nil
			}
		}
	}
}

// Receive waits for the next message, or messages, of the kernel about changes
// of routes, interfaces and addresses.
func (s *RouteSocket) Receive(ctx context.Context) ([]netbsd.RoutingMessage, error) {
	b, err := s.ReceiveBytes(ctx)
	if err != nil {
		return nil, err
	}
	return netbsd.ParseRoutingMessages(b)
}

// ReceiveBytes is Receive for those who parse themselves.
func (s *RouteSocket) ReceiveBytes(ctx context.Context) ([]byte, error) {
	buf := make([]byte, 2048)
	var n int
	err := s.conn.within(ctx, func() (err error) {
		n, err = s.conn.Read(buf)
		return err
	})
	return buf[:n], err
}
