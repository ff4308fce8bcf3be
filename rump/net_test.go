package rump_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// onBus makes a shmif interface on a bus, with addresses.
func onBus(t testing.TB, k *rump.Kernel, name, bus string, addrs ...string) *rump.Interface {
	t.Helper()
	ctx := t.Context()
	i := k.Interface(name)
	must(t, i.Create(ctx), i.SetLinkstr(ctx, bus))
	for _, a := range addrs {
		must(t, i.Add(ctx, a))
	}
	must(t, i.Up(ctx))
	return i
}

func setSysctl(t testing.TB, k *rump.Kernel, name string, value any) {
	t.Helper()
	_, err := k.SetSysctl(t.Context(), name, value)
	must(t, err)
}

// eventually waits for something that a kernel does in its own time.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !f() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%s: not in 20 seconds", what)
		}
	}
}

// threeKernels are two kernels with a router between them.
func threeKernels(t testing.TB) (a, router, b *rump.Kernel) {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	bus1, bus2 := filepath.Join(dir, "bus1"), filepath.Join(dir, "bus2")
	a, router, b = dial(t, netKernel(t)), dial(t, netKernel(t)), dial(t, netKernel(t))
	for _, k := range []*rump.Kernel{a, router, b} {
		// No waiting for duplicate addresses.
		setSysctl(t, k, "net.inet6.ip6.dad_count", 0)
		setSysctl(t, k, "net.inet.ip.dad_count", 0)
	}
	onBus(t, a, "shmif0", bus1, "10.0.1.2/24", "2001:db8:1::2/64")
	onBus(t, router, "shmif0", bus1, "10.0.1.1/24", "2001:db8:1::1/64")
	onBus(t, router, "shmif1", bus2, "10.0.2.1/24", "2001:db8:2::1/64")
	onBus(t, b, "shmif0", bus2, "10.0.2.2/24", "2001:db8:2::2/64")
	setSysctl(t, router, "net.inet.ip.forwarding", 1)
	setSysctl(t, router, "net.inet6.ip6.forwarding", 1)
	for _, r := range []struct {
		k       *rump.Kernel
		dst, gw string
	}{
		{a, "10.0.2.0/24", "10.0.1.1"}, {b, "0.0.0.0/0", "10.0.2.1"},
		{a, "2001:db8:2::/64", "2001:db8:1::1"}, {b, "::/0", "2001:db8:2::1"},
	} {
		must(t, r.k.AddRoute(ctx, rump.Route{Dst: netip.MustParsePrefix(r.dst), Gateway: netip.MustParseAddr(r.gw)}))
	}
	return a, router, b
}

