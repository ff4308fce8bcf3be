package rump

import (
	"context"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// How many calls of a tree go to the server together. The kernel locks its tree
// for each query of what is below a node, while it fetches the query from us:
// more than one to follow it would only get in each other's way, and reads of
// values in the way of all. So values are read when the tree is known. More reads
// than this at once make the server's workers wait for each other.
const (
	sysctlQueries = 2
	sysctlReads   = 8
)

// SysctlTree is a node with all that is below it, being read in the background.
type SysctlTree struct {
	SysctlNode

	done     chan struct{}
	children []*SysctlTree
	value    []byte
	err      error
}

// Children waits for the nodes right below this one.
func (t *SysctlTree) Children() ([]*SysctlTree, error) {
	<-t.done
	return t.children, t.err
}

// Bytes waits for the node's value, as it is in memory.
func (t *SysctlTree) Bytes() ([]byte, error) {
	<-t.done
	return t.value, t.err
}

// ReadSysctlTree reads a node and everything below it, with many calls in flight.
// It returns at once: what the tree's methods return is waited for by them. Of
// the nodes for which want returns false neither the value nor what is below is
// read; want may be called from several goroutines, and nil wants everything.
// Cancel ctx to end the reading early.
func (k *Kernel) ReadSysctlTree(ctx context.Context, root SysctlNode, want func(SysctlNode) bool) *SysctlTree {
	queries, reads := make(chan struct{}, sysctlQueries), make(chan struct{}, sysctlReads)
	var asking sync.WaitGroup // for what is below nodes
	known := make(chan struct{})
	var start func(n SysctlNode) *SysctlTree
	start = func(n SysctlNode) *SysctlTree {
		t := &SysctlTree{SysctlNode: n, done: make(chan struct{})}
		switch {
		case want != nil && !want(n), n.IsNode() && n.Childless() && n.Node.Func == 0:
			close(t.done)
		case n.immediate() != nil:
			t.value = n.immediate()
			close(t.done)
		case !n.IsNode():
			go func() {
				defer close(t.done)
				<-known
				reads <- struct{}{}
				defer func() { <-reads }()
				t.value, t.err = k.ReadSysctl(ctx, n)
			}()
		default:
			asking.Add(1)
			go func() {
				defer asking.Done()
				defer close(t.done)
				queries <- struct{}{}
				children, err := k.SysctlChildren(ctx, n)
				<-queries
				t.err = err
				for _, c := range children {
					t.children = append(t.children, start(c))
				}
			}()
		}
		return t
	}
	t := start(root)
	go func() {
		asking.Wait()
		close(known)
	}()
	return t
}

// Childless reports whether nothing is known to be below a node, which could have
// something there. A function may still make something up.
func (n *SysctlNode) Childless() bool {
	// What is below user is the C library's, not the kernel's.
	return len(n.MIB) > 0 && n.MIB[0] != netbsd.CTL_USER && le32(n.Node.Un[4:8]) == 0
}

// immediate returns the value of a node that the kernel keeps in the node itself
// and that no function computes: the description has it already.
func (n *SysctlNode) immediate() []byte {
	if n.Node.Flags&netbsd.CTLFLAG_IMMEDIATE == 0 || n.Node.Func != 0 {
		return nil
	}
	switch n.Node.Type() {
	case netbsd.CTLTYPE_INT:
		return n.Node.Un[:4]
	case netbsd.CTLTYPE_QUAD:
		return n.Node.Un[:8]
	case netbsd.CTLTYPE_BOOL:
		return n.Node.Un[:1]
	}
	return nil
}
