package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A routeSocket is the endpoint of a socket of AF_ROUTE: through it messages
// change the routing table, and all changes are told.
type routeSocket struct {
	noProtocol
	s     *socket
	proto uint8 // the family whose messages are wanted, 0 for all
	q     msgQueue
	shut  bool
	gone  bool // it has been disconnected
}

// routeAddr is what a routing socket's messages come from (route_src).
var routeAddr = sockaddr{2, netbsd.AF_ROUTE}

func newRouteSocket(s *socket) {
	r := &routeSocket{s: s, proto: uint8(s.proto)}
	s.ep = r
	s.opts |= netbsd.SO_USELOOPBACK
	s.n.lock()
	s.n.rtsocks[r] = struct{}{}
	s.n.unlock()
}

// enqueue gives a message to the socket if it wants the family's.
func (r *routeSocket) enqueue(b []byte, family uint8) {
	if r.proto != 0 && family != 0 && r.proto != family {
		return
	}
	r.s.arrive(&r.q, &message{data: b, addr: routeAddr})
}

func (r *routeSocket) recv(c *kern.Call, want int, peek bool) (*message, netbsd.Errno) {
	return r.q.recv(peek)
}

func (r *routeSocket) send(c *kern.Call, m *message) (int, netbsd.Errno) {
	if len(m.ask) > 0 {
		return 0, netbsd.EINVAL
	}
	if m.addr != nil {
		return 0, netbsd.EISCONN
	}
	if len(m.data) < 4 {
		return 0, netbsd.ENOBUFS
	}
	return len(m.data), r.s.n.routeOutput(c, r, m.data)
}

func (r *routeSocket) status() status {
	n, msgs, done := r.q.len()
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return status{rcv: n, msgs: msgs, room: r.s.sndBuf, hiwat: r.s.sndBuf, rcvDone: done, sndDone: r.shut, connected: !r.gone}
}

// disconnect makes the socket useless, as it does a raw one.
func (r *routeSocket) disconnect() {
	r.s.mu.Lock()
	r.gone, r.shut = true, true
	r.s.mu.Unlock()
	r.q.end()
}

func (r *routeSocket) shutdown(how int) netbsd.Errno {
	if how != netbsd.SHUT_WR {
		r.q.shut()
	}
	if how != netbsd.SHUT_RD {
		r.s.mu.Lock()
		r.shut = true
		r.s.mu.Unlock()
	}
	r.s.sel.Notify()
	return 0
}

func (r *routeSocket) sockname() (sockaddr, netbsd.Errno) { return routeAddr, 0 }
func (r *routeSocket) peername() (sockaddr, netbsd.Errno) { return routeAddr, 0 }

func (r *routeSocket) close() {
	n := r.s.n
	n.lock()
	delete(n.rtsocks, r)
	n.unlock()
	r.q.shut()
}

// routeOutput carries out a message that a client has sent (route_output).
func (n *Net) routeOutput(c *kern.Call, from *routeSocket, b []byte) netbsd.Errno {
	n.lock()
	defer n.commit()
	n.setCaller(c)
	n.answering = true
	var info routeInfo
	var errno netbsd.Errno
	reply := append([]byte(nil), b...)
	if len(b) < netbsd.SizeofRtMsghdr || messageLen(b) != len(b) {
		return n.answer(from, reply, 0, netbsd.EINVAL) // as it came
	}
	h, _ := netbsd.ParseRtMsghdr(b)
	if h.Version != netbsd.RTM_VERSION {
		errno = netbsd.EPROTONOSUPPORT
	} else {
		h.Pid = n.pid()
		addrs, ok := parseAddrs(h.Type, b[netbsd.SizeofRtMsghdr:], h.Addrs)
		info.addrs, info.flags = addrs, h.Flags
		dst, gw := addrs[netbsd.RTAX_DST], addrs[netbsd.RTAX_GATEWAY]
		switch {
		case !ok, dst == nil, dst.family() >= netbsd.AF_MAX, gw != nil && gw.family() >= netbsd.AF_MAX:
			errno = netbsd.EINVAL
		case h.Type != netbsd.RTM_GET && n.privileged(c) != 0:
			errno = netbsd.EACCES
		default:
			var out *reportMessage
			out, errno = n.routeRequest(&h, &info)
			if out != nil {
				reply = out.append()
				h = out.h
			}
		}
	}
	if errno != 0 {
		h.Errno = int32(errno)
	} else {
		h.Flags |= netbsd.RTF_DONE
	}
	version := h.Version
	h.Msglen = uint16(len(reply))
	h.Append(reply[:0])
	reply[2] = version
	return n.answer(from, reply, info.addrs[netbsd.RTAX_DST].family(), errno)
}

// answer tells routing sockets what has come of a message, and among them that from
// which it came unless it does not want that.
func (n *Net) answer(from *routeSocket, reply []byte, family uint8, errno netbsd.Errno) netbsd.Errno {
	unsaid := n.unsaid
	n.answering, n.unsaid = false, nil
	defer func() {
		for _, f := range unsaid {
			f()
		}
	}()
	if !from.s.option(netbsd.SO_USELOOPBACK) {
		if len(n.rtsocks) > 1 {
			n.announce(reply, family, from)
		}
		return errno
	}
	n.announce(reply, family, nil)
	return errno
}

