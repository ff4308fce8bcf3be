package packet

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// frames to filter, by name.
var filtered = []struct {
	name string
	data []byte
}{
	{"arp", MustBuild(Eth{Src: macA, Dst: Broadcast}, ARP{SenderMAC: macA, SenderIP: ipA, DestIP: ipB})},
	{"ping", MustBuild(ethAB, ipAB, ICMP{Type: 8, ID: 1})},
	{"pong", MustBuild(Eth{Src: macB, Dst: macA}, IP{Src: ipB, Dst: ipA}, ICMP{Type: 0, ID: 1})},
	{"syn", MustBuild(ethAB, ipAB, TCP{Src: 1234, Dst: 80, Flags: SYN})},
	{"synack", MustBuild(Eth{Src: macB, Dst: macA}, IP{Src: ipB, Dst: ipA}, TCP{Src: 80, Dst: 1234, Flags: SYN | ACK})},
	{"data", MustBuild(ethAB, ipAB, TCP{Src: 1234, Dst: 80, Flags: ACK | PSH}, Raw("GET / HTTP/1.0\r\n\r\n"))},
	{"dns", MustBuild(ethAB, ipAB, UDP{Src: 4000, Dst: 53}, Raw("q"))},
	{"frag", MustBuild(ethAB, IP{Src: ipA, Dst: ipB, Offset: 80, Proto: 17}, Raw("\x0f\xa0\x00\x35"))},
	{"ping6", MustBuild(ethAB, ip6AB, ICMP{V6: true, Type: 128})},
	{"syn6", MustBuild(ethAB, ip6AB, TCP{Src: 1234, Dst: 80, Flags: SYN})},
	{"ext6", MustBuild(ethAB, IP{Src: ip6A, Dst: ip6B, Proto: 60}, Raw("\x11\x00\x01\x04\x00\x00\x00\x00\x10\x00\x00\x35\x00\x08\x00\x00"))},
	{"vlan", MustBuild(ethAB, VLAN{ID: 7}, ipAB, UDP{Src: 4000, Dst: 53})},
	{"mcast", MustBuild(Eth{Src: macA, Dst: MAC{1, 0, 0x5e, 0, 0, 1}}, IP{Src: ipA, Dst: netip.MustParseAddr("224.0.0.1")}, UDP{Src: 9, Dst: 9})},
	{"stp", MustBuild(Eth{Src: macA, Dst: MAC{1, 0x80, 0xc2}}, Raw("\x42\x42\x03rest"))},
	{"runt", []byte{1, 2, 3}},
}

const everything = "arp ping pong syn synack data dns frag ping6 syn6 ext6 vlan mcast stp runt"

