package starlark

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelMounts is the table of the methods of a kernel that are about what is
// mounted.
func kernelMounts() []function {
	return []function{
		{"mount", "type path device? size? target? options? nodes? uid? gid? mode? dir_mode? gmtoff? below? args?", "Mounts a file system. The type's own arguments: device for ffs, ext2fs, msdos and cd9660; size in bytes, nodes, uid, gid and mode for tmpfs; uid, gid, mode, dir_mode and gmtoff, the seconds by which its times are ahead of UTC, for msdos; gid and mode for ptyfs; target, a folder, for null, overlay and union, where with below = True it goes below the other; for any other type args, the bytes of its argument struct. The options are those of mount(8), a list such as [\"rdonly\", \"noatime\"]; with \"update\" a file system that is mounted gets others.", kernelMount},
		{"mounts", "", "Returns what is mounted, a list of structs as statvfs returns them.", kernelListMounts},
		{"statvfs", "path", "Returns a struct that describes the file system which a path is on: type, path, source; size, free and avail (to others than root) in bytes; block_size, fragment and io_size; files, ffree and favail; name_max; flags, a list such as [\"read-only\", \"local\"]; owner, a uid; sync_reads, sync_writes, async_reads and async_writes since it was mounted.", kernelStatvfs},
		{"unmount", "path force?", "Unmounts what is mounted at a path; with force = True even if it is in use.", kernelUnmount},
	}
}

// mountArguments are the arguments that types of file systems have.
type mountArguments struct {
	device, target string
	size           int64
	nodes          uint64
	uid, gid       uint32
	mode, dirMode  uint32
	gmtoff         int32
	below          bool
	args           content
}

// given returns the names of the arguments that are not left out.
func (a *mountArguments) given() []string {
	var names []string
	for _, x := range []struct {
		name string
		is   bool
	}{
		{"device", a.device != ""}, {"size", a.size != 0}, {"target", a.target != ""}, {"nodes", a.nodes != 0},
		{"uid", a.uid != 0}, {"gid", a.gid != 0}, {"mode", a.mode != 0}, {"dir_mode", a.dirMode != 0},
		{"gmtoff", a.gmtoff != 0}, {"below", a.below}, {"args", a.args != nil},
	} {
		if x.is {
			names = append(names, x.name)
		}
	}
	return names
}

func kernelMount(c *call) (starlark.Value, error) {
	var typ, path string
	var a mountArguments
	var options mountOptions
	if err := c.unpack(&typ, &path, &a.device, &a.size, &a.target, &options, &a.nodes, &a.uid, &a.gid, &a.mode, &a.dirMode, &a.gmtoff, &a.below, &a.args); err != nil {
		return nil, err
	}
	what, err := a.fileSystem(typ)
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Mount(c.ctx, path, int(options), what) })
}

// mountOptions unpacks a list of mount(8)'s options.
type mountOptions netbsd.MountFlags

// Unpack implements starlark.Unpacker.
func (o *mountOptions) Unpack(v starlark.Value) error {
	return words(v, func(w string) error {
		set, clear, ok := netbsd.LookupMountOption(w)
		if !ok {
			return fmt.Errorf("mount(8) has no option %q", w)
		}
		*o = *o&^mountOptions(clear) | mountOptions(set)
		return nil
	})
}

