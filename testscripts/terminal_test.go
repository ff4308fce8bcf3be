package testscripts

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// patience is how long a shell may take to print what is expected of it.
const patience = 20 * time.Second

// terminal is a command that runs in a terminal, with a person at it.
type terminal struct {
	t     *testing.T
	pty   *os.File
	cmd   *exec.Cmd
	more  chan struct{} // gets a value when something was printed
	ended chan struct{} // closed when nothing will be printed any more

	mu   sync.Mutex
	text string // what was printed and not yet expected
	all  string
	err  error
}

// openTerminal runs the command in a terminal of 24 lines and 80 columns, in a folder
// of its own.
func openTerminal(t *testing.T, env []string, args ...string) *terminal {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "rumpscript"), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{
		"TERM=xterm", "HOME=" + cmd.Dir, "RUMPSCRIPT_HISTORY=" + filepath.Join(cmd.Dir, "history"),
		"PATH=" + os.Getenv("PATH"),
	}, env...)
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	f, err := pollable(master)
	if err != nil {
		t.Fatal(err)
	}
	tm := &terminal{t: t, pty: f, cmd: cmd, more: make(chan struct{}, 1), ended: make(chan struct{})}
	go tm.read()
	t.Cleanup(func() {
		f.Close() // which hangs up
		<-tm.ended
		cmd.Process.Kill()
		cmd.Wait()
	})
	return tm
}

// pollable returns the same file, but such that Close ends a Read.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	return os.NewFile(uintptr(fd), f.Name()), err
}

// resize changes the size of the window.
func (tm *terminal) resize(rows, columns uint16) {
	tm.t.Helper()
	rc, err := tm.pty.SyscallConn()
	if err == nil {
		rc.Control(func(fd uintptr) {
			err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns})
		})
	}
	if err != nil {
		tm.t.Fatal(err)
	}
}

