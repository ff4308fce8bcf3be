package shell

import (
	"context"
	"fmt"
	"io"
	"os"

	"mvdan.cc/sh/v3/syntax"
)

// statusSyntax is the exit status for a script that cannot be parsed.
const statusSyntax = 2

// Script runs a script to its end and returns the shell's exit status. The name
// is $0. Each statement is run before the next one is parsed.
func (sh *Shell) Script(ctx context.Context, name string, r io.Reader) int {
	sh.cfg.Name0 = name
	for st, err := range syntax.NewParser().StmtsSeq(r) {
		if err != nil {
			sh.syntaxError(err)
			break
		}
		if !sh.run(ctx, name, []*syntax.Stmt{st}) {
			break
		}
	}
	return sh.finish(ctx)
}

// Lines is Script for the commands on standard input, which it shares with what
// they run: no more is read than the command that comes next.
func (sh *Shell) Lines(ctx context.Context, f *os.File) int {
	name := sh.cfg.Name0
	p := syntax.NewParser()
	for stmts, err := range p.InteractiveSeq(byByte{f}) {
		if err != nil {
			sh.syntaxError(err)
			break
		}
		if !p.Incomplete() && !sh.run(ctx, name, stmts) {
			break
		}
	}
	return sh.finish(ctx)
}

func (sh *Shell) syntaxError(err error) {
	fmt.Fprintf(sh.cfg.Stderr, "%s: %v\n", sh.cfg.Name0, err)
	sh.status = statusSyntax
}

// byByte reads one byte at a time.
type byByte struct{ f *os.File }

func (b byByte) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return b.f.Read(p[:1])
}
