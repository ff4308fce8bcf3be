package inet

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// States of a carp interface, from <netinet/ip_carp.h>.
const (
	carpInit = iota
	carpBackup
	carpMaster
)

// carpDriver is the driver of addresses that several hosts share: the master of a group
// has them, and the others wait for it to fall silent. All is protected by Net.mu.
type carpDriver struct {
	ifp     *Interface
	req     netbsd.Carpreq
	addrs   int    // that have been given to the interface
	advert  timer  // as a master, for the next advertisement
	silence timer  // as a backup, for when the master counts as gone
	counter uint64 // of advertisements, 0 before the first
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

// dev is the interface on whose link the group is, or nil.
func (d *carpDriver) dev() *Interface {
	if d.req.Carpdev == "" {
		return nil
	}
	return d.ifp.n.byName(d.req.Carpdev)
}

// initAddr takes an address for the group, and finds its link if that was not told
// (carp_set_addr).
func (d *carpDriver) initAddr(ifa *ifaddr) netbsd.Errno {
	d.ifp.flags |= netbsd.IFF_UP
	if ifa.family == netbsd.AF_INET {
		if on := d.ifp.n.linkOf(ifa.addr.addr()); on != nil {
			if d.req.Carpdev != "" && d.dev() != on {
				return netbsd.EADDRNOTAVAIL
			}
			d.setDev(on)
		}
	}
	if d.dev() == nil {
		return netbsd.EADDRNOTAVAIL
	}
	d.addrs++
	d.setState(carpInit)
	d.run()
	return 0
}

// linkOf is the interface, other than a carp, that has an address in the same net.
func (n *Net) linkOf(a netip.Addr) *Interface {
	for _, ifa := range n.inAddrs {
		if ifa.ifp.typ != netbsd.IFT_CARP && ifa.ifp.flags&netbsd.IFF_MULTICAST != 0 && ifa.contains(a.AsSlice()) {
			return ifa.ifp
		}
	}
	return nil
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
	case netbsd.SIOCSIFFLAGS:
		errno := ifp.commonIoctl(cmd, data)
		if errno == 0 {
			d.flagsChanged()
		}
		return errno
	}
	return ifp.etherIoctl(cmd, data, func() netbsd.Errno { return 0 }, func() {})
}

// flagsChanged begins or ends to take part once the interface is up or down.
func (d *carpDriver) flagsChanged() {
	up := d.ifp.up()
	switch {
	case d.req.State != carpInit && !up:
		d.bowOut()
	case d.req.State == carpInit && up:
		d.run()
	}
}

// bowOut leaves the group.
func (d *carpDriver) bowOut() {
	d.advert.stop()
	d.silence.stop()
	if d.req.State == carpMaster {
		d.advertise(255, 255)
	}
	d.setState(carpInit)
	d.run()
}

// configure sets the group and how often it is advertised (SIOCSVH).
func (d *carpDriver) configure(req netbsd.Carpreq) netbsd.Errno {
	n := d.ifp.n
	dev := n.byName(req.Carpdev)
	if req.Carpdev != "" && dev == nil {
		return netbsd.EINVAL
	}
	d.setDev(dev)
	if d.req.State != carpInit && req.State != d.req.State {
		switch req.State {
		case carpBackup:
			d.stepDown()
		case carpMaster:
			d.masterDown()
		}
	}
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
		d.setState(carpInit)
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
	d.run()
	return 0
}

// setState tells of a new state, which is the state of the link as well.
func (d *carpDriver) setState(state int32) {
	if d.req.State == state {
		return
	}
	d.req.State = state
	switch state {
	case carpBackup:
		d.ifp.link = netbsd.LINK_STATE_DOWN
	case carpMaster:
		d.ifp.link = netbsd.LINK_STATE_UP
	default:
		d.ifp.link = netbsd.LINK_STATE_UNKNOWN
	}
	d.ifp.n.ifMsg(d.ifp)
}

// run takes part in the group if the interface is ready for that (carp_setrun).
func (d *carpDriver) run() {
	dev := d.dev()
	if dev == nil {
		d.ifp.flags &^= netbsd.IFF_RUNNING
		d.setState(carpInit)
		return
	}
	if !d.ifp.up() || d.req.Vhid <= 0 || d.addrs == 0 || !dev.up() {
		d.ifp.flags &^= netbsd.IFF_RUNNING
		d.setRoutes(false)
		return
	}
	d.ifp.flags |= netbsd.IFF_RUNNING
	if d.req.State == carpInit {
		d.setState(carpBackup)
		d.setRoutes(false)
	}
	n := d.ifp.n
	if d.req.State == carpBackup {
		d.advert.stop()
		d.silence.set(n, carpInterval(3*d.req.Advbase, d.req.Advskew), d.masterDown)
		return
	}
	d.advert.set(n, carpInterval(d.req.Advbase, d.req.Advskew), func() {
		d.advertise(byte(d.req.Advbase), byte(d.req.Advskew))
		d.run()
	})
}

// silent reports whether an interface is a carp that is not the master of its group, which
// sends nothing, not even to itself (carp_output).
func (ifp *Interface) silent() bool {
	d, ok := ifp.drv.(*carpDriver)
	return ok && d.req.State != carpMaster
}

