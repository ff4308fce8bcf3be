package starlark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"go.starlark.net/starlark"
)

// maxRead is how many bytes read returns at most if the script does not say.
const maxRead = 64 << 10

// Conn is a connection through a kernel's network.
type Conn struct {
	c    net.Conn
	sc   *scope
	name string
}

func connAttrs() []attribute {
	return []attribute{
		{"local", "The connection's own address, a string such as \"10.0.0.1:49153\"."},
		{"remote", "The peer's address."},
	}
}

func connMethods() []function {
	return []function{
		{"close", "", "Closes the connection.", connClose},
		{"close_write", "", "Ends what this side sends; what the peer sends can still be read.", connCloseWrite},
		optionMethod(),
		{"read", "size? timeout?", "Returns what comes next, bytes, at most so many; empty at the end. Waits for 5s if no timeout is given.", connRead},
		{"read_all", "timeout?", "Returns everything up to the end of what the peer sends, bytes.", connReadAll},
		{"read_exactly", "size timeout?", "Returns so many bytes.", connReadExactly},
		{"write", "data timeout?", "Sends a string or bytes.", connWrite},
	}
}

// String shows the connection to a person.
func (c *Conn) String() string        { return fmt.Sprintf("<connection %s>", c.name) }
func (c *Conn) Type() string          { return "connection" }
func (c *Conn) Freeze()               {}
func (c *Conn) Truth() starlark.Bool  { return true }
func (c *Conn) Hash() (uint32, error) { return 0, errors.New("unhashable: connection") }

// Attr implements starlark.HasAttrs.
func (c *Conn) Attr(name string) (starlark.Value, error) {
	switch name {
	case "local":
		return starlark.String(c.c.LocalAddr().String()), nil
	case "remote":
		return starlark.String(c.c.RemoteAddr().String()), nil
	}
	return method(c, connMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (c *Conn) AttrNames() []string { return attrNames(connMethods(), "local", "remote") }

// within calls f with the connection, which gives up after the timeout or when
// the script is ended.
func within[T any](c *call, timeout duration, f func(net.Conn) (T, error)) (T, error) {
	conn := c.self.(*Conn).c
	return patiently(c, conn, timeout, func() (T, error) { return f(conn) })
}

// patiently calls f, which uses a connection or a socket that gives up after the
// timeout or when the script is ended.
func patiently[T any](c *call, conn interface{ SetDeadline(time.Time) error }, timeout duration, f func() (T, error)) (T, error) {
	return waiting(c.scope, func() (T, error) {
		conn.SetDeadline(time.Now().Add(time.Duration(timeout)))
		stop := context.AfterFunc(c.ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
		defer stop()
		v, err := f()
		if c.ctx.Err() != nil {
			err = context.Cause(c.ctx)
		}
		return v, err
	})
}

func connRead(c *call) (starlark.Value, error) {
	size, timeout := maxRead, duration(eventuallyTimeout)
	if err := c.unpack(&size, &timeout); err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, fmt.Errorf("read: got a size of %d", size)
	}
	b := make([]byte, min(size, 16<<20))
	n, err := within(c, timeout, func(conn net.Conn) (int, error) { return conn.Read(b) })
	if err != nil && err != io.EOF {
		return nil, err
	}
	return starlark.Bytes(b[:n]), nil
}

func connReadAll(c *call) (starlark.Value, error) {
	timeout := duration(eventuallyTimeout)
	if err := c.unpack(&timeout); err != nil {
		return nil, err
	}
	b, err := within(c, timeout, func(conn net.Conn) ([]byte, error) { return io.ReadAll(conn) })
	return starlark.Bytes(b), err
}

func connReadExactly(c *call) (starlark.Value, error) {
	var size int
	timeout := duration(eventuallyTimeout)
	if err := c.unpack(&size, &timeout); err != nil {
		return nil, err
	}
	if size < 0 || size > 1<<30 {
		return nil, fmt.Errorf("read_exactly: got a size of %d", size)
	}
	b := make([]byte, size)
	n, err := within(c, timeout, func(conn net.Conn) (int, error) { return io.ReadFull(conn, b) })
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = fmt.Errorf("read_exactly: the peer sent %d bytes of %d and ended", n, size)
	}
	return starlark.Bytes(b), err
}

func connWrite(c *call) (starlark.Value, error) {
	var data content
	timeout := duration(eventuallyTimeout)
	if err := c.unpack(&data, &timeout); err != nil {
		return nil, err
	}
	_, err := within(c, timeout, func(conn net.Conn) (int, error) { return conn.Write(data) })
	return nil, err
}

func connClose(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	conn := c.self.(*Conn).c
	return waiting(c.scope, func() (starlark.Value, error) { return nil, conn.Close() })
}

func connCloseWrite(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	conn, ok := c.self.(*Conn).c.(interface{ CloseWrite() error })
	if !ok {
		return nil, errors.New("close_write: only a stream has two directions")
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, conn.CloseWrite() })
}

