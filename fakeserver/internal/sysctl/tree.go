package sysctl

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A Tree is one kernel's view of the sysctl tree.
type Tree struct {
	mu         sync.RWMutex
	components map[string]bool
	values     map[*node][]byte
	sets       map[*node]func(*Request, []byte) netbsd.Errno
	hooks      map[*node]Value
	handlers   map[*node]Handler
	shares     map[*node]*node   // nodes whose value is that of another
	extra      map[*node][]*node // children that were added
	byName     map[string]*node  // of those
	gone       map[*node]bool
	descs      map[*node]string
	vers       map[*node]uint32
	lastNum    int32
	lastID     uint64
	layout     atomic.Pointer[layout]
}

// A Value is a value which is computed when it is read, or has an effect when
// it is written. The node's type, size and access stay as they are.
type Value struct {
	// Get returns the value: 4 bytes for an int, 8 for a quad, 1 for a bool, a
	// string with its NUL.
	Get func(r *Request) ([]byte, netbsd.Errno)
	// Set is given a new value of the node's size, or a string with its NUL.
	// Without it the node is read-only.
	Set func(r *Request, v []byte) netbsd.Errno
}

// A Handler carries out what is asked of a node and of everything below it.
type Handler func(r *Request) netbsd.Errno

// NewTree returns a tree with the nodes that do not depend on a component.
func NewTree() *Tree {
	s := standard()
	return &Tree{components: map[string]bool{"": true}, lastID: s.lastID}
}

// Enable shows the nodes of a component.
func (t *Tree) Enable(component string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.components[component] = true
	t.layout.Store(nil)
}

// plan returns the layout of the standard nodes. The lock is held, for reading at
// least.
func (t *Tree) plan() *layout {
	l := t.layout.Load()
	if l == nil {
		l = newLayout(t.components)
		t.layout.Store(l)
	}
	return l
}

func (n *node) isStandard() bool { return n.rank > 0 || n.parent == nil }

func (t *Tree) shown(n *node) bool { return t.plan().shown[n.id] && !t.gone[n] }

// num returns a node's number in this tree.
func (t *Tree) num(n *node) int32 {
	if n.isStandard() {
		return t.plan().num[n.id]
	}
	return n.num
}

// children returns a node's children in the order of their numbers.
func (t *Tree) children(n *node) []*node {
	extra := t.extra[n]
	out := make([]*node, 0, len(n.children)+len(extra))
	for _, c := range n.children {
		for len(extra) > 0 && extra[0].num < t.num(c) {
			out, extra = append(out, extra[0]), extra[1:]
		}
		if t.shown(c) {
			out = append(out, c)
		}
	}
	return append(out, extra...)
}

// child finds a child by its number.
func (t *Tree) child(n *node, num int32) *node {
	for _, c := range n.children {
		if t.num(c) == num && t.shown(c) {
			return c
		}
	}
	for _, c := range t.extra[n] {
		if c.num == num {
			return c
		}
	}
	return nil
}

func (t *Tree) lookup(name string) *node {
	if n := standard().byName[name]; n != nil {
		return n
	}
	return t.byName[name]
}

// must returns the node of a name, which the caller knows to exist.
func (t *Tree) must(name string) *node {
	n := t.lookup(name)
	if n == nil {
		panic(fmt.Sprintf("sysctl: no node %s", name)) // a mistake in the program
	}
	return n
}

func put[V any](m *map[*node]V, n *node, v V) {
	if *m == nil {
		*m = make(map[*node]V)
	}
	(*m)[n] = v
}

// Value makes a node's value be what v says. The node must exist.
func (t *Tree) Value(name string, v Value) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(&t.hooks, t.must(name), v)
}

// OnSet makes f see each new value of a node before it is stored, and refuse it
// with an error. The node must exist.
func (t *Tree) OnSet(name string, f func(r *Request, v []byte) netbsd.Errno) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(&t.sets, t.must(name), f)
}

// Share makes a node show and set the value of another. Both must exist.
func (t *Tree) Share(name, of string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(&t.shares, t.must(name), t.must(of))
}

// owner is the node whose value a node has. The lock is held.
func (t *Tree) owner(n *node) *node {
	if o := t.shares[n]; o != nil {
		return o
	}
	return n
}

