package netbsd

// A Rusage is what a process has used: getrusage(2).
//
//	// sys/resource.h
//	struct rusage {
//		struct timeval ru_utime;
//		struct timeval ru_stime;
//		long ru_maxrss;
//		long ru_ixrss;
//		long ru_idrss;
//		long ru_isrss;
//		long ru_minflt;
//		long ru_majflt;
//		long ru_nswap;
//		long ru_inblock;
//		long ru_oublock;
//		long ru_msgsnd;
//		long ru_msgrcv;
//		long ru_nsignals;
//		long ru_nvcsw;
//		long ru_nivcsw;
//	};
type Rusage struct {
	Utime    Timeval
	Stime    Timeval
	Maxrss   int64
	Ixrss    int64
	Idrss    int64
	Isrss    int64
	Minflt   int64
	Majflt   int64
	Nswap    int64
	Inblock  int64
	Oublock  int64
	Msgsnd   int64
	Msgrcv   int64
	Nsignals int64
	Nvcsw    int64
	Nivcsw   int64
}

// SizeofRusage is sizeof(struct rusage).
const SizeofRusage = 144

func (r *Rusage) layout(v view) {
	r.Utime.layout(v.at(0, SizeofTimeval))
	r.Stime.layout(v.at(16, SizeofTimeval))
	v.i64(32, &r.Maxrss)
	v.i64(40, &r.Ixrss)
	v.i64(48, &r.Idrss)
	v.i64(56, &r.Isrss)
	v.i64(64, &r.Minflt)
	v.i64(72, &r.Majflt)
	v.i64(80, &r.Nswap)
	v.i64(88, &r.Inblock)
	v.i64(96, &r.Oublock)
	v.i64(104, &r.Msgsnd)
	v.i64(112, &r.Msgrcv)
	v.i64(120, &r.Nsignals)
	v.i64(128, &r.Nvcsw)
	v.i64(136, &r.Nivcsw)
}

// Append appends r in C layout to b.
func (r Rusage) Append(b []byte) []byte { return appendStruct(b, SizeofRusage, &r) }

// ParseRusage reads a struct rusage from the front of b.
func ParseRusage(b []byte) (Rusage, error) {
	return parseStruct[Rusage](b, "struct rusage", SizeofRusage)
}

// Whose Rusage, from <sys/resource.h>.
const (
	RUSAGE_SELF     = 0
	RUSAGE_CHILDREN = -1
)

// A Rlimit is a limit of a process: getrlimit(2).
//
//	// sys/resource.h
//	struct rlimit {
//		rlim_t rlim_cur;
//		rlim_t rlim_max;
//	};
type Rlimit struct {
	Cur uint64
	Max uint64
}

// SizeofRlimit is sizeof(struct rlimit).
const SizeofRlimit = 16

func (r *Rlimit) layout(v view) {
	v.u64(0, &r.Cur)
	v.u64(8, &r.Max)
}

// Append appends r in C layout to b.
func (r Rlimit) Append(b []byte) []byte { return appendStruct(b, SizeofRlimit, &r) }

// ParseRlimit reads a struct rlimit from the front of b.
func ParseRlimit(b []byte) (Rlimit, error) {
	return parseStruct[Rlimit](b, "struct rlimit", SizeofRlimit)
}

// Limits of a process, from <sys/resource.h>.
const (
	RLIMIT_CPU     = 0
	RLIMIT_FSIZE   = 1
	RLIMIT_DATA    = 2
	RLIMIT_STACK   = 3
	RLIMIT_CORE    = 4
	RLIMIT_RSS     = 5
	RLIMIT_MEMLOCK = 6
	RLIMIT_NPROC   = 7
	RLIMIT_NOFILE  = 8
	RLIMIT_SBSIZE  = 9
	RLIMIT_AS      = 10
	RLIMIT_VMEM    = 10
	RLIMIT_NTHR    = 11
	RLIM_NLIMITS   = 12

	RLIM_INFINITY = 1<<63 - 1
)

// Whose priority getpriority(2) asks for, from <sys/resource.h>.
const (
	PRIO_MIN     = -20
	PRIO_MAX     = 20
	PRIO_PROCESS = 0
	PRIO_PGRP    = 1
	PRIO_USER    = 2
)
