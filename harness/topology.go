package harness

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Topology is a network of kernels as data. Kernels are wired by being on the
// same bus: an Ethernet segment.
//
//	harness.Topology{
//		{Name: "left", Interfaces: []harness.Interface{{Bus: "a", Addrs: []string{"10.0.1.1/24"}}},
//			Routes: []harness.Route{{To: "10.0.2.0/24", Via: "10.0.1.2"}}},
//		{Name: "router", Forward: true, Interfaces: []harness.Interface{
//			{Bus: "a", Addrs: []string{"10.0.1.2/24"}},
//			{Bus: "b", Addrs: []string{"10.0.2.2/24"}}}},
//		{Name: "right", ...},
//	}
type Topology []Node

// Node is a kernel of a topology.
type Node struct {
	Name       string // in errors, and in Net.Kernel
	Interfaces []Interface
	Routes     []Route
	Forward    bool // whether it forwards packets, as a router does

	// Sysctl has values to be set, by name, before the interfaces are.
	Sysctl map[string]any

	// Components and Disks are those of the kernel, if not the Config's.
	Components []string
	Disks      []Disk
}

// Interface is an interface of a kernel of a topology.
type Interface struct {
	Name  string   // by default shmif0 for the first, shmif1 ...
	Bus   string   // what it is on
	Addrs []string // IPv4 or IPv6, with their prefix lengths: "10.0.0.1/24"
	MTU   int      // 0 leaves it
}

// Route is a route of a kernel of a topology.
type Route struct {
	To  string // a network, "10.0.2.0/24", or "default"
	Via string // the address of the next hop
}

// Validate finds what is wrong with a topology without starting anything. The
// error is a *ConfigError.
func (t Topology) Validate() error {
	if len(t) == 0 {
		return &ConfigError{"Topology", "", "it has no kernels"}
	}
	names := map[string]bool{}
	where := map[netip.Addr]string{}
	for _, n := range t {
		if n.Name == "" {
			return &ConfigError{"Topology", "", "a kernel has no name"}
		}
		if names[n.Name] {
			return &ConfigError{"Topology", n.Name, "two kernels have this name"}
		}
		names[n.Name] = true
		if err := n.validate(where); err != nil {
			return err
		}
	}
	return nil
}

// validate checks a kernel's interfaces and routes. Where says which kernel has
// an address.
func (n Node) validate(where map[netip.Addr]string) error {
	interfaces := map[string]bool{}
	var nets []netip.Prefix
	for i, ifc := range n.Interfaces {
		name := ifc.name(i)
		field := "interface " + name + " of " + n.Name
		if interfaces[name] {
			return &ConfigError{field, "", "the kernel has two of this name"}
		}
		interfaces[name] = true
		if ifc.Bus == "" || strings.ContainsAny(ifc.Bus, "/\x00") {
			return &ConfigError{field, ifc.Bus, "a bus needs a name without slashes"}
		}
		for _, a := range ifc.Addrs {
			p, err := netip.ParsePrefix(a)
			if err != nil {
				return &ConfigError{field, a, "not an address with a prefix length: " + err.Error()}
			}
			if other, taken := where[p.Addr()]; taken {
				return &ConfigError{field, a, other + " has this address already"}
			}
			where[p.Addr()] = n.Name
			nets = append(nets, p.Masked())
		}
	}
	for _, r := range n.Routes {
		field := "route of " + n.Name
		if r.To != "default" {
			if _, err := netip.ParsePrefix(r.To); err != nil {
				return &ConfigError{field, r.To, "neither default nor a network with a prefix length: " + err.Error()}
			}
		}
		via, err := netip.ParseAddr(r.Via)
		if err != nil {
			return &ConfigError{field, r.Via, "not an address: " + err.Error()}
		}
		if !slices.ContainsFunc(nets, func(p netip.Prefix) bool { return p.Contains(via) }) {
			return &ConfigError{field, r.Via, "the kernel is on no network with this address"}
		}
	}
	return nil
}

// name returns the name of a kernel's i-th interface.
func (i Interface) name(n int) string {
	if i.Name != "" {
		return i.Name
	}
	return fmt.Sprintf("shmif%d", n)
}

// A neighbour is an address that a kernel should reach without a route.
type neighbour struct {
	from string // the kernel
	to   netip.Addr
	at   string // the kernel that has the address
}

// neighbours returns, for each kernel, the addresses of others on its buses that
// are on a network of its own.
func (t Topology) neighbours() []neighbour {
	type station struct {
		kernel string
		net    netip.Prefix
	}
	buses := map[string][]station{}
	for _, n := range t {
		for _, ifc := range n.Interfaces {
			for _, a := range ifc.Addrs {
				if p, err := netip.ParsePrefix(a); err == nil {
					buses[ifc.Bus] = append(buses[ifc.Bus], station{n.Name, p})
				}
			}
		}
	}
	var all []neighbour
	for _, bus := range t.Buses() {
		for _, from := range buses[bus] {
			for _, to := range buses[bus] {
				if from.kernel != to.kernel && from.net.Masked().Contains(to.net.Addr()) {
					all = append(all, neighbour{from.kernel, to.net.Addr(), to.kernel})
				}
			}
		}
	}
	return all
}

// Buses returns the names of the topology's buses, in the order in which they appear.
func (t Topology) Buses() []string {
	var buses []string
	for _, n := range t {
		for _, i := range n.Interfaces {
			if !slices.Contains(buses, i.Bus) {
				buses = append(buses, i.Bus)
			}
		}
	}
	return buses
}
