package kern

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// How many bytes a pipe holds: PIPE_SIZE, and BIG_PIPE_SIZE once somebody has
// written more than that at once to it while it was empty, as long as there are
// no more than maxBigPipes of these.
const (
	pipeSize    = 16384
	bigPipeSize = 65536
	maxBigPipes = 32
)

// A pipe is one direction's buffer between two ends. Both ends of a pipe(2) may
// be read and written as far as their descriptors allow, but data flows one way.
type pipe struct {
	k       *Kernel
	mu      sync.Mutex
	sel     Selinfo
	size    int
	buf     []byte
	reader  bool // the reading end is open
	writer  bool
	created time.Time
	atime   time.Time
	mtime   time.Time
}

// pipeEnd is a File: one end of a pipe.
type pipeEnd struct {
	Unsupported
	p     *pipe
	write bool
	pgid  int32
}

// NewPipe makes a pipe and returns its two ends.
func (k *Kernel) NewPipe() (r, w File) {
	now := k.Now()
	k.pipeMemory.Add(pipeSize)
	p := &pipe{k: k, size: pipeSize, reader: true, writer: true, created: now, atime: now, mtime: now}
	return &pipeEnd{p: p}, &pipeEnd{p: p, write: true}
}

func sysPipe(c *Call) netbsd.Errno {
	r, w, errno := c.pipe(0)
	c.Ret2(uint64(r), uint64(w))
	return errno
}

func sysPipe2(c *Call) netbsd.Errno {
	r, w, errno := c.pipe(c.Uint(1))
	if errno != 0 {
		return errno
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(r))
	c.Ret2(0, uint64(w))
	return c.Copyout(c.Ptr(0), binary.LittleEndian.AppendUint32(b, uint32(w)))
}

func (c *Call) pipe(flags uint32) (rfd, wfd int, errno netbsd.Errno) {
	if flags&^(netbsd.O_CLOEXEC|netbsd.O_NONBLOCK|netbsd.O_NOSIGPIPE) != 0 {
		return 0, 0, netbsd.EINVAL
	}
	if errno := c.Kernel().enoughMemory(pipeSize); errno != 0 {
		return 0, 0, errno
	}
	r, w := c.Kernel().NewPipe()
	more := flags & (FNONBLOCK | FNOSIGPIPE)
	rf := NewOpenFile(r, netbsd.DTYPE_PIPE, FREAD|more, c.Cred())
	wf := NewOpenFile(w, netbsd.DTYPE_PIPE, FWRITE|more, c.Cred())
	cloexec := flags&netbsd.O_CLOEXEC != 0
	if rfd, errno = c.Proc.Files.Install(rf, cloexec); errno != 0 {
		wf.Release()
		return 0, 0, errno
	}
	if wfd, errno = c.Proc.Files.Install(wf, cloexec); errno != 0 {
		c.Proc.Files.Close(c.Proc, rfd)
		return 0, 0, errno
	}
	return rfd, wfd, 0
}

func (e *pipeEnd) Selinfo() *Selinfo { return &e.p.sel }

func (e *pipeEnd) Read(c *Call, f *OpenFile, u *Uio, pos int64) netbsd.Errno {
	p := e.p
	if u.Resid == 0 {
		return 0
	}
	if e.write {
		return netbsd.EBADF
	}
	var data []byte
	try := func() netbsd.Errno {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.buf) == 0 {
			if !p.writer {
				return 0
			}
			return netbsd.EWOULDBLOCK
		}
		n := int(min(int64(len(p.buf)), u.Resid))
		data = append(data, p.buf[:n]...)
		p.buf = append(p.buf[:0], p.buf[n:]...)
		p.atime = c.Kernel().Now()
		return 0
	}
	timeout := Forever
	if f.Nonblock() {
		timeout = 0
	}
	if errno := c.Sleep(&p.sel, timeout, try); errno != 0 {
		return errno
	}
	if len(data) > 0 {
		p.sel.Notify()
	}
	return u.Put(data)
}

func (e *pipeEnd) Write(c *Call, f *OpenFile, u *Uio, pos int64) netbsd.Errno {
	p := e.p
	if !e.write {
		return netbsd.EBADF
	}
	// What is no longer than pipeBuf goes in as a whole or not at all.
	p.mu.Lock()
	broken := !p.reader
	p.mu.Unlock()
	if broken {
		return netbsd.EPIPE
	}
	whole := u.Resid <= pipeBuf
	if u.Resid > pipeSize {
		p.enlarge()
	}
	for u.Resid > 0 {
		data := make([]byte, u.Chunk(chunk))
		if errno := u.Take(data); errno != 0 {
			return errno
		}
		for len(data) > 0 {
			n := 0
			try := func() netbsd.Errno {
				p.mu.Lock()
				defer p.mu.Unlock()
				if !p.reader {
					return netbsd.EPIPE
				}
				room := p.size - len(p.buf)
				if room == 0 || whole && room < len(data) {
					return netbsd.EWOULDBLOCK
				}
				n = min(room, len(data))
				p.buf = append(p.buf, data[:n]...)
				p.mtime = c.Kernel().Now()
				return 0
			}
			timeout := Forever
			if f.Nonblock() {
				timeout = 0
			}
			if errno := c.Sleep(&p.sel, timeout, try); errno != 0 {
				u.Resid += int64(len(data)) // taken, but not written
				return errno
			}
			p.sel.Notify()
			data = data[n:]
		}
	}
	return 0
}

