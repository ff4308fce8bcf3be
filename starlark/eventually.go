package starlark

import (
	"context"
	"fmt"
	"time"

	"go.starlark.net/starlark"
)

// The times that eventually and never take if the script does not say: how long,
// and how often at first and at most rarely.
const (
	eventuallyTimeout = 5 * time.Second
	firstPause        = time.Millisecond
	longestPause      = 100 * time.Millisecond
)

// poll calls f until it is true or fails to be within the limit. It returns the
// last value or error.
func poll(c *call, f starlark.Callable, limit time.Duration) (ok bool, last starlark.Value, lastErr error) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	pause := firstPause
	for {
		expecting(c.thread, 1)
		last, lastErr = starlark.Call(c.thread, f, nil, nil)
		expecting(c.thread, -1)
		if lastErr == nil && bool(last.Truth()) {
			return true, last, nil
		}
		if c.ctx.Err() != nil {
			return false, nil, context.Cause(c.ctx)
		}
		over, err := waiting(c.scope, func() (bool, error) {
			timer := time.NewTimer(pause)
			defer timer.Stop()
			select {
			case <-timer.C:
				return false, nil
			case <-deadline.C:
				return true, nil
			case <-c.ctx.Done():
				return true, context.Cause(c.ctx)
			}
		})
		if err != nil {
			return false, nil, err
		}
		if over {
			return false, last, lastErr
		}
		pause = min(2*pause, longestPause)
	}
}

func assertEventually(c *call) (starlark.Value, error) {
	var f starlark.Callable
	limit := duration(eventuallyTimeout)
	var msg string
	if err := c.unpack(&f, &limit, &msg); err != nil {
		return nil, err
	}
	ok, last, err := poll(c, f, time.Duration(limit))
	if ok {
		return last, nil
	}
	if c.ctx.Err() != nil {
		return nil, err
	}
	what := fmt.Sprintf("not true within %s; ", time.Duration(limit))
	if err != nil {
		what += fmt.Sprintf("the last error: %s", plainError(err))
	} else {
		what += fmt.Sprintf("the last value: %s", last)
	}
	return nil, &AssertionError{"assert.eventually", what, msg}
}

func assertNever(c *call) (starlark.Value, error) {
	var f starlark.Callable
	limit := duration(time.Second)
	var msg string
	if err := c.unpack(&f, &limit, &msg); err != nil {
		return nil, err
	}
	start := time.Now()
	ok, last, err := poll(c, f, time.Duration(limit))
	if ok {
		return nil, &AssertionError{"assert.never", fmt.Sprintf("true after %s: %s", time.Since(start).Round(time.Millisecond), last), msg}
	}
	if err != nil {
		return nil, err // a look that fails has seen nothing
	}
	return nil, nil
}
