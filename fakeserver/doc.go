// Package fakeserver is a fake rump kernel: it serves the rump_sp protocol as
// rump_server does, with NetBSD's system calls over an in-memory file system, a
// sysctl tree and a TCP/IP stack. It starts in less than a millisecond, needs
// nothing installed, and can be told to misbehave.
//
//	k, err := fakeserver.New(fakeserver.Config{Components: []string{"rumpvfs", "rumpnet_netinet"}})
//	...
//	defer k.Close()
//	c, err := (&sysproxy.Dialer{DialContext: k.DialContext}).Dial(ctx, k.URL())
//
// A kernel serves clients within the process through DialContext, and others
// through Serve or ListenAndServe. It ends with Close, or by itself when a
// client halts it, or when it panics on request; Done tells.
package fakeserver
