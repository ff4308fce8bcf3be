// Command rumpscript configures rump kernels and checks the outcome.
//
//	rumpscript [run] FILE.star [ARG...]   run a script
//	rumpscript sh [-c COMMAND] [FILE]     a shell inside the rump kernel
//	rumpscript ctl UTILITY [ARG...]       run one utility
//	rumpscript fake URL                   serve a fake rump kernel
//	rumpscript pcap BUS|FILE [FILTER...]  print, record or replay packets
//	rumpscript doc [NAME]                 print the reference
//
// A link to the binary named rump.UTILITY acts as rumpscript ctl UTILITY, and one
// named rump_server as rumpscript fake.
//
// Exit status: 0 all is well; 1 a script or a test failed; 2 bad usage or
// configuration. A utility keeps its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

func main() {
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole command; it returns the exit status.
func run(argv []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := interruptible()
	defer stop()
	a := &app{ctx: ctx, release: stop, stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv}
	a.args, a.standIn = argv[1:], filepath.Base(argv[0]) == "rump_server"
	err := a.execute(arguments(argv))
	if err == nil {
		return a.status
	}
	fmt.Fprintf(stderr, "rumpscript: %v\n", err)
	var f *failure
	if errors.As(err, &f) {
		return f.status
	}
	return statusUsage
}

// execute does what the arguments say.
func (a *app) execute(args []string) error {
	if len(args) > 1 && args[0] == "ctl" && !strings.HasPrefix(args[1], "-") {
		// A script starts many utilities one after the other, and to make all the
		// subcommands takes as long as what most of them do.
		return a.runUtility(args[1:])
	}
	root := a.root()
	root.SetArgs(args)
	return root.ExecuteContext(a.ctx)
}

// arguments returns the arguments that a link to the command stands for.
func arguments(argv []string) []string {
	if filepath.Base(argv[0]) == "rump_server" {
		return append([]string{"fake"}, argv[1:]...)
	}
	if u, ok := strings.CutPrefix(filepath.Base(argv[0]), "rump."); ok && u != "" {
		return append([]string{"ctl", u}, argv[1:]...)
	}
	return argv[1:]
}

// interruptible returns a context which the first Ctrl-C ends, so that kernels
// are taken down; the second one kills. So does a terminal that goes away, unless
// nohup has said that it may.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(c, syscall.SIGHUP)
	}
	go func() {
		s, ok := <-c
		if !ok {
			return
		}
		cancel(fmt.Errorf("ended by a signal: %s", s))
		if _, ok := <-c; ok {
			os.Exit(statusFailed)
		}
	}()
	return ctx, sync.OnceFunc(func() {
		signal.Stop(c)
		close(c)
		cancel(nil)
	})
}
