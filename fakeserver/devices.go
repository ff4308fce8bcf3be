package fakeserver

import (
	"fmt"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/vfs"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// nodes are device nodes of one driver, in the order in which a rump kernel makes
// them: count of them, named by the format and their number, with minor numbers
// from first on.
type nodes struct {
	format string
	block  bool
	major  uint32
	first  uint32
	count  int // 0 for one whose name is the format
}

// inert are drivers with nothing behind them, which a rump kernel has on a machine
// without such hardware: what is read from an opened device, and what an ioctl on
// it says. A node without a driver cannot be opened.
type inert struct {
	block       bool
	major       uint32
	read, ioctl netbsd.Errno
}

// devices are the nodes that components bring besides those of disks.
var devices = map[string][]nodes{
	"rumpkern_tty": {
		{format: "tty", major: 1}, {format: "ptyp%d", major: 6, count: 9}, {format: "ttyp%d", major: 5, count: 9},
		{format: "ptmx", major: 165}, {format: "ptm", major: 165, first: 1},
	},
	"rumpdev_fss":        {{format: "fss%d", block: true, major: 163, count: 4}, {format: "rfss%d", major: 163, count: 4}},
	"rumpdev_opencrypto": {{format: "crypto", major: 160}},
	"rumpdev_putter":     {{format: "putter", major: 178}},
	"rumpdev_pud":        {{format: "pud", major: 178, first: 1}},
	"rumpdev_sysmon":     {{format: "sysmon", major: 67}, {format: "watchdog", major: 67, first: 1}, {format: "power", major: 67, first: 2}},
	"rumpdev_wscons":     {{format: "wskbd", major: 48}, {format: "wsmouse", major: 49}},
	"rumpdev_netsmb":     {{format: "nsmb%d", major: 98, count: 4}},
}

// inerts are the drivers of devices which can be opened and do nothing.
var inerts = map[string][]inert{
	"rumpdev_raidframe":  {{true, raidBlockMajor, netbsd.ENXIO, netbsd.ENXIO}, {false, raidCharMajor, netbsd.ENXIO, netbsd.ENXIO}},
	"rumpdev_fss":        {{true, 163, netbsd.ENXIO, netbsd.ENXIO}, {false, 163, 0, netbsd.ENXIO}},
	"rumpdev_opencrypto": {{false, 160, netbsd.EIO, netbsd.EINVAL}},
	"rumpdev_sysmon":     {{false, 67, netbsd.ENODEV, netbsd.ENODEV}},
}

// The major numbers of raid(4).
const (
	raidBlockMajor = 18
	raidCharMajor  = 62
)

// makeDevices makes the nodes of a component and registers its inert drivers.
func (k *Kernel) makeDevices(component string) {
	files := k.parts.files
	if files == nil {
		return
	}
	for _, n := range devices[component] {
		for i := range max(n.count, 1) {
			name := n.format
			if n.count > 0 {
				name = fmt.Sprintf(n.format, i)
			}
			files.MakeDevice("/dev/"+name, n.block, n.major, n.first+uint32(i))
		}
	}
	for _, d := range inerts[component] {
		files.RegisterDriver(d.block, d.major, vfs.Inert(d.read, d.ioctl))
	}
}
