package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/peterh/liner"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// Terminal says how a person uses the shell.
type Terminal struct {
	History string // the file that keeps what was typed; "" for none
}

// Interactive asks for commands on the process's terminal until Ctrl-D or exit,
// and returns the shell's exit status.
func (sh *Shell) Interactive(ctx context.Context, t Terminal) int {
	sh.terminal = true
	interp.Interactive(true)(sh.runner) // aliases
	sh.run(ctx, sh.cfg.Name0, nil)      // so that variables are known

	cooked, err := liner.TerminalMode()
	if err != nil {
		return sh.Lines(ctx, sh.cfg.Stdin)
	}
	line := liner.NewLiner()
	defer line.Close()
	raw, err := liner.TerminalMode()
	if err != nil {
		return sh.Lines(ctx, sh.cfg.Stdin)
	}
	line.SetCtrlCAborts(true)
	line.SetTabCompletionStyle(liner.TabPrints)
	line.SetWordCompleter(func(text string, pos int) (string, []string, string) { return sh.complete(ctx, text, pos) })
	loadHistory(line, t.History)
	defer saveHistory(line, t.History)

	ask := func(prompt string) (string, error) {
		raw.ApplyMode()
		defer cooked.ApplyMode()
		return line.Prompt(prompt)
	}
	for ctx.Err() == nil {
		for _, l := range sh.jobs.news() {
			fmt.Fprintln(sh.cfg.Stderr, l)
		}
		text, stmts, err := sh.command(ask)
		if strings.TrimSpace(text) != "" {
			line.AppendHistory(strings.ReplaceAll(strings.TrimSpace(text), "\n", " "))
		}
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			sh.interrupted()
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(sh.cfg.Stdout)
			return sh.finish(ctx)
		case errors.As(err, new(syntax.ParseError)), errors.As(err, new(syntax.LangError)):
			sh.syntaxError(err)
			continue
		case err != nil:
			fmt.Fprintf(sh.cfg.Stderr, "%s: %v\n", sh.cfg.Name0, err)
			return sh.finish(ctx)
		}
		if len(stmts) > 0 && !sh.run(ctx, sh.cfg.Name0, stmts) {
			break
		}
	}
	return sh.finish(ctx)
}

// command asks for lines until they are a whole command.
func (sh *Shell) command(ask func(prompt string) (string, error)) (string, []*syntax.Stmt, error) {
	text, err := ask(sh.prompt("PS1"))
	if err != nil {
		return "", nil, err
	}
	for {
		file, err := syntax.NewParser().Parse(strings.NewReader(text+"\n"), "")
		continued := strings.HasSuffix(text, `\`) && !strings.HasSuffix(text, `\\`)
		if !continued && !syntax.IsIncomplete(err) {
			if err != nil {
				return text, nil, err
			}
			return text, file.Stmts, nil
		}
		more, err := ask(sh.prompt("PS2"))
		if err != nil {
			return text, nil, err
		}
		text += "\n" + more
	}
}

// prompt returns PS1 or PS2, or what is asked with if they are not set. The
// kernel is named as rumpctrl.sh does.
func (sh *Shell) prompt(name string) string {
	ps := sh.variable(name)
	if ps == "" {
		if name == "PS2" {
			return "> "
		}
		server := sh.variable("RUMP_SERVER")
		if server == sh.cfg.URL || server == "" {
			server = sh.cfg.Name
		}
		return fmt.Sprintf("rumpctrl (%s)$ ", server)
	}
	word, err := syntax.NewParser().Document(strings.NewReader(ps))
	if err != nil {
		return ps
	}
	text, err := expand.Document(&expand.Config{Env: expand.FuncEnviron(sh.variable)}, word)
	if err != nil {
		return ps
	}
	return text
}

// loadHistory and saveHistory do without a history rather than without a shell.
func loadHistory(line *liner.State, file string) {
	if file == "" {
		return
	}
	if f, err := os.Open(file); err == nil {
		line.ReadHistory(f)
		f.Close()
	}
}

func saveHistory(line *liner.State, file string) {
	if file == "" || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	if f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
		line.WriteHistory(f)
		f.Close()
	}
}
