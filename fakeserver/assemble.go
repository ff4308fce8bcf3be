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
	files      *vfs.FS // nil without rumpvfs
	components *components
	closers    []func()
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
	k.parts.components = comps
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
		k.makeDevices(name)
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
	"rumpdev_vnd", "rumpdev_cgd", "rumpdev_raidframe", "rumpdev_dm", "rumpdev_disk", "rumpkern_z", "rumpkern_crypto", "rumpdev_rnd", "rumpdev_md",
	"rumpkern_tty", "rumpdev_bpf", "rumpdev_fss", "rumpdev_opencrypto", "rumpdev_pud", "rumpdev_putter", "rumpdev_sysmon", "rumpdev_scsipi",
	"rumpdev_wscons", "rumpdev_netsmb", "rumpdev_drvctl", "rumpkern_sljit", "rumpvfs_aio",
	"rumpfs_kernfs", "rumpfs_tmpfs", "rumpfs_ext2fs", "rumpfs_mfs", "rumpfs_ffs", "rumpfs_lfs", "rumpvfs", "rumpfs_msdos", "rumpfs_fdesc",
	"rumpvfs_layerfs", "rumpfs_null", "rumpfs_union", "rumpfs_umap", "rumpfs_cd9660", "rumpfs_ptyfs", "rumpfs_efs", "rumpfs_hfs", "rumpfs_nfs",
	"rumpfs_nilfs", "rumpfs_ntfs", "rumpfs_smbfs", "rumpfs_sysvbfs", "rumpfs_udf", "rumpfs_v7fs",
}

// The major numbers of vnd(4).
const (
	vndBlockMajor = 14
	vndCharMajor  = 41
)

// The major numbers of cgd(4).
const (
	cgdBlockMajor = 21
	cgdCharMajor  = 93
)

