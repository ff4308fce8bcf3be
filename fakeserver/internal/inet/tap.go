package inet

import (
	"fmt"
	"strconv"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// tapDriver is the driver of tap interfaces, whose frames would go to a device
// that nobody has open.
type tapDriver struct {
	ifp   *Interface
	media ifmedia
}

func (n *Net) cloneTap(name string, unit int) netbsd.Errno {
	mac := []byte{0xf2, 0x0b, 0xa4, 0, 0, 0}
	r := n.rand.Uint32()
	mac[3], mac[4], mac[5] = byte(r), byte(r>>8), byte(r>>16)
	ifp := n.etherInterface(name, "tap", unit, mac)
	ifp.eccaps = netbsd.ETHERCAP_VLAN_MTU | netbsd.ETHERCAP_JUMBO_MTU
	const auto = netbsd.IFM_ETHER | netbsd.IFM_AUTO
	d := &tapDriver{ifp: ifp, media: ifmedia{current: auto}}
	for _, kind := range []int32{netbsd.IFM_1000_T, netbsd.IFM_100_TX, netbsd.IFM_10_T} {
		d.media.words = append(d.media.words, netbsd.IFM_ETHER|kind, netbsd.IFM_ETHER|kind|netbsd.IFM_FDX)
	}
	d.media.words = append(d.media.words, auto)
	ifp.drv = d
	n.attach(ifp)
	d.addNode()
	return 0
}

// node is the name of the setting that is the interface's hardware address.
func (d *tapDriver) node() string { return "net.link.tap." + d.ifp.name }

// addNode makes the hardware address a setting.
func (d *tapDriver) addNode() {
	n := d.ifp.n
	if n.tree == nil {
		return
	}
	n.tree.Add("net.link.tap", sysctl.Node{
		Num: int32(d.ifp.unit), Name: d.ifp.name, Flags: netbsd.CTLTYPE_STRING | netbsd.CTLFLAG_READWRITE, Size: 18,
	})
	n.tree.Value(d.node(), sysctl.Value{
		Get: func(*sysctl.Request) ([]byte, netbsd.Errno) {
			n.lock()
			defer n.unlock()
			m := d.ifp.mac
			return netbsd.AppendString(nil, fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])), 0
		},
		Set: func(_ *sysctl.Request, v []byte) netbsd.Errno {
			text := string(v[:len(v)-1])
			const shortest, longest = 11, 17
			mac, ok := parseEther(text)
			if !ok || len(text) < shortest || len(text) > longest {
				return netbsd.EINVAL
			}
			n.lock()
			defer n.unlock()
			d.ifp.setLinkAddr(mac)
			return 0
		},
	})
}

// parseEther reads a hardware address of one or two digits a byte, with ":", "-",
// "." or nothing between them (ether_aton_r).
func parseEther(s string) (mac []byte, ok bool) {
	hex := func(s string) bool { _, err := strconv.ParseUint(s, 16, 8); return err == nil }
	for s != "" && len(mac) < 6 {
		size := 1
		if len(s) > 1 && hex(s[1:2]) {
			size = 2
		}
		v, err := strconv.ParseUint(s[:size], 16, 8)
		if err != nil {
			return nil, false
		}
		mac, s = append(mac, byte(v)), s[size:]
		if s != "" && len(mac) < 6 && (s[0] == ':' || s[0] == '-' || s[0] == '.') {
			s = s[1:]
		}
	}
	return mac, len(mac) == 6 && s == ""
}

func (d *tapDriver) start() netbsd.Errno {
	d.ifp.flags |= netbsd.IFF_RUNNING
	return 0
}

func (d *tapDriver) stop() { d.ifp.flags &^= netbsd.IFF_RUNNING }

func (d *tapDriver) ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.SIOCSIFMEDIA, netbsd.SIOCGIFMEDIA:
		return d.media.ioctl(c, cmd, data)
	}
	return d.ifp.etherIoctl(cmd, data, d.start, d.stop)
}

func (d *tapDriver) initAddr(ifa *ifaddr) netbsd.Errno { return d.ifp.etherInitAddr(ifa, d.start) }
func (d *tapDriver) transmit([]byte)                   {}

func (d *tapDriver) detach() {
	if d.ifp.n.tree != nil {
		d.ifp.n.tree.Remove(d.node())
	}
}
