package replay

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// A Difference is an answer that is not what the real kernel gave.
type Difference struct {
	Recording string
	Line      int    // of the request in wire.jsonl
	Request   string // such as "open(...)"
	What      string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", d.Recording, d.Line, d.Request, d.What)
}

// A Report is the outcome of a replay.
type Report struct {
	Answers int // that were compared
	Equal   int
	Diffs   []Difference
}

// Options say how to replay.
type Options struct {
	// Dial connects to the kernel.
	Dial func(ctx context.Context) (net.Conn, error)
	// Timeout is how long an answer may take.
	Timeout time.Duration
	// Settle, if set, waits until the kernel has no more than so many
	// processes: until it has noticed that clients are gone.
	Settle func(ctx context.Context, processes int) error
	// Sleep is called where the session slept, to let time pass for the kernel.
	Sleep func(d time.Duration)
	// Idle is called again and again while an answer does not come.
	Idle func()
	// Mask hides what differs from run to run; nil is DefaultMask.
	Mask Mask
}

// Run replays a recording on a kernel that was made for it.
func Run(ctx context.Context, rec *Recording, o Options) (Report, error) {
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Mask == nil {
		o.Mask = DefaultMask
	}
	p := &player{rec: rec, o: o, conns: make(map[int]*peer), cookies: make(map[string][]byte)}
	defer p.close()
	last := make(map[int]int) // the last frame of each connection
	for i := range rec.Frames {
		last[rec.Frames[i].Conn] = i
	}
	for i := range rec.Frames {
		f := &rec.Frames[i]
		err := p.play(ctx, i, f)
		if err == nil && last[f.Conn] == i {
			err = p.leave(ctx, f.Conn)
		}
		if err != nil {
			return p.report, fmt.Errorf("%s:%d: %w", rec.Name, f.Line, err)
		}
	}
	return p.report, nil
}

type player struct {
	rec     *Recording
	o       Options
	conns   map[int]*peer
	cookies map[string][]byte // of forks: the kernel's for the recorded one
	forks   int               // which nobody has claimed yet
	report  Report
}

func (p *player) close() {
	for _, c := range p.conns {
		c.nc.Close()
		<-c.done
	}
}

// leave ends a client after its last frame.
func (p *player) leave(ctx context.Context, conn int) error {
	c := p.conns[conn]
	if c == nil {
		return nil
	}
	c.nc.Close()
	<-c.done
	delete(p.conns, conn)
	if p.o.Settle == nil {
		return nil
	}
	return p.o.Settle(ctx, len(p.conns)+p.forks)
}

// play does what a recorded frame asks for: sends a request, or waits for the
// answer that the real kernel gave here.
func (p *player) play(ctx context.Context, i int, f *Frame) error {
	switch {
	case f.Banner != "" && !f.ToKern:
		if d := p.rec.Sleeps[f.Conn]; d > 0 && p.o.Sleep != nil {
			p.o.Sleep(d)
		}
		nc, err := p.o.Dial(ctx)
		if err != nil {
			p.differ(f.Line, "connect", err.Error())
			return nil
		}
		p.report.Answers++
		c := newPeer(nc, p.rec)
		p.conns[f.Conn] = c
		banner, err := c.r.ReadString('\n')
		if err != nil || banner != f.Banner {
			p.differ(f.Line, "greeting", fmt.Sprintf("got %q, %v; want %q", banner, err, f.Banner))
		} else {
			p.report.Equal++
		}
		go c.serve()
	case f.ToKern && f.Header.Class == sysproxy.ClassRequest:
		c := p.conns[f.Conn]
		if c == nil {
			return nil
		}
		return p.send(c, i, f)
	case !f.ToKern && (f.Header.Class != sysproxy.ClassRequest) && answers(f.Header):
		c := p.conns[f.Conn]
		if c == nil {
			return nil
		}
		p.await(c, f)
	}
	return nil
}

// answers reports whether a frame of the kernel answers a request of a client.
func answers(h sysproxy.Header) bool {
	switch h.Type {
	case sysproxy.TypeHandshake, sysproxy.TypeSyscall, sysproxy.TypePrefork:
		return true
	}
	return h.Class == sysproxy.ClassError
}

