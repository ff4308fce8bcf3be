package sysproxy_test

import (
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// overTCP makes what d connects to reachable by a URL. The client then makes its
// connection itself, and on Linux waits on a descriptor of its own.
func overTCP(tb testing.TB, d *sysproxy.Dialer) (*sysproxy.Dialer, string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var wg sync.WaitGroup
	tb.Cleanup(wg.Wait)
	tb.Cleanup(func() { l.Close() })
	dial := d.DialContext
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := dial(tb.Context(), "", "")
			if err != nil {
				client.Close()
				continue
			}
			pass := func(to, from net.Conn) {
				io.Copy(to, from)
				to.Close()
				from.Close()
			}
			wg.Go(func() { pass(server, client) })
			wg.Go(func() { pass(client, server) })
		}
	})
	own := *d
	own.DialContext = nil
	return &own, "tcp://" + l.Addr().String()
}

// TestOwnSocket runs what tests do to a Client over connections that it has made
// itself, and looks for descriptors that stay open.
func TestOwnSocket(t *testing.T) {
	before := descriptorCount(t)
	t.Run("all", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T){
			"many in flight":             TestManyInFlight,
			"blocking call":              TestBlockingCall,
			"beside old calls":           TestBesideOldCalls,
			"leaders change":             TestLeadersChange,
			"abandoned":                  TestAbandoned,
			"abandoned while copied out": TestAbandonedWhileCopiedOut,
			"many abandoned":             TestManyAbandoned,
			"close":                      TestClose,
			"server dies":                TestServerDies,
			"raise":                      TestRaise,
			"anon":                       TestAnon,
			"lying server":               TestLyingServer,
			"stale address":              TestStaleAddress,
			"fork":                       TestFork,
			"exec":                       TestExec,
			"prompt":                     TestPrompt,
			"server does not read":       TestServerDoesNotRead,
			"no allocations":             TestNoAllocations,
		} {
			t.Run(name, test)
		}
	})
	eventually(t, "all descriptors are closed", func() bool {
		runtime.GC() // closes what the tests themselves have left to it
		return descriptorCount(t) <= before
	})
}

// descriptorCount returns how many descriptors are open, or 0 where that is not known.
func descriptorCount(t *testing.T) int {
	all, err := os.ReadDir("/proc/self/fd")
	if os.IsNotExist(err) {
		return 0
	} else if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
