package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"
)

// The exit statuses of the command's own.
const (
	statusFailed = 1 // a script or a test failed
	statusUsage  = 2 // bad usage or bad configuration
)

// failure is an error with an exit status; any other error is one of usage.
type failure struct {
	status int
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// asFailure makes an error one of what was done, not of how it was asked for.
func asFailure(err error) error {
	if err == nil {
		return nil
	}
	return &failure{statusFailed, err}
}

// app is what the subcommands share.
type app struct {
	ctx            context.Context
	release        func() // lets go of the signals which end ctx, and ends it
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string

	args    []string // as given, without the name
	standIn bool     // run as rump_server

	target  string        // --target
	debug   bool          // --debug
	timeout time.Duration // --timeout of run
	steps   uint64        // --steps
	status  int           // the exit status if there is no error
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "rumpscript [run] FILE.star [ARG...]",
		Short: "Configure rump kernels and check the outcome",
		Long: `rumpscript runs scripts, tests and NetBSD's utilities on rump kernels: a fake
one inside the process, a rump_server, or any server that RUMP_SERVER names.`,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return a.runScript(args[0], args[1:])
		},
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	// What follows a script's or a utility's name is its own.
	root.Flags().SetInterspersed(false)
	a.targetFlag(root)
	a.debugFlag(root)
	a.limitFlags(root)
	root.AddCommand(a.runCommand(), a.testCommand(), a.shCommand(), a.ctlCommand(), a.fakeCommand(), a.recordCommand(), a.replayCommand(),
		a.replCommand(), a.fmtCommand(), a.vetCommand(), a.docCommand(), a.pcapCommand(),
		a.imageCommand(), a.gcCommand())
	return root
}
