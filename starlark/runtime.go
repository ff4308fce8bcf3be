package starlark

import (
	"context"
	"io"
	"os"
	"slices"

	"go.starlark.net/lib/json"
	"go.starlark.net/lib/time"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"github.com/rumpkernel/rumpscript/harness"
)

// Config says how scripts run.
type Config struct {
	Target harness.Target // what kernel() and connect() give
	Args   []string       // the script's arguments, its variable argv
	Stdout io.Writer      // where print goes; nil to discard

	// Steps is how many steps each of a script's tasks may take; 0 means any
	// number. A step is about what Starlark does for an operation.
	Steps uint64

	// Update makes assert.golden write its files.
	Update bool

	// Debug is a person's terminal, for breakpoint(); nil if nobody is there.
	Debug LineReader
	// DebugFailures stops a script at its first failure as breakpoint() does.
	DebugFailures bool

	// Getenv looks an environment variable up; nil means os.Getenv.
	Getenv func(string) string
}

// Runtime runs scripts. It has no state but its configuration: what a script
// starts belongs to the run, and is gone when it ends.
type Runtime struct{ cfg Config }

// New returns a runtime.
func New(cfg Config) *Runtime {
	if cfg.Stdout == nil {
		cfg.Stdout = io.Discard
	}
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	return &Runtime{cfg}
}

func (rt *Runtime) turn() *turn { return &turn{limit: rt.cfg.Steps} }

// FileOptions are the dialect: Starlark as go.starlark.net has it, with sets,
// while loops, and if, for and reassignment at the top level, since scripts are
// programs here and not configurations.
func FileOptions() *syntax.FileOptions {
	return &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}
}

// Run runs a script and takes down what it has started. Its text is src, or what
// is in the file if src is nil. An error of the script is an *Error.
func (rt *Runtime) Run(ctx context.Context, file string, src []byte) error {
	if src == nil {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		src = b
	}
	sc := newScope(rt, rt.turn())
	err := sc.exec(ctx, file, src)
	// What was started is taken down even if the context has ended.
	if cerr := sc.close(context.WithoutCancel(ctx)); err == nil {
		err = cerr
	}
	return err
}

// predeclared returns what a script finds without loading it.
func (rt *Runtime) predeclared() starlark.StringDict {
	argv := make([]starlark.Value, len(rt.cfg.Args))
	for i, a := range rt.cfg.Args {
		argv[i] = starlark.String(a)
	}
	env := starlark.StringDict{"argv": starlark.NewList(argv)}
	for _, f := range slices.Concat(globals(), layerFunctions()) {
		env[f.name] = f.builtin(nil)
	}
	env["struct"] = starlark.NewBuiltin("struct", starlarkstruct.Make)
	env["json"] = json.Module
	env["time"] = time.Module
	env["assert"] = module{"assert", asserts()}
	return env
}
