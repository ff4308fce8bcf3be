package netbsd

// The structs of this file are the data of mount(2), by type of file system.
// File systems without data, such as kernfs and fdesc, take a null pointer.

// A TmpfsArgs mounts a tmpfs. Zero means no limit.
//
//	// fs/tmpfs/tmpfs_args.h
//	struct tmpfs_args {
//		int ta_version;
//		ino_t ta_nodes_max;
//		off_t ta_size_max;
//		uid_t ta_root_uid;
//		gid_t ta_root_gid;
//		mode_t ta_root_mode;
//	};
type TmpfsArgs struct {
	Version  int32
	NodesMax uint64
	SizeMax  int64
	RootUid  uint32
	RootGid  uint32
	RootMode uint32
}

// SizeofTmpfsArgs is sizeof(struct tmpfs_args).
const SizeofTmpfsArgs = 40

func (t *TmpfsArgs) layout(v view) {
	v.i32(0, &t.Version)
	v.u64(8, &t.NodesMax)
	v.i64(16, &t.SizeMax)
	v.u32(24, &t.RootUid)
	v.u32(28, &t.RootGid)
	v.u32(32, &t.RootMode)
}

// Append appends t in C layout to b.
func (t TmpfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofTmpfsArgs, &t) }

// ParseTmpfsArgs reads a struct tmpfs_args from the front of b.
func ParseTmpfsArgs(b []byte) (TmpfsArgs, error) {
	return parseStruct[TmpfsArgs](b, "struct tmpfs_args", SizeofTmpfsArgs)
}

// TMPFS_ARGS_VERSION is the Version of a TmpfsArgs.
const TMPFS_ARGS_VERSION = 1

// A UfsArgs mounts an ffs, an ext2fs or an lfs. Fspec is the path of the
// device.
//
//	// ufs/ufs/ufsmount.h
//	struct ufs_args {
//		char *fspec;
//	};
type UfsArgs struct {
	Fspec uint64
}

// SizeofUfsArgs is sizeof(struct ufs_args).
const SizeofUfsArgs = 8

func (u *UfsArgs) layout(v view) {
	v.u64(0, &u.Fspec)
}

// Append appends u in C layout to b.
func (u UfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofUfsArgs, &u) }

// ParseUfsArgs reads a struct ufs_args from the front of b.
func ParseUfsArgs(b []byte) (UfsArgs, error) {
	return parseStruct[UfsArgs](b, "struct ufs_args", SizeofUfsArgs)
}

// An IsoArgs mounts a cd9660. Fspec is the path of the device.
//
//	// fs/cd9660/cd9660_mount.h
//	struct iso_args {
//		const char *fspec;
//		struct export_args30 _pad1;
//		int flags;
//	};
type IsoArgs struct {
	Fspec uint64
	Flags int32
}

// SizeofIsoArgs is sizeof(struct iso_args).
const SizeofIsoArgs = 144

func (i *IsoArgs) layout(v view) {
	v.u64(0, &i.Fspec)
	v.i32(136, &i.Flags)
}

// Append appends i in C layout to b.
func (i IsoArgs) Append(b []byte) []byte { return appendStruct(b, SizeofIsoArgs, &i) }

// ParseIsoArgs reads a struct iso_args from the front of b.
func ParseIsoArgs(b []byte) (IsoArgs, error) {
	return parseStruct[IsoArgs](b, "struct iso_args", SizeofIsoArgs)
}

// Flags of an IsoArgs, from <fs/cd9660/cd9660_mount.h>.
const (
	ISOFSMNT_NORRIP      = 0x1
	ISOFSMNT_GENS        = 0x2
	ISOFSMNT_EXTATT      = 0x4
	ISOFSMNT_NOJOLIET    = 0x8
	ISOFSMNT_NOCASETRANS = 0x10
	ISOFSMNT_RRCASEINS   = 0x20
)

// A MsdosfsArgs mounts an msdos. Fspec is the path of the device.
//
//	// fs/msdosfs/msdosfsmount.h
//	struct msdosfs_args {
//		char *fspec;
//		struct export_args30 _pad1;
//		uid_t uid;
//		gid_t gid;
//		mode_t mask;
//		int flags;
//		int version;
//		mode_t dirmask;
//		int gmtoff;
//	};
type MsdosfsArgs struct {
	Fspec   uint64
	Uid     uint32
	Gid     uint32
	Mask    uint32
	Flags   int32
	Version int32
	Dirmask uint32
	Gmtoff  int32
}

// SizeofMsdosfsArgs is sizeof(struct msdosfs_args).
const SizeofMsdosfsArgs = 168

func (m *MsdosfsArgs) layout(v view) {
	v.u64(0, &m.Fspec)
	v.u32(136, &m.Uid)
	v.u32(140, &m.Gid)
	v.u32(144, &m.Mask)
	v.i32(148, &m.Flags)
	v.i32(152, &m.Version)
	v.u32(156, &m.Dirmask)
	v.i32(160, &m.Gmtoff)
}

