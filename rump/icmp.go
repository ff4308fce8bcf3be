package rump

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// ICMPError is an ICMP message about a packet that could not be delivered.
type ICMPError struct {
	From       netip.Addr // who says so
	Type, Code int        // ICMP's or, if From is an IPv6 address, ICMPv6's
	MTU        int        // of "fragmentation needed" and "packet too big"
}

// Kind returns what the message says in a few words.
func (e *ICMPError) Kind() string {
	if e.From.Is4() {
		switch e.Type {
		case netbsd.ICMP_UNREACH:
			names := [...]string{"network unreachable", "host unreachable", "protocol unreachable", "port unreachable",
				"fragmentation needed", "source route failed", "network unknown", "host unknown", "host isolated",
				"network prohibited", "host prohibited", "bad type of service for network",
				"bad type of service for host", "communication prohibited", "host precedence violation",
				"precedence cutoff"}
			if e.Code < len(names) {
				return names[e.Code]
			}
			return "unreachable"
		case netbsd.ICMP_SOURCEQUENCH:
			return "source quench"
		case netbsd.ICMP_REDIRECT:
			return "redirect"
		case netbsd.ICMP_TIMXCEED:
			return timeExceeded(e.Code)
		case netbsd.ICMP_PARAMPROB:
			return "parameter problem"
		}
		return "ICMP"
	}
	switch e.Type {
	case netbsd.ICMP6_DST_UNREACH:
		names := [...]string{"no route", "administratively prohibited", "beyond scope of source address",
			"address unreachable", "port unreachable"}
		if e.Code < len(names) {
			return names[e.Code]
		}
		return "unreachable"
	case netbsd.ICMP6_PACKET_TOO_BIG:
		return "packet too big"
	case netbsd.ICMP6_TIME_EXCEEDED:
		return timeExceeded(e.Code)
	case netbsd.ICMP6_PARAM_PROB:
		return "parameter problem"
	}
	return "ICMPv6"
}

func timeExceeded(code int) string {
	if code == 1 {
		return "reassembly time exceeded"
	}
	return "time to live exceeded"
}

// Error returns who said what.
func (e *ICMPError) Error() string {
	s := fmt.Sprintf("%s says %s (type %d, code %d)", e.From, e.Kind(), e.Type, e.Code)
	if e.MTU != 0 {
		s += fmt.Sprintf(", mtu %d", e.MTU)
	}
	return s
}

// Unwrap returns the errno that says it best, so that errors.Is finds
// netbsd.EHOSTUNREACH and others; nil if the packet was delivered all the same.
func (e *ICMPError) Unwrap() error {
	if e.From.Is4() {
		switch e.Type {
		case netbsd.ICMP_UNREACH:
			switch e.Code {
			case netbsd.ICMP_UNREACH_PROTOCOL, netbsd.ICMP_UNREACH_PORT:
				return netbsd.ECONNREFUSED
			case netbsd.ICMP_UNREACH_NEEDFRAG:
				return netbsd.EMSGSIZE
			case netbsd.ICMP_UNREACH_NET, netbsd.ICMP_UNREACH_NET_UNKNOWN, netbsd.ICMP_UNREACH_NET_PROHIB,
				netbsd.ICMP_UNREACH_TOSNET:
				return netbsd.ENETUNREACH
			}
			return netbsd.EHOSTUNREACH
		case netbsd.ICMP_TIMXCEED:
			return netbsd.EHOSTUNREACH
		case netbsd.ICMP_PARAMPROB:
			return netbsd.ENOPROTOOPT
		}
		return nil
	}
	switch e.Type {
	case netbsd.ICMP6_DST_UNREACH:
		if e.Code == 4 {
			return netbsd.ECONNREFUSED
		}
		return netbsd.EHOSTUNREACH
	case netbsd.ICMP6_PACKET_TOO_BIG:
		return netbsd.EMSGSIZE
	case netbsd.ICMP6_TIME_EXCEEDED:
		return netbsd.EHOSTUNREACH
	case netbsd.ICMP6_PARAM_PROB:
		return netbsd.ENOPROTOOPT
	}
	return nil
}

// icmpPacket is an ICMP packet that came.
type icmpPacket struct {
	from  netip.Addr
	hops  int // its TTL or hop limit, -1 if not known
	size  int // of the ICMP part
	reply bool
	err   *ICMPError

	// Of the echo, or of the packet that the error is about.
	protocol         int
	id, seq          int // of an echo
	srcPort, dstPort int // of UDP
}

func (p *icmpPacket) echo(id int) bool {
	return (p.protocol == netbsd.IPPROTO_ICMP || p.protocol == netbsd.IPPROTO_ICMPV6) && p.id == id
}

