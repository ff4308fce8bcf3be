package sysctl

import (
	"encoding/binary"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Caller is who makes a request: its memory and its rights.
type Caller interface {
	Copyin(addr uint64, b []byte) netbsd.Errno
	Copyout(addr uint64, b []byte) netbsd.Errno
	Root() bool
}

// A Request is one sysctl(2) call.
type Request struct {
	Caller
	Name   []int32 // what is left of the name below the node whose handler is called
	Full   []int32 // the whole name
	Old    uint64  // where to copy the value to, or 0 to learn its size only
	OldLen uint64  // room there; a handler sets it to what was needed
	New    uint64  // where the new value is, or 0
	NewLen uint64

	tree *Tree
	node *node
}

// Give copies b out as far as there is room and sets OldLen to its length, which
// makes the call fail with ENOMEM if there was less room.
func (r *Request) Give(b []byte) netbsd.Errno {
	n := min(uint64(len(b)), r.OldLen)
	r.OldLen = uint64(len(b))
	if r.Old == 0 {
		return 0
	}
	return r.Copyout(r.Old, b[:n])
}

// GiveText answers as those nodes do which count the text without the NUL that
// they give with it; guess is what they answer when there is no room at all.
func (r *Request) GiveText(s string, guess int) netbsd.Errno {
	if len(r.Name) > 0 {
		return netbsd.EINVAL
	}
	if r.New != 0 {
		return netbsd.EPERM
	}
	if r.Old == 0 {
		r.OldLen = uint64(guess)
		return 0
	}
	errno := r.Give(netbsd.AppendString(nil, s))
	r.OldLen = uint64(len(s))
	return errno
}

// TakeNew copies the new value in.
func (r *Request) TakeNew() ([]byte, netbsd.Errno) {
	const most = 1 << 20
	if r.NewLen > most {
		return nil, netbsd.EINVAL
	}
	b := make([]byte, r.NewLen)
	return b, r.Copyin(r.New, b)
}

// Default does with the node what would be done without the handler.
func (r *Request) Default() netbsd.Errno { return r.tree.operate(r, r.node, len(r.Full)-len(r.Name)) }

// Call carries out a request with the numbers in r.Full.
func (t *Tree) Call(r *Request) netbsd.Errno {
	r.tree = t
	t.mu.RLock()
	n, used, errno := t.locate(r, standard().root, r.Full)
	if errno == netbsd.EPERM {
		t.mu.RUnlock()
		return errno
	}
	h := t.handlers[n]
	t.mu.RUnlock()
	r.Name, r.node = r.Full[used:], n
	if h != nil {
		return h(r)
	}
	return t.operate(r, n, used)
}

// operate does what the name after a node asks for.
func (t *Tree) operate(r *Request, n *node, used int) netbsd.Errno {
	left := r.Full[used:]
	if len(left) == 0 {
		return t.access(r, n)
	}
	if n.typ() != netbsd.CTLTYPE_NODE {
		if n.fn {
			return netbsd.EINVAL // the node's function looks for more of the name than there should be
		}
		return netbsd.ENOTDIR
	}
	if n.fn && left[0] != netbsd.CTL_QUERY && left[0] >= 0 {
		return netbsd.EINVAL
	}
	if len(left) > 1 || left[0] >= 0 {
		return netbsd.ENOENT
	}
	switch left[0] {
	case netbsd.CTL_QUERY:
		if n.errno != 0 {
			return n.errno // the node's function does not know what is asked
		}
		return t.query(r, n)
	case netbsd.CTL_CREATE:
		return t.create(r, n)
	case netbsd.CTL_DESTROY:
		return t.destroy(r, n)
	case netbsd.CTL_MMAP:
		return t.mmap(r, n)
	case netbsd.CTL_DESCRIBE:
		if n.fn {
			return netbsd.EINVAL
		}
		return t.describe(r, n)
	}
	return netbsd.EOPNOTSUPP
}

// locate follows a name from a node as far as it goes.
func (t *Tree) locate(r *Request, n *node, name []int32) (_ *node, used int, _ netbsd.Errno) {
	for i, num := range name {
		if n.typ() != netbsd.CTLTYPE_NODE {
			return n, i, netbsd.ENOTDIR
		}
		if n.flags&netbsd.CTLFLAG_PRIVATE != 0 && !r.Root() {
			return n, i, netbsd.EPERM
		}
		c := t.step(n, num)
		if c == nil {
			return n, i, netbsd.ENOENT
		}
		n = c
	}
	return n, len(name), 0
}

// step finds the child that a number means, through aliases.
func (t *Tree) step(n *node, num int32) *node {
	if cs := t.children(n); len(cs) == 1 && cs[0].flags&netbsd.CTLFLAG_ANYNUMBER != 0 && num >= 0 {
		return cs[0]
	}
	for range 4 {
		c := t.child(n, num)
		if c == nil || c.flags&netbsd.CTLFLAG_ALIAS == 0 {
			return c
		}
		num = c.alias
	}
	return nil
}

// access reads and writes a value.
func (t *Tree) access(r *Request, n *node) netbsd.Errno {
	if n.typ() == netbsd.CTLTYPE_NODE {
		return netbsd.EINVAL
	}
	if r.NewLen == 0 {
		r.New = 0
	}
	if n.flags&netbsd.CTLFLAG_PRIVATE != 0 && !r.Root() {
		return netbsd.EPERM
	}
	writing := r.New != 0
	if writing && n.flags&netbsd.CTLFLAG_ANYWRITE != netbsd.CTLFLAG_ANYWRITE && !r.Root() {
		return netbsd.EPERM
	}
	t.mu.RLock()
	owner := t.owner(n)
	hook, hooked := t.hooks[owner]
	onSet := t.sets[owner]
	v := t.stored(n)
	t.mu.RUnlock()
	if writing && n.flags&netbsd.CTLFLAG_READWRITE == 0 {
		return netbsd.EPERM
	}
	var errno netbsd.Errno
	if hooked && hook.Get != nil {
		if v, errno = hook.Get(r); errno != 0 {
			return errno
		}
	} else if n.errno != 0 {
		return n.errno
	}
	room := r.OldLen
	if errno := r.Give(v); errno != 0 {
		r.OldLen = room
		return errno
	}
	if !writing {
		return 0
	}
	if v, errno = r.newValue(n, len(v)); errno != 0 {
		return errno
	}
	if hooked && hook.Set != nil {
		return hook.Set(r, v)
	}
	if hooked && hook.Get != nil {
		return netbsd.EPERM
	}
	if onSet != nil {
		if errno := onSet(r, v); errno != 0 {
			return errno
		}
	}
	t.mu.Lock()
	put(&t.values, owner, v)
	t.mu.Unlock()
	return 0
}

// newValue copies a new value in and checks that it fits the node.
func (r *Request) newValue(n *node, now int) ([]byte, netbsd.Errno) {
	size := n.size
	if size == 0 {
		size = uint64(now)
	}
	if n.typ() == netbsd.CTLTYPE_STRING {
		if r.NewLen > size {
			return nil, netbsd.EINVAL
		}
		b, errno := r.TakeNew()
		if errno != 0 {
			return nil, errno
		}
		for i, c := range b {
			if c == 0 {
				return b[:i+1], 0
			}
		}
		if uint64(len(b)) == size {
			return nil, netbsd.EINVAL
		}
		return append(b, 0), 0
	}
	if r.NewLen != size {
		return nil, netbsd.EINVAL
	}
	b, errno := r.TakeNew()
	if errno == 0 && n.typ() == netbsd.CTLTYPE_BOOL && b[0] > 1 {
		errno = netbsd.EINVAL
	}
	return b, errno
}

// addressOf makes up the kernel address of a node's part.
func addressOf(n *node, part uint64) uint64 {
	if n == nil {
		return 0
	}
	return 0xffffffff80000000 + n.id<<8 + part<<4
}

// encode is a node as a program sees it.
func (t *Tree) encode(n *node) []byte {
	s := netbsd.Sysctlnode{
		Flags: netbsd.SYSCTL_VERSION | n.flags, Num: t.num(n), Name: n.name, Ver: t.ver(n), Size: n.size, Parent: addressOf(n.parent, 1),
	}
	if n.fn {
		s.Func = addressOf(n, 2)
	}
	if t.desc(n) != "" {
		s.Desc = addressOf(n, 3)
	}
	switch cs := t.children(n); {
	case n.flags&netbsd.CTLFLAG_ALIAS != 0:
		s.SetIdata(n.alias)
	case n.typ() == netbsd.CTLTYPE_NODE:
		size := uint32(0)
		if len(cs) == 1 && cs[0].flags&netbsd.CTLFLAG_ANYNUMBER != 0 {
			size = 1
		} else if len(cs) > 0 {
			for size = 8; size < uint32(len(cs)); {
				size *= 2
			}
		}
		s.SetChildren(size, uint32(len(cs)))
		if len(cs) > 0 {
			binary.LittleEndian.PutUint64(s.Un[8:], addressOf(cs[0], 1))
		}
	case n.flags&netbsd.CTLFLAG_IMMEDIATE != 0:
		copy(s.Un[:8], t.stored(n))
	default:
		binary.LittleEndian.PutUint64(s.Un[:], addressOf(n, 4))
	}
	return s.Append(nil)
}
