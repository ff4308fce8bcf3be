package harness

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/shmif"
)

// routed is a network of two hosts and a router between them.
var routed = Topology{
	{Name: "left", Interfaces: []Interface{{Bus: "a", Addrs: []string{"10.0.1.1/24", "fd00:1::1/64"}}},
		Routes: []Route{{To: "10.0.2.0/24", Via: "10.0.1.2"}}},
	{Name: `the "router"`, Forward: true, Interfaces: []Interface{
		{Bus: "a", Addrs: []string{"10.0.1.2/24", "fd00:1::2/64"}},
		{Bus: "b", Addrs: []string{"10.0.2.2/24"}, MTU: 1400}}},
	{Name: "right", Interfaces: []Interface{{Name: "shmif7", Bus: "b", Addrs: []string{"10.0.2.1/24"}}},
		Routes: []Route{{To: "default", Via: "10.0.2.2"}}, Sysctl: map[string]any{"net.inet.ip.ttl": 32}},
}

func TestTopologyDrawings(t *testing.T) {
	const mermaid = `flowchart LR
    k0["left<br>10.0.2.0/24 via 10.0.1.2"]
    k1["the &quot;router&quot;<br>forwards"]
    k2["right<br>default via 10.0.2.2"]
    b0(("a"))
    b1(("b"))
    k0 ---|"shmif0<br>10.0.1.1/24<br>fd00:1::1/64"| b0
    k1 ---|"shmif0<br>10.0.1.2/24<br>fd00:1::2/64"| b0
    k1 ---|"shmif1<br>10.0.2.2/24"| b1
    k2 ---|"shmif7<br>10.0.2.1/24"| b1
`
	const dot = `graph topology {
    k0 [shape=box, label="left\n10.0.2.0/24 via 10.0.1.2"];
    k1 [shape=box, label="the \"router\"\nforwards"];
    k2 [shape=box, label="right\ndefault via 10.0.2.2"];
    b0 [shape=ellipse, label="a"];
    b1 [shape=ellipse, label="b"];
    k0 -- b0 [label="shmif0\n10.0.1.1/24\nfd00:1::1/64"];
    k1 -- b0 [label="shmif0\n10.0.1.2/24\nfd00:1::2/64"];
    k1 -- b1 [label="shmif1\n10.0.2.2/24"];
    k2 -- b1 [label="shmif7\n10.0.2.1/24"];
}
`
	if got := routed.Mermaid(); got != mermaid {
		t.Errorf("Mermaid gets\n%s", got)
	}
	if got := routed.Graphviz(); got != dot {
		t.Errorf("Graphviz gets\n%s", got)
	}
}

func TestTopologyValidate(t *testing.T) {
	if err := routed.Validate(); err != nil {
		t.Error(err)
	}
	one := func(n Node) Topology { return Topology{n} }
	for want, topology := range map[string]Topology{
		"no kernels":             {},
		"has no name":            one(Node{}),
		"two kernels":            {{Name: "a"}, {Name: "a"}},
		"two of this name":       one(Node{Name: "a", Interfaces: []Interface{{Name: "shmif1", Bus: "b"}, {Bus: "c"}}}),
		"without slashes":        one(Node{Name: "a", Interfaces: []Interface{{Bus: "../b"}}}),
		"needs a name":           one(Node{Name: "a", Interfaces: []Interface{{}}}),
		"prefix length":          one(Node{Name: "a", Interfaces: []Interface{{Bus: "b", Addrs: []string{"10.0.0.1"}}}}),
		"has this address":       {{Name: "a", Interfaces: []Interface{{Bus: "b", Addrs: []string{"10.0.0.1/24"}}}}, {Name: "c", Interfaces: []Interface{{Bus: "b", Addrs: []string{"10.0.0.1/8"}}}}},
		"neither default nor":    one(Node{Name: "a", Routes: []Route{{To: "10.0.0.1", Via: "10.0.0.2"}}}),
		"not an address":         one(Node{Name: "a", Routes: []Route{{To: "default", Via: "there"}}}),
		"no network with this a": one(Node{Name: "a", Routes: []Route{{To: "default", Via: "10.0.0.2"}}}),
	} {
		if err := topology.Validate(); !as[*ConfigError](err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", want, err)
		}
		if n, err := topology.Start(t.Context(), Config{}); err == nil {
			n.Stop(t.Context())
			t.Errorf("%s: it starts", want)
		}
	}
}

