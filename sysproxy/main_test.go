package sysproxy_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// socketpair returns two connected Unix sockets.
func socketpair(tb testing.TB) (a, b net.Conn) {
	tb.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		tb.Fatal(err)
	}
	var c [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "socketpair")
		c[i], err = net.FileConn(f)
		f.Close()
		if err != nil {
			tb.Fatal(err)
		}
	}
	return c[0], c[1]
}

const bannerLine = "RUMPSP-0.4-NetBSD-7.99.34/amd64\n"

// peer is one end of a connection that speaks in frames and does as it is told.
type peer struct {
	tb testing.TB
	nc net.Conn
	r  *bufio.Reader
}

func newPeer(tb testing.TB, nc net.Conn) *peer { return &peer{tb, nc, bufio.NewReader(nc)} }

// read reads a frame; ok is false at the end of the connection.
func (p *peer) read() (f sysproxy.Frame, ok bool) {
	f, err := sysproxy.ReadFrame(p.r, nil)
	return f, err == nil
}

// expect reads a frame of the given kind.
func (p *peer) expect(c sysproxy.Class, t sysproxy.Type) sysproxy.Frame {
	p.tb.Helper()
	f, ok := p.read()
	if !ok || f.Class != c || f.Type != t {
		p.tb.Errorf("got %v (%v), want %v %v", f, ok, c, t)
	}
	return f
}

// send sends a frame, whose length is set.
func (p *peer) send(h sysproxy.Header, data ...byte) {
	p.nc.Write(sysproxy.Frame{Header: h, Data: data}.Append(nil))
}

// raw sends a frame with the length that h has.
func (p *peer) raw(h sysproxy.Header, data ...byte) { p.nc.Write(append(h.Append(nil), data...)) }

// ended reports whether the other side has closed the connection.
func (p *peer) ended() bool {
	p.nc.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, err := p.r.ReadByte()
	return err != nil && !os.IsTimeout(err)
}

// arg returns argument i of a system call's frame.
func arg(f sysproxy.Frame, i int) uint64 { return binary.LittleEndian.Uint64(f.Data[8*i:]) }

// answer answers a system call.
func (p *peer) answer(f sysproxy.Frame, r0 uint64, errno int) {
	b := make([]byte, 24)
	binary.LittleEndian.PutUint32(b, uint32(errno))
	binary.LittleEndian.PutUint64(b[8:], r0)
	p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: sysproxy.ClassResponse, Type: sysproxy.TypeSyscall}, b...)
}

// copydata is the payload of a request to copy.
func copydata(n, addr uint64, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, n)
	b = binary.LittleEndian.AppendUint64(b, addr)
	return append(b, data...)
}

func (p *peer) copyin(no, n, addr uint64) []byte {
	p.send(sysproxy.Header{ReqNo: no, Type: sysproxy.TypeCopyin}, copydata(n, addr)...)
	return p.expect(sysproxy.ClassResponse, sysproxy.TypeCopyin).Data
}

func (p *peer) copyout(addr uint64, data ...byte) {
	p.send(sysproxy.Header{Type: sysproxy.TypeCopyout}, copydata(uint64(len(data)), addr, data...)...)
}

// greet plays the server's part of the beginning.
func (p *peer) greet() {
	io.WriteString(p.nc, bannerLine)
	f, ok := p.read()
	if !ok {
		return
	}
	p.send(sysproxy.Header{ReqNo: f.ReqNo, Class: sysproxy.ClassResponse, Type: sysproxy.TypeHandshake}, 0, 0, 0, 0)
}

// fakeServer makes a Dialer whose connections are served by the scripts, one
// after the other; each closes its connection when it returns.
func fakeServer(tb testing.TB, scripts ...func(*peer)) *sysproxy.Dialer {
	tb.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	tb.Cleanup(wg.Wait)
	return &sysproxy.Dialer{DialContext: func(context.Context, string, string) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if len(scripts) == 0 {
			return nil, unix.ECONNREFUSED
		}
		script := scripts[0]
		scripts = scripts[1:]
		ours, theirs := socketpair(tb)
		wg.Go(func() {
			defer theirs.Close()
			script(newPeer(tb, theirs))
		})
		return ours, nil
	}}
}

// connect dials with d.
func connect(tb testing.TB, d *sysproxy.Dialer) *sysproxy.Client {
	tb.Helper()
	url := "unix://fake"
	if strings.HasPrefix(tb.Name(), "TestOwnSocket/") {
		d, url = overTCP(tb, d)
	}
	c, err := d.Dial(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

// kernel is a Handler made of functions. Its processes have descriptors, which
// are numbers, so that a fork can be seen to copy them.
type kernel struct {
	syscall func(ctx context.Context, t *sysproxy.Trap, p *process) (r0, r1 uint64, errno int)
	fork    func() error
	prompt  bool // all calls return at once

	mu    sync.Mutex
	alive int
	execs []string
	names []string
}

type process struct {
	k  *kernel
	mu sync.Mutex
	fd map[uint64]uint64
}

func (k *kernel) newProcess(fd map[uint64]uint64) *process {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alive++
	return &process{k: k, fd: fd}
}

func (k *kernel) Guest(_ context.Context, program string) (sysproxy.Process, error) {
	k.mu.Lock()
	k.names = append(k.names, program)
	k.mu.Unlock()
	if program == "unwanted" {
		return nil, fmt.Errorf("no %s here", program)
	}
	return k.newProcess(make(map[uint64]uint64)), nil
}

func (p *process) Syscall(ctx context.Context, t *sysproxy.Trap) (r0, r1 uint64, errno int) {
	return p.k.syscall(ctx, t, p)
}

func (p *process) Prompt(num uint32, alone bool) bool {
	return p.k.prompt && (alone || num < firstLocked) && num != lockedCall
}

func (p *process) Fork(context.Context) (sysproxy.Process, error) {
	if p.k.fork != nil {
		if err := p.k.fork(); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fd := make(map[uint64]uint64)
	for k, v := range p.fd {
		fd[k] = v
	}
	return p.k.newProcess(fd), nil
}

func (p *process) Exec(program string) {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.k.execs = append(p.k.execs, program)
}

func (p *process) Exit() {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.k.alive--
}

func (k *kernel) living() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.alive
}

// eventually waits for what another goroutine is about to do.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("not within 10 seconds: %s", what)
		}
	}
}

// local makes a Dialer for a server within the process.
func local(tb testing.TB, s *sysproxy.Server) *sysproxy.Dialer {
	tb.Cleanup(func() { s.Close() })
	return &sysproxy.Dialer{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := socketpair(tb)
		s.ServeConn(theirs)
		return ours, nil
	}}
}

// rawClient connects to a server by hand, with the handshake done if guest is set.
func rawClient(tb testing.TB, s *sysproxy.Server, guest bool) *peer {
	tb.Helper()
	ours, theirs := socketpair(tb)
	tb.Cleanup(func() { ours.Close() })
	s.ServeConn(theirs)
	p := newPeer(tb, ours)
	line, err := sysproxy.ReadBanner(p.r)
	if err != nil || line != bannerLine {
		tb.Fatalf("banner %q, %v", line, err)
	}
	if guest {
		p.send(sysproxy.Header{ReqNo: 1}, []byte("abc\x00")...)
		p.expect(sysproxy.ClassResponse, sysproxy.TypeHandshake)
	}
	return p
}
