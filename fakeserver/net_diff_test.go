package fakeserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// address returns the bytes of an address that may be good, or anything but.
func (g *random) address() (string, []byte) {
	var b []byte
	name := pick(g, "127.0.0.1", "127.0.0.1", "0.0.0.0", "10.0.0.1", "10.0.0.9", "10.9.9.9", "255.255.255.255", "10.0.0.255", "224.0.0.7",
		"::1", "::1", "::", "2001:db8::1", "2001:db8::9", "fe80::1", "ff02::1", "ff02::7", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2001:db9::1",
		"/s1", "/s2", "/s1", "/", "/none/s", "link", "short")
	switch name {
	case "link":
		b = netbsd.SockaddrDl{Index: 2, Name: "shmif0"}.Append(nil)
	case "short":
		b = []byte{2, byte(pick(g, 0, 1, 2, 24))}
	default:
		if name[0] == '/' {
			b = netbsd.SockaddrUn{Path: name}.Append(nil)
			break
		}
		port := pick[uint16](g, 0, 80, 5000, 5001, 5002, 6000)
		sa, err := netbsd.SockaddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(name), port))
		if err != nil {
			panic(err)
		}
		b = sa.Append(nil)
		name = fmt.Sprintf("%s:%d", name, port)
	}
	if g.r.IntN(12) == 0 {
		n := pick(g, 1, 2, 3, 8, len(b)-1, len(b)+1, 256)
		b = append(b, make([]byte, 256)...)[:n]
		name += fmt.Sprintf("[%d]", n)
	}
	if g.r.IntN(20) == 0 && len(b) > 1 {
		b[1] = byte(pick(g, 0, 1, 2, 24, 17, 99))
		name += fmt.Sprintf("{%d}", b[1])
	}
	return name, b
}

// showAddress prints an address with what is random in it left out.
func showAddress(b []byte) string {
	if len(b) < 4 {
		return fmt.Sprintf("%x", b)
	}
	b = bytes.Clone(b)
	if f := b[1]; f == netbsd.AF_INET || f == netbsd.AF_INET6 {
		if port := binary.BigEndian.Uint16(b[2:]); port >= 1024 && port != 5000 && port != 5001 && port != 5002 && port != 6000 {
			copy(b[2:4], "ep")
		}
	}
	return fmt.Sprintf("%x", b)
}

// A netSide is one of the two kernels. Sockets have the same places on both, so
// that a difference does not make all that follows differ.
type netSide struct {
	c   *sysproxy.Client
	fds [8]int64 // -1 for none
	kq  int64

	kinds [8]string // what the sockets were made as
}

// newNetSide makes a side without sockets.
func newNetSide(h *host) *netSide {
	s := &netSide{c: h.c, kq: h.sys(call(h.c, netbsd.SYS_KQUEUE))}
	for i := range s.fds {
		s.fds[i] = -1
	}
	return s
}

// A netStep is a random call on sockets.
type netStep struct {
	name string
	slot int // of the socket that is used or made
	do   func(s *netSide) (answer, error)
}

// kind is what the socket in a place was made as.
func (s *netSide) kind(slot int) string {
	if slot < 0 {
		return "several"
	}
	return s.kinds[slot]
}

// newQueue replaces the kqueue.
func (s *netSide) newQueue() error {
	_, err := call(s.c, netbsd.SYS_CLOSE).Int(s.kq).Do(context.Background())
	if err != nil {
		return err
	}
	r, err := call(s.c, netbsd.SYS_KQUEUE).Do(context.Background())
	s.kq = int64(r.R0)
	return err
}

// close frees a place.
func (s *netSide) close(slot int) error {
	if slot < 0 || s.fds[slot] < 0 {
		return nil
	}
	_, err := call(s.c, netbsd.SYS_CLOSE).Int(s.fds[slot]).Do(context.Background())
	s.fds[slot] = -1
	return err
}

// on is a step whose call is made by f with the descriptor of a place, and which
// returns what shows its outcome.
func on(slot int, name string, n netbsd.Sysno, f func(k *sysproxy.Call) func(r sysproxy.Result) string) netStep {
	return onSide(slot, name, n, func(_ *netSide, k *sysproxy.Call) func(r sysproxy.Result) string { return f(k) })
}

