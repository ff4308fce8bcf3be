package starlark

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// Peer is one end of a TCP connection, which a script plays segment by segment.
// In scripts sequence numbers count from the connection's first ones, as in
// packetdrill: the SYN is 0, the first byte 1.
type Peer struct {
	p *packet.Peer
	h *Host

	mu sync.Mutex // protects p, which one uses at a time
}

func peerAttrs() []attribute {
	return []attribute{
		{"ack", "What its next acknowledgement says, counted from the other end's SYN. It can be set."},
		{"irs", "The other end's initial sequence number."},
		{"iss", "Its own initial sequence number."},
		{"local", "Its address and port, a string: \"10.0.0.9:49152\"."},
		{"mss", "The maximum segment size that its SYN announces. It can be set."},
		{"remote", "The other end's address and port, a string."},
		{"seq", "The sequence number of the next byte it sends, counted from its SYN. It can be set."},
		{"window", "The window that its segments announce. It can be set."},
	}
}

func peerMethods() []function {
	return []function{
		{"close", "", "Forgets the connection. The other end is not told: send a FIN or RST for that.", peerClose},
		{"connect", "timeout?", "Does the handshake of the end that begins.", peerConnect},
		{"expect", segmentMatchParams, "Waits for a segment of the other end, passing over others of the connection, and returns it as a packet. All that is given must hold: a filter or function, the flags (without PSH, if that is not among them), seq and ack as the connection counts them, the payload, or its length. 5s if not given how long.", func(c *call) (starlark.Value, error) { return peerExpect(c, (*packet.Peer).Expect) }},
		{"expect_next", segmentMatchParams, "Waits as peer.expect does, and fails if the very next segment of the other end is another.", func(c *call) (starlark.Value, error) { return peerExpect(c, (*packet.Peer).ExpectNext) }},
		{"read", "size timeout?", "Returns the next bytes of the other end's stream, so many, or fewer at its end, and acknowledges each segment.", peerRead},
		{"relative", "packet", "Returns a packet's seq and ack as the connection counts them.", peerRelative},
		{"send", "flags? payload? seq? ack? window? ttl? urgent? mss? scale? sack_ok? timestamp? options? checksum?", "Sends a segment: \"ACK\", or \"PSH|ACK\" with a payload, if no flags are given. What is not given is as the connection has it. A segment with a seq of its own is sent out of turn: what follows continues where it did.", peerSend},
	}
}

const segmentMatchParams = "match? within? flags? seq? ack? payload? length?"

// String shows the peer to a person.
func (p *Peer) String() string        { return fmt.Sprintf("<peer %s of %s>", p.p.Local, p.p.Remote) }
func (p *Peer) Type() string          { return "peer" }
func (p *Peer) Freeze()               {}
func (p *Peer) Truth() starlark.Bool  { return true }
func (p *Peer) Hash() (uint32, error) { return 0, errors.New("unhashable: peer") }

// Attr implements starlark.HasAttrs.
func (p *Peer) Attr(name string) (starlark.Value, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch name {
	case "ack":
		return starlark.MakeUint64(uint64(p.p.Ack - p.p.IRS)), nil
	case "irs":
		return starlark.MakeUint64(uint64(p.p.IRS)), nil
	case "iss":
		return starlark.MakeUint64(uint64(p.p.ISS)), nil
	case "local":
		return starlark.String(p.p.Local.String()), nil
	case "mss":
		return starlark.MakeInt(int(p.p.MSS)), nil
	case "remote":
		return starlark.String(p.p.Remote.String()), nil
	case "seq":
		return starlark.MakeUint64(uint64(p.p.Seq - p.p.ISS)), nil
	case "window":
		return starlark.MakeInt(int(p.p.Window)), nil
	}
	return method(p, peerMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (p *Peer) AttrNames() []string {
	var names []string
	for _, a := range peerAttrs() {
		names = append(names, a.name)
	}
	return attrNames(peerMethods(), names...)
}

// SetField implements starlark.HasSetField.
func (p *Peer) SetField(name string, v starlark.Value) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var n sequence
	switch name {
	case "ack":
		err := n.Unpack(v)
		p.p.Ack = p.p.IRS + uint32(n)
		return err
	case "seq":
		err := n.Unpack(v)
		p.p.Seq = p.p.ISS + uint32(n)
		return err
	case "mss":
		return starlark.AsInt(v, &p.p.MSS)
	case "window":
		return starlark.AsInt(v, &p.p.Window)
	}
	return starlark.NoSuchAttrError(fmt.Sprintf("a peer's %s cannot be set", name))
}

// addrPort unpacks "10.0.0.2:80".
type addrPort netip.AddrPort

// Unpack implements starlark.Unpacker.
func (a *addrPort) Unpack(v starlark.Value) error {
	s, ok := starlark.AsString(v)
	p, err := netip.ParseAddrPort(s)
	if !ok || err != nil {
		return fmt.Errorf("got %s where an address and port are wanted: \"10.0.0.2:80\" or \"[2001:db8::1]:80\"", v)
	}
	*a = addrPort(p)
	return nil
}

func hostPeer(c *call) (starlark.Value, error) {
	var remote addrPort
	var port optional[uint16]
	if err := c.unpack(&remote, &port); err != nil {
		return nil, err
	}
	h := c.self.(*Host)
	to := netip.AddrPort(remote)
	from, err := h.h.Addr(to.Addr())
	if err != nil {
		return nil, expectError(c.ctx, h.where(), err)
	}
	p, err := h.h.Peer(netip.AddrPortFrom(from, port.or(0)), to)
	if err != nil {
		return nil, expectError(c.ctx, h.where(), err)
	}
	return &Peer{p: p, h: h}, nil
}

func hostConnect(c *call) (starlark.Value, error) {
	var remote addrPort
	within := duration(expectTimeout)
	if err := c.unpack(&remote, &within); err != nil {
		return nil, err
	}
	h := c.self.(*Host)
	return h.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		p, err := h.h.Connect(ctx, netip.AddrPort(remote))
		if err != nil {
			return nil, err
		}
		return &Peer{p: p, h: h}, nil
	})
}

