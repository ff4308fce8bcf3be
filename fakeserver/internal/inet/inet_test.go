package inet

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/shmif"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testNet makes a network with shmif0, which is up and has addresses.
func testNet(t testing.TB) (*Net, *Interface) {
	t.Helper()
	n := New(Config{
		Net: true, INET: true, INET6: true, Local: true, Cloners: []string{"lo", "shmif", "bridge", "gif"}, Seed: 1,
		HardwareAddr: func(string) []byte { return []byte{0xb2, 0xa0, 0, 0, 0, 1} },
		Hostname:     func() string { return "host" },
	})
	t.Cleanup(n.Close)
	n.lock()
	errno := n.clone("shmif0")
	ifp := n.byName("shmif0")
	n.commit()
	if errno != 0 {
		t.Fatal(errno)
	}
	bus, err := shmif.Create(filepath.Join(t.TempDir(), "bus"))
	if err != nil {
		t.Fatal(err)
	}
	n.lock()
	ifp.drv.(*shmifDriver).bus = bus
	n.unlock()
	add := func(family uint8, cmd netbsd.Ioctl, b []byte) {
		t.Helper()
		if errno := n.Ioctl(nil, family, cmd, b); errno != 0 {
			t.Fatal(cmd, errno)
		}
	}
	sa, mask := netbsd.SockaddrIn{Addr: [4]byte{10, 0, 0, 1}}, netbsd.Netmask(netbsd.AF_INET, 24)
	add(netbsd.AF_INET, netbsd.SIOCAIFADDR, netbsd.Ifaliasreq{Name: "shmif0", Addr: sa, Mask: mask}.Append(nil))
	a6 := netbsd.SockaddrIn6{Addr: netip.MustParseAddr("2001:db8::1").As16()}
	add(netbsd.AF_INET6, netbsd.SIOCAIFADDR_IN6, netbsd.In6Aliasreq{
		Name: "shmif0", Addr: a6, Prefixmask: netbsd.Netmask(netbsd.AF_INET6, 64), Lifetime: infinite,
	}.Append(nil))
	return n, ifp
}

// TestReassembly takes IPv6 packets apart and has them put together, whatever the
// order in which the fragments come and however often.
func TestReassembly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := New(Config{Net: true, INET: true, INET6: true})
		defer n.Close()
		payload := rapid.SliceOfN(rapid.Byte(), 1, 4000).Draw(t, "payload")
		var frags [][]byte
		for at := 0; at < len(payload); {
			size := min(8*rapid.IntRange(1, 100).Draw(t, "size"), len(payload)-at)
			more := at+size < len(payload)
			frags = append(frags, fragment6(7, at, payload[at:at+size], more))
			at += size
		}
		order := rapid.Permutation(frags).Draw(t, "order")
		again := rapid.IntRange(0, len(order)-1).Draw(t, "again")
		order = append(order[:again:again], append([][]byte{order[again]}, order[again:]...)...)
		var whole []byte
		for i, f := range order {
			n.lock()
			b := n.reassemble(f)
			n.unlock()
			if b != nil {
				if whole != nil && i != len(order)-1 {
					t.Fatal("put together twice")
				}
				if whole == nil {
					whole = b
				}
			}
		}
		if whole == nil || !bytes.Equal(whole[ip6Header:], payload) || whole[6] != protoICMPv6 || int(binary.BigEndian.Uint16(whole[4:])) != len(payload) {
			t.Fatalf("%d bytes in %d fragments became %x", len(payload), len(frags), whole)
		}
	})
}

func fragment6(id uint32, at int, data []byte, more bool) []byte {
	b := make([]byte, ip6Header+8, ip6Header+8+len(data))
	b[0], b[6], b[7], b[23], b[39] = 0x60, ip6Fragment, 64, 1, 2
	binary.BigEndian.PutUint16(b[4:], uint16(8+len(data)))
	f := b[ip6Header:]
	f[0] = protoICMPv6
	field := uint16(at)
	if more {
		field |= 1
	}
	binary.BigEndian.PutUint16(f[2:], field)
	binary.BigEndian.PutUint32(f[4:], id)
	return append(b, data...)
}

