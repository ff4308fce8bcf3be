package starlark

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelFiles is the table of the methods of a kernel that are about its files.
func kernelFiles() []function {
	return []function{
		{"chmod", "path mode", "Sets the permissions of a file: k.chmod(\"/f\", 0o640).", kernelDo2(func(ctx context.Context, k *rump.Kernel, path string, mode uint32) error {
			return k.Chmod(ctx, path, mode)
		})},
		{"chown", "path uid gid", "Sets the owner and the group of a file, ints; -1 leaves one as it is.", kernelChown},
		{"exists", "path", "Whether there is a file of that name, a dangling symbolic link included.", kernelExists},
		{"link", "path link", "Makes a hard link.", kernelDo2(func(ctx context.Context, k *rump.Kernel, path, link string) error { return k.Link(ctx, path, link) })},
		{"listdir", "path", "Returns the names in a folder, a sorted list of strings.", kernelListdir},
		{"lstat", "path", "As stat, but does not follow a symbolic link.", kernelStat((*rump.Kernel).Lstat)},
		{"mkdir", "path mode? parents?", "Makes a folder; with parents = True those above it too, and it may be there already. The mode is 0o755 if not given.", kernelMkdir},
		{"mkfifo", "path mode?", "Makes a named pipe, with mode 0o644 if not given.", kernelMkfifo},
		{"mknod", "path type major minor mode?", "Makes a device node; the type is \"c\" or \"b\", the mode 0o644 if not given.", kernelMknod},
		{"mount", "type path device? size? target? options?", "Mounts a file system. The type's own arguments: device for ffs, ext2fs, msdos and cd9660; size in bytes for tmpfs; target, a folder, for null, overlay and union. The options are those of mount(8), a list such as [\"rdonly\", \"noatime\"].", kernelMount},
		{"mounts", "", "Returns what is mounted, a list of structs as statvfs returns them.", kernelMounts},
		{"read_bytes", "path", "Returns what is in a file, bytes.", kernelReadBytes},
		{"read_file", "path", "Returns what is in a file, a string.", kernelReadFile},
		{"readlink", "path", "Returns what a symbolic link points to.", kernelReadlink},
		{"remove", "path", "Removes a file or an empty folder.", kernelRemove},
		{"remove_all", "path", "Removes a file, or a folder with all that is in it. What is not there is no error.", kernelDo1(func(ctx context.Context, k *rump.Kernel, path string) error { return k.RemoveAll(ctx, path) })},
		{"rename", "old new", "Renames a file.", kernelDo2(func(ctx context.Context, k *rump.Kernel, from, to string) error { return k.Rename(ctx, from, to) })},
		{"stat", "path", "Returns a struct that describes a file: type (\"file\", \"dir\", \"link\", \"char\", \"block\", \"fifo\", \"socket\"), mode, size, uid, gid, nlink, ino, mtime (seconds since 1970, a float).", kernelStat((*rump.Kernel).Stat)},
		{"statvfs", "path", "Returns a struct that describes the file system which a path is on: type, path, source, size, free and avail in bytes, files and ffree, flags.", kernelStatvfs},
		{"symlink", "target path", "Makes a symbolic link at path.", kernelDo2(func(ctx context.Context, k *rump.Kernel, target, path string) error {
			return k.Symlink(ctx, target, path)
		})},
		{"truncate", "path size", "Cuts or extends a file to a size in bytes.", kernelDo2(func(ctx context.Context, k *rump.Kernel, path string, size int64) error {
			return k.Truncate(ctx, path, size)
		})},
		{"unmount", "path force?", "Unmounts what is mounted at a path; with force = True even if it is in use.", kernelUnmount},
		{"write_file", "path data mode?", "Writes a file, made with the mode 0o644 if not given, or emptied. The data is a string or bytes.", kernelWriteFile},
	}
}

func (c *call) kernel() *rump.Kernel { return c.self.(*Kernel).in.Kernel }

// kernelDo1 adapts something done to a kernel which takes one argument.
func kernelDo1[A any](do func(context.Context, *rump.Kernel, A) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var a A
		if err := c.unpack(&a); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(c.ctx, c.kernel(), a) })
	}
}

// kernelDo2 adapts something done to a kernel which takes two arguments.
func kernelDo2[A, B any](do func(context.Context, *rump.Kernel, A, B) error) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var a A
		var b B
		if err := c.unpack(&a, &b); err != nil {
			return nil, err
		}
		return waiting(c.scope, func() (starlark.Value, error) { return nil, do(c.ctx, c.kernel(), a, b) })
	}
}

