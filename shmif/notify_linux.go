package shmif

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// inotify instances are few (128 for all of a user's processes, and every kernel takes one an interface), so all
// readers of this process share one, which exists while someone watches.
var watches struct {
	sync.Mutex
	fd   int
	file *os.File      // of fd, for reading through the runtime's poller
	done chan struct{} // closed when the goroutine of file has ended
	subs map[int32]map[*subscription]bool
}

type subscription struct{ wake func() }

// notify calls wake whenever f is written to, until stop.
func notify(f *os.File, wake func()) (stop func(), err error) {
	watches.Lock()
	defer watches.Unlock()
	if watches.file == nil {
		fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
		if err != nil {
			return nil, err
		}
		watches.fd = fd
		watches.file = os.NewFile(uintptr(fd), "inotify")
		watches.done = make(chan struct{})
		watches.subs = make(map[int32]map[*subscription]bool)
		go readEvents(watches.file, watches.done)
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	var wd int
	cerr := raw.Control(func(fd uintptr) {
		// Through the descriptor, so that it is this file even if its name now belongs to another.
		wd, err = unix.InotifyAddWatch(watches.fd, fmt.Sprintf("/proc/self/fd/%d", fd), unix.IN_MODIFY)
	})
	if cerr != nil {
		err = cerr
	}
	id, s := int32(wd), &subscription{wake}
	if err != nil {
		unwatch(id, nil)
		return nil, err
	}
	if watches.subs[id] == nil {
		watches.subs[id] = make(map[*subscription]bool)
	}
	watches.subs[id][s] = true
	return sync.OnceFunc(func() {
		watches.Lock()
		done := unwatch(id, s)
		watches.Unlock()
		if done != nil {
			<-done
		}
	}), nil
}

// unwatch removes a subscription, its watch if it was the last of its file, and the inotify instance if it was the last
// of all; then it returns what to wait for. It is called with watches locked.
func unwatch(id int32, s *subscription) chan struct{} {
	if subs := watches.subs[id]; subs != nil && s != nil {
		delete(subs, s)
		if len(subs) == 0 {
			delete(watches.subs, id)
			unix.InotifyRmWatch(watches.fd, uint32(id))
		}
	}
	if len(watches.subs) > 0 {
		return nil
	}
	watches.file.Close()
	watches.file = nil
	return watches.done
}

func readEvents(f *os.File, done chan struct{}) {
	defer close(done)
	buf := make([]byte, 64*unix.SizeofInotifyEvent)
	for {
		n, err := f.Read(buf)
		if err != nil {
			return
		}
		watches.Lock()
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			id := int32(binary.NativeEndian.Uint32(b))
			if id == -1 { // events were lost
				for _, subs := range watches.subs {
					wakeAll(subs)
				}
			}
			wakeAll(watches.subs[id])
			b = b[unix.SizeofInotifyEvent+min(int(binary.NativeEndian.Uint32(b[12:])), len(b)-unix.SizeofInotifyEvent):]
		}
		watches.Unlock()
	}
}

func wakeAll(subs map[*subscription]bool) {
	for s := range subs {
		s.wake()
	}
}
