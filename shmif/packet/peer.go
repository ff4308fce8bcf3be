package packet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"

	"github.com/rumpkernel/rumpscript/shmif"
)

// A Peer is one end of a TCP connection, played segment by segment. It keeps sequence numbers and does nothing else by
// itself: it does not acknowledge, retransmit or close unless told to. One goroutine at a time may use it.
type Peer struct {
	Local, Remote netip.AddrPort

	ISS, IRS uint32 // initial sequence numbers: ours, theirs
	Seq      uint32 // of the next byte we send
	Ack      uint32 // of the next byte we expect: what an acknowledgement says
	Window   uint16 // what our segments announce; 65535 at first
	MSS      uint16 // what our SYN announces; 1460 or 1440 at first

	host   *Host
	reader *shmif.Reader
}

// A Segment is what Peer.Send sends. What is nil is filled in from the connection.
type Segment struct {
	Flags    Flags
	Payload  []byte
	Seq, Ack *uint32 // a segment with a Seq of its own does not move the peer's
	Window   *uint16
	Edit     func(*IP, *TCP) // changes anything else before the segment is built
}

// Peer returns an end for a connection from local to remote. The address and the port of local are chosen if they are
// zero. Nothing is sent. Close it when it is no longer needed.
func (h *Host) Peer(local, remote netip.AddrPort) (*Peer, error) {
	addr, port := local.Addr(), local.Port()
	if !addr.IsValid() {
		var err error
		if addr, err = h.Addr(remote.Addr()); err != nil {
			return nil, err
		}
	}
	if port == 0 {
		port = h.port()
	}
	end, err := h.bus.End()
	if err != nil {
		return nil, err
	}
	return h.peer(netip.AddrPortFrom(addr, port), remote, end), nil
}

func (h *Host) peer(local, remote netip.AddrPort, pos shmif.Position) *Peer {
	iss := rand.Uint32()
	p := &Peer{Local: local, Remote: remote, ISS: iss, Seq: iss, Window: 65535, MSS: 1460, host: h, reader: h.bus.NewReader(pos)}
	if local.Addr().Is6() {
		p.MSS = 1440
	}
	return p
}

