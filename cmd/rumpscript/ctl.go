package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/rumpctrl"
)

func (a *app) ctlCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ctl UTILITY [ARG...]",
		Short: "Run one of NetBSD's utilities on a rump kernel",
		Args:  cobra.MinimumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return a.runUtility(args) },
	}
	cmd.Flags().SetInterspersed(false)
	a.targetFlag(cmd)
	return cmd
}

func (a *app) runUtility(args []string) error {
	if _, ok := rumpctrl.Lookup(args[0]); !ok {
		return fmt.Errorf("no utility named %s (rumpscript doc lists them)", args[0])
	}
	t, where, err := harness.Choose(a.target, a.getenv)
	if err != nil {
		return err
	}
	// RUMP_SERVER is how every utility of the rump world is told its kernel:
	// nothing to mention. A kernel that is there for one command is.
	if where != "" && t.Kind != harness.KindURL {
		fmt.Fprintf(a.stderr, "rumpscript: target %s (%s)\n", t, where)
	}
	in, err := harness.Start(a.ctx, harness.Config{Target: t, Program: args[0], Getenv: a.getenv})
	if err != nil {
		return asFailure(err)
	}
	a.status = rumpctrl.Run(a.ctx, &rumpctrl.Env{
		Kernel: in.Kernel,
		Args:   args,
		Stdin:  a.stdin,
		Stdout: a.stdout,
		Stderr: a.stderr,
		Getenv: a.getenv,
	})
	return in.Stop(context.WithoutCancel(a.ctx))
}
