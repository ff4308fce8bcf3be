package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

const (
	pppoeOverhead = 8 // PPPOE_OVERHEAD: of an Ethernet frame
	pppMTU        = 1492
	pppMinMRU     = 128
	pppDefaultMRU = 1500 // PP_MTU
	pppNameRoom   = 2048 // MCLBYTES
)

// pppoeDriver is the driver of PPP over Ethernet, which never finds a peer.
type pppoeDriver struct {
	ifp      *Interface
	ethernet string

	auth            netbsd.Spppauthcfg // protocols and flags
	myName, hisName string

	opened bool // has been up, which is when it supposes what its peer can take
}

func (n *Net) clonePppoe(name string, unit int) netbsd.Errno {
	ifp := &Interface{
		name: name, kind: "pppoe", unit: unit, typ: netbsd.IFT_PPP, mtu: pppMTU,
		flags: netbsd.IFF_POINTOPOINT | netbsd.IFF_SIMPLEX | netbsd.IFF_MULTICAST,
	}
	ifp.drv = &pppoeDriver{ifp: ifp}
	n.attach(ifp)
	return 0
}

func (d *pppoeDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.PPPOESETPARMS:
		return d.setParams(data)
	case netbsd.PPPOEGETPARMS:
		// The kernel gives the Ethernet's name in the place of the interface's own.
		copy(data, netbsd.Pppoediscparms{Ifname: d.ethernet}.Append(nil))
		return 0
	case netbsd.PPPOEGETSESSION:
		copy(data, netbsd.Pppoeconnectionstate{Ifname: d.ifp.name}.Append(nil))
		return 0
	case netbsd.SPPPGETSTATUS:
		copy(data, netbsd.Spppstatus{Ifname: d.ifp.name, Phase: netbsd.SPPP_PHASE_DEAD}.Append(nil))
		return 0
	case netbsd.SPPPSETAUTHCFG:
		return d.setAuth(c, data)
	case netbsd.SPPPGETAUTHCFG:
		return d.getAuth(c, data)
	}
	if cmd == netbsd.SIOCSIFMTU {
		mtu, most := int(int32(getUint(data[offUnion:]))), pppMTU
		if eth := d.ifp.n.byName(d.ethernet); eth != nil {
			most = min(eth.mtu-pppoeOverhead, pppDefaultMRU)
		}
		if !d.opened || mtu < pppMinMRU || mtu > most {
			return netbsd.EINVAL
		}
	}
	errno := d.ifp.commonIoctl(cmd, data)
	if cmd == netbsd.SIOCSIFFLAGS {
		if d.ifp.flags &^= netbsd.IFF_RUNNING; d.ifp.up() {
			d.opened = true
			d.ifp.flags |= netbsd.IFF_RUNNING
		}
	}
	if cmd == netbsd.SIOCSIFMTU && errno == netbsd.ENETRESET {
		return 0
	}
	return errno
}

func (d *pppoeDriver) setParams(data []byte) netbsd.Errno {
	p, err := netbsd.ParsePppoediscparms(data)
	if err != nil {
		return netbsd.EINVAL
	}
	if p.EthIfname != "" {
		eth := d.ifp.n.byName(p.EthIfname)
		if eth == nil || eth.typ != netbsd.IFT_ETHER {
			d.ethernet = ""
			return netbsd.ENXIO
		}
		d.ethernet = eth.name
		d.ifp.mtu = eth.mtu - pppoeOverhead
	}
	return 0
}

func (d *pppoeDriver) setAuth(c *kern.Call, data []byte) netbsd.Errno {
	a, err := netbsd.ParseSpppauthcfg(data)
	if err != nil {
		return netbsd.EINVAL
	}
	d.myName, d.hisName = "", ""
	for _, s := range []struct {
		addr   uint64
		length uint32
		to     *string
	}{{a.Hisname, a.HisnameLength, &d.hisName}, {a.Hissecret, a.HissecretLength, nil}, {a.Myname, a.MynameLength, &d.myName}, {a.Mysecret, a.MysecretLength, nil}} {
		if s.addr == 0 || s.length == 0 {
			continue
		}
		if s.length >= pppNameRoom {
			return netbsd.ENAMETOOLONG
		}
		b := make([]byte, s.length)
		if errno := c.Copyin(s.addr, b); errno != 0 {
			return errno
		}
		if s.to != nil {
			*s.to = string(b[:len(b)-1])
		}
	}
	for _, p := range []struct{ from, to *uint32 }{{&a.Myauth, &d.auth.Myauth}, {&a.Hisauth, &d.auth.Hisauth}} {
		if *p.from != 0 {
			*p.to = netbsd.SPPP_AUTHPROTO_CHAP
			if *p.from == netbsd.SPPP_AUTHPROTO_PAP {
				*p.to = netbsd.SPPP_AUTHPROTO_PAP
			}
		}
	}
	d.auth.Myauthflags, d.auth.Hisauthflags = a.Myauthflags, a.Hisauthflags
	return 0
}

func (d *pppoeDriver) getAuth(c *kern.Call, data []byte) netbsd.Errno {
	a, err := netbsd.ParseSpppauthcfg(data)
	if err != nil {
		return netbsd.EINVAL
	}
	a.Ifname = d.ifp.name
	a.Myauth, a.Hisauth, a.Myauthflags, a.Hisauthflags = d.auth.Myauth, d.auth.Hisauth, d.auth.Myauthflags, d.auth.Hisauthflags
	for _, s := range []struct {
		addr   uint64
		length *uint32
		name   string
	}{{a.Myname, &a.MynameLength, d.myName}, {a.Hisname, &a.HisnameLength, d.hisName}} {
		n := uint32(len(s.name)) + 1
		switch {
		case s.name == "":
			*s.length = 0
		case *s.length == 0:
			*s.length = n
		case *s.length < n:
			return netbsd.ENAMETOOLONG
		default:
			if errno := c.Copyout(s.addr, append([]byte(s.name), 0)); errno != 0 {
				return errno
			}
		}
	}
	copy(data, a.Append(nil))
	return 0
}

func (d *pppoeDriver) initAddr(ifa *ifaddr) netbsd.Errno {
	ifa.rtrequest = d.ifp.n.p2pRtrequest
	return 0
}

func (d *pppoeDriver) transmit([]byte) {}
func (d *pppoeDriver) detach()         {}
