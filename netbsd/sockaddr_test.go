package netbsd

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"reflect"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSockaddr(t *testing.T) {
	for _, tt := range []struct {
		hex  string
		want Sockaddr
		str  string
	}{
		{"100200000a0101020000000000000000", SockaddrIn{Addr: [4]byte{10, 1, 1, 2}}, "10.1.1.2:0"},
		{"10020050010203040000000000000000", SockaddrIn{Port: 80, Addr: [4]byte{1, 2, 3, 4}}, "1.2.3.4:80"},
		{
			"1c18000000000000fe80000000000000b0a0dffffe66ec8702000000",
			SockaddrIn6{Addr: netip.MustParseAddr("fe80::b0a0:dfff:fe66:ec87").As16(), ScopeID: 2},
			"[fe80::b0a0:dfff:fe66:ec87%2]:0",
		},
		{
			"1c18000000000000fe80000200000000b0a0effffe63695a00000000",
			SockaddrIn6{Addr: netip.MustParseAddr("fe80:2::b0a0:efff:fe63:695a").As16()},
			"[fe80::b0a0:efff:fe63:695a%2]:0",
		},
		{"0b120100180300006c6f30", SockaddrDl{Len: 11, Index: 1, Type: IFT_LOOP, Name: "lo0"}, "link#1 lo0"},
		{"1412020006000000000000000000000000000000", SockaddrDl{Len: 20, Index: 2, Type: IFT_ETHER}, "link#2"},
		{
			"141202000606060073686d696630b2a0ef63695a",
			SockaddrDl{Len: 20, Index: 2, Type: IFT_ETHER, Name: "shmif0", Addr: []byte{0xb2, 0xa0, 0xef, 0x63, 0x69, 0x5a}},
			"link#2 shmif0 b2:a0:ef:63:69:5a",
		},
		{"07ffffffffffff", SockaddrRaw{255, []byte{255, 255, 255, 255, 255}}, "family 255 ffffffffff"},
		{"07020000ffffff", SockaddrRaw{AF_INET, []byte{0, 0, 255, 255, 255}}, "family 2 0000ffffff"},
		{"0a012f746d702f736f6b", SockaddrUn{"/tmp/sok"}, "/tmp/sok"},
	} {
		b := unhex(t, tt.hex)
		got, err := ParseSockaddr(b)
		if err != nil {
			t.Errorf("%s: %v", tt.hex, err)
			continue
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %#v, want %#v", tt.hex, got, tt.want)
		}
		if got.String() != tt.str {
			t.Errorf("%s: String() = %q, want %q", tt.hex, got, tt.str)
		}
		if c := got.Append(nil); !bytes.Equal(b, c) {
			t.Errorf("%s: encodes as %x", tt.hex, c)
		}
	}
	if _, err := ParseSockaddr([]byte{0, 2, 0, 0}); !errors.As(err, new(*FormatError)) {
		t.Errorf("sa_len 0: %v", err)
	}
	if _, err := ParseSockaddr([]byte{16, 2, 0, 0}); !errors.As(err, new(*ShortError)) {
		t.Errorf("sa_len too long: %v", err)
	}
	sa, err := ParseSockaddrArg(unhex(t, "00020050010203040000000000000000"))
	if want := (SockaddrIn{80, [4]byte{1, 2, 3, 4}}); err != nil || sa != want {
		t.Errorf("argument without sa_len: %v, %v", sa, err)
	}
}

func TestSockaddrDlBadLengths(t *testing.T) {
	for _, s := range []string{"14120200060c01000000000000000000000000000", "081202000601000073"} {
		b := unhex(t, s[:len(s)&^1])
		if sa, err := ParseSockaddrDl(b); err == nil {
			t.Errorf("%s: got %v", s, sa)
		}
	}
	long := SockaddrDl{Name: string(make([]byte, 300)), Addr: make([]byte, 300)}
	if b := long.Append(nil); len(b) != 255 || b[0] != 255 {
		t.Errorf("a long address takes %d bytes and says %d", len(b), b[0])
	}
}

