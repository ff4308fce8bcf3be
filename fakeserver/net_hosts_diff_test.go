package fakeserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// A wire is two kernels on a bus, and what was seen there.
type wire struct {
	a, b *host
	log  strings.Builder
}

// wireOf connects two kernels.
func wireOf(t testing.TB, a, b *host) *wire {
	bus := filepath.Join(t.TempDir(), "bus")
	a.onWire(bus, "10.0.0.1/24", "2001:db8::1/64")
	b.onWire(bus, "10.0.0.2/24", "2001:db8::2/64")
	return &wire{a: a, b: b}
}

// see makes a call and writes its outcome down.
func (w *wire) see(k *sysproxy.Call, what string) int64 {
	r, err := k.Do(context.Background())
	if err != nil {
		w.a.t.Fatalf("%s: %v", what, err)
	}
	if r.Errno != 0 {
		fmt.Fprintf(&w.log, "%s: %s\n", what, netbsd.Errno(r.Errno).Name())
		return -1
	}
	fmt.Fprintf(&w.log, "%s: %d\n", what, r.R0)
	return int64(r.R0)
}

// socket makes a socket whose reads do not last for ever.
func (w *wire) socket(h *host, family uint8, typ, proto int64) int64 {
	fd := h.socket(family, typ, proto)
	h.timeout(fd, 5*time.Second)
	return fd
}

func (w *wire) bind(h *host, fd int64, addr string) {
	b := sockaddr(h.t, addr)
	w.see(call(h.c, netbsd.SYS_BIND).Int(fd).In(b).Int(int64(len(b))), "bind "+addr)
}

func (w *wire) connect(h *host, fd int64, addr string) {
	b := sockaddr(h.t, addr)
	w.see(call(h.c, netbsd.SYS_CONNECT).Int(fd).In(b).Int(int64(len(b))), "connect "+addr)
}

func (w *wire) write(h *host, fd int64, n int) {
	w.see(call(h.c, netbsd.SYS_WRITE).Int(fd).In(bytes.Repeat([]byte("x"), n)).Int(int64(n)), fmt.Sprintf("write %d", n))
}

func (w *wire) sendTo(h *host, fd int64, n int, addr string) {
	b := sockaddr(h.t, addr)
	w.see(call(h.c, netbsd.SYS_SENDTO).Int(fd).In(bytes.Repeat([]byte("y"), n)).Int(int64(n)).Int(0).In(b).Int(int64(len(b))), fmt.Sprintf("send %d to %s", n, addr))
}

func (w *wire) read(h *host, fd int64) {
	w.see(call(h.c, netbsd.SYS_READ).Int(fd).Out(make([]byte, 1<<16)).Int(1<<16), "read")
}

// ready waits until there is something to be read.
func (w *wire) ready(h *host, fd int64) {
	p := netbsd.Pollfd{Fd: int32(fd), Events: netbsd.POLLIN}.Append(nil)
	w.see(call(h.c, netbsd.SYS_POLL).InOut(p).Int(1).Int(5000), "poll")
}

func (w *wire) set(h *host, fd, level, name int64, b []byte) {
	w.see(call(h.c, netbsd.SYS_SETSOCKOPT).Int(fd).Int(level).Int(name).In(b).Int(int64(len(b))), fmt.Sprintf("option %#x.%#x", level, name))
}

func (w *wire) shutdown(h *host, fd, how int64) {
	w.see(call(h.c, netbsd.SYS_SHUTDOWN).Int(fd).Int(how), "shutdown")
}

