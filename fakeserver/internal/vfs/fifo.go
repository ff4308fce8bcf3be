package vfs

import (
	"encoding/binary"
	"sync"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// fifoSize is how many bytes a fifo holds.
const fifoSize = 8192

// fifo is what is behind a named pipe while it is open.
type fifo struct {
	mu               sync.Mutex
	sel              kern.Selinfo
	buf              []byte
	readers, writers int
	everR, everW     int // how often it was opened
}

// open waits for the other side, unless told not to.
func (p *fifo) open(c *kern.Call, flags uint32) netbsd.Errno {
	p.mu.Lock()
	reading, writing := flags&kern.FREAD != 0, flags&kern.FWRITE != 0
	if writing && !reading && flags&kern.FNONBLOCK != 0 && p.readers == 0 {
		p.mu.Unlock()
		return netbsd.ENXIO
	}
	r, w := p.everR, p.everW
	if reading {
		p.readers++
		p.everR++
	}
	if writing {
		p.writers++
		p.everW++
	}
	p.mu.Unlock()
	p.sel.Notify()
	if flags&kern.FNONBLOCK != 0 {
		return 0
	}
	errno := c.Sleep(&p.sel, kern.Forever, func() netbsd.Errno {
		p.mu.Lock()
		defer p.mu.Unlock()
		if reading && p.writers == 0 && p.everW == w || writing && p.readers == 0 && p.everR == r {
			return netbsd.EWOULDBLOCK
		}
		return 0
	})
	if errno != 0 {
		p.drop(flags)
	}
	return errno
}

func (p *fifo) drop(flags uint32) {
	p.mu.Lock()
	if flags&kern.FREAD != 0 {
		p.readers--
	}
	if flags&kern.FWRITE != 0 {
		p.writers--
	}
	if p.readers == 0 && p.writers == 0 {
		p.buf = nil
	}
	p.mu.Unlock()
	p.sel.Notify()
}

func (p *fifo) close(f *kern.OpenFile) { p.drop(f.Flags()) }

func (p *fifo) read(c *kern.Call, f *kern.OpenFile, u *kern.Uio) netbsd.Errno {
	if u.Resid == 0 {
		return 0
	}
	timeout := kern.Forever
	if f.Nonblock() {
		timeout = 0
	}
	var data []byte
	errno := c.Sleep(&p.sel, timeout, func() netbsd.Errno {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.buf) == 0 {
			if p.writers == 0 {
				return 0
			}
			return netbsd.EWOULDBLOCK
		}
		n := int(min(int64(len(p.buf)), u.Resid))
		data = append(data, p.buf[:n]...)
		p.buf = append(p.buf[:0], p.buf[n:]...)
		return 0
	})
	if errno != 0 {
		return errno
	}
	if len(data) > 0 {
		p.sel.Notify()
	}
	return u.Put(data)
}

func (p *fifo) write(c *kern.Call, f *kern.OpenFile, u *kern.Uio) netbsd.Errno {
	whole := u.Resid <= netbsd.PIPE_BUF
	timeout := kern.Forever
	if f.Nonblock() {
		timeout = 0
	}
	for u.Resid > 0 {
		data := make([]byte, u.Chunk(fifoSize))
		if errno := u.Take(data); errno != 0 {
			return errno
		}
		for len(data) > 0 {
			n := 0
			errno := c.Sleep(&p.sel, timeout, func() netbsd.Errno {
				p.mu.Lock()
				defer p.mu.Unlock()
				room := fifoSize - len(p.buf)
				switch {
				case p.readers == 0:
					return netbsd.EPIPE
				case room == 0 || whole && room < len(data):
					return netbsd.EWOULDBLOCK
				}
				n = min(room, len(data))
				p.buf = append(p.buf, data[:n]...)
				return 0
			})
			if errno != 0 {
				u.Resid += int64(len(data))
				return errno
			}
			p.sel.Notify()
			data = data[n:]
		}
	}
	return 0
}

func (p *fifo) ioctl(cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	switch cmd {
	case netbsd.FIONBIO:
		return 0
	case netbsd.FIONREAD:
		p.mu.Lock()
		binary.LittleEndian.PutUint32(data, uint32(len(p.buf)))
		p.mu.Unlock()
		return 0
	}
	return netbsd.ENOTTY
}

func (p *fifo) poll(f *kern.OpenFile, events int16) int16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var got int16
	if f.Flags()&kern.FREAD != 0 {
		if len(p.buf) > 0 || p.writers == 0 && p.everW > 0 {
			got |= events & (netbsd.POLLIN | netbsd.POLLRDNORM)
		}
		if p.writers == 0 && p.everW > 0 {
			got |= netbsd.POLLHUP
		}
	}
	if f.Flags()&kern.FWRITE != 0 && fifoSize-len(p.buf) >= netbsd.PIPE_BUF {
		got |= events & (netbsd.POLLOUT | netbsd.POLLWRNORM)
	}
	return got
}

func (p *fifo) kqFilter(f *kern.OpenFile, kn *kern.Knote) (kern.Filter, netbsd.Errno) {
	if kn.Filter == netbsd.EVFILT_READ {
		return kern.Filter{Sel: &p.sel, Event: func(kn *kern.Knote) bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			kn.Data = int64(len(p.buf))
			if p.writers == 0 {
				kn.Flags |= netbsd.EV_EOF
				return true
			}
			kn.Flags &^= netbsd.EV_EOF
			return kn.Data > 0
		}}, 0
	}
	return kern.Filter{Sel: &p.sel, Event: func(kn *kern.Knote) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		kn.Data = int64(fifoSize - len(p.buf))
		if p.readers == 0 {
			kn.Flags |= netbsd.EV_EOF
			return true
		}
		kn.Flags &^= netbsd.EV_EOF
		return kn.Data >= netbsd.PIPE_BUF
	}}, 0
}