// send sends a recorded request. For a system call it gathers first what the
// client's memory held, and what the real kernel wrote to it.
func (p *player) send(c *peer, i int, f *Frame) error {
	payload := f.Payload
	if f.Header.Type == sysproxy.TypeHandshake && sysproxy.Handshake(f.Header.Word) == sysproxy.HandshakeFork && len(payload) >= 16 {
		if cookie := p.cookies[string(payload[:16])]; cookie != nil {
			payload = append(append([]byte(nil), cookie...), payload[16:]...)
			p.forks--
		}
	}
	call := &request{frame: f, done: make(chan struct{})}
	for _, g := range p.rec.Frames[i+1:] {
		if g.Conn != f.Conn {
			continue
		}
		if !g.ToKern && answers(g.Header) && g.Header.Class != sysproxy.ClassRequest && g.Header.ReqNo == f.Header.ReqNo {
			break
		}
		if len(g.Payload) < 16 && g.Header.Class == sysproxy.ClassRequest {
			continue
		}
		switch {
		case !g.ToKern && g.Header.Class == sysproxy.ClassRequest &&
			(g.Header.Type == sysproxy.TypeCopyin || g.Header.Type == sysproxy.TypeCopyinstr):
			call.asked = append(call.asked, asked{g.Header.ReqNo, binary.LittleEndian.Uint64(g.Payload[8:])})
		case g.ToKern && g.Header.Class == sysproxy.ClassResponse:
			for _, a := range call.asked {
				if a.reqNo == g.Header.ReqNo {
					call.memory = append(call.memory, span{a.addr, g.Payload})
				}
			}
		case !g.ToKern && g.Header.Class == sysproxy.ClassRequest && g.Header.Type == sysproxy.TypeCopyout:
			call.want.write(binary.LittleEndian.Uint64(g.Payload[8:]), g.Payload[16:])
		}
	}
	c.mu.Lock()
	c.calls[f.Header.ReqNo] = call
	c.mu.Unlock()
	frame := sysproxy.Frame{Header: f.Header, Data: payload}
	if _, err := c.nc.Write(frame.Append(nil)); err != nil {
		c.fail(call, err)
	}
	return nil
}

// await waits for the kernel's answer and compares it.
func (p *player) await(c *peer, f *Frame) {
	c.mu.Lock()
	call := c.calls[f.Header.ReqNo]
	c.mu.Unlock()
	if call == nil {
		return
	}
	p.report.Answers++
	name := requestName(call.frame)
	if !p.wait(call) {
		p.differ(call.frame.Line, name, "no answer")
		return
	}
	c.mu.Lock()
	delete(c.calls, f.Header.ReqNo)
	c.mu.Unlock()
	before := len(p.report.Diffs)
	for _, what := range p.compare(call, f) {
		p.differ(call.frame.Line, name, what)
	}
	if len(p.report.Diffs) == before {
		p.report.Equal++
	}
}

// wait reports whether an answer comes in time.
func (p *player) wait(call *request) bool {
	const patience = 10 * time.Millisecond
	late := time.NewTimer(p.o.Timeout)
	defer late.Stop()
	idle := time.NewTicker(patience)
	defer idle.Stop()
	for {
		select {
		case <-call.done:
			return true
		case <-late.C:
			return false
		case <-idle.C:
			if p.o.Idle != nil {
				p.o.Idle()
			}
		}
	}
}

func (p *player) differ(line int, name, what string) {
	p.report.Diffs = append(p.report.Diffs, Difference{p.rec.Name, line, name, what})
}

// requestName names a request for people.
func requestName(f *Frame) string {
	if f.Header.Type != sysproxy.TypeSyscall {
		return f.Header.Type.String()
	}
	s := netbsd.Sysno(f.Header.Word).String() + "("
	for i := 0; 8*i+8 <= len(f.Payload) && i < len(netbsd.Sysno(f.Header.Word).Args()); i++ {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%#x", binary.LittleEndian.Uint64(f.Payload[8*i:]))
	}
	return s + ")"
}

func (p *player) compare(call *request, f *Frame) []string {
	if call.err != nil {
		return []string{call.err.Error()}
	}
	h := call.answer.Header
	if h.Class != f.Header.Class || h.Class == sysproxy.ClassError && h.Word != f.Header.Word {
		return []string{fmt.Sprintf("got %s %d, want %s %d", h.Class, h.Word, f.Header.Class, f.Header.Word)}
	}
	if f.Header.Type == sysproxy.TypePrefork && len(f.Payload) >= 16 && len(call.answer.Data) >= 16 {
		p.cookies[string(f.Payload[:16])] = call.answer.Data[:16]
		p.forks++
	}
	if f.Header.Type != sysproxy.TypeSyscall || h.Class == sysproxy.ClassError {
		return nil
	}
	var diffs []string
	n := netbsd.Sysno(call.frame.Header.Word)
	got, want := parseResult(call.answer.Data), parseResult(f.Payload)
	if got.errno != want.errno {
		return []string{fmt.Sprintf("got %s, want %s", errnoName(got.errno), errnoName(want.errno))}
	}
	if got.r0 != want.r0 && !p.o.Mask.Result(n, call.frame.Payload) {
		diffs = append(diffs, fmt.Sprintf("returns %#x, want %#x", got.r0, want.r0))
	}
	if n == netbsd.SYS_PIPE && got.r1 != want.r1 {
		diffs = append(diffs, fmt.Sprintf("returns %#x second, want %#x", got.r1, want.r1))
	}
	diffs = append(diffs, call.strange...)
	return append(diffs, p.compareMemory(n, call)...)
}