// onSide is on for a call that needs other places, too.
func onSide(slot int, name string, n netbsd.Sysno, f func(s *netSide, k *sysproxy.Call) func(r sysproxy.Result) string) netStep {
	return netStep{fmt.Sprintf("%v(#%d, %s)", n, slot, name), slot, func(s *netSide) (answer, error) {
		k := s.c.NewCall(uint32(n))
		k.Int(s.fds[slot])
		show := f(s, k)
		r, err := k.Do(context.Background())
		a := answer{r0: r.R0, errno: netbsd.Errno(r.Errno)}
		if err == nil && show != nil && a.errno == 0 {
			a.out = show(r)
		}
		if r.Signal != 0 {
			a.out += " " + netbsd.Signal(r.Signal).Name()
		}
		if a.errno != 0 {
			a.r0 = 0 // has no meaning
		}
		return a, err
	}}
}

// making is a step that makes descriptors, which fds finds in the answer, and
// puts them into places.
func making(slot int, name string, n netbsd.Sysno, f func(s *netSide, k *sysproxy.Call) (fds func(r sysproxy.Result) []int64)) netStep {
	return netStep{fmt.Sprintf("%v(%s) = #%d", n, name, slot), slot, func(s *netSide) (answer, error) {
		k := s.c.NewCall(uint32(n))
		fds := f(s, k)
		r, err := k.Do(context.Background())
		a := answer{errno: netbsd.Errno(r.Errno)}
		if err == nil && a.errno == 0 {
			for i, fd := range fds(r) {
				at := (slot + i) % len(s.fds)
				if err := s.close(at); err != nil {
					return a, err
				}
				s.fds[at], s.kinds[at] = fd, name
			}
		}
		return a, err
	}}
}

var optLevels = []int{netbsd.SOL_SOCKET, netbsd.SOL_SOCKET, netbsd.IPPROTO_IP, netbsd.IPPROTO_TCP, netbsd.IPPROTO_UDP, netbsd.IPPROTO_IPV6, netbsd.IPPROTO_ICMPV6, netbsd.IPPROTO_ICMP, netbsd.IPPROTO_RAW, 99}

func (g *random) option() (level, name int) {
	level = pick(g, optLevels...)
	if level == netbsd.SOL_SOCKET {
		return level, pick(g, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1008, 0x1009, 0x100a, 0x100b, 0x100c, 0x2000, 0x4000, 0)
	}
	if level == netbsd.IPPROTO_IPV6 && g.r.IntN(3) > 0 {
		return level, g.r.IntN(70)
	}
	return level, g.r.IntN(27)
}

