package inet

import (
	"net/netip"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

const (
	loopMTU    = 33624 // LOMTU
	loopMaxMTU = 65536 // LOMTU_MAX
)

// loopDriver is the driver of loopback interfaces.
type loopDriver struct{ ifp *Interface }

func (n *Net) cloneLoopback(name string, unit int) netbsd.Errno {
	ifp := &Interface{
		name: name, kind: "lo", unit: unit, typ: netbsd.IFT_LOOP, mtu: loopMTU,
		flags: netbsd.IFF_LOOPBACK | netbsd.IFF_MULTICAST | netbsd.IFF_RUNNING,
	}
	ifp.drv = &loopDriver{ifp}
	n.attach(ifp)
	return 0
}

// attachLoopback makes lo0 and gives it the addresses that a rump kernel starts
// with.
func (n *Net) attachLoopback() {
	n.cloneLoopback("lo0", 0)
	lo := n.loopback()
	if n.cfg.INET {
		req := netbsd.Ifaliasreq{
			Name: "lo0",
			Addr: netbsd.SockaddrIn{Addr: netip.MustParseAddr("127.0.0.1").As4()},
			Mask: netbsd.SockaddrIn{Addr: [4]byte{255}},
		}.Append(nil)
		// The address is added before the interface comes up, so that IPv6's are
		// not, and yet it comes after them in the list.
		if n.cfg.INET6 {
			lo.setUp()
		}
		n.inControl(netbsd.SIOCAIFADDR, req, lo)
	}
	if lo.up() && !n.cfg.INET6 {
		lo.setUp()
	}
}

func (d *loopDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.SIOCSIFMTU:
		if getUint(data[offUnion:]) > loopMaxMTU {
			return netbsd.EINVAL
		}
		if errno := d.ifp.commonIoctl(cmd, data); errno != netbsd.ENETRESET {
			return errno
		}
		return 0
	case netbsd.SIOCADDMULTI, netbsd.SIOCDELMULTI:
		switch unionAddr(data).family() {
		case netbsd.AF_INET, netbsd.AF_INET6:
			return 0
		}
		return netbsd.EAFNOSUPPORT
	}
	return d.ifp.commonIoctl(cmd, data)
}

func (d *loopDriver) initAddr(ifa *ifaddr) netbsd.Errno {
	d.ifp.flags |= netbsd.IFF_UP
	ifa.rtrequest = func(cmd int, rt *route, info *routeInfo) { rt.rmx.Mtu = uint64(d.ifp.n.loopback().mtu) }
	return 0
}

func (d *loopDriver) transmit([]byte) {}
func (d *loopDriver) detach()         {}
