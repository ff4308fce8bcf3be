package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

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
