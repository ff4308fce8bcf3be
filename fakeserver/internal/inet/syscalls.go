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

// maxOptLen is the greatest length of an option's value (MCLBYTES).
const maxOptLen = 2048

func sysSetsockopt(c *kern.Call) netbsd.Errno {
	size := c.Uint(4)
	if size > 0 && c.Ptr(3) == 0 || size > maxOptLen {
		return netbsd.EINVAL
	}
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	b := make([]byte, size)
	if errno := c.Copyin(c.Ptr(3), b); errno != 0 {
		return errno
	}
	level, name := c.Int(1), c.Int(2)
	if level != netbsd.SOL_SOCKET {
		return s.ep.setopt(c, level, name, b)
	}
	errno = s.setopt(name, b)
	if errno == 0 && name == netbsd.SO_NOSIGPIPE {
		var flags uint32
		if s.option(netbsd.SO_NOSIGPIPE) {
			flags = kern.FNOSIGPIPE
		}
		f.SetFlags(kern.FNOSIGPIPE, flags)
	}
	if errno == 0 || errno == netbsd.ENOPROTOOPT {
		// The protocol may know it, or better (sosetopt).
		if e := s.ep.setopt(c, level, name, b); e != netbsd.ENOPROTOOPT {
			errno = e
		}
	}
	return errno
}

func sysGetsockopt(c *kern.Call) netbsd.Errno {
	var size uint32
	if c.Ptr(3) != 0 {
		n, errno := c.CopyinInt(c.Ptr(4))
		if errno != 0 {
			return errno
		}
		size = uint32(n)
	}
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	level, name := c.Int(1), c.Int(2)
	var b []byte
	if level == netbsd.SOL_SOCKET {
		b, errno = s.getopt(name)
		if l, ok := s.ep.(*localSocket); ok && name == netbsd.SO_SNDBUF {
			l.lock()
			b = intValue(l.space())
			l.unlock()
		}
	} else {
		b, errno = s.ep.getopt(level, name)
	}
	if errno != 0 || size == 0 {
		return errno
	}
	b = b[:min(int64(size), int64(len(b)))]
	if errno := c.Copyout(c.Ptr(3), b); errno != 0 {
		return errno
	}
	return c.CopyoutInt(c.Ptr(4), int32(len(b)))
}

func sysSendto(c *kern.Call) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	u := c.UserIO(c.Ptr(1), c.Size(2))
	if u.Resid < 0 {
		return netbsd.EINVAL
	}
	var to sockaddr
	if c.Ptr(4) != 0 {
		if to, errno = sockArg(c, c.Ptr(4), c.Uint(5)); errno != 0 {
			return errno
		}
	}
	return sent(c, s, f, u, to, nil, c.Int(3))
}

// sent sends and returns the number of bytes (do_sys_sendmsg_so).
func sent(c *kern.Call, s *socket, f *kern.OpenFile, u *kern.Uio, to sockaddr, m *message, flags int) netbsd.Errno {
	total := u.Resid
	errno := s.transmit(c, f.Nonblock(), u, to, m, flags)
	if u.Resid != total && (errno == netbsd.EINTR || errno == netbsd.EWOULDBLOCK) {
		errno = 0
	}
	if errno == netbsd.EPIPE && f.Flags()&kern.FNOSIGPIPE == 0 && flags&netbsd.MSG_NOSIGNAL == 0 {
		c.Raise(netbsd.SIGPIPE)
	}
	c.Ret(uint64(total - u.Resid))
	return errno
}

func sysSendmsg(c *kern.Call) netbsd.Errno {
	h, errno := kern.CopyinStruct(c, c.Ptr(1), netbsd.SizeofMsghdr, netbsd.ParseMsghdr)
	if errno != 0 {
		return errno
	}
	return sendmsg(c, h, c.Int(2))
}

// maxIov is the greatest number of elements of a vector (IOV_MAX).
const maxIov = 1024

