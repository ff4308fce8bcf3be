package rump

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// sysctlsInFlight is how many reads of a tree go to the server together. The
// server has 128 workers for all its clients.
const sysctlsInFlight = 24

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
	slots := make(chan struct{}, sysctlsInFlight)
	var start func(n SysctlNode) *SysctlTree
	start = func(n SysctlNode) *SysctlTree {
		t := &SysctlTree{SysctlNode: n, done: make(chan struct{})}
		switch {
		case want != nil && !want(n):
			close(t.done)
			return t
		case n.immediate() != nil:
			t.value = n.immediate()
			close(t.done)
			return t
		}
		go func() {
			defer close(t.done)
			slots <- struct{}{}
			defer func() { <-slots }()
			if !n.IsNode() {
				t.value, t.err = k.ReadSysctl(ctx, n)
				return
			}
			children, err := k.SysctlChildren(ctx, n)
			t.err = err
			for _, c := range children {
				t.children = append(t.children, start(c))
			}
		}()
		return t
	}
	return start(root)
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
