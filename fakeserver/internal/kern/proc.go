package kern

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// maxComm is the length to which a program's name is cut (MAXCOMLEN).
const maxComm = 16

// A Proc is a process of the fake kernel: a client. It is a sysproxy.Process.
type Proc struct {
	Kernel *Kernel
	PID    int
	PPID   int
	Files  *FileTable

	// FS is the process's place in the file system: whatever Kernel.OnProcess
	// has put here.
	FS any

	cred   atomic.Pointer[Cred]
	limits atomic.Pointer[limits]
	trace  atomic.Pointer[procTrace]
	sugid  atomic.Bool  // it has changed its credentials
	lids   atomic.Int64 // threads that there have been: one for each call

	mu     sync.Mutex
	comm   string
	login  string
	pgid   int
	sid    int
	timers procTimers
	notes  Selinfo // knotes of EVFILT_PROC
}

// A ForkMode says what becomes of the descriptors in a fork.
type ForkMode int

// The modes of a fork.
const (
	ForkCopy  ForkMode = iota // the child gets its own descriptors for the same files
	ForkShare                 // both use the same table
	ForkClear                 // the child has none
)

func (k *Kernel) newProc(parent *Proc, mode ForkMode, program string) *Proc {
	p := &Proc{Kernel: k, PPID: 1, pgid: 0, sid: 0}
	p.setComm(program)
	if parent != nil {
		p.PPID = parent.PID
		p.cred.Store(parent.cred.Load())
		p.limits.Store(parent.limits.Load())
		p.sugid.Store(parent.sugid.Load())
		parent.mu.Lock()
		p.pgid, p.sid, p.login = parent.pgid, parent.sid, parent.login
		parent.mu.Unlock()
	} else {
		p.cred.Store(&Cred{})
		p.limits.Store(k.defaultLimits())
	}
	switch {
	case parent == nil || mode == ForkClear:
		p.Files = newFileTable(k)
	case mode == ForkShare:
		p.Files = parent.Files.share()
	default:
		p.Files = parent.Files.copy()
	}
	if parent != nil {
		p.inheritTrace(parent)
	}
	p.Files.limit = p.maxDescriptors
	if k.OnProcess != nil {
		k.OnProcess(p, parent)
	}
	k.mu.Lock()
	k.lastPID++
	for k.procs[k.lastPID] != nil || k.lastPID < 2 {
		if k.lastPID++; k.lastPID > maxPID {
			k.lastPID = 2
		}
	}
	p.PID = k.lastPID
	k.procs[p.PID] = p
	k.mu.Unlock()
	return p
}

// maxDescriptors is how many descriptors the process may have.
func (p *Proc) maxDescriptors() int {
	n := int(min(p.limits.Load()[rlimitNofile].Cur, maxFiles))
	if most := p.Kernel.limits.Load().Descriptors; most != 0 {
		n = min(n, max(most, 0))
	}
	return n
}

// maxPID is the greatest process number (PID_MAX).
const maxPID = 30000

// Cred returns the process's credentials.
func (p *Proc) Cred() *Cred { return p.cred.Load() }

// SetCred replaces the process's credentials.
func (p *Proc) SetCred(c *Cred) { p.cred.Store(c) }

// Comm returns the name of the program that the process runs.
func (p *Proc) Comm() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.comm
}

func (p *Proc) setComm(program string) {
	if len(program) > maxComm {
		program = program[:maxComm]
	}
	p.mu.Lock()
	p.comm = program
	p.mu.Unlock()
}

// Fork makes a child with a copy of the descriptors.
func (p *Proc) Fork(ctx context.Context) (sysproxy.Process, error) {
	if errno := p.Kernel.enoughMemory(procMemory); errno != 0 {
		return nil, errno
	}
	return p.Kernel.newProc(p, ForkCopy, p.Comm()), nil
}

// Exec closes the descriptors which are marked for it and takes the new
// program's name.
func (p *Proc) Exec(program string) {
	p.setComm(program)
	p.Files.closeOnExec(p)
}

// Exit closes all descriptors and forgets the process.
func (p *Proc) Exit() {
	p.timers.stop()
	p.stopTrace(^uint32(0))
	p.Files.release(p)
	if fs, ok := p.FS.(interface{ Release() }); ok {
		fs.Release()
	}
	k := p.Kernel
	k.mu.Lock()
	delete(k.procs, p.PID)
	for _, q := range k.procs {
		if q.PPID == p.PID {
			q.PPID = 1
		}
	}
	if k.left != nil {
		close(k.left)
		k.left = nil
	}
	k.mu.Unlock()
}