func sendmsg(c *kern.Call, h netbsd.Msghdr, flags int) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if uint32(h.Iovlen) > maxIov {
		return netbsd.EMSGSIZE
	}
	u, errno := c.VectorIO(h.Iov, int(h.Iovlen))
	if errno != 0 {
		return errno
	}
	var to sockaddr
	if h.Name != 0 {
		if to, errno = sockArg(c, h.Name, h.Namelen); errno != 0 {
			return errno
		}
	}
	m := &message{}
	if h.Control != 0 {
		if int(h.Controllen) < netbsd.CmsgLen(0) || h.Controllen > maxControl {
			return netbsd.EINVAL
		}
		m.ask = make([]byte, h.Controllen)
		if errno := c.Copyin(h.Control, m.ask); errno != 0 {
			return errno
		}
	}
	return sent(c, s, f, u, to, m, flags)
}

// maxControl is the greatest length of control messages (PAGE_SIZE).
const maxControl = 4096

func sysSendmmsg(c *kern.Call) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	count := min(c.Uint(2), maxIov)
	done := uint32(0)
	for ; done < count; done++ {
		at := c.Ptr(1) + uint64(done)*netbsd.SizeofMmsghdr
		h, errno := kern.CopyinStruct(c, at, netbsd.SizeofMsghdr, netbsd.ParseMsghdr)
		if errno == 0 {
			errno = sendmsg(c, h, c.Int(3)&userFlags)
		}
		if errno == 0 {
			sent, _ := c.Result()
			errno = c.CopyoutInt(at+netbsd.SizeofMsghdr, int32(sent))
		}
		if errno != 0 {
			s.setError(errno)
			if done == 0 {
				return errno
			}
			break
		}
	}
	c.Ret(uint64(done))
	return 0
}

// userFlags are those which a caller of recv(2) can give (MSG_USERFLAGS).
const userFlags = 0x00ffffff

func sysRecvfrom(c *kern.Call) netbsd.Errno {
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	u := c.UserIO(c.Ptr(1), c.Size(2))
	if u.Resid < 0 {
		return netbsd.EINVAL
	}
	m, errno := received(c, s, f, u, c.Int(3)&userFlags, false)
	if errno != 0 {
		return errno
	}
	defer m.dispose()
	var from sockaddr
	if m != nil {
		from = m.addr
	}
	return copyoutName(c, c.Ptr(4), c.Ptr(5), from)
}

// received receives and returns the number of bytes (do_sys_recvmsg_so).
func received(c *kern.Call, s *socket, f *kern.OpenFile, u *kern.Uio, flags int, control bool) (*message, netbsd.Errno) {
	total := u.Resid
	m, errno := s.receive(c, f.Nonblock(), u, flags, control)
	if u.Resid != total && (errno == netbsd.EINTR || errno == netbsd.EWOULDBLOCK) {
		errno = 0
	}
	if errno != 0 {
		m.dispose()
		return nil, errno
	}
	c.Ret(uint64(total - u.Resid))
	return m, 0
}

func sysRecvmsg(c *kern.Call) netbsd.Errno {
	h, errno := kern.CopyinStruct(c, c.Ptr(1), netbsd.SizeofMsghdr, netbsd.ParseMsghdr)
	if errno != 0 {
		return errno
	}
	if errno := recvmsg(c, &h, c.Int(2)); errno != 0 {
		return errno
	}
	return c.CopyoutStruct(c.Ptr(1), h)
}

func recvmsg(c *kern.Call, h *netbsd.Msghdr, flags int) netbsd.Errno {
	flags &= userFlags
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if uint32(h.Iovlen) > maxIov {
		return netbsd.EMSGSIZE
	}
	u, errno := c.VectorIO(h.Iov, int(h.Iovlen))
	if errno != 0 {
		return errno
	}
	m, errno := received(c, s, f, u, flags, h.Control != 0)
	if errno != 0 {
		return errno
	}
	defer m.dispose()
	n, _ := c.Result()
	h.Flags = int32(flags)
	if m == nil {
		m = &message{}
	}
	h.Flags |= int32(m.flags)
	if h.Control != 0 {
		if errno := m.copyoutControl(c, h, flags); errno != 0 {
			return errno
		}
	}
	if h.Name != 0 {
		size := min(int(h.Namelen), len(m.addr))
		if errno := c.Copyout(h.Name, m.addr[:size]); errno != 0 {
			return errno
		}
		h.Namelen = uint32(size)
	}
	c.Ret(n)
	return 0
}

