package vfs

import "github.com/rumpkernel/rumpscript/netbsd"

// openFifo says whether a named pipe can be opened. In a rump kernel none is one,
// whether there is rumpvfs_fifofs or not: those of rumpfs are empty files, and the
// others can only be named.
func openFifo(n *node) netbsd.Errno {
	if _, ok := n.base().mnt.fs.(*rumpfs); ok {
		return 0
	}
	return netbsd.EOPNOTSUPP
}
