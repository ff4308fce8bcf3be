package inet

import (
	"encoding/binary"
	"net/netip"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// rawSocket is the endpoint of a raw socket. It is ours and not gVisor's, whose
// would see more than NetBSD's do; gVisor carries its packets.
type rawSocket struct {
	noProtocol
	inp pcb
	s   *socket
	q   msgQueue

	mu         sync.Mutex
	registered bool
	connected  bool
	rcvShut    bool
	sndShut    bool
	hdrincl    bool
	checksum   int // offset for IPV6_CHECKSUM, -1 for none
	filter     netbsd.Icmp6Filter
}

func newRawSocket(s *socket) {
	r := &rawSocket{s: s, checksum: -1}
	r.inp.init(s)
	for i := range r.filter.Filt {
		r.filter.Filt[i] = ^uint32(0)
	}
	if s.family == netbsd.AF_INET6 && s.proto == netbsd.IPPROTO_ICMPV6 {
		r.checksum = 2
	}
	s.ep = r
	r.register()
}

// register makes gVisor show us packets.
func (r *rawSocket) register() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.registered {
		return
	}
	if r.s.proto == netbsd.IPPROTO_TCP || r.s.proto == netbsd.IPPROTO_UDP {
		return // they have sockets of their own
	}
	if st := r.s.n.mirror.stack(); st != nil {
		// It refuses protocols that it does not know; mirror.deliver shows those.
		r.registered = st.RegisterRawTransportEndpoint(netProto(r.s.family), r.gvisorProto(), r) == nil
	}
}

// gvisorProto is the protocol whose packets gVisor is to show: a socket without one
// gets ICMP, too.
func (r *rawSocket) gvisorProto() tcpip.TransportProtocolNumber {
	if r.s.family == netbsd.AF_INET && r.s.proto == 0 {
		return netbsd.IPPROTO_ICMP
	}
	return tcpip.TransportProtocolNumber(r.s.proto)
}

// HandlePacket takes in a packet that gVisor shows us.
func (r *rawSocket) HandlePacket(pkt *stack.PacketBuffer) {
	h := pkt.NetworkHeader().Slice()
	b := make([]byte, 0, pkt.Size())
	for _, s := range pkt.AsSlices() {
		b = append(b, s...)
	}
	r.input(int(pkt.NICID), b, len(h))
}

// rawDeliver shows a packet to the raw sockets that want it.
func (n *Net) rawDeliver(ifp *Interface, family uint8, proto byte, b []byte, header int) (taken bool) {
	n.lock()
	var rs []*rawSocket
	for s := range n.socks {
		if r, ok := s.ep.(*rawSocket); ok && s.family == family && (s.proto == int(proto) || s.proto == 0) {
			rs = append(rs, r)
		}
	}
	n.unlock()
	for _, r := range rs {
		taken = r.input(ifp.index, b, header) || taken
	}
	return taken
}

// input takes in a packet with a header of the given length, if the socket wants it
// (rip_input, rip6_input).
func (r *rawSocket) input(index int, b []byte, hlen int) (taken bool) {
	if r.s.family == netbsd.AF_INET6 {
		return r.input6(index, b, hlen)
	}
	if len(b) < header.IPv4MinimumSize || hlen > len(b) {
		return false
	}
	if b[9] == netbsd.IPPROTO_ICMP {
		if len(b) < hlen+8 || checksum.Checksum(b[hlen:], 0) != 0xffff {
			return false
		}
		switch b[hlen] {
		case 8, 13, 17: // echo, timestamp and mask requests are answered, and nobody else sees them
			return false
		}
	}
	src, dst := netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	n := r.s.n
	n.lock()
	if !n.isOurs(dst) {
		n.unlock()
		return false // it is being forwarded
	}
	wanted := (anyAddr(r.inp.laddr) || r.inp.laddr == dst) && (anyAddr(r.inp.faddr) || r.inp.faddr == src)
	n.unlock()
	if !wanted {
		return false
	}
	p := append([]byte(nil), b...)
	// Programs find the length of what follows the header here, and both in the
	// byte order of the machine.
	binary.LittleEndian.PutUint16(p[2:], uint16(ipLength(b)-hlen))
	binary.LittleEndian.PutUint16(p[6:], binary.BigEndian.Uint16(b[6:]))
	recordRoute(p[header.IPv4MinimumSize:hlen], dst)
	r.put(&message{
		data: p, addr: sinPort(src, 0, netbsd.AF_INET),
		control: r.inp.control(r.s, packetInfo{dst: dst, index: index, ttl: int(b[8])}),
	})
	return true
}

