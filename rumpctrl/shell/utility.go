package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
	"mvdan.cc/sh/v3/interp"

	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// exec is the interpreter's handler for commands that are neither functions nor
// built in.
func (sh *Shell) exec(ctx context.Context, args []string) error {
	hc := handler(ctx)
	if b := builtin(args[0]); b != nil {
		return b(sh, ctx, hc, append([]string{strings.TrimPrefix(args[0], own)}, args[1:]...))
	}
	if _, ok := rumpctrl.Lookup(args[0]); ok {
		return sh.utility(ctx, hc, args)
	}
	return sh.program(ctx, hc, args, programOptions{})
}

// exitStatus is a status as the interpreter wants it.
func exitStatus(status int) error {
	if status == 0 {
		return nil
	}
	return interp.ExitStatus(uint8(status))
}

// statusFailed is the exit status of a command that could not be started for
// want of a kernel, as under rumpctrl.
const statusFailed = 1

// utility runs one of our utilities in a process of the kernel.
func (sh *Shell) utility(ctx context.Context, hc *interp.HandlerContext, args []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	job := background(hc.Env)
	defer sh.runs(&running{job: job, kill: func(s Signal) { cancel(s) }, interrupt: true})()

	kn, err := sh.kernel(hc)
	if err != nil {
		fmt.Fprintf(hc.Stderr, "%s: %v\n", args[0], err)
		return exitStatus(statusFailed)
	}
	p, err := kn.utility(ctx, sh.kernelDir(hc), args[0])
	if err != nil {
		if ctx.Err() != nil {
			return exitStatus(sh.endedBy(ctx))
		}
		fmt.Fprintf(hc.Stderr, "%s: %v\n", args[0], err)
		return exitStatus(statusFailed)
	}
	mask := umask(hc)
	if mask != defaultUmask {
		if _, err := p.Umask(ctx, uint32(mask)); err != nil {
			fmt.Fprintf(hc.Stderr, "%s: %v\n", args[0], err)
		}
	}
	columns := 0
	if f, ok := hc.Stdout.(*os.File); ok {
		columns = terminalWidth(f)
	}
	status := rumpctrl.Run(ctx, &rumpctrl.Env{
		Kernel:  p.Kernel,
		Args:    args,
		Stdin:   input(ctx, hc.Stdin),
		Stdout:  &output{w: withContext(ctx, hc.Stdout), broken: cancel},
		Stderr:  &output{w: withContext(ctx, hc.Stderr), broken: cancel},
		Getenv:  func(name string) string { return exported(hc, name) },
		Columns: columns,
	})
	if mask != defaultUmask && ctx.Err() == nil {
		p.Umask(ctx, uint32(defaultUmask))
	}
	p.utilityDone(ctx.Err() != nil)
	if cause := context.Cause(ctx); cause == Pipe || cause != nil && status == 1 {
		status = sh.endedBy(ctx)
	}
	return exitStatus(status)
}

// endedBy is the exit status of a command that the end of its context has ended.
func (sh *Shell) endedBy(ctx context.Context) int {
	var s Signal
	if errors.As(context.Cause(ctx), &s) {
		return 128 + int(s)
	}
	return 128 + int(Interrupt)
}

// exported returns an exported variable, as a program would find it in its environment.
func exported(hc *interp.HandlerContext, name string) string {
	if v := hc.Env.Get(name); v.Exported {
		return v.String()
	}
	return ""
}

// terminalWidth returns how many columns a terminal has, 0 if a file is none.
func terminalWidth(f *os.File) int {
	fi, err := f.Stat()
	if err != nil || fi.Mode()&os.ModeCharDevice == 0 {
		return 0 // asking further would make reads of a pipe block
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}

// output is where a utility writes. It ends the utility, silently as SIGPIPE
// would, when nobody reads any more.
type output struct {
	w      io.Writer
	broken context.CancelCauseFunc
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil && isBrokenPipe(err) {
		o.broken(Pipe)
		err = Pipe
	}
	return n, err
}

// withContext makes writing to a file of the kernel end with the utility.
func withContext(ctx context.Context, w io.Writer) io.Writer {
	if f, ok := w.(*kernelFile); ok {
		return f.WithContext(ctx)
	}
	return w
}

// input is what a utility reads.
func input(ctx context.Context, r io.Reader) io.Reader {
	if f, ok := r.(*os.File); ok && f != nil {
		return interruptible{ctx, f}
	}
	return nil
}

// interruptible is a file whose reads end with a context.
type interruptible struct {
	ctx context.Context
	f   *os.File
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := readable(i.ctx, i.f); err != nil {
		return 0, err
	}
	return i.f.Read(p)
}
