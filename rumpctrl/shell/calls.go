package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// own marks the name of a command that the shell has instead of the interpreter.
// It cannot be typed.
const own = "\x00"

// call is the interpreter's handler before each simple command, after expansion.
// What it returns is run in place of the command.
func (sh *Shell) call(ctx context.Context, args []string) ([]string, error) {
	hc := handler(ctx)
	if job := background(hc.Env); job != "" {
		if s := sh.jobs.killedBy(job); s != 0 {
			return exitBy(s), nil
		}
		if sh.life.Err() != nil {
			return exitBy(Terminated), nil // jobs end with the shell
		}
	} else {
		actions, stop := sh.signals.before(func(s Signal) string { return hc.Env.Get(trapVar(s.name())).String() })
		if stop {
			return exitBy(Interrupt), nil
		}
		if len(actions) > 0 {
			return []string{"eval", strings.Join(append(actions, quote(args)), "\n")}, nil
		}
	}
	switch args[0] {
	case "cd":
		if len(args) == 1 && !sh.cfg.HostFiles {
			return []string{"cd", "/"}, nil // HOME is a folder of the host
		}
	case "pwd":
		if len(args) == 2 && args[1] == "-P" && !sh.cfg.HostFiles {
			return []string{own + "pwd"}, nil
		}
	case "command":
		if len(args) > 2 && (args[1] == "-v" || args[1] == "-V") {
			return append([]string{own + "command"}, args[1:]...), nil
		}
	case "eval", ".", "source":
		sh.jobs.mu.Lock()
		sh.jobs.untracked = true
		sh.jobs.mu.Unlock()
	case "trap":
		return sh.trap(hc, args)
	case "umask":
		return sh.umask(hc, args)
	case hostcmd:
		if len(args) > 1 && args[1] == "cd" {
			return sh.hostCd(hc, args[2:])
		}
	case "type", "wait", "jobs", "kill", "fg":
		return append([]string{own + args[0]}, args[1:]...), nil
	}
	return args, nil
}

// exitBy returns a command that ends the subshell as a signal would. What comes
// after the subshell gets the same.
func exitBy(s Signal) []string { return []string{"exit", strconv.Itoa(128 + int(s))} }

// quote returns a command as text that parses to the same.
func quote(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		q, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			q = "''" // a NUL, which no argument can have
		}
		quoted[i] = q
	}
	return strings.Join(quoted, " ")
}

// assign returns a command that sets variables, of the subshell that it runs in.
// Nothing of it shows in a trace.
func assign(assignments ...string) []string {
	return []string{"eval", "declare -g " + strings.Join(assignments, " ")}
}

// fail returns a command which says what is wrong, and its status.
func fail(hc *interp.HandlerContext, format string, args ...any) ([]string, error) {
	fmt.Fprintf(hc.Stderr, format+"\n", args...)
	return []string{"false"}, nil
}
