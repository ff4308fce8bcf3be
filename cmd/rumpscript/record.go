package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/sysproxy"
	"github.com/rumpkernel/rumpscript/sysproxy/recording"
)

func (a *app) recordCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "record --out FILE LISTEN-URL SERVER-URL",
		Short: "Stand between clients and a server, and write down every frame",
		Args:  cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			server, err := sysproxy.ParseURL(args[1])
			if err != nil {
				return err
			}
			l, err := a.listen(args[0])
			if err != nil {
				return err
			}
			defer l.Close()
			w, err := os.Create(out)
			if err != nil {
				return err
			}
			a.ready(sysproxy.ListenerURL(l))
			err = recording.Record(a.ctx, w, l, server)
			return asFailure(errors.Join(err, w.Close()))
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "the file to write")
	cmd.MarkFlagRequired("out")
	return cmd
}

func (a *app) replayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE LISTEN-URL",
		Short: "Serve a recording: answer clients as the recorded kernel did",
		Args:  cobra.ExactArgs(2),
		RunE:  func(_ *cobra.Command, args []string) error { return a.replay(args[0], args[1]) },
	}
}

func (a *app) replay(file, url string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	entries, err := recording.Read(f)
	f.Close()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	l, err := a.listen(url)
	if err != nil {
		return err
	}
	rep := recording.NewReplay(entries)
	a.ready(sysproxy.ListenerURL(l))
	if err := rep.Serve(a.ctx, l); err != nil {
		return asFailure(err)
	}
	if mismatches := rep.Mismatches(); len(mismatches) > 0 {
		for _, m := range mismatches {
			fmt.Fprintln(a.stderr, m)
		}
		return &failure{statusFailed, fmt.Errorf("%s: %d requests are not in the recording", file, len(mismatches))}
	}
	return nil
}
