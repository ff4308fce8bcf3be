package rump

import (
	"context"
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// The system calls on sockets. None of them waits inside the kernel, for the
// sockets are made so, and none is ever abandoned: what has been asked for is
// waited for.

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// raw makes a call and keeps the errno apart, which for EAGAIN is no error yet.
func (k *Kernel) raw(c *sysproxy.Call) (uint64, netbsd.Errno, error) {
	r, err := c.Do(context.Background())
	return r.R0, netbsd.Errno(r.Errno), err
}

// sockaddrRoom is room for any address that the kernel may return.
type sockaddrRoom struct {
	addr [netbsd.SizeofSockaddrStorage]byte
	size [4]byte
}

// lend adds the pointers to the room to a call.
func (r *sockaddrRoom) lend(c *sysproxy.Call) *sysproxy.Call {
	binary.LittleEndian.PutUint32(r.size[:], uint32(len(r.addr)))
	return c.Out(r.addr[:]).InOut(r.size[:])
}

// sockaddr returns the address that came, or nil.
func (r *sockaddrRoom) sockaddr() netbsd.Sockaddr {
	n := min(int(le32(r.size[:])), len(r.addr))
	if n < 2 {
		return nil
	}
	sa, err := netbsd.ParseSockaddrArg(r.addr[:n])
	if err != nil {
		return nil
	}
	return sa
}

func (k *Kernel) sysBind(fd FD, sa netbsd.Sockaddr) (netbsd.Errno, error) {
	b := sa.Append(nil)
	_, errno, err := k.raw(k.call(netbsd.SYS_BIND).Int(int64(fd)).In(b).Int(int64(len(b))))
	return errno, err
}

func (k *Kernel) sysConnect(fd FD, sa netbsd.Sockaddr) (netbsd.Errno, error) {
	b := sa.Append(nil)
	_, errno, err := k.raw(k.call(netbsd.SYS_CONNECT).Int(int64(fd)).In(b).Int(int64(len(b))))
	return errno, err
}

func (k *Kernel) sysListen(fd FD, backlog int) (netbsd.Errno, error) {
	_, errno, err := k.raw(k.call(netbsd.SYS_LISTEN).Int(int64(fd)).Int(int64(backlog)))
	return errno, err
}

func (k *Kernel) sysAccept(fd FD, flags int) (FD, netbsd.Sockaddr, netbsd.Errno, error) {
	room := new(sockaddrRoom)
	c := room.lend(k.call(netbsd.SYS_PACCEPT).Int(int64(fd))).Uint(0).Int(int64(flags))
	r0, errno, err := k.raw(c)
	if err != nil || errno != 0 {
		return -1, nil, errno, err
	}
	return FD(int32(r0)), room.sockaddr(), 0, nil
}

func (k *Kernel) sysShutdown(fd FD, how int) (netbsd.Errno, error) {
	_, errno, err := k.raw(k.call(netbsd.SYS_SHUTDOWN).Int(int64(fd)).Int(int64(how)))
	return errno, err
}

func (k *Kernel) sysName(n netbsd.Sysno, fd FD) (netbsd.Sockaddr, netbsd.Errno, error) {
	room := new(sockaddrRoom)
	_, errno, err := k.raw(room.lend(k.call(n).Int(int64(fd))))
	return room.sockaddr(), errno, err
}

func (k *Kernel) sysSetsockopt(fd FD, level, opt int, val []byte) (netbsd.Errno, error) {
	c := k.call(netbsd.SYS_SETSOCKOPT).Int(int64(fd)).Int(int64(level)).Int(int64(opt)).In(val).Int(int64(len(val)))
	_, errno, err := k.raw(c)
	return errno, err
}

func (k *Kernel) sysGetsockopt(fd FD, level, opt int, val []byte) (int, netbsd.Errno, error) {
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(val)))
	c := k.call(netbsd.SYS_GETSOCKOPT).Int(int64(fd)).Int(int64(level)).Int(int64(opt)).Out(val).InOut(size)
	_, errno, err := k.raw(c)
	return min(int(le32(size)), len(val)), errno, err
}

func (k *Kernel) sysSend(fd FD, p []byte, to netbsd.Sockaddr) (int, netbsd.Errno, error) {
	if p == nil {
		p = []byte{}
	}
	c := k.call(netbsd.SYS_SENDTO).Int(int64(fd)).In(p).Int(int64(len(p))).Int(0)
	if to == nil {
		c.Uint(0).Uint(0)
	} else {
		b := to.Append(nil)
		c.In(b).Int(int64(len(b)))
	}
	n, errno, err := k.raw(c)
	return min(int(n), len(p)), errno, err
}

func (k *Kernel) sysRecv(fd FD, p []byte, flags int, from *sockaddrRoom) (int, netbsd.Errno, error) {
	if p == nil {
		p = []byte{}
	}
	c := k.call(netbsd.SYS_RECVFROM).Int(int64(fd)).Out(p).Int(int64(len(p))).Int(int64(flags))
	if from == nil {
		c.Uint(0).Uint(0)
	} else {
		from.lend(c)
	}
	n, errno, err := k.raw(c)
	return min(int(n), len(p)), errno, err
}

// message is a struct msghdr in the making, with one buffer.
func message(c *sysproxy.Call, p, oob []byte, name []byte, access sysproxy.Access) []byte {
	var m netbsd.Msghdr
	if p == nil {
		p = []byte{}
	}
	iov := netbsd.Iovec{Base: c.Lend(p, access), Len: uint64(len(p))}.Append(nil)
	m.Iov, m.Iovlen = c.Lend(iov, sysproxy.Read), 1
	if len(oob) > 0 {
		m.Control, m.Controllen = c.Lend(oob, access), uint32(len(oob))
	}
	if len(name) > 0 {
		m.Name, m.Namelen = c.Lend(name, access), uint32(len(name))
	}
	return m.Append(nil)
}

func (k *Kernel) sysSendmsg(fd FD, p, oob []byte, to netbsd.Sockaddr) (int, netbsd.Errno, error) {
	c := k.call(netbsd.SYS_SENDMSG).Int(int64(fd))
	var name []byte
	if to != nil {
		name = to.Append(nil)
	}
	n, errno, err := k.raw(c.In(message(c, p, oob, name, sysproxy.Read)).Int(0))
	return min(int(n), len(p)), errno, err
}

func (k *Kernel) sysRecvmsg(fd FD, p, oob []byte) (n, oobn, flags int, from netbsd.Sockaddr, errno netbsd.Errno, err error) {
	c := k.call(netbsd.SYS_RECVMSG).Int(int64(fd))
	name := make([]byte, netbsd.SizeofSockaddrStorage)
	hdr := message(c, p, oob, name, sysproxy.Write)
	r0, errno, err := k.raw(c.InOut(hdr).Int(0))
	if err != nil || errno != 0 {
		return 0, 0, 0, nil, errno, err
	}
	m, err := netbsd.ParseMsghdr(hdr)
	if err != nil {
		return 0, 0, 0, nil, 0, err
	}
	if l := min(int(m.Namelen), len(name)); l >= 2 {
		from, _ = netbsd.ParseSockaddrArg(name[:l])
	}
	return min(int(r0), len(p)), min(int(m.Controllen), len(oob)), int(m.Flags), from, 0, nil
}
