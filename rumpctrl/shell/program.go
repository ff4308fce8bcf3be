package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

// programOptions say how to run a program of the host.
type programOptions struct {
	hijack bool // under librumphijack
}

// The exit statuses of a program that cannot be run, as shells have them.
const (
	statusNotFound = 127
	statusNoExec   = 126
)

// grace is how long a program has to end after it was told to.
const grace = 2 * time.Second

// program runs a program of the host.
func (sh *Shell) program(ctx context.Context, hc *interp.HandlerContext, args []string, opts programOptions) error {
	dir := sh.hostDir(hc)
	path, err := interp.LookPathDir(dir, hc.Env, args[0])
	if err != nil {
		return sh.notFound(hc, dir, args[0])
	}
	env := environment(hc.Env, dir)
	if opts.hijack {
		if env, err = sh.hijacked(hc, path, env); err != nil {
			fmt.Fprintf(hc.Stderr, "hijack: %s: %v\n", args[0], err)
			return exitStatus(statusNoExec)
		}
	}
	err = sh.start(ctx, hc, path, args, env, dir)
	if isNoExec(err) {
		// A script without a first line that names its interpreter: POSIX has the shell run it.
		err = sh.start(ctx, hc, "/bin/sh", append([]string{"sh", path}, args[1:]...), env, dir)
	}
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	case errors.As(err, &exit):
		if s, ok := killedBy(exit); ok {
			if s == Interrupt && background(hc.Env) == "" {
				sh.signals.diedOf()
			}
			return exitStatus(128 + int(s))
		}
		return exitStatus(exit.ExitCode())
	}
	fmt.Fprintf(hc.Stderr, "%s: %s: %v\n", sh.cfg.Name0, args[0], reason(err))
	return exitStatus(statusNoExec)
}

// start starts a program and waits for its end.
func (sh *Shell) start(ctx context.Context, hc *interp.HandlerContext, path string, args, env []string, dir string) error {
	job := background(hc.Env)
	if job != "" {
		ctx = context.WithoutCancel(ctx) // it may go on when the shell ends
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Args, cmd.Env, cmd.Dir = args, env, dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = hc.Stdin, hc.Stdout, hc.Stderr
	cmd.Cancel = func() error { return signalProgram(cmd, Interrupt, job != "") }
	cmd.WaitDelay = grace
	if job != "" {
		apart(cmd)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer sh.runs(&running{job: job, kill: func(s Signal) { signalProgram(cmd, s, job != "") }})()
	return cmd.Wait()
}

// notFound says why a program of the host cannot be run.
func (sh *Shell) notFound(hc *interp.HandlerContext, dir, name string) error {
	if !strings.Contains(name, "/") {
		fmt.Fprintf(hc.Stderr, "%s: %s: not found\n", sh.cfg.Name0, name)
		return exitStatus(statusNotFound)
	}
	path := name
	if !strings.HasPrefix(path, "/") {
		path = dir + "/" + path
	}
	if fi, err := os.Stat(path); err == nil {
		why := "Permission denied"
		if fi.IsDir() {
			why = "Is a directory"
		}
		fmt.Fprintf(hc.Stderr, "%s: %s: %s\n", sh.cfg.Name0, name, why)
		return exitStatus(statusNoExec)
	}
	fmt.Fprintf(hc.Stderr, "%s: %s: not found\n", sh.cfg.Name0, name)
	return exitStatus(statusNotFound)
}

// environment returns the exported variables, with the program's own working folder.
func environment(env expand.Environ, dir string) []string {
	vars := make(map[string]expand.Variable)
	var order []string
	env.Each(func(name string, v expand.Variable) bool {
		if _, ok := vars[name]; !ok {
			order = append(order, name)
		}
		vars[name] = v
		return true
	})
	list := []string{"PWD=" + dir}
	for _, name := range order {
		if v := vars[name]; v.IsSet() && v.Exported && v.Kind == expand.String && name != "PWD" && name != "OLDPWD" {
			list = append(list, name+"="+v.String())
		}
	}
	return list
}

// reason is an error of the host without what the message says already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var ee *exec.Error
	if errors.As(err, &ee) {
		return ee.Err
	}
	return err
}
