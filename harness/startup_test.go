package harness

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// bare starts n rump_servers at once, without the harness, and returns how long it
// takes until all accept: nothing can be faster.
func bare(t testing.TB, bin string, n int) time.Duration {
	t.Helper()
	dir, err := os.MkdirTemp("", "bare-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	begun := time.Now()
	for i := range n {
		cmd := exec.Command(bin, append(serverArgs(Config{}, nil), "unix://"+filepath.Join(dir, strconv.Itoa(i)))...)
		cmd.Env = append(os.Environ(), weakSymbols)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			cmd.Process.Kill()
			cmd.Wait()
		}()
	}
	tick := time.NewTicker(200 * time.Microsecond) // not to take the processors from them
	defer tick.Stop()
	for i := 0; i < n; {
		c, err := net.Dial("unix", filepath.Join(dir, strconv.Itoa(i)))
		switch {
		case err == nil:
			c.Close()
			i++
		case time.Since(begun) > defaultTimeout:
			t.Fatal("rump_server does not accept")
		default:
			<-tick.C
		}
	}
	return time.Since(begun)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// The harness adds little to the time that rump_servers take to start: one, and ten
// at once, which a ring of buses then joins. How many start in the time of one is up
// to the processors, since starting is all that they have to do.
func TestStartUp(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures")
	}
	target := realTarget(t)
	bin := must(findServer(must(Config{Target: target}.complete())))
	const many = 10
	start := func(n int) time.Duration {
		begun := time.Now()
		if n == 1 {
			in := must(Start(t.Context(), Config{Target: target}))
			took := time.Since(begun)
			if err := in.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			return took
		}
		net := must(ring(n).Start(t.Context(), Config{Target: target}))
		took := time.Since(begun)
		if err := net.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		return took
	}
	var bareOne, one, bareMany, all []time.Duration
	for range 9 {
		bareOne, one = append(bareOne, bare(t, bin, 1)), append(one, start(1))
		bareMany, all = append(bareMany, bare(t, bin, many)), append(all, start(many))
	}
	t.Logf("one rump_server accepts after %s, and by the harness after %s", median(bareOne), median(one))
	t.Logf("%d rump_servers accept after %s (%.1f times one), and on a ring after %s (%.1f times one)", many,
		median(bareMany), ratio(bareMany, bareOne), median(all), ratio(all, one))
	if over := median(one) - median(bareOne); over > 30*time.Millisecond {
		t.Errorf("the harness takes %s", over)
	}
	if r := ratio(all, bareMany); r > 2 {
		t.Errorf("%d kernels take %.1f times what their rump_servers do", many, r)
	}
}

func ratio(a, b []time.Duration) float64 { return float64(median(a)) / float64(median(b)) }
