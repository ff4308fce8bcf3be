package inet

import (
	"encoding/binary"
	"slices"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// vlanDriver is the driver of interfaces for the frames with one tag on another
// interface.
type vlanDriver struct {
	ifp    *Interface
	parent *Interface
	tag    uint16
}

func (n *Net) cloneVlan(name string, unit int) netbsd.Errno {
	ifp := &Interface{
		name: name, kind: "vlan", unit: unit, typ: netbsd.IFT_L2VLAN, hdrlen: ethernetHeader,
		flags: netbsd.IFF_BROADCAST | netbsd.IFF_SIMPLEX | netbsd.IFF_MULTICAST,
	}
	ifp.drv = &vlanDriver{ifp: ifp}
	n.attach(ifp)
	return 0
}

func (d *vlanDriver) start() netbsd.Errno {
	if d.parent == nil {
		return netbsd.ENXIO
	}
	d.ifp.flags |= netbsd.IFF_RUNNING
	return 0
}

func (d *vlanDriver) stop() { d.ifp.flags &^= netbsd.IFF_RUNNING }

func (d *vlanDriver) initAddr(ifa *ifaddr) netbsd.Errno {
	if d.parent == nil {
		return netbsd.EINVAL
	}
	return d.ifp.etherInitAddr(ifa, d.start)
}

func (d *vlanDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	ifp := d.ifp
	switch cmd {
	case netbsd.SIOCSETVLAN, netbsd.SIOCGETVLAN:
		ptr := binary.LittleEndian.Uint64(data[offUnion:])
		if cmd == netbsd.SIOCGETVLAN {
			req := netbsd.Vlanreq{Tag: d.tag}
			if d.parent != nil {
				req.Parent = d.parent.name
			}
			return c.CopyoutStruct(ptr, req)
		}
		req, errno := kern.CopyinStruct(c, ptr, netbsd.SizeofVlanreq, netbsd.ParseVlanreq)
		if errno != 0 {
			return errno
		}
		return d.configure(req)
	case netbsd.SIOCSIFMTU:
		if d.parent == nil {
			return netbsd.EINVAL
		}
	}
	return ifp.etherIoctl(cmd, data, d.start, d.stop)
}

// configure puts the interface on its parent, or takes it off.
func (d *vlanDriver) configure(req netbsd.Vlanreq) netbsd.Errno {
	ifp := d.ifp
	if req.Parent == "" {
		d.release()
		ifp.flags &^= netbsd.IFF_UP | netbsd.IFF_RUNNING
		return 0
	}
	if req.Tag == 0 || req.Tag >= 0xfff {
		return netbsd.EINVAL
	}
	parent := ifp.n.byName(req.Parent)
	if parent == nil {
		return netbsd.ENOENT
	}
	if parent.typ != netbsd.IFT_ETHER {
		return netbsd.EPROTONOSUPPORT
	}
	if d.parent != nil {
		return netbsd.EBUSY
	}
	if parent.vlans == nil {
		parent.vlans = make(map[uint16]*Interface)
	}
	if parent.vlans[req.Tag] != nil {
		return netbsd.EEXIST
	}
	parent.vlans[req.Tag] = ifp
	d.parent, d.tag = parent, req.Tag
	ifp.typ, ifp.mtu, ifp.baud = netbsd.IFT_ETHER, parent.mtu-4, parent.baud
	ifp.setLinkAddr(slices.Clone(parent.mac))
	ifp.flags |= netbsd.IFF_RUNNING
	return 0
}

func (d *vlanDriver) release() {
	if d.parent != nil {
		delete(d.parent.vlans, d.tag)
		d.parent, d.tag = nil, 0
		d.ifp.setLinkAddr(nil)
		d.ifp.mtu = 0
	}
}

func (d *vlanDriver) detach() { d.release() }

func (d *vlanDriver) transmit(f []byte) {
	n := d.ifp.n
	n.lock()
	parent, tag := d.parent, d.tag
	ok := parent != nil && parent.upRunning()
	n.unlock()
	if !ok || len(f) < ethernetHeader {
		return
	}
	payload := make([]byte, 4, 4+len(f))
	binary.BigEndian.PutUint16(payload, tag)
	copy(payload[2:], f[12:14])
	parent.sendFrame(frame(f[:6], f[6:12], etherVLAN, append(payload, f[ethernetHeader:]...)))
}

// agrDriver is the driver of aggregates of Ethernet interfaces.
type agrDriver struct {
	ifp   *Interface
	ports []*Interface
}

func (n *Net) cloneAgr(name string, unit int) netbsd.Errno {
	ifp := &Interface{
		name: name, kind: "agr", unit: unit, typ: netbsd.IFT_OTHER,
		flags: netbsd.IFF_BROADCAST | netbsd.IFF_SIMPLEX | netbsd.IFF_MULTICAST,
	}
	ifp.drv = &agrDriver{ifp: ifp}
	n.attach(ifp)
	return 0
}

func (d *agrDriver) initAddr(ifa *ifaddr) netbsd.Errno {
	if len(d.ports) == 0 {
		return netbsd.EINVAL
	}
	d.ifp.flags |= netbsd.IFF_UP
	if ifa.family == netbsd.AF_INET {
		d.ifp.n.arpInit(ifa)
	}
	return 0
}

func (d *agrDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.SIOCSETAGR, netbsd.SIOCGETAGR:
		ptr := binary.LittleEndian.Uint64(data[offUnion:])
		req, errno := kern.CopyinStruct(c, ptr, netbsd.SizeofAgrreq, netbsd.ParseAgrreq)
		if errno != 0 {
			return errno
		}
		if cmd == netbsd.SIOCGETAGR {
			return d.list(c, ptr, req)
		}
		return d.configure(c, req)
	case netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI:
		if len(d.ports) == 0 {
			return netbsd.EINVAL
		}
		return 0
	}
	return d.ifp.commonIoctl(cmd, data)
}

