package rumpctrl

import (
	"fmt"
	"regexp"
	"strings"
)

// paxReplace is a replacement of names: -s.
type paxReplace struct {
	from          *regexp.Regexp
	to            string
	global, print bool
	notSymlinks   bool // leaves what symbolic links point to
}

// paxCut returns the text before a delimiter that has no "\" before it, and what is
// after it.
func paxCut(s string, delim byte) (before, after string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case delim:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// replacement parses the argument of -s: "/old/new/[gps]" with any delimiter.
func (a *archiver) replacement(arg string) error {
	bad := func(format string, args ...any) error {
		a.warn(format, args...)
		return errBadOption
	}
	if arg == "" {
		return bad("Empty replacement string")
	}
	old, rest, ok := paxCut(arg[1:], arg[0])
	if !ok {
		return bad("Invalid replacement string %s", arg)
	}
	re, err := regexp.CompilePOSIX(basicRegexp(old))
	if err != nil {
		return bad("%v while compiling regular expression %s", err, arg[:len(old)+1])
	}
	to, flags, ok := paxCut(rest, arg[0])
	if !ok {
		return bad("Invalid replacement string %s", arg)
	}
	r := paxReplace{from: re, to: to}
	for _, f := range strings.ToLower(flags) {
		switch f {
		case 'g':
			r.global = true
		case 'p':
			r.print = true
		case 's':
			r.notSymlinks = true
		default:
			return bad("Invalid replacement string option %s", arg)
		}
	}
	a.replaces = append(a.replaces, r)
	return nil
}

// basicRegexp returns a basic regular expression, as regcomp(3) takes them without
// flags, as Go writes it.
func basicRegexp(s string) string {
	var b strings.Builder
	start := true // of the expression or of a group, where "*" is no operator and "^" is one
	for i := 0; i < len(s); i++ {
		c := s[i]
		begins := false
		switch {
		case c == '\\' && i+1 < len(s):
			i++
			switch c = s[i]; c {
			case '(', ')', '{', '}':
				b.WriteByte(c)
				begins = c == '('
			default:
				b.WriteString(regexp.QuoteMeta(s[i : i+1]))
			}
		case c == '[':
			// A "]" right at the start belongs to the set.
			end := i + 1
			if end < len(s) && s[end] == '^' {
				end++
			}
			if end < len(s) && s[end] == ']' {
				end++
			}
			for end < len(s) && s[end] != ']' {
				if s[end] == '[' && end+1 < len(s) && strings.IndexByte(":.=", s[end+1]) >= 0 {
					if j := strings.Index(s[end+2:], s[end+1:end+2]+"]"); j >= 0 {
						end += j + 3
					}
				}
				end++
			}
			b.WriteString(strings.ReplaceAll(s[i:min(end+1, len(s))], `\`, `\\`))
			i = end
		case c == '^' && start:
			b.WriteByte(c)
			begins = true
		case c == '$' && (i+1 == len(s) || strings.HasPrefix(s[i+1:], `\)`)):
			b.WriteByte(c)
		case c == '*' && !start, c == '.':
			b.WriteByte(c)
		default:
			b.WriteString(regexp.QuoteMeta(s[i : i+1]))
		}
		start = begins
	}
	return b.String()
}

// expand returns what takes the place of a match in s.
func (r *paxReplace) expand(s string, match []int) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(r.to); i++ {
		c := r.to[i]
		group := -1
		switch {
		case c == '&':
			group = 0
		case c == '\\' && i+1 < len(r.to):
			if next := r.to[i+1]; next >= '1' && next <= '9' {
				group = int(next - '0')
				i++
			} else if next == '\\' || next == '&' {
				c = next
				i++
			}
		}
		if group < 0 {
			b.WriteByte(c)
			continue
		}
		if group > r.from.NumSubexp() {
			return "", false
		}
		if from, to := match[2*group], match[2*group+1]; from >= 0 {
			b.WriteString(s[from:to])
		}
	}
	return b.String(), true
}

// rename replaces a name as -s says: the first replacement that matches counts. It
// reports false if the file is to be left out.
func (a *archiver) rename(name string, symlink bool) (string, bool) {
	for i := range a.replaces {
		r := &a.replaces[i]
		if symlink && r.notSymlinks {
			continue
		}
		rest, done, found := name, "", false
		for {
			m := r.from.FindStringSubmatchIndex(rest)
			if m == nil {
				break
			}
			to, ok := r.expand(rest, m)
			if !ok {
				a.warn("Replacement name error %s", name)
				return "", false
			}
			found = true
			done += rest[:m[0]] + to
			rest = rest[m[1]:]
			if !r.global || rest == "" || m[1] == 0 {
				break
			}
		}
		if !found {
			continue
		}
		done += rest
		if r.print {
			a.out.Flush()
			shown := done
			if shown == "" {
				shown = "<empty string>"
			}
			fmt.Fprintf(a.e.Stderr, "%s >> %s\n", name, shown)
		}
		return done, done != ""
	}
	return name, true
}

// modify gives a member the name that it is to have, and -s the name of what it is a
// link to. It reports false if the member is to be left out.
func (a *archiver) modify(m *paxMember) bool {
	var ok bool
	if m.name, ok = a.rename(m.name, false); !ok {
		return false
	}
	if m.link != "" {
		if m.link, ok = a.rename(m.link, !m.hard); !ok {
			return false
		}
	}
	m.name = a.strip(m.name, a.read || a.write)
	return true
}
