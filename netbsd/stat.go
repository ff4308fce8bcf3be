package netbsd

import "io/fs"

// A Stat is what stat(2), fstat(2) and lstat(2) say of a file: system calls
// [SYS___STAT50], [SYS___FSTAT50] and [SYS___LSTAT50].
//
//	// sys/stat.h
//	struct stat {
//		dev_t st_dev;
//		mode_t st_mode;
//		ino_t st_ino;
//		nlink_t st_nlink;
//		uid_t st_uid;
//		gid_t st_gid;
//		dev_t st_rdev;
//		struct timespec st_atim;
//		struct timespec st_mtim;
//		struct timespec st_ctim;
//		struct timespec st_birthtim;
//		off_t st_size;
//		blkcnt_t st_blocks;
//		blksize_t st_blksize;
//		uint32_t st_flags;
//		uint32_t st_gen;
//		uint32_t st_spare[2];
//	};
type Stat struct {
	Dev      uint64
	Mode     uint32
	Ino      uint64
	Nlink    uint32
	Uid      uint32
	Gid      uint32
	Rdev     uint64
	Atim     Timespec
	Mtim     Timespec
	Ctim     Timespec
	Birthtim Timespec
	Size     int64
	Blocks   int64
	Blksize  int32
	Flags    uint32
	Gen      uint32
}

// SizeofStat is sizeof(struct stat).
const SizeofStat = 152

func (s *Stat) layout(v view) {
	v.u64(0, &s.Dev)
	v.u32(8, &s.Mode)
	v.u64(16, &s.Ino)
	v.u32(24, &s.Nlink)
	v.u32(28, &s.Uid)
	v.u32(32, &s.Gid)
	v.u64(40, &s.Rdev)
	s.Atim.layout(v.at(48, SizeofTimespec))
	s.Mtim.layout(v.at(64, SizeofTimespec))
	s.Ctim.layout(v.at(80, SizeofTimespec))
	s.Birthtim.layout(v.at(96, SizeofTimespec))
	v.i64(112, &s.Size)
	v.i64(120, &s.Blocks)
	v.i32(128, &s.Blksize)
	v.u32(132, &s.Flags)
	v.u32(136, &s.Gen)
}

// Append appends s in C layout to b.
func (s Stat) Append(b []byte) []byte { return appendStruct(b, SizeofStat, &s) }

// ParseStat reads a struct stat from the front of b.
func ParseStat(b []byte) (Stat, error) { return parseStruct[Stat](b, "struct stat", SizeofStat) }

// FileMode is the mode as Go has it.
func (s Stat) FileMode() fs.FileMode { return FileMode(s.Mode) }

// File types and permissions, from <sys/stat.h>.
const (
	S_ISUID  = 0o4000
	S_ISGID  = 0o2000
	S_ISTXT  = 0o1000
	S_IRWXU  = 0o700
	S_IRUSR  = 0o400
	S_IWUSR  = 0o200
	S_IXUSR  = 0o100
	S_IREAD  = 0o400
	S_IWRITE = 0o200
	S_IEXEC  = 0o100
	S_IRWXG  = 0o70
	S_IRGRP  = 0o40
	S_IWGRP  = 0o20
	S_IXGRP  = 0o10
	S_IRWXO  = 0o7
	S_IROTH  = 0o4
	S_IWOTH  = 0o2
	S_IXOTH  = 0o1
	S_IFMT   = 0o170000
	S_IFIFO  = 0o10000
	S_IFCHR  = 0o20000
	S_IFDIR  = 0o40000
	S_IFBLK  = 0o60000
	S_IFREG  = 0o100000
	S_IFLNK  = 0o120000
	S_ISVTX  = 0o1000
	S_IFSOCK = 0o140000
	S_IFWHT  = 0o160000

	ACCESSPERMS = 0o777  // permissions of user, group and others
	ALLPERMS    = 0o7777 // and set-user-id, set-group-id and sticky
	S_BLKSIZE   = 512    // unit of st_blocks
)

