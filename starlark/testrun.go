package starlark

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// testOptions are what a test inherits from its run.
type testOptions struct {
	events    Events
	artifacts string                 // folder for what tests keep; may be empty
	run       func(name string) bool // whether a subtest is wanted; nil for all
}

// runSubtest calls a test function in a scope of its own and tells how it ended.
// An error says that it failed, and how. What the function reaches belongs to the
// parent, and so they take turns.
func runSubtest(ctx context.Context, parent *scope, name string, f starlark.Callable, opts testOptions) (Outcome, error) {
	sc := newScope(parent.rt, parent.turn)
	return sc.runTest(ctx, name, opts, func(ctx context.Context, thread *starlark.Thread, t *test) error {
		_, err := starlark.Call(thread, f, starlark.Tuple{t}, nil)
		return err
	})
}

// runTest runs a test in the scope, which ends with it.
func (sc *scope) runTest(ctx context.Context, name string, opts testOptions, call func(context.Context, *starlark.Thread, *test) error) (Outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := &test{name: name, sc: sc, events: opts.events, run: opts.run, expired: cancel}
	if opts.artifacts != "" {
		t.artifacts = opts.artifacts
	}
	start := time.Now()
	t.events.Started(name)

	// Tasks end with the test that has spawned them.
	ctx, cancelTasks := context.WithCancelCause(ctx)
	defer cancelTasks(nil)
	thread := sc.thread(ctx, name)
	thread.Print = func(th *starlark.Thread, msg string) { t.events.Logged(name, msg) }
	stop := context.AfterFunc(ctx, func() { thread.Cancel(cause(ctx)) })
	sc.turn.take(thread)
	err := call(ctx, thread, t)
	sc.turn.give()
	stop()
	expired := context.Cause(ctx)
	cancelTasks(errScriptEnded)
	sc.tasks.Wait()
	if err == nil {
		err = sc.forgotten()
	}
	if err != nil && expired != nil {
		// What the script sees of the end is its consequence. The place stays.
		e := newError(err)
		e.Err = expired
		err = e
	}

	o, err := t.judge(err)
	if o == Failed {
		t.events.Logged(name, sc.story(context.WithoutCancel(ctx), err))
		t.logKept(context.WithoutCancel(ctx))
	} else if err != nil {
		t.events.Logged(name, err.Error())
		err = nil
	}
	// What was registered and started is undone even if the test ran out of time.
	if cerr := t.clean(context.WithoutCancel(ctx)); cerr != nil {
		t.events.Logged(name, cerr.Error())
		if o != Failed {
			o, err = Failed, cerr
		}
	}
	t.events.Ended(name, o, time.Since(start))
	return o, err
}

// judge turns the end of a test function into an outcome.
func (t *test) judge(err error) (Outcome, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var skip *errSkip
	switch {
	case errors.As(err, &skip):
		return Skipped, skip
	case err == nil && t.failed:
		err = errors.New("a subtest failed")
	}
	switch {
	case t.xfail != "" && err == nil:
		return Failed, fmt.Errorf("passed, but was expected to fail: %s", t.xfail)
	case t.xfail != "":
		return Passed, fmt.Errorf("failed as expected (%s): %w", t.xfail, newError(err))
	case err != nil:
		return Failed, newError(err)
	}
	return Passed, nil
}

// cleanTimeout is how long a test's clean-up may take.
const cleanTimeout = 30 * time.Second

// clean calls the clean-up functions and ends the scope.
func (t *test) clean(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cleanTimeout)
	defer cancel()
	t.mu.Lock()
	t.cleaning = true
	cleanups := t.cleanups
	t.mu.Unlock()
	var errs []error
	for _, f := range slices.Backward(cleanups) {
		thread := t.sc.thread(ctx, t.name)
		stop := context.AfterFunc(ctx, func() { thread.Cancel(cause(ctx)) })
		t.sc.turn.take(thread)
		if _, err := starlark.Call(thread, f, nil, nil); err != nil {
			errs = append(errs, fmt.Errorf("clean-up: %w", newError(err)))
		}
		t.sc.turn.give()
		stop()
	}
	errs = append(errs, t.sc.close(ctx))
	return errors.Join(errs...)
}

// storyCommands are what is asked of each kernel of a test that has failed.
func storyCommands() []string {
	return []string{"ifconfig -a", "netstat -rn", "arp -an", "ndp -an", "mount", "sockstat"}
}

// story tells of a failure all that one needs to know: the error with the
// script's calls, and of each kernel its state and the last it printed.
func (sc *scope) story(ctx context.Context, err error) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var b strings.Builder
	fmt.Fprintln(&b, err)
	var se *Error
	if errors.As(err, &se) {
		b.WriteString(se.Backtrace())
	}
	sc.mu.Lock()
	kernels := slices.Clone(sc.started)
	sc.mu.Unlock()
	for _, in := range kernels {
		commands, ended := storyCommands(), ""
		if in.Err() != nil {
			commands, ended = nil, ", which has ended"
		}
		fmt.Fprintf(&b, "kernel %s%s:\n", in.Kernel, ended)
		k := &Kernel{in: in, sc: sc, ctx: ctx}
		calls := in.Calls() // before there are ours
		for _, cmd := range commands {
			name, _, _ := strings.Cut(cmd, " ")
			if _, ok := rumpctrl.Lookup(name); !ok {
				continue
			}
			r, err := k.run(ctx, strings.Fields(cmd))
			switch {
			case err != nil:
				fmt.Fprintf(&b, "    %s: %v\n", cmd, err)
			case r.Status == 0 && r.Stdout != "":
				fmt.Fprintf(&b, "    $ %s\n%s", cmd, indent(r.Stdout, "    "))
			}
			if ctx.Err() != nil {
				break
			}
		}
		if calls != "" {
			fmt.Fprintf(&b, "    the last system calls before that:\n%s", indent(calls, "    "))
		}
		if c := in.Console(); c != "" {
			fmt.Fprintf(&b, "    the end of its console:\n%s", indent(lastLines(c, 20), "    "))
		}
	}
	b.WriteString(sc.busStory(ctx))
	return strings.TrimRight(b.String(), "\n")
}

func indent(s, by string) string {
	return by + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+by) + "\n"
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
