package starlark

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelFiles is the table of the methods of a kernel that are about its files.
func kernelFiles() []function {
	return slices.Concat([]function{
		{"access", "path mode?", "Fails unless the kernel's process may do with a file what the mode says, letters of \"rwx\"; without one unless the file is there.", kernelAccess},
		{"chflags", "path flags follow?", "Sets the flags of a file, a list such as [\"uchg\", \"nodump\"]; with follow = False those of a symbolic link itself.", kernelChflags},
		{"chmod", "path mode follow?", "Sets the permissions of a file: k.chmod(\"/f\", 0o640); with follow = False those of a symbolic link itself.", kernelChmod},
		{"chown", "path uid gid follow?", "Sets the owner and the group of a file, ints; -1 leaves one as it is. With follow = False those of a symbolic link itself.", kernelChown},
		{"copy_in", "host_path path", "Copies a file of the host, or a folder with all that is in it, to a path in the kernel: folders, regular files and symbolic links, with their permissions. A file that is there already is an error.", kernelCopyIn},
		{"copy_out", "path host_path", "Copies a file of the kernel, or a folder with all that is in it, to a path of the host. A file that is there already is an error.", kernelCopyOut},
		{"exists", "path", "Whether there is a file of that name, a dangling symbolic link included.", kernelExists},
		{"link", "path link", "Makes a hard link.", kernelDo2(func(ctx context.Context, k *rump.Kernel, path, link string) error { return k.Link(ctx, path, link) })},
		{"listdir", "path", "Returns the names in a folder, a sorted list of strings.", kernelListdir},
		{"lstat", "path", "As stat, but does not follow a symbolic link.", kernelStat((*rump.Kernel).Lstat)},
		{"mkdir", "path mode? parents?", "Makes a folder; with parents = True those above it too, and it may be there already. The mode is 0o755 if not given.", kernelMkdir},
		{"mkfifo", "path mode?", "Makes a named pipe, with mode 0o644 if not given.", kernelMkfifo},
		{"mknod", "path type major minor mode?", "Makes a device node; the type is \"c\" or \"b\", the mode 0o644 if not given.", kernelMknod},
		{"open", "path mode? permissions? flags?", "Opens a file and returns it. The mode is \"r\", which is also the default, \"w\" (made or emptied), \"a\" (made, written at its end) or \"x\" (made, and must not be there), or one of them with a + to read and write. A file that is made has the permissions 0o644 if not given. The flags are more of open(2)'s, a list such as [\"sync\", \"nofollow\"].", kernelOpen},
		{"pathconf", "path name", "Returns a limit or property of a file, an int, or None for no limit: k.pathconf(\"/\", \"NAME_MAX\").", kernelPathconf},
		{"pipe", "", "Makes a pipe and returns its two ends, files: r, w = k.pipe().", kernelPipe},
		{"read_bytes", "path", "Returns what is in a file, bytes.", kernelReadBytes},
		{"read_file", "path", "Returns what is in a file, a string.", kernelReadFile},
		{"readlink", "path", "Returns what a symbolic link points to.", kernelReadlink},
		{"realpath", "path", "Returns the absolute path of a file, without symbolic links, \".\" and \"..\".", kernelRealpath},
		{"remove", "path", "Removes a file or an empty folder.", kernelRemove},
		{"remove_all", "path", "Removes a file, or a folder with all that is in it. What is not there is no error.", kernelDo1(func(ctx context.Context, k *rump.Kernel, path string) error { return k.RemoveAll(ctx, path) })},
		{"rename", "old new", "Renames a file.", kernelDo2(func(ctx context.Context, k *rump.Kernel, from, to string) error { return k.Rename(ctx, from, to) })},
		{"revoke", "path", "Takes a device away from everybody who has it open.", kernelDo1(func(ctx context.Context, k *rump.Kernel, path string) error { return k.Revoke(ctx, path) })},
		{"stat", "path", "Returns a struct that describes a file: type (\"file\", \"dir\", \"link\", \"char\", \"block\", \"fifo\", \"socket\"), mode, size and blksize in bytes, blocks of 512 bytes, uid, gid, nlink, ino, dev and rdev (each a tuple of major and minor number), flags, a list such as [\"uchg\"], gen, and the times atime, mtime, ctime and birthtime (seconds since 1970, floats).", kernelStat((*rump.Kernel).Stat)},
		{"symlink", "target path", "Makes a symbolic link at path.", kernelDo2(func(ctx context.Context, k *rump.Kernel, target, path string) error {
			return k.Symlink(ctx, target, path)
		})},
		{"sync", "", "Writes all file systems to their disks.", kernelSync},
		{"truncate", "path size", "Cuts or extends a file to a size in bytes.", kernelDo2(func(ctx context.Context, k *rump.Kernel, path string, size int64) error {
			return k.Truncate(ctx, path, size)
		})},
		{"undelete", "path", "Removes a whiteout, which a union leaves where a file was removed.", kernelDo1(func(ctx context.Context, k *rump.Kernel, path string) error { return k.Undelete(ctx, path) })},
		{"utimes", "path atime? mtime? follow?", "Sets the times of last access and modification: seconds since 1970, a value of module time, or \"now\". One that is not given stays. With follow = False those of a symbolic link itself.", kernelUtimes},
		{"write_file", "path data mode?", "Writes a file, made with the mode 0o644 if not given, or emptied. The data is a string or bytes.", kernelWriteFile},
	}, kernelMounts(), kernelDisks(), kernelModules(), kernelRandom(), kernelProcess(), kernelTrace())
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

func kernelAccess(c *call) (starlark.Value, error) {
	var path, letters string
	if err := c.unpack(&path, &letters); err != nil {
		return nil, err
	}
	mode := netbsd.F_OK
	for _, l := range letters {
		bit, ok := map[rune]int{'r': netbsd.R_OK, 'w': netbsd.W_OK, 'x': netbsd.X_OK}[l]
		if !ok {
			return nil, fmt.Errorf("access: the mode is letters of \"rwx\", not %q", letters)
		}
		mode |= bit
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Access(c.ctx, path, mode) })
}

