// Package kern is the core of the fake kernel: processes, credentials,
// descriptors, the system call table, sleeping and waking, time, and the calls
// that need nothing else, such as getpid, pipe, poll and kevent.
//
// # Plugging in
//
// A faction, such as the file systems or the network, adds its system calls to
// the kernel's table before the first process exists:
//
//	k.Table.Register(netbsd.SYS___SOCKET30, sysSocket)
//
//	func sysSocket(c *kern.Call) netbsd.Errno {
//		s, errno := newSocket(c.Int(0), c.Int(1), c.Int(2))
//		if errno != 0 {
//			return errno
//		}
//		fd, errno := c.Proc.Files.Install(kern.NewOpenFile(s, netbsd.DTYPE_SOCKET, kern.FREAD|kern.FWRITE, c.Cred()), false)
//		c.Ret(uint64(fd))
//		return errno
//	}
//
// A call without a handler returns ENOSYS. What a descriptor refers to is a
// [File]; embed [Unsupported] and override what makes sense. Who waits for a
// file to become ready does so on its [Selinfo], by [Call.Sleep], poll(2),
// select(2) or kevent(2); whatever changes the file's state calls
// [Selinfo.Notify].
//
// # Errors
//
// A handler returns a [netbsd.Errno], 0 for success: what the caller of the
// system call sees. Copying from and to the caller's memory fails with EFAULT.
//
// # Locks
//
// A Selinfo's lock is the innermost but for a clock's: Notify may be called
// with a file's own lock held, and a Listener must not take one.
package kern
