// Package inet is the network of a fake kernel: interfaces, addresses, routes,
// neighbours and sockets, as NetBSD has them, over gVisor's TCP/IP.
//
// What a user of the kernel can see is this package's own: the interfaces and
// their addresses ([Interface]), the routing table, the tables of neighbours and
// how they are kept up to date (ARP, neighbour discovery, duplicate address
// detection), the messages of routing sockets. gVisor carries packets: IP with
// fragments and forwarding, ICMP, TCP, UDP. It is told of every change ([mirror])
// and has no say in it, and it exists only once it is needed, since most fake
// kernels are asked for their configuration and nothing else.
//
// # Locks
//
// Net.mu protects all that is configuration. gVisor is never called with it
// held, since gVisor calls us to send packets; what has to be done after a
// change is put off with Net.later until Net.unlock.
package inet

import (
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/fakeserver/internal/kern"
	"github.com/rumpkernel/rumpscript/fakeserver/internal/sysctl"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/shmif"
)

// Config says what a network is made of.
type Config struct {
	Net   bool // rumpnet_net: interfaces, routing sockets
	INET  bool // rumpnet_netinet: IPv4, TCP, UDP
	INET6 bool // rumpnet_netinet6, which needs INET
	Local bool // rumpnet_local: local sockets

	// Cloners are the kinds of interfaces that can be created, in the order in
	// which the kernel lists them.
	Cloners []string

	// OpenBus opens the bus file to which a shmif interface is attached; nil is
	// shmif.Create.
	OpenBus func(path string) (*shmif.Bus, error)

	// HardwareAddr chooses the hardware address of a shmif interface, which is
	// random if it returns nil.
	HardwareAddr func(name string) []byte

	// Mbufs returns how many clusters there are for what waits in sockets, 0 for
	// any number and less for none; nil is any.
	Mbufs func() int

	// Sent, if set, is told of each frame that an interface sends, or of each
	// packet where there is no Ethernet. It is not to keep or change it.
	Sent func(name string, ether bool, b []byte)

	// Paths is where local sockets are bound; nil is a list of names.
	Paths Paths

	Clock    kern.Clock       // nil is the wall clock
	Boot     time.Time        // when the kernel started; zero is now
	Now      func() time.Time // the time of day; nil is the clock's
	Hostname func() string
	Seed     uint64    // of all that is random, 0 for a random one
	Console  io.Writer // what the kernel logs; nil drops it
}

// Net is the network of one kernel.
type Net struct {
	cfg   Config
	clock kern.Clock
	boot  time.Time

	mu     sync.Mutex
	closed bool
	after  []func() // to be done once mu is free

	rand    *rand.Rand
	ifs     []*Interface // in order of their numbers
	lastIf  int
	tables  map[uint8]*table
	inAddrs []*ifaddr // IPv4 addresses of all interfaces, oldest first
	in6     in6State
	frag6   reassembly

	reserved4, reserved6 *portSet

	rtsocks map[*routeSocket]struct{}
	socks   map[*socket]struct{} // all that are open
	caller  int                  // the process for which something is done

	answering bool     // a request of a routing socket is carried out
	unsaid    []func() // what is to be announced when it has been answered

	local  sync.Mutex   // protects local sockets
	tree   *sysctl.Tree // nil unless the network is part of a kernel
	lastID uint64       // of a socket
	set    settings
	stats  counters

	mirror mirror
}