// Has reports whether there is a node.
func (t *Tree) Has(name string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.lookup(name) != nil
}

// Handle gives a node, and all that is below it, to h. The node must exist.
func (t *Tree) Handle(name string, h Handler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(&t.handlers, t.must(name), h)
}

// Int returns an int node's stored value, or 0.
func (t *Tree) Int(name string) int {
	v := t.Bytes(name)
	if len(v) < 4 {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(v)))
}

// SetInt stores an int node's value, without asking OnSet.
func (t *Tree) SetInt(name string, v int) {
	t.SetBytes(name, binary.LittleEndian.AppendUint32(nil, uint32(v)))
}

// SetString stores a string node's value, without asking OnSet.
func (t *Tree) SetString(name, v string) { t.SetBytes(name, netbsd.AppendString(nil, v)) }

// Bytes returns a node's stored value, or nil if there is no such node.
func (t *Tree) Bytes(name string) []byte {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := t.lookup(name)
	if n == nil {
		return nil
	}
	return t.stored(n)
}

// SetBytes stores a node's value, without asking OnSet. The node must exist.
func (t *Tree) SetBytes(name string, v []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(&t.values, t.must(name), v)
}

func (t *Tree) stored(n *node) []byte {
	n = t.owner(n)
	if v, ok := t.values[n]; ok {
		return v
	}
	return n.value
}

// A Node describes a node to be added.
type Node struct {
	Name  string
	Flags uint32 // type and CTLFLAG_*
	Num   int32  // CTL_CREATE lets the tree choose
	Size  uint64
	Value []byte
}

// Add adds a node below another, which must exist, and returns its number. If
// there is one of that name already, it is left as it is.
func (t *Tree) Add(parent string, d Node) int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.must(parent)
	if n := t.byName[join(parent, d.Name)]; n != nil {
		return n.num
	}
	n := &node{num: d.Num, name: d.Name, flags: d.Flags, size: d.Size, value: d.Value}
	if n.typ() == netbsd.CTLTYPE_NODE {
		n.size = netbsd.SizeofSysctlnode
	}
	t.insert(p, n)
	return n.num
}

// Remove removes an added node with everything below it, if there is one.
func (t *Tree) Remove(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.byName[name]; n != nil {
		t.remove(n)
	}
}

// insert adds n below p, chooses its number if it has none, and raises the
// versions up to the root.
func (t *Tree) insert(p, n *node) {
	if n.num == netbsd.CTL_CREATE {
		t.lastNum = max(t.lastNum, t.plan().last) + 1
		n.num = t.lastNum
		for t.child(p, n.num) != nil {
			n.num++
		}
	}
	t.lastID++
	n.id, n.parent, n.full = t.lastID, p, join(p.full, n.name)
	extra := append(slices.Clone(t.extra[p]), n)
	slices.SortFunc(extra, func(a, b *node) int { return int(int64(a.num) - int64(b.num)) })
	put(&t.extra, p, extra)
	if t.byName == nil {
		t.byName = make(map[string]*node)
	}
	t.byName[n.full] = n
	t.bump(n)
}

func (t *Tree) remove(n *node) {
	for _, c := range t.extra[n] {
		t.remove(c)
	}
	if n.isStandard() {
		put(&t.gone, n, true)
	} else {
		extra := slices.Clone(t.extra[n.parent])
		put(&t.extra, n.parent, slices.DeleteFunc(extra, func(o *node) bool { return o == n }))
	}
	delete(t.byName, n.full)
	delete(t.values, n)
	delete(t.hooks, n)
	delete(t.sets, n)
	delete(t.handlers, n)
	delete(t.extra, n)
	delete(t.descs, n)
	delete(t.vers, n)
	t.bump(n.parent)
}

// bump gives n and its ancestors the tree's next version.
func (t *Tree) bump(n *node) {
	v := t.ver(standard().root) + 1
	for ; n != nil; n = n.parent {
		put(&t.vers, n, v)
	}
}

func (t *Tree) ver(n *node) uint32 {
	if v, ok := t.vers[n]; ok {
		return v
	}
	return t.plan().ver[n.id]
}

func (t *Tree) desc(n *node) string {
	if d, ok := t.descs[n]; ok {
		return d
	}
	return n.desc
}