func TestReassemblyRefuses(t *testing.T) {
	n := New(Config{Net: true, INET: true, INET6: true})
	defer n.Close()
	n.lock()
	defer n.unlock()
	data := make([]byte, 64)
	for range 2 {
		if n.reassemble(fragment6(1, 0, data, true)) != nil || n.reassemble(fragment6(1, 32, data, false)) != nil {
			t.Error("fragments that overlap are put together")
		}
		if len(n.frag6.packets) != 0 {
			t.Error("what overlaps is kept")
		}
	}
	for id := range uint32(3 * frag6Limit) {
		n.reassemble(fragment6(id, 0, data, true))
	}
	if got := len(n.frag6.packets); got != frag6Limit {
		t.Errorf("%d packets wait for fragments, want %d", got, frag6Limit)
	}
}

func TestScopes(t *testing.T) {
	tests := []struct {
		addr  string
		index int
		want  string
	}{
		{"fe80::1", 2, "fe80:2::1"},
		{"ff02::1", 3, "ff02:3::1"},
		{"ff01::1", 1, "ff01:1::1"},
		{"2001:db8::1", 2, "2001:db8::1"},
		{"10.0.0.1", 2, "10.0.0.1"},
		{"ff05::1", 2, "ff05::1"},
	}
	for _, test := range tests {
		a := netip.MustParseAddr(test.addr)
		got := embed(a, test.index)
		if got.String() != test.want {
			t.Errorf("embed(%s, %d) = %s, want %s", test.addr, test.index, got, test.want)
		}
		if back, _ := unembed(got); back != a {
			t.Errorf("unembed(%s) = %s, want %s", got, back, a)
		}
	}
}

func TestSplitName(t *testing.T) {
	tests := []struct {
		name string
		kind string
		unit int
		ok   bool
	}{
		{"shmif0", "shmif", 0, true}, {"lo12", "lo", 12, true}, {"shmif", "", 0, false}, {"0", "", 0, false}, {"", "", 0, false},
		{"averyveryverylongname0", "", 0, false}, {"x99999999999", "", 0, false},
	}
	for _, test := range tests {
		kind, unit, ok := splitName(test.name)
		if kind != test.kind || unit != test.unit || ok != test.ok {
			t.Errorf("splitName(%q) = %q, %d, %v", test.name, kind, unit, ok)
		}
	}
}

// TestNumbers checks which numbers interfaces get.
func TestNumbers(t *testing.T) {
	n := New(Config{Net: true, INET: true, Cloners: []string{"shmif"}})
	defer n.Close()
	create := func(name string, want int) {
		t.Helper()
		n.lock()
		errno := n.clone(name)
		ifp := n.byName(name)
		n.commit()
		if errno != 0 || ifp.index != want {
			t.Errorf("%s: number %d, %v; want %d", name, ifp.index, errno, want)
		}
	}
	destroy := func(name string) {
		n.lock()
		n.destroy(name)
		n.commit()
	}
	create("shmif0", 2)
	create("shmif1", 3)
	destroy("shmif1")
	create("shmif2", 3)
	destroy("shmif0")
	create("shmif3", 4)
}

// FuzzFrame has an interface receive anything.
func FuzzFrame(f *testing.F) {
	mac := []byte{0xb2, 0xa0, 0, 0, 0, 1}
	other := []byte{0xb2, 0xa0, 0, 0, 0, 2}
	me, you := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	arp := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	arp = append(append(append(append(arp, other...), 10, 0, 0, 2), make([]byte, 6)...), 10, 0, 0, 1)
	f.Add(frame(etherBroadcast, other, etherARP, arp))
	f.Add(frame(mac, other, etherIPv6, nd6Packet(you, me, append([]byte{icmp6NeighborSolicit, 0, 0, 0, 0, 0, 0, 0}, me.AsSlice()...))))
	f.Add(frame(mac, other, etherIPv6, nd6Packet(netip.MustParseAddr("fe80::2"), netip.MustParseAddr("ff02::1"),
		append([]byte{134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 64, 0xc0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0}, me.AsSlice()...))))
	f.Add(frame(mac, other, etherIPv6, nd6Packet(you, me, []byte{128, 0, 0, 0, 0, 1, 0, 1})))
	f.Add(frame(mac, other, etherIPv6, fragment6(1, 0, make([]byte, 16), true)))
	f.Add(frame(mac, other, etherIP, []byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 8, 0, 0, 0, 0, 1, 0, 1}))
	n, ifp := testNet(f)
	n.mirror.stack()
	f.Fuzz(func(t *testing.T, b []byte) {
		ifp.etherInput(bytes.Clone(b))
		if len(b) > 0 {
			for _, typ := range []uint16{etherIP, etherIPv6, etherARP} {
				ifp.etherInput(frame(mac, other, typ, b))
			}
		}
	})
}

