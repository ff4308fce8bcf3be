package inet

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// register adds the system calls on sockets to a kernel.
func (n *Net) register(t *kern.Table) {
	for num, f := range map[netbsd.Sysno]func(*kern.Call) netbsd.Errno{
		netbsd.SYS___SOCKET30:  n.sysSocket,
		netbsd.SYS_SOCKETPAIR:  n.sysSocketpair,
		netbsd.SYS_BIND:        sysBind,
		netbsd.SYS_LISTEN:      sysListen,
		netbsd.SYS_ACCEPT:      sysAccept,
		netbsd.SYS_PACCEPT:     sysPaccept,
		netbsd.SYS_CONNECT:     sysConnect,
		netbsd.SYS_GETSOCKNAME: sysGetsockname,
		netbsd.SYS_GETPEERNAME: sysGetpeername,
		netbsd.SYS_SENDTO:      sysSendto,
		netbsd.SYS_SENDMSG:     sysSendmsg,
		netbsd.SYS_SENDMMSG:    sysSendmmsg,
		netbsd.SYS_RECVFROM:    sysRecvfrom,
		netbsd.SYS_RECVMSG:     sysRecvmsg,
		netbsd.SYS_RECVMMSG:    sysRecvmmsg,
		netbsd.SYS_SETSOCKOPT:  sysSetsockopt,
		netbsd.SYS_GETSOCKOPT:  sysGetsockopt,
		netbsd.SYS_SHUTDOWN:    sysShutdown,
	} {
		t.Register(num, f)
	}
}

// sockFile returns the socket of a descriptor, with its file held.
func sockFile(c *kern.Call, fd int) (*socket, *kern.OpenFile, netbsd.Errno) {
	f, errno := c.File(fd)
	if errno != 0 {
		return nil, nil, errno
	}
	s, ok := f.File.(*socket)
	if !ok {
		f.Release()
		return nil, nil, netbsd.ENOTSOCK
	}
	return s, f, 0
}

// maxIov is the greatest number of elements of a vector (IOV_MAX).
const maxIov = 1024

// msgFile returns the socket that a call with a message's header means, and the
// message's data.
func msgFile(c *kern.Call, h *netbsd.Msghdr) (*socket, *kern.OpenFile, *kern.Uio, netbsd.Errno) {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return nil, nil, nil, errno
	}
	if uint32(h.Iovlen) > maxIov {
		f.Release()
		return nil, nil, nil, netbsd.EMSGSIZE
	}
	u, errno := c.VectorIO(h.Iov, int(h.Iovlen))
	if errno != 0 {
		f.Release()
		return nil, nil, nil, errno
	}
	return s, f, u, 0
}

// fileFlags are the flags of a new socket's description.
func fileFlags(typ uint32) uint32 {
	flags := uint32(kern.FREAD | kern.FWRITE)
	if typ&netbsd.SOCK_NONBLOCK != 0 {
		flags |= kern.FNONBLOCK
	}
	if typ&netbsd.SOCK_NOSIGPIPE != 0 {
		flags |= kern.FNOSIGPIPE
	}
	return flags
}

func install(c *kern.Call, s *socket, flags, typ uint32) (int, netbsd.Errno) {
	f := kern.NewOpenFile(s, netbsd.DTYPE_SOCKET, flags, c.Cred())
	return c.Proc.Files.Install(f, typ&netbsd.SOCK_CLOEXEC != 0)
}

func (n *Net) sysSocket(c *kern.Call) netbsd.Errno {
	typ := c.Uint(1)
	s, errno := n.newSocket(c, c.Int(0), int(typ&^netbsd.SOCK_FLAGS_MASK), c.Int(2))
	if errno != 0 {
		return errno
	}
	fd, errno := install(c, s, fileFlags(typ), typ)
	c.Ret(uint64(fd))
	return errno
}

func (n *Net) sysSocketpair(c *kern.Call) netbsd.Errno {
	typ := c.Uint(1)
	a, errno := n.newSocket(c, c.Int(0), int(typ&^netbsd.SOCK_FLAGS_MASK), c.Int(2))
	if errno != 0 {
		return errno
	}
	b, errno := n.newSocket(c, c.Int(0), int(typ&^netbsd.SOCK_FLAGS_MASK), c.Int(2))
	if errno != 0 {
		a.Close(nil)
		return errno
	}
	u, ok := a.ep.(*localSocket)
	if !ok {
		a.Close(nil)
		b.Close(nil)
		return netbsd.EOPNOTSUPP
	}
	u.pair(c, b.ep.(*localSocket))
	fa, errno := install(c, a, fileFlags(typ), typ)
	if errno != 0 {
		b.Close(nil)
		return errno
	}
	fb, errno := install(c, b, fileFlags(typ), typ)
	if errno != 0 {
		c.Proc.Files.Close(c.Proc, fa)
		return errno
	}
	var out [8]byte
	binary.LittleEndian.PutUint32(out[:], uint32(fa))
	binary.LittleEndian.PutUint32(out[4:], uint32(fb))
	if errno := c.Copyout(c.Ptr(3), out[:]); errno != 0 {
		c.Proc.Files.Close(c.Proc, fa)
		c.Proc.Files.Close(c.Proc, fb)
		return errno
	}
	return 0
}

// sockArg reads an address that is an argument (sockargs_sb). Its length is the
// argument, whatever it says itself.
func sockArg(c *kern.Call, addr uint64, size uint32) (sockaddr, netbsd.Errno) {
	if size > 255 || size <= 2 {
		return nil, netbsd.EINVAL
	}
	a := make(sockaddr, size)
	if errno := c.Copyin(addr, a); errno != 0 {
		return nil, errno
	}
	// Old programs put the family where the length is now.
	if a[1] == 0 && a[0] < netbsd.AF_MAX {
		a[1] = a[0]
	}
	a[0] = byte(size)
	return a, 0
}

