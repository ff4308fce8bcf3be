package kern

import (
	"fmt"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// Limits are how much the kernel has of what can run out, on top of what a real
// one is limited to. 0 means no limit, and less than 0 that there is nothing.
type Limits struct {
	// Descriptors is how many a process may have: EMFILE.
	Descriptors int

	// Files is how many files may be open in all processes together, without the
	// console: ENFILE. Descriptors made by dup(2) and by forks are of the same
	// file.
	Files int

	// Memory is how many bytes processes, pipes and the files of file systems in
	// memory may take: ENOMEM, or ENOSPC from a file system.
	Memory int64

	// Space is how many bytes the files of all file systems in memory may take
	// together: ENOSPC.
	Space int64

	// Mbufs is how many clusters of 2 KiB the network has for what waits in
	// sockets, of which each socket takes one for itself: ENOBUFS. What comes in
	// while there are none is lost.
	Mbufs int
}

// Limits returns the limits that hold.
func (k *Kernel) Limits() Limits { return *k.limits.Load() }

// SetLimits changes the limits. What has been taken already stays.
func (k *Kernel) SetLimits(l Limits) { k.limits.Store(&l) }

// Below reports whether n is within one of the Limits.
func Below[N int | int64](n, limit N) bool { return limit == 0 || n < limit || n == limit && limit > 0 }

// CountMemory adds a part of the kernel that takes memory: used returns how many
// bytes that is.
func (k *Kernel) CountMemory(used func() int64) { k.memoryUsers = append(k.memoryUsers, used) }

// FreeMemory returns how many bytes of Limits.Memory are left for somebody who
// takes others already; ok is false if there is no limit.
func (k *Kernel) FreeMemory(others int64) (n int64, ok bool) {
	limit := k.limits.Load().Memory
	if limit == 0 {
		return 0, false
	}
	k.mu.Lock()
	used := int64(len(k.procs)) * procMemory
	k.mu.Unlock()
	return max(limit-used-k.pipeMemory.Load()-others, 0), true
}

// procMemory is what a process takes: its stack in the kernel (USPACE on amd64).
const procMemory = 16 << 10

// enoughMemory returns ENOMEM unless there are n bytes left.
func (k *Kernel) enoughMemory(n int64) netbsd.Errno {
	if k.limits.Load().Memory == 0 {
		return 0
	}
	var others int64
	for _, used := range k.memoryUsers {
		others += used()
	}
	if left, ok := k.FreeMemory(others); ok && left < n {
		return netbsd.ENOMEM
	}
	return 0
}

// Set changes the limit of a name: descriptors, files, memory, space or mbufs.
func (l *Limits) Set(name string, n int64) error {
	switch name {
	case "descriptors":
		l.Descriptors = int(n)
	case "files":
		l.Files = int(n)
	case "memory":
		l.Memory = n
	case "space":
		l.Space = n
	case "mbufs":
		l.Mbufs = int(n)
	default:
		return fmt.Errorf("nothing named %q can run out: descriptors, files, memory, space and mbufs can", name)
	}
	return nil
}
