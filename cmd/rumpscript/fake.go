package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

func (a *app) fakeCommand() *cobra.Command {
	var components []string
	cmd := &cobra.Command{
		Use:   "fake [-l COMPONENT]... URL",
		Short: "Serve a fake rump kernel until interrupted",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.serveFake(fakeserver.Config{Components: components}, args[0])
		},
	}
	cmd.Flags().StringArrayVarP(&components, "component", "l", nil, "make the kernel of these components, by the names rump_server has (default all)")
	return cmd
}

func (a *app) serveFake(cfg fakeserver.Config, url string) error {
	k, err := fakeserver.New(cfg)
	if err != nil {
		return err
	}
	defer k.Close()
	l, err := sysproxy.Listen(a.ctx, url)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s\n", sysproxy.ListenerURL(l))
	if err := k.Serve(a.ctx, l); err != nil && !errors.Is(err, sysproxy.ErrClosed) {
		return &failure{statusFailed, err}
	}
	return nil
}