// A reportMessage is the answer to a message, which tells of a route.
type reportMessage struct {
	h     netbsd.RtMsghdr
	addrs [netbsd.RTAX_MAX]sockaddr
}

func (m *reportMessage) append() []byte {
	b, bits := appendAddrs(make([]byte, netbsd.SizeofRtMsghdr, 256), &m.addrs)
	m.h.Msglen, m.h.Version, m.h.Addrs = uint16(len(b)), netbsd.RTM_VERSION, bits
	m.h.Append(b[:0])
	return b
}

// report makes the answer about a route (route_output_report).
func (n *Net) report(rt *route, h netbsd.RtMsghdr, addrs [netbsd.RTAX_MAX]sockaddr) *reportMessage {
	if h.Addrs&(netbsd.RTA_IFP|netbsd.RTA_IFA) != 0 {
		if rt.ifp != nil {
			addrs[netbsd.RTAX_IFP] = rt.ifp.dl.addr
			addrs[netbsd.RTAX_IFA] = rt.ifa.addr
			addrs[netbsd.RTAX_BRD] = nil
			if rt.ifp.pointopoint() {
				addrs[netbsd.RTAX_BRD] = rt.ifa.dst
			}
			h.Index = uint16(rt.ifp.index)
		} else {
			addrs[netbsd.RTAX_IFP], addrs[netbsd.RTAX_IFA] = nil, nil
		}
	}
	n.header(rt, &h)
	return &reportMessage{h, addrs}
}

// routeRequest carries out what a message asks for.
func (n *Net) routeRequest(h *netbsd.RtMsghdr, info *routeInfo) (*reportMessage, netbsd.Errno) {
	dst, gw := info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_GATEWAY]
	about := func(rt *route) [netbsd.RTAX_MAX]sockaddr {
		a := info.addrs
		a[netbsd.RTAX_DST], a[netbsd.RTAX_GATEWAY], a[netbsd.RTAX_NETMASK], a[netbsd.RTAX_TAG] = rt.key, rt.gateway, rt.mask, rt.tag
		return a
	}
	switch h.Type {
	case netbsd.RTM_ADD:
		if gw == nil {
			return nil, netbsd.EINVAL
		}
		if gw.family() == netbsd.AF_LINK && len(gw) >= 8 && (gw[5] != 0 || gw[6] != 0 || gw[7] != 0) {
			index := gw.linkIndex()
			proxy := dst.family() == netbsd.AF_INET && len(dst) >= 16 && dst[12]&sinProxy != 0
			found := true
			if index == 0 || proxy {
				index, found = n.neighbourInterface(info)
			}
			if found {
				return nil, n.changeNeighbour(h.Type, h.Flags, h.Rmx.Expire, info, index)
			}
		}
		rt, errno := n.rtrequest(netbsd.RTM_ADD, info)
		if errno == 0 {
			n.setMetrics(rt, h)
		}
		return nil, errno
	case netbsd.RTM_DELETE:
		if gw.family() == netbsd.AF_LINK && h.Flags&netbsd.RTF_LLDATA != 0 {
			return nil, n.changeNeighbour(h.Type, h.Flags, h.Rmx.Expire, info, 0)
		}
		rt, errno := n.rtrequest(netbsd.RTM_DELETE, info)
		if errno != 0 {
			return nil, errno
		}
		return n.report(rt, *h, about(rt)), 0
	case netbsd.RTM_GET, netbsd.RTM_CHANGE, netbsd.RTM_LOCK:
		rt, errno := n.rtrequest(netbsd.RTM_GET, info)
		if errno != 0 {
			return nil, errno
		}
		if h.Type != netbsd.RTM_GET {
			if !dst.equal(rt.key) {
				return nil, netbsd.ESRCH
			}
			if info.addrs[netbsd.RTAX_NETMASK] == nil && rt.mask != nil {
				return nil, netbsd.ETOOMANYREFS
			}
		}
		if h.Type == netbsd.RTM_GET {
			if (h.Flags&netbsd.RTF_LLDATA != 0 || h.Flags&netbsd.RTF_UP == 0) && !rt.key.equal(dst) {
				a := info.addrs
				static := false
				a[netbsd.RTAX_GATEWAY], static = n.neighbourGateway(rt.ifp, dst)
				m := n.report(rt, *h, a)
				m.h.Flags |= netbsd.RTF_LLDATA
				if static {
					m.h.Flags |= netbsd.RTF_STATIC
				}
				return m, 0
			}
			return n.report(rt, *h, about(rt)), 0
		}
		if h.Type == netbsd.RTM_CHANGE {
			if errno := n.changeRoute(rt, h, info); errno != 0 {
				return nil, errno
			}
		}
		rt.rmx.Locks &^= uint64(uint32(h.Inits))
		rt.rmx.Locks |= uint64(uint32(h.Inits)) & h.Rmx.Locks
		return nil, 0
	}
	return nil, netbsd.EOPNOTSUPP
}

