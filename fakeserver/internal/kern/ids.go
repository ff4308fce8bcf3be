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

func sysIssetugid(c *Call) netbsd.Errno {
	if c.Proc.sugid.Load() {
		c.Ret(1)
	}
	return 0
}

// unchanged is the argument that leaves an id alone.
const unchanged = ^uint32(0)

// ids are the real, the effective and the saved id of a user, or of a group.
type ids struct{ real, effective, saved *uint32 }

func userIDs(cr *Cred) ids  { return ids{&cr.UID, &cr.EUID, &cr.SUID} }
func groupIDs(cr *Cred) ids { return ids{&cr.GID, &cr.EGID, &cr.SGID} }

// setCred replaces the credentials by what change makes of a copy, after which
// the process is one that has changed them (issetugid(2)).
func (c *Call) setCred(change func(*Cred)) netbsd.Errno {
	d := c.Cred().clone()
	change(d)
	c.Proc.SetCred(d)
	c.Proc.sugid.Store(true)
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
	id := c.Uint(0)
	has := of(c.Cred())
	return c.setIDs(of, ids{&id, &id, &id}, id == *has.real)
}

// setEffective is seteuid(2) and setegid(2).
func (c *Call) setEffective(of func(*Cred) ids) netbsd.Errno {
	id, keep := c.Uint(0), unchanged
	has := of(c.Cred())
	return c.setIDs(of, ids{&keep, &id, &keep}, id == *has.real || id == *has.saved)
}

// setRealEffective is setreuid(2) and setregid(2). A new real id makes the saved
// one the same as the effective one.
func (c *Call) setRealEffective(of func(*Cred) ids) netbsd.Errno {
	r, e, s := c.Uint(0), c.Uint(1), unchanged
	has := of(c.Cred())
	if r == unchanged {
		r = *has.real
	}
	if e == unchanged {
		e = *has.effective
	}
	if r != *has.real {
		s = e
	}
	own := e == *has.real || e == *has.effective || e == *has.saved
	return c.setIDs(of, ids{&r, &e, &s}, own && (r == *has.real || r == *has.effective))
}

// setIDs sets ids but for those that are to be unchanged; own says whether the
// caller need not be the superuser for it.
func (c *Call) setIDs(of func(*Cred) ids, to ids, own bool) netbsd.Errno {
	has := of(c.Cred())
	same := func(id, had *uint32) bool { return *id == unchanged || *id == *had }
	noop := same(to.real, has.real) && same(to.effective, has.effective) && same(to.saved, has.saved)
	if !own && !c.Cred().Root() && (*to.real != unchanged || *to.effective != unchanged) {
		return netbsd.EPERM
	}
	if noop {
		return 0
	}
	return c.setCred(func(d *Cred) {
		has := of(d)
		for _, s := range [...]struct{ id, to *uint32 }{{has.real, to.real}, {has.effective, to.effective}, {has.saved, to.saved}} {
			if *s.to != unchanged {
				*s.id = *s.to
			}
		}
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

// maxLogin is the size of a login name (MAXLOGNAME).
const maxLogin = 16

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
	s, errno := c.CopyinString(c.Ptr(0), maxLogin+1)
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
