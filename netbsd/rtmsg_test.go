package netbsd

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"testing"
)

// zeros is n zero bytes in hex.
func zeros(n int) string { return string(bytes.Repeat([]byte("00"), n)) }

// Messages from net.route and from routing sockets of a real kernel.
var recordedMessages = []struct {
	name, hex string
	want      RoutingMessage
}{
	{
		"network route from NET_RT_DUMP",
		"d0000404020000000101000037000000" + zeros(96) + "2885026b00000000" +
			"100200000a0101000000000000000000" + "1412020006000000000000000000000000000000" + zeros(4) + "07ffffffffffff00" +
			"141202000606060073686d696630b2a0ef63695a00000000" + "100200000a0101020000000000000000",
		&RouteMessage{
			RtMsghdr{Msglen: 208, Version: RTM_VERSION, Type: RTM_GET, Index: 2, Flags: RTF_UP | RTF_CONNECTED, Addrs: RTA_DST | RTA_GATEWAY | RTA_NETMASK | RTA_IFP | RTA_IFA, Rmx: RtMetrics{Pksent: 0x6b028528}},
			RtAddrs{
				RTAX_DST:     SockaddrIn{Addr: [4]byte{10, 1, 1, 0}},
				RTAX_GATEWAY: SockaddrDl{Len: 20, Index: 2, Type: IFT_ETHER},
				RTAX_NETMASK: SockaddrRaw{255, []byte{255, 255, 255, 255, 255}},
				RTAX_IFP:     SockaddrDl{Len: 20, Index: 2, Type: IFT_ETHER, Name: "shmif0", Addr: []byte{0xb2, 0xa0, 0xef, 0x63, 0x69, 0x5a}},
				RTAX_IFA:     SockaddrIn{Addr: [4]byte{10, 1, 1, 2}},
			},
		},
	},
	{
		"route add default 10.1.1.1",
		"a0000401000000000308000007000000" + "0000000001000000" + zeros(96) +
			"10020000000000000000000000000000" + "100200000a0101010000000000000000" + "0002000000000000",
		&RouteMessage{
			RtMsghdr{Msglen: 160, Version: RTM_VERSION, Type: RTM_ADD, Flags: RTF_UP | RTF_GATEWAY | RTF_STATIC, Addrs: RTA_DST | RTA_GATEWAY | RTA_NETMASK, Seq: 1},
			RtAddrs{RTAX_DST: SockaddrIn{}, RTAX_GATEWAY: SockaddrIn{Addr: [4]byte{10, 1, 1, 1}}, RTAX_NETMASK: SockaddrRaw{AF: AF_INET}},
		},
	},
	{
		"route delete -net 192.168.0.0/16",
		"90000402000000000308000005000000" + "0000000001000000" + zeros(96) +
			"10020000c0a800000000000000000000" + "06020000ffff0000",
		&RouteMessage{
			RtMsghdr{Msglen: 144, Version: RTM_VERSION, Type: RTM_DELETE, Flags: RTF_UP | RTF_GATEWAY | RTF_STATIC, Addrs: RTA_DST | RTA_NETMASK, Seq: 1},
			RtAddrs{RTAX_DST: SockaddrIn{Addr: [4]byte{192, 168, 0, 0}}, RTAX_NETMASK: SockaddrRaw{AF_INET, []byte{0, 0, 255, 255}}},
		},
	},
	{
		"route get 8.8.8.8",
		"a0000404000000000708000011000000" + "0000000001000000" + zeros(96) +
			"10020000080808080000000000000000" + "1412000000000000000000000000000000000000" + zeros(4),
		&RouteMessage{
			RtMsghdr{Msglen: 160, Version: RTM_VERSION, Type: RTM_GET, Flags: RTF_UP | RTF_GATEWAY | RTF_HOST | RTF_STATIC, Addrs: RTA_DST | RTA_IFP, Seq: 1},
			RtAddrs{RTAX_DST: SockaddrIn{Addr: [4]byte{8, 8, 8, 8}}, RTAX_IFP: SockaddrDl{Len: 20}},
		},
	},
	{
		"arp asks for a route and its interface without an address for it",
		"88000404000000000004000011000000" + "0000000001000000" + zeros(96) + "100200000a0000020000000000000000",
		&RouteMessage{
			RtMsghdr{Msglen: 136, Version: RTM_VERSION, Type: RTM_GET, Flags: RTF_LLDATA, Addrs: RTA_DST | RTA_IFP, Seq: 1},
			RtAddrs{RTAX_DST: SockaddrIn{Addr: [4]byte{10, 0, 0, 2}}},
		},
	},
	{
		"interface from NET_RT_IFLIST",
		"b0000414100000004388ffff0200000006060e0000000000dc050000000000000000000000000000809698000000000000000000000000000000" +
			"00000000000001000000000000000000000000000000000000000000000000000000000000002a00000000000000" + zeros(32) +
			"2885026b00000000663aaa3800000000" + "141202000606060073686d696630b2a0ef63695a00000000",
		&InterfaceMessage{
			IfMsghdr{Msglen: 176, Version: RTM_VERSION, Type: RTM_IFINFO, Addrs: RTA_IFP, Flags: -30653, Index: 2,
				Data: IfData{Type: IFT_ETHER, Addrlen: 6, Hdrlen: 14, Mtu: 1500, Baudrate: 10000000, Opackets: 1, Obytes: 42,
					Lastchange: Timespec{0x6b028528, 0x38aa3a66}}},
			RtAddrs{RTAX_IFP: SockaddrDl{Len: 20, Index: 2, Type: IFT_ETHER, Name: "shmif0", Addr: []byte{0xb2, 0xa0, 0xef, 0x63, 0x69, 0x5a}}},
		},
	},
	{
		"IPv6 address from NET_RT_IFLIST",
		"7800040ca4000000010000000000000001000000" + zeros(4) +
			"1c18000000000000ffffffffffffffffffffffffffffffff00000000" + zeros(4) +
			"1c180000000000000000000000000000000000000000000100000000" + zeros(4) +
			"1c180000000000000000000000000000000000000000000100000000" + zeros(4),
		&AddressMessage{
			IfaMsghdr{Msglen: 120, Version: RTM_VERSION, Type: RTM_NEWADDR, Addrs: RTA_NETMASK | RTA_IFA | RTA_BRD, Flags: RTF_UP, Index: 1},
			RtAddrs{
				RTAX_NETMASK: Netmask(AF_INET6, 128),
				RTAX_IFA:     SockaddrIn6{Addr: netip.IPv6Loopback().As16()},
				RTAX_BRD:     SockaddrIn6{Addr: netip.IPv6Loopback().As16()},
			},
		},
	},
}

