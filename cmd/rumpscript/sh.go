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
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/rumpctrl/shell"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// statusNotFound is the exit status of a shell whose script is not there.
const statusNotFound = 127

// shOptions are the flags of sh.
type shOptions struct {
	command   string
	isCommand bool
	hijack    bool
	hostFiles bool
	errexit   bool
	xtrace    bool
	nounset   bool
	stdin     bool
}

func (a *app) shCommand() *cobra.Command {
	var o shOptions
	cmd := &cobra.Command{
		Use:   "sh [-eux] [-c COMMAND | --hijack PROGRAM | FILE] [ARG...]",
		Short: "A shell inside the rump kernel",
		Long: `A POSIX shell whose world is the rump kernel: NetBSD's utilities run there, and
redirections, globs, cd and test mean its files. Any other command is a program
of the host, which finds the kernel in RUMP_SERVER.

  > host:FILE               in a redirection: a file of the host
  rumpctrl_hostcmd NAME     run the host's program of that name
  rumpctrl_hostcmd cd DIR   set the working folder of the host's programs
  rumpctrl_listcmds         list the utilities
  rumpctrl_hascmd NAME      is there such a utility?
  hijack PROGRAM            run a program of the host whose system calls go to the kernel
  UTILITY --help            the manual of a utility`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.isCommand = cmd.Flags().Changed("command")
			return a.runShell(o, args)
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	f.StringVarP(&o.command, "command", "c", "", "run this command; what follows is $0 and its arguments")
	f.BoolVar(&o.hijack, "hijack", false, "run a program of the host under librumphijack (see RUMPHIJACK_LIB)")
	f.BoolVar(&o.hostFiles, "host-files", a.getenv("RUMPSCRIPT_HOST_FILES") == "1", "files that the shell itself uses are the host's, as under rumpctrl.sh ($RUMPSCRIPT_HOST_FILES)")
	f.BoolVarP(&o.errexit, "errexit", "e", false, "end when a command fails")
	f.BoolVarP(&o.nounset, "nounset", "u", false, "it is an error to use a variable that is not set")
	f.BoolVarP(&o.xtrace, "xtrace", "x", false, "print each command before it runs")
	f.BoolVarP(&o.stdin, "stdin", "s", false, "read commands from standard input")
	a.targetFlag(cmd)
	return cmd
}

// runShell runs the shell and keeps its exit status.
func (a *app) runShell(o shOptions, args []string) error {
	var script io.Reader
	name := "rumpscript sh"
	switch {
	case o.hijack && len(args) == 0:
		return errors.New("sh --hijack: no program given")
	case o.isCommand:
		script = strings.NewReader(o.command)
		if len(args) > 0 {
			name, args = args[0], args[1:]
		}
	case !o.hijack && !o.stdin && len(args) > 0:
		f, err := os.Open(args[0])
		if err != nil {
			return &failure{statusNotFound, fmt.Errorf("sh: %w", err)}
		}
		defer f.Close()
		script, name, args = f, args[0], args[1:]
	}
	stdin, _ := a.stdin.(*os.File)
	stdout, _ := a.stdout.(*os.File)
	interactive := script == nil && !o.hijack && isATerminal(stdin) && isATerminal(stdout)

	// Ctrl-C is a matter of the shell and what runs in it.
	a.release()
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(a.ctx))
	defer cancel(nil)

	k, err := a.shellKernel(ctx)
	if err != nil {
		return err
	}
	defer k.stop()
	cfg := shell.Config{
		Kernel: k.connect, Name: k.name, URL: k.url,
		Env: os.Environ(), HostFiles: o.hostFiles,
		Stdin: stdin, Stdout: a.stdout, Stderr: a.stderr,
		Name0: name, Params: args, Options: o.set(),
	}
	sh, err := shell.New(cfg)
	if err != nil {
		return &failure{statusFailed, err}
	}
	defer sh.Close()
	defer a.forwardSignals(sh, cancel, interactive)()

	switch {
	case o.hijack:
		a.status = sh.Hijack(ctx, args)
	case script != nil:
		a.status = sh.Script(ctx, name, script)
	case interactive:
		a.status = sh.Interactive(ctx, shell.Terminal{History: a.historyFile()})
	case stdin != nil:
		a.status = sh.Lines(ctx, stdin)
	default:
		a.status = sh.Script(ctx, name, a.stdin)
	}
	return nil
}

// set returns the options as the set command takes them.
func (o shOptions) set() []string {
	var opts []string
	for _, f := range []struct {
		on   bool
		flag string
	}{{o.errexit, "-e"}, {o.nounset, "-u"}, {o.xtrace, "-x"}} {
		if f.on {
			opts = append(opts, f.flag)
		}
	}
	return opts
}

// shellKernel is the kernel of a shell.
type shellKernel struct {
	name, url string
	connect   func(context.Context, string) (*rump.Kernel, error)
	stop      func()
}

// shellKernel starts the kernel, or finds out where it is: a script may well
// start it itself.
func (a *app) shellKernel(ctx context.Context) (*shellKernel, error) {
	t, where, err := harness.Choose(a.target, a.getenv)
	if err != nil {
		return nil, err
	}
	if where != "" && t.Kind != harness.KindURL { // as with ctl
		fmt.Fprintf(a.stderr, "rumpscript: target %s (%s)\n", t, where)
	}
	k := &shellKernel{name: t.String(), stop: func() {}}
	if t.Kind == harness.KindURL {
		k.url = k.name
		k.connect = func(ctx context.Context, program string) (*rump.Kernel, error) {
			d := sysproxy.Dialer{Program: program}
			c, err := d.DialURL(ctx, t.URL)
			if err != nil {
				return nil, err
			}
			return rump.New(c), nil
		}
		return k, nil
	}
	in, err := harness.Start(ctx, harness.Config{Target: t, Program: "rumpscript", Getenv: a.getenv})
	if err != nil {
		return nil, &failure{statusFailed, err}
	}
	k.stop = func() {
		if err := in.Stop(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintf(a.stderr, "rumpscript: %v\n", err)
		}
	}
	k.connect = in.Connect
	if k.url, err = in.Expose(ctx); err != nil {
		k.stop()
		return nil, &failure{statusFailed, err}
	}
	return k, nil
}

// forwardSignals hands the signals of the process to a shell. Those which end
// the process end the shell's commands first, so that kernels are taken down.
func (a *app) forwardSignals(sh *shell.Shell, cancel context.CancelCauseFunc, interactive bool) (stop func()) {
	c := make(chan os.Signal, 8)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s := range c {
			n, ok := s.(syscall.Signal)
			if !ok {
				continue
			}
			sh.Signal(shell.Signal(n))
			if n == syscall.SIGHUP || n == syscall.SIGTERM && !interactive {
				if !sh.Traps(shell.Signal(n)) {
					cancel(shell.Signal(n))
				}
			}
		}
	}()
	return func() {
		signal.Stop(c)
		close(c)
		<-done
	}
}

// historyFile is where an interactive shell keeps what was typed; RUMPSCRIPT_HISTORY
// names another file, or none if it is empty.
func (a *app) historyFile() string {
	if f, ok := os.LookupEnv("RUMPSCRIPT_HISTORY"); ok {
		return f
	}
	state := a.getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "rumpscript", "history")
}

func isATerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }
