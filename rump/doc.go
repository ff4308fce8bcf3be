// Package rump is a rump kernel as a Go API: its interfaces and routes, its
// sysctl tree, its files and mounts, its sockets.
//
// A [Kernel] is one process of a rump kernel, reached by the rump_sp protocol.
// It is made with [Dial], which takes the URL of a rump_server, and may be used
// by many goroutines at once:
//
//	k, err := rump.Dial(ctx, "unix://csock")
//	if err != nil { ... }
//	defer k.Close()
//	if err := k.CreateInterface(ctx, "shmif0"); err != nil { ... }
//
// What the kernel refuses is an [*Error], which names what was tried, the
// kernel, and NetBSD's errno; it unwraps to a [netbsd.Errno], so that
//
//	errors.Is(err, netbsd.EEXIST)
//	errors.Is(err, fs.ErrExist)
//
// both work. Errors of the connection are those of package sysproxy.
package rump
