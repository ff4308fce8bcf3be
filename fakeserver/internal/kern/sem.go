package kern

import (
	"strings"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// POSIX semaphores, which are descriptors.

const (
	maxSemName = 14 // SEM_MAX_NAMELEN
	maxSems    = 128
	dtypeSem   = 8 // DTYPE_SEM
)

// sem is a semaphore.
type sem struct {
	Unsupported
	table *semTable
	name  string // empty if it has none
	mode  uint32
	cred  *Cred

	mu      sync.Mutex
	sel     Selinfo
	value   uint32
	waiters int
	refs    int
}

// semTable has the semaphores with names.
type semTable struct {
	mu     sync.Mutex
	byName map[string]*sem
	count  int
}

func (s *sem) Stat(c *Call, f *OpenFile) (netbsd.Stat, netbsd.Errno) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := netbsd.TimespecOf(c.Kernel().Now())
	st := netbsd.Stat{
		Mode: netbsd.S_IFREG | s.mode, Uid: s.cred.EUID, Gid: s.cred.EGID, Size: int64(s.value), Nlink: uint32(s.refs), Blksize: 4096,
		Atim: now, Mtim: now, Ctim: now, Birthtim: now,
	}
	if s.name != "" {
		st.Mode = netbsd.S_IFLNK | s.mode
	}
	if s.value > 0 {
		st.Blocks = 1
	}
	return st, 0
}

// Read gives the semaphore's name with its NUL.
func (s *sem) Read(c *Call, f *OpenFile, u *Uio, pos int64) netbsd.Errno {
	if s.name == "" {
		return 0
	}
	return u.Put([]byte(s.name + "\x00"))
}

// SetNonblock is refused, as every ioctl is.
func (s *sem) SetNonblock(*Call, *OpenFile, bool) netbsd.Errno { return netbsd.EOPNOTSUPP }

// Ioctl knows no command (fbadop_ioctl).
func (s *sem) Ioctl(*Call, *OpenFile, netbsd.Ioctl, []byte) netbsd.Errno { return netbsd.EOPNOTSUPP }

func (s *sem) Close(f *OpenFile) netbsd.Errno {
	t := s.table
	t.mu.Lock()
	defer t.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refs--; s.refs == 0 && s.name == "" {
		t.count--
	}
	return 0
}

// installSem makes a descriptor for s and tells the caller its number.
func (c *Call) installSem(s *sem, addr uint64) netbsd.Errno {
	fd, errno := c.Proc.Files.Install(NewOpenFile(s, dtypeSem, FREAD|FWRITE, c.Cred()), false)
	if errno != 0 {
		return errno
	}
	if errno := c.CopyoutLong(addr, uint64(fd)); errno != 0 {
		c.Proc.Files.Close(c.Proc, fd)
		return errno
	}
	return 0
}

func sysKsemInit(c *Call) netbsd.Errno {
	t := &c.Kernel().sems
	t.mu.Lock()
	if t.count >= maxSems {
		t.mu.Unlock()
		return netbsd.ENFILE
	}
	t.count++
	t.mu.Unlock()
	return c.installSem(&sem{table: t, cred: c.Cred(), value: c.Uint(0), refs: 1}, c.Ptr(1))
}

func sysKsemOpen(c *Call) netbsd.Errno {
	// const char *name, int oflag, mode_t mode, unsigned int value, intptr_t *idp
	name, errno := c.CopyinString(c.Ptr(0), maxSemName+1)
	if errno != 0 {
		return errno
	}
	flags := c.Uint(1)
	if errno := c.Proc.Files.Room(); errno != 0 {
		return errno
	}
	if c.Ptr(4) == 0 {
		return netbsd.EFAULT
	}
	if flags&netbsd.O_CREAT != 0 && (!strings.HasPrefix(name, "/") || len(name) < 2 || strings.Contains(name[1:], "/")) {
		return netbsd.EINVAL
	}
	t := &c.Kernel().sems
	t.mu.Lock()
	s := t.byName[name]
	switch {
	case s != nil && flags&netbsd.O_EXCL != 0:
		errno = netbsd.EEXIST
	case s != nil && !c.Cred().Root() && c.Cred().EUID != s.cred.EUID:
		errno = netbsd.EACCES
	case s != nil:
		s.mu.Lock()
		s.refs++
		s.mu.Unlock()
	case flags&netbsd.O_CREAT == 0:
		errno = netbsd.ENOENT
	case t.count >= maxSems:
		errno = netbsd.ENFILE
	default:
		s = &sem{table: t, name: name, mode: c.Uint(2) & netbsd.ACCESSPERMS, cred: c.Cred(), value: c.Uint(3), refs: 1}
		if t.byName == nil {
			t.byName = make(map[string]*sem)
		}
		t.byName[name] = s
		t.count++
	}
	t.mu.Unlock()
	if errno != 0 {
		return errno
	}
	return c.installSem(s, c.Ptr(4))
}

