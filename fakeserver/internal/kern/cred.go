package kern

import "slices"

// A Cred says on whose behalf something is done. It is never changed once it is
// in use: a process gets another.
type Cred struct {
	UID, EUID, SUID uint32
	GID, EGID, SGID uint32
	Groups          []uint32
}

// Root reports whether the effective user is the superuser.
func (c *Cred) Root() bool { return c.EUID == 0 }

// Member reports whether the credentials are those of a member of a group.
func (c *Cred) Member(gid uint32) bool { return c.EGID == gid || slices.Contains(c.Groups, gid) }

func (c *Cred) clone() *Cred {
	d := *c
	d.Groups = slices.Clone(c.Groups)
	return &d
}