func kernelChown(c *call) (starlark.Value, error) {
	var path string
	var uid, gid int
	if err := c.unpack(&path, &uid, &gid); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Chown(c.ctx, path, uid, gid) })
}

func kernelExists(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		_, err := c.kernel().Lstat(c.ctx, path)
		if errors.Is(err, fs.ErrNotExist) {
			return starlark.False, nil
		}
		return starlark.True, err
	})
}

func kernelListdir(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	entries, err := waiting(c.scope, func() ([]fs.DirEntry, error) { return c.kernel().ReadDir(c.ctx, path) })
	if err != nil {
		return nil, err
	}
	names := make([]starlark.Value, len(entries))
	for i, e := range entries {
		names[i] = starlark.String(e.Name())
	}
	return starlark.NewList(names), nil
}

func kernelMkdir(c *call) (starlark.Value, error) {
	var path string
	mode, parents := uint32(0o755), false
	if err := c.unpack(&path, &mode, &parents); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if parents {
			return nil, c.kernel().MkdirAll(c.ctx, path, mode)
		}
		return nil, c.kernel().Mkdir(c.ctx, path, mode)
	})
}

func kernelMkfifo(c *call) (starlark.Value, error) {
	var path string
	mode := uint32(0o644)
	if err := c.unpack(&path, &mode); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Mkfifo(c.ctx, path, mode) })
}

func kernelMknod(c *call) (starlark.Value, error) {
	var path, typ string
	var major, minor uint32
	mode := uint32(0o644)
	if err := c.unpack(&path, &typ, &major, &minor, &mode); err != nil {
		return nil, err
	}
	kinds := map[string]uint32{"c": netbsd.S_IFCHR, "b": netbsd.S_IFBLK}
	kind, ok := kinds[typ]
	if !ok {
		return nil, fmt.Errorf("mknod: the type is \"c\" or \"b\", not %q", typ)
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		return nil, c.kernel().Mknod(c.ctx, path, kind|mode, netbsd.Makedev(major, minor))
	})
}

func kernelMount(c *call) (starlark.Value, error) {
	var typ, path, device, target string
	var size int64
	var options *starlark.List
	if err := c.unpack(&typ, &path, &device, &size, &target, &options); err != nil {
		return nil, err
	}
	flags, err := mountFlags(options)
	if err != nil {
		return nil, err
	}
	what, err := fileSystem(typ, device, size, target)
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Mount(c.ctx, path, flags, what) })
}

// mountFlags turns a list of mount(8)'s options into flags.
func mountFlags(options *starlark.List) (int, error) {
	var flags netbsd.MountFlags
	if options == nil {
		return 0, nil
	}
	for v := range starlark.Elements(options) {
		word, _ := starlark.AsString(v)
		set, clear, ok := netbsd.LookupMountOption(word)
		if !ok {
			return 0, fmt.Errorf("mount: unknown option %s", v)
		}
		flags = flags&^clear | set
	}
	return int(flags), nil
}

