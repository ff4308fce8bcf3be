package rump

import (
	"context"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// poller tells when descriptors of a process become ready.
//
// The protocol has no way to call a system call off. A call that waits inside
// the kernel, such as a read from a socket, would take its data with it when
// nobody wants to wait for it any more, and would hold one of the server's few
// workers meanwhile. So sockets never wait inside the kernel. All waiting is done
// by one kevent(2) for the whole process, which is in flight only while somebody
// waits. Who stops waiting leaves the call alone; a pipe ends it when nobody is
// left.
type poller struct {
	k *Kernel

	mu      sync.Mutex
	open    bool // the descriptors below are there
	kq      FD
	wakeR   FD
	wakeW   FD
	waiters map[pollKey]chan struct{}
	running bool // a call is in flight, or about to be
}

// pollKey is what can be waited for: that a descriptor can be read or written.
type pollKey struct {
	fd     FD
	filter uint32 // netbsd.EVFILT_READ or netbsd.EVFILT_WRITE
}

// change asks for one event.
func (key pollKey) change() netbsd.Kevent {
	return netbsd.Kevent{Ident: uint64(key.fd), Filter: key.filter, Flags: netbsd.EV_ADD | netbsd.EV_ONESHOT}
}

// wait returns a channel that is closed when the descriptor is ready, or may be.
// Call cancel when it is not wanted any more. At most one waits for each key.
func (p *poller) wait(key pollKey) (ready <-chan struct{}, cancel func(), err error) {
	p.mu.Lock()
	if err := p.init(); err != nil {
		p.mu.Unlock()
		return nil, nil, err
	}
	ch := make(chan struct{})
	p.waiters[key] = ch
	cancel = func() { p.cancel(key, ch) }
	if !p.running {
		p.running = true
		kq := p.kq
		p.mu.Unlock()
		go p.loop(kq, []netbsd.Kevent{key.change()})
		return ch, cancel, nil
	}
	kq := p.kq
	p.mu.Unlock()
	if _, err := p.k.kevent(kq, []netbsd.Kevent{key.change()}, nil); err != nil {
		p.cancel(key, ch)
		return nil, nil, err
	}
	return ch, cancel, nil
}

// init makes the descriptors when they are first needed. It is called with the
// lock held.
func (p *poller) init() error {
	if p.open {
		return nil
	}
	ctx := context.Background()
	r, err := p.k.do(ctx, p.k.call(netbsd.SYS_KQUEUE), "kqueue", "")
	if err != nil {
		return err
	}
	kq := FD(r.R0)
	fds := make([]byte, 8)
	_, err = p.k.do(ctx, p.k.call(netbsd.SYS_PIPE2).Out(fds).Int(netbsd.O_NONBLOCK|netbsd.O_CLOEXEC), "pipe", "")
	if err != nil {
		p.k.CloseFD(ctx, kq)
		return err
	}
	rd, wr := FD(int32(le32(fds))), FD(int32(le32(fds[4:])))
	wake := netbsd.Kevent{Ident: uint64(rd), Filter: netbsd.EVFILT_READ, Flags: netbsd.EV_ADD}
	if _, err := p.k.kevent(kq, []netbsd.Kevent{wake}, nil); err != nil {
		for _, fd := range []FD{kq, rd, wr} {
			p.k.CloseFD(ctx, fd)
		}
		return err
	}
	p.kq, p.wakeR, p.wakeW, p.open = kq, rd, wr, true
	if p.waiters == nil {
		p.waiters = make(map[pollKey]chan struct{})
	}
	return nil
}

// cancel forgets a waiter, and ends the call if there is none left.
func (p *poller) cancel(key pollKey, ch chan struct{}) {
	p.mu.Lock()
	if p.waiters[key] == ch {
		delete(p.waiters, key)
	}
	wake := p.running && len(p.waiters) == 0
	fd := p.wakeW
	p.mu.Unlock()
	if wake {
		// An error means that the process has ended, and the call with it, or
		// that the pipe is full of the same.
		p.k.do(context.Background(), p.k.call(netbsd.SYS_WRITE).Int(int64(fd)).In([]byte{0}).Int(1), "write", "pipe")
	}
}

// loop waits for events as long as somebody waits for one.
func (p *poller) loop(kq FD, changes []netbsd.Kevent) {
	const many = 64
	buf := make([]byte, many*netbsd.SizeofKevent)
	for {
		events, err := p.k.kevent(kq, changes, buf)
		changes = nil
		p.mu.Lock()
		if err != nil {
			// The process has ended, or is another one now. All who wait try
			// again, and find out.
			for key, ch := range p.waiters {
				close(ch)
				delete(p.waiters, key)
			}
			p.open, p.running = false, false
			p.mu.Unlock()
			return
		}
		woken := false
		for _, e := range events {
			key := pollKey{FD(int32(e.Ident)), e.Filter}
			if ch, ok := p.waiters[key]; ok {
				close(ch)
				delete(p.waiters, key)
			} else if key.fd == p.wakeR {
				woken = true
			}
		}
		idle := len(p.waiters) == 0
		if idle && !woken {
			p.running = false
		}
		wakeR := p.wakeR
		p.mu.Unlock()
		if woken {
			p.drain(wakeR)
			p.mu.Lock()
			if idle = len(p.waiters) == 0; idle {
				p.running = false
			}
			p.mu.Unlock()
		}
		if idle {
			return
		}
	}
}

// drain empties the pipe.
func (p *poller) drain(fd FD) {
	buf := make([]byte, 512)
	for {
		r, err := p.k.do(context.Background(), p.k.call(netbsd.SYS_READ).Int(int64(fd)).Out(buf).Int(int64(len(buf))), "read", "pipe")
		if err != nil || r.R0 < uint64(len(buf)) {
			return
		}
	}
}

// kevent performs a kevent(2): it makes the changes, and if events is not nil
// waits for events, for which that is the room.
func (k *Kernel) kevent(kq FD, changes []netbsd.Kevent, events []byte) ([]netbsd.Kevent, error) {
	var in []byte
	for _, c := range changes {
		in = c.Append(in)
	}
	c := k.call(netbsd.SYS___KEVENT50).Int(int64(kq)).In(in).Int(int64(len(changes)))
	c.Out(events).Int(int64(len(events) / netbsd.SizeofKevent)).Uint(0)
	r, err := k.do(context.Background(), c, "kevent", "")
	if err != nil || events == nil {
		return nil, err
	}
	n := min(int(r.R0)*netbsd.SizeofKevent, len(events))
	return netbsd.ParseKevents(events[:n])
}
