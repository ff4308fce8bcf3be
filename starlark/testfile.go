package starlark

import (
	"context"
	"fmt"
	"os"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// TestFile is a file of tests: NAME_test.star with functions test_NAME(t).
type TestFile struct {
	Path  string
	Tests []string // the names of its test functions, in the file's order

	src  []byte
	prog *starlark.Program
}

// LoadTests reads and compiles a file of tests. An error of its text is an *Error.
func LoadTests(path string) (*TestFile, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	names := New(Config{}).predeclared()
	tree, prog, err := starlark.SourceProgramOptions(FileOptions(), path, src, names.Has)
	if err != nil {
		return nil, newError(err)
	}
	f := &TestFile{Path: path, src: src, prog: prog}
	for _, stmt := range tree.Stmts {
		if def, ok := stmt.(*syntax.DefStmt); ok && strings.HasPrefix(def.Name.Name, "test_") {
			f.Tests = append(f.Tests, def.Name.Name)
		}
	}
	return f, nil
}

// TestConfig says how a test runs.
type TestConfig struct {
	Events    Events
	Artifacts string                 // folder for what the test keeps; none if empty
	Run       func(name string) bool // whether a subtest is wanted, by its whole name; nil for all
}

// RunTest runs a test of the file: the file's top level and then the function, in
// a world of their own. An error says how the test failed.
func (f *TestFile) RunTest(ctx context.Context, rt *Runtime, name string, cfg TestConfig) (Outcome, error) {
	sc := newScope(rt, rt.turn())
	opts := testOptions{events: cfg.Events, artifacts: cfg.Artifacts, run: cfg.Run}
	return sc.runTest(ctx, name, opts, func(ctx context.Context, thread *starlark.Thread, t *test) error {
		globals, err := f.prog.Init(thread, rt.predeclared())
		if err != nil {
			return err
		}
		fn, ok := globals[name].(starlark.Callable)
		if !ok {
			return fmt.Errorf("%s: %s is not a function any more", f.Path, name)
		}
		_, err = starlark.Call(thread, fn, starlark.Tuple{t}, nil)
		return err
	})
}
