package kern

import "github.com/rumpkernel/rumpscript/netbsd"

// registerBase adds the system calls that every rump kernel has.
func (k *Kernel) registerBase() {
	t := &k.Table
	for n, f := range map[netbsd.Sysno]Func{
		netbsd.SYS_READ: sysRead, netbsd.SYS_READV: sysReadv, netbsd.SYS_WRITE: sysWrite, netbsd.SYS_WRITEV: sysWritev,
		netbsd.SYS_IOCTL: sysIoctl, netbsd.SYS_CLOSE: sysClose, netbsd.SYS___FSTAT50: sysFstat,
		netbsd.SYS_DUP: sysDup, netbsd.SYS_DUP2: sysDup2, netbsd.SYS_DUP3: sysDup3, netbsd.SYS_FCNTL: sysFcntl,
		netbsd.SYS_FLOCK: sysFlock, netbsd.SYS_FPATHCONF: sysFpathconf, netbsd.SYS___POSIX_FADVISE50: sysFadvise,

		netbsd.SYS_PIPE: sysPipe, netbsd.SYS_PIPE2: sysPipe2,
		netbsd.SYS_POLL: sysPoll, netbsd.SYS___POLLTS50: sysPollts,
		netbsd.SYS___SELECT50: sysSelect, netbsd.SYS___PSELECT50: sysPselect,
		netbsd.SYS_KQUEUE: sysKqueue, netbsd.SYS_KQUEUE1: sysKqueue1, netbsd.SYS___KEVENT50: sysKevent,

		netbsd.SYS_GETPID: sysGetpid, netbsd.SYS_GETPPID: sysGetppid, netbsd.SYS_GETUID: sysGetuid, netbsd.SYS_GETEUID: sysGeteuid,
		netbsd.SYS_GETGID: sysGetgid, netbsd.SYS_GETEGID: sysGetegid, netbsd.SYS_SETUID: sysSetuid, netbsd.SYS_SETEUID: sysSeteuid,
		netbsd.SYS_SETREUID: sysSetreuid, netbsd.SYS_SETGID: sysSetgid, netbsd.SYS_SETEGID: sysSetegid, netbsd.SYS_SETREGID: sysSetregid,
		netbsd.SYS_GETGROUPS: sysGetgroups, netbsd.SYS_SETGROUPS: sysSetgroups, netbsd.SYS_ISSETUGID: sysIssetugid,
		netbsd.SYS_GETPGRP: sysGetpgrp, netbsd.SYS_GETPGID: sysGetpgid, netbsd.SYS_SETPGID: sysSetpgid,
		netbsd.SYS_GETSID: sysGetsid, netbsd.SYS_SETSID: sysSetsid,
		netbsd.SYS___GETLOGIN: sysGetlogin, netbsd.SYS___SETLOGIN: sysSetlogin,
		netbsd.SYS_GETRLIMIT: sysGetrlimit, netbsd.SYS_SETRLIMIT: sysSetrlimit,

		netbsd.SYS___GETTIMEOFDAY50: sysGettimeofday, netbsd.SYS___SETTIMEOFDAY50: sysSettimeofday,
		netbsd.SYS___CLOCK_GETTIME50: sysClockGettime, netbsd.SYS___CLOCK_SETTIME50: sysClockSettime,
		netbsd.SYS___CLOCK_GETRES50: sysClockGetres, netbsd.SYS___NANOSLEEP50: sysNanosleep,
		netbsd.SYS_CLOCK_NANOSLEEP: sysClockNanosleep, netbsd.SYS___ADJTIME50: sysAdjtime,
		netbsd.SYS___SETITIMER50: sysSetitimer, netbsd.SYS___GETITIMER50: sysGetitimer,

		netbsd.SYS_TIMER_CREATE: sysTimerCreate, netbsd.SYS_TIMER_DELETE: sysTimerDelete, netbsd.SYS_TIMER_GETOVERRUN: sysTimerGetoverrun,
		netbsd.SYS___TIMER_GETTIME50: sysTimerGettime, netbsd.SYS___TIMER_SETTIME50: sysTimerSettime,

		netbsd.SYS__KSEM_INIT: sysKsemInit, netbsd.SYS__KSEM_OPEN: sysKsemOpen, netbsd.SYS__KSEM_UNLINK: sysKsemUnlink,
		netbsd.SYS__KSEM_CLOSE: sysKsemClose, netbsd.SYS__KSEM_POST: sysKsemPost, netbsd.SYS__KSEM_WAIT: sysKsemWait,
		netbsd.SYS__KSEM_TRYWAIT: sysKsemTrywait, netbsd.SYS__KSEM_TIMEDWAIT: sysKsemTimedwait,
		netbsd.SYS__KSEM_GETVALUE: sysKsemGetvalue, netbsd.SYS__KSEM_DESTROY: sysKsemDestroy,

		netbsd.SYS_FKTRACE: sysFktrace, netbsd.SYS_UTRACE: sysUtrace,
		netbsd.SYS___SYSCTL: sysSysctl, netbsd.SYS_REBOOT: sysReboot, netbsd.SYS_MODCTL: sysModctl,
	} {
		t.Register(n, f)
	}
}