// netStep makes a random call on sockets which does not wait.
func (g *random) netStep() netStep {
	slot := g.r.IntN(8)
	switch g.r.IntN(10) {
	case 0:
		return g.sendmsg(slot)
	case 1:
		return g.recvmsg(slot)
	case 2:
		if g.r.IntN(4) == 0 {
			return g.selecting()
		}
		return g.kevent(slot)
	case 3:
		return g.if6Step(slot)
	}
	switch g.r.IntN(30) {
	case 0, 1, 2, 3:
		family := pick(g, 2, 2, 2, 24, 24, 1, 1, 18, 0, 99)
		typ := pick(g, 1, 1, 2, 2, 3, 5, 0, 4, 6)
		proto := pick(g, 0, 0, 0, 6, 17, 1, 58, 255, 99, 2)
		return making(slot, fmt.Sprintf("%d, %d, %d", family, typ, proto), netbsd.SYS___SOCKET30, func(_ *netSide, k *sysproxy.Call) func(sysproxy.Result) []int64 {
			k.Int(int64(family)).Int(int64(typ) | netbsd.SOCK_NONBLOCK).Int(int64(proto))
			return func(r sysproxy.Result) []int64 { return []int64{int64(r.R0)} }
		})
	case 4:
		family, typ := pick(g, 1, 1, 1, 2, 34), pick(g, 1, 2, 5, 3)
		return making(slot, fmt.Sprintf("%d, %d", family, typ), netbsd.SYS_SOCKETPAIR, func(_ *netSide, k *sysproxy.Call) func(sysproxy.Result) []int64 {
			b := make([]byte, 8)
			k.Int(int64(family)).Int(int64(typ) | netbsd.SOCK_NONBLOCK).Int(0).Out(b)
			return func(sysproxy.Result) []int64 { return []int64{int64(b[0]), int64(b[4])} }
		})
	case 5, 6:
		return netStep{fmt.Sprintf("close(#%d)", slot), slot, func(s *netSide) (answer, error) { return answer{}, s.close(slot) }}
	case 7, 8, 9:
		name, a := g.address()
		return on(slot, name, netbsd.SYS_BIND, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.In(a).Int(int64(len(a)))
			return nil
		})
	case 10, 11, 12:
		name, a := g.address()
		return on(slot, name, netbsd.SYS_CONNECT, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.In(a).Int(int64(len(a)))
			return nil
		})
	case 13:
		n := pick(g, 0, 1, 5, -1, 1000)
		return on(slot, fmt.Sprintf("%d", n), netbsd.SYS_LISTEN, func(k *sysproxy.Call) func(sysproxy.Result) string { k.Int(int64(n)); return nil })
	case 14:
		to := g.r.IntN(8)
		size := int32(pick(g, 16, 28, 128, 4, 0))
		return making(to, fmt.Sprintf("#%d, %d", slot, size), netbsd.SYS_ACCEPT, func(s *netSide, k *sysproxy.Call) func(sysproxy.Result) []int64 {
			k.Int(s.fds[slot]).Out(make([]byte, 128)).InOut(binary.LittleEndian.AppendUint32(nil, uint32(size)))
			return func(r sysproxy.Result) []int64 { return []int64{int64(r.R0)} }
		})
	case 15:
		return nameCall(slot, int32(pick(g, 16, 28, 128, 4, 0, -1)), netbsd.SYS_GETSOCKNAME)
	case 16:
		return nameCall(slot, int32(pick(g, 16, 28, 128, 4, 0, -1)), netbsd.SYS_GETPEERNAME)
	case 17, 18:
		name, a := g.address()
		n := pick(g, 0, 1, 10, 100, 1000, 9000, 9217, 70000)
		flags := pick(g, 0, 0, 0, 1, 4, 0x80, 0x400)
		none := g.r.IntN(2) == 0
		if none {
			name = "-"
		}
		return on(slot, fmt.Sprintf("%d bytes, %#x, %s", n, flags, name), netbsd.SYS_SENDTO, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.In(bytes.Repeat([]byte("x"), n)).Int(int64(n)).Int(int64(flags))
			if none {
				k.Uint(0).Int(0)
			} else {
				k.In(a).Int(int64(len(a)))
			}
			return nil
		})
	case 19, 20:
		n := pick(g, 0, 1, 10, 100, 20000)
		flags := pick(g, 0, 0, 2, 1, 0x80, 0x82) // with MSG_WAITALL, the real kernel may wait
		return on(slot, fmt.Sprintf("%d, %#x", n, flags), netbsd.SYS_RECVFROM, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b, from, size := make([]byte, n), make([]byte, 128), []byte{128, 0, 0, 0}
			k.Out(b).Int(int64(n)).Int(int64(flags)).Out(from).InOut(size)
			return func(r sysproxy.Result) string {
				return fmt.Sprintf("%d bytes from %s", r.R0, showAddress(from[:size[0]]))
			}
		})
	case 21, 22:
		level, name := g.option()
		n := pick(g, 4, 4, 4, 4, 1, 8, 16, 0, 20)
		v := make([]byte, n)
		if n >= 4 {
			binary.LittleEndian.PutUint32(v, uint32(pick(g, 0, 1, 1, 2, 64, 255, 256, -1, 10000, 1<<20)))
		}
		return on(slot, fmt.Sprintf("%#x, %#x, %x", level, name, v), netbsd.SYS_SETSOCKOPT, func(k *sysproxy.Call) func(sysproxy.Result) string {
			k.Int(int64(level)).Int(int64(name)).In(v).Int(int64(n))
			return nil
		})
	case 23, 24:
		level, name := g.option()
		n := pick(g, 4, 4, 8, 64, 1, 0)
		return on(slot, fmt.Sprintf("%#x, %#x, %d", level, name, n), netbsd.SYS_GETSOCKOPT, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b, size := make([]byte, n), []byte{byte(n), 0, 0, 0}
			k.Int(int64(level)).Int(int64(name)).Out(b).InOut(size)
			return func(sysproxy.Result) string {
				if level == netbsd.IPPROTO_TCP && name == netbsd.TCP_INFO {
					return "" // what is in it depends on when one asks
				}
				if len(b) > 12 && level == netbsd.SOL_SOCKET {
					b = b[:12] // there is padding in a struct timeval, and anything in that
				}
				return fmt.Sprintf("%x %d", b, size[0])
			}
		})
	case 25:
		how := pick(g, 0, 1, 2, 3, -1)
		return on(slot, fmt.Sprintf("%d", how), netbsd.SYS_SHUTDOWN, func(k *sysproxy.Call) func(sysproxy.Result) string { k.Int(int64(how)); return nil })
	case 26, 27:
		events := int16(pick(g, 1, 4, 5, 0x41, 2, 0x1df))
		return netStep{fmt.Sprintf("poll(#%d, %#x)", slot, events), slot, func(s *netSide) (answer, error) {
			b := netbsd.Pollfd{Fd: int32(s.fds[slot]), Events: events}.Append(nil)
			r, err := call(s.c, netbsd.SYS_POLL).InOut(b).Int(1).Int(0).Do(context.Background())
			return answer{r0: r.R0, errno: netbsd.Errno(r.Errno), out: fmt.Sprintf("%x", b[6:])}, err
		}}
	case 28:
		cmd := pick(g, netbsd.FIONREAD, netbsd.FIONWRITE, netbsd.FIONSPACE, netbsd.SIOCATMARK, netbsd.FIOASYNC, netbsd.FIOGETOWN, netbsd.SIOCGPGRP)
		return on(slot, fmt.Sprintf("%v", cmd), netbsd.SYS_IOCTL, func(k *sysproxy.Call) func(sysproxy.Result) string {
			b := []byte{1, 0, 0, 0}
			k.Uint(uint64(cmd)).InOut(b)
			return func(sysproxy.Result) string { return fmt.Sprint(b) }
		})
	}
	return g.ifStep(slot)
}

