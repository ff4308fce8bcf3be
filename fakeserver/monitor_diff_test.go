package fakeserver_test

import (
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// masked takes hardware addresses, which are random, and what is made of them out of
// messages.
func masked(msgs []string, macs map[string]bool) []string {
	var out []string
	for _, m := range msgs {
		for mac := range macs {
			b, _ := hex.DecodeString(mac)
			id := hex.EncodeToString([]byte{b[0] ^ 2, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]})
			group := "ff" + mac[6:]
			m = strings.NewReplacer(mac, "<MAC>", id, "<ID>", "0001"+group, "<GROUP>").Replace(m)
		}
		out = append(out, m)
	}
	return out
}

// TestDifferentialMonitor compares what routing sockets hear when interfaces come,
// change and go.
func TestDifferentialMonitor(t *testing.T) {
	type kernel struct {
		*routeSide
		bus  string
		macs map[string]bool
	}
	start := func(h *host, bus string) *kernel {
		for _, mib := range [][]int32{{4, 2, 0, netbsd.IPCTL_DAD_COUNT}, {4, 24, 41, netbsd.IPV6CTL_DAD_COUNT}} {
			if _, errno := sysctl(t, h.c, mib, 4, []byte{0, 0, 0, 0}); errno != 0 {
				t.Fatal(errno)
			}
		}
		return &kernel{newRouteSide(h), filepath.Join(t.TempDir(), bus), make(map[string]bool)}
	}
	components := append([]string{"rumpnet_gif", "rumpnet_bridge"}, diffComponents...)
	kernels := []*kernel{
		start(&host{t: t, c: dialReal(t, components...)}, "real"),
		start(newHost(t, fakeserver.Config{Components: components}), "fake"),
	}
	flags := func(name string, f int32) func(k *kernel) {
		return func(k *kernel) {
			r := netbsd.Ifreq{Name: name}
			r.SetInt(f)
			k.h.must(k.h.ioctl(netbsd.AF_INET, netbsd.SIOCSIFFLAGS, r.Append(nil)))
		}
	}
	named := func(cmd netbsd.Ioctl, name string) func(k *kernel) {
		return func(k *kernel) { k.h.must(k.h.ioctl(netbsd.AF_INET, cmd, netbsd.Ifreq{Name: name}.Append(nil))) }
	}
	for _, step := range []struct {
		name string
		do   func(k *kernel)
	}{
		{"create shmif0", func(k *kernel) { k.h.create("shmif0"); k.macs[hex.EncodeToString(k.linkAddr("shmif0"))] = true }},
		{"attach", func(k *kernel) { k.h.attach("shmif0", k.bus) }},
		{"address", func(k *kernel) { k.h.address("shmif0", "10.0.0.1/24") }},
		{"IPv6 address", func(k *kernel) { k.h.address("shmif0", "2001:db8::1/64") }},
		{"another address", func(k *kernel) { k.h.address("shmif0", "10.0.0.5/24") }},
		{"down", flags("shmif0", 0)},
		{"up", flags("shmif0", netbsd.IFF_UP)},
		{"create lo1", named(netbsd.SIOCIFCREATE, "lo1")},
		{"address of lo1", func(k *kernel) { k.h.address("lo1", "10.3.0.1/24") }},
		{"destroy lo1", named(netbsd.SIOCIFDESTROY, "lo1")},
		{"create bridge0", named(netbsd.SIOCIFCREATE, "bridge0")},
		{"destroy bridge0", named(netbsd.SIOCIFDESTROY, "bridge0")},
		{"create gif0", named(netbsd.SIOCIFCREATE, "gif0")},
		{"destroy gif0", named(netbsd.SIOCIFDESTROY, "gif0")},
		{"destroy shmif0", named(netbsd.SIOCIFDESTROY, "shmif0")},
	} {
		var said [2][]string
		for i, k := range kernels {
			step.do(k)
			for until := time.Now().Add(time.Second / 10); time.Now().Before(until) && (i == 0 || len(said[1]) < len(said[0])); {
				said[i] = append(said[i], k.heard()...)
			}
			said[i] = masked(said[i], k.macs)
		}
		if d := cmp.Diff(said[0], said[1]); d != "" {
			t.Errorf("%s (-real +fake):\n%s", step.name, d)
		}
	}
}
