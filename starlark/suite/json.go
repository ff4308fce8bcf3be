package suite

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/starlark"
)

// JSON prints a run as go test -json does: an event a line, in the format of
// cmd/test2json, with a test file as the package.
type JSON struct {
	W io.Writer

	packages map[string]*packageState
	order    []string
}

type packageState struct {
	left   int // tests that have not ended
	failed bool
	start  time.Time
}

// event is cmd/test2json's.
type event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string   `json:",omitempty"`
	Elapsed *float64 `json:",omitempty"`
	Output  string   `json:",omitempty"`
}

func (j *JSON) print(e event) {
	e.Time = time.Now()
	b, err := json.Marshal(e)
	if err == nil {
		j.W.Write(append(b, '\n'))
	}
}

// Start implements Reporter.
func (j *JSON) Start(items []Item, _ int64) {
	j.packages = make(map[string]*packageState)
	for _, it := range items {
		if j.packages[it.File] == nil {
			j.packages[it.File] = &packageState{start: time.Now()}
			j.order = append(j.order, it.File)
			j.print(event{Action: "start", Package: it.File})
		}
		j.packages[it.File].left++
	}
}

// Started implements Reporter.
func (j *JSON) Started(it Item, test string) {
	j.print(event{Action: "run", Package: it.File, Test: test})
	j.print(event{Action: "output", Package: it.File, Test: test, Output: "=== RUN   " + test + "\n"})
}

// Output implements Reporter.
func (j *JSON) Output(it Item, test, text string) {
	for line := range strings.Lines(text) {
		j.print(event{Action: "output", Package: it.File, Test: test, Output: "    " + line})
	}
}

// Ended implements Reporter.
func (j *JSON) Ended(r Result) {
	sec := r.Elapsed.Seconds()
	j.print(event{Action: string(r.Outcome), Package: r.File, Test: r.Test, Elapsed: &sec})
	if strings.Contains(r.Test, "/") {
		return
	}
	p := j.packages[r.File]
	p.failed = p.failed || r.Outcome == starlark.Failed
	if p.left--; p.left == 0 {
		j.end(r.File)
	}
}

func (j *JSON) end(file string) {
	p := j.packages[file]
	sec := time.Since(p.start).Seconds()
	action := string(starlark.Passed)
	if p.failed || p.left > 0 {
		action = string(starlark.Failed)
	}
	j.print(event{Action: action, Package: file, Elapsed: &sec})
}

// Finish implements Reporter.
func (j *JSON) Finish(s Summary) {
	for _, file := range j.order {
		if j.packages[file].left > 0 { // the run ended early
			if s.Err != nil {
				j.print(event{Action: "output", Package: file, Output: s.Err.Error() + "\n"})
			}
			j.end(file)
		}
	}
}
