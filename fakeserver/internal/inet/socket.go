package inet

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A socket is an open socket: what is the same for all kinds. Its endpoint is
// what makes one kind different from another.
type socket struct {
	n      *Net
	id     uint64
	family uint8
	typ    int
	proto  int
	ep     endpoint
	sel    kern.Selinfo

	mu       sync.Mutex
	opts     uint32 // SO_* that are flags
	linger   int32
	rcvTimeo time.Duration // 0 for none
	sndTimeo time.Duration
	rcvBuf   int
	sndBuf   int
	rcvLowat int
	sndLowat int
	err      netbsd.Errno // so_error
	pgid     int32
	uid      uint32
}

// An endpoint is a socket's protocol. Methods which would have to wait return
// EWOULDBLOCK, and the socket's Selinfo is notified when it is worth to try again.
type endpoint interface {
	bind(c *kern.Call, a sockaddr) netbsd.Errno
	listen(backlog int) netbsd.Errno
	accept(c *kern.Call) (*socket, sockaddr, netbsd.Errno)

	// connect begins to connect, and finished says whether that has ended; its
	// outcome is then the socket's error.
	connect(c *kern.Call, a sockaddr) netbsd.Errno
	finished() bool

	// disconnect takes the connection of a socket of datagrams back.
	disconnect()

	// send sends as much of a message as there is room for, or all or nothing
	// of it if messages have limits.
	send(c *kern.Call, m *message) (int, netbsd.Errno)

	// recv takes a message off the queue, or as many bytes as are wanted.
	recv(c *kern.Call, want int, peek bool) (*message, netbsd.Errno)

	sockname() (sockaddr, netbsd.Errno)
	peername() (sockaddr, netbsd.Errno)
	shutdown(how int) netbsd.Errno
	status() status
	setopt(c *kern.Call, level, name int, v []byte) netbsd.Errno
	getopt(level, name int) ([]byte, netbsd.Errno)
	ioctl(c *kern.Call, cmd netbsd.Ioctl, data []byte) netbsd.Errno
	close()
}

// A message is data on its way through a socket.
type message struct {
	data    []byte
	addr    sockaddr // the other side, if it goes with the data
	ask     []byte   // the control messages of one that is sent, as they came
	control []netbsd.ControlMessage
	rights  bool             // SCM_RIGHTS goes with it
	files   []*kern.OpenFile // in that
	eor     bool             // a record ends with it (M_EOR)
	direct  bool             // it goes to who is on a link of ours (SO_DONTROUTE)
	more    bool             // of the record is left
	flags   int              // MSG_TRUNC and others that receiving it finds
}

// status is what poll(2), kevent(2) and others want to know.
type status struct {
	rcv, snd  int  // bytes that wait
	msgs      int  // messages or records in that, even of no bytes
	room      int  // for more to be sent
	hiwat     int  // the size of the buffer for that
	rcvDone   bool // nothing more will come (SS_CANTRCVMORE)
	sndDone   bool // nothing more can be sent (SS_CANTSENDMORE)
	connected bool
	listening bool
	queue     int // connections that wait to be accepted
}

// stream reports whether the socket carries bytes rather than messages.
func (s *socket) stream() bool { return s.typ == netbsd.SOCK_STREAM }

func (s *socket) tcp() bool { return s.family != netbsd.AF_LOCAL && s.stream() }

// needsConnection is PR_CONNREQUIRED.
func (s *socket) needsConnection() bool {
	return s.typ == netbsd.SOCK_STREAM || s.typ == netbsd.SOCK_SEQPACKET
}

// takeError returns the pending error, and clears it unless it is only looked at.
func (s *socket) takeError(peek bool) netbsd.Errno {
	s.mu.Lock()
	defer s.mu.Unlock()
	errno := s.err
	if !peek {
		s.err = 0
	}
	return errno
}

// setError leaves an error for whoever uses the socket next.
func (s *socket) setError(errno netbsd.Errno) {
	s.mu.Lock()
	s.err = errno
	s.mu.Unlock()
}