// fileSystem returns what to mount. Arguments that the type does not have must
// not be given.
func (a *mountArguments) fileSystem(typ string) (rump.FileSystem, error) {
	kinds := map[string]struct {
		needs string   // the argument without which there is nothing to mount
		takes []string // those that may be given
		what  rump.FileSystem
	}{
		"tmpfs": {"", []string{"size", "nodes", "uid", "gid", "mode"}, rump.Tmpfs{Size: a.size, Nodes: a.nodes, Uid: a.uid, Gid: a.gid, Mode: a.mode}},
		"ffs":   {"device", nil, rump.FFS{Device: a.device}},
		"msdos": {"device", []string{"uid", "gid", "mode", "dir_mode", "gmtoff"}, rump.MSDOS{
			Device: a.device, Uid: a.uid, Gid: a.gid, Mask: a.mode, DirMask: a.dirMode, Gmtoff: a.gmtoff,
		}},
		"ext2fs":  {"device", nil, rump.Ext2fs{Device: a.device}},
		"cd9660":  {"device", nil, rump.CD9660{Device: a.device}},
		"null":    {"target", nil, rump.Null{Target: a.target}},
		"overlay": {"target", nil, rump.Overlay{Target: a.target}},
		"union":   {"target", []string{"below"}, rump.Union{Target: a.target, Below: a.below}},
		"kernfs":  {"", nil, rump.Kernfs{}},
		"fdesc":   {"", nil, rump.Fdesc{}},
		"procfs":  {"", nil, rump.Procfs{}},
		"ptyfs":   {"", []string{"gid", "mode"}, rump.Ptyfs{Gid: a.gid, Mode: a.mode}},
	}
	kind, ok := kinds[typ]
	if !ok {
		// The kernel may know it, and says so if it does not.
		kind.takes, kind.what = []string{"args"}, rump.OtherFS{Name: typ, Args: a.args}
	}
	given := a.given()
	if kind.needs != "" && !slices.Contains(given, kind.needs) {
		return nil, fmt.Errorf("mount: %s needs a %s", typ, kind.needs)
	}
	for _, name := range given {
		if name != kind.needs && !slices.Contains(kind.takes, name) {
			return nil, fmt.Errorf("mount: %s takes no %s", typ, name)
		}
	}
	return kind.what, nil
}

func kernelUnmount(c *call) (starlark.Value, error) {
	var path string
	var force bool
	if err := c.unpack(&path, &force); err != nil {
		return nil, err
	}
	flags := 0
	if force {
		flags = netbsd.MNT_FORCE
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Unmount(c.ctx, path, flags) })
}

func kernelListMounts(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	mounts, err := waiting(c.scope, func() ([]netbsd.Statvfs, error) { return c.kernel().Mounts(c.ctx, netbsd.MNT_WAIT) })
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(mounts))
	for i, m := range mounts {
		list[i] = statvfsValue(m)
	}
	return starlark.NewList(list), nil
}

func kernelStatvfs(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	v, err := waiting(c.scope, func() (netbsd.Statvfs, error) { return c.kernel().Statvfs(c.ctx, path) })
	if err != nil {
		return nil, err
	}
	return statvfsValue(v), nil
}

func statvfsValue(v netbsd.Statvfs) starlark.Value {
	return starlarkstruct.FromStringDict(starlark.String("statvfs"), starlark.StringDict{
		"type":         starlark.String(v.Fstypename),
		"path":         starlark.String(v.Mntonname),
		"source":       starlark.String(v.Mntfromname),
		"size":         starlark.MakeUint64(v.Blocks * v.Frsize),
		"free":         starlark.MakeUint64(v.Bfree * v.Frsize),
		"avail":        starlark.MakeUint64(v.Bavail * v.Frsize),
		"block_size":   starlark.MakeUint64(v.Bsize),
		"fragment":     starlark.MakeUint64(v.Frsize),
		"io_size":      starlark.MakeUint64(v.Iosize),
		"files":        starlark.MakeUint64(v.Files),
		"ffree":        starlark.MakeUint64(v.Ffree),
		"favail":       starlark.MakeUint64(v.Favail),
		"name_max":     starlark.MakeUint64(v.Namemax),
		"owner":        starlark.MakeUint64(uint64(v.Owner)),
		"sync_reads":   starlark.MakeUint64(v.Syncreads),
		"sync_writes":  starlark.MakeUint64(v.Syncwrites),
		"async_reads":  starlark.MakeUint64(v.Asyncreads),
		"async_writes": starlark.MakeUint64(v.Asyncwrites),
		"flags":        wordList(netbsd.MountFlags(v.Flag).Words()),
	})
}
