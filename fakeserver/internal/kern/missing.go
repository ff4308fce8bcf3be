package kern

import "github.com/rumpkernel/rumpscript/netbsd"

// sysMissing is a call that the kernel does not have. One that a module would
// bring also sends the caller a signal, after the kernel has looked for the
// module.
func sysMissing(c *Call) netbsd.Errno {
	if ofModule(c.Num) {
		c.Raise(netbsd.SIGSYS)
	}
	return netbsd.ENOSYS
}

// ofModule reports whether a call comes with a module: those for old programs,
// of System V's IPC, message queues, asynchronous I/O, semaphores, LFS and NFS.
func ofModule(n netbsd.Sysno) bool {
	switch {
	case n == netbsd.SYS_COMPAT_30_NTP_GETTIME, n >= netbsd.SYS_COMPAT_60_SA_REGISTER && n <= netbsd.SYS_COMPAT_60_SA_PREEMPT:
		return false // the kernel itself knows that it has none
	case n.Compat():
		return true
	}
	for _, r := range [...]struct{ first, last netbsd.Sysno }{
		{netbsd.SYS_NFSSVC, netbsd.SYS_NFSSVC},
		{netbsd.SYS_LFS_BMAPV, netbsd.SYS_LFS_SEGCLEAN},
		{netbsd.SYS_AFSSYS, netbsd.SYS_AFSSYS},
		{netbsd.SYS_SEMGET, netbsd.SYS_SEMCONFIG}, {netbsd.SYS_MSGGET, netbsd.SYS_SHMAT}, {netbsd.SYS_SHMDT, netbsd.SYS_SHMGET},
		{netbsd.SYS__KSEM_INIT, netbsd.SYS_MQ_RECEIVE},
		{netbsd.SYS_AIO_CANCEL, netbsd.SYS_LIO_LISTIO},
		{netbsd.SYS___LFS_SEGWAIT50, netbsd.SYS___LFS_SEGWAIT50},
		{netbsd.SYS___MQ_TIMEDSEND50, netbsd.SYS___MQ_TIMEDRECEIVE50},
		{netbsd.SYS___AIO_SUSPEND50, netbsd.SYS___AIO_SUSPEND50},
		{netbsd.SYS_____SEMCTL50, netbsd.SYS___MSGCTL50},
	} {
		if n >= r.first && n <= r.last {
			return true
		}
	}
	return false
}
