package fakeserver

import (
	"fmt"
	"slices"
	"strings"
)

// requires names, for each component that a kernel may have, those which it
// cannot be without.
var requires = map[string][]string{
	"rumpvfs": nil, "rumpnet": nil, "rumpdev": nil,

	"rumpvfs_aio": {"rumpvfs"}, "rumpvfs_fifofs": {"rumpvfs"}, "rumpvfs_layerfs": {"rumpvfs"},
	"rumpfs_cd9660": {"rumpvfs"}, "rumpfs_efs": {"rumpvfs"}, "rumpfs_ext2fs": {"rumpvfs", "rumpfs_ffs"}, "rumpfs_fdesc": {"rumpvfs"},
	"rumpfs_ffs": {"rumpvfs"}, "rumpfs_hfs": {"rumpvfs"}, "rumpfs_kernfs": {"rumpvfs"}, "rumpfs_lfs": {"rumpvfs", "rumpfs_ffs"},
	"rumpfs_mfs": {"rumpvfs", "rumpfs_ffs"}, "rumpfs_msdos": {"rumpvfs"}, "rumpfs_nfs": {"rumpvfs", "rumpnet"},
	"rumpfs_nfsserver": {"rumpvfs", "rumpnet"}, "rumpfs_nilfs": {"rumpvfs"}, "rumpfs_ntfs": {"rumpvfs"},
	"rumpfs_null": {"rumpvfs", "rumpvfs_layerfs"}, "rumpfs_ptyfs": {"rumpvfs"}, "rumpfs_smbfs": {"rumpvfs"}, "rumpfs_syspuffs": {"rumpvfs"},
	"rumpfs_sysvbfs": {"rumpvfs"}, "rumpfs_tmpfs": {"rumpvfs"}, "rumpfs_udf": {"rumpvfs"}, "rumpfs_umap": {"rumpvfs", "rumpvfs_layerfs"},
	"rumpfs_union": {"rumpvfs"}, "rumpfs_v7fs": {"rumpvfs"},

	"rumpdev_audio": {"rumpdev"}, "rumpdev_bpf": {"rumpdev", "rumpnet"}, "rumpdev_cgd": {"rumpdev", "rumpvfs"},
	"rumpdev_disk": {"rumpdev", "rumpvfs"}, "rumpdev_dm": {"rumpdev", "rumpvfs"}, "rumpdev_drvctl": {"rumpdev"},
	"rumpdev_fss": {"rumpdev", "rumpvfs"}, "rumpdev_md": {"rumpdev", "rumpvfs"}, "rumpdev_opencrypto": {"rumpdev"},
	"rumpdev_pad": {"rumpdev"}, "rumpdev_pud": {"rumpdev"}, "rumpdev_putter": {"rumpdev"}, "rumpdev_raidframe": {"rumpdev", "rumpvfs"},
	"rumpdev_rnd": {"rumpdev", "rumpvfs"}, "rumpdev_scsipi": {"rumpdev"}, "rumpdev_sysmon": {"rumpdev"}, "rumpdev_vnd": {"rumpdev", "rumpvfs"},
	"rumpdev_wscons": {"rumpdev"}, "rumpdev_netsmb": {"rumpdev", "rumpnet"},

	"rumpkern_crypto": nil, "rumpkern_tty": nil, "rumpkern_z": nil, "rumpkern_sysproxy": nil, "rumpkern_sys_linux": nil,
	"rumpkern_sljit": nil,

	"rumpnet_agr": {"rumpnet_net"}, "rumpnet_bpfjit": {"rumpnet_net"}, "rumpnet_bridge": {"rumpnet_net"}, "rumpnet_config": {"rumpnet_net"},
	"rumpnet_gif": {"rumpnet_net"}, "rumpnet_local": {"rumpnet"}, "rumpnet_net": {"rumpnet"}, "rumpnet_net80211": {"rumpnet_net"},
	"rumpnet_netinet": {"rumpnet_net"}, "rumpnet_netinet6": {"rumpnet_netinet"}, "rumpnet_netmpls": {"rumpnet_net"},
	"rumpnet_npf": {"rumpnet_net", "rumpvfs"}, "rumpnet_pppoe": {"rumpnet_net"}, "rumpnet_shmif": {"rumpnet_net"},
	"rumpnet_sockin": {"rumpnet"}, "rumpnet_tap": {"rumpnet_net", "rumpvfs"}, "rumpnet_virtif": {"rumpnet_net"},
}

// everything is what a Config without components means: all that the fake gives
// life to.
var everything = []string{
	"rumpvfs", "rumpvfs_fifofs", "rumpvfs_layerfs", "rumpfs_tmpfs", "rumpfs_kernfs", "rumpfs_fdesc", "rumpfs_null", "rumpfs_union",
	"rumpfs_ptyfs", "rumpfs_ffs", "rumpfs_ext2fs", "rumpfs_msdos", "rumpfs_cd9660", "rumpkern_tty", "rumpkern_crypto",
	"rumpdev", "rumpdev_disk", "rumpdev_vnd", "rumpdev_cgd", "rumpdev_rnd", "rumpdev_bpf", "rumpdev_md",
	"rumpnet", "rumpnet_net", "rumpnet_netinet", "rumpnet_netinet6", "rumpnet_local", "rumpnet_shmif", "rumpnet_bridge",
	"rumpnet_gif", "rumpnet_agr", "rumpnet_pppoe", "rumpnet_tap", "rumpnet_npf",
}

// Components returns the names that a Config may list, sorted.
func Components() []string {
	names := make([]string, 0, len(requires))
	for name := range requires {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// components is the set of what a kernel is made of, in the order in which it
// was asked for, what is required first.
type components struct {
	set   map[string]bool
	order []string
}

func (c *components) has(name string) bool { return c.set[name] }

// resolve adds what a list of components requires. A name may have the prefix
// lib and a path, as rump_server takes it.
func resolve(names []string) (*components, error) {
	if names == nil {
		names = everything
	}
	c := &components{set: make(map[string]bool)}
	for _, name := range names {
		short := name[strings.LastIndexByte(name, '/')+1:]
		short = strings.TrimSuffix(strings.TrimPrefix(short, "lib"), ".so")
		if _, ok := requires[short]; !ok {
			return nil, fmt.Errorf("no component %q", name)
		}
		c.add(short)
	}
	return c, nil
}

func (c *components) add(name string) {
	if c.set[name] {
		return
	}
	c.set[name] = true
	for _, need := range requires[name] {
		c.add(need)
	}
	c.order = append(c.order, name)
}
