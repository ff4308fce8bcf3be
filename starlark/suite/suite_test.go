package suite

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/rumpkernel/rumpscript/starlark"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func discover(t *testing.T, paths ...string) []Item {
	t.Helper()
	items, err := Discover(paths)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func names(items []Item) []string {
	var ns []string
	for _, it := range items {
		ns = append(ns, it.Name)
	}
	return ns
}

func TestDiscover(t *testing.T) {
	got := names(discover(t, "testdata/more", "testdata/mixed/script.txtar", "testdata/more/c_test.star"))
	if want := []string{"script", "test_more"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for path, want := range map[string]string{
		"testdata/nosuch":             "no such file",
		"testdata/bad_test.star":      "testdata/bad_test.star:1:5: got newline, want primary expression",
		"testdata/mixed/../../run.go": "a test is in a file named",
	} {
		if _, err := Discover([]string{path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Discover(%s): got %v, want %q", path, err, want)
		}
	}
}

func TestSelect(t *testing.T) {
	items := discover(t, "testdata/mixed")
	for _, tt := range []struct {
		name string
		o    Options
		want []string
	}{
		{"run", Options{Run: "alone"}, []string{"test_alone", "test_alone_too"}},
		{"run exactly", Options{Run: "^test_alone$"}, []string{"test_alone"}},
		{"run a subtest", Options{Run: "subtests/n_=_1"}, []string{"test_subtests"}},
		{"skip", Options{Run: "alone", Skip: "too"}, []string{"test_alone"}},
		{"skipping a subtest keeps the test", Options{Run: "subtests", Skip: "subtests/2"}, []string{"test_subtests"}},
		{"count", Options{Run: "^test_alone$", Count: 3}, []string{"test_alone", "test_alone", "test_alone"}},
		{"none", Options{Run: "nosuch"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := Select(items, tt.o)
			if err != nil || !slices.Equal(names(got), tt.want) {
				t.Errorf("got %v, %v, want %v", names(got), err, tt.want)
			}
		})
	}
	for _, o := range []Options{{Run: "("}, {Skip: "a/["}, {Shuffle: "maybe"}, {ShardCount: 2, ShardIndex: 2}} {
		if _, _, err := Select(items, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func TestShards(t *testing.T) {
	items := discover(t, "testdata/mixed")
	var all []string
	for i := range 3 {
		got, _, err := Select(items, Options{ShardIndex: i, ShardCount: 3, Shuffle: "on"})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names(got)...)
	}
	want := names(items)
	slices.Sort(all)
	slices.Sort(want)
	if !slices.Equal(all, want) {
		t.Errorf("the shards have %v, want each test once: %v", all, want)
	}
}

func TestShuffle(t *testing.T) {
	items := discover(t, "testdata/mixed")
	a, seed, err := Select(items, Options{Shuffle: "on"})
	if err != nil || seed == 0 {
		t.Fatal(seed, err)
	}
	b, _, err := Select(items, Options{Shuffle: fmt.Sprint(seed)})
	if err != nil || !slices.Equal(names(a), names(b)) {
		t.Errorf("seed %d gave %v and then %v (%v)", seed, names(a), names(b), err)
	}
}

// record is a reporter that keeps the outcomes.
type record struct {
	outcomes map[string]starlark.Outcome
	logs     map[string]string
}

func (r *record) Start([]Item, int64) {
	r.outcomes, r.logs = make(map[string]starlark.Outcome), make(map[string]string)
}
func (r *record) Started(Item, string)        {}
func (r *record) Output(Item, string, string) {}
func (r *record) Ended(res Result) {
	r.outcomes[res.Test], r.logs[res.Test] = res.Outcome, res.Log
}
func (r *record) Finish(Summary) {}

func runSuite(t *testing.T, o Options, rs ...Reporter) Summary {
	t.Helper()
	sum, err := Run(t.Context(), starlark.New(starlark.Config{}), discover(t, "testdata/mixed"), o, rs...)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestRun(t *testing.T) {
	var rec record
	artifacts := t.TempDir()
	sum := runSuite(t, Options{Parallel: 4, Artifacts: artifacts, Again: "again"}, &rec)
	want := map[string]starlark.Outcome{
		"test_pass": "pass", "test_fail": "fail", "test_skip": "skip",
		"test_subtests": "fail", "test_subtests/n_=_1": "pass", "test_subtests/n_=_2": "fail", "test_subtests/n_=_3": "pass",
		"test_expected": "pass", "test_unexpected": "fail", "test_timeout": "fail", "test_runaway": "fail",
		"test_alone": "pass", "test_alone_too": "pass", "test_cleanup": "pass", "test_bad_cleanup": "fail",
		"test_artifact": "pass", "test_tempdir": "pass", "script": "pass",
	}
	if d := cmp.Diff(want, rec.outcomes); d != "" {
		t.Errorf("outcomes (-want +got):\n%s", d)
	}
	if sum.Passed != 8 || sum.Failed != 6 || sum.Skipped != 1 || sum.OK() {
		t.Errorf("summary: %+v", sum)
	}
	for test, want := range map[string]string{
		"test_pass":        "a_test.star:2: all 1 well\nprinted\n",
		"test_fail":        "testdata/mixed/a_test.star:6:14: assert.eq(1 + 1, 3) failed: got 2, want 3\nto run it again: again --run '^test_fail$' testdata/mixed/a_test.star\n",
		"test_unexpected":  "passed, but was expected to fail: bug 18",
		"test_expected":    "failed as expected (bug 17): testdata/mixed/a_test.star:19:9: fail: as ever\n",
		"test_timeout":     "testdata/mixed/a_test.star:26:10: the test took longer than the 20ms that it gave itself",
		"test_runaway":     "the test took longer than the 20ms that it gave itself",
		"test_bad_cleanup": "clean-up: testdata/mixed/b_test.star:19:27: fail: spilled",
		"test_skip":        "skipped: not today\n",
	} {
		if !strings.Contains(rec.logs[test], want) {
			t.Errorf("the log of %s is\n%swant\n%s", test, rec.logs[test], want)
		}
	}
	for name, want := range map[string]string{"note.txt": "kept\n", "deep/raw.bin": "\x00\xff"} {
		got, err := os.ReadFile(filepath.Join(artifacts, "b_test/test_artifact", name))
		if err != nil || string(got) != want {
			t.Errorf("artifact %s: got %q, %v", name, got, err)
		}
	}
}

func TestSubtestPattern(t *testing.T) {
	var rec record
	sum := runSuite(t, Options{Run: "subtests/n_=_(1|3)"}, &rec)
	if !sum.OK() || len(rec.outcomes) != 3 {
		t.Errorf("got %v, want the test and two of its subtests to pass", rec.outcomes)
	}
}

func TestFailFast(t *testing.T) {
	var rec record
	runSuite(t, Options{Run: "fail|alone", FailFast: true, Parallel: 1}, &rec)
	// One more may have been handed to the worker before the failure was known.
	if len(rec.outcomes) > 2 {
		t.Errorf("tests started after the failure: %v", rec.outcomes)
	}
}

func TestTimeout(t *testing.T) {
	var rec record
	start := time.Now()
	sum := runSuite(t, Options{Run: "test_timeout", Timeout: time.Nanosecond}, &rec)
	if !errors.Is(sum.Err, ErrTimeout) || sum.OK() {
		t.Errorf("got %v after %s, want ErrTimeout", sum.Err, time.Since(start))
	}
}

var times = regexp.MustCompile(`\d+(\.\d+)?(s|ms|µs)\b`)

func TestConsole(t *testing.T) {
	var b bytes.Buffer
	runSuite(t, Options{Run: "pass|fail|skip"}, &Console{W: &b})
	got := times.ReplaceAllString(b.String(), "TIME")
	want := `--- PASS: test_pass (TIME)
--- FAIL: test_fail (TIME)
--- SKIP: test_skip (TIME)
    skipped: not today

--- FAIL: test_fail (testdata/mixed/a_test.star)
    testdata/mixed/a_test.star:6:14: assert.eq(1 + 1, 3) failed: got 2, want 3

1 passed, 1 failed, 1 skipped in TIME
FAIL
`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTAP(t *testing.T) {
	var b bytes.Buffer
	runSuite(t, Options{Run: "pass|fail|skip|subtests"}, &TAP{W: &b})
	want := `TAP version 13
1..4
ok 1 - testdata/mixed/a_test.star: test_pass
not ok 2 - testdata/mixed/a_test.star: test_fail
# testdata/mixed/a_test.star:6:14: assert.eq(1 + 1, 3) failed: got 2, want 3
ok 3 - testdata/mixed/a_test.star: test_skip # SKIP not today
not ok 4 - testdata/mixed/a_test.star: test_subtests
# test_subtests/n_=_2:
# testdata/mixed/a_test.star:14:48: assert.ne(n, 2) failed: got 2, which must not equal 2
# a_test.star:15: goes on after a failed subtest
# a subtest failed
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	runSuite(t, Options{Run: "pass|subtests"}, &JSON{W: &b})
	var got []string
	for d := json.NewDecoder(&b); d.More(); {
		var e event
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		if e.Action != "output" {
			got = append(got, strings.TrimSpace(e.Action+" "+e.Test))
		}
	}
	want := []string{
		"start", "run test_pass", "pass test_pass", "run test_subtests",
		"run test_subtests/n_=_1", "pass test_subtests/n_=_1",
		"run test_subtests/n_=_2", "fail test_subtests/n_=_2",
		"run test_subtests/n_=_3", "pass test_subtests/n_=_3",
		"fail test_subtests", "fail",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	j := &JUnit{W: &b}
	runSuite(t, Options{Run: "pass|fail|skip"}, j)
	if j.Err != nil {
		t.Fatal(j.Err)
	}
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Tests != 3 || doc.Failures != 1 || doc.Skipped != 1 || len(doc.Suites) != 1 || len(doc.Suites[0].Cases) != 3 {
		t.Fatalf("got %+v", doc)
	}
	if f := doc.Suites[0].Cases[1].Failure; f == nil || !strings.Contains(f.Message, "got 2, want 3") {
		t.Errorf("the failure is %+v", f)
	}
}

func TestRunT(t *testing.T) {
	t.Setenv("RUMP_SERVER", "")
	t.Setenv("RUMPSCRIPT_TARGET", "fake")
	RunT(t, "testdata/more")
}
