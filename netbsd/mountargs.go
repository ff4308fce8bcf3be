package netbsd

// Arguments of mount(2) for each type of file system. A pointer is an address in
// the memory of whoever calls.

// Versions of argument structs.
const (
	TMPFS_ARGS_VERSION = 1
	PTYFS_ARGSVERSION  = 2
	MSDOSFSMNT_VERSION = 3
	NFS_ARGSVERSION    = 3
)

// A TmpfsArgs are the arguments for mounting a tmpfs.
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

func (a *TmpfsArgs) layout(v view) {
	v.i32(0, &a.Version)
	v.u64(8, &a.NodesMax)
	v.i64(16, &a.SizeMax)
	v.u32(24, &a.RootUid)
	v.u32(28, &a.RootGid)
	v.u32(32, &a.RootMode)
}

// Append appends a in C layout to b.
func (a TmpfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofTmpfsArgs, &a) }

// ParseTmpfsArgs reads a struct tmpfs_args from the front of b.
func ParseTmpfsArgs(b []byte) (TmpfsArgs, error) {
	return parseStruct[TmpfsArgs](b, "struct tmpfs_args", SizeofTmpfsArgs)
}

// A UfsArgs are the arguments for mounting an ffs, an lfs or an ext2fs.
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

func (a *UfsArgs) layout(v view) { v.u64(0, &a.Fspec) }

// Append appends a in C layout to b.
func (a UfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofUfsArgs, &a) }

// ParseUfsArgs reads a struct ufs_args from the front of b.
func ParseUfsArgs(b []byte) (UfsArgs, error) {
	return parseStruct[UfsArgs](b, "struct ufs_args", SizeofUfsArgs)
}

// A MsdosfsArgs are the arguments for mounting an msdos file system.
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
	Flags   int32 // MSDOSFSMNT_*
	Version int32
	Dirmask uint32
	Gmtoff  int32 // seconds east of UTC
}

// sizeofExportArgs30 is sizeof(struct export_args30).
const sizeofExportArgs30 = 128

// SizeofMsdosfsArgs is sizeof(struct msdosfs_args).
const SizeofMsdosfsArgs = 168

func (a *MsdosfsArgs) layout(v view) {
	v.u64(0, &a.Fspec)
	v.u32(136, &a.Uid)
	v.u32(140, &a.Gid)
	v.u32(144, &a.Mask)
	v.i32(148, &a.Flags)
	v.i32(152, &a.Version)
	v.u32(156, &a.Dirmask)
	v.i32(160, &a.Gmtoff)
}

// Append appends a in C layout to b.
func (a MsdosfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofMsdosfsArgs, &a) }

// ParseMsdosfsArgs reads a struct msdosfs_args from the front of b.
func ParseMsdosfsArgs(b []byte) (MsdosfsArgs, error) {
	return parseStruct[MsdosfsArgs](b, "struct msdosfs_args", SizeofMsdosfsArgs)
}

// Flags of a [MsdosfsArgs], from <msdosfs/msdosfsmount.h>.
const (
	MSDOSFSMNT_SHORTNAME = 1
	MSDOSFSMNT_LONGNAME  = 2
	MSDOSFSMNT_NOWIN95   = 4
	MSDOSFSMNT_GEMDOSFS  = 8
	MSDOSFSMNT_VERSIONED = 16
	MSDOSFSMNT_UTF8      = 32
)

// An IsoArgs are the arguments for mounting a cd9660.
//
//	// fs/cd9660/cd9660_mount.h
//	struct iso_args {
//		const char *fspec;
//		struct export_args30 _pad1;
//		int flags;
//	};
type IsoArgs struct {
	Fspec uint64
	Flags int32 // ISOFSMNT_*
}

// SizeofIsoArgs is sizeof(struct iso_args).
const SizeofIsoArgs = 144

func (a *IsoArgs) layout(v view) {
	v.u64(0, &a.Fspec)
	v.i32(8+sizeofExportArgs30, &a.Flags)
}

// Append appends a in C layout to b.
func (a IsoArgs) Append(b []byte) []byte { return appendStruct(b, SizeofIsoArgs, &a) }

// ParseIsoArgs reads a struct iso_args from the front of b.
func ParseIsoArgs(b []byte) (IsoArgs, error) {
	return parseStruct[IsoArgs](b, "struct iso_args", SizeofIsoArgs)
}

// Flags of an [IsoArgs], from <isofs/cd9660/cd9660_mount.h>.
const (
	ISOFSMNT_NORRIP      = 0x1
	ISOFSMNT_GENS        = 0x2
	ISOFSMNT_EXTATT      = 0x4
	ISOFSMNT_NOJOLIET    = 0x8
	ISOFSMNT_NOCASETRANS = 0x10
	ISOFSMNT_RRCASEINS   = 0x20
)

// A LayerArgs are the arguments for mounting a file system which shows another
// folder: struct null_args, struct overlay_args.
//
//	// miscfs/genfs/layer.h
//	struct layer_args {
//		char *target;
//		struct export_args30 _pad1;
//	};
type LayerArgs struct {
	Target uint64
}

