package netbsd

import "testing"

// TestStatIndex checks that the names of a protocol's counters are of different
// ones, all of which it has.
func TestStatIndex(t *testing.T) {
	for protocol, n := range map[string]int{
		"net.inet.ip": IP_NSTATS, "net.inet.icmp": ICMP_NSTATS, "net.inet.igmp": IGMP_NSTATS, "net.inet.tcp": TCP_NSTATS,
		"net.inet.udp": UDP_NSTATS, "net.inet.arp": ARP_NSTATS, "net.inet6.ip6": IP6_NSTATS, "net.inet6.icmp6": ICMP6_NSTATS,
		"net.inet6.udp6": UDP6_NSTATS, "net.inet6.raw6": RIP6_NSTATS,
	} {
		names := StatIndex(protocol)
		if len(names) == 0 {
			t.Errorf("%s has no names", protocol)
		}
		taken := make(map[int]string)
		for name, i := range names {
			if i < 0 || i >= n {
				t.Errorf("%s: %s is number %d of %d", protocol, name, i, n)
			}
			if other := taken[i]; other != "" {
				t.Errorf("%s: %s and %s are both number %d", protocol, name, other, i)
			}
			taken[i] = name
		}
	}
	if StatIndex("net.inet.nosuch") != nil {
		t.Error("a protocol that is not known has names")
	}
}
