//go:build linux

package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

func TestProcessOverTCP(t *testing.T) {
	in := StartT(t, Config{Target: processTarget(t), Network: "tcp"})
	if !strings.HasPrefix(in.URL, "tcp://127.0.0.1:") {
		t.Errorf("URL is %s", in.URL)
	}
	if _, err := in.Kernel.Sysctl(t.Context(), "kern.ostype"); err != nil {
		t.Error(err)
	}
}

func TestProcessSocketIsPrivate(t *testing.T) {
	in := StartT(t, Config{Target: processTarget(t)})
	path := strings.TrimPrefix(in.URL, "unix://")
	for dir := filepath.Dir(path); strings.Contains(dir, folderPrefix); dir = filepath.Dir(dir) {
		fi, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", dir, fi.Mode())
		}
	}
}

func TestProcessOptions(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	var console strings.Builder
	in, err := Start(t.Context(), Config{
		Target:     realTarget(t),
		Components: []string{"rumpvfs", "rumpdev", "rumpdev_disk"},
		Memory:     32 << 20,
		Disks:      []Disk{{Key: "/img", Path: disk, Size: 1 << 20}},
		Env:        []string{"RUMP_VERBOSE=1"},
		Dir:        t.ArtifactDir(),
		Console:    &console,
		Name:       "op/tions",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(disk); err != nil || fi.Size() != 1<<20 {
		t.Errorf("the disk is %v, %v", fi, err)
	}
	kept, err := os.ReadFile(filepath.Join(t.ArtifactDir(), "op_tions.console"))
	if err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]string{"kept": string(kept), "tail": in.Console(), "copy": console.String()} {
		if !strings.Contains(s, "NetBSD") || !strings.Contains(s, "halted") {
			t.Errorf("the console, %s, is %q", what, s)
		}
	}
}

// The failures of a process, each on purpose.
func TestProcessFailures(t *testing.T) {
	target := processTarget(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port

	script := func(text string) string {
		path := filepath.Join(t.TempDir(), "server")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	notProgram := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(notProgram, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}

	for _, tt := range []struct {
		name string
		cfg  Config
		want string // of the error's text
		is   func(error) bool
	}{
		{"no such binary", Config{Server: "/nonexistent/rump_server"}, "was not found", as[*MissingError]},
		{"not a program", Config{Server: notProgram}, "exec format error", nil},
		{"cannot be run", Config{Server: "/etc/passwd"}, "/etc/passwd cannot be run", as[*MissingError]},
		{"another program", Config{Server: "/bin/true"}, "rump_server (/bin/true) ended: exit status 0", as[*ExitedError]},
		{"ends with words", Config{Server: script("echo alas >&2; exit 3\n")}, "exit status 3; its console says last:\n\talas", as[*ExitedError]},
		{"never answers", Config{Server: script("exec sleep 100\n"), Timeout: 100 * time.Millisecond}, "does not answer after 1", as[*UnreadyError]},
		{"child holds the console", Config{Server: script("sleep 100 & echo $!; exit 4\n")}, "exit status 4", as[*ExitedError]},
		{"missing component", Config{Components: []string{"rumpnet_nosuch"}}, "rumpnet_nosuch", as[*ExitedError]},
		{"missing dependency", Config{Components: []string{"rumpnet_netinet"}}, "exit status 1", as[*ExitedError]},
		{"port taken", Config{Network: "tcp", Port: port}, fmt.Sprintf("port %d on loopback is taken", port), isAddrInUse},
		{"disk that is not there", Config{Disks: []Disk{{Key: "/d", Path: "/nonexistent/disk"}}}, "no Size", as[*ConfigError]},
		{"disk that cannot be made", Config{Disks: []Disk{{Key: "/d", Path: "/nonexistent/disk", Size: 512}}}, "/nonexistent is not a folder", as[*ConfigError]},
		{"bad network", Config{Network: "ipx"}, "neither unix nor tcp", as[*ConfigError]},
		{"no bus folder", Config{BusDir: "/nonexistent/folder"}, "no such file or directory", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := tt.cfg
			cfg.Target = target
			if tt.name == "missing dependency" {
				cfg.Target = realTarget(t) // a fake is made of nothing
			}
			in, err := Start(t.Context(), cfg)
			if err == nil {
				in.Stop(t.Context())
				t.Fatal("it starts")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v", err)
			}
			if tt.is != nil && !tt.is(err) {
				t.Errorf("the error is a %T", err)
			}
			if tt.name == "child holds the console" {
				var ee *ExitedError
				if errors.As(err, &ee) {
					var pid int
					fmt.Sscan(ee.Console, &pid)
					if pid > 0 {
						syscall.Kill(pid, syscall.SIGKILL)
					}
				}
			}
		})
	}
	if left := runFolders(t); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	target := processTarget(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("no longer wanted")
	go cancel(why)
	server := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(server, []byte("#!/bin/sh\nexec sleep 100\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(ctx, Config{Target: target, Server: server}); !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
}

// A kernel that dies in the middle of a call: the call's error says so, with the
// kernel's last words, and so do those of all later calls and connections.
func TestKernelThatDies(t *testing.T) {
	in := StartT(t, Config{Target: processTarget(t), Name: "doomed"})
	in.MayEnd()
	l, err := in.Kernel.Listen(t.Context(), "tcp", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		accepted <- err
	}()
	fmt.Fprintln(in.console, "panic: on purpose")
	if err := in.machine.(*command).cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_, late := in.Kernel.Sysctl(t.Context(), "kern.hostname")
	for late == nil { // the signal takes its time
		_, late = in.Kernel.Sysctl(t.Context(), "kern.hostname")
	}
	_, another := in.Connect(t.Context(), "another")
	_, forked := in.Kernel.Fork(t.Context())
	for what, err := range map[string]error{
		"accept": <-accepted, "sysctl": late, "connect": another, "fork": forked, "exec": in.Kernel.Exec(t.Context(), "x"),
	} {
		var ee *ExitedError
		var lost *sysproxy.TransportError
		if !errors.As(err, &ee) || !errors.As(err, &lost) {
			t.Errorf("%s: the error is a %T: %v", what, err, err)
			continue
		}
		if text := err.Error(); !strings.Contains(text, "doomed: rump_server ended: signal: killed") || strings.Count(text, "panic: on purpose") != 1 {
			t.Errorf("%s: the error is %v", what, err)
		}
	}
	if in.Err() == nil {
		t.Error("Err is nil")
	}
	if err := in.Stop(t.Context()); err != nil {
		t.Errorf("to stop what has ended: %v", err)
	}
}

// gone waits until nobody answers at a URL of a Unix socket any more.
func gone(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	Eventually(t, 5*time.Second, func(context.Context) error {
		if pids := processesOf(t, cmd); len(pids) > 0 {
			return fmt.Errorf("processes %v live on", pids)
		}
		return nil
	})
}

// processesOf returns the processes which a player's environment marks, but for
// the player itself.
func processesOf(t *testing.T, cmd *exec.Cmd) []string {
	t.Helper()
	var pids []string
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		if folder := runOf(dir); strings.HasPrefix(folder, os.TempDir()) {
			pids = append(pids, filepath.Base(dir))
		}
	}
	return pids
}

// However the program ends, its kernels end with it.
func TestParentDeath(t *testing.T) {
	for _, tt := range []struct {
		name, role string
		end        func(pid int) error
	}{
		{"SIGKILL", "wait", func(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) }},
		{"SIGINT", "wait", func(pid int) error { return syscall.Kill(pid, syscall.SIGINT) }},
		{"panic", "panic", func(int) error { return nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd, url := player(t, tt.role, processTarget(t))
			if err := tt.end(cmd.Process.Pid); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			gone(t, cmd)

			found, err := Leftovers(t.Context(), noEngine)
			if !as[*MissingError](err) {
				t.Error(err)
			}
			i := slices.IndexFunc(found, func(l Leftover) bool { return l.What == "folder" && strings.HasPrefix(url, "unix://"+l.Name) })
			if i < 0 {
				t.Fatalf("the folder of %s is not among the leftovers %v", url, found)
			}
			if found[i].Kernel != "orphan" {
				t.Errorf("the leftover is of kernel %q", found[i].Kernel)
			}
			if err := found[i].Remove(t.Context()); err != nil {
				t.Error(err)
			}
			if left := runFolders(t); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// noEngine is an environment with no Docker engine.
func noEngine(name string) string {
	if name == "DOCKER_HOST" {
		return "unix:///nonexistent/docker.sock"
	}
	return os.Getenv(name)
}

// What the kernel's process has started outlives the parent's death, and is found.
func TestLeftoverProcess(t *testing.T) {
	target := processTarget(t)
	real, err := findServer(must(Config{Target: target}.complete()))
	if err != nil {
		t.Fatal(err)
	}
	wrapper := filepath.Join(t.TempDir(), "wrapper")
	if err := os.WriteFile(wrapper, []byte("#!/bin/sh\n"+real+" \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd, _ := player(t, "wait", target, "RUMP_SERVER_BIN="+wrapper)
	alive, err := Leftovers(t.Context(), noEngine)
	if len(alive) > 0 || !as[*MissingError](err) {
		t.Errorf("while it lives, leftovers are %v, %v", alive, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	var found []Leftover
	Eventually(t, 5*time.Second, func(ctx context.Context) error {
		found, _ = Leftovers(ctx, noEngine)
		if len(found) < 2 || found[0].What != "process" {
			return fmt.Errorf("found %v", found)
		}
		return nil
	})
	for _, l := range found {
		if err := l.Remove(t.Context()); err != nil {
			t.Error(err)
		}
	}
	gone(t, cmd)
}

// Stop is not held up by a kernel that does not listen to reason.
func TestStopStubborn(t *testing.T) {
	t.Parallel()
	in, err := Start(t.Context(), Config{Target: processTarget(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.machine.(*command).cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := in.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if d := time.Since(begun); d > attemptTimeout+interruptTimeout+2*time.Second {
		t.Errorf("it takes %s", d)
	}
}

// fullDisk returns a folder with room for 16 KiB, or skips the test.
func fullDisk(t *testing.T) string {
	t.Helper()
	full := t.TempDir()
	if err := syscall.Mount("tmpfs", full, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("a full disk cannot be made here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(full, syscall.MNT_DETACH) })
	return full
}

// A kernel dies of a bus that the disk has no room for. (A fake does not fill pages
// that it does not need.)
func TestDiskFullOfBuses(t *testing.T) {
	target, full := realTarget(t), fullDisk(t)
	in := StartT(t, Config{Target: target, BusDir: full})
	in.MayEnd()
	if err := in.Kernel.CreateInterface(t.Context(), "shmif0"); err != nil {
		t.Fatal(err)
	}
	err := in.Kernel.Interface("shmif0").SetLinkstr(t.Context(), "bus")
	if err == nil || !strings.Contains(err.Error(), "rump_server ended: signal: bus error: the disk with its buses, at "+full+", is full") {
		t.Errorf("the error is %v", err)
	}
}

func TestDiskFull(t *testing.T) {
	target, full := processTarget(t), fullDisk(t)
	if err := os.WriteFile(filepath.Join(full, "fill"), make([]byte, 8<<10), 0o600); err != nil {
		t.Fatal(err)
	}

	// A console that cannot be kept does not keep the kernel from running.
	in := StartT(t, Config{Target: target, Dir: full, Env: []string{"RUMP_VERBOSE=1"}})
	for range 500 {
		in.console.Write([]byte(strings.Repeat("x", 63) + "\n"))
	}
	if _, err := in.Kernel.Sysctl(t.Context(), "kern.hostname"); err != nil {
		t.Error(err)
	}
	if !strings.Contains(in.Console(), "the console is not kept from here on") {
		t.Error("nothing says that the console is not kept")
	}

	// Where not even a folder can be made, the error says so.
	os.WriteFile(filepath.Join(full, "rest"), make([]byte, 16<<10), 0o600)
	t.Setenv("TMPDIR", full)
	in, err := Start(t.Context(), Config{Target: target})
	if err == nil {
		in.Stop(t.Context())
	}
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make a folder") {
		t.Errorf("the error is %v", err)
	}
}
