package shell_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// TestPOSIX runs scripts which name files of the host only, in the shell and in
// the interpreter without our handlers: there must be no difference.
func TestPOSIX(t *testing.T) {
	a, err := txtar.ParseFile("testdata/posix.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			cfg := newFake(t)
			cfg.HostFiles = true
			cfg.Params = []string{"first", "second arg"}
			w := newWorld(t, cfg)
			got, status := w.run(string(f.Data))
			got = strings.ReplaceAll(fmt.Sprintf("%sexit status %d\n", got, status), w.dir, "$DIR")
			if want := plain(t, string(f.Data)); want != got {
				t.Errorf("(-interpreter +shell):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// plain runs a script in the interpreter alone.
func plain(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	var out, stderr buffer
	env := expand.ListEnviron("PATH="+os.Getenv("PATH"), "HOME="+dir, "TMPDIR="+dir, "LC_ALL=C")
	r, err := interp.New(interp.Env(env), interp.Dir(dir), interp.StdIO(nil, &out, &stderr), interp.Params("--", "first", "second arg"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := syntax.NewParser().Parse(strings.NewReader(script), "test.sh")
	if err != nil {
		t.Fatal(err)
	}
	status := 0
	err = r.Run(context.Background(), file)
	var es interp.ExitStatus
	if errors.As(err, &es) {
		status = int(es)
	} else if err != nil {
		t.Fatal(err)
	}
	s := out.take()
	for line := range strings.Lines(stderr.take()) {
		s += "2> " + line
	}
	return strings.ReplaceAll(fmt.Sprintf("%sexit status %d\n", s, status), dir, "$DIR")
}
