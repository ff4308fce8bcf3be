package netbsd

// Flags of mount(2), unmount(2) and of a [Statvfs], from <sys/fstypes.h>.
const (
	MNT_RDONLY      = 0x1
	MNT_SYNCHRONOUS = 0x2
	MNT_NOEXEC      = 0x4
	MNT_NOSUID      = 0x8
	MNT_NODEV       = 0x10
	MNT_UNION       = 0x20
	MNT_ASYNC       = 0x40
	MNT_NOCOREDUMP  = 0x8000
	MNT_RELATIME    = 0x20000
	MNT_IGNORE      = 0x100000
	MNT_DISCARD     = 0x800000
	MNT_EXTATTR     = 0x1000000
	MNT_LOG         = 0x2000000
	MNT_NOATIME     = 0x4000000
	MNT_SYMPERM     = 0x20000000
	MNT_NODEVMTIME  = 0x40000000
	MNT_SOFTDEP     = 0x80000000
	MNT_BASIC_FLAGS = 0xe782807f
	MNT_EXRDONLY    = 0x80
	MNT_EXPORTED    = 0x100
	MNT_DEFEXPORTED = 0x200
	MNT_EXPORTANON  = 0x400
	MNT_EXKERB      = 0x800
	MNT_EXNORESPORT = 0x8000000
	MNT_EXPUBLIC    = 0x10000000
	MNT_LOCAL       = 0x1000
	MNT_QUOTA       = 0x2000
	MNT_ROOTFS      = 0x4000
	MNT_VISFLAGMASK = 0xff90ffff
	MNT_UPDATE      = 0x10000
	MNT_RELOAD      = 0x40000
	MNT_FORCE       = 0x80000
	MNT_GETARGS     = 0x400000
	MNT_OP_FLAGS    = 0x4d0000
)

// How to wait for transfers, from <sys/fstypes.h>.
const (
	MNT_WAIT   = 1
	MNT_NOWAIT = 2
	MNT_LAZY   = 3
)

// Types of file systems, from <sys/mount.h>.
const (
	MOUNT_FFS    = "ffs"
	MOUNT_NFS    = "nfs"
	MOUNT_MFS    = "mfs"
	MOUNT_MSDOS  = "msdos"
	MOUNT_LFS    = "lfs"
	MOUNT_FDESC  = "fdesc"
	MOUNT_NULL   = "null"
	MOUNT_UMAP   = "umap"
	MOUNT_KERNFS = "kernfs"
	MOUNT_PROCFS = "procfs"
	MOUNT_CD9660 = "cd9660"
	MOUNT_UNION  = "union"
	MOUNT_EXT2FS = "ext2fs"
	MOUNT_NTFS   = "ntfs"
	MOUNT_SMBFS  = "smbfs"
	MOUNT_PTYFS  = "ptyfs"
	MOUNT_TMPFS  = "tmpfs"
	MOUNT_UDF    = "udf"
	MOUNT_HFS    = "hfs"
	MOUNT_EFS    = "efs"
	MOUNT_NILFS  = "nilfs"
	MOUNT_V7FS   = "v7fs"
	MOUNT_PUFFS  = "puffs"
	MOUNT_RUMPFS = "rumpfs"
)

// A MountFlags is a set of MNT_*.
type MountFlags uint32

// Words are the flags as mount(8) says them, such as "read-only", in its order.
// Flags that belong to one request, such as MNT_UPDATE, have none.
func (f MountFlags) Words() []string {
	var words []string
	for _, w := range mountWords {
		if f&w.flag != 0 {
			words = append(words, w.word)
		}
	}
	return words
}

var mountWords = [...]struct {
	flag MountFlags
	word string
}{
	{MNT_ASYNC, "asynchronous"},
	{MNT_DISCARD, "discard"},
	{MNT_EXTATTR, "extattr"},
	{MNT_IGNORE, "hidden"},
	{MNT_LOG, "log"},
	{MNT_NOATIME, "noatime"},
	{MNT_NOCOREDUMP, "nocoredump"},
	{MNT_NODEV, "nodev"},
	{MNT_NODEVMTIME, "nodevmtime"},
	{MNT_NOEXEC, "noexec"},
	{MNT_NOSUID, "nosuid"},
	{MNT_RDONLY, "read-only"},
	{MNT_RELATIME, "relatime"},
	{MNT_SOFTDEP, "soft dependencies"},
	{MNT_SYMPERM, "symperm"},
	{MNT_SYNCHRONOUS, "synchronous"},
	{MNT_UNION, "union"},
	{MNT_EXPORTED, "NFS exported"},
	{MNT_EXNORESPORT, "non-reserved ports"},
	{MNT_EXPUBLIC, "WebNFS exports"},
	{MNT_LOCAL, "local"},
	{MNT_QUOTA, "with quotas"},
}

// LookupMountOption finds what an option of mount(8)'s -o, such as "ro" or
// "noatime", sets and clears. Words that set no flag, such as "auto", are known
// and do neither.
func LookupMountOption(word string) (set, clear MountFlags, ok bool) {
	for _, o := range mountOptions {
		switch word {
		case o.word:
			set = o.flag
		case "no" + o.word:
			clear = o.flag
		default:
			continue
		}
		if o.inverse {
			set, clear = clear, set
		}
		return set, clear, true
	}
	return 0, 0, false
}

// mountOptions are the options of getmntopts(3). An inverse option is one whose
// word clears the flag, such as "exec" for MNT_NOEXEC.
//
//	// include/mntopts.h
//	// #define MOPT_NOEXEC { "exec", 1, MNT_NOEXEC, 0 }
var mountOptions = [...]struct {
	word    string
	inverse bool
	flag    MountFlags
}{
	{"async", false, MNT_ASYNC},
	{"coredump", true, MNT_NOCOREDUMP},
	{"dev", true, MNT_NODEV},
	{"devmtime", true, MNT_NODEVMTIME},
	{"exec", true, MNT_NOEXEC},
	{"suid", true, MNT_NOSUID},
	{"rdonly", false, MNT_RDONLY},
	{"sync", false, MNT_SYNCHRONOUS},
	{"union", false, MNT_UNION},
	{"atime", true, MNT_NOATIME},
	{"relatime", false, MNT_RELATIME},
	{"symperm", false, MNT_SYMPERM},
	{"softdep", false, MNT_SOFTDEP},
	{"log", false, MNT_LOG},
	{"hidden", false, MNT_IGNORE},
	{"extattr", false, MNT_EXTATTR},
	{"discard", false, MNT_DISCARD},
	{"force", false, MNT_FORCE},
	{"update", false, MNT_UPDATE},
	{"reload", false, MNT_RELOAD},
	{"getargs", false, MNT_GETARGS},
	{"ro", false, MNT_RDONLY},
	{"rw", true, MNT_RDONLY},
	{"auto", false, 0},
	{"rump", false, 0},
	{"userquota", false, 0},
	{"groupquota", false, 0},
}
