package suite

import (
	"fmt"
	"io"
	"strings"

	"github.com/rumpkernel/rumpscript/starlark"
)

// TAP prints a run in the Test Anything Protocol, version 13. The log of a test that
// has failed, and of its subtests that have, is in comments after its line.
type TAP struct {
	W    io.Writer
	n    int
	subs map[Item]string // logs of subtests that have failed, by the file and name of their test
}

// Start implements Reporter.
func (t *TAP) Start(items []Item, seed int64) {
	t.subs = make(map[Item]string)
	fmt.Fprintf(t.W, "TAP version 13\n1..%d\n", len(items))
	if seed != 0 {
		fmt.Fprintf(t.W, "# shuffle %d\n", seed)
	}
}

// Started implements Reporter.
func (t *TAP) Started(Item, string) {}

// Output implements Reporter.
func (t *TAP) Output(Item, string, string) {}

// Ended implements Reporter.
func (t *TAP) Ended(r Result) {
	if strings.Contains(r.Test, "/") { // its parent tells
		if r.Outcome == starlark.Failed {
			t.subs[r.Item] += r.Test + ":\n" + r.Log
		}
		return
	}
	log := t.subs[r.Item] + r.Log
	delete(t.subs, r.Item)
	t.n++
	ok, directive := "ok", ""
	switch r.Outcome {
	case starlark.Failed:
		ok = "not ok"
	case starlark.Skipped:
		directive = " # SKIP"
		if line, _, _ := strings.Cut(strings.TrimPrefix(r.Log, "skipped: "), "\n"); line != "" {
			directive += " " + line
		}
	}
	fmt.Fprintf(t.W, "%s %d - %s: %s%s\n", ok, t.n, r.File, r.Test, directive)
	if r.Outcome == starlark.Failed {
		for line := range strings.Lines(log) {
			fmt.Fprintf(t.W, "# %s", line)
		}
	}
}

// Finish implements Reporter.
func (t *TAP) Finish(s Summary) {
	if s.Err != nil {
		fmt.Fprintf(t.W, "Bail out! %v\n", s.Err)
	}
}