func (r *rawSocket) input6(index int, b []byte, hlen int) (taken bool) {
	if len(b) < ip6Header || hlen > len(b) || hlen < ip6Header {
		return false
	}
	src, dst := embed(netip.AddrFrom16([16]byte(b[8:24])), index), embed(netip.AddrFrom16([16]byte(b[24:40])), index)
	body := b[hlen:]
	if r.s.proto == netbsd.IPPROTO_ICMPV6 {
		plainSrc, plainDst := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
		if len(body) < 4 || in6Checksum(plainSrc, plainDst, protoICMPv6, body) != 0 {
			return false
		}
	}
	n := r.s.n
	n.lock()
	if !n.isOurs(dst) {
		n.unlock()
		return false
	}
	wanted := (anyAddr(r.inp.laddr) || r.inp.laddr == dst) && (anyAddr(r.inp.faddr) || r.inp.faddr == src)
	n.unlock()
	r.mu.Lock()
	if r.s.proto == netbsd.IPPROTO_ICMPV6 && len(body) > 0 && !r.filter.WillPass(body[0]) {
		wanted = false
	}
	r.mu.Unlock()
	if !wanted {
		return false
	}
	tclass := int(b[0]&0xf)<<4 | int(b[1]>>4)
	r.put(&message{
		data: append([]byte(nil), body...), addr: sinPort(src, 0, netbsd.AF_INET6),
		control: r.inp.control(r.s, packetInfo{dst: dst, index: index, ttl: int(b[7]), tclass: tclass}),
	})
	return true
}

// isOurs reports whether a packet to an address is for this kernel.
func (n *Net) isOurs(dst netip.Addr) bool {
	if dst.IsMulticast() {
		return true
	}
	if dst.Is4() {
		return n.inLocal(dst) != nil || n.inBroadcast(dst, nil)
	}
	return n.in6Local(dst) != nil || scoped(dst)
}

func (r *rawSocket) put(m *message) {
	r.s.mu.Lock()
	limit := r.s.rcvBuf
	r.s.mu.Unlock()
	if r.q.put(m, limit) {
		r.s.sel.NotifyHint(kern.Readable)
	}
}

func (r *rawSocket) recv(c *kern.Call, want int, peek bool) (*message, netbsd.Errno) {
	if m := r.q.take(peek); m != nil {
		return m, 0
	}
	if _, _, done := r.q.len(); done {
		return nil, 0
	}
	return nil, netbsd.EWOULDBLOCK
}

func (r *rawSocket) bind(c *kern.Call, a sockaddr) netbsd.Errno {
	n := r.s.n
	n.lock()
	defer n.unlock()
	addr, _, errno := n.socketAddr(&r.inp, a)
	if errno == 0 && (addr.IsMulticast() || addr.Is4In6()) {
		errno = netbsd.EADDRNOTAVAIL
	}
	if errno == 0 {
		errno = n.bindAddr(&r.inp, addr)
	}
	if errno == 0 {
		r.inp.laddr = addr
	}
	return errno
}

func (r *rawSocket) connect(c *kern.Call, a sockaddr) netbsd.Errno {
	n := r.s.n
	n.lock()
	defer n.unlock()
	addr, _, errno := n.looseAddr(&r.inp, a)
	if errno != 0 {
		return errno
	}
	if addr.Is6() && anyAddr(r.inp.laddr) {
		src, errno := n.source(&r.inp, addr)
		if errno != 0 {
			return errno
		}
		r.inp.laddr = src
	}
	r.inp.faddr = addr
	r.mu.Lock()
	r.connected = true
	r.mu.Unlock()
	return 0
}

// disconnect ends the use of an IPv4 socket, too: it can send no more.
func (r *rawSocket) disconnect() {
	n := r.s.n
	n.lock()
	r.inp.faddr = netip.Addr{}
	n.unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connected = false
	if r.s.family == netbsd.AF_INET {
		r.sndShut, r.rcvShut = true, true
		r.q.end()
	}
}