// FuzzRouteMessage writes anything to a routing socket.
func FuzzRouteMessage(f *testing.F) {
	m := netbsd.RouteMessage{Header: netbsd.RtMsghdr{Type: netbsd.RTM_ADD, Flags: netbsd.RTF_UP | netbsd.RTF_GATEWAY}}
	m.Addrs[netbsd.RTAX_DST] = netbsd.SockaddrIn{Addr: [4]byte{10, 1, 0, 0}}
	m.Addrs[netbsd.RTAX_GATEWAY] = netbsd.SockaddrIn{Addr: [4]byte{10, 0, 0, 2}}
	m.Addrs[netbsd.RTAX_NETMASK] = netbsd.Netmask(netbsd.AF_INET, 16)
	f.Add(m.Append(nil))
	m.Header.Type = netbsd.RTM_GET
	f.Add(m.Append(nil))
	n, _ := testNet(f)
	sock := &socket{n: n, family: netbsd.AF_ROUTE, typ: netbsd.SOCK_RAW, opts: netbsd.SO_USELOOPBACK, rcvBuf: 8192}
	newRouteSocket(sock)
	r := sock.ep.(*routeSocket)
	f.Fuzz(func(t *testing.T, b []byte) {
		n.routeOutput(nil, r, bytes.Clone(b))
		for typ := byte(1); typ < 0x16 && len(b) >= netbsd.SizeofRtMsghdr && len(b) < 1<<16; typ++ {
			c := bytes.Clone(b)
			binary.LittleEndian.PutUint16(c, uint16(len(c)))
			c[2], c[3] = netbsd.RTM_VERSION, typ
			n.routeOutput(nil, r, c)
		}
		for _, family := range []uint8{0, netbsd.AF_INET, netbsd.AF_INET6} {
			n.RouteTable(family, netbsd.NET_RT_DUMP, 0)
		}
		for r.q.take(false) != nil {
		}
	})
}

// FuzzIoctl asks anything of an interface.
func FuzzIoctl(f *testing.F) {
	for _, cmd := range []netbsd.Ioctl{netbsd.SIOCGIFFLAGS, netbsd.SIOCAIFADDR, netbsd.SIOCAIFADDR_IN6, netbsd.SIOCDIFADDR, netbsd.SIOCSIFMTU} {
		f.Add(uint32(cmd), make([]byte, 128))
	}
	n, _ := testNet(f)
	f.Fuzz(func(t *testing.T, cmd uint32, b []byte) {
		c := netbsd.Ioctl(cmd)
		switch c {
		case netbsd.SIOCGIFCONF, netbsd.SIOCIFGCLONERS, netbsd.SIOCGLINKSTR, netbsd.SIOCSLINKSTR, netbsd.SIOCIFCREATE, netbsd.SIOCIFDESTROY:
			return // they need a caller's memory
		}
		data := make([]byte, max(int(cmd>>16&0x1fff), 0))
		copy(data, b)
		if len(data) >= netbsd.IFNAMSIZ {
			copy(data, "shmif0\x00")
		}
		for _, family := range []uint8{netbsd.AF_INET, netbsd.AF_INET6} {
			n.Ioctl(nil, family, c, data)
		}
	})
}

