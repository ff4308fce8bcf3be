package inet

import (
	"strings"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Paths is where the names of local sockets are: a file system.
type Paths interface {
	// BindSocket makes a node for a socket. It fails with EADDRINUSE if there
	// is something of the name.
	BindSocket(c *kern.Call, path string, socket any) netbsd.Errno
	// FindSocket finds what was given to BindSocket. A node that is no socket
	// is ENOTSOCK.
	FindSocket(c *kern.Call, path string) (socket any, errno netbsd.Errno)
}

// names is the Paths of a kernel without file systems: a flat list.
type names struct {
	mu sync.Mutex
	m  map[string]any
}

func (n *names) BindSocket(c *kern.Call, path string, socket any) netbsd.Errno {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.m[path]; ok {
		return netbsd.EADDRINUSE
	}
	if n.m == nil {
		n.m = make(map[string]any)
	}
	n.m[path] = socket
	return 0
}

func (n *names) FindSocket(c *kern.Call, path string) (any, netbsd.Errno) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := n.m[path]
	if !ok {
		return nil, netbsd.ENOENT
	}
	return s, 0
}

// localSocket is the endpoint of a socket of AF_LOCAL: struct unpcb. What it has
// is protected by Net.local, one lock for all, since two of them often belong
// together.
type localSocket struct {
	noProtocol
	s *socket

	path      string
	bound     bool
	peer      *localSocket
	refs      map[*localSocket]bool // datagram sockets that are connected to this one
	listening bool
	backlog   int
	pending   []*localSocket // connections to be accepted
	msgs      []*message
	bytes     int
	unread    int // bytes of a stream that the other side has not read, or never will
	rcvDone   bool
	sndDone   bool
	gone      bool
	creds     bool    // LOCAL_CREDS: who sends is to be told
	other     *peerID // LOCAL_PEEREID
}

// Options of local sockets, from <sys/un.h>.
const (
	localConnWait = 2
	localPeerEID  = 3
	localCreds    = 4
)

func newLocalSocket(s *socket) {
	set := &s.n.set
	switch s.typ {
	case netbsd.SOCK_DGRAM:
		s.sndBuf, s.rcvBuf = int(set.localDgramSend.Load()), int(set.localDgramRecv.Load())
	default:
		s.sndBuf, s.rcvBuf = int(set.localStreamSend.Load()), int(set.localStreamRecv.Load())
	}
	s.ep = &localSocket{s: s, refs: make(map[*localSocket]bool)}
}

func (l *localSocket) lock()   { l.s.n.local.Lock() }
func (l *localSocket) unlock() { l.s.n.local.Unlock() }

// pair connects two new sockets to each other.
func (l *localSocket) pair(c *kern.Call, o *localSocket) {
	l.lock()
	defer l.unlock()
	l.join(c, o)
}

// join connects two sockets. Both are told that who did it is at the other end:
// so does the real kernel.
func (l *localSocket) join(c *kern.Call, o *localSocket) {
	l.peer, o.peer = o, l
	l.refs[o], o.refs[l] = true, true
	if l.s.typ != netbsd.SOCK_DGRAM {
		l.other = peerOf(c)
		o.other = l.other
	}
}

// localPath reads the name in an address, whatever its family.
func localPath(a sockaddr) string {
	path, _, _ := strings.Cut(string(a[2:]), "\x00")
	return path
}

func (l *localSocket) name() sockaddr {
	if !l.bound {
		return sockaddr{2, netbsd.AF_LOCAL}
	}
	b := append(sockaddr{0, netbsd.AF_LOCAL}, l.path...)
	b[0] = byte(len(b))
	return b
}

func (l *localSocket) bind(c *kern.Call, a sockaddr) netbsd.Errno {
	path := localPath(a)
	l.lock()
	bound := l.bound
	l.unlock()
	if bound {
		return netbsd.EINVAL
	}
	if errno := l.s.n.cfg.Paths.BindSocket(c, path, l); errno != 0 {
		return errno
	}
	l.lock()
	defer l.unlock()
	l.path, l.bound = path, true
	return 0
}