// Listener waits for connections through a kernel's network.
type Listener struct {
	l  net.Listener
	sc *scope
}

func listenerAttrs() []attribute {
	return []attribute{{"addr", "The address that is listened on, a string."}}
}

func listenerMethods() []function {
	return []function{
		{"accept", "timeout?", "Waits for a connection, 5s if no timeout is given, and returns it.", kernelAccept},
		{"close", "", "Listens no more.", kernelUnlisten},
	}
}

// String shows the listener to a person.
func (l *Listener) String() string        { return fmt.Sprintf("<listener on %s>", l.l.Addr()) }
func (l *Listener) Type() string          { return "listener" }
func (l *Listener) Freeze()               {}
func (l *Listener) Truth() starlark.Bool  { return true }
func (l *Listener) Hash() (uint32, error) { return 0, errors.New("unhashable: listener") }

// Attr implements starlark.HasAttrs.
func (l *Listener) Attr(name string) (starlark.Value, error) {
	if name == "addr" {
		return starlark.String(l.l.Addr().String()), nil
	}
	return method(l, listenerMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (l *Listener) AttrNames() []string { return attrNames(listenerMethods(), "addr") }

func kernelAccept(c *call) (starlark.Value, error) {
	timeout := duration(eventuallyTimeout)
	if err := c.unpack(&timeout); err != nil {
		return nil, err
	}
	l := c.self.(*Listener)
	return waiting(c.scope, func() (starlark.Value, error) {
		if d, ok := l.l.(interface{ SetDeadline(time.Time) error }); ok {
			d.SetDeadline(time.Now().Add(time.Duration(timeout)))
			stop := context.AfterFunc(c.ctx, func() { d.SetDeadline(time.Unix(1, 0)) })
			defer stop()
		}
		conn, err := l.l.Accept()
		if c.ctx.Err() != nil {
			return nil, context.Cause(c.ctx)
		}
		if err != nil {
			return nil, err
		}
		return c.scope.conn(conn), nil
	})
}

func kernelUnlisten(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	l := c.self.(*Listener).l
	return waiting(c.scope, func() (starlark.Value, error) { return nil, l.Close() })
}

// conn makes a value of a connection.
func (sc *scope) conn(c net.Conn) *Conn {
	return &Conn{c, sc, fmt.Sprintf("%s from %s to %s", c.LocalAddr().Network(), c.LocalAddr(), c.RemoteAddr())}
}

// kernelConns is the table of the methods of a kernel that are about connections.
func kernelConns() []function {
	return []function{
		{"dial", "network address timeout?", "Connects through the kernel and returns the connection. The network is \"tcp\", \"tcp4\", \"tcp6\", \"udp\", \"udp4\", \"udp6\" or \"unix\", the address \"10.0.0.2:80\", \"[2001:db8::2]:80\" or a path. Waits for 5s if no timeout is given.", kernelDial},
		{"listen", "network address", "Listens in the kernel for streams and returns the listener. Port 0 is any free one.", kernelListen},
	}
}

func kernelDial(c *call) (starlark.Value, error) {
	var network, address string
	timeout := duration(eventuallyTimeout)
	if err := c.unpack(&network, &address, &timeout); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		ctx, cancel := context.WithTimeout(c.ctx, time.Duration(timeout))
		defer cancel()
		conn, err := c.kernel().DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return c.scope.conn(conn), nil
	})
}

func kernelListen(c *call) (starlark.Value, error) {
	var network, address string
	if err := c.unpack(&network, &address); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		l, err := c.kernel().Listen(c.ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &Listener{l, c.scope}, nil
	})
}