func (r *rawSocket) send(c *kern.Call, m *message) (int, netbsd.Errno) {
	n, p := r.s.n, &r.inp
	r.mu.Lock()
	connected, hdrincl, sumAt := r.connected, r.hdrincl, r.checksum
	r.mu.Unlock()
	if len(m.ask) > 0 && r.s.family == netbsd.AF_INET {
		return 0, netbsd.EINVAL
	}
	if m.addr != nil && connected {
		return 0, netbsd.EISCONN
	}
	data := m.data
	ttl, tos := icmpTTL, 0
	opts := newPacketOpts()
	n.lock()
	dst := p.faddr
	var errno netbsd.Errno
	if m.addr != nil {
		dst, _, errno = n.looseAddr(p, m.addr)
	}
	if errno == 0 && r.s.family == netbsd.AF_INET6 {
		if opts, errno = n.outputOpts(c, p, m.ask); errno == 0 && r.s.proto == netbsd.IPPROTO_ICMPV6 && len(data) < icmp6Header {
			errno = netbsd.ENOBUFS
		}
		if scoped(dst) {
			if _, index := unembed(dst); index == 0 {
				index = opts.index()
				if index == 0 && dst.IsMulticast() {
					index = p.multiIf
				}
				if index == 0 {
					index = n.defaultZone()
				}
				dst = embed(dst, index)
			}
		}
	}
	if errno == 0 && hdrincl {
		if len(data) < header.IPv4MinimumSize || int(binary.LittleEndian.Uint16(data[2:])) != len(data) {
			errno = netbsd.EINVAL
		} else {
			dst = netip.AddrFrom4([4]byte(data[16:20]))
		}
	}
	if errno == 0 && r.s.family == netbsd.AF_INET && len(data)+header.IPv4MinimumSize > 65535 {
		errno = netbsd.EMSGSIZE
	}
	drop := false
	if errno == 0 {
		errno, drop = n.reachable(p, dst)
		if m.direct {
			errno, drop = n.onLink(dst, errno, drop)
		}
	}
	if errno == 0 && !drop && hdrincl && n.tooLongWhole(p, opts, dst, data) {
		errno = netbsd.EMSGSIZE
	}
	src := p.laddr
	if errno == 0 && !drop && r.s.family == netbsd.AF_INET6 {
		var asked netip.Addr
		if asked, errno = opts.source(n, n.wayOut(p, opts, dst)); asked.IsValid() {
			src = asked
		}
	}
	if errno == 0 && !drop && anyAddr(src) {
		src, errno = n.source(p, dst)
	}
	nicID := 0
	_, nicID = unembed(dst)
	if nicID == 0 {
		nicID = opts.index()
	}
	if nicID == 0 && dst.IsMulticast() {
		nicID = p.multiIf
	}
	if r.s.family == netbsd.AF_INET6 {
		ttl = p.ttl
		if dst.IsMulticast() {
			ttl = p.multiTTL
			if ttl < 0 {
				ttl = int(n.set.ip6MultiHopLimit.Load())
			}
		}
		if ttl < 0 {
			ttl = int(n.set.ip6HopLimit.Load())
		}
		if opts.hops >= 0 {
			ttl = opts.hops
		}
		tos = max(opts.tclass, 0)
	} else if dst.IsMulticast() {
		if ttl = p.multiTTL; ttl < 0 {
			ttl = defaultMultiTTL
		}
	}
	loop := p.loop
	n.unlock()
	if errno != 0 || drop {
		return len(m.data), errno
	}
	if sumAt >= 0 && r.s.family == netbsd.AF_INET6 {
		if len(data) < sumAt+2 {
			return 0, netbsd.EINVAL
		}
		plainSrc, _ := unembed(src)
		plainDst, _ := unembed(dst)
		data[sumAt], data[sumAt+1] = 0, 0
		binary.BigEndian.PutUint16(data[sumAt:], in6Checksum(plainSrc, plainDst, byte(r.s.proto), data))
	}
	return len(m.data), n.rawOutput(rawPacket{
		family: r.s.family, proto: r.s.proto, src: src, dst: dst, nic: nicID, ttl: ttl, tos: tos, header: hdrincl, data: data, loop: loop,
	})
}

// tooLongWhole reports whether a packet with a header, which raw sockets have in the
// host's order, may not be cut and is longer than its way out takes.
func (n *Net) tooLongWhole(p *pcb, opts *packetOpts, dst netip.Addr, packet []byte) bool {
	const dontFragment = 0x4000
	if binary.LittleEndian.Uint16(packet[6:])&dontFragment == 0 || n.isLocal(dst) {
		return false
	}
	out := n.wayOut(p, opts, dst)
	return out != nil && len(packet) > out.mtu
}

// rawPacket is a packet that is to be sent.
type rawPacket struct {
	family   uint8
	proto    int
	src, dst netip.Addr // with embedded scopes
	nic      int
	ttl, tos int
	header   bool // data begins with an IPv4 header
	loop     bool
	data     []byte
}