func errnoName(e netbsd.Errno) string {
	if e == 0 {
		return "success"
	}
	return e.Name()
}

// compareMemory compares what was written to the client's memory.
func (p *player) compareMemory(n netbsd.Sysno, call *request) []string {
	var diffs []string
	call.mu.Lock()
	defer call.mu.Unlock()
	got, want := call.got.spans(), call.want.spans()
	for i := 0; i < len(got) || i < len(want); i++ {
		switch {
		case i >= len(got) || i < len(want) && want[i].addr < got[i].addr:
			return append(diffs, fmt.Sprintf("nothing is written at %#x, want %d bytes", want[i].addr, len(want[i].data)))
		case i >= len(want) || got[i].addr < want[i].addr:
			return append(diffs, fmt.Sprintf("%d bytes are written at %#x, want none", len(got[i].data), got[i].addr))
		}
		a, b := bytes.Clone(got[i].data), bytes.Clone(want[i].data)
		p.o.Mask.Memory(n, call.frame.Payload, call.input, want[i].addr, a)
		p.o.Mask.Memory(n, call.frame.Payload, call.input, want[i].addr, b)
		if bytes.Equal(a, b) {
			continue
		}
		at := 0
		for at < len(a) && at < len(b) && a[at] == b[at] {
			at++
		}
		show := func(b []byte) string {
			lo := at &^ 7
			return fmt.Sprintf("% x", b[min(lo, len(b)):min(lo+24, len(b))])
		}
		diffs = append(diffs, fmt.Sprintf("%d bytes at %#x differ from byte %d on (of %d): got %s, want %s",
			len(a), want[i].addr, at, len(b), show(a), show(b)))
	}
	return diffs
}

type result struct {
	errno  netbsd.Errno
	r0, r1 uint64
}

func parseResult(b []byte) result {
	if len(b) < 24 {
		return result{errno: -1}
	}
	return result{
		netbsd.Errno(int32(binary.LittleEndian.Uint32(b))), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:]),
	}
}

// request is a request in flight.
type request struct {
	frame  *Frame
	asked  []asked
	memory []span // what the client's memory held, as recorded
	want   image  // what the real kernel wrote

	mu      sync.Mutex
	got     image
	strange []string
	answer  sysproxy.Frame
	err     error
	done    chan struct{}
}

type asked struct {
	reqNo uint64
	addr  uint64
}

// input returns recorded memory, for a mask to look at.
func (r *request) input(addr uint64, n int) []byte {
	b, _ := read(r.memory, addr, n)
	return b
}

// span is memory from an address on.
type span struct {
	addr uint64
	data []byte
}

// image is memory that has been written to.
type image struct{ writes []span }

func (m *image) write(addr uint64, b []byte) { m.writes = append(m.writes, span{addr, bytes.Clone(b)}) }

// spans returns what was written as ranges which do not touch, in order.
func (m *image) spans() []span {
	cells := make(map[uint64]byte)
	for _, w := range m.writes {
		for i, c := range w.data {
			cells[w.addr+uint64(i)] = c
		}
	}
	starts := make([]uint64, 0, len(m.writes))
	for _, w := range m.writes {
		starts = append(starts, w.addr)
	}
	var out []span
	for len(starts) > 0 {
		least := 0
		for i := range starts {
			if starts[i] < starts[least] {
				least = i
			}
		}
		addr := starts[least]
		starts = append(starts[:least], starts[least+1:]...)
		if _, ok := cells[addr]; !ok {
			continue
		}
		s := span{addr: addr}
		for a := addr; ; a++ {
			c, ok := cells[a]
			if !ok {
				break
			}
			s.data = append(s.data, c)
			delete(cells, a)
		}
		out = append(out, s)
	}
	return out
}

// read puts n bytes at addr together from what is known; ok is false if a part
// is not.
func read(spans []span, addr uint64, n int) (b []byte, ok bool) {
	b = make([]byte, 0, n)
	for len(b) < n {
		at := addr + uint64(len(b))
		found := false
		for _, s := range spans {
			if at >= s.addr && at < s.addr+uint64(len(s.data)) {
				part := s.data[at-s.addr:]
				b = append(b, part[:min(len(part), n-len(b))]...)
				found = true
				break
			}
		}
		if !found {
			return append(b, make([]byte, n-len(b))...), false
		}
	}
	return b, true
}

