package rumpctrl

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func TestInetAton(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.1": "10.0.0.1", "10.1": "10.0.0.1", "10": "0.0.0.10", "10.1.258": "10.1.1.2",
		"0x7f.1": "127.0.0.1", "0177.0.0.01": "127.0.0.1", "4294967295": "255.255.255.255", "10.0.0.1 x": "10.0.0.1",
		"": "", "a": "", "256.0.0.1": "", "1.2.3.4.5": "", "1.2.3.256": "", "08": "", "-1": "", "1_0": "", "0b1": "", "0x": "",
		"4294967297": "0.0.0.1", "0xfffffffff": "255.255.255.255", "1.4294967296.1": "1.0.0.1", "99999999999999999999": "99.15.255.255",
	} {
		a, ok := inetAton(in)
		if ok != (want != "") || ok && a.String() != want {
			t.Errorf("%q: %v, %v; want %q", in, a, ok, want)
		}
	}
}

func TestInetNtop(t *testing.T) {
	for in, want := range map[string]string{
		"::1": "::1", "::": "::", "::10.0.0.1": "::10.0.0.1", "::ffff:10.0.0.1": "::ffff:10.0.0.1",
		"2001:db8:0:0:1::": "2001:db8:0:0:1::", "fe80::1%lo0": "fe80::1", "10.0.0.1": "10.0.0.1",
	} {
		if got := inetNtop(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestSnprintb(t *testing.T) {
	names := bitNames{"UP", "BROADCAST", "", "LOOPBACK"}
	for v, want := range map[uint64]string{0: "0x0", 1: "0x1<UP>", 4: "0x4", 0x1b: "0x1b<UP,BROADCAST,LOOPBACK>"} {
		if got := snprintb(v, names); got != want {
			t.Errorf("%#x: %s, want %s", v, got, want)
		}
	}
	got := snprintbLines(0xb, names, 16)
	if want := []string{"b<UP>", "b<BROADCAST>", "b<LOOPBACK>"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := snprintbLines(0xb, names, 80); len(got) != 1 {
		t.Errorf("%q is more than a line", got)
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"5": "5", "0x10": "16", "010": "8", " 7": "7", "+3": "3", "-1": "18446744073709551615",
		"": "bad", "x": "bad", "1x": "bad", "0o7": "bad", "1_000": "bad", "0b1": "bad", "18446744073709551616": "bad",
	} {
		n, err := strtouq(in)
		got := fmt.Sprint(n)
		if err != nil {
			got = "bad"
		}
		if got != want {
			t.Errorf("strtouq %q: %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"ff": "ff", "f": "0f", "0a1": "0a01", "": "", "xy": "bad", "+1": "bad",
		strings.Repeat("ab", 20): strings.Repeat("ab", 16)} {
		b, ok := pattern(in)
		got := fmt.Sprintf("%x", b)
		if !ok {
			got = "bad"
		}
		if got != want {
			t.Errorf("pattern %q: %s, want %s", in, got, want)
		}
	}
}

// TestChecksum checks that a packet with its checksum in it sums up to zero.
func TestChecksum(t *testing.T) {
	for n := 4; n < 64; n++ {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * 37)
		}
		b[2], b[3] = 0, 0
		sum := checksum(b)
		b[2], b[3] = byte(sum>>8), byte(sum)
		if got := checksum(b); got != 0 {
			t.Errorf("%d bytes: %#x", n, got)
		}
	}
	if got := checksum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != 0x220d {
		t.Errorf("RFC 1071's example: %#x", got)
	}
}

func TestRouteNets(t *testing.T) {
	for in, want := range map[string]string{
		"10": "10.0.0.0 255.0.0.0", "172.16": "172.16.0.0 255.255.0.0", "192.168.1": "192.168.1.0 255.255.255.0",
		"10.1.2.3": "10.1.2.3 255.255.255.255", "10.1.2.0": "10.1.2.0 255.255.255.0",
		"1.2.3.4.5": "", "300": "", "a": "",
	} {
		n, ok := inetNetwork(in)
		if ok != (want != "") {
			t.Errorf("%q: %v", in, ok)
		}
		if !ok {
			continue
		}
		c := new(route)
		addr := c.classMask(n)
		mask := c.addrs[netbsd.RTAX_NETMASK].(netbsd.SockaddrIn)
		got := fmt.Sprintf("%d.%d.%d.%d %s", byte(addr>>24), byte(addr>>16), byte(addr>>8), byte(addr), mask.NetipAddr())
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestNetName(t *testing.T) {
	e := new(Env)
	for _, test := range []struct {
		prefix, want string
	}{
		{"0.0.0.0/0", "default"}, {"10.0.0.0/8", "10/8"}, {"172.16.0.0/12", "172.16/12"}, {"10.1.2.0/24", "10.1.2/24"},
		{"10.1.2.128/25", "10.1.2.128/25"}, {"::/0", "default"}, {"2001:db8::/32", "2001:db8::/32"}, {"ff00::/8", "ff00::/8"},
	} {
		p := netip.MustParsePrefix(test.prefix)
		var sa, mask netbsd.Sockaddr = netbsd.SockaddrIn6{Addr: p.Addr().As16()}, netbsd.Netmask(netbsd.AF_INET6, p.Bits())
		if p.Addr().Is4() {
			sa, mask = netbsd.SockaddrIn{Addr: p.Addr().As4()}, netbsd.Netmask(netbsd.AF_INET, p.Bits())
		}
		if got := e.netName(context.Background(), sa, mask); got != test.want {
			t.Errorf("%s: %s, want %s", test.prefix, got, test.want)
		}
	}
}

func TestLinkAddresses(t *testing.T) {
	for in, want := range map[string]string{"2:0:0:ff:1:a": "02:00:00:ff:01:0a", "1": "01", "": "", "123:1": "", "x:1": "", "1::2": ""} {
		b, ok := parseColonHex(in)
		if ok != (want != "") || ok && colonHex(b) != want {
			t.Errorf("%q: %x, %v; want %q", in, b, ok, want)
		}
	}
	for in, want := range map[string]string{"shmif0": "shmif0", "lo0:1.2.3": "lo0 01:02:03", "shmif1:0:a:ff": "shmif1 00:0a:ff"} {
		l := linkAddr(in).(netbsd.SockaddrDl)
		got := strings.TrimSpace(l.Name + " " + colonHex(l.Addr))
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for in, want := range map[int64]string{0: "0s", 59: "59s", 61: "1m1s", 3600: "1h0m0s", 90061: "1d1h1m1s"} {
		if got := sec2str(in); got != want {
			t.Errorf("%d: %s, want %s", in, got, want)
		}
	}
}

// TestManuals checks that the utilities are in order and that the manual pages of
// those of the network begin as they must.
func TestManuals(t *testing.T) {
	last := ""
	for _, u := range All() {
		if u.Name <= last {
			t.Errorf("%s comes after %s", u.Name, last)
		}
		last = u.Name
		page := u.Page()
		if page == "" {
			t.Errorf("%s has no manual page", u.Name)
		}
		if !strings.Contains(" arp brconfig ifconfig ifmcstat ndp netstat ping ping6 route sockstat sysctl traceroute traceroute6 ",
			" "+u.Name+" ") {
			continue
		}
		if !strings.HasPrefix(page, "NAME\n     "+u.Name) || !strings.Contains(page, "\nSYNOPSIS\n") ||
			!strings.Contains(page, "\nDESCRIPTION\n") || !strings.Contains(page, "\nEXIT STATUS\n") {
			t.Errorf("%s: the manual page is %.60q", u.Name, page)
		}
	}
}
