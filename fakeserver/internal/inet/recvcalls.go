package inet

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

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
	s, f, u, errno := msgFile(c, h)
	if errno != 0 {
		return errno
	}
	defer f.Release()
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
