package netbsd

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
)

// A command of fcntl(2) that is a file system's own has the bit F_FSCTL, says
// whether its parameter is copied in or out, and holds its length.
const (
	F_FSCTL       = 0x80000000
	F_FSVOID      = 0x40000000
	F_FSOUT       = 0x20000000
	F_FSIN        = 0x10000000
	F_PARAM_SHIFT = 16
	F_PARAM_MASK  = 0xfff
)

// FcntlName is the name of a command of fcntl(2), such as "F_GETFL", and false if
// there is no such command.
func FcntlName(cmd int) (string, bool) {
	if cmd < 0 || cmd >= len(fcntlNames) {
		return "", false
	}
	return fcntlNames[cmd], true
}

// LookupFcntl finds a command of fcntl(2) by its name.
func LookupFcntl(name string) (int, bool) {
	for cmd, n := range fcntlNames {
		if n == name {
			return cmd, true
		}
	}
	return 0, false
}

var fcntlNames = [...]string{
	F_DUPFD:         "F_DUPFD",
	F_GETFD:         "F_GETFD",
	F_SETFD:         "F_SETFD",
	F_GETFL:         "F_GETFL",
	F_SETFL:         "F_SETFL",
	F_GETOWN:        "F_GETOWN",
	F_SETOWN:        "F_SETOWN",
	F_GETLK:         "F_GETLK",
	F_SETLK:         "F_SETLK",
	F_SETLKW:        "F_SETLKW",
	F_CLOSEM:        "F_CLOSEM",
	F_MAXFD:         "F_MAXFD",
	F_DUPFD_CLOEXEC: "F_DUPFD_CLOEXEC",
	F_GETNOSIGPIPE:  "F_GETNOSIGPIPE",
	F_SETNOSIGPIPE:  "F_SETNOSIGPIPE",
}

// FD_CLOEXEC is the flag of F_GETFD and F_SETFD.
const FD_CLOEXEC = 1

// A Flock is a lock on a part of a file: the argument of F_GETLK, F_SETLK and
// F_SETLKW. Whence is SEEK_*.
//
//	// sys/fcntl.h
//	struct flock {
//		off_t l_start;
//		off_t l_len;
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

// Types of a Flock, from <sys/fcntl.h>.
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
