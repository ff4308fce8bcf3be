package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/peterh/liner"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rumpkernel/rumpscript/starlark"
)

func (a *app) replCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "repl",
		Short: "Starlark at a prompt",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			target, err := a.chooseTarget()
			if err != nil {
				return err
			}
			t := newTerminal()
			defer t.Close()
			rt := starlark.New(starlark.Config{Target: target, Stdout: a.stdout, Getenv: a.getenv, Debug: t})
			return asFailure(rt.Prompt(a.ctx, t, func(c starlark.Completer) { t.SetCompleter(liner.Completer(c)) }))
		},
	}
	a.targetFlag(cmd)
	return cmd
}

func (a *app) debugFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.debug, "debug", false, "stop at a prompt at the first failure")
}

// debugger returns the terminal for breakpoint() and --debug, if there is one. It
// is opened when it is first needed: until then it is an ordinary terminal.
func (a *app) debugger() (in starlark.LineReader, done func()) {
	f, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	d := new(lazyTerminal)
	return d, d.close
}

// lazyTerminal is a terminal that is taken over only while it is asked for lines.
type lazyTerminal struct{ t *terminal }

// ReadLine implements starlark.LineReader.
func (l *lazyTerminal) ReadLine(prompt string) (string, error) {
	if l.t == nil {
		l.t = newTerminal()
	}
	line, err := l.t.ReadLine(prompt)
	if err == io.EOF { // the script goes on, and Ctrl-C is its own again
		l.close()
	}
	return line, err
}

func (l *lazyTerminal) close() {
	if l.t != nil {
		l.t.Close()
		l.t = nil
	}
}

// terminal reads lines from a person, with editing and a history.
type terminal struct {
	*liner.State
	history string // file; empty for none
}

func newTerminal() *terminal {
	t := &terminal{State: liner.NewLiner()}
	t.SetCtrlCAborts(true)
	t.SetTabCompletionStyle(liner.TabPrints)
	if dir, err := os.UserCacheDir(); err == nil {
		t.history = filepath.Join(dir, "rumpscript", "history")
		if f, err := os.Open(t.history); err == nil {
			t.ReadHistory(f)
			f.Close()
		}
	}
	return t
}

// ReadLine implements starlark.LineReader.
func (t *terminal) ReadLine(prompt string) (string, error) {
	line, err := t.Prompt(prompt)
	switch {
	case errors.Is(err, liner.ErrPromptAborted):
		return "", starlark.ErrInterrupted
	case err != nil:
		return "", io.EOF
	}
	if line != "" {
		t.AppendHistory(line)
	}
	return line, nil
}

// Close gives the terminal back and keeps the history.
func (t *terminal) Close() error {
	if t.history != "" && os.MkdirAll(filepath.Dir(t.history), 0o700) == nil {
		if f, err := os.OpenFile(t.history, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
			t.WriteHistory(f)
			f.Close()
		}
	}
	return t.State.Close()
}
