package starlark

import (
	"strings"

	"go.starlark.net/syntax"
)

// longestExpression is how much is shown of a call in an error, and of a variable
// at a breakpoint, in bytes.
const longestExpression = 120

// callText returns the text of the call at a position, which is that of its
// opening parenthesis, or "" if it cannot be found. It is for errors, and so it
// takes its time: it parses the file once more.
func callText(pos syntax.Position) string {
	src, err := readModule(pos.Filename())
	if err != nil {
		return ""
	}
	tree, err := FileOptions().Parse(pos.Filename(), src, 0)
	if err != nil {
		return ""
	}
	var found *syntax.CallExpr
	syntax.Walk(tree, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && c.Lparen.Line == pos.Line && c.Lparen.Col == pos.Col {
			found = c
		}
		return found == nil
	})
	if found == nil {
		return ""
	}
	start, end := found.Span()
	return cut(string(src), start, end)
}

// cut returns the text between two positions, as one line.
func cut(src string, start, end syntax.Position) string {
	lines := strings.Split(src, "\n")
	if int(end.Line) > len(lines) {
		return ""
	}
	var parts []string
	for n := start.Line; n <= end.Line; n++ {
		line := []rune(lines[n-1])
		from, to := 0, len(line)
		if n == start.Line {
			from = min(int(start.Col)-1, to)
		}
		if n == end.Line {
			to = min(int(end.Col)-1, to)
		}
		if from < to {
			parts = append(parts, strings.TrimSpace(string(line[from:to])))
		}
	}
	return shorten(strings.Join(parts, " "))
}

// shorten returns a text, or the beginning of one that is long.
func shorten(text string) string {
	if len(text) > longestExpression {
		return strings.ToValidUTF8(text[:longestExpression], "") + "..."
	}
	return text
}
