package inet

import (
	"encoding/binary"
	"strings"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Plug puts the network into a kernel: its system calls and its part of the
// sysctl tree, whose components must have been enabled.
func (n *Net) Plug(k *kern.Kernel) {
	n.register(&k.Table)
	t := k.Sysctl
	n.connect(t)
	n.tree = t
	if n.cfg.Net {
		t.Handle("net.route.rtable", n.sysctlRoute)
		t.Handle("net.oroute.rtable", func(r *sysctl.Request) netbsd.Errno {
			if len(r.Name) == 1 && r.Name[0] == netbsd.CTL_QUERY {
				return r.Default()
			}
			if r.New != 0 {
				return netbsd.EPERM
			}
			return netbsd.EINVAL // old programs knew other messages
		})
		n.lock()
		for _, ifp := range n.ifs {
			n.addNodes(ifp)
		}
		n.unlock()
	}
	handle := func(name string, h sysctl.Handler) {
		if n.has(name) {
			t.Handle(name, h)
		}
	}
	handle("net.inet.tcp.pcblist", n.pcbHandler(netbsd.AF_INET, netbsd.IPPROTO_TCP, 0))
	handle("net.inet.udp.pcblist", n.pcbHandler(netbsd.AF_INET, netbsd.IPPROTO_UDP, 0))
	handle("net.inet.raw.pcblist", n.pcbHandler(netbsd.AF_INET, 0, netbsd.SOCK_RAW))
	handle("net.inet6.tcp6.pcblist", n.pcbHandler(netbsd.AF_INET6, netbsd.IPPROTO_TCP, 0))
	handle("net.inet6.udp6.pcblist", n.pcbHandler(netbsd.AF_INET6, netbsd.IPPROTO_UDP, 0))
	handle("net.inet6.raw6.pcblist", n.pcbHandler(netbsd.AF_INET6, 0, netbsd.SOCK_RAW))
	// Their nodes are there without the domain, too.
	handle("net.local.stream.pcblist", n.pcbHandler(netbsd.AF_LOCAL, 0, netbsd.SOCK_STREAM))
	handle("net.local.dgram.pcblist", n.pcbHandler(netbsd.AF_LOCAL, 0, netbsd.SOCK_DGRAM))
	handle("net.local.seqpacket.pcblist", n.pcbHandler(netbsd.AF_LOCAL, 0, netbsd.SOCK_SEQPACKET))
	handle("net.inet6.icmp6.nd6_drlist", n.sysctlRouters)
	handle("net.inet6.icmp6.nd6_prlist", n.sysctlPrefixes)
	n.plugMore(t)
	shareSettings(t)
	n.plugChecks(t)
	for _, name := range []string{"net.inet.tcp.ident", "net.inet6.tcp6.ident"} {
		handle(name, func(*sysctl.Request) netbsd.Errno { return netbsd.EINVAL }) // it wants to know of a connection
	}
	for name, stats := range n.statNodes() {
		handle(name, func(r *sysctl.Request) netbsd.Errno {
			if errno := readOnly(r); errno != 0 {
				return errno
			}
			return r.Give(stats().Append(nil))
		})
	}
}

// has reports whether the kernel's components have a node.
func (n *Net) has(name string) bool {
	switch {
	case len(name) > 9 && name[:9] == "net.inet.":
		return n.cfg.INET
	case strings.HasPrefix(name, "net.inet6.tcp6."): // TCP is one component
		return n.cfg.INET
	case len(name) > 10 && name[:10] == "net.inet6.":
		return n.cfg.INET6
	}
	return true
}

// sysctlRoute gives the tables of net.route (sysctl_rtable). Each message is
// copied out by itself, as far as there is room.
func (n *Net) sysctlRoute(r *sysctl.Request) netbsd.Errno {
	if len(r.Name) == 1 && r.Name[0] == netbsd.CTL_QUERY {
		return r.Default()
	}
	if r.New != 0 {
		return netbsd.EPERM
	}
	if len(r.Name) != 3 {
		return netbsd.EINVAL
	}
	msgs, errno := n.RouteTable(uint8(r.Name[0]), int(r.Name[1]), int(r.Name[2]))
	if errno != 0 {
		return errno
	}
	var needed uint64
	room, used := r.OldLen, uint64(0)
	for _, m := range msgs {
		needed += uint64(len(m))
		if r.Old != 0 && needed <= room {
			if errno := r.Copyout(r.Old+used, m); errno != 0 {
				return errno
			}
			used += uint64(len(m))
		}
	}
	if r.Old == 0 {
		r.OldLen = 11 * needed / 10
		return 0
	}
	r.OldLen = used
	if used < needed {
		return netbsd.ENOMEM
	}
	return 0
}

// addNodes makes the nodes below net.interfaces that each interface has.
func (n *Net) addNodes(ifp *Interface) {
	if n.tree == nil || ifp.name == "lo0" {
		return
	}
	t, base := n.tree, "net.interfaces."+ifp.name
	node := func(parent, name string, typ uint32, value []byte) {
		t.Add(parent, sysctl.Node{Num: netbsd.CTL_CREATE, Name: name, Flags: typ, Size: uint64(len(value)), Value: value})
	}
	const dir, ro, rw = netbsd.CTLTYPE_NODE, netbsd.CTLTYPE_INT, netbsd.CTLTYPE_INT | netbsd.CTLFLAG_READWRITE
	zero := make([]byte, 4)
	node("net.interfaces", ifp.name, dir, nil)
	node(base, "sndq", dir, nil)
	node(base+".sndq", "len", ro, zero)
	node(base+".sndq", "maxlen", rw, binary.LittleEndian.AppendUint32(nil, 256))
	node(base+".sndq", "drops", ro, zero)
}

func (n *Net) removeNodes(ifp *Interface) {
	if n.tree != nil {
		n.tree.Remove("net.interfaces." + ifp.name)
	}
}

// pcbSlop is how many more sockets are reported as wanting room than there are
// (PCB_SLOP).
const pcbSlop = 20

// pcbHandler gives the sockets of a kind (sysctl_inpcblist, sysctl_unpcblist).
func (n *Net) pcbHandler(family uint8, proto, typ int) sysctl.Handler {
	return func(r *sysctl.Request) netbsd.Errno {
		if len(r.Name) == 1 && r.Name[0] == netbsd.CTL_QUERY {
			if family == netbsd.AF_LOCAL {
				return netbsd.ENOTDIR // the node calls itself a leaf
			}
			return r.Default()
		}
		if len(r.Name) != 4 {
			return netbsd.EINVAL
		}
		size, count := uint64(netbsd.SizeofKinfoPcb), uint64(1<<31)
		if r.Old != 0 {
			size, count = uint64(uint32(r.Name[2])), uint64(uint32(r.Name[3]))
			if size != netbsd.SizeofKinfoPcb {
				return netbsd.EINVAL
			}
		}
		var needed, used uint64
		for _, k := range n.kinfoPcbs(family, proto, typ) {
			if r.Old != 0 && used+size <= r.OldLen && count > 0 {
				if errno := r.Copyout(r.Old+used, k.Append(nil)[:size]); errno != 0 {
					return errno
				}
				used += size
			}
			if count > 0 {
				needed += size
				if count != 1<<31 {
					count--
				}
			}
		}
		if r.Old == 0 {
			needed += pcbSlop * size
			r.OldLen = needed
			return 0
		}
		if used < needed {
			r.OldLen = needed
			return netbsd.ENOMEM
		}
		r.OldLen = needed
		return 0
	}
}

// kinfoPcbs tells of the sockets of a kind.
func (n *Net) kinfoPcbs(family uint8, proto, typ int) []netbsd.KinfoPcb {
	n.lock()
	var socks []*socket
	for s := range n.socks {
		if s.family == family && (proto == 0 || s.proto == proto) && (typ == 0 && s.typ != netbsd.SOCK_RAW || s.typ == typ) {
			socks = append(socks, s)
		}
	}
	n.unlock()
	sortSockets(socks)
	out := make([]netbsd.KinfoPcb, 0, len(socks))
	for _, s := range socks {
		st := s.ep.status()
		k := netbsd.KinfoPcb{
			Pcbaddr: s.id<<8 | 0xffff800000000000, Ppcbaddr: s.id<<8 | 0xffff800000000000, Sockaddr: s.id<<8 | 0xffff800000000080,
			Family: uint32(s.family), Type: uint32(s.typ), Protocol: uint32(s.proto), Rcvq: uint64(st.rcv), Sndq: uint64(st.snd),
		}
		if a, errno := s.ep.sockname(); errno == 0 {
			k.Src, _ = netbsd.ParseSockaddr(a)
		}
		if family != netbsd.AF_LOCAL {
			// 1 is attached, 2 bound, 3 connected.
			k.Prstate = 1
			if ap := netbsd.AddrPortOf(k.Src); ap.Port() != 0 {
				k.Prstate = 2
			}
			if st.connected {
				k.Prstate = 3
				if a, errno := s.ep.peername(); errno == 0 {
					k.Dst, _ = netbsd.ParseSockaddr(a)
				}
			}
		} else if st.connected {
			if a, errno := s.ep.peername(); errno == 0 && len(a) > 2 {
				k.Dst, _ = netbsd.ParseSockaddr(a)
			}
			if l, ok := s.ep.(*localSocket); ok {
				l.lock()
				if l.peer != nil {
					k.Conn = l.peer.s.id<<8 | 0xffff800000000000
				}
				l.unlock()
			}
		}
		if st.connected {
			k.Sostate |= soIsConnected
		}
		if st.rcvDone {
			k.Sostate |= soCantRcvMore
		}
		if st.sndDone {
			k.Sostate |= soCantSendMore
		}
		if t, ok := s.ep.(*tcpSocket); ok {
			t.mu.Lock()
			k.Tstate = int32(t.tcpState())
			t.mu.Unlock()
		}
		out = append(out, k)
	}
	return out
}

// States of a socket, from <sys/socketvar.h>.
const (
	soIsConnected  = 0x2
	soCantSendMore = 0x10
	soCantRcvMore  = 0x20
)

// sysctlRouters gives the default routers (fill_drlist).
func (n *Net) sysctlRouters(r *sysctl.Request) netbsd.Errno {
	if errno := readOnly(r); errno != 0 {
		return errno
	}
	n.lock()
	var b []byte
	for _, d := range n.in6.routers {
		a, _ := unembed(d.addr)
		e := netbsd.In6Defrouter{
			Rtaddr: netbsd.SockaddrIn6{Addr: a.As16(), ScopeID: uint32(d.ifp.index)}, Flags: d.flags, Rtlifetime: d.lifetime,
			Expire: uint64(n.wall(d.expire)), IfIndex: uint16(d.ifp.index),
		}
		b = e.Append(b)
	}
	n.unlock()
	return r.Give(b)
}

// sysctlPrefixes gives the prefixes of all links (fill_prlist).
func (n *Net) sysctlPrefixes(r *sysctl.Request) netbsd.Errno {
	if errno := readOnly(r); errno != 0 {
		return errno
	}
	n.lock()
	var b []byte
	for _, pr := range n.in6.prefixes {
		a, index := unembed(pr.prefix)
		e := netbsd.In6PrefixRouters{Prefix: netbsd.In6Prefix{
			Prefix: netbsd.SockaddrIn6{Addr: a.As16(), ScopeID: uint32(index)}, Prefixlen: uint8(pr.plen), Vltime: pr.vltime, Pltime: pr.pltime,
			Refcnt: int32(pr.refs), IfIndex: uint16(pr.ifp.index), Origin: netbsd.PR_ORIG_RA,
		}}
		if pr.onlink {
			e.Prefix.Raflags[0] |= 1
		}
		if pr.auto {
			e.Prefix.Raflags[0] |= 2
		}
		if x := pr.expire(); x != 0 {
			e.Prefix.Expire = n.wall(x)
		}
		if pr.routed {
			e.Prefix.Flags |= 1
		}
		if pr.detached {
			e.Prefix.Flags |= 2
		}
		for _, d := range pr.routers {
			a, _ := unembed(d.addr)
			e.Routers = append(e.Routers, netbsd.SockaddrIn6{Addr: a.As16(), ScopeID: uint32(d.ifp.index)})
		}
		b = e.Append(b)
	}
	n.unlock()
	return r.Give(b)
}

// readOnly refuses what cannot be asked of a table.
func readOnly(r *sysctl.Request) netbsd.Errno {
	switch {
	case len(r.Name) > 0:
		return netbsd.EINVAL
	case r.New != 0:
		return netbsd.EPERM
	}
	return 0
}
