package starlark

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// Outcome is how a test ended.
type Outcome string

// The outcomes of a test. A test which is expected to fail passes if it fails,
// and fails if it passes.
const (
	Passed  Outcome = "pass"
	Failed  Outcome = "fail"
	Skipped Outcome = "skip"
)

// Events are told of what happens in a test, subtests included. The methods may
// be called from several goroutines at once if tests run in parallel.
type Events interface {
	Started(name string)
	Logged(name, text string)
	Ended(name string, o Outcome, elapsed time.Duration)
}

// test is a running test: the value t of the script.
type test struct {
	name      string
	sc        *scope
	events    Events
	artifacts string // folder, may be empty
	run       func(name string) bool
	expired   context.CancelCauseFunc

	mu       sync.Mutex
	failed   bool // a subtest has failed
	xfail    string
	cleanups []starlark.Callable
	cleaning bool
}

// errSkip unwinds a test that skips itself.
type errSkip struct{ reason string }

func (e *errSkip) Error() string { return "skipped: " + e.reason }

func testAttrs() []attribute {
	return []attribute{
		{"name", "The test's name, a string; a subtest's has its parent's before it: \"test_x/sub\"."},
		{"target", "What the run's kernels are, as --target has it: \"fake\", \"process\", a URL."},
	}
}

func testMethods() []function {
	return []function{
		{"artifact", "name data", "Keeps data, a string or bytes, in a file of that name in the test's folder of artifacts, if rumpscript test has one (--artifacts).", testArtifact},
		{"cleanup", "function", "Calls the function when the test has ended, however it has. The last registered is called first.", testCleanup},
		{"expect_failure", "reason", "Says that this test must fail, and why: failing is then passing, and passing is a failure.", testExpectFailure},
		{"log", "*values", "Adds a line to the test's log, which is shown if the test fails, or with -v.", testLog},
		{"requires", "*features", "Skips the test unless the target has the features: \"inet6\", \"vfs\", \"shmif\", \"local\", or the name of a component such as \"rumpfs_tmpfs\".", testRequires},
		{"run", "name function", "Runs the function as a subtest, with a t of its own, and returns whether it passed. A failure fails this test too, but does not end it.", testRun},
		{"skip", "reason", "Ends the test as skipped.", testSkip},
		{"tempdir", "", "Returns the path of a folder on the host that is gone when the test has ended.", testTempdir},
		{"timeout", "duration", "Fails the test if it lasts longer from now on.", testTimeout},
	}
}

// String shows the test to a person.
func (t *test) String() string        { return fmt.Sprintf("<test %s>", t.name) }
func (t *test) Type() string          { return "test" }
func (t *test) Freeze()               {}
func (t *test) Truth() starlark.Bool  { return true }
func (t *test) Hash() (uint32, error) { return starlark.String(t.name).Hash() }

// Attr implements starlark.HasAttrs.
func (t *test) Attr(name string) (starlark.Value, error) {
	switch name {
	case "name":
		return starlark.String(t.name), nil
	case "target":
		return starlark.String(t.sc.rt.cfg.Target.String()), nil
	}
	return method(t, testMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (t *test) AttrNames() []string { return attrNames(testMethods(), "name", "target") }

func testLog(c *call) (starlark.Value, error) {
	var words []string
	for _, a := range c.args {
		s, ok := starlark.AsString(a)
		if !ok {
			s = a.String()
		}
		words = append(words, s)
	}
	t := c.self.(*test)
	pos := c.thread.CallFrame(1).Pos
	t.events.Logged(t.name, fmt.Sprintf("%s:%d: %s", filepath.Base(pos.Filename()), pos.Line, strings.Join(words, " ")))
	return nil, nil
}

func testSkip(c *call) (starlark.Value, error) {
	var reason string
	if err := c.unpack(&reason); err != nil {
		return nil, err
	}
	return nil, &errSkip{reason}
}

func testExpectFailure(c *call) (starlark.Value, error) {
	var reason string
	if err := c.unpack(&reason); err != nil {
		return nil, err
	}
	t := c.self.(*test)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.xfail = reason
	return nil, nil
}

func testCleanup(c *call) (starlark.Value, error) {
	var f starlark.Callable
	if err := c.unpack(&f); err != nil {
		return nil, err
	}
	t := c.self.(*test)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cleaning {
		return nil, errors.New("cleanup: the test has ended")
	}
	t.cleanups = append(t.cleanups, f)
	return nil, nil
}

func testTempdir(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	dir, err := c.self.(*test).sc.folder()
	if err != nil {
		return nil, err
	}
	dir, err = os.MkdirTemp(dir, "tmp-")
	return starlark.String(dir), err
}

func testArtifact(c *call) (starlark.Value, error) {
	var name string
	var data content
	if err := c.unpack(&name, &data); err != nil {
		return nil, err
	}
	return nil, c.self.(*test).artifact(name, data)
}

// artifact keeps data in the test's folder of artifacts.
func (t *test) artifact(name string, data []byte) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("artifact: %q is no name for a file in the folder of artifacts", name)
	}
	if t.artifacts == "" {
		return nil
	}
	path := filepath.Join(t.artifacts, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o666)
}

