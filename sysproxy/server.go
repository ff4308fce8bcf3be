package sysproxy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The limits of rump_server (rumpuser_sp.c: MAXCLI and rumpsp_maxworker), which
// are a Server's if it does not say otherwise.
const (
	DefaultMaxConns     = 255
	DefaultMaxConnCalls = 128
)

// Server serves a Handler's kernel by the rump_sp protocol. Set the fields
// before the first call of a method and leave them alone then.
type Server struct {
	Handler Handler

	// Banner is what the server greets with. Its Major and Minor are set by the
	// server; an empty Kernel, Release or Machine becomes NetBSD, 7.99.34 or amd64.
	Banner Banner

	// MaxConns is the greatest number of connections: one more is closed before
	// the greeting. 0 means DefaultMaxConns.
	MaxConns int

	// MaxCalls is how many system calls run at once, over all connections; those
	// above wait their turn. 0 means any number. (rump_server: 128)
	MaxCalls int

	// MaxConnCalls is how many system calls of one connection run at once. 0
	// means DefaultMaxConnCalls.
	MaxConnCalls int

	// MaxQueued is how many system calls of one connection may wait; those above
	// are refused with CodeTryAgain. 0 means 4096.
	MaxQueued int

	// MaxForks is how many forks of one connection may be unclaimed; those above
	// are refused with CodeNoMemory. 0 means 64.
	MaxForks int

	// Timeout ends a connection that does not complete its handshake in that
	// time, stalls in the middle of a frame, or does not read what is sent to it;
	// and a fork which nobody claims. 0 means a minute, a negative value no limit.
	Timeout time.Duration

	// Log, if set, gets a line for each connection that ends in an error.
	Log *slog.Logger

	// Debug gets a line a frame; by default what RUMPSP_DEBUG says.
	Debug Debug

	// Wrap, if set, is given each new connection and returns the one to use: for
	// tests which delay, cut or damage what is sent.
	Wrap func(net.Conn) net.Conn

	once      sync.Once
	ctx       context.Context // ends with the server
	cancel    context.CancelFunc
	sem       chan struct{} // a place for each of MaxCalls
	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	sessions  map[*session]struct{}
	lone      atomic.Bool // there is one session and no more
	forks     map[[cookieSize]byte]*unclaimed
	closed    bool
	wg        sync.WaitGroup // sessions
}

// unclaimed is a forked process which waits for its connection.
type unclaimed struct {
	proc   Process
	parent *session
	timer  *time.Timer
}

func (s *Server) init() {
	s.once.Do(func() {
		s.ctx, s.cancel = context.WithCancel(context.Background())
		s.listeners = make(map[net.Listener]struct{})
		s.sessions = make(map[*session]struct{})
		s.forks = make(map[[cookieSize]byte]*unclaimed)
		if s.MaxCalls > 0 {
			s.sem = make(chan struct{}, s.MaxCalls)
		}
		if s.Debug == (Debug{}) {
			s.Debug = debugFromEnv()
		}
	})
}

func orDefault(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

func (s *Server) timeout() time.Duration {
	if s.Timeout == 0 {
		return time.Minute
	}
	return max(s.Timeout, 0)
}

func (s *Server) banner() Banner {
	b := s.Banner
	b.Major, b.Minor = ProtocolMajor, ProtocolMinor
	for _, f := range []struct {
		field *string
		def   string
	}{{&b.Kernel, "NetBSD"}, {&b.Release, "7.99.34"}, {&b.Machine, "amd64"}} {
		if *f.field == "" {
			*f.field = f.def
		}
	}
	return b
}

// Listen makes a listener for a URL (see ParseListenURL), to be given to Serve.
// A Unix socket that is left over from a server which is gone is replaced.
func Listen(ctx context.Context, url string) (net.Listener, error) {
	u, err := ParseListenURL(url)
	if err != nil {
		return nil, err
	}
	if abs, err := u.Absolute(); err == nil {
		u = abs // so that closing finds the socket wherever the working folder is then
	}
	l, err := new(net.ListenConfig).Listen(ctx, u.Network, u.Address)
	if errors.Is(err, syscall.EADDRINUSE) && u.Network == "unix" && stale(u.Address) {
		os.Remove(u.Address)
		l, err = new(net.ListenConfig).Listen(ctx, u.Network, u.Address)
	}
	if err != nil {
		return nil, &TransportError{url, "listen", err}
	}
	return l, nil
}

// stale reports whether path is a socket on which nobody listens.
func stale(path string) bool {
	if fi, err := os.Lstat(path); err != nil || fi.Mode().Type() != fs.ModeSocket {
		return false
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// Serve accepts connections on l until the server is closed or l fails, and
// closes l. After Close it returns ErrClosed.
func (s *Server) Serve(l net.Listener) error {
	s.init()
	defer l.Close()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
	}()
	for {
		nc, err := l.Accept()
		if err != nil {
			s.mu.Lock()
			closed := s.closed
			s.mu.Unlock()
			if closed {
				return ErrClosed
			}
			if passing(err) {
				s.log("accept", err)
				pauseAfterAccept(s.ctx)
				continue
			}
			return &TransportError{ListenerURL(l), "accept", err}
		}
		s.start(nc)
	}
}

// passing reports whether accept failed for a reason that passes: the connections
// that there are go on.
func passing(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED)
}

func pauseAfterAccept(ctx context.Context) {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-ctx.Done():
	}
}

