package packet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/shmif"
)

// HostConfig says what a host is.
type HostConfig struct {
	Name    string         // for Names; "host" if empty
	MAC     MAC            // a random one if zero
	Addrs   []netip.Prefix // addresses with their networks, of either family
	Gateway netip.Addr     // where packets to other networks go; optional
	Names   *Names         // gets to know the host; optional
	Quiet   Quiet          // what the host does not answer
}

// Quiet says what a host does not answer.
type Quiet struct {
	ARP, ND, Ping bool
}

// A Host is a station on a bus that is no kernel. It answers ARP, neighbour solicitations and pings for its addresses, and
// sends what it is told to. To TCP it says nothing by itself, not even RST: that is what Peer is for.
type Host struct {
	bus    *shmif.Bus
	sender uint64
	config HostConfig

	reader *shmif.Reader // of the answering goroutine
	cancel context.CancelFunc
	done   chan struct{}

	mu         sync.Mutex
	quiet      Quiet
	neighbours map[netip.Addr]MAC
	changed    chan struct{} // closed when a neighbour is learnt
	err        error
	nextPort   uint16
	mark       *shmif.Reader // of Expect
}

// NewHost puts a host on b. It answers until Close.
func NewHost(b *shmif.Bus, c HostConfig) (*Host, error) {
	if c.Name == "" {
		c.Name = "host"
	}
	if c.MAC == (MAC{}) {
		be.PutUint32(c.MAC[2:], rand.Uint32())
		c.MAC[0] = 2 // locally administered
	}
	if c.MAC.Multicast() {
		return nil, fmt.Errorf("packet: %v is no station's address", c.MAC)
	}
	end, err := b.End()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &Host{
		bus: b, sender: rand.Uint64() | 1, config: c, quiet: c.Quiet,
		reader: b.NewReader(end), mark: b.NewReader(end), cancel: cancel, done: make(chan struct{}),
		neighbours: make(map[netip.Addr]MAC), changed: make(chan struct{}),
		nextPort: uint16(49152 + rand.IntN(8192)),
	}
	if c.Names != nil {
		c.Names.SetMAC(c.MAC, c.Name)
		c.Names.SetSender(h.sender, c.Name)
	}
	go h.answer(ctx)
	return h, nil
}

// Close takes the host off the bus and returns the error that made it fall silent before, if any.
func (h *Host) Close() error {
	h.cancel()
	<-h.done
	h.mark.Close()
	return h.err
}

// Name returns the host's name.
func (h *Host) Name() string { return h.config.Name }

// MAC returns the host's Ethernet address.
func (h *Host) MAC() MAC { return h.config.MAC }

// Sender returns the number with which the host's frames are marked.
func (h *Host) Sender() uint64 { return h.sender }

// Addr returns the host's first address of the family of dst, in dst's network if it has one there.
func (h *Host) Addr(dst netip.Addr) (netip.Addr, error) {
	var found netip.Addr
	for _, p := range h.config.Addrs {
		if p.Addr().Is4() == dst.Is4() && (!found.IsValid() || p.Contains(dst)) {
			found = p.Addr()
			if p.Contains(dst) {
				break
			}
		}
	}
	if !found.IsValid() {
		return found, fmt.Errorf("packet: %s has no address of %v's family", h.Name(), dst)
	}
	return found, nil
}

// SetQuiet changes what the host does not answer.
func (h *Host) SetQuiet(q Quiet) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.quiet = q
}

func (h *Host) owns(a netip.Addr) bool {
	return slices.ContainsFunc(h.config.Addrs, func(p netip.Prefix) bool { return p.Addr() == a })
}

// answer reads the bus and does what a station must.
func (h *Host) answer(ctx context.Context) {
	defer close(h.done)
	defer h.reader.Close()
	for f, err := range h.reader.Frames(ctx) {
		if err == nil {
			err = h.received(f)
		}
		if err != nil {
			if !errors.Is(err, shmif.ErrClosed) {
				h.err = err
			}
			return
		}
	}
}

