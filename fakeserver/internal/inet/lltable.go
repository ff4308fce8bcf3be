package inet

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A neighbour is an entry of a link-layer table: struct llentry.
type neighbour struct {
	table  *lltable
	addr   netip.Addr // with an embedded scope
	mac    []byte     // nil while it is not known (LLE_VALID)
	static bool
	public bool // we answer for it (LLE_PUB)
	ifaddr bool // an address of our own (LLE_IFADDR)
	asked  int
	expire int64 // uptime, 0 for never
	state  int   // ND6_LLINFO_*
	router bool
	hold   [][]byte   // packets which wait for the address
	src    netip.Addr // of the packet that waits
	timer  timer
}

// An lltable has the neighbours of one interface and family: struct lltable. Its
// order is that of NetBSD's hash table, which users see.
type lltable struct {
	ifp     *Interface
	family  uint8
	buckets map[uint32][]*neighbour // newest first
	byAddr  map[netip.Addr]*neighbour
}

func newLLTable(ifp *Interface, family uint8) *lltable {
	return &lltable{ifp: ifp, family: family}
}

// llBuckets is the number of hash buckets (IN_LLTBL_DEFAULT_HSIZE).
const llBuckets = 32

// llHash is IN_LLTBL_HASH of an address's last four bytes, as a little-endian
// machine reads them.
func llHash(a netip.Addr) uint32 {
	b := a.AsSlice()
	k := binary.LittleEndian.Uint32(b[len(b)-4:])
	return ((((k>>8^k)>>8^k)>>8 ^ k) & (llBuckets - 1))
}

func (t *lltable) find(a netip.Addr) *neighbour { return t.byAddr[a] }

// create returns the entry of an address, which it makes if need be.
func (t *lltable) create(a netip.Addr) *neighbour {
	if e := t.find(a); e != nil {
		return e
	}
	e := &neighbour{table: t, addr: a, state: netbsd.ND6_LLINFO_NOSTATE}
	if t.byAddr == nil {
		t.byAddr = make(map[netip.Addr]*neighbour)
		t.buckets = make(map[uint32][]*neighbour)
	}
	h := llHash(a)
	t.byAddr[a] = e
	t.buckets[h] = slices.Insert(t.buckets[h], 0, e)
	return e
}

func (t *lltable) remove(e *neighbour) {
	e.timer.stop()
	h := llHash(e.addr)
	if i := slices.Index(t.buckets[h], e); i >= 0 {
		t.buckets[h] = slices.Delete(t.buckets[h], i, i+1)
		delete(t.byAddr, e.addr)
	}
	e.hold = nil
}

// all returns the entries in the order of the table.
func (t *lltable) all() []*neighbour {
	if t == nil {
		return nil
	}
	var es []*neighbour
	for h := range uint32(llBuckets) {
		es = append(es, t.buckets[h]...)
	}
	return es
}

func (t *lltable) purge() {
	for _, e := range t.all() {
		t.remove(e)
	}
}

func (t *lltable) stopTimers() {
	for _, e := range t.all() {
		e.timer.stop()
	}
}

// table returns the interface's table of a family, which is nil if the kernel
// does not have the family.
func (ifp *Interface) table(family uint8) *lltable {
	if family == netbsd.AF_INET6 {
		return ifp.neigh
	}
	return ifp.arp
}

// dumpNeighbours makes the messages by which arp and ndp get the table
// (lltable_sysctl_dumparp). The tables of newer interfaces come first.
func (n *Net) dumpNeighbours(family uint8) [][]byte {
	if family != netbsd.AF_INET && family != netbsd.AF_INET6 {
		return nil
	}
	var msgs [][]byte
	for i := len(n.ifs) - 1; i >= 0; i-- {
		ifp := n.ifs[i]
		if ifp.loopback() {
			continue
		}
		for _, e := range ifp.table(family).all() {
			var addrs [netbsd.RTAX_MAX]sockaddr
			addrs[netbsd.RTAX_DST] = sin(e.addr)
			// sin_other says that the entry is for others' sake (SIN_PROXY).
			if e.public && family == netbsd.AF_INET {
				addrs[netbsd.RTAX_DST][14] = sinProxy
			}
			addrs[netbsd.RTAX_GATEWAY] = e.linkAddr()
			h := netbsd.RtMsghdr{Type: netbsd.RTM_GET, Flags: netbsd.RTF_HOST}
			if e.static {
				h.Flags |= netbsd.RTF_STATIC
			} else {
				// The kernel tells uptimes here.
				h.Rmx.Expire = e.expire
			}
			if e.public {
				h.Flags |= netbsd.RTF_ANNOUNCE
			}
			msgs = append(msgs, routeMessage(h, &addrs))
		}
	}
	return msgs
}

// sinProxy is SIN_PROXY of struct sockaddr_inarp.
const sinProxy = 1

// linkAddr is the neighbour's hardware address as a struct sockaddr_dl, whose
// length is that of an address even if it is not known.
func (e *neighbour) linkAddr() sockaddr {
	ifp := e.table.ifp
	return sdl(ifp.index, ifp.typ, "", e.mac, 8+ifp.addrlen())
}

// change adds or deletes an entry on behalf of a routing socket (lla_rt_output).
func (n *Net) changeNeighbour(cmd uint8, flags int32, expire int64, info *routeInfo, index int) netbsd.Errno {
	dl, dst := info.addrs[netbsd.RTAX_GATEWAY], info.addrs[netbsd.RTAX_DST]
	if index == 0 && len(dl) >= 8 {
		index = dl.linkIndex()
	}
	ifp := n.byIndex(index)
	if ifp == nil {
		return netbsd.EINVAL
	}
	t := ifp.table(dst.family())
	if t == nil || !dst.addr().IsValid() {
		return netbsd.EINVAL
	}
	a := dst.addr()
	switch cmd {
	case netbsd.RTM_ADD:
		if e := t.find(a); e != nil && (e.static || e.expire == 0) {
			return netbsd.EEXIST
		}
		if t.find(a) == nil && !n.neighbourly(ifp, a) {
			return netbsd.ENOMEM
		}
		e := t.create(a)
		mac := make([]byte, ifp.addrlen())
		copy(mac, dl.linkAddr())
		e.mac = mac
		e.public = flags&netbsd.RTF_ANNOUNCE != 0
		e.state = netbsd.ND6_LLINFO_REACHABLE
		e.timer.stop()
		if expire == 0 {
			e.static, e.expire = true, 0
		} else {
			e.expire = expire
		}
		if e.public && dst.family() == netbsd.AF_INET {
			n.arpRequest(ifp, a, a, mac)
		}
		n.release(e)
		return 0
	case netbsd.RTM_DELETE:
		e := t.find(a)
		if e == nil {
			return netbsd.ENOENT
		}
		t.remove(e)
		return 0
	}
	return netbsd.EINVAL
}

// release sends the packets that wait for a neighbour.
func (n *Net) release(e *neighbour) {
	hold := e.hold
	e.hold = nil
	ifp, mac := e.table.ifp, e.mac
	typ := uint16(etherIP)
	if e.table.family == netbsd.AF_INET6 {
		typ = etherIPv6
	}
	for _, p := range hold {
		n.later(func() { ifp.sendEther(mac, typ, p) })
	}
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
