package rump

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Conn is a socket in a kernel. It is a net.Conn, and a net.PacketConn if it
// takes packets. Its methods may be called from several goroutines at once;
// deadlines and Close end those that wait.
type Conn struct {
	k       *Kernel
	fd      FD
	family  int
	typ     int
	network string

	local, remote net.Addr

	readMu, writeMu sync.Mutex // one reads, one writes
	readBy, writeBy deadline

	mu     sync.Mutex
	refs   int // calls under way
	closed chan struct{}
	unlink string
}

var (
	_ net.Conn       = (*Conn)(nil)
	_ net.PacketConn = (*Conn)(nil)
)

// socketFlags are those of all sockets here: see poller.
const socketFlags = netbsd.SOCK_NONBLOCK | netbsd.SOCK_CLOEXEC | netbsd.SOCK_NOSIGPIPE

// NewConn makes a socket of any family, type and protocol, such as a raw one or
// a routing socket. It is neither bound nor connected; network is what its
// addresses call themselves, and may be empty.
func (k *Kernel) NewConn(ctx context.Context, family, typ, protocol int, network string) (*Conn, error) {
	fd, err := k.Socket(ctx, family, typ|socketFlags, protocol)
	if err != nil {
		return nil, err
	}
	return k.newConn(fd, family, typ, network), nil
}

func (k *Kernel) newConn(fd FD, family, typ int, network string) *Conn {
	return &Conn{k: k, fd: fd, family: family, typ: typ, network: network, closed: make(chan struct{})}
}

// Kernel returns the kernel whose socket it is.
func (c *Conn) Kernel() *Kernel { return c.k }

// FD returns the descriptor, which is good as long as the Conn is open. It does
// not wait inside the kernel (O_NONBLOCK).
func (c *Conn) FD() FD { return c.fd }

// enter begins a call; the descriptor is not closed before leave.
func (c *Conn) enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isClosed(c.closed) {
		return net.ErrClosed
	}
	c.refs++
	return nil
}

func (c *Conn) leave() {
	c.mu.Lock()
	c.refs--
	last := c.refs == 0 && isClosed(c.closed)
	c.mu.Unlock()
	if last {
		c.k.CloseFD(context.Background(), c.fd)
	}
}

// Close closes the socket. Calls that wait return net.ErrClosed.
func (c *Conn) Close() error {
	c.mu.Lock()
	if isClosed(c.closed) {
		c.mu.Unlock()
		return c.opError("close", net.ErrClosed)
	}
	close(c.closed)
	last := c.refs == 0
	c.mu.Unlock()
	c.readBy.stop()
	c.writeBy.stop()
	if c.unlink != "" {
		c.k.do(context.Background(), c.k.call(netbsd.SYS_UNLINK).String(c.unlink), "unlink", c.unlink)
	}
	if last {
		if err := c.k.CloseFD(context.Background(), c.fd); err != nil {
			return c.opError("close", err)
		}
	}
	return nil
}

// retry calls f until it does not say EAGAIN, and waits in between for the
// descriptor to become ready.
func (c *Conn) retry(op string, filter uint32, by *deadline, f func() (netbsd.Errno, error)) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	for {
		if by.expired() {
			return os.ErrDeadlineExceeded
		}
		errno, err := f()
		if err != nil {
			return err
		}
		if errno != netbsd.EAGAIN {
			return c.k.errno(errno, op)
		}
		ready, cancel, err := c.k.poll.wait(pollKey{c.fd, filter})
		if err != nil {
			return err
		}
		select {
		case <-ready:
		case <-by.wait():
			cancel()
		case <-c.closed:
			cancel()
			return net.ErrClosed
		}
	}
}

// errno turns an errno into an error.
func (k *Kernel) errno(errno netbsd.Errno, op string) error {
	if errno == 0 {
		return nil
	}
	return &Error{k.name, op, "", errno}
}

// opError dresses an error up as package net does.
func (c *Conn) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	e := &net.OpError{Op: op, Net: c.network, Source: c.local, Addr: c.remote, Err: err}
	if e.Addr == nil || op == "accept" || op == "close" && c.remote == nil {
		e.Source, e.Addr = nil, c.local
	}
	return e
}

func (c *Conn) stream() bool { return c.typ == netbsd.SOCK_STREAM }

// Read reads what has come, waiting for something to come. Of a packet that does
// not fit p the rest is lost.
func (c *Conn) Read(p []byte) (int, error) {
	c.readMu.Lock()
	defer c.readMu.Unlock()
	if len(p) == 0 && c.stream() {
		return 0, nil
	}
	var n int
	err := c.retry("recvfrom", netbsd.EVFILT_READ, &c.readBy, func() (errno netbsd.Errno, err error) {
		n, errno, err = c.k.sysRecv(c.fd, p, 0, nil)
		return errno, err
	})
	if err != nil {
		return 0, c.opError("read", err)
	}
	if n == 0 && c.stream() {
		return 0, io.EOF
	}
	return n, nil
}

