package inet

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"golang.org/x/time/rate"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

// icmpTTL is the TTL of ICMP messages that the kernel makes (MAXTTL).
const icmpTTL = 255

// mirror keeps gVisor's view of interfaces, addresses and routes equal to ours.
// gVisor's stack is made when a socket or a packet needs it.
type mirror struct {
	n       *Net
	changed bool // a setting has; protected by Net.mu

	st atomic.Pointer[stack.Stack]

	mu     sync.Mutex // held while gVisor is told
	dirty  atomic.Bool
	closed bool
	nics   map[int]*nic
	routes []tcpip.Route
	fwd4   bool
	fwd6   bool
}

// nic is what gVisor knows of an interface.
type nic struct {
	link  *link
	up    bool
	addrs map[netip.Addr]int // with the length of their prefix
}

// stack returns gVisor's stack, which it makes if there is none yet.
func (m *mirror) stack() *stack.Stack {
	if st := m.st.Load(); st != nil {
		return st
	}
	m.mu.Lock()
	if m.st.Load() == nil && !m.closed {
		m.st.Store(m.newStack())
		m.nics = make(map[int]*nic)
	}
	m.mu.Unlock()
	m.sync(true)
	return m.st.Load()
}

func (m *mirror) newStack() *stack.Stack {
	opts := stack.Options{
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
		Clock:              stackClock{m.n.clock, m.n.boot},
		HandleLocal:        true,
	}
	if m.n.cfg.INET {
		opts.NetworkProtocols = append(opts.NetworkProtocols, ipv4.NewProtocol)
		opts.TransportProtocols = append(opts.TransportProtocols, icmp.NewProtocol4)
	}
	if m.n.cfg.INET6 {
		opts.NetworkProtocols = append(opts.NetworkProtocols, ipv6.NewProtocolWithOptions(ipv6.Options{
			NDPConfigs: ipv6.NDPConfigurations{HandleRAs: ipv6.HandlingRAsDisabled},
		}))
		opts.TransportProtocols = append(opts.TransportProtocols, icmp.NewProtocol6)
	}
	st := stack.New(opts)
	st.SetICMPLimit(rate.Inf)
	if m.n.cfg.INET6 {
		st.RegisterRawTransportEndpoint(ipv6.ProtocolNumber, header.ICMPv6ProtocolNumber, nodeInfo{m.n})
	}
	if m.n.cfg.INET {
		ttl := tcpip.DefaultTTLOption(icmpTTL)
		st.SetNetworkProtocolOption(ipv4.ProtocolNumber, &ttl)
		st.SetTransportProtocolHandler(udp.ProtocolNumber, m.n.unwanted)
	}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: 1, Default: tcpBuffer, Max: tcpBuffer}
	st.SetTransportProtocolOption(tcp.ProtocolNumber, &send)
	recv := tcpip.TCPReceiveBufferSizeRangeOption{Min: 1, Default: tcpBuffer, Max: tcpBuffer}
	st.SetTransportProtocolOption(tcp.ProtocolNumber, &recv)
	sack := tcpip.TCPSACKEnabled(true)
	st.SetTransportProtocolOption(tcp.ProtocolNumber, &sack)
	moderate := tcpip.TCPModerateReceiveBufferOption(true)
	st.SetTransportProtocolOption(tcp.ProtocolNumber, &moderate)
	return st
}

// tcpBuffer is the size of TCP's buffers: that to which they grow in NetBSD
// (net.inet.tcp.recvbuf_max), whatever getsockopt(2) tells. A window's scale follows
// from it. With more, what is on its way could fill a bus, and a kernel that is held
// up would lose frames.
const tcpBuffer = 256 << 10

// sync tells gVisor what has changed. If wait is not set and somebody else is at
// it, it is left to them.
func (m *mirror) sync(wait bool) {
	if m.st.Load() == nil {
		return
	}
	m.dirty.Store(true)
	for m.dirty.Load() {
		if wait {
			m.mu.Lock()
		} else if !m.mu.TryLock() {
			return
		}
		for m.dirty.Swap(false) && !m.closed {
			m.apply()
		}
		m.mu.Unlock()
	}
}

// close ends gVisor's stack.
func (m *mirror) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if st := m.st.Load(); st != nil {
		st.Close()
		for id := range m.nics {
			st.RemoveNIC(tcpip.NICID(id))
		}
		st.Wait()
	}
}

