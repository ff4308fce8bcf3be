package inet

import (
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