// fileSystem returns what to mount. Arguments that the type does not have must
// not be given.
func fileSystem(typ, device string, size int64, target string) (rump.FileSystem, error) {
	kinds := map[string]struct {
		needs string // the argument without which there is nothing to mount
		takes string // one that may be given
		make  func() rump.FileSystem
	}{
		"tmpfs":   {"", "size", func() rump.FileSystem { return rump.Tmpfs{Size: size} }},
		"ffs":     {"device", "", func() rump.FileSystem { return rump.FFS{Device: device} }},
		"ext2fs":  {"device", "", func() rump.FileSystem { return rump.Ext2fs{Device: device} }},
		"msdos":   {"device", "", func() rump.FileSystem { return rump.MSDOS{Device: device} }},
		"cd9660":  {"device", "", func() rump.FileSystem { return rump.CD9660{Device: device} }},
		"null":    {"target", "", func() rump.FileSystem { return rump.Null{Target: target} }},
		"overlay": {"target", "", func() rump.FileSystem { return rump.Overlay{Target: target} }},
		"union":   {"target", "", func() rump.FileSystem { return rump.Union{Target: target} }},
		"kernfs":  {"", "", func() rump.FileSystem { return rump.Kernfs{} }},
		"fdesc":   {"", "", func() rump.FileSystem { return rump.Fdesc{} }},
		"procfs":  {"", "", func() rump.FileSystem { return rump.Procfs{} }},
		"ptyfs":   {"", "", func() rump.FileSystem { return rump.Ptyfs{} }},
	}
	kind, ok := kinds[typ]
	if !ok {
		// The kernel may know it, and says so if it does not.
		return rump.OtherFS{Name: typ}, nil
	}
	for name, given := range map[string]bool{"device": device != "", "size": size != 0, "target": target != ""} {
		switch {
		case name == kind.needs && !given:
			return nil, fmt.Errorf("mount: %s needs a %s", typ, name)
		case given && name != kind.needs && name != kind.takes:
			return nil, fmt.Errorf("mount: %s takes no %s", typ, name)
		}
	}
	return kind.make(), nil
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

func kernelMounts(c *call) (starlark.Value, error) {
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
	var flags []starlark.Value
	for _, w := range netbsd.MountFlags(v.Flag).Words() {
		flags = append(flags, starlark.String(w))
	}
	return starlarkstruct.FromStringDict(starlark.String("statvfs"), starlark.StringDict{
		"type":   starlark.String(v.Fstypename),
		"path":   starlark.String(v.Mntonname),
		"source": starlark.String(v.Mntfromname),
		"size":   starlark.MakeUint64(v.Blocks * v.Frsize),
		"free":   starlark.MakeUint64(v.Bfree * v.Frsize),
		"avail":  starlark.MakeUint64(v.Bavail * v.Frsize),
		"files":  starlark.MakeUint64(v.Files),
		"ffree":  starlark.MakeUint64(v.Ffree),
		"flags":  starlark.NewList(flags),
	})
}

func kernelStat(stat func(*rump.Kernel, context.Context, string) (netbsd.Stat, error)) func(*call) (starlark.Value, error) {
	return func(c *call) (starlark.Value, error) {
		var path string
		if err := c.unpack(&path); err != nil {
			return nil, err
		}
		st, err := waiting(c.scope, func() (netbsd.Stat, error) { return stat(c.kernel(), c.ctx, path) })
		if err != nil {
			return nil, err
		}
		return statValue(st), nil
	}
}

func statValue(st netbsd.Stat) starlark.Value {
	types := map[uint32]string{
		netbsd.S_IFREG: "file", netbsd.S_IFDIR: "dir", netbsd.S_IFLNK: "link", netbsd.S_IFCHR: "char",
		netbsd.S_IFBLK: "block", netbsd.S_IFIFO: "fifo", netbsd.S_IFSOCK: "socket",
	}
	return starlarkstruct.FromStringDict(starlark.String("stat"), starlark.StringDict{
		"type":  starlark.String(types[st.Mode&netbsd.S_IFMT]),
		"mode":  starlark.MakeInt(int(st.Mode & 0o7777)),
		"size":  starlark.MakeInt64(st.Size),
		"uid":   starlark.MakeUint64(uint64(st.Uid)),
		"gid":   starlark.MakeUint64(uint64(st.Gid)),
		"nlink": starlark.MakeUint64(uint64(st.Nlink)),
		"ino":   starlark.MakeUint64(st.Ino),
		"mtime": starlark.Float(float64(st.Mtim.Sec) + float64(st.Mtim.Nsec)/1e9),
	})
}

func kernelReadBytes(c *call) (starlark.Value, error) {
	b, err := readWhole(c)
	return starlark.Bytes(b), err
}

func kernelReadFile(c *call) (starlark.Value, error) {
	b, err := readWhole(c)
	return starlark.String(b), err
}

func readWhole(c *call) ([]byte, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() ([]byte, error) { return c.kernel().ReadFile(c.ctx, path) })
}

func kernelWriteFile(c *call) (starlark.Value, error) {
	var path string
	var data content
	mode := uint32(0o644)
	if err := c.unpack(&path, &data, &mode); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().WriteFile(c.ctx, path, data, mode) })
}

func kernelReadlink(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		s, err := c.kernel().Readlink(c.ctx, path)
		return starlark.String(s), err
	})
}

func kernelRemove(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		k := c.kernel()
		// As remove(3): what kind it is decides how it goes.
		st, err := k.Lstat(c.ctx, path)
		if err != nil {
			return nil, err
		}
		if st.Mode&netbsd.S_IFMT == netbsd.S_IFDIR {
			return nil, k.Rmdir(c.ctx, path)
		}
		return nil, k.Unlink(c.ctx, path)
	})
}

// content unpacks data to be written: a string or bytes.
type content []byte

// Unpack implements starlark.Unpacker.
func (d *content) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.String:
		*d = content(v)
	case starlark.Bytes:
		*d = content(v)
	default:
		return fmt.Errorf("got %s where a string or bytes are wanted", v.Type())
	}
	return nil
}
