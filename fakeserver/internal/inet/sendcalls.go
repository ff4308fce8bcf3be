package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

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

func sendmsg(c *kern.Call, h netbsd.Msghdr, flags int) netbsd.Errno {
	s, f, u, errno := msgFile(c, &h)
	if errno != 0 {
		return errno
	}
	defer f.Release()
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