func (s *socket) option(opt uint32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts&opt != 0
}

// timeout is how long a call may wait: not at all, or as SO_RCVTIMEO or
// SO_SNDTIMEO say.
func (s *socket) timeout(nonblock bool, flags int, send bool) time.Duration {
	if nonblock || flags&(netbsd.MSG_DONTWAIT|netbsd.MSG_NBIO) != 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.rcvTimeo
	if send {
		d = s.sndTimeo
	}
	if d == 0 {
		return kern.Forever
	}
	return d
}

// Read receives.
func (s *socket) Read(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	m, errno := s.receive(c, f.Nonblock(), u, 0, false)
	m.dispose()
	return errno
}

// Write sends.
func (s *socket) Write(c *kern.Call, f *kern.OpenFile, u *kern.Uio, pos int64) netbsd.Errno {
	return s.transmit(c, f.Nonblock(), u, nil, nil, 0)
}

// dispose closes the files of a message that nobody takes.
func (m *message) dispose() {
	if m == nil {
		return
	}
	for _, f := range m.files {
		f.Release()
	}
	m.files = nil
}

// maxStreamChunk is how much of a stream is moved at once.
const maxStreamChunk = 64 << 10

// receive moves what has come to u (soreceive). The message that it returns has
// no data any more; with a stream it is nil.
func (s *socket) receive(c *kern.Call, nonblock bool, u *kern.Uio, flags int, control bool) (*message, netbsd.Errno) {
	if flags&netbsd.MSG_OOB != 0 {
		if s.tcp() {
			return nil, netbsd.EINVAL // nothing is urgent
		}
		return nil, netbsd.EOPNOTSUPP
	}
	peek := flags&netbsd.MSG_PEEK != 0
	var result *message
	got := false
	for {
		var m *message
		try := func() (errno netbsd.Errno) {
			if done, errno := s.mayReceive(u.Resid, flags); done || errno != 0 {
				return errno
			}
			m, errno = s.ep.recv(c, u.Chunk(maxStreamChunk), peek)
			return errno
		}
		if errno := c.Sleep(&s.sel, s.timeout(nonblock, flags, false), try); errno != 0 {
			if got && s.stream() {
				return result, 0
			}
			return result, errno
		}
		if m == nil {
			return result, 0 // the end, or nothing was wanted
		}
		data, wanted := m.data, u.Resid > 0
		switch {
		case int64(len(data)) > u.Resid, !wanted:
			data = data[:min(u.Resid, int64(len(data)))]
			if !s.stream() {
				m.flags |= netbsd.MSG_TRUNC // even of no octets, if there is no room for any
			}
		case m.eor && !m.more:
			m.flags |= netbsd.MSG_EOR
		}
		errno := u.Put(data)
		m.data = nil
		if result == nil {
			result = m
		} else {
			result.flags |= m.flags
		}
		got = got || len(data) > 0
		switch {
		case errno != 0, u.Resid == 0, peek, m.flags&netbsd.MSG_EOR != 0:
			return result, errno
		case m.bare() && len(data) == 0 && wanted && !s.ep.status().rcvDone:
			result = nil // a message of nothing is none
			continue
		case !s.stream():
			return result, 0
		case !m.more && flags&netbsd.MSG_WAITALL == 0:
			return result, 0
		}
	}
}

// mayReceive tells whether something can be received. It is done if nothing will come,
// or nothing is wanted.
func (s *socket) mayReceive(want int64, flags int) (done bool, errno netbsd.Errno) {
	st := s.ep.status()
	s.mu.Lock()
	lowat, hiwat, failed := int64(s.rcvLowat), int64(s.rcvBuf), s.err != 0
	s.mu.Unlock()
	have := int64(st.rcv)
	few := s.stream() && flags&netbsd.MSG_DONTWAIT == 0 && st.msgs == 1 && have < want &&
		(have < lowat || flags&netbsd.MSG_WAITALL != 0 && want <= hiwat)
	switch {
	case st.msgs > 0 && (!few || failed || st.rcvDone):
		return false, 0
	case failed:
		return false, s.takeError(flags&netbsd.MSG_PEEK != 0)
	case st.rcvDone:
		return true, 0
	case !st.connected && s.needsConnection() && s.ep.finished():
		return false, netbsd.ENOTCONN
	case want == 0:
		return true, 0
	}
	return false, netbsd.EWOULDBLOCK
}