// wanted is what gVisor is to know of an interface.
type wanted struct {
	ifp   *Interface
	loop  bool
	up    bool
	mtu   int
	addrs map[netip.Addr]int
}

// apply makes gVisor's view equal to ours.
func (m *mirror) apply() {
	n, st := m.n, m.st.Load()
	n.lock()
	want := make(map[int]wanted, len(n.ifs))
	for _, ifp := range n.ifs {
		w := wanted{ifp: ifp, loop: ifp.loopback(), up: ifp.upRunning(), mtu: ifp.mtu, addrs: make(map[netip.Addr]int)}
		for _, ifa := range ifp.addrs {
			switch ifa.family {
			case netbsd.AF_INET:
				unusable := int32(netbsd.IN_IFF_DUPLICATED | netbsd.IN_IFF_DETACHED)
				if ifp.typ == netbsd.IFT_CARP && ifp.up() {
					unusable = netbsd.IN_IFF_DUPLICATED // one that was down once stays detached
				}
				if ifa.iff&unusable == 0 && !ifa.addr.addr().IsUnspecified() {
					w.addrs[ifa.addr.addr()] = ifa.plen()
				}
			case netbsd.AF_INET6:
				if ifa.in6Ready() && n.cfg.INET6 {
					a, _ := unembed(ifa.addr.addr())
					w.addrs[a] = ifa.plen()
				}
			}
		}
		want[ifp.index] = w
	}
	routes := n.stackRoutes()
	fwd4, fwd6 := n.set.ipForwarding.Load() != 0, n.set.ip6Forwarding.Load() != 0
	n.unlock()

	for id, have := range m.nics {
		if w, ok := want[id]; !ok || w.ifp != have.link.ifp {
			st.RemoveNIC(tcpip.NICID(id))
			delete(m.nics, id)
		}
	}
	for id, w := range want {
		have := m.nics[id]
		if have == nil {
			have = &nic{link: &link{ifp: w.ifp, loop: w.loop}, addrs: make(map[netip.Addr]int)}
			have.link.mtu.Store(uint32(w.mtu))
			st.CreateNICWithOptions(tcpip.NICID(id), have.link, stack.NICOptions{Name: w.ifp.name, Disabled: true})
			m.nics[id] = have
		}
		if have.link.mtu.Load() != uint32(w.mtu) {
			st.SetNICMTU(tcpip.NICID(id), uint32(w.mtu))
			have.link.mtu.Store(uint32(w.mtu))
		}
		if have.up && !w.up {
			st.DisableNIC(tcpip.NICID(id))
			have.up = false
		}
		for a, plen := range have.addrs {
			if p, ok := w.addrs[a]; !ok || p != plen {
				st.RemoveAddress(tcpip.NICID(id), tcpip.AddrFromSlice(a.AsSlice()))
				delete(have.addrs, a)
			}
		}
		for a, plen := range w.addrs {
			if _, ok := have.addrs[a]; ok {
				continue
			}
			proto := ipv4.ProtocolNumber
			if a.Is6() {
				proto = ipv6.ProtocolNumber
			}
			st.AddProtocolAddress(tcpip.NICID(id), tcpip.ProtocolAddress{
				Protocol:          proto,
				AddressWithPrefix: tcpip.AddressWithPrefix{Address: tcpip.AddrFromSlice(a.AsSlice()), PrefixLen: plen},
			}, stack.AddressProperties{})
			have.addrs[a] = plen
		}
		if !have.up && w.up {
			st.EnableNIC(tcpip.NICID(id))
			have.up = true
		}
	}
	if !slices.Equal(routes, m.routes) {
		st.SetRouteTable(slices.Clone(routes))
		m.routes = routes
	}
	if fwd4 != m.fwd4 {
		st.SetForwardingDefaultAndAllNICs(ipv4.ProtocolNumber, fwd4)
		m.fwd4 = fwd4
	}
	if fwd6 != m.fwd6 && n.cfg.INET6 {
		st.SetForwardingDefaultAndAllNICs(ipv6.ProtocolNumber, fwd6)
		m.fwd6 = fwd6
	}
}

