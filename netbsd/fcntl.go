package netbsd

// Flags of open(2), from <sys/fcntl.h>.
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
)

// Commands of fcntl(2), from <sys/fcntl.h>.
const (
	F_DUPFD         = 0
	F_GETFD         = 1
	F_SETFD         = 2
	F_GETFL         = 3
	F_SETFL         = 4
	F_GETOWN        = 5
	F_SETOWN        = 6
	F_GETLK         = 7
	F_SETLK         = 8
	F_SETLKW        = 9
	F_CLOSEM        = 10
	F_MAXFD         = 11
	F_DUPFD_CLOEXEC = 12
	F_GETNOSIGPIPE  = 13
	F_SETNOSIGPIPE  = 14

	FD_CLOEXEC = 1
)

// Types of a record lock, from <sys/fcntl.h>.
const (
	F_RDLCK = 1
	F_UNLCK = 2
	F_WRLCK = 3
)

// Operations of flock(2), from <sys/fcntl.h>.
const (
	LOCK_SH = 0x1
	LOCK_EX = 0x2
	LOCK_NB = 0x4
	LOCK_UN = 0x8
)

// Whence of lseek(2) and of a record lock, from <sys/fcntl.h>.
const (
	SEEK_SET = 0
	SEEK_CUR = 1
	SEEK_END = 2
)

// Flags and the descriptor of the working folder for the *at calls, from
// <sys/fcntl.h>.
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
	X_OK = 1
	W_OK = 2
	R_OK = 4
)

// Names of pathconf(2), from <sys/unistd.h>.
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
	NAME_MAX   = 511
	PATH_MAX   = 1024
	MAXPATHLEN = PATH_MAX
	UID_MAX    = 2147483647
	GID_MAX    = 2147483647
)

// A Flock is a record lock of fcntl(2).
//
//	// sys/fcntl.h
//	struct flock {
//		off_t l_start;
//		off_t l_len; // 0: to the end of the file
//		pid_t l_pid;
//		short l_type;
//		short l_whence;
//	};
type Flock struct {
	Start  int64
	Len    int64
	Pid    int32
	Type   int16
	Whence int16
}

// SizeofFlock is sizeof(struct flock).
const SizeofFlock = 24

func (f *Flock) layout(v view) {
	v.i64(0, &f.Start)
	v.i64(8, &f.Len)
	v.i32(16, &f.Pid)
	v.i16(20, &f.Type)
	v.i16(22, &f.Whence)
}

// Append appends f in C layout to b.
func (f Flock) Append(b []byte) []byte { return appendStruct(b, SizeofFlock, &f) }

// ParseFlock reads a struct flock from the front of b.
func ParseFlock(b []byte) (Flock, error) { return parseStruct[Flock](b, "struct flock", SizeofFlock) }
