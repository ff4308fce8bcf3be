package kern

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Config is what a Kernel is made of.
type Config struct {
	Clock    Clock     // nil is the wall clock
	Console  io.Writer // nil drops what is written to it
	Hostname string
	Memory   int64 // bytes that the kernel says it has
	Limits   Limits
	Seed     uint64

	// Exit is called once, from a goroutine of its own, when the kernel has
	// halted (message empty) or panicked.
	Exit func(message string)
}

// A Kernel is the state which all processes share. It is a sysproxy.Handler.
type Kernel struct {
	Table  Table
	Sysctl *sysctl.Tree

	// OnProcess, if set, is called for each process that is made, with its
	// parent or nil, before anybody else knows it. File systems give it a
	// working folder here.
	OnProcess func(p, parent *Proc)

	// OnReboot, if set, is called before the kernel ends in good order.
	OnReboot func()

	counters []eventCounter

	cfg     Config
	clock   Clock
	console *Console
	boot    time.Time
	offset  atomic.Int64 // nanoseconds that settimeofday added to the clock

	ended   context.Context
	end     context.CancelFunc
	ending  sync.Once
	stopped atomic.Bool // no process and no system call begins any more

	fault atomic.Pointer[func(*Call) netbsd.Errno]
	trace atomic.Pointer[func(*Call, netbsd.Errno)]

	randMu sync.Mutex
	rand   *rand.ChaCha8

	modules moduleList
	sems    semTable

	bigPipes   atomic.Int32
	pipeMemory atomic.Int64 // bytes that pipes have room for
	openFiles  atomic.Int64

	limits      atomic.Pointer[Limits]
	memoryUsers []func() int64

	groups sync.Mutex // held while a process changes its group or session

	mu      sync.Mutex
	procs   map[int]*Proc
	lastPID int
	left    chan struct{} // closed when a process exits, if somebody waits for that
}

// Version is what kern.version says.
const Version = "NetBSD 7.99.34 (RUMP-ROAST)\n"

// New makes a kernel with the base system calls and no process.
func New(cfg Config) *Kernel {
	k := &Kernel{cfg: cfg, clock: cfg.Clock, procs: make(map[int]*Proc), lastPID: 1}
	if k.clock == nil {
		k.clock = WallClock{}
	}
	k.limits.Store(&cfg.Limits)
	k.boot = k.clock.Now()
	k.ended, k.end = context.WithCancel(context.Background())
	k.console = newConsole(cfg.Console)
	var seed [32]byte
	for i := range 8 {
		seed[i] = byte(cfg.Seed >> (8 * i))
	}
	k.rand = rand.NewChaCha8(seed)
	k.Sysctl = sysctl.NewTree()
	k.registerBase()
	k.sysctlBase()
	k.modules.add(
		Module{Name: "suser", Class: netbsd.MODULE_CLASS_SECMODEL},
		Module{Name: "ksem", Class: netbsd.MODULE_CLASS_MISC},
	)
	return k
}

var errStopped = errors.New("the kernel has ended")

// Guest makes a process with the console as descriptors 0, 1 and 2.
func (k *Kernel) Guest(ctx context.Context, program string) (sysproxy.Process, error) {
	if k.stopped.Load() {
		return nil, errStopped
	}
	p := k.newProc(nil, ForkClear, program)
	console := NewOpenFile(k.console, netbsd.DTYPE_MISC, FWRITE, p.Cred())
	p.Files.Install(console, false)
	for fd := 1; fd <= 2; fd++ {
		console.Hold()
		p.Files.Install(console, false)
	}
	return p, nil
}

// Console returns the kernel's console.
func (k *Kernel) Console() *Console { return k.console }

// Memory returns how many bytes of memory the kernel says that it has.
func (k *Kernel) Memory() int64 { return k.cfg.Memory }

// Done ends when the kernel has halted or panicked.
func (k *Kernel) Done() <-chan struct{} { return k.ended.Done() }

// Context ends with the kernel.
func (k *Kernel) Context() context.Context { return k.ended }

// Exit ends the kernel; message says why it panicked and is empty for a halt.
func (k *Kernel) Exit(message string) {
	k.ending.Do(func() {
		k.stopped.Store(true)
		if message == "" && k.OnReboot != nil {
			k.OnReboot()
		}
		k.end()
		if k.cfg.Exit != nil {
			go k.cfg.Exit(message)
		}
	})
}

// Panic says why on the console and ends the kernel.
func (k *Kernel) Panic(why string) {
	k.console.Print("panic: " + why + "\n")
	k.Exit(why)
}

// SetFault makes f decide over each system call before it is carried out: if it
// returns an error, that is the call's.
func (k *Kernel) SetFault(f func(*Call) netbsd.Errno) { store(&k.fault, f) }

// SetTrace makes f see each system call after it was carried out.
func (k *Kernel) SetTrace(f func(*Call, netbsd.Errno)) { store(&k.trace, f) }

func store[F any](p *atomic.Pointer[F], f F) {
	p.Store(&f)
}

// Random fills b with the kernel's random numbers, which its seed determines.
func (k *Kernel) Random(b []byte) {
	k.randMu.Lock()
	k.rand.Read(b) // never fails
	k.randMu.Unlock()
}

// Procs returns the processes, in no order.
func (k *Kernel) Procs() []*Proc {
	k.mu.Lock()
	defer k.mu.Unlock()
	ps := make([]*Proc, 0, len(k.procs))
	for _, p := range k.procs {
		ps = append(ps, p)
	}
	return ps
}

// Proc returns the process of a number, or nil.
func (k *Kernel) Proc(pid int) *Proc {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.procs[pid]
}

// WaitProcs waits until there are no more than n processes.
func (k *Kernel) WaitProcs(ctx context.Context, n int) error {
	for {
		k.mu.Lock()
		if len(k.procs) <= n {
			k.mu.Unlock()
			return nil
		}
		if k.left == nil {
			k.left = make(chan struct{})
		}
		left := k.left
		k.mu.Unlock()
		select {
		case <-left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