// stackRoutes is our routing table as gVisor has it: longest prefixes first.
// Routes which do not lead anywhere are left to whoever sends (Net.routeTo).
func (n *Net) stackRoutes() []tcpip.Route {
	var out []tcpip.Route
	for _, t := range n.tables {
		for _, rt := range t.routes {
			a, _ := unembed(rt.key.addr())
			bits := 8 * len(rt.keyBits)
			if rt.mask != nil {
				bits = prefixLen(rt.maskBits)
				if !slices.Equal(rt.maskBits, prefixMask(bits, len(rt.maskBits))) {
					continue // gVisor has no such thing as a mask with holes
				}
			}
			subnet, err := tcpip.NewSubnet(
				tcpip.AddrFromSlice(masked(a.AsSlice(), prefixMask(bits, len(rt.keyBits)))),
				tcpip.MaskFromBytes(prefixMask(bits, len(rt.keyBits))))
			if err != nil || rt.ifp == nil {
				continue
			}
			r := tcpip.Route{Destination: subnet, NIC: tcpip.NICID(rt.ifp.index), MTU: uint32(rt.rmx.Mtu)}
			if rt.flags&netbsd.RTF_LOCAL != 0 {
				continue
			}
			if rt.ifp.loopback() {
				r.MTU = 0
			}
			if rt.flags&netbsd.RTF_GATEWAY != 0 {
				gw, _ := unembed(rt.gateway.addr())
				if !gw.IsValid() {
					continue
				}
				r.Gateway = tcpip.AddrFromSlice(gw.AsSlice())
			}
			if rt.ifa != nil && rt.ifa.family == t.family {
				hint, _ := unembed(rt.ifa.addr.addr())
				r.SourceHint = tcpip.AddrFromSlice(hint.AsSlice())
			}
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b tcpip.Route) int { return b.Destination.Prefix() - a.Destination.Prefix() })
	return out
}

// deliver hands an IP packet that has arrived to gVisor.
func (m *mirror) deliver(ifp *Interface, typ uint16, b []byte) {
	if m.n.decapsulate(b) || typ == etherIP && m.n.carpInput(ifp, b) {
		return
	}
	st := m.stack()
	if st == nil {
		return
	}
	if typ == etherIPv6 {
		ifp.in6.Add(1)
	}
	proto := tcpip.NetworkProtocolNumber(typ)
	target := ifp
	m.n.lock()
	if typ == etherIP && len(b) >= header.IPv4MinimumSize {
		dst := netip.AddrFrom4([4]byte(b[16:20]))
		// A packet is taken in by whichever interface has the address.
		if ifa := m.n.inLocal(dst); ifa != nil {
			if ifa.iff&netbsd.IN_IFF_NOTREADY != 0 {
				m.n.unlock()
				return
			}
			if ifp.findAddr(sin(dst)) == nil && ifa.ifp.up() {
				target = ifa.ifp
			}
		}
	}
	var tell *icmpError
	drop, send := false, m.n.sendError4
	switch {
	case typ == etherIP && len(b) >= header.IPv4MinimumSize:
		if m.n.forwardOptions4(ifp, b) {
			m.n.unlock()
			return
		}
		tell, drop = m.n.forwardError4(ifp, b, false)
		drop = drop || m.n.mutes(b) || b[9] == netbsd.IPPROTO_ICMP && !m.n.icmpInput(b)
	case typ == etherIPv6 && len(b) >= ip6Header:
		tell, drop = m.n.forwardError6(ifp, b)
		send = m.n.sendError6
		m.n.tooLong6(ifp, b)
	}
	if tell != nil {
		m.n.later(func() { send(ifp, b, *tell) })
	}
	if drop {
		m.n.unlock()
		return
	}
	raw := false
	if typ == etherIPv6 && len(b) >= ip6Header && m.n.isOurs(embed(netip.AddrFrom16([16]byte(b[24:40])), ifp.index)) {
		whole := m.n.reassemble(b)
		if whole == nil {
			m.n.unlock()
			return
		}
		b = whole
		switch b[6] {
		case ip6HopByHop, ip6Routing, ip6DstOption:
			raw = true
		}
	}
	m.n.unlock()
	if typ == etherIP && len(b) >= header.IPv4MinimumSize && unknownProto4(b[9]) {
		if m.n.rawDeliver(ifp, netbsd.AF_INET, b[9], b, int(b[0]&0xf)*4) || m.n.unclaimed(ifp, b) {
			return // gVisor would tell the sender that nobody wants it, and more than NetBSD
		}
	}
	if raw || typ == etherIPv6 && len(b) >= ip6Header && unknownProto6(b[6]) {
		// gVisor shows raw sockets only what follows the first header.
		if kind, pos, _, ok := headers6(b); ok {
			m.n.rawDeliver(ifp, netbsd.AF_INET6, kind, b, pos)
		}
	}
	m.mu.Lock()
	have := m.nics[target.index]
	m.mu.Unlock()
	if have == nil || have.link.ifp != target {
		return
	}
	have.link.inject(proto, b)
}

