package netbsd

import (
	"strconv"
	"strings"
)

// A Sysno is the number of a system call.
//
// The constants are SYS_ and NetBSD's own name in upper case, as in
// <sys/syscall.h> and therefore with the version that libc asks for:
// [SYS_READ], [SYS___STAT50], [SYS___SOCKET30]. A call kept only for old
// programs has the prefix NetBSD gives it: [SYS_COMPAT_50_SELECT] is the
// select of NetBSD 5 and before, [SYS___SELECT50] the current one.
type Sysno uint32

// A sysFlag is a property of a system call.
type sysFlag uint8

const (
	flagRump   sysFlag = 1 << iota // rump kernels have an entry point for it
	flagCompat                     // for old programs only
	flagNoErr                      // the return value is the error, or there is none
)

// A sysent describes one system call.
type sysent struct {
	name  string
	ret   string // C type of the return value
	args  string // C declarations of the arguments
	flags sysFlag
}

func (n Sysno) entry() (sysent, bool) {
	if uint64(n) >= uint64(len(sysents)) || sysents[n].name == "" {
		return sysent{}, false
	}
	return sysents[n], true
}

// String is the call's name in lower case, such as "__stat50", or for a number
// without a call "syscall_" and the number.
func (n Sysno) String() string {
	if e, ok := n.entry(); ok {
		return e.name
	}
	return "syscall_" + strconv.FormatUint(uint64(n), 10)
}

// Base is the name a C program knows the call by: "stat" for "__stat50".
func (n Sysno) Base() string {
	e, ok := n.entry()
	if !ok {
		return n.String()
	}
	s := e.name
	if e.flags&flagCompat != 0 {
		s = strings.TrimLeft(strings.TrimPrefix(s, "compat_"), "0123456789")
		return strings.TrimPrefix(s, "_")
	}
	if !strings.HasPrefix(s, "__") {
		return s
	}
	for strings.HasPrefix(s, "__") {
		s = s[2:]
	}
	for _, version := range [...]string{"13", "14", "15", "16", "30", "40", "50", "60"} {
		if t, ok := strings.CutSuffix(s, version); ok {
			return t
		}
	}
	return s
}

// Known reports whether n is a system call of this kernel.
func (n Sysno) Known() bool { _, ok := n.entry(); return ok }

// Rump reports whether rump kernels implement the call; others answer ENOSYS.
// Whether a given rump kernel does depends on its components, too.
func (n Sysno) Rump() bool { e, _ := n.entry(); return e.flags&flagRump != 0 }

// Compat reports whether the call exists for old programs only.
func (n Sysno) Compat() bool { e, _ := n.entry(); return e.flags&flagCompat != 0 }

// Ret is the C type of the call's return value.
func (n Sysno) Ret() string { e, _ := n.entry(); return e.ret }

// Args returns the C declarations of the call's arguments, such as
// "const char *path". An argument named PAD aligns the next one and has no
// meaning. It is nil for a call without arguments and for an unknown call.
func (n Sysno) Args() []string {
	e, _ := n.entry()
	if e.args == "" {
		return nil
	}
	return strings.Split(e.args, ", ")
}

// Signature is the call's C prototype, for people to read.
func (n Sysno) Signature() string {
	e, ok := n.entry()
	if !ok {
		return n.String() + "(?)"
	}
	args := e.args
	if args == "" {
		args = "void"
	}
	sep := " "
	if strings.HasSuffix(e.ret, "*") {
		sep = ""
	}
	return e.ret + sep + e.name + "(" + args + ")"
}

// ArgSize is the size in bytes of the call's argument struct. Each argument
// takes a slot of eight bytes. It is 0 for an unknown call.
func (n Sysno) ArgSize() int {
	size := 0
	for _, a := range n.Args() {
		slots := 1
		if strings.HasSuffix(a, "[8]") {
			slots = 8
		}
		size += slots * sizeofSlot
	}
	return size
}

// LookupSysno finds a system call by its name in NetBSD's spelling, such as
// "__stat50", or by the name C programs use, such as "stat", which means the
// current version of the call.
func LookupSysno(name string) (Sysno, bool) {
	found, ok := Sysno(0), false
	for i, e := range sysents {
		switch n := Sysno(i); {
		case e.name == "":
		case e.name == name:
			return n, true
		case e.flags&flagCompat == 0 && n.Base() == name:
			found, ok = n, true
		}
	}
	return found, ok
}

