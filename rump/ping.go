package rump

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// PingOptions say how to ping. The zero value sends one packet of 56 bytes.
type PingOptions struct {
	Count    int           // how many to send; 0 means 1
	Interval time.Duration // between two of them; 0 means 100ms
	Timeout  time.Duration // how long to wait for the answer to the last; 0 means a second
	Size     int           // bytes of data after the ICMP header; 0 means 56
	TTL      int           // or hop limit; 0 for the kernel's own
	Source   netip.Addr    // address to send from; the kernel's choice if invalid
}

// PingStats is what came of a ping.
type PingStats struct {
	Sent, Received int
	Duplicates     int
	RoundTrips     []time.Duration // as we see them: the way to the kernel and back included
	Errors         map[string]int  // how often each kind of error came: an ICMP error, or sending that failed
}

// Ping sends ICMP echo requests through the kernel and waits for the answers. It
// ends when all have been answered, or the last has had its time. That nobody
// answers is no error: see the statistics.
func (k *Kernel) Ping(ctx context.Context, addr netip.Addr, o PingOptions) (PingStats, error) {
	p := &pinger{to: addr, o: o, id: uint16(rand.Uint32()), seen: make(map[uint16]bool), sent: make(map[uint16]time.Time)}
	p.o.Count, p.o.Interval, p.o.Timeout = max(o.Count, 1), orDuration(o.Interval, 100*time.Millisecond), orDuration(o.Timeout, time.Second)
	if p.o.Size == 0 {
		p.o.Size = 56
	}
	p.stats.Errors = make(map[string]int)
	if err := p.open(ctx, k); err != nil {
		return p.stats, err
	}
	defer p.conn.Close()
	return p.stats, p.run(ctx)
}

func orDuration(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}

type pinger struct {
	to    netip.Addr
	sa    netbsd.Sockaddr
	o     PingOptions
	id    uint16 // by chance: other pings hear our answers too
	conn  *Conn
	stats PingStats
	sent  map[uint16]time.Time
	seen  map[uint16]bool
}

// open makes the raw socket.
func (p *pinger) open(ctx context.Context, k *Kernel) error {
	to := p.to
	if to.Zone() != "" {
		id, err := k.ZoneID(ctx, to.Zone())
		if err != nil {
			return err
		}
		to = to.WithZone(fmt.Sprint(id))
	}
	var err error
	if p.sa, err = netbsd.SockaddrFromAddrPort(netip.AddrPortFrom(to, 0)); err != nil {
		return fmt.Errorf("%s: ping %s: %w", k, p.to, err)
	}
	family, protocol := netbsd.AF_INET, netbsd.IPPROTO_ICMP
	if to.Is6() {
		family, protocol = netbsd.AF_INET6, netbsd.IPPROTO_ICMPV6
	}
	if p.conn, err = k.NewConn(ctx, family, netbsd.SOCK_RAW, protocol, "ip"); err != nil {
		return err
	}
	switch {
	case p.o.TTL > 0 && to.Is6():
		err = p.conn.SetOption(netbsd.IPPROTO_IPV6, netbsd.IPV6_UNICAST_HOPS, p.o.TTL)
	case p.o.TTL > 0:
		// The kernel has no TTL for raw sockets but that in a header of ours.
		err = p.conn.SetOption(netbsd.IPPROTO_IP, netbsd.IP_HDRINCL, 1)
	}
	if err == nil && p.o.Source.IsValid() {
		var src netbsd.Sockaddr
		if src, err = netbsd.SockaddrFromAddrPort(netip.AddrPortFrom(p.o.Source, 0)); err == nil {
			err = p.conn.Bind(src)
		}
	}
	if err != nil {
		p.conn.Close()
	}
	return err
}

// run sends and receives until all is done.
func (p *pinger) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { p.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	buf := make([]byte, p.o.Size+1024)
	for seq := 0; seq < p.o.Count; seq++ {
		p.send(uint16(seq))
		wait := p.o.Interval
		if seq == p.o.Count-1 {
			wait = p.o.Timeout
		}
		if err := p.receive(ctx, buf, time.Now().Add(wait), seq == p.o.Count-1); err != nil {
			return err
		}
	}
	return nil
}

// send sends a request. That it cannot be sent is one of the things that a ping is
// to find out.
func (p *pinger) send(seq uint16) {
	b := make([]byte, 8+p.o.Size)
	b[0] = netbsd.ICMP_ECHO
	if p.to.Is6() {
		b[0] = netbsd.ICMP6_ECHO_REQUEST // whose checksum is the kernel's to fill in
	}
	binary.BigEndian.PutUint16(b[4:], p.id)
	binary.BigEndian.PutUint16(b[6:], seq)
	for i := range b[8:] {
		b[8+i] = byte(i)
	}
	if p.to.Is4() {
		binary.BigEndian.PutUint16(b[2:], checksum(b))
	}
	if p.to.Is4() && p.o.TTL > 0 {
		b = append(p.header(len(b)), b...)
	}
	p.sent[seq] = time.Now()
	p.stats.Sent++
	if _, err := p.conn.WriteToSockaddr(b, p.sa); err != nil {
		reason := err.Error()
		if errno, ok := Errno(err); ok {
			reason = errno.Name()
		}
		p.stats.Errors[reason]++
	}
}