// Append appends m in C layout to b.
func (m MsdosfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofMsdosfsArgs, &m) }

// ParseMsdosfsArgs reads a struct msdosfs_args from the front of b.
func ParseMsdosfsArgs(b []byte) (MsdosfsArgs, error) {
	return parseStruct[MsdosfsArgs](b, "struct msdosfs_args", SizeofMsdosfsArgs)
}

// Version and flags of a MsdosfsArgs, from <fs/msdosfs/msdosfsmount.h>.
const (
	MSDOSFSMNT_VERSION   = 3
	MSDOSFSMNT_SHORTNAME = 1
	MSDOSFSMNT_LONGNAME  = 2
	MSDOSFSMNT_NOWIN95   = 4
	MSDOSFSMNT_GEMDOSFS  = 8
	MSDOSFSMNT_VERSIONED = 16
	MSDOSFSMNT_UTF8      = 32
)

// An NfsArgs mounts an nfs. Addr and Fh are those of the server.
//
//	// nfs/nfsmount.h
//	struct nfs_args {
//		int version;
//		struct sockaddr *addr;
//		int addrlen;
//		int sotype;
//		int proto;
//		u_char *fh;
//		int fhsize;
//		int flags;
//		int wsize;
//		int rsize;
//		int readdirsize;
//		int timeo;
//		int retrans;
//		int maxgrouplist;
//		int readahead;
//		int leaseterm;
//		int deadthresh;
//		char *hostname;
//	};
type NfsArgs struct {
	Version      int32
	Addr         uint64
	Addrlen      int32
	Sotype       int32
	Proto        int32
	Fh           uint64
	Fhsize       int32
	Flags        int32
	Wsize        int32
	Rsize        int32
	Readdirsize  int32
	Timeo        int32
	Retrans      int32
	Maxgrouplist int32
	Readahead    int32
	Leaseterm    int32
	Deadthresh   int32
	Hostname     uint64
}

// SizeofNfsArgs is sizeof(struct nfs_args).
const SizeofNfsArgs = 96

func (n *NfsArgs) layout(v view) {
	v.i32(0, &n.Version)
	v.u64(8, &n.Addr)
	v.i32(16, &n.Addrlen)
	v.i32(20, &n.Sotype)
	v.i32(24, &n.Proto)
	v.u64(32, &n.Fh)
	v.i32(40, &n.Fhsize)
	v.i32(44, &n.Flags)
	v.i32(48, &n.Wsize)
	v.i32(52, &n.Rsize)
	v.i32(56, &n.Readdirsize)
	v.i32(60, &n.Timeo)
	v.i32(64, &n.Retrans)
	v.i32(68, &n.Maxgrouplist)
	v.i32(72, &n.Readahead)
	v.i32(76, &n.Leaseterm)
	v.i32(80, &n.Deadthresh)
	v.u64(88, &n.Hostname)
}

// Append appends n in C layout to b.
func (n NfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofNfsArgs, &n) }

// ParseNfsArgs reads a struct nfs_args from the front of b.
func ParseNfsArgs(b []byte) (NfsArgs, error) {
	return parseStruct[NfsArgs](b, "struct nfs_args", SizeofNfsArgs)
}

// Version and flags of an NfsArgs, from <nfs/nfsmount.h>.
const (
	NFS_ARGSVERSION    = 3
	NFSMNT_SOFT        = 0x1
	NFSMNT_WSIZE       = 0x2
	NFSMNT_RSIZE       = 0x4
	NFSMNT_TIMEO       = 0x8
	NFSMNT_RETRANS     = 0x10
	NFSMNT_MAXGRPS     = 0x20
	NFSMNT_INT         = 0x40
	NFSMNT_NOCONN      = 0x80
	NFSMNT_NQNFS       = 0x100
	NFSMNT_NFSV3       = 0x200
	NFSMNT_KERB        = 0x400
	NFSMNT_DUMBTIMR    = 0x800
	NFSMNT_LEASETERM   = 0x1000
	NFSMNT_READAHEAD   = 0x2000
	NFSMNT_DEADTHRESH  = 0x4000
	NFSMNT_RESVPORT    = 0x8000
	NFSMNT_RDIRPLUS    = 0x10000
	NFSMNT_READDIRSIZE = 0x20000
	NFSMNT_XLATECOOKIE = 0x40000
	NFSMNT_NOAC        = 0x80000
)

// A NullArgs mounts a null, umap or overlay. Target is the path of what lies
// below.
//
//	// miscfs/nullfs/null.h
//	struct null_args { struct layer_args la; };
//	// miscfs/genfs/layer.h
//	struct layer_args {
//		char *target;
//		struct export_args30 _pad1;
//	};
type NullArgs struct {
	Target uint64
}

