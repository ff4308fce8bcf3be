package kern

import (
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Filter is how a file feeds a knote.
type Filter struct {
	// Sel wakes the knote up.
	Sel *Selinfo
	// Event reports whether what the knote waits for is there, and sets the
	// knote's Data, Fflags and EV_EOF flag. It is called with no lock held, and
	// gets a copy, since others may look at the same knote or change it.
	Event func(kn *Knote) bool
	// Hints, if set, makes the hints of Selinfo.NotifyHint gather in Fflags as
	// far as the knote asked for them, and Event is not needed.
	Hints bool
	// Only, if not zero, is the hint without which a Notify with hints is about
	// something else.
	Only uint32
}

// A Knote is a kqueue's interest in something.
type Knote struct {
	netbsd.Kevent        // Ident, Filter, Udata as given; Flags, Fflags, Data as to be reported
	Sfflags       uint32 // what was asked for
	Sdata         int64

	q        *kqueue
	file     *OpenFile // not held; nil for a timer or process
	filter   Filter
	timer    Timer
	hints    uint32
	count    int64
	queued   bool
	active   bool // the event was seen to be there
	woken    bool // the event may have come since
	looking  int  // how many are finding that out
	disabled bool
	gone     bool
}

type knoteKey struct {
	ident  uint64
	filter uint32
}

// kqueue is a File which gathers events.
type kqueue struct {
	Unsupported
	k     *Kernel
	table *FileTable
	sel   Selinfo

	mu     sync.Mutex
	notes  map[knoteKey]*Knote
	queue  []*Knote
	closed bool
}

func sysKqueue(c *Call) netbsd.Errno { return c.kqueue(0) }

func sysKqueue1(c *Call) netbsd.Errno { return c.kqueue(c.Uint(0)) }

func (c *Call) kqueue(flags uint32) netbsd.Errno {
	t := c.Proc.Files
	q := &kqueue{k: c.Kernel(), table: t, notes: make(map[knoteKey]*Knote)}
	f := NewOpenFile(q, netbsd.DTYPE_KQUEUE, FREAD|FWRITE|flags&(FNONBLOCK|FNOSIGPIPE), c.Cred())
	t.mu.Lock()
	if t.kqs == nil {
		t.kqs = make(map[*kqueue]struct{})
	}
	t.kqs[q] = struct{}{}
	t.mu.Unlock()
	fd, errno := t.Install(f, flags&netbsd.O_CLOEXEC != 0)
	c.Ret(uint64(fd))
	return errno
}

func (q *kqueue) Selinfo() *Selinfo { return &q.sel }

func (q *kqueue) Stat(c *Call, f *OpenFile) (netbsd.Stat, netbsd.Errno) {
	return netbsd.Stat{Mode: netbsd.S_IFIFO, Size: int64(q.pending()), Blksize: netbsd.SizeofKevent}, 0
}

func (q *kqueue) Read(*Call, *OpenFile, *Uio, int64) netbsd.Errno  { return netbsd.ENXIO }
func (q *kqueue) Write(*Call, *OpenFile, *Uio, int64) netbsd.Errno { return netbsd.ENXIO }

func (q *kqueue) Poll(c *Call, f *OpenFile, events int16) int16 {
	if q.pending() > 0 {
		return events & (netbsd.POLLIN | netbsd.POLLRDNORM)
	}
	return 0
}

// SetNonblock is refused, as every ioctl is.
func (q *kqueue) SetNonblock(*Call, *OpenFile, bool) netbsd.Errno { return netbsd.ENOTTY }

// pending returns how many knotes wait to be reported. Those of which it is not
// known yet whether their event has come are looked at.
func (q *kqueue) pending() int {
	q.mu.Lock()
	notes := append([]*Knote(nil), q.queue...)
	q.mu.Unlock()
	for _, kn := range notes {
		q.mu.Lock()
		unsure := kn.queued && !kn.active && kn.looking == 0 // a kqueue may watch itself
		q.mu.Unlock()
		if unsure && !kn.look() {
			q.mu.Lock()
			q.unqueue(kn)
			q.mu.Unlock()
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, kn := range q.queue {
		if kn.looking == 0 || kn.active || kn.file == nil || kn.file.File != File(q) {
			n++
		}
	}
	return n
}

func (q *kqueue) KqFilter(f *OpenFile, kn *Knote) (Filter, netbsd.Errno) {
	if kn.Filter != netbsd.EVFILT_READ {
		return Filter{}, netbsd.EPERM // so it is: NetBSD returns 1
	}
	return Filter{Sel: &q.sel, Event: func(kn *Knote) bool {
		kn.Data = int64(q.pending())
		return kn.Data > 0
	}}, 0
}

func (q *kqueue) Close(f *OpenFile) netbsd.Errno {
	q.table.mu.Lock()
	delete(q.table.kqs, q)
	q.table.mu.Unlock()
	q.mu.Lock()
	q.closed = true
	var notes []*Knote
	for _, kn := range q.notes {
		notes = append(notes, kn)
	}
	q.mu.Unlock()
	for _, kn := range notes {
		q.drop(kn)
	}
	return 0
}

// forget drops the knotes of a descriptor that is being closed.
func (q *kqueue) forget(fd int, f *OpenFile) {
	q.mu.Lock()
	var notes []*Knote
	for _, kn := range q.notes {
		if kn.file == f && kn.Ident == uint64(fd) {
			notes = append(notes, kn)
		}
	}
	q.mu.Unlock()
	for _, kn := range notes {
		q.drop(kn)
	}
}

// drop ends a knote.
func (q *kqueue) drop(kn *Knote) {
	q.mu.Lock()
	if kn.gone {
		q.mu.Unlock()
		return
	}
	kn.gone = true
	delete(q.notes, knoteKey{kn.Ident, kn.Filter})
	q.unqueue(kn)
	timer := kn.timer
	q.mu.Unlock()
	if timer != nil {
		timer.Stop()
	}
	if kn.filter.Sel != nil {
		kn.filter.Sel.Detach(kn)
	}
}

func (q *kqueue) unqueue(kn *Knote) {
	if !kn.queued {
		return
	}
	kn.queued = false
	for i, have := range q.queue {
		if have == kn {
			q.queue = append(q.queue[:i], q.queue[i+1:]...)
			return
		}
	}
}

// Wake makes the kqueue look at the knote again.
func (kn *Knote) Wake(hint uint32) {
	q := kn.q
	q.mu.Lock()
	if kn.filter.Hints {
		if hint &= kn.Sfflags; hint == 0 {
			q.mu.Unlock()
			return
		}
		kn.hints |= hint
	} else if hint != 0 && kn.filter.Only != 0 && hint&kn.filter.Only == 0 {
		q.mu.Unlock()
		return
	}
	kn.woken = true
	queued := q.enqueue(kn)
	q.mu.Unlock()
	if queued {
		q.sel.Notify()
	}
}

// enqueue puts a knote at the end of the queue unless it is there already. The
// lock is held.
func (q *kqueue) enqueue(kn *Knote) bool {
	if kn.queued || kn.gone || kn.disabled {
		return false
	}
	kn.queued = true
	q.queue = append(q.queue, kn)
	return true
}

func sysKevent(c *Call) netbsd.Errno {
	f, errno := c.File(c.Int(0))
	if errno != 0 {
		return errno
	}
	defer f.Release()
	q, ok := f.File.(*kqueue)
	if !ok {
		return netbsd.EBADF
	}
	ts, errno := c.timespec(c.Ptr(5))
	if errno != 0 {
		return errno
	}
	changes, nchanges, events, nevents := c.Ptr(1), c.Size(2), c.Ptr(3), c.Size(4)
	failed := uint64(0)
	for i := range nchanges {
		ev, errno := CopyinStruct(c, changes+netbsd.SizeofKevent*i, netbsd.SizeofKevent, netbsd.ParseKevent)
		if errno != 0 {
			return errno
		}
		ev.Flags &^= netbsd.EV_SYSFLAGS
		errno = q.register(c, &ev)
		if errno == 0 && ev.Flags&netbsd.EV_RECEIPT == 0 {
			continue
		}
		if nevents == 0 {
			return errno
		}
		ev.Flags, ev.Data = netbsd.EV_ERROR, int64(errno)
		if errno := c.CopyoutStruct(events+netbsd.SizeofKevent*failed, ev); errno != 0 {
			return errno
		}
		nevents--
		failed++
	}
	if failed > 0 {
		c.Ret(failed)
		return 0
	}
	if nevents == 0 {
		return 0
	}
	timeout, errno := timeoutOf(ts)
	if errno != 0 {
		return errno
	}
	var got []netbsd.Kevent
	errno = c.Sleep(&q.sel, timeout, func() netbsd.Errno {
		if got = q.take(nevents); len(got) == 0 {
			return netbsd.EWOULDBLOCK
		}
		return 0
	})
	if errno != 0 && errno != netbsd.EWOULDBLOCK {
		return errno
	}
	var b []byte
	for _, ev := range got {
		b = ev.Append(b)
	}
	c.Ret(uint64(len(got)))
	return c.Copyout(events, b)
}

// take returns up to n events that are there now.
func (q *kqueue) take(n uint64) []netbsd.Kevent {
	var got []netbsd.Kevent
	q.mu.Lock()
	look := len(q.queue) // those that are queued again are for the next time
	for ; look > 0 && uint64(len(got)) < n && len(q.queue) > 0; look-- {
		kn := q.queue[0]
		q.unqueue(kn)
		if kn.disabled {
			continue
		}
		// What is to be reported once is reported as it was seen first.
		there := kn.active && kn.Flags&netbsd.EV_ONESHOT != 0
		if !there || kn.woken {
			q.mu.Unlock()
			now := kn.look()
			q.mu.Lock()
			if !there && !now || kn.gone || kn.disabled {
				continue
			}
		}
		got = append(got, kn.Kevent)
		switch {
		case kn.Flags&netbsd.EV_ONESHOT != 0:
			q.mu.Unlock()
			q.drop(kn)
			q.mu.Lock()
		case kn.Flags&netbsd.EV_CLEAR != 0:
			kn.Data, kn.Fflags = 0, 0
			kn.active = false
			q.unqueue(kn)
		case kn.Flags&netbsd.EV_DISPATCH != 0:
			kn.active = false
			kn.disabled = true
			q.unqueue(kn)
		default:
			q.enqueue(kn)
		}
	}
	q.mu.Unlock()
	return got
}

// look finds out whether the knote's event is there.
func (kn *Knote) look() bool {
	q := kn.q
	q.mu.Lock()
	kn.woken = false
	kn.looking++
	q.mu.Unlock()
	there := kn.event()
	q.mu.Lock()
	kn.looking--
	kn.active = there
	q.mu.Unlock()
	return there
}

func (kn *Knote) event() bool {
	q := kn.q
	switch {
	case kn.filter.Hints:
		q.mu.Lock()
		defer q.mu.Unlock()
		kn.Fflags |= kn.hints
		kn.hints = 0
		if kn.Fflags&netbsd.NOTE_EXIT != 0 && kn.Kevent.Filter == netbsd.EVFILT_PROC {
			kn.Flags |= netbsd.EV_EOF | netbsd.EV_ONESHOT
		}
		return kn.Fflags != 0
	case kn.Kevent.Filter == netbsd.EVFILT_TIMER:
		q.mu.Lock()
		defer q.mu.Unlock()
		kn.Data += kn.count
		kn.count = 0
		return kn.Data != 0
	}
	q.mu.Lock()
	seen := &Knote{Kevent: kn.Kevent, Sfflags: kn.Sfflags, Sdata: kn.Sdata}
	q.mu.Unlock()
	there := kn.filter.Event(seen)
	q.mu.Lock()
	kn.Flags, kn.Fflags, kn.Data = seen.Flags, seen.Fflags, seen.Data
	q.mu.Unlock()
	return there
}

// register adds, changes or deletes a knote.
func (q *kqueue) register(c *Call, ev *netbsd.Kevent) netbsd.Errno {
	var f *OpenFile
	switch ev.Filter {
	case netbsd.EVFILT_READ, netbsd.EVFILT_WRITE, netbsd.EVFILT_VNODE:
		var errno netbsd.Errno
		if ev.Ident > 1<<31-1 {
			return netbsd.EBADF
		}
		if f, errno = c.File(int(ev.Ident)); errno != 0 {
			return errno
		}
		defer f.Release()
	case netbsd.EVFILT_TIMER, netbsd.EVFILT_PROC, netbsd.EVFILT_SIGNAL:
	default:
		return netbsd.EINVAL
	}
	key := knoteKey{ev.Ident, ev.Filter}
	q.mu.Lock()
	kn := q.notes[key]
	q.mu.Unlock()
	if ev.Flags&netbsd.EV_ADD != 0 {
		if kn == nil {
			var errno netbsd.Errno
			if kn, errno = q.attach(c, f, ev); errno != 0 {
				return errno
			}
		} else {
			q.mu.Lock()
			kn.Sfflags, kn.Sdata, kn.Udata = ev.Fflags, ev.Data, ev.Udata
			q.mu.Unlock()
		}
		if kn.look() {
			q.mu.Lock()
			q.enqueue(kn)
			q.mu.Unlock()
		}
	} else {
		if kn == nil {
			return netbsd.ENOENT
		}
		if ev.Flags&netbsd.EV_DELETE != 0 {
			q.drop(kn)
			return 0
		}
	}
	q.mu.Lock()
	if ev.Flags&netbsd.EV_DISABLE != 0 {
		kn.disabled = true // it stays queued until somebody takes it
	}
	if ev.Flags&netbsd.EV_ENABLE != 0 {
		kn.disabled = false
		if kn.active || kn.woken {
			q.enqueue(kn)
		}
	}
	pending := kn.queued
	q.mu.Unlock()
	if pending {
		q.sel.Notify()
	}
	return 0
}

// attach makes a new knote.
func (q *kqueue) attach(c *Call, f *OpenFile, ev *netbsd.Kevent) (*Knote, netbsd.Errno) {
	kn := &Knote{Kevent: *ev, Sfflags: ev.Fflags, Sdata: ev.Data, q: q, file: f}
	kn.Fflags, kn.Data = 0, 0
	ev.Fflags, ev.Data = 0, 0 // which EV_RECEIPT shows
	switch ev.Filter {
	case netbsd.EVFILT_TIMER:
		if kn.Sdata <= 0 {
			return nil, netbsd.EINVAL
		}
		kn.Flags |= netbsd.EV_CLEAR
	case netbsd.EVFILT_PROC:
		p := c.Kernel().Proc(int(int32(ev.Ident)))
		if p == nil {
			return nil, netbsd.ESRCH
		}
		if !c.Cred().Root() && (p.sugid.Load() || p.Cred().UID != c.Cred().UID) {
			return nil, netbsd.EACCES
		}
		kn.Flags |= netbsd.EV_CLEAR
		kn.filter = Filter{Sel: &p.notes, Hints: true}
	case netbsd.EVFILT_SIGNAL:
		return nil, netbsd.EOPNOTSUPP // rump kernels do not keep signals
	default:
		fl, errno := f.KqFilter(f, kn)
		if errno != 0 {
			return nil, errno
		}
		kn.filter = fl
	}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil, netbsd.EBADF
	}
	q.notes[knoteKey{ev.Ident, ev.Filter}] = kn
	q.mu.Unlock()
	if kn.filter.Sel != nil {
		kn.filter.Sel.Attach(kn)
	}
	if ev.Filter == netbsd.EVFILT_TIMER {
		kn.startTimer()
	}
	return kn, 0
}

func (kn *Knote) startTimer() {
	const most = int64(longest / time.Millisecond)
	q := kn.q
	q.mu.Lock()
	defer q.mu.Unlock()
	d := max(time.Duration(min(kn.Sdata, most))*time.Millisecond, tick)
	kn.timer = q.k.clock.AfterFunc(d, func() {
		q.mu.Lock()
		kn.count++
		again := !kn.gone && kn.Flags&netbsd.EV_ONESHOT == 0
		q.mu.Unlock()
		kn.Wake(0)
		if again {
			kn.startTimer()
		}
	})
}
