package starlark

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bazelbuild/buildtools/build"
	"go.starlark.net/syntax"
)

// Format returns the text of a script as rumpscript fmt leaves it: laid out as
// buildifier does. What the script means is not touched; Format checks that it is not.
//
// buildifier's parser knows neither bytes literals nor while nor tabs, and what is
// not ASCII it writes otherwise when it turns 'x' into "x". It is therefore shown a
// text with a name for each such literal, a for loop over the condition for each
// while loop, and spaces. Names and loops are put back afterwards.
func Format(file string, src []byte) ([]byte, error) {
	before, err := FileOptions().Parse(file, src, syntax.RetainComments)
	if err != nil {
		return nil, newError(err)
	}
	standIns := standIns(before, src)
	text, err := replaceAll(src, standIns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	tree, err := build.ParseDefault(file, text)
	if err != nil {
		return nil, err
	}
	out := string(build.FormatWithoutRewriting(tree))
	for _, s := range standIns {
		if !s.stays {
			out = strings.Replace(out, s.text, s.original, 1)
		}
	}
	after, err := FileOptions().Parse(file, []byte(out), syntax.RetainComments)
	if err != nil || meaning(before) != meaning(after) {
		return nil, fmt.Errorf("%s: cannot be formatted without a change of what it means; it is left alone", file)
	}
	return []byte(out), nil
}

// standIn is what buildifier gets to see instead of a part of a script.
type standIn struct {
	line, col      int // in runes, from 1
	original, text string
	stays          bool
}

// standIns returns the stand-ins that a script needs, in its order.
func standIns(tree *syntax.File, src []byte) []standIn {
	name := "stand_in_"
	for bytes.Contains(src, []byte(name)) {
		name += "x_"
	}
	var found []standIn
	inside := make(map[int]bool) // lines which begin in a string
	syntax.Walk(tree, func(n syntax.Node) bool {
		// The number has an end, so that none is the beginning of another.
		text := name + strconv.Itoa(len(found)) + "_"
		switch n := n.(type) {
		case *syntax.Literal:
			start, end := n.Span()
			for line := start.Line + 1; line <= end.Line; line++ {
				inside[int(line)] = true
			}
			if n.Token == syntax.BYTES || strings.HasPrefix(n.Raw, "'") && !ascii(n.Raw) {
				found = append(found, standIn{int(start.Line), int(start.Col), n.Raw, text, false})
			}
		case *syntax.WhileStmt:
			found = append(found, standIn{int(n.While.Line), int(n.While.Col), "while", "for " + text + " in", false})
		}
		return true
	})
	number := 0
	for line := range bytes.Lines(src) {
		number++
		indent := string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
		if strings.Contains(indent, "\t") && !inside[number] {
			found = append(found, standIn{number, 1, indent, expandTabs(indent), true})
		}
	}
	// Walk meets a chain of binary operators from its end.
	slices.SortFunc(found, func(a, b standIn) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.col, b.col))
	})
	return found
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// expandTabs replaces tabs by spaces up to the next column that 8 divides, which
// is how Starlark counts them.
func expandTabs(indent string) string {
	n := 0
	for _, c := range indent {
		n++
		if c == '\t' {
			n += (8 - n%8) % 8
		}
	}
	return strings.Repeat(" ", n)
}

// replaceAll puts the stand-ins into a text.
func replaceAll(src []byte, standIns []standIn) ([]byte, error) {
	lines := lineOffsets(src)
	var out bytes.Buffer
	done := 0
	for _, s := range standIns {
		at := lines[min(s.line, len(lines))-1]
		for range s.col - 1 {
			_, n := utf8.DecodeRune(src[at:])
			at += n
		}
		if at < done || !bytes.HasPrefix(src[at:], []byte(s.original)) {
			return nil, fmt.Errorf("line %d: %s is not where it seems to be", s.line, s.original)
		}
		out.Write(src[done:at])
		out.WriteString(s.text)
		done = at + len(s.original)
	}
	out.Write(src[done:])
	return out.Bytes(), nil
}

// lineOffsets returns where the lines of a text begin.
func lineOffsets(src []byte) []int {
	offsets := []int{0}
	for i, c := range src {
		if c == '\n' {
			offsets = append(offsets, i+1)
		}
	}
	return offsets
}
