package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rumpkernel/rumpscript/starlark"
)

// runTxtar runs a txtar script. Its commands find this binary on PATH, and in the
// environment the target of the run.
func runTxtar(ctx context.Context, it Item, env []string, ev *events) {
	start := time.Now()
	ev.Started(it.Name)
	t := &scriptT{name: it.Name, ev: ev}
	done := make(chan struct{})
	go func() { // FailNow ends the goroutine
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				t.failed = true
				ev.Logged(it.Name, fmt.Sprint(p))
			}
		}()
		deadline, _ := ctx.Deadline()
		testscript.RunT(t, testscript.Params{
			Files:    []string{it.File},
			Deadline: deadline,
			Setup: func(e *testscript.Env) error {
				bin, err := linkSelf(e.WorkDir)
				if err != nil {
					return err
				}
				e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
				e.Vars = append(e.Vars, env...)
				return nil
			},
		})
	}()
	<-done
	o := starlark.Passed
	switch {
	case t.failed:
		o = starlark.Failed
	case t.skipped:
		o = starlark.Skipped
	}
	ev.Ended(it.Name, o, time.Since(start))
}

// linkSelf returns a folder in which this binary is named rumpscript, whatever it
// is called.
func linkSelf(dir string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if name := filepath.Base(self); name == "rumpscript" || name == "rumpscript.exe" {
		return filepath.Dir(self), nil
	}
	bin := filepath.Join(dir, ".bin")
	if err := os.Mkdir(bin, 0o777); err != nil {
		return "", err
	}
	return bin, os.Symlink(self, filepath.Join(bin, "rumpscript"+filepath.Ext(self)))
}

// scriptT is what testscript wants of a test.
type scriptT struct {
	name            string
	ev              *events
	failed, skipped bool
}

func (t *scriptT) Log(args ...any)   { t.ev.Logged(t.name, strings.TrimSpace(fmt.Sprintln(args...))) }
func (t *scriptT) Skip(args ...any)  { t.Log(args...); t.skipped = true; runtime.Goexit() }
func (t *scriptT) Fatal(args ...any) { t.Log(args...); t.FailNow() }
func (t *scriptT) FailNow()          { t.failed = true; runtime.Goexit() }
func (t *scriptT) Parallel()         {}
func (t *scriptT) Verbose() bool     { return false }

// Run runs a part of the script, in the same goroutine: there is one.
func (t *scriptT) Run(_ string, f func(testscript.T)) { f(t) }
