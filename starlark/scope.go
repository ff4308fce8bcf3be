package starlark

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/rump"
)

// scope owns what one run of a script has started.
type scope struct {
	rt *Runtime

	starting sync.Mutex // held while the main kernel is being started

	mu        sync.Mutex
	main      *harness.Instance   // the kernel that connect() gives
	started   []*harness.Instance // to be stopped, the last first
	forked    []*rump.Kernel      // more processes of theirs
	turn      *turn
	debugged  atomic.Bool // a failure has stopped the script once
	tasks     sync.WaitGroup
	spawned   []*Task
	loader    loader
	buses     []*Bus
	dir       string       // the scope's own folder, once it is needed
	removeDir func() error // of dir
}

func newScope(rt *Runtime, tn *turn) *scope {
	sc := &scope{rt: rt, turn: tn}
	sc.loader.sc = sc
	return sc
}

// exec executes a script in the scope.
func (sc *scope) exec(ctx context.Context, file string, src []byte) error {
	// Tasks end with the script that has spawned them.
	ctx, cancel := context.WithCancelCause(ctx)
	thread := sc.thread(ctx, file)
	stop := context.AfterFunc(ctx, func() { thread.Cancel(cause(ctx)) })
	defer stop()
	sc.turn.take(thread)
	_, err := starlark.ExecFileOptions(FileOptions(), thread, file, src, sc.rt.predeclared())
	sc.turn.give()
	cancel(errScriptEnded)
	sc.tasks.Wait()
	if err == nil {
		err = sc.forgotten()
	}
	if err != nil {
		return newError(err)
	}
	return nil
}

var errScriptEnded = errors.New("the script has ended")

// close stops the kernels that were started, closes the connections to the others
// and leaves the buses.
func (sc *scope) close(ctx context.Context) error {
	sc.mu.Lock()
	started, forked, removeDir := sc.started, sc.forked, sc.removeDir
	sc.started, sc.forked, sc.main, sc.dir, sc.removeDir = nil, nil, nil, "", nil
	sc.mu.Unlock()
	var errs []error
	for _, k := range forked {
		k.Close() // it may have ended already
	}
	for i := len(started) - 1; i >= 0; i-- {
		errs = append(errs, started[i].Stop(ctx))
	}
	errs = append(errs, sc.closeBuses())
	if removeDir != nil {
		errs = append(errs, removeDir())
	}
	return errors.Join(errs...)
}

// start starts a kernel which ends with the scope.
func (sc *scope) start(ctx context.Context, cfg harness.Config) (*harness.Instance, error) {
	cfg.Program, cfg.Getenv = "rumpscript", sc.rt.cfg.Getenv
	if cfg.Target.Kind != harness.KindURL && cfg.Target.Kind != harness.KindRumprun {
		dir, err := sc.folder()
		if err != nil {
			return nil, err
		}
		cfg.BusDir = dir
	}
	in, err := harness.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.started = append(sc.started, in)
	return in, nil
}

// adopt ends a process of a kernel with the scope.
func (sc *scope) adopt(k *rump.Kernel) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.forked = append(sc.forked, k)
}

// mainKernel returns the kernel of the run, started when it is first asked for.
func (sc *scope) mainKernel(ctx context.Context) (*harness.Instance, error) {
	sc.mu.Lock()
	in := sc.main
	sc.mu.Unlock()
	if in != nil {
		return in, nil
	}
	sc.starting.Lock()
	defer sc.starting.Unlock()
	sc.mu.Lock()
	in = sc.main
	sc.mu.Unlock()
	if in != nil {
		return in, nil // somebody else was faster
	}
	in, err := sc.start(ctx, harness.Config{Target: sc.rt.cfg.Target})
	if err != nil {
		return nil, err
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.main = in
	return in, nil
}

// folder returns the scope's own folder, which is gone when it ends.
func (sc *scope) folder() (string, error) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.dir == "" {
		dir, remove, err := harness.MakeFolder("buses")
		if err != nil {
			return "", err
		}
		sc.dir, sc.removeDir = dir, remove
	}
	return sc.dir, nil
}

// The keys of a thread's local state.
const (
	keyScope   = "rumpscript.scope"
	keyContext = "rumpscript.context"
	keyLoading = "rumpscript.loading" // the files being loaded, the innermost last
)

func contextOf(t *starlark.Thread) context.Context { return t.Local(keyContext).(context.Context) }

func (sc *scope) thread(ctx context.Context, name string) *starlark.Thread {
	t := &starlark.Thread{
		Name:  name,
		Load:  sc.loader.load,
		Print: func(_ *starlark.Thread, msg string) { fmt.Fprintln(sc.rt.cfg.Stdout, msg) },
	}
	t.SetLocal(keyScope, sc)
	t.SetLocal(keyContext, ctx)
	return t
}