// bare reports whether nothing goes with a message's data.
func (m *message) bare() bool { return !m.rights && len(m.control) == 0 && m.addr == nil }

// transmit sends what u has (sosend).
func (s *socket) transmit(c *kern.Call, nonblock bool, u *kern.Uio, to sockaddr, m *message, flags int) netbsd.Errno {
	if m == nil {
		m = &message{}
	}
	m.addr = to
	timeout := s.timeout(nonblock, flags, true)
	for {
		room := 0
		errno := c.Sleep(&s.sel, timeout, func() (errno netbsd.Errno) {
			room, errno = s.mayTransmit(u.Resid, len(m.ask), to != nil, flags)
			return errno
		})
		if errno != 0 {
			return errno
		}
		size := int(u.Resid)
		if s.stream() {
			size = u.Chunk(int64(max(room, 0)))
		}
		if errno := s.n.enoughMbufs(clusters(size)); errno != 0 {
			return errno
		}
		data := make([]byte, size)
		if errno := u.Take(data); errno != 0 {
			return errno
		}
		if flags&netbsd.MSG_OOB != 0 && !s.tcp() {
			return netbsd.EOPNOTSUPP
		}
		m.data, m.eor = data, flags&netbsd.MSG_EOR != 0 && u.Resid == 0
		m.direct = flags&netbsd.MSG_DONTROUTE != 0 || s.option(netbsd.SO_DONTROUTE)
		for {
			sent := 0
			errno := c.Sleep(&s.sel, timeout, func() (errno netbsd.Errno) {
				sent, errno = s.ep.send(c, m)
				return errno
			})
			if errno != 0 {
				// A message counts as moved even if the protocol does not want it.
				if s.stream() || errno == netbsd.EWOULDBLOCK || errno == netbsd.EINTR {
					u.Resid += int64(len(m.data))
				}
				return errno
			}
			m.ask = nil
			m.data = m.data[sent:]
			if len(m.data) == 0 || !s.stream() {
				break
			}
		}
		if u.Resid == 0 {
			return 0
		}
	}
}

// mayTransmit tells how many octets can be sent now, after control messages.
func (s *socket) mayTransmit(size int64, control int, addressed bool, flags int) (room int, errno netbsd.Errno) {
	st := s.ep.status()
	if st.sndDone {
		return 0, netbsd.EPIPE
	}
	if e := s.takeError(false); e != 0 {
		return 0, e
	}
	if !st.connected {
		if s.needsConnection() {
			if size > 0 || control == 0 {
				return 0, netbsd.ENOTCONN
			}
		} else if !addressed {
			return 0, netbsd.EDESTADDRREQ
		}
	}
	s.mu.Lock()
	lowat := s.sndLowat
	s.mu.Unlock()
	room = st.room
	if flags&netbsd.MSG_OOB != 0 {
		room += 1024
	}
	if !s.stream() && size > int64(st.hiwat) || control > st.hiwat {
		return 0, netbsd.EMSGSIZE
	}
	if int64(room) < size+int64(control) && (!s.stream() || room < lowat || room < control) {
		return 0, netbsd.EWOULDBLOCK
	}
	return room - control, 0
}

