// Package sysproxy speaks rump_sp, the protocol ("sysproxy") by which programs
// make system calls in a rump kernel that runs in another process, container or
// machine. It has both halves: [Client], which is a process of such a kernel, and
// [Server], which serves a kernel made in Go (a [Handler]); and a [Proxy] made to
// look at what passes between the two. It knows nothing of NetBSD's system calls:
// a call is a number and a few registers here.
//
//	c, err := sysproxy.Dial(ctx, "unix:///tmp/kernel/csock")
//	...
//	r, err := c.NewCall(5).String("/etc/motd").Int(0).Do(ctx) // open(2)
//
// # The protocol
//
// The facts are those of NetBSD's lib/librumpuser/sp_common.c (both halves),
// rumpuser_sp.c (the server) and lib/librumpclient/rumpclient.c (the client).
//
// A server listens on a Unix or TCP socket and greets whoever connects with one
// line, at most 96 bytes long:
//
//	RUMPSP-0.4-NetBSD-7.99.34/amd64
//
// which gives the protocol's version, the kernel's name and release, and its
// machine. From then on both sides send frames. A frame is a header of 24 bytes
// and a payload, in the kernel's byte order, which is little-endian here:
//
//	offset  size  field
//	     0     8  length of the frame, header included
//	     8     8  request number
//	    16     2  class: 0 request, 1 response, 2 error
//	    18     2  type, see below
//	    20     4  a word, whose meaning depends on class and type
//	    24        payload
//
// Each side numbers its own requests as it likes. A response or error repeats the
// number of the request that it answers, and may come in any order.
//
//	type            request from  its word          its payload        payload of the response
//	0 handshake     client        kind              by kind            int: error
//	1 syscall       client        number            arguments          int: errno, 4 bytes unused, 2 x 8 bytes: return values
//	2 copyin        server        -                 length, address    the bytes
//	3 copyinstr     server        -                 length, address    the string with its NUL, no longer than asked for (of type copyin)
//	4 copyout       server        -                 length, address,   no response
//	                                                bytes
//	5 copyoutstr    server        -                 like copyout       no response
//	6 anonmmap      server        -                 length             address, 0 for none
//	7 prefork       client        -                 -                  cookie of 16 bytes
//	8 raise         server        signal            -                  no response
//
// Lengths and addresses have 8 bytes. The arguments of a system call are what the
// kernel's argument structure looks like in memory on LP64: each in a slot of 8
// bytes. A client sends at least as many as the call has (rump_server reads that
// many whatever was sent; a [Call] always sends eight or more).
//
// A session begins with a handshake, which makes the connection a process:
//
//	0 guest  a new process; the payload is the program's name with its NUL
//	1 auth   nobody accepts it
//	2 fork   the child of a process that has sent prefork: the cookie, and an int
//	         that is 1 to end the child instead, which is answered by hanging up
//	3 exec   on a connection that is a process: it runs the named program now
//
// Then the client makes system calls, as many at once as it has threads. While the
// server carries one out it asks the client for the memory that its pointers
// point to: copyin and copyinstr read it, copyout writes it, and anonmmap asks for
// fresh memory, for which the pointer is sent back by a copyout. With raise the
// kernel sends the process a signal, as SIGPIPE. There is no way to cancel a call,
// and no sign to which of several calls a request of the server belongs.
//
// An error frame says in its word why a request was not carried out: see
// [ErrorCode]. Codes 2, 3 and 5, and 7 in answer to a handshake, are followed by
// the end of the connection, and so is, without any answer, a frame whose length
// is less than the header's. A server that is full (rump_server: 255 connections)
// closes a connection before it greets.
//
// # Memory
//
// A C client has an address space and believes the server's addresses. A Client
// has none: each [Call] lends the kernel what it may read ([Call.In],
// [Call.String]), write ([Call.Out]) or both, under addresses made up for this
// call. A request for anything else ends the connection with a [ProtocolError]
// which says what the server did, and so does every other breach of the protocol.
//
// When a call's context ends before the kernel's answer comes, the call returns an
// [AbandonedError] and its memory is detached: the kernel may go on reading a copy
// of what it was lent for reading, and what it writes goes nowhere. The answer is
// awaited in the background, and other calls go on unharmed.
//
// # Concurrency
//
// All methods may be called by many goroutines at once. A Client has no goroutine
// of its own as long as no call was abandoned: of those who wait, one reads for
// all. On Linux that one waits in a system call, so that a Client takes a thread
// while calls are in flight. A Server has a goroutine that reads for each
// connection, and one for each running system call.
//
// # Lost connections
//
// A connection is a process, so a lost connection is a process that has ended: its
// descriptors, its working folder, its locks are gone. By default the Client is of
// no use after that. With a [Reconnect] policy the next call becomes a new process
// instead, which has none of the old one's descriptors: calls that use them fail
// with EBADF or, worse, reach what has got the same number since. Only programs
// whose calls stand for themselves should ask for it. Calls in flight when the
// connection was lost return its error and are not made again, since the kernel
// may have carried them out. The descriptors of a fork that has not been started
// stay with the server and are not affected.
//
// # Security
//
// Every connection is root in the kernel, and there is no authentication. Keep a
// Unix socket in a folder of mode 0700 and a TCP port on loopback.
//
// # Environment
//
// If RUMPSP_DEBUG is set to 1, each client and server prints a line to standard
// error for each frame that it sends (>) or gets (<); if it is set to 2, the
// payload too:
//
//	rump_sp unix://csock > req syscall #2 syscall=5 64 bytes
//	rump_sp unix://csock < req copyinstr #0 16 bytes
//	rump_sp unix://csock > resp copyin #0 10 bytes
//	rump_sp unix://csock < resp syscall #2 24 bytes
//
// See [Debug] for doing so in a program. RUMP_SERVER, the URL of the kernel for
// most programs of the rump world, is read by commands and not by this package.
package sysproxy
