package inet

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// defaultMultiTTL is what IP_MULTICAST_TTL says before it is set.
const defaultMultiTTL = 1

// optSmall reads an option that may be a char or an int, up to a limit
// (ip_getoptval).
func optSmall(b []byte, most int) (int, netbsd.Errno) {
	var v uint32
	switch len(b) {
	case 1:
		v = uint32(b[0])
	case 4:
		v = binary.LittleEndian.Uint32(b)
	default:
		return 0, netbsd.EINVAL
	}
	if v > uint32(most) {
		return 0, netbsd.EINVAL
	}
	return int(v), 0
}

func (p *pcb) want(name int, on bool) {
	if p.recv == nil {
		p.recv = make(map[int]bool)
	}
	p.recv[name] = on
}

// setIPOpt sets an option of the level of IP (ip_ctloutput, ip6_ctloutput).
func (n *Net) setIPOpt(c *kern.Call, p *pcb, level, name int, b []byte) netbsd.Errno {
	n.lock()
	defer n.unlock()
	switch {
	case level == netbsd.IPPROTO_IP && p.s.family == netbsd.AF_INET:
		return n.setIP4Opt(p, name, b)
	case level == netbsd.IPPROTO_IPV6 && p.s.family == netbsd.AF_INET6:
		return n.setIP6Opt(c, p, name, b)
	case level == netbsd.IPPROTO_IP && joins(netbsd.AF_INET, level, name):
		_, errno := n.changeMembership(p.inet4(), level, name, b)
		return errno
	case level == netbsd.IPPROTO_IP && multicastOpt(name):
		return n.setIP4Opt(p.inet4(), name, b)
	case level == netbsd.SOL_SOCKET && name == netbsd.SO_NOHEADER && p.s.family == netbsd.AF_INET:
		return 0
	}
	return netbsd.ENOPROTOOPT
}

// multicastOpt reports whether an IPv6 socket has an option of IPv4, for when it
// talks that.
func multicastOpt(name int) bool {
	return name == netbsd.IP_MULTICAST_IF || name == netbsd.IP_MULTICAST_TTL || name == netbsd.IP_MULTICAST_LOOP
}

// inet4 is what an IPv6 socket has for when it talks IPv4.
func (p *pcb) inet4() *pcb {
	if p.v4 == nil {
		p.v4 = new(pcb)
		p.v4.init(p.s)
	}
	return p.v4
}

func flagValue(on bool) []byte {
	if on {
		return intValue(1)
	}
	return intValue(0)
}

// getIPOpt returns an option of the level of IP.
func (n *Net) getIPOpt(p *pcb, level, name int) ([]byte, netbsd.Errno) {
	n.lock()
	defer n.unlock()
	switch {
	case level == netbsd.IPPROTO_IP && p.s.family == netbsd.AF_INET:
		return n.getIP4Opt(p, name)
	case level == netbsd.IPPROTO_IPV6 && p.s.family == netbsd.AF_INET6:
		return n.getIP6Opt(p, name)
	case level == netbsd.IPPROTO_IP && (multicastOpt(name) || joins(netbsd.AF_INET, level, name)):
		return n.getIP4Opt(p.inet4(), name)
	}
	return nil, netbsd.ENOPROTOOPT
}
