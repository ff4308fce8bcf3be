package harness

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// StartT starts a kernel for a test, which ends with it. Where the target cannot
// be had it skips the test, unless it is required: see Require. If the test
// fails, the end of the kernel's console is in its log, and the whole is in its
// artifacts. A kernel that ends by itself fails the test.
func StartT(t testing.TB, cfg Config) *Instance {
	t.Helper()
	if cfg.Name == "" {
		cfg.Name = "kernel"
	}
	inTest(t, &cfg)
	in, err := Start(t.Context(), cfg)
	Require(t, err)
	stopWith(t, in.Stop)
	t.Cleanup(func() { in.finish(t) })
	return in
}

// StartT starts a topology for a test, as StartT does a kernel, and checks it.
func (t Topology) StartT(tb testing.TB, cfg Config) *Net {
	tb.Helper()
	inTest(tb, &cfg)
	n, err := t.Start(tb.Context(), cfg)
	Require(tb, err)
	stopWith(tb, n.Stop)
	tb.Cleanup(func() {
		for _, in := range n.instances {
			in.finish(tb)
		}
	})
	if err := n.Check(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return n
}

// inTest makes a configuration one for a test.
func inTest(t testing.TB, cfg *Config) {
	getenv := cfg.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if cfg.Dir == "" && getenv("RUMPSCRIPT_ARTIFACTS") == "" {
		cfg.Dir = t.ArtifactDir()
	}
}

// stopWith stops what was started when the test ends, and when a signal ends the
// test binary, which by itself would end at once and clean nothing up.
func stopWith(t testing.TB, stop func(context.Context) error) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case s := <-c:
			stop(context.Background())
			// Each who listens for the signal does so for itself. Once the last
			// one no longer does, the signal is deadly again.
			signal.Stop(c)
			if p, err := os.FindProcess(os.Getpid()); err == nil {
				p.Signal(s)
			}
		case <-over:
		}
	})
	t.Cleanup(func() {
		signal.Stop(c)
		close(over)
		watch.Wait()
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// finish is what there is to say of a kernel at the end of a test, before it is
// stopped.
func (in *Instance) finish(t testing.TB) {
	if err := in.Err(); err != nil && !in.ends.Load() {
		t.Error(err)
		return
	}
	if t.Failed() {
		if c := in.Console(); c != "" {
			t.Logf("the console of %s says last:\n%s", in.Name, c)
		}
	}
}

// MayEnd says that the test means the kernel to end by itself, by halting or by
// panicking, which then is no failure.
func (in *Instance) MayEnd() { in.ends.Store(true) }

// Require ends a test if err is not nil: it skips the test if err is a
// *MissingError, for a target that cannot be had on this machine, and fails it
// otherwise. It also fails it if RUMPSCRIPT_REQUIRE names the target's kind.
func Require(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var missing *MissingError
	if !errors.As(err, &missing) {
		t.Fatal(err)
	}
	if slices.Contains(words(os.Getenv(VarRequire)), string(missing.Kind)) {
		t.Fatalf("%v (required by %s)", err, VarRequire)
	}
	t.Skip(err)
}

// Eventually calls f again and again until it returns nil, and fails the test
// with its last error if it has not after the given time.
func Eventually(t testing.TB, within time.Duration, f func(ctx context.Context) error) {
	t.Helper()
	if err := eventually(t.Context(), within, f); err != nil {
		t.Fatal(err)
	}
}
