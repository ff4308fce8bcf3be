package inet

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// plugMore is the part of Plug for nodes that are about single interfaces, ports
// and connections.
func (n *Net) plugMore(t *sysctl.Tree) {
	t.Handle("kern.mbuf.stats", func(r *sysctl.Request) netbsd.Errno {
		const size = 568 // sizeof(struct mbstat); there are no mbufs to be counted
		if r.New != 0 {
			return netbsd.EPERM
		}
		return r.Give(make([]byte, size))
	})
	if n.cfg.Net {
		t.Handle("net.sdl", n.aboutInterface(func(ifp *Interface) []byte { return ifp.mac }))
		t.Handle("net.ether.multicast", n.aboutInterface((*Interface).etherGroups))
		for _, name := range []string{"net.route.stats", "net.oroute.stats"} {
			t.Handle(name, func(r *sysctl.Request) netbsd.Errno {
				if len(r.Name) > 0 {
					return netbsd.ENOTDIR
				}
				if r.New != 0 {
					return netbsd.EPERM
				}
				n.lock()
				b := make([]byte, 0, 40)
				for _, v := range []uint64{0, n.stats.rt.dynamic, n.stats.rt.modified, n.stats.rt.unreach, 0} {
					b = binary.LittleEndian.AppendUint64(b, v)
				}
				n.unlock()
				return r.Give(b)
			})
		}
	}
	if n.cfg.INET {
		t.Handle("net.inet.multicast", n.aboutInterface(func(ifp *Interface) []byte { return ifp.groups(netbsd.AF_INET) }))
		t.Handle("net.inet.tcp.drop", n.dropHandler(netbsd.AF_INET))
		t.Handle("net.inet6.multicast", n.aboutInterface(func(ifp *Interface) []byte { return ifp.groups(netbsd.AF_INET6) }))
		t.Handle("net.inet6.tcp6.drop", n.dropHandler(netbsd.AF_INET6))
		t.Handle("net.inet6.multicast_kludge", nothingBelow)
		t.Handle("net.inet.ip.anonportalgo.reserve", n.reserveHandler(&n.reserved4))
		t.OnSet("net.inet.ip.anonportalgo.selected", knownPortAlgo)
	}
	if n.cfg.INET6 {
		t.Handle("net.inet6.ip6.addctlpolicy", func(r *sysctl.Request) netbsd.Errno {
			if r.New != 0 {
				return netbsd.EPERM
			}
			return r.Give(nil) // there is no policy
		})
		t.Handle("net.inet6.ip6.anonportalgo.reserve", n.reserveHandler(&n.reserved6))
		t.OnSet("net.inet6.ip6.anonportalgo.selected", knownPortAlgo)
	}
}

// nothingBelow is the handler of a node below which names lead to nothing.
func nothingBelow(r *sysctl.Request) netbsd.Errno {
	if len(r.Name) == 0 {
		return r.Default()
	}
	return r.Give(nil)
}

// aboutInterface makes the handler of a node below which interfaces are numbers.
// Such nodes do not even say that they have no children.
func (n *Net) aboutInterface(tell func(*Interface) []byte) sysctl.Handler {
	return func(r *sysctl.Request) netbsd.Errno {
		if len(r.Name) != 1 {
			return netbsd.EINVAL
		}
		n.lock()
		ifp := n.byIndex(int(r.Name[0]))
		var b []byte
		if ifp != nil {
			b = tell(ifp)
		}
		n.unlock()
		if ifp == nil {
			return netbsd.ENODEV
		}
		if r.Old != 0 {
			b = b[:min(uint64(len(b)), r.OldLen)]
		}
		return r.Give(b)
	}
}

// groups lists the groups that an interface listens to, with the address by
// which it does and how often they were joined.
func (ifp *Interface) groups(family uint8) []byte {
	ifa := ifp.firstAddr(family)
	if ifa == nil {
		return nil
	}
	var out [][]byte
	for k, count := range ifp.multi {
		if k.addr.Is4() != (family == netbsd.AF_INET) || !k.addr.IsMulticast() {
			continue
		}
		b := append(ifa.addr.addr().AsSlice(), k.addr.AsSlice()...)
		out = append(out, binary.LittleEndian.AppendUint32(b, uint32(count)))
	}
	slices.SortFunc(out, bytes.Compare)
	return bytes.Join(out, nil)
}

