// Package testscripts runs the command itself: each file in testdata/script is a
// txtar script (see github.com/rogpeppe/go-internal/testscript) which calls
// rumpscript as a user does.
package testscripts

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// bin is the folder with the built command.
var bin string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

// buildAndRun builds the command once: links to it, signals and exit statuses
// are part of what is tested.
func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "rumpscript-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "rumpscript"), "../cmd/rumpscript")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "go build:", err)
		return 1
	}
	return m.Run()
}

func TestScripts(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("ROOT", root)
			env.Setenv("BIN", bin)
			env.Values[serversKey{}] = new([]*server)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve":  serve,
			"stop":   stop,
			"peer":   peer,
			"status": status,
		},
	})
}

// server is a subcommand that serves until it is stopped.
type server struct {
	name string
	cmd  *exec.Cmd
	done bool
}

type serversKey struct{}

// serve starts "rumpscript SUBCOMMAND ARG..." and waits until it prints the URL
// which it serves, which becomes $URL. It is stopped with the script.
//
//	serve fake unix://csock
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve SUBCOMMAND [ARG...]")
	}
	cmd := exec.Command(filepath.Join(bin, "rumpscript"), args...)
	cmd.Dir = ts.Getenv("WORK")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	s := &server{name: args[0], cmd: cmd}
	servers := ts.Value(serversKey{}).(*[]*server)
	*servers = append(*servers, s)
	ts.Defer(func() {
		s.stop()
		ts.Logf("rumpscript %s said: %s", args[0], said.String())
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		ts.Fatalf("rumpscript %s: %v", args[0], err)
	}
	ts.Setenv("URL", strings.TrimSpace(url))
}

// stop interrupts a server and returns how it ended.
func (s *server) stop() error {
	if s.done {
		return nil
	}
	s.done = true
	s.cmd.Process.Signal(os.Interrupt)
	return s.cmd.Wait()
}

// stop stops the newest server of a subcommand, which must end well, or with !
// must not.
//
//	stop record
func stop(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] stop SUBCOMMAND")
	}
	servers := *ts.Value(serversKey{}).(*[]*server)
	for i := len(servers) - 1; i >= 0; i-- {
		if s := servers[i]; s.name == args[0] && !s.done {
			if err := s.stop(); (err != nil) != neg {
				ts.Fatalf("rumpscript %s ended with %v", s.name, err)
			}
			return
		}
	}
	ts.Fatalf("no rumpscript %s runs", args[0])
}

// peer listens on a Unix socket as something that is no rump kernel.
//
//	peer silent|closes|http|newer|sparc unix://sock
func peer(ts *testscript.TestScript, neg bool, args []string) {
	greetings := map[string]string{
		"silent": "",
		"closes": "",
		"http":   "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
		"newer":  "RUMPSP-0.9-NetBSD-12.0/amd64\n",
		"sparc":  "RUMPSP-0.4-NetBSD-7.99.34/sparc64\n",
	}
	if neg || len(args) != 2 {
		ts.Fatalf("usage: peer KIND unix://PATH")
	}
	greeting, ok := greetings[args[0]]
	if !ok {
		ts.Fatalf("peer: unknown kind %s", args[0])
	}
	l, err := net.Listen("unix", ts.MkAbs(strings.TrimPrefix(args[1], "unix://")))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if args[0] == "closes" {
				c.Close()
				continue
			}
			c.Write([]byte(greeting))
			defer c.Close() // when the listener ends
		}
	}()
}

// status runs a command and checks its exit status. Unlike exec it is met by any
// status, and it insists that nothing looks like a crash.
//
//	status 2 rumpscript --nonsense
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = fmt.Sprint(exit.ExitCode())
	} else {
		ts.Check(err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
	if stderr := ts.ReadFile("stderr"); strings.Contains(stderr, "goroutine ") {
		ts.Fatalf("a Go stack on standard error:\n%s", stderr)
	}
}
