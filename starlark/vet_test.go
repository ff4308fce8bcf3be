package starlark

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestVet(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      []string
	}{
		{"nothing", "k = connect()\nk.run(\"ls\", check = False)\nassert.eq(k.url, None)\n", nil},
		{"syntax", "x = (", []string{"1:6: got end of file, want primary expression"}},
		{"unknown name", "frob()\n", []string{"1:1: undefined: frob"}},
		{"unused load", "load(\"@rump//topology.star\", \"chain\", \"mesh\")\nmesh(2)\n", []string{"1:31: chain is loaded and not used"}},
		{"missing module", "load(\"nosuch.star\", \"x\")\nx()\n", []string{"1:6: cannot load nosuch.star: open nosuch.star: no such file or directory"}},
		{"unknown argument", "connect(uri = 1)\n", []string{"1:8: connect: no argument is named uri; it takes connect(url = ...)"}},
		{"missing argument", "connect().create()\n", []string{"1:17: create: the argument interface is missing; it takes create(interface, bus = ..., address = ...)"}},
		{"too many", "connect(1, 2)\n", []string{"1:8: connect: got 2 arguments; it takes connect(url = ...)"}},
		{"unknown assertion", "assert.equal(1, 2)\n", []string{"1:13: assert has no equal"}},
		{"an address and a string", "def f(p):\n    return p.ip.src == \"::\" or \"10.0.0.1/24\" in p.addrs or p.ip.dst != addr(\"::\") or p.eth.src == \"02:00:00:00:00:01\"\nf(1)\n", []string{
			"2:21: src is an address, or holds some, and never a string: write addr(\"::\")",
			"2:46: addrs is an address, or holds some, and never a string: write addr(\"10.0.0.1/24\")",
		}},
		{"a function of the script's own", "def kernel(a, b):\n    pass\nkernel(1, 2)\n", nil},
		{"arguments that are not known", "args = [1]\nkernel(*args)\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "t.star")
			if err := os.WriteFile(file, []byte(tt.src), 0o666); err != nil {
				t.Fatal(err)
			}
			findings, err := Vet(file)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				got = append(got, strings.ReplaceAll(f.String()[len(file)+1:], filepath.Dir(file)+"/", ""))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