// New makes a network with a loopback interface.
func New(cfg Config) *Net {
	if cfg.Clock == nil {
		cfg.Clock = kern.WallClock{}
	}
	if cfg.OpenBus == nil {
		cfg.OpenBus = shmif.Create
	}
	if cfg.Boot.IsZero() {
		cfg.Boot = cfg.Clock.Now()
	}
	if cfg.Now == nil {
		cfg.Now = cfg.Clock.Now
	}
	if cfg.Hostname == nil {
		cfg.Hostname = func() string { return "" }
	}
	if cfg.Paths == nil {
		cfg.Paths = new(names)
	}
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64()
	}
	n := &Net{
		cfg: cfg, clock: cfg.Clock, boot: cfg.Boot,
		rand:    rand.New(rand.NewPCG(cfg.Seed, 0x1f)),
		tables:  make(map[uint8]*table),
		rtsocks: make(map[*routeSocket]struct{}),
		socks:   make(map[*socket]struct{}),
	}
	n.set.init()
	n.mirror.n = n
	if cfg.INET {
		n.tables[netbsd.AF_INET] = newTable(netbsd.AF_INET)
	}
	if cfg.INET6 {
		n.tables[netbsd.AF_INET6] = newTable(netbsd.AF_INET6)
	}
	if cfg.Net {
		n.lock()
		n.attachLoopback()
		n.commit()
	}
	return n
}

// Close detaches all interfaces and ends what runs in the background.
func (n *Net) Close() {
	n.lock()
	n.closed = true
	for _, ifp := range slices.Clone(n.ifs) {
		ifp.stopTimers()
		ifp.drv.detach()
	}
	for s := range n.rtsocks {
		s.q.shut()
	}
	n.frag6.clear()
	n.unlock()
	n.mirror.close()
}

func (n *Net) lock() { n.mu.Lock() }

// later puts f off until the lock is free.
func (n *Net) later(f func()) { n.after = append(n.after, f) }

// unlock frees the lock and does what was put off. Sending packets is such a thing.
func (n *Net) unlock() {
	fs := n.after
	n.after = nil
	n.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

// commit is unlock after a change of the configuration, which gVisor is told of
// before commit returns.
func (n *Net) commit() {
	n.unlock()
	n.mirror.sync(true)
}

// commitInput is commit while a packet is taken in. It does not wait for a
// commit that is on its way, which might be what has sent the packet.
func (n *Net) commitInput() {
	n.unlock()
	n.mirror.sync(false)
}

// uptime returns the seconds since the kernel started, which are never 0.
func (n *Net) uptime() int64 { return int64(n.clock.Now().Sub(n.boot)/time.Second) + 1 }

// wall turns an uptime into a time of day.
func (n *Net) wall(up int64) int64 { return n.cfg.Now().Unix() - n.uptime() + up }

// mono turns a time of day into an uptime.
func (n *Net) mono(wall int64) int64 { return wall - n.cfg.Now().Unix() + n.uptime() }

// A timer is something that is to happen to the configuration. The zero value
// is a timer that is not set.
type timer struct{ t kern.Timer }

// set makes f happen after d, with the lock held, instead of whatever was set.
func (t *timer) set(n *Net, d time.Duration, f func()) {
	t.stop()
	var mine kern.Timer
	mine = n.clock.AfterFunc(d, func() {
		n.lock()
		// A timer that has been stopped or set anew meanwhile is not ours any more.
		if !n.closed && t.t != nil && t.t == mine {
			t.t = nil
			f()
		}
		n.commit()
	})
	t.t = mine
}

func (t *timer) stop() {
	if t.t != nil {
		t.t.Stop()
		t.t = nil
	}
}

func (t *timer) pending() bool { return t.t != nil }

// randDuration is a random time below d, in ticks of the kernel's clock.
func (n *Net) randDuration(d time.Duration) time.Duration {
	const tick = 10 * time.Millisecond
	return time.Duration(n.rand.Int64N(int64(d/tick))) * tick
}

// log writes a message on the kernel's console.
func (n *Net) log(s string) {
	if w := n.cfg.Console; w != nil {
		n.later(func() { io.WriteString(w, s+"\n") })
	}
}

// byName finds an interface.
func (n *Net) byName(name string) *Interface {
	for _, ifp := range n.ifs {
		if ifp.name == name {
			return ifp
		}
	}
	return nil
}

// byIndex finds an interface by its number.
func (n *Net) byIndex(index int) *Interface {
	for _, ifp := range n.ifs {
		if ifp.index == index {
			return ifp
		}
	}
	return nil
}

// loopback returns lo0.
func (n *Net) loopback() *Interface { return n.ifs[0] }
