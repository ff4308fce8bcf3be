package kern

import (
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

var _ sysproxy.Prompter = (*Proc)(nil)

// Prompt reports whether a system call returns at once, so that the server can
// carry it out where it was read: sysproxy.Prompter. With a fault it may take
// any time, and next to others only those do that need no lock.
func (p *Proc) Prompt(num uint32, alone bool) bool {
	if f := p.Kernel.fault.Load(); f != nil && *f != nil {
		return false
	}
	if uint64(num) >= uint64(len(promptCalls)) {
		return false
	}
	return promptCalls[num] == lockFree || alone && promptCalls[num] == locking
}

// How prompt a call is: not at all, if no other call of the process holds a lock, or
// always.
const (
	waiting = iota
	locking
	lockFree
)

// promptCalls are the calls that wait for nothing but the caller's memory: those
// that open, read, write, connect or wait for events do.
var promptCalls = func() (prompt [netbsd.SYS_NSYSENT]uint8) {
	for _, n := range slices.Concat(fileCalls, networkCalls) {
		prompt[n] = locking
	}
	for _, n := range identityCalls {
		prompt[n] = lockFree
	}
	prompt[netbsd.SYS___SYSCTL] = locking
	return prompt
}()

var (
	identityCalls = []netbsd.Sysno{
		netbsd.SYS_GETPID, netbsd.SYS_GETPPID, netbsd.SYS_GETUID, netbsd.SYS_GETEUID, netbsd.SYS_GETGID, netbsd.SYS_GETEGID,
		netbsd.SYS_GETPGRP, netbsd.SYS_GETPGID, netbsd.SYS_GETSID, netbsd.SYS_ISSETUGID, netbsd.SYS_GETGROUPS,
		netbsd.SYS_GETRLIMIT, netbsd.SYS_SETRLIMIT, netbsd.SYS___GETLOGIN, netbsd.SYS_UMASK,
		netbsd.SYS___GETTIMEOFDAY50, netbsd.SYS___CLOCK_GETTIME50, netbsd.SYS___CLOCK_GETRES50,
	}
	fileCalls = []netbsd.Sysno{
		netbsd.SYS_PATHCONF, netbsd.SYS___STAT50, netbsd.SYS___LSTAT50, netbsd.SYS___FSTAT50, netbsd.SYS_ACCESS, netbsd.SYS_READLINK, netbsd.SYS_MKDIR,
		netbsd.SYS_RMDIR, netbsd.SYS_UNLINK, netbsd.SYS_RENAME, netbsd.SYS_LINK, netbsd.SYS_SYMLINK, netbsd.SYS_CHMOD,
		netbsd.SYS_CHOWN, netbsd.SYS_LSEEK, netbsd.SYS_DUP, netbsd.SYS___GETDENTS30, netbsd.SYS_CHDIR,
		netbsd.SYS_FCHDIR, netbsd.SYS_STATVFS1, netbsd.SYS_FSTATVFS1, netbsd.SYS_GETVFSSTAT, netbsd.SYS___GETCWD,
		netbsd.SYS_TRUNCATE, netbsd.SYS_FTRUNCATE, netbsd.SYS_PIPE, netbsd.SYS_KQUEUE, netbsd.SYS___MKNOD50,
	}
	networkCalls = []netbsd.Sysno{
		netbsd.SYS___SOCKET30, netbsd.SYS_BIND, netbsd.SYS_LISTEN, netbsd.SYS_GETSOCKNAME, netbsd.SYS_GETPEERNAME,
		netbsd.SYS_GETSOCKOPT, netbsd.SYS_SETSOCKOPT,
	}
)