// unknownProto4 reports whether a protocol is none of gVisor's for IPv4.
func unknownProto4(proto byte) bool {
	return proto != netbsd.IPPROTO_ICMP && proto != netbsd.IPPROTO_TCP && proto != netbsd.IPPROTO_UDP
}

// unknownProto6 is unknownProto4 for IPv6.
func unknownProto6(proto byte) bool {
	switch proto {
	case netbsd.IPPROTO_TCP, netbsd.IPPROTO_UDP, protoICMPv6, ip6HopByHop, ip6Routing, ip6Fragment, ip6DstOption:
		return false
	}
	return true
}

// raw6 shows a packet, which has been dealt with, to raw sockets.
func (m *mirror) raw6(ifp *Interface, b []byte) {
	m.n.rawDeliver(ifp, netbsd.AF_INET6, b[6], b, ip6Header)
}

// link is a gVisor link endpoint over an Interface. It has no addresses of its
// own: finding neighbours is our business.
type link struct {
	ifp  *Interface
	loop bool // what kind an interface is stays, unlike its other flags
	mtu  atomic.Uint32

	mu   sync.RWMutex
	disp stack.NetworkDispatcher
}

func (l *link) MTU() uint32                             { return l.mtu.Load() }
func (l *link) SetMTU(mtu uint32)                       { l.mtu.Store(mtu) }
func (l *link) MaxHeaderLength() uint16                 { return 0 }
func (l *link) LinkAddress() tcpip.LinkAddress          { return "" }
func (l *link) SetLinkAddress(tcpip.LinkAddress)        {}
func (l *link) Wait()                                   {}
func (l *link) AddHeader(*stack.PacketBuffer)           {}
func (l *link) ParseHeader(*stack.PacketBuffer) bool    { return true }
func (l *link) Close()                                  {}
func (l *link) SetOnCloseAction(func())                 {}
func (l *link) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareNone }
func (l *link) Capabilities() stack.LinkEndpointCapabilities {
	if l.loop {
		return stack.CapabilityRXChecksumOffload | stack.CapabilityTXChecksumOffload
	}
	return 0
}

func (l *link) Attach(d stack.NetworkDispatcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.disp = d
}

func (l *link) IsAttached() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.disp != nil
}

// inject hands a packet to gVisor.
func (l *link) inject(proto tcpip.NetworkProtocolNumber, b []byte) {
	l.mu.RLock()
	d := l.disp
	l.mu.RUnlock()
	if d == nil {
		return
	}
	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(slices.Clone(b))})
	d.DeliverNetworkPacket(proto, pkt)
	pkt.DecRef()
}

