package starlark

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Finding is something wrong with a script which can be seen without running it.
type Finding struct {
	Pos  string // file:line:column
	What string
}

func (f Finding) String() string { return f.Pos + ": " + f.What }

// Vet looks a script over: for names that nothing has, loads that nobody uses,
// modules that are not there, and arguments that our functions do not take. The
// error is that of reading the file.
func Vet(file string) ([]Finding, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	predeclared := New(Config{}).predeclared()
	tree, _, err := starlark.SourceProgramOptions(FileOptions(), file, src, predeclared.Has)
	var fs []Finding
	var syn syntax.Error
	var res resolve.ErrorList
	switch {
	case errors.As(err, &syn):
		return []Finding{{syn.Pos.String(), syn.Msg}}, nil
	case errors.As(err, &res):
		for _, e := range res {
			fs = append(fs, Finding{e.Pos.String(), e.Msg})
		}
		// The resolver's work is incomplete, but the tree is whole.
		if tree, err = FileOptions().Parse(file, src, 0); err != nil {
			return fs, nil
		}
	case err != nil:
		return nil, err
	}
	v := &vetter{file: file, used: make(map[string]bool), own: make(map[string]bool)}
	v.look(tree)
	fs = append(fs, v.findings...)
	return fs, nil
}

type vetter struct {
	file     string
	used     map[string]bool // names that are looked at
	own      map[string]bool // names that the script defines
	findings []Finding
}

func (v *vetter) find(pos syntax.Position, format string, args ...any) {
	v.findings = append(v.findings, Finding{pos.String(), fmt.Sprintf(format, args...)})
}

func (v *vetter) look(tree *syntax.File) {
	var loads []*syntax.LoadStmt
	var calls []*syntax.CallExpr
	syntax.Walk(tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.LoadStmt:
			loads = append(loads, n)
			for _, to := range n.To {
				v.own[to.Name] = true
			}
			return false
		case *syntax.DefStmt:
			v.own[n.Name.Name] = true
		case *syntax.AssignStmt:
			if id, ok := n.LHS.(*syntax.Ident); ok && n.Op == syntax.EQ {
				v.own[id.Name] = true
				syntax.Walk(n.RHS, v.look1(&calls))
				return false
			}
		}
		return v.look1(&calls)(n)
	})
	for _, l := range loads {
		name, _ := l.Module.Value.(string)
		if file, err := resolveModule(v.file, name); err != nil {
			v.find(l.Module.TokenPos, "%v", err)
		} else if _, err := readModule(file); err != nil {
			v.find(l.Module.TokenPos, "cannot load %s: %v", name, err)
		}
		for _, to := range l.To {
			if !v.used[to.Name] {
				v.find(to.NamePos, "%s is loaded and not used", to.Name)
			}
		}
	}
	for _, c := range calls {
		v.call(c)
	}
}

// look1 notes what a node uses.
func (v *vetter) look1(calls *[]*syntax.CallExpr) func(syntax.Node) bool {
	return func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Ident:
			v.used[n.Name] = true
		case *syntax.CallExpr:
			*calls = append(*calls, n)
		case *syntax.BinaryExpr:
			v.comparison(n)
		}
		return true
	}
}

// comparison finds what is always false: an attribute that is an address, compared
// with a string. Assertions convert; the language's operators do not.
func (v *vetter) comparison(n *syntax.BinaryExpr) {
	text, other := n.X, n.Y
	switch n.Op {
	case syntax.EQL, syntax.NEQ:
		if _, ok := text.(*syntax.Literal); !ok {
			text, other = other, text
		}
	case syntax.IN, syntax.NOT_IN:
	default:
		return
	}
	lit, isLit := text.(*syntax.Literal)
	attr, isAttr := other.(*syntax.DotExpr)
	if !isLit || !isAttr || !slices.Contains(addressAttributes(), attr.Name.Name) {
		return
	}
	s, _ := lit.Value.(string)
	if _, err := parseAddress(s); err == nil {
		v.find(n.OpPos, "%s is an address, or holds some, and never a string: write addr(%q)", attr.Name.Name, s)
	}
}

// addressAttributes are the names of attributes that are addresses or hold some.
func addressAttributes() []string {
	return []string{
		"addr", "addrs", "ip", "network", "destination", "gateway", "source", "src", "dst",
		"left_ip", "right_ip", "ips", "sender_ip", "target_ip", "target",
	}
}

// call checks the arguments of a call of one of our functions. Of a method only
// the name is known: it must be good for one of the kinds of values that have it.
func (v *vetter) call(c *syntax.CallExpr) {
	name := ""
	var candidates []function
	switch fn := c.Fn.(type) {
	case *syntax.Ident:
		if name = fn.Name; v.own[name] {
			return
		}
		candidates = append(withName(globals(), name), withName(layerFunctions(), name)...)
	case *syntax.DotExpr:
		name = fn.Name.Name
		if id, ok := fn.X.(*syntax.Ident); ok && id.Name == "assert" {
			candidates = withName(assertTable(), name)
			if candidates == nil {
				v.find(c.Lparen, "assert has no %s", name)
			}
			name = "assert." + name
			break
		}
		for _, k := range kinds() {
			candidates = append(candidates, withName(k.methods, name)...)
		}
	}
	if len(candidates) == 0 {
		return
	}
	var why string
	for _, f := range candidates {
		if why = misfit(f, c); why == "" {
			return
		}
	}
	v.find(c.Lparen, "%s: %s", name, why)
}

func withName(table []function, name string) []function {
	var fs []function
	for _, f := range table {
		if f.name == name {
			fs = append(fs, f)
		}
	}
	return fs
}

// misfit says why a call does not fit a function, or nothing.
func misfit(f function, c *syntax.CallExpr) string {
	var names []string
	required := 0
	for _, p := range strings.Fields(f.params) {
		if strings.HasPrefix(p, "*") {
			return "" // it takes what it is given
		}
		name, optional := strings.CutSuffix(p, "?")
		if names = append(names, name); !optional {
			required++
		}
	}
	given := make(map[string]bool)
	positional := 0
	for _, a := range c.Args {
		switch a := a.(type) {
		case *syntax.UnaryExpr:
			if a.Op == syntax.STAR || a.Op == syntax.STARSTAR {
				return ""
			}
			positional++
		case *syntax.BinaryExpr:
			if id, ok := a.X.(*syntax.Ident); ok && a.Op == syntax.EQ {
				if !slices.Contains(names, id.Name) {
					return fmt.Sprintf("no argument is named %s; it takes %s", id.Name, f.signature())
				}
				given[id.Name] = true
				continue
			}
			positional++
		default:
			positional++
		}
	}
	if positional > len(names) {
		return fmt.Sprintf("got %d arguments; it takes %s", positional, f.signature())
	}
	for i, name := range names[:required] {
		if i >= positional && !given[name] {
			return fmt.Sprintf("the argument %s is missing; it takes %s", name, f.signature())
		}
	}
	return ""
}