func TestScope(t *testing.T) {
	for _, tt := range []struct {
		plain string
		scope uint32
		kame  string
	}{
		{"fe80::1", 2, "fe80:2::1"},
		{"ff02::1", 1, "ff02:1::1"},
		{"ff01::1", 0x102, "ff01:102::1"},
		{"2001:db8::1", 0, "2001:db8::1"},
		{"fe80::1", 0, "fe80::1"},
	} {
		s := SockaddrIn6{Addr: netip.MustParseAddr(tt.plain).As16(), ScopeID: tt.scope}
		e := s.Embedded()
		if e.ScopeID != 0 || netip.AddrFrom16(e.Addr) != netip.MustParseAddr(tt.kame) {
			t.Errorf("%v embedded is %+v, want %s", s, e, tt.kame)
		}
		if x := e.Extracted(); x != s {
			t.Errorf("%v extracted is %v", e, x)
		}
	}
}

func TestSockaddrFromAddrPort(t *testing.T) {
	for _, s := range []string{"1.2.3.4:80", "[::1]:53", "[fe80::1%3]:7", "[::ffff:1.2.3.4]:9"} {
		ap := netip.MustParseAddrPort(s)
		sa, err := SockaddrFromAddrPort(ap)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if got := AddrPortOf(sa); got != ap {
			t.Errorf("%s became %v", s, got)
		}
	}
	for _, ap := range []netip.AddrPort{{}, netip.MustParseAddrPort("[fe80::1%shmif0]:7")} {
		if sa, err := SockaddrFromAddrPort(ap); err == nil {
			t.Errorf("%v became %v", ap, sa)
		}
	}
}

func TestNetmask(t *testing.T) {
	for family, size := range map[uint8]int{AF_INET: 32, AF_INET6: 128} {
		for bits := range size + 1 {
			if got, ok := NetmaskBits(family, Netmask(family, bits)); !ok || got != bits {
				t.Errorf("family %d: mask of %d bits has %d, %v", family, bits, got, ok)
			}
		}
	}
	for _, tt := range []struct {
		family uint8
		hex    string
		bits   int
		ok     bool
	}{
		{AF_INET, "07ffffffffffff", 24, true},
		{AF_INET, "05020000ff", 8, true},
		{AF_INET, "0200", 0, true},
		{AF_INET6, "10ffffffffffffffffffffffffffffff", 64, true},
		{AF_INET6, "0cffffffffffffffffffffff", 32, true},
		{AF_INET, "08020000ff00ff00", 8, false},
	} {
		sa, err := ParseSockaddr(unhex(t, tt.hex))
		if err != nil {
			t.Fatal(err)
		}
		if bits, ok := NetmaskBits(tt.family, sa); bits != tt.bits || ok != tt.ok {
			t.Errorf("%s: %d, %v, want %d, %v", tt.hex, bits, ok, tt.bits, tt.ok)
		}
	}
	if bits, ok := NetmaskBits(AF_INET6, nil); !ok || bits != 128 {
		t.Errorf("no mask: %d, %v", bits, ok)
	}
	if Netmask(AF_INET, 33) != nil || Netmask(AF_LINK, 1) != nil {
		t.Error("impossible masks")
	}
}

func FuzzParseSockaddr(f *testing.F) {
	for _, s := range []string{"", "00", "0b120100180300006c6f30", "100200000a0101020000000000000000", "07ffffffffffff"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sa, err := ParseSockaddr(b)
		if err != nil {
			return
		}
		c := sa.Append(nil)
		got, err := ParseSockaddr(c)
		if err != nil || !reflect.DeepEqual(got, sa) {
			t.Fatalf("%x: %#v became %x and that %#v, %v", b, sa, c, got, err)
		}
		NetmaskBits(AF_INET, sa)
		NetmaskBits(AF_INET6, sa)
		AddrPortOf(sa)
		_ = sa.String()
		ParseSockaddrArg(b)
	})
}
