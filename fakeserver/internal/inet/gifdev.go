package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

const (
	gifMTU    = 1280
	gifMinMTU = 1280
	gifMaxMTU = 8192

	protoIPv4 = 4  // IPPROTO_IPV4
	protoIPv6 = 41 // IPPROTO_IPV6
	gifTTL    = 30 // GIF_TTL
)

// gifDriver is the driver of tunnels. Its addresses are protected by Net.mu.
type gifDriver struct {
	ifp      *Interface
	src, dst sockaddr
}

func (n *Net) cloneGif(name string, unit int) netbsd.Errno {
	ifp := &Interface{
		name: name, kind: "gif", unit: unit, typ: netbsd.IFT_GIF, mtu: gifMTU, flags: netbsd.IFF_POINTOPOINT | netbsd.IFF_MULTICAST,
	}
	ifp.drv = &gifDriver{ifp: ifp}
	n.attach(ifp)
	return 0
}

func (d *gifDriver) initAddr(ifa *ifaddr) netbsd.Errno {
	d.ifp.flags |= netbsd.IFF_UP
	ifa.rtrequest = d.ifp.n.p2pRtrequest
	return 0
}

func (d *gifDriver) detach() {}

func (d *gifDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	ifp := d.ifp
	switch cmd {
	case netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI:
		switch unionAddr(data).family() {
		case netbsd.AF_INET, netbsd.AF_INET6:
			return 0
		}
		return netbsd.EAFNOSUPPORT
	case netbsd.SIOCSIFMTU:
		if mtu := int(int32(getUint(data[offUnion:]))); mtu < gifMinMTU || mtu > gifMaxMTU {
			return netbsd.EINVAL
		}
		if errno := ifp.commonIoctl(cmd, data); errno != netbsd.ENETRESET {
			return errno
		}
		return 0
	case netbsd.SIOCSIFPHYADDR:
		return d.tunnel(getSockaddr(data[offUnion:offUnion+16]), getSockaddr(data[offAliasDst:offAliasDst+16]), netbsd.AF_INET)
	case netbsd.SIOCSIFPHYADDR_IN6:
		return d.tunnel(getSockaddr(data[offUnion:offAlias6Dst]), getSockaddr(data[offAlias6Dst:offAlias6Mask]), netbsd.AF_INET6)
	case netbsd.SIOCSLIFPHYADDR:
		return d.tunnel(getSockaddr(data[offLaddrAddr:offLaddrDst]), getSockaddr(data[offLaddrDst:]), 0)
	case netbsd.SIOCDIFPHYADDR:
		d.src, d.dst = nil, nil
		ifp.flags &^= netbsd.IFF_RUNNING
		return 0
	case netbsd.SIOCGIFPSRCADDR, netbsd.SIOCGIFPSRCADDR_IN6, netbsd.SIOCGIFPDSTADDR, netbsd.SIOCGIFPDSTADDR_IN6:
		a := d.src
		if cmd == netbsd.SIOCGIFPDSTADDR || cmd == netbsd.SIOCGIFPDSTADDR_IN6 {
			a = d.dst
		}
		if a == nil {
			return netbsd.EADDRNOTAVAIL
		}
		if (cmd == netbsd.SIOCGIFPSRCADDR || cmd == netbsd.SIOCGIFPDSTADDR) && len(a) > netbsd.SizeofSockaddr {
			return netbsd.EINVAL
		}
		copy(data[offUnion:], a)
		return 0
	case netbsd.SIOCGLIFPHYADDR:
		if d.src == nil || d.dst == nil {
			return netbsd.EADDRNOTAVAIL
		}
		copy(data[offLaddrAddr:], d.src)
		copy(data[offLaddrDst:], d.dst)
		return 0
	}
	return ifp.commonIoctl(cmd, data)
}

// tunnel sets the two ends of the tunnel (gif_set_tunnel). family is what the
// command wants, or 0.
func (d *gifDriver) tunnel(src, dst sockaddr, family uint8) netbsd.Errno {
	if src.family() != dst.family() {
		return netbsd.EINVAL
	}
	switch src.family() {
	case netbsd.AF_INET, netbsd.AF_INET6:
		size := netbsd.SizeofSockaddrIn
		if src.family() == netbsd.AF_INET6 {
			size = netbsd.SizeofSockaddrIn6
		}
		if len(src) != size || len(dst) != size || int(src[0]) != size || int(dst[0]) != size {
			return netbsd.EINVAL
		}
	default:
		return netbsd.EAFNOSUPPORT
	}
	if family != 0 && src.family() != family {
		return netbsd.EAFNOSUPPORT
	}
	for _, ifp := range d.ifp.n.ifs {
		if o, ok := ifp.drv.(*gifDriver); ok && o != d && o.src.equal(src) && o.dst.equal(dst) && o.src != nil {
			return netbsd.EADDRNOTAVAIL
		}
	}
	d.src, d.dst = src, dst
	d.ifp.flags |= netbsd.IFF_RUNNING
	return 0
}

// transmit sends a packet through the tunnel, as the payload of another.
func (d *gifDriver) transmit(b []byte) {
	n := d.ifp.n
	n.lock()
	src, dst := d.src, d.dst
	n.unlock()
	if src == nil || len(b) == 0 {
		return
	}
	ttl := n.set.gifTTL.Load()
	if src.family() == netbsd.AF_INET6 {
		ttl = n.set.gifHopLimit.Load()
	}
	proto := protoIPv4
	if b[0]>>4 == 6 {
		proto = protoIPv6
	}
	errno := n.rawOutput(rawPacket{family: src.family(), proto: proto, src: src.addr(), dst: dst.addr(), ttl: int(uint8(ttl)), data: b})
	if errno != 0 {
		d.ifp.out.errors.Add(1)
	}
}

// decapsulate takes a packet out of a tunnel, and reports whether there was one.
func (n *Net) decapsulate(b []byte) bool {
	var src, dst netip.Addr
	var proto byte
	var hlen int
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		src, dst, proto, hlen = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20])), b[9], int(b[0]&0xf)*4
		if b[6]&0x3f != 0 || b[7] != 0 {
			return false // a fragment
		}
	case len(b) >= ip6Header && b[0]>>4 == 6:
		src, dst, proto, hlen = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40])), b[6], ip6Header
	}
	if proto != protoIPv4 && proto != protoIPv6 || hlen > len(b) {
		return false
	}
	n.lock()
	var gif *Interface
	for _, ifp := range n.ifs {
		if d, ok := ifp.drv.(*gifDriver); ok && d.src != nil && d.src.addr() == dst && d.dst.addr() == src && ifp.upRunning() {
			gif = ifp
			break
		}
	}
	n.unlock()
	if gif == nil {
		return false
	}
	gif.ipInput(b[hlen:])
	return true
}
