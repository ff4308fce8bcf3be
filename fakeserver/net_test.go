package fakeserver_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"go.uber.org/goleak"
)

// detection is how long duplicate address detection takes at most: IPv4's needs
// three probes and a while to wait for answers.
const detection = 10 * time.Second

// network starts kernels with an interface each on one bus, and waits until
// their addresses are usable.
func network(t testing.TB, prefixes ...[]string) []*host {
	t.Helper()
	clock, bus := newFastClock(20), filepath.Join(t.TempDir(), "bus")
	hosts := make([]*host, len(prefixes))
	for i, p := range prefixes {
		hosts[i] = newHost(t, fakeserver.Config{Clock: clock})
		hosts[i].shmif("shmif0", bus, p...)
	}
	clock.sleep(detection)
	return hosts
}

func TestPing(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) {
		hosts := network(t, []string{"10.0.0.1/24", "2001:db8::1/64"}, []string{"10.0.0.2/24", "2001:db8::2/64"})
		tests := []struct {
			from  int
			to    string
			typ   uint8
			errno netbsd.Errno
		}{
			{0, "10.0.0.2", 0, 0},
			{1, "10.0.0.1", 0, 0},
			{0, "10.0.0.1", 0, 0},
			{0, "127.0.0.1", 0, 0},
			{0, "2001:db8::2", 129, 0},
			{1, "2001:db8::1", 129, 0},
			{1, "::1", 129, 0},
			{0, "10.1.0.1", 0, netbsd.EHOSTUNREACH},
			{0, "2001:db8:1::1", 0, netbsd.EHOSTUNREACH},
			{0, "10.0.0.3", 0, netbsd.EWOULDBLOCK},
		}
		for _, test := range tests {
			typ, _, errno := hosts[test.from].ping(test.to, 0)
			if typ != test.typ || errno != test.errno {
				t.Errorf("ping %s from %d: type %d, %v; want %d, %v", test.to, test.from, typ, errno, test.typ, test.errno)
			}
		}
	})
}

func TestTCP(t *testing.T) {
	hosts := network(t, []string{"10.0.0.1/24", "2001:db8::1/64"}, []string{"10.0.0.2/24", "2001:db8::2/64"})
	for _, addr := range []string{"10.0.0.2:80", "[2001:db8::2]:80"} {
		t.Run(addr, func(t *testing.T) {
			family := uint8(netbsd.AF_INET)
			if netip.MustParseAddrPort(addr).Addr().Is6() {
				family = netbsd.AF_INET6
			}
			l := hosts[1].socket(family, netbsd.SOCK_STREAM, 0)
			hosts[1].bind(l, addr)
			hosts[1].listen(l)
			c := hosts[0].socket(family, netbsd.SOCK_STREAM, 0)
			hosts[0].must(hosts[0].connect(c, addr))
			a := hosts[1].accept(l)
			carry(t, hosts[0], c, hosts[1], a, 1<<20)
			carry(t, hosts[1], a, hosts[0], c, 1<<20)
			hosts[0].close(c)
			if n := hosts[1].sys(call(hosts[1].c, netbsd.SYS_READ).Int(a).Out(make([]byte, 10)).Int(10)); n != 0 {
				t.Errorf("reads %d bytes after the end", n)
			}
			hosts[1].close(a)
			hosts[1].close(l)
			c = hosts[0].socket(family, netbsd.SOCK_STREAM, 0)
			if errno := hosts[0].connect(c, addr); errno != netbsd.ECONNREFUSED {
				t.Errorf("connect to a closed port: %v", errno)
			}
			hosts[0].close(c)
		})
	}
}

// carry sends bytes from one socket to the other.
func carry(t testing.TB, from *host, out int64, to *host, in int64, size int) {
	t.Helper()
	sent := make(chan [32]byte, 1)
	go func() {
		h, rng := sha256.New(), rand.NewChaCha8([32]byte{7})
		buf := make([]byte, 32<<10)
		for left := size; left > 0; {
			n := min(left, len(buf))
			rng.Read(buf[:n])
			h.Write(buf[:n])
			r, err := call(from.c, netbsd.SYS_WRITE).Int(out).In(buf[:n]).Int(int64(n)).Do(context.Background())
			if err != nil || r.Errno != 0 || int(r.R0) != n {
				t.Errorf("write: %v, %v", r, err)
				break
			}
			left -= n
		}
		sent <- [32]byte(h.Sum(nil))
	}()
	h, buf := sha256.New(), make([]byte, 32<<10)
	for left := size; left > 0; {
		n := to.sys(call(to.c, netbsd.SYS_READ).Int(in).Out(buf).Int(int64(len(buf))))
		if n == 0 {
			t.Fatalf("end of file with %d bytes to come", left)
		}
		h.Write(buf[:n])
		left -= int(n)
	}
	if want := <-sent; !bytes.Equal(h.Sum(nil), want[:]) {
		t.Error("other bytes arrive than were sent")
	}
}