// name writes an end of a socket down, without its port if that was chosen by
// the kernel.
func (w *wire) name(h *host, fd int64, n netbsd.Sysno) {
	b, l := make([]byte, 128), []byte{128, 0, 0, 0}
	r, err := call(h.c, n).Int(fd).Out(b).InOut(l).Do(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	if r.Errno != 0 {
		fmt.Fprintf(&w.log, "%v: %s\n", n, netbsd.Errno(r.Errno).Name())
		return
	}
	fmt.Fprintf(&w.log, "%v: %s\n", n, showAddress(b[:l[0]]))
}

// pair makes a connection from a to b.
func (w *wire) pair(family uint8, addr string) (c, s int64) {
	l := w.socket(w.b, family, netbsd.SOCK_STREAM, 0)
	w.set(w.b, l, netbsd.SOL_SOCKET, netbsd.SO_REUSEADDR, one)
	w.bind(w.b, l, addr)
	w.b.listen(l)
	c = w.socket(w.a, family, netbsd.SOCK_STREAM, 0)
	w.connect(w.a, c, addr)
	s = w.b.accept(l)
	w.b.timeout(s, 5*time.Second)
	w.b.close(l)
	return c, s
}

var (
	one  = []byte{1, 0, 0, 0}
	zero = []byte{0, 0, 0, 0}
)

// scenes are what two kernels do to each other.
var scenes = []struct {
	name string
	play func(w *wire)
}{
	{"closed port", func(w *wire) {
		for _, addr := range []string{"10.0.0.2:99", "[2001:db8::2]:99"} {
			family := familyOf(addr)
			c := w.socket(w.a, family, netbsd.SOCK_STREAM, 0)
			w.connect(w.a, c, addr)
			w.connect(w.a, c, addr)
			u := w.socket(w.a, family, netbsd.SOCK_DGRAM, 0)
			w.connect(w.a, u, addr)
			w.write(w.a, u, 10)
			w.read(w.a, u)
			w.write(w.a, u, 10)
			w.name(w.a, u, netbsd.SYS_GETSOCKNAME)
			w.name(w.a, u, netbsd.SYS_GETPEERNAME)
		}
	}},
	{"half close", func(w *wire) {
		for _, addr := range []string{"10.0.0.2:5000", "[2001:db8::2]:5000"} {
			c, s := w.pair(familyOf(addr), addr)
			w.write(w.a, c, 100)
			w.shutdown(w.a, c, netbsd.SHUT_WR)
			w.read(w.b, s)
			w.read(w.b, s)
			w.write(w.a, c, 1)
			w.write(w.b, s, 50)
			w.read(w.a, c)
			w.b.close(s)
			w.read(w.a, c)
			w.a.close(c)
		}
	}},
	{"reset", func(w *wire) {
		c, s := w.pair(netbsd.AF_INET, "10.0.0.2:5001")
		w.set(w.b, s, netbsd.SOL_SOCKET, netbsd.SO_LINGER, netbsd.Linger{Onoff: 1}.Append(nil))
		w.b.close(s)
		w.read(w.a, c)
		w.read(w.a, c)
		w.write(w.a, c, 1)
		w.name(w.a, c, netbsd.SYS_GETPEERNAME)
		w.name(w.a, c, netbsd.SYS_GETSOCKNAME)
	}},
	{"unread data", func(w *wire) {
		c, s := w.pair(netbsd.AF_INET, "10.0.0.2:5002")
		w.write(w.a, c, 100)
		w.read(w.b, s)
		w.write(w.a, c, 10)
		w.ready(w.b, s)
		w.shutdown(w.b, s, netbsd.SHUT_RD)
		w.read(w.b, s)
		w.b.close(s)
		w.read(w.a, c)
	}},
	{"datagrams", func(w *wire) {
		for _, addr := range []string{"10.0.0.2:6000", "[2001:db8::2]:6000"} {
			s := w.socket(w.b, familyOf(addr), netbsd.SOCK_DGRAM, 0)
			w.bind(w.b, s, addr)
			c := w.socket(w.a, familyOf(addr), netbsd.SOCK_DGRAM, 0)
			for _, n := range []int{0, 1, 1472, 1473, 8000, 9216, 9217} {
				w.sendTo(w.a, c, n, addr)
			}
			for range 6 {
				w.read(w.b, s)
			}
		}
	}},
	{"broadcast", func(w *wire) {
		s := w.socket(w.b, netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
		w.bind(w.b, s, "0.0.0.0:6001")
		c := w.socket(w.a, netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
		for _, addr := range []string{"10.0.0.255:6001", "255.255.255.255:6001"} {
			w.set(w.a, c, netbsd.SOL_SOCKET, netbsd.SO_BROADCAST, zero)
			w.sendTo(w.a, c, 10, addr)
			w.set(w.a, c, netbsd.SOL_SOCKET, netbsd.SO_BROADCAST, one)
			w.sendTo(w.a, c, 10, addr)
			w.read(w.b, s)
		}
	}},
	{"multicast", func(w *wire) {
		s := w.socket(w.b, netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
		w.bind(w.b, s, "0.0.0.0:6002")
		join := netbsd.IpMreq{Multiaddr: [4]byte{224, 1, 2, 3}, Interface: [4]byte{10, 0, 0, 2}}.Append(nil)
		w.set(w.b, s, netbsd.IPPROTO_IP, netbsd.IP_ADD_MEMBERSHIP, join)
		w.set(w.b, s, netbsd.IPPROTO_IP, netbsd.IP_ADD_MEMBERSHIP, join)
		c := w.socket(w.a, netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
		w.set(w.a, c, netbsd.IPPROTO_IP, netbsd.IP_MULTICAST_IF, []byte{10, 0, 0, 1})
		w.sendTo(w.a, c, 10, "224.1.2.3:6002")
		w.read(w.b, s)
		w.set(w.b, s, netbsd.IPPROTO_IP, netbsd.IP_DROP_MEMBERSHIP, join)
		w.set(w.b, s, netbsd.IPPROTO_IP, netbsd.IP_DROP_MEMBERSHIP, join)
		s6 := w.socket(w.b, netbsd.AF_INET6, netbsd.SOCK_DGRAM, 0)
		w.bind(w.b, s6, "[::]:6003")
		join6 := netbsd.Ipv6Mreq{Multiaddr: [16]byte{0: 0xff, 1: 2, 15: 7}, Interface: 2}.Append(nil)
		w.set(w.b, s6, netbsd.IPPROTO_IPV6, netbsd.IPV6_JOIN_GROUP, join6)
		c6 := w.socket(w.a, netbsd.AF_INET6, netbsd.SOCK_DGRAM, 0)
		w.set(w.a, c6, netbsd.IPPROTO_IPV6, netbsd.IPV6_MULTICAST_IF, []byte{2, 0, 0, 0})
		w.sendTo(w.a, c6, 10, "[ff02::7]:6003")
		w.read(w.b, s6)
	}},
	{"two on a port", func(w *wire) {
		for _, opts := range [][]int64{{}, {netbsd.SO_REUSEADDR}, {netbsd.SO_REUSEPORT}} {
			for _, second := range []string{"10.0.0.1:7000", "0.0.0.0:7000", "127.0.0.1:7000", "[::]:7000"} {
				for _, typ := range []int64{netbsd.SOCK_STREAM, netbsd.SOCK_DGRAM} {
					x, y := w.socket(w.a, netbsd.AF_INET, typ, 0), w.socket(w.a, familyOf(second), typ, 0)
					for _, o := range opts {
						w.set(w.a, x, netbsd.SOL_SOCKET, o, one)
						w.set(w.a, y, netbsd.SOL_SOCKET, o, one)
					}
					w.bind(w.a, x, "10.0.0.1:7000")
					w.bind(w.a, y, second)
					w.a.close(x)
					w.a.close(y)
				}
			}
		}
	}},
	{"source address", func(w *wire) {
		for _, addr := range []string{"10.0.0.2:9", "127.0.0.1:9", "10.0.0.1:9", "[2001:db8::2]:9", "[::1]:9", "[2001:db8::1]:9", "0.0.0.0:9", "[::]:9", "224.0.0.1:9"} {
			u := w.socket(w.a, familyOf(addr), netbsd.SOCK_DGRAM, 0)
			w.connect(w.a, u, addr)
			w.name(w.a, u, netbsd.SYS_GETSOCKNAME)
			w.name(w.a, u, netbsd.SYS_GETPEERNAME)
		}
	}},
	{"node information", func(w *wire) {
		for _, set := range []struct {
			mib []int32
			val []byte
		}{{[]int32{netbsd.CTL_KERN, netbsd.KERN_HOSTNAME}, []byte("Some.host")}, {[]int32{4, 24, 58, netbsd.ICMPV6CTL_NODEINFO}, []byte{3, 0, 0, 0}}} {
			if _, errno := sysctl(w.b.t, w.b.c, set.mib, 256, set.val); errno != 0 {
				w.b.t.Fatal(errno)
			}
		}
		fd := w.socket(w.a, netbsd.AF_INET6, netbsd.SOCK_RAW, netbsd.IPPROTO_ICMPV6)
		w.a.timeout(fd, time.Second/2)
		to := sockaddr(w.a.t, "[2001:db8::2]:0")
		name := []byte("\x04some\x04host\x00\x00")
		for _, q := range []struct {
			code, kind, flags byte
			subject           []byte
		}{
			{0, 2, 0, to[8:24]}, {0, 2, 0, nil}, {1, 0, 0, nil}, {1, 1, 0, nil}, {1, 2, 0, name}, {1, 2, 0, name[:6]}, {0, 3, 0x20, to[8:24]}, {0, 3, 0x22, to[8:24]},
			{0, 4, 0, to[8:24]}, {0, 9, 0, to[8:24]}, {0, 2, 0, make([]byte, 16)},
		} {
			b := append([]byte{139, q.code, 0, 0, 0, q.kind, 0, q.flags, 1, 2, 3, 4, 5, 6, 7, 8}, q.subject...)
			w.see(call(w.a.c, netbsd.SYS_SENDTO).Int(fd).In(b).Int(int64(len(b))).Int(0).In(to).Int(int64(len(to))), "ask")
			in := make([]byte, 500)
			for {
				r, err := call(w.a.c, netbsd.SYS_READ).Int(fd).Out(in).Int(int64(len(in))).Do(context.Background())
				if err != nil {
					w.a.t.Fatal(err)
				}
				if r.Errno == 0 && in[0] != 140 {
					continue // a neighbour's
				}
				fmt.Fprintf(&w.log, "%v %x\n", netbsd.Errno(r.Errno), in[:r.R0])
				break
			}
		}
	}},
	{"recorded route", func(w *wire) {
		fd := w.socket(w.a, netbsd.AF_INET, netbsd.SOCK_RAW, netbsd.IPPROTO_ICMP)
		w.a.setInt(fd, netbsd.IPPROTO_IP, netbsd.IP_HDRINCL, 1)
		for _, to := range []string{"10.0.0.2:0", "10.0.0.1:0"} {
			a := sockaddr(w.a.t, to)
			p := []byte{0x4a, 0, 48, 0, 0, 0, 0, 0, 64, netbsd.IPPROTO_ICMP, 0, 0, 0, 0, 0, 0, a[4], a[5], a[6], a[7],
				7, 19, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0x12, 0x34, 0, 1}
			binary.BigEndian.PutUint16(p[42:], checksum(p[40:]))
			w.see(call(w.a.c, netbsd.SYS_SENDTO).Int(fd).In(p).Int(int64(len(p))).Int(0).In(a).Int(int64(len(a))), "ask "+to)
			in := make([]byte, 500)
			if n := w.see(call(w.a.c, netbsd.SYS_READ).Int(fd).Out(in).Int(int64(len(in))), "answer"); n > 40 {
				fmt.Fprintf(&w.log, "%x\n", in[20:40])
			}
		}
	}},
	{"raw", func(w *wire) {
		for _, proto := range []int64{99, netbsd.IPPROTO_ICMP} {
			r := w.socket(w.b, netbsd.AF_INET, netbsd.SOCK_RAW, proto)
			s := w.socket(w.a, netbsd.AF_INET, netbsd.SOCK_RAW, proto)
			p := []byte{0, 0, 0xff, 0xff, 0, 0, 0, 0}
			a := sockaddr(w.a.t, "10.0.0.2:0")
			w.see(call(w.a.c, netbsd.SYS_SENDTO).Int(s).In(p).Int(8).Int(0).In(a).Int(int64(len(a))), "send")
			in := make([]byte, 100)
			n := w.see(call(w.b.c, netbsd.SYS_READ).Int(r).Out(in).Int(100), "read")
			if n >= 20 {
				binary.BigEndian.PutUint32(in[4:], 0) // the identifier, which is random
				in[10], in[11] = 0, 0
				fmt.Fprintf(&w.log, "%x\n", in[:n])
			}
		}
	}},
	{"quoted datagrams", func(w *wire) {
		r := w.socket(w.a, netbsd.AF_INET, netbsd.SOCK_RAW, netbsd.IPPROTO_ICMP)
		other := w.socket(w.a, netbsd.AF_INET, netbsd.SOCK_RAW, 99)
		w.sendTo(w.a, other, 100, "10.0.0.2:0")
		w.dump(w.a, r)
		u := w.socket(w.a, netbsd.AF_INET, netbsd.SOCK_DGRAM, 0)
		w.bind(w.a, u, "0.0.0.0:3000")
		for _, addr := range []string{"10.0.0.1:99", "127.0.0.1:99", "10.0.0.2:99"} {
			for _, size := range []int{0, 5, 600} {
				w.sendTo(w.a, u, size, addr)
				w.dump(w.a, r)
			}
		}
	}},
}

// dump reads an ICMP error and writes it down, without what is random: the
// identifiers of both headers, and the sums over them.
func (w *wire) dump(h *host, fd int64) {
	in := make([]byte, 1000)
	n := w.see(call(h.c, netbsd.SYS_READ).Int(fd).Out(in).Int(int64(len(in))), "read")
	if n < 48 {
		return
	}
	for _, at := range []int{4, 10, 22, 32, 38} {
		in[at], in[at+1] = 0, 0
	}
	fmt.Fprintf(&w.log, "%x\n", in[:n])
}

func familyOf(addr string) uint8 {
	if addr[0] == '[' {
		return netbsd.AF_INET6
	}
	return netbsd.AF_INET
}

// TestDifferentialHosts plays scenes between two real kernels, two fake ones, and
// one of each.
func TestDifferentialHosts(t *testing.T) {
	fake := func() *host { return newHost(t, fakeserver.Config{Components: diffComponents}) }
	real := wireOf(t, realHost(t), realHost(t))
	others := map[string]*wire{"fake, fake": wireOf(t, fake(), fake()), "fake, real": wireOf(t, fake(), realHost(t)), "real, fake": wireOf(t, realHost(t), fake())}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			real.log.Reset()
			s.play(real)
			for who, w := range others {
				w.log.Reset()
				s.play(w)
				if d := cmp.Diff(real.log.String(), w.log.String()); d != "" {
					t.Errorf("%s (-real +%s):\n%s", s.name, who, d)
				}
			}
		})
	}
}

// TestWithReal carries data between a fake kernel and a real one, both ways.
func TestWithReal(t *testing.T) {
	w := wireOf(t, newHost(t, fakeserver.Config{Components: diffComponents}), realHost(t))
	for _, addr := range []string{"10.0.0.2", "2001:db8::2"} {
		if _, _, errno := w.a.ping(addr, 0); errno != 0 {
			t.Errorf("ping %s: %v", addr, errno)
		}
	}
	for _, addr := range []string{"10.0.0.1", "2001:db8::1"} {
		if _, _, errno := w.b.ping(addr, 0); errno != 0 {
			t.Errorf("ping %s: %v", addr, errno)
		}
	}
	timed := func(from *host, out int64, to *host, in int64) string {
		start := time.Now()
		carry(t, from, out, to, in, *diffBytes)
		return fmt.Sprintf("%.1f MB/s", float64(*diffBytes)/1e6/time.Since(start).Seconds())
	}
	for _, addr := range []string{"10.0.0.2:5000", "[2001:db8::2]:5000"} {
		c, s := w.pair(familyOf(addr), addr)
		t.Logf("%s: %s from the fake kernel", addr, timed(w.a, c, w.b, s))
		t.Logf("%s: %s from the real kernel", addr, timed(w.b, s, w.a, c))
		w.a.close(c)
		w.b.close(s)
	}
}
