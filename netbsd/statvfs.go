package netbsd

// A Statvfs describes a mounted file system: statvfs(2), getvfsstat(2).
//
//	// sys/statvfs.h
//	struct statvfs {
//		unsigned long f_flag, f_bsize, f_frsize, f_iosize;
//		fsblkcnt_t f_blocks, f_bfree, f_bavail, f_bresvd;
//		fsfilcnt_t f_files, f_ffree, f_favail, f_fresvd;
//		uint64_t f_syncreads, f_syncwrites;
//		uint64_t f_asyncreads, f_asyncwrites;
//		fsid_t f_fsidx;
//		unsigned long f_fsid;
//		unsigned long f_namemax;
//		uid_t f_owner;
//		uint32_t f_spare[4];
//		char f_fstypename[_VFS_NAMELEN];
//		char f_mntonname[_VFS_MNAMELEN];
//		char f_mntfromname[_VFS_MNAMELEN];
//	};
type Statvfs struct {
	Flag   uint64 // MNT_*
	Bsize  uint64
	Frsize uint64 // the unit of Blocks, Bfree, Bavail and Bresvd
	Iosize uint64
	Blocks uint64
	Bfree  uint64
	Bavail uint64
	Bresvd uint64
	Files  uint64
	Ffree  uint64
	Favail uint64
	Fresvd uint64

	Syncreads   uint64
	Syncwrites  uint64
	Asyncreads  uint64
	Asyncwrites uint64

	Fsidx       [2]int32
	Fsid        uint64
	Namemax     uint64
	Owner       uint32
	Fstypename  string
	Mntonname   string
	Mntfromname string
}

// Sizes of the strings in a [Statvfs], from <sys/statvfs.h>.
const (
	VFS_NAMELEN  = 32
	VFS_MNAMELEN = 1024
)

// SizeofStatvfs is sizeof(struct statvfs).
const SizeofStatvfs = 2256

func (s *Statvfs) layout(v view) {
	for i, p := range []*uint64{
		&s.Flag, &s.Bsize, &s.Frsize, &s.Iosize,
		&s.Blocks, &s.Bfree, &s.Bavail, &s.Bresvd,
		&s.Files, &s.Ffree, &s.Favail, &s.Fresvd,
		&s.Syncreads, &s.Syncwrites, &s.Asyncreads, &s.Asyncwrites,
	} {
		v.u64(8*i, p)
	}
	v.i32(128, &s.Fsidx[0])
	v.i32(132, &s.Fsidx[1])
	v.u64(136, &s.Fsid)
	v.u64(144, &s.Namemax)
	v.u32(152, &s.Owner)
	v.str(172, VFS_NAMELEN, &s.Fstypename)
	v.str(204, VFS_MNAMELEN, &s.Mntonname)
	v.str(1228, VFS_MNAMELEN, &s.Mntfromname)
}

// Append appends s in C layout to b.
func (s Statvfs) Append(b []byte) []byte { return appendStruct(b, SizeofStatvfs, &s) }

// ParseStatvfs reads a struct statvfs from the front of b.
func ParseStatvfs(b []byte) (Statvfs, error) {
	return parseStruct[Statvfs](b, "struct statvfs", SizeofStatvfs)
}

// ParseStatvfss reads all structs in b, the answer to a getvfsstat(2).
func ParseStatvfss(b []byte) ([]Statvfs, error) {
	return parseArray[Statvfs](b, "struct statvfs", SizeofStatvfs)
}

// Flags of a mounted file system and of mount(2), from <sys/fstypes.h>.
const (
	MNT_RDONLY      = 0x00000001
	MNT_SYNCHRONOUS = 0x00000002
	MNT_NOEXEC      = 0x00000004
	MNT_NOSUID      = 0x00000008
	MNT_NODEV       = 0x00000010
	MNT_UNION       = 0x00000020
	MNT_ASYNC       = 0x00000040
	MNT_NOCOREDUMP  = 0x00008000
	MNT_RELATIME    = 0x00020000
	MNT_IGNORE      = 0x00100000
	MNT_DISCARD     = 0x00800000
	MNT_EXTATTR     = 0x01000000
	MNT_LOG         = 0x02000000
	MNT_NOATIME     = 0x04000000
	MNT_SYMPERM     = 0x20000000
	MNT_NODEVMTIME  = 0x40000000
	MNT_SOFTDEP     = 0x80000000

	MNT_EXRDONLY    = 0x00000080
	MNT_EXPORTED    = 0x00000100
	MNT_DEFEXPORTED = 0x00000200
	MNT_EXPORTANON  = 0x00000400
	MNT_EXKERB      = 0x00000800
	MNT_EXNORESPORT = 0x08000000
	MNT_EXPUBLIC    = 0x10000000

	MNT_LOCAL  = 0x00001000
	MNT_QUOTA  = 0x00002000
	MNT_ROOTFS = 0x00004000

	MNT_UPDATE  = 0x00010000 // change a mount
	MNT_RELOAD  = 0x00040000 // read the metadata anew
	MNT_FORCE   = 0x00080000 // unmount although in use
	MNT_GETARGS = 0x00400000 // say with which arguments it was mounted

	MNT_WAIT   = 1 // ask each file system
	MNT_NOWAIT = 2 // what is known will do
	MNT_LAZY   = 3

	// MNT_VISFLAGMASK has the flags which are shown.
	MNT_VISFLAGMASK = MNT_RDONLY | MNT_SYNCHRONOUS | MNT_NOEXEC | MNT_NOSUID | MNT_NODEV |
		MNT_UNION | MNT_ASYNC | MNT_NOCOREDUMP | MNT_RELATIME | MNT_IGNORE | MNT_DISCARD |
		MNT_EXTATTR | MNT_LOG | MNT_NOATIME | MNT_SYMPERM | MNT_NODEVMTIME | MNT_SOFTDEP |
		MNT_EXRDONLY | MNT_EXPORTED | MNT_DEFEXPORTED | MNT_EXPORTANON | MNT_EXKERB |
		MNT_EXNORESPORT | MNT_EXPUBLIC | MNT_LOCAL | MNT_QUOTA | MNT_ROOTFS
)