// copyoutControl writes control messages, and installs the files that came with
// the message (copyout_msg_control, unp_externalize).
func (m *message) copyoutControl(c *kern.Call, h *netbsd.Msghdr, flags int) netbsd.Errno {
	var fds []int
	cms := m.control
	if m.rights && flags&netbsd.MSG_PEEK == 0 {
		var errno netbsd.Errno
		if fds, errno = m.externalize(c, flags&netbsd.MSG_CMSG_CLOEXEC != 0); errno != 0 {
			return errno
		}
		cms = append([]netbsd.ControlMessage{rightsMessage(fds)}, cms...)
	}
	at, left := h.Control, int(h.Controllen)
	for i, cm := range cms {
		if left <= 0 {
			break
		}
		b := cm.Append(nil)
		if left < len(b) {
			h.Flags |= netbsd.MSG_CTRUNC
			if cm.Level == netbsd.SOL_SOCKET && cm.Type == netbsd.SCM_RIGHTS {
				break // half of the descriptors would be none
			}
			b = b[:left]
		}
		if errno := c.Copyout(at, b); errno != 0 {
			closeAll(c, fds)
			return errno
		}
		if i == 0 {
			fds = nil // they have been told
		}
		at += uint64(len(b))
		left -= len(b)
	}
	closeAll(c, fds)
	h.Controllen = uint32(at - h.Control)
	return 0
}

func closeAll(c *kern.Call, fds []int) {
	for _, fd := range fds {
		c.Proc.Files.Close(c.Proc, fd)
	}
}

// externalize gives the process descriptors for the files that came with a message.
func (m *message) externalize(c *kern.Call, cloexec bool) ([]int, netbsd.Errno) {
	var fds []int
	for _, f := range m.files {
		fd, errno := c.Proc.Files.Install(f, cloexec)
		if errno != 0 {
			m.files = m.files[len(fds)+1:]
			closeAll(c, fds)
			return nil, netbsd.EMSGSIZE
		}
		fds = append(fds, fd)
	}
	m.files = nil
	return fds, 0
}

func rightsMessage(fds []int) netbsd.ControlMessage {
	cm := netbsd.ControlMessage{Level: netbsd.SOL_SOCKET, Type: netbsd.SCM_RIGHTS}
	for _, fd := range fds {
		cm.Data = binary.LittleEndian.AppendUint32(cm.Data, uint32(fd))
	}
	return cm
}

func sysRecvmmsg(c *kern.Call) netbsd.Errno {
	if at := c.Ptr(4); at != 0 {
		if errno := c.Copyin(at, make([]byte, netbsd.SizeofTimespec)); errno != 0 {
			return errno
		}
	}
	s, f, errno := sockFile(c, c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	count := min(c.Uint(2), maxIov)
	flags := c.Int(3)
	done := uint32(0)
	for ; done < count; done++ {
		at := c.Ptr(1) + uint64(done)*netbsd.SizeofMmsghdr
		h, errno := kern.CopyinStruct(c, at, netbsd.SizeofMsghdr, netbsd.ParseMsghdr)
		if errno == 0 {
			errno = recvmsg(c, &h, flags&^netbsd.MSG_WAITFORONE)
		}
		if errno == 0 {
			n, _ := c.Result()
			mm := netbsd.Mmsghdr{Hdr: h, Len: uint32(n)}
			errno = c.CopyoutStruct(at, mm)
		}
		if errno != 0 {
			if errno == netbsd.EWOULDBLOCK && done > 0 {
				break
			}
			s.setError(errno)
			if done == 0 {
				return errno
			}
			break
		}
		if flags&netbsd.MSG_WAITFORONE != 0 {
			flags |= netbsd.MSG_DONTWAIT
		}
	}
	c.Ret(uint64(done))
	return 0
}
