package fakeserver

import (
	"path/filepath"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/inet"
	"github.com/rumpkernel/rumpscript/shmif"
)

// cloners are the kinds of interfaces that components bring along.
var cloners = map[string]string{
	"rumpnet_shmif": "shmif", "rumpnet_bridge": "bridge", "rumpnet_agr": "agr", "rumpnet_tap": "tap", "rumpnet_gif": "gif",
	"rumpnet_pppoe": "pppoe",
}

// cloners are the kinds of interfaces that the components bring along, in the
// order in which the kernel lists them.
func (c *components) cloners() []string {
	var kinds []string
	if c.has("rumpnet_net") {
		kinds = append(kinds, "lo")
	}
	for _, name := range c.order {
		if kind := cloners[name]; kind != "" {
			kinds = append(kinds, kind)
		}
	}
	if c.has("rumpnet_netinet") {
		kinds = append(kinds, "carp")
	}
	return kinds
}

// paths is where local sockets are bound: nil without a file system.
func (k *Kernel) paths() inet.Paths {
	if k.parts.files == nil {
		return nil
	}
	return k.parts.files
}

// startNetwork makes the network that the components name.
func (k *Kernel) startNetwork(comps *components) {
	if !comps.has("rumpnet") {
		return
	}
	wires := newWires(k)
	cfg := inet.Config{
		Net: comps.has("rumpnet_net"), INET: comps.has("rumpnet_netinet"), INET6: comps.has("rumpnet_netinet6"),
		Local: comps.has("rumpnet_local"), Clock: k.core.Clock(), Boot: k.core.BootTime(), Now: k.core.Now,
		Hostname: k.core.Hostname, Seed: k.cfg.Seed, Console: k.cfg.Console,
		Mbufs:        func() int { return k.core.Limits().Mbufs },
		HardwareAddr: func(name string) []byte { return k.cfg.HardwareAddrs[name] },
		Paths:        k.paths(),
		OpenBus: func(path string) (*shmif.Bus, error) {
			if k.cfg.BusDir != "" && !filepath.IsAbs(path) {
				path = filepath.Join(k.cfg.BusDir, path)
			}
			return wires.open(path)
		},
	}
	if k.packets != nil {
		cfg.Sent = k.recordPacket
	}
	cfg.Cloners = comps.cloners()
	net := inet.New(cfg)
	net.Plug(k.core)
	k.parts.add(wires.close)
	k.parts.add(net.Close)
}
