package sysctl

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// maxDesc is the greatest length of a description with its header (MAXDESCLEN).
const maxDesc = 1024

// sizeofDesc is the length of struct sysctldesc without the text.
const sizeofDesc = 12

// takeNode copies in the node that a request speaks of.
func (r *Request) takeNode() (netbsd.Sysctlnode, netbsd.Errno) {
	var node netbsd.Sysctlnode
	if r.New == 0 || r.NewLen < 4 {
		return node, netbsd.EINVAL
	}
	var b [netbsd.SizeofSysctlnode]byte
	if errno := r.Copyin(r.New, b[:4]); errno != 0 {
		return node, errno
	}
	if binary.LittleEndian.Uint32(b[:])&netbsd.SYSCTL_VERS_MASK != netbsd.SYSCTL_VERSION || r.NewLen != uint64(len(b)) {
		return node, netbsd.EINVAL
	}
	if errno := r.Copyin(r.New, b[:]); errno != 0 {
		return node, errno
	}
	node, err := netbsd.ParseSysctlnode(b[:])
	if err != nil {
		return node, netbsd.EINVAL
	}
	return node, 0
}

// giveNode copies a node out if there is room for it, and counts it.
func (r *Request) giveNode(b []byte) netbsd.Errno {
	room := r.OldLen
	r.OldLen = uint64(len(b))
	if r.Old == 0 || room < uint64(len(b)) {
		return 0
	}
	return r.Copyout(r.Old, b)
}

// query lists a node's children.
func (t *Tree) query(r *Request, n *node) netbsd.Errno {
	q, errno := r.takeNode()
	if errno != 0 {
		return errno
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if q.Ver != 0 && q.Ver != t.ver(n) && q.Ver != t.ver(standard().root) {
		return netbsd.EINVAL
	}
	to, left, total := r.Old, r.OldLen, uint64(0)
	for _, c := range t.children(n) {
		b := t.encode(c)
		size := uint64(len(b))
		if to != 0 {
			if left >= size {
				if errno := r.Copyout(to, b); errno != 0 {
					return errno
				}
			}
			to += size
		}
		total += size
		left -= min(left, size)
	}
	r.OldLen = total
	return 0
}

// describe tells, or sets, descriptions.
func (t *Tree) describe(r *Request, n *node) netbsd.Errno {
	t.mu.Lock()
	defer t.mu.Unlock()
	only := false
	var which netbsd.Sysctlnode
	if r.New != 0 {
		var errno netbsd.Errno
		if which, errno = r.takeNode(); errno != 0 {
			return errno
		}
		only = true
		if which.Desc != 0 {
			if errno := t.setDesc(r, n, which); errno != 0 {
				return errno
			}
		}
	}
	to, left, total := r.Old, r.OldLen, uint64(0)
	for _, c := range t.children(n) {
		if only && t.num(c) != which.Num {
			continue
		}
		if c.flags&netbsd.CTLFLAG_PRIVATE != 0 && r.Root() {
			continue // so it is: NetBSD's test is the wrong way round
		}
		b := binary.LittleEndian.AppendUint32(nil, uint32(t.num(c)))
		b = binary.LittleEndian.AppendUint32(b, t.ver(c))
		text := t.desc(c)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)+1))
		b = netbsd.AppendString(b, text)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		size := uint64(len(b))
		if to != 0 && left >= size {
			if errno := r.Copyout(to, b); errno != 0 {
				return errno
			}
			left -= size
			to += size
		}
		total += size
		if only {
			break
		}
	}
	if only && total == 0 {
		return netbsd.ENOENT
	}
	r.OldLen = total
	return 0
}

// setDesc describes a child of n that has no description yet.
func (t *Tree) setDesc(r *Request, n *node, which netbsd.Sysctlnode) netbsd.Errno {
	if !r.Root() {
		return netbsd.EPERM
	}
	c := t.child(n, which.Num)
	switch {
	case c == nil:
		return netbsd.ENOENT
	case which.Ver != 0 && which.Ver != t.ver(c):
		return netbsd.EINVAL
	case c.flags&netbsd.CTLFLAG_PERMANENT != 0, t.desc(c) != "":
		return netbsd.EPERM
	}
	text, errno := r.string(which.Desc, maxDesc-sizeofDesc)
	if errno != 0 {
		return errno
	}
	put(&t.descs, c, text)
	return 0
}

// string copies a string of at most limit bytes with its NUL in.
func (r *Request) string(addr uint64, limit int) (string, netbsd.Errno) {
	s, ok := r.Caller.(interface {
		CopyinString(addr uint64, limit int) (string, netbsd.Errno)
	})
	if !ok {
		return "", netbsd.EFAULT
	}
	return s.CopyinString(addr, limit)
}