func (tm *terminal) read() {
	defer close(tm.ended)
	buf := make([]byte, 4096)
	for {
		n, err := tm.pty.Read(buf)
		tm.mu.Lock()
		tm.text += string(buf[:n])
		tm.all += string(buf[:n])
		tm.err = err
		tm.mu.Unlock()
		select {
		case tm.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// expect waits until the text was printed, and returns what was before it.
func (tm *terminal) expect(want string) string {
	tm.t.Helper()
	late := time.After(patience)
	for {
		tm.mu.Lock()
		before, after, found := strings.Cut(tm.text, want)
		if found {
			tm.text = after
		}
		err, all := tm.err, tm.all
		tm.mu.Unlock()
		if found {
			return before
		}
		if err != nil {
			tm.t.Fatalf("the terminal was closed (%v) before %q was printed:\n%s", err, want, all)
		}
		select {
		case <-tm.more:
		case <-late:
			tm.cmd.Process.Signal(syscall.SIGABRT) // its goroutines tell why
			tm.status()
			tm.pty.Close()
			<-tm.ended
			tm.t.Fatalf("%q was not printed:\n%s", want, tm.all)
		}
	}
}

// send types a text.
func (tm *terminal) send(s string) {
	tm.t.Helper()
	if _, err := io.WriteString(tm.pty, s); err != nil {
		tm.t.Fatal(err)
	}
}

// status waits for the end of the command.
func (tm *terminal) status() int {
	tm.t.Helper()
	done := make(chan error, 1)
	go func() { done <- tm.cmd.Wait() }()
	select {
	case err := <-done:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			tm.t.Fatal(err)
		}
		return tm.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		tm.t.Fatalf("the shell did not end:\n%s", tm.all)
		return -1
	}
}

const (
	ctrlC = "\x03"
	ctrlD = "\x04"
	tab   = "\t"
	up    = "\x1b[A"
	enter = "\r"
)

const prompt = "rumpctrl (fake)$ "

func TestTerminal(t *testing.T) {
	tm := openTerminal(t, nil, "sh", "--target", "fake")
	tm.expect(prompt)
	tm.send("sysctl -n kern.ostype" + enter)
	tm.expect("\nNetBSD\r\n")
	tm.expect(prompt)

	// Ctrl-C at the prompt and in an unfinished command drops what was typed.
	tm.send("echo drop")
	tm.expect("drop") // until then Ctrl-C may still be a signal
	tm.send(ctrlC)
	tm.expect(prompt)
	tm.send("if true" + enter)
	tm.expect("> ")
	tm.send("echo drop")
	tm.expect("drop")
	tm.send(ctrlC)
	tm.expect(prompt)

	// A command of several lines.
	tm.send("for x in 1 2" + enter)
	tm.expect("> ")
	tm.send("do echo line$x; done" + enter)
	tm.expect("line1\r\nline2\r\n")
	tm.expect(prompt)

	// Ctrl-C ends the utility that runs, and what follows it, but not the shell.
	tm.send("echo begin; cat; echo 'not' 'this'" + enter)
	tm.expect("begin\r\n")
	tm.send("typed" + enter)
	tm.expect("typed\r\ntyped\r\n") // the echo of the terminal, and of cat
	tm.send(ctrlC)
	if s := tm.expect(prompt); strings.Contains(s, "not this") {
		t.Errorf("went on after Ctrl-C: %q", s)
	}
	tm.send("echo status $?" + enter)
	tm.expect("\nstatus 130\r\n")
	tm.expect(prompt)

	// It ends a program of the host, and a loop of built-in commands.
	tm.send("sleep 1000" + enter)
	tm.expect("sleep 1000\r\n")
	tm.awaitChild()
	tm.send(ctrlC)
	tm.expect(prompt)
	tm.send("echo loop; while :; do :; done" + enter)
	tm.expect("\nloop\r\n")
	tm.send(ctrlC)
	tm.expect(prompt)

	// And wait, while the job goes on.
	tm.send("sleep 1000 &" + enter)
	tm.expect(prompt)
	tm.awaitChild() // what is typed while it is being started may reach it
	tm.send("echo waits; wait" + enter)
	tm.expect("\nwaits\r\n")
	tm.send(ctrlC)
	tm.expect(prompt)
	tm.send("jobs" + enter)
	tm.expect("[1]  Running                 sleep 1000\r\n")
	tm.expect(prompt)
	// Its status would tell who has ended it. Rarely that is the Ctrl-C above, which
	// came between the job's start and its leaving the terminal's group.
	tm.send("kill %1; wait %1; echo is 'gone'" + enter)
	tm.expect("\nis gone\r\n")
	tm.expect(prompt)

	// History.
	tm.send(up + up + up + enter)
	tm.expect("\nwaits\r\n")
	tm.expect(prompt)

	// Ctrl-C ends ping, which still says how it went.
	tm.send("ping -n 127.0.0.1 | cat" + enter)
	tm.expect("icmp_seq=0")
	tm.send(ctrlC)
	tm.expect(prompt)
	tm.send("ping -n 127.0.0.1" + enter)
	tm.expect("icmp_seq=0")
	tm.send(ctrlC)
	tm.expect("PING Statistics")
	tm.expect(prompt)

	// Completion: interfaces, words, files of the kernel.
	tm.send("ifconfig lo" + tab)
	tm.expect("ifconfig lo0 ")
	tm.send("prefi" + tab)
	tm.expect("ifconfig lo0 prefixlen ")
	tm.send(ctrlC)
	tm.expect(prompt)
	tm.send("echo content > /tmp/'a file'" + enter)
	tm.expect(prompt)
	tm.send("cat /tm" + tab + "a" + tab + enter)
	tm.expect("\ncontent\r\n")
	tm.expect(prompt)

	// Completion: utilities, sysctl nodes, files of the host.
	tm.send("sysc" + tab + "-n kern.ost" + tab + enter)
	tm.expect("\nNetBSD\r\n")
	tm.expect(prompt)
	if err := os.WriteFile(filepath.Join(tm.cmd.Dir, "a file"), []byte("of the host\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tm.send("rumpctrl_hos" + tab + "cat a" + tab + enter)
	tm.expect("\nof the host\r\n")
	tm.expect(prompt)

	// A resized window.
	tm.resize(40, 200)
	long := strings.Repeat("x", 150)
	tm.send("echo " + long + enter)
	tm.expect("\n" + long + "\r\n")
	tm.expect(prompt)
	tm.send("rumpctrl_hostcmd stty size" + enter)
	tm.expect("\n40 200\r\n")
	tm.expect(prompt)

	// Ctrl-D.
	tm.send("trap 'echo bye' EXIT; (exit 3)" + enter)
	tm.expect(prompt)
	tm.send(ctrlD)
	tm.expect("bye\r\n")
	if got := tm.status(); got != 3 {
		t.Errorf("exit status %d, want 3", got)
	}
	h, err := os.ReadFile(filepath.Join(tm.cmd.Dir, "history"))
	if err != nil || !strings.Contains(string(h), "sysctl -n kern.ostype\n") {
		t.Errorf("history: %q, %v", h, err)
	}
}

// awaitChild waits until the shell has started a program.
func (tm *terminal) awaitChild() {
	tm.t.Helper()
	if _, err := os.Stat("/proc/self/task"); err != nil {
		return
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		if hasChild(tm.cmd.Process.Pid) {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			tm.t.Fatal("no program was started")
		}
	}
}

// hasChild reports whether a process has one.
func hasChild(pid int) bool {
	tasks, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, f := range tasks {
		if b, err := os.ReadFile(f); err == nil && len(b) > 0 {
			return true
		}
	}
	return false
}

func TestTerminalKernelDies(t *testing.T) {
	dir, err := os.MkdirTemp("", "rump")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	url := "unix://" + filepath.Join(dir, "s")
	serve := func() *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, "rumpscript"), "fake", url)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err == nil {
			_, err = out.Read(make([]byte, 1)) // it prints its URL when it listens
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
		return cmd
	}
	kernel := serve()
	ask := "rumpctrl (" + url + ")$ "
	tm := openTerminal(t, []string{"RUMP_SERVER=" + url}, "sh")
	tm.expect(ask)
	tm.send("sysctl -n kern.ostype" + enter)
	tm.expect("\nNetBSD\r\n")
	tm.expect(ask)

	kernel.Process.Signal(syscall.SIGKILL)
	kernel.Wait()
	tm.send("sysctl -n kern.ostype; echo status $?" + enter)
	tm.expect("\nsysctl: " + url + ": connect: connection refused\r\n")
	tm.expect("status 1\r\n")
	tm.expect(ask)

	os.Remove(filepath.Join(dir, "s"))
	serve()
	tm.send("sysctl -n kern.ostype" + enter)
	tm.expect("\nNetBSD\r\n")
	tm.expect(ask)
	tm.send("exit 5" + enter)
	if got := tm.status(); got != 5 {
		t.Errorf("exit status %d, want 5", got)
	}
}