// rawOutput has gVisor send a packet.
func (n *Net) rawOutput(p rawPacket) netbsd.Errno {
	st := n.mirror.stack()
	if st == nil {
		return netbsd.ENETDOWN
	}
	proto := ipv4.ProtocolNumber
	if p.family == netbsd.AF_INET6 {
		proto = ipv6.ProtocolNumber
	}
	src, _ := unembed(p.src)
	dst, _ := unembed(p.dst)
	n.lock()
	own := n.isLocal(p.dst)
	out := n.broadcastOn(p)
	n.unlock()
	if out != nil {
		return out.broadcastOut(p)
	}
	from, to := tcpip.AddrFromSlice(src.AsSlice()), tcpip.AddrFromSlice(dst.AsSlice())
	if p.nic == 0 && st.CheckLocalAddress(0, proto, to) != 0 {
		// Left to itself, gVisor sends this by its loopback interface with an
		// address that is only borrowed there, from which it answers no echo.
		p.nic = int(st.CheckLocalAddress(0, proto, from))
	}
	route, err := st.FindRoute(tcpip.NICID(p.nic), from, to, proto, p.loop)
	if err != nil {
		if own {
			return 0 // it gets as far as the interface, which is down
		}
		return errnoOf(err)
	}
	defer route.Release()
	if p.header {
		pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{
			ReserveHeaderBytes: int(route.MaxHeaderLength()), Payload: buffer.MakeWithData(p.withHeader()),
		})
		defer pkt.DecRef()
		return errnoOf(route.WriteHeaderIncludedPacket(pkt))
	}
	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{
		ReserveHeaderBytes: int(route.MaxHeaderLength()),
		Payload:            buffer.MakeWithData(append([]byte(nil), p.data...)),
	})
	defer pkt.DecRef()
	return errnoOf(route.WritePacket(stack.NetworkHeaderParams{
		Protocol: tcpip.TransportProtocolNumber(p.proto), TTL: uint8(p.ttl), TOS: uint8(p.tos),
	}, pkt))
}

