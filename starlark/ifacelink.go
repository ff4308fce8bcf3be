package starlark

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// interfaceLink is the table of an interface's methods about its link.
func interfaceLink() []function {
	return []function{
		{"add_lladdr", "lladdr active?", "Adds a link address, and uses it if active is True.", interfaceAddLink},
		{"attach", "linkstr", "Attaches the interface: a shmif to a bus, or to the bus at a path.", interfaceAttach},
		{"detach", "", "Takes the link string away: a shmif is on no bus then.", on0((*rump.Interface).ClearLinkstr)},
		{"remove_lladdr", "lladdr", "Takes a link address away that is not in use.", on(func(ctx context.Context, i *rump.Interface, a lladdr) error { return i.RemoveLink(ctx, a.mac) })},
		{"set_capabilities", "names", "Enables these capabilities of the hardware, and no others.", interfaceSetCapabilities},
		{"set_flag", "name on?", "Sets a flag, such as \"LINK0\" or \"DEBUG\", or clears it if on is False.", interfaceSetFlag},
		{"set_metric", "metric", "Sets the metric.", on(func(ctx context.Context, i *rump.Interface, n int) error { return i.SetMetric(ctx, n) })},
		{"set_mtu", "mtu", "Sets the greatest packet, in bytes.", on(func(ctx context.Context, i *rump.Interface, n int) error { return i.SetMTU(ctx, n) })},
		{"stats", "clear?", "Returns the counters, a struct of ints: packets_in, packets_out, bytes_in, bytes_out, errors_in, errors_out, multicasts_in, multicasts_out, collisions, drops and unknown_protocol. With clear = True they begin at 0 again.", interfaceStats},
	}
}

// lladdr unpacks a link address.
type lladdr struct{ mac net.HardwareAddr }

// Unpack implements starlark.Unpacker.
func (a *lladdr) Unpack(v starlark.Value) error {
	s, _ := starlark.AsString(v)
	mac, err := net.ParseMAC(s)
	if err != nil {
		return fmt.Errorf("%s is no link address: write \"b2:a0:df:66:ec:87\"", v)
	}
	a.mac = mac
	return nil
}

func interfaceAddLink(c *call) (starlark.Value, error) {
	var a lladdr
	var active bool
	if err := c.unpack(&a, &active); err != nil {
		return nil, err
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) { return nil, i.AddLink(c.ctx, a.mac, active) })
}

func interfaceSetFlag(c *call) (starlark.Value, error) {
	var name string
	on := true
	if err := c.unpack(&name, &on); err != nil {
		return nil, err
	}
	var flag rump.InterfaceFlags
	for i := range 16 {
		if bit := rump.InterfaceFlags(1) << i; slices.Contains(bit.Names(), strings.ToUpper(name)) {
			flag = bit
		}
	}
	if flag == 0 {
		return nil, fmt.Errorf("set_flag: there is no flag %q", name)
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) {
		if on {
			return nil, i.ChangeFlags(c.ctx, flag, 0)
		}
		return nil, i.ChangeFlags(c.ctx, 0, flag)
	})
}

// capabilityNames are those of ifconfig(8).
func capabilityNames() []struct {
	bit  uint64
	name string
} {
	return []struct {
		bit  uint64
		name string
	}{
		{netbsd.IFCAP_TSOv4, "TSO4"}, {netbsd.IFCAP_TSOv6, "TSO6"}, {netbsd.IFCAP_LRO, "LRO"},
		{netbsd.IFCAP_CSUM_IPv4_Rx, "IP4CSUM_Rx"}, {netbsd.IFCAP_CSUM_IPv4_Tx, "IP4CSUM_Tx"},
		{netbsd.IFCAP_CSUM_TCPv4_Rx, "TCP4CSUM_Rx"}, {netbsd.IFCAP_CSUM_TCPv4_Tx, "TCP4CSUM_Tx"},
		{netbsd.IFCAP_CSUM_UDPv4_Rx, "UDP4CSUM_Rx"}, {netbsd.IFCAP_CSUM_UDPv4_Tx, "UDP4CSUM_Tx"},
		{netbsd.IFCAP_CSUM_TCPv6_Rx, "TCP6CSUM_Rx"}, {netbsd.IFCAP_CSUM_TCPv6_Tx, "TCP6CSUM_Tx"},
		{netbsd.IFCAP_CSUM_UDPv6_Rx, "UDP6CSUM_Rx"}, {netbsd.IFCAP_CSUM_UDPv6_Tx, "UDP6CSUM_Tx"},
	}
}

func capabilityList(bits uint64) starlark.Value {
	var names []string
	for _, c := range capabilityNames() {
		if bits&c.bit != 0 {
			names = append(names, c.name)
		}
	}
	return stringList(names)
}

func interfaceSetCapabilities(c *call) (starlark.Value, error) {
	var list *starlark.List
	if err := c.unpack(&list); err != nil {
		return nil, err
	}
	known := capabilityNames()
	var bits uint64
	for v := range list.Elements() {
		name, _ := starlark.AsString(v)
		n := len(known)
		for i, k := range known {
			if k.name == name {
				n = i
			}
		}
		if n == len(known) {
			return nil, fmt.Errorf("set_capabilities: there is no capability %s", v)
		}
		bits |= known[n].bit
	}
	i := c.iface()
	return waiting(c.scope, func() (starlark.Value, error) { return nil, i.EnableCapabilities(c.ctx, bits) })
}

func interfaceStats(c *call) (starlark.Value, error) {
	var clear bool
	if err := c.unpack(&clear); err != nil {
		return nil, err
	}
	i := c.iface()
	d, err := waiting(c.scope, func() (netbsd.IfData, error) { return i.Stats(c.ctx, clear) })
	if err != nil {
		return nil, err
	}
	fields := make(starlark.StringDict)
	for name, n := range map[string]uint64{
		"packets_in": d.Ipackets, "packets_out": d.Opackets, "bytes_in": d.Ibytes, "bytes_out": d.Obytes,
		"errors_in": d.Ierrors, "errors_out": d.Oerrors, "multicasts_in": d.Imcasts, "multicasts_out": d.Omcasts,
		"collisions": d.Collisions, "drops": d.Iqdrops, "unknown_protocol": d.Noproto,
	} {
		fields[name] = starlark.MakeUint64(n)
	}
	return record("stats", fields), nil
}