// carpInterval is the time between advertisements.
func carpInterval(base, skew int32) time.Duration {
	return time.Duration(base)*time.Second + time.Duration(skew)*time.Second/256
}

// masterDown makes a backup the master (carp_master_down).
func (d *carpDriver) masterDown() {
	if d.req.State != carpBackup {
		return
	}
	d.silence.stop()
	d.setState(carpMaster)
	d.advertise(byte(d.req.Advbase), byte(d.req.Advskew))
	for _, ifa := range d.ifp.addrs {
		if ifa.family == netbsd.AF_INET {
			d.ifp.n.arpRequest(d.dev(), ifa.addr.addr(), ifa.addr.addr(), d.ifp.mac)
		}
	}
	d.run()
	d.setRoutes(true)
}

// stepDown makes a master a backup.
func (d *carpDriver) stepDown() {
	d.advert.stop()
	d.setState(carpBackup)
	d.run()
	d.setRoutes(false)
}

// setRoutes gives the addresses of the group to this host, or takes them from it
// (carp_setroute).
func (d *carpDriver) setRoutes(own bool) {
	n := d.ifp.n
	for _, ifa := range d.ifp.addrs {
		switch ifa.family {
		case netbsd.AF_INET:
			d.setRoute(ifa, own)
		case netbsd.AF_INET6:
			if own {
				n.addLocal(ifa)
			} else {
				n.removeLocal(ifa, nil)
			}
		}
	}
}

func (d *carpDriver) setRoute(ifa *ifaddr, own bool) {
	n := d.ifp.n
	request := func(cmd int, flags int32) *route {
		info := routeInfo{flags: flags, ifa: ifa}
		info.addrs[netbsd.RTAX_DST], info.addrs[netbsd.RTAX_GATEWAY], info.addrs[netbsd.RTAX_NETMASK] = ifa.addr, ifa.addr, ifa.mask
		rt, _ := n.rtrequest(cmd, &info)
		return rt
	}
	request(netbsd.RTM_DELETE, netbsd.RTF_HOST)
	if !own {
		return
	}
	host, net := n.alloc(ifa.addr, false), request(netbsd.RTM_GET, 0)
	others := host != nil && host.ifp != d.ifp && host.flags&netbsd.RTF_CONNECTED != 0
	if others {
		ifa.rtrequest = nil
		ifa.flags &^= netbsd.RTF_CONNECTED
		request(netbsd.RTM_ADD, netbsd.RTF_HOST)
	}
	ours := net != nil && net.ifp == d.ifp
	if others && !ours && net != nil {
		return
	}
	if ours && net.flags&netbsd.RTF_CONNECTED == 0 {
		request(netbsd.RTM_DELETE, 0)
	}
	ifa.rtrequest = n.arpRtrequest
	ifa.flags |= netbsd.RTF_CONNECTED
	if request(netbsd.RTM_ADD, 0) != nil {
		ifa.flags |= ifaRoute
	}
}

// carps are the groups on an interface's link.
func (n *Net) carps(dev *Interface) []*carpDriver {
	var ds []*carpDriver
	for _, ifp := range n.ifs {
		if d, ok := ifp.drv.(*carpDriver); ok && d.req.Carpdev == dev.name {
			ds = append(ds, d)
		}
	}
	return ds
}

// carpdevChanged tells the groups of an interface that it is up or down
// (carp_carpdev_state).
func (n *Net) carpdevChanged(dev *Interface) {
	for _, d := range n.carps(dev) {
		d.advert.stop()
		d.silence.stop()
		d.setState(carpInit)
		d.run()
	}
}

// leaveCarps is told of an interface that is about to go (carp_ifdetach).
func (n *Net) leaveCarps(ifp *Interface) {
	if d, ok := ifp.drv.(*carpDriver); ok {
		d.leave()
	}
	for _, d := range n.carps(ifp) {
		d.leave()
	}
}

// transmit sends a frame by the link, if this host is the master.
func (d *carpDriver) transmit(f []byte) {
	n := d.ifp.n
	n.lock()
	dev, master := d.dev(), d.req.State == carpMaster
	n.unlock()
	if dev != nil && master {
		dev.sendFrame(f)
	}
}

func (d *carpDriver) detach() {}

// leave leaves the link for good (carpdetach).
func (d *carpDriver) leave() {
	d.advert.stop()
	d.silence.stop()
	d.setState(carpInit)
	d.ifp.flags &^= netbsd.IFF_UP
	d.run()
	d.setDev(nil)
}

// setDev changes the link, which takes in frames for all of its groups.
func (d *carpDriver) setDev(dev *Interface) {
	old := d.dev()
	if dev == old {
		return
	}
	if dev != nil && len(d.ifp.n.carps(dev)) == 0 {
		dev.promiscuous(true)
	}
	d.req.Carpdev = ""
	if dev != nil {
		d.req.Carpdev = dev.name
	}
	if old != nil && len(d.ifp.n.carps(old)) == 0 {
		old.promiscuous(false)
	}
}
