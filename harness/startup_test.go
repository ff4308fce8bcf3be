package harness

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// bare starts a rump_server without the harness and returns how long it takes
// until it accepts.
func bare(t testing.TB, bin string) time.Duration {
	t.Helper()
	dir, err := os.MkdirTemp("", "bare-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	sock := filepath.Join(dir, "sock")
	cmd := exec.Command(bin, append(serverArgs(Config{}, nil), "unix://"+sock)...)
	cmd.Env = append(os.Environ(), weakSymbols)
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	for time.Since(begun) < defaultTimeout {
		if c, err := net.Dial("unix", sock); err == nil {
			d := time.Since(begun)
			c.Close()
			return d
		}
	}
	t.Fatal("rump_server does not accept")
	return 0
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// The harness adds little to the time that rump_server takes to start, and many
// start in little more time than one.
func TestStartUp(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures")
	}
	target := processTarget(t)
	bin := must(findServer(must(Config{Target: target}.complete())))
	measure := func(f func()) time.Duration {
		begun := time.Now()
		f()
		return time.Since(begun)
	}
	var raw, one, ten []time.Duration
	for range 15 {
		raw = append(raw, bare(t, bin))
		var in *Instance
		one = append(one, measure(func() { in = must(Start(t.Context(), Config{Target: target})) }))
		if err := in.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		var n *Net
		ten = append(ten, measure(func() { n = must(ring(10).Start(t.Context(), Config{Target: target})) }))
		if err := n.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	t.Logf("rump_server accepts after %s, a kernel is started after %s, ten on a ring of buses after %s", median(raw), median(one), median(ten))
	if over := median(one) - median(raw); over > 30*time.Millisecond {
		t.Errorf("the harness takes %s", over)
	}
}
