package rump

import (
	"cmp"
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
	Checksum     bool          // IPv4: UDP packets have one

	// DiscoverMTU makes packets smaller until they fit all the way: IPv4. They then
	// are not to be cut into fragments, and begin as large as the greatest of the
	// usual MTUs, if no Size is given.
	DiscoverMTU bool
	// Sending is called with each packet before it is sent, if not nil: IPv4.
	Sending func(packet []byte)
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
	SentSize   int        // of the packet itself
	NextSize   int        // of the next packets, if DiscoverMTU makes them smaller because of the answer
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
			for probe := 0; probe < r.Probes; probe++ {
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
				p.NextSize = r.shrink(p.Err)
				if !yield(p, nil) {
					return
				}
				if p.NextSize != 0 {
					reached, refused, probe = false, 0, -1 // the hop begins anew
					continue
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
	if r.DiscoverMTU {
		r.DontFragment = true
		r.Size = cmp.Or(r.Size, usualMTUs()[0])
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
		return r.findSource(ctx)
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

// findSource finds out where packets will come from, which their checksums are about.
func (r *tracer) findSource(ctx context.Context) error {
	if !r.Checksum || r.Echo || r.Source.IsValid() {
		return nil
	}
	first := r.Addr
	if len(r.Gateways) > 0 {
		first = r.Gateways[0]
	}
	route, err := r.in.k.RouteTo(ctx, first)
	if err == nil {
		r.Source = route.Source
	} else if _, refused := Errno(err); !refused {
		return err
	}
	return nil // sending will say that there is no route
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
	err := r.send(hop)
	for r.DiscoverMTU && errors.Is(err, netbsd.EMSGSIZE) && r.shrinkTo(0) {
		err = r.send(hop)
	}
	if err != nil {
		return TraceProbe{}, err
	}
	until := sent.Add(r.Wait)
	for {
		m, err := r.in.receive(until)
		if errors.Is(err, os.ErrDeadlineExceeded) && r.in.ctx.Err() == nil {
			return TraceProbe{Hops: -1, SentSize: r.Size}, nil
		}
		if err != nil {
			return TraceProbe{}, err
		}
		if !r.ours(m) {
			continue
		}
		p := TraceProbe{From: m.from, Time: time.Since(sent), Hops: m.hops, Err: m.err, Size: m.size, SentSize: r.Size}
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
		b = append(b, make([]byte, 2+size)...)
		if r.Checksum && r.Source.IsValid() {
			binary.BigEndian.PutUint16(b[h.size()+6:], r.udpChecksum(b[h.size():]))
		}
	}
	if r.Sending != nil {
		r.Sending(b)
	}
	_, err := r.out.WriteToSockaddr(b, to)
	return err
}

// udpChecksum returns the checksum of a UDP packet without one, by the header that it
// is reckoned with.
func (r *tracer) udpChecksum(udp []byte) uint16 {
	src, dst := r.Source.As4(), r.Addr.As4()
	b := append(append([]byte(nil), src[:]...), dst[:]...)
	b = append(b, 0, netbsd.IPPROTO_UDP)
	b = binary.BigEndian.AppendUint16(b, uint16(len(udp)))
	if sum := inetChecksum(append(b, udp...)); sum != 0 {
		return sum
	}
	return 0xffff // 0 means that there is none
}

// usualMTUs are the sizes that packets are tried with (RFC 1191).
func usualMTUs() []int {
	return []int{17914, 8166, 4464, 4352, 2048, 2002, 1536, 1500, 1492, 1480, 1280, 1006, 576, 552, 544, 512, 508, 296, 68}
}

// shrink makes packets smaller if an answer says that this one was too large for a
// router. It returns the new size, or 0 for no change.
func (r *tracer) shrink(e *ICMPError) int {
	if !r.DiscoverMTU || e == nil || e.Type != netbsd.ICMP_UNREACH || e.Code != netbsd.ICMP_UNREACH_NEEDFRAG || !r.shrinkTo(e.MTU) {
		return 0
	}
	return r.Size
}

// shrinkTo makes packets as small as that, or if it is not smaller as the next of the
// usual sizes. It returns false if they cannot be smaller.
func (r *tracer) shrinkTo(size int) bool {
	if size <= 0 || size >= r.Size {
		size = 0
		for _, mtu := range usualMTUs() {
			if mtu < r.Size {
				size = mtu
				break
			}
		}
	}
	if size < traceHeader4+len(r.opts) {
		return false
	}
	r.Size = size
	return true
}
