package starlark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// LineReader reads lines for a prompt. It returns io.EOF at the end of the input,
// and ErrInterrupted if the line was given up with Ctrl-C.
type LineReader interface {
	ReadLine(prompt string) (string, error)
}

// ErrInterrupted is what a LineReader returns for Ctrl-C.
var ErrInterrupted = errors.New("interrupted")

// Prompt reads statements from a person, runs them and prints what expressions
// are worth, until the input ends. What was started is taken down then.
func (rt *Runtime) Prompt(ctx context.Context, in LineReader, complete func(Completer)) error {
	sc := newScope(rt, new(turn))
	p := &prompt{sc: sc, in: in, env: rt.predeclared()}
	if complete != nil {
		complete(p.complete)
	}
	err := p.loop(ctx, ">>> ")
	sc.tasks.Wait()
	if cerr := sc.close(context.WithoutCancel(ctx)); err == nil {
		err = cerr
	}
	return err
}

// Completer returns what the word at the end of a line may become: whole lines.
type Completer func(line string) []string

// prompt is a conversation with a person.
type prompt struct {
	sc  *scope
	in  LineReader
	env starlark.StringDict // what is predeclared, and what the person has defined
}

// loop reads and runs statements until the input ends.
func (p *prompt) loop(ctx context.Context, ps1 string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(errScriptEnded)
	for ctx.Err() == nil {
		more := false
		var inErr error // the parser makes a syntax error of it
		stmt, err := FileOptions().ParseCompoundStmt("<prompt>", func() ([]byte, error) {
			ps := ps1
			if more {
				ps = strings.Repeat(".", len(ps1)-1) + " "
			}
			more = true
			line, err := p.in.ReadLine(ps)
			inErr = err
			return []byte(line + "\n"), err
		})
		if inErr != nil {
			err = inErr
		}
		var syn syntax.Error
		switch {
		case err == nil:
			p.run(ctx, stmt)
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, ErrInterrupted):
		case errors.As(err, &syn):
			p.say(syn.Msg)
		default:
			return err
		}
	}
	return context.Cause(ctx)
}

func (p *prompt) say(text string) { fmt.Fprintln(p.sc.rt.cfg.Stdout, text) }

// run runs a statement. Ctrl-C ends it, and not the conversation.
func (p *prompt) run(ctx context.Context, f *syntax.File) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	defer signal.Stop(c)
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-c:
			cancel(ErrInterrupted)
		case <-done:
		}
	}()

	thread := p.sc.thread(ctx, "<prompt>")
	stop := context.AfterFunc(ctx, func() { thread.Cancel(cause(ctx)) })
	defer stop()
	p.sc.turn.take(thread)
	defer p.sc.turn.give()
	if expr := soleExpr(f); expr != nil {
		v, err := starlark.EvalExprOptions(f.Options, thread, expr, p.env)
		if err != nil {
			p.fail(err)
		} else if v != starlark.None {
			p.say(v.String())
		}
		return
	}
	if err := starlark.ExecREPLChunk(f, thread, p.env); err != nil {
		p.fail(err)
	}
}

func (p *prompt) fail(err error) {
	e := newError(err)
	p.say(e.Err.Error())
	if bt := e.Backtrace(); bt != "" {
		p.say(strings.TrimSuffix(bt, "\n"))
	}
}

// soleExpr returns the expression that a statement is, or nil.
func soleExpr(f *syntax.File) syntax.Expr {
	if len(f.Stmts) == 1 {
		if s, ok := f.Stmts[0].(*syntax.ExprStmt); ok {
			return s.X
		}
	}
	return nil
}

// complete completes names, and after a dot attributes of values that are names.
func (p *prompt) complete(line string) []string {
	start := strings.LastIndexFunc(line, func(r rune) bool {
		return !(r == '_' || r == '.' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}) + 1
	head, word := line[:start], line[start:]
	var names []string
	prefix := ""
	if dot := strings.LastIndexByte(word, '.'); dot >= 0 {
		v, ok := p.env[word[:dot]].(starlark.HasAttrs)
		if !ok {
			return nil // evaluating more than a name could do things
		}
		prefix, names = word[:dot+1], v.AttrNames()
	} else {
		names = append(p.env.Keys(), starlark.Universe.Keys()...)
	}
	var lines []string
	for _, n := range names {
		if strings.HasPrefix(prefix+n, word) {
			lines = append(lines, head+prefix+n)
		}
	}
	return lines
}
