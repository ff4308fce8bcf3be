package rumpctrl_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
// has of it. The command's input is what is before a "|".
func runUtility(t testing.TB, url string, args []string, stdin string) (output string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, ok := rumpctrl.Lookup(args[0]); !ok {
		return runReal(t, url, args)
	}
	k, err := rump.Dial(ctx, url)
	if err != nil {
		return "2> rumpclient init failed\n", 1 // as the C client says it
	}
	defer k.Close()
	var stdout, stderr bytes.Buffer
	status = rumpctrl.Run(ctx, &rumpctrl.Env{
		Kernel: k, Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Location: time.UTC,
	})
	output = stdout.String()
	for line := range strings.Lines(stderr.String()) {
		output += "2> " + line
	}
	return output, status
}

// runReal runs a utility that is not ours, such as fsck_ffs.
func runReal(t testing.TB, url string, args []string) (output string, status int) {
	t.Helper()
	cmd := exec.Command("rump."+args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "RUMP_SERVER="+url)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Logf("%s: %v", args[0], err)
		return "", -1
	}
	output = stdout.String()
	for line := range strings.Lines(stderr.String()) {
		output += "2> " + line
	}
	return output, cmd.ProcessState.ExitCode()
}

// masks are what differs from one run to the next.
var masks = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`b2:a0(:[0-9a-f]{2}){4}`), "MAC"},
	{regexp.MustCompile(`fe80::b0a0:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}(%shmif0)? *`), "LINKLOCAL "},
	{regexp.MustCompile(`f2:0b:a4(:[0-9a-f]{2}){3}`), "MAC"}, // of a tap
	{regexp.MustCompile(`fe80::[0-9a-f:]+(%(gif|pppoe|tap)\d)? *`), "LINKLOCAL "},
	{regexp.MustCompile(`(2001:db8:\S+):b0a0(:[0-9a-f]{1,4}){3}`), "$1:EUI64"},
	{regexp.MustCompile(`rump-\d+\.\S+`), "HOSTNAME"},
	{regexp.MustCompile(`(kern\.(urandom|arandom|hardclock_ticks|uidinfo\.\w+)) = .*`), "$1 = N"},
	{regexp.MustCompile(`((vm|vfs|hw)\.\S*(mem|buf|vnode|memused|maxmem|maxvnodes|ubc)\S*) = \d+`), "$1 = N"},
	{regexp.MustCompile(`time=\d+\.\d+ ms`), "time=T ms"},
	{regexp.MustCompile(`(round-trip \S+) = .*`), "$1 = T"},
	{regexp.MustCompile(`[\d.]+ packets/sec`), "N packets/sec"},
	{regexp.MustCompile(`shmif0 \d+s +`), "shmif0 EXPIRE "},
	{regexp.MustCompile(`expire +\d{10} `), "expire TIME "},
	{regexp.MustCompile(`reachable=\d+s`), "reachable=Ns"},
	{regexp.MustCompile(`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d `), "DATE "},
	{regexp.MustCompile(`transferred in \d+\.\d+ secs \(\d+ bytes/sec\)`), "transferred in T secs"},
	// The width of the sizes beside it is that of its own.
	{regexp.MustCompile(`(?m) +(\d+ DATE dev\n.*) \d+ DATE ktrace.out(\n.*?) +(\d+ DATE tmp)`), " $1 N DATE ktrace.out$2 $3"},
	{regexp.MustCompile(`\d+ (-rw-r--r--  1 0  0  11 DATE file)`), "INODE $1"},
	{regexp.MustCompile(`(rump_hyperent|callout) +\d+ `), "$1 BITS "},
}

var routeExpire = regexp.MustCompile(`( mtu +expire\n.*\d) +-?\d+ *\n`)

func mask(session string, args []string, s string) string {
	if strings.HasSuffix(session, "-words") {
		// How far a kernel is when the next command comes is not the point here.
		s = strings.ReplaceAll(s, " tentative", "")
		s = routeExpire.ReplaceAllString(s, "$1 EXPIRE\n")
	}
	for _, m := range masks {
		s = m.re.ReplaceAllString(s, m.to)
	}
	if args[0] == "ndp" {
		// A kernel keeps neighbours by a hash, and link-local addresses are random.
		lines := slices.Sorted(strings.Lines(s))
		s = strings.Join(lines, "")
	}
	return s
}

// makeDisks makes the images that a server's arguments name as disks.
func makeDisks(t testing.TB, folder string, args []string) {
	t.Helper()
	for _, a := range args {
		var path string
		var size int64
		for _, f := range strings.Split(a, ",") {
			if v, ok := strings.CutPrefix(f, "hostpath="); ok {
				path = filepath.Join(folder, v)
			}
			if v, ok := strings.CutPrefix(f, "size="); ok {
				size, _ = strconv.ParseInt(v, 10, 64)
			}
		}
		if path == "" {
			continue
		}
		f, err := os.Create(path)
		if err == nil {
			err = f.Truncate(size)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

// sessionDirs returns the folders of sessions: those that were recorded, and those
// that the real utilities were later asked for beside ours.
func sessionDirs(t testing.TB) []string {
	t.Helper()
	recorded, err := filepath.Glob("../testdata/recordings/*")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("testdata/sessions/*")
	if err != nil || len(recorded) == 0 || len(more) == 0 {
		t.Fatal("no sessions", err)
	}
	var dirs []string
	for _, dir := range append(recorded, more...) {
		switch filepath.Base(dir) {
		case "README.md":
		case "errors", "sockets": // programs of their own, no utilities
		case "npf": // npfctl, which is not among ours
		default:
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// playSession does what was done in a session on kernels that start makes, and
// calls check for each command with what was printed then and now, masked.
func playSession(t *testing.T, dir string, start func(t testing.TB, folder string, args []string) (url string), check func(command, want, got string)) {
	server, err := os.ReadFile(filepath.Join(dir, "server"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "session"))
	if err != nil {
		t.Fatal(err)
	}
	components := strings.Fields(string(server))[1:]
	folder := t.TempDir()
	makeDisks(t, folder, components)
	first := start(t, folder, components)
	second := ""
	for _, s := range parseSession(string(text)) {
		args, stdin := shellWords(s.command)
		if args[0] == "sleep" {
			// The kernels' own clocks must go on: duplicate address detection.
			n, _ := strconv.Atoi(args[1])
			time.Sleep(time.Duration(n) * time.Second)
			continue
		}
		url := first
		if s.second {
			if second == "" {
				second = start(t, folder, components)
			}
			url = second
		}
		got, status := runUtility(t, url, args, stdin)
		if status == -1 {
			continue // no such program here
		}
		if s.second {
			if status != 0 {
				t.Fatalf("%s: status %d: %s", s.command, status, got)
			}
			continue
		}
		check(s.command,
			fmt.Sprintf("%sexit status %d\n", mask(filepath.Base(dir), args, s.output), s.status),
			fmt.Sprintf("%sexit status %d\n", mask(filepath.Base(dir), args, got), status))
	}
}

func TestSessions(t *testing.T) {
	for _, dir := range sessionDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			start := func(t testing.TB, folder string, args []string) string {
				return rumptest.StartIn(t, folder, args...).URL
			}
			playSession(t, dir, start, func(command, want, got string) {
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s (-recorded +got):\n%s", command, d)
				}
			})
		})
	}
}