// Write writes all of p. Packets go to the other end of a connected socket.
func (c *Conn) Write(p []byte) (int, error) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	done := 0
	for {
		var n int
		err := c.retry("sendto", netbsd.EVFILT_WRITE, &c.writeBy, func() (errno netbsd.Errno, err error) {
			n, errno, err = c.k.sysSend(c.fd, p[done:], nil)
			return errno, err
		})
		if err != nil {
			return done, c.opError("write", err)
		}
		done += n
		if done >= len(p) || !c.stream() {
			return done, nil
		}
	}
}

// ReadFrom reads a packet and tells where it came from.
func (c *Conn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, sa, err := c.ReadFromSockaddr(p)
	if err != nil {
		return n, nil, err
	}
	return n, c.addr(sa), nil
}

// ReadFromSockaddr is ReadFrom for callers who know socket addresses.
func (c *Conn) ReadFromSockaddr(p []byte) (int, netbsd.Sockaddr, error) {
	c.readMu.Lock()
	defer c.readMu.Unlock()
	room := new(sockaddrRoom)
	var n int
	err := c.retry("recvfrom", netbsd.EVFILT_READ, &c.readBy, func() (errno netbsd.Errno, err error) {
		n, errno, err = c.k.sysRecv(c.fd, p, 0, room)
		return errno, err
	})
	if err != nil {
		return 0, nil, c.opError("read", err)
	}
	return n, room.sockaddr(), nil
}

// WriteTo sends a packet.
func (c *Conn) WriteTo(p []byte, to net.Addr) (int, error) {
	if c.remote != nil {
		return 0, c.opError("write", net.ErrWriteToConnected)
	}
	sa, err := c.k.sockaddrOf(context.Background(), to)
	if err != nil {
		return 0, &net.OpError{Op: "write", Net: c.network, Source: c.local, Addr: to, Err: err}
	}
	n, err := c.WriteToSockaddr(p, sa)
	var op *net.OpError
	if errors.As(err, &op) {
		op.Source, op.Addr = c.local, to
	}
	return n, err
}

// WriteToSockaddr is WriteTo for callers who know socket addresses.
func (c *Conn) WriteToSockaddr(p []byte, to netbsd.Sockaddr) (int, error) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	var n int
	err := c.retry("sendto", netbsd.EVFILT_WRITE, &c.writeBy, func() (errno netbsd.Errno, err error) {
		n, errno, err = c.k.sysSend(c.fd, p, to)
		return errno, err
	})
	return n, c.opError("write", err)
}

// Message is what ReadMsg reads besides the data.
type Message struct {
	From    netbsd.Sockaddr
	Flags   int // netbsd.MSG_TRUNC and others
	Control []netbsd.ControlMessage
}

// ReadMsg reads data with the control messages that came with it.
func (c *Conn) ReadMsg(p []byte) (int, Message, error) {
	c.readMu.Lock()
	defer c.readMu.Unlock()
	oob := make([]byte, 1024)
	var n, oobn int
	var m Message
	err := c.retry("recvmsg", netbsd.EVFILT_READ, &c.readBy, func() (errno netbsd.Errno, err error) {
		n, oobn, m.Flags, m.From, errno, err = c.k.sysRecvmsg(c.fd, p, oob)
		return errno, err
	})
	if err != nil {
		return 0, Message{}, c.opError("read", err)
	}
	m.Control, err = netbsd.ParseControlMessages(oob[:oobn])
	return n, m, c.opError("read", err)
}

// WriteMsg sends data with control messages; to may be nil if the socket is
// connected.
func (c *Conn) WriteMsg(p []byte, to netbsd.Sockaddr, control ...netbsd.ControlMessage) (int, error) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	var oob []byte
	for _, m := range control {
		oob = m.Append(oob)
	}
	var n int
	err := c.retry("sendmsg", netbsd.EVFILT_WRITE, &c.writeBy, func() (errno netbsd.Errno, err error) {
		n, errno, err = c.k.sysSendmsg(c.fd, p, oob, to)
		return errno, err
	})
	return n, c.opError("write", err)
}

// call makes a call that cannot say EAGAIN.
func (c *Conn) call(op string, f func() (netbsd.Errno, error)) error {
	if err := c.enter(); err != nil {
		return c.opError(op, err)
	}
	defer c.leave()
	errno, err := f()
	if err == nil {
		err = c.k.errno(errno, op)
	}
	return c.opError(op, err)
}

// CloseRead ends reading: shutdown(2).
func (c *Conn) CloseRead() error { return c.shutdown(netbsd.SHUT_RD) }

