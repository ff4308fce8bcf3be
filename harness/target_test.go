package harness

import (
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct {
		name string
		want Target
		err  string // part of the error, if there is to be one
	}{
		{"", Target{Kind: KindFake}, ""},
		{"fake", Target{Kind: KindFake}, ""},
		{"process", Target{Kind: KindProcess}, ""},
		{"container", Target{Kind: KindContainer}, ""},
		{"container:a/b:1", Target{Kind: KindContainer, Image: "a/b:1"}, ""},
		{"rumprun:/a/b.bin", Target{Kind: KindRumprun, Image: "/a/b.bin"}, ""},
		{"unix://csock", Target{Kind: KindURL, URL: must(sysproxy.ParseURL("unix://csock"))}, ""},
		{"tcp://127.0.0.1:12/", Target{Kind: KindURL, URL: must(sysproxy.ParseURL("tcp://127.0.0.1:12/"))}, ""},
		{"fake:x", Target{}, "takes no image"},
		{"process:x", Target{}, "takes no image"},
		{"container:", Target{}, "missing after the colon"},
		{"rumprun", Target{}, "which unikernel?"},
		{"rumprun:", Target{}, "which unikernel?"},
		{"xen", Target{}, "neither fake, process"},
		{"udp://x", Target{}, "udp"},
	} {
		got, err := ParseTarget(tt.name)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), tt.name) {
				t.Errorf("%q: the error is %v", tt.name, err)
			}
			continue
		}
		if err != nil || got.Kind != tt.want.Kind || got.Image != tt.want.Image || got.URL.String() != tt.want.URL.String() {
			t.Errorf("%q is %+v, %v", tt.name, got, err)
			continue
		}
		if again, err := ParseTarget(got.String()); err != nil || again.String() != got.String() {
			t.Errorf("%q is written %q, which is %+v, %v", tt.name, got, again, err)
		}
	}
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		flag, server, target string
		want, where          string
	}{
		{"", "", "", "fake", "by default"},
		{"", "", "process", "process", VarTarget},
		{"", "unix://a", "process", "unix://a", "RUMP_SERVER"},
		{"fake", "unix://a", "process", "fake", ""},
	} {
		env := map[string]string{"RUMP_SERVER": tt.server, VarTarget: tt.target}
		got, where, err := Choose(tt.flag, func(name string) string { return env[name] })
		if err != nil || got.String() != tt.want || where != tt.where {
			t.Errorf("%+v: %s, %q, %v", tt, got, where, err)
		}
	}
	for name, env := range map[string]string{"RUMP_SERVER": "process", VarTarget: "nonsense"} {
		_, _, err := Choose("", func(n string) string {
			if n == name {
				return env
			}
			return ""
		})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), env) {
			t.Errorf("%s=%s: the error is %v", name, env, err)
		}
	}
}
