package starlark

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
)

// script is a LineReader for a conversation that is known beforehand.
type script struct{ lines []string }

func (s *script) ReadLine(string) (string, error) {
	if len(s.lines) == 0 {
		return "", io.EOF
	}
	line := s.lines[0]
	s.lines = s.lines[1:]
	if line == "^C" {
		return "", ErrInterrupted
	}
	return line, nil
}

func TestPrompt(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"expression", []string{"1 + 1"}, "2\n"},
		{"None is not shown", []string{"None", "print('x')"}, "x\n"},
		{"definitions stay", []string{"x = [1]", "x.append(2)", "x"}, "[1, 2]\n"},
		{"function", []string{"def f(a):", "    return a + 1", "", "f(2)"}, "3\n"},
		{"syntax error", []string{"1 +", "2"}, "got newline, want primary expression\n2\n"},
		{"unknown name", []string{"frob", "2"}, "undefined: frob\n2\n"},
		{"error", []string{"1 // 0", "2"}, "floored division by zero\n2\n"},
		{"Ctrl-C at the prompt", []string{"def f(a):", "^C", "2"}, "2\n"},
		{"help", []string{"help(\"assert.eq\")"}, "assert.eq(got, want, message = ...)\n    Fails unless got equals want.\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := New(Config{Stdout: &out}).Prompt(t.Context(), &script{tt.lines}, nil)
			if err != nil || out.String() != tt.want {
				t.Errorf("got %q, %v, want %q", out.String(), err, tt.want)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	var c Completer
	in := &script{[]string{"answer = 42"}}
	if err := New(Config{}).Prompt(t.Context(), in, func(f Completer) { c = f }); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string][]string{
		"x = conn":    {"x = connect"},
		"assert.e":    {"assert.eq", "assert.eventually"},
		"foo(answ":    {"foo(answer"},
		"nosuch.":     nil,
		"connect().a": nil,
	} {
		if got := c(line); !slices.Equal(got, want) {
			t.Errorf("complete(%q): got %q, want %q", line, got, want)
		}
	}
}

func TestBreakpoint(t *testing.T) {
	for _, tt := range []struct {
		name, src, line, want string
	}{
		{
			"locals and globals",
			"g = 1\ndef f(a):\n    b = a + g\n    breakpoint()\n    return b\nprint(f(2))\n",
			"a, b, g",
			"t.star:4:15: breakpoint; the kernels are up. Ctrl-D goes on.\n    a = 2\n    b = 3\n(2, 3, 1)\n3\n",
		},
		{
			"a local that an inner function shares",
			"def f(a):\n    b = a + 1\n    inner = lambda: b + later\n    breakpoint()\n    later = 1\n    return inner()\nf(2)\n",
			"b",
			"t.star:4:15: breakpoint; the kernels are up. Ctrl-D goes on.\n    a = 2\n    b = 3\n    inner = <function lambda>\n3\n",
		},
		{
			"captured from around",
			"def f(a):\n    def inner(c):\n        breakpoint()\n        return a + c\n    return inner(\"x\" * 200)\nf(\"y\")\n",
			"a",
			"t.star:3:19: breakpoint; the kernels are up. Ctrl-D goes on.\n    c = \"" + strings.Repeat("x", 119) + "...\n    a = \"y\"\n\"y\"\n",
		},
		{
			"top level",
			"g = 1\nbreakpoint()\n",
			"g",
			"t.star:2:11: breakpoint; the kernels are up. Ctrl-D goes on.\n1\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			cfg := Config{Stdout: &out, Debug: &script{[]string{tt.line}}}
			if err := New(cfg).Run(t.Context(), "t.star", []byte(tt.src)); err != nil {
				t.Fatal(err)
			}
			if out.String() != tt.want {
				t.Errorf("got %q, want %q", out.String(), tt.want)
			}
		})
	}
	if err := New(Config{}).Run(t.Context(), "t.star", []byte("breakpoint()")); err != nil {
		t.Errorf("with nobody there: %v", err)
	}
}

func TestDebugFailures(t *testing.T) {
	src := "def f(x):\n    assert.fails(lambda: assert.eq(1, 2))\n    assert.eq(x, 3)\nf(1)\n"
	var out bytes.Buffer
	in := &script{[]string{"x"}}
	err := New(Config{Stdout: &out, Debug: in, DebugFailures: true}).Run(t.Context(), "t.star", []byte(src))
	if err == nil {
		t.Error("the failure is gone")
	}
	if got := out.String(); !strings.HasPrefix(got, "t.star:3:14: assert.eq failed: got 1, want 3; ") || !strings.HasSuffix(got, "\n1\n") {
		t.Errorf("got %q", got)
	}
}
