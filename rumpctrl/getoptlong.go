package rumpctrl

import "strings"

// getoptLong is getopt for a program which also takes long options with an
// argument, and options behind operands: getopt_long(3). A long option is
// reported by its name.
func (e *Env) getoptLong(args []string, spec string, long []string, f func(opt byte, name, arg string) error) ([]string, error) {
	var operands []string
	for len(args) > 0 {
		word := args[0]
		switch {
		case word == "--":
			return append(operands, args[1:]...), nil
		case len(word) < 2 || word[0] != '-':
			operands = append(operands, word)
			args = args[1:]
		case strings.HasPrefix(word, "--"):
			args = args[1:]
			name, arg, has := strings.Cut(word[2:], "=")
			match := ""
			for _, l := range long {
				if strings.HasPrefix(l, name) {
					match = l
				}
			}
			if match == "" {
				e.warnx("unknown option -- %s", word[2:])
				return nil, errBadOption
			}
			if !has {
				if len(args) == 0 {
					e.warnx("option requires an argument -- %s", name)
					return nil, errBadOption
				}
				arg, args = args[0], args[1:]
			}
			if err := f(0, match, arg); err != nil {
				return nil, err
			}
		default:
			// One word of letters, with the argument of the last.
			short := args
			n := 1
			if last := word[len(word)-1]; strings.Contains(spec, string(last)+":") {
				n = 2
			}
			n = min(n, len(short))
			if _, err := e.getopt(short[:n:n], spec, func(opt byte, arg string) error { return f(opt, "", arg) }); err != nil {
				return nil, err
			}
			args = args[n:]
		}
	}
	return operands, nil
}
