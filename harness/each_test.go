package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/harness/image"
)

// containerTarget returns the target of a container with the fake, whose image
// is made for the test; or it skips the test.
func containerTarget(t *testing.T) Target {
	t.Helper()
	_, err := openEngine(t.Context(), os.Getenv)
	Require(t, err)
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return Target{Kind: KindContainer, Image: load(t, "fake", must(image.Fake(bin)))}
}

// serverTarget returns the target of a container with the rump_server that is
// installed where RUMPSCRIPT_TEST_PREFIX says; or it skips the test.
func serverTarget(t *testing.T) Target {
	t.Helper()
	_, err := openEngine(t.Context(), os.Getenv)
	Require(t, err)
	prefix := os.Getenv("RUMPSCRIPT_TEST_PREFIX")
	if prefix == "" {
		t.Skip("RUMPSCRIPT_TEST_PREFIX does not say where a rump_server is installed")
	}
	return Target{Kind: KindContainer, Image: load(t, "server", must(image.Server(prefix)))}
}

// load gives an image to the engine, by a name that no other process uses, for as
// long as the test runs.
func load(t *testing.T, name string, im *image.Image) string {
	t.Helper()
	name = fmt.Sprintf("%stest-%d-%s", image.Namespace, os.Getpid(), name)
	im.Name = name
	r, w := io.Pipe()
	go func() { w.CloseWithError(im.WriteArchive(w)) }()
	defer r.Close()
	if err := LoadImage(t.Context(), os.Getenv, r); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		eng, err := openEngine(context.Background(), os.Getenv)
		if err == nil {
			err = eng.RemoveImage(name)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return name
}

// unikernels returns the targets of the unikernels which RUMPSCRIPT_TEST_UNIKERNEL
// names; or it skips the test. See package guest.
func unikernels(t *testing.T) []Target {
	t.Helper()
	var targets []Target
	for _, path := range filepath.SplitList(os.Getenv("RUMPSCRIPT_TEST_UNIKERNEL")) {
		targets = append(targets, Target{Kind: KindRumprun, Image: path})
	}
	if len(targets) == 0 {
		Require(t, &MissingError{KindRumprun, "there is no unikernel to test with", "name one in RUMPSCRIPT_TEST_UNIKERNEL", nil})
	}
	return targets
}

// Each kind of target does the same.
func TestEachTarget(t *testing.T) {
	t.Run("fake", func(t *testing.T) { testTarget(t, Config{Target: Target{Kind: KindFake}}) })
	t.Run("process", func(t *testing.T) { testTarget(t, Config{Target: processTarget(t)}) })
	t.Run("process tcp", func(t *testing.T) { testTarget(t, Config{Target: processTarget(t), Network: "tcp"}) })
	t.Run("url", func(t *testing.T) {
		in := StartT(t, Config{Target: processTarget(t)})
		target := must(ParseTarget(in.URL))
		testTarget(t, Config{Target: target})
		if _, err := in.Kernel.Sysctl(t.Context(), "kern.ostype"); err != nil {
			t.Errorf("to stop a URL ends its server: %v", err)
		}
	})
	t.Run("container", func(t *testing.T) { testTarget(t, Config{Target: containerTarget(t)}) })
	t.Run("container tcp", func(t *testing.T) { testTarget(t, Config{Target: containerTarget(t), Network: "tcp"}) })
	t.Run("server container", func(t *testing.T) { testTarget(t, Config{Target: serverTarget(t)}) })
	t.Run("rumprun", func(t *testing.T) {
		for _, target := range unikernels(t) {
			t.Run(filepath.Base(target.Image), func(t *testing.T) { testTarget(t, Config{Target: target}) })
		}
	})
}

func testTarget(t *testing.T, cfg Config) {
	ctx := t.Context()
	before := runFolders(t)
	cfg.Name = "the-kernel"
	cfg.Dir = t.ArtifactDir()
	in, err := Start(ctx, cfg)
	Require(t, err)
	defer in.Stop(ctx)

	if s := in.Kernel.String(); s != "the-kernel" {
		t.Errorf("the kernel's name is %q", s)
	}
	if v, err := in.Kernel.Sysctl(ctx, "kern.ostype"); err != nil || v != "NetBSD" {
		t.Errorf("kern.ostype is %v, %v", v, err)
	}
	other, err := in.Connect(ctx, "other")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Sysctl(ctx, "kern.hostname"); err != nil {
		t.Error(err)
	}
	if in.URL == "" && cfg.Target.Kind != KindFake {
		t.Error("there is no URL")
	}
	if in.URL != "" {
		third, err := Start(ctx, Config{Target: must(ParseTarget(in.URL))})
		if err != nil {
			t.Fatal(err)
		}
		if err := third.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
	if err := in.Err(); err != nil {
		t.Error(err)
	}

	// With connections open, and then once more.
	for range 2 {
		if err := in.Stop(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if cfg.Target.Kind == KindURL {
		return
	}
	select {
	case <-in.Exited():
	default:
		t.Error("it has not exited")
	}
	if _, err := other.Sysctl(ctx, "kern.hostname"); err == nil {
		t.Error("it answers after its end")
	} else if err := in.Explain(err); !as[*ExitedError](err) {
		t.Errorf("the error is not explained: %v", err)
	}
	if u, err := in.Connect(ctx, "late"); err == nil {
		u.Close()
		t.Error("it can be connected to after its end")
	}
	if left := runFolders(t); len(left) != len(before) {
		t.Errorf("left: %v", left)
	}
}

// A kernel's buses, if they are its own, leave nothing in the working folder.
func TestBusesArePrivate(t *testing.T) {
	in := StartT(t, Config{Target: processTarget(t)})
	ctx := t.Context()
	if err := in.Kernel.CreateInterface(ctx, "shmif0"); err != nil {
		t.Fatal(err)
	}
	if err := in.Kernel.Interface("shmif0").SetLinkstr(ctx, "a-bus"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(in.BusDir, "a-bus")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("a-bus"); err == nil {
		t.Error("there is a bus in the working folder")
	}
}

func TestStartTSkipsOrFails(t *testing.T) {
	missing := &MissingError{KindRumprun, "no moon", "wait for the night", nil}
	for _, tt := range []struct {
		require string
		err     error
		want    string
	}{
		{"", nil, "passed"},
		{"", missing, "skipped: target rumprun: no moon: wait for the night"},
		{"process,container", missing, "skipped: target rumprun: no moon: wait for the night"},
		{"process,rumprun", missing, "failed: target rumprun: no moon: wait for the night (required by RUMPSCRIPT_REQUIRE)"},
		{"", errors.New("another"), "failed: another"},
	} {
		t.Setenv(VarRequire, tt.require)
		if got := outcome(func(tb testing.TB) { Require(tb, tt.err) }); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// outcome runs what a test would do and says how it ended.
func outcome(f func(testing.TB)) string {
	tb := &recorder{outcome: "passed"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(tb)
	}()
	<-done
	for i := len(tb.cleanups) - 1; i >= 0; i-- {
		tb.cleanups[i]()
	}
	return tb.outcome
}

// A console's end is in the log of a test that fails, and a kernel that ends by
// itself makes it fail.
func TestStartTTellsOfFailures(t *testing.T) {
	target := processTarget(t)
	dir := t.TempDir()
	cfg := Config{Target: target, Dir: dir, Name: "noisy", Env: []string{"RUMP_VERBOSE=1"}}

	if got := outcome(func(tb testing.TB) {
		in := StartT(tb, cfg)
		// What it has printed may still be on its way.
		if err := eventually(t.Context(), time.Minute, func(context.Context) error {
			if !strings.Contains(in.Console(), "NetBSD") {
				return fmt.Errorf("the console is %q", in.Console())
			}
			return nil
		}); err != nil {
			tb.Fatal(err)
		}
		tb.Fatal("on purpose")
	}); !strings.HasPrefix(got, "failed: on purpose") || !strings.Contains(got, "the console of noisy says last:\n") || !strings.Contains(got, "NetBSD") {
		t.Errorf("the outcome is %q", got)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "noisy.console")); err != nil || !strings.Contains(string(b), "halted") {
		t.Errorf("kept is %q, %v", b, err)
	}

	panics := func(tb testing.TB, mayEnd bool) {
		in := StartT(tb, cfg)
		if mayEnd {
			in.MayEnd()
		}
		in.Kernel.Reboot(tb.Context(), 0x100, "") // RB_DUMP: a kernel that panics
		<-in.Exited()
	}
	if got := outcome(func(tb testing.TB) { panics(tb, false) }); !strings.HasPrefix(got, "failed: noisy: rump_server ended: ") {
		t.Errorf("the outcome is %q", got)
	}
	if got := outcome(func(tb testing.TB) { panics(tb, true) }); got != "passed" {
		t.Errorf("the outcome is %q", got)
	}
}

// recorder is a testing.TB that notes what becomes of it.
type recorder struct {
	testing.TB
	outcome  string
	cleanups []func()
}

func (r *recorder) Helper()                  {}
func (r *recorder) Cleanup(f func())         { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Context() context.Context { return context.Background() }
func (r *recorder) ArtifactDir() string      { return os.TempDir() }
func (r *recorder) Failed() bool             { return strings.HasPrefix(r.outcome, "failed") }
func (r *recorder) Error(args ...any)        { r.note("failed", args...) }
func (r *recorder) Logf(f string, a ...any)  { r.outcome += "\n" + fmt.Sprintf(f, a...) }
func (r *recorder) Skip(args ...any)         { r.end("skipped", args...) }
func (r *recorder) Fatal(args ...any)        { r.end("failed", args...) }

func (r *recorder) Fatalf(f string, a ...any) { r.end("failed", fmt.Sprintf(f, a...)) }

func (r *recorder) note(how string, args ...any) {
	if r.outcome == "passed" {
		r.outcome = how + ": " + fmt.Sprint(args...)
	}
}

func (r *recorder) end(how string, args ...any) {
	r.note(how, args...)
	runtime.Goexit()
}
