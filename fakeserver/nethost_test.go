package fakeserver_test

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

var netComponents = []string{"rumpnet", "rumpnet_net", "rumpnet_netinet", "rumpnet_netinet6", "rumpnet_shmif", "rumpnet_bridge", "rumpnet_gif", "rumpnet_local"}

// fastClock is the wall clock made faster, so that nobody has to wait for
// duplicate address detection.
type fastClock struct {
	start  time.Time
	factor int
}

func newFastClock(factor int) fastClock { return fastClock{time.Now(), factor} }

func (c fastClock) Now() time.Time {
	return c.start.Add(time.Duration(c.factor) * time.Since(c.start))
}

func (c fastClock) AfterFunc(d time.Duration, f func()) fakeserver.Timer {
	return fastTimer{time.AfterFunc(d/time.Duration(c.factor), f), c.factor}
}

func (c fastClock) sleep(d time.Duration) {
	done := make(chan struct{})
	c.AfterFunc(d, func() { close(done) })
	<-done
}

type fastTimer struct {
	*time.Timer
	factor int
}

func (t fastTimer) Reset(d time.Duration) { t.Timer.Reset(d / time.Duration(t.factor)) }

// A host is a kernel with a network, and a client of it.
type host struct {
	t testing.TB
	k *fakeserver.Kernel
	c *sysproxy.Client
}

func newHost(t testing.TB, cfg fakeserver.Config) *host {
	if cfg.Components == nil {
		cfg.Components = netComponents
	}
	k, c := start(t, cfg)
	return &host{t, k, c}
}

// sys makes a call that must not fail.
func (h *host) sys(k *sysproxy.Call) int64 {
	h.t.Helper()
	r, errno := do(h.t, k)
	if errno != 0 {
		h.t.Fatalf("system call: %v", errno)
	}
	return int64(r)
}

func (h *host) socket(family uint8, typ, proto int64) int64 {
	h.t.Helper()
	return h.sys(call(h.c, netbsd.SYS___SOCKET30).Int(int64(family)).Int(typ).Int(proto))
}

func (h *host) close(fd int64) { h.sys(call(h.c, netbsd.SYS_CLOSE).Int(fd)) }

// ioctl asks a datagram socket of a family.
func (h *host) ioctl(family uint8, cmd netbsd.Ioctl, b []byte) netbsd.Errno {
	h.t.Helper()
	fd := h.socket(family, netbsd.SOCK_DGRAM, 0)
	defer h.close(fd)
	_, errno := do(h.t, call(h.c, netbsd.SYS_IOCTL).Int(fd).Int(int64(cmd)).InOut(b))
	return errno
}

func (h *host) must(errno netbsd.Errno) {
	h.t.Helper()
	if errno != 0 {
		h.t.Fatal(errno)
	}
}

func (h *host) create(name string) {
	h.t.Helper()
	h.must(h.ioctl(netbsd.AF_INET, netbsd.SIOCIFCREATE, netbsd.Ifreq{Name: name}.Append(nil)))
}

