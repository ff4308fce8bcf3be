package suite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rumpkernel/rumpscript/starlark"
)

// Options say which tests to run and how. The names are those of go test.
type Options struct {
	Run, Skip  string        // patterns; empty for all, and for none
	Parallel   int           // how many tests run at once
	Timeout    time.Duration // for the whole run; 0 for none
	Count      int           // how often each test runs; 0 means once
	Shuffle    string        // off, on or a seed
	FailFast   bool          // start no test after a failure
	Artifacts  string        // folder for what tests keep; empty for none
	ShardIndex int           // which part of the tests
	ShardCount int           // of how many; 0 means all
	Again      string        // the command line which runs one test again, up to the test's pattern
	Env        []string      // for txtar scripts: the target
}

// Result is how a test ended.
type Result struct {
	Item
	Test    string // the whole name: a subtest's has its parents' before it
	Outcome starlark.Outcome
	Elapsed time.Duration
	Log     string // what it said, its failure included
}

// Reporter is told of a run. Its methods are called one at a time.
type Reporter interface {
	Start(items []Item, seed int64)
	Started(it Item, test string)
	Output(it Item, test, text string) // one or more whole lines
	Ended(r Result)
	Finish(s Summary)
}

// Summary is how a run ended.
type Summary struct {
	Passed, Failed, Skipped int // top-level tests
	Elapsed                 time.Duration
	Err                     error // why the run ended early, nil if it did not
}

// OK reports whether nothing failed.
func (s Summary) OK() bool { return s.Failed == 0 && s.Err == nil }

// ErrTimeout is why a run ended that took longer than its timeout.
var ErrTimeout = errors.New("the run took longer than --timeout")

// Select returns the items that the options ask for, in the order in which they
// will start, and the seed of that order.
func Select(items []Item, o Options) ([]Item, int64, error) {
	f, err := newFilter(o.Run, o.Skip)
	if err != nil {
		return nil, 0, err
	}
	var picked []Item
	for _, it := range items {
		if f.wants(it.Name) {
			picked = append(picked, it)
		}
	}
	// Shards are cut before the shuffle, so that each test is in one whatever the seeds.
	if picked, err = shard(picked, o.ShardIndex, o.ShardCount); err != nil {
		return nil, 0, err
	}
	n := len(picked)
	for range max(o.Count, 1) - 1 {
		picked = append(picked, picked[:n]...)
	}
	seed, err := shuffle(picked, o.Shuffle)
	return picked, seed, err
}

// Run runs the tests that the options select and tells the reporters.
func Run(ctx context.Context, rt *starlark.Runtime, items []Item, o Options, reporters ...Reporter) (Summary, error) {
	items, seed, err := Select(items, o)
	if err != nil {
		return Summary{}, err
	}
	f, err := newFilter(o.Run, o.Skip)
	if err != nil {
		return Summary{}, err
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.Timeout, ErrTimeout)
		defer cancel()
	}
	r := &run{rt: rt, opts: o, filter: f, reporters: reporters}
	start := time.Now()
	r.tell(func(rep Reporter) { rep.Start(items, seed) })
	r.all(ctx, items)
	r.sum.Elapsed = time.Since(start)
	if ctx.Err() != nil {
		r.sum.Err = context.Cause(ctx)
	}
	r.tell(func(rep Reporter) { rep.Finish(r.sum) })
	return r.sum, nil
}

// run is a run going on.
type run struct {
	rt     *starlark.Runtime
	opts   Options
	filter filter

	mu        sync.Mutex // also makes the reporters' calls one at a time
	reporters []Reporter
	sum       Summary
}

func (r *run) tell(f func(Reporter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rep := range r.reporters {
		f(rep)
	}
}

// all runs the items, up to Parallel at once, in order.
func (r *run) all(ctx context.Context, items []Item) {
	next := make(chan Item)
	var workers sync.WaitGroup
	for range max(r.opts.Parallel, 1) {
		workers.Go(func() {
			for it := range next {
				r.one(ctx, it)
			}
		})
	}
	for _, it := range items {
		if ctx.Err() != nil || r.opts.FailFast && r.anyFailed() {
			break
		}
		next <- it
	}
	close(next)
	workers.Wait()
}

func (r *run) anyFailed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sum.Failed > 0
}

// one runs an item.
func (r *run) one(ctx context.Context, it Item) {
	if ctx.Err() != nil {
		return
	}
	ev := &events{run: r, item: it, logs: make(map[string]*strings.Builder)}
	if it.star == nil {
		runTxtar(ctx, it, r.opts.Env, ev)
		return
	}
	cfg := starlark.TestConfig{Events: ev, Run: r.filter.wants}
	if r.opts.Artifacts != "" {
		cfg.Artifacts = filepath.Join(r.opts.Artifacts, strings.TrimSuffix(filepath.Base(it.File), ".star"), it.Name)
	}
	it.star.RunTest(ctx, r.rt, it.Name, cfg) // ev is told how it ended
}

// events passes on what happens in one item, and keeps its logs.
type events struct {
	run  *run
	item Item
	mu   sync.Mutex
	logs map[string]*strings.Builder
}

func (e *events) Started(name string) {
	e.mu.Lock()
	e.logs[name] = new(strings.Builder)
	e.mu.Unlock()
	e.run.tell(func(rep Reporter) { rep.Started(e.item, name) })
}

func (e *events) Logged(name, text string) {
	text = strings.TrimRight(text, "\n") + "\n"
	e.mu.Lock()
	if b := e.logs[name]; b != nil {
		b.WriteString(text)
	}
	e.mu.Unlock()
	e.run.tell(func(rep Reporter) { rep.Output(e.item, name, text) })
}

func (e *events) Ended(name string, o starlark.Outcome, elapsed time.Duration) {
	top := !strings.Contains(name, "/")
	if o == starlark.Failed && top && e.run.opts.Again != "" {
		e.Logged(name, fmt.Sprintf("to run it again: %s --run '^%s$' %s", e.run.opts.Again, name, e.item.File))
	}
	e.mu.Lock()
	res := Result{e.item, name, o, elapsed, e.logs[name].String()}
	e.mu.Unlock()
	e.run.mu.Lock()
	defer e.run.mu.Unlock()
	if top {
		switch o {
		case starlark.Passed:
			e.run.sum.Passed++
		case starlark.Failed:
			e.run.sum.Failed++
		case starlark.Skipped:
			e.run.sum.Skipped++
		}
	}
	for _, rep := range e.run.reporters {
		rep.Ended(res)
	}
}