// configure adds or removes a port (agr_setconfig).
func (d *agrDriver) configure(c *kern.Call, req netbsd.Agrreq) netbsd.Errno {
	b := make([]byte, min(req.Buflen, netbsd.IFNAMSIZ-1))
	if errno := c.Copyin(req.Buf, b); errno != 0 {
		return errno
	}
	port := d.ifp.n.byName(ifName(b))
	if port == nil {
		return netbsd.ENOENT
	}
	i := slices.Index(d.ports, port)
	switch req.Cmd {
	case netbsd.AGRCMD_ADDPORT:
		switch {
		case i >= 0:
			return netbsd.EBUSY
		case port.kind == "agr":
			return netbsd.EINVAL
		case len(port.addrs) > 1:
			return netbsd.EBUSY
		case port.typ != netbsd.IFT_ETHER:
			return netbsd.EPROTONOSUPPORT
		}
		if len(d.ports) == 0 {
			d.ifp.typ, d.ifp.mtu, d.ifp.hdrlen, d.ifp.baud = port.typ, port.mtu, port.hdrlen, port.baud
			d.ifp.setLinkAddr(slices.Clone(port.mac))
		}
		d.ports = append(d.ports, port)
		port.aggregated = true
		d.ifp.flags |= netbsd.IFF_RUNNING
	case netbsd.AGRCMD_REMPORT:
		if i < 0 {
			return netbsd.ENOENT
		}
		d.ports = slices.Delete(d.ports, i, i+1)
		port.aggregated = false
		if len(d.ports) == 0 {
			d.ifp.flags &^= netbsd.IFF_RUNNING
			d.ifp.typ = netbsd.IFT_OTHER
		}
	default:
		return netbsd.EINVAL
	}
	return 0
}

// list tells which ports there are (agr_getportlist).
func (d *agrDriver) list(c *kern.Call, ptr uint64, req netbsd.Agrreq) netbsd.Errno {
	if req.Cmd != netbsd.AGRCMD_PORTLIST {
		return netbsd.EINVAL
	}
	b := netbsd.Agrportlist{Nports: int32(len(d.ports))}.Append(nil)
	for _, p := range d.ports {
		b = netbsd.Agrportinfo{Ifname: p.name}.Append(b)
	}
	room := req.Buflen
	req.Buflen = uint64(len(b))
	if req.Buf != 0 {
		if room < uint64(len(b)) {
			return netbsd.E2BIG
		}
		if errno := c.Copyout(req.Buf, b); errno != 0 {
			return errno
		}
	}
	return c.CopyoutStruct(ptr, req)
}

// transmit sends by the first port that is up.
func (d *agrDriver) transmit(f []byte) {
	n := d.ifp.n
	n.lock()
	var out *Interface
	for _, p := range d.ports {
		if p.upRunning() {
			out = p
			break
		}
	}
	n.unlock()
	if out != nil {
		out.sendFrame(f)
	}
}

func (d *agrDriver) detach() {}

// busy reports whether the interface cannot go (agr_clone_destroy).
func (d *agrDriver) busy() bool { return len(d.ports) > 0 }

// portRefuses reports whether an interface that is a port of an aggregate refuses a
// command (agr_ioctl_filter).
func portRefuses(cmd netbsd.Ioctl) bool {
	switch cmd {
	case netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI, netbsd.SIOCAIFADDR, netbsd.SIOCAIFADDR_IN6, netbsd.SIOCALIFADDR,
		netbsd.SIOCDLIFADDR, netbsd.SIOCDIFADDR, netbsd.SIOCDIFADDR_IN6, netbsd.SIOCDIFPHYADDR, netbsd.SIOCSIFPHYADDR,
		netbsd.SIOCSLIFPHYADDR, netbsd.SIOCSDRVSPEC, netbsd.SIOCSIFADDR, netbsd.SIOCSIFBRDADDR, netbsd.SIOCSIFDSTADDR,
		netbsd.SIOCSIFNETMASK, netbsd.SIOCSIFMEDIA, netbsd.SIOCSIFMETRIC, netbsd.SIOCSIFMTU:
		return true
	}
	return false
}
