package shell_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// step is a command of a recorded session and what it printed: the text as it is
// in the recording, with "exit status N" if that is not 0.
type step struct{ command, want string }

// parseSession returns the commands of a session, and those that ran on a second kernel.
func parseSession(text string) (steps []step, second []string) {
	for line := range strings.Lines(text) {
		if c, ok := strings.CutPrefix(line, "$ "); ok {
			steps = append(steps, step{command: strings.TrimSpace(c)})
		} else if _, c, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, "#") {
			second = append(second, strings.TrimSpace(c))
		} else {
			steps[len(steps)-1].want += line
		}
	}
	return steps, second
}

// varies is what differs from one run to the next: every number, name of a host
// and link address. That those are right is for the tests of the utilities.
var varies = regexp.MustCompile(`rump-\d+\.\S+|-?[0-9a-f:.]*[0-9][0-9a-f:.]*[a-z]?|Nov|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Dec`)

var spaces = regexp.MustCompile(`[ \t]+`)

// dead is what is said of a kernel that is gone. Ours says more.
var dead = regexp.MustCompile(`2> (rumpclient init failed|\w+: unix:.*: connect: no such file or directory)`)

func mask(s string) string {
	s = dead.ReplaceAllString(s, "2> no kernel")
	return spaces.ReplaceAllString(varies.ReplaceAllString(s, "N"), " ")
}

// TestSessions types what was typed into the recorded sessions, line by line, on
// a real kernel.
func TestSessions(t *testing.T) {
	sessions, err := filepath.Glob("../../testdata/recordings/*/session")
	if err != nil || len(sessions) == 0 {
		t.Fatal("no sessions", err)
	}
	for _, session := range sessions {
		dir := filepath.Dir(session)
		switch filepath.Base(dir) {
		case "errors", "sockets": // programs of their own, no utilities
			continue
		case "npf": // npfctl, which is not among ours
			continue
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			server, err := os.ReadFile(filepath.Join(dir, "server"))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(dir, "session"))
			if err != nil {
				t.Fatal(err)
			}
			folder := t.TempDir()
			components := strings.Fields(string(server))[1:]
			w := newWorld(t, dial(rumptest.StartIn(t, folder, components...).URL))
			steps, second := parseSession(string(text))
			if len(second) > 0 {
				other := newWorld(t, dial(rumptest.StartIn(t, folder, components...).URL))
				for _, c := range second {
					if out, status := other.run(c); status != 0 {
						t.Fatalf("second kernel: %s: %s", c, out)
					}
				}
			}
			for _, s := range steps {
				if name := strings.Fields(s.command)[0]; !known(name) {
					t.Skipf("%s: not among our utilities", name)
				}
				got, status := w.run(s.command)
				if status != 0 {
					got += fmt.Sprintf("exit status %d\n", status)
				}
				if d := cmp.Diff(mask(s.want), mask(got)); d != "" {
					t.Errorf("%s (-recorded +got):\n%s", s.command, d)
				}
			}
		})
	}
}

func known(name string) bool {
	_, ok := rumpctrl.Lookup(name)
	return ok || name == "echo" || name == "printf" || name == "sleep"
}
