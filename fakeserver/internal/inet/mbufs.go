package inet

import (
	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// clusterSize is how many bytes an mbuf with a cluster holds (MCLBYTES).
const clusterSize = 2048

func clusters(bytes int) int { return (bytes + clusterSize - 1) / clusterSize }

// enoughMbufs returns ENOBUFS unless there are so many clusters left. They are
// only counted if there is a limit.
func (n *Net) enoughMbufs(want int) netbsd.Errno {
	if n.cfg.Mbufs == nil {
		return 0
	}
	limit := n.cfg.Mbufs()
	if limit == 0 || kern.Below(n.mbufs()+want, limit) {
		return 0
	}
	return netbsd.ENOBUFS
}

// mbufs returns how many clusters sockets take: one each, and what waits in them.
func (n *Net) mbufs() int {
	n.lock()
	socks := make([]*socket, 0, len(n.socks))
	for s := range n.socks {
		socks = append(socks, s)
	}
	n.unlock()
	used := 0
	for _, s := range socks {
		st := s.ep.status()
		used += 1 + clusters(st.rcv) + clusters(st.snd)
	}
	return used
}