// TestTimer checks that a timer which is set anew does not fire for what it was
// set for before.
func TestTimer(t *testing.T) {
	n := New(Config{Net: true})
	defer n.Close()
	fired := make(chan int, 2)
	var tm timer
	n.lock()
	tm.set(n, time.Hour, func() { fired <- 1 })
	tm.set(n, time.Millisecond, func() { fired <- 2 })
	n.unlock()
	if got := <-fired; got != 2 {
		t.Errorf("timer %d fired", got)
	}
	n.lock()
	defer n.unlock()
	if tm.pending() {
		t.Error("a timer that has fired is pending")
	}
}

// FuzzSocket drives sockets of all kinds with anything.
func FuzzSocket(f *testing.F) {
	kinds := [][3]int{
		{netbsd.AF_INET, netbsd.SOCK_STREAM, 0}, {netbsd.AF_INET6, netbsd.SOCK_STREAM, 0}, {netbsd.AF_INET, netbsd.SOCK_DGRAM, 0},
		{netbsd.AF_INET6, netbsd.SOCK_DGRAM, 0}, {netbsd.AF_INET, netbsd.SOCK_RAW, netbsd.IPPROTO_ICMP},
		{netbsd.AF_INET6, netbsd.SOCK_RAW, netbsd.IPPROTO_ICMPV6}, {netbsd.AF_INET, netbsd.SOCK_RAW, netbsd.IPPROTO_RAW},
		{netbsd.AF_LOCAL, netbsd.SOCK_STREAM, 0}, {netbsd.AF_LOCAL, netbsd.SOCK_DGRAM, 0}, {netbsd.AF_LOCAL, netbsd.SOCK_SEQPACKET, 0},
	}
	local := netbsd.SockaddrIn{Addr: [4]byte{10, 0, 0, 1}, Port: 1234}.Append(nil)
	f.Add(uint8(0), netbsd.SOL_SOCKET, netbsd.SO_RCVBUF, []byte{0, 1, 0, 0}, local)
	f.Add(uint8(2), netbsd.IPPROTO_IP, netbsd.IP_ADD_MEMBERSHIP, []byte{224, 0, 0, 5, 10, 0, 0, 1}, local)
	f.Add(uint8(3), netbsd.IPPROTO_IPV6, netbsd.IPV6_JOIN_GROUP, make([]byte, 20), netbsd.SockaddrIn6{Port: 7}.Append(nil))
	f.Add(uint8(4), netbsd.IPPROTO_IP, netbsd.IP_HDRINCL, []byte{1, 0, 0, 0}, local)
	f.Add(uint8(7), netbsd.SOL_SOCKET, netbsd.SO_LINGER, make([]byte, 8), netbsd.SockaddrUn{Path: "/a"}.Append(nil))
	n, _ := testNet(f)
	f.Fuzz(func(t *testing.T, kind uint8, level, name int, value, addr []byte) {
		k := kinds[int(kind)%len(kinds)]
		s, errno := n.newSocket(nil, k[0], k[1], k[2])
		if errno != 0 {
			t.Fatal(errno)
		}
		defer s.Close(nil)
		if len(addr) < 2 || len(addr) > 255 {
			addr = []byte{2, uint8(k[0])}
		}
		a := sockaddr(bytes.Clone(addr))
		a[0] = uint8(len(a))
		if level == netbsd.SOL_SOCKET {
			s.setopt(name, value)
			s.getopt(name)
		} else {
			s.ep.setopt(nil, level, name, value)
			s.ep.getopt(level, name)
		}
		if k[0] != netbsd.AF_LOCAL { // whose names belong to a process
			s.ep.bind(nil, a)
			s.ep.connect(nil, a)
		}
		if !s.needsConnection() && k[0] != netbsd.AF_LOCAL {
			s.ep.send(nil, &message{data: bytes.Clone(value), addr: a, control: []netbsd.ControlMessage{{Level: int32(level), Type: int32(name), Data: bytes.Clone(addr)}}})
			s.ep.send(nil, &message{data: bytes.Clone(value), control: []netbsd.ControlMessage{{Level: int32(level), Type: int32(name), Data: bytes.Clone(addr)}}})
		}
		s.ep.sockname()
		s.ep.peername()
		s.ep.recv(nil, 100, false)
		s.ep.shutdown(netbsd.SHUT_WR)
		s.ep.status()
	})
}
