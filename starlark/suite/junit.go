package suite

import (
	"fmt"
	"io"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/rumpkernel/rumpscript/starlark"
)

// JUnit writes a run as JUnit XML when it has finished: a test file is a suite.
type JUnit struct {
	W io.Writer

	suites map[string]*junit.Testsuite
	order  []string
	times  map[string]float64
	Err    error // of writing
}

// Start implements Reporter.
func (j *JUnit) Start(items []Item, seed int64) {
	j.suites = make(map[string]*junit.Testsuite)
	j.times = make(map[string]float64)
	for _, it := range items {
		if j.suites[it.File] != nil {
			continue
		}
		s := &junit.Testsuite{Name: it.File, File: it.File, ID: len(j.order)}
		if seed != 0 {
			s.AddProperty("shuffle", fmt.Sprint(seed))
		}
		j.suites[it.File] = s
		j.order = append(j.order, it.File)
	}
}

// Started implements Reporter.
func (j *JUnit) Started(Item, string) {}

// Output implements Reporter.
func (j *JUnit) Output(Item, string, string) {}

// Ended implements Reporter.
func (j *JUnit) Ended(r Result) {
	c := junit.Testcase{Name: r.Test, Classname: r.File, Time: seconds(r.Elapsed.Seconds())}
	first, _, _ := strings.Cut(r.Log, "\n")
	switch r.Outcome {
	case starlark.Failed:
		c.Failure = &junit.Result{Message: printable(first), Data: printable(r.Log)}
	case starlark.Skipped:
		c.Skipped = &junit.Result{Message: printable(strings.TrimPrefix(first, "skipped: "))}
	default:
		if r.Log != "" {
			c.SystemOut = &junit.Output{Data: printable(r.Log)}
		}
	}
	j.suites[r.File].AddTestcase(c)
	if !strings.Contains(r.Test, "/") { // its subtests' time is in it
		j.times[r.File] += r.Elapsed.Seconds()
	}
}

// Finish implements Reporter.
func (j *JUnit) Finish(s Summary) {
	all := junit.Testsuites{Name: "rumpscript", Time: seconds(s.Elapsed.Seconds())}
	for _, file := range j.order {
		suite := j.suites[file]
		suite.Time = seconds(j.times[file])
		if s.Err != nil {
			suite.SystemErr = &junit.Output{Data: printable(s.Err.Error())}
		}
		all.AddSuite(*suite)
	}
	j.Err = all.WriteXML(j.W)
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }

// printable replaces what XML cannot hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
