package harness

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// TestMain gives the tests a folder for temporary files of their own, so that
// they can tell what they have left there, and runs the test binary as something
// else where a test asks for it.
func TestMain(m *testing.M) {
	if role := os.Getenv("HARNESS_TEST_ROLE"); role != "" {
		os.Exit(play(role))
	}
	tmp, err := os.MkdirTemp("", "harness-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("TMPDIR", tmp)
	status := m.Run()
	if status == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, "harness:", err)
			status = 1
		}
		if left, _ := filepath.Glob(filepath.Join(tmp, folderPrefix+"*")); len(left) > 0 {
			fmt.Fprintln(os.Stderr, "harness: tests have left", left)
			status = 1
		}
	}
	os.RemoveAll(tmp)
	os.Exit(status)
}

// play is what the test binary does in a role: it starts a kernel, says so, and
// waits to be ended in whatever way the test has in mind.
func play(role string) int {
	ctx := context.Background()
	in, err := Start(ctx, Config{Name: "orphan", Env: words(os.Getenv("HARNESS_TEST_ENV"))})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println("url:", in.URL)
	switch role {
	case "wait":
		select {}
	case "panic":
		panic("on purpose")
	}
	return 1
}

// player starts the test binary in a role and returns it once its kernel runs.
func player(t *testing.T, role string, target Target, env ...string) (cmd *exec.Cmd, url string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HARNESS_TEST_ROLE="+role, VarTarget+"="+target.String())
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "url: ")
	if !ok {
		t.Fatalf("the player says %q, %v", line, err)
	}
	return cmd, url
}

// realTarget returns the target of a rump_server process, or skips the test.
func realTarget(t *testing.T) Target {
	t.Helper()
	Require(t, noServer())
	return Target{Kind: KindProcess}
}

// noServer is why there is no rump_server, if there is none.
var noServer = sync.OnceValue(func() error {
	_, err := findServer(must(Config{Target: Target{Kind: KindProcess}}.complete()))
	return err
})

// processTarget returns the target of a process: where there is no rump_server our
// own command stands in for it, unless it is required.
func processTarget(t *testing.T) Target {
	t.Helper()
	if err := noServer(); err != nil {
		if slices.Contains(words(os.Getenv(VarRequire)), string(KindProcess)) {
			t.Fatal(err)
		}
		os.Setenv("RUMP_SERVER_BIN", must(standIn()))
	}
	return Target{Kind: KindProcess}
}

// standIn makes the link by whose name our own command acts as rump_server.
var standIn = sync.OnceValues(func() (string, error) {
	bin, err := build()
	if err != nil {
		return "", err
	}
	link := filepath.Join(filepath.Dir(bin), "rump_server")
	return link, os.Symlink(bin, link)
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// build builds the command once for all tests, as one static binary.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.Getenv("TMPDIR"), "rumpscript")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "../cmd/rumpscript")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// runFolders returns the folders of kernels that there are.
func runFolders(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// as reports whether an error is one of a type.
func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
