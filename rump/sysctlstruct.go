package rump

import (
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// structValue decodes the structs that are known by the name of their node, and
// returns the bytes of all others.
func (n *SysctlNode) structValue(b []byte) (any, error) {
	switch n.Name {
	case "kern.clockrate":
		return netbsd.ParseClockinfo(b)
	case "kern.boottime":
		t, err := netbsd.ParseTimeval(b)
		if err != nil {
			return nil, err
		}
		return t.Time(), nil
	case "kern.drivers":
		return netbsd.ParseKinfoDrivers(b)
	case "kern.ntptime":
		return netbsd.ParseNtptimeval(b)
	case "vm.loadavg":
		return netbsd.ParseLoadavg(b)
	case "vm.uvmexp":
		return netbsd.ParseUvmexp(b)
	}
	return slices.Clone(b), nil
}
