package rump

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"os"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Trace says to whom a route is to be traced, and how. Only Addr must be set.
type Trace struct {
	Addr         netip.Addr    // a link-local address has an interface as its zone
	Source       netip.Addr    // where the packets come from, if the kernel is not to choose
	FirstHop     int           // 1
	MaxHops      int           // 64
	Probes       int           // for each hop: 3
	Wait         time.Duration // for an answer: 5 seconds
	Pause        time.Duration // between the probes: none
	Size         int           // of a whole packet: 40, or 60 for IPv6
	Port         int           // the first of the UDP ports: 33434
	Echo         bool          // send ICMP echo requests rather than UDP
	TOS          int           // type of service, or traffic class
	DontFragment bool          // only IPv4 can be told so
	DontRoute    bool          // send only to those on an attached network
	Debug        bool          // SO_DEBUG
	Gateways     []netip.Addr  // IPv4: loose source route
}

// TraceProbe is what became of one packet of a Trace.
type TraceProbe struct {
	Hop, Probe int
	From       netip.Addr // who answered; the zero Addr if nobody did
	Time       time.Duration
	Hops       int        // the TTL or hop limit that the answer came with
	Reached    bool       // the destination itself answered
	Err        *ICMPError // nil for the answer to an echo request
	Size       int        // of the answer's ICMP packet
}

// Traceroute sends packets that may go one hop farther each time and yields what
// becomes of each. It ends when the destination answers, when all of a hop's
// probes but one are refused, and after MaxHops. An error ends it too.
func (k *Kernel) Traceroute(ctx context.Context, t Trace) iter.Seq2[TraceProbe, error] {
	return func(yield func(TraceProbe, error) bool) {
		r, err := k.newTracer(ctx, t)
		if err != nil {
			yield(TraceProbe{}, err)
			return
		}
		defer r.close()
		for hop := r.FirstHop; hop <= r.MaxHops; hop++ {
			reached, refused := false, 0
			for probe := range r.Probes {
				if r.seq > 0 && r.Pause > 0 {
					select {
					case <-time.After(r.Pause):
					case <-ctx.Done():
					}
				}
				p, err := r.probe(hop)
				if err != nil {
					yield(TraceProbe{Hop: hop, Probe: probe}, err)
					return
				}
				p.Hop, p.Probe = hop, probe
				if !yield(p, nil) {
					return
				}
				if p.Reached {
					reached = true
				} else if p.Err != nil && !p.Err.timeExceeded() {
					refused++
				}
			}
			if reached || refused > 0 && refused >= r.Probes-1 {
				return
			}
		}
	}
}

func (e *ICMPError) timeExceeded() bool {
	if e.From.Is4() {
		return e.Type == netbsd.ICMP_TIMXCEED
	}
	return e.Type == netbsd.ICMP6_TIME_EXCEEDED
}

// tracer is a Trace under way.
type tracer struct {
	Trace
	in   *icmpSocket
	out  *Conn // may be in's
	v4   bool
	to   netbsd.Sockaddr
	id   int
	seq  int
	opts []byte // of the IPv4 header
}

// traceHeader4 is the size of the shortest packets of IPv4.
const traceHeader4 = 20 + 8

