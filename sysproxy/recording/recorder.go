package recording

import (
	"bufio"
	"context"
	"io"
	"net"
	"sync"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Recorder writes a recording of what passes through a proxy. Its method Observe
// is made to be the proxy's.
type Recorder struct {
	mu  sync.Mutex
	w   *bufio.Writer
	err error
}

// NewRecorder returns a Recorder that writes to w. Flush it at the end.
func NewRecorder(w io.Writer) *Recorder { return &Recorder{w: bufio.NewWriterSize(w, 64<<10)} }

// Observe records a banner or a frame.
func (r *Recorder) Observe(p sysproxy.Passing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = Write(r.w, Entry(p))
	}
}

// Flush writes what is still in memory and returns the first error of all.
func (r *Recorder) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = r.w.Flush()
	}
	return r.err
}

// Record accepts clients on l, forwards them to a server, and writes the
// recording to w, until ctx ends, which is no error, or l fails.
func Record(ctx context.Context, w io.Writer, l net.Listener, server sysproxy.URL) error {
	rec := NewRecorder(w)
	p := &sysproxy.Proxy{Server: server, Observe: rec.Observe}
	stop := context.AfterFunc(ctx, func() { p.Close() })
	defer stop()
	err := p.Serve(l)
	p.Close()
	if err == sysproxy.ErrClosed && ctx.Err() != nil {
		err = nil
	}
	if ferr := rec.Flush(); ferr != nil {
		err = ferr
	}
	return err
}