// addrFlags are the IPv6 flags of an address, or IPv4's.
func (h *host) addrFlags(name, addr string) int32 {
	h.t.Helper()
	sa, err := netbsd.SockaddrFromAddr(netip.MustParseAddr(addr))
	if err != nil {
		h.t.Fatal(err)
	}
	r := netbsd.Ifreq{Name: name}
	r.SetAddr(sa)
	b := r.Append(nil)
	if sa.Family() == netbsd.AF_INET6 {
		b = append(b, make([]byte, 288-len(b))...)
		h.must(h.ioctl(netbsd.AF_INET6, netbsd.SIOCGIFAFLAG_IN6, b))
	} else {
		h.must(h.ioctl(netbsd.AF_INET, netbsd.SIOCGIFAFLAG_IN, b))
	}
	r, err = netbsd.ParseIfreq(b)
	if err != nil {
		h.t.Fatal(err)
	}
	return r.Int()
}

func TestDuplicateAddress(t *testing.T) {
	clock, bus := newFastClock(20), filepath.Join(t.TempDir(), "bus")
	const a6, a4 = "2001:db8::1", "10.0.0.1"
	one := newHost(t, fakeserver.Config{Clock: clock})
	one.shmif("shmif0", bus)
	one.up("shmif0") // or there would be no detection
	one.address("shmif0", a4+"/24")
	one.address("shmif0", a6+"/64")
	if f := one.addrFlags("shmif0", a6); f&netbsd.IN6_IFF_TENTATIVE == 0 {
		t.Errorf("flags %#x of a new address", f)
	}
	clock.sleep(detection)
	if f := one.addrFlags("shmif0", a6); f != 0 {
		t.Errorf("flags %#x of an address that nobody else has", f)
	}
	if f := one.addrFlags("shmif0", a4); f != 0 {
		t.Errorf("flags %#x of an IPv4 address that nobody else has", f)
	}
	two := newHost(t, fakeserver.Config{Clock: clock})
	two.shmif("shmif0", bus)
	two.up("shmif0") // or there would be no detection
	two.address("shmif0", a4+"/24")
	two.address("shmif0", a6+"/64")
	clock.sleep(detection)
	if f := two.addrFlags("shmif0", a6); f&netbsd.IN6_IFF_DUPLICATED == 0 {
		t.Errorf("flags %#x of an address that another kernel has", f)
	}
	if f := two.addrFlags("shmif0", a4); f&netbsd.IN_IFF_DUPLICATED == 0 {
		t.Errorf("flags %#x of an IPv4 address that another kernel has", f)
	}
	if f := one.addrFlags("shmif0", a6); f != 0 {
		t.Errorf("flags %#x of the first kernel's address", f)
	}
}

// route adds a route through a gateway.
func (h *host) route(prefix, gateway string) {
	h.t.Helper()
	p, gw := netip.MustParsePrefix(prefix), netip.MustParseAddr(gateway)
	dst, err := netbsd.SockaddrFromAddr(p.Addr())
	if err != nil {
		h.t.Fatal(err)
	}
	via, err := netbsd.SockaddrFromAddr(gw)
	if err != nil {
		h.t.Fatal(err)
	}
	m := netbsd.RouteMessage{Header: netbsd.RtMsghdr{Type: netbsd.RTM_ADD, Flags: netbsd.RTF_UP | netbsd.RTF_GATEWAY | netbsd.RTF_STATIC, Seq: 1}}
	m.Addrs[netbsd.RTAX_DST], m.Addrs[netbsd.RTAX_GATEWAY], m.Addrs[netbsd.RTAX_NETMASK] = dst, via, netbsd.Netmask(dst.Family(), p.Bits())
	fd := h.socket(netbsd.AF_ROUTE, netbsd.SOCK_RAW, 0)
	b := m.Append(nil)
	h.sys(call(h.c, netbsd.SYS_WRITE).Int(fd).In(b).Int(int64(len(b))))
	h.close(fd)
}