func (l *localSocket) listen(backlog int) netbsd.Errno {
	l.lock()
	defer l.unlock()
	if !l.bound {
		return netbsd.EINVAL
	}
	l.listening, l.backlog = true, max(backlog, 1)
	return 0
}

func (l *localSocket) connect(c *kern.Call, a sockaddr) netbsd.Errno {
	target, errno := l.s.n.cfg.Paths.FindSocket(c, localPath(a))
	if errno != 0 {
		return errno
	}
	o, _ := target.(*localSocket)
	l.lock()
	defer l.unlock()
	if o == nil || o.gone {
		return netbsd.ECONNREFUSED
	}
	if o.s.typ != l.s.typ {
		return netbsd.EPROTOTYPE
	}
	if l.s.typ == netbsd.SOCK_DGRAM {
		if l.peer != nil {
			delete(l.peer.refs, l)
		}
		l.peer = o
		o.refs[l] = true
		return 0
	}
	if l.peer != nil {
		return netbsd.EISCONN
	}
	if !o.listening || len(o.pending) >= 3*o.backlog/2+1 {
		return netbsd.ECONNREFUSED
	}
	o.s.mu.Lock()
	s := &socket{
		n: l.s.n, family: netbsd.AF_LOCAL, typ: l.s.typ, opts: o.s.opts &^ netbsd.SO_ACCEPTCONN, rcvBuf: o.s.rcvBuf, sndBuf: o.s.sndBuf,
		rcvLowat: o.s.rcvLowat, sndLowat: o.s.sndLowat, uid: o.s.uid,
	}
	o.s.mu.Unlock()
	conn := &localSocket{
		s: s, refs: make(map[*localSocket]bool), path: o.path, bound: o.bound, creds: o.creds,
	}
	s.ep = conn
	conn.join(c, l)
	o.pending = append(o.pending, conn)
	o.s.sel.NotifyHint(kern.Readable)
	return 0
}

func (l *localSocket) disconnect() {
	l.lock()
	defer l.unlock()
	if l.peer != nil {
		delete(l.peer.refs, l)
		l.peer = nil
	}
}

func (l *localSocket) accept(c *kern.Call) (*socket, sockaddr, netbsd.Errno) {
	l.lock()
	defer l.unlock()
	if len(l.pending) == 0 {
		return nil, nil, netbsd.EWOULDBLOCK
	}
	conn := l.pending[0]
	l.pending = l.pending[1:]
	name := sockaddr{2, netbsd.AF_LOCAL}
	if conn.peer != nil {
		name = conn.peer.name()
	}
	return conn.s, name, 0
}

// roomIn is how much more fits the queue.
func (l *localSocket) roomIn() int {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return max(l.s.rcvBuf-l.bytes, 0)
}

// space is the size of the buffer for sending, which what has been sent makes
// smaller until it is read.
func (l *localSocket) space() int {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return max(l.s.sndBuf-l.unread, 0)
}

// read takes note that n bytes have left the queue.
func (l *localSocket) read(n int) {
	l.bytes -= n
	if l.peer != nil && l.s.typ != netbsd.SOCK_DGRAM {
		l.peer.unread = l.bytes
		l.peer.s.sel.NotifyHint(kern.Writable)
	}
}

func (l *localSocket) send(c *kern.Call, m *message) (int, netbsd.Errno) {
	out := &message{data: append([]byte(nil), m.data...), eor: m.eor}
	if m.ask != nil {
		if errno := out.internalize(c, m.ask); errno != 0 {
			return 0, errno
		}
	}
	errno := l.deliver(c, out, m.addr)
	if errno != 0 {
		out.dispose()
		return 0, errno
	}
	return len(m.data), 0
}