func TestForwarding(t *testing.T) {
	a, router, b := threeKernels(t)
	ctx := t.Context()
	for _, dst := range []string{"10.0.2.2", "2001:db8:2::2"} {
		addr := netip.MustParseAddr(dst)
		// A kernel drops packets while it asks for its neighbours' addresses.
		eventually(t, "ping "+dst, func() bool {
			r, err := a.Ping(ctx, rump.Ping{Addr: addr})
			must(t, err)
			return r.Received == 1
		})
		r, err := a.Ping(ctx, rump.Ping{Addr: addr, Count: 3, Interval: 10 * time.Millisecond, Timeout: 10 * time.Second})
		must(t, err)
		if r.Sent != 3 || r.Received != 3 || len(r.Replies) != 3 || len(r.Errors) != 0 || r.Duplicates != 0 {
			t.Errorf("ping %s: %+v", dst, r)
			continue
		}
		if least, mean, most, _ := r.RoundTrip(); least <= 0 || mean < least || most < mean {
			t.Errorf("ping %s: round trips %v, %v, %v", dst, least, mean, most)
		}
		want := rump.PingReply{From: addr, Size: 64, Hops: 254}
		if !addr.Is4() {
			want.Hops = 63
		}
		got := r.Replies[0]
		got.Time = 0
		if got != want {
			t.Errorf("ping %s: %+v, want %+v", dst, got, want)
		}
		// One hop is not enough, and the router says so.
		r, err = a.Ping(ctx, rump.Ping{Addr: addr, Hops: 1, Timeout: 10 * time.Second})
		must(t, err)
		var icmp *rump.ICMPError
		if len(r.Errors) != 1 || !errors.As(r.Errors[0], &icmp) || icmp.Kind() != "time to live exceeded" ||
			!errors.Is(icmp, netbsd.EHOSTUNREACH) {
			t.Errorf("ping %s with one hop: %+v", dst, r)
		}
	}
	for _, test := range []struct {
		dst, via string
		echo     bool
	}{
		{"10.0.2.2", "10.0.1.1", false}, {"10.0.2.2", "10.0.1.1", true},
		{"2001:db8:2::2", "2001:db8:1::1", false}, {"2001:db8:2::2", "2001:db8:1::1", true},
	} {
		var hops []netip.Addr
		for p, err := range a.Traceroute(ctx, rump.Trace{Addr: netip.MustParseAddr(test.dst), Echo: test.echo, Probes: 1}) {
			must(t, err)
			if p.Reached != (p.Hop == 2) || p.Time <= 0 {
				t.Errorf("%+v", p)
			}
			hops = append(hops, p.From)
		}
		if len(hops) != 2 || hops[0].String() != test.via || hops[1].String() != test.dst {
			t.Errorf("traceroute %s, echo %v: %v", test.dst, test.echo, hops)
		}
	}
	// Where the router has no route, it says so; nor is there one from here.
	must(t, a.AddRoute(ctx, rump.Route{Dst: netip.MustParsePrefix("10.9.0.0/16"), Gateway: netip.MustParseAddr("10.0.1.1")}))
	r, err := a.Ping(ctx, rump.Ping{Addr: netip.MustParseAddr("10.9.9.9"), Timeout: 10 * time.Second})
	must(t, err)
	if len(r.Errors) != 1 || !errors.Is(r.Errors[0], netbsd.ENETUNREACH) {
		t.Errorf("ping where the router has no route: %+v", r)
	}
	r, err = a.Ping(ctx, rump.Ping{Addr: netip.MustParseAddr("192.0.2.1")})
	must(t, err)
	if len(r.Errors) != 1 || !errors.Is(r.Errors[0], netbsd.EHOSTUNREACH) {
		t.Errorf("ping without a route: %+v", r)
	}
	got, err := a.RouteTo(ctx, netip.MustParseAddr("10.0.2.2"))
	must(t, err)
	if got.Gateway.String() != "10.0.1.1" || got.Interface != "shmif0" || got.Source.String() != "10.0.1.2" {
		t.Errorf("RouteTo: %+v", got)
	}
	testNeighbors(t, router)
	testTCP(t, a, b)
}

func testNeighbors(t *testing.T, router *rump.Kernel) {
	ctx := t.Context()
	for family, addr := range map[int]string{netbsd.AF_INET: "10.0.1.2", netbsd.AF_INET6: "2001:db8:1::2"} {
		find := func() *rump.Neighbor {
			list, err := router.Neighbors(ctx, family)
			must(t, err)
			for _, n := range list {
				if n.Addr.String() == addr {
					return &n
				}
			}
			return nil
		}
		n := find()
		if n == nil || len(n.Link) != 6 || n.Interface != "shmif0" {
			t.Fatalf("%s: %+v", addr, n)
		}
		must(t, router.DeleteNeighbor(ctx, n.Addr))
		if n := find(); n != nil {
			t.Errorf("deleted: %+v", n)
		}
		link := net.HardwareAddr{2, 0, 0, 0, 0, 1}
		must(t, router.SetNeighbor(ctx, rump.Neighbor{Addr: netip.MustParseAddr(addr), Link: link}))
		if n := find(); n == nil || n.Link.String() != link.String() || !n.Expire.IsZero() {
			t.Errorf("set: %+v", n)
		}
		must(t, router.DeleteNeighbor(ctx, n.Addr))
	}
}

// testTCP moves data from a kernel to another and half-closes.
func testTCP(t *testing.T, a, b *rump.Kernel) {
	ctx := t.Context()
	l, err := b.Listen(ctx, "tcp", "10.0.2.2:80")
	must(t, err)
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		buf := make([]byte, 100)
		n, _ := c.Read(buf)
		c.Write(append([]byte("got "), buf[:n]...))
	}()
	c, err := a.DialContext(ctx, "tcp", "10.0.2.2:80")
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = c.Write([]byte("hello"))
	must(t, err)
	buf := make([]byte, 100)
	n, err := c.Read(buf)
	if string(buf[:n]) != "got hello" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if got := c.RemoteAddr().String(); got != "10.0.2.2:80" {
		t.Errorf("remote address %s", got)
	}
	var op *net.OpError
	_, err = a.DialContext(ctx, "tcp", "10.0.2.2:81")
	if !errors.As(err, &op) || op.Op != "dial" || !errors.Is(err, netbsd.ECONNREFUSED) {
		t.Errorf("dial a closed port: %v", err)
	}
	early, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := a.Ping(early, rump.Ping{Addr: netip.MustParseAddr("10.0.2.2")}); !errors.Is(err, context.Canceled) {
		t.Errorf("ping with an ended context: %v", err)
	}
}

