package kern

import (
	"slices"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A FileTable is a process's descriptors.
type FileTable struct {
	k     *Kernel
	limit func() int

	mu     sync.Mutex
	refs   int
	slots  []slot
	kqs    map[*kqueue]struct{} // kqueues which watch descriptors of this table
	closed bool
}

type slot struct {
	file  *OpenFile
	cloex bool
}

// A table has room for initialFiles descriptors at first (NDFILE), then for
// moreFiles (NDEXTENT), then for twice as many each time.
const (
	initialFiles = 20
	moreFiles    = 50
)

func newFileTable(k *Kernel) *FileTable { return &FileTable{k: k, refs: 1} }

func (t *FileTable) share() *FileTable {
	t.mu.Lock()
	t.refs++
	t.mu.Unlock()
	return t
}

// copy is the table of a forked child. A kqueue is not inherited.
func (t *FileTable) copy() *FileTable {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := &FileTable{k: t.k, refs: 1, slots: make([]slot, len(t.slots))}
	for i, s := range t.slots {
		if s.file == nil || s.file.Type == netbsd.DTYPE_KQUEUE {
			continue
		}
		s.file.Hold()
		n.slots[i] = s
	}
	return n
}

// Len returns how many descriptors the table has room for, which is what
// select(2) and poll(2) compare with.
func (t *FileTable) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.room()
}

func (t *FileTable) room() int {
	n := initialFiles
	for n < len(t.slots) {
		n = max(moreFiles, 2*n)
	}
	return n
}

// Get returns the open file of a descriptor, held for the caller.
func (t *FileTable) Get(fd int) (*OpenFile, netbsd.Errno) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if fd < 0 || fd >= len(t.slots) || t.slots[fd].file == nil {
		return nil, netbsd.EBADF
	}
	f := t.slots[fd].file
	f.Hold()
	return f, 0
}

// Opened reports whether a descriptor is open.
func (t *FileTable) Opened(fd int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fd >= 0 && fd < len(t.slots) && t.slots[fd].file != nil
}

// refers reports whether a descriptor is still that of an open file.
func (t *FileTable) refers(fd int, f *OpenFile) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fd >= 0 && fd < len(t.slots) && t.slots[fd].file == f
}

// Install gives f the lowest free descriptor and takes over the caller's
// reference, which is released if there is no descriptor left.
func (t *FileTable) Install(f *OpenFile, cloexec bool) (fd int, errno netbsd.Errno) {
	return t.InstallFrom(f, 0, cloexec)
}

// InstallFrom is Install with the lowest descriptor to be considered.
func (t *FileTable) InstallFrom(f *OpenFile, low int, cloexec bool) (fd int, errno netbsd.Errno) {
	t.mu.Lock()
	fd = low
	for fd < len(t.slots) && t.slots[fd].file != nil {
		fd++
	}
	if fd >= t.limit() || t.closed {
		errno = netbsd.EMFILE
	} else {
		errno = f.count(t.k)
	}
	if errno != 0 {
		t.mu.Unlock()
		f.Release()
		return -1, errno
	}
	t.grow(fd)
	t.slots[fd] = slot{f, cloexec}
	t.mu.Unlock()
	return fd, 0
}

func (t *FileTable) grow(fd int) {
	for fd >= len(t.slots) {
		t.slots = append(t.slots, slot{})
	}
}

// Replace makes fd refer to f, whose reference it takes over, and closes what it
// referred to.
func (t *FileTable) Replace(p *Proc, f *OpenFile, fd int, cloexec bool) netbsd.Errno {
	t.mu.Lock()
	if fd < 0 || fd >= t.limit() || t.closed {
		t.mu.Unlock()
		f.Release()
		return netbsd.EBADF
	}
	t.grow(fd)
	old := t.slots[fd].file
	t.slots[fd] = slot{f, cloexec}
	t.mu.Unlock()
	if old != nil {
		t.dropped(p, fd, old)
	}
	return 0
}

// Close closes a descriptor.
func (t *FileTable) Close(p *Proc, fd int) netbsd.Errno {
	t.mu.Lock()
	if fd < 0 || fd >= len(t.slots) || t.slots[fd].file == nil {
		t.mu.Unlock()
		return netbsd.EBADF
	}
	f := t.slots[fd].file
	t.slots[fd] = slot{}
	t.mu.Unlock()
	return t.dropped(p, fd, f)
}

// A PosixLocker is a File on which a process may hold locks that end with the
// first descriptor that it closes.
type PosixLocker interface{ Unlock(p *Proc) }

// dropped releases what was behind descriptor fd.
func (t *FileTable) dropped(p *Proc, fd int, f *OpenFile) netbsd.Errno {
	t.mu.Lock()
	kqs := make([]*kqueue, 0, len(t.kqs))
	for q := range t.kqs {
		kqs = append(kqs, q)
	}
	t.mu.Unlock()
	for _, q := range kqs {
		q.forget(fd, f)
	}
	if l, ok := f.File.(PosixLocker); ok && p != nil {
		l.Unlock(p)
	}
	if sel := f.Selinfo(); sel != nil && f.refs.Load() > 1 {
		sel.Notify() // for calls that sleep on the descriptor
	}
	return f.Release()
}

// Cloexec returns whether a descriptor is marked close-on-exec.
func (t *FileTable) Cloexec(fd int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fd >= 0 && fd < len(t.slots) && t.slots[fd].cloex
}

// SetCloexec marks a descriptor.
func (t *FileTable) SetCloexec(fd int, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if fd >= 0 && fd < len(t.slots) && t.slots[fd].file != nil {
		t.slots[fd].cloex = on
	}
}

// Max returns the greatest descriptor in use, or -1.
func (t *FileTable) Max() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for fd := len(t.slots) - 1; fd >= 0; fd-- {
		if t.slots[fd].file != nil {
			return fd
		}
	}
	return -1
}

// Each calls f for each open descriptor, in order.
func (t *FileTable) Each(f func(fd int, file *OpenFile)) {
	t.mu.Lock()
	slots := make([]slot, len(t.slots))
	copy(slots, t.slots)
	t.mu.Unlock()
	for fd, s := range slots {
		if s.file != nil {
			f(fd, s.file)
		}
	}
}

func (t *FileTable) closeOnExec(p *Proc) {
	t.mu.Lock()
	n := len(t.slots)
	t.mu.Unlock()
	for fd := range n {
		if t.Cloexec(fd) {
			t.Close(p, fd)
		}
	}
}

// release drops a process's reference, and closes everything with the last.
func (t *FileTable) release(p *Proc) {
	t.mu.Lock()
	t.refs--
	last := t.refs == 0
	n := len(t.slots)
	if last {
		t.closed = true
	}
	t.mu.Unlock()
	if last {
		for fd := range n {
			t.Close(p, fd)
		}
	}
}

// Room makes room for a new file. It returns EMFILE if there is no descriptor left
// for one, or ENFILE if there is no file left for it.
func (t *FileTable) Room() netbsd.Errno {
	t.mu.Lock()
	defer t.mu.Unlock()
	fd := slices.IndexFunc(t.slots, func(s slot) bool { return s.file == nil })
	if fd < 0 {
		fd = len(t.slots)
	}
	if fd >= t.limit() {
		return netbsd.EMFILE
	}
	t.grow(fd)
	if !Below(t.k.openFiles.Load()+1, int64(t.k.limits.Load().Files)) {
		return netbsd.ENFILE
	}
	return 0
}