// internalize turns descriptors that are sent into the files which they mean. There
// can be one control message, and nothing else in it (unp_internalize).
func (m *message) internalize(c *kern.Call, b []byte) netbsd.Errno {
	cm, size := netbsd.ControlMessage{Level: int32(getUint(b[4:])), Type: int32(getUint(b[8:]))}, int64(getUint(b))
	if cm.Level != netbsd.SOL_SOCKET || cm.Type != netbsd.SCM_RIGHTS || size > int64(len(b)) || size < int64(netbsd.CmsgLen(0)) {
		return netbsd.EINVAL
	}
	for b = b[netbsd.CmsgLen(0):size]; len(b) >= 4; b = b[4:] {
		f, errno := c.File(int(int32(getUint(b))))
		if errno != 0 {
			m.dispose()
			return errno
		}
		m.files = append(m.files, f)
		if f.Type == netbsd.DTYPE_KQUEUE {
			m.dispose()
			return netbsd.EBADF
		}
	}
	m.rights = true
	return 0
}

// datagramTo finds the socket that a datagram goes to.
func (l *localSocket) datagramTo(c *kern.Call, a sockaddr) (*localSocket, netbsd.Errno) {
	l.lock()
	peer := l.peer
	l.unlock()
	switch {
	case a == nil && peer == nil:
		return nil, netbsd.ENOTCONN
	case a == nil:
		return peer, 0
	case peer != nil:
		return nil, netbsd.EISCONN
	}
	target, errno := l.s.n.cfg.Paths.FindSocket(c, localPath(a))
	if errno != 0 {
		return nil, errno
	}
	to, _ := target.(*localSocket)
	if to == nil {
		return nil, netbsd.ECONNREFUSED
	}
	l.lock()
	defer l.unlock()
	switch {
	case to.gone:
		return nil, netbsd.ECONNREFUSED
	case to.s.typ != l.s.typ:
		return nil, netbsd.EPROTOTYPE
	}
	return to, 0
}

// deliver puts a message into the queue of the other side (unp_send).
func (l *localSocket) deliver(c *kern.Call, out *message, a sockaddr) netbsd.Errno {
	datagram := l.s.typ == netbsd.SOCK_DGRAM
	var to *localSocket
	if datagram {
		var errno netbsd.Errno
		if to, errno = l.datagramTo(c, a); errno != 0 {
			return errno
		}
	}
	l.lock()
	defer l.unlock()
	if !datagram {
		to = l.peer
	}
	switch {
	case to != nil && !to.gone:
	case datagram:
		return netbsd.ECONNREFUSED
	default:
		return netbsd.ENOTCONN
	}
	if to.creds {
		out.control = append(out.control, credMessage(c))
		to.creds = datagram // others are told once
	}
	if datagram {
		out.addr = l.name()
		if out.size() > to.roomIn() {
			return netbsd.ENOBUFS
		}
	}
	to.enqueue(out)
	if !datagram {
		l.unread = to.bytes
	}
	to.s.sel.NotifyHint(kern.Readable)
	return 0
}

// enqueue adds a message to the queue. What a stream carries is one record until
// something goes with it, or its end is marked (sbappend).
func (l *localSocket) enqueue(m *message) {
	l.bytes += m.size()
	if l.s.typ == netbsd.SOCK_STREAM && m.bare() {
		n := len(l.msgs)
		if n > 0 && !l.msgs[n-1].eor {
			last := l.msgs[n-1]
			last.data, last.eor = append(last.data, m.data...), m.eor
			return
		}
		if n > 0 && len(m.data) == 0 || len(m.data) == 0 && !m.eor {
			return
		}
	}
	l.msgs = append(l.msgs, m)
}

