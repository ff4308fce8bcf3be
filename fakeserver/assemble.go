package fakeserver

import (
	"fmt"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/fakeserver/internal/vfs"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// parts are those of a kernel that have something to be freed, and those that
// others need.
type parts struct {
	files   *vfs.FS // nil without rumpvfs
	closers []func()
}

func (p *parts) add(f func()) { p.closers = append(p.closers, f) }

func (p *parts) close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
}

// assemble puts the parts that the components name into the kernel: each
// registers its system calls and its sysctl nodes.
func (k *Kernel) assemble() error {
	comps, err := resolve(k.cfg.Components)
	if err != nil {
		return err
	}
	for _, name := range comps.order {
		k.core.Sysctl.Enable(name)
	}
	if comps.has("rumpvfs") {
		k.parts.files = vfs.New(k.core)
		k.parts.add(k.parts.files.Close)
	}
	for _, name := range comps.initOrder() {
		if setup := setups[name]; setup != nil {
			setup(k)
		}
	}
	k.startNetwork(comps)
	if files := k.parts.files; files != nil {
		for _, d := range k.cfg.Disks {
			err := d.prepare()
			if err == nil {
				err = files.AddDisk(d.host())
			}
			if err != nil {
				k.parts.close()
				return err
			}
		}
	} else if len(k.cfg.Disks) > 0 {
		return fmt.Errorf("disk %s: a kernel without rumpvfs has no files", k.cfg.Disks[0].Key)
	}
	return nil
}

// initOrder is the order in which a rump kernel starts its components, whatever
// the order in which they were asked for: devices, then the network, then file
// systems.
func (c *components) initOrder() []string {
	var order []string
	for _, name := range startOrder {
		if c.set[name] {
			order = append(order, name)
		}
	}
	return order
}

var startOrder = []string{
	"rumpdev_vnd", "rumpdev_cgd", "rumpdev_disk", "rumpkern_crypto", "rumpdev_rnd", "rumpdev_md", "rumpkern_tty", "rumpdev_bpf",
	"rumpfs_kernfs", "rumpfs_tmpfs", "rumpfs_ext2fs", "rumpfs_ffs", "rumpvfs", "rumpfs_msdos", "rumpfs_fdesc", "rumpvfs_layerfs", "rumpfs_null",
	"rumpfs_union", "rumpfs_cd9660", "rumpfs_ptyfs",
}

// The major numbers of vnd(4).
const (
	vndBlockMajor = 14
	vndCharMajor  = 41
)

// setups are what components do when the kernel starts, beyond their sysctl
// nodes.
var setups = map[string]func(*Kernel){
	"rumpvfs":      func(k *Kernel) { k.module("wapbl", netbsd.MODULE_CLASS_VFS, "") },
	"rumpdev_disk": func(k *Kernel) { k.module("dk_subr", netbsd.MODULE_CLASS_MISC, "") },
	"rumpdev_vnd": func(k *Kernel) {
		k.module("vnd", netbsd.MODULE_CLASS_DRIVER, "")
		k.diskNodes("vnd0", vndBlockMajor, vndCharMajor)
		k.parts.files.AddVnd(vndBlockMajor, vndCharMajor)
	},
	"rumpdev_cgd": func(k *Kernel) {
		k.module("cgd", netbsd.MODULE_CLASS_DRIVER, "dk_subr")
		k.diskNodes("cgd0", 21, 93)
	},
	"rumpdev_md": func(k *Kernel) { k.diskNodes("md0", 17, 24) },
	"rumpkern_crypto": func(k *Kernel) {
		for _, name := range [...]string{"skipjack", "des", "cast128", "camellia", "blowfish"} {
			k.module(name, netbsd.MODULE_CLASS_MISC, "")
		}
	},
	"rumpdev_rnd": func(k *Kernel) { k.parts.files.AddRandom() },
	"rumpdev_bpf": func(k *Kernel) {
		k.module("bpf", netbsd.MODULE_CLASS_DRIVER, "bpf_filter")
		k.module("bpf_filter", netbsd.MODULE_CLASS_MISC, "")
		if files := k.parts.files; files != nil {
			files.MakeDevice("/dev/bpf", false, 23, 0) // there is nothing behind it
		}
	},
	"rumpfs_kernfs":   func(k *Kernel) { k.filesystem("kernfs", "kernfs", "") },
	"rumpfs_tmpfs":    func(k *Kernel) { k.filesystem("tmpfs", "tmpfs", "") },
	"rumpfs_ext2fs":   func(k *Kernel) { k.filesystem("ext2fs", "ext2fs", "ffs") },
	"rumpfs_ffs":      func(k *Kernel) { k.filesystem("ffs", "ffs", "wapbl") },
	"rumpfs_msdos":    func(k *Kernel) { k.filesystem("msdos", "msdos", "") },
	"rumpfs_fdesc":    func(k *Kernel) { k.filesystem("fdesc", "fdesc", "") },
	"rumpvfs_layerfs": func(k *Kernel) { k.module("layerfs", netbsd.MODULE_CLASS_MISC, "") },
	"rumpfs_null":     func(k *Kernel) { k.filesystem("null", "null", "layerfs") },
	"rumpfs_union":    func(k *Kernel) { k.filesystem("union", "union", "") },
	"rumpfs_cd9660":   func(k *Kernel) { k.filesystem("cd9660", "cd9660", "") },
	"rumpfs_ptyfs":    func(k *Kernel) { k.filesystem("ptyfs", "ptyfs", "") },
}

func (k *Kernel) module(name string, class netbsd.ModuleClass, requires string) {
	k.core.AddModule(kern.Module{Name: name, Class: class, Requires: requires})
}

func (k *Kernel) filesystem(module, typ, requires string) {
	k.module(module, netbsd.MODULE_CLASS_VFS, requires)
	k.parts.files.AddType(typ)
}

// diskNodes makes the nodes of a disk driver's first unit: seven partitions as
// block devices and as raw ones.
func (k *Kernel) diskNodes(unit string, blockMajor, charMajor uint32) {
	for _, d := range [...]struct {
		prefix string
		block  bool
		major  uint32
	}{{"", true, blockMajor}, {"r", false, charMajor}} {
		for part := range uint32(7) {
			k.parts.files.MakeDevice(fmt.Sprintf("/dev/%s%s%c", d.prefix, unit, 'a'+part), d.block, d.major, part)
		}
	}
}

func (d Disk) host() vfs.HostDisk {
	kind := uint32(netbsd.S_IFBLK)
	switch d.Type {
	case DiskChar:
		kind = netbsd.S_IFCHR
	case DiskFile:
		kind = netbsd.S_IFREG
	}
	return vfs.HostDisk{Key: d.Key, Path: d.HostPath, Kind: kind, Offset: d.Offset, Size: d.Size, ReadOnly: d.ReadOnly}
}
