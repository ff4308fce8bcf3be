package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/rumpctrl"
	"github.com/rumpkernel/rumpscript/starlark"
)

func (a *app) docCommand() *cobra.Command {
	var markdown, stub bool
	cmd := &cobra.Command{
		Use:   "doc [NAME]",
		Short: "Print the reference of the script language, or the manual of a utility",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case markdown:
				return starlark.WriteMarkdown(a.stdout)
			case stub:
				return starlark.WriteStub(a.stdout)
			case len(args) == 0:
				a.printReference()
				return nil
			}
			return a.printEntry(args[0])
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the reference as Markdown")
	cmd.Flags().BoolVar(&stub, "stub", false, "print the reference as definitions for a Starlark language server")
	cmd.MarkFlagsMutuallyExclusive("markdown", "stub")
	return cmd
}

func (a *app) printReference() {
	fmt.Fprint(a.stdout, "The script language is Starlark (https://github.com/bazelbuild/starlark) with:\n\n")
	for _, e := range starlark.Reference() {
		fmt.Fprintln(a.stdout, e)
	}
	fmt.Fprintln(a.stdout, "Utilities, for kernel.run and rumpscript ctl:")
	fmt.Fprintln(a.stdout)
	for _, u := range rumpctrl.All() {
		fmt.Fprintf(a.stdout, "    %-14s %s\n", u.Name, u.Summary)
	}
}

// printEntry prints the entries with a name, or whose last part it is, or the
// manual of a utility.
func (a *app) printEntry(name string) error {
	text := starlark.Lookup(name)
	fmt.Fprint(a.stdout, text)
	found := text != ""
	if u, ok := rumpctrl.Lookup(name); ok {
		fmt.Fprintln(a.stdout, u.Page())
		found = true
	}
	if !found {
		return fmt.Errorf("nothing is named %s (rumpscript doc lists everything)", name)
	}
	return nil
}