func (l *localSocket) recv(c *kern.Call, want int, peek bool) (*message, netbsd.Errno) {
	l.lock()
	defer l.unlock()
	if len(l.msgs) == 0 {
		if l.rcvDone {
			return nil, 0
		}
		return nil, netbsd.EWOULDBLOCK
	}
	m := l.msgs[0]
	if peek {
		return m.peeked(), 0
	}
	if l.s.typ == netbsd.SOCK_STREAM && (len(m.data) > want || want == 0) {
		head := *m
		head.data, head.more = m.data[:want:want], true
		l.read(head.size())
		*m = message{data: m.data[want:], eor: m.eor}
		return &head, 0
	}
	l.msgs = l.msgs[1:]
	l.read(m.size())
	return m, 0
}

func (l *localSocket) status() status {
	l.lock()
	defer l.unlock()
	st := status{
		rcv: l.bytes, msgs: len(l.msgs), connected: l.peer != nil, rcvDone: l.rcvDone, sndDone: l.sndDone, listening: l.listening, queue: len(l.pending),
	}
	st.room = l.space()
	st.hiwat = st.room
	return st
}

func (l *localSocket) shutdown(how int) netbsd.Errno {
	l.lock()
	defer l.unlock()
	if how != netbsd.SHUT_WR {
		l.rcvDone = true
		for _, m := range l.msgs {
			m.dispose()
		}
		l.msgs, l.bytes = nil, 0
	}
	if how != netbsd.SHUT_RD {
		l.sndDone = true
		if l.peer != nil && l.s.typ != netbsd.SOCK_DGRAM {
			l.peer.rcvDone = true
			l.peer.s.sel.NotifyHint(kern.Readable)
		}
	}
	return 0
}

func (l *localSocket) sockname() (sockaddr, netbsd.Errno) {
	l.lock()
	defer l.unlock()
	return l.name(), 0
}

func (l *localSocket) peername() (sockaddr, netbsd.Errno) {
	l.lock()
	defer l.unlock()
	if l.peer == nil {
		return sockaddr{2, netbsd.AF_LOCAL}, 0
	}
	return l.peer.name(), 0
}

func (l *localSocket) setopt(c *kern.Call, level, name int, b []byte) netbsd.Errno {
	if level != 0 {
		return netbsd.ENOPROTOOPT
	}
	if name != localConnWait && name != localCreds {
		return netbsd.ENOPROTOOPT
	}
	v, errno := optInt(b)
	if errno == 0 && name == localCreds {
		l.lock()
		l.creds = v != 0
		l.unlock()
	}
	return errno
}

func (l *localSocket) getopt(level, name int) ([]byte, netbsd.Errno) {
	if level != 0 {
		return nil, netbsd.ENOPROTOOPT
	}
	l.lock()
	defer l.unlock()
	switch name {
	case localCreds:
		return flagValue(l.creds), 0
	case localPeerEID:
		if l.other == nil {
			return nil, netbsd.EINVAL
		}
		return l.other.append(nil), 0
	}
	return nil, netbsd.ENOPROTOOPT
}

func (l *localSocket) close() {
	l.lock()
	l.gone = true
	msgs, pending := l.msgs, l.pending
	l.msgs, l.pending, l.bytes, l.listening = nil, nil, 0, false
	if p := l.peer; p != nil {
		delete(p.refs, l)
		if l.s.typ != netbsd.SOCK_DGRAM {
			p.rcvDone, p.sndDone = true, true
			p.peer = nil
			p.s.sel.Notify()
		}
	}
	for r := range l.refs {
		if r.peer != l {
			continue
		}
		r.peer = nil
		if l.s.typ == netbsd.SOCK_DGRAM {
			r.s.mu.Lock()
			r.s.err = netbsd.ECONNRESET
			r.s.mu.Unlock()
			continue // nobody is woken for that
		}
		r.s.sel.Notify()
	}
	l.peer, l.refs = nil, nil
	l.unlock()
	for _, m := range msgs {
		m.dispose()
	}
	for _, conn := range pending {
		conn.close()
	}
}
