package vfs

import (
	"math"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// A lock of fcntl(2), whose owner is a process, or of flock(2), whose owner is
// an open file description. It is on the bytes from start up to but not
// including end.
type lock struct {
	start, end int64
	write      bool
	owner      any
	pid        int
}

type lockList []lock

// conflict returns a lock which stands in the way of l.
func (ls lockList) conflict(l lock) *lock {
	for i := range ls {
		have := &ls[i]
		if have.owner != l.owner && have.start < l.end && l.start < have.end && (have.write || l.write) {
			return have
		}
	}
	return nil
}

// clear takes a range away from an owner's locks and reports whether there was
// anything.
func (ls *lockList) clear(owner any, start, end int64) bool {
	found := false
	var rest lockList
	for _, l := range *ls {
		if l.owner != owner || l.start >= end || start >= l.end {
			rest = append(rest, l)
			continue
		}
		found = true
		if l.start < start {
			left := l
			left.end = start
			rest = append(rest, left)
		}
		if l.end > end {
			right := l
			right.start = end
			rest = append(rest, right)
		}
	}
	*ls = rest
	return found
}

func (ls *lockList) dropOwner(owner any) bool { return ls.clear(owner, 0, math.MaxInt64) }

// set puts a lock in the place of what its owner had there.
func (ls *lockList) set(l lock) {
	ls.clear(l.owner, l.start, l.end)
	*ls = append(*ls, l)
}

// Flock is flock(2).
func (v *vnode) Flock(c *kern.Call, f *kern.OpenFile, how int) netbsd.Errno {
	if apart(v.n) {
		return netbsd.EINVAL
	}
	l := lock{end: math.MaxInt64, owner: f, pid: -1}
	switch how &^ netbsd.LOCK_NB {
	case netbsd.LOCK_UN:
		if v.dead() {
			return netbsd.EBADF
		}
		v.unlock(f, 0, math.MaxInt64)
		f.SetFlags(kern.FHASLOCK, 0)
		return 0
	case netbsd.LOCK_EX:
		l.write = true
	case netbsd.LOCK_SH:
	default:
		return netbsd.EINVAL
	}
	if v.dead() {
		return netbsd.EBADF
	}
	f.SetFlags(kern.FHASLOCK, kern.FHASLOCK) // even if it does not get the lock
	return v.lock(c, l, how&netbsd.LOCK_NB == 0)
}

// lock sets a lock, at once or when it is its turn.
func (v *vnode) lock(c *kern.Call, l lock, wait bool) netbsd.Errno {
	if apart(v.n) {
		return netbsd.EINVAL
	}
	n := v.n.base()
	timeout := kern.Forever
	if !wait {
		timeout = 0
	}
	return c.Sleep(&v.fs.watch, timeout, func() netbsd.Errno {
		v.fs.mu.Lock()
		if n.locks.conflict(l) != nil {
			v.fs.mu.Unlock()
			return netbsd.EWOULDBLOCK
		}
		n.locks.set(l)
		v.fs.mu.Unlock()
		v.fs.watch.Notify() // a lock that became weaker may let others in
		return 0
	})
}

func (v *vnode) unlock(owner any, start, end int64) {
	v.fs.mu.Lock()
	found := v.n.base().locks.clear(owner, start, end)
	v.fs.mu.Unlock()
	if found {
		v.fs.watch.Notify()
	}
}

// Unlock drops a process's locks on the file.
func (v *vnode) Unlock(p *kern.Proc) { v.unlock(p, 0, math.MaxInt64) }

// Fcntl knows the commands for locks.
func (v *vnode) Fcntl(c *kern.Call, f *kern.OpenFile, cmd int, arg uint64) (bool, netbsd.Errno) {
	switch cmd {
	case netbsd.F_GETLK, netbsd.F_SETLK, netbsd.F_SETLKW:
	default:
		return false, 0
	}
	fl, errno := kern.CopyinStruct(c, arg, netbsd.SizeofFlock, netbsd.ParseFlock)
	if errno != 0 {
		return true, errno
	}
	start := fl.Start
	switch fl.Whence {
	case netbsd.SEEK_SET:
	case netbsd.SEEK_CUR:
		f.OffsetMu.Lock()
		start += f.Offset
		f.OffsetMu.Unlock()
	case netbsd.SEEK_END:
		v.fs.mu.Lock()
		start += v.n.size()
		v.fs.mu.Unlock()
	default:
		return true, netbsd.EINVAL
	}
	end := int64(math.MaxInt64)
	switch {
	case fl.Len > 0:
		end = start + fl.Len
	case fl.Len < 0:
		start, end = start+fl.Len, start
	}
	if start < 0 || end < start {
		return true, netbsd.EINVAL
	}
	l := lock{start: start, end: end, write: fl.Type == netbsd.F_WRLCK, owner: c.Proc, pid: c.Proc.PID}
	if cmd == netbsd.F_GETLK {
		return true, v.getlk(c, arg, fl, l)
	}
	switch fl.Type {
	case netbsd.F_RDLCK:
		if f.Flags()&kern.FREAD == 0 {
			return true, netbsd.EBADF
		}
	case netbsd.F_WRLCK:
		if f.Flags()&kern.FWRITE == 0 {
			return true, netbsd.EBADF
		}
	case netbsd.F_UNLCK:
		if apart(v.n) {
			return true, netbsd.EINVAL
		}
		v.unlock(c.Proc, start, end)
		return true, 0
	default:
		return true, netbsd.EINVAL
	}
	return true, v.lock(c, l, cmd == netbsd.F_SETLKW)
}

// getlk tells what stands in a lock's way.
func (v *vnode) getlk(c *kern.Call, addr uint64, fl netbsd.Flock, l lock) netbsd.Errno {
	switch fl.Type {
	case netbsd.F_RDLCK, netbsd.F_WRLCK, netbsd.F_UNLCK:
	default:
		return netbsd.EINVAL
	}
	if apart(v.n) {
		return netbsd.EINVAL
	}
	v.fs.mu.Lock()
	have := v.n.base().locks.conflict(l)
	if have == nil {
		fl.Type = netbsd.F_UNLCK
	} else {
		fl = netbsd.Flock{Start: have.start, Pid: int32(have.pid), Type: netbsd.F_RDLCK, Whence: netbsd.SEEK_SET}
		if have.write {
			fl.Type = netbsd.F_WRLCK
		}
		if have.end != math.MaxInt64 {
			fl.Len = have.end - have.start
		}
	}
	v.fs.mu.Unlock()
	return c.CopyoutStruct(addr, fl)
}
