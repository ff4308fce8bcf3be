package fakeserver

import (
	"path/filepath"
	"slices"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/inet"
	"github.com/rumpkernel/rumpscript/shmif"
)

// cloners are the kinds of interfaces that components bring along, in the order
// in which the kernel lists them.
var cloners = []struct{ kind, component string }{
	{"lo", "rumpnet_net"}, {"shmif", "rumpnet_shmif"}, {"bridge", "rumpnet_bridge"}, {"agr", "rumpnet_agr"}, {"tap", "rumpnet_tap"},
	{"gif", "rumpnet_gif"}, {"pppoe", "rumpnet_pppoe"}, {"carp", "rumpnet_netinet"},
}

// startNetwork makes the network that the components name.
func (k *Kernel) startNetwork(comps *components) {
	if !comps.has("rumpnet") {
		return
	}
	cfg := inet.Config{
		Net: comps.has("rumpnet_net"), INET: comps.has("rumpnet_netinet"), INET6: comps.has("rumpnet_netinet6"),
		Local: comps.has("rumpnet_local"), Clock: k.core.Clock(), Boot: k.core.BootTime(), Now: k.core.Now,
		Hostname: k.core.Hostname, Seed: k.cfg.Seed, Console: k.cfg.Console,
		Mbufs:        func() int { return k.core.Limits().Mbufs },
		HardwareAddr: func(name string) []byte { return k.cfg.HardwareAddrs[name] },
		OpenBus: func(path string) (*shmif.Bus, error) {
			if k.cfg.BusDir != "" && !filepath.IsAbs(path) {
				path = filepath.Join(k.cfg.BusDir, path)
			}
			return shmif.Create(path)
		},
	}
	if k.packets != nil {
		cfg.Sent = k.recordPacket
	}
	for _, c := range cloners {
		if comps.has(c.component) {
			cfg.Cloners = append(cfg.Cloners, c.kind)
		}
	}
	cfg.Cloners = slices.Clip(cfg.Cloners)
	net := inet.New(cfg)
	net.Plug(k.core)
	k.parts.add(net.Close)
}
