package rumpctrl_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// A session is what a user typed and what the real utilities printed; see the
// folders in testdata/sessions.
//
//	$ COMMAND
//	standard output
//	2> standard error
//	exit status N
//
// A line "# on a second kernel, not recorded: COMMAND" is a command too.
type sessionStep struct {
	command string
	second  bool // on a second kernel, whatever it prints
	output  string
	status  int
}

func parseSession(text string) []sessionStep {
	var steps []sessionStep
	for line := range strings.Lines(text) {
		if c, ok := strings.CutPrefix(line, "$ "); ok {
			steps = append(steps, sessionStep{command: strings.TrimSpace(c)})
			continue
		}
		if strings.HasPrefix(line, "#") {
			if _, c, ok := strings.Cut(line, ": "); ok {
				steps = append(steps, sessionStep{command: strings.TrimSpace(c), second: true})
			}
			continue
		}
		s := &steps[len(steps)-1]
		if n, ok := strings.CutPrefix(line, "exit status "); ok {
			s.status, _ = strconv.Atoi(strings.TrimSpace(n))
			continue
		}
		s.output += line
	}
	return steps
}

// runUtility runs one command as a process of its own and returns what a session
// has of it.
func runUtility(t testing.TB, url string, args []string) (output string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	k, err := rump.Dial(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	var stdout, stderr bytes.Buffer
	status = rumpctrl.Run(ctx, &rumpctrl.Env{
		Kernel: k, Args: args, Stdout: &stdout, Stderr: &stderr, Location: time.UTC,
	})
	output = stdout.String()
	for line := range strings.Lines(stderr.String()) {
		output += "2> " + line
	}
	return output, status
}

// masks are what differs from one run to the next.
var masks = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`b2:a0(:[0-9a-f]{2}){4}`), "MAC"},
	{regexp.MustCompile(`fe80::b0a0:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}(%shmif0)? *`), "LINKLOCAL "},
	{regexp.MustCompile(`rump-\d+\.\S+`), "HOSTNAME"},
	{regexp.MustCompile(`(kern\.(urandom|arandom|hardclock_ticks|uidinfo\.\w+)) = .*`), "$1 = N"},
	{regexp.MustCompile(`((vm|vfs|hw)\.\S*(mem|buf|vnode|memused|maxmem|maxvnodes|ubc)\S*) = \d+`), "$1 = N"},
	{regexp.MustCompile(`time=\d+\.\d+ ms`), "time=T ms"},
	{regexp.MustCompile(`(round-trip \S+) = .*`), "$1 = T"},
	{regexp.MustCompile(`shmif0 \d+s `), "shmif0 EXPIRE "},
}

func mask(s string) string {
	for _, m := range masks {
		s = m.re.ReplaceAllString(s, m.to)
	}
	return s
}

func TestSessions(t *testing.T) {
	dirs, err := filepath.Glob("testdata/sessions/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no sessions", err)
	}
	for _, dir := range dirs {
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
			steps := parseSession(string(text))
			components := strings.Fields(string(server))[1:]
			folder := t.TempDir()
			first := rumptest.StartIn(t, folder, components...).URL
			second := ""
			for _, s := range steps {
				args := strings.Fields(s.command)
				if args[0] == "sleep" {
					// The kernels' own clocks must go on: duplicate address detection.
					n, _ := strconv.Atoi(args[1])
					time.Sleep(time.Duration(n) * time.Second)
					continue
				}
				url := first
				if s.second {
					if second == "" {
						second = rumptest.StartIn(t, folder, components...).URL
					}
					url = second
				}
				got, status := runUtility(t, url, args)
				if s.second {
					if status != 0 {
						t.Fatalf("%s: status %d: %s", s.command, status, got)
					}
					continue
				}
				want := fmt.Sprintf("%sexit status %d\n", mask(s.output), s.status)
				got = fmt.Sprintf("%sexit status %d\n", mask(got), status)
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s (-recorded +got):\n%s", s.command, d)
				}
			}
		})
	}
}
