package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/harness"
)

func (a *app) gcCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Remove what dead runs have left",
		Long: `gc lists and removes what runs have left that ended without taking their kernels
down, because they were killed or the machine was switched off: processes,
folders, and the containers and volumes of the Docker engine that DOCKER_HOST
names. What belongs to a run that lives is never touched.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.gc(dryRun) },
	}
	cmd.Flags().BoolVarP(&dryRun, "dry-run", "n", false, "list only")
	return cmd
}

func (a *app) gc(dryRun bool) error {
	found, err := harness.Leftovers(a.ctx, a.getenv)
	var missing *harness.MissingError
	if errors.As(err, &missing) {
		fmt.Fprintf(a.stderr, "rumpscript: containers were not looked for: %v\n", missing)
		err = nil
	}
	errs := []error{err}
	for _, l := range found {
		if !dryRun {
			if err := l.Remove(a.ctx); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		fmt.Fprintln(a.stdout, l)
	}
	return asFailure(errors.Join(errs...))
}