// WritePackets sends packets.
func (l *link) WritePackets(pkts stack.PacketBufferList) (int, tcpip.Error) {
	sent := 0
	for _, pkt := range pkts.AsSlice() {
		if err := l.write(pkt); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}

func (l *link) write(pkt *stack.PacketBuffer) tcpip.Error {
	b := make([]byte, 0, pkt.Size())
	for _, s := range pkt.AsSlices() {
		b = append(b, s...)
	}
	ifp := l.ifp
	if l.loop {
		ifp.sent(b, false)
		ifp.in.add(len(b), false)
		l.inject(pkt.NetworkProtocolNumber, b)
		return nil
	}
	next := pkt.EgressRoute.NextHop
	var errno netbsd.Errno
	switch pkt.NetworkProtocolNumber {
	case ipv4.ProtocolNumber:
		if len(b) < header.IPv4MinimumSize {
			return nil
		}
		hop := netip.AddrFrom4([4]byte(b[16:20]))
		if next.BitLen() != 0 {
			hop = netip.AddrFrom4(next.As4())
		}
		for _, piece := range ifp.n.cut4(b) {
			if errno = ifp.output4(hop, next.BitLen() != 0, piece); errno != 0 {
				break
			}
		}
	case ipv6.ProtocolNumber:
		if len(b) < ip6Header {
			return nil
		}
		hop := netip.AddrFrom16([16]byte(b[24:40]))
		if next.BitLen() != 0 {
			hop = netip.AddrFrom16(next.As16())
		}
		src := netip.AddrFrom16([16]byte(b[8:24]))
		ifp.out6.Add(1)
		for _, piece := range ifp.n.cut6(ifp, b) {
			if errno = ifp.output6(embed(hop, ifp.index), embed(src, ifp.index), piece); errno != 0 {
				break
			}
		}
	}
	return stackError(errno)
}

// output4 sends an IPv4 packet to a neighbour.
func (ifp *Interface) output4(hop netip.Addr, gateway bool, b []byte) netbsd.Errno {
	n := ifp.n
	if !ifp.ether() {
		return ifp.outputPlain(b)
	}
	n.lock()
	if !ifp.upRunning() {
		n.unlock()
		return netbsd.ENETDOWN
	}
	var mac []byte
	var errno netbsd.Errno
	switch {
	case hop.IsMulticast():
		mac = multicastMAC(hop)
	case n.inBroadcast(hop, ifp):
		mac = etherBroadcast
	default:
		src := netip.AddrFrom4([4]byte(b[12:16]))
		if n.inLocal(src) == nil {
			if ifa := ifp.firstAddr(netbsd.AF_INET); ifa != nil {
				src = ifa.addr.addr()
			}
		}
		mac, errno = n.arpResolve(ifp, hop, gateway, src, b)
	}
	n.unlock()
	if mac != nil {
		ifp.sendEther(mac, etherIP, b)
	}
	return errno
}

// output6 sends an IPv6 packet to a neighbour. Addresses have embedded scopes.
func (ifp *Interface) output6(hop, src netip.Addr, b []byte) netbsd.Errno {
	n := ifp.n
	if !ifp.ether() {
		return ifp.outputPlain(b)
	}
	n.lock()
	if !ifp.upRunning() {
		n.unlock()
		return netbsd.ENETDOWN
	}
	var mac []byte
	var errno netbsd.Errno
	if hop.IsMulticast() {
		mac = multicastMAC(hop)
	} else {
		mac, errno = n.nd6Resolve(ifp, hop, src, b)
	}
	n.unlock()
	if mac != nil {
		ifp.sendEther(mac, etherIPv6, b)
	}
	return errno
}

// outputPlain sends a packet through an interface without neighbours.
func (ifp *Interface) outputPlain(b []byte) netbsd.Errno {
	n := ifp.n
	n.lock()
	ok := ifp.upRunning() && !ifp.gone
	n.unlock()
	if !ok {
		return netbsd.ENETDOWN
	}
	ifp.sent(b, false)
	ifp.drv.transmit(b)
	return 0
}

// ipInput takes in a packet from an interface without Ethernet.
func (ifp *Interface) ipInput(b []byte) {
	if len(b) < 1 {
		return
	}
	n := ifp.n
	n.lock()
	ok := ifp.upRunning() && !ifp.gone
	n.unlock()
	if !ok {
		return
	}
	ifp.in.add(len(b), false)
	switch {
	case b[0]>>4 == 4 && n.cfg.INET:
		n.mirror.deliver(ifp, etherIP, b)
	case b[0]>>4 == 6 && n.cfg.INET6:
		n.mirror.deliver(ifp, etherIPv6, b)
	}
}

// stackClock is the kernel's clock as gVisor has it.
type stackClock struct {
	c    kern.Clock
	boot time.Time
}

func (c stackClock) Now() time.Time { return c.c.Now() }

func (c stackClock) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(c.c.Now().Sub(c.boot))
}

func (c stackClock) AfterFunc(d time.Duration, f func()) tcpip.Timer { return c.c.AfterFunc(d, f) }

// ipLength is the length of an IPv4 packet as its header tells.
func ipLength(b []byte) int { return int(binary.BigEndian.Uint16(b[2:])) }
