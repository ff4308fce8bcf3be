package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/starlark"
	"github.com/rumpkernel/rumpscript/starlark/suite"
)

// testFlags are the flags of rumpscript test.
type testFlags struct {
	suite.Options
	list       string
	verbose    bool
	json       bool
	junit, tap string
	update     bool
	watch      bool
}

func (a *app) testCommand() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "Run the tests in *_test.star files and txtar scripts",
		RunE: func(_ *cobra.Command, args []string) error {
			if f.watch {
				return a.watch(args, func() error { return a.runTests(args, f) })
			}
			return a.runTests(args, f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.Run, "run", "", "run only tests whose name matches the pattern")
	fl.StringVar(&f.Skip, "skip", "", "skip tests whose name matches the pattern")
	fl.StringVar(&f.list, "list", "", "list the tests whose name matches the pattern, and run none")
	fl.IntVar(&f.Parallel, "parallel", runtime.GOMAXPROCS(0), "run so many tests at once")
	fl.DurationVar(&f.Timeout, "timeout", 10*time.Minute, "end the run after so long; 0 for never")
	fl.Uint64Var(&a.steps, "steps", 0, "end each task of a test after so many steps; 0 for never")
	fl.IntVar(&f.Count, "count", 1, "run each test so often")
	fl.StringVar(&f.Shuffle, "shuffle", "off", "the tests' order: off, on, or a seed")
	fl.BoolVar(&f.FailFast, "failfast", false, "start no test after the first failure")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print logs as they come")
	fl.BoolVar(&f.json, "json", false, "print events as go test -json does")
	fl.StringVar(&f.junit, "junit", a.getenv("XML_OUTPUT_FILE"), "write a JUnit report to the file")
	fl.StringVar(&f.tap, "tap", "", "write a TAP report to the file, - for standard output")
	fl.BoolVar(&f.update, "update", false, "write the files of assert.golden")
	fl.BoolVar(&f.watch, "watch", false, "run the tests again whenever a file changes, until interrupted")
	fl.StringVar(&f.Artifacts, "artifacts", "", "keep what tests leave in the folder")
	fl.IntVar(&f.ShardIndex, "shard-index", a.getenvInt("TEST_SHARD_INDEX"), "which part of the tests to run, from 0")
	fl.IntVar(&f.ShardCount, "shard-count", a.getenvInt("TEST_TOTAL_SHARDS"), "of how many parts")
	a.targetFlag(cmd)
	a.debugFlag(cmd)
	return cmd
}

func (a *app) getenvInt(name string) int {
	n, _ := strconv.Atoi(a.getenv(name)) // Bazel's own variables: absent or a number
	return n
}

func (a *app) runTests(paths []string, f testFlags) (err error) {
	items, err := suite.Discover(paths)
	if err != nil {
		var se *starlark.Error
		if errors.As(err, &se) {
			return &failure{statusFailed, err}
		}
		return err
	}
	if f.list != "" {
		f.Run = f.list
		picked, _, err := suite.Select(items, f.Options)
		for _, it := range picked {
			fmt.Fprintf(a.stdout, "%s\n", it.Name)
		}
		return err
	}
	target, err := a.chooseTarget()
	if err != nil {
		return err
	}
	f.Env, f.Again = againFor(target)
	if file := a.getenv("TEST_SHARD_STATUS_FILE"); file != "" {
		// Its being touched tells Bazel that we know of shards.
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			return err
		}
	}
	if f.Artifacts != "" {
		if err := os.MkdirAll(f.Artifacts, 0o777); err != nil {
			return fmt.Errorf("--artifacts: %w", err)
		}
	}
	reporters, done, err := a.reporters(f)
	if err != nil {
		return err
	}
	debug, closeDebug := a.debugger()
	defer closeDebug()
	if debug != nil && a.debug {
		f.Parallel = 1 // one conversation at a time
	}
	rt := starlark.New(starlark.Config{
		Target: target, Stdout: a.stdout, Getenv: a.getenv, Debug: debug, DebugFailures: a.debug, Update: f.update, Steps: a.steps,
	})
	sum, err := suite.Run(a.ctx, rt, items, f.Options, reporters...)
	if cerr := done(); err == nil {
		err = cerr
	}
	if err == nil && !sum.OK() {
		a.status = statusFailed
	}
	return err
}

// againFor returns the environment that makes txtar scripts use a target, and the
// command line which runs tests on it again.
func againFor(t harness.Target) (env []string, again string) {
	switch t.Kind {
	case harness.KindFake:
		return nil, "rumpscript test"
	case harness.KindURL:
		env = []string{"RUMP_SERVER=" + t.String()}
	default:
		env = []string{"RUMPSCRIPT_TARGET=" + t.String()}
	}
	return env, "rumpscript test --target " + t.String()
}

// reporters makes the reporters that the flags ask for, and a function that
// closes their files.
func (a *app) reporters(f testFlags) (rs []suite.Reporter, done func() error, err error) {
	var files []*os.File
	create := func(path string) (io.Writer, error) {
		if path == "-" {
			return a.stdout, nil
		}
		w, err := os.Create(path)
		if err == nil {
			files = append(files, w)
		}
		return w, err
	}
	var junit *suite.JUnit
	switch {
	case f.json:
		rs = append(rs, &suite.JSON{W: a.stdout})
	case f.tap != "-":
		rs = append(rs, &suite.Console{W: a.stdout, Verbose: f.verbose, Terminal: isTerminal(a.stdout)})
	}
	if f.tap != "" {
		w, err := create(f.tap)
		if err != nil {
			return nil, nil, err
		}
		rs = append(rs, &suite.TAP{W: w})
	}
	if f.junit != "" {
		w, err := create(f.junit)
		if err != nil {
			return nil, nil, err
		}
		junit = &suite.JUnit{W: w}
		rs = append(rs, junit)
	}
	return rs, func() error {
		var errs []error
		if junit != nil {
			errs = append(errs, junit.Err)
		}
		for _, w := range files {
			errs = append(errs, w.Close())
		}
		return errors.Join(errs...)
	}, nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && !strings.EqualFold(os.Getenv("TERM"), "dumb")
}
