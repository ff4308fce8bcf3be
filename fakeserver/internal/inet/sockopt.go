package inet

import (
	"encoding/binary"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// getopt returns an option of the level SOL_SOCKET (sogetopt).
func (s *socket) getopt(name int) ([]byte, netbsd.Errno) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v int
	switch name {
	case netbsd.SO_LINGER:
		l := netbsd.Linger{Linger: s.linger}
		if s.opts&netbsd.SO_LINGER != 0 {
			l.Onoff = 1
		}
		return l.Append(nil), 0
	case netbsd.SO_USELOOPBACK, netbsd.SO_DONTROUTE, netbsd.SO_DEBUG, netbsd.SO_KEEPALIVE, netbsd.SO_REUSEADDR,
		netbsd.SO_REUSEPORT, netbsd.SO_BROADCAST, netbsd.SO_OOBINLINE, netbsd.SO_TIMESTAMP, netbsd.SO_NOSIGPIPE,
		netbsd.SO_ACCEPTCONN, soOldTimestamp:
		if s.opts&uint32(name) != 0 {
			v = name
		}
		if name != netbsd.SO_ACCEPTCONN && v != 0 {
			v = 1
		}
	case netbsd.SO_TYPE:
		v = s.typ
	case netbsd.SO_ERROR:
		v = int(s.err)
		s.err = 0
	case netbsd.SO_SNDBUF:
		v = s.sndBuf
	case netbsd.SO_RCVBUF:
		v = s.rcvBuf
	case netbsd.SO_SNDLOWAT:
		v = s.sndLowat
	case netbsd.SO_RCVLOWAT:
		v = s.rcvLowat
	case netbsd.SO_SNDTIMEO, soOldSndTimeo:
		return netbsd.TimevalOfDuration(s.sndTimeo).Append(nil), 0
	case netbsd.SO_RCVTIMEO, soOldRcvTimeo:
		return netbsd.TimevalOfDuration(s.rcvTimeo).Append(nil), 0
	case netbsd.SO_OVERFLOWED:
	case netbsd.SO_ACCEPTFILTER:
		return nil, netbsd.EINVAL // there is none
	default:
		return nil, netbsd.ENOPROTOOPT
	}
	return intValue(v), 0
}

func intValue(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

// optInt reads an int, which must be all of an option's value.
func optInt(v []byte) (int, netbsd.Errno) {
	if len(v) != 4 {
		return 0, netbsd.EINVAL
	}
	return int(int32(binary.LittleEndian.Uint32(v))), 0
}

// Options as programs of older systems know them, from
// <compat/sys/socket.h>.
const (
	soOldTimestamp = 0x400
	soOldSndTimeo  = 0x1005
	soOldRcvTimeo  = 0x1006
)

// maxBuf is the greatest size of a socket's buffers (kern.sbmax, less what
// mbufs take).
const maxBuf = 262144 * 2048 / (256 + 2048)

// setopt sets an option of the level SOL_SOCKET (sosetopt).
func (s *socket) setopt(name int, b []byte) netbsd.Errno {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch name {
	case netbsd.SO_LINGER:
		if len(b) != netbsd.SizeofLinger {
			return netbsd.EINVAL
		}
		l, _ := netbsd.ParseLinger(b)
		if l.Linger < 0 || l.Linger > 65535 {
			return netbsd.EDOM
		}
		s.linger = l.Linger
		s.flag(netbsd.SO_LINGER, l.Onoff != 0)
		return 0
	case netbsd.SO_DEBUG, netbsd.SO_KEEPALIVE, netbsd.SO_DONTROUTE, netbsd.SO_USELOOPBACK, netbsd.SO_BROADCAST,
		netbsd.SO_REUSEADDR, netbsd.SO_REUSEPORT, netbsd.SO_OOBINLINE, netbsd.SO_TIMESTAMP, netbsd.SO_NOSIGPIPE, soOldTimestamp:
		v, errno := optInt(b)
		if errno != 0 {
			return errno
		}
		s.flag(uint32(name), v != 0)
		return 0
	case netbsd.SO_SNDBUF, netbsd.SO_RCVBUF, netbsd.SO_SNDLOWAT, netbsd.SO_RCVLOWAT:
		v, errno := optInt(b)
		if errno != 0 {
			return errno
		}
		if v < 1 {
			return netbsd.EINVAL
		}
		switch name {
		case netbsd.SO_SNDBUF, netbsd.SO_RCVBUF:
			if v > maxBuf {
				return netbsd.ENOBUFS
			}
			if name == netbsd.SO_SNDBUF {
				s.sndBuf, s.sndLowat = v, min(s.sndLowat, v)
			} else {
				s.rcvBuf, s.rcvLowat = v, min(s.rcvLowat, v)
			}
		case netbsd.SO_SNDLOWAT:
			s.sndLowat = min(v, s.sndBuf)
		case netbsd.SO_RCVLOWAT:
			s.rcvLowat = min(v, s.rcvBuf)
		}
		return 0
	case netbsd.SO_ACCEPTFILTER:
		switch len(b) {
		case 0:
			if s.opts&netbsd.SO_ACCEPTCONN != 0 {
				return 0
			}
		case netbsd.SizeofAcceptFilterArg:
			return netbsd.ENOENT // there is none of any name
		}
		return netbsd.EINVAL
	case netbsd.SO_SNDTIMEO, netbsd.SO_RCVTIMEO, soOldSndTimeo, soOldRcvTimeo:
		if len(b) != netbsd.SizeofTimeval {
			return netbsd.EINVAL
		}
		tv, _ := netbsd.ParseTimeval(b)
		// In ticks of 10 ms it has to fit a short's worth of ints.
		if tv.Sec > (1<<31-1-int64(tv.Usec)/10000)/100 {
			return netbsd.EDOM
		}
		if tv.Sec < 0 || tv.Usec < 0 {
			return netbsd.EDOM
		}
		d := tv.Duration().Truncate(10 * time.Millisecond)
		if d == 0 && tv.Usec != 0 {
			d = 10 * time.Millisecond
		}
		if name == netbsd.SO_SNDTIMEO || name == soOldSndTimeo {
			s.sndTimeo = d
		} else {
			s.rcvTimeo = d
		}
		return 0
	}
	return netbsd.ENOPROTOOPT
}

func (s *socket) flag(opt uint32, on bool) {
	s.opts &^= opt
	if on {
		s.opts |= opt
	}
}