func TestTopology(t *testing.T) {
	for name, target := range map[string]func(*testing.T) Target{
		"fake":             func(*testing.T) Target { return Target{Kind: KindFake} },
		"process":          processTarget,
		"container":        containerTarget,
		"server container": serverTarget,
	} {
		t.Run(name, func(t *testing.T) { testTopology(t, Config{Target: target(t)}) })
	}
}

func testTopology(t *testing.T, cfg Config) {
	ctx := t.Context()
	n := routed.StartT(t, cfg)

	// Beyond its neighbours, which StartT has checked: through the router.
	stats, err := n.Kernel("left").Kernel.Ping(ctx, rump.Ping{Addr: netip.MustParseAddr("10.0.2.1"), Count: 3, Timeout: 2 * time.Second})
	if err != nil || stats.Received == 0 {
		t.Errorf("left does not reach right: %+v, %v", stats, err)
	}
	if ttl, err := n.Kernel("right").Kernel.Sysctl(ctx, "net.inet.ip.ttl"); err != nil || fmt.Sprint(ttl) != "32" {
		t.Errorf("net.inet.ip.ttl is %v, %v", ttl, err)
	}
	path, err := n.BusPath("b")
	if err != nil {
		t.Fatal(err)
	}
	bus, err := shmif.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	bus.Close()
	if _, err := n.BusPath("c"); err == nil {
		t.Error("there is a bus c")
	}

	// Who does not answer is named, with who asked.
	if err := n.Kernel("right").Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if cfg.Target.Kind == KindProcess {
		err := n.check(ctx, time.Second)
		if err == nil || !strings.Contains(err.Error(), `the "router" does not reach 10.0.2.1 of right`) || !strings.Contains(err.Error(), "right does not reach 10.0.2.2") {
			t.Errorf("the error is %v", err)
		}
	}
}

// One kernel that does not start takes all others with it.
func TestTopologyThatFails(t *testing.T) {
	before := runFolders(t)
	broken := slices.Concat(routed, Topology{{Name: "broken", Components: []string{"rumpnet_nosuch"}}})
	n, err := broken.Start(t.Context(), Config{Target: processTarget(t)})
	if err == nil {
		n.Stop(t.Context())
		t.Fatal("it starts")
	}
	if !strings.Contains(err.Error(), "broken: rump_server ended") {
		t.Errorf("the error is %v", err)
	}
	if left := runFolders(t); len(left) != len(before) {
		t.Errorf("left: %v", left)
	}
}

// ring returns n kernels, each of which is on a bus with the one before it and on
// another with the one after it.
func ring(n int) Topology {
	var t Topology
	for i := range n {
		next := (i + 1) % n
		t = append(t, Node{Name: "k" + strconv.Itoa(i), Interfaces: []Interface{
			{Bus: "bus" + strconv.Itoa(i), Addrs: []string{fmt.Sprintf("10.0.%d.1/24", i)}},
			{Bus: "bus" + strconv.Itoa(next), Addrs: []string{fmt.Sprintf("10.0.%d.2/24", next)}},
		}})
	}
	return t
}

// Many kernels at once, again and again: nothing is left of them.
func TestRing(t *testing.T) {
	if testing.Short() {
		t.Skip("50 kernels take their time")
	}
	target := realTarget(t)
	rounds := 2
	if s := os.Getenv("RUMPSCRIPT_TEST_ROUNDS"); s != "" {
		rounds = must(strconv.Atoi(s))
	}
	ctx := t.Context()
	before := descriptors(t)
	for round := range rounds {
		begun := time.Now()
		n, err := ring(50).Start(ctx, Config{Target: target, Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		err = n.Check(ctx)
		checked := time.Now()
		if err := n.Stop(ctx); err != nil {
			t.Error(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d: started in %s, checked in %s, stopped in %s", round,
			started.Sub(begun).Round(time.Millisecond), checked.Sub(started).Round(time.Millisecond), time.Since(checked).Round(time.Millisecond))
		if left := runFolders(t); len(left) > 0 {
			t.Fatalf("left: %v", left)
		}
		if out, _ := exec.Command("pgrep", "-f", os.TempDir()).Output(); len(out) > 0 {
			t.Fatalf("processes %s live on", out)
		}
	}
	if after := descriptors(t); after > before+2 { // the runtime's own come and go
		t.Errorf("%d descriptors are open, %d were before", after, before)
	}
}

func descriptors(t *testing.T) int {
	if runtime.GOOS != "linux" {
		return 0
	}
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}