func kernelChflags(c *call) (starlark.Value, error) {
	var path string
	var flags fileFlags
	follow := true
	if err := c.unpack(&path, &flags, &follow); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if !follow {
			return nil, c.kernel().Lchflags(c.ctx, path, uint32(flags))
		}
		return nil, c.kernel().Chflags(c.ctx, path, uint32(flags))
	})
}

func kernelChmod(c *call) (starlark.Value, error) {
	var path string
	var mode uint32
	follow := true
	if err := c.unpack(&path, &mode, &follow); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if !follow {
			return nil, c.kernel().Lchmod(c.ctx, path, mode)
		}
		return nil, c.kernel().Chmod(c.ctx, path, mode)
	})
}

func kernelChown(c *call) (starlark.Value, error) {
	var path string
	var uid, gid int
	follow := true
	if err := c.unpack(&path, &uid, &gid, &follow); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if !follow {
			return nil, c.kernel().Lchown(c.ctx, path, uid, gid)
		}
		return nil, c.kernel().Chown(c.ctx, path, uid, gid)
	})
}

func kernelUtimes(c *call) (starlark.Value, error) {
	var path string
	atime, mtime := fileTime{Nsec: netbsd.UTIME_OMIT}, fileTime{Nsec: netbsd.UTIME_OMIT}
	follow := true
	if err := c.unpack(&path, &atime, &mtime, &follow); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		if !follow {
			return nil, c.kernel().Lutimes(c.ctx, path, netbsd.Timespec(atime), netbsd.Timespec(mtime))
		}
		return nil, c.kernel().Utimes(c.ctx, path, netbsd.Timespec(atime), netbsd.Timespec(mtime))
	})
}

func kernelOpen(c *call) (starlark.Value, error) {
	var path string
	var mode openMode
	var more openFlags
	permissions := uint32(0o644)
	if err := c.unpack(&path, &mode, &permissions, &more); err != nil {
		return nil, err
	}
	f, err := waiting(c.scope, func() (*rump.File, error) {
		return c.kernel().Open(c.ctx, path, int(mode)|int(more), permissions)
	})
	if err != nil {
		return nil, err
	}
	return &File{f, c.self.(*Kernel)}, nil
}

func kernelPipe(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		r, w, err := c.kernel().Pipe(c.ctx)
		if err != nil {
			return nil, err
		}
		k := c.self.(*Kernel)
		return starlark.Tuple{&File{r, k}, &File{w, k}}, nil
	})
}

func kernelPathconf(c *call) (starlark.Value, error) {
	var path string
	var name pathconfName
	if err := c.unpack(&path, &name); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		return limit(c.kernel().Pathconf(c.ctx, path, int(name)))
	})
}

func kernelRealpath(c *call) (starlark.Value, error) {
	var path string
	if err := c.unpack(&path); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		real, err := c.kernel().Realpath(c.ctx, path)
		return starlark.String(real), err
	})
}

func kernelSync(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().Sync(c.ctx) })
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
	return entryNames(entries), nil
}

// entryNames returns the names of entries of a folder.
func entryNames(entries []fs.DirEntry) starlark.Value {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return wordList(names)
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
	seconds := func(t netbsd.Timespec) starlark.Value { return starlark.Float(float64(t.Sec) + float64(t.Nsec)/1e9) }
	return starlarkstruct.FromStringDict(starlark.String("stat"), starlark.StringDict{
		"type":      starlark.String(types[st.Mode&netbsd.S_IFMT]),
		"mode":      starlark.MakeInt(int(st.Mode & netbsd.ALLPERMS)),
		"size":      starlark.MakeInt64(st.Size),
		"blksize":   starlark.MakeInt(int(st.Blksize)),
		"blocks":    starlark.MakeInt64(st.Blocks),
		"uid":       starlark.MakeUint64(uint64(st.Uid)),
		"gid":       starlark.MakeUint64(uint64(st.Gid)),
		"nlink":     starlark.MakeUint64(uint64(st.Nlink)),
		"ino":       starlark.MakeUint64(st.Ino),
		"dev":       deviceNumber(st.Dev),
		"rdev":      deviceNumber(st.Rdev),
		"flags":     wordList(netbsd.FileFlags(st.Flags).Words()),
		"gen":       starlark.MakeUint64(uint64(st.Gen)),
		"atime":     seconds(st.Atim),
		"mtime":     seconds(st.Mtim),
		"ctime":     seconds(st.Ctim),
		"birthtime": seconds(st.Birthtim),
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
	return waiting(c.scope, func() (starlark.Value, error) {
		n, err := c.kernel().WriteFileFrom(c.ctx, path, bytes.NewReader(data), mode)
		if err != nil {
			return moved(n, err)
		}
		return nil, nil
	})
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
