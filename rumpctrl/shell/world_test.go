package shell_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/rumpctrl/shell"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// buffer is one that several goroutines write to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// take returns what was written since it was last called.
func (b *buffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.b.String()
	b.b.Reset()
	return s
}

// world is a shell, its kernel, and the folder that its host programs run in.
type world struct {
	*shell.Shell
	dir         string
	out, stderr buffer
}

// newFake returns a fake kernel as the Config of a shell wants it.
func newFake(t testing.TB, components ...string) shell.Config {
	t.Helper()
	if components == nil {
		components = fakeserver.Components()
	}
	k, err := fakeserver.New(fakeserver.Config{Components: components})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return shell.Config{
		Name: "fake",
		Kernel: func(ctx context.Context, program string) (*rump.Kernel, error) {
			d := sysproxy.Dialer{Program: program, DialContext: k.DialContext}
			c, err := d.DialURL(ctx, sysproxy.URL{Network: "fake", Address: "fake"})
			if err != nil {
				return nil, err
			}
			return rump.New(c).Named("fake"), nil
		},
	}
}

// serveFake is newFake for a kernel that others can reach too.
func serveFake(t testing.TB) shell.Config {
	t.Helper()
	dir, err := os.MkdirTemp("", "rump") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	k, err := fakeserver.New(fakeserver.Config{})
	if err != nil {
		t.Fatal(err)
	}
	url := "unix://" + filepath.Join(dir, "s")
	l, err := sysproxy.Listen(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func(l net.Listener) {
		defer close(served)
		k.Serve(context.Background(), l)
	}(l)
	t.Cleanup(func() {
		k.Close()
		l.Close()
		<-served
	})
	return dial(url)
}

// dial is the Config for a kernel that is there.
func dial(url string) shell.Config {
	return shell.Config{URL: url, Kernel: func(ctx context.Context, _ string) (*rump.Kernel, error) { return rump.Dial(ctx, url) }}
}

// newWorld makes a shell in a folder of its own.
func newWorld(t testing.TB, cfg shell.Config) *world {
	t.Helper()
	w := &world{dir: t.TempDir()}
	cfg.HostDir = w.dir
	cfg.Stdout, cfg.Stderr = &w.out, &w.stderr
	cfg.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + w.dir, "LC_ALL=C"}, cfg.Env...)
	sh, err := shell.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Shell = sh
	t.Cleanup(sh.Close)
	return w
}

// run runs a script and returns what it printed, the errors after "2> ".
func (w *world) run(script string) (output string, status int) {
	status = w.Script(context.Background(), "test.sh", strings.NewReader(script))
	output = w.out.take()
	for line := range strings.Lines(w.stderr.take()) {
		output += "2> " + line
	}
	return output, status
}
