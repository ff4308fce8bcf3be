package starlark

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// eventLog keeps what a test logs.
type eventLog struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *eventLog) Started(string)                       {}
func (l *eventLog) Ended(string, Outcome, time.Duration) {}
func (l *eventLog) Logged(name, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.WriteString(name + ": " + text + "\n")
}

func runStarTest(t *testing.T, src, artifacts string) (Outcome, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x_test.star")
	if err := os.WriteFile(path, []byte(src), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := LoadTests(path)
	if err != nil {
		t.Fatal(err)
	}
	var log eventLog
	o, _ := f.RunTest(context.Background(), New(Config{}), "test_x", TestConfig{Events: &log, Artifacts: artifacts})
	return o, log.b.String()
}

const pingAndFail = `
def test_x(t):
    wire = bus("wire", seed = 5, delay = 0)
    unused = bus("unused")
    a = wire.host("10.0.0.1/24", name = "a")
    wire.host("10.0.0.2/24", name = "b")
    a.ping("10.0.0.2")
    wire.lose("udp")
    a.send("10.0.0.2", udp(dst = 5))
    assert.eq(len(wire.packets()), OUTCOME)
`

func TestFailureShowsAndKeepsPackets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "artifacts")
	o, log := runStarTest(t, strings.Replace(pingAndFail, "OUTCOME", "0", 1), dir)
	if o != Failed {
		t.Fatalf("%s: %s", o, log)
	}
	for _, want := range []string{"bus wire: 5 packets, seed = 5\n", "ICMP echo reply", "[lost]", "kept: " + filepath.Join(dir, "wire.pcapng")} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in\n%s", want, log)
		}
	}
	if strings.Contains(log, "unused") {
		t.Errorf("a bus that nobody used is told of:\n%s", log)
	}

	b, err := os.ReadFile(filepath.Join(dir, "wire.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	var from []string
	for p, err := range packet.Read(bytes.NewReader(b)) {
		if err != nil {
			t.Fatal(err)
		}
		from = append(from, p.From)
	}
	if want := []string{"a", "b", "a", "b", "a"}; !slices.Equal(from, want) {
		t.Errorf("senders %v, want %v", from, want)
	}
	if svg, err := os.ReadFile(filepath.Join(dir, "wire.svg")); err != nil || !bytes.Contains(svg, []byte("ICMP echo request")) {
		t.Errorf("%v: %s", err, svg)
	}
}

func TestSuccessKeepsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "artifacts")
	o, log := runStarTest(t, strings.Replace(pingAndFail, "OUTCOME", "5", 1), dir)
	if o != Passed || strings.Contains(log, "packets") {
		t.Errorf("%s: %s", o, log)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("there are artifacts")
	}
}

// A seed that was chosen is printed, and bus has it as an attribute; one that was
// given decides the same again.
func TestSeedIsPrinted(t *testing.T) {
	_, log := runStarTest(t, `
def test_x(t):
    bus("wire", loss = 0.5)
    bus("quiet", loss = 1)
`, "")
	if !strings.Contains(log, "bus wire: seed = ") || strings.Contains(log, "quiet") {
		t.Error(log)
	}

	_, first := runStarTest(t, lossy, "")
	_, second := runStarTest(t, lossy, "")
	if n := strings.Count(first, ","); first != second || n < 3 || n > 16 {
		t.Errorf("of 20 were lost:\n%s%s", first, second)
	}
}

const lossy = `
def test_x(t):
    wire = bus("wire", seed = 3, loss = 0.5)
    wire.host("10.0.0.2/24", name = "b")
    for i in range(20):
        wire.send(eth() / ip(src = "10.0.0.1", dst = "10.0.0.2") / udp(dst = i))
    t.log([p.udp.dst for p in wire.packets() if p.missed])
`

// BenchmarkTestWithBus is what a bus with two hosts costs a test.
func BenchmarkTestWithBus(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x_test.star")
	src := `
def test_x(t):
    wire = bus("wire")
    a = wire.host("10.0.0.1/24", name = "a")
    wire.host("10.0.0.2/24", name = "b")
    a.ping("10.0.0.2")
    assert.eq(len(wire.packets()), 4)
`
	if err := os.WriteFile(path, []byte(src), 0o666); err != nil {
		b.Fatal(err)
	}
	f, err := LoadTests(path)
	if err != nil {
		b.Fatal(err)
	}
	rt := New(Config{})
	for b.Loop() {
		if o, err := f.RunTest(context.Background(), rt, "test_x", TestConfig{Events: new(eventLog)}); o != Passed {
			b.Fatal(err)
		}
	}
}