// enlarge makes an empty pipe a big one, if there is memory for that.
func (p *pipe) enlarge() {
	if p.k.enoughMemory(bigPipeSize-pipeSize) != 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reader || len(p.buf) > 0 || p.size == bigPipeSize || p.k.bigPipes.Load() >= maxBigPipes {
		return
	}
	p.k.bigPipes.Add(1)
	p.k.pipeMemory.Add(bigPipeSize - pipeSize)
	p.size = bigPipeSize
}

func (e *pipeEnd) Ioctl(c *Call, f *OpenFile, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	p := e.p
	p.mu.Lock()
	defer p.mu.Unlock()
	held := len(p.buf)
	switch cmd {
	case netbsd.FIONBIO, netbsd.FIOASYNC:
	case netbsd.FIONREAD:
		if e.write {
			held = 0
		}
		binary.LittleEndian.PutUint32(data, uint32(held))
	case netbsd.FIONWRITE:
		if !e.write {
			held = 0
		}
		binary.LittleEndian.PutUint32(data, uint32(held))
	case netbsd.FIONSPACE:
		space := 0
		if e.write {
			space = p.size - held
		}
		binary.LittleEndian.PutUint32(data, uint32(space))
	case netbsd.FIOSETOWN, netbsd.TIOCSPGRP:
		return c.SetOwner(&e.pgid, cmd, data)
	case netbsd.FIOGETOWN, netbsd.TIOCGPGRP:
		Owner(e.pgid, cmd, data)
	default:
		return netbsd.ENOTTY
	}
	return 0
}

func (e *pipeEnd) Stat(c *Call, f *OpenFile) (netbsd.Stat, netbsd.Errno) {
	p := e.p
	p.mu.Lock()
	defer p.mu.Unlock()
	st := netbsd.Stat{
		Mode: netbsd.S_IFIFO | 0o600, Blksize: int32(p.size), Uid: f.Cred.EUID, Gid: f.Cred.EGID,
		Atim: netbsd.TimespecOf(p.atime), Mtim: netbsd.TimespecOf(p.mtime), Ctim: netbsd.TimespecOf(p.created),
		Birthtim: netbsd.TimespecOf(p.created),
	}
	switch {
	case !e.write:
		st.Size = int64(len(p.buf))
	case !p.reader:
		st.Blksize = 0 // the buffer was the other end's
	}
	if st.Size > 0 {
		st.Blocks = 1
	}
	return st, 0
}

func (e *pipeEnd) Poll(c *Call, f *OpenFile, events int16) int16 {
	p := e.p
	p.mu.Lock()
	defer p.mu.Unlock()
	const in, out = netbsd.POLLIN | netbsd.POLLRDNORM, netbsd.POLLOUT | netbsd.POLLWRNORM
	var got int16
	eof := !p.writer || !p.reader
	if e.write {
		if eof {
			got |= events & (in | out)
		} else if p.size-len(p.buf) >= pipeBuf {
			got |= events & out
		}
	} else {
		if len(p.buf) > 0 || eof {
			got |= events & in
		}
		if eof {
			got |= events & out
		}
	}
	if eof {
		got |= netbsd.POLLHUP
	}
	return got
}

func (e *pipeEnd) KqFilter(f *OpenFile, kn *Knote) (Filter, netbsd.Errno) {
	p := e.p
	switch kn.Filter {
	case netbsd.EVFILT_READ:
		return Filter{Sel: &p.sel, Event: func(kn *Knote) bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			kn.Data = 0
			if !e.write {
				kn.Data = int64(len(p.buf))
			}
			if !p.writer || !p.reader {
				kn.Flags |= netbsd.EV_EOF
				return true
			}
			return kn.Data > 0
		}}, 0
	case netbsd.EVFILT_WRITE:
		p.mu.Lock()
		defer p.mu.Unlock()
		if e.write && !p.reader || !e.write && !p.writer {
			return Filter{}, netbsd.EBADF // the other end is gone
		}
		return Filter{Sel: &p.sel, Event: func(kn *Knote) bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			kn.Data = 0
			if e.write && !p.reader || !e.write && !p.writer {
				kn.Flags |= netbsd.EV_EOF
				return true
			}
			if e.write {
				kn.Data = int64(p.size - len(p.buf))
			}
			return kn.Data >= pipeBuf
		}}, 0
	}
	return Filter{}, netbsd.EINVAL
}

func (e *pipeEnd) Close(f *OpenFile) netbsd.Errno {
	e.p.mu.Lock()
	if e.write {
		e.p.writer = false
	} else {
		e.p.reader = false
	}
	if !e.p.writer && !e.p.reader {
		e.p.k.pipeMemory.Add(-int64(e.p.size))
		if e.p.size == bigPipeSize {
			e.p.k.bigPipes.Add(-1)
		}
	}
	e.p.mu.Unlock()
	e.p.sel.Notify()
	return 0
}
