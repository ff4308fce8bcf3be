package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/rumpkernel/rumpscript/rump"
)

// Config says what a shell is made of.
type Config struct {
	// Kernel makes a process of the shell's kernel. It is called when the first
	// command needs one, and again when the connection was lost.
	Kernel func(ctx context.Context, program string) (*rump.Kernel, error)

	// Name is the kernel's name in the prompt; by default its URL.
	Name string

	// URL is where others reach the kernel: the RUMP_SERVER of what runs in the
	// shell.
	URL string

	Env     []string // the environment, as os.Environ has it
	HostDir string   // the working folder of the host's programs; by default the process's

	// HostFiles makes the files that the shell itself uses the host's.
	HostFiles bool

	Stdin          *os.File // nil for an empty one
	Stdout, Stderr io.Writer

	Name0   string   // $0 if there is no script
	Params  []string // $1 and so on
	Options []string // what set(1) takes, such as -e
}

// A Shell runs commands. Apart from Signal and what says otherwise, its methods
// must not be called at the same time.
type Shell struct {
	cfg     Config
	runner  *interp.Runner
	kernels *kernels
	life    context.Context // ends with Close
	end     context.CancelFunc

	jobs    jobs
	signals signals

	stops []context.CancelFunc // of the runs that may have left something in the background

	status int // of the last command

	terminal bool // a person types
}

// New makes a shell. It connects to nothing yet.
func New(cfg Config) (*Shell, error) {
	if cfg.Stdout == nil {
		cfg.Stdout = io.Discard
	}
	if cfg.Stderr == nil {
		cfg.Stderr = io.Discard
	}
	if cfg.HostDir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, err
		}
		cfg.HostDir = dir
	}
	if cfg.Name == "" {
		cfg.Name = cfg.URL
	}
	if cfg.Name0 == "" {
		cfg.Name0 = "sh"
	}
	sh := &Shell{cfg: cfg}
	sh.life, sh.end = context.WithCancel(context.Background())
	sh.kernels = newKernels(&sh.cfg)
	dir := "/" // of the kernel
	if cfg.HostFiles {
		dir = cfg.HostDir
	}
	env := []string{}
	for _, v := range cfg.Env {
		switch name, _, _ := strings.Cut(v, "="); {
		case name == "RUMP_SERVER" && cfg.URL != "", name == "PWD", name == "OLDPWD", name == "PS1", name == "PS2", strings.HasPrefix(name, varPrefix):
		default:
			env = append(env, v)
		}
	}
	if cfg.URL != "" {
		env = append(env, "RUMP_SERVER="+cfg.URL)
	}
	var stdin io.Reader
	if cfg.Stdin != nil {
		stdin = cfg.Stdin
	}
	r, err := interp.New(
		interp.Env(expand.ListEnviron(env...)),
		interp.Dir(dir),
		interp.StdIO(stdin, cfg.Stdout, cfg.Stderr),
		interp.Params(slices.Concat(cfg.Options, []string{"--"}, cfg.Params)...),
		interp.CallHandler(sh.call),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return sh.exec }),
		interp.OpenHandler(sh.open),
		interp.ReadDirHandler2(sh.readDir),
		interp.StatHandler(sh.stat),
		interp.AccessHandler(sh.access),
	)
	if err != nil {
		return nil, err
	}
	sh.runner = r
	r.Reset()
	return sh, nil
}

// Close ends the shell: its jobs, but not the programs of the host among them, and
// its connections.
func (sh *Shell) Close() {
	sh.end()
	sh.jobs.end()
	sh.kernels.close()
}

// Status returns the exit status of the last command.
func (sh *Shell) Status() int { return sh.status }

// run runs statements and reports whether the shell goes on after them.
func (sh *Shell) run(ctx context.Context, name string, stmts []*syntax.Stmt) (goOn bool) {
	runCtx, stop := context.WithCancel(ctx)
	sh.signals.begin(stop, sh.terminal)
	sh.stops = append(sh.stops, stop)
	for _, st := range stmts {
		sh.jobs.track(st)
	}
	err := sh.runner.Run(runCtx, &syntax.File{Name: name, Stmts: stmts})
	interrupted := sh.signals.finish()
	if !sh.jobs.anyLeft() { // which would end with the context
		for _, stop := range sh.stops {
			stop()
		}
		sh.stops = nil
	}
	sh.setStatus(err)
	if interrupted {
		sh.interrupted()
		if sh.terminal {
			fmt.Fprintln(sh.cfg.Stdout) // after the terminal's ^C
		}
	}
	exited := sh.runner.Exited() && !interrupted
	if action := sh.variable(trapVar("INT")); interrupted && action != "" {
		return sh.action(ctx, action)
	}
	if interrupted && !sh.terminal {
		return false
	}
	return !exited
}

// interrupted sets the status of what Ctrl-C has ended, $? included.
func (sh *Shell) interrupted() {
	sh.status = 128 + int(Interrupt)
	file, err := syntax.NewParser().Parse(strings.NewReader(fmt.Sprintf("(exit %d)", sh.status)), "")
	if err == nil {
		sh.runner.Run(sh.life, file.Stmts[0])
	}
}

// setStatus keeps the exit status that an error stands for, and says what else
// went wrong.
func (sh *Shell) setStatus(err error) {
	var es interp.ExitStatus
	var sig Signal
	switch {
	case err == nil:
		sh.status = 0
	case errors.As(err, &es):
		sh.status = int(es)
	case errors.As(err, &sig):
		sh.status = 128 + int(sig)
	case errors.Is(err, context.Canceled):
		sh.status = 128 + int(Interrupt)
	default:
		fmt.Fprintf(sh.cfg.Stderr, "%s: %v\n", sh.cfg.Name0, err)
		sh.status = 1
	}
}

// variable returns a variable of the shell, between two runs.
func (sh *Shell) variable(name string) string { return sh.runner.Vars[name].String() }

// action runs the action of a trap and reports whether the shell goes on. The
// status stays what it was unless the action exits.
func (sh *Shell) action(ctx context.Context, action string) (goOn bool) {
	file, err := syntax.NewParser().Parse(strings.NewReader(action), "trap")
	if err != nil {
		fmt.Fprintf(sh.cfg.Stderr, "%s: %v\n", sh.cfg.Name0, err)
		return true
	}
	status := sh.status
	goOn = sh.run(ctx, sh.cfg.Name0, file.Stmts)
	if goOn {
		sh.status = status
	}
	return goOn
}

// finish runs what a script wants done at its end.
func (sh *Shell) finish(ctx context.Context) int {
	if action := sh.variable(trapVar("EXIT")); action != "" && ctx.Err() == nil {
		sh.runner.Vars[trapVar("EXIT")] = expand.Variable{}
		sh.action(ctx, action)
	}
	return sh.status
}
