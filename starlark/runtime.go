package starlark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/rumpkernel/rumpscript/harness"
)

// Config says how scripts run.
type Config struct {
	Target harness.Target // what kernel() and connect() give
	Args   []string       // the script's arguments, its variable argv
	Stdout io.Writer      // where print goes; nil to discard

	// Getenv looks an environment variable up; nil means os.Getenv.
	Getenv func(string) string
}

// Runtime runs one script. It owns the kernels that the script starts.
type Runtime struct {
	cfg Config

	mu      sync.Mutex
	main    *harness.Instance   // the kernel that connect() gives
	started []*harness.Instance // to be stopped, the last first
}

// New returns a runtime. End it with Close.
func New(cfg Config) *Runtime {
	if cfg.Stdout == nil {
		cfg.Stdout = io.Discard
	}
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	return &Runtime{cfg: cfg}
}

// Close stops the kernels that were started and closes the connections to the others.
func (rt *Runtime) Close(ctx context.Context) error {
	rt.mu.Lock()
	started := rt.started
	rt.started, rt.main = nil, nil
	rt.mu.Unlock()
	var errs []error
	for i := len(started) - 1; i >= 0; i-- {
		errs = append(errs, started[i].Stop(ctx))
	}
	return errors.Join(errs...)
}

// start starts a kernel which ends with the runtime.
func (rt *Runtime) start(ctx context.Context, cfg harness.Config) (*harness.Instance, error) {
	cfg.Program, cfg.Getenv = "rumpscript", rt.cfg.Getenv
	in, err := harness.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	rt.mu.Lock()
	defer rt.mu.Unlock()
	rt.started = append(rt.started, in)
	return in, nil
}

// FileOptions are the dialect: Starlark as go.starlark.net has it, with sets,
// while loops, and if, for and reassignment at the top level, since scripts are
// programs here and not configurations.
func FileOptions() *syntax.FileOptions {
	return &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}
}

// Run runs a script. Its text is src, or what is in the file if src is nil. An
// error of the script is an *Error.
func (rt *Runtime) Run(ctx context.Context, file string, src []byte) error {
	if src == nil {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		src = b
	}
	thread := rt.thread(ctx, file)
	stop := context.AfterFunc(ctx, func() { thread.Cancel(context.Cause(ctx).Error()) })
	defer stop()
	_, err := starlark.ExecFileOptions(FileOptions(), thread, file, src, rt.predeclared())
	if err != nil {
		return newError(err)
	}
	return nil
}

// The keys of a thread's local state.
const (
	keyRuntime = "rumpscript.runtime"
	keyContext = "rumpscript.context"
)

func (rt *Runtime) thread(ctx context.Context, name string) *starlark.Thread {
	t := &starlark.Thread{
		Name:  name,
		Print: func(_ *starlark.Thread, msg string) { fmt.Fprintln(rt.cfg.Stdout, msg) },
	}
	t.SetLocal(keyRuntime, rt)
	t.SetLocal(keyContext, ctx)
	return t
}

// predeclared returns what a script finds without loading it.
func (rt *Runtime) predeclared() starlark.StringDict {
	argv := make([]starlark.Value, len(rt.cfg.Args))
	for i, a := range rt.cfg.Args {
		argv[i] = starlark.String(a)
	}
	env := starlark.StringDict{"argv": starlark.NewList(argv)}
	for _, f := range globals() {
		env[f.name] = f.builtin(nil)
	}
	env["assert"] = module{"assert", asserts()}
	return env
}