// CloseWrite ends writing: the other end reads EOF after all that was written.
func (c *Conn) CloseWrite() error { return c.shutdown(netbsd.SHUT_WR) }

func (c *Conn) shutdown(how int) error {
	return c.call("shutdown", func() (netbsd.Errno, error) { return c.k.sysShutdown(c.fd, how) })
}

// LocalAddr returns the address of this end, if it is known.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// LocalSockaddr asks the kernel for the address of this end.
func (c *Conn) LocalSockaddr() (netbsd.Sockaddr, error) {
	var sa netbsd.Sockaddr
	err := c.call("getsockname", func() (errno netbsd.Errno, err error) {
		sa, errno, err = c.k.sysName(netbsd.SYS_GETSOCKNAME, c.fd)
		return errno, err
	})
	return sa, err
}

// RemoteAddr returns the address of the other end, or nil.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline limits reading and writing.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline limits reading, also that which is under way.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.readBy, t) }

// SetWriteDeadline limits writing, also that which is under way.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.writeBy, t) }

func (c *Conn) setDeadline(d *deadline, t time.Time) error {
	if isClosed(c.closed) {
		return c.opError("set", net.ErrClosed)
	}
	d.set(t)
	return nil
}

// Bind gives the socket an address.
func (c *Conn) Bind(sa netbsd.Sockaddr) error {
	err := c.call("bind", func() (netbsd.Errno, error) { return c.k.sysBind(c.fd, sa) })
	if err == nil {
		c.names()
	}
	return err
}

// names asks the kernel for the addresses of both ends.
func (c *Conn) names() {
	if sa, errno, err := c.k.sysName(netbsd.SYS_GETSOCKNAME, c.fd); err == nil && errno == 0 {
		c.local = c.addr(sa)
	}
	if sa, errno, err := c.k.sysName(netbsd.SYS_GETPEERNAME, c.fd); err == nil && errno == 0 {
		c.remote = c.addr(sa)
	}
}

// Connect connects the socket, or of one that takes packets sets where they go.
func (c *Conn) Connect(ctx context.Context, sa netbsd.Sockaddr) error {
	if err := c.enter(); err != nil {
		return c.opError("connect", err)
	}
	defer c.leave()
	errno, err := c.k.sysConnect(c.fd, sa)
	if err == nil && errno == netbsd.EINPROGRESS {
		errno, err = c.connected(ctx)
	}
	if err == nil {
		err = c.k.errno(errno, "connect")
	}
	if err != nil {
		return err
	}
	c.names()
	return nil
}

// connected waits for the end of a connect(2) that is under way.
func (c *Conn) connected(ctx context.Context) (netbsd.Errno, error) {
	ready, cancel, err := c.k.poll.wait(pollKey{c.fd, netbsd.EVFILT_WRITE})
	if err != nil {
		return 0, err
	}
	select {
	case <-ready:
	case <-ctx.Done():
		cancel()
		return 0, ctx.Err()
	case <-c.writeBy.wait():
		cancel()
		return 0, os.ErrDeadlineExceeded
	case <-c.closed:
		cancel()
		return 0, net.ErrClosed
	}
	var val [4]byte
	if _, errno, err := c.k.sysGetsockopt(c.fd, netbsd.SOL_SOCKET, netbsd.SO_ERROR, val[:]); err != nil || errno != 0 {
		return errno, err
	}
	return netbsd.Errno(le32(val[:])), nil
}

// SetOption sets a socket option to an int: setsockopt(2).
func (c *Conn) SetOption(level, opt, val int) error {
	return c.SetOptionBytes(level, opt, binary.LittleEndian.AppendUint32(nil, uint32(int32(val))))
}

// SetOptionBytes sets a socket option to a struct.
func (c *Conn) SetOptionBytes(level, opt int, val []byte) error {
	return c.call("setsockopt", func() (netbsd.Errno, error) { return c.k.sysSetsockopt(c.fd, level, opt, val) })
}

// Option returns a socket option that is an int: getsockopt(2).
func (c *Conn) Option(level, opt int) (int, error) {
	b, err := c.OptionBytes(level, opt, 4)
	if err != nil {
		return 0, err
	}
	var val [4]byte
	copy(val[:], b)
	return int(int32(le32(val[:]))), nil
}

// OptionBytes returns a socket option that is a struct of at most size bytes.
func (c *Conn) OptionBytes(level, opt, size int) ([]byte, error) {
	val := make([]byte, size)
	var n int
	err := c.call("getsockopt", func() (errno netbsd.Errno, err error) {
		n, errno, err = c.k.sysGetsockopt(c.fd, level, opt, val)
		return errno, err
	})
	return val[:n], err
}
