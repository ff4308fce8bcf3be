package shell_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rumpkernel/rumpscript/rumpctrl/shell"
)

// TestScripts runs the scripts of testdata/scripts.txtar: each NAME.sh must print
// NAME.out, in which "exit status N" is the status if it is not 0.
func TestScripts(t *testing.T) {
	a, err := txtar.ParseFile("testdata/scripts.txtar")
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, f := range a.Files {
		want[f.Name] = string(f.Data)
	}
	n := 0
	for _, f := range a.Files {
		name, ok := strings.CutSuffix(f.Name, ".sh")
		if !ok {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := serveFake(t)
			w := newWorld(t, cfg)
			out, status := w.run(string(f.Data))
			if status != 0 {
				out += fmt.Sprintf("exit status %d\n", status)
			}
			out = strings.ReplaceAll(out, w.dir, "$HOSTDIR")
			out = strings.ReplaceAll(out, cfg.URL, "$RUMP_SERVER")
			if d := cmp.Diff(want[name+".out"], out); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if 2*n != len(a.Files) {
		t.Errorf("%d scripts, %d files", n, len(a.Files))
	}
}

func TestHostPrefix(t *testing.T) {
	w := newWorld(t, newFake(t))
	out, status := w.run("sysctl -n kern.ostype > host:out.txt; cat < host:out.txt; [ -f host:out.txt ] && echo there")
	if out != "NetBSD\nthere\n" || status != 0 {
		t.Errorf("%q, status %d", out, status)
	}
	if b, err := os.ReadFile(filepath.Join(w.dir, "out.txt")); string(b) != "NetBSD\n" {
		t.Errorf("out.txt has %q, %v", b, err)
	}
}

func TestHostFiles(t *testing.T) {
	cfg := newFake(t)
	cfg.HostFiles = true
	w := newWorld(t, cfg)
	out, status := w.run("sysctl -n kern.ostype > out.txt; echo *; mkdir /d; ls /d; test -d /d || echo no; rumpctrl_hostcmd mkdir sub; cd sub; sh -c pwd")
	if want := "out.txt\nno\n" + w.dir + "/sub\n"; out != want || status != 0 {
		t.Errorf("%q, status %d, want %q", out, status, want)
	}
}

// TestNoFileSystem checks that what does not need files of the kernel works where
// it has none.
func TestNoFileSystem(t *testing.T) {
	w := newWorld(t, newFake(t, "rumpnet", "rumpnet_net", "rumpnet_netinet"))
	out, status := w.run("sysctl -n kern.ostype > /dev/null; head -c 3 < /dev/zero | wc -c; echo y > /tmp/x; echo $?; test -c /dev/null && echo device")
	want := "3\n1\ndevice\n2> fake: open /tmp/x: ENOSYS: Function not implemented\n"
	if strings.ReplaceAll(out, " ", "") != strings.ReplaceAll(want, " ", "") || status != 0 {
		t.Errorf("%q, status %d, want %q", out, status, want)
	}
}

// TestServer checks that a script can talk to several kernels.
func TestServer(t *testing.T) {
	w := newWorld(t, serveFake(t))
	other := serveFake(t)
	out, status := w.run(`
		sysctl -qw net.inet.ip.forwarding=0
		RUMP_SERVER=` + other.URL + ` sysctl net.inet.ip.forwarding
		sysctl net.inet.ip.forwarding
		( export RUMP_SERVER=` + other.URL + `; echo there > /tmp/x; cat /tmp/x )
		test -f /tmp/x || echo not here
		RUMP_SERVER=nonsense sysctl kern.ostype`)
	want := "net.inet.ip.forwarding = 1\nnet.inet.ip.forwarding = 0\nthere\nnot here\n2> sysctl: RUMP_SERVER: bad URL \"nonsense\": "
	if !strings.HasPrefix(out, want) || status != 1 {
		t.Errorf("%q, status %d, want %q", out, status, want)
	}
}

// TestRumpServerVariable checks that a program of the host finds the kernel.
func TestRumpServerVariable(t *testing.T) {
	cfg := serveFake(t)
	w := newWorld(t, cfg)
	out, _ := w.run(`sh -c 'echo $RUMP_SERVER'`)
	if out != cfg.URL+"\n" {
		t.Errorf("RUMP_SERVER is %q, want %q", out, cfg.URL)
	}
}

func TestLines(t *testing.T) {
	r, wr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cfg := newFake(t)
	cfg.Stdin = r
	w := newWorld(t, cfg)
	wr.WriteString("read x\nfor the shell\necho \"<$x>\"\nif true\nthen cat\nfi\nfor cat\n")
	wr.Close()
	if status := w.Lines(context.Background(), r); status != 0 {
		t.Errorf("status %d", status)
	}
	if got, want := w.out.take(), "<for the shell>\nfor cat\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestInterrupt checks what SIGINT does to a script.
func TestInterrupt(t *testing.T) {
	for _, tt := range []struct {
		name, script, want string
		status             int
	}{
		{"utility", "echo ready; cat; echo more", "ready\n", 130},
		{"subshell", "(echo ready; cat); echo more", "ready\n", 130},
		{"trap", "trap 'echo trapped' INT; echo ready; cat; echo more", "ready\ntrapped\nmore\n", 0},
		{"at exit", "trap 'echo bye' EXIT; echo ready; cat; echo more", "ready\nbye\n", 130},
		{"loop", "echo ready; while :; do :; done", "ready\n", 130},
		{"wait", "trap 'kill %1' EXIT; sleep 100 & echo ready; wait; echo more", "ready\n", 130},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, wr, err := os.Pipe() // nothing comes
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			defer wr.Close()
			cfg := newFake(t)
			cfg.Stdin = r
			ready := make(chan struct{})
			w := newWorld(t, cfg)
			done := make(chan struct{})
			var out string
			var status int
			go func() {
				defer close(done)
				out, status = w.run(tt.script)
			}()
			go func() {
				defer close(ready)
				for !strings.Contains(w.peek(), "ready\n") {
					select {
					case <-done:
						return
					case <-time.After(time.Millisecond):
					}
				}
			}()
			<-ready
			w.Signal(shell.Interrupt)
			<-done
			if out != tt.want || status != tt.status {
				t.Errorf("%q, status %d, want %q, %d", out, status, tt.want, tt.status)
			}
		})
	}
}

func (w *world) peek() string {
	w.out.mu.Lock()
	defer w.out.mu.Unlock()
	return w.out.b.String()
}
