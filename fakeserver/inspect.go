package fakeserver

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A CallRecord is a system call that was made.
type CallRecord struct {
	Time    time.Time // when it ended
	PID     int
	Program string
	Call    netbsd.Sysno
	Args    netbsd.Args
	R0, R1  uint64
	Errno   netbsd.Errno
}

// callLog remembers the last calls.
type callLog struct {
	mu   sync.Mutex
	ring []CallRecord
	next int // position of the oldest, once the ring is full
}

func newCallLog(k *Kernel, n int) *callLog {
	if n <= 0 {
		return nil
	}
	l := &callLog{ring: make([]CallRecord, 0, n)}
	k.core.SetTrace(l.record)
	return l
}

func (l *callLog) record(c *kern.Call, errno netbsd.Errno) {
	raw := c.Args()
	args := make(netbsd.Args, 0, len(c.Num.Args()))
	for i := range len(c.Num.Args()) {
		if len(raw) >= 8*i+8 {
			args = append(args, c.Size(i))
		}
	}
	r0, r1 := c.Result()
	r := CallRecord{c.Kernel().Now(), c.Proc.PID, c.Proc.Comm(), c.Num, args, r0, r1, errno}
	if errno != 0 {
		r.R0, r.R1 = 0, 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < cap(l.ring) {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[l.next] = r
	l.next = (l.next + 1) % len(l.ring)
}

// Calls returns the last system calls, as many as Config.CallLog says, oldest
// first.
func (k *Kernel) Calls() []CallRecord {
	l := k.calls
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.ring[l.next:], l.ring[:l.next])
}

// A FileRecord is an open descriptor.
type FileRecord struct {
	PID     int
	Program string
	FD      int
	Type    int    // DTYPE_*
	Flags   uint32 // as fcntl(2)'s F_GETFL returns them
}

// OpenFiles returns the open descriptors of all processes but the console's.
func (k *Kernel) OpenFiles() []FileRecord {
	var rs []FileRecord
	for _, p := range k.core.Procs() {
		p.Files.Each(func(fd int, f *kern.OpenFile) {
			if f.File == kern.File(k.core.Console()) {
				return
			}
			rs = append(rs, FileRecord{p.PID, p.Comm(), fd, f.Type, kern.OFLAGS(f.Flags())})
		})
	}
	slices.SortFunc(rs, func(a, b FileRecord) int {
		if a.PID != b.PID {
			return a.PID - b.PID
		}
		return a.FD - b.FD
	})
	return rs
}

// Processes returns how many processes there are.
func (k *Kernel) Processes() int { return len(k.core.Procs()) }

// WaitProcesses waits until there are no more than n processes: until the kernel
// has noticed that its clients are gone.
func (k *Kernel) WaitProcesses(ctx context.Context, n int) error { return k.core.WaitProcs(ctx, n) }
