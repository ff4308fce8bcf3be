package fakeserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// routeAddr is an address for a routing message.
func (g *random) routeAddr(v6 bool) []byte {
	name := pick(g, "10.0.0.0", "10.0.0.1", "10.0.0.7", "10.1.0.0", "10.1.2.3", "0.0.0.0", "127.0.0.1", "192.168.7.0", "224.0.0.0", "255.255.255.255")
	if v6 {
		name = pick(g, "2001:db8::", "2001:db8::1", "2001:db8::7", "2001:db8:1::", "2001:db8:1::5", "::", "::1", "fe80::", "fe80::7", "ff02::", "2001:db9::")
	}
	sa, err := netbsd.SockaddrFromAddr(netip.MustParseAddr(name))
	if err != nil {
		panic(err)
	}
	return sa.Append(nil)
}

// routeMask is a netmask for a routing message: whole, or cut off where its zeros
// begin.
func (g *random) routeMask(v6 bool) []byte {
	family, bits := byte(netbsd.AF_INET), pick(g, 0, 8, 16, 24, 24, 30, 32)
	if v6 {
		family, bits = netbsd.AF_INET6, pick(g, 0, 32, 48, 64, 64, 128)
	}
	b := netbsd.Netmask(family, bits).Append(nil)
	switch g.r.IntN(4) {
	case 0:
		b[1] = 0
	case 1:
		start := 4
		if v6 {
			start = 8
		}
		n := start + (bits+7)/8
		if bits == 0 {
			n = 0
		}
		b[0] = byte(n)
		b = b[:max(n, 1)]
	}
	return b
}

// routeMessage makes a message for a routing socket.
func (g *random) routeMessage() (name string, b []byte) {
	v6 := g.r.IntN(3) == 0
	h := netbsd.RtMsghdr{
		Version: netbsd.RTM_VERSION, Seq: int32(g.r.IntN(100)),
		Type:  pick[uint8](g, netbsd.RTM_ADD, netbsd.RTM_ADD, netbsd.RTM_ADD, netbsd.RTM_DELETE, netbsd.RTM_DELETE, netbsd.RTM_GET, netbsd.RTM_GET, netbsd.RTM_CHANGE, netbsd.RTM_LOCK),
		Flags: netbsd.RTF_UP | int32(pick(g, 0, 0, netbsd.RTF_STATIC, netbsd.RTF_GATEWAY, netbsd.RTF_GATEWAY, netbsd.RTF_HOST, netbsd.RTF_HOST|netbsd.RTF_GATEWAY, netbsd.RTF_REJECT, netbsd.RTF_BLACKHOLE, netbsd.RTF_PROTO1, netbsd.RTF_PROTO2|netbsd.RTF_STATIC)),
	}
	if g.r.IntN(4) == 0 {
		h.Inits = int32(g.r.IntN(256))
		h.Rmx = netbsd.RtMetrics{Mtu: uint64(pick(g, 0, 1000, 1500)), Hopcount: 3, Recvpipe: 7, Rtt: 9, Locks: uint64(g.r.IntN(256))}
		h.Inits &^= netbsd.RTV_EXPIRE
	}
	if g.r.IntN(20) == 0 {
		h.Type = pick[uint8](g, 0, netbsd.RTM_MISS, netbsd.RTM_NEWADDR, netbsd.RTM_IFINFO, 99)
	}
	if g.r.IntN(30) == 0 {
		h.Version = pick[uint8](g, 0, 3, 5)
	}
	var parts [netbsd.RTAX_MAX][]byte
	if g.r.IntN(20) > 0 {
		parts[netbsd.RTAX_DST] = g.routeAddr(v6)
	}
	switch g.r.IntN(8) {
	case 0:
	case 1:
		parts[netbsd.RTAX_GATEWAY] = netbsd.SockaddrDl{Index: pick[uint16](g, 0, 1, 2, 9)}.Append(nil)
	case 2:
		parts[netbsd.RTAX_GATEWAY] = netbsd.SockaddrDl{Index: pick[uint16](g, 0, 2), Type: 6, Addr: []byte{2, 0, 0, 0, 0, 9}}.Append(nil)
		if g.r.IntN(2) == 0 {
			h.Flags |= netbsd.RTF_LLDATA | netbsd.RTF_HOST
		}
	default:
		parts[netbsd.RTAX_GATEWAY] = g.routeAddr(v6 != (g.r.IntN(12) == 0))
	}
	if g.r.IntN(2) == 0 {
		parts[netbsd.RTAX_NETMASK] = g.routeMask(v6)
	}
	if g.r.IntN(8) == 0 {
		parts[netbsd.RTAX_IFA] = g.routeAddr(v6)
	}
	if g.r.IntN(8) == 0 {
		parts[netbsd.RTAX_IFP] = netbsd.SockaddrDl{Index: pick[uint16](g, 0, 1, 2, 9), Name: pick(g, "", "shmif0", "lo0", "nosuch0")}.Append(nil)
	}
	if g.r.IntN(20) == 0 {
		parts[netbsd.RTAX_TAG] = g.routeAddr(v6)
	}
	var body []byte
	for i, p := range parts {
		if p == nil {
			continue
		}
		h.Addrs |= 1 << i
		body = append(body, p...)
		body = append(body, make([]byte, -len(p)&7)...)
	}
	if h.Type == netbsd.RTM_GET && g.r.IntN(2) == 0 {
		h.Addrs |= netbsd.RTA_IFP | netbsd.RTA_IFA
	}
	h.Msglen = uint16(netbsd.SizeofRtMsghdr + len(body))
	if g.r.IntN(40) == 0 {
		h.Msglen += uint16(pick(g, -8, 8))
	}
	b = append(h.Append(nil), body...)
	if g.r.IntN(40) == 0 {
		b = b[:pick(g, 0, 4, 8, 100, len(b)-4)]
	}
	return fmt.Sprintf("type %#x flags %#x inits %#x %x", h.Type, h.Flags, h.Inits, body), b
}

