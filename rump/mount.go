package rump

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// A FileSystem says what Mount mounts: the type of a file system and the
// arguments that the type takes. It is one of [Tmpfs], [FFS], [Ext2fs], [MSDOS],
// [CD9660], [Null], [Overlay], [Union], [Kernfs], [Fdesc], [Procfs], [Ptyfs],
// [NFS] and [OtherFS].
type FileSystem interface {
	// Type is the name by which the kernel knows the type.
	Type() string
	// args returns the argument struct, having lent what it points to.
	args(c *sysproxy.Call) []byte
}

// Tmpfs is a file system in memory.
type Tmpfs struct {
	Size     int64  // bytes that it may take; 0 for no limit but memory
	Nodes    uint64 // files that it may have; 0 for no limit
	Uid, Gid uint32 // owner of the root folder
	Mode     uint32 // permissions of the root folder; 0 for 0755
}

// FFS is Berkeley's fast file system on a block device.
type FFS struct{ Device string }

// Ext2fs is the file system of old Linux on a block device.
type Ext2fs struct{ Device string }

// MSDOS is FAT on a block device.
type MSDOS struct {
	Device   string
	Uid, Gid uint32 // owner of all files
	Mask     uint32 // permissions that files may have; 0 for 0755
	DirMask  uint32 // permissions that folders may have; 0 for Mask
	Flags    int32  // MSDOSFSMNT_SHORTNAME and its like
	Gmtoff   int32  // seconds by which the times on the disk are ahead of UTC
}

// CD9660 is the file system of CDs on a block device.
type CD9660 struct {
	Device string
	Flags  int32 // ISOFSMNT_*
}

// Null shows a folder at a second place.
type Null struct{ Target string }

// Overlay is an example layer over the folder that it is mounted on.
type Overlay struct{ Target string }

// Union shows the files of two folders as those of one: Target above the folder
// that it is mounted on, or below it.
type Union struct {
	Target string
	Below  bool
}

// Kernfs shows what the kernel knows of itself.
type Kernfs struct{}

// Fdesc shows the descriptors of the process which looks.
type Fdesc struct{}

// Procfs shows processes.
type Procfs struct{}

// Ptyfs shows pseudo-terminals.
type Ptyfs struct {
	Gid  uint32
	Mode uint32
}

// NFS is a folder of a server, whose mount protocol has been spoken already.
type NFS struct {
	Hostname string // for statvfs, as "server:/path"
	Addr     []byte // the server's struct sockaddr
	Sotype   int32
	Proto    int32
	Handle   []byte // of the root folder, from the server
	Flags    int32  // NFSMNT_*
	Wsize    int32
	Rsize    int32
	Timeo    int32
	Retrans  int32
}

// OtherFS is any file system, by the name of its type and its argument struct.
type OtherFS struct {
	Name string
	Args []byte
}

func (Tmpfs) Type() string     { return "tmpfs" }
func (FFS) Type() string       { return "ffs" }
func (Ext2fs) Type() string    { return "ext2fs" }
func (MSDOS) Type() string     { return "msdos" }
func (CD9660) Type() string    { return "cd9660" }
func (Null) Type() string      { return "null" }
func (Overlay) Type() string   { return "overlay" }
func (Union) Type() string     { return "union" }
func (Kernfs) Type() string    { return "kernfs" }
func (Fdesc) Type() string     { return "fdesc" }
func (Procfs) Type() string    { return "procfs" }
func (Ptyfs) Type() string     { return "ptyfs" }
func (NFS) Type() string       { return "nfs" }
func (o OtherFS) Type() string { return o.Name }

// lendString lends a path to the kernel.
func lendString(c *sysproxy.Call, s string) uint64 {
	return c.Lend(netbsd.AppendString(nil, s), sysproxy.Read)
}

// or is v, or if it is zero d.
func or(v, d uint32) uint32 {
	if v == 0 {
		return d
	}
	return v
}

func (t Tmpfs) args(*sysproxy.Call) []byte {
	return netbsd.TmpfsArgs{
		Version: netbsd.TMPFS_ARGS_VERSION, NodesMax: t.Nodes, SizeMax: t.Size,
		RootUid: t.Uid, RootGid: t.Gid, RootMode: or(t.Mode, 0o755),
	}.Append(nil)
}

func (f FFS) args(c *sysproxy.Call) []byte {
	return netbsd.UfsArgs{Fspec: lendString(c, f.Device)}.Append(nil)
}

func (f Ext2fs) args(c *sysproxy.Call) []byte {
	return netbsd.UfsArgs{Fspec: lendString(c, f.Device)}.Append(nil)
}

func (m MSDOS) args(c *sysproxy.Call) []byte {
	mask := or(m.Mask, 0o755)
	return netbsd.MsdosfsArgs{
		Fspec: lendString(c, m.Device), Uid: m.Uid, Gid: m.Gid, Mask: mask,
		Flags: m.Flags | netbsd.MSDOSFSMNT_VERSIONED, Version: netbsd.MSDOSFSMNT_VERSION,
		Dirmask: or(m.DirMask, mask), Gmtoff: m.Gmtoff,
	}.Append(nil)
}

func (d CD9660) args(c *sysproxy.Call) []byte {
	return netbsd.IsoArgs{Fspec: lendString(c, d.Device), Flags: d.Flags}.Append(nil)
}

