package shmif

import (
	"os"
	"time"
)

// A watch tells when a bus file has been written to. Where nothing can tell, its channel stays silent and patience
// makes the reader look by itself, less and less often.
type watch struct {
	c    chan struct{} // holds one token
	stop func()
	poll bool
}

func newWatch(f *os.File) *watch {
	w := &watch{c: make(chan struct{}, 1)}
	stop, err := notify(f, w.wake)
	if err != nil {
		w.poll, w.stop = true, func() {}
		return w
	}
	w.stop = stop
	return w
}

func (w *watch) wake() {
	select {
	case w.c <- struct{}{}:
	default:
	}
}

// patience is how long a reader that has looked in vain idle times waits before it looks again unasked. With a watch it
// hardly matters; it covers file systems which do not tell of writes made elsewhere, by a kernel in a container's
// virtual machine for one.
func (w *watch) patience(idle int) time.Duration {
	if !w.poll {
		return 250 * time.Millisecond
	}
	return min(time.Millisecond<<min(idle, 5), 20*time.Millisecond)
}
