package starlark

import (
	"fmt"
	"sync"

	"go.starlark.net/starlark"
)

// turn is what a thread of a scope must hold while it runs. go.starlark.net lets
// threads run side by side if what they share is frozen; but the variables of a
// file cannot be frozen while its top level still runs, and that is where scripts
// spawn their tasks. So the tasks of one script take turns, and give theirs away
// while they wait for something: for a kernel, for time, for each other. Tests run
// side by side, since each has a scope of its own.
type turn struct {
	mu    sync.Mutex
	limit uint64 // steps that a thread may take in all; 0 for any number
}

// stepsPerTurn is how many steps a thread may take before others get their turn.
const stepsPerTurn = 100_000

// take gives the turn to a thread, which must give it back.
func (tn *turn) take(thread *starlark.Thread) {
	tn.mu.Lock()
	thread.SetMaxExecutionSteps(thread.ExecutionSteps() + tn.steps())
	thread.OnMaxSteps = func(t *starlark.Thread) {
		if tn.limit > 0 && t.ExecutionSteps() > tn.limit {
			t.Cancel(fmt.Sprintf("more than %d steps", tn.limit))
			return
		}
		tn.mu.Unlock() // a mutex is fair to those who have waited long
		tn.mu.Lock()
		t.SetMaxExecutionSteps(t.ExecutionSteps() + tn.steps())
	}
}

// steps is how many steps a turn has.
func (tn *turn) steps() uint64 {
	if tn.limit > 0 {
		return min(stepsPerTurn, tn.limit)
	}
	return stepsPerTurn
}

func (tn *turn) give() { tn.mu.Unlock() }

// waiting calls f, which waits for something, while others have their turn.
func waiting[T any](sc *scope, f func() (T, error)) (T, error) {
	sc.turn.mu.Unlock()
	defer sc.turn.mu.Lock()
	return f()
}

// resuming calls f, which runs more of the script, in the midst of waiting.
func resuming[T any](sc *scope, f func() (T, error)) (T, error) {
	sc.turn.mu.Lock()
	defer sc.turn.mu.Unlock()
	return f()
}