// ServeConn serves one connection that has been made otherwise, in the
// background.
func (s *Server) ServeConn(nc net.Conn) {
	s.init()
	s.start(nc)
}

// start begins a session, or closes the connection if there is no room.
func (s *Server) start(nc net.Conn) {
	if s.Wrap != nil {
		nc = s.Wrap(nc)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.sessions) >= orDefault(s.MaxConns, DefaultMaxConns) {
		nc.Close()
		return
	}
	ss := newSession(s, nc)
	s.sessions[ss] = struct{}{}
	s.lone.Store(len(s.sessions) == 1)
	s.wg.Go(func() {
		ss.serve()
		s.mu.Lock()
		delete(s.sessions, ss)
		s.lone.Store(len(s.sessions) == 1)
		s.mu.Unlock()
	})
}

// Close ends the server at once: listeners and connections are closed, running
// system calls see their context end, and all processes exit before it returns.
func (s *Server) Close() error {
	s.init()
	s.mu.Lock()
	s.closed = true
	for l := range s.listeners {
		l.Close()
	}
	for ss := range s.sessions {
		ss.end(nil)
	}
	s.cancel()
	var orphans []*unclaimed
	for cookie, f := range s.forks {
		delete(s.forks, cookie) // whoever does so tells the process
		if f.timer != nil {
			f.timer.Stop()
		}
		orphans = append(orphans, f)
	}
	s.mu.Unlock()
	for _, f := range orphans {
		f.proc.Exit()
	}
	s.wg.Wait()
	return nil
}

// Conns returns the number of connections.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// keep stores a forked process under a new cookie; ok is false if the parent has
// too many already.
func (s *Server) keep(proc Process, parent *session) (cookie [cookieSize]byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.forks {
		if f.parent == parent {
			n++
		}
	}
	if s.closed || n >= orDefault(s.MaxForks, 64) {
		return cookie, false
	}
	rand.Read(cookie[:]) // never fails
	f := &unclaimed{proc: proc, parent: parent}
	if t := s.timeout(); t > 0 {
		f.timer = time.AfterFunc(t, func() { s.expire(cookie) })
	}
	s.forks[cookie] = f
	return cookie, true
}

// expire ends a process that nobody has claimed in time.
func (s *Server) expire(cookie [cookieSize]byte) {
	s.mu.Lock()
	proc := s.take(cookie)
	if proc != nil {
		s.wg.Add(1) // so that Close waits
		defer s.wg.Done()
	}
	s.mu.Unlock()
	if proc != nil {
		proc.Exit()
	}
}

// claim takes the process kept under a cookie, or nil.
func (s *Server) claim(cookie [cookieSize]byte) Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.take(cookie)
}

// take is claim with the lock held.
func (s *Server) take(cookie [cookieSize]byte) Process {
	f := s.forks[cookie]
	if f == nil {
		return nil
	}
	delete(s.forks, cookie)
	if f.timer != nil {
		f.timer.Stop()
	}
	return f.proc
}

func (s *Server) log(what string, err error) {
	if s.Log != nil && err != nil && err != io.EOF {
		s.Log.Warn("rump_sp server", "doing", what, "err", err)
	}
}

// String names the server in messages.
func (s *Server) String() string { return fmt.Sprintf("rump_sp server (%s)", s.banner()) }
