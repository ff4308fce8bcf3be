package rumpctrl

import (
	"fmt"
	"strings"
)

// getopt goes through options as NetBSD's getopt(3) does: single letters which
// may be joined, a letter followed by a colon in the specification takes an
// argument, "--" and the first word that is no option end them. For each option
// it calls f. What is left is returned. A bad option is reported on standard
// error in getopt's words and returned as errBadOption, for the utility to print
// its usage.
func (e *Env) getopt(args []string, spec string, f func(opt byte, arg string) error) ([]string, error) {
	for len(args) > 0 {
		word := args[0]
		if len(word) < 2 || word[0] != '-' {
			break
		}
		args = args[1:]
		if word == "--" {
			break
		}
		for i := 1; i < len(word); i++ {
			opt := word[i]
			at := strings.IndexByte(spec, opt)
			if at < 0 || opt == ':' {
				e.warnx("unknown option -- %c", opt)
				return nil, errBadOption
			}
			if at+1 == len(spec) || spec[at+1] != ':' {
				if err := f(opt, ""); err != nil {
					return nil, err
				}
				continue
			}
			arg := word[i+1:]
			if arg == "" {
				if len(args) == 0 {
					e.warnx("option requires an argument -- %c", opt)
					return nil, errBadOption
				}
				arg, args = args[0], args[1:]
			}
			if err := f(opt, arg); err != nil {
				return nil, err
			}
			break
		}
	}
	return args, nil
}

var errBadOption = fmt.Errorf("bad option")