// nameCall makes a call that returns an address.
func nameCall(slot int, size int32, n netbsd.Sysno) netStep {
	return on(slot, fmt.Sprintf("%d", size), n, func(k *sysproxy.Call) func(sysproxy.Result) string {
		b, l := make([]byte, 128), binary.LittleEndian.AppendUint32(nil, uint32(size))
		k.Out(b).InOut(l)
		return func(r sysproxy.Result) string { return fmt.Sprintf("%s %d", showAddress(b[:l[0]]), l[0]) }
	})
}

// ifStep makes a random ioctl on an interface.
func (g *random) ifStep(slot int) netStep {
	var at int
	cmds := []netbsd.Ioctl{
		netbsd.SIOCGIFFLAGS, netbsd.SIOCGIFMTU, netbsd.SIOCGIFMETRIC, netbsd.SIOCGIFADDR, netbsd.SIOCGIFNETMASK, netbsd.SIOCGIFBRDADDR, netbsd.SIOCGIFDSTADDR,
		netbsd.SIOCSIFMTU, netbsd.SIOCSIFMETRIC, netbsd.SIOCSIFFLAGS, netbsd.SIOCIFCREATE, netbsd.SIOCIFDESTROY, netbsd.SIOCDIFADDR, netbsd.SIOCSIFADDR,
		netbsd.SIOCSIFNETMASK, netbsd.SIOCSIFBRDADDR, netbsd.SIOCGIFDLT, netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI, netbsd.SIOCGIFAFLAG_IN,
	}
	at = g.r.IntN(len(cmds))
	cmd := cmds[at]
	r := netbsd.Ifreq{Name: pick(g, "lo0", "shmif0", "shmif0", "shmif1", "lo1", "bridge0", "nosuch0", "", "lo", "shmif", "lo01", "gif0")}
	arg := ""
	if g.r.IntN(2) == 0 {
		var a []byte
		arg, a = g.address()
		if sa, err := netbsd.ParseSockaddr(a); err == nil && len(a) <= 16 {
			r.SetAddr(sa)
		}
	} else {
		v := pick(g, 0, 1, 40, 100, 576, 1500, 1501, 9000, 65536, -1, 0x8000, 0x1043, 0x8843)
		arg = fmt.Sprintf("%#x", v)
		r.SetInt(int32(v))
	}
	return on(slot, fmt.Sprintf("%v, %s, %s", cmd, r.Name, arg), netbsd.SYS_IOCTL, func(k *sysproxy.Call) func(sysproxy.Result) string {
		b := r.Append(nil)
		k.Uint(uint64(cmd)).InOut(b)
		return func(sysproxy.Result) string { return fmt.Sprintf("%x", b) }
	})
}