// do calls f, which has the connection for itself and so much time.
func (p *Peer) do(c *call, within duration, f func(ctx context.Context) (starlark.Value, error)) (starlark.Value, error) {
	return p.h.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		return f(ctx)
	})
}

func peerConnect(c *call) (starlark.Value, error) {
	within := duration(expectTimeout)
	if err := c.unpack(&within); err != nil {
		return nil, err
	}
	p := c.self.(*Peer)
	return p.do(c, within, func(ctx context.Context) (starlark.Value, error) { return nil, p.p.Connect(ctx) })
}

func peerClose(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return nil, c.self.(*Peer).p.Close()
}

func peerRead(c *call) (starlark.Value, error) {
	var size int
	within := duration(expectTimeout)
	if err := c.unpack(&size, &within); err != nil {
		return nil, err
	}
	p := c.self.(*Peer)
	return p.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		data, err := p.p.Read(ctx, size)
		return starlark.Bytes(data), err
	})
}

func peerRelative(c *call) (starlark.Value, error) {
	var v *Packet
	if err := c.unpack(&v); err != nil {
		return nil, err
	}
	if v.p.TCP == nil {
		return nil, fmt.Errorf("relative: %s is no segment of TCP", v.p)
	}
	p := c.self.(*Peer)
	p.mu.Lock()
	defer p.mu.Unlock()
	seq, ack := p.p.Relative(v.p)
	return starlark.Tuple{starlark.MakeUint64(uint64(seq)), starlark.MakeUint64(uint64(ack))}, nil
}

func peerSend(c *call) (starlark.Value, error) {
	var fl optional[flags]
	var data, options content
	var seq, ack optional[sequence]
	var window, urgent, mss, checksum optional[uint16]
	var ttl, scale optional[uint8]
	var sackOK optional[bool]
	var ts optional[timestamps]
	if err := c.unpack(&fl, &data, &seq, &ack, &window, &ttl, &urgent, &mss, &scale, &sackOK, &ts, &options, &checksum); err != nil {
		return nil, err
	}
	s := packet.Segment{Flags: packet.ACK, Payload: data, Window: window.v}
	if len(data) > 0 {
		s.Flags |= packet.PSH
	}
	if fl.v != nil {
		s.Flags = packet.Flags(*fl.v)
	}
	s.Edit = func(ip *packet.IP, t *packet.TCP) {
		if ttl.v != nil {
			ip.TTL, ip.ZeroTTL = *ttl.v, *ttl.v == 0
		}
		t.Urgent = urgent.or(0)
		t.MSS = mss.or(t.MSS)
		t.Scale, t.SACKOK, t.Timestamp = scale.v, sackOK.or(false), (*[2]uint32)(ts.v)
		t.Options, t.Checksum = options, checksum.v
	}
	p := c.self.(*Peer)
	return p.do(c, duration(expectTimeout), func(ctx context.Context) (starlark.Value, error) {
		if seq.v != nil {
			n := p.p.ISS + uint32(*seq.v)
			s.Seq = &n
		}
		if ack.v != nil {
			n := p.p.IRS + uint32(*ack.v)
			s.Ack = &n
		}
		return nil, p.p.Send(ctx, s)
	})
}

