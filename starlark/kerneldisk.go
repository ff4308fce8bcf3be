package starlark

import (
	"fmt"
	"strconv"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelDisks is the table of the methods of a kernel that are about its disks.
func kernelDisks() []function {
	return []function{
		{"disklabel", "path", "Returns the label of a disk, a struct: type, typename, packname, secsize in bytes, nsectors (of a track), ntracks (of a cylinder), ncylinders, rpm, size in bytes, and partitions, a list of structs of letter, offset and size in bytes, fstype. Partitions of no size are left out.", kernelDisklabel},
		{"newfs", "path version? size? block? fragment? density? minfree? optimize?", "Makes a fast file system on a raw device or in a file: of version 1, which is also the default, or 2; of a size in bytes, all there is if not given; with blocks and fragments of so many bytes, an inode for each density bytes, minfree percent kept free, and optimized for \"time\" or \"space\". It is newfs(8), whose defaults these are, and does not mind what the disk's label says.", kernelNewfs},
		{"newfs_msdos", "path bits? size? cluster? label? floppy?", "Makes a FAT file system on a raw device, or in a file, which is made if it has a size: FAT12, FAT16 or FAT32 by the bits; of a size in bytes; with clusters of so many sectors; named label; or a standard floppy such as \"1440\". It is newfs_msdos(8).", kernelNewfsMsdos},
		{"vnd", "name", "Returns the vnd of a name, such as \"vnd0\", a disk that can be made of a file.", kernelVnd},
		{"vnds", "", "Returns a list of the vnds that are made of a file.", kernelVnds},
	}
}

// deviceNumber returns a device number's parts.
func deviceNumber(dev uint64) starlark.Value {
	return starlark.Tuple{starlark.MakeUint64(uint64(netbsd.Major(dev))), starlark.MakeUint64(uint64(netbsd.Minor(dev)))}
}

func kernelDisklabel(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		f, err := c.kernel().Open(c.ctx, path, netbsd.O_RDONLY, 0)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return labelOf(f)
	})
}

func fileDisklabel(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return labelOf(c.file()) })
}

// labelOf returns the label of an open disk.
func labelOf(f *rump.File) (starlark.Value, error) {
	l, err := f.Disklabel()
	if err != nil {
		return nil, err
	}
	n := func(v uint32) starlark.Value { return starlark.MakeUint64(uint64(v)) }
	bytes := func(sectors uint32) starlark.Value { return starlark.MakeUint64(uint64(sectors) * uint64(l.Secsize)) }
	var parts []starlark.Value
	for i, p := range l.Partitions[:min(int(l.Npartitions), len(l.Partitions))] {
		if p.Size == 0 {
			continue
		}
		parts = append(parts, starlarkstruct.FromStringDict(starlark.String("partition"), starlark.StringDict{
			"letter": starlark.String(rune('a' + i)),
			"offset": bytes(p.Offset),
			"size":   bytes(p.Size),
			"fstype": starlark.String(netbsd.FSTypeName(p.Fstype)),
		}))
	}
	return starlarkstruct.FromStringDict(starlark.String("disklabel"), starlark.StringDict{
		"type":       starlark.String(netbsd.DiskTypeName(l.Type)),
		"typename":   starlark.String(l.Typename),
		"packname":   starlark.String(l.Packname),
		"secsize":    n(l.Secsize),
		"nsectors":   n(l.Nsectors),
		"ntracks":    n(l.Ntracks),
		"ncylinders": n(l.Ncylinders),
		"rpm":        n(uint32(l.Rpm)),
		"size":       bytes(l.Secperunit),
		"partitions": starlark.NewList(parts),
	}), nil
}

// utility runs a utility whose words are at hand.
func (c *call) utility(words ...string) (starlark.Value, error) {
	return waiting(c.scope, func() (starlark.Value, error) {
		r, err := c.self.(*Kernel).run(c.ctx, words)
		if err == nil && r.Status != 0 {
			err = &StatusError{r}
		}
		return nil, err
	})
}

// typeOf returns the type of a file, S_IF*, or 0 if there is none to be seen.
func (c *call) typeOf(path string) uint32 {
	typ, _ := waiting(c.scope, func() (uint32, error) {
		st, err := c.kernel().Stat(c.ctx, path)
		return st.Mode & netbsd.S_IFMT, err
	})
	return typ
}

func kernelNewfs(c *call) (starlark.Value, error) {
	var path, optimize string
	version := 1
	var size, block, fragment, density, minfree optional[int64]
	if err := c.unpack(&path, &version, &size, &block, &fragment, &density, &minfree, &optimize); err != nil {
		return nil, err
	}
	if version != 1 && version != 2 {
		return nil, fmt.Errorf("newfs: the version is 1 or 2, not %d", version)
	}
	words := []string{"newfs", "-O", strconv.Itoa(version)}
	for _, o := range []struct {
		opt  string
		n    optional[int64]
		unit string
	}{{"-s", size, "b"}, {"-b", block, ""}, {"-f", fragment, ""}, {"-i", density, ""}, {"-m", minfree, ""}} {
		if o.n.v != nil {
			words = append(words, o.opt, strconv.FormatInt(*o.n.v, 10)+o.unit)
		}
	}
	if optimize != "" {
		words = append(words, "-o", optimize)
	}
	if typ := c.typeOf(path); typ == netbsd.S_IFREG || typ == 0 && size.v != nil {
		words = append(words, "-F")
	} else {
		words = append(words, "-I") // who says which disk has not to label it first
	}
	return c.utility(append(words, path)...)
}

func kernelNewfsMsdos(c *call) (starlark.Value, error) {
	var path, label, floppy string
	var bits, size, cluster optional[int64]
	if err := c.unpack(&path, &bits, &size, &cluster, &label, &floppy); err != nil {
		return nil, err
	}
	words := []string{"newfs_msdos"}
	add := func(opt, value string) {
		if value != "" {
			words = append(words, opt, value)
		}
	}
	number := func(opt string, n optional[int64]) {
		if n.v != nil {
			add(opt, strconv.FormatInt(*n.v, 10))
		}
	}
	number("-F", bits)
	number("-c", cluster)
	add("-L", label)
	add("-f", floppy)
	const sector = 512
	switch {
	case size.v == nil:
	case c.typeOf(path) == 0:
		add("-C", strconv.FormatInt(*size.v, 10))
	case *size.v%sector != 0:
		return nil, fmt.Errorf("newfs_msdos: %d bytes are no whole sectors", *size.v)
	default:
		add("-s", strconv.FormatInt(*size.v/sector, 10))
	}
	return c.utility(append(words, path)...)
}