// Connect returns an end whose connection to remote is established.
func (h *Host) Connect(ctx context.Context, remote netip.AddrPort) (*Peer, error) {
	p, err := h.Peer(netip.AddrPort{}, remote)
	if err != nil {
		return nil, err
	}
	if err := p.Connect(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Connect does the handshake of the end that begins.
func (p *Peer) Connect(ctx context.Context) error {
	if err := p.Send(ctx, Segment{Flags: SYN}); err != nil {
		return err
	}
	got, err := p.Expect(ctx, MatchFunc("SYN|ACK or RST", func(q *Packet) (bool, error) {
		return q.TCP.Flags&(SYN|ACK) == SYN|ACK || q.TCP.Flags&RST != 0, nil
	}))
	if err != nil {
		return err
	}
	if got.TCP.Flags&RST != 0 {
		return &ResetError{Remote: p.Remote}
	}
	return p.Send(ctx, Segment{Flags: ACK})
}

// A ResetError says that the other end reset the connection or refused it.
type ResetError struct {
	Remote netip.AddrPort
}

func (e *ResetError) Error() string { return fmt.Sprintf("packet: connection reset by %v", e.Remote) }

// Send sends a segment. Without a Seq of its own it continues the stream, and the peer's Seq moves past it.
func (p *Peer) Send(ctx context.Context, s Segment) error {
	t := &TCP{Src: p.Local.Port(), Dst: p.Remote.Port(), Seq: p.Seq, Flags: s.Flags, Window: p.Window}
	if s.Flags&ACK != 0 {
		t.Ack = p.Ack
	}
	if s.Flags&SYN != 0 {
		t.MSS = p.MSS
	}
	if s.Seq != nil {
		t.Seq = *s.Seq
	}
	if s.Ack != nil {
		t.Ack = *s.Ack
	}
	if s.Window != nil {
		t.Window = *s.Window
	}
	ip := &IP{Src: p.Local.Addr(), Dst: p.Remote.Addr(), DF: p.Local.Addr().Is4()}
	if s.Edit != nil {
		s.Edit(ip, t)
	}
	if s.Seq == nil {
		p.Seq += length(s.Flags, len(s.Payload))
	}
	return p.host.Send(ctx, p.Remote.Addr(), ip, t, Raw(s.Payload))
}

// length is what a segment takes of the sequence space.
func length(f Flags, payload int) uint32 {
	n := uint32(payload)
	if f&SYN != 0 {
		n++
	}
	if f&FIN != 0 {
		n++
	}
	return n
}

// mine says whether a packet is of this connection and from the other end.
func (p *Peer) mine(q *Packet) bool {
	return q.Sender != p.host.sender && q.TCP != nil &&
		q.IP.Src == p.Remote.Addr() && q.IP.Dst == p.Local.Addr() && q.TCP.Src == p.Remote.Port() && q.TCP.Dst == p.Local.Port()
}

// Expect waits for a segment of the other end that matches, passing over others of the connection, and keeps Ack up to
// date with all it sees in order. The matcher only sees this connection's segments, so that q.TCP is there.
func (p *Peer) Expect(ctx context.Context, m Matcher) (*Packet, error) {
	return Expect(ctx, p.reader, p.host.config.Names, matchFunc{m.String(), func(q *Packet) (bool, error) {
		if !p.mine(q) {
			return false, nil
		}
		p.track(q)
		return m.Match(q)
	}})
}

// ExpectNext is Expect for the very next segment of the other end: if that does not match, it is an error.
func (p *Peer) ExpectNext(ctx context.Context, m Matcher) (*Packet, error) {
	q, err := p.Expect(ctx, matchFunc{m.String(), func(*Packet) (bool, error) { return true, nil }})
	if err != nil {
		return nil, err
	}
	ok, err := m.Match(q)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &ExpectError{Want: m.String(), Seen: []*Packet{q}, Err: errNotNext}
	}
	return q, nil
}

var errNotNext = errors.New("the next segment is another")

func (p *Peer) track(q *Packet) {
	t := q.TCP
	if t.Flags&SYN != 0 {
		p.IRS, p.Ack = t.Seq, t.Seq
	}
	end := t.Seq + length(t.Flags, len(q.Payload))
	if int32(t.Seq-p.Ack) <= 0 && int32(end-p.Ack) > 0 {
		p.Ack = end
	}
}

// Relative returns a segment's numbers relative to the connection's initial ones, as they are best read.
func (p *Peer) Relative(q *Packet) (seq, ack uint32) {
	if q.TCP == nil {
		return 0, 0
	}
	if p.mine(q) {
		return q.TCP.Seq - p.IRS, q.TCP.Ack - p.ISS
	}
	return q.TCP.Seq - p.ISS, q.TCP.Ack - p.IRS
}

// Read returns the next n bytes of the other end's stream and acknowledges each segment. It returns fewer at its end.
func (p *Peer) Read(ctx context.Context, n int) ([]byte, error) {
	var data []byte
	for len(data) < n {
		before := p.Ack
		q, err := p.Expect(ctx, MatchFunc("data", func(q *Packet) (bool, error) {
			return length(q.TCP.Flags, len(q.Payload)) > 0 || q.TCP.Flags&RST != 0, nil
		}))
		if err != nil {
			return data, err
		}
		if q.TCP.Flags&RST != 0 {
			return data, &ResetError{Remote: p.Remote}
		}
		if skip := before - q.TCP.Seq; p.Ack != before && int(skip) <= len(q.Payload) {
			data = append(data, q.Payload[skip:]...)
		}
		if err := p.Send(ctx, Segment{Flags: ACK}); err != nil {
			return data, err
		}
		if q.TCP.Flags&FIN != 0 && p.Ack != before {
			break
		}
	}
	return data, nil
}

// Close forgets the connection. The other end is not told: send a FIN or RST for that.
func (p *Peer) Close() error { return p.reader.Close() }

// A Listener waits for connections to a port of a host.
type Listener struct {
	Port   uint16
	host   *Host
	reader *shmif.Reader
}

// Listen waits for connections to port, from now on. SYNs that nobody accepts go unanswered.
func (h *Host) Listen(port uint16) (*Listener, error) {
	end, err := h.bus.End()
	if err != nil {
		return nil, err
	}
	return &Listener{Port: port, host: h, reader: h.bus.NewReader(end)}, nil
}

// Close ends the listener.
func (l *Listener) Close() error { return l.reader.Close() }

// AcceptSYN waits for a SYN and returns the connection's end. The SYN has been read and is not answered.
func (l *Listener) AcceptSYN(ctx context.Context) (*Peer, error) {
	h := l.host
	q, err := Expect(ctx, l.reader, h.config.Names, MatchFunc(fmt.Sprint("SYN to port ", l.Port), func(q *Packet) (bool, error) {
		return q.Sender != h.sender && q.TCP != nil && q.TCP.Flags&(SYN|ACK) == SYN && q.TCP.Dst == l.Port && h.owns(q.IP.Dst), nil
	}))
	if err != nil {
		return nil, err
	}
	p := h.peer(netip.AddrPortFrom(q.IP.Dst, l.Port), netip.AddrPortFrom(q.IP.Src, q.TCP.Src), q.End())
	p.track(q)
	return p, nil
}

// Accept waits for a connection and does the handshake of the end that listens.
func (l *Listener) Accept(ctx context.Context) (*Peer, error) {
	p, err := l.AcceptSYN(ctx)
	if err != nil {
		return nil, err
	}
	err = p.Send(ctx, Segment{Flags: SYN | ACK})
	if err == nil {
		_, err = p.Expect(ctx, MatchFunc("ACK of our SYN", func(q *Packet) (bool, error) {
			return q.TCP.Flags&(ACK|SYN|RST) == ACK && q.TCP.Ack == p.Seq, nil
		}))
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}
