package inet

import (
	"cmp"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// counters are what the kernel counts apart from interfaces. Those of IP, TCP
// and UDP are gVisor's.
type counters struct {
	rt  struct{ dynamic, modified, unreach uint64 }
	arp struct {
		sent, sentReply, sentRequest             uint64
		received, receivedRequest, receivedReply uint64
		dropped                                  uint64
	}
	icmp6 struct {
		in           [5]uint64 // by type, from 133
		nsOut, naOut uint64
		bad          uint64
	}
}

// statNodes are the sysctl nodes with counters. gVisor counts IPv4 and IPv6
// together in IP, TCP and UDP: where the two have nodes of their own, both tell
// the same.
func (n *Net) statNodes() map[string]func() netbsd.Stats {
	stats := func() tcpip.Stats {
		if st := n.mirror.st.Load(); st != nil {
			return st.Stats()
		}
		return tcpip.Stats{}.FillIn()
	}
	fill := func(size int, f func(s netbsd.Stats, g tcpip.Stats)) func() netbsd.Stats {
		return func() netbsd.Stats {
			s := make(netbsd.Stats, size)
			f(s, stats())
			return s
		}
	}
	none := func(size int) func() netbsd.Stats {
		return func() netbsd.Stats { return make(netbsd.Stats, size) }
	}
	tcpStats := fill(netbsd.TCP_NSTATS, func(s netbsd.Stats, g tcpip.Stats) {
		s[netbsd.TCP_STAT_CONNATTEMPT] = g.TCP.ActiveConnectionOpenings.Value()
		s[netbsd.TCP_STAT_ACCEPTS] = g.TCP.PassiveConnectionOpenings.Value()
		s[netbsd.TCP_STAT_CONNECTS] = s[netbsd.TCP_STAT_CONNATTEMPT] + s[netbsd.TCP_STAT_ACCEPTS] - g.TCP.FailedConnectionAttempts.Value()
		s[netbsd.TCP_STAT_CONNDROPS] = g.TCP.FailedConnectionAttempts.Value()
		s[netbsd.TCP_STAT_CLOSED] = g.TCP.EstablishedClosed.Value()
		s[netbsd.TCP_STAT_REXMTTIMEO] = g.TCP.Timeouts.Value()
		s[netbsd.TCP_STAT_SNDTOTAL] = g.TCP.SegmentsSent.Value()
		s[netbsd.TCP_STAT_SNDREXMITPACK] = g.TCP.Retransmits.Value()
		s[netbsd.TCP_STAT_RCVTOTAL] = g.TCP.ValidSegmentsReceived.Value()
		s[netbsd.TCP_STAT_RCVBADSUM] = g.TCP.ChecksumErrors.Value()
	})
	return map[string]func() netbsd.Stats{
		"net.inet.ip.stats": fill(netbsd.IP_NSTATS, func(s netbsd.Stats, g tcpip.Stats) {
			s[netbsd.IP_STAT_TOTAL] = g.IP.PacketsReceived.Value()
			s[netbsd.IP_STAT_DELIVERED] = g.IP.PacketsDelivered.Value()
			s[netbsd.IP_STAT_LOCALOUT] = g.IP.PacketsSent.Value()
			s[netbsd.IP_STAT_CANTFORWARD] = g.IP.Forwarding.Unrouteable.Value()
			s[netbsd.IP_STAT_TOOSHORT] = g.IP.MalformedPacketsReceived.Value()
		}),
		"net.inet.icmp.stats": fill(netbsd.ICMP_NSTATS, func(s netbsd.Stats, g tcpip.Stats) {
			out, in := netbsd.ICMP_STAT_OUTHIST, netbsd.ICMP_STAT_INHIST
			s[out+0], s[in+0] = g.ICMP.V4.PacketsSent.EchoReply.Value(), g.ICMP.V4.PacketsReceived.EchoReply.Value()
			s[out+3], s[in+3] = g.ICMP.V4.PacketsSent.DstUnreachable.Value(), g.ICMP.V4.PacketsReceived.DstUnreachable.Value()
			s[out+8], s[in+8] = g.ICMP.V4.PacketsSent.EchoRequest.Value(), g.ICMP.V4.PacketsReceived.EchoRequest.Value()
			s[out+11], s[in+11] = g.ICMP.V4.PacketsSent.TimeExceeded.Value(), g.ICMP.V4.PacketsReceived.TimeExceeded.Value()
			s[netbsd.ICMP_STAT_ERROR] = s[out+3] + s[out+11]
			s[netbsd.ICMP_STAT_REFLECT] = s[out+0]
		}),
		"net.inet.igmp.stats": none(netbsd.IGMP_NSTATS),
		"net.inet.carp.stats": none(16),
		"net.inet.tcp.stats":  tcpStats,
		"net.inet.udp.stats": fill(netbsd.UDP_NSTATS, func(s netbsd.Stats, g tcpip.Stats) {
			s[netbsd.UDP_STAT_IPACKETS] = g.UDP.PacketsReceived.Value()
			s[netbsd.UDP_STAT_BADSUM] = g.UDP.ChecksumErrors.Value()
			s[netbsd.UDP_STAT_NOPORT] = g.UDP.UnknownPortErrors.Value()
			s[netbsd.UDP_STAT_FULLSOCK] = g.UDP.ReceiveBufferErrors.Value()
			s[netbsd.UDP_STAT_OPACKETS] = g.UDP.PacketsSent.Value()
		}),
		"net.inet.arp.stats": func() netbsd.Stats {
			n.lock()
			defer n.unlock()
			s := make(netbsd.Stats, netbsd.ARP_NSTATS)
			a := &n.stats.arp
			s[netbsd.ARP_STAT_SNDTOTAL], s[netbsd.ARP_STAT_SNDREPLY], s[netbsd.ARP_STAT_SENDREQUEST] = a.sent, a.sentReply, a.sentRequest
			s[netbsd.ARP_STAT_RCVTOTAL], s[netbsd.ARP_STAT_RCVREQUEST], s[netbsd.ARP_STAT_RCVREPLY] = a.received, a.receivedRequest, a.receivedReply
			s[netbsd.ARP_STAT_DFRDROPPED] = a.dropped
			return s
		},
		"net.inet6.ip6.stats": fill(netbsd.IP6_NSTATS, func(s netbsd.Stats, g tcpip.Stats) {
			for _, ifp := range n.interfaces() {
				s[netbsd.IP6_STAT_TOTAL] += ifp.in6.Load()
				s[netbsd.IP6_STAT_LOCALOUT] += ifp.out6.Load()
			}
			s[netbsd.IP6_STAT_DELIVERED] = s[netbsd.IP6_STAT_TOTAL]
		}),
		"net.inet6.icmp6.stats": fill(netbsd.ICMP6_NSTATS, func(s netbsd.Stats, g tcpip.Stats) {
			out, in := netbsd.ICMP6_STAT_OUTHIST, netbsd.ICMP6_STAT_INHIST
			s[out+1], s[in+1] = g.ICMP.V6.PacketsSent.DstUnreachable.Value(), g.ICMP.V6.PacketsReceived.DstUnreachable.Value()
			s[out+128], s[in+128] = g.ICMP.V6.PacketsSent.EchoRequest.Value(), g.ICMP.V6.PacketsReceived.EchoRequest.Value()
			s[out+129], s[in+129] = g.ICMP.V6.PacketsSent.EchoReply.Value(), g.ICMP.V6.PacketsReceived.EchoReply.Value()
			n.lock()
			defer n.unlock()
			for i, c := range n.stats.icmp6.in {
				s[in+icmp6RouterSolicit+i] = c
			}
			s[out+icmp6NeighborSolicit], s[out+icmp6NeighborAdvert] = n.stats.icmp6.nsOut, n.stats.icmp6.naOut
		}),
		"net.inet6.tcp6.stats": tcpStats,
		"net.inet6.udp6.stats": fill(netbsd.UDP6_NSTATS, func(s netbsd.Stats, g tcpip.Stats) {
			s[netbsd.UDP6_STAT_IPACKETS], s[netbsd.UDP6_STAT_OPACKETS] = g.UDP.PacketsReceived.Value(), g.UDP.PacketsSent.Value()
		}),
		"net.inet6.raw6.stats": none(netbsd.RIP6_NSTATS),
		"net.inet6.pim6.stats": none(7),
	}
}

// interfaces returns all interfaces.
func (n *Net) interfaces() []*Interface {
	n.lock()
	defer n.unlock()
	return slices.Clone(n.ifs)
}

// sortSockets puts the newest first, as the kernel lists them.
func sortSockets(socks []*socket) {
	slices.SortFunc(socks, func(a, b *socket) int { return cmp.Compare(b.id, a.id) })
}
