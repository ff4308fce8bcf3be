package suite

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/starlark"
)

// Console prints a run for a person: a line a test as it ends, or on a terminal
// one line of progress; and at the end the failures with their whole story.
type Console struct {
	W        io.Writer
	Verbose  bool // print logs as they come, and subtests
	Terminal bool // W is one: show progress instead of a line a test

	total, ended, failed int
	failures             []Result
}

// Start implements Reporter.
func (c *Console) Start(items []Item, seed int64) {
	c.total = len(items)
	if seed != 0 {
		fmt.Fprintf(c.W, "--shuffle %d\n", seed)
	}
}

// Started implements Reporter.
func (c *Console) Started(it Item, test string) {
	if c.Verbose {
		fmt.Fprintf(c.W, "=== RUN   %s\n", test)
	}
}

// Output implements Reporter.
func (c *Console) Output(it Item, test, text string) {
	if c.Verbose {
		fmt.Fprint(c.W, indent(text))
	}
}

func word(o starlark.Outcome) string { return strings.ToUpper(string(o)) }

// Ended implements Reporter.
func (c *Console) Ended(r Result) {
	sub := strings.Contains(r.Test, "/")
	if r.Outcome == starlark.Failed {
		c.failures = append(c.failures, r)
	}
	if !sub {
		c.ended++
		if r.Outcome == starlark.Failed {
			c.failed++
		}
	}
	switch {
	case c.Terminal && !c.Verbose:
		fmt.Fprintf(c.W, "\r\x1b[K%d of %d, %d failed: %s", c.ended, c.total, c.failed, r.Test)
	case !sub || c.Verbose:
		fmt.Fprintf(c.W, "--- %s: %s (%.2fs)\n", word(r.Outcome), r.Test, r.Elapsed.Seconds())
		if r.Outcome == starlark.Skipped && !c.Verbose {
			fmt.Fprint(c.W, indent(r.Log))
		}
	}
}

// Finish implements Reporter.
func (c *Console) Finish(s Summary) {
	if c.Terminal && !c.Verbose {
		fmt.Fprint(c.W, "\r\x1b[K")
	}
	if !c.Verbose { // whoever has seen the logs has seen the failures
		for _, r := range c.failures {
			fmt.Fprintf(c.W, "\n--- FAIL: %s (%s)\n%s", r.Test, r.File, indent(r.Log))
		}
		if len(c.failures) > 0 {
			fmt.Fprintln(c.W)
		}
	}
	if s.Err != nil {
		fmt.Fprintf(c.W, "%v\n", s.Err)
	}
	fmt.Fprintf(c.W, "%d passed, %d failed, %d skipped", s.Passed, s.Failed, s.Skipped)
	if n := c.total - c.ended; n > 0 {
		fmt.Fprintf(c.W, ", %d not run", n)
	}
	fmt.Fprintf(c.W, " in %s\n", s.Elapsed.Round(10*time.Millisecond))
	if s.OK() {
		fmt.Fprintln(c.W, "PASS")
	} else {
		fmt.Fprintln(c.W, "FAIL")
	}
}

func indent(s string) string {
	if s = strings.TrimRight(s, "\n"); s == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(s, "\n", "\n    ") + "\n"
}
