package inet

import (
	"encoding/binary"
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

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
	var hop netip.Addr
	var out *Interface
	if errno == 0 && !dst.IsMulticast() {
		hop, out, errno = opts.via(n)
	}
	if errno == 0 && out == nil {
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
		if out != nil {
			src, errno = n.sourceOn(out, dst)
		} else {
			src, errno = n.source(p, dst)
		}
	}
	nicID := 0
	_, nicID = unembed(dst)
	if nicID == 0 && n.in6Local(dst) == nil { // what is for ourselves goes no other way
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
		hop: hop, out: out,
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

	hop netip.Addr // the neighbour to which it goes by out, if that has been chosen
	out *Interface
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
	if p.out != nil && ip6Header+len(p.data) <= p.out.mtu {
		return p.out.output6(p.hop, p.src, p.packet6())
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

// packet6 is the packet with an IPv6 header.
func (p rawPacket) packet6() []byte {
	src, _ := unembed(p.src)
	dst, _ := unembed(p.dst)
	b := append(make([]byte, ip6Header), p.data...)
	header.IPv6(b).Encode(&header.IPv6Fields{
		TrafficClass: uint8(p.tos), PayloadLength: uint16(len(p.data)), TransportProtocol: tcpip.TransportProtocolNumber(p.proto),
		HopLimit: uint8(p.ttl), SrcAddr: tcpip.AddrFromSlice(src.AsSlice()), DstAddr: tcpip.AddrFromSlice(dst.AsSlice()),
	})
	return b
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
