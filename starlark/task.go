package starlark

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.starlark.net/starlark"
)

// Task is a function of a script that runs at the same time as the others.
type Task struct {
	name   string
	cancel context.CancelCauseFunc
	done   chan struct{}
	value  starlark.Value // frozen
	err    error
	asked  atomic.Bool // for its result, or cancelled: its error is not forgotten
}

func taskMethods() []function {
	return []function{
		{"cancel", "", "Ends the task: what it waits for fails.", taskCancel},
		{"done", "", "Whether the task has ended.", taskDone},
		{"result", "", "Waits for the task and returns what its function returned, or fails as it failed.", taskResult},
		{"wait", "timeout?", "Waits for the task, at most the given time. Returns whether it has ended.", taskWait},
	}
}

var errTaskCancelled = errors.New("the task was cancelled")

// spawn runs a function in a thread of its own. As Starlark has it, what two
// threads share must be frozen: the function with all that it reaches, and its
// arguments.
func (sc *scope) spawn(ctx context.Context, f starlark.Callable, args starlark.Tuple, kwargs []starlark.Tuple) *Task {
	f.Freeze()
	if fn, ok := f.(*starlark.Function); ok {
		fn.Globals().Freeze() // which Freeze leaves out
	}
	args.Freeze()
	for _, kv := range kwargs {
		kv.Freeze()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	t := &Task{name: f.Name(), cancel: cancel, done: make(chan struct{})}
	sc.mu.Lock()
	sc.spawned = append(sc.spawned, t)
	sc.mu.Unlock()
	thread := sc.thread(ctx, "task "+t.name)
	sc.tasks.Go(func() {
		defer close(t.done)
		defer cancel(nil)
		stop := context.AfterFunc(ctx, func() { thread.Cancel(cause(ctx)) })
		defer stop()
		sc.turn.take(thread)
		defer sc.turn.give()
		t.value, t.err = starlark.Call(thread, f, args, kwargs)
		if t.err == nil {
			t.value.Freeze()
		} else if ctx.Err() != nil {
			t.asked.Store(true) // it was ended
		}
	})
	return t
}

// forgotten returns the error of a task that has failed and whose result nobody
// has asked for, or nil. The tasks must have ended.
func (sc *scope) forgotten() error {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for _, t := range sc.spawned {
		if t.err != nil && !t.asked.Load() {
			return &taskError{t.name, t.err}
		}
	}
	return nil
}

// taskError is the error of a task, where somebody asks for its result.
type taskError struct {
	task string
	err  error
}

func (e *taskError) Error() string { return e.err.Error() }
func (e *taskError) Unwrap() error { return e.err }

func cause(ctx context.Context) string { return context.Cause(ctx).Error() }

// String shows the task to a person.
func (t *Task) String() string        { return fmt.Sprintf("<task %s>", t.name) }
func (t *Task) Type() string          { return "task" }
func (t *Task) Freeze()               {}
func (t *Task) Truth() starlark.Bool  { return true }
func (t *Task) Hash() (uint32, error) { return 0, errors.New("unhashable: task") }

// Attr implements starlark.HasAttrs.
func (t *Task) Attr(name string) (starlark.Value, error) { return method(t, taskMethods(), name), nil }

// AttrNames implements starlark.HasAttrs.
func (t *Task) AttrNames() []string { return attrNames(taskMethods()) }

func taskCancel(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	t := c.self.(*Task)
	t.asked.Store(true)
	t.cancel(errTaskCancelled)
	return nil, nil
}

func taskDone(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	select {
	case <-c.self.(*Task).done:
		return starlark.True, nil
	default:
		return starlark.False, nil
	}
}

func taskWait(c *call) (starlark.Value, error) {
	limit := duration(-1)
	if err := c.unpack(&limit); err != nil {
		return nil, err
	}
	var timeout <-chan time.Time
	if limit >= 0 {
		timer := time.NewTimer(time.Duration(limit))
		defer timer.Stop()
		timeout = timer.C
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		select {
		case <-c.self.(*Task).done:
			return starlark.True, nil
		case <-timeout:
			return starlark.False, nil
		case <-c.ctx.Done():
			return nil, context.Cause(c.ctx)
		}
	})
}

func taskResult(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return c.self.(*Task).result(c)
}

func (t *Task) result(c *call) (starlark.Value, error) {
	t.asked.Store(true)
	return waiting(c.scope, func() (starlark.Value, error) {
		select {
		case <-t.done:
			if t.err != nil {
				return nil, &taskError{t.name, t.err}
			}
			return t.value, nil
		case <-c.ctx.Done():
			return nil, context.Cause(c.ctx)
		}
	})
}

func spawnFunction(c *call) (starlark.Value, error) {
	if len(c.args) == 0 {
		return nil, errors.New("spawn: missing argument for function")
	}
	f, ok := c.args[0].(starlark.Callable)
	if !ok {
		return nil, fmt.Errorf("spawn: got %s where a function is wanted", c.args[0].Type())
	}
	return c.scope.spawn(c.ctx, f, c.args[1:], c.kwargs), nil
}

func parallelFunctions(c *call) (starlark.Value, error) {
	if len(c.kwargs) > 0 {
		return nil, errors.New("parallel: takes functions only")
	}
	functions := make([]starlark.Callable, len(c.args))
	for i, a := range c.args {
		f, ok := a.(starlark.Callable)
		if !ok {
			return nil, fmt.Errorf("parallel: got %s where a function is wanted", a.Type())
		}
		functions[i] = f
	}
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	tasks := make([]*Task, len(functions))
	ended := make(chan *Task, len(functions))
	for i, f := range functions {
		t := c.scope.spawn(ctx, f, nil, nil)
		t.asked.Store(true)
		tasks[i] = t
		go func() {
			<-t.done
			ended <- t
		}()
	}
	// All are waited for, so that none outlives the call; the first error counts.
	first, _ := waiting(c.scope, func() (*Task, error) {
		var first *Task
		for range tasks {
			if t := <-ended; t.err != nil && first == nil {
				first = t
				cancel(errTaskCancelled)
			}
		}
		return first, nil
	})
	switch {
	case c.ctx.Err() != nil:
		return nil, context.Cause(c.ctx)
	case first != nil:
		return nil, &taskError{first.name, first.err}
	}
	values := make([]starlark.Value, len(tasks))
	for i, t := range tasks {
		values[i] = t.value
	}
	return starlark.NewList(values), nil
}