// The major numbers of md(4), of which there is never one in memory.
const (
	mdBlockMajor = 17
	mdCharMajor  = 24
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
		k.diskNodes("cgd0", cgdBlockMajor, cgdCharMajor)
		k.parts.files.AddCgd(cgdBlockMajor, cgdCharMajor)
	},
	"rumpdev_md": func(k *Kernel) {
		k.diskNodes("md0", mdBlockMajor, mdCharMajor)
		k.parts.files.RegisterDriver(true, mdBlockMajor, vfs.InertRaw(netbsd.ENXIO, netbsd.ENXIO))
		k.parts.files.RegisterDriver(false, mdCharMajor, vfs.InertRaw(netbsd.ENXIO, netbsd.ENXIO))
	},
	"rumpdev_raidframe": func(k *Kernel) {
		k.module("raid", netbsd.MODULE_CLASS_DRIVER, "dk_subr")
		k.diskNodes("raid0", raidBlockMajor, raidCharMajor)
	},
	"rumpdev_dm": func(k *Kernel) {
		k.module("dm", netbsd.MODULE_CLASS_DRIVER, "dk_subr")
		k.parts.files.MakeFolder("/dev/mapper", 0o750)
		k.parts.files.MakeDevice("/dev/mapper/control", false, 194, 0)
	},
	"rumpdev_fss": func(k *Kernel) { k.module("fss", netbsd.MODULE_CLASS_DRIVER, "") },
	"rumpdev_opencrypto": func(k *Kernel) {
		k.module("crypto", netbsd.MODULE_CLASS_DRIVER, "opencrypto")
		k.module("opencrypto", netbsd.MODULE_CLASS_MISC, "")
		const ciphers = "opencrypto,zlib,blowfish,des,cast128,camellia,skipjack"
		k.core.AddModule(kern.Module{Name: "swcrypto", Class: netbsd.MODULE_CLASS_DRIVER, Requires: ciphers, Failed: !k.has("rumpkern_z", "rumpkern_crypto")})
	},
	"rumpdev_putter": func(k *Kernel) { k.module("putter", netbsd.MODULE_CLASS_DRIVER, "") },
	"rumpdev_pud": func(k *Kernel) {
		k.core.AddModule(kern.Module{Name: "pud", Class: netbsd.MODULE_CLASS_DRIVER, Requires: "putter", Failed: !k.has("rumpdev_putter")})
	},
	"rumpdev_sysmon": func(k *Kernel) {
		k.module("sysmon", netbsd.MODULE_CLASS_DRIVER, "")
		k.module("sysmon_taskq", netbsd.MODULE_CLASS_MISC, "")
		k.module("sysmon_power", netbsd.MODULE_CLASS_DRIVER, "sysmon")
		k.module("sysmon_envsys", netbsd.MODULE_CLASS_DRIVER, "sysmon,sysmon_taskq,sysmon_power")
		k.module("sysmon_wdog", netbsd.MODULE_CLASS_DRIVER, "sysmon")
		k.module("swsensor", netbsd.MODULE_CLASS_DRIVER, "sysmon_envsys")
		k.module("swwdog", netbsd.MODULE_CLASS_DRIVER, "sysmon_wdog")
	},
	"rumpdev_scsipi": func(k *Kernel) {
		k.module("scsiverbose", netbsd.MODULE_CLASS_MISC, "")
		const parts = 8
		k.partNodes("sd0", 4, 13, parts)
		k.partNodes("cd0", 6, 15, parts)
	},
	"rumpdev_netsmb": func(k *Kernel) {
		k.core.AddModule(kern.Module{Name: "nsmb", Class: netbsd.MODULE_CLASS_DRIVER, Failed: true})
	},
	"rumpdev_drvctl": func(k *Kernel) {
		k.core.AddModule(kern.Module{Name: "drvctl", Class: netbsd.MODULE_CLASS_DRIVER, Failed: true})
	},
	"rumpkern_z":     func(k *Kernel) { k.module("zlib", netbsd.MODULE_CLASS_MISC, "") },
	"rumpkern_sljit": func(k *Kernel) { k.module("sljit", netbsd.MODULE_CLASS_MISC, "") },
	"rumpvfs_aio":    func(k *Kernel) { k.module("aio", netbsd.MODULE_CLASS_MISC, "") },
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
	"rumpfs_umap":     func(k *Kernel) { k.filesystem("umap", "umap", "layerfs") },
	"rumpfs_mfs":      func(k *Kernel) { k.filesystem("mfs", "mfs", "ffs") },
	"rumpfs_lfs":      func(k *Kernel) { k.filesystem("lfs", "lfs", "") },
	"rumpfs_efs":      func(k *Kernel) { k.filesystem("efs", "efs", "") },
	"rumpfs_hfs":      func(k *Kernel) { k.filesystem("hfs", "hfs", "") },
	"rumpfs_nfs":      func(k *Kernel) { k.filesystem("nfs", "nfs", "") },
	"rumpfs_nilfs":    func(k *Kernel) { k.filesystem("nilfs", "nilfs", "") },
	"rumpfs_ntfs":     func(k *Kernel) { k.filesystem("ntfs", "ntfs", "") },
	"rumpfs_sysvbfs":  func(k *Kernel) { k.filesystem("sysvbfs", "sysvbfs", "") },
	"rumpfs_udf":      func(k *Kernel) { k.filesystem("udf", "udf", "") },
	"rumpfs_v7fs":     func(k *Kernel) { k.filesystem("v7fs", "v7fs", "") },
	"rumpfs_smbfs": func(k *Kernel) {
		k.core.AddModule(kern.Module{Name: "smbfs", Class: netbsd.MODULE_CLASS_VFS, Requires: "nsmb", Failed: true})
	},
	"rumpfs_cd9660": func(k *Kernel) { k.filesystem("cd9660", "cd9660", "") },
	"rumpfs_ptyfs":  func(k *Kernel) { k.filesystem("ptyfs", "ptyfs", "") },
}

func (k *Kernel) module(name string, class netbsd.ModuleClass, requires string) {
	k.core.AddModule(kern.Module{Name: name, Class: class, Requires: requires})
}

func (k *Kernel) filesystem(module, typ, requires string) {
	k.module(module, netbsd.MODULE_CLASS_VFS, requires)
	k.parts.files.AddType(typ)
}

// has reports whether the kernel is made of all of these components, too.
func (k *Kernel) has(components ...string) bool {
	for _, c := range components {
		if !k.parts.components.has(c) {
			return false
		}
	}
	return true
}

// diskNodes makes the nodes of a disk driver's first unit: seven partitions as
// block devices and as raw ones.
func (k *Kernel) diskNodes(unit string, blockMajor, charMajor uint32) {
	k.partNodes(unit, blockMajor, charMajor, 7)
}

func (k *Kernel) partNodes(unit string, blockMajor, charMajor, parts uint32) {
	for _, d := range [...]struct {
		prefix string
		block  bool
		major  uint32
	}{{"", true, blockMajor}, {"r", false, charMajor}} {
		for part := range parts {
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