// Ioctl carries out commands on sockets (soo_ioctl).
func (s *socket) Ioctl(c *kern.Call, f *kern.OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.FIONBIO, netbsd.FIOASYNC:
		return 0
	case netbsd.FIONREAD:
		putInt(data, int32(s.ep.status().rcv))
	case netbsd.FIONWRITE:
		putInt(data, int32(s.ep.status().snd))
	case netbsd.FIONSPACE:
		putInt(data, int32(s.ep.status().room))
	case netbsd.SIOCSPGRP, netbsd.FIOSETOWN, netbsd.TIOCSPGRP:
		s.mu.Lock()
		defer s.mu.Unlock()
		return c.SetOwner(&s.pgid, cmd, data)
	case netbsd.SIOCGPGRP, netbsd.FIOGETOWN, netbsd.TIOCGPGRP:
		s.mu.Lock()
		kern.Owner(s.pgid, cmd, data)
		s.mu.Unlock()
	case netbsd.SIOCATMARK:
		putInt(data, 0)
	default:
		if cmd.Group() == 'i' {
			return s.n.Ioctl(c, s.family, cmd, data)
		}
		return s.ep.ioctl(c, cmd, data)
	}
	return 0
}

// Stat tells of a socket (soo_stat).
func (s *socket) Stat(c *kern.Call, f *kern.OpenFile) (netbsd.Stat, netbsd.Errno) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return netbsd.Stat{Mode: netbsd.S_IFSOCK, Blksize: int32(s.sndBuf)}, 0
}

func (s *socket) readable(st status) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return st.rcv >= s.rcvLowat || st.rcvDone || st.queue > 0 || s.err != 0
}

func (s *socket) writable(st status) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != 0 || st.sndDone || st.room >= s.sndLowat && (st.connected || !s.needsConnection())
}

// Poll tells what is ready (sopoll).
func (s *socket) Poll(c *kern.Call, f *kern.OpenFile, events int16) int16 {
	const in, out = netbsd.POLLIN | netbsd.POLLRDNORM, netbsd.POLLOUT | netbsd.POLLWRNORM
	st := s.ep.status()
	var got int16
	if events&in != 0 && s.readable(st) {
		got |= events & in
	}
	if events&out != 0 && s.writable(st) {
		got |= events & out
	}
	return got
}

func (s *socket) Selinfo() *kern.Selinfo { return &s.sel }

// KqFilter prepares a knote (soo_kqfilter).
func (s *socket) KqFilter(f *kern.OpenFile, kn *kern.Knote) (kern.Filter, netbsd.Errno) {
	switch kn.Filter {
	case netbsd.EVFILT_READ:
		listening := s.option(netbsd.SO_ACCEPTCONN)
		return kern.Filter{Sel: &s.sel, Only: kern.Readable, Event: func(kn *kern.Knote) bool {
			st := s.ep.status()
			if listening {
				kn.Data = int64(st.queue)
				return st.queue > 0
			}
			kn.Data = int64(st.rcv)
			return s.event(kn, st.rcvDone, st.rcv, s.rcvLowat)
		}}, 0
	case netbsd.EVFILT_WRITE:
		return kern.Filter{Sel: &s.sel, Only: kern.Writable, Event: func(kn *kern.Knote) bool {
			st := s.ep.status()
			kn.Data = int64(st.room)
			if !st.sndDone && !st.connected && s.needsConnection() && s.takeError(true) == 0 {
				return false
			}
			return s.event(kn, st.sndDone, st.room, s.sndLowat)
		}}, 0
	}
	return kern.Filter{}, netbsd.EINVAL
}

func (s *socket) event(kn *kern.Knote, eof bool, have, lowat int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case eof:
		kn.Flags |= netbsd.EV_EOF
		kn.Fflags = uint32(s.err)
		return true
	case s.err != 0:
		return true
	case kn.Sfflags&netbsd.NOTE_LOWAT != 0:
		return int64(have) >= kn.Sdata
	}
	return have >= lowat
}

// SetNonblock does nothing: the flag is looked at where it matters.
func (s *socket) SetNonblock(*kern.Call, *kern.OpenFile, bool) netbsd.Errno { return 0 }

// Close ends the socket.
func (s *socket) Close(*kern.OpenFile) netbsd.Errno {
	s.n.forget(s)
	s.ep.close()
	s.sel.Notify()
	return 0
}

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