func sysBind(c *kern.Call) netbsd.Errno {
	a, errno := sockArg(c, c.Ptr(1), c.Uint(2))
	if errno != 0 {
		return errno
	}
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if a.family() != s.family {
		return netbsd.EAFNOSUPPORT
	}
	return s.ep.bind(c, a)
}

func sysListen(c *kern.Call) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if s.ep.status().connected || !s.ep.finished() {
		return netbsd.EINVAL
	}
	backlog := c.Int(1)
	if backlog < 0 {
		backlog = 0
	}
	if errno := s.ep.listen(min(backlog, netbsd.SOMAXCONN)); errno != 0 {
		return errno
	}
	s.mu.Lock()
	s.opts |= netbsd.SO_ACCEPTCONN
	s.mu.Unlock()
	return 0
}

func sysAccept(c *kern.Call) netbsd.Errno { return accept(c, 0, false) }

func sysPaccept(c *kern.Call) netbsd.Errno {
	if mask := c.Ptr(3); mask != 0 {
		var b [16]byte
		if errno := c.Copyin(mask, b[:]); errno != 0 {
			return errno
		}
	}
	return accept(c, c.Uint(4), true)
}

func accept(c *kern.Call, typ uint32, clearNonblock bool) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if !s.needsConnection() {
		return netbsd.EOPNOTSUPP
	}
	if !s.option(netbsd.SO_ACCEPTCONN) {
		return netbsd.EINVAL
	}
	var conn *socket
	var peer sockaddr
	timeout := kern.Forever
	if f.Nonblock() {
		timeout = 0
	}
	errno = c.Sleep(&s.sel, timeout, func() (errno netbsd.Errno) {
		if s.ep.status().queue == 0 {
			if timeout == 0 {
				return netbsd.EWOULDBLOCK
			}
			if s.takeError(true) == 0 && s.ep.status().rcvDone {
				return netbsd.ECONNABORTED
			}
		}
		if e := s.takeError(false); e != 0 {
			return e
		}
		conn, peer, errno = s.ep.accept(c)
		return errno
	})
	if errno != 0 {
		return errno
	}
	flags := f.Flags()
	if clearNonblock {
		flags &^= kern.FNONBLOCK
	}
	s.n.remember(conn)
	fd, errno := install(c, conn, flags|fileFlags(typ), typ)
	if errno != 0 {
		return errno
	}
	c.Ret(uint64(fd))
	if errno := copyoutName(c, c.Ptr(1), c.Ptr(2), peer); errno != 0 {
		c.Proc.Files.Close(c.Proc, fd)
		return errno
	}
	return 0
}

// copyoutName writes an address and its length, as far as there is room
// (copyout_sockname).
func copyoutName(c *kern.Call, to, lenTo uint64, a sockaddr) netbsd.Errno {
	if to == 0 {
		return 0
	}
	room, errno := c.CopyinInt(lenTo)
	if errno != 0 {
		return errno
	}
	if room < 0 {
		return netbsd.EINVAL
	}
	n := min(int(room), len(a))
	if errno := c.Copyout(to, a[:n]); errno != 0 {
		return errno
	}
	return c.CopyoutInt(lenTo, int32(n))
}

func sysConnect(c *kern.Call) netbsd.Errno {
	a, errno := sockArg(c, c.Ptr(1), c.Uint(2))
	if errno != 0 {
		return errno
	}
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if !s.ep.finished() {
		return netbsd.EALREADY
	}
	if s.option(netbsd.SO_ACCEPTCONN) {
		return netbsd.EOPNOTSUPP
	}
	if s.ep.status().connected {
		if s.needsConnection() {
			return netbsd.EISCONN
		}
		s.ep.disconnect()
	}
	if a.family() != s.family {
		return netbsd.EAFNOSUPPORT
	}
	switch errno := s.ep.connect(c, a); errno {
	case 0:
		s.sel.Notify() // who waits for something is told of the connection (soisconnected)
		return s.takeError(false)
	case netbsd.EINPROGRESS:
	default:
		return errno
	}
	if f.Nonblock() && !s.ep.finished() {
		return netbsd.EINPROGRESS
	}
	errno = c.Sleep(&s.sel, kern.Forever, func() netbsd.Errno {
		if !s.ep.finished() {
			return netbsd.EWOULDBLOCK
		}
		return 0
	})
	if errno != 0 {
		return errno
	}
	return s.takeError(false)
}

func sysGetsockname(c *kern.Call) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	a, errno := s.ep.sockname()
	if errno != 0 {
		return errno
	}
	return copyoutName(c, c.Ptr(1), c.Ptr(2), a)
}

func sysGetpeername(c *kern.Call) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if !s.ep.status().connected {
		return netbsd.ENOTCONN
	}
	a, errno := s.ep.peername()
	if errno != 0 {
		return errno
	}
	return copyoutName(c, c.Ptr(1), c.Ptr(2), a)
}

func sysShutdown(c *kern.Call) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	how := c.Int(1)
	if how < netbsd.SHUT_RD || how > netbsd.SHUT_RDWR {
		return netbsd.EINVAL
	}
	if how != netbsd.SHUT_WR {
		s.mu.Lock()
		s.rcvBuf, s.rcvLowat = 0, 0 // the buffer goes with what was in it
		s.mu.Unlock()
	}
	errno = s.ep.shutdown(how)
	switch how {
	case netbsd.SHUT_RD:
		s.sel.NotifyHint(kern.Readable)
	case netbsd.SHUT_WR:
		s.sel.NotifyHint(kern.Writable)
	default:
		s.sel.Notify()
	}
	return errno
}