var filterSamples = []struct{ filter, want string }{
	{"", everything},
	{"arp", "arp"},
	{"ip", "ping pong syn synack data dns frag mcast"},
	{"ip6", "ping6 syn6 ext6"},
	{"icmp", "ping pong"},
	{"icmp6", "ping6"},
	{"tcp", "syn synack data syn6"},
	{"udp", "dns frag ext6 mcast"},
	{"stp", "stp"},
	{"not ip and not ip6", "arp vlan stp runt"},
	{"host 10.0.0.2", "arp ping pong syn synack data dns frag"},
	{"src host 10.0.0.2", "pong synack"},
	{"src 10.0.0.2 or dst 10.0.0.2", "arp ping pong syn synack data dns frag"},
	{"src or dst host 10.0.0.2 and tcp", "syn synack data"},
	{"src and dst net 10", "arp ping pong syn synack data dns frag"},
	{"arp host 10.0.0.2", "arp"},
	{"ip host 10.0.0.2 and not tcp", "ping pong dns frag"},
	{"ip6 host fe80::1", "ping6 syn6 ext6"},
	{"host fe80::3", ""},
	{"dst net 224.0.0.0/4", "mcast"},
	{"net 10.0.0.0 mask 255.255.255.0 and icmp", "ping pong"},
	{"net fe80::/10", "ping6 syn6 ext6"},
	{"net 192.168", ""},
	{"port 53", "dns ext6"},
	{"tcp port 80", "syn synack data syn6"},
	{"tcp dst port http and ip", "syn data"},
	{"port 53 or 80", "syn synack data dns syn6 ext6"},
	{"port (53 or 80) and udp", "dns ext6"},
	{"portrange 4000-5000", "dns ext6"},
	{"portrange 50-60", "dns ext6"},
	{"dst port domain", "dns ext6"},
	{"ip6 port 80", "syn6"},
	{"ether src b2:a0:00:00:00:02", "pong synack"},
	{"ether host b2:a0:00:00:00:01 and tcp and src port 80", "synack"},
	{"ether proto 0x806", "arp"},
	{`ether proto \ip6`, "ping6 syn6 ext6"},
	{`ip proto \tcp`, "syn synack data"},
	{"ip proto 17", "dns frag mcast"},
	{"ip6 proto 17", "ext6"},
	{"proto icmp", "ping pong"},
	{"broadcast", "arp"},
	{"ether multicast", "arp mcast stp"},
	{"ip multicast", "mcast"},
	{"vlan", "vlan"},
	{"vlan 7 and udp port 53", "vlan"},
	{"vlan 8", ""},
	{"udp port 53 or (vlan and udp port 53)", "dns ext6 vlan"},
	{"less 42", "arp ping pong frag mcast stp runt"},
	{"greater 72", "data syn6"},
	{"len = 3", "runt"},
	{"len - 1 = 2", "runt"},
	{"len-1=2", "runt"},
	{"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "syn syn6"},
	{"tcp[13] & 2 != 0 and ip", "syn synack"},
	{"(tcp[13] & 2 != 0) and ip", "syn synack"},
	{"((tcp[13] & 2) != 0) and ip", "syn synack"},
	{"tcp[tcpflags] = tcp-syn|tcp-ack", "synack"},
	{"icmp[icmptype] = icmp-echo", "ping"},
	{"icmp6[icmp6type] = icmp6-echo", "ping6"},
	{"not icmp[0] = 8 and icmp", "pong"},
	{"ip[8] = 64 && ip[9] == 1", "ping pong"},
	{"ip[2:2] > 45 and ip", "data"},
	{"ether[0] & 1 = 1 and len > 14", "arp mcast stp"},
	{"ether[0:4] = 0xb2a00000 and ip6", "ping6 syn6 ext6"},
	{"udp[4:2] = 8 + 1", "dns"},
	{"tcp[(tcp[12] >> 4) * 4 : 4] = 0x47455420", "data"},
	{"ip[6:2] & 0x1fff != 0", "frag"},
	{"1 + 2 * 3 - 8 / 4 % 5 << 1 = 10", everything},
	{"- 1 = 0xffffffff", everything},
	{"6 ^ 3 = 5", everything},
	{"ip and tcp[100] = 0 or arp", "arp"},
	{"arp or tcp[100] = 0", "arp"},
	{"! ! ! arp and len > 4 and not ip and not ip6", "vlan stp"},
}

func TestFilter(t *testing.T) {
	for _, tt := range filterSamples {
		f, err := ParseFilter(tt.filter)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, p := range filtered {
			if f.MatchBytes(p.data) {
				got = append(got, p.name)
			}
		}
		if !slices.Equal(got, strings.Fields(tt.want)) {
			t.Errorf("%s:\ngot  %v\nwant %s", tt.filter, got, tt.want)
		}
	}
}

func TestFilterErrors(t *testing.T) {
	tests := []struct {
		filter string
		pos    int
		msg    string
	}{
		{"tcp and", 7, "missing"},
		{"tcp prot 80", 4, "names are not looked up"},
		{"tcp port 80 udp", 12, "expected and, or"},
		{"port 99999", 5, "not a port"},
		{"host example.org", 5, "names are not looked up"},
		{"(tcp", 0, "never closed"},
		{"tcp)", 3, "nothing to close"},
		{"tcp[13", 6, "expected ]"},
		{"tcp[0:3] = 1", 6, "size is 1, 2 or 4"},
		{"len >", 5, "expected a number"},
		{"net 10.0.0.1/24", 4, "outside its mask"},
		{"net 10/33", 7, "prefix length"},
		{"arp port 80", 9, "has no ports"},
		{"ip host fe80::1", 8, "not an IPv4"},
		{"foo", 0, "unknown word"},
		{"80", 0, "unknown word"},
		{"tcp $", 4, "no part of a filter"},
		{"gateway 1.2.3.4", 0, "not supported"},
		{"ip broadcast", 3, "only of ether"},
		{"ether", 5, "every frame is"},
		{"vlan 5000", 5, "0 to 4095"},
		{strings.Repeat("not ", 200) + "tcp", 400, "too deeply"},
		{strings.Repeat("(", 200) + "tcp" + strings.Repeat(")", 200), 100, "too deeply"},
	}
	for _, tt := range tests {
		var fe *FilterError
		_, err := ParseFilter(tt.filter)
		if !errors.As(err, &fe) || !strings.Contains(fe.Msg, tt.msg) || tt.pos < 100 && fe.Pos != tt.pos {
			t.Errorf("%.40s: %v", tt.filter, err)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range filterSamples {
		f.Add(s.filter)
	}
	f.Fuzz(func(t *testing.T, s string) {
		f, err := ParseFilter(s)
		if err != nil {
			var fe *FilterError
			if !errors.As(err, &fe) || fe.Pos > len(s) || err.Error() == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		for _, p := range filtered {
			f.MatchBytes(p.data)
		}
	})
}

func BenchmarkFilter(b *testing.B) {
	f := MustFilter("tcp port 80 and host 10.0.0.2")
	for b.Loop() {
		f.MatchBytes(filtered[5].data)
	}
}