// diffComponents are what the kernels are made of that are compared.
var diffComponents = []string{"rumpvfs", "rumpnet", "rumpnet_net", "rumpnet_netinet", "rumpnet_netinet6", "rumpnet_shmif", "rumpnet_local"}

// realHost starts a real kernel.
func realHost(t testing.TB) *host {
	t.Helper()
	return &host{t: t, c: dialReal(t, diffComponents...)}
}

// onWire connects a kernel to a bus, without a search for duplicate addresses.
func (h *host) onWire(bus string, prefixes ...string) {
	h.t.Helper()
	for _, mib := range [][]int32{{4, 2, 0, netbsd.IPCTL_DAD_COUNT}, {4, 24, 41, netbsd.IPV6CTL_DAD_COUNT}} {
		if _, errno := sysctl(h.t, h.c, mib, 4, []byte{0, 0, 0, 0}); errno != 0 {
			h.t.Fatal(errno)
		}
	}
	h.shmif("shmif0", bus, prefixes...)
}

// TestDifferentialNet is TestDifferential for sockets.
func TestDifferentialNet(t *testing.T) {
	dir := t.TempDir()
	real := realHost(t)
	fake := newHost(t, fakeserver.Config{Components: diffComponents})
	real.onWire(filepath.Join(dir, "real"), "10.0.0.1/24", "2001:db8::1/64")
	fake.onWire(filepath.Join(dir, "fake"), "10.0.0.1/24", "2001:db8::1/64")
	g := &random{r: rand.New(rand.NewPCG(*diffSeed, 5))}
	a, b := newNetSide(real), newNetSide(fake)
	bad := 0
	for i := range *diffCalls {
		s := g.netStep()
		want, err := s.do(a)
		if err != nil {
			t.Fatalf("seed %d, call %d: %s: real kernel: %v", *diffSeed, i, s.name, err)
		}
		got, err := s.do(b)
		if err != nil {
			t.Fatalf("seed %d, call %d: %s: fake kernel: %v", *diffSeed, i, s.name, err)
		}
		if os.Getenv("DIFFTRACE") != "" {
			fmt.Println(i, s.name, "=", want)
		}
		// How soon a connection is made or refused is a matter of chance.
		late := strings.HasPrefix(s.name, "connect(") && (got.errno == netbsd.EINPROGRESS || want.errno == netbsd.EINPROGRESS)
		if got == want {
			continue
		}
		if !late {
			if bad++; bad > *diffMost {
				t.FailNow()
			}
			t.Errorf("seed %d, call %d: %s, made as %s:\n got %v\nwant %v", *diffSeed, i, s.name, a.kind(s.slot), got, want)
		}
		// What they have become may differ as well.
		for _, side := range []*netSide{a, b} {
			if err := errors.Join(side.close(s.slot), side.newQueue()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
