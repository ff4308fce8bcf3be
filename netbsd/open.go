package netbsd

// Flags of open(2) and openat(2), from <sys/fcntl.h>.
const (
	O_RDONLY    = 0x0
	O_WRONLY    = 0x1
	O_RDWR      = 0x2
	O_ACCMODE   = 0x3
	O_NONBLOCK  = 0x4
	O_APPEND    = 0x8
	O_SHLOCK    = 0x10
	O_EXLOCK    = 0x20
	O_ASYNC     = 0x40
	O_SYNC      = 0x80
	O_NOFOLLOW  = 0x100
	O_CREAT     = 0x200
	O_TRUNC     = 0x400
	O_EXCL      = 0x800
	O_NOCTTY    = 0x8000
	O_DSYNC     = 0x10000
	O_RSYNC     = 0x20000
	O_ALT_IO    = 0x40000
	O_DIRECT    = 0x80000
	O_DIRECTORY = 0x200000
	O_CLOEXEC   = 0x400000
	O_SEARCH    = 0x800000
	O_NOSIGPIPE = 0x1000000
	O_FSYNC     = 0x80
	O_NDELAY    = 0x4
)

// Places of the functions that end in at, and their flags, from <sys/fcntl.h>.
const (
	AT_FDCWD            = -100
	AT_EACCESS          = 0x100
	AT_SYMLINK_NOFOLLOW = 0x200
	AT_SYMLINK_FOLLOW   = 0x400
	AT_REMOVEDIR        = 0x800
)

// Modes of access(2), from <sys/unistd.h>.
const (
	F_OK = 0
	X_OK = 0x1
	W_OK = 0x2
	R_OK = 0x4
)

// Whence of lseek(2), from <sys/unistd.h>.
const (
	SEEK_SET = 0
	SEEK_CUR = 1
	SEEK_END = 2
)

// Flags of fsync_range(2), from <sys/unistd.h>.
const (
	FDATASYNC = 0x10
	FFILESYNC = 0x20
	FDISKSYNC = 0x40
)

// Names of pathconf(2) and fpathconf(2), from <sys/unistd.h>. They lose their
// first underscore.
const (
	PC_LINK_MAX         = 1
	PC_MAX_CANON        = 2
	PC_MAX_INPUT        = 3
	PC_NAME_MAX         = 4
	PC_PATH_MAX         = 5
	PC_PIPE_BUF         = 6
	PC_CHOWN_RESTRICTED = 7
	PC_NO_TRUNC         = 8
	PC_VDISABLE         = 9
	PC_SYNC_IO          = 10
	PC_FILESIZEBITS     = 11
	PC_SYMLINK_MAX      = 12
	PC_2_SYMLINKS       = 13
	PC_ACL_EXTENDED     = 14
	PC_MIN_HOLE_SIZE    = 15
)

// Limits, from <sys/syslimits.h>.
const (
	ARG_MAX        = 0x40000
	LINK_MAX       = 32767
	NAME_MAX       = 511
	NGROUPS_MAX    = 16
	OPEN_MAX       = 128
	PATH_MAX       = 1024
	MAXPATHLEN     = PATH_MAX // its older name, <sys/param.h>
	PIPE_BUF       = 512
	LOGIN_NAME_MAX = 17
	IOV_MAX        = 1024
)

// Advice of posix_fadvise(2), from <sys/fcntl.h>.
const (
	POSIX_FADV_NORMAL     = 0
	POSIX_FADV_RANDOM     = 1
	POSIX_FADV_SEQUENTIAL = 2
	POSIX_FADV_WILLNEED   = 3
	POSIX_FADV_DONTNEED   = 4
	POSIX_FADV_NOREUSE    = 5
)

// Protection and flags of memory for mmap(2), from <sys/mman.h>.
const (
	PROT_NONE     = 0x0
	PROT_READ     = 0x1
	PROT_WRITE    = 0x2
	PROT_EXEC     = 0x4
	MAP_SHARED    = 0x1
	MAP_PRIVATE   = 0x2
	MAP_FIXED     = 0x10
	MAP_FILE      = 0x0
	MAP_ANONYMOUS = 0x1000
	MAP_ANON      = 0x1000
	MAP_STACK     = 0x2000
)
