package packet

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/shmif"
)

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func host(t testing.TB, b *shmif.Bus, c HostConfig, addrs ...string) *Host {
	t.Helper()
	for _, a := range addrs {
		c.Addrs = append(c.Addrs, netip.MustParsePrefix(a))
	}
	h, err := NewHost(b, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestHostsPing(t *testing.T) {
	b := newBus(t)
	names := &Names{}
	left := host(t, b, HostConfig{Name: "left", Names: names}, "10.0.0.1/24", "fe80::1/64")
	right := host(t, b, HostConfig{Name: "right", Names: names}, "10.0.0.2/24", "fe80::2/64")
	ctx := within(t, 5*time.Second)
	for _, a := range []netip.Addr{ipB, ip6B} {
		if _, err := left.Ping(ctx, a, []byte("hello")); err != nil {
			t.Errorf("%v: %v", a, err)
		}
	}
	p, err := right.Expect(ctx, MustFilter("icmp[icmptype] = icmp-echo"))
	if err != nil || p.From != "left" || string(p.Payload) != "hello" {
		t.Errorf("%v %v", p, err)
	}
	right.SetQuiet(Quiet{Ping: true})
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	var ee *ExpectError
	if _, err := left.Ping(soon, ipB, nil); !errors.As(err, &ee) || !ee.Timeout() || !strings.Contains(err.Error(), "ICMP echo request") {
		t.Errorf("a quiet host: %v", err)
	}
	if _, err := left.Ping(ctx, netip.MustParseAddr("192.0.2.1"), nil); err == nil || !strings.Contains(err.Error(), "gateway") {
		t.Errorf("no gateway: %v", err)
	}
	soon, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := left.Ping(soon, netip.MustParseAddr("10.0.0.77"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestHostAnswersProbes(t *testing.T) {
	b := newBus(t)
	h := host(t, b, HostConfig{MAC: macB}, "10.0.0.2/24", "fe80::2/64")
	end, _ := b.End()
	r := b.NewReader(end)
	defer r.Close()
	group, m := solicitedNode(ip6B)
	b.Send(MustBuild(append([]Layer{Eth{Src: macA, Dst: m}, IP{Src: netip.IPv6Unspecified(), Dst: group, TTL: 255}}, NeighborSolicitation(ip6B, macA)...)...))
	p, err := Expect(within(t, time.Second), r, nil, MustFilter("icmp6[0] = icmp6-neighboradvert"))
	if err != nil || p.IP.Dst != netip.MustParseAddr("ff02::1") || p.Sender != h.Sender() {
		t.Errorf("%v %v", p, err)
	}
	b.Send(MustBuild(Eth{Src: macA, Dst: Broadcast}, ARP{SenderMAC: macA, SenderIP: ipA, DestIP: ipB}))
	p, err = Expect(within(t, time.Second), r, nil, MustFilter("arp[6:2] = 2"))
	if err != nil || p.ARP.SenderMAC != macB {
		t.Errorf("%v %v", p, err)
	}
	if got, err := h.Resolve(t.Context(), ipA); err != nil || got != macA {
		t.Errorf("not learnt from the question: %v %v", got, err)
	}
}

func TestTCPStepByStep(t *testing.T) {
	for _, addrs := range [][2]string{{"10.0.0.1/24", "10.0.0.2/24"}, {"fe80::1/64", "fe80::2/64"}} {
		t.Run(addrs[0], func(t *testing.T) {
			b := newBus(t)
			left, right := host(t, b, HostConfig{}, addrs[0]), host(t, b, HostConfig{}, addrs[1])
			ctx := within(t, 5*time.Second)
			l, err := right.Listen(80)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var server *Peer
			var wg sync.WaitGroup
			wg.Go(func() {
				var err error
				if server, err = l.Accept(ctx); err != nil {
					t.Error(err)
				}
			})
			client, err := left.Connect(ctx, netip.AddrPortFrom(netip.MustParsePrefix(addrs[1]).Addr(), 80))
			wg.Wait()
			if err != nil || server == nil {
				t.Fatal(err)
			}
			defer client.Close()
			defer server.Close()
			if client.Seq != server.Ack || client.Ack != server.Seq || client.Seq != client.ISS+1 {
				t.Errorf("%d %d, %d %d", client.Seq, server.Ack, client.Ack, server.Seq)
			}

			// In three segments, the second of which is sent twice and the third before it.
			client.Send(ctx, Segment{Flags: ACK, Payload: []byte("one")})
			second := client.Seq
			third := second + 3
			client.Send(ctx, Segment{Flags: ACK, Payload: []byte("three"), Seq: &third})
			client.Send(ctx, Segment{Flags: ACK, Payload: []byte("two"), Seq: &second})
			client.Send(ctx, Segment{Flags: ACK, Payload: []byte("two")})
			client.Send(ctx, Segment{Flags: ACK | PSH, Payload: []byte("three")})
			got, err := server.Read(ctx, 11)
			if err != nil || string(got) != "onetwothree" {
				t.Errorf("%q %v", got, err)
			}
			p, err := client.Expect(ctx, MatchFunc("all acknowledged", func(p *Packet) (bool, error) { return p.TCP.Ack == client.Seq, nil }))
			if err != nil {
				t.Fatal(err)
			}
			if seq, ack := client.Relative(p); seq != 1 || ack != 12 {
				t.Errorf("seq %d ack %d", seq, ack)
			}

			server.Send(ctx, Segment{Flags: FIN | ACK, Window: new(uint16(0)), Edit: func(ip *IP, tcp *TCP) { ip.TTL = 3; tcp.Urgent = 9 }})
			p, err = client.ExpectNext(ctx, MustFilter("tcp[tcpflags] & tcp-fin != 0"))
			if err != nil || p.TCP.Window != 0 || p.IP.TTL != 3 || p.TCP.Urgent != 9 || client.Ack != server.Seq {
				t.Errorf("%v %v", p, err)
			}
			server.Send(ctx, Segment{Flags: ACK})
			var ee *ExpectError
			if _, err := client.ExpectNext(ctx, MustFilter("tcp[tcpflags] & tcp-rst != 0")); !errors.As(err, &ee) || len(ee.Seen) != 1 {
				t.Errorf("%v", err)
			}
			server.Send(ctx, Segment{Flags: RST})
			var re *ResetError
			if _, err := client.Read(ctx, 1); !errors.As(err, &re) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestConnectRefused(t *testing.T) {
	b := newBus(t)
	left, right := host(t, b, HostConfig{}, "10.0.0.1/24"), host(t, b, HostConfig{}, "10.0.0.2/24")
	ctx := within(t, 5*time.Second)
	l, err := right.Listen(80)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		p, err := l.AcceptSYN(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		defer p.Close()
		if err := p.Send(ctx, Segment{Flags: RST | ACK}); err != nil {
			t.Error(err)
		}
	})
	_, err = left.Connect(ctx, netip.MustParseAddrPort("10.0.0.2:80"))
	var re *ResetError
	if !errors.As(err, &re) || re.Remote.Port() != 80 {
		t.Errorf("%v", err)
	}
	wg.Wait()
}

func TestExpectNone(t *testing.T) {
	b := newBus(t)
	r := b.NewReader(0)
	defer r.Close()
	for _, f := range conversation() {
		if err := b.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := ExpectNone(ctx, r, nil, MustFilter("icmp")); err != nil {
		t.Error(err)
	}
	r2 := b.NewReader(0)
	defer r2.Close()
	var ee *ExpectError
	if err := ExpectNone(t.Context(), r2, nil, MustFilter("udp")); !errors.As(err, &ee) || !ee.None || ee.Got.UDP == nil {
		t.Error(err)
	}
	boom := errors.New("boom")
	if _, err := Expect(t.Context(), b.NewReader(0), nil, MatchFunc("f", func(*Packet) (bool, error) { return false, boom })); !errors.Is(err, boom) {
		t.Error(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := Expect(ctx, b.NewReader(0), nil, And(MustFilter("tcp"), MustFilter("port 81")))
	if !errors.As(err, &ee) || !strings.Contains(fmt.Sprint(err), "these 7 came:") || ee.Want != "tcp and port 81" {
		t.Error(err)
	}
}

func TestHostsNeedSenseInTheirConfiguration(t *testing.T) {
	b := newBus(t)
	if _, err := NewHost(b, HostConfig{MAC: Broadcast}); err == nil {
		t.Error("the broadcast address was accepted")
	}
	h := host(t, b, HostConfig{}, "10.0.0.1/24")
	if err := h.Send(t.Context(), ip6B, UDP{}); err == nil || !strings.Contains(err.Error(), "family") {
		t.Error(err)
	}
	if err := h.Send(t.Context(), netip.MustParseAddr("224.0.0.1"), UDP{Src: 1, Dst: 2}); err != nil {
		t.Error(err)
	}
	b.Close()
	if err := h.Send(t.Context(), ipB, UDP{}); !errors.Is(err, shmif.ErrClosed) {
		t.Error(err)
	}
}
