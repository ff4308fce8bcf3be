package sysproxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
)

// A Proxy stands between clients and a server, and shows every frame to a
// function. What passes is not changed by a byte: a proxy trusts neither side to
// make sense, only to send frames. Set the fields before the first call of Serve
// and leave them alone then.
type Proxy struct {
	// Server is where connections are forwarded to, one for each client.
	Server URL

	// Observe is told of each banner and frame just before it is passed on, so
	// that a question always comes before its answer. It is called by one
	// goroutine at a time, and what it takes everybody waits for.
	Observe func(Passing)

	// DialContext makes the connections instead of package net.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	// Log, if set, gets a line for each connection that ends in an error.
	Log *slog.Logger

	observing sync.Mutex // held during Observe

	mu     sync.Mutex
	closed bool
	ctx    context.Context
	cancel context.CancelFunc
	last   int // the number of the last connection
	open   map[io.Closer]struct{}
	wg     sync.WaitGroup
}

// Passing is a banner or a frame on its way through a Proxy.
type Passing struct {
	Conn       int    // the connection, from 1 in the order of their coming
	FromServer bool   // the direction
	Banner     string // with its newline; empty for a frame
	Frame      Frame  // its Data is good until Observe returns
}

// track notes what Close has to close; ok is false if it has been called.
func (p *Proxy) track(c io.Closer) (ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		p.open = make(map[io.Closer]struct{})
		p.ctx, p.cancel = context.WithCancel(context.Background())
	}
	if p.closed {
		c.Close()
		return false
	}
	p.open[c] = struct{}{}
	return true
}

func (p *Proxy) drop(c io.Closer) {
	c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// Serve accepts clients on l until the proxy is closed or l fails, and closes l.
// After Close it returns ErrClosed.
func (p *Proxy) Serve(l net.Listener) error {
	if !p.track(l) {
		return ErrClosed
	}
	defer p.drop(l)
	for {
		nc, err := l.Accept()
		p.mu.Lock()
		closed := p.closed
		if err == nil && !closed {
			p.last++
			n := p.last
			p.wg.Go(func() { p.forward(n, nc) })
		}
		p.mu.Unlock()
		switch {
		case closed:
			if err == nil {
				nc.Close()
			}
			return ErrClosed
		case err != nil && passing(err):
			p.log("accept", err)
			pauseAfterAccept(p.ctx)
		case err != nil:
			return &TransportError{urlOf(l.Addr()), "accept", err}
		}
	}
}

// Close ends all connections and returns when the last frame has been observed.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	if p.cancel != nil {
		p.cancel()
	}
	for c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
	return nil
}

// forward serves one client.
func (p *Proxy) forward(n int, client net.Conn) {
	if !p.track(client) {
		return
	}
	defer p.drop(client)
	dial := p.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	server, err := dial(p.ctx, p.Server.Network, p.Server.Address)
	if err != nil {
		p.log(fmt.Sprintf("forwarding connection %d", n), &TransportError{p.Server.String(), "connect", err})
		return // as a server that is full: no greeting
	}
	if !p.track(server) {
		return
	}
	defer p.drop(server)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { p.pass(n, false, client, server) })
	p.pass(n, true, server, client)
}

// pass passes on what one side sends until that ends.
func (p *Proxy) pass(n int, fromServer bool, from, to net.Conn) {
	err := p.copy(n, fromServer, bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10))
	if err == nil && !fromServer {
		// The server ends the connection once it knows, maybe after some more frames.
		if w, ok := to.(interface{ CloseWrite() error }); ok && w.CloseWrite() == nil {
			return
		}
	} else if err != nil && !errors.Is(err, net.ErrClosed) {
		p.log(fmt.Sprintf("forwarding connection %d", n), err)
	}
	from.Close()
	to.Close()
}

func (p *Proxy) copy(n int, fromServer bool, r *bufio.Reader, w *bufio.Writer) error {
	if fromServer {
		banner, err := ReadBanner(r)
		if err == nil {
			p.observe(Passing{Conn: n, FromServer: true, Banner: banner})
		}
		w.WriteString(banner) // whatever it was: the client judges it
		switch err {
		case nil:
		case io.EOF:
			return w.Flush()
		default:
			return p.rest(n, r, w, err)
		}
	}
	var buf []byte
	for {
		if r.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		f, err := ReadFrame(r, buf)
		switch {
		case err == io.EOF:
			return w.Flush()
		case err != nil:
			var bad *LengthError
			if errors.As(err, &bad) && bad.Header.Len < HeaderSize {
				w.Write(bad.Header.Append(nil))
				return p.rest(n, r, w, err)
			}
			if err == io.ErrUnexpectedEOF { // half a frame is none
				p.log(fmt.Sprintf("forwarding connection %d", n), err)
				err = nil
			}
			return errors.Join(w.Flush(), err)
		}
		p.observe(Passing{Conn: n, FromServer: fromServer, Frame: f})
		var head [HeaderSize]byte
		w.Write(f.Header.Append(head[:0]))
		if _, err := w.Write(f.Data); err != nil {
			return err
		}
		if buf = f.Data; cap(buf) > 1<<20 {
			buf = nil // a rare giant is not kept
		}
	}
}

// rest passes on what is no frame, so that the peer can refuse it in its own way.
func (p *Proxy) rest(n int, r *bufio.Reader, w *bufio.Writer, why error) error {
	p.log(fmt.Sprintf("forwarding connection %d", n), why)
	if err := w.Flush(); err != nil {
		return err
	}
	for {
		if _, err := r.Peek(1); err != nil {
			return nil
		}
		b, _ := r.Peek(r.Buffered())
		w.Write(b)
		if err := w.Flush(); err != nil {
			return err
		}
		r.Discard(len(b))
	}
}

func (p *Proxy) observe(o Passing) {
	if p.Observe == nil {
		return
	}
	p.observing.Lock()
	defer p.observing.Unlock()
	p.Observe(o)
}

func (p *Proxy) log(what string, err error) {
	if p.Log != nil {
		p.Log.Warn("rump_sp proxy", "doing", what, "err", err)
	}
}
