package inet

import (
	"encoding/binary"
	"slices"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// What a bridge starts with.
const (
	bridgeMaxAddrs = 100
	bridgeTimeout  = 20 * 60
	bridgeMaxAge   = 20 * 256
	bridgeHello    = 2 * 256
	bridgeForward  = 15 * 256
	bridgePriority = 0x8000
	portPriority   = 0x80
	portCost       = 55
)

// bridgeDriver is the driver of bridges. What it has is protected by Net.mu.
type bridgeDriver struct {
	ifp   *Interface
	ports []*bridgePort // newest first
	addrs []*bridgeAddr // newest first
	max   uint32
	// Times are in seconds, those of the spanning tree in 1/256 s.
	timeout, hello, forward, maxAge uint32
	priority                        uint16
}

// bridgePort is an interface of a bridge: struct bridge_iflist.
type bridgePort struct {
	bridge   *bridgeDriver
	ifp      *Interface
	flags    uint32
	state    uint8
	priority uint8
	cost     uint8
	delay    timer // until the next state
}

// bridgeAddr is where a station is: struct bridge_rtnode.
type bridgeAddr struct {
	mac    [6]byte
	port   *bridgePort
	flags  uint8
	expire int64
}

func (n *Net) cloneBridge(name string, unit int) netbsd.Errno {
	ifp := &Interface{name: name, kind: "bridge", unit: unit, typ: netbsd.IFT_BRIDGE, mtu: maxMTU, hdrlen: ethernetHeader}
	ifp.drv = &bridgeDriver{
		ifp: ifp, max: bridgeMaxAddrs, timeout: bridgeTimeout, hello: bridgeHello, forward: bridgeForward, maxAge: bridgeMaxAge,
		priority: bridgePriority,
	}
	n.attach(ifp)
	return 0
}

func (d *bridgeDriver) initAddr(*ifaddr) netbsd.Errno { return netbsd.ENOTTY }

func (d *bridgeDriver) transmit([]byte) {}

func (d *bridgeDriver) detach() {
	for _, p := range slices.Clone(d.ports) {
		d.remove(p)
	}
}

func (d *bridgeDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	ifp := d.ifp
	switch cmd {
	case netbsd.SIOCGDRVSPEC, netbsd.SIOCSDRVSPEC:
		return d.command(c, cmd == netbsd.SIOCGDRVSPEC, data)
	case netbsd.SIOCSIFFLAGS:
		if errno := ifp.commonIoctl(cmd, data); errno != 0 {
			return errno
		}
		switch ifp.flags & (netbsd.IFF_UP | netbsd.IFF_RUNNING) {
		case netbsd.IFF_RUNNING:
			ifp.flags &^= netbsd.IFF_RUNNING
			d.flush(false)
		case netbsd.IFF_UP:
			ifp.flags |= netbsd.IFF_RUNNING
		}
		d.spanningTree()
		return 0
	case netbsd.SIOCSIFMTU:
		if errno := ifp.commonIoctl(cmd, data); errno != netbsd.ENETRESET {
			return errno
		}
		return 0
	}
	return ifp.commonIoctl(cmd, data)
}

// bridgeCommand tells what a command of a bridge takes and whether it asks.
var bridgeCommands = map[uint64]struct {
	size int
	get  bool
	list bool
}{
	netbsd.BRDGADD: {size: netbsd.SizeofIfbreq}, netbsd.BRDGDEL: {size: netbsd.SizeofIfbreq},
	netbsd.BRDGGIFFLGS: {size: netbsd.SizeofIfbreq, get: true}, netbsd.BRDGSIFFLGS: {size: netbsd.SizeofIfbreq},
	netbsd.BRDGSCACHE: {size: netbsd.SizeofIfbrparam}, netbsd.BRDGGCACHE: {size: netbsd.SizeofIfbrparam, get: true},
	netbsd.BRDGSADDR: {size: netbsd.SizeofIfbareq}, netbsd.BRDGDADDR: {size: netbsd.SizeofIfbareq},
	netbsd.BRDGSTO: {size: netbsd.SizeofIfbrparam}, netbsd.BRDGGTO: {size: netbsd.SizeofIfbrparam, get: true},
	netbsd.BRDGFLUSH: {size: netbsd.SizeofIfbreq},
	netbsd.BRDGGPRI:  {size: netbsd.SizeofIfbrparam, get: true}, netbsd.BRDGSPRI: {size: netbsd.SizeofIfbrparam},
	netbsd.BRDGGHT: {size: netbsd.SizeofIfbrparam, get: true}, netbsd.BRDGSHT: {size: netbsd.SizeofIfbrparam},
	netbsd.BRDGGFD: {size: netbsd.SizeofIfbrparam, get: true}, netbsd.BRDGSFD: {size: netbsd.SizeofIfbrparam},
	netbsd.BRDGGMA: {size: netbsd.SizeofIfbrparam, get: true}, netbsd.BRDGSMA: {size: netbsd.SizeofIfbrparam},
	netbsd.BRDGSIFPRIO: {size: netbsd.SizeofIfbreq}, netbsd.BRDGSIFCOST: {size: netbsd.SizeofIfbreq},
	netbsd.BRDGGIFS: {get: true, list: true}, netbsd.BRDGRTS: {get: true, list: true},
}

// command carries out SIOCGDRVSPEC and SIOCSDRVSPEC (bridge_ioctl).
func (d *bridgeDriver) command(c *kern.Call, get bool, data []byte) netbsd.Errno {
	req, err := netbsd.ParseIfdrv(data)
	if err != nil {
		return netbsd.EINVAL
	}
	spec, ok := bridgeCommands[req.Cmd]
	if !ok || spec.get != get {
		return netbsd.EINVAL
	}
	if spec.list {
		var errno netbsd.Errno
		if req.Cmd == netbsd.BRDGGIFS {
			req.Len, errno = d.listPorts(c, req.Data, req.Len)
		} else {
			req.Len, errno = d.listAddrs(c, req.Data, req.Len)
		}
		if errno == 0 {
			copy(data[offUnion:], req.Append(nil)[offUnion:])
		}
		return errno
	}
	if req.Len != uint64(spec.size) {
		return netbsd.EINVAL
	}
	arg := make([]byte, spec.size)
	if !get || req.Cmd == netbsd.BRDGGIFFLGS {
		if errno := c.Copyin(req.Data, arg); errno != 0 {
			return errno
		}
	}
	if errno := d.carryOut(req.Cmd, arg); errno != 0 {
		return errno
	}
	if get {
		return c.Copyout(req.Data, arg)
	}
	return 0
}

func (d *bridgeDriver) port(name string) *bridgePort {
	for _, p := range d.ports {
		if p.ifp.name == name {
			return p
		}
	}
	return nil
}

func (d *bridgeDriver) carryOut(cmd uint64, arg []byte) netbsd.Errno {
	putParam := func(v uint32) { binary.LittleEndian.PutUint32(arg, v) }
	switch cmd {
	case netbsd.BRDGADD:
		return d.add(ifName(arg))
	case netbsd.BRDGDEL:
		p := d.port(ifName(arg))
		if p == nil {
			return netbsd.ENOENT
		}
		d.remove(p)
	case netbsd.BRDGGIFFLGS, netbsd.BRDGSIFFLGS, netbsd.BRDGSIFPRIO, netbsd.BRDGSIFCOST:
		r, _ := netbsd.ParseIfbreq(arg)
		p := d.port(r.Ifsname)
		if p == nil {
			return netbsd.ENOENT
		}
		switch cmd {
		case netbsd.BRDGGIFFLGS:
			copy(arg, p.request().Append(nil))
		case netbsd.BRDGSIFFLGS:
			p.flags = r.Ifsflags
			d.spanningTree()
		case netbsd.BRDGSIFPRIO:
			p.priority = r.Priority
		case netbsd.BRDGSIFCOST:
			p.cost = r.PathCost
		}
	case netbsd.BRDGSCACHE:
		d.max = le32(arg)
		for len(d.addrs) > int(d.max) {
			d.addrs = d.addrs[:len(d.addrs)-1]
		}
	case netbsd.BRDGGCACHE:
		putParam(d.max)
	case netbsd.BRDGSADDR, netbsd.BRDGDADDR:
		r, _ := netbsd.ParseIfbareq(arg)
		if cmd == netbsd.BRDGDADDR {
			i := slices.IndexFunc(d.addrs, func(a *bridgeAddr) bool { return a.mac == r.Dst })
			if i < 0 {
				return netbsd.ENOENT
			}
			d.addrs = slices.Delete(d.addrs, i, i+1)
			return 0
		}
		p := d.port(r.Ifsname)
		if p == nil {
			return netbsd.ENOENT
		}
		return d.learn(r.Dst, p, true, r.Flags)
	case netbsd.BRDGSTO:
		d.timeout = le32(arg)
	case netbsd.BRDGGTO:
		putParam(d.timeout)
	case netbsd.BRDGFLUSH:
		d.flush(le32(arg[16:])&netbsd.IFBF_FLUSHALL != 0)
	case netbsd.BRDGGPRI:
		putParam(uint32(d.priority))
	case netbsd.BRDGSPRI:
		d.priority = uint16(le32(arg))
	case netbsd.BRDGGHT:
		putParam(d.hello >> 8)
	case netbsd.BRDGSHT:
		if le32(arg) == 0 {
			return netbsd.EINVAL
		}
		d.hello = le32(arg) << 8
	case netbsd.BRDGGFD:
		putParam(d.forward >> 8)
	case netbsd.BRDGSFD:
		if le32(arg) == 0 {
			return netbsd.EINVAL
		}
		d.forward = le32(arg) << 8
	case netbsd.BRDGGMA:
		putParam(d.maxAge >> 8)
	case netbsd.BRDGSMA:
		if le32(arg) == 0 {
			return netbsd.EINVAL
		}
		d.maxAge = le32(arg) << 8
	}
	return 0
}

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// request is what is told of a port.
func (p *bridgePort) request() netbsd.Ifbreq {
	return netbsd.Ifbreq{
		Ifsname: p.ifp.name, Ifsflags: p.flags, State: p.state, Priority: p.priority, PathCost: p.cost, Portno: uint8(p.ifp.index),
	}
}

func (d *bridgeDriver) add(name string) netbsd.Errno {
	ifp := d.ifp.n.byName(name)
	switch {
	case ifp == nil:
		return netbsd.ENOENT
	case ifp.mtu != d.ifp.mtu:
		return netbsd.EINVAL
	case ifp.port != nil && ifp.port.bridge == d:
		return netbsd.EEXIST
	case ifp.port != nil:
		return netbsd.EBUSY
	case ifp.typ != netbsd.IFT_ETHER || ifp.flags&netbsd.IFF_SIMPLEX == 0:
		return netbsd.EINVAL
	}
	p := &bridgePort{
		bridge: d, ifp: ifp, flags: netbsd.IFBIF_LEARNING | netbsd.IFBIF_DISCOVER, priority: portPriority, cost: portCost,
	}
	ifp.promiscuous(true)
	ifp.port = p
	d.ports = slices.Insert(d.ports, 0, p)
	return 0
}

func (d *bridgeDriver) remove(p *bridgePort) {
	if i := slices.Index(d.ports, p); i >= 0 {
		d.ports = slices.Delete(d.ports, i, i+1)
	}
	p.ifp.port = nil
	p.delay.stop()
	p.ifp.promiscuous(false)
	d.addrs = slices.DeleteFunc(d.addrs, func(a *bridgeAddr) bool { return a.port == p })
}

// flush forgets addresses: those that were learnt, or all.
func (d *bridgeDriver) flush(all bool) {
	d.addrs = slices.DeleteFunc(d.addrs, func(a *bridgeAddr) bool {
		return all || a.flags&netbsd.IFBAF_TYPEMASK == netbsd.IFBAF_DYNAMIC
	})
}

// expire forgets addresses that have not been seen for long.
func (d *bridgeDriver) expire() {
	now := d.ifp.n.uptime()
	d.addrs = slices.DeleteFunc(d.addrs, func(a *bridgeAddr) bool {
		return a.flags&netbsd.IFBAF_TYPEMASK == netbsd.IFBAF_DYNAMIC && now >= a.expire
	})
}

// learn notes where a station is (bridge_rtupdate).
func (d *bridgeDriver) learn(mac [6]byte, p *bridgePort, set bool, flags uint8) netbsd.Errno {
	now := d.ifp.n.uptime()
	i := slices.IndexFunc(d.addrs, func(a *bridgeAddr) bool { return a.mac == mac })
	if i < 0 {
		d.expire()
		if len(d.addrs) >= int(d.max) {
			return netbsd.ENOSPC
		}
		d.addrs = slices.Insert(d.addrs, 0, &bridgeAddr{mac: mac, flags: netbsd.IFBAF_DYNAMIC})
		i = 0
	}
	a := d.addrs[i]
	if set {
		a.flags = flags
	} else if a.flags&netbsd.IFBAF_TYPEMASK != netbsd.IFBAF_DYNAMIC {
		a.port = p
		return 0
	}
	a.port = p
	a.expire = 0
	if a.flags&netbsd.IFBAF_STATIC == 0 {
		a.expire = now + int64(d.timeout)
	}
	return 0
}

func (d *bridgeDriver) listPorts(c *kern.Call, to, room uint64) (uint64, netbsd.Errno) {
	need := uint64(len(d.ports) * netbsd.SizeofIfbreq)
	if need == 0 || room < need {
		return need, 0
	}
	for i, p := range d.ports {
		if errno := c.Copyout(to+uint64(i*netbsd.SizeofIfbreq), p.request().Append(nil)); errno != 0 {
			return 0, errno
		}
	}
	return need, 0
}

func (d *bridgeDriver) listAddrs(c *kern.Call, to, room uint64) (uint64, netbsd.Errno) {
	d.expire()
	used := uint64(0)
	for _, a := range d.addrs {
		if room-used < netbsd.SizeofIfbareq {
			break
		}
		r := netbsd.Ifbareq{Ifsname: a.port.ifp.name, Flags: a.flags, Dst: a.mac}
		if a.flags&netbsd.IFBAF_TYPEMASK == netbsd.IFBAF_DYNAMIC {
			r.Expire = a.expire - d.ifp.n.uptime()
		}
		if errno := c.Copyout(to+used, r.Append(nil)); errno != 0 {
			return 0, errno
		}
		used += netbsd.SizeofIfbareq
	}
	return used, 0
}

// output sends a frame of our own through a bridge: to where the station is or,
// if that is not known, everywhere (bridge_output).
func (d *bridgeDriver) output(from *Interface, f []byte) {
	n := d.ifp.n
	n.lock()
	var outs []*Interface
	if d.ifp.upRunning() {
		if f[0]&1 == 0 {
			d.expire()
			for _, a := range d.addrs {
				if string(a.mac[:]) == string(f[:6]) {
					outs = []*Interface{a.port.ifp}
				}
			}
		}
		if outs == nil {
			for _, p := range d.ports {
				if p.ifp.upRunning() && p.forwards() {
					outs = append(outs, p.ifp)
				}
			}
		}
	} else {
		outs = []*Interface{from}
	}
	n.unlock()
	for _, ifp := range outs {
		ifp.sendFrame(f)
	}
}

// input takes in a frame that a port has received. It returns the frame if the
// port's own interface is to see it (bridge_input, bridge_forward).
func (d *bridgeDriver) input(p *bridgePort, f []byte) []byte {
	n := d.ifp.n
	n.lock()
	if !d.ifp.upRunning() {
		n.unlock()
		return f
	}
	if p.flags&netbsd.IFBIF_LEARNING != 0 && p.learns() && f[6]&1 == 0 && string(f[6:12]) != "\x00\x00\x00\x00\x00\x00" {
		d.learn([6]byte(f[6:12]), p, false, 0)
	}
	if f[0]&1 == 0 {
		for _, o := range d.ports {
			if string(o.ifp.mac) != string(f[:6]) {
				continue
			}
			// For one of us, whichever port it came by.
			ifp, mac := o.ifp, o.ifp.mac
			n.unlock()
			if ifp == p.ifp {
				return f
			}
			ifp.etherDemux(mac, f)
			return nil
		}
	}
	if !p.forwards() {
		n.unlock()
		if f[0]&1 != 0 {
			return f
		}
		return nil
	}
	var outs []*Interface
	known := false
	if f[0]&1 == 0 {
		for _, a := range d.addrs {
			if string(a.mac[:]) == string(f[:6]) {
				known = true
				if a.port != p && a.port.ifp.upRunning() && a.port.forwards() {
					outs = append(outs, a.port.ifp)
				}
			}
		}
	}
	if !known {
		for _, o := range d.ports {
			if o != p && o.ifp.upRunning() && o.forwards() && (o.flags&netbsd.IFBIF_DISCOVER != 0 || f[0]&1 != 0) {
				outs = append(outs, o.ifp)
			}
		}
	}
	d.ifp.in.add(len(f), f[0]&1 != 0)
	if len(outs) > 0 {
		d.ifp.out.add(len(f), f[0]&1 != 0)
	}
	n.unlock()
	for _, ifp := range outs {
		ifp.sendFrame(f)
	}
	if f[0]&1 != 0 {
		return f
	}
	return nil
}