func TestInterfaces(t *testing.T) {
	k := dial(t, netKernel(t))
	ctx := t.Context()
	setSysctl(t, k, "net.inet.ip.dad_count", 0)
	bus := filepath.Join(t.TempDir(), "bus")
	i := onBus(t, k, "shmif0", bus, "10.0.0.1/24", "2001:db8::1/64")
	if s, err := i.Linkstr(ctx); err != nil || s != bus {
		t.Errorf("linkstr %q, %v", s, err)
	}
	must(t, i.SetMTU(ctx, 1280), i.SetMetric(ctx, 3))
	info, err := i.Info(ctx)
	must(t, err)
	if info.MTU() != 1280 || !info.Up() || info.Data.Metric != 3 || len(info.HardwareAddr()) != 6 {
		t.Errorf("%+v", info)
	}
	var prefixes []string
	for _, p := range info.Prefixes() {
		if !p.Addr().IsLinkLocalUnicast() {
			prefixes = append(prefixes, p.String())
		}
	}
	if len(prefixes) != 2 || prefixes[0] != "10.0.0.1/24" || prefixes[1] != "2001:db8::1/64" {
		t.Errorf("addresses %v", prefixes)
	}
	// Duplicate address detection ends by itself.
	eventually(t, "duplicate address detection", func() bool {
		words, err := i.AddrState(ctx, netip.MustParseAddr("2001:db8::1"))
		must(t, err)
		return !slices.Contains(words, "tentative")
	})
	if _, err := i.AddrState(ctx, netip.MustParseAddr("10.9.9.9")); !errors.Is(err, netbsd.EADDRNOTAVAIL) {
		t.Errorf("the state of an address that is not there: %v", err)
	}
	// Kernels may know their IPv4 groups without telling.
	groups, err := i.MulticastGroups(ctx, netbsd.AF_INET)
	if err != nil || len(groups) > 1 {
		t.Errorf("groups %+v, %v", groups, err)
	}
	groups, err = i.MulticastGroups(ctx, netbsd.AF_INET6)
	if err != nil || !slices.ContainsFunc(groups, func(g rump.MulticastGroup) bool {
		return g.Group.String() == "ff02::1" && g.References > 0
	}) {
		t.Errorf("groups %+v, %v", groups, err)
	}
	links, err := i.LinkGroups(ctx)
	if err != nil || !slices.ContainsFunc(links, func(g rump.LinkGroup) bool { return g.First.String() == "01:00:5e:00:00:01" }) {
		t.Errorf("link groups %+v, %v", links, err)
	}
	must(t, i.Remove(ctx, netip.MustParseAddr("10.0.0.1")), i.Down(ctx))
	if info, err = i.Info(ctx); err != nil || info.Up() {
		t.Errorf("%+v, %v", info, err)
	}
	for _, p := range info.Prefixes() {
		if p.Addr().Is4() {
			t.Errorf("still has %s", p)
		}
	}
	must(t, i.Destroy(ctx))
	for what, err := range map[string]error{
		"destroy":        i.Destroy(ctx),
		"mtu":            i.SetMTU(ctx, 1000),
		"flags":          i.Up(ctx),
		"create nothing": k.CreateInterface(ctx, "nosuch0"),
		"add":            i.Add(ctx, "10.0.0.1/24"),
		"add6":           i.Add(ctx, "2001:db8::1/64"),
	} {
		if errno, ok := rump.Errno(err); !ok || errno != netbsd.ENXIO && errno != netbsd.EINVAL {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := k.Interface("lo0").Add(ctx, "10.0.0.300/24"); err == nil {
		t.Error("added 10.0.0.300/24")
	}
	cloners, err := k.Cloners(ctx)
	if err != nil || len(cloners) < 2 {
		t.Errorf("cloners %v, %v", cloners, err)
	}
}

func TestBridge(t *testing.T) {
	k := dial(t, rumptest.Start(t, append(rumptest.Net, "-lrumpnet_bridge")...).URL)
	ctx := t.Context()
	dir := t.TempDir()
	onBus(t, k, "shmif0", filepath.Join(dir, "a"))
	onBus(t, k, "shmif1", filepath.Join(dir, "b"))
	br := k.Interface("bridge0")
	must(t, br.Create(ctx), br.BridgeAdd(ctx, "shmif0"), br.BridgeAdd(ctx, "shmif1"), br.Up(ctx))
	members, err := br.BridgeMembers(ctx)
	must(t, err)
	if len(members) != 2 {
		t.Errorf("members %+v", members)
	}
	link := net.HardwareAddr{2, 0, 0, 0, 0, 9}
	must(t, br.BridgeSetAddr(ctx, "shmif1", link))
	addrs, err := br.BridgeAddrs(ctx)
	if err != nil || len(addrs) != 1 || net.HardwareAddr(addrs[0].Dst[:]).String() != link.String() {
		t.Errorf("addresses %+v, %v", addrs, err)
	}
	must(t, br.BridgeDeleteAddr(ctx, link), br.BridgeRemove(ctx, "shmif0"))
	if err := br.BridgeRemove(ctx, "shmif0"); !errors.Is(err, netbsd.ENOENT) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestSysctlTypes(t *testing.T) {
	k := dial(t, netKernel(t))
	ctx := t.Context()
	for name, want := range map[string]any{
		"net.inet.ip.ttl": 64, "kern.ostype": "NetBSD", "hw.pagesize": 4096,
	} {
		if got, err := k.Sysctl(ctx, name); err != nil || got != want {
			t.Errorf("%s: %#v, %v; want %#v", name, got, err, want)
		}
	}
	old, err := k.SetSysctl(ctx, "net.inet.ip.ttl", 33)
	if err != nil || old != 64 {
		t.Errorf("was %v, %v", old, err)
	}
	if v, _ := k.Sysctl(ctx, "net.inet.ip.ttl"); v != 33 {
		t.Errorf("is %v", v)
	}
	var bad *rump.SysctlNameError
	if _, err := k.Sysctl(ctx, "net.inet.nosuch"); !errors.As(err, &bad) || bad.Token != "nosuch" || bad.Level != 2 {
		t.Errorf("a bad name: %v", err)
	}
	if _, err := k.SetSysctl(ctx, "kern.ostype", "x"); !errors.Is(err, netbsd.EPERM) {
		t.Errorf("set what cannot be: %v", err)
	}
	if _, err := k.SetSysctl(ctx, "net.inet.ip.ttl", "x"); err == nil {
		t.Error("set a number to a string")
	}
}

// TestMonitor watches what a routing socket tells.
func TestMonitor(t *testing.T) {
	k := dial(t, netKernel(t))
	ctx := t.Context()
	s, err := k.RouteSocket(ctx)
	must(t, err)
	defer s.Close()
	lo := k.Interface("lo0")
	must(t, lo.Add(ctx, "10.1.1.1/32"), lo.Up(ctx))
	watch, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for seen := false; !seen; {
		messages, err := s.Receive(watch)
		must(t, err)
		for _, m := range messages {
			seen = seen || m.MessageType() == netbsd.RTM_NEWADDR
		}
	}
	cancel()
	if _, err := s.Receive(watch); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context's end: %v", err)
	}
}

// TestMissingParts asks kernels for what they do not have.
func TestMissingParts(t *testing.T) {
	ctx := t.Context()
	bare := dial(t, rumptest.Start(t).URL)
	if _, err := bare.Interfaces(ctx); err == nil {
		t.Error("a kernel without a network has interfaces")
	}
	if _, err := bare.DialContext(ctx, "tcp", "127.0.0.1:1"); err == nil {
		t.Error("a kernel without a network dials")
	}
	if _, err := bare.Ping(ctx, rump.Ping{Addr: netip.MustParseAddr("127.0.0.1")}); err == nil {
		t.Error("a kernel without a network pings")
	}
	v4 := dial(t, rumptest.Start(t, "-lrumpnet", "-lrumpnet_net", "-lrumpnet_netinet").URL)
	lo := v4.Interface("lo0")
	must(t, lo.Add(ctx, "127.0.0.1/8"), lo.Up(ctx))
	if err := lo.Add(ctx, "::1/128"); !errors.Is(err, netbsd.EAFNOSUPPORT) {
		t.Errorf("an IPv6 address without IPv6: %v", err)
	}
	if _, err := v4.DialContext(ctx, "tcp6", "[::1]:1"); !errors.Is(err, netbsd.EAFNOSUPPORT) {
		t.Errorf("dial without IPv6: %v", err)
	}
	if r, err := v4.Ping(ctx, rump.Ping{Addr: netip.MustParseAddr("127.0.0.1"), Timeout: 10 * time.Second}); err != nil || r.Received != 1 {
		t.Errorf("ping: %+v, %v", r, err)
	}
	if _, err := v4.DialContext(ctx, "unix", "/x"); err == nil {
		t.Error("dialed without a file system")
	}
}