// withHeader is a packet whose header the program has made, with two fields in the
// byte order of the machine.
func (p rawPacket) withHeader() []byte {
	b := append([]byte(nil), p.data...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint16(b[6:], binary.LittleEndian.Uint16(p.data[6:]))
	return b
}

// broadcastOn is the interface through which a packet leaves if it goes to all on
// a link. n.mu is held.
func (n *Net) broadcastOn(p rawPacket) *Interface {
	if !p.dst.Is4() || p.dst.IsUnspecified() || !n.inBroadcast(p.dst, nil) {
		return nil
	}
	for _, ifa := range n.inAddrs {
		if ifa.ifp.ether() && ifa.ifp.broadcast() && (ifa.dst.addr() == p.dst || p.dst == netip.AddrFrom4([4]byte{255, 255, 255, 255})) {
			return ifa.ifp
		}
	}
	return nil
}

// broadcastOut sends a packet to all on a link, which includes ourselves. gVisor
// would answer itself.
func (ifp *Interface) broadcastOut(p rawPacket) netbsd.Errno {
	var b []byte
	if p.header {
		b = p.withHeader()
	} else {
		b = append(make([]byte, header.IPv4MinimumSize), p.data...)
		header.IPv4(b).Encode(&header.IPv4Fields{TOS: uint8(p.tos), TotalLength: uint16(len(b)), TTL: uint8(p.ttl), Protocol: uint8(p.proto)})
	}
	if len(b) > ifp.mtu {
		return netbsd.EMSGSIZE
	}
	h := header.IPv4(b)
	hlen := int(h.HeaderLength())
	if hlen < header.IPv4MinimumSize || hlen > len(b) {
		return netbsd.EINVAL
	}
	n := ifp.n
	n.lock()
	if h.ID() == 0 {
		h.SetID(uint16(n.rand.Uint32()))
	}
	n.unlock()
	if h.SourceAddress() == tcpip.AddrFrom4([4]byte{}) {
		h.SetSourceAddress(tcpip.AddrFrom4(p.src.As4()))
	}
	h.SetDestinationAddress(tcpip.AddrFrom4(p.dst.As4()))
	h.SetChecksum(0)
	h.SetChecksum(^h.CalculateChecksum())
	n.mirror.deliver(ifp, etherIP, b)
	return ifp.output4(p.dst, false, b)
}

func (r *rawSocket) status() status {
	n, msgs, done := r.q.len()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return status{rcv: n, msgs: msgs, room: r.s.sndBuf, hiwat: r.s.sndBuf, connected: r.connected, rcvDone: done || r.rcvShut, sndDone: r.sndShut}
}

func (r *rawSocket) shutdown(how int) netbsd.Errno {
	r.mu.Lock()
	defer r.mu.Unlock()
	if how != netbsd.SHUT_WR {
		r.rcvShut = true
		r.q.shut()
	}
	if how != netbsd.SHUT_RD {
		r.sndShut = true
	}
	return 0
}

func (r *rawSocket) sockname() (sockaddr, netbsd.Errno) {
	n := r.s.n
	n.lock()
	defer n.unlock()
	return r.inp.name(r.inp.laddr, 0), 0
}

func (r *rawSocket) peername() (sockaddr, netbsd.Errno) {
	n := r.s.n
	n.lock()
	defer n.unlock()
	return r.inp.name(r.inp.faddr, 0), 0
}

func (r *rawSocket) setopt(c *kern.Call, level, name int, b []byte) netbsd.Errno {
	if joins(r.s.family, level, name) {
		return r.s.n.setRawMembership(&r.inp, level, name, b)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.s.family == netbsd.AF_INET && level == netbsd.IPPROTO_IP && name == netbsd.IP_HDRINCL:
		v, errno := optInt(b)
		if errno == 0 {
			r.hdrincl = v != 0
		}
		return errno
	case r.s.family == netbsd.AF_INET6 && level == netbsd.SOL_SOCKET && name == netbsd.SO_NOHEADER:
		v, errno := optInt(b)
		if errno == 0 && v == 0 {
			errno = netbsd.EINVAL
		}
		return errno
	case r.s.family == netbsd.AF_INET6 && r.s.proto == netbsd.IPPROTO_ICMPV6 && level == netbsd.IPPROTO_ICMPV6:
		if name != netbsd.ICMP6_FILTER {
			return netbsd.ENOPROTOOPT
		}
		f, err := netbsd.ParseIcmp6Filter(b)
		if err != nil || len(b) != netbsd.SizeofIcmp6Filter {
			return netbsd.EINVAL
		}
		r.filter = f
		return 0
	case r.s.family == netbsd.AF_INET6 && level == netbsd.IPPROTO_IPV6 && name == netbsd.IPV6_CHECKSUM:
		v, errno := optInt(b)
		switch {
		case errno != 0:
			return errno
		case v%2 != 0:
			return netbsd.EINVAL
		case r.s.proto == netbsd.IPPROTO_ICMPV6:
			if v != 2 {
				return netbsd.EINVAL
			}
		default:
			r.checksum = v
		}
		return 0
	}
	return r.s.n.setIPOpt(c, &r.inp, level, name, b)
}

// setRawMembership joins or leaves a group on behalf of a raw socket: gVisor is
// told by interface rather than by socket.
func (n *Net) setRawMembership(p *pcb, level, name int, b []byte) netbsd.Errno {
	add := name == netbsd.IP_ADD_MEMBERSHIP
	n.lock()
	m, errno := n.membership(p, level, b, add)
	n.unlock()
	if errno != 0 {
		return errno
	}
	if errno := n.setMembership(p, nil, level, name, b); errno != 0 {
		return errno
	}
	st := n.mirror.stack()
	if st == nil {
		return 0
	}
	proto, group := netProto(p.s.family), tcpip.AddrFromSlice(m.group.AsSlice())
	if add {
		return errnoOf(st.JoinGroup(proto, tcpip.NICID(m.index), group))
	}
	return errnoOf(st.LeaveGroup(proto, tcpip.NICID(m.index), group))
}

func (r *rawSocket) getopt(level, name int) ([]byte, netbsd.Errno) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.s.family == netbsd.AF_INET && level == netbsd.IPPROTO_IP && name == netbsd.IP_HDRINCL:
		return flagValue(r.hdrincl), 0
	case r.s.proto == netbsd.IPPROTO_ICMPV6 && level == netbsd.IPPROTO_ICMPV6 && name == netbsd.ICMP6_FILTER:
		return r.filter.Append(nil), 0
	case r.s.family == netbsd.AF_INET6 && level == netbsd.IPPROTO_IPV6 && name == netbsd.IPV6_CHECKSUM:
		return intValue(r.checksum), 0
	}
	return r.s.n.getIPOpt(&r.inp, level, name)
}

func (r *rawSocket) close() {
	r.mu.Lock()
	registered := r.registered
	r.registered = false
	r.mu.Unlock()
	if registered {
		if st := r.s.n.mirror.st.Load(); st != nil {
			st.UnregisterRawTransportEndpoint(netProto(r.s.family), r.gvisorProto(), r)
		}
	}
	r.q.shut()
}
