package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/starlark"
)

func (a *app) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE.star [ARG...]",
		Short: "Run a script",
		Args:  cobra.MinimumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return a.runScript(args[0], args[1:]) },
	}
	cmd.Flags().SetInterspersed(false)
	a.targetFlag(cmd)
	a.debugFlag(cmd)
	a.limitFlags(cmd)
	return cmd
}

// limitFlags are for scripts that nobody watches.
func (a *app) limitFlags(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&a.timeout, "timeout", 0, "end the script after so long; 0 for never")
	cmd.Flags().Uint64Var(&a.steps, "steps", 0, "end the script after so many steps; 0 for never")
}

func (a *app) runScript(file string, args []string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: no such script or subcommand (rumpscript --help lists the subcommands)", file)
		}
		return err
	}
	target, err := a.chooseTarget()
	if err != nil {
		return err
	}
	debug, done := a.debugger()
	defer done()
	rt := starlark.New(starlark.Config{
		Target: target, Args: args, Stdout: a.stdout, Getenv: a.getenv, Debug: debug, DebugFailures: a.debug, Steps: a.steps,
	})
	ctx := a.ctx
	if a.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, a.timeout, fmt.Errorf("the script took longer than --timeout %s", a.timeout))
		defer cancel()
	}
	if err = rt.Run(ctx, file, src); err == nil {
		return nil
	}
	var se *starlark.Error
	if errors.As(err, &se) {
		if bt := se.Backtrace(); bt != "" {
			err = fmt.Errorf("%w\n%s", err, bt[:len(bt)-1])
		}
	}
	return asFailure(err)
}