// showRouting prints routing messages, without times and counts.
func showRouting(b []byte) []string {
	var out []string
	for len(b) >= 4 {
		size := min(max(int(binary.LittleEndian.Uint16(b)), 4), len(b))
		out = append(out, showMessage(b[:size]))
		b = b[size:]
	}
	return out
}

func showMessage(b []byte) string {
	switch b[3] {
	case netbsd.RTM_NEWADDR, netbsd.RTM_DELADDR, netbsd.RTM_CHGADDR:
		h, err := netbsd.ParseIfaMsghdr(b)
		if err == nil {
			return fmt.Sprintf("%#x address flags %#x metric %d index %d addrs %#x %x", h.Type, h.Flags, h.Metric, h.Index, h.Addrs, b[netbsd.SizeofIfaMsghdr:])
		}
	case netbsd.RTM_IFINFO:
		h, err := netbsd.ParseIfMsghdr(b)
		if err == nil {
			d := h.Data
			return fmt.Sprintf("interface flags %#x index %d addrs %#x link %d mtu %d metric %d %x", h.Flags, h.Index, h.Addrs, d.LinkState, d.Mtu, d.Metric, b[netbsd.SizeofIfMsghdr:])
		}
	case netbsd.RTM_IFANNOUNCE, netbsd.RTM_OIFINFO, netbsd.RTM_OOIFINFO:
		return fmt.Sprintf("%#x %x", b[3], b[:min(len(b), 26)])
	}
	h, err := netbsd.ParseRtMsghdr(b)
	if err != nil {
		return fmt.Sprintf("%x", b)
	}
	if h.Rmx.Expire != 0 {
		h.Rmx.Expire = 1
	}
	h.Rmx.Pksent, h.Use, h.Pid = 0, 0, 0
	return fmt.Sprintf("%#x version %d flags %#x index %d seq %d errno %d inits %#x addrs %#x %+v %x", h.Type, h.Version, h.Flags, h.Index, h.Seq, h.Errno, h.Inits, h.Addrs, h.Rmx, b[netbsd.SizeofRtMsghdr:])
}

// A routeSide is one of two kernels whose tables are compared.
type routeSide struct {
	h       *host
	rt, m   int64 // routing sockets that speak, and that listen
	in, in6 int64
}