// peer is a client of the recording.
type peer struct {
	nc   net.Conn
	r    *reader
	rec  *Recording
	done chan struct{}

	mu    sync.Mutex
	calls map[uint64]*request
	known []span // memory of earlier calls, newest first
}

func newPeer(nc net.Conn, rec *Recording) *peer {
	return &peer{nc: nc, r: &reader{r: nc}, rec: rec, done: make(chan struct{}), calls: make(map[uint64]*request)}
}

type reader struct{ r io.Reader }

// ReadString reads up to a byte, and no further.
func (r *reader) ReadString(end byte) (string, error) {
	var s []byte
	var b [1]byte
	for {
		if _, err := io.ReadFull(r.r, b[:]); err != nil {
			return string(s), err
		}
		if s = append(s, b[0]); b[0] == end {
			return string(s), nil
		}
	}
}

var errEnded = errors.New("the connection has ended")

func (c *peer) fail(call *request, err error) {
	call.mu.Lock()
	defer call.mu.Unlock()
	select {
	case <-call.done: // it was answered before
	default:
		call.err = err
		close(call.done)
	}
}

// serve answers the kernel's requests and takes its responses.
func (c *peer) serve() {
	defer close(c.done)
	for {
		var head [sysproxy.HeaderSize]byte
		_, err := io.ReadFull(c.r.r, head[:])
		var h sysproxy.Header
		var data []byte
		if err == nil {
			h = sysproxy.ParseHeader(head[:])
			data = make([]byte, h.Len-sysproxy.HeaderSize)
			_, err = io.ReadFull(c.r.r, data)
		}
		if err != nil {
			c.mu.Lock()
			for _, call := range c.calls {
				c.fail(call, errEnded)
			}
			c.mu.Unlock()
			return
		}
		c.handle(h, data)
	}
}

func (c *peer) handle(h sysproxy.Header, data []byte) {
	if h.Class != sysproxy.ClassRequest {
		c.mu.Lock()
		call := c.calls[h.ReqNo]
		c.mu.Unlock()
		if call == nil {
			return
		}
		call.mu.Lock()
		call.answer = sysproxy.Frame{Header: h, Data: data}
		c.mu.Lock()
		c.known = append(append(append([]span(nil), call.memory...), call.want.writes...), c.known...)
		c.mu.Unlock()
		call.mu.Unlock()
		close(call.done)
		return
	}
	switch h.Type {
	case sysproxy.TypeCopyin, sysproxy.TypeCopyinstr:
		c.copyin(h, binary.LittleEndian.Uint64(data[8:]), int(binary.LittleEndian.Uint64(data)))
	case sysproxy.TypeCopyout, sysproxy.TypeCopyoutstr:
		// The kernel does not say which call it belongs to: all of those in
		// flight may see it.
		c.each(func(call *request) { call.got.write(binary.LittleEndian.Uint64(data[8:]), data[16:]) })
	case sysproxy.TypeAnonmmap:
		f := sysproxy.Frame{Header: sysproxy.Header{ReqNo: h.ReqNo, Class: sysproxy.ClassResponse, Type: h.Type}}
		f.Data = binary.LittleEndian.AppendUint64(nil, 0x7f0000000000)
		c.nc.Write(f.Append(nil)) // the reader notices if the connection has ended
	}
}

func (c *peer) each(f func(*request)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, call := range c.calls {
		call.mu.Lock()
		f(call)
		call.mu.Unlock()
	}
}

// copyin answers with what the client's memory held.
func (c *peer) copyin(h sysproxy.Header, addr uint64, n int) {
	var spans []span
	c.each(func(call *request) { spans = append(spans, call.memory...) })
	c.mu.Lock()
	spans = append(spans, c.known...)
	c.mu.Unlock()
	b, ok := read(spans, addr, n)
	if h.Type == sysproxy.TypeCopyinstr {
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i+1]
			ok = ok || i+1 < n
		}
	}
	if !ok {
		c.each(func(call *request) {
			call.strange = append(call.strange, fmt.Sprintf("asks for %d bytes at %#x, which the real kernel did not", n, addr))
		})
	}
	f := sysproxy.Frame{Header: sysproxy.Header{ReqNo: h.ReqNo, Class: sysproxy.ClassResponse, Type: sysproxy.TypeCopyin}, Data: b}
	c.nc.Write(f.Append(nil)) // the reader notices if the connection has ended
}