func (n Null) args(c *sysproxy.Call) []byte {
	return netbsd.NullArgs{Target: lendString(c, n.Target)}.Append(nil)
}

func (o Overlay) args(c *sysproxy.Call) []byte {
	return netbsd.NullArgs{Target: lendString(c, o.Target)}.Append(nil)
}

func (u Union) args(c *sysproxy.Call) []byte {
	flags := int32(netbsd.UNMNT_ABOVE)
	if u.Below {
		flags = netbsd.UNMNT_BELOW
	}
	return netbsd.UnionArgs{Target: lendString(c, u.Target), Mntflags: flags}.Append(nil)
}

func (Kernfs) args(*sysproxy.Call) []byte { return nil }
func (Fdesc) args(*sysproxy.Call) []byte  { return nil }
func (Procfs) args(*sysproxy.Call) []byte { return nil }

func (p Ptyfs) args(*sysproxy.Call) []byte {
	return netbsd.PtyfsArgs{Version: netbsd.PTYFS_ARGSVERSION, Gid: p.Gid, Mode: or(p.Mode, 0o620)}.Append(nil)
}

func (n NFS) args(c *sysproxy.Call) []byte {
	a := netbsd.NfsArgs{
		Version: netbsd.NFS_ARGSVERSION, Addrlen: int32(len(n.Addr)), Sotype: n.Sotype, Proto: n.Proto,
		Fhsize: int32(len(n.Handle)), Flags: n.Flags, Wsize: n.Wsize, Rsize: n.Rsize,
		Timeo: n.Timeo, Retrans: n.Retrans, Hostname: lendString(c, n.Hostname),
	}
	a.Addr = c.Lend(n.Addr, sysproxy.Read)
	a.Fh = c.Lend(n.Handle, sysproxy.Read)
	return a.Append(nil)
}

func (o OtherFS) args(*sysproxy.Call) []byte { return o.Args }

// device returns the paths in a file system's arguments.
func device(f FileSystem) string {
	switch f := f.(type) {
	case FFS:
		return f.Device
	case Ext2fs:
		return f.Device
	case MSDOS:
		return f.Device
	case CD9660:
		return f.Device
	case Null:
		return f.Target
	case Overlay:
		return f.Target
	case Union:
		return f.Target
	case NFS:
		return f.Hostname
	}
	return ""
}

// Mount mounts a file system on a folder: mount(2) with the flags MNT_RDONLY,
// MNT_UPDATE and their like.
func (k *Kernel) Mount(ctx context.Context, dir string, flags int, what FileSystem) error {
	typ := what.Type()
	object := typ + " on " + dir
	if dev := device(what); dev != "" {
		object = dev + " on " + dir
	}
	if err := k.badPath("mount", dir, typ, device(what)); err != nil {
		return err
	}
	c := k.call(netbsd.SYS___MOUNT50).String(typ).String(dir).Uint(uint64(uint32(flags)))
	args := what.args(c)
	_, err := k.do(ctx, c.InOut(args).Int(int64(len(args))), "mount", object)
	return err
}

// MountArgs returns the argument struct with which what is mounted on a folder
// was mounted: mount(2) with MNT_GETARGS. The type and the version are those of
// what.
func (k *Kernel) MountArgs(ctx context.Context, dir string, what FileSystem) ([]byte, error) {
	typ := what.Type()
	if err := k.badPath("mount", dir, typ); err != nil {
		return nil, err
	}
	c := k.call(netbsd.SYS___MOUNT50).String(typ).String(dir).Uint(netbsd.MNT_GETARGS)
	b := what.args(c)
	r, err := k.do(ctx, c.InOut(b).Int(int64(len(b))), "mount", typ+" on "+dir)
	n, err := transfer(r, err, len(b))
	return b[:n], err
}

// Unmount unmounts what is mounted on a folder: unmount(2). MNT_FORCE does so
// even if it is in use.
func (k *Kernel) Unmount(ctx context.Context, dir string, flags int) error {
	_, err := k.onPath(ctx, netbsd.SYS_UNMOUNT, "unmount", dir, uint64(flags))
	return err
}

// Statvfs describes the file system that a file is on: statvfs(2).
func (k *Kernel) Statvfs(ctx context.Context, path string) (netbsd.Statvfs, error) {
	buf := make([]byte, netbsd.SizeofStatvfs)
	if _, err := k.intoPath(ctx, netbsd.SYS_STATVFS1, "statvfs", path, buf, netbsd.MNT_WAIT); err != nil {
		return netbsd.Statvfs{}, err
	}
	return netbsd.ParseStatvfs(buf)
}

// Mounts lists what is mounted: getvfsstat(2). With MNT_WAIT each file system is
// asked; with MNT_NOWAIT what the kernel knows will do.
func (k *Kernel) Mounts(ctx context.Context, flags int) ([]netbsd.Statvfs, error) {
	for room := 8; ; room *= 2 {
		buf := make([]byte, room*netbsd.SizeofStatvfs)
		c := k.call(netbsd.SYS_GETVFSSTAT).Out(buf).Int(int64(len(buf))).Int(int64(flags))
		r, err := k.do(ctx, c, "getvfsstat", "")
		if err != nil {
			return nil, err
		}
		if r.R0 < uint64(room) {
			return netbsd.ParseStatvfses(buf[:int(r.R0)*netbsd.SizeofStatvfs])
		}
	}
}
