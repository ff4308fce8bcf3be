package kern

import "sync"

// A Selinfo is where those gather who wait for a file: sleeping calls, poll(2),
// select(2), kqueues. The zero value is ready for use.
type Selinfo struct {
	mu sync.Mutex
	ls []Listener
}

// A Listener is told that a file's state may have changed. Wake must not block,
// nor take a lock that is held around Notify. It may come once more after Detach.
type Listener interface{ Wake(hint uint32) }

// Attach adds a listener; it must be comparable.
func (s *Selinfo) Attach(l Listener) {
	s.mu.Lock()
	s.ls = append(s.ls, l)
	s.mu.Unlock()
}

// Detach removes a listener.
func (s *Selinfo) Detach(l Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, have := range s.ls {
		if have == l {
			last := len(s.ls) - 1
			s.ls[i] = s.ls[last]
			s.ls[last] = nil
			s.ls = s.ls[:last]
			return
		}
	}
}

// Notify wakes all listeners up.
func (s *Selinfo) Notify() { s.NotifyHint(0) }

// Hints of a file that carries data both ways.
const (
	Readable uint32 = 1 << iota
	Writable
)

// NotifyHint is Notify with a hint for kqueue's filters: what happened, as
// NOTE_* flags.
func (s *Selinfo) NotifyHint(hint uint32) {
	s.mu.Lock()
	if len(s.ls) == 0 {
		s.mu.Unlock()
		return
	}
	var few [4]Listener
	ls := append(few[:0], s.ls...) // a listener may be on the Selinfo of another, and that on this
	s.mu.Unlock()
	for _, l := range ls {
		l.Wake(hint)
	}
}