func newRouteSide(h *host) *routeSide {
	s := &routeSide{h: h}
	s.rt = h.socket(netbsd.AF_ROUTE, netbsd.SOCK_RAW|netbsd.SOCK_NONBLOCK, 0)
	s.m = h.socket(netbsd.AF_ROUTE, netbsd.SOCK_RAW|netbsd.SOCK_NONBLOCK, 0)
	h.setInt(s.m, netbsd.SOL_SOCKET, netbsd.SO_RCVBUF, 1<<17)
	s.in = h.socket(netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
	s.in6 = h.socket(netbsd.AF_INET6, netbsd.SOCK_DGRAM, 0)
	return s
}

// heard are the messages that have come, and are gone then.
func (s *routeSide) heard() []string {
	var out []string
	for {
		b := make([]byte, 4096)
		n, errno := do(s.h.t, call(s.h.c, netbsd.SYS_READ).Int(s.m).Out(b).Int(int64(len(b))))
		if errno != 0 {
			break
		}
		out = append(out, showRouting(b[:n])...)
	}
	for {
		if _, errno := do(s.h.t, call(s.h.c, netbsd.SYS_READ).Int(s.rt).Out(make([]byte, 4096)).Int(4096)); errno != 0 {
			return out
		}
	}
}

// tables are the routes and the interfaces. The kernel leaves anything in some
// fields of the headers.
func (s *routeSide) tables() []string {
	var out []string
	for _, mib := range [][]int32{
		netbsd.RouteMib(0, netbsd.NET_RT_DUMP, 0), netbsd.RouteMib(0, netbsd.NET_RT_IFLIST, 0),
		netbsd.RouteMib(netbsd.AF_INET, netbsd.NET_RT_FLAGS, netbsd.RTF_LLDATA), netbsd.RouteMib(netbsd.AF_INET6, netbsd.NET_RT_FLAGS, netbsd.RTF_LLDATA),
	} {
		b, errno := sysctl(s.h.t, s.h.c, mib, 1<<16, nil)
		out = append(out, fmt.Sprint(errno))
		if mib[4] == netbsd.NET_RT_FLAGS {
			for b := b; len(b) > netbsd.SizeofRtMsghdr; b = b[binary.LittleEndian.Uint16(b):] {
				clear(b[4:12])
				clear(b[16:netbsd.SizeofRtMsghdr])
			}
		}
		if mib[4] == netbsd.NET_RT_DUMP {
			for b := b; len(b) > netbsd.SizeofRtMsghdr; b = b[binary.LittleEndian.Uint16(b):] {
				clear(b[32:48]) // rtm_inits, rmx_locks
			}
		}
		out = append(out, showRouting(b)...)
	}
	return out
}

// linkAddr finds the hardware address of an interface.
func (s *routeSide) linkAddr(name string) net.HardwareAddr {
	b, _ := sysctl(s.h.t, s.h.c, netbsd.RouteMib(0, netbsd.NET_RT_IFLIST, 0), 1<<16, nil)
	_, after, _ := bytes.Cut(b, []byte(name))
	return net.HardwareAddr(after[:6])
}

// routeStep is a random change of routes, interfaces or addresses.
func (g *random) routeStep() (string, func(s *routeSide) (answer, error)) {
	if g.r.IntN(3) > 0 {
		name, b := g.routeMessage()
		return "write(" + name + ")", func(s *routeSide) (answer, error) {
			r, err := call(s.h.c, netbsd.SYS_WRITE).Int(s.rt).In(b).Int(int64(len(b))).Do(context.Background())
			a := answer{r0: r.R0, errno: netbsd.Errno(r.Errno)}
			if a.errno != 0 {
				a.r0 = 0
			}
			return a, err
		}
	}
	step := g.ifStep(0)
	if g.r.IntN(2) == 0 {
		step = g.if6Step(1)
	} else if strings.Contains(step.name, "SIOCIF") || strings.Contains(step.name, "SIOCSIFNETMASK") || strings.Contains(step.name, "ADDR, ") && strings.Contains(step.name, ", 0x") {
		return g.routeStep() // a new interface's hardware address is random, and an address that is none is garbage
	}
	return step.name, func(s *routeSide) (answer, error) {
		return step.do(&netSide{c: s.h.c, fds: [8]int64{s.in, s.in6}})
	}
}

// TestDifferentialRoutes changes routes, interfaces and addresses at random, and
// compares what the kernels answer, what they tell of it, and what they have
// become.
func TestDifferentialRoutes(t *testing.T) {
	dir := t.TempDir()
	r := realHost(t)
	r.onWire(filepath.Join(dir, "real"), "10.0.0.1/24", "2001:db8::1/64")
	r.create("shmif1")
	real := newRouteSide(r)
	shmif1 := real.linkAddr("shmif1")
	f := newHost(t, fakeserver.Config{Components: diffComponents, HardwareAddrs: map[string]net.HardwareAddr{"shmif0": real.linkAddr("shmif0"), "shmif1": shmif1}})
	f.onWire(filepath.Join(dir, "fake"), "10.0.0.1/24", "2001:db8::1/64")
	f.create("shmif1")
	fake := newRouteSide(f)
	g := &random{r: rand.New(rand.NewPCG(*diffSeed, 11))}
	if d := cmp.Diff(real.tables(), fake.tables()); d != "" {
		t.Fatalf("the tables at first (-real +fake):\n%s", d)
	}
	bad := 0
	for i := range *diffCalls / 3 { // looking at the tables takes longer than the calls
		name, do := g.routeStep()
		want, err := do(real)
		if err != nil {
			t.Fatalf("seed %d, call %d: %s: real kernel: %v", *diffSeed, i, name, err)
		}
		got, err := do(fake)
		if err != nil {
			t.Fatalf("seed %d, call %d: %s: fake kernel: %v", *diffSeed, i, name, err)
		}
		if os.Getenv("DIFFTRACE") != "" {
			fmt.Println(i, name, "=", want)
		}
		var diffs []string
		if got != want {
			diffs = append(diffs, fmt.Sprintf(" got %v\nwant %v", got, want))
		}
		d := cmp.Diff(real.tables(), fake.tables())
		if d != "" {
			diffs = append(diffs, "tables (-real +fake):\n"+d)
		}
		said := fake.heard()
		heard := real.heard()
		for until := time.Now().Add(time.Second / 5); len(heard) < len(said) && time.Now().Before(until); {
			heard = append(heard, real.heard()...) // another of its threads sends them
		}
		if d := cmp.Diff(heard, said); d != "" {
			diffs = append(diffs, "messages (-real +fake):\n"+d)
		}
		if len(diffs) > 0 {
			t.Errorf("seed %d, call %d: %s:\n%s", *diffSeed, i, name, strings.Join(diffs, "\n"))
			if bad++; bad > *diffMost || d != "" {
				t.FailNow() // from here on they differ
			}
		}
	}
}
