package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// The commands of rumpctrl.sh.
const (
	hostcmd  = "rumpctrl_hostcmd"
	listcmds = "rumpctrl_listcmds"
	hascmd   = "rumpctrl_hascmd"
)

type builtinFunc func(sh *Shell, ctx context.Context, hc *interp.HandlerContext, args []string) error

// builtin returns the built-in command of a name, nil if it is none. Those which
// stand in for one of the interpreter's have a name that cannot be typed.
func builtin(name string) builtinFunc {
	switch name {
	case hostcmd:
		return (*Shell).hostCommand
	case listcmds:
		return (*Shell).listCommands
	case hascmd:
		return (*Shell).hasCommand
	case "hijack":
		return (*Shell).hijackCommand
	case own + "wait", own + "fg":
		return (*Shell).wait
	case own + "jobs":
		return (*Shell).jobsCommand
	case own + "kill":
		return (*Shell).killCommand
	case own + "pwd":
		return (*Shell).physicalPwd
	case own + "type":
		return (*Shell).typeCommand
	case own + "command":
		return (*Shell).commandV
	}
	return nil
}

// builtinNames are those that a user types, for completion.
func builtinNames() []string {
	return []string{
		hostcmd, listcmds, hascmd, "hijack", "alias", "cd", "command", "echo", "eval", "exec", "exit", "export", "false", "fg", "jobs",
		"kill", "printf", "pwd", "read", "readonly", "return", "set", "shift", "test", "trap", "true", "type", "umask", "unalias", "unset", "wait",
	}
}

// hostCommand runs a program of the host, even where we have a utility of its name.
func (sh *Shell) hostCommand(ctx context.Context, hc *interp.HandlerContext, args []string) error {
	if len(args) < 2 {
		return nil // as rumpctrl.sh's function does
	}
	return sh.program(ctx, hc, args[1:], programOptions{})
}

// hostCd sets the working folder of the host's programs, as rumpctrl_hostcmd cd
// does under rumpctrl.sh.
func (sh *Shell) hostCd(hc *interp.HandlerContext, args []string) ([]string, error) {
	dir := exported(hc, "HOME")
	if len(args) > 0 {
		dir = args[0]
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(sh.hostDir(hc), dir)
	}
	fi, err := os.Stat(dir)
	if err == nil && !fi.IsDir() {
		err = &fs.PathError{Op: "cd", Path: dir, Err: errors.New("not a directory")}
	}
	if err != nil {
		return fail(hc, "%s: cd: %s: %v", hostcmd, dir, reason(err))
	}
	if sh.cfg.HostFiles {
		return []string{"cd", dir}, nil
	}
	q, err := syntax.Quote(filepath.Clean(dir), syntax.LangBash)
	if err != nil {
		return fail(hc, "%s: cd: %s: %v", hostcmd, dir, err)
	}
	return assign(hostDirVar + "=" + q), nil
}

// listCommands prints the names of the utilities, in columns as column(1) does.
func (sh *Shell) listCommands(_ context.Context, hc *interp.HandlerContext, _ []string) error {
	width := 80
	if f, ok := hc.Stdout.(*os.File); ok {
		if w := terminalWidth(f); w > 0 {
			width = w
		}
	}
	var names []string
	for _, u := range rumpctrl.All() {
		names = append(names, u.Name)
	}
	fmt.Fprint(hc.Stdout, columns(names, width))
	return nil
}

// columns puts names into as many columns as fit, down and then across, at tab stops.
func columns(names []string, width int) string {
	longest := 0
	for _, n := range names {
		longest = max(longest, len(n))
	}
	const tab = 8
	cell := (longest + tab) / tab * tab
	across := max(width/cell, 1)
	down := (len(names) + across - 1) / across
	var b strings.Builder
	for row := range down {
		for i := row; i < len(names); i += down {
			b.WriteString(names[i])
			if i+down < len(names) {
				b.WriteString(strings.Repeat("\t", (cell-len(names[i])+tab-1)/tab))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// hasCommand prints #t if there is a utility of a name, and #f if not.
func (sh *Shell) hasCommand(_ context.Context, hc *interp.HandlerContext, args []string) error {
	if len(args) > 1 {
		if _, ok := rumpctrl.Lookup(args[1]); ok {
			fmt.Fprintln(hc.Stdout, "#t")
			return nil
		}
	}
	fmt.Fprintln(hc.Stdout, "#f")
	return exitStatus(1)
}

// physicalPwd is pwd -P.
func (sh *Shell) physicalPwd(ctx context.Context, hc *interp.HandlerContext, _ []string) error {
	kn, err := sh.kernel(hc)
	if err == nil {
		var p *process
		if p, err = kn.utility(ctx, hc.Dir, "pwd"); err == nil {
			var dir string
			dir, err = p.Getwd(ctx)
			p.utilityDone(false)
			if err == nil {
				fmt.Fprintln(hc.Stdout, dir)
				return nil
			}
		}
	}
	fmt.Fprintf(hc.Stderr, "pwd: %v\n", err)
	return exitStatus(1)
}

// ours says what a name is, if it is a command of the shell's own or a utility.
func ours(name string) (what string, ok bool) {
	if _, ok := rumpctrl.Lookup(name); ok {
		return "a utility of the rump kernel", true
	}
	if builtin(name) != nil {
		return "a shell builtin", true
	}
	return "", false
}

// typeCommand is type.
func (sh *Shell) typeCommand(ctx context.Context, hc *interp.HandlerContext, args []string) error {
	var failed error
	for _, a := range args[1:] {
		if what, ok := ours(a); ok {
			fmt.Fprintf(hc.Stdout, "%s is %s\n", a, what)
		} else if err := hc.Builtin(ctx, []string{"type", a}); err != nil {
			failed = err
		}
	}
	return failed
}

// commandV is command -v.
func (sh *Shell) commandV(ctx context.Context, hc *interp.HandlerContext, args []string) error {
	var failed error
	for _, a := range args[2:] {
		if what, ok := ours(a); ok && args[1] == "-V" {
			fmt.Fprintf(hc.Stdout, "%s is %s\n", a, what)
		} else if ok {
			fmt.Fprintln(hc.Stdout, a)
		} else if args[1] == "-V" {
			failed = errors.Join(failed, hc.Builtin(ctx, []string{"type", a}))
		} else {
			failed = errors.Join(failed, hc.Builtin(ctx, []string{"command", "-v", a}))
		}
	}
	return failed
}

// defaultUmask is what a process of a kernel begins with.
const defaultUmask fs.FileMode = 0o022

// umask returns the permissions that new files do not get.
func umask(hc *interp.HandlerContext) fs.FileMode {
	if n, err := strconv.ParseUint(hc.Env.Get(umaskVar).String(), 8, 12); err == nil {
		return fs.FileMode(n)
	}
	return defaultUmask
}

// umask is the built-in command.
func (sh *Shell) umask(hc *interp.HandlerContext, args []string) ([]string, error) {
	if len(args) == 1 {
		return []string{"printf", "%s\n", fmt.Sprintf("%04o", umask(hc))}, nil
	}
	n, err := strconv.ParseUint(args[1], 8, 12)
	if err != nil || n > 0o777 {
		return fail(hc, "umask: %s: not an octal number", args[1])
	}
	return assign(fmt.Sprintf("%s=%o", umaskVar, n)), nil
}
