package packet

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/rumpkernel/rumpscript/shmif"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	macA = MAC{0xb2, 0xa0, 0, 0, 0, 1}
	macB = MAC{0xb2, 0xa0, 0, 0, 0, 2}
	ipA  = netip.MustParseAddr("10.0.0.1")
	ipB  = netip.MustParseAddr("10.0.0.2")
	ip6A = netip.MustParseAddr("fe80::1")
	ip6B = netip.MustParseAddr("fe80::2")

	ethAB = Eth{Src: macA, Dst: macB}
	ipAB  = IP{Src: ipA, Dst: ipB}
	ip6AB = IP{Src: ip6A, Dst: ip6B}
)

func newBus(t testing.TB) *shmif.Bus {
	t.Helper()
	b, err := shmif.Create(filepath.Join(t.TempDir(), "bus"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func decode(ls ...Layer) *Packet { return Decode(shmif.Frame{Data: MustBuild(ls...)}) }

// samples are packets and how they read.
var samples = []struct {
	layers []Layer
	line   string
}{
	{[]Layer{Eth{Src: macA, Dst: Broadcast}, ARP{SenderMAC: macA, SenderIP: ipA, DestIP: ipB}}, "ARP who-has 10.0.0.2 tell 10.0.0.1"},
	{[]Layer{ethAB, ARP{Op: ARPReply, SenderMAC: macA, SenderIP: ipA, DestMAC: macB, DestIP: ipB}}, "ARP reply 10.0.0.1 is-at b2:a0:00:00:00:01"},
	{[]Layer{ethAB, ARP{SenderMAC: macA, SenderIP: ipA, DestIP: ipA}}, "ARP announcement 10.0.0.1 is-at b2:a0:00:00:00:01"},
	{[]Layer{ethAB, ARP{SenderMAC: macA, DestIP: ipA}}, "ARP probe who-has 10.0.0.1 (b2:a0:00:00:00:01)"},
	{[]Layer{ethAB, ipAB, ICMP{Type: ICMPEcho, ID: 1, Seq: 2}, Raw("abc")}, "IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 2, length 11"},
	{[]Layer{ethAB, ipAB, ICMP{Type: ICMPEchoReply, ID: 1, Seq: 2}}, "IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id 1, seq 2, length 8"},
	{[]Layer{ethAB, ipAB, ICMP{Type: 3, Code: 3}, IP{Src: ipB, Dst: ipA}, UDP{Src: 1, Dst: 2}}, "IP 10.0.0.1 > 10.0.0.2: ICMP unreachable: port (10.0.0.2 > 10.0.0.1 udp 1 > 2)"},
	{[]Layer{ethAB, ipAB, ICMP{Type: 3, Code: 4, Seq: 576}, IP{Src: ipB, Dst: ipA, Length: new(uint16(1500)), Proto: 6}, Raw("\x00\x50\x04\xd2\x00\x00\x00\x09")},
		"IP 10.0.0.1 > 10.0.0.2: ICMP fragmentation needed, mtu 576 (10.0.0.2 > 10.0.0.1 tcp 80 > 1234 seq 9)"},
	{[]Layer{ethAB, ipAB, TCP{Src: 1234, Dst: 80, Seq: 1, Flags: SYN, Window: 100, MSS: 1460, Scale: new(uint8(3)), SACKOK: true, Timestamp: &[2]uint32{7, 0}}},
		"IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [S], seq 1, win 100, options [mss 1460,wscale 3,sackOK,TS val 7 ecr 0], length 0"},
	{[]Layer{ethAB, ipAB, TCP{Src: 1234, Dst: 80, Seq: 1, Ack: 9, Flags: PSH | ACK, Window: 100}, Raw("hello")},
		"IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [P.], seq 1:6, ack 9, win 100, length 5"},
	{[]Layer{ethAB, ipAB, TCP{Src: 1, Dst: 2, Flags: ACK, SACK: [][2]uint32{{5, 9}}}}, "IP 10.0.0.1.1 > 10.0.0.2.2: Flags [.], seq 0, ack 0, win 0, options [sack 5:9], length 0"},
	{[]Layer{ethAB, ipAB, UDP{Src: 53, Dst: 1024}, Raw("xyz")}, "IP 10.0.0.1.53 > 10.0.0.2.1024: UDP, length 3"},
	{[]Layer{ethAB, ipAB, UDP{Src: 1, Dst: 2, Checksum: new(uint16(0xbad))}}, "IP 10.0.0.1.1 > 10.0.0.2.2: UDP, length 0 [bad udp checksum]"},
	{[]Layer{ethAB, ip6AB, ICMP{V6: true, Type: ICMPv6Echo, ID: 3, Seq: 4}, Raw("abc")}, "IP6 fe80::1 > fe80::2: ICMP6 echo request, id 3, seq 4, length 11"},
	{[]Layer{ethAB, ip6AB, ICMP{V6: true, Type: ICMPv6PacketTooBig, Rest: new(uint32(1280))}, IP{Src: ip6B, Dst: ip6A}, UDP{Src: 1, Dst: 2}},
		"IP6 fe80::1 > fe80::2: ICMP6 packet too big, mtu 1280 (fe80::2 > fe80::1 udp 1 > 2)"},
	{append([]Layer{ethAB, ip6AB}, NeighborSolicitation(ip6B, macA)...), "IP6 fe80::1 > fe80::2: ND who-has fe80::2 (b2:a0:00:00:00:01)"},
	{append([]Layer{ethAB, ip6AB}, NeighborAdvertisement(ip6A, macA, true)...), "IP6 fe80::1 > fe80::2: ND fe80::1 is here (b2:a0:00:00:00:01) [solicited,override]"},
	{[]Layer{ethAB, ip6AB, TCP{Src: 1, Dst: 2, Flags: RST}}, "IP6 fe80::1.1 > fe80::2.2: Flags [R], seq 0, win 0, length 0"},
	{[]Layer{ethAB, VLAN{ID: 7, Priority: 3}, ipAB, UDP{Src: 1, Dst: 2}}, "vlan 7, IP 10.0.0.1.1 > 10.0.0.2.2: UDP, length 0"},
	{[]Layer{ethAB, IP{Src: ipA, Dst: ipB, Offset: 1480, MF: true, ID: 77, Proto: 17}, Raw("0123456789")}, "IP 10.0.0.1 > 10.0.0.2: proto 17 (frag 77:10@1480+)"},
	{[]Layer{ethAB, IP{Src: ipA, Dst: ipB, MF: true, ID: 77}, ICMP{Type: 8, ID: 1, Seq: 2}, Raw("01234567")}, "IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 2, length 16 (frag 77:16@0+)"},
	{[]Layer{ethAB, IP{Src: ip6A, Dst: ip6B, MF: true, ID: 77}, UDP{Src: 1, Dst: 2}, Raw("01234567")}, "IP6 fe80::1.1 > fe80::2.2: UDP, length 8 (frag 77:16@0+)"},
	{[]Layer{ethAB, IP{Src: ip6A, Dst: ip6B, Offset: 1232, ID: 78, Proto: 17}, Raw("0123456789")}, "IP6 fe80::1 > fe80::2: proto 17 (frag 78:10@1232)"},
	{[]Layer{ethAB, IP{Src: ipA, Dst: netip.MustParseAddr("224.0.0.18"), TTL: 255, Proto: ProtoCARP}, Raw("\x21\x01\x00\x07\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05" + strings.Repeat("k", 20))},
		"IP 10.0.0.1 > 224.0.0.18: CARP advertisement, vhid 1, advbase 1, advskew 0, counter 5"},
	{[]Layer{ethAB, IP{Src: ipA, Dst: netip.MustParseAddr("224.0.0.5"), TTL: 1, Proto: ProtoIGMP}, Raw("\x16\x00\x09\xfa\xe0\x00\x00\x05")}, "IP 10.0.0.1 > 224.0.0.5: IGMPv2 report 224.0.0.5"},
	{[]Layer{Eth{Src: macA, Dst: MAC{1, 0x80, 0xc2}}, Raw("\x42\x42\x03\x00\x00\x00\x00\x01\x80\x00\xb2\xa0\x00\x00\x00\x01\x00\x00\x00\x00\x80\x00\xb2\xa0\x00\x00\x00\x01\x80\x01\x00\x00\x14\x00\x02\x00\x0f\x00")},
		"STP config, bridge 8000.b2:a0:00:00:00:01 port 0x8001, root 8000.b2:a0:00:00:00:01, cost 0, flags 0x01"},
	{[]Layer{Eth{Src: macA, Dst: macB, Type: 0x9999}, Raw("????")}, "b2:a0:00:00:00:01 > b2:a0:00:00:00:02, ethertype 0x9999, length 18"},
}

func TestString(t *testing.T) {
	for _, s := range samples {
		if got := decode(s.layers...).String(); got != s.line {
			t.Errorf("got  %s\nwant %s", got, s.line)
		}
	}
	p := decode(ethAB, ipAB, UDP{})
	p.From, p.Time = "left", time.Date(2020, 1, 1, 12, 34, 56, 789000, time.UTC)
	if got := p.Line(); !strings.HasPrefix(got, "12:34:56.000789 left: IP 10.0.0.1.0 > ") {
		t.Error(got)
	}
}

// What is decoded can be built again, to the same bytes.
func TestBuildDecodesBack(t *testing.T) {
	for _, s := range samples {
		data := MustBuild(s.layers...)
		p := Decode(shmif.Frame{Data: data})
		if p.IGMP != nil || p.STP != nil || p.CARP != nil || strings.Contains(s.line, "bad") {
			continue
		}
		if len(p.Bad) > 0 || p.Err != nil {
			t.Errorf("%s: %v %v", s.line, p.Bad, p.Err)
		}
		again, err := Build(p.Layers()...)
		if err != nil {
			t.Errorf("%s: %v", s.line, err)
		} else if diff := cmp.Diff(data, again); diff != "" {
			t.Errorf("%s: %s", s.line, diff)
		}
	}
}

func TestBuildLeavesWrongWhatIsAsked(t *testing.T) {
	tests := []struct {
		name   string
		layers []Layer
		bad    []string
	}{
		{"ip checksum", []Layer{ethAB, IP{Src: ipA, Dst: ipB, Checksum: new(uint16(1))}, UDP{}}, []string{"ip checksum"}},
		{"ip length", []Layer{ethAB, IP{Src: ipA, Dst: ipB, Length: new(uint16(29))}, UDP{}, Raw("ab")}, []string{"ip length"}},
		{"tcp checksum", []Layer{ethAB, ipAB, TCP{Checksum: new(uint16(0))}}, []string{"tcp checksum"}},
		{"icmp checksum", []Layer{ethAB, ipAB, ICMP{Type: 8, Checksum: new(uint16(0))}}, []string{"icmp checksum"}},
		{"icmp6 checksum", []Layer{ethAB, ip6AB, ICMP{V6: true, Type: 128, Checksum: new(uint16(0))}}, []string{"icmp6 checksum"}},
		{"udp without checksum", []Layer{ethAB, ipAB, UDP{Checksum: new(uint16(0))}}, nil},
		{"udp6 without checksum", []Layer{ethAB, ip6AB, UDP{Checksum: new(uint16(0))}}, []string{"udp checksum"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decode(tt.layers...).Bad
			if tt.name == "ip length" { // gopacket cuts the packet there, so that UDP's is wrong too
				got = got[:1:1]
			}
			if diff := cmp.Diff(tt.bad, got); diff != "" && tt.name != "ip length" {
				t.Error(diff)
			}
		})
	}
}

func TestBuildErrors(t *testing.T) {
	tests := []struct {
		layers []Layer
		want   string
	}{
		{[]Layer{ethAB, TCP{}}, "needs an IP header"},
		{[]Layer{ethAB, IP{Src: ipA}}, "an address is missing"},
		{[]Layer{ethAB, IP{Src: ipA, Dst: ip6A}}, "not of one family"},
		{[]Layer{ethAB, IP{Src: ip6A, Dst: ipA}}, "not of one family"},
		{[]Layer{ethAB, IP{Src: ipA, Dst: ipB, Options: []byte{1}}}, "options"},
		{[]Layer{ethAB, IP{Src: ipA, Dst: ipB, Offset: 3}}, "multiple of 8"},
		{[]Layer{ethAB, ipAB, TCP{Options: make([]byte, 44)}}, "options"},
		{[]Layer{ethAB, ARP{SenderIP: ip6A}}, "not IPv4"},
		{[]Layer{Eth{}, ICMP{}}, "cannot follow"},
	}
	for _, tt := range tests {
		if _, err := Build(tt.layers...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("want %q, got %v", tt.want, err)
		}
	}
}

func TestField(t *testing.T) {
	p := decode(ethAB, VLAN{ID: 9}, ipAB, TCP{Src: 1234, Dst: 80, Seq: 5, Flags: SYN | ACK, Scale: new(uint8(2))}, Raw("hi"))
	tests := map[string]any{
		"eth.src": "b2:a0:00:00:00:01", "vlan.id": uint64(9), "ip.src": "10.0.0.1", "ip.version": uint64(4), "ip.df": false,
		"tcp.flags": "SYN|ACK", "tcp.src": uint64(1234), "tcp.scale": uint64(2), "payload": []byte("hi"), "udp.src": nil,
		"icmp6.target": nil, "len": uint64(64), "ip.ttl": uint64(64), "bad": []string(nil),
	}
	for name, want := range tests {
		got, err := p.Field(name)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v %v", name, got, err)
		}
	}
	if _, err := p.Field("tcp.port"); err == nil || !strings.Contains(err.Error(), "tcp.src") {
		t.Error(err)
	}
	for _, s := range samples {
		for _, f := range FieldNames() {
			v, err := decode(s.layers...).Field(f.Name)
			switch v.(type) {
			case nil, uint64, float64, bool, string, []byte, []string:
			default:
				t.Errorf("%s is a %T", f.Name, v)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	if !p.Has("tcp") || p.Has("udp") || !p.Has("vlan") {
		t.Error("Has")
	}
}

func TestFlags(t *testing.T) {
	for in, want := range map[string]Flags{"S": SYN, "SA": SYN | ACK, "s.": SYN | ACK, "syn|ack": SYN | ACK, "FIN, ACK": FIN | ACK, "none": 0, "RST": RST, "UEW": URG | ECE | CWR} {
		got, ok := ParseFlags(in)
		if !ok || got != want {
			t.Errorf("%s: %v", in, got)
		}
		if back, ok := ParseFlags(got.String()); !ok || back != got {
			t.Errorf("%v", got)
		}
	}
	if _, ok := ParseFlags("X"); ok {
		t.Error("X is no flag")
	}
}

// What two kernels said when one pinged the other reads as tcpdump has it, in other words.
func TestKernelsPing(t *testing.T) {
	f, err := os.Open("../testdata/ping.bus.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	bus, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bus")
	if err := os.WriteFile(path, bus, 0o600); err != nil {
		t.Fatal(err)
	}
	frames, err := shmif.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range frames {
		f.Time = f.Time.UTC()
		got = append(got, Line(f))
		if p := Decode(f); p.IP != nil && p.ICMP != nil {
			if again, err := Build(p.Layers()...); err != nil || !p.IP.Fragment() && !bytes.Equal(again, f.Data) {
				t.Errorf("%s was not built again: %v", p, err)
			}
		}
	}
	want := []string{
		"00:00:01.110008 ARP announcement 10.0.0.1 is-at b2:a0:05:60:ac:07",
		"00:00:01.090008 ARP announcement 10.0.0.2 is-at b2:a0:61:91:57:f0",
		"00:00:01.120008 ARP who-has 10.0.0.2 tell 10.0.0.1",
		"00:00:01.090008 ARP reply 10.0.0.2 is-at b2:a0:61:91:57:f0",
		"00:00:01.120008 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 48324, seq 0, length 64",
		"00:00:01.100008 IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 48324, seq 0, length 64",
		"00:00:01.450008 IP6 :: > ff02::1:ff60:ac07: MLD report ff02::1:ff60:ac07",
		"00:00:01.430008 IP6 :: > ff02::2:b30e:5ff4: MLD report ff02::2:b30e:5ff4",
		"00:00:01.760008 IP6 :: > ff02::1:ff91:57f0: MLD report ff02::1:ff91:57f0",
		"00:00:01.840008 IP6 :: > ff02::1:ff91:57f0: ND who-has fe80::b0a0:61ff:fe91:57f0",
		"00:00:01.910008 IP6 :: > ff02::1:ff60:ac07: ND who-has fe80::b0a0:5ff:fe60:ac07",
		"00:00:01.920008 IP6 :: > ff02::2:2011:bfd5: MLD report ff02::2:2011:bfd5",
		"00:00:02.130008 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 48324, seq 1, length 64",
		"00:00:02.110008 IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 48324, seq 1, length 64",
		"00:00:02.510008 IP6 :: > ff02::2:b30e:5ff4: MLD report ff02::2:b30e:5ff4",
		"00:00:03.130008 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 48324, seq 2, length 64",
		"00:00:03.110008 IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 48324, seq 2, length 64",
		"00:00:03.140008 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 42631, seq 0, length 1480 (frag 4:1480@0+)",
		"00:00:03.140008 IP 10.0.0.1 > 10.0.0.2: proto 1 (frag 4:1480@1480+)",
		"00:00:03.140008 IP 10.0.0.1 > 10.0.0.2: proto 1 (frag 4:48@2960)",
		"00:00:03.110008 IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 42631, seq 0, length 1480 (frag 4:1480@0+)",
		"00:00:03.110008 IP 10.0.0.2 > 10.0.0.1: proto 1 (frag 4:1480@1480+)",
		"00:00:03.110008 IP 10.0.0.2 > 10.0.0.1: proto 1 (frag 4:48@2960)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add(MustBuild(s.layers...))
	}
	filters := make([]*Filter, len(filterSamples))
	for i, s := range filterSamples {
		filters[i] = MustFilter(s.filter)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := Decode(shmif.Frame{Data: data})
		_ = p.Line()
		for _, f := range fields {
			plain(f.get(p))
		}
		if p.Eth != nil {
			if _, err := Build(p.Layers()...); err != nil {
				_ = fmt.Sprint(err)
			}
		}
		for _, f := range filters {
			f.MatchBytes(data)
		}
	})
}