// changeRoute carries out RTM_CHANGE.
func (n *Net) changeRoute(rt *route, h *netbsd.RtMsghdr, info *routeInfo) netbsd.Errno {
	if errno := n.routeIfa(info); errno != 0 {
		return errno
	}
	if gw := info.addrs[netbsd.RTAX_GATEWAY]; gw != nil {
		n.setGate(rt, gw)
	}
	if tag := info.addrs[netbsd.RTAX_TAG]; tag != nil {
		rt.tag = tag
	}
	ifa, ifp := n.changedIfa(rt, info)
	if ifa != nil && ifa != rt.ifa {
		if rt.ifa != nil && rt.ifa.rtrequest != nil {
			rt.ifa.rtrequest(netbsd.RTM_DELETE, rt, info)
		}
		rt.replaceIfa(ifa)
		rt.ifp = ifp
	}
	if ifp != nil {
		rt.ifp = ifp
	}
	n.setMetrics(rt, h)
	const preserved = netbsd.RTF_UP | netbsd.RTF_GATEWAY | netbsd.RTF_HOST | netbsd.RTF_DONE | netbsd.RTF_MASK
	rt.flags = info.flags&^preserved | rt.flags&preserved
	if rt.ifa != nil && rt.ifa.rtrequest != nil {
		rt.ifa.rtrequest(netbsd.RTM_ADD, rt, info)
	}
	return 0
}

// changedIfa finds the address and the interface that a changed route has from
// now on (route_output_get_ifa).
func (n *Net) changedIfa(rt *route, info *routeInfo) (ifa *ifaddr, ifp *Interface) {
	gw, a := info.addrs[netbsd.RTAX_GATEWAY], info.addrs[netbsd.RTAX_IFA]
	if p := info.addrs[netbsd.RTAX_IFP]; p != nil {
		if found := n.ifaWithNet(p); found != nil {
			ifp = found.ifp
			if a != nil || gw != nil {
				if a == nil {
					ifa = ifp.ifaFor(gw)
				} else if ifa = n.ifaWithAddr(a); ifa == nil {
					ifa = ifp.ifaFor(a)
				}
				return ifa, ifp
			}
		}
	}
	if a != nil {
		ifa = n.ifaWithAddr(a)
	}
	if ifa == nil && gw != nil {
		ifa = n.ifaWithRoute(rt.flags, rt.key, gw)
	}
	if ifa != nil && ifp == nil {
		ifp = ifa.ifp
	}
	return ifa, ifp
}

// setMetrics takes those metrics from a message which it initialises.
func (n *Net) setMetrics(rt *route, h *netbsd.RtMsghdr) {
	for _, m := range []struct {
		bit      int32
		to, from *uint64
	}{
		{netbsd.RTV_RPIPE, &rt.rmx.Recvpipe, &h.Rmx.Recvpipe},
		{netbsd.RTV_SPIPE, &rt.rmx.Sendpipe, &h.Rmx.Sendpipe},
		{netbsd.RTV_SSTHRESH, &rt.rmx.Ssthresh, &h.Rmx.Ssthresh},
		{netbsd.RTV_RTT, &rt.rmx.Rtt, &h.Rmx.Rtt},
		{netbsd.RTV_RTTVAR, &rt.rmx.Rttvar, &h.Rmx.Rttvar},
		{netbsd.RTV_HOPCOUNT, &rt.rmx.Hopcount, &h.Rmx.Hopcount},
		{netbsd.RTV_MTU, &rt.rmx.Mtu, &h.Rmx.Mtu},
	} {
		if h.Inits&m.bit != 0 {
			*m.to = *m.from
		}
	}
	if h.Inits&netbsd.RTV_EXPIRE != 0 {
		rt.rmx.Expire = 0
		if h.Rmx.Expire != 0 {
			rt.rmx.Expire = n.mono(h.Rmx.Expire)
		}
	}
}

// neighbourInterface finds the interface on whose link the destination of a message is
// (route_get_sdl_index).
func (n *Net) neighbourInterface(info *routeInfo) (index int, ok bool) {
	rt, errno := n.rtrequest(netbsd.RTM_GET, info)
	if errno != 0 {
		return 0, false
	}
	// The kernel takes the gateway for a link address even if it is none.
	return rt.gateway.linkIndex(), true
}

// neighbourGateway is a neighbour's hardware address, as far as it is known
// (route_get_sdl).
func (n *Net) neighbourGateway(ifp *Interface, dst sockaddr) (gw sockaddr, static bool) {
	if t := ifp.table(dst.family()); t != nil {
		if e := t.find(dst.addr()); e != nil {
			return e.linkAddr(), e.static
		}
	}
	return sdl(ifp.index, ifp.typ, "", nil, 8+ifp.addrlen()), false
}