// icmpSocket sends and receives ICMP of one family.
type icmpSocket struct {
	*Conn
	ctx  context.Context
	v4   bool
	stop func() bool
	buf  []byte
}

func (k *Kernel) newICMP(ctx context.Context, v4 bool) (*icmpSocket, error) {
	family, protocol := netbsd.AF_INET6, netbsd.IPPROTO_ICMPV6
	if v4 {
		family, protocol = netbsd.AF_INET, netbsd.IPPROTO_ICMP
	}
	c, err := k.NewConn(ctx, family, netbsd.SOCK_RAW, protocol, "")
	if err != nil {
		return nil, err
	}
	s := &icmpSocket{Conn: c, ctx: ctx, v4: v4, buf: make([]byte, 64<<10)}
	s.stop = context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Unix(1, 0)) })
	// Answers to many at once must have room.
	c.SetOption(netbsd.SOL_SOCKET, netbsd.SO_RCVBUF, 48<<10)
	if !v4 {
		if err := c.SetOption(netbsd.IPPROTO_IPV6, netbsd.IPV6_RECVHOPLIMIT, 1); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

func (s *icmpSocket) Close() {
	s.stop()
	s.Conn.Close()
}

// prepare sets where packets come from and how far they go; 0 hops is what the
// kernel takes. IPv4's sockets are told in the header of each packet, since the
// kernel ignores IP_TTL for raw ones.
func (s *icmpSocket) prepare(source netip.Addr, hops int) error {
	if s.v4 {
		return s.SetOption(netbsd.IPPROTO_IP, netbsd.IP_HDRINCL, 1)
	}
	if source.IsValid() {
		sa, err := s.k.sockaddr(s.ctx, source.WithZone(""), 0, source.Zone())
		if err != nil {
			return err
		}
		if err := s.Bind(sa); err != nil {
			return err
		}
	}
	if hops == 0 {
		return nil
	}
	return s.setHops6(hops)
}

func (c *Conn) setHops6(hops int) error {
	if err := c.SetOption(netbsd.IPPROTO_IPV6, netbsd.IPV6_UNICAST_HOPS, hops); err != nil {
		return err
	}
	return c.SetOption(netbsd.IPPROTO_IPV6, netbsd.IPV6_MULTICAST_HOPS, hops)
}

// header4 is what an IPv4 header says.
type header4 struct {
	protocol, tos, hops int
	dontFragment        bool
	src, dst            netip.Addr // the kernel fills in an invalid source
	options             []byte     // whole words
}

func (h *header4) size() int { return 20 + len(h.options) }

// append appends the header of a packet with n bytes of data, as raw sockets
// take it: with two numbers in the host's order.
func (h *header4) append(b []byte, n int) []byte {
	p := make([]byte, 20, 60)
	p[0] = 4<<4 | byte(h.size()/4)
	p[1] = byte(h.tos)
	binary.LittleEndian.PutUint16(p[2:], uint16(h.size()+n))
	if h.dontFragment {
		binary.LittleEndian.PutUint16(p[6:], 0x4000)
	}
	p[8], p[9] = byte(h.hops), byte(h.protocol)
	if h.src.Is4() {
		a := h.src.As4()
		copy(p[12:], a[:])
	}
	a := h.dst.As4()
	copy(p[16:], a[:])
	return append(append(b, p...), h.options...)
}

// echoRequest makes one; the kernel adds ICMPv6's checksum.
func (s *icmpSocket) echoRequest(id, seq, size int) []byte {
	b := make([]byte, 8+size)
	b[0] = netbsd.ICMP6_ECHO_REQUEST
	if s.v4 {
		b[0] = netbsd.ICMP_ECHO
	}
	binary.BigEndian.PutUint16(b[4:], uint16(id))
	binary.BigEndian.PutUint16(b[6:], uint16(seq))
	for i := range size {
		b[8+i] = byte(i)
	}
	if s.v4 {
		binary.BigEndian.PutUint16(b[2:], inetChecksum(b))
	}
	return b
}

// receive waits until a point of time for a packet that can be understood.
func (s *icmpSocket) receive(until time.Time) (*icmpPacket, error) {
	for {
		s.SetReadDeadline(until)
		if err := s.ctx.Err(); err != nil {
			return nil, err // which could have ended before the deadline was set
		}
		n, m, err := s.ReadMsg(s.buf)
		if err != nil {
			if ctxErr := s.ctx.Err(); ctxErr != nil {
				err = ctxErr
			}
			return nil, err
		}
		p := &icmpPacket{hops: -1}
		b := s.buf[:n]
		switch from := m.From.(type) {
		case netbsd.SockaddrIn:
			p.from = from.NetipAddr()
		case netbsd.SockaddrIn6:
			p.from = netip.AddrFrom16(from.Addr)
			if from.ScopeID != 0 {
				if name, err := s.k.InterfaceName(s.ctx, int(from.ScopeID)); err == nil {
					p.from = p.from.WithZone(name)
				}
			}
		}
		for _, c := range m.Control {
			if c.Level == netbsd.IPPROTO_IPV6 && c.Type == netbsd.IPV6_HOPLIMIT && len(c.Data) >= 4 {
				p.hops = int(binary.LittleEndian.Uint32(c.Data))
			}
		}
		if s.v4 && p.parse4(b) || !s.v4 && p.parse6(b) {
			return p, nil
		}
	}
}

func (p *icmpPacket) parse4(b []byte) bool {
	h, b := ipHeader4(b)
	if h == nil || len(b) < 8 {
		return false
	}
	p.hops, p.size = int(h[8]), len(b)
	switch typ := int(b[0]); typ {
	case netbsd.ICMP_ECHOREPLY:
		p.reply, p.protocol = true, netbsd.IPPROTO_ICMP
		p.setEcho(b)
		return true
	case netbsd.ICMP_UNREACH, netbsd.ICMP_SOURCEQUENCH, netbsd.ICMP_REDIRECT, netbsd.ICMP_TIMXCEED, netbsd.ICMP_PARAMPROB:
		p.err = &ICMPError{From: p.from, Type: typ, Code: int(b[1])}
		if typ == netbsd.ICMP_UNREACH && b[1] == netbsd.ICMP_UNREACH_NEEDFRAG {
			p.err.MTU = int(binary.BigEndian.Uint16(b[6:]))
		}
		inner, rest := ipHeader4(b[8:])
		if inner == nil || len(rest) < 8 {
			return false
		}
		p.about(int(inner[9]), rest)
		return true
	}
	return false
}

// ipHeader4 splits a packet into its IPv4 header and the rest.
func ipHeader4(b []byte) (header, rest []byte) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return nil, nil
	}
	n := int(b[0]&15) * 4
	if n < 20 || n > len(b) {
		return nil, nil
	}
	return b[:n], b[n:]
}

