package inet

import (
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/netbsd"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// tcpSocket is the endpoint of a TCP socket.
type tcpSocket struct {
	noProtocol
	inp pcb
	s   *socket

	mu        sync.Mutex
	ep        tcpip.Endpoint
	wq        *waiter.Queue
	entry     waiter.Entry
	state     tcpPhase
	ended     bool // a connection that was made has been reset, or has ended on both sides
	rcvShut   bool
	sndShut   bool
	listening bool
	accepted  []acceptedConn // that have been taken from gVisor to be counted
	nodelay   bool
	maxseg    int
	keep      [4]int // TCP_KEEPIDLE, KEEPINTVL, KEEPCNT, KEEPINIT

	sent, received atomic.Int64 // octets
}

type acceptedConn struct {
	ep   tcpip.Endpoint
	wq   *waiter.Queue
	peer tcpip.FullAddress
}

// tcpPhase is how far a connection has come.
type tcpPhase int

const (
	tcpNew tcpPhase = iota
	tcpConnecting
	tcpConnected
	tcpGone
)

func netProto(family uint8) tcpip.NetworkProtocolNumber {
	if family == netbsd.AF_INET6 {
		return ipv6.ProtocolNumber
	}
	return ipv4.ProtocolNumber
}

func newTCPSocket(s *socket) netbsd.Errno {
	t := &tcpSocket{s: s}
	t.inp.init(s)
	n := s.n
	t.keep = [4]int{int(n.set.tcpKeepIdle.Load()) / 2, int(n.set.tcpKeepIntvl.Load()) / 2, int(n.set.tcpKeepCnt.Load()), int(n.set.tcpKeepInit.Load()) / 2}
	s.ep = t
	return 0
}

func (t *tcpSocket) pcb() *pcb { return &t.inp }

// open makes gVisor's endpoint, when it is needed for the first time.
func (t *tcpSocket) open() netbsd.Errno {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ep != nil {
		return 0
	}
	if t.state == tcpGone {
		return netbsd.EINVAL
	}
	st := t.s.n.mirror.stack()
	if st == nil {
		return netbsd.ENOBUFS
	}
	wq := new(waiter.Queue)
	ep, err := st.NewEndpoint(tcp.ProtocolNumber, netProto(t.s.family), wq)
	if err != nil {
		return errnoOf(err)
	}
	t.attach(ep, wq)
	return 0
}

// attach puts an endpoint of gVisor's behind the socket.
func (t *tcpSocket) attach(ep tcpip.Endpoint, wq *waiter.Queue) {
	t.ep, t.wq = ep, wq
	so := ep.SocketOptions()
	// Who may have which port is decided by Net.reserve.
	so.SetReuseAddress(true)
	so.SetReusePort(true)
	if t.s.family == netbsd.AF_INET6 {
		so.SetV6Only(t.inp.v6only)
	}
	so.SetDelayOption(!t.nodelay)
	so.SetKeepAlive(t.s.option(netbsd.SO_KEEPALIVE))
	t.s.mu.Lock()
	if t.s.opts&netbsd.SO_LINGER != 0 {
		so.SetLinger(tcpip.LingerOption{Enabled: true, Timeout: time.Duration(t.s.linger) * time.Second})
	}
	t.s.mu.Unlock()
	t.applyTTL()
	if t.maxseg != 0 {
		ep.SetSockOptInt(tcpip.MaxSegOption, t.maxseg)
	}
	if t.s.n.set.mtuDisc.Load() == 0 {
		ep.SetSockOptInt(tcpip.MTUDiscoverOption, int(tcpip.PMTUDiscoveryDont))
	}
	idle, intvl := tcpip.KeepaliveIdleOption(time.Duration(t.keep[0])*time.Second), tcpip.KeepaliveIntervalOption(time.Duration(t.keep[1])*time.Second)
	ep.SetSockOpt(&idle)
	ep.SetSockOpt(&intvl)
	ep.SetSockOptInt(tcpip.KeepaliveCountOption, t.keep[2])
	t.entry = waiter.NewFunctionEntry(waiter.EventIn|waiter.EventOut|waiter.EventErr|waiter.EventHUp|waiter.EventRdHUp, func(m waiter.EventMask) {
		t.s.sel.NotifyHint(eventHint(m))
	})
	wq.EventRegister(&t.entry)
}

// eventHint is what kqueue is told of events of gVisor's.
func eventHint(m waiter.EventMask) uint32 {
	switch m & (waiter.EventIn | waiter.EventRdHUp | waiter.EventOut | waiter.EventErr | waiter.EventHUp) {
	case waiter.EventIn, waiter.EventRdHUp, waiter.EventIn | waiter.EventRdHUp:
		return kern.Readable
	case waiter.EventOut:
		return kern.Writable
	}
	return kern.Readable | kern.Writable
}

func (t *tcpSocket) applyTTL() {
	if t.ep == nil {
		return
	}
	if t.s.family == netbsd.AF_INET {
		ttl := t.inp.ttl
		if ttl < 0 {
			ttl = int(t.s.n.set.ipTTL.Load())
		}
		t.ep.SetSockOptInt(tcpip.IPv4TTLOption, ttl)
		t.ep.SetSockOptInt(tcpip.IPv4TOSOption, t.inp.tos)
		return
	}
	ttl := t.inp.ttl
	if ttl < 0 {
		ttl = int(t.s.n.set.ip6HopLimit.Load())
	}
	t.ep.SetSockOptInt(tcpip.IPv6HopLimitOption, ttl)
	t.ep.SetSockOptInt(tcpip.IPv6TrafficClassOption, t.inp.trafficClass())
}

// full makes an address for gVisor of one with an embedded scope.
func full(a netip.Addr, port uint16) tcpip.FullAddress {
	f := tcpip.FullAddress{Port: port}
	if anyAddr(a) {
		return f
	}
	plain, index := unembed(a)
	f.Addr = tcpip.AddrFromSlice(plain.AsSlice())
	f.NIC = tcpip.NICID(index)
	return f
}

// addrOf is an address of gVisor's with an embedded scope.
func addrOf(f tcpip.FullAddress, family uint8) netip.Addr {
	a, ok := netip.AddrFromSlice(f.Addr.AsSlice())
	if !ok {
		if family == netbsd.AF_INET6 {
			return netip.IPv6Unspecified()
		}
		return netip.IPv4Unspecified()
	}
	if family == netbsd.AF_INET6 && a.Is4() {
		a = netip.AddrFrom16(a.As16())
	}
	return embed(a, int(f.NIC))
}

// gone reports whether the protocol has forgotten the socket: its connection was
// refused, reset or has ended.
func (t *tcpSocket) gone() bool {
	t.status()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state == tcpGone || t.ended
}

func (t *tcpSocket) close() {
	var peer *tcpSocket
	if t.phase() == tcpConnected {
		peer = t.localPeer()
	}
	defer t.settleEnd(peer)
	t.mu.Lock()
	ep, conns := t.detach(), t.accepted
	t.accepted = nil
	t.mu.Unlock()
	for _, c := range conns {
		c.ep.Close()
	}
	if ep != nil {
		// What nobody has read makes gVisor reset the connection.
		for {
			if _, err := ep.Read(io.Discard, tcpip.ReadOptions{}); err != nil {
				break
			}
		}
		ep.Close()
	}
}
