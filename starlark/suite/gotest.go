package suite

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/starlark"
)

// RunT runs the tests in files and folders as subtests of a Go test, each under
// its own name, so that go test's flags choose among them. The target is what
// RUMPSCRIPT_TARGET and RUMP_SERVER say, by default the fake; a target that is
// not on this machine skips the test, unless RUMPSCRIPT_REQUIRE names it.
func RunT(t *testing.T, paths ...string) {
	t.Helper()
	items, err := Discover(paths)
	if err != nil {
		t.Fatal(err)
	}
	target, _, err := harness.Choose("", os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	// Whether there is such a target shows when a kernel is started.
	in, err := harness.Start(t.Context(), harness.Config{Target: target})
	harness.Require(t, err)
	if err := in.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	rt := starlark.New(starlark.Config{Target: target})
	for _, it := range items {
		t.Run(it.Name, func(t *testing.T) {
			t.Parallel()
			g := &goTest{t: t}
			artifacts := t.ArtifactDir()
			if _, err := Run(t.Context(), rt, []Item{it}, Options{Artifacts: artifacts}, g); err != nil {
				t.Error(err)
			}
		})
	}
}

// goTest tells a Go test of a run.
type goTest struct {
	t  *testing.T
	mu sync.Mutex
}

// Start implements Reporter.
func (g *goTest) Start([]Item, int64) {}

// Started implements Reporter.
func (g *goTest) Started(Item, string) {}

// Output implements Reporter.
func (g *goTest) Output(_ Item, test, text string) {
	g.t.Logf("%s: %s", test, strings.TrimRight(text, "\n"))
}

// Ended implements Reporter.
func (g *goTest) Ended(r Result) {
	sub := strings.Contains(r.Test, "/")
	switch {
	case r.Outcome == starlark.Failed:
		g.t.Fail()
	case r.Outcome == starlark.Skipped && !sub:
		g.mu.Lock()
		defer g.mu.Unlock()
		g.t.Log(r.Test + " was skipped")
	}
}

// Finish implements Reporter.
func (g *goTest) Finish(s Summary) {
	if s.Err != nil {
		g.t.Error(s.Err)
	}
}
