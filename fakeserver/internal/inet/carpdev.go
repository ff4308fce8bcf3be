package inet

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// carpDriver is the driver of addresses that several hosts share. It can be
// configured, but there is no protocol behind it: it stays in its first state.
type carpDriver struct {
	ifp *Interface
	req netbsd.Carpreq
}

func (n *Net) cloneCarp(name string, unit int) netbsd.Errno {
	ifp := &Interface{
		name: name, kind: "carp", unit: unit, typ: netbsd.IFT_CARP, mtu: 1500, hdrlen: ethernetHeader,
		flags: netbsd.IFF_BROADCAST | netbsd.IFF_SIMPLEX | netbsd.IFF_MULTICAST,
	}
	d := &carpDriver{ifp: ifp, req: netbsd.Carpreq{Vhid: -1, Advbase: netbsd.CARP_DFLTINTV}}
	ifp.mac = d.address()
	ifp.drv = d
	n.attach(ifp)
	return 0
}

// address is the hardware address that all hosts of a group use.
func (d *carpDriver) address() []byte { return []byte{0, 0, 0x5e, 0, 1, byte(d.req.Vhid)} }

func (d *carpDriver) initAddr(ifa *ifaddr) netbsd.Errno {
	d.ifp.flags |= netbsd.IFF_UP
	return 0
}

func (d *carpDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	ifp := d.ifp
	switch cmd {
	case netbsd.SIOCSVH, netbsd.SIOCGVH:
		ptr := binary.LittleEndian.Uint64(data[offUnion:])
		if cmd == netbsd.SIOCGVH {
			return c.CopyoutStruct(ptr, d.req)
		}
		req, errno := kern.CopyinStruct(c, ptr, netbsd.SizeofCarpreq, netbsd.ParseCarpreq)
		if errno != 0 {
			return errno
		}
		return d.configure(req)
	case netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI:
		return ifp.etherMulti(unionAddr(data), cmd == netbsd.SIOCADDMULTI)
	}
	return ifp.etherIoctl(cmd, data, func() netbsd.Errno { return 0 }, func() {})
}

// configure sets the group and how often it is advertised (SIOCSVH).
func (d *carpDriver) configure(req netbsd.Carpreq) netbsd.Errno {
	n := d.ifp.n
	if req.Carpdev != "" && n.byName(req.Carpdev) == nil {
		return netbsd.EINVAL
	}
	d.req.Carpdev = req.Carpdev
	useful := false
	if req.Vhid > 0 {
		if req.Vhid > 255 {
			return netbsd.EINVAL
		}
		for _, ifp := range n.ifs {
			if o, ok := ifp.drv.(*carpDriver); ok && o != d && o.req.Carpdev != "" && o.req.Carpdev == req.Carpdev && o.req.Vhid == req.Vhid {
				return netbsd.EINVAL
			}
		}
		d.req.Vhid, useful = req.Vhid, true
		d.ifp.setLinkAddr(d.address())
	}
	if req.Advbase > 0 || req.Advskew > 0 {
		if req.Advskew > 254 || req.Advbase > 255 {
			return netbsd.EINVAL
		}
		d.req.Advbase, d.req.Advskew, useful = req.Advbase, req.Advskew, true
	}
	d.req.Key = req.Key
	if !useful {
		return netbsd.EINVAL
	}
	return 0
}

func (d *carpDriver) transmit([]byte) {}
func (d *carpDriver) detach()         {}