// attach connects an interface to a bus.
func (h *host) attach(name, bus string) {
	h.t.Helper()
	path := append([]byte(bus), 0)
	k := call(h.c, netbsd.SYS_IOCTL)
	fd := h.socket(netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
	b := netbsd.Ifdrv{Name: name, Len: uint64(len(path)), Data: k.Lend(path, sysproxy.Read)}.Append(nil)
	cmd := netbsd.Ioctl(netbsd.SIOCSLINKSTR)
	h.sys(k.Int(fd).Int(int64(cmd)).InOut(b))
	h.close(fd)
}

// address gives an interface an address and brings it up.
func (h *host) address(name, prefix string) {
	h.t.Helper()
	p := netip.MustParsePrefix(prefix)
	sa, err := netbsd.SockaddrFromAddr(p.Addr())
	if err != nil {
		h.t.Fatal(err)
	}
	if p.Addr().Is4() {
		h.must(h.ioctl(netbsd.AF_INET, netbsd.SIOCAIFADDR, netbsd.Ifaliasreq{Name: name, Addr: sa, Mask: netbsd.Netmask(netbsd.AF_INET, p.Bits())}.Append(nil)))
		return
	}
	const forever = 0xffffffff
	h.must(h.ioctl(netbsd.AF_INET6, netbsd.SIOCAIFADDR_IN6, netbsd.In6Aliasreq{
		Name: name, Addr: sa, Prefixmask: netbsd.Netmask(netbsd.AF_INET6, p.Bits()), Lifetime: netbsd.In6Addrlifetime{Vltime: forever, Pltime: forever},
	}.Append(nil)))
}

// shmif makes an interface on a bus with addresses.
func (h *host) shmif(name, bus string, prefixes ...string) {
	h.t.Helper()
	h.create(name)
	h.attach(name, bus)
	for _, p := range prefixes {
		h.address(name, p)
	}
}

// sockaddr is an address and a port for a call.
func sockaddr(t testing.TB, s string) []byte {
	t.Helper()
	sa, err := netbsd.SockaddrFromAddrPort(netip.MustParseAddrPort(s))
	if err != nil {
		t.Fatal(err)
	}
	return sa.Append(nil)
}

func (h *host) bind(fd int64, addr string) {
	h.t.Helper()
	b := sockaddr(h.t, addr)
	h.sys(call(h.c, netbsd.SYS_BIND).Int(fd).In(b).Int(int64(len(b))))
}

func (h *host) connect(fd int64, addr string) netbsd.Errno {
	h.t.Helper()
	b := sockaddr(h.t, addr)
	_, errno := do(h.t, call(h.c, netbsd.SYS_CONNECT).Int(fd).In(b).Int(int64(len(b))))
	return errno
}

func (h *host) listen(fd int64) { h.sys(call(h.c, netbsd.SYS_LISTEN).Int(fd).Int(5)) }

func (h *host) accept(fd int64) int64 {
	h.t.Helper()
	return h.sys(call(h.c, netbsd.SYS_ACCEPT).Int(fd).Int(0).Int(0))
}

func (h *host) setInt(fd, level, name int64, v int32) {
	h.t.Helper()
	b := binary.LittleEndian.AppendUint32(nil, uint32(v))
	h.sys(call(h.c, netbsd.SYS_SETSOCKOPT).Int(fd).Int(level).Int(name).In(b).Int(4))
}

// timeout bounds how long reading from a socket may take.
func (h *host) timeout(fd int64, d time.Duration) {
	h.t.Helper()
	b := netbsd.TimevalOfDuration(d).Append(nil)
	h.sys(call(h.c, netbsd.SYS_SETSOCKOPT).Int(fd).Int(netbsd.SOL_SOCKET).Int(netbsd.SO_RCVTIMEO).In(b).Int(int64(len(b))))
}

// ping sends an echo request from a raw socket and returns the answer's ICMP
// type and TTL, or an error.
func (h *host) ping(dst string, ttl int32) (typ, gotTTL uint8, errno netbsd.Errno) {
	h.t.Helper()
	a := netip.MustParseAddr(dst)
	b := sockaddr(h.t, netip.AddrPortFrom(a, 0).String())
	if a.Is6() {
		fd := h.socket(netbsd.AF_INET6, netbsd.SOCK_RAW, netbsd.IPPROTO_ICMPV6)
		defer h.close(fd)
		if ttl != 0 {
			h.setInt(fd, netbsd.IPPROTO_IPV6, netbsd.IPV6_UNICAST_HOPS, ttl)
		}
		h.timeout(fd, 5*time.Second)
		p := []byte{128, 0, 0, 0, 0x12, 0x34, 0, 1, 'p', 'i', 'n', 'g'}
		if _, errno := do(h.t, call(h.c, netbsd.SYS_SENDTO).Int(fd).In(p).Int(int64(len(p))).Int(0).In(b).Int(int64(len(b)))); errno != 0 {
			return 0, 0, errno
		}
		for {
			in := make([]byte, 1500)
			n, errno := do(h.t, call(h.c, netbsd.SYS_READ).Int(fd).Out(in).Int(int64(len(in))))
			if errno != 0 {
				return 0, 0, errno
			}
			if n >= 8 && (in[0] < 128 || in[0] == 129) {
				return in[0], 0, 0
			}
		}
	}
	fd := h.socket(netbsd.AF_INET, netbsd.SOCK_RAW, netbsd.IPPROTO_ICMP)
	defer h.close(fd)
	h.timeout(fd, 5*time.Second)
	p := []byte{8, 0, 0, 0, 0x12, 0x34, 0, 1, 'p', 'i', 'n', 'g'}
	binary.BigEndian.PutUint16(p[2:], checksum(p))
	if ttl != 0 {
		// IP_TTL says nothing to raw sockets, so the header has to be written.
		to := a.As4()
		p = append([]byte{0x45, 0, byte(20 + len(p)), 0, 0, 0, 0, 0, byte(ttl), netbsd.IPPROTO_ICMP, 0, 0, 0, 0, 0, 0, to[0], to[1], to[2], to[3]}, p...)
		h.setInt(fd, netbsd.IPPROTO_IP, netbsd.IP_HDRINCL, 1)
	}
	if _, errno := do(h.t, call(h.c, netbsd.SYS_SENDTO).Int(fd).In(p).Int(int64(len(p))).Int(0).In(b).Int(int64(len(b)))); errno != 0 {
		return 0, 0, errno
	}
	for {
		in := make([]byte, 1500)
		n, errno := do(h.t, call(h.c, netbsd.SYS_READ).Int(fd).Out(in).Int(int64(len(in))))
		if errno != 0 {
			return 0, 0, errno
		}
		if n >= 28 && in[20] != 8 {
			return in[20], in[8], 0
		}
	}
}

func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 != 0 {
		sum += uint32(b[len(b)-1]) << 8
	}
	sum = sum>>16 + sum&0xffff
	return ^uint16(sum>>16 + sum)
}

// mac is a hardware address for tests.
func mac(s string) map[string]net.HardwareAddr {
	a, err := net.ParseMAC(s)
	if err != nil {
		panic(err)
	}
	return map[string]net.HardwareAddr{"shmif0": a}
}
