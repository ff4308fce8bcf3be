package fakeserver

import (
	"bytes"
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

// startLogs makes the logs that the configuration asks for.
func (k *Kernel) startLogs() {
	if n := k.cfg.CallLog; n > 0 {
		k.calls = &log[CallRecord]{most: n}
		k.core.SetTrace(k.recordCall)
	}
	if n := k.cfg.PacketLog; n > 0 {
		k.packets = &log[PacketRecord]{most: n}
	}
}

func (k *Kernel) recordCall(c *kern.Call, errno netbsd.Errno) {
	raw := c.Args()
	args := make(netbsd.Args, 0, len(c.Num.Args()))
	for i := range len(c.Num.Args()) {
		if len(raw) >= 8*i+8 {
			args = append(args, c.Size(i))
		}
	}
	r := CallRecord{Time: k.core.Now(), PID: c.Proc.PID, Program: c.Proc.Comm(), Call: c.Num, Args: args, Errno: errno}
	if errno == 0 {
		r.R0, r.R1 = c.Result()
	}
	k.calls.add(r)
}

// Calls returns the last system calls, as many as Config.CallLog says, oldest
// first.
func (k *Kernel) Calls() []CallRecord { return k.calls.all() }

// A PacketRecord is a packet that an interface has sent.
type PacketRecord struct {
	Time      time.Time
	Interface string
	Ethernet  bool   // Data is a frame; else it is an IP packet
	Data      []byte // not to be changed
}

func (k *Kernel) recordPacket(name string, ether bool, b []byte) {
	k.packets.add(PacketRecord{k.core.Now(), name, ether, bytes.Clone(b)})
}

// Packets returns the last packets that the kernel has sent, as many as
// Config.PacketLog says, oldest first.
func (k *Kernel) Packets() []PacketRecord { return k.packets.all() }

// log remembers the last of what was added to it. A nil one remembers nothing.
type log[R any] struct {
	most int

	mu   sync.Mutex
	ring []R
	next int // position of the oldest, once the ring is full
}

func (l *log[R]) add(r R) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < l.most {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[l.next] = r
	l.next = (l.next + 1) % len(l.ring)
}

func (l *log[R]) all() []R {
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