// etherGroups lists the hardware addresses of groups, as ranges.
func (ifp *Interface) etherGroups() []byte {
	if !ifp.ether() {
		return nil
	}
	counts := make(map[string]uint32)
	for k, count := range ifp.multi {
		switch {
		case k.addr.IsMulticast():
			counts[string(multicastMAC(k.addr))] += uint32(count)
		case !k.addr.Is4():
			b := k.addr.As16() // the bytes of a hardware address
			counts[string(b[10:])] += uint32(count)
		}
	}
	var out []string
	for mac, count := range counts {
		out = append(out, string(binary.LittleEndian.AppendUint32(nil, count))+mac+mac)
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(a[4:], b[4:]) })
	return []byte(strings.Join(out, ""))
}

// portSet says which ports are not to be given to those who ask for any.
type portSet [65536 / 8]byte

func (s *portSet) has(port uint16) bool { return s != nil && s[port/8]>>(port%8)&1 != 0 }

func (n *Net) reserveHandler(set **portSet) sysctl.Handler {
	return func(r *sysctl.Request) netbsd.Errno {
		if len(r.Name) != 0 {
			return netbsd.EINVAL
		}
		var now portSet
		n.lock()
		if *set != nil {
			now = **set
		}
		n.unlock()
		if errno := r.Give(now[:]); errno != 0 || r.New == 0 {
			return errno
		}
		b, errno := r.TakeNew()
		if errno != 0 || len(b) != len(now) {
			return netbsd.EINVAL
		}
		n.lock()
		*set = (*portSet)(b)
		n.unlock()
		return 0
	}
}

// portAlgos are the ways in which a free port can be found, as IP_PORTALGO counts
// them. The fake has one only, by chance.
var portAlgos = [...]string{"bsd", "random_start", "random_pick", "hash", "doublehash", "randinc"}

// knownPortAlgo refuses names of others (portalgo_algo_name_select).
func knownPortAlgo(_ *sysctl.Request, v []byte) netbsd.Errno {
	name, _, _ := bytes.Cut(v, []byte{0})
	if !slices.Contains(portAlgos[:], string(name)) {
		return netbsd.EINVAL
	}
	return 0
}

// dropHandler ends a TCP connection, which is named by its two ends, the other
// one first (sysctl_net_inet_tcp_ident).
func (n *Net) dropHandler(family uint8) sysctl.Handler {
	return func(r *sysctl.Request) netbsd.Errno {
		const each = 128 // sizeof(struct sockaddr_storage)
		switch {
		case r.Old != 0 || r.OldLen != 0:
			return netbsd.EINVAL
		case r.New == 0:
			return netbsd.EPERM
		case r.NewLen < 2*each:
			return netbsd.ENOMEM
		case len(r.Name) != 0 || r.NewLen != 2*each:
			return netbsd.EINVAL
		}
		b, errno := r.TakeNew()
		if errno != 0 {
			return errno
		}
		foreign, local := endOf(b[:each], family), endOf(b[each:], family)
		if !foreign.IsValid() || !local.IsValid() {
			return netbsd.EINVAL
		}
		n.lock()
		var found *tcpSocket
		for s := range n.socks {
			if t, ok := s.ep.(*tcpSocket); ok && t.inp.fport == foreign.Port() && t.inp.lport == local.Port() &&
				sameAddr(t.inp.faddr, foreign.Addr()) && sameAddr(t.inp.laddr, local.Addr()) {
				found = t
			}
		}
		n.unlock()
		if found == nil {
			return netbsd.ESRCH
		}
		found.drop(netbsd.ECONNABORTED)
		return 0
	}
}

// endOf is an address with its port, if it is of the family.
func endOf(b []byte, family uint8) netip.AddrPort {
	if b[1] != family {
		return netip.AddrPort{}
	}
	sa, err := netbsd.ParseSockaddr(b[:b[0]&0x7f])
	if err != nil {
		return netip.AddrPort{}
	}
	ap := netbsd.AddrPortOf(sa)
	if a, ok := sa.(netbsd.SockaddrIn6); ok {
		return netip.AddrPortFrom(embed(netip.AddrFrom16(a.Addr), int(a.ScopeID)), ap.Port())
	}
	return ap
}

func sameAddr(a, b netip.Addr) bool { return a.Unmap() == b.Unmap() }

// drop ends a connection for the reason given.
func (t *tcpSocket) drop(errno netbsd.Errno) {
	t.mu.Lock()
	ep := t.ep
	t.mu.Unlock()
	t.s.mu.Lock()
	t.s.err = errno
	t.s.mu.Unlock()
	if ep != nil {
		ep.Abort()
	}
	t.s.sel.Notify()
}
