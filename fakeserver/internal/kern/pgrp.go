package kern

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// initPID is the process that is the parent of all, of which there is nothing but
// its number. Its group and session are 0.
const initPID = 1

func sysGetpgrp(c *Call) netbsd.Errno {
	c.Ret(uint64(c.Proc.group()))
	return 0
}

func (p *Proc) group() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pgid
}

// other returns the process that a pid argument means: 0 is the caller.
func (c *Call) other(pid int) (*Proc, netbsd.Errno) {
	if pid == 0 {
		return c.Proc, 0
	}
	if p := c.Kernel().Proc(pid); p != nil {
		return p, 0
	}
	return nil, netbsd.ESRCH
}

func sysGetpgid(c *Call) netbsd.Errno { return c.idOf((*Proc).group) }
func sysGetsid(c *Call) netbsd.Errno  { return c.idOf((*Proc).session) }

// idOf returns an id of the process that the argument means.
func (c *Call) idOf(id func(*Proc) int) netbsd.Errno {
	if c.Int(0) == initPID {
		return 0
	}
	p, errno := c.other(c.Int(0))
	if errno != 0 {
		return errno
	}
	c.Ret(uint64(id(p)))
	return 0
}

func sysSetpgid(c *Call) netbsd.Errno {
	pid, pgid := c.Int(0), c.Int(1)
	if pgid < 0 {
		return netbsd.EINVAL
	}
	if pid == 0 {
		pid = c.Proc.PID
	}
	if pgid == 0 {
		pgid = pid
	}
	k := c.Kernel()
	k.groups.Lock()
	defer k.groups.Unlock()
	p := c.Proc
	session, exists := k.sessionOf(pgid)
	if pid != p.PID {
		if p = k.Proc(pid); p == nil || !p.descends(c.Proc.PID) {
			return netbsd.ESRCH
		}
		if own := p.session(); own != c.Proc.session() || exists && session != own {
			return netbsd.EPERM
		}
	}
	switch {
	case p.session() == p.PID: // a session's leader stays where it is
		if p.group() == pgid {
			return 0
		}
		return netbsd.EPERM
	case !exists && pgid != pid:
		return netbsd.EPERM
	}
	p.setGroup(pgid, p.session())
	return 0
}

// sessionOf returns the session of a process group, if there is one of that
// number.
func (k *Kernel) sessionOf(pgid int) (sid int, exists bool) {
	for _, p := range k.Procs() {
		if p.group() == pgid {
			return p.session(), true
		}
	}
	return 0, false
}

func (p *Proc) session() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sid
}

func (p *Proc) setGroup(pgid, sid int) {
	p.mu.Lock()
	p.pgid, p.sid = pgid, sid
	p.mu.Unlock()
}

func sysSetsid(c *Call) netbsd.Errno {
	k, p := c.Kernel(), c.Proc
	k.groups.Lock()
	defer k.groups.Unlock()
	if _, exists := k.sessionOf(p.PID); exists {
		return netbsd.EPERM
	}
	p.setGroup(p.PID, p.PID)
	c.Ret(uint64(p.PID))
	return 0
}

// SetOwner sets the process, or the group if negative, that signals of a file are
// for (fsetown).
func (c *Call) SetOwner(owner *int32, cmd netbsd.Ioctl, data []byte) netbsd.Errno {
	id := int32(binary.LittleEndian.Uint32(data))
	if cmd == netbsd.TIOCSPGRP {
		if id < 0 {
			return netbsd.EINVAL
		}
		id = -id
	}
	switch {
	case id > 0 && id != initPID && c.Kernel().Proc(int(id)) == nil:
		return netbsd.ESRCH
	case id < 0:
		sid, exists := c.Kernel().sessionOf(int(-id))
		if !exists {
			return netbsd.EINVAL
		}
		if sid != c.Proc.session() {
			return netbsd.EPERM
		}
	}
	*owner = id
	return 0
}

// Owner tells what SetOwner has set (fgetown).
func Owner(owner int32, cmd netbsd.Ioctl, data []byte) {
	if cmd == netbsd.TIOCGPGRP {
		owner = -owner
	}
	binary.LittleEndian.PutUint32(data, uint32(owner))
}
