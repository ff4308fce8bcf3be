package inet

import (
	"slices"
	"strconv"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A cloner makes interfaces of one kind.
type cloner func(n *Net, name string, unit int) netbsd.Errno

// cloners has all kinds; Config.Cloners says which of them a kernel has.
func cloners(kind string) cloner {
	switch kind {
	case "lo":
		return (*Net).cloneLoopback
	case "shmif":
		return (*Net).cloneShmif
	case "bridge":
		return (*Net).cloneBridge
	case "gif":
		return (*Net).cloneGif
	case "tap":
		return (*Net).cloneTap
	case "vlan":
		return (*Net).cloneVlan
	case "agr":
		return (*Net).cloneAgr
	case "pppoe":
		return (*Net).clonePppoe
	case "carp":
		return (*Net).cloneCarp
	}
	return nil
}

// splitName splits an interface's name into its kind and its number.
func splitName(name string) (kind string, unit int, ok bool) {
	i := 0
	for i < len(name) && (name[i] < '0' || name[i] > '9') {
		i++
	}
	if i == 0 || i == len(name) || len(name) >= netbsd.IFNAMSIZ {
		return "", 0, false
	}
	unit, err := strconv.Atoi(name[i:])
	if err != nil || unit > 1<<31/10 {
		return "", 0, false
	}
	return name[:i], unit, true
}

func (n *Net) cloner(name string) (c cloner, unit int) {
	kind, unit, ok := splitName(name)
	if !ok || !slices.Contains(n.cfg.Cloners, kind) {
		return nil, 0
	}
	return cloners(kind), unit
}

// clone makes an interface (if_clone_create).
func (n *Net) clone(name string) netbsd.Errno {
	c, unit := n.cloner(name)
	if c == nil {
		return netbsd.EINVAL
	}
	if n.byName(name) != nil {
		return netbsd.EEXIST
	}
	kind, _, _ := splitName(name)
	if name = kind + strconv.Itoa(unit); n.byName(name) != nil {
		return netbsd.EEXIST // the number had zeros before it
	}
	return c(n, name, unit)
}

// destroy removes an interface (if_clone_destroy).
func (n *Net) destroy(name string) netbsd.Errno {
	if c, _ := n.cloner(name); c == nil {
		return netbsd.EINVAL
	}
	ifp := n.byName(name)
	if ifp == nil {
		return netbsd.ENXIO
	}
	if ifp == n.loopback() {
		ifp.deaf = true
		return netbsd.EPERM
	}
	if d, ok := ifp.drv.(interface{ busy() bool }); ok && d.busy() {
		ifp.deaf = true
		return netbsd.EBUSY
	}
	if d, ok := ifp.drv.(interface{ halt() }); ok {
		d.halt()
	}
	n.detach(ifp)
	return 0
}

// listCloners carries out SIOCIFGCLONERS.
func (n *Net) listCloners(c *kern.Call, data []byte) netbsd.Errno {
	req, err := netbsd.ParseIfClonereq(data)
	if err != nil {
		return netbsd.EINVAL
	}
	req.Total = int32(len(n.cfg.Cloners))
	copy(data, req.Append(nil))
	if req.Buffer == 0 {
		return 0
	}
	if req.Count < 0 {
		return netbsd.EINVAL
	}
	for i, name := range n.cfg.Cloners[:min(int(req.Count), len(n.cfg.Cloners))] {
		var b [netbsd.IFNAMSIZ]byte
		copy(b[:], name)
		if errno := c.Copyout(req.Buffer+uint64(i*netbsd.IFNAMSIZ), b[:]); errno != 0 {
			return errno
		}
	}
	return 0
}
