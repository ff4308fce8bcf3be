package rumpctrl

import (
	"regexp"
	"testing"
)

func TestBasicRegexp(t *testing.T) {
	for _, tt := range []struct{ basic, text, match string }{
		{`a*`, "aaab", "aaa"},
		{`*a`, "x*a", "*a"},
		{`\(*\)`, "x*", "*"},
		{`^*a`, "*a", "*a"},
		{`a^b$c`, "a^b$c", "a^b$c"},
		{`^ab$`, "ab", "ab"},
		{`a+b?(c)|{d}`, "a+b?(c)|{d}", "a+b?(c)|{d}"},
		{`\(a\|b\)`, "a|b", "a|b"},
		{`a\{2,3\}`, "aaaa", "aaa"},
		{`a\.b`, "a.b", "a.b"},
		{`a.b`, "axb", "axb"},
		{`[]a]*`, "]a]b", "]a]"},
		{`[^]a]`, "]ab", "b"},
		{`[[:digit:]]*`, "12a", "12"},
		{`[\n]`, `n\`, `n`},
		{`x\(y$\)`, "xy", "xy"},
	} {
		re, err := regexp.CompilePOSIX(basicRegexp(tt.basic))
		if err != nil {
			t.Errorf("%s: %v", tt.basic, err)
			continue
		}
		if got := re.FindString(tt.text); got != tt.match {
			t.Errorf("%s in %q matches %q, want %q (%s)", tt.basic, tt.text, got, tt.match, re)
		}
	}
}

func TestPaxRename(t *testing.T) {
	for _, tt := range []struct{ args, name, want string }{
		{"/a/b/", "aaa", "baa"},
		{"/a/b/g", "aaa", "bbb"},
		{",^/tmp/,,", "/tmp/x", "x"},
		{`/\(.\)\(.\)/\2\1<&>\&/`, "xyz", "yx<xy>&z"},
		{"/x*/-/g", "ab", "-ab"},
		{"/.*//", "ab", ""},
		{"/nosuch/x/", "ab", "ab"},
	} {
		a := &archiver{e: (&Env{}).complete()}
		a.out = a.e.buffered()
		if err := a.replacement(tt.args); err != nil {
			t.Errorf("%s: %v", tt.args, err)
			continue
		}
		got, ok := a.rename(tt.name, false)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s of %q is %q, %v; want %q", tt.args, tt.name, got, ok, tt.want)
		}
	}
	for _, bad := range []string{"", "/a", "/a/b", "/a/b/z", `/\(a/b/`} {
		a := &archiver{e: (&Env{}).complete()}
		a.out = a.e.buffered()
		if err := a.replacement(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
