//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package shmif

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// notify calls wake whenever f is written to, until stop. Each watch has a kqueue of its own, which costs a descriptor
// and a goroutine.
func notify(f *os.File, wake func()) (stop func(), err error) {
	kq, err := unix.Kqueue()
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(kq)
	fd, err := unix.Dup(int(f.Fd()))
	if err != nil {
		unix.Close(kq)
		return nil, err
	}
	unix.CloseOnExec(fd)
	release := func() { unix.Close(fd); unix.Close(kq) }
	var ev unix.Kevent_t
	unix.SetKevent(&ev, fd, unix.EVFILT_VNODE, unix.EV_ADD|unix.EV_ENABLE|unix.EV_CLEAR)
	ev.Fflags = unix.NOTE_WRITE
	if _, err := unix.Kevent(kq, []unix.Kevent_t{ev}, nil, nil); err != nil {
		release()
		return nil, err
	}
	stopping, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer release()
		events := make([]unix.Kevent_t, 1)
		for {
			// The timeout is for noticing stop.
			wait := unix.NsecToTimespec(int64(50 * time.Millisecond))
			n, err := unix.Kevent(kq, nil, events, &wait)
			select {
			case <-stopping:
				return
			default:
			}
			if err != nil && err != unix.EINTR {
				return
			}
			if n > 0 {
				wake()
			}
		}
	}()
	return sync.OnceFunc(func() { close(stopping); <-done }), nil
}
