package shell

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// trap is the built-in command. The interpreter's own knows no signals.
func (sh *Shell) trap(hc *interp.HandlerContext, args []string) ([]string, error) {
	args = args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 || len(args) == 1 && args[0] == "-p" {
		listTraps(hc)
		return []string{"true"}, nil
	}
	action, conditions := args[0], args[1:]
	if _, isSignal := condition(action); len(conditions) == 0 || isSignal && action[0] >= '0' && action[0] <= '9' {
		action, conditions = "-", args // trap INT: back to the default
	}
	switch action {
	case "-":
		action = ""
	case "":
		action = ":" // ignored
	}
	quoted, err := syntax.Quote(action, syntax.LangBash)
	if err != nil {
		return fail(hc, "trap: %v", err)
	}
	var assignments, forInterpreter []string
	for _, c := range conditions {
		name, ok := condition(c)
		switch {
		case !ok:
			return fail(hc, "trap: %s: bad trap", c)
		case name == "ERR":
			forInterpreter = append(forInterpreter, c)
		default:
			assignments = append(assignments, trapVar(name)+"="+quoted)
			sh.signals.trap(name, action != "")
		}
	}
	cmd := assign(assignments...)
	if len(assignments) == 0 {
		cmd[1] = ":"
	}
	if len(forInterpreter) > 0 {
		if action == "" {
			quoted = "-"
		}
		cmd[1] += "; builtin trap -- " + quoted + " ERR"
	}
	return cmd, nil
}

// condition returns the name of what a trap can be set for.
func condition(s string) (string, bool) {
	switch name := strings.TrimPrefix(strings.ToUpper(s), "SIG"); name {
	case "0", "EXIT":
		return "EXIT", true
	case "ERR":
		return name, true
	}
	sig, ok := signalNamed(s)
	return sig.name(), ok
}

// listTraps prints the traps as commands that set them.
func listTraps(hc *interp.HandlerContext) {
	var lines []string
	hc.Env.Each(func(name string, _ expand.Variable) bool {
		cond, ok := strings.CutPrefix(name, trapVar(""))
		action := hc.Env.Get(name).String()
		if q, err := syntax.Quote(action, syntax.LangBash); ok && action != "" && err == nil {
			lines = append(lines, fmt.Sprintf("trap -- %s %s\n", q, cond))
		}
		return true
	})
	slices.Sort(lines)
	for _, l := range slices.Compact(lines) {
		fmt.Fprint(hc.Stdout, l)
	}
}