// System calls, from sys/kern/syscalls.master.
const (
	SYS_SYSCALL                     Sysno = 0
	SYS_EXIT                        Sysno = 1
	SYS_FORK                        Sysno = 2
	SYS_READ                        Sysno = 3
	SYS_WRITE                       Sysno = 4
	SYS_OPEN                        Sysno = 5
	SYS_CLOSE                       Sysno = 6
	SYS_COMPAT_50_WAIT4             Sysno = 7
	SYS_COMPAT_43_OCREAT            Sysno = 8
	SYS_LINK                        Sysno = 9
	SYS_UNLINK                      Sysno = 10
	SYS_CHDIR                       Sysno = 12
	SYS_FCHDIR                      Sysno = 13
	SYS_COMPAT_50_MKNOD             Sysno = 14
	SYS_CHMOD                       Sysno = 15
	SYS_CHOWN                       Sysno = 16
	SYS_BREAK                       Sysno = 17
	SYS_COMPAT_20_GETFSSTAT         Sysno = 18
	SYS_COMPAT_43_OLSEEK            Sysno = 19
	SYS_GETPID                      Sysno = 20
	SYS_COMPAT_40_MOUNT             Sysno = 21
	SYS_UNMOUNT                     Sysno = 22
	SYS_SETUID                      Sysno = 23
	SYS_GETUID                      Sysno = 24
	SYS_GETEUID                     Sysno = 25
	SYS_PTRACE                      Sysno = 26
	SYS_RECVMSG                     Sysno = 27
	SYS_SENDMSG                     Sysno = 28
	SYS_RECVFROM                    Sysno = 29
	SYS_ACCEPT                      Sysno = 30
	SYS_GETPEERNAME                 Sysno = 31
	SYS_GETSOCKNAME                 Sysno = 32
	SYS_ACCESS                      Sysno = 33
	SYS_CHFLAGS                     Sysno = 34
	SYS_FCHFLAGS                    Sysno = 35
	SYS_SYNC                        Sysno = 36
	SYS_KILL                        Sysno = 37
	SYS_COMPAT_43_STAT43            Sysno = 38
	SYS_GETPPID                     Sysno = 39
	SYS_COMPAT_43_LSTAT43           Sysno = 40
	SYS_DUP                         Sysno = 41
	SYS_PIPE                        Sysno = 42
	SYS_GETEGID                     Sysno = 43
	SYS_PROFIL                      Sysno = 44
	SYS_KTRACE                      Sysno = 45
	SYS_COMPAT_13_SIGACTION13       Sysno = 46
	SYS_GETGID                      Sysno = 47
	SYS_COMPAT_13_SIGPROCMASK13     Sysno = 48
	SYS___GETLOGIN                  Sysno = 49
	SYS___SETLOGIN                  Sysno = 50
	SYS_ACCT                        Sysno = 51
	SYS_COMPAT_13_SIGPENDING13      Sysno = 52
	SYS_COMPAT_13_SIGALTSTACK13     Sysno = 53
	SYS_IOCTL                       Sysno = 54
	SYS_COMPAT_12_OREBOOT           Sysno = 55
	SYS_REVOKE                      Sysno = 56
	SYS_SYMLINK                     Sysno = 57
	SYS_READLINK                    Sysno = 58
	SYS_EXECVE                      Sysno = 59
	SYS_UMASK                       Sysno = 60
	SYS_CHROOT                      Sysno = 61
	SYS_COMPAT_43_FSTAT43           Sysno = 62
	SYS_COMPAT_43_OGETKERNINFO      Sysno = 63
	SYS_COMPAT_43_OGETPAGESIZE      Sysno = 64
	SYS_COMPAT_12_MSYNC             Sysno = 65
	SYS_VFORK                       Sysno = 66
	SYS_SBRK                        Sysno = 69
	SYS_SSTK                        Sysno = 70
	SYS_COMPAT_43_OMMAP             Sysno = 71
	SYS_VADVISE                     Sysno = 72
	SYS_MUNMAP                      Sysno = 73
	SYS_MPROTECT                    Sysno = 74
	SYS_MADVISE                     Sysno = 75
	SYS_MINCORE                     Sysno = 78
	SYS_GETGROUPS                   Sysno = 79
	SYS_SETGROUPS                   Sysno = 80
	SYS_GETPGRP                     Sysno = 81
	SYS_SETPGID                     Sysno = 82
	SYS_COMPAT_50_SETITIMER         Sysno = 83
	SYS_COMPAT_43_OWAIT             Sysno = 84
	SYS_COMPAT_12_OSWAPON           Sysno = 85
	SYS_COMPAT_50_GETITIMER         Sysno = 86
	SYS_COMPAT_43_OGETHOSTNAME      Sysno = 87
	SYS_COMPAT_43_OSETHOSTNAME      Sysno = 88
	SYS_COMPAT_43_OGETDTABLESIZE    Sysno = 89
	SYS_DUP2                        Sysno = 90
	SYS_FCNTL                       Sysno = 92
	SYS_COMPAT_50_SELECT            Sysno = 93
	SYS_FSYNC                       Sysno = 95
	SYS_SETPRIORITY                 Sysno = 96
	SYS_COMPAT_30_SOCKET            Sysno = 97
	SYS_CONNECT                     Sysno = 98
	SYS_COMPAT_43_OACCEPT           Sysno = 99
	SYS_GETPRIORITY                 Sysno = 100
	SYS_COMPAT_43_OSEND             Sysno = 101
	SYS_COMPAT_43_ORECV             Sysno = 102
	SYS_COMPAT_13_SIGRETURN13       Sysno = 103
	SYS_BIND                        Sysno = 104
	SYS_SETSOCKOPT                  Sysno = 105
	SYS_LISTEN                      Sysno = 106
	SYS_COMPAT_43_OSIGVEC           Sysno = 108
	SYS_COMPAT_43_OSIGBLOCK         Sysno = 109
	SYS_COMPAT_43_OSIGSETMASK       Sysno = 110
	SYS_COMPAT_13_SIGSUSPEND13      Sysno = 111
	SYS_COMPAT_43_OSIGSTACK         Sysno = 112
	SYS_COMPAT_43_ORECVMSG          Sysno = 113
	SYS_COMPAT_43_OSENDMSG          Sysno = 114
	SYS_COMPAT_50_GETTIMEOFDAY      Sysno = 116
	SYS_COMPAT_50_GETRUSAGE         Sysno = 117
	SYS_GETSOCKOPT                  Sysno = 118
	SYS_READV                       Sysno = 120
	SYS_WRITEV                      Sysno = 121
	SYS_COMPAT_50_SETTIMEOFDAY      Sysno = 122
	SYS_FCHOWN                      Sysno = 123
	SYS_FCHMOD                      Sysno = 124
	SYS_COMPAT_43_ORECVFROM         Sysno = 125
	SYS_SETREUID                    Sysno = 126
	SYS_SETREGID                    Sysno = 127
	SYS_RENAME                      Sysno = 128
	SYS_COMPAT_43_OTRUNCATE         Sysno = 129
	SYS_COMPAT_43_OFTRUNCATE        Sysno = 130
	SYS_FLOCK                       Sysno = 131
	SYS_MKFIFO                      Sysno = 132
	SYS_SENDTO                      Sysno = 133
	SYS_SHUTDOWN                    Sysno = 134
	SYS_SOCKETPAIR                  Sysno = 135
	SYS_MKDIR                       Sysno = 136
	SYS_RMDIR                       Sysno = 137
	SYS_COMPAT_50_UTIMES            Sysno = 138
	SYS_COMPAT_50_ADJTIME           Sysno = 140
	SYS_COMPAT_43_OGETPEERNAME      Sysno = 141
	SYS_COMPAT_43_OGETHOSTID        Sysno = 142
	SYS_COMPAT_43_OSETHOSTID        Sysno = 143
	SYS_COMPAT_43_OGETRLIMIT        Sysno = 144
	SYS_COMPAT_43_OSETRLIMIT        Sysno = 145
	SYS_COMPAT_43_OKILLPG           Sysno = 146
	SYS_SETSID                      Sysno = 147
	SYS_COMPAT_50_QUOTACTL          Sysno = 148
	SYS_COMPAT_43_OQUOTA            Sysno = 149
	SYS_COMPAT_43_OGETSOCKNAME      Sysno = 150
	SYS_NFSSVC                      Sysno = 155
	SYS_COMPAT_43_OGETDIRENTRIES    Sysno = 156
	SYS_COMPAT_20_STATFS            Sysno = 157
	SYS_COMPAT_20_FSTATFS           Sysno = 158
	SYS_COMPAT_30_GETFH             Sysno = 161
	SYS_COMPAT_09_OGETDOMAINNAME    Sysno = 162
	SYS_COMPAT_09_OSETDOMAINNAME    Sysno = 163
	SYS_COMPAT_09_OUNAME            Sysno = 164
	SYS_SYSARCH                     Sysno = 165
	SYS_PREAD                       Sysno = 173
	SYS_PWRITE                      Sysno = 174
	SYS_COMPAT_30_NTP_GETTIME       Sysno = 175
	SYS_NTP_ADJTIME                 Sysno = 176
	SYS_SETGID                      Sysno = 181
	SYS_SETEGID                     Sysno = 182
	SYS_SETEUID                     Sysno = 183
	SYS_LFS_BMAPV                   Sysno = 184
	SYS_LFS_MARKV                   Sysno = 185
	SYS_LFS_SEGCLEAN                Sysno = 186
	SYS_COMPAT_50_LFS_SEGWAIT       Sysno = 187
	SYS_COMPAT_12_STAT12            Sysno = 188
	SYS_COMPAT_12_FSTAT12           Sysno = 189
	SYS_COMPAT_12_LSTAT12           Sysno = 190
	SYS_PATHCONF                    Sysno = 191
	SYS_FPATHCONF                   Sysno = 192
	SYS_GETRLIMIT                   Sysno = 194
	SYS_SETRLIMIT                   Sysno = 195
	SYS_COMPAT_12_GETDIRENTRIES     Sysno = 196
	SYS_MMAP                        Sysno = 197
	SYS___SYSCALL                   Sysno = 198
	SYS_LSEEK                       Sysno = 199
	SYS_TRUNCATE                    Sysno = 200
	SYS_FTRUNCATE                   Sysno = 201
	SYS___SYSCTL                    Sysno = 202
	SYS_MLOCK                       Sysno = 203
	SYS_MUNLOCK                     Sysno = 204
	SYS_UNDELETE                    Sysno = 205
	SYS_COMPAT_50_FUTIMES           Sysno = 206
	SYS_GETPGID                     Sysno = 207
	SYS_REBOOT                      Sysno = 208
	SYS_POLL                        Sysno = 209
	SYS_AFSSYS                      Sysno = 210
	SYS_COMPAT_14___SEMCTL          Sysno = 220
	SYS_SEMGET                      Sysno = 221
	SYS_SEMOP                       Sysno = 222
	SYS_SEMCONFIG                   Sysno = 223
	SYS_COMPAT_14_MSGCTL            Sysno = 224
	SYS_MSGGET                      Sysno = 225
	SYS_MSGSND                      Sysno = 226
	SYS_MSGRCV                      Sysno = 227
	SYS_SHMAT                       Sysno = 228
	SYS_COMPAT_14_SHMCTL            Sysno = 229
	SYS_SHMDT                       Sysno = 230
	SYS_SHMGET                      Sysno = 231
	SYS_COMPAT_50_CLOCK_GETTIME     Sysno = 232
	SYS_COMPAT_50_CLOCK_SETTIME     Sysno = 233
	SYS_COMPAT_50_CLOCK_GETRES      Sysno = 234
	SYS_TIMER_CREATE                Sysno = 235
	SYS_TIMER_DELETE                Sysno = 236
	SYS_COMPAT_50_TIMER_SETTIME     Sysno = 237
	SYS_COMPAT_50_TIMER_GETTIME     Sysno = 238
	SYS_TIMER_GETOVERRUN            Sysno = 239
	SYS_COMPAT_50_NANOSLEEP         Sysno = 240
	SYS_FDATASYNC                   Sysno = 241
	SYS_MLOCKALL                    Sysno = 242
	SYS_MUNLOCKALL                  Sysno = 243
	SYS_COMPAT_50___SIGTIMEDWAIT    Sysno = 244
	SYS_SIGQUEUEINFO                Sysno = 245
	SYS_MODCTL                      Sysno = 246
	SYS__KSEM_INIT                  Sysno = 247
	SYS__KSEM_OPEN                  Sysno = 248
	SYS__KSEM_UNLINK                Sysno = 249
	SYS__KSEM_CLOSE                 Sysno = 250
	SYS__KSEM_POST                  Sysno = 251
	SYS__KSEM_WAIT                  Sysno = 252
	SYS__KSEM_TRYWAIT               Sysno = 253
	SYS__KSEM_GETVALUE              Sysno = 254
	SYS__KSEM_DESTROY               Sysno = 255
	SYS__KSEM_TIMEDWAIT             Sysno = 256
	SYS_MQ_OPEN                     Sysno = 257
	SYS_MQ_CLOSE                    Sysno = 258
	SYS_MQ_UNLINK                   Sysno = 259
	SYS_MQ_GETATTR                  Sysno = 260
	SYS_MQ_SETATTR                  Sysno = 261
	SYS_MQ_NOTIFY                   Sysno = 262
	SYS_MQ_SEND                     Sysno = 263
	SYS_MQ_RECEIVE                  Sysno = 264
	SYS_COMPAT_50_MQ_TIMEDSEND      Sysno = 265
	SYS_COMPAT_50_MQ_TIMEDRECEIVE   Sysno = 266
	SYS___POSIX_RENAME              Sysno = 270
	SYS_SWAPCTL                     Sysno = 271
	SYS_COMPAT_30_GETDENTS          Sysno = 272
	SYS_MINHERIT                    Sysno = 273
	SYS_LCHMOD                      Sysno = 274
	SYS_LCHOWN                      Sysno = 275
	SYS_COMPAT_50_LUTIMES           Sysno = 276
	SYS___MSYNC13                   Sysno = 277
	SYS_COMPAT_30___STAT13          Sysno = 278
	SYS_COMPAT_30___FSTAT13         Sysno = 279
	SYS_COMPAT_30___LSTAT13         Sysno = 280
	SYS___SIGALTSTACK14             Sysno = 281
	SYS___VFORK14                   Sysno = 282
	SYS___POSIX_CHOWN               Sysno = 283
	SYS___POSIX_FCHOWN              Sysno = 284
	SYS___POSIX_LCHOWN              Sysno = 285
	SYS_GETSID                      Sysno = 286
	SYS___CLONE                     Sysno = 287
	SYS_FKTRACE                     Sysno = 288
	SYS_PREADV                      Sysno = 289
	SYS_PWRITEV                     Sysno = 290
	SYS_COMPAT_16___SIGACTION14     Sysno = 291
	SYS___SIGPENDING14              Sysno = 292
	SYS___SIGPROCMASK14             Sysno = 293
	SYS___SIGSUSPEND14              Sysno = 294
	SYS_COMPAT_16___SIGRETURN14     Sysno = 295
	SYS___GETCWD                    Sysno = 296
	SYS_FCHROOT                     Sysno = 297
	SYS_COMPAT_30_FHOPEN            Sysno = 298
	SYS_COMPAT_30_FHSTAT            Sysno = 299
	SYS_COMPAT_20_FHSTATFS          Sysno = 300
	SYS_COMPAT_50_____SEMCTL13      Sysno = 301
	SYS_COMPAT_50___MSGCTL13        Sysno = 302
	SYS_COMPAT_50___SHMCTL13        Sysno = 303
	SYS_LCHFLAGS                    Sysno = 304
	SYS_ISSETUGID                   Sysno = 305
	SYS_UTRACE                      Sysno = 306
	SYS_GETCONTEXT                  Sysno = 307
	SYS_SETCONTEXT                  Sysno = 308
	SYS__LWP_CREATE                 Sysno = 309
	SYS__LWP_EXIT                   Sysno = 310
	SYS__LWP_SELF                   Sysno = 311
	SYS__LWP_WAIT                   Sysno = 312
	SYS__LWP_SUSPEND                Sysno = 313
	SYS__LWP_CONTINUE               Sysno = 314
	SYS__LWP_WAKEUP                 Sysno = 315
	SYS__LWP_GETPRIVATE             Sysno = 316
	SYS__LWP_SETPRIVATE             Sysno = 317
	SYS__LWP_KILL                   Sysno = 318
	SYS__LWP_DETACH                 Sysno = 319
	SYS_COMPAT_50__LWP_PARK         Sysno = 320
	SYS__LWP_UNPARK                 Sysno = 321
	SYS__LWP_UNPARK_ALL             Sysno = 322
	SYS__LWP_SETNAME                Sysno = 323
	SYS__LWP_GETNAME                Sysno = 324
	SYS__LWP_CTL                    Sysno = 325
	SYS_COMPAT_60_SA_REGISTER       Sysno = 330
	SYS_COMPAT_60_SA_STACKS         Sysno = 331
	SYS_COMPAT_60_SA_ENABLE         Sysno = 332
	SYS_COMPAT_60_SA_SETCONCURRENCY Sysno = 333
	SYS_COMPAT_60_SA_YIELD          Sysno = 334
	SYS_COMPAT_60_SA_PREEMPT        Sysno = 335
	SYS___SIGACTION_SIGTRAMP        Sysno = 340
	SYS_PMC_GET_INFO                Sysno = 341
	SYS_PMC_CONTROL                 Sysno = 342
	SYS_RASCTL                      Sysno = 343
	SYS_KQUEUE                      Sysno = 344
	SYS_COMPAT_50_KEVENT            Sysno = 345
	SYS__SCHED_SETPARAM             Sysno = 346
	SYS__SCHED_GETPARAM             Sysno = 347
	SYS__SCHED_SETAFFINITY          Sysno = 348
	SYS__SCHED_GETAFFINITY          Sysno = 349
	SYS_SCHED_YIELD                 Sysno = 350
	SYS__SCHED_PROTECT              Sysno = 351
	SYS_FSYNC_RANGE                 Sysno = 354
	SYS_UUIDGEN                     Sysno = 355
	SYS_GETVFSSTAT                  Sysno = 356
	SYS_STATVFS1                    Sysno = 357
	SYS_FSTATVFS1                   Sysno = 358
	SYS_COMPAT_30_FHSTATVFS1        Sysno = 359
	SYS_EXTATTRCTL                  Sysno = 360
	SYS_EXTATTR_SET_FILE            Sysno = 361
	SYS_EXTATTR_GET_FILE            Sysno = 362
	SYS_EXTATTR_DELETE_FILE         Sysno = 363
	SYS_EXTATTR_SET_FD              Sysno = 364
	SYS_EXTATTR_GET_FD              Sysno = 365
	SYS_EXTATTR_DELETE_FD           Sysno = 366
	SYS_EXTATTR_SET_LINK            Sysno = 367
	SYS_EXTATTR_GET_LINK            Sysno = 368
	SYS_EXTATTR_DELETE_LINK         Sysno = 369
	SYS_EXTATTR_LIST_FD             Sysno = 370
	SYS_EXTATTR_LIST_FILE           Sysno = 371
	SYS_EXTATTR_LIST_LINK           Sysno = 372
	SYS_COMPAT_50_PSELECT           Sysno = 373
	SYS_COMPAT_50_POLLTS            Sysno = 374
	SYS_SETXATTR                    Sysno = 375
	SYS_LSETXATTR                   Sysno = 376
	SYS_FSETXATTR                   Sysno = 377
	SYS_GETXATTR                    Sysno = 378
	SYS_LGETXATTR                   Sysno = 379
	SYS_FGETXATTR                   Sysno = 380
	SYS_LISTXATTR                   Sysno = 381
	SYS_LLISTXATTR                  Sysno = 382
	SYS_FLISTXATTR                  Sysno = 383
	SYS_REMOVEXATTR                 Sysno = 384
	SYS_LREMOVEXATTR                Sysno = 385
	SYS_FREMOVEXATTR                Sysno = 386
	SYS_COMPAT_50___STAT30          Sysno = 387
	SYS_COMPAT_50___FSTAT30         Sysno = 388
	SYS_COMPAT_50___LSTAT30         Sysno = 389
	SYS___GETDENTS30                Sysno = 390
	SYS_COMPAT_30___FHSTAT30        Sysno = 392
	SYS_COMPAT_50___NTP_GETTIME30   Sysno = 393
	SYS___SOCKET30                  Sysno = 394
	SYS___GETFH30                   Sysno = 395
	SYS___FHOPEN40                  Sysno = 396
	SYS___FHSTATVFS140              Sysno = 397
	SYS_COMPAT_50___FHSTAT40        Sysno = 398
	SYS_AIO_CANCEL                  Sysno = 399
	SYS_AIO_ERROR                   Sysno = 400
	SYS_AIO_FSYNC                   Sysno = 401
	SYS_AIO_READ                    Sysno = 402
	SYS_AIO_RETURN                  Sysno = 403
	SYS_COMPAT_50_AIO_SUSPEND       Sysno = 404
	SYS_AIO_WRITE                   Sysno = 405
	SYS_LIO_LISTIO                  Sysno = 406
	SYS___MOUNT50                   Sysno = 410
	SYS_MREMAP                      Sysno = 411
	SYS_PSET_CREATE                 Sysno = 412
	SYS_PSET_DESTROY                Sysno = 413
	SYS_PSET_ASSIGN                 Sysno = 414
	SYS__PSET_BIND                  Sysno = 415
	SYS___POSIX_FADVISE50           Sysno = 416
	SYS___SELECT50                  Sysno = 417
	SYS___GETTIMEOFDAY50            Sysno = 418
	SYS___SETTIMEOFDAY50            Sysno = 419
	SYS___UTIMES50                  Sysno = 420
	SYS___ADJTIME50                 Sysno = 421
	SYS___LFS_SEGWAIT50             Sysno = 422
	SYS___FUTIMES50                 Sysno = 423
	SYS___LUTIMES50                 Sysno = 424
	SYS___SETITIMER50               Sysno = 425
	SYS___GETITIMER50               Sysno = 426
	SYS___CLOCK_GETTIME50           Sysno = 427
	SYS___CLOCK_SETTIME50           Sysno = 428
	SYS___CLOCK_GETRES50            Sysno = 429
	SYS___NANOSLEEP50               Sysno = 430
	SYS_____SIGTIMEDWAIT50          Sysno = 431
	SYS___MQ_TIMEDSEND50            Sysno = 432
	SYS___MQ_TIMEDRECEIVE50         Sysno = 433
	SYS_COMPAT_60__LWP_PARK         Sysno = 434
	SYS___KEVENT50                  Sysno = 435
	SYS___PSELECT50                 Sysno = 436
	SYS___POLLTS50                  Sysno = 437
	SYS___AIO_SUSPEND50             Sysno = 438
	SYS___STAT50                    Sysno = 439
	SYS___FSTAT50                   Sysno = 440
	SYS___LSTAT50                   Sysno = 441
	SYS_____SEMCTL50                Sysno = 442
	SYS___SHMCTL50                  Sysno = 443
	SYS___MSGCTL50                  Sysno = 444
	SYS___GETRUSAGE50               Sysno = 445
	SYS___TIMER_SETTIME50           Sysno = 446
	SYS___TIMER_GETTIME50           Sysno = 447
	SYS___NTP_GETTIME50             Sysno = 448
	SYS___WAIT450                   Sysno = 449
	SYS___MKNOD50                   Sysno = 450
	SYS___FHSTAT50                  Sysno = 451
	SYS_PIPE2                       Sysno = 453
	SYS_DUP3                        Sysno = 454
	SYS_KQUEUE1                     Sysno = 455
	SYS_PACCEPT                     Sysno = 456
	SYS_LINKAT                      Sysno = 457
	SYS_RENAMEAT                    Sysno = 458
	SYS_MKFIFOAT                    Sysno = 459
	SYS_MKNODAT                     Sysno = 460
	SYS_MKDIRAT                     Sysno = 461
	SYS_FACCESSAT                   Sysno = 462
	SYS_FCHMODAT                    Sysno = 463
	SYS_FCHOWNAT                    Sysno = 464
	SYS_FEXECVE                     Sysno = 465
	SYS_FSTATAT                     Sysno = 466
	SYS_UTIMENSAT                   Sysno = 467
	SYS_OPENAT                      Sysno = 468
	SYS_READLINKAT                  Sysno = 469
	SYS_SYMLINKAT                   Sysno = 470
	SYS_UNLINKAT                    Sysno = 471
	SYS_FUTIMENS                    Sysno = 472
	SYS___QUOTACTL                  Sysno = 473
	SYS_POSIX_SPAWN                 Sysno = 474
	SYS_RECVMMSG                    Sysno = 475
	SYS_SENDMMSG                    Sysno = 476
	SYS_CLOCK_NANOSLEEP             Sysno = 477
	SYS____LWP_PARK60               Sysno = 478
	SYS_POSIX_FALLOCATE             Sysno = 479
	SYS_FDISCARD                    Sysno = 480
	SYS_WAIT6                       Sysno = 481
	SYS_CLOCK_GETCPUCLOCKID2        Sysno = 482
)