// create adds a node which a process describes.
func (t *Tree) create(r *Request, n *node) netbsd.Errno {
	if r.New == 0 {
		return netbsd.EINVAL
	}
	if !r.Root() || n.flags&netbsd.CTLFLAG_READWRITE == 0 {
		return netbsd.EPERM
	}
	d, errno := r.takeNode()
	if errno != 0 {
		return errno
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if d.Parent != 0 || d.Num < 0 && d.Num != netbsd.CTL_CREATE || !goodName(d.Name) {
		return netbsd.EINVAL
	}
	flags := d.Flags & netbsd.SYSCTL_FLAGMASK
	for _, c := range t.children(n) {
		if (flags|c.flags)&netbsd.CTLFLAG_ANYNUMBER != 0 {
			return netbsd.EINVAL
		}
		if t.num(c) == d.Num || c.name == d.Name {
			r.giveNode(t.encode(c)) // the error is EEXIST whatever comes of it
			return netbsd.EEXIST
		}
	}
	if d.Ver != 0 && d.Ver != t.ver(standard().root) && d.Ver != t.ver(n) {
		return netbsd.EINVAL
	}
	if d.Func != 0 || flags&^netbsd.SYSCTL_USERFLAGS != 0 {
		return netbsd.EPERM
	}
	c := &node{num: d.Num, name: d.Name, flags: d.Flags &^ netbsd.SYSCTL_VERS_MASK, size: d.Size}
	if errno := t.contents(r, c, d); errno != 0 {
		return errno
	}
	t.insert(n, c)
	return r.giveNode(t.encode(c))
}

// contents checks the size of a new node and gives it its first value.
func (t *Tree) contents(r *Request, c *node, d netbsd.Sysctlnode) netbsd.Errno {
	own, immediate := c.flags&netbsd.CTLFLAG_OWNDATA != 0, c.flags&netbsd.CTLFLAG_IMMEDIATE != 0
	if own && immediate {
		return netbsd.EINVAL
	}
	want := map[uint32]uint64{netbsd.CTLTYPE_INT: 4, netbsd.CTLTYPE_QUAD: 8, netbsd.CTLTYPE_BOOL: 1}[c.typ()]
	data := binary.LittleEndian.Uint64(d.Un[:])
	switch c.typ() {
	case netbsd.CTLTYPE_NODE:
		if c.flags&netbsd.CTLFLAG_ALIAS != 0 {
			if c.alias = d.Idata(); c.alias < 0 {
				return netbsd.EINVAL
			}
		} else if d.Un != [16]byte{} {
			return netbsd.EINVAL
		}
		if d.Size != 0 || own || immediate {
			return netbsd.EINVAL
		}
		c.size = netbsd.SizeofSysctlnode
		return 0
	case netbsd.CTLTYPE_INT, netbsd.CTLTYPE_QUAD, netbsd.CTLTYPE_BOOL:
		if c.size != 0 && c.size != want {
			return netbsd.EINVAL
		}
		c.size = want
		if immediate {
			c.value = append([]byte(nil), d.Un[:want]...)
			return 0
		}
	case netbsd.CTLTYPE_STRING:
		if immediate {
			return netbsd.EINVAL
		}
		if c.size == 0 {
			if data == 0 {
				return netbsd.EINVAL
			}
			s, errno := r.string(data, 4096)
			if errno != 0 {
				return errno
			}
			c.size = uint64(len(s)) + 1
		}
	case netbsd.CTLTYPE_STRUCT:
		if immediate || c.size == 0 {
			return netbsd.EINVAL
		}
	default:
		return netbsd.EINVAL
	}
	if !own {
		if data == 0 {
			return netbsd.EINVAL
		}
		// A kernel address of the caller's choice: the real kernel would take
		// it and fall over when the node is read.
		return netbsd.EPERM
	}
	const most = 1 << 20
	if c.size > most {
		return netbsd.ENOMEM
	}
	c.value = make([]byte, c.size)
	if data != 0 {
		if errno := r.Copyin(data, c.value); errno != 0 {
			return errno
		}
	}
	if c.typ() == netbsd.CTLTYPE_STRING {
		for i, b := range c.value {
			if b == 0 {
				c.value = c.value[:i+1]
				break
			}
		}
	}
	return 0
}

func goodName(s string) bool {
	if s == "" || len(s) >= netbsd.SYSCTL_NAMELEN || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// destroy removes a node which a process describes.
func (t *Tree) destroy(r *Request, n *node) netbsd.Errno {
	if r.New == 0 {
		return netbsd.EINVAL
	}
	if !r.Root() || n.flags&netbsd.CTLFLAG_READWRITE == 0 {
		return netbsd.EPERM
	}
	d, errno := r.takeNode()
	if errno != 0 {
		return errno
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.child(n, d.Num)
	switch {
	case c == nil, d.Name != "" && d.Name != c.name, d.Ver != 0 && d.Ver != t.ver(c):
		return netbsd.ENOENT
	case c.flags&netbsd.CTLFLAG_PERMANENT != 0:
		return netbsd.EPERM
	case len(t.children(c)) > 0:
		return netbsd.ENOTEMPTY
	}
	b := t.encode(c)
	t.remove(c)
	return r.giveNode(b)
}

// mmap is refused: no node can be mapped.
func (t *Tree) mmap(r *Request, n *node) netbsd.Errno {
	if r.New == 0 || r.NewLen != netbsd.SizeofSysctlnode {
		return netbsd.EINVAL
	}
	var b [netbsd.SizeofSysctlnode]byte
	if errno := r.Copyin(r.New, b[:]); errno != 0 {
		return errno
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.child(n, int32(binary.LittleEndian.Uint32(b[4:]))) == nil {
		return netbsd.ENOENT
	}
	return netbsd.EOPNOTSUPP
}
