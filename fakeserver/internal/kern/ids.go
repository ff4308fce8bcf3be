package kern

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

func sysGetpid(c *Call) netbsd.Errno {
	c.Ret2(uint64(c.Proc.PID), uint64(c.Proc.PPID))
	return 0
}

func sysGetppid(c *Call) netbsd.Errno {
	c.Ret(uint64(c.Proc.PPID))
	return 0
}

func sysGetuid(c *Call) netbsd.Errno {
	c.Ret2(uint64(c.Cred().UID), uint64(c.Cred().EUID))
	return 0
}

func sysGeteuid(c *Call) netbsd.Errno {
	c.Ret(uint64(c.Cred().EUID))
	return 0
}

func sysGetgid(c *Call) netbsd.Errno {
	c.Ret2(uint64(c.Cred().GID), uint64(c.Cred().EGID))
	return 0
}

func sysGetegid(c *Call) netbsd.Errno {
	c.Ret(uint64(c.Cred().EGID))
	return 0
}

func sysIssetugid(c *Call) netbsd.Errno { return 0 }

// unchanged is the argument that leaves an id alone.
const unchanged = ^uint32(0)

// ids are the real, the effective and the saved id of a user, or of a group.
type ids struct{ real, effective, saved *uint32 }

func userIDs(cr *Cred) ids  { return ids{&cr.UID, &cr.EUID, &cr.SUID} }
func groupIDs(cr *Cred) ids { return ids{&cr.GID, &cr.EGID, &cr.SGID} }

// setCred replaces the credentials by what change makes of a copy.
func (c *Call) setCred(change func(*Cred)) netbsd.Errno {
	d := c.Cred().clone()
	change(d)
	c.Proc.SetCred(d)
	return 0
}

func sysSetuid(c *Call) netbsd.Errno   { return c.setAll(userIDs) }
func sysSeteuid(c *Call) netbsd.Errno  { return c.setEffective(userIDs) }
func sysSetreuid(c *Call) netbsd.Errno { return c.setRealEffective(userIDs) }
func sysSetgid(c *Call) netbsd.Errno   { return c.setAll(groupIDs) }
func sysSetegid(c *Call) netbsd.Errno  { return c.setEffective(groupIDs) }
func sysSetregid(c *Call) netbsd.Errno { return c.setRealEffective(groupIDs) }

// setAll is setuid(2) and setgid(2).
func (c *Call) setAll(of func(*Cred) ids) netbsd.Errno {
	id, cr := c.Uint(0), c.Cred()
	if id == unchanged {
		return 0
	}
	if !cr.Root() && id != *of(cr).real {
		return netbsd.EPERM
	}
	return c.setCred(func(d *Cred) {
		to := of(d)
		*to.real, *to.effective, *to.saved = id, id, id
	})
}

// setEffective is seteuid(2) and setegid(2).
func (c *Call) setEffective(of func(*Cred) ids) netbsd.Errno {
	id, cr := c.Uint(0), c.Cred()
	if id == unchanged {
		return 0
	}
	if has := of(cr); !cr.Root() && id != *has.real && id != *has.saved {
		return netbsd.EPERM
	}
	return c.setCred(func(d *Cred) { *of(d).effective = id })
}

// setRealEffective is setreuid(2) and setregid(2).
func (c *Call) setRealEffective(of func(*Cred) ids) netbsd.Errno {
	r, e, cr := c.Uint(0), c.Uint(1), c.Cred()
	has := of(cr)
	if r == unchanged {
		r = *has.real
	}
	if e == unchanged {
		e = *has.effective
	}
	saved := *has.saved
	if c.Uint(0) != unchanged || e != *has.effective && e != *has.real {
		saved = e
	}
	if !cr.Root() && (r != *has.real && r != *has.effective || e != *has.real && e != *has.effective && e != *has.saved) {
		return netbsd.EPERM
	}
	return c.setCred(func(d *Cred) {
		to := of(d)
		*to.real, *to.effective, *to.saved = r, e, saved
	})
}

// maxGroups is the number of groups that a process may be in (NGROUPS).
const maxGroups = 16

func sysGetgroups(c *Call) netbsd.Errno {
	groups := c.Cred().Groups
	n := c.Int(0)
	c.Ret(uint64(len(groups)))
	if n == 0 {
		return 0
	}
	if n < len(groups) {
		return netbsd.EINVAL
	}
	var b []byte
	for _, g := range groups {
		b = binary.LittleEndian.AppendUint32(b, g)
	}
	return c.Copyout(c.Ptr(1), b)
}

func sysSetgroups(c *Call) netbsd.Errno {
	n := c.Int(0)
	if n < 0 || n > maxGroups {
		return netbsd.EINVAL
	}
	b := make([]byte, 4*n)
	if errno := c.Copyin(c.Ptr(1), b); errno != 0 {
		return errno
	}
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	return c.setCred(func(d *Cred) {
		d.Groups = nil
		for i := range n {
			d.Groups = append(d.Groups, binary.LittleEndian.Uint32(b[4*i:]))
		}
	})
}

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

func sysGetpgid(c *Call) netbsd.Errno {
	if c.Int(0) == initPID {
		return 0
	}
	p, errno := c.other(c.Int(0))
	if errno != 0 {
		return errno
	}
	c.Ret(uint64(p.group()))
	return 0
}

func sysSetpgid(c *Call) netbsd.Errno {
	pid, pgid := c.Int(0), c.Int(1)
	if pgid < 0 {
		return netbsd.EINVAL
	}
	p, errno := c.other(pid)
	if errno != 0 {
		return errno
	}
	if p != c.Proc && p.PPID != c.Proc.PID {
		return netbsd.ESRCH
	}
	if pgid == 0 {
		pgid = p.PID
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sid == p.PID && pgid != p.pgid {
		return netbsd.EPERM // a session's leader
	}
	p.pgid = pgid
	return 0
}

func sysGetsid(c *Call) netbsd.Errno {
	if c.Int(0) == initPID {
		return 0
	}
	p, errno := c.other(c.Int(0))
	if errno != 0 {
		return errno
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c.Ret(uint64(p.sid))
	return 0
}

func sysSetsid(c *Call) netbsd.Errno {
	p := c.Proc
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pgid == p.PID {
		return netbsd.EPERM
	}
	p.pgid, p.sid = p.PID, p.PID
	c.Ret(uint64(p.PID))
	return 0
}

// maxLogin is the size of a login name with its NUL (MAXLOGNAME).
const maxLogin = 17

func sysGetlogin(c *Call) netbsd.Errno {
	p := c.Proc
	p.mu.Lock()
	b := make([]byte, maxLogin)
	copy(b, p.login)
	p.mu.Unlock()
	return c.Copyout(c.Ptr(0), b[:min(c.Size(1), maxLogin)])
}

func sysSetlogin(c *Call) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	s, errno := c.CopyinString(c.Ptr(0), maxLogin)
	if errno == netbsd.ENAMETOOLONG {
		errno = netbsd.EINVAL
	}
	if errno != 0 {
		return errno
	}
	c.Proc.mu.Lock()
	c.Proc.login = s
	c.Proc.mu.Unlock()
	return 0
}