func TestRecordedMessages(t *testing.T) {
	var all []byte
	var want []RoutingMessage
	for _, tt := range recordedMessages {
		b := unhex(t, tt.hex)
		got, err := ParseRoutingMessages(b)
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %v", tt.name, got, err)
			continue
		}
		if !reflect.DeepEqual(got[0], tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got[0], tt.want)
		}
		if c := got[0].Append(nil); !bytes.Equal(b, c) {
			t.Errorf("%s: encodes as\n     %x\nwant %x", tt.name, c, b)
		}
		all = append(all, b...)
		want = append(want, tt.want)
	}
	got, err := ParseRoutingMessages(all)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("all messages in one: %v, %v", got, err)
	}
}

func TestParseRoutingMessagesErrors(t *testing.T) {
	good := unhex(t, recordedMessages[0].hex)
	for n := 1; n < len(good); n++ {
		if _, err := ParseRoutingMessages(good[:n]); !errors.As(err, new(*FormatError)) {
			t.Fatalf("%d of %d bytes: %v", n, len(good), err)
		}
	}
	loop := bytes.Clone(good)
	loop[0], loop[1] = 0, 0
	if _, err := ParseRoutingMessages(loop); err == nil {
		t.Error("a message of length 0 is accepted")
	}
	tail := append(bytes.Clone(good), make([]byte, 8)...)
	tail[0] += 8
	if _, err := ParseRoutingMessages(tail); err == nil {
		t.Error("bytes after the addresses are accepted")
	}
	long := bytes.Clone(good)
	long[SizeofRtMsghdr] = 255
	if _, err := ParseRoutingMessages(long); err == nil {
		t.Error("an address longer than the message is accepted")
	}
	old := bytes.Clone(good)
	old[2] = 3
	if ms, err := ParseRoutingMessages(append(old, good...)); err != nil || len(ms) != 1 {
		t.Errorf("message of an old version: %v, %v", ms, err)
	}
}

func TestRouteMib(t *testing.T) {
	// What ifconfig and route ask for.
	for _, tt := range []struct {
		mib []int32
		hex string
	}{
		{RouteMib(0, NET_RT_IFLIST, 0), "040000002200000000000000000000000500000000000000"},
		{RouteMib(AF_INET, NET_RT_DUMP, 0), "040000002200000000000000020000000100000000000000"},
	} {
		b := unhex(t, tt.hex)
		if got := AppendMib(nil, tt.mib...); !bytes.Equal(got, b) {
			t.Errorf("%v is %x, want %x", tt.mib, got, b)
		}
		if got, err := ParseMib(b); err != nil || !reflect.DeepEqual(got, tt.mib) {
			t.Errorf("%x is %v, %v", b, got, err)
		}
	}
	if _, err := ParseMib([]byte{1, 0, 0, 0, 2}); err == nil {
		t.Error("a name of 5 bytes is accepted")
	}
}

func FuzzParseRoutingMessages(f *testing.F) {
	for _, tt := range recordedMessages {
		f.Add(unhex(f, tt.hex))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, err := ParseRoutingMessages(b)
		if err != nil {
			return
		}
		var c []byte
		for _, m := range ms {
			c = m.Append(c)
		}
		again, err := ParseRoutingMessages(c)
		if err != nil {
			t.Fatalf("%x became %x and that: %v", b, c, err)
		}
		var d []byte
		for _, m := range again {
			d = m.Append(d)
		}
		if !bytes.Equal(c, d) {
			t.Fatalf("%x became %x and that %x", b, c, d)
		}
	})
}
