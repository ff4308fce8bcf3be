package inet

import (
	"encoding/binary"
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

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
	r.s.arrive(&r.q, m)
}

func (r *rawSocket) recv(c *kern.Call, want int, peek bool) (*message, netbsd.Errno) {
	return r.q.recv(peek)
}