// SizeofLayerArgs is sizeof(struct layer_args).
const SizeofLayerArgs = 8 + sizeofExportArgs30

func (a *LayerArgs) layout(v view) { v.u64(0, &a.Target) }

// Append appends a in C layout to b.
func (a LayerArgs) Append(b []byte) []byte { return appendStruct(b, SizeofLayerArgs, &a) }

// ParseLayerArgs reads a struct layer_args from the front of b.
func ParseLayerArgs(b []byte) (LayerArgs, error) {
	return parseStruct[LayerArgs](b, "struct layer_args", SizeofLayerArgs)
}

// A UnionArgs are the arguments for mounting a union.
//
//	// fs/union/union.h
//	struct union_args {
//		char *target;
//		int mntflags;
//	};
type UnionArgs struct {
	Target   uint64
	Mntflags int32 // UNMNT_*
}

// SizeofUnionArgs is sizeof(struct union_args).
const SizeofUnionArgs = 16

func (a *UnionArgs) layout(v view) {
	v.u64(0, &a.Target)
	v.i32(8, &a.Mntflags)
}

// Append appends a in C layout to b.
func (a UnionArgs) Append(b []byte) []byte { return appendStruct(b, SizeofUnionArgs, &a) }

// ParseUnionArgs reads a struct union_args from the front of b.
func ParseUnionArgs(b []byte) (UnionArgs, error) {
	return parseStruct[UnionArgs](b, "struct union_args", SizeofUnionArgs)
}

// Flags of a [UnionArgs], from <fs/union/union.h>.
const (
	UNMNT_ABOVE   = 1
	UNMNT_BELOW   = 2
	UNMNT_REPLACE = 3
)

// A PtyfsArgs are the arguments for mounting a ptyfs.
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

func (a *PtyfsArgs) layout(v view) {
	v.i32(0, &a.Version)
	v.u32(4, &a.Gid)
	v.u32(8, &a.Mode)
	v.i32(12, &a.Flags)
}

// Append appends a in C layout to b.
func (a PtyfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofPtyfsArgs, &a) }

// ParsePtyfsArgs reads a struct ptyfs_args from the front of b.
func ParsePtyfsArgs(b []byte) (PtyfsArgs, error) {
	return parseStruct[PtyfsArgs](b, "struct ptyfs_args", SizeofPtyfsArgs)
}

// A NfsArgs are the arguments for mounting an nfs.
//
//	// nfs/nfsmount.h
//	struct nfs_args {
//		int version;
//		struct sockaddr *addr;
//		int addrlen, sotype, proto;
//		u_char *fh;
//		int fhsize, flags, wsize, rsize, readdirsize, timeo, retrans;
//		int maxgrouplist, readahead, leaseterm, deadthresh;
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
	Flags        int32 // NFSMNT_*
	Wsize        int32
	Rsize        int32
	Readdirsize  int32
	Timeo        int32 // tenths of a second
	Retrans      int32
	Maxgrouplist int32
	Readahead    int32
	Leaseterm    int32
	Deadthresh   int32
	Hostname     uint64
}

// SizeofNfsArgs is sizeof(struct nfs_args).
const SizeofNfsArgs = 96

func (a *NfsArgs) layout(v view) {
	v.i32(0, &a.Version)
	v.u64(8, &a.Addr)
	v.i32(16, &a.Addrlen)
	v.i32(20, &a.Sotype)
	v.i32(24, &a.Proto)
	v.u64(32, &a.Fh)
	for i, p := range []*int32{
		&a.Fhsize, &a.Flags, &a.Wsize, &a.Rsize, &a.Readdirsize, &a.Timeo, &a.Retrans,
		&a.Maxgrouplist, &a.Readahead, &a.Leaseterm, &a.Deadthresh,
	} {
		v.i32(40+4*i, p)
	}
	v.u64(88, &a.Hostname)
}

// Append appends a in C layout to b.
func (a NfsArgs) Append(b []byte) []byte { return appendStruct(b, SizeofNfsArgs, &a) }

// ParseNfsArgs reads a struct nfs_args from the front of b.
func ParseNfsArgs(b []byte) (NfsArgs, error) {
	return parseStruct[NfsArgs](b, "struct nfs_args", SizeofNfsArgs)
}

// Flags of a [NfsArgs], from <nfs/nfsmount.h>.
const (
	NFSMNT_SOFT        = 0x1
	NFSMNT_WSIZE       = 0x2
	NFSMNT_RSIZE       = 0x4
	NFSMNT_TIMEO       = 0x8
	NFSMNT_RETRANS     = 0x10
	NFSMNT_MAXGRPS     = 0x20
	NFSMNT_INT         = 0x40
	NFSMNT_NOCONN      = 0x80
	NFSMNT_NFSV3       = 0x200
	NFSMNT_DUMBTIMR    = 0x800
	NFSMNT_READAHEAD   = 0x2000
	NFSMNT_DEADTHRESH  = 0x4000
	NFSMNT_RESVPORT    = 0x8000
	NFSMNT_RDIRPLUS    = 0x10000
	NFSMNT_READDIRSIZE = 0x20000
	NFSMNT_XLATECOOKIE = 0x40000
	NFSMNT_NOAC        = 0x80000
)
