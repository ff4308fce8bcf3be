package rumpctrl_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rumpkernel/rumpscript/internal/rumptest"
)

// errNoRumpctrl says that there is nothing to compare with.
var errNoRumpctrl = errors.New("no rump.ls on PATH: the real utilities are not there")

// TestAgainstRumpctrl runs lists of commands with the real utilities on one kernel
// and with ours on another, and compares what each of them prints.
func TestAgainstRumpctrl(t *testing.T) {
	if _, err := exec.LookPath("rump.ls"); err != nil {
		rumptest.Require(t, "rumpctrl", errNoRumpctrl)
	}
	lists, err := filepath.Glob("testdata/commands/*.txt")
	if err != nil || len(lists) == 0 {
		t.Fatal("no lists of commands", err)
	}
	for _, list := range lists {
		t.Run(strings.TrimSuffix(filepath.Base(list), ".txt"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			compareUtilities(t, strings.Split(strings.TrimSpace(string(b)), "\n"))
		})
	}
}

func compareUtilities(t *testing.T, lines []string) {
	args := strings.Fields("-lrumpvfs -lrumpfs_kernfs -lrumpfs_tmpfs -lrumpfs_ffs -lrumpfs_ext2fs " +
		"-lrumpfs_msdos -lrumpdev_disk -lrumpdev_vnd -lrumpdev_rnd -lrumpdev")
	var commands []string
	for _, l := range lines {
		switch d := strings.Fields(l); d[0] {
		case "disk":
			file := fmt.Sprintf("hostpath=%s.img,size=%s", d[1], d[2])
			args = append(args, "-d", "key=/"+d[1]+","+file, "-d", "key=/r"+d[1]+","+file+",type=chr")
		case "components": // these and no others
			args = nil
			for _, c := range d[1:] {
				args = append(args, "-l"+c)
			}
		default:
			commands = append(commands, l)
		}
	}
	var urls [2]string
	for i := range urls {
		folder := t.TempDir()
		makeDisks(t, folder, args)
		urls[i] = rumptest.StartIn(t, folder, args...).URL
	}
	for _, command := range commands {
		argv, stdin := shellWords(command)
		want, wantStatus := realUtility(t, urls[0], argv, stdin)
		got, status := runUtility(t, urls[1], argv, stdin)
		want = fmt.Sprintf("%sexit status %d\n", mask("", argv, maskFiles(want)), wantStatus)
		got = fmt.Sprintf("%sexit status %d\n", mask("", argv, maskFiles(got)), status)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-rumpctrl +ours):\n%s", command, d)
		}
	}
}

// shellWords splits a command as a shell does, and takes the input that an echo
// before a "|" makes.
func shellWords(command string) (args []string, stdin string) {
	if before, after, ok := strings.Cut(command, " | "); ok {
		if text, ok := strings.CutPrefix(before, "echo "); ok {
			command, stdin = after, text+"\n"
		}
	}
	word, quoted, started := "", false, false
	for _, r := range command {
		switch {
		case r == '\'':
			quoted, started = !quoted, true
		case r == ' ' && !quoted:
			if started {
				args = append(args, word)
			}
			word, started = "", false
		default:
			word += string(r)
			started = true
		}
	}
	if started {
		args = append(args, word)
	}
	return args, stdin
}

// realUtility runs a utility of rumpctrl.
func realUtility(t *testing.T, url string, args []string, stdin string) (string, int) {
	t.Helper()
	cmd := exec.Command("rump."+args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "RUMP_SERVER="+url, "TZ=UTC")
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("rump.%s: %v", args[0], err)
	}
	output := stdout.String()
	for line := range strings.Lines(stderr.String()) {
		output += "2> " + line
	}
	return output, cmd.ProcessState.ExitCode()
}

var fileMasks = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d(:\d\d \d{4})?`), "DATE"},
	{regexp.MustCompile(`transferred in .*`), "transferred"},
	{regexp.MustCompile(`bytes (read|written) in .*`), "bytes $1"},
	{regexp.MustCompile(`rump\.(\w+)`), "$1"},
	{regexp.MustCompile(`\b6\d{11}\b`), "INODE"},
	{regexp.MustCompile(`\(\d+ bytes/sec\)`), "(N bytes/sec)"},
	{regexp.MustCompile(`[A-Z][a-z]{2} [A-Z][a-z]+day .*`), "TIME"},
}

func maskFiles(s string) string {
	for _, m := range fileMasks {
		s = m.re.ReplaceAllString(s, m.to)
	}
	return s
}
