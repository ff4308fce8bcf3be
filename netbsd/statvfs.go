package netbsd

// A Statvfs is a mounted file system, as statvfs1(2), fstatvfs1(2) and
// getvfsstat(2) describe it. Sizes in blocks are in units of Frsize.
//
//	// sys/statvfs.h
//	struct statvfs {
//		unsigned long f_flag;
//		unsigned long f_bsize;
//		unsigned long f_frsize;
//		unsigned long f_iosize;
//		fsblkcnt_t f_blocks;
//		fsblkcnt_t f_bfree;
//		fsblkcnt_t f_bavail;
//		fsblkcnt_t f_bresvd;
//		fsfilcnt_t f_files;
//		fsfilcnt_t f_ffree;
//		fsfilcnt_t f_favail;
//		fsfilcnt_t f_fresvd;
//		uint64_t f_syncreads;
//		uint64_t f_syncwrites;
//		uint64_t f_asyncreads;
//		uint64_t f_asyncwrites;
//		fsid_t f_fsidx;
//		unsigned long f_fsid;
//		unsigned long f_namemax;
//		uid_t f_owner;
//		uint32_t f_spare[4];
//		char f_fstypename[32];
//		char f_mntonname[1024];
//		char f_mntfromname[1024];
//	};
type Statvfs struct {
	Flag        uint64
	Bsize       uint64
	Frsize      uint64
	Iosize      uint64
	Blocks      uint64
	Bfree       uint64
	Bavail      uint64
	Bresvd      uint64
	Files       uint64
	Ffree       uint64
	Favail      uint64
	Fresvd      uint64
	Syncreads   uint64
	Syncwrites  uint64
	Asyncreads  uint64
	Asyncwrites uint64
	Fsidx       Fsid
	Fsid        uint64
	Namemax     uint64
	Owner       uint32
	Fstypename  string
	Mntonname   string
	Mntfromname string
}

// SizeofStatvfs is sizeof(struct statvfs).
const SizeofStatvfs = 2256

func (s *Statvfs) layout(v view) {
	v.u64(0, &s.Flag)
	v.u64(8, &s.Bsize)
	v.u64(16, &s.Frsize)
	v.u64(24, &s.Iosize)
	v.u64(32, &s.Blocks)
	v.u64(40, &s.Bfree)
	v.u64(48, &s.Bavail)
	v.u64(56, &s.Bresvd)
	v.u64(64, &s.Files)
	v.u64(72, &s.Ffree)
	v.u64(80, &s.Favail)
	v.u64(88, &s.Fresvd)
	v.u64(96, &s.Syncreads)
	v.u64(104, &s.Syncwrites)
	v.u64(112, &s.Asyncreads)
	v.u64(120, &s.Asyncwrites)
	s.Fsidx.layout(v.at(128, SizeofFsid))
	v.u64(136, &s.Fsid)
	v.u64(144, &s.Namemax)
	v.u32(152, &s.Owner)
	v.str(172, 32, &s.Fstypename)
	v.str(204, 1024, &s.Mntonname)
	v.str(1228, 1024, &s.Mntfromname)
}

// Append appends s in C layout to b.
func (s Statvfs) Append(b []byte) []byte { return appendStruct(b, SizeofStatvfs, &s) }

// ParseStatvfs reads a struct statvfs from the front of b.
func ParseStatvfs(b []byte) (Statvfs, error) {
	return parseStruct[Statvfs](b, "struct statvfs", SizeofStatvfs)
}

// ParseStatvfses reads all file systems in b, the answer of getvfsstat(2).
func ParseStatvfses(b []byte) ([]Statvfs, error) {
	return parseArray[Statvfs](b, "struct statvfs", SizeofStatvfs)
}

// An Fsid is the number of a mounted file system.
//
//	// sys/types.h
//	typedef struct {
//		int32_t __fsid_val[2];
//	} fsid_t;
type Fsid struct {
	Val [2]int32
}

// SizeofFsid is sizeof(fsid_t).
const SizeofFsid = 8

func (f *Fsid) layout(v view) {
	for j := range f.Val {
		v.i32(0+4*j, &f.Val[j])
	}
}

// Append appends f in C layout to b.
func (f Fsid) Append(b []byte) []byte { return appendStruct(b, SizeofFsid, &f) }

// ParseFsid reads a fsid_t from the front of b.
func ParseFsid(b []byte) (Fsid, error) { return parseStruct[Fsid](b, "fsid_t", SizeofFsid) }

// Flags of statvfs1(2) and getvfsstat(2), from <sys/statvfs.h>. ST_NOWAIT does
// not ask the file system but takes what is known.
const (
	ST_WAIT   = 1
	ST_NOWAIT = 2
)

// Limits of names in a Statvfs with their NUL, from <sys/statvfs.h>.
const (
	VFS_NAMELEN  = 32
	VFS_MNAMELEN = 1024
)