func (p *icmpPacket) parse6(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	p.size = len(b)
	switch typ := int(b[0]); typ {
	case netbsd.ICMP6_ECHO_REPLY:
		p.reply, p.protocol = true, netbsd.IPPROTO_ICMPV6
		p.setEcho(b)
		return true
	case netbsd.ICMP6_DST_UNREACH, netbsd.ICMP6_PACKET_TOO_BIG, netbsd.ICMP6_TIME_EXCEEDED, netbsd.ICMP6_PARAM_PROB:
		p.err = &ICMPError{From: p.from, Type: typ, Code: int(b[1])}
		if typ == netbsd.ICMP6_PACKET_TOO_BIG {
			p.err.MTU = int(binary.BigEndian.Uint32(b[4:]))
		}
		inner := b[8:]
		if len(inner) < 40+8 {
			return false
		}
		next, rest := int(inner[6]), inner[40:]
		for next == netbsd.IPPROTO_HOPOPTS || next == netbsd.IPPROTO_ROUTING || next == netbsd.IPPROTO_DSTOPTS ||
			next == netbsd.IPPROTO_FRAGMENT {
			n := 8 + int(rest[1])*8
			if next == netbsd.IPPROTO_FRAGMENT {
				n = 8
			}
			if len(rest) < n+8 {
				return false
			}
			next, rest = int(rest[0]), rest[n:]
		}
		p.about(next, rest)
		return true
	}
	return false
}

// about notes which packet an error is about, of which b has at least 8 bytes.
func (p *icmpPacket) about(protocol int, b []byte) {
	p.protocol = protocol
	switch protocol {
	case netbsd.IPPROTO_ICMP, netbsd.IPPROTO_ICMPV6:
		p.setEcho(b)
	case netbsd.IPPROTO_UDP, netbsd.IPPROTO_TCP:
		p.srcPort = int(binary.BigEndian.Uint16(b))
		p.dstPort = int(binary.BigEndian.Uint16(b[2:]))
	}
}

func (p *icmpPacket) setEcho(b []byte) {
	p.id, p.seq = int(binary.BigEndian.Uint16(b[4:])), int(binary.BigEndian.Uint16(b[6:]))
}

// inetChecksum is the Internet's checksum.
func inetChecksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func randomID() int { return int(rand.Uint32() & 0xffff) }
