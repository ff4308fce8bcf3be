package sysproxy

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// DefaultTimeout is how long a server may take to greet and to answer the
// handshake, if the Dialer does not say.
const DefaultTimeout = 5 * time.Second

// maxNum is the greatest system call number that is sent: rump_server takes the
// number as an int and does not survive a negative one.
const maxNum = 1<<31 - 1

// Dialer connects to servers. The zero value is ready for use.
type Dialer struct {
	// Program is the name of the process that the kernel makes for the client
	// (its p_comm); by default the base name of os.Args[0].
	Program string

	// Timeout limits how long a server may take to accept, greet and answer the
	// handshake; 0 means DefaultTimeout, a negative value no limit but the context's.
	Timeout time.Duration

	// Reconnect says what to do when the connection is lost; by default nothing.
	Reconnect Reconnect

	// OnRaise, if set, is told of each signal that the kernel raises, by the
	// goroutine that reads: it must not block. See also Result.Signal.
	OnRaise func(signo int)

	// OnCall, if set, is told of each system call when it has ended, by whoever
	// made it: it must not block, and is called by many goroutines at once.
	OnCall func(num uint32, r Result, err error)

	// OnLost, if set, gets the *TransportError of whatever finds the connection
	// lost, or finds that it cannot be made, and returns the error to report, which
	// should unwrap to it: whoever started the kernel may know why it has gone. It
	// is not told of what the client's own Close has ended. It may be called by many
	// goroutines at once, and may take its time.
	OnLost func(lost error) error

	// DialContext makes the connection instead of package net, for servers
	// within the process.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	// Debug gets a line a frame; by default what RUMPSP_DEBUG says.
	Debug Debug
}

// Client is a process of a rump kernel: its system calls, its descriptors, its
// working folder. It may be used by many goroutines at once, as a process may
// have many threads, and holds one connection.
type Client struct {
	dialer Dialer
	url    URL

	mu     sync.Mutex
	cur    *conn
	banner Banner
	closed bool
	calls  []*Call // by window
	free   []*Call

	ended   context.Context // ends with Close
	end     context.CancelFunc
	dialing chan struct{} // a place for the one who reconnects
	anon    chan struct{} // a place for the one call in flight that allows anonymous memory
}

// Dial connects to the server at a URL (see ParseURL) with the default Dialer.
func Dial(ctx context.Context, url string) (*Client, error) {
	return new(Dialer).Dial(ctx, url)
}

// Dial connects to the server at a URL and becomes a new process of its kernel.
// The error is a *URLError, *TransportError, *ProtocolError or *RefusedError, or
// what OnLost has made of it.
func (d *Dialer) Dial(ctx context.Context, url string) (*Client, error) {
	u, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	return d.DialURL(ctx, u)
}

// DialURL is Dial for a URL that has been parsed.
func (d *Dialer) DialURL(ctx context.Context, u URL) (*Client, error) {
	c := d.client(u)
	if err := c.connect(ctx, c.guest); err != nil {
		return nil, c.lost(err)
	}
	return c, nil
}

func (d *Dialer) client(u URL) *Client {
	c := &Client{dialer: *d, url: u, dialing: make(chan struct{}, 1), anon: make(chan struct{}, 1)}
	c.ended, c.end = context.WithCancel(context.Background())
	if c.dialer.Program == "" && len(os.Args) > 0 {
		c.dialer.Program = filepath.Base(os.Args[0])
	}
	if c.dialer.Program == "" {
		c.dialer.Program = "?" // some servers do not survive a handshake without a name
	}
	if c.dialer.Debug == (Debug{}) {
		c.dialer.Debug = debugFromEnv()
	}
	return c
}

