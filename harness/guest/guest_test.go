package guest

import (
	"archive/tar"
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParseCommandLine(t *testing.T) {
	const line = `console=ttyS0 panic=-1 {"rc":[{"argv":["a"],"bin":"a"}],"hostname":"uni","env":"A=b c","env":"RUMPRUN_SYSPROXY=tcp://0:12345","net":{"addr":"10.0.2.15","gw":"10.0.2.2","if":"vioif0","mask":"24","method":"static","type":"inet"},"env":"Z=1"}` + "\n"
	got, err := ParseCommandLine(line)
	want := Config{"uni", "tcp://0:12345", netip.MustParsePrefix("10.0.2.15/24"), netip.MustParseAddr("10.0.2.2")}
	if err != nil || got != want {
		t.Errorf("it is %+v, %v", got, err)
	}
	for line, want := range map[string]string{
		"console=ttyS0":             "no configuration",
		`{}`:                        "no RUMPRUN_SYSPROXY",
		`{"hostname":1}`:            "hostname",
		`{"env":[]}`:                "env",
		`{"net":{"method":"dhcp"}}`: "only static",
		`{"net":{"method":"static","addr":"x","mask":"24"}}`:     "net",
		`{"net":{"method":"static","addr":"1.1.1.1","mask":""}}`: "net",
		`{nonsense}`: "invalid character",
	} {
		if _, err := ParseCommandLine(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", line, err)
		}
	}
}

// What we write, another program reads.
func TestInitramfs(t *testing.T) {
	b, err := initramfs([]byte("the init"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(b)%4 != 0 {
		t.Errorf("its length is %d", len(b))
	}
	bin, err := exec.LookPath("cpio")
	if err != nil {
		t.Skip("there is no cpio")
	}
	cmd := exec.Command(bin, "-itv", "--quiet")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"drwxr-xr-x", "dev/console", "crw-------", "5,   1", "-rwxr-xr-x"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("cpio does not list %q:\n%s", want, out)
		}
	}
}

// module makes an object with what a module says of itself, or skips the test.
func module(t *testing.T, depends string) []byte {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler")
	}
	out := filepath.Join(t.TempDir(), "module.ko")
	cmd := exec.Command(cc, "-x", "c", "-c", "-", "-o", out)
	cmd.Stdin = strings.NewReader(`const char info[] __attribute__((section(".modinfo"))) = "license=BSD\0depends=` + depends + `\0name=x";`)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestModules(t *testing.T) {
	all := map[string][]byte{"a": module(t, "b,c-d"), "b": module(t, "c-d,built-in"), "c_d": module(t, ""), "e": module(t, "")}
	order, err := modulesFor(all, "a", "e", "b")
	if err != nil || !slices.Equal(order, []string{"c_d", "b", "a", "e"}) {
		t.Errorf("the order is %v, %v", order, err)
	}
	if _, err := modulesFor(map[string][]byte{"a": []byte("no object")}, "a"); err == nil || !strings.Contains(err.Error(), "module a") {
		t.Errorf("the error is %v", err)
	}
}

func TestMake(t *testing.T) {
	dir := t.TempDir()
	pkg := func(names ...string) *bytes.Buffer {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, n := range names {
			if err := w.WriteHeader(&tar.Header{Name: n, Size: 4, Mode: 0o644}); err != nil {
				t.Fatal(err)
			}
			w.Write([]byte("file"))
		}
		w.Close()
		return &b
	}
	init := filepath.Join(dir, "init")
	if err := os.WriteFile(init, []byte("program"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Make(pkg("./boot/vmlinuz-6", "./lib/modules/6/else.ko"), init, dir); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"guest", "guest.initrd"} {
		if fi, err := os.Stat(filepath.Join(dir, f)); err != nil || fi.Size() == 0 {
			t.Errorf("%s: %v, %v", f, fi, err)
		}
	}
	if err := Make(pkg("./boot/config-6"), init, dir); err == nil || !strings.Contains(err.Error(), "no kernel") {
		t.Errorf("the error is %v", err)
	}
}
