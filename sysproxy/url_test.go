package sysproxy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

func TestParseURL(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tc := range []struct {
		url, network, address string // network "" for a bad URL
		what                  string // is wrong with it
		listen                bool   // good for a server
	}{
		{"unix://csock", "unix", "csock", "", true},
		{"unix:///tmp/a/csock", "unix", "/tmp/a/csock", "", true},
		{"unix://../a b", "unix", "../a b", "", true},
		{"tcp://127.0.0.1:12345", "tcp", "127.0.0.1:12345", "", true},
		{"tcp://127.0.0.1:12345/", "tcp", "127.0.0.1:12345", "", true},
		{"tcp://localhost:1", "tcp", "localhost:1", "", true},
		{"tcp://[::1]:65535", "tcp", "[::1]:65535", "", true},
		{"tcp://0:123", "", "", "wildcard", true},
		{"tcp://*:123", "", "", "wildcard", true},
		{"tcp://0.0.0.0:123", "", "", "wildcard", true},
		{"tcp://[::]:123", "", "", "wildcard", true},
		{"tcp://127.0.0.1:0", "", "", "not 0", true},
		{"", "", "", "not of the form", false},
		{"csock", "", "", "not of the form", false},
		{"unix:/csock", "", "", "not of the form", false},
		{"unix://", "", "", "path is missing", false},
		{"unix://a\x00b", "", "", "NUL", false},
		{"unix://" + long, "", "", "longer than", false},
		{"tcp://", "", "", "missing port", false},
		{"tcp://1.2.3.4", "", "", "missing port", false},
		{"tcp://:80", "", "", "address is missing", false},
		{"tcp://1.2.3.4:", "", "", "not a number", false},
		{"tcp://1.2.3.4:http", "", "", "not a number", false},
		{"tcp://1.2.3.4:-1", "", "", "not a number", false},
		{"tcp://1.2.3.4:65536", "", "", "out of range", false},
		{"tcp://1.2.3.4:99999999999999999999", "", "", "not a number", false},
		{"tcp://1.2.3.4:80/x", "", "", "not a number", false},
		{"tcp://::1:80", "", "", "too many colons", false},
		{"tcp6://[::1]:80", "", "", "neither unix nor tcp", false},
		{"http://1.2.3.4:80", "", "", "neither unix nor tcp", false},
	} {
		u, err := sysproxy.ParseURL(tc.url)
		var ue *sysproxy.URLError
		switch {
		case tc.network != "":
			if err != nil || u.Network != tc.network || u.Address != tc.address || u.String() != tc.url {
				t.Errorf("%q: %+v, %v", tc.url, u, err)
			}
		case !errors.As(err, &ue) || ue.URL != tc.url || !strings.Contains(ue.What, tc.what):
			t.Errorf("%q: error %v, want one that says %q", tc.url, err, tc.what)
		}
		if _, err := sysproxy.ParseListenURL(tc.url); (err == nil) != tc.listen {
			t.Errorf("%q as a server's: %v", tc.url, err)
		}
	}
	if u, _ := sysproxy.ParseListenURL("tcp://*:80"); u.Address != "0.0.0.0:80" {
		t.Errorf("%+v", u)
	}
	u, _ := sysproxy.ParseURL("unix://rel")
	t.Chdir(t.TempDir())
	if abs, err := u.Absolute(); err == nil && (!strings.HasPrefix(abs.Address, "/") || !strings.HasSuffix(abs.Address, "/rel")) {
		t.Errorf("%+v, %v", abs, err)
	}
}

func TestParseBanner(t *testing.T) {
	b, err := sysproxy.ParseBanner("RUMPSP-0.4-NetBSD-7.99.34/amd64")
	want := sysproxy.Banner{Major: 0, Minor: 4, Kernel: "NetBSD", Release: "7.99.34", Machine: "amd64"}
	if err != nil || b != want || b.String() != "RUMPSP-0.4-NetBSD-7.99.34/amd64" {
		t.Errorf("%+v, %v", b, err)
	}
	if b, err := sysproxy.ParseBanner("RUMPSP-0.4-NetBSD-6.99-with-dashes/i386"); err != nil || b.Release != "6.99-with-dashes" {
		t.Errorf("%+v, %v", b, err)
	}
	for _, bad := range []string{"", "RUMPSP", "RUMPSP-0.4", "RUMPSP-0.4-NetBSD-7", "RUMPSP-x.4-NetBSD-7/amd64", "RUMPSP-99999.4-NetBSD-7/amd64",
		"RUMPSP-.4-NetBSD-7/amd64", "RUMPSP-0.4--7/amd64", "RUMPSP-0.4-NetBSD-/amd64", "RUMPSP-0.4-NetBSD-7/", "rumpsp-0.4-NetBSD-7/amd64", strings.Repeat("x", 1000)} {
		if b, err := sysproxy.ParseBanner(bad); err == nil {
			t.Errorf("%q: %+v", bad, b)
		} else if len(err.Error()) > 200 {
			t.Errorf("the error is %d bytes long", len(err.Error()))
		}
	}
}