func (k *Kernel) newTracer(ctx context.Context, t Trace) (*tracer, error) {
	fail := func(format string, args ...any) (*tracer, error) {
		return nil, fmt.Errorf("%s: traceroute: %s", k, fmt.Sprintf(format, args...))
	}
	if !t.Addr.IsValid() {
		return fail("no address")
	}
	t.Addr = t.Addr.Unmap()
	r := &tracer{Trace: t, v4: t.Addr.Is4(), id: randomID() | 0x8000}
	orDefault(&r.Wait, 5*time.Second)
	least := traceHeader4
	if !r.v4 {
		least = 40 + 8
	}
	for _, d := range []struct {
		p     *int
		value int
	}{{&r.FirstHop, 1}, {&r.MaxHops, 64}, {&r.Probes, 3}, {&r.Port, 33434}, {&r.Size, least + 12}} {
		if *d.p == 0 {
			*d.p = d.value
		}
	}
	if r.FirstHop < 1 || r.MaxHops > 255 || r.FirstHop > r.MaxHops {
		return fail("hops %d to %d", r.FirstHop, r.MaxHops)
	}
	if len(r.Gateways) > 8 || len(r.Gateways) > 0 && !r.v4 {
		return fail("%d gateways", len(r.Gateways))
	}
	if len(r.Gateways) > 0 {
		n := 4 * (len(r.Gateways) + 1)
		r.opts = []byte{1, 131, byte(3 + n), 4} // no operation, loose source route
		for _, g := range append(r.Gateways[1:len(r.Gateways):len(r.Gateways)], r.Addr) {
			if !g.Is4() {
				return fail("gateway %s is no IPv4 address", g)
			}
			a := g.As4()
			r.opts = append(r.opts, a[:]...)
		}
		least += len(r.opts)
	}
	if r.Size < least || r.Size > 0xffff {
		return fail("packets of %d bytes", r.Size)
	}
	var err error
	if r.in, err = k.newICMP(ctx, r.v4); err != nil {
		return nil, err
	}
	if err := r.open(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *tracer) open(ctx context.Context) (err error) {
	k := r.in.k
	r.out = r.in.Conn
	switch {
	case r.v4:
		if r.out, err = k.NewConn(ctx, netbsd.AF_INET, netbsd.SOCK_RAW, netbsd.IPPROTO_RAW, ""); err != nil {
			return err
		}
		if err := r.out.SetOption(netbsd.IPPROTO_IP, netbsd.IP_HDRINCL, 1); err != nil {
			return err
		}
	case !r.Echo:
		if r.out, err = k.NewConn(ctx, netbsd.AF_INET6, netbsd.SOCK_DGRAM, 0, "udp6"); err != nil {
			return err
		}
	}
	if r.Debug {
		if err := r.out.SetOption(netbsd.SOL_SOCKET, netbsd.SO_DEBUG, 1); err != nil {
			return err
		}
	}
	if r.DontRoute {
		if err := r.out.SetOption(netbsd.SOL_SOCKET, netbsd.SO_DONTROUTE, 1); err != nil {
			return err
		}
	}
	if r.to, err = k.sockaddr(ctx, r.Addr.WithZone(""), 0, r.Addr.Zone()); err != nil {
		return err
	}
	if r.v4 {
		return nil
	}
	source := r.Source
	if !source.IsValid() {
		source = netip.IPv6Unspecified()
	}
	sa, err := k.sockaddr(ctx, source.WithZone(""), 0, source.Zone())
	if err != nil {
		return err
	}
	if err := r.out.Bind(sa); err != nil {
		return err
	}
	if r.TOS != 0 {
		if err := r.out.SetOption(netbsd.IPPROTO_IPV6, netbsd.IPV6_TCLASS, r.TOS); err != nil {
			return err
		}
	}
	if r.Echo {
		return nil
	}
	if sa, err = r.out.LocalSockaddr(); err != nil {
		return err
	}
	if in6, ok := sa.(netbsd.SockaddrIn6); ok {
		r.id = int(in6.Port)
	}
	return nil
}

func (r *tracer) close() {
	if r.out != nil && r.out != r.in.Conn {
		r.out.Close()
	}
	r.in.Close()
}

// probe sends one packet and waits for what comes of it.
func (r *tracer) probe(hop int) (TraceProbe, error) {
	r.seq++
	sent := time.Now()
	if err := r.send(hop); err != nil {
		return TraceProbe{}, err
	}
	until := sent.Add(r.Wait)
	for {
		m, err := r.in.receive(until)
		if errors.Is(err, os.ErrDeadlineExceeded) && r.in.ctx.Err() == nil {
			return TraceProbe{Hops: -1}, nil
		}
		if err != nil {
			return TraceProbe{}, err
		}
		if !r.ours(m) {
			continue
		}
		p := TraceProbe{From: m.from, Time: time.Since(sent), Hops: m.hops, Err: m.err, Size: m.size}
		p.Reached = m.reply || m.err.fromDestination()
		return p, nil
	}
}

// fromDestination reports whether only the destination sends such an error.
func (e *ICMPError) fromDestination() bool {
	if e.From.Is4() {
		return e.Type == netbsd.ICMP_UNREACH && (e.Code == netbsd.ICMP_UNREACH_PORT || e.Code == netbsd.ICMP_UNREACH_PROTOCOL)
	}
	return e.Type == netbsd.ICMP6_DST_UNREACH && e.Code == 4
}

func (r *tracer) ours(m *icmpPacket) bool {
	if m.err != nil && m.err.Unwrap() == nil {
		return false // a redirect
	}
	if r.Echo {
		return m.echo(r.id) && m.seq == r.seq&0xffff
	}
	return m.protocol == netbsd.IPPROTO_UDP && m.srcPort == r.id && m.dstPort == (r.Port+r.seq)&0xffff
}

func (r *tracer) send(hop int) error {
	if !r.v4 {
		if err := r.out.setHops6(hop); err != nil {
			return err
		}
		to := r.to.(netbsd.SockaddrIn6)
		b := make([]byte, r.Size-48)
		if r.Echo {
			b = r.in.echoRequest(r.id, r.seq, r.Size-48)
		} else {
			to.Port = uint16(r.Port + r.seq)
		}
		_, err := r.out.WriteToSockaddr(b, to)
		return err
	}
	to := r.to.(netbsd.SockaddrIn)
	h := header4{protocol: netbsd.IPPROTO_UDP, tos: r.TOS, hops: hop, dontFragment: r.DontFragment,
		src: r.Source, dst: r.Addr, options: r.opts}
	if len(r.Gateways) > 0 {
		h.dst = r.Gateways[0]
		to.Addr = h.dst.As4()
	}
	size := r.Size - h.size() - 8
	var b []byte
	if r.Echo {
		h.protocol = netbsd.IPPROTO_ICMP
		b = append(h.append(b, 8+size), r.in.echoRequest(r.id, r.seq, size)...)
	} else {
		b = h.append(b, 8+size)
		b = binary.BigEndian.AppendUint16(b, uint16(r.id))
		b = binary.BigEndian.AppendUint16(b, uint16(r.Port+r.seq))
		b = binary.BigEndian.AppendUint16(b, uint16(8+size))
		b = append(b, make([]byte, 2+size)...) // no checksum
	}
	_, err := r.out.WriteToSockaddr(b, to)
	return err
}