func sysKsemUnlink(c *Call) netbsd.Errno {
	name, errno := c.CopyinString(c.Ptr(0), maxSemName+1)
	if errno != 0 {
		return errno
	}
	t := &c.Kernel().sems
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.byName[name]
	switch {
	case s == nil:
		return netbsd.ENOENT
	case !c.Cred().Root() && c.Cred().EUID != s.cred.EUID:
		return netbsd.EACCES
	}
	delete(t.byName, name)
	t.count--
	return 0
}

func sysKsemClose(c *Call) netbsd.Errno { return c.Proc.Files.Close(c.Proc, c.Int(0)) }

// sem returns the semaphore of the first argument.
func (c *Call) sem() (*sem, *OpenFile, netbsd.Errno) {
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return nil, nil, netbsd.EINVAL
	}
	s, ok := f.File.(*sem)
	if !ok {
		f.Release()
		return nil, nil, netbsd.EINVAL
	}
	return s, f, 0
}

func sysKsemPost(c *Call) netbsd.Errno {
	s, f, errno := c.sem()
	if errno != 0 {
		return errno
	}
	defer f.Release()
	s.mu.Lock()
	if s.value == ^uint32(0) {
		s.mu.Unlock()
		return netbsd.EOVERFLOW
	}
	s.value++
	s.mu.Unlock()
	s.sel.Notify()
	return 0
}

func (s *sem) take() netbsd.Errno {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.value == 0 {
		return netbsd.EWOULDBLOCK
	}
	s.value--
	return 0
}

func sysKsemTrywait(c *Call) netbsd.Errno {
	s, f, errno := c.sem()
	if errno != 0 {
		return errno
	}
	defer f.Release()
	return s.take()
}

func sysKsemWait(c *Call) netbsd.Errno {
	s, f, errno := c.sem()
	if errno != 0 {
		return errno
	}
	defer f.Release()
	s.wait(1)
	defer s.wait(-1)
	return c.Sleep(&s.sel, Forever, s.take)
}

func (s *sem) wait(n int) {
	s.mu.Lock()
	s.waiters += n
	s.mu.Unlock()
}

func sysKsemTimedwait(c *Call) netbsd.Errno {
	t, errno := CopyinStruct(c, c.Ptr(1), netbsd.SizeofTimespec, netbsd.ParseTimespec)
	if errno != 0 {
		return errno
	}
	if checkSpan(t) != 0 {
		return netbsd.EINVAL
	}
	s, f, errno := c.sem()
	if errno != 0 {
		return errno
	}
	defer f.Release()
	if errno := s.take(); errno != netbsd.EWOULDBLOCK {
		return errno // whatever the time is
	}
	s.wait(1)
	left := t.Time().Sub(c.Kernel().Now())
	// The kernel forgets to count one out who comes too late (do_ksem_wait): the
	// semaphore cannot be destroyed any more.
	if left <= 0 {
		return netbsd.ETIMEDOUT
	}
	defer s.wait(-1)
	if errno = c.Sleep(&s.sel, left, s.take); errno == netbsd.EWOULDBLOCK {
		errno = netbsd.ETIMEDOUT
	}
	return errno
}

func sysKsemGetvalue(c *Call) netbsd.Errno {
	s, f, errno := c.sem()
	if errno != 0 {
		return errno
	}
	defer f.Release()
	s.mu.Lock()
	v := s.value
	s.mu.Unlock()
	return c.CopyoutInt(c.Ptr(1), int32(v))
}

func sysKsemDestroy(c *Call) netbsd.Errno {
	s, f, errno := c.sem()
	if errno != 0 {
		return errno
	}
	defer f.Release()
	s.mu.Lock()
	waiters := s.waiters
	s.mu.Unlock()
	switch {
	case s.name != "":
		return netbsd.EINVAL
	case waiters > 0:
		return netbsd.EBUSY
	}
	return c.Proc.Files.Close(c.Proc, c.Int(0))
}
