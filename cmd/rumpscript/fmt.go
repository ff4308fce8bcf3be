package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/starlark"
)

func (a *app) fmtCommand() *cobra.Command {
	var list, show bool
	cmd := &cobra.Command{
		Use:   "fmt FILE...",
		Short: "Format scripts",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			for _, f := range files {
				if err := a.format(f, list, show); err != nil {
					return asFailure(err)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&list, "list", "l", false, "print the names of files that are not formatted, and change none")
	cmd.Flags().BoolVarP(&show, "diff", "d", false, "print what would change, and change nothing; the exit status is 1 if something would")
	return cmd
}

func (a *app) format(file string, list, show bool) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	out, err := starlark.Format(file, src)
	if err != nil {
		return err
	}
	if bytes.Equal(src, out) {
		return nil
	}
	switch {
	case show:
		a.stdout.Write(diff.Diff(file, src, file+" (formatted)", out))
		a.status = statusFailed
		return nil
	case list:
		fmt.Fprintln(a.stdout, file)
		return nil
	}
	fi, err := os.Stat(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, out, fi.Mode().Perm())
}