// SizeofNullArgs is sizeof(struct null_args).
const SizeofNullArgs = 136

func (n *NullArgs) layout(v view) {
	v.u64(0, &n.Target)
}

// Append appends n in C layout to b.
func (n NullArgs) Append(b []byte) []byte { return appendStruct(b, SizeofNullArgs, &n) }

// ParseNullArgs reads a struct null_args from the front of b.
func ParseNullArgs(b []byte) (NullArgs, error) {
	return parseStruct[NullArgs](b, "struct null_args", SizeofNullArgs)
}

// A UnionArgs mounts a union. Target is the path of the other directory.
//
//	// fs/union/union.h
//	struct union_args {
//		char *target;
//		int mntflags;
//	};
type UnionArgs struct {
	Target   uint64
	Mntflags int32
}

// SizeofUnionArgs is sizeof(struct union_args).
const SizeofUnionArgs = 16

func (u *UnionArgs) layout(v view) {
	v.u64(0, &u.Target)
	v.i32(8, &u.Mntflags)
}

// Append appends u in C layout to b.
func (u UnionArgs) Append(b []byte) []byte { return appendStruct(b, SizeofUnionArgs, &u) }

// ParseUnionArgs reads a struct union_args from the front of b.
func ParseUnionArgs(b []byte) (UnionArgs, error) {
	return parseStruct[UnionArgs](b, "struct union_args", SizeofUnionArgs)
}

// Ways of a UnionArgs, from <fs/union/union.h>.
const (
	UNMNT_ABOVE   = 0x1
	UNMNT_BELOW   = 0x2
	UNMNT_REPLACE = 0x3
	UNMNT_OPMASK  = 0x3
)

// A PtyfsArgs mounts a ptyfs.
//
//	// fs/ptyfs/ptyfs.h
//	struct ptyfs_args {
//		int version;
//		gid_t gid;
//		mode_t mode;
//		int flags;
//	};
type PtyfsArgs struct {
	Version int32
	Gid     uint32
	Mode    uint32
	Flags   int32
}

// SizeofPtyfsArgs is sizeof(struct ptyfs_args).
const SizeofPtyfsArgs = 16

func (p *PtyfsArgs) layout(v view) {
	v.i32(0, &p.Version)
	v.u32(4, &p.Gid)
	v.u32(8, &p.Mode)
	v.i32(12, &p.Flags)
}

// Append appends p in C layout to b.
func (p PtyfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofPtyfsArgs, &p) }

// ParsePtyfsArgs reads a struct ptyfs_args from the front of b.
func ParsePtyfsArgs(b []byte) (PtyfsArgs, error) {
	return parseStruct[PtyfsArgs](b, "struct ptyfs_args", SizeofPtyfsArgs)
}

// PTYFS_ARGSVERSION is the Version of a PtyfsArgs.
const PTYFS_ARGSVERSION = 2

// A ProcfsArgs mounts a procfs.
//
//	// miscfs/procfs/procfs.h
//	struct procfs_args {
//		int version;
//		int flags;
//	};
type ProcfsArgs struct {
	Version int32
	Flags   int32
}

// SizeofProcfsArgs is sizeof(struct procfs_args).
const SizeofProcfsArgs = 8

func (p *ProcfsArgs) layout(v view) {
	v.i32(0, &p.Version)
	v.i32(4, &p.Flags)
}

// Append appends p in C layout to b.
func (p ProcfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofProcfsArgs, &p) }

// ParseProcfsArgs reads a struct procfs_args from the front of b.
func ParseProcfsArgs(b []byte) (ProcfsArgs, error) {
	return parseStruct[ProcfsArgs](b, "struct procfs_args", SizeofProcfsArgs)
}

// Version and flags of a ProcfsArgs, from <miscfs/procfs/procfs.h>.
const (
	PROCFS_ARGSVERSION    = 1
	PROCFSMNT_LINUXCOMPAT = 0x1
)

// An MfsArgs mounts an mfs on memory of the caller, at Base.
//
//	// ufs/ufs/ufsmount.h
//	struct mfs_args {
//		char *fspec;
//		struct export_args30 _pad1;
//		void *base;
//		u_long size;
//	};
type MfsArgs struct {
	Fspec uint64
	Base  uint64
	Size  uint64
}

// SizeofMfsArgs is sizeof(struct mfs_args).
const SizeofMfsArgs = 152

func (m *MfsArgs) layout(v view) {
	v.u64(0, &m.Fspec)
	v.u64(136, &m.Base)
	v.u64(144, &m.Size)
}

// Append appends m in C layout to b.
func (m MfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofMfsArgs, &m) }

// ParseMfsArgs reads a struct mfs_args from the front of b.
func ParseMfsArgs(b []byte) (MfsArgs, error) {
	return parseStruct[MfsArgs](b, "struct mfs_args", SizeofMfsArgs)
}