// File flags of chflags(2), from <sys/stat.h>.
const (
	UF_SETTABLE  = 0xffff
	UF_NODUMP    = 0x1
	UF_IMMUTABLE = 0x2
	UF_APPEND    = 0x4
	UF_OPAQUE    = 0x8
	SF_SETTABLE  = 0xffff0000
	SF_ARCHIVED  = 0x10000
	SF_IMMUTABLE = 0x20000
	SF_APPEND    = 0x40000
	SF_SNAPSHOT  = 0x200000
	SF_LOG       = 0x400000
	SF_SNAPINVAL = 0x800000
)

// Times for futimens(2) and utimensat(2) in the place of nanoseconds, from
// <sys/stat.h>.
const (
	UTIME_NOW  = 0x3fffffff
	UTIME_OMIT = 0x3ffffffe
)

// FileMode translates the mode bits of a file, S_I*, to Go.
func FileMode(mode uint32) fs.FileMode {
	m := fs.FileMode(mode & ACCESSPERMS)
	switch mode & S_IFMT {
	case S_IFREG:
	case S_IFDIR:
		m |= fs.ModeDir
	case S_IFLNK:
		m |= fs.ModeSymlink
	case S_IFIFO:
		m |= fs.ModeNamedPipe
	case S_IFSOCK:
		m |= fs.ModeSocket
	case S_IFBLK:
		m |= fs.ModeDevice
	case S_IFCHR:
		m |= fs.ModeDevice | fs.ModeCharDevice
	default:
		m |= fs.ModeIrregular
	}
	if mode&S_ISUID != 0 {
		m |= fs.ModeSetuid
	}
	if mode&S_ISGID != 0 {
		m |= fs.ModeSetgid
	}
	if mode&S_ISTXT != 0 {
		m |= fs.ModeSticky
	}
	return m
}

// ModeOf translates a mode of Go to the mode bits of NetBSD, S_I*.
func ModeOf(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	switch {
	case m&fs.ModeDir != 0:
		mode |= S_IFDIR
	case m&fs.ModeSymlink != 0:
		mode |= S_IFLNK
	case m&fs.ModeNamedPipe != 0:
		mode |= S_IFIFO
	case m&fs.ModeSocket != 0:
		mode |= S_IFSOCK
	case m&fs.ModeCharDevice != 0:
		mode |= S_IFCHR
	case m&fs.ModeDevice != 0:
		mode |= S_IFBLK
	case m&fs.ModeIrregular == 0:
		mode |= S_IFREG
	}
	if m&fs.ModeSetuid != 0 {
		mode |= S_ISUID
	}
	if m&fs.ModeSetgid != 0 {
		mode |= S_ISGID
	}
	if m&fs.ModeSticky != 0 {
		mode |= S_ISTXT
	}
	return mode
}

// Makedev composes a device number.
//
//	// #define makedev(x,y) ((dev_t)((((x) << 8) & 0x000fff00U) | \
//	//     (((y) << 12) & 0xfff00000U) | ((y) & 0x000000ffU)))
func Makedev(major, minor uint32) uint64 {
	return uint64(major<<8&0x000fff00 | minor<<12&0xfff00000 | minor&0x000000ff)
}

// Major is the driver of a device number.
//
//	// #define major(x) ((devmajor_t)(((uint32_t)(x) & 0x000fff00) >> 8))
func Major(dev uint64) uint32 { return uint32(dev) & 0x000fff00 >> 8 }

// Minor is the unit of a device number.
//
//	// #define minor(x) ((devminor_t)((((uint32_t)(x) & 0xfff00000) >> 12) | \
//	//     (((uint32_t)(x) & 0x000000ff) >> 0)))
func Minor(dev uint64) uint32 { return uint32(dev)&0xfff00000>>12 | uint32(dev)&0xff }
