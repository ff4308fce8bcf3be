package inet

import (
	"net/netip"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// joins reports whether an option is about membership in a group.
func joins(family uint8, level, name int) bool {
	switch {
	case family == netbsd.AF_INET && level == netbsd.IPPROTO_IP:
		return name == netbsd.IP_ADD_MEMBERSHIP || name == netbsd.IP_DROP_MEMBERSHIP
	case family == netbsd.AF_INET6 && level == netbsd.IPPROTO_IPV6:
		return name == netbsd.IPV6_JOIN_GROUP || name == netbsd.IPV6_LEAVE_GROUP
	}
	return false
}

// maxMemberships is the greatest number of groups (IP_MAX_MEMBERSHIPS).
const maxMemberships = 20

// setMembership joins or leaves a group. ep may be nil for sockets that are not
// gVisor's.
func (n *Net) setMembership(p *pcb, ep tcpip.Endpoint, level, name int, b []byte) netbsd.Errno {
	n.lock()
	m, errno := n.changeMembership(p, level, name, b)
	n.unlock()
	if errno != 0 || ep == nil {
		return errno
	}
	add := name == netbsd.IP_ADD_MEMBERSHIP
	opt := tcpip.MembershipOption{NIC: tcpip.NICID(m.index), MulticastAddr: tcpip.AddrFromSlice(m.group.AsSlice())}
	if add {
		o := tcpip.AddMembershipOption(opt)
		return errnoOf(ep.SetSockOpt(&o))
	}
	o := tcpip.RemoveMembershipOption(opt)
	return errnoOf(ep.SetSockOpt(&o))
}

// changeMembership takes note that a socket joins or leaves a group.
func (n *Net) changeMembership(p *pcb, level, name int, b []byte) (membership, netbsd.Errno) {
	add := name == netbsd.IP_ADD_MEMBERSHIP
	m, errno := n.membership(p, level, b, add)
	if errno != 0 {
		return m, errno
	}
	i := slices.IndexFunc(p.groups, func(o membership) bool {
		return o.group == m.group && (m.index == 0 || o.index == m.index)
	})
	switch {
	case add && i >= 0:
		return m, netbsd.EADDRINUSE
	case add && len(p.groups) >= maxMemberships:
		return m, netbsd.ETOOMANYREFS
	case !add && i < 0:
		return m, netbsd.EADDRNOTAVAIL
	case add:
		p.groups = append(p.groups, m)
		if ifp := n.byIndex(m.index); ifp != nil {
			ifp.multi[multiKey{embed(m.group, m.index)}]++
		}
	default:
		m = p.groups[i]
		p.groups = slices.Delete(p.groups, i, i+1)
		n.leave(m)
	}
	return m, 0
}

func (n *Net) leave(m membership) {
	if ifp := n.byIndex(m.index); ifp != nil {
		k := multiKey{embed(m.group, m.index)}
		if ifp.multi[k]--; ifp.multi[k] <= 0 {
			delete(ifp.multi, k)
		}
	}
}

// membership reads a struct ip_mreq or ipv6_mreq, and finds its interface.
func (n *Net) membership(p *pcb, level int, b []byte, add bool) (membership, netbsd.Errno) {
	if level == netbsd.IPPROTO_IP {
		if len(b) != netbsd.SizeofIpMreq {
			return membership{}, netbsd.EINVAL
		}
		r, _ := netbsd.ParseIpMreq(b)
		m := membership{group: netip.AddrFrom4(r.Multiaddr)}
		if !m.group.IsMulticast() {
			return m, netbsd.EINVAL
		}
		var ifp *Interface
		if a := netip.AddrFrom4(r.Interface); a.IsUnspecified() {
			if !add {
				return m, 0
			}
			if rt := n.alloc(sin(m.group), false); rt != nil {
				ifp = rt.ifp
			}
		} else {
			ifp, _ = n.multicastIf(a)
		}
		if ifp == nil || ifp.flags&netbsd.IFF_MULTICAST == 0 {
			return m, netbsd.EADDRNOTAVAIL
		}
		m.index = ifp.index
		return m, 0
	}
	if len(b) != netbsd.SizeofIpv6Mreq {
		return membership{}, netbsd.EINVAL
	}
	r, _ := netbsd.ParseIpv6Mreq(b)
	m := membership{group: netip.AddrFrom16(r.Multiaddr), index: int(r.Interface)}
	if !m.group.IsMulticast() {
		return m, netbsd.EINVAL
	}
	var ifp *Interface
	switch {
	case m.index != 0:
		if ifp = n.byIndex(m.index); ifp == nil {
			return m, netbsd.ENXIO
		}
	case !add:
		return m, 0
	default:
		if rt := n.alloc(sin(m.group), false); rt != nil {
			ifp = rt.ifp
		}
	}
	if ifp == nil || ifp.flags&netbsd.IFF_MULTICAST == 0 {
		return m, netbsd.EADDRNOTAVAIL
	}
	m.index = ifp.index
	return m, 0
}