func (h *Host) received(f shmif.Frame) error {
	if f.Sender == h.sender || len(f.Data) < shmif.MinFrame {
		return nil
	}
	if dst := macOf(f.Data); dst != h.config.MAC && !dst.Multicast() {
		return nil
	}
	p := Decode(f)
	h.mu.Lock()
	quiet := h.quiet
	h.mu.Unlock()
	back := Eth{Src: h.config.MAC, Dst: p.Eth.Src}
	switch {
	case p.ARP != nil:
		a := p.ARP
		if a.SenderIP.IsValid() && !a.SenderIP.IsUnspecified() && h.owns(a.DestIP) {
			h.learn(a.SenderIP, a.SenderMAC)
		}
		if a.Op == ARPRequest && h.owns(a.DestIP) && !quiet.ARP {
			return h.Inject(back, ARP{
				Op: ARPReply, SenderMAC: h.config.MAC, SenderIP: a.DestIP, DestMAC: a.SenderMAC, DestIP: a.SenderIP,
			})
		}
	case p.ICMP6 != nil && p.IP.TTL == 255 && p.ICMP6.Type == ICMPv6NeighborSolicitation:
		target := p.ndTarget()
		if !h.owns(target) {
			return nil
		}
		dst, solicited := p.IP.Src, true
		if m, ok := p.ndLink(); ok && !dst.IsUnspecified() {
			h.learn(dst, m)
		}
		if dst.IsUnspecified() { // someone tries whether the address is free
			dst, solicited = netip.MustParseAddr("ff02::1"), false
			back.Dst = MAC{0x33, 0x33, 0, 0, 0, 1}
		}
		if !quiet.ND {
			ls := append([]Layer{back, IP{Src: target, Dst: dst, TTL: 255}}, NeighborAdvertisement(target, h.config.MAC, solicited)...)
			return h.Inject(ls...)
		}
	case p.ICMP6 != nil && p.IP.TTL == 255 && p.ICMP6.Type == ICMPv6NeighborAdvertisement:
		if m, ok := p.ndLink(); ok {
			h.learn(p.ndTarget(), m)
		}
	case p.IP == nil || !h.owns(p.IP.Dst) || p.IP.Fragment() || len(p.Bad) > 0 || quiet.Ping:
	case p.ICMP != nil && p.ICMP.Type == ICMPEcho:
		return h.Inject(back, IP{Src: p.IP.Dst, Dst: p.IP.Src}, ICMP{Type: ICMPEchoReply, ID: p.ICMP.ID, Seq: p.ICMP.Seq}, Raw(p.Payload))
	case p.ICMP6 != nil && p.ICMP6.Type == ICMPv6Echo:
		return h.Inject(back, IP{Src: p.IP.Dst, Dst: p.IP.Src}, ICMP{V6: true, Type: ICMPv6EchoReply, ID: p.ICMP6.ID, Seq: p.ICMP6.Seq}, Raw(p.Payload))
	}
	return nil
}

func (h *Host) learn(a netip.Addr, m MAC) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.neighbours[a] == m || len(h.neighbours) > 10000 {
		return
	}
	h.neighbours[a] = m
	close(h.changed)
	h.changed = make(chan struct{})
}

// Inject builds a frame of layers and sends it as they are.
func (h *Host) Inject(layers ...Layer) error {
	data, err := Build(layers...)
	if err != nil {
		return err
	}
	_, err = h.bus.SendAs(h.sender, data)
	return err
}

// Send sends layers to dst: what follows the IP header, or an *IP first in which missing addresses are filled in. The
// Ethernet address is asked for if it is not known.
func (h *Host) Send(ctx context.Context, dst netip.Addr, layers ...Layer) error {
	ip := &IP{}
	if len(layers) > 0 {
		switch l := layers[0].(type) {
		case *IP:
			c := *l
			ip, layers = &c, layers[1:]
		case IP:
			ip, layers = &l, layers[1:]
		}
	}
	if !ip.Dst.IsValid() {
		ip.Dst = dst
	}
	if !ip.Src.IsValid() {
		src, err := h.Addr(dst)
		if err != nil {
			return err
		}
		ip.Src = src
	}
	m, err := h.Resolve(ctx, dst)
	if err != nil {
		return err
	}
	return h.Inject(append([]Layer{Eth{Src: h.config.MAC, Dst: m}, ip}, layers...)...)
}

// solicitEvery is how long a host waits for an answer before it asks for an Ethernet address again.
const solicitEvery = 500 * time.Millisecond