// header is the IPv4 header of a packet with so many bytes after it, as IP_HDRINCL
// wants it: the length in host byte order, the checksum left to the kernel.
func (p *pinger) header(n int) []byte {
	h := make([]byte, 20)
	h[0] = 4<<4 | 5
	binary.LittleEndian.PutUint16(h[2:], uint16(len(h)+n))
	h[8] = byte(p.o.TTL)
	h[9] = netbsd.IPPROTO_ICMP
	if p.o.Source.Is4() {
		copy(h[12:], p.o.Source.AsSlice())
	}
	copy(h[16:], p.to.AsSlice())
	return h
}

// receive takes packets until the deadline or, if last, until all are answered.
func (p *pinger) receive(ctx context.Context, buf []byte, deadline time.Time, last bool) error {
	for !last || p.stats.Received < p.stats.Sent {
		p.conn.SetReadDeadline(deadline)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, _, err := p.conn.ReadFromSockaddr(buf)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
		p.packet(buf[:n])
	}
	return nil
}

// packet looks at a packet: with its IP header for IPv4, without for IPv6.
func (p *pinger) packet(b []byte) {
	reply, request := byte(netbsd.ICMP_ECHOREPLY), byte(netbsd.ICMP_ECHO)
	if p.to.Is6() {
		reply, request = netbsd.ICMP6_ECHO_REPLY, netbsd.ICMP6_ECHO_REQUEST
	} else if b = skipIPv4(b); b == nil {
		return
	}
	if len(b) < 8 {
		return
	}
	switch b[0] {
	case request: // on the loopback we hear ourselves
	case reply:
		seq := binary.BigEndian.Uint16(b[6:])
		sent, ours := p.sent[seq]
		switch {
		case binary.BigEndian.Uint16(b[4:]) != p.id || !ours:
		case p.seen[seq]:
			p.stats.Duplicates++
		default:
			p.seen[seq] = true
			p.stats.Received++
			p.stats.RoundTrips = append(p.stats.RoundTrips, time.Since(sent))
		}
	default:
		if kind := icmpError(p.to.Is6(), b[0], b[1]); kind != "" && p.isOurs(b[8:]) {
			p.stats.Errors[kind]++
		}
	}
}

// isOurs reports whether a packet that an error returns is a request of ours.
func (p *pinger) isOurs(b []byte) bool {
	if p.to.Is6() {
		const header = 40
		if len(b) < header+8 || b[6] != netbsd.IPPROTO_ICMPV6 {
			return false
		}
		b = b[header:]
	} else if b = skipIPv4(b); b == nil {
		return false
	}
	return len(b) >= 6 && binary.BigEndian.Uint16(b[4:]) == p.id
}

// skipIPv4 returns what follows an IPv4 header, or nil.
func skipIPv4(b []byte) []byte {
	if len(b) < 20 || len(b) < int(b[0]&0x0f)*4 {
		return nil
	}
	return b[int(b[0]&0x0f)*4:]
}

// icmpError names an ICMP error, or nothing if the message is none.
func icmpError(v6 bool, typ, code byte) string {
	if v6 {
		switch typ {
		case netbsd.ICMP6_DST_UNREACH:
			return fmt.Sprintf("destination unreachable, code %d", code)
		case netbsd.ICMP6_PACKET_TOO_BIG:
			return "packet too big"
		case netbsd.ICMP6_TIME_EXCEEDED:
			return "time exceeded"
		case netbsd.ICMP6_PARAM_PROB:
			return "parameter problem"
		}
		return ""
	}
	switch typ {
	case netbsd.ICMP_UNREACH:
		switch code {
		case netbsd.ICMP_UNREACH_NET:
			return "net unreachable"
		case netbsd.ICMP_UNREACH_HOST:
			return "host unreachable"
		case netbsd.ICMP_UNREACH_NEEDFRAG:
			return "fragmentation needed"
		}
		return fmt.Sprintf("destination unreachable, code %d", code)
	case netbsd.ICMP_REDIRECT:
		return "redirect"
	case netbsd.ICMP_TIMXCEED:
		return "time exceeded"
	case netbsd.ICMP_PARAMPROB:
		return "parameter problem"
	}
	return ""
}

// checksum is the Internet checksum (RFC 1071).
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
