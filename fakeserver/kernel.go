package fakeserver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/fakeserver/internal/memconn"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// DefaultMemory is how much memory a kernel says that it has.
const DefaultMemory = 512 << 20

// Config says what a Kernel is made of. The zero value is a kernel with
// everything in it.
type Config struct {
	// Components are the names of rump_server's -l arguments, such as rumpvfs
	// or rumpnet_netinet6. A component needs others as it does in rump_server.
	// Nil means everything that the fake has.
	Components []string

	// Hostname is the kernel's name (kern.hostname); by default "rump-", a
	// number and ".fake".
	Hostname string

	// Memory is how many bytes of memory the kernel says it has; 0 means
	// DefaultMemory.
	Memory int64

	// Disks are host files that appear in the kernel's /dev (rump_server's -d).
	Disks []Disk

	// BusDir is the folder in which shmif's bus files with relative names are;
	// by default the working folder.
	BusDir string

	// HardwareAddrs are the hardware addresses of shmif interfaces, by name. An
	// interface which is not listed gets a random one.
	HardwareAddrs map[string]net.HardwareAddr

	// Clock is the kernel's time; by default the wall clock. See ManualClock.
	Clock Clock

	// Seed determines the kernel's random numbers, from kern.arandom to MAC
	// addresses. 0 means that they differ from kernel to kernel.
	Seed uint64

	// Faults are what is to go wrong, and Limits what can run out.
	Faults Faults
	Limits Limits

	// CallLog is how many system calls Calls remembers; 0 means none.
	CallLog int

	// PacketLog is how many packets Packets remembers; 0 means none.
	PacketLog int

	// Console gets what the kernel and its processes print; by default nobody does.
	Console io.Writer

	// Verbose makes the kernel tell its console what it is when it boots.
	Verbose bool

	// Log, if set, gets a line for each connection that ends in an error.
	Log *slog.Logger
}

// A Kernel is a fake rump kernel.
type Kernel struct {
	cfg    Config
	id     uint64
	core   *kern.Kernel
	srv    sysproxy.Server
	parts  parts
	faults *faults

	calls   *log[CallRecord]   // nil without a CallLog
	packets *log[PacketRecord] // nil without a PacketLog

	mu     sync.Mutex
	closed bool
	why    string        // of a panic
	exited chan struct{} // closed when everything has ended
}

// serial numbers the kernels of the process, so that each has a name of its own.
var serial atomic.Uint64

// New makes a kernel, which must be closed.
func New(cfg Config) (*Kernel, error) {
	k := &Kernel{cfg: cfg, id: serial.Add(1), exited: make(chan struct{})}
	if k.cfg.Hostname == "" {
		k.cfg.Hostname = fmt.Sprintf("rump-%05d.fake", k.id)
	}
	if k.cfg.Memory == 0 {
		k.cfg.Memory = DefaultMemory
	}
	if k.cfg.Seed == 0 {
		k.cfg.Seed = randomSeed()
	}
	k.core = kern.New(kern.Config{
		Clock: k.cfg.Clock, Console: k.cfg.Console, Hostname: k.cfg.Hostname, Memory: k.cfg.Memory, Limits: k.cfg.Limits,
		Seed: k.cfg.Seed, Exit: k.exit,
	})
	if k.cfg.Verbose {
		k.core.Console().Print(kern.Version)
	}
	k.startLogs()
	if err := k.assemble(); err != nil {
		k.core.Exit("")
		return nil, fmt.Errorf("fake kernel %s: %w", k.cfg.Hostname, err)
	}
	k.faults = &faults{k: k}
	k.AddFaults(k.cfg.Faults)
	k.srv.Handler = k.core
	k.srv.Log = k.cfg.Log
	k.srv.Wrap = k.faults.wrap
	return k, nil
}

// Handler returns the kernel for a sysproxy.Server of the caller's own, which is
// to be closed when Done is.
func (k *Kernel) Handler() sysproxy.Handler { return k.core }

// Serve serves clients that connect to l until the kernel ends, when it returns
// nil, or until l fails or ctx ends. It closes l.
func (k *Kernel) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	err := k.srv.Serve(l)
	switch {
	case errors.Is(err, sysproxy.ErrClosed):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return err
}

// ListenAndServe is Serve on a URL.
func (k *Kernel) ListenAndServe(ctx context.Context, url string) error {
	l, err := sysproxy.Listen(ctx, url)
	if err != nil {
		return err
	}
	return k.Serve(ctx, l)
}

// URL returns a URL for clients which connect through DialContext.
func (k *Kernel) URL() string { return fmt.Sprintf("unix://fake-%d", k.id) }

// DialContext connects to the kernel within the process, whatever the address:
// for sysproxy.Dialer.
func (k *Kernel) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.Lock()
	closed := k.closed
	k.mu.Unlock()
	if closed {
		return nil, fmt.Errorf("fake kernel %s: %w", k.cfg.Hostname, k.Err())
	}
	client, server := memconn.Pipe(k.URL())
	k.srv.ServeConn(server)
	return client, nil
}

// Hostname returns the name that the kernel started with.
func (k *Kernel) Hostname() string { return k.cfg.Hostname }

// Done is closed when the kernel has been closed, has halted or has panicked.
func (k *Kernel) Done() <-chan struct{} { return k.core.Done() }

// ErrHalted is why a kernel ended that was halted or closed.
var ErrHalted = errors.New("the kernel has halted")

// A PanicError is why a kernel ended that panicked.
type PanicError struct{ Message string }

func (e *PanicError) Error() string { return "kernel panic: " + e.Message }

// Err says why the kernel ended: ErrHalted, a *PanicError, or nil if it has not.
func (k *Kernel) Err() error {
	select {
	case <-k.core.Done():
	default:
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.why != "" {
		return &PanicError{k.why}
	}
	return ErrHalted
}

// Panic makes the kernel die with a message on its console: all connections
// end, as when rump_server dies.
func (k *Kernel) Panic(message string) { k.core.Panic(message) }

// Halt makes the kernel end in good order, as halt(8) does.
func (k *Kernel) Halt() { k.core.Exit("") }

// Close ends the kernel and frees what it holds.
func (k *Kernel) Close() error {
	k.core.Exit("")
	<-k.exited
	return nil
}

// exit is called once, when the kernel has ended.
func (k *Kernel) exit(message string) {
	k.mu.Lock()
	k.why = message
	k.closed = true
	k.mu.Unlock()
	k.srv.Close()
	k.parts.close()
	close(k.exited)
}

func randomSeed() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:]) | 1
}
