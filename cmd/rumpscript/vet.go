package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/starlark"
)

func (a *app) vetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "vet FILE...",
		Short: "Look scripts over without running them",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			for _, file := range files {
				findings, err := starlark.Vet(file)
				if err != nil {
					return asFailure(err)
				}
				for _, f := range findings {
					fmt.Fprintln(a.stdout, f)
					a.status = statusFailed
				}
			}
			return nil
		},
	}
}
