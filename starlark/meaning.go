package starlark

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// meaning returns a text that is the same for two scripts if they differ in
// nothing but their layout: the tree without positions, and the comments.
func meaning(tree *syntax.File) string {
	var b strings.Builder
	var comments []string
	syntax.Walk(tree, func(n syntax.Node) bool {
		if n != nil && n.Comments() != nil {
			c := n.Comments()
			for _, c := range slices.Concat(c.Before, c.Suffix, c.After) {
				comments = append(comments, strings.TrimSpace(strings.TrimLeft(c.Text, "#")))
			}
		}
		return true
	})
	// Which node a comment belongs to is a matter of layout, and so is their order.
	slices.Sort(comments)
	writeTree(&b, reflect.ValueOf(tree.Stmts))
	return b.String() + strings.Join(comments, "\n")
}

// writeTree writes a part of a syntax tree.
func writeTree(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			b.WriteString("-")
			return
		}
		if n, ok := v.Interface().(*big.Int); ok {
			b.WriteString(n.String())
			return
		}
		writeTree(b, v.Elem())
	case reflect.Slice:
		b.WriteString("[")
		for i := range v.Len() {
			writeTree(b, v.Index(i))
		}
		b.WriteString("]")
	case reflect.Struct:
		t := v.Type()
		if p, ok := v.Addr().Interface().(*syntax.ParenExpr); ok {
			writeTree(b, reflect.ValueOf(p.X)) // the tree says what belongs together
			return
		}
		b.WriteString(t.Name() + "{")
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() || f.Type == reflect.TypeFor[syntax.Position]() || f.Name == "Raw" {
				continue
			}
			writeTree(b, v.Field(i))
			b.WriteString(",")
		}
		b.WriteString("}")
	default:
		fmt.Fprintf(b, "%#v", v.Interface())
	}
}