// connect makes a connection and a process with the given handshake.
func (c *Client) connect(ctx context.Context, handshake func(context.Context, *conn) error) error {
	if t := c.dialer.Timeout; t >= 0 {
		if t == 0 {
			t = DefaultTimeout
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	dial := c.dialer.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext // sets TCP_NODELAY, as the C client does
	}
	nc, err := dial(ctx, c.url.Network, c.url.Address)
	if err != nil {
		return &TransportError{c.url.String(), "connect", err}
	}
	s := newStream(nc)
	cn := newConn(c, c.url.String(), s)
	banner, err := cn.greet(ctx)
	if err == nil {
		err = handshake(ctx, cn)
	}
	if err != nil {
		cn.fail(&TransportError{c.url.String(), "connect", ErrClosed})
		return err
	}
	if c.dialer.DialContext == nil { // what others have made may be theirs to close
		if own := ownSocket(s); own != nil {
			cn.use(own)
		}
	}
	c.mu.Lock()
	closed := c.closed
	if !closed {
		c.cur, c.banner = cn, banner
	}
	c.mu.Unlock()
	if closed {
		cn.fail(c.errClosed())
		return c.errClosed()
	}
	return nil
}

// shake sends a handshake and waits for its answer.
func (c *Client) shake(ctx context.Context, cn *conn, kind Handshake, payload []byte) error {
	k := c.NewCall(uint32(kind))
	k.typ = TypeHandshake
	err := c.request(ctx, cn, k, uint32(kind), payload, func() error {
		if e := binary.LittleEndian.Uint32(k.reply[:]); e != 0 {
			return &ProtocolError{c.url.String(), fmt.Sprintf("%s handshake failed with error %d", kind, e)}
		}
		return nil
	})
	if a, ok := err.(*AbandonedError); ok {
		return &TransportError{c.url.String(), kind.String() + " handshake", a.Err}
	}
	return err
}

// request makes a request of any kind and lets look at its reply.
func (c *Client) request(ctx context.Context, cn *conn, k *Call, word uint32, payload []byte, look func() error) error {
	err := cn.do(ctx, k, word, payload)
	if _, abandoned := err.(*AbandonedError); abandoned {
		return err
	}
	if err == nil {
		err = look()
	}
	c.release(k)
	return err
}

func (c *Client) guest(ctx context.Context, cn *conn) error {
	// rump_server does not survive a handshake without a name.
	return c.shake(ctx, cn, HandshakeGuest, append([]byte(c.dialer.Program), 0))
}

// URL returns the server's URL.
func (c *Client) URL() URL { return c.url }

// Banner returns what the server said of itself when it greeted.
func (c *Client) Banner() Banner {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.banner
}

// Close ends the process: the kernel closes its descriptors. Calls in flight
// return an error that unwraps to ErrClosed.
func (c *Client) Close() error {
	c.mu.Lock()
	cur := c.cur
	already := c.closed
	c.closed = true
	c.mu.Unlock()
	if already {
		return nil
	}
	c.end()
	if cur != nil {
		cur.fail(c.errClosed())
	}
	return nil
}

func (c *Client) errClosed() error {
	return &TransportError{c.url.String(), "use", ErrClosed}
}

// lost lets OnLost make more of the error of a lost connection.
func (c *Client) lost(err error) error {
	if t, ok := err.(*TransportError); ok && c.dialer.OnLost != nil && !errors.Is(t, ErrClosed) {
		return c.dialer.OnLost(t)
	}
	return err
}

// NewCall begins a system call. Add its arguments in order and then Do it.
func (c *Client) NewCall(num uint32) *Call {
	c.mu.Lock()
	var k *Call
	if n := len(c.free); n > 0 {
		k = c.free[n-1]
		c.free = c.free[:n-1]
	} else {
		k = &Call{client: c, window: len(c.calls), wake: make(chan struct{}, 1)}
		k.mem.base = windowBase + uint64(k.window)<<windowBits
		k.mem.next = k.mem.base
		if k.window < maxWindows {
			c.calls = append(c.calls, k)
		}
	}
	c.mu.Unlock()
	k.reset(num)
	if k.window >= maxWindows {
		k.bad = fmt.Errorf("more than %d system calls at once", maxWindows)
	}
	return k
}

// callAt returns the call in whose window an address lies, or nil.
func (c *Client) callAt(addr uint64) *Call {
	w := windowOf(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	if w < 0 || w >= len(c.calls) {
		return nil
	}
	return c.calls[w]
}

// release takes back a call that has ended.
func (c *Client) release(k *Call) {
	k.mem.clear()
	if k.window >= maxWindows {
		return // it was never good for anything
	}
	c.mu.Lock()
	c.free = append(c.free, k)
	c.mu.Unlock()
}

func (c *Client) do(ctx context.Context, k *Call) (Result, error) {
	if k.bad == nil && k.num > maxNum {
		k.bad = fmt.Errorf("no such number")
	}
	if k.bad != nil {
		err := fmt.Errorf("%s: system call %d: %w", c.url, k.num, k.bad)
		c.release(k)
		return Result{}, err
	}
	if ctx.Err() != nil {
		err := &AbandonedError{c.url.String(), k.num, false, context.Cause(ctx)}
		c.release(k)
		return Result{}, err
	}
	cn, err := c.conn(ctx)
	if err == nil && k.anonMax > 0 {
		err = c.lockAnon(ctx, k)
	}
	if err != nil {
		c.release(k)
		return Result{}, c.lost(err)
	}
	num := k.num
	err = cn.do(ctx, k, num, k.payload())
	var res Result
	if _, abandoned := err.(*AbandonedError); !abandoned {
		res = k.res
		c.release(k)
	} // else the connection releases the call when its response comes
	if f := c.dialer.OnCall; f != nil {
		f(num, res, err)
	}
	if err != nil {
		err = c.lost(err)
	}
	return res, err
}

// lockAnon waits until no other call that allows anonymous memory is in flight:
// the kernel does not say for which call it wants memory. The lock is held until
// the kernel's answer to k, which may come after k was abandoned.
func (c *Client) lockAnon(ctx context.Context, k *Call) error {
	select {
	case c.anon <- struct{}{}:
		k.hasAnon = true
		return nil
	case <-ctx.Done():
		return &AbandonedError{c.url.String(), k.num, false, context.Cause(ctx)}
	}
}

func (c *Client) unlockAnonOf(k *Call) {
	if k.hasAnon {
		k.hasAnon = false
		<-c.anon
	}
}

// Exec tells the kernel that the process now runs another program: its calls in
// flight end, its descriptors marked close-on-exec are closed.
func (c *Client) Exec(ctx context.Context, program string) error {
	cn, err := c.conn(ctx)
	if err == nil {
		err = c.shake(ctx, cn, HandshakeExec, append([]byte(program), 0))
	}
	return c.lost(err)
}

// Fork is a child process that the kernel has made, with a copy of its parent's
// descriptors as they were then, and that nobody has claimed yet.
type Fork struct {
	client *Client
	cookie [cookieSize]byte
}

// Prefork makes the kernel fork the process. End the Fork with Start or Cancel.
func (c *Client) Prefork(ctx context.Context) (*Fork, error) {
	cn, err := c.conn(ctx)
	if err != nil {
		return nil, c.lost(err)
	}
	f := &Fork{client: c}
	k := c.NewCall(0)
	k.typ = TypePrefork
	err = c.request(ctx, cn, k, 0, nil, func() error { f.cookie = k.reply; return nil })
	if err != nil {
		return nil, c.lost(err)
	}
	return f, nil
}

// Start connects anew as the child.
func (f *Fork) Start(ctx context.Context) (*Client, error) {
	child := f.client.dialer.client(f.client.url)
	err := child.connect(ctx, func(ctx context.Context, cn *conn) error {
		return child.shake(ctx, cn, HandshakeFork, f.handshake(0))
	})
	if err != nil {
		return nil, child.lost(err)
	}
	return child, nil
}

// Cancel makes the kernel end the child.
func (f *Fork) Cancel(ctx context.Context) error {
	child := f.client.dialer.client(f.client.url)
	err := child.connect(ctx, func(ctx context.Context, cn *conn) error {
		return child.shake(ctx, cn, HandshakeFork, f.handshake(1))
	})
	if t, ok := err.(*TransportError); ok && (errors.Is(t, io.EOF) || errors.Is(t, syscall.ECONNRESET)) {
		return nil // the server's only answer is to hang up
	}
	if err == nil {
		child.Close()
		err = &ProtocolError{f.client.url.String(), "answers the cancel of a fork"}
	}
	return f.client.lost(err)
}

func (f *Fork) handshake(cancel uint32) []byte {
	b := append(make([]byte, 0, forkHandshakeSize), f.cookie[:]...)
	return binary.LittleEndian.AppendUint32(b, cancel)
}

// Fork is Prefork and Start.
func (c *Client) Fork(ctx context.Context) (*Client, error) {
	f, err := c.Prefork(ctx)
	if err != nil {
		return nil, err
	}
	return f.Start(ctx)
}