// Resolve returns the Ethernet address for packets to dst: dst's own, its group's, or the gateway's. It asks until ctx
// ends.
func (h *Host) Resolve(ctx context.Context, dst netip.Addr) (MAC, error) {
	b := dst.AsSlice()
	switch {
	case !dst.IsValid():
		return MAC{}, fmt.Errorf("packet: no address to send to")
	case dst.Is4() && dst.IsMulticast():
		return MAC{1, 0, 0x5e, b[1] & 0x7f, b[2], b[3]}, nil
	case dst.IsMulticast():
		return MAC{0x33, 0x33, b[12], b[13], b[14], b[15]}, nil
	case dst == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return Broadcast, nil
	}
	local := slices.ContainsFunc(h.config.Addrs, func(p netip.Prefix) bool { return p.Contains(dst) }) || dst.IsLinkLocalUnicast()
	if !local {
		if !h.config.Gateway.IsValid() {
			return MAC{}, fmt.Errorf("packet: %s has no gateway to %v", h.Name(), dst)
		}
		dst = h.config.Gateway
	}
	for {
		h.mu.Lock()
		m, ok := h.neighbours[dst]
		changed := h.changed
		h.mu.Unlock()
		if ok {
			return m, nil
		}
		if err := h.solicit(dst); err != nil {
			return MAC{}, err
		}
		t := time.NewTimer(solicitEvery)
		for again := false; !again && !ok; {
			select {
			case <-changed:
				h.mu.Lock()
				m, ok = h.neighbours[dst]
				changed = h.changed
				h.mu.Unlock()
			case <-t.C:
				again = true
			case <-h.done:
				t.Stop()
				return MAC{}, shmif.ErrClosed
			case <-ctx.Done():
				t.Stop()
				return MAC{}, fmt.Errorf("packet: %s does not know where %v is: %w", h.Name(), dst, context.Cause(ctx))
			}
		}
		t.Stop()
		if ok {
			return m, nil
		}
	}
}

func (h *Host) solicit(dst netip.Addr) error {
	src, err := h.Addr(dst)
	if err != nil {
		return err
	}
	if dst.Is4() {
		return h.Inject(Eth{Src: h.config.MAC, Dst: Broadcast}, ARP{SenderMAC: h.config.MAC, SenderIP: src, DestIP: dst})
	}
	group, m := solicitedNode(dst)
	return h.Inject(append([]Layer{Eth{Src: h.config.MAC, Dst: m}, IP{Src: src, Dst: group, TTL: 255}}, NeighborSolicitation(dst, h.config.MAC)...)...)
}

// Ping sends an echo request and waits for its reply until ctx ends.
func (h *Host) Ping(ctx context.Context, dst netip.Addr, payload []byte) (time.Duration, error) {
	end, err := h.bus.End()
	if err != nil {
		return 0, err
	}
	r := h.bus.NewReader(end)
	defer r.Close()
	id, start := uint16(rand.Uint32()), time.Now()
	echo := ICMP{Type: ICMPEcho, ID: id, Seq: 1}
	if dst.Is6() {
		echo.V6, echo.Type = true, ICMPv6Echo
	}
	if err := h.Send(ctx, dst, echo, Raw(payload)); err != nil {
		return 0, err
	}
	_, err = Expect(ctx, r, h.config.Names, MatchFunc("echo reply from "+dst.String(), func(p *Packet) (bool, error) {
		v4 := p.ICMP != nil && p.ICMP.Type == ICMPEchoReply && p.ICMP.ID == id
		v6 := p.ICMP6 != nil && p.ICMP6.Type == ICMPv6EchoReply && p.ICMP6.ID == id
		return (v4 || v6) && p.IP.Src == dst && p.Sender != h.sender, nil
	}))
	return time.Since(start), err
}

// Expect waits for the next packet from others that matches, beginning where the last Expect ended or, the first time,
// where the host came to the bus. One goroutine at a time may call it.
func (h *Host) Expect(ctx context.Context, m Matcher) (*Packet, error) {
	return Expect(ctx, h.mark, h.config.Names, h.fromOthers(m))
}

func (h *Host) fromOthers(m Matcher) Matcher {
	return matchFunc{m.String(), func(p *Packet) (bool, error) {
		if p.Sender == h.sender {
			return false, nil
		}
		return m.Match(p)
	}}
}

// port returns a local port that was not in use lately.
func (h *Host) port() uint16 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.nextPort++
	if h.nextPort < 49152 {
		h.nextPort = 49152
	}
	return h.nextPort
}
