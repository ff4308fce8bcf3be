package inet

import (
	"github.com/rumpkernel/rumpscript/netbsd"
)

// RouteTable returns the messages of the sysctl table net.route (CTL_NET,
// PF_ROUTE, 0, family, op, arg): one for each entry.
func (n *Net) RouteTable(family uint8, op, arg int) ([][]byte, netbsd.Errno) {
	n.lock()
	defer n.unlock()
	switch op {
	case netbsd.NET_RT_DUMP, netbsd.NET_RT_FLAGS:
		if op == netbsd.NET_RT_FLAGS && (arg == 0 || arg&netbsd.RTF_LLDATA != 0) {
			if family == 0 {
				return nil, netbsd.EINVAL
			}
			return n.dumpNeighbours(family), 0
		}
		var msgs [][]byte
		for _, f := range []uint8{netbsd.AF_INET, netbsd.AF_INET6} {
			t := n.tables[f]
			if t == nil || family != 0 && family != f {
				continue
			}
			for _, rt := range t.routes {
				if op == netbsd.NET_RT_FLAGS && rt.flags&int32(arg) == 0 {
					continue
				}
				msgs = append(msgs, n.dumpRoute(rt))
			}
		}
		return msgs, 0
	case netbsd.NET_RT_IFLIST:
		var msgs [][]byte
		for _, ifp := range n.ifs {
			if arg != 0 && arg != ifp.index || len(ifp.addrs) == 0 {
				continue
			}
			msgs = append(msgs, interfaceMessage(ifp, true))
			for _, ifa := range ifp.addrs {
				if family == 0 || family == ifa.family {
					msgs = append(msgs, addrMessage(netbsd.RTM_NEWADDR, ifa, false))
				}
			}
		}
		return msgs, 0
	}
	return nil, netbsd.EINVAL
}

// dumpRoute makes the message by which a route appears in the table.
func (n *Net) dumpRoute(rt *route) []byte {
	var addrs [netbsd.RTAX_MAX]sockaddr
	addrs[netbsd.RTAX_DST] = rt.key
	addrs[netbsd.RTAX_GATEWAY] = rt.gateway
	addrs[netbsd.RTAX_NETMASK] = rt.mask
	addrs[netbsd.RTAX_TAG] = rt.tag
	if rt.ifp != nil {
		addrs[netbsd.RTAX_IFP] = rt.ifp.dl.addr
		addrs[netbsd.RTAX_IFA] = rt.ifa.addr
		if rt.ifp.pointopoint() {
			addrs[netbsd.RTAX_BRD] = rt.ifa.dst
		}
	}
	h := netbsd.RtMsghdr{Type: netbsd.RTM_GET, Index: uint16(rt.ifp.index), Use: rt.use}
	n.header(rt, &h)
	return routeMessage(h, &addrs)
}
