package rumpctrl_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rumpkernel/rumpscript/rump"
)

// errNoRumpServer says that there is no real kernel to try things on.
var errNoRumpServer = errors.New("no rump_server: set RUMPSCRIPT_TEST_RUMP_SERVER to one, or put it on PATH")

// rumpServer finds the program.
func rumpServer() (string, error) {
	if p := os.Getenv("RUMPSCRIPT_TEST_RUMP_SERVER"); p != "" {
		return p, nil
	}
	p, err := exec.LookPath("rump_server")
	if err != nil {
		return "", errNoRumpServer
	}
	return p, nil
}

// startRumpServer starts a kernel with the given components in a folder and
// returns its URL. It skips the test if there is no rump_server. The kernel ends
// with the test.
func startRumpServer(t testing.TB, dir string, args ...string) string {
	t.Helper()
	program, err := rumpServer()
	if errors.Is(err, errNoRumpServer) {
		t.Skip(err)
	}
	// The path of a Unix socket must be short.
	sockDir, err := os.MkdirTemp("", "rump")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockDir) })
	url := "unix://" + filepath.Join(sockDir, "s")
	cmd := exec.Command(program, append(append([]string{"-s"}, args...), url)...)
	cmd.Dir = dir
	// Else weak functions win over those of the components.
	cmd.Env = append(os.Environ(), "LD_DYNAMIC_WEAK=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	died := make(chan error, 1)
	go func() { died <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-died
	})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		k, err := rump.Dial(ctx, url)
		if err == nil {
			k.Close()
			return url
		}
		select {
		case err := <-died:
			died <- err
			t.Fatalf("rump_server %q ended: %v", args, err)
		case <-ctx.Done():
			t.Fatal(fmt.Errorf("rump_server %q does not answer: %w", args, err))
		case <-tick.C:
		}
	}
}
