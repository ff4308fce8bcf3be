package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/harness"
)

func (a *app) targetFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.target, "target", "", "the kernel: a URL, fake, process, container[:IMAGE] or rumprun:IMAGE (default $RUMP_SERVER, $RUMPSCRIPT_TARGET, fake)")
}

// chooseTarget returns the target, and says on standard error which it is if
// nobody asked for it.
func (a *app) chooseTarget() (harness.Target, error) {
	t, where, err := harness.Choose(a.target, a.getenv)
	if err != nil {
		return t, err
	}
	if where != "" {
		fmt.Fprintf(a.stderr, "rumpscript: target %s (%s)\n", t, where)
	}
	return t, nil
}