// SYS_MAXSYSCALL is one more than the highest number that names a call;
// SYS_NSYSENT is the length of the kernel's table, which ends in unused entries.
const (
	SYS_MAXSYSCALL = 483
	SYS_NSYSENT    = 512
	SYS_MAXSYSARGS = 8
)

var sysents = [...]sysent{
	SYS_SYSCALL:                     {"syscall", "int", "int code, register_t args[8]", 0},
	SYS_EXIT:                        {"exit", "void", "int rval", 0},
	SYS_FORK:                        {"fork", "int", "", 0},
	SYS_READ:                        {"read", "ssize_t", "int fd, void *buf, size_t nbyte", flagRump},
	SYS_WRITE:                       {"write", "ssize_t", "int fd, const void *buf, size_t nbyte", flagRump},
	SYS_OPEN:                        {"open", "int", "const char *path, int flags, mode_t mode", flagRump},
	SYS_CLOSE:                       {"close", "int", "int fd", flagRump},
	SYS_COMPAT_50_WAIT4:             {"compat_50_wait4", "int", "pid_t pid, int *status, int options, struct rusage50 *rusage", flagCompat},
	SYS_COMPAT_43_OCREAT:            {"compat_43_ocreat", "int", "const char *path, mode_t mode", flagCompat},
	SYS_LINK:                        {"link", "int", "const char *path, const char *link", flagRump},
	SYS_UNLINK:                      {"unlink", "int", "const char *path", flagRump},
	SYS_CHDIR:                       {"chdir", "int", "const char *path", flagRump},
	SYS_FCHDIR:                      {"fchdir", "int", "int fd", flagRump},
	SYS_COMPAT_50_MKNOD:             {"compat_50_mknod", "int", "const char *path, mode_t mode, uint32_t dev", flagRump | flagCompat},
	SYS_CHMOD:                       {"chmod", "int", "const char *path, mode_t mode", flagRump},
	SYS_CHOWN:                       {"chown", "int", "const char *path, uid_t uid, gid_t gid", flagRump},
	SYS_BREAK:                       {"break", "int", "char *nsize", 0},
	SYS_COMPAT_20_GETFSSTAT:         {"compat_20_getfsstat", "int", "struct statfs12 *buf, long bufsize, int flags", flagCompat},
	SYS_COMPAT_43_OLSEEK:            {"compat_43_olseek", "long", "int fd, long offset, int whence", flagCompat},
	SYS_GETPID:                      {"getpid", "pid_t", "", flagRump | flagNoErr},
	SYS_COMPAT_40_MOUNT:             {"compat_40_mount", "int", "const char *type, const char *path, int flags, void *data", flagCompat},
	SYS_UNMOUNT:                     {"unmount", "int", "const char *path, int flags", flagRump},
	SYS_SETUID:                      {"setuid", "int", "uid_t uid", flagRump},
	SYS_GETUID:                      {"getuid", "uid_t", "", flagRump | flagNoErr},
	SYS_GETEUID:                     {"geteuid", "uid_t", "", flagRump | flagNoErr},
	SYS_PTRACE:                      {"ptrace", "int", "int req, pid_t pid, void *addr, int data", 0},
	SYS_RECVMSG:                     {"recvmsg", "ssize_t", "int s, struct msghdr *msg, int flags", flagRump},
	SYS_SENDMSG:                     {"sendmsg", "ssize_t", "int s, const struct msghdr *msg, int flags", flagRump},
	SYS_RECVFROM:                    {"recvfrom", "ssize_t", "int s, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlenaddr", flagRump},
	SYS_ACCEPT:                      {"accept", "int", "int s, struct sockaddr *name, socklen_t *anamelen", flagRump},
	SYS_GETPEERNAME:                 {"getpeername", "int", "int fdes, struct sockaddr *asa, socklen_t *alen", flagRump},
	SYS_GETSOCKNAME:                 {"getsockname", "int", "int fdes, struct sockaddr *asa, socklen_t *alen", flagRump},
	SYS_ACCESS:                      {"access", "int", "const char *path, int flags", flagRump},
	SYS_CHFLAGS:                     {"chflags", "int", "const char *path, u_long flags", flagRump},
	SYS_FCHFLAGS:                    {"fchflags", "int", "int fd, u_long flags", flagRump},
	SYS_SYNC:                        {"sync", "void", "", flagRump | flagNoErr},
	SYS_KILL:                        {"kill", "int", "pid_t pid, int signum", 0},
	SYS_COMPAT_43_STAT43:            {"compat_43_stat43", "int", "const char *path, struct stat43 *ub", flagCompat},
	SYS_GETPPID:                     {"getppid", "pid_t", "", flagRump | flagNoErr},
	SYS_COMPAT_43_LSTAT43:           {"compat_43_lstat43", "int", "const char *path, struct stat43 *ub", flagCompat},
	SYS_DUP:                         {"dup", "int", "int fd", flagRump},
	SYS_PIPE:                        {"pipe", "int", "", flagRump},
	SYS_GETEGID:                     {"getegid", "gid_t", "", flagRump | flagNoErr},
	SYS_PROFIL:                      {"profil", "int", "char *samples, size_t size, u_long offset, u_int scale", 0},
	SYS_KTRACE:                      {"ktrace", "int", "const char *fname, int ops, int facs, pid_t pid", flagRump},
	SYS_COMPAT_13_SIGACTION13:       {"compat_13_sigaction13", "int", "int signum, const struct sigaction13 *nsa, struct sigaction13 *osa", flagCompat},
	SYS_GETGID:                      {"getgid", "gid_t", "", flagRump | flagNoErr},
	SYS_COMPAT_13_SIGPROCMASK13:     {"compat_13_sigprocmask13", "int", "int how, int mask", flagCompat},
	SYS___GETLOGIN:                  {"__getlogin", "int", "char *namebuf, size_t namelen", flagRump},
	SYS___SETLOGIN:                  {"__setlogin", "int", "const char *namebuf", flagRump},
	SYS_ACCT:                        {"acct", "int", "const char *path", 0},
	SYS_COMPAT_13_SIGPENDING13:      {"compat_13_sigpending13", "int", "", flagCompat},
	SYS_COMPAT_13_SIGALTSTACK13:     {"compat_13_sigaltstack13", "int", "const struct sigaltstack13 *nss, struct sigaltstack13 *oss", flagCompat},
	SYS_IOCTL:                       {"ioctl", "int", "int fd, u_long com, void *data", flagRump},
	SYS_COMPAT_12_OREBOOT:           {"compat_12_oreboot", "int", "int opt", flagCompat},
	SYS_REVOKE:                      {"revoke", "int", "const char *path", flagRump},
	SYS_SYMLINK:                     {"symlink", "int", "const char *path, const char *link", flagRump},
	SYS_READLINK:                    {"readlink", "ssize_t", "const char *path, char *buf, size_t count", flagRump},
	SYS_EXECVE:                      {"execve", "int", "const char *path, char *const *argp, char *const *envp", 0},
	SYS_UMASK:                       {"umask", "mode_t", "mode_t newmask", flagRump},
	SYS_CHROOT:                      {"chroot", "int", "const char *path", flagRump},
	SYS_COMPAT_43_FSTAT43:           {"compat_43_fstat43", "int", "int fd, struct stat43 *sb", flagCompat},
	SYS_COMPAT_43_OGETKERNINFO:      {"compat_43_ogetkerninfo", "int", "int op, char *where, int *size, int arg", flagCompat},
	SYS_COMPAT_43_OGETPAGESIZE:      {"compat_43_ogetpagesize", "int", "", flagCompat},
	SYS_COMPAT_12_MSYNC:             {"compat_12_msync", "int", "void *addr, size_t len", flagCompat},
	SYS_VFORK:                       {"vfork", "int", "", 0},
	SYS_SBRK:                        {"sbrk", "int", "intptr_t incr", 0},
	SYS_SSTK:                        {"sstk", "int", "int incr", 0},
	SYS_COMPAT_43_OMMAP:             {"compat_43_ommap", "int", "void *addr, size_t len, int prot, int flags, int fd, long pos", flagCompat},
	SYS_VADVISE:                     {"vadvise", "int", "int anom", 0},
	SYS_MUNMAP:                      {"munmap", "int", "void *addr, size_t len", 0},
	SYS_MPROTECT:                    {"mprotect", "int", "void *addr, size_t len, int prot", 0},
	SYS_MADVISE:                     {"madvise", "int", "void *addr, size_t len, int behav", 0},
	SYS_MINCORE:                     {"mincore", "int", "void *addr, size_t len, char *vec", 0},
	SYS_GETGROUPS:                   {"getgroups", "int", "int gidsetsize, gid_t *gidset", flagRump},
	SYS_SETGROUPS:                   {"setgroups", "int", "int gidsetsize, const gid_t *gidset", flagRump},
	SYS_GETPGRP:                     {"getpgrp", "int", "", flagRump},
	SYS_SETPGID:                     {"setpgid", "int", "pid_t pid, pid_t pgid", flagRump},
	SYS_COMPAT_50_SETITIMER:         {"compat_50_setitimer", "int", "int which, const struct itimerval50 *itv, struct itimerval50 *oitv", flagCompat},
	SYS_COMPAT_43_OWAIT:             {"compat_43_owait", "int", "", flagCompat},
	SYS_COMPAT_12_OSWAPON:           {"compat_12_oswapon", "int", "const char *name", flagCompat},
	SYS_COMPAT_50_GETITIMER:         {"compat_50_getitimer", "int", "int which, struct itimerval50 *itv", flagCompat},
	SYS_COMPAT_43_OGETHOSTNAME:      {"compat_43_ogethostname", "int", "char *hostname, u_int len", flagCompat},
	SYS_COMPAT_43_OSETHOSTNAME:      {"compat_43_osethostname", "int", "char *hostname, u_int len", flagCompat},
	SYS_COMPAT_43_OGETDTABLESIZE:    {"compat_43_ogetdtablesize", "int", "", flagCompat},
	SYS_DUP2:                        {"dup2", "int", "int from, int to", flagRump},
	SYS_FCNTL:                       {"fcntl", "int", "int fd, int cmd, void *arg", flagRump},
	SYS_COMPAT_50_SELECT:            {"compat_50_select", "int", "int nd, fd_set *in, fd_set *ou, fd_set *ex, struct timeval50 *tv", flagRump | flagCompat},
	SYS_FSYNC:                       {"fsync", "int", "int fd", flagRump},
	SYS_SETPRIORITY:                 {"setpriority", "int", "int which, id_t who, int prio", 0},
	SYS_COMPAT_30_SOCKET:            {"compat_30_socket", "int", "int domain, int type, int protocol", flagCompat},
	SYS_CONNECT:                     {"connect", "int", "int s, const struct sockaddr *name, socklen_t namelen", flagRump},
	SYS_COMPAT_43_OACCEPT:           {"compat_43_oaccept", "int", "int s, void *name, socklen_t *anamelen", flagCompat},
	SYS_GETPRIORITY:                 {"getpriority", "int", "int which, id_t who", 0},
	SYS_COMPAT_43_OSEND:             {"compat_43_osend", "int", "int s, void *buf, int len, int flags", flagCompat},
	SYS_COMPAT_43_ORECV:             {"compat_43_orecv", "int", "int s, void *buf, int len, int flags", flagCompat},
	SYS_COMPAT_13_SIGRETURN13:       {"compat_13_sigreturn13", "int", "struct sigcontext13 *sigcntxp", flagCompat},
	SYS_BIND:                        {"bind", "int", "int s, const struct sockaddr *name, socklen_t namelen", flagRump},
	SYS_SETSOCKOPT:                  {"setsockopt", "int", "int s, int level, int name, const void *val, socklen_t valsize", flagRump},
	SYS_LISTEN:                      {"listen", "int", "int s, int backlog", flagRump},
	SYS_COMPAT_43_OSIGVEC:           {"compat_43_osigvec", "int", "int signum, struct sigvec *nsv, struct sigvec *osv", flagCompat},
	SYS_COMPAT_43_OSIGBLOCK:         {"compat_43_osigblock", "int", "int mask", flagCompat},
	SYS_COMPAT_43_OSIGSETMASK:       {"compat_43_osigsetmask", "int", "int mask", flagCompat},
	SYS_COMPAT_13_SIGSUSPEND13:      {"compat_13_sigsuspend13", "int", "int mask", flagCompat},
	SYS_COMPAT_43_OSIGSTACK:         {"compat_43_osigstack", "int", "struct sigstack *nss, struct sigstack *oss", flagCompat},
	SYS_COMPAT_43_ORECVMSG:          {"compat_43_orecvmsg", "int", "int s, struct omsghdr *msg, int flags", flagCompat},
	SYS_COMPAT_43_OSENDMSG:          {"compat_43_osendmsg", "int", "int s, void *msg, int flags", flagCompat},
	SYS_COMPAT_50_GETTIMEOFDAY:      {"compat_50_gettimeofday", "int", "struct timeval50 *tp, void *tzp", flagCompat},
	SYS_COMPAT_50_GETRUSAGE:         {"compat_50_getrusage", "int", "int who, struct rusage50 *rusage", flagCompat},
	SYS_GETSOCKOPT:                  {"getsockopt", "int", "int s, int level, int name, void *val, socklen_t *avalsize", flagRump},
	SYS_READV:                       {"readv", "ssize_t", "int fd, const struct iovec *iovp, int iovcnt", flagRump},
	SYS_WRITEV:                      {"writev", "ssize_t", "int fd, const struct iovec *iovp, int iovcnt", flagRump},
	SYS_COMPAT_50_SETTIMEOFDAY:      {"compat_50_settimeofday", "int", "const struct timeval50 *tv, const void *tzp", flagCompat},
	SYS_FCHOWN:                      {"fchown", "int", "int fd, uid_t uid, gid_t gid", flagRump},
	SYS_FCHMOD:                      {"fchmod", "int", "int fd, mode_t mode", flagRump},
	SYS_COMPAT_43_ORECVFROM:         {"compat_43_orecvfrom", "int", "int s, void *buf, size_t len, int flags, void *from, socklen_t *fromlenaddr", flagCompat},
	SYS_SETREUID:                    {"setreuid", "int", "uid_t ruid, uid_t euid", flagRump},
	SYS_SETREGID:                    {"setregid", "int", "gid_t rgid, gid_t egid", flagRump},
	SYS_RENAME:                      {"rename", "int", "const char *from, const char *to", flagRump},
	SYS_COMPAT_43_OTRUNCATE:         {"compat_43_otruncate", "int", "const char *path, long length", flagCompat},
	SYS_COMPAT_43_OFTRUNCATE:        {"compat_43_oftruncate", "int", "int fd, long length", flagCompat},
	SYS_FLOCK:                       {"flock", "int", "int fd, int how", flagRump},
	SYS_MKFIFO:                      {"mkfifo", "int", "const char *path, mode_t mode", flagRump},
	SYS_SENDTO:                      {"sendto", "ssize_t", "int s, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen", flagRump},
	SYS_SHUTDOWN:                    {"shutdown", "int", "int s, int how", flagRump},
	SYS_SOCKETPAIR:                  {"socketpair", "int", "int domain, int type, int protocol, int *rsv", flagRump},
	SYS_MKDIR:                       {"mkdir", "int", "const char *path, mode_t mode", flagRump},
	SYS_RMDIR:                       {"rmdir", "int", "const char *path", flagRump},
	SYS_COMPAT_50_UTIMES:            {"compat_50_utimes", "int", "const char *path, const struct timeval50 *tptr", flagRump | flagCompat},
	SYS_COMPAT_50_ADJTIME:           {"compat_50_adjtime", "int", "const struct timeval50 *delta, struct timeval50 *olddelta", flagCompat},
	SYS_COMPAT_43_OGETPEERNAME:      {"compat_43_ogetpeername", "int", "int fdes, void *asa, socklen_t *alen", flagCompat},
	SYS_COMPAT_43_OGETHOSTID:        {"compat_43_ogethostid", "int32_t", "", flagCompat},
	SYS_COMPAT_43_OSETHOSTID:        {"compat_43_osethostid", "int", "int32_t hostid", flagCompat},
	SYS_COMPAT_43_OGETRLIMIT:        {"compat_43_ogetrlimit", "int", "int which, struct orlimit *rlp", flagCompat},
	SYS_COMPAT_43_OSETRLIMIT:        {"compat_43_osetrlimit", "int", "int which, const struct orlimit *rlp", flagCompat},
	SYS_COMPAT_43_OKILLPG:           {"compat_43_okillpg", "int", "int pgid, int signum", flagCompat},
	SYS_SETSID:                      {"setsid", "int", "", flagRump},
	SYS_COMPAT_50_QUOTACTL:          {"compat_50_quotactl", "int", "const char *path, int cmd, int uid, void *arg", flagCompat},
	SYS_COMPAT_43_OQUOTA:            {"compat_43_oquota", "int", "", flagCompat},
	SYS_COMPAT_43_OGETSOCKNAME:      {"compat_43_ogetsockname", "int", "int fdec, void *asa, socklen_t *alen", flagCompat},
	SYS_NFSSVC:                      {"nfssvc", "int", "int flag, void *argp", flagRump},
	SYS_COMPAT_43_OGETDIRENTRIES:    {"compat_43_ogetdirentries", "int", "int fd, char *buf, u_int count, long *basep", flagCompat},
	SYS_COMPAT_20_STATFS:            {"compat_20_statfs", "int", "const char *path, struct statfs12 *buf", flagCompat},
	SYS_COMPAT_20_FSTATFS:           {"compat_20_fstatfs", "int", "int fd, struct statfs12 *buf", flagCompat},
	SYS_COMPAT_30_GETFH:             {"compat_30_getfh", "int", "const char *fname, struct compat_30_fhandle *fhp", flagCompat},
	SYS_COMPAT_09_OGETDOMAINNAME:    {"compat_09_ogetdomainname", "int", "char *domainname, int len", flagCompat},
	SYS_COMPAT_09_OSETDOMAINNAME:    {"compat_09_osetdomainname", "int", "char *domainname, int len", flagCompat},
	SYS_COMPAT_09_OUNAME:            {"compat_09_ouname", "int", "struct outsname *name", flagCompat},
	SYS_SYSARCH:                     {"sysarch", "int", "int op, void *parms", 0},
	SYS_PREAD:                       {"pread", "ssize_t", "int fd, void *buf, size_t nbyte, int PAD, off_t offset", flagRump},
	SYS_PWRITE:                      {"pwrite", "ssize_t", "int fd, const void *buf, size_t nbyte, int PAD, off_t offset", flagRump},
	SYS_COMPAT_30_NTP_GETTIME:       {"compat_30_ntp_gettime", "int", "struct ntptimeval30 *ntvp", flagCompat},
	SYS_NTP_ADJTIME:                 {"ntp_adjtime", "int", "struct timex *tp", 0},
	SYS_SETGID:                      {"setgid", "int", "gid_t gid", flagRump},
	SYS_SETEGID:                     {"setegid", "int", "gid_t egid", flagRump},
	SYS_SETEUID:                     {"seteuid", "int", "uid_t euid", flagRump},
	SYS_LFS_BMAPV:                   {"lfs_bmapv", "int", "fsid_t *fsidp, struct block_info *blkiov, int blkcnt", 0},
	SYS_LFS_MARKV:                   {"lfs_markv", "int", "fsid_t *fsidp, struct block_info *blkiov, int blkcnt", 0},
	SYS_LFS_SEGCLEAN:                {"lfs_segclean", "int", "fsid_t *fsidp, u_long segment", 0},
	SYS_COMPAT_50_LFS_SEGWAIT:       {"compat_50_lfs_segwait", "int", "fsid_t *fsidp, struct timeval50 *tv", flagCompat},
	SYS_COMPAT_12_STAT12:            {"compat_12_stat12", "int", "const char *path, struct stat12 *ub", flagCompat},
	SYS_COMPAT_12_FSTAT12:           {"compat_12_fstat12", "int", "int fd, struct stat12 *sb", flagCompat},
	SYS_COMPAT_12_LSTAT12:           {"compat_12_lstat12", "int", "const char *path, struct stat12 *ub", flagCompat},
	SYS_PATHCONF:                    {"pathconf", "long", "const char *path, int name", flagRump},
	SYS_FPATHCONF:                   {"fpathconf", "long", "int fd, int name", flagRump},
	SYS_GETRLIMIT:                   {"getrlimit", "int", "int which, struct rlimit *rlp", flagRump},
	SYS_SETRLIMIT:                   {"setrlimit", "int", "int which, const struct rlimit *rlp", flagRump},
	SYS_COMPAT_12_GETDIRENTRIES:     {"compat_12_getdirentries", "int", "int fd, char *buf, u_int count, long *basep", flagCompat},
	SYS_MMAP:                        {"mmap", "void *", "void *addr, size_t len, int prot, int flags, int fd, long PAD, off_t pos", 0},
	SYS___SYSCALL:                   {"__syscall", "quad_t", "quad_t code, register_t args[8]", 0},
	SYS_LSEEK:                       {"lseek", "off_t", "int fd, int PAD, off_t offset, int whence", flagRump},
	SYS_TRUNCATE:                    {"truncate", "int", "const char *path, int PAD, off_t length", flagRump},
	SYS_FTRUNCATE:                   {"ftruncate", "int", "int fd, int PAD, off_t length", flagRump},
	SYS___SYSCTL:                    {"__sysctl", "int", "const int *name, u_int namelen, void *oldv, size_t *oldlenp, const void *newv, size_t newlen", flagRump},
	SYS_MLOCK:                       {"mlock", "int", "const void *addr, size_t len", 0},
	SYS_MUNLOCK:                     {"munlock", "int", "const void *addr, size_t len", 0},
	SYS_UNDELETE:                    {"undelete", "int", "const char *path", 0},
	SYS_COMPAT_50_FUTIMES:           {"compat_50_futimes", "int", "int fd, const struct timeval50 *tptr", flagRump | flagCompat},
	SYS_GETPGID:                     {"getpgid", "pid_t", "pid_t pid", flagRump},
	SYS_REBOOT:                      {"reboot", "int", "int opt, char *bootstr", flagRump},
	SYS_POLL:                        {"poll", "int", "struct pollfd *fds, u_int nfds, int timeout", flagRump},
	SYS_AFSSYS:                      {"afssys", "int", "long id, long a1, long a2, long a3, long a4, long a5, long a6", 0},
	SYS_COMPAT_14___SEMCTL:          {"compat_14___semctl", "int", "int semid, int semnum, int cmd, union __semun *arg", flagCompat},
	SYS_SEMGET:                      {"semget", "int", "key_t key, int nsems, int semflg", 0},
	SYS_SEMOP:                       {"semop", "int", "int semid, struct sembuf *sops, size_t nsops", 0},
	SYS_SEMCONFIG:                   {"semconfig", "int", "int flag", 0},
	SYS_COMPAT_14_MSGCTL:            {"compat_14_msgctl", "int", "int msqid, int cmd, struct msqid_ds14 *buf", flagCompat},
	SYS_MSGGET:                      {"msgget", "int", "key_t key, int msgflg", 0},
	SYS_MSGSND:                      {"msgsnd", "int", "int msqid, const void *msgp, size_t msgsz, int msgflg", 0},
	SYS_MSGRCV:                      {"msgrcv", "ssize_t", "int msqid, void *msgp, size_t msgsz, long msgtyp, int msgflg", 0},
	SYS_SHMAT:                       {"shmat", "void *", "int shmid, const void *shmaddr, int shmflg", 0},
	SYS_COMPAT_14_SHMCTL:            {"compat_14_shmctl", "int", "int shmid, int cmd, struct shmid_ds14 *buf", flagCompat},
	SYS_SHMDT:                       {"shmdt", "int", "const void *shmaddr", 0},
	SYS_SHMGET:                      {"shmget", "int", "key_t key, size_t size, int shmflg", 0},
	SYS_COMPAT_50_CLOCK_GETTIME:     {"compat_50_clock_gettime", "int", "clockid_t clock_id, struct timespec50 *tp", flagCompat},
	SYS_COMPAT_50_CLOCK_SETTIME:     {"compat_50_clock_settime", "int", "clockid_t clock_id, const struct timespec50 *tp", flagCompat},
	SYS_COMPAT_50_CLOCK_GETRES:      {"compat_50_clock_getres", "int", "clockid_t clock_id, struct timespec50 *tp", flagCompat},
	SYS_TIMER_CREATE:                {"timer_create", "int", "clockid_t clock_id, struct sigevent *evp, timer_t *timerid", flagRump},
	SYS_TIMER_DELETE:                {"timer_delete", "int", "timer_t timerid", flagRump},
	SYS_COMPAT_50_TIMER_SETTIME:     {"compat_50_timer_settime", "int", "timer_t timerid, int flags, const struct itimerspec50 *value, struct itimerspec50 *ovalue", flagCompat},
	SYS_COMPAT_50_TIMER_GETTIME:     {"compat_50_timer_gettime", "int", "timer_t timerid, struct itimerspec50 *value", flagCompat},
	SYS_TIMER_GETOVERRUN:            {"timer_getoverrun", "int", "timer_t timerid", flagRump},
	SYS_COMPAT_50_NANOSLEEP:         {"compat_50_nanosleep", "int", "const struct timespec50 *rqtp, struct timespec50 *rmtp", flagCompat},
	SYS_FDATASYNC:                   {"fdatasync", "int", "int fd", flagRump},
	SYS_MLOCKALL:                    {"mlockall", "int", "int flags", 0},
	SYS_MUNLOCKALL:                  {"munlockall", "int", "", 0},
	SYS_COMPAT_50___SIGTIMEDWAIT:    {"compat_50___sigtimedwait", "int", "const sigset_t *set, siginfo_t *info, struct timespec50 *timeout", flagCompat},
	SYS_SIGQUEUEINFO:                {"sigqueueinfo", "int", "pid_t pid, const siginfo_t *info", 0},
	SYS_MODCTL:                      {"modctl", "int", "int cmd, void *arg", flagRump},
	SYS__KSEM_INIT:                  {"_ksem_init", "int", "unsigned int value, intptr_t *idp", flagRump},
	SYS__KSEM_OPEN:                  {"_ksem_open", "int", "const char *name, int oflag, mode_t mode, unsigned int value, intptr_t *idp", flagRump},
	SYS__KSEM_UNLINK:                {"_ksem_unlink", "int", "const char *name", flagRump},
	SYS__KSEM_CLOSE:                 {"_ksem_close", "int", "intptr_t id", flagRump},
	SYS__KSEM_POST:                  {"_ksem_post", "int", "intptr_t id", flagRump},
	SYS__KSEM_WAIT:                  {"_ksem_wait", "int", "intptr_t id", flagRump},
	SYS__KSEM_TRYWAIT:               {"_ksem_trywait", "int", "intptr_t id", flagRump},
	SYS__KSEM_GETVALUE:              {"_ksem_getvalue", "int", "intptr_t id, unsigned int *value", flagRump},
	SYS__KSEM_DESTROY:               {"_ksem_destroy", "int", "intptr_t id", flagRump},
	SYS__KSEM_TIMEDWAIT:             {"_ksem_timedwait", "int", "intptr_t id, const struct timespec *abstime", flagRump},
	SYS_MQ_OPEN:                     {"mq_open", "mqd_t", "const char * name, int oflag, mode_t mode, struct mq_attr *attr", 0},
	SYS_MQ_CLOSE:                    {"mq_close", "int", "mqd_t mqdes", 0},
	SYS_MQ_UNLINK:                   {"mq_unlink", "int", "const char *name", 0},
	SYS_MQ_GETATTR:                  {"mq_getattr", "int", "mqd_t mqdes, struct mq_attr *mqstat", 0},
	SYS_MQ_SETATTR:                  {"mq_setattr", "int", "mqd_t mqdes, const struct mq_attr *mqstat, struct mq_attr *omqstat", 0},
	SYS_MQ_NOTIFY:                   {"mq_notify", "int", "mqd_t mqdes, const struct sigevent *notification", 0},
	SYS_MQ_SEND:                     {"mq_send", "int", "mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned msg_prio", 0},
	SYS_MQ_RECEIVE:                  {"mq_receive", "ssize_t", "mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned *msg_prio", 0},
	SYS_COMPAT_50_MQ_TIMEDSEND:      {"compat_50_mq_timedsend", "int", "mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned msg_prio, const struct timespec50 *abs_timeout", flagCompat},
	SYS_COMPAT_50_MQ_TIMEDRECEIVE:   {"compat_50_mq_timedreceive", "ssize_t", "mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned *msg_prio, const struct timespec50 *abs_timeout", flagCompat},
	SYS___POSIX_RENAME:              {"__posix_rename", "int", "const char *from, const char *to", flagRump},
	SYS_SWAPCTL:                     {"swapctl", "int", "int cmd, void *arg, int misc", 0},
	SYS_COMPAT_30_GETDENTS:          {"compat_30_getdents", "int", "int fd, char *buf, size_t count", flagCompat},
	SYS_MINHERIT:                    {"minherit", "int", "void *addr, size_t len, int inherit", 0},
	SYS_LCHMOD:                      {"lchmod", "int", "const char *path, mode_t mode", flagRump},
	SYS_LCHOWN:                      {"lchown", "int", "const char *path, uid_t uid, gid_t gid", flagRump},
	SYS_COMPAT_50_LUTIMES:           {"compat_50_lutimes", "int", "const char *path, const struct timeval50 *tptr", flagRump | flagCompat},
	SYS___MSYNC13:                   {"__msync13", "int", "void *addr, size_t len, int flags", 0},
	SYS_COMPAT_30___STAT13:          {"compat_30___stat13", "int", "const char *path, struct stat13 *ub", flagCompat},
	SYS_COMPAT_30___FSTAT13:         {"compat_30___fstat13", "int", "int fd, struct stat13 *sb", flagCompat},
	SYS_COMPAT_30___LSTAT13:         {"compat_30___lstat13", "int", "const char *path, struct stat13 *ub", flagCompat},
	SYS___SIGALTSTACK14:             {"__sigaltstack14", "int", "const struct sigaltstack *nss, struct sigaltstack *oss", 0},
	SYS___VFORK14:                   {"__vfork14", "int", "", 0},
	SYS___POSIX_CHOWN:               {"__posix_chown", "int", "const char *path, uid_t uid, gid_t gid", flagRump},
	SYS___POSIX_FCHOWN:              {"__posix_fchown", "int", "int fd, uid_t uid, gid_t gid", flagRump},
	SYS___POSIX_LCHOWN:              {"__posix_lchown", "int", "const char *path, uid_t uid, gid_t gid", flagRump},
	SYS_GETSID:                      {"getsid", "pid_t", "pid_t pid", flagRump},
	SYS___CLONE:                     {"__clone", "pid_t", "int flags, void *stack", 0},
	SYS_FKTRACE:                     {"fktrace", "int", "int fd, int ops, int facs, pid_t pid", flagRump},
	SYS_PREADV:                      {"preadv", "ssize_t", "int fd, const struct iovec *iovp, int iovcnt, int PAD, off_t offset", flagRump},
	SYS_PWRITEV:                     {"pwritev", "ssize_t", "int fd, const struct iovec *iovp, int iovcnt, int PAD, off_t offset", flagRump},
	SYS_COMPAT_16___SIGACTION14:     {"compat_16___sigaction14", "int", "int signum, const struct sigaction *nsa, struct sigaction *osa", flagCompat},
	SYS___SIGPENDING14:              {"__sigpending14", "int", "sigset_t *set", 0},
	SYS___SIGPROCMASK14:             {"__sigprocmask14", "int", "int how, const sigset_t *set, sigset_t *oset", 0},
	SYS___SIGSUSPEND14:              {"__sigsuspend14", "int", "const sigset_t *set", 0},
	SYS_COMPAT_16___SIGRETURN14:     {"compat_16___sigreturn14", "int", "struct sigcontext *sigcntxp", flagCompat},
	SYS___GETCWD:                    {"__getcwd", "int", "char *bufp, size_t length", flagRump},
	SYS_FCHROOT:                     {"fchroot", "int", "int fd", flagRump},
	SYS_COMPAT_30_FHOPEN:            {"compat_30_fhopen", "int", "const struct compat_30_fhandle *fhp, int flags", flagCompat},
	SYS_COMPAT_30_FHSTAT:            {"compat_30_fhstat", "int", "const struct compat_30_fhandle *fhp, struct stat13 *sb", flagCompat},
	SYS_COMPAT_20_FHSTATFS:          {"compat_20_fhstatfs", "int", "const struct compat_30_fhandle *fhp, struct statfs12 *buf", flagCompat},
	SYS_COMPAT_50_____SEMCTL13:      {"compat_50_____semctl13", "int", "int semid, int semnum, int cmd, union __semun *arg", flagCompat},
	SYS_COMPAT_50___MSGCTL13:        {"compat_50___msgctl13", "int", "int msqid, int cmd, struct msqid_ds *buf", flagCompat},
	SYS_COMPAT_50___SHMCTL13:        {"compat_50___shmctl13", "int", "int shmid, int cmd, struct shmid_ds13 *buf", flagCompat},
	SYS_LCHFLAGS:                    {"lchflags", "int", "const char *path, u_long flags", flagRump},
	SYS_ISSETUGID:                   {"issetugid", "int", "", flagRump | flagNoErr},
	SYS_UTRACE:                      {"utrace", "int", "const char *label, void *addr, size_t len", flagRump},
	SYS_GETCONTEXT:                  {"getcontext", "int", "struct __ucontext *ucp", 0},
	SYS_SETCONTEXT:                  {"setcontext", "int", "const struct __ucontext *ucp", 0},
	SYS__LWP_CREATE:                 {"_lwp_create", "int", "const struct __ucontext *ucp, u_long flags, lwpid_t *new_lwp", 0},
	SYS__LWP_EXIT:                   {"_lwp_exit", "int", "", 0},
	SYS__LWP_SELF:                   {"_lwp_self", "lwpid_t", "", 0},
	SYS__LWP_WAIT:                   {"_lwp_wait", "int", "lwpid_t wait_for, lwpid_t *departed", 0},
	SYS__LWP_SUSPEND:                {"_lwp_suspend", "int", "lwpid_t target", 0},
	SYS__LWP_CONTINUE:               {"_lwp_continue", "int", "lwpid_t target", 0},
	SYS__LWP_WAKEUP:                 {"_lwp_wakeup", "int", "lwpid_t target", 0},
	SYS__LWP_GETPRIVATE:             {"_lwp_getprivate", "void *", "", 0},
	SYS__LWP_SETPRIVATE:             {"_lwp_setprivate", "void", "void *ptr", 0},
	SYS__LWP_KILL:                   {"_lwp_kill", "int", "lwpid_t target, int signo", 0},
	SYS__LWP_DETACH:                 {"_lwp_detach", "int", "lwpid_t target", 0},
	SYS_COMPAT_50__LWP_PARK:         {"compat_50__lwp_park", "int", "const struct timespec50 *ts, lwpid_t unpark, const void *hint, const void *unparkhint", flagCompat},
	SYS__LWP_UNPARK:                 {"_lwp_unpark", "int", "lwpid_t target, const void *hint", 0},
	SYS__LWP_UNPARK_ALL:             {"_lwp_unpark_all", "ssize_t", "const lwpid_t *targets, size_t ntargets, const void *hint", 0},
	SYS__LWP_SETNAME:                {"_lwp_setname", "int", "lwpid_t target, const char *name", 0},
	SYS__LWP_GETNAME:                {"_lwp_getname", "int", "lwpid_t target, char *name, size_t len", 0},
	SYS__LWP_CTL:                    {"_lwp_ctl", "int", "int features, struct lwpctl **address", 0},
	SYS_COMPAT_60_SA_REGISTER:       {"compat_60_sa_register", "int", "void *newv, void **oldv, int flags, ssize_t stackinfo_offset", flagCompat},
	SYS_COMPAT_60_SA_STACKS:         {"compat_60_sa_stacks", "int", "int num, stack_t *stacks", flagCompat},
	SYS_COMPAT_60_SA_ENABLE:         {"compat_60_sa_enable", "int", "", flagCompat},
	SYS_COMPAT_60_SA_SETCONCURRENCY: {"compat_60_sa_setconcurrency", "int", "int concurrency", flagCompat},
	SYS_COMPAT_60_SA_YIELD:          {"compat_60_sa_yield", "int", "", flagCompat},
	SYS_COMPAT_60_SA_PREEMPT:        {"compat_60_sa_preempt", "int", "int sa_id", flagCompat},
	SYS___SIGACTION_SIGTRAMP:        {"__sigaction_sigtramp", "int", "int signum, const struct sigaction *nsa, struct sigaction *osa, const void *tramp, int vers", 0},
	SYS_PMC_GET_INFO:                {"pmc_get_info", "int", "int ctr, int op, void *args", 0},
	SYS_PMC_CONTROL:                 {"pmc_control", "int", "int ctr, int op, void *args", 0},
	SYS_RASCTL:                      {"rasctl", "int", "void *addr, size_t len, int op", 0},
	SYS_KQUEUE:                      {"kqueue", "int", "", flagRump},
	SYS_COMPAT_50_KEVENT:            {"compat_50_kevent", "int", "int fd, const struct kevent *changelist, size_t nchanges, struct kevent *eventlist, size_t nevents, const struct timespec50 *timeout", flagRump | flagCompat},
	SYS__SCHED_SETPARAM:             {"_sched_setparam", "int", "pid_t pid, lwpid_t lid, int policy, const struct sched_param *params", 0},
	SYS__SCHED_GETPARAM:             {"_sched_getparam", "int", "pid_t pid, lwpid_t lid, int *policy, struct sched_param *params", 0},
	SYS__SCHED_SETAFFINITY:          {"_sched_setaffinity", "int", "pid_t pid, lwpid_t lid, size_t size, const cpuset_t *cpuset", 0},
	SYS__SCHED_GETAFFINITY:          {"_sched_getaffinity", "int", "pid_t pid, lwpid_t lid, size_t size, cpuset_t *cpuset", 0},
	SYS_SCHED_YIELD:                 {"sched_yield", "int", "", 0},
	SYS__SCHED_PROTECT:              {"_sched_protect", "int", "int priority", 0},
	SYS_FSYNC_RANGE:                 {"fsync_range", "int", "int fd, int flags, off_t start, off_t length", flagRump},
	SYS_UUIDGEN:                     {"uuidgen", "int", "struct uuid *store, int count", 0},
	SYS_GETVFSSTAT:                  {"getvfsstat", "int", "struct statvfs *buf, size_t bufsize, int flags", flagRump},
	SYS_STATVFS1:                    {"statvfs1", "int", "const char *path, struct statvfs *buf, int flags", flagRump},
	SYS_FSTATVFS1:                   {"fstatvfs1", "int", "int fd, struct statvfs *buf, int flags", flagRump},
	SYS_COMPAT_30_FHSTATVFS1:        {"compat_30_fhstatvfs1", "int", "const struct compat_30_fhandle *fhp, struct statvfs *buf, int flags", flagCompat},
	SYS_EXTATTRCTL:                  {"extattrctl", "int", "const char *path, int cmd, const char *filename, int attrnamespace, const char *attrname", flagRump},
	SYS_EXTATTR_SET_FILE:            {"extattr_set_file", "int", "const char *path, int attrnamespace, const char *attrname, const void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_GET_FILE:            {"extattr_get_file", "ssize_t", "const char *path, int attrnamespace, const char *attrname, void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_DELETE_FILE:         {"extattr_delete_file", "int", "const char *path, int attrnamespace, const char *attrname", flagRump},
	SYS_EXTATTR_SET_FD:              {"extattr_set_fd", "int", "int fd, int attrnamespace, const char *attrname, const void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_GET_FD:              {"extattr_get_fd", "ssize_t", "int fd, int attrnamespace, const char *attrname, void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_DELETE_FD:           {"extattr_delete_fd", "int", "int fd, int attrnamespace, const char *attrname", flagRump},
	SYS_EXTATTR_SET_LINK:            {"extattr_set_link", "int", "const char *path, int attrnamespace, const char *attrname, const void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_GET_LINK:            {"extattr_get_link", "ssize_t", "const char *path, int attrnamespace, const char *attrname, void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_DELETE_LINK:         {"extattr_delete_link", "int", "const char *path, int attrnamespace, const char *attrname", flagRump},
	SYS_EXTATTR_LIST_FD:             {"extattr_list_fd", "ssize_t", "int fd, int attrnamespace, void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_LIST_FILE:           {"extattr_list_file", "ssize_t", "const char *path, int attrnamespace, void *data, size_t nbytes", flagRump},
	SYS_EXTATTR_LIST_LINK:           {"extattr_list_link", "ssize_t", "const char *path, int attrnamespace, void *data, size_t nbytes", flagRump},
	SYS_COMPAT_50_PSELECT:           {"compat_50_pselect", "int", "int nd, fd_set *in, fd_set *ou, fd_set *ex, const struct timespec50 *ts, const sigset_t *mask", flagRump | flagCompat},
	SYS_COMPAT_50_POLLTS:            {"compat_50_pollts", "int", "struct pollfd *fds, u_int nfds, const struct timespec50 *ts, const sigset_t *mask", flagRump | flagCompat},
	SYS_SETXATTR:                    {"setxattr", "int", "const char *path, const char *name, const void *value, size_t size, int flags", flagRump},
	SYS_LSETXATTR:                   {"lsetxattr", "int", "const char *path, const char *name, const void *value, size_t size, int flags", flagRump},
	SYS_FSETXATTR:                   {"fsetxattr", "int", "int fd, const char *name, const void *value, size_t size, int flags", flagRump},
	SYS_GETXATTR:                    {"getxattr", "int", "const char *path, const char *name, void *value, size_t size", flagRump},
	SYS_LGETXATTR:                   {"lgetxattr", "int", "const char *path, const char *name, void *value, size_t size", flagRump},
	SYS_FGETXATTR:                   {"fgetxattr", "int", "int fd, const char *name, void *value, size_t size", flagRump},
	SYS_LISTXATTR:                   {"listxattr", "int", "const char *path, char *list, size_t size", flagRump},
	SYS_LLISTXATTR:                  {"llistxattr", "int", "const char *path, char *list, size_t size", flagRump},
	SYS_FLISTXATTR:                  {"flistxattr", "int", "int fd, char *list, size_t size", flagRump},
	SYS_REMOVEXATTR:                 {"removexattr", "int", "const char *path, const char *name", flagRump},
	SYS_LREMOVEXATTR:                {"lremovexattr", "int", "const char *path, const char *name", flagRump},
	SYS_FREMOVEXATTR:                {"fremovexattr", "int", "int fd, const char *name", flagRump},
	SYS_COMPAT_50___STAT30:          {"compat_50___stat30", "int", "const char *path, struct stat30 *ub", flagRump | flagCompat},
	SYS_COMPAT_50___FSTAT30:         {"compat_50___fstat30", "int", "int fd, struct stat30 *sb", flagRump | flagCompat},
	SYS_COMPAT_50___LSTAT30:         {"compat_50___lstat30", "int", "const char *path, struct stat30 *ub", flagRump | flagCompat},
	SYS___GETDENTS30:                {"__getdents30", "int", "int fd, char *buf, size_t count", flagRump},
	SYS_COMPAT_30___FHSTAT30:        {"compat_30___fhstat30", "int", "const struct compat_30_fhandle *fhp, struct stat30 *sb", flagCompat},
	SYS_COMPAT_50___NTP_GETTIME30:   {"compat_50___ntp_gettime30", "int", "struct ntptimeval50 *ntvp", flagCompat},
	SYS___SOCKET30:                  {"__socket30", "int", "int domain, int type, int protocol", flagRump},
	SYS___GETFH30:                   {"__getfh30", "int", "const char *fname, void *fhp, size_t *fh_size", flagRump},
	SYS___FHOPEN40:                  {"__fhopen40", "int", "const void *fhp, size_t fh_size, int flags", flagRump},
	SYS___FHSTATVFS140:              {"__fhstatvfs140", "int", "const void *fhp, size_t fh_size, struct statvfs *buf, int flags", flagRump},
	SYS_COMPAT_50___FHSTAT40:        {"compat_50___fhstat40", "int", "const void *fhp, size_t fh_size, struct stat30 *sb", flagRump | flagCompat},
	SYS_AIO_CANCEL:                  {"aio_cancel", "int", "int fildes, struct aiocb *aiocbp", flagRump},
	SYS_AIO_ERROR:                   {"aio_error", "int", "const struct aiocb *aiocbp", flagRump},
	SYS_AIO_FSYNC:                   {"aio_fsync", "int", "int op, struct aiocb *aiocbp", flagRump},
	SYS_AIO_READ:                    {"aio_read", "int", "struct aiocb *aiocbp", flagRump},
	SYS_AIO_RETURN:                  {"aio_return", "int", "struct aiocb *aiocbp", flagRump},
	SYS_COMPAT_50_AIO_SUSPEND:       {"compat_50_aio_suspend", "int", "const struct aiocb *const *list, int nent, const struct timespec50 *timeout", flagCompat},
	SYS_AIO_WRITE:                   {"aio_write", "int", "struct aiocb *aiocbp", flagRump},
	SYS_LIO_LISTIO:                  {"lio_listio", "int", "int mode, struct aiocb *const *list, int nent, struct sigevent *sig", flagRump},
	SYS___MOUNT50:                   {"__mount50", "int", "const char *type, const char *path, int flags, void *data, size_t data_len", flagRump},
	SYS_MREMAP:                      {"mremap", "void *", "void *old_address, size_t old_size, void *new_address, size_t new_size, int flags", 0},
	SYS_PSET_CREATE:                 {"pset_create", "int", "psetid_t *psid", 0},
	SYS_PSET_DESTROY:                {"pset_destroy", "int", "psetid_t psid", 0},
	SYS_PSET_ASSIGN:                 {"pset_assign", "int", "psetid_t psid, cpuid_t cpuid, psetid_t *opsid", 0},
	SYS__PSET_BIND:                  {"_pset_bind", "int", "idtype_t idtype, id_t first_id, id_t second_id, psetid_t psid, psetid_t *opsid", 0},
	SYS___POSIX_FADVISE50:           {"__posix_fadvise50", "int", "int fd, int PAD, off_t offset, off_t len, int advice", flagRump | flagNoErr},
	SYS___SELECT50:                  {"__select50", "int", "int nd, fd_set *in, fd_set *ou, fd_set *ex, struct timeval *tv", flagRump},
	SYS___GETTIMEOFDAY50:            {"__gettimeofday50", "int", "struct timeval *tp, void *tzp", flagRump},
	SYS___SETTIMEOFDAY50:            {"__settimeofday50", "int", "const struct timeval *tv, const void *tzp", flagRump},
	SYS___UTIMES50:                  {"__utimes50", "int", "const char *path, const struct timeval *tptr", flagRump},
	SYS___ADJTIME50:                 {"__adjtime50", "int", "const struct timeval *delta, struct timeval *olddelta", flagRump},
	SYS___LFS_SEGWAIT50:             {"__lfs_segwait50", "int", "fsid_t *fsidp, struct timeval *tv", 0},
	SYS___FUTIMES50:                 {"__futimes50", "int", "int fd, const struct timeval *tptr", flagRump},
	SYS___LUTIMES50:                 {"__lutimes50", "int", "const char *path, const struct timeval *tptr", flagRump},
	SYS___SETITIMER50:               {"__setitimer50", "int", "int which, const struct itimerval *itv, struct itimerval *oitv", flagRump},
	SYS___GETITIMER50:               {"__getitimer50", "int", "int which, struct itimerval *itv", flagRump},
	SYS___CLOCK_GETTIME50:           {"__clock_gettime50", "int", "clockid_t clock_id, struct timespec *tp", flagRump},
	SYS___CLOCK_SETTIME50:           {"__clock_settime50", "int", "clockid_t clock_id, const struct timespec *tp", flagRump},
	SYS___CLOCK_GETRES50:            {"__clock_getres50", "int", "clockid_t clock_id, struct timespec *tp", flagRump},
	SYS___NANOSLEEP50:               {"__nanosleep50", "int", "const struct timespec *rqtp, struct timespec *rmtp", flagRump},
	SYS_____SIGTIMEDWAIT50:          {"____sigtimedwait50", "int", "const sigset_t *set, siginfo_t *info, struct timespec *timeout", 0},
	SYS___MQ_TIMEDSEND50:            {"__mq_timedsend50", "int", "mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned msg_prio, const struct timespec *abs_timeout", 0},
	SYS___MQ_TIMEDRECEIVE50:         {"__mq_timedreceive50", "ssize_t", "mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned *msg_prio, const struct timespec *abs_timeout", 0},
	SYS_COMPAT_60__LWP_PARK:         {"compat_60__lwp_park", "int", "const struct timespec *ts, lwpid_t unpark, const void *hint, const void *unparkhint", flagCompat},
	SYS___KEVENT50:                  {"__kevent50", "int", "int fd, const struct kevent *changelist, size_t nchanges, struct kevent *eventlist, size_t nevents, const struct timespec *timeout", flagRump},
	SYS___PSELECT50:                 {"__pselect50", "int", "int nd, fd_set *in, fd_set *ou, fd_set *ex, const struct timespec *ts, const sigset_t *mask", flagRump},
	SYS___POLLTS50:                  {"__pollts50", "int", "struct pollfd *fds, u_int nfds, const struct timespec *ts, const sigset_t *mask", flagRump},
	SYS___AIO_SUSPEND50:             {"__aio_suspend50", "int", "const struct aiocb *const *list, int nent, const struct timespec *timeout", flagRump},
	SYS___STAT50:                    {"__stat50", "int", "const char *path, struct stat *ub", flagRump},
	SYS___FSTAT50:                   {"__fstat50", "int", "int fd, struct stat *sb", flagRump},
	SYS___LSTAT50:                   {"__lstat50", "int", "const char *path, struct stat *ub", flagRump},
	SYS_____SEMCTL50:                {"____semctl50", "int", "int semid, int semnum, int cmd, union __semun *arg", 0},
	SYS___SHMCTL50:                  {"__shmctl50", "int", "int shmid, int cmd, struct shmid_ds *buf", 0},
	SYS___MSGCTL50:                  {"__msgctl50", "int", "int msqid, int cmd, struct msqid_ds *buf", 0},
	SYS___GETRUSAGE50:               {"__getrusage50", "int", "int who, struct rusage *rusage", 0},
	SYS___TIMER_SETTIME50:           {"__timer_settime50", "int", "timer_t timerid, int flags, const struct itimerspec *value, struct itimerspec *ovalue", flagRump},
	SYS___TIMER_GETTIME50:           {"__timer_gettime50", "int", "timer_t timerid, struct itimerspec *value", flagRump},
	SYS___NTP_GETTIME50:             {"__ntp_gettime50", "int", "struct ntptimeval *ntvp", 0},
	SYS___WAIT450:                   {"__wait450", "int", "pid_t pid, int *status, int options, struct rusage *rusage", 0},
	SYS___MKNOD50:                   {"__mknod50", "int", "const char *path, mode_t mode, dev_t dev", flagRump},
	SYS___FHSTAT50:                  {"__fhstat50", "int", "const void *fhp, size_t fh_size, struct stat *sb", flagRump},
	SYS_PIPE2:                       {"pipe2", "int", "int *fildes, int flags", flagRump},
	SYS_DUP3:                        {"dup3", "int", "int from, int to, int flags", flagRump},
	SYS_KQUEUE1:                     {"kqueue1", "int", "int flags", flagRump},
	SYS_PACCEPT:                     {"paccept", "int", "int s, struct sockaddr *name, socklen_t *anamelen, const sigset_t *mask, int flags", flagRump},
	SYS_LINKAT:                      {"linkat", "int", "int fd1, const char *name1, int fd2, const char *name2, int flags", flagRump},
	SYS_RENAMEAT:                    {"renameat", "int", "int fromfd, const char *from, int tofd, const char *to", flagRump},
	SYS_MKFIFOAT:                    {"mkfifoat", "int", "int fd, const char *path, mode_t mode", flagRump},
	SYS_MKNODAT:                     {"mknodat", "int", "int fd, const char *path, mode_t mode, int PAD, dev_t dev", flagRump},
	SYS_MKDIRAT:                     {"mkdirat", "int", "int fd, const char *path, mode_t mode", flagRump},
	SYS_FACCESSAT:                   {"faccessat", "int", "int fd, const char *path, int amode, int flag", flagRump},
	SYS_FCHMODAT:                    {"fchmodat", "int", "int fd, const char *path, mode_t mode, int flag", flagRump},
	SYS_FCHOWNAT:                    {"fchownat", "int", "int fd, const char *path, uid_t owner, gid_t group, int flag", flagRump},
	SYS_FEXECVE:                     {"fexecve", "int", "int fd, char *const *argp, char *const *envp", 0},
	SYS_FSTATAT:                     {"fstatat", "int", "int fd, const char *path, struct stat *buf, int flag", flagRump},
	SYS_UTIMENSAT:                   {"utimensat", "int", "int fd, const char *path, const struct timespec *tptr, int flag", flagRump},
	SYS_OPENAT:                      {"openat", "int", "int fd, const char *path, int oflags, mode_t mode", flagRump},
	SYS_READLINKAT:                  {"readlinkat", "ssize_t", "int fd, const char *path, char *buf, size_t bufsize", flagRump},
	SYS_SYMLINKAT:                   {"symlinkat", "int", "const char *path1, int fd, const char *path2", flagRump},
	SYS_UNLINKAT:                    {"unlinkat", "int", "int fd, const char *path, int flag", flagRump},
	SYS_FUTIMENS:                    {"futimens", "int", "int fd, const struct timespec *tptr", flagRump},
	SYS___QUOTACTL:                  {"__quotactl", "int", "const char *path, struct quotactl_args *args", flagRump},
	SYS_POSIX_SPAWN:                 {"posix_spawn", "int", "pid_t *pid, const char *path, const struct posix_spawn_file_actions *file_actions, const struct posix_spawnattr *attrp, char *const *argv, char *const *envp", flagNoErr},
	SYS_RECVMMSG:                    {"recvmmsg", "int", "int s, struct mmsghdr *mmsg, unsigned int vlen, unsigned int flags, struct timespec *timeout", flagRump},
	SYS_SENDMMSG:                    {"sendmmsg", "int", "int s, struct mmsghdr *mmsg, unsigned int vlen, unsigned int flags", flagRump},
	SYS_CLOCK_NANOSLEEP:             {"clock_nanosleep", "int", "clockid_t clock_id, int flags, const struct timespec *rqtp, struct timespec *rmtp", flagRump | flagNoErr},
	SYS____LWP_PARK60:               {"___lwp_park60", "int", "clockid_t clock_id, int flags, const struct timespec *ts, lwpid_t unpark, const void *hint, const void *unparkhint", 0},
	SYS_POSIX_FALLOCATE:             {"posix_fallocate", "int", "int fd, int PAD, off_t pos, off_t len", flagRump | flagNoErr},
	SYS_FDISCARD:                    {"fdiscard", "int", "int fd, int PAD, off_t pos, off_t len", flagRump},
	SYS_WAIT6:                       {"wait6", "int", "idtype_t idtype, id_t id, int *status, int options, struct wrusage *wru, siginfo_t *info", 0},
	SYS_CLOCK_GETCPUCLOCKID2:        {"clock_getcpuclockid2", "int", "idtype_t idtype, id_t id, clockid_t *clock_id", 0},
}
