package harness

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/harness/image"
)

func TestRumprunConfig(t *testing.T) {
	cfg := Config{Name: "a kernel!", Target: Target{Image: "/x/hello.bin"}, Env: []string{"A=b c"},
		Rumprun: Rumprun{Args: []string{"-v", `"x"`}}}
	b, err := rumprunConfig(cfg)
	const want = `{"rc":[{"argv":["hello.bin","-v","\"x\""],"bin":"hello.bin"}],"hostname":"a-kernel","env":"RUMPRUN_SYSPROXY=tcp://0:12345","env":"A=b c","net":{"addr":"10.0.2.15","gw":"10.0.2.2","if":"vioif0","mask":"24","method":"static","type":"inet"}}`
	if err != nil || string(b) != want || !json.Valid(b) {
		t.Errorf("the configuration is %s, %v", b, err)
	}
	cfg.Rumprun.Net = RumprunNet{If: "xenif0", Addr: "dhcp"}
	if b, err := rumprunConfig(cfg); err != nil || !strings.Contains(string(b), `"net":{"if":"xenif0","method":"dhcp","type":"inet"}`) {
		t.Errorf("the configuration is %s, %v", b, err)
	}
	cfg.Rumprun.Net.Addr = "10.0.0.1"
	if _, err := rumprunConfig(cfg); !as[*ConfigError](err) {
		t.Errorf("the error is %v", err)
	}
}

// someImage returns a unikernel's path for tests in which none runs.
func someImage(t *testing.T) Target {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.bin")
	if err := os.WriteFile(path, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	return Target{Kind: KindRumprun, Image: path}
}

// The failures of a unikernel, each on purpose.
func TestRumprunFailures(t *testing.T) {
	target := someImage(t)
	script := func(text string) string {
		path := filepath.Join(t.TempDir(), "qemu")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tt := range []struct {
		name string
		cfg  Config
		want string
		is   func(error) bool
	}{
		{"no QEMU", Config{Rumprun: Rumprun{QEMU: "/nonexistent/qemu"}}, "/nonexistent/qemu was not found", as[*MissingError]},
		{"no launcher", Config{Rumprun: Rumprun{Launcher: []string{"/nonexistent/xl"}}}, "the launcher /nonexistent/xl was not found", as[*MissingError]},
		{"no image", Config{Target: Target{Kind: KindRumprun, Image: "/nonexistent/image"}}, "unikernel: stat /nonexistent/image: no such file", nil},
		{"a folder", Config{Target: Target{Kind: KindRumprun, Image: "/"}}, "is a folder", nil},
		{"bad accelerator", Config{Rumprun: Rumprun{QEMU: script("exit 1\n"), Accel: "steam"}}, "neither kvm nor tcg", as[*ConfigError]},
		{"socket", Config{Network: "unix"}, "no Unix sockets", as[*UnsupportedError]},
		{"buses", Config{BusDir: "/tmp"}, "no buses", as[*UnsupportedError]},
		{"bad URL", Config{Rumprun: Rumprun{Launcher: []string{"true"}, URL: "nowhere"}}, "nowhere", nil},
		{"QEMU ends", Config{Rumprun: Rumprun{QEMU: script("echo alas; exit 3\n"), Accel: "tcg"}}, "QEMU ended: exit status 3; its console says last:\n\talas", as[*ExitedError]},
		{"never listens", Config{Rumprun: Rumprun{QEMU: script("echo booting; exec sleep 100\n"), Accel: "tcg"}, Timeout: 200 * time.Millisecond}, "it has not said that it is ready", as[*UnreadyError]},
		{"launcher ends", Config{Rumprun: Rumprun{Launcher: []string{"sh", "-c", "echo {memory} {name}; exit 4"}}, Memory: 7 << 20, Name: "a/b:c"}, "exit status 4; its console says last:\n\t7 a-b-c-", as[*ExitedError]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := tt.cfg
			if cfg.Target.Kind == "" {
				cfg.Target = target
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
		})
	}
	if left := runFolders(t); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// A machine whose KVM takes guests and gets nowhere with them: it is emulated
// instead, and the console says so.
func TestKVMThatDoesNotWork(t *testing.T) {
	if accels, err := accelerators(Config{}); err != nil || !slices.Contains(accels, "kvm") {
		t.Skip("there is no /dev/kvm to do without")
	}
	path := filepath.Join(t.TempDir(), "qemu")
	script := "#!/bin/sh\ncase \"$*\" in *kvm*) echo KVM internal error >&2; exec sleep 100;; esac\necho emulated; exit 5\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	_, err := Start(t.Context(), Config{Target: someImage(t), Rumprun: Rumprun{QEMU: path}})
	if err == nil || !strings.Contains(err.Error(), "KVM is there but the unikernel does not run on it (running): emulating\n\temulated") {
		t.Errorf("the error is %v", err)
	}
	if d := time.Since(begun); d > kvmTimeout {
		t.Errorf("it takes %s", d)
	}
}

// A command of the user's launches the unikernel: here it is a fake.
func TestLauncher(t *testing.T) {
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	target := someImage(t)
	testTarget(t, Config{Target: target, Rumprun: Rumprun{
		Launcher: []string{"sh", "-c", `grep -q RUMPRUN_SYSPROXY "$0" && test -f "$1" && exec "$2" fake tcp://127.0.0.1:"$3"`, "{configfile}", "{image}", bin, "{port}"},
	}})
}

// QEMU itself can be in a container, too.
func TestQEMUInContainer(t *testing.T) {
	_, err := openEngine(t.Context(), os.Getenv)
	Require(t, err)
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		Require(t, &MissingError{KindRumprun, "qemu-system-x86_64 was not found", howQEMU, err})
	}
	targets := unikernels(t)
	name := load(t, "with-qemu", must(image.QEMU(qemu)))
	testTarget(t, Config{Target: targets[len(targets)-1], Rumprun: Rumprun{QEMUImage: name}})
}

func TestRumprunIsConfigured(t *testing.T) {
	for _, target := range unikernels(t) {
		in := StartT(t, Config{Target: target, Name: "uni", Memory: 96 << 20, Rumprun: Rumprun{Accel: "tcg"}})
		if v, err := in.Kernel.Sysctl(t.Context(), "kern.hostname"); err != nil || v != "uni" {
			t.Errorf("%s: kern.hostname is %v, %v", target, v, err)
		}
		if !strings.Contains(in.Console(), markListening) {
			t.Errorf("%s: the console is %q", target, in.Console())
		}
	}
}
