package starlark

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"layout", "x=[1,\n  2]\n", "x = [\n    1,\n    2,\n]\n"},
		{"bytes", "x=b\"\\x00\"+rb'a\\b' +b\"\"\n", "x = b\"\\x00\" + rb'a\\b' + b\"\"\n"},
		{"bytes of several lines", "f(b\"\"\"a\n  b\"\"\",  1)\n", "f(b\"\"\"a\n  b\"\"\", 1)\n"},
		{"bytes after what is not ASCII", "x=\"é\"+b\"é\"+b\"y\"\n", "x = \"é\" + b\"é\" + b\"y\"\n"},
		{"method of bytes", "x=b\"a\".elems( )\n", "x = b\"a\".elems()\n"},
		{"many", strings.Repeat("f( b\"a\" )\n", 12), strings.Repeat("f(b\"a\")\n", 12)},
		{"while", "while(x<3) : x+=1\n", "while (x < 3):\n    x += 1\n"},
		{"while in a function", "def f():\n  while not b\"\":\n    break\n", "def f():\n    while not b\"\":\n        break\n"},
		{"a name like a stand-in", "stand_in_0_ = b\"x\"\n", "stand_in_0_ = b\"x\"\n"},
		{"tabs", "def f():\n\tif x:\n  \t\treturn \"\"\"\n\ta\"\"\"\n", "def f():\n    if x:\n        return \"\"\"\n\ta\"\"\"\n"},
		{"not ASCII in single quotes", "x='é'+'e'\n", "x = 'é' + \"e\"\n"},
		{"comments", "#a\nx=b\"1\" #b\n# c\n", "#a\nx = b\"1\"  #b\n# c\n"},
		{"big numbers", "x=1<<2+99999999999999999999\n", "x = 1 << 2 + 99999999999999999999\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Format("t.star", []byte(tt.src))
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	if _, err := Format("t.star", []byte("x = (\n")); err == nil || !strings.HasPrefix(err.Error(), "t.star:") {
		t.Errorf("a syntax error: got %v", err)
	}
}

// TestMeaning checks that what Format compares tells scripts apart.
func TestMeaning(t *testing.T) {
	of := func(src string) string {
		tree, err := FileOptions().Parse("t.star", src, 1)
		if err != nil {
			t.Fatal(err)
		}
		return meaning(tree)
	}
	same := []string{"x = [1, 'a']", "x=[ 1,\n'a',\n]", "x = [1, \"a\"]\n\n", "x = ([(1), 'a'])"}
	for _, s := range same {
		if of(s) != of(same[0]) {
			t.Errorf("%q and %q are told apart", s, same[0])
		}
	}
	differ := []string{
		"x = 1", "x = 2", "y = 1", "x = '1'", "x = b'1'", "x = 1.0", "x += 1", "x = 1 # c", "x = 1 # d",
		"x = a[1:]", "x = a[:1]", "x = (1,)", "x = (a + b) * c", "x = a + b * c", "x = 99999999999999999999", "x = 99999999999999999998",
		"if a:\n  x\nelse:\n  y", "if a:\n  x\n  y", "if a:\n  x\ny",
	}
	seen := make(map[string]string)
	for _, s := range differ {
		if other, ok := seen[of(s)]; ok {
			t.Errorf("%q and %q are not told apart", s, other)
		}
		seen[of(s)] = s
	}
}

// scripts draws scripts of everything that buildifier has to be shown otherwise,
// between what it knows.
func scripts() *rapid.Generator[string] {
	atom := rapid.OneOf(
		rapid.SampledFrom([]string{"x", "1", "2.5", "\"s\"", "'s'", "b\"b\"", "b'b'", "rb'\\d'", "b\"\"\"m\nn\"\"\"", "\"é\"", "'é'", "b\"é\""}),
	)
	expr := atom
	for range 3 {
		inner := expr
		expr = rapid.Custom(func(t *rapid.T) string {
			a, b := inner.Draw(t, "a"), inner.Draw(t, "b")
			form := rapid.SampledFrom([]string{
				"%s", "%s+%s", "( %s )", "[%s,\n  %s]", "f(%s, k=%s)", "{%s:%s}", "%s if x else %s", "[y for y in %s]",
				"%s[%s:]", "%s.m( )", "lambda: %s", "not (%s)", "%s  in  %s", "(%s,\n#c\n%s)",
			}).Draw(t, "form")
			return fmt.Sprintf(form, []any{a, b}[:strings.Count(form, "%s")]...)
		})
	}
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(1, 5).Draw(t, "statements") {
			e := expr.Draw(t, "expression")
			form := rapid.SampledFrom([]string{
				"z=%s\n", "%s\n", "while (%s): z=1\n", "while %s:\n  break\n", "if (%s):\n z\n", "def f(a=%s):\n\twhile b\"\": return\n",
				"z = %s # end\n", "# before\nz+=%s\n", "\n\n\nz=%s;w=2\n",
			}).Draw(t, "statement")
			fmt.Fprintf(&b, form, e)
		}
		return b.String()
	})
}

func TestFormatAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := scripts().Draw(t, "script")
		checkFormat(t, src)
	})
}

// checkFormat checks that a script which parses can be formatted, and that doing so
// again changes nothing.
func checkFormat(t interface{ Fatalf(string, ...any) }, src string) {
	if _, err := FileOptions().Parse("t.star", src, 0); err != nil {
		return
	}
	once, err := Format("t.star", []byte(src))
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	twice, err := Format("t.star", once)
	if err != nil || string(twice) != string(once) {
		t.Fatalf("not done at once: %v\n%s---\n%s---\n%s", err, src, once, twice)
	}
}

// FuzzFormat looks for scripts which Format cannot format, or breaks down on.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"x=b\"a\"\n", "while x:\n\ty\n", "#c\nx=[1, #d\n2]\n", "def f(a, *b, **c): return lambda: (a, b[1:], c)\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		Format("t.star", []byte(src)) // checks itself
	})
}
