package starlark

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// optionMethod describes the method of connections and sockets by which their
// options are read and set.
func optionMethod() function {
	var names []string
	for _, o := range socketOptions() {
		names = append(names, o.name)
	}
	return function{"option", "name value?", "Returns a socket option, an int; with a value, an int or a bool, it is set. The options are " +
		strings.Join(names, ", ") + ".", connOption}
}

// socketOption is a socket option that is an int.
type socketOption struct {
	name       string
	level, opt int
}

func socketOptions() []socketOption {
	return []socketOption{
		{"SO_BROADCAST", netbsd.SOL_SOCKET, netbsd.SO_BROADCAST},
		{"SO_DEBUG", netbsd.SOL_SOCKET, netbsd.SO_DEBUG},
		{"SO_DONTROUTE", netbsd.SOL_SOCKET, netbsd.SO_DONTROUTE},
		{"SO_ERROR", netbsd.SOL_SOCKET, netbsd.SO_ERROR},
		{"SO_KEEPALIVE", netbsd.SOL_SOCKET, netbsd.SO_KEEPALIVE},
		{"SO_OOBINLINE", netbsd.SOL_SOCKET, netbsd.SO_OOBINLINE},
		{"SO_RCVBUF", netbsd.SOL_SOCKET, netbsd.SO_RCVBUF},
		{"SO_RCVLOWAT", netbsd.SOL_SOCKET, netbsd.SO_RCVLOWAT},
		{"SO_REUSEADDR", netbsd.SOL_SOCKET, netbsd.SO_REUSEADDR},
		{"SO_REUSEPORT", netbsd.SOL_SOCKET, netbsd.SO_REUSEPORT},
		{"SO_SNDBUF", netbsd.SOL_SOCKET, netbsd.SO_SNDBUF},
		{"SO_SNDLOWAT", netbsd.SOL_SOCKET, netbsd.SO_SNDLOWAT},
		{"SO_TIMESTAMP", netbsd.SOL_SOCKET, netbsd.SO_TIMESTAMP},
		{"SO_TYPE", netbsd.SOL_SOCKET, netbsd.SO_TYPE},
		{"SO_USELOOPBACK", netbsd.SOL_SOCKET, netbsd.SO_USELOOPBACK},
		{"IP_HDRINCL", netbsd.IPPROTO_IP, netbsd.IP_HDRINCL},
		{"IP_MINTTL", netbsd.IPPROTO_IP, netbsd.IP_MINTTL},
		{"IP_MULTICAST_LOOP", netbsd.IPPROTO_IP, netbsd.IP_MULTICAST_LOOP},
		{"IP_MULTICAST_TTL", netbsd.IPPROTO_IP, netbsd.IP_MULTICAST_TTL},
		{"IP_PORTRANGE", netbsd.IPPROTO_IP, netbsd.IP_PORTRANGE},
		{"IP_RECVTTL", netbsd.IPPROTO_IP, netbsd.IP_RECVTTL},
		{"IP_TOS", netbsd.IPPROTO_IP, netbsd.IP_TOS},
		{"IP_TTL", netbsd.IPPROTO_IP, netbsd.IP_TTL},
		{"IPV6_CHECKSUM", netbsd.IPPROTO_IPV6, netbsd.IPV6_CHECKSUM},
		{"IPV6_DONTFRAG", netbsd.IPPROTO_IPV6, netbsd.IPV6_DONTFRAG},
		{"IPV6_MULTICAST_HOPS", netbsd.IPPROTO_IPV6, netbsd.IPV6_MULTICAST_HOPS},
		{"IPV6_MULTICAST_LOOP", netbsd.IPPROTO_IPV6, netbsd.IPV6_MULTICAST_LOOP},
		{"IPV6_TCLASS", netbsd.IPPROTO_IPV6, netbsd.IPV6_TCLASS},
		{"IPV6_UNICAST_HOPS", netbsd.IPPROTO_IPV6, netbsd.IPV6_UNICAST_HOPS},
		{"IPV6_USE_MIN_MTU", netbsd.IPPROTO_IPV6, netbsd.IPV6_USE_MIN_MTU},
		{"IPV6_V6ONLY", netbsd.IPPROTO_IPV6, netbsd.IPV6_V6ONLY},
		{"TCP_KEEPCNT", netbsd.IPPROTO_TCP, netbsd.TCP_KEEPCNT},
		{"TCP_KEEPIDLE", netbsd.IPPROTO_TCP, netbsd.TCP_KEEPIDLE},
		{"TCP_KEEPINIT", netbsd.IPPROTO_TCP, netbsd.TCP_KEEPINIT},
		{"TCP_KEEPINTVL", netbsd.IPPROTO_TCP, netbsd.TCP_KEEPINTVL},
		{"TCP_MAXSEG", netbsd.IPPROTO_TCP, netbsd.TCP_MAXSEG},
		{"TCP_NODELAY", netbsd.IPPROTO_TCP, netbsd.TCP_NODELAY},
	}
}

// number unpacks an int or a bool.
type number int

// Unpack implements starlark.Unpacker.
func (n *number) Unpack(v starlark.Value) error {
	if b, ok := v.(starlark.Bool); ok {
		*n = 0
		if b {
			*n = 1
		}
		return nil
	}
	return starlark.AsInt(v, (*int)(n))
}

func connOption(c *call) (starlark.Value, error) {
	var name string
	var value optional[number]
	if err := c.unpack(&name, &value); err != nil {
		return nil, err
	}
	var conn *rump.Conn
	switch self := c.self.(type) {
	case *Socket:
		conn = self.c
	case *Conn:
		conn, _ = self.c.(*rump.Conn)
	}
	if conn == nil {
		return nil, errors.New("option: this is no socket of a kernel")
	}
	for _, o := range socketOptions() {
		if o.name != name {
			continue
		}
		return waiting(c.scope, func() (starlark.Value, error) {
			if value.v != nil {
				return nil, conn.SetOption(o.level, o.opt, int(*value.v))
			}
			n, err := conn.Option(o.level, o.opt)
			return starlark.MakeInt(n), err
		})
	}
	return nil, fmt.Errorf("option: there is no socket option %q that is a number", name)
}