func testTimeout(c *call) (starlark.Value, error) {
	var d duration
	if err := c.unpack(&d); err != nil {
		return nil, err
	}
	t := c.self.(*test)
	timer := time.AfterFunc(time.Duration(d), func() {
		t.expired(fmt.Errorf("the test took longer than the %s that it gave itself", time.Duration(d)))
	})
	context.AfterFunc(c.ctx, func() { timer.Stop() })
	return nil, nil
}

func testRun(c *call) (starlark.Value, error) {
	var name string
	var f starlark.Callable
	if err := c.unpack(&name, &f); err != nil {
		return nil, err
	}
	t := c.self.(*test)
	full := t.name + "/" + strings.ReplaceAll(name, " ", "_")
	if t.run != nil && !t.run(full) {
		return starlark.True, nil
	}
	o, err := waiting(c.scope, func() (Outcome, error) {
		return runSubtest(c.ctx, t.sc, full, f, testOptions{events: t.events, artifacts: t.artifacts, run: t.run})
	})
	if o == Failed {
		t.mu.Lock()
		t.failed = true
		t.mu.Unlock()
	}
	if c.ctx.Err() != nil {
		return nil, err
	}
	return starlark.Bool(o != Failed), nil
}

func testRequires(c *call) (starlark.Value, error) {
	sc := c.self.(*test).sc
	in, err := waiting(c.scope, func() (*harness.Instance, error) { return sc.mainKernel(c.ctx) })
	if err != nil {
		return nil, err
	}
	for _, a := range c.args {
		name, ok := starlark.AsString(a)
		if !ok {
			return nil, fmt.Errorf("requires: got %s where the name of a feature is wanted", a.Type())
		}
		ok, err := waiting(c.scope, func() (bool, error) { return hasFeature(c.ctx, in.Kernel, name) })
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, &errSkip{fmt.Sprintf("%s has no %s", in.Kernel, name)}
		}
	}
	return nil, nil
}

// hasFeature asks a kernel whether it has a feature.
func hasFeature(ctx context.Context, k *rump.Kernel, name string) (bool, error) {
	families := map[string]int{
		"inet": netbsd.AF_INET, "netinet": netbsd.AF_INET, "rumpnet_netinet": netbsd.AF_INET,
		"inet6": netbsd.AF_INET6, "netinet6": netbsd.AF_INET6, "rumpnet_netinet6": netbsd.AF_INET6,
		"local": netbsd.AF_LOCAL, "rumpnet_local": netbsd.AF_LOCAL,
		"route": netbsd.AF_ROUTE, "rumpnet_net": netbsd.AF_ROUTE,
	}
	if family, ok := families[name]; ok {
		err := k.Supports(ctx, family)
		if _, refused := rump.Errno(err); refused {
			return false, nil
		}
		return err == nil, err
	}
	switch {
	case name == "vfs" || name == "rumpvfs":
		_, err := k.Sysctl(ctx, "vfs.generic.fstypes")
		return refusedOr(err)
	case name == "shmif" || strings.HasPrefix(name, "rumpnet_"):
		cloners, err := k.Cloners(ctx)
		return slices.Contains(cloners, strings.TrimPrefix(name, "rumpnet_")), err
	case strings.HasPrefix(name, "rumpfs_"):
		v, err := k.Sysctl(ctx, "vfs.generic.fstypes")
		if ok, err := refusedOr(err); !ok || err != nil {
			return ok, err
		}
		types, _ := v.(string)
		for _, t := range strings.Fields(types) {
			if t == strings.TrimPrefix(name, "rumpfs_") {
				return true, nil
			}
		}
		return false, nil
	}
	return false, fmt.Errorf("requires: unknown feature %q", name)
}

// refusedOr tells a kernel's refusal, which is an answer, from other errors.
func refusedOr(err error) (bool, error) {
	if err == nil {
		return true, nil
	}
	var name *rump.SysctlNameError
	if _, refused := rump.Errno(err); refused || errors.As(err, &name) {
		return false, nil
	}
	return false, err
}
