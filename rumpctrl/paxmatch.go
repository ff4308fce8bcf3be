package rumpctrl

import "strings"

// paxMatch matches a name with a pattern of the shell, in which "*" matches a slash
// too.
func paxMatch(pattern, name string) bool {
	star, from := "", "" // after the last "*": the pattern, and where to try it next
	starred := false
	for {
		switch {
		case pattern != "" && pattern[0] == '*':
			pattern = pattern[1:]
			star, from, starred = pattern, name, true
			continue
		case pattern == "" && name == "":
			return true
		case pattern != "" && name != "":
			if rest, ok := paxMatchByte(pattern, name[0]); ok {
				pattern, name = rest, name[1:]
				continue
			}
		}
		if !starred || from == "" {
			return false
		}
		from = from[1:]
		pattern, name = star, from
	}
}

// paxMatchByte matches one byte with the start of a pattern that is not a "*", and
// returns the rest of the pattern.
func paxMatchByte(pattern string, c byte) (rest string, ok bool) {
	switch {
	case pattern[0] == '?':
		return pattern[1:], true
	case pattern[0] == '[':
		set, rest, ok := strings.Cut(pattern[1:], "]")
		if !ok {
			return "", false
		}
		not := set != "" && (set[0] == '!' || set[0] == '^')
		if not {
			set = set[1:]
		}
		in := false
		for i := 0; i < len(set); i++ {
			lo, hi := set[i], set[i]
			if i+2 < len(set) && set[i+1] == '-' {
				hi = set[i+2]
				i += 2
			}
			in = in || lo <= c && c <= hi
		}
		return rest, in != not
	case pattern[0] == '\\' && len(pattern) > 1:
		pattern = pattern[1:]
	}
	return pattern[1:], pattern[0] == c
}

// wanted reports whether a name is selected by the patterns: by one that matches it
// or a folder that it is in.
func (a *archiver) wanted(name string) bool {
	if len(a.patterns) == 0 {
		return true
	}
	for i, p := range a.patterns {
		if a.first && a.matched[i] {
			continue
		}
		match := paxMatch(p, name)
		for at := 0; !match && !a.onlyDirs; {
			j := strings.IndexByte(name[at:], '/')
			if j < 0 {
				break
			}
			at += j
			match = at > 0 && paxMatch(p, name[:at])
			at++
		}
		if match {
			a.matched[i] = true
			return !a.others
		}
	}
	return a.others
}