func TestForwarding(t *testing.T) {
	clock, dir := newFastClock(20), t.TempDir()
	left, right := filepath.Join(dir, "left"), filepath.Join(dir, "right")
	a := newHost(t, fakeserver.Config{Clock: clock})
	a.shmif("shmif0", left, "10.0.0.2/24", "2001:db8:a::2/64")
	r := newHost(t, fakeserver.Config{Clock: clock})
	r.shmif("shmif0", left, "10.0.0.1/24", "2001:db8:a::1/64")
	r.shmif("shmif1", right, "10.0.1.1/24", "2001:db8:b::1/64")
	b := newHost(t, fakeserver.Config{Clock: clock})
	b.shmif("shmif0", right, "10.0.1.2/24", "2001:db8:b::2/64")
	a.route("10.0.1.0/24", "10.0.0.1")
	b.route("10.0.0.0/24", "10.0.1.1")
	a.route("2001:db8:b::/64", "2001:db8:a::1")
	b.route("2001:db8:a::/64", "2001:db8:b::1")
	clock.sleep(detection)

	const exceeded, exceeded6 = 11, 3
	forwarding, forwarding6 := []int32{4, 2, 0, 1}, []int32{4, 24, 41, 1}
	on, off := []byte{1, 0, 0, 0}, []byte{0, 0, 0, 0}
	check := func(to string, ttl int32, want uint8, wantErrno netbsd.Errno) {
		t.Helper()
		typ, _, errno := a.ping(to, ttl)
		if typ != want || errno != wantErrno {
			t.Errorf("ping %s with TTL %d: type %d, %v; want %d, %v", to, ttl, typ, errno, want, wantErrno)
		}
	}
	check("10.0.1.2", 0, 0, 0)
	check("10.0.1.2", 1, exceeded, 0)
	if _, ttl, _ := a.ping("10.0.1.2", 0); ttl != 254 {
		t.Errorf("TTL is %d after one router", ttl)
	}
	check("2001:db8:b::2", 0, 0, netbsd.EWOULDBLOCK)
	if _, errno := sysctl(t, r.c, forwarding6, 4, on); errno != 0 {
		t.Fatal(errno)
	}
	check("2001:db8:b::2", 0, 129, 0)
	check("2001:db8:b::2", 1, exceeded6, 0)
	if _, errno := sysctl(t, r.c, forwarding, 4, off); errno != 0 {
		t.Fatal(errno)
	}
	check("10.0.1.2", 0, 0, netbsd.EWOULDBLOCK)
}

func TestBridge(t *testing.T) {
	clock, dir := newFastClock(20), t.TempDir()
	left, right := filepath.Join(dir, "left"), filepath.Join(dir, "right")
	br := newHost(t, fakeserver.Config{Clock: clock})
	br.shmif("shmif0", left)
	br.shmif("shmif1", right)
	br.create("bridge0")
	for _, port := range []string{"shmif0", "shmif1"} {
		br.up(port)
		br.addMember("bridge0", port)
	}
	br.up("bridge0")
	a := newHost(t, fakeserver.Config{Clock: clock})
	a.shmif("shmif0", left, "10.0.0.1/24")
	b := newHost(t, fakeserver.Config{Clock: clock})
	b.shmif("shmif0", right, "10.0.0.2/24")
	clock.sleep(detection)
	if typ, ttl, errno := a.ping("10.0.0.2", 0); typ != 0 || ttl != 255 || errno != 0 {
		t.Errorf("ping through a bridge: type %d, TTL %d, %v", typ, ttl, errno)
	}
}

// up brings an interface up.
func (h *host) up(name string) {
	h.t.Helper()
	r := netbsd.Ifreq{Name: name}
	r.SetFlags(netbsd.IFF_UP)
	h.must(h.ioctl(netbsd.AF_INET, netbsd.SIOCSIFFLAGS, r.Append(nil)))
}

func (h *host) addMember(bridge, port string) {
	h.t.Helper()
	k := call(h.c, netbsd.SYS_IOCTL)
	fd := h.socket(netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
	req := netbsd.Ifbreq{Ifsname: port}.Append(nil)
	const read = 1
	d := netbsd.Ifdrv{Name: bridge, Cmd: netbsd.BRDGADD, Len: uint64(len(req)), Data: k.Lend(req, read)}.Append(nil)
	cmd := netbsd.Ioctl(netbsd.SIOCSDRVSPEC)
	h.sys(k.Int(fd).Int(int64(cmd)).InOut(d))
	h.close(fd)
}

// TestManyKernels makes many kernels with an address each in one process.
func TestManyKernels(t *testing.T) {
	const count, limit = 200, 1 << 20
	dir := t.TempDir()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	for i := range count {
		h := newHost(t, fakeserver.Config{BusDir: dir})
		h.shmif("shmif0", fmt.Sprintf("bus%d", i), "10.0.0.1/24")
	}
	t.Logf("%v per kernel", time.Since(start)/count)
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (int64(after.HeapAlloc+after.StackInuse) - int64(before.HeapAlloc+before.StackInuse)) / count
	t.Logf("%d KiB per kernel", each>>10)
	if each > limit {
		t.Errorf("a kernel takes %d bytes, more than %d", each, limit)
	}
}
