package packet

import (
	"fmt"
	"strings"
)

// A FilterError says what is wrong with a filter, and where.
type FilterError struct {
	Filter string
	Pos    int // byte in Filter
	Msg    string
}

func (e *FilterError) Error() string {
	near := e.Filter[min(e.Pos, len(e.Filter)):]
	if near == "" {
		return fmt.Sprintf("filter %q: at its end: %s", e.Filter, e.Msg)
	}
	if i := strings.IndexAny(near[1:], " \t\n"); i >= 0 {
		near = near[:i+1]
	}
	return fmt.Sprintf("filter %q: at %d, %q: %s", e.Filter, e.Pos+1, near, e.Msg)
}

type token struct {
	text string // lower case; "" at the end
	pos  int
	word bool // a name, number or address; the others are punctuation
	esc  bool // a word with a backslash before it: no keyword
	pair int  // index of the token that closes this parenthesis
}

// tokens splits a filter. A word may be an address, so colons, dots and dashes belong to it, except between brackets,
// where a colon separates offset and size.
func tokens(s string) ([]token, error) {
	var ts []token
	var open []int
	inBrackets := false
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
			continue
		case wordByte(c, inBrackets) || c == '\\' && i+1 < len(s) && wordByte(s[i+1], true):
			t := token{pos: i, word: true}
			if c == '\\' {
				t.esc = true
				i++
			}
			start := i
			for i < len(s) && (wordByte(s[i], inBrackets) || s[i] == '-' && dashInWord(s[start:i], s[i+1:])) {
				i++
			}
			t.text = strings.ToLower(s[start:i])
			ts = append(ts, t)
			continue
		}
		t := token{text: s[i : i+1], pos: i, pair: -1}
		if i+1 < len(s) {
			switch two := s[i : i+2]; two {
			case "&&", "||", "==", "!=", "<=", ">=", "<<", ">>":
				t.text = two
			}
		}
		if !strings.Contains("()[]+-*/%&|^!=<>:&&||==!=<=>=<<>>", t.text) {
			return nil, &FilterError{s, i, "no part of a filter"}
		}
		i += len(t.text)
		switch t.text {
		case "[":
			inBrackets = true
		case "]":
			inBrackets = false
		case "(":
			open = append(open, len(ts))
		case ")":
			if len(open) == 0 {
				return nil, &FilterError{s, t.pos, "nothing to close"}
			}
			ts[open[len(open)-1]].pair = len(ts)
			open = open[:len(open)-1]
		}
		ts = append(ts, t)
	}
	if len(open) > 0 {
		return nil, &FilterError{s, ts[open[len(open)-1]].pos, "never closed"}
	}
	return append(ts, token{pos: len(s)}), nil
}

func wordByte(c byte, inBrackets bool) bool {
	switch {
	case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '.':
		return true
	case c == ':':
		return !inBrackets
	}
	return false
}

// dashInWord says whether a dash goes on with the word before it, as in tcp-syn; in 80-90 and len-14 it does not.
func dashInWord(before, after string) bool {
	if before == "" || after == "" || !wordByte(after[0], true) || strings.EqualFold(before, "len") {
		return false
	}
	return strings.Trim(before, "0123456789") != ""
}