func peerExpect(c *call, expect func(*packet.Peer, context.Context, packet.Matcher) (*packet.Packet, error)) (starlark.Value, error) {
	var m matcher
	within := duration(expectTimeout)
	var want segmentMatch
	if err := c.unpack(&m, &within, &want.flags, &want.seq, &want.ack, &want.payload, &want.length); err != nil {
		return nil, err
	}
	p := c.self.(*Peer)
	matchers := []packet.Matcher{}
	if text := want.text(); text != "" || !m.given() {
		if text == "" {
			text = "any segment"
		}
		matchers = append(matchers, packet.MatchFunc(text, func(q *packet.Packet) (bool, error) { return want.match(p.p, q), nil }))
	}
	if m.given() {
		matchers = append(matchers, m.waiting(c))
	}
	return p.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		q, err := expect(p.p, ctx, packet.And(matchers...))
		if err != nil {
			return nil, err
		}
		return &Packet{q}, nil
	})
}

// segmentMatch is what a script says of a segment that it expects.
type segmentMatch struct {
	flags    optional[flags]
	seq, ack optional[sequence]
	payload  optional[content]
	length   optional[int]
}

// text says in errors which segment is meant.
func (m *segmentMatch) text() string {
	var parts []string
	if m.flags.v != nil {
		parts = append(parts, packet.Flags(*m.flags.v).Names())
	}
	if m.seq.v != nil {
		parts = append(parts, fmt.Sprint("seq ", *m.seq.v))
	}
	if m.ack.v != nil {
		parts = append(parts, fmt.Sprint("ack ", *m.ack.v))
	}
	if m.payload.v != nil {
		parts = append(parts, fmt.Sprintf("payload %q", *m.payload.v))
	}
	if m.length.v != nil {
		parts = append(parts, fmt.Sprint("length ", *m.length.v))
	}
	return strings.Join(parts, " ")
}

// match tells whether a segment is meant. Whether PSH is set is the business of
// the sender's buffers: it only counts if the script says so.
func (m *segmentMatch) match(p *packet.Peer, q *packet.Packet) bool {
	seq, ack := p.Relative(q)
	got := q.TCP.Flags
	if want := packet.Flags(m.flags.or(0)); want&packet.PSH == 0 {
		got &^= packet.PSH
	}
	return (m.flags.v == nil || got == packet.Flags(*m.flags.v)) &&
		(m.seq.v == nil || seq == uint32(*m.seq.v)) &&
		(m.ack.v == nil || ack == uint32(*m.ack.v)) &&
		(m.payload.v == nil || string(q.Payload) == string(*m.payload.v)) &&
		(m.length.v == nil || len(q.Payload) == *m.length.v)
}

// PeerListener waits for TCP connections to a host.
type PeerListener struct {
	l *packet.Listener
	h *Host

	mu sync.Mutex // one waits at a time
}

func peerListenerAttrs() []attribute {
	return []attribute{{"port", "The port it listens on, an int."}}
}

func peerListenerMethods() []function {
	return []function{
		{"accept", "timeout?", "Waits for a connection, does the handshake of the end that listens and returns the peer.", func(c *call) (starlark.Value, error) { return peerListenerAccept(c, (*packet.Listener).Accept) }},
		{"accept_syn", "timeout?", "Waits for a SYN, which is not answered, and returns the peer.", func(c *call) (starlark.Value, error) { return peerListenerAccept(c, (*packet.Listener).AcceptSYN) }},
		{"close", "", "Ends the listener.", peerListenerClose},
	}
}

// String shows the listener to a person.
func (l *PeerListener) String() string {
	return fmt.Sprintf("<listener on port %d of %s>", l.l.Port, l.h.h.Name())
}
func (l *PeerListener) Type() string          { return "peer_listener" }
func (l *PeerListener) Freeze()               {}
func (l *PeerListener) Truth() starlark.Bool  { return true }
func (l *PeerListener) Hash() (uint32, error) { return 0, errors.New("unhashable: listener") }

// Attr implements starlark.HasAttrs.
func (l *PeerListener) Attr(name string) (starlark.Value, error) {
	if name == "port" {
		return starlark.MakeInt(int(l.l.Port)), nil
	}
	return method(l, peerListenerMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (l *PeerListener) AttrNames() []string { return attrNames(peerListenerMethods(), "port") }

func hostListen(c *call) (starlark.Value, error) {
	var port optional[uint16]
	if err := c.unpack(&port); err != nil {
		return nil, err
	}
	h := c.self.(*Host)
	l, err := h.h.Listen(port.or(0))
	if err != nil {
		return nil, expectError(c.ctx, h.where(), err)
	}
	return &PeerListener{l: l, h: h}, nil
}

func peerListenerAccept(c *call, accept func(*packet.Listener, context.Context) (*packet.Peer, error)) (starlark.Value, error) {
	within := duration(expectTimeout)
	if err := c.unpack(&within); err != nil {
		return nil, err
	}
	l := c.self.(*PeerListener)
	return l.h.do(c, within, func(ctx context.Context) (starlark.Value, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		p, err := accept(l.l, ctx)
		if err != nil {
			return nil, err
		}
		return &Peer{p: p, h: l.h}, nil
	})
}

func peerListenerClose(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return nil, c.self.(*PeerListener).l.Close()
}

var _ starlark.HasSetField = (*Peer)(nil)
