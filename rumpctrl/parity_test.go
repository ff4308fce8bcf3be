package rumpctrl_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// knownDifferences is how many commands of a session print something else on the
// fake than on the real kernel, and why.
var knownDifferences = map[string]int{
	"ffs":         8, // the fake mounts no format of real disks
	"route-words": 1, // prefixes of NDP
}

// TestParity plays the sessions on the fake kernel, and counts the commands which
// print what the real kernel printed. make parity shows the count and the rest.
func TestParity(t *testing.T) {
	var mu sync.Mutex
	same, all := 0, 0
	t.Run("sessions", func(t *testing.T) {
		for _, dir := range sessionDirs(t) {
			name := filepath.Base(dir)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				differ := 0
				playSession(t, dir, startFake, func(command, want, got string) {
					if args, _ := shellWords(command); !isOurs(args[0]) {
						return // it was found on PATH here, and may not be elsewhere
					}
					mu.Lock()
					defer mu.Unlock()
					all++
					if d := cmp.Diff(want, got); d != "" {
						differ++
						t.Logf("%s (-real +fake):\n%s", command, d)
					} else {
						same++
					}
				})
				if known := knownDifferences[name]; differ != known {
					t.Errorf("%d commands print something else, want %d", differ, known)
				}
			})
		}
	})
	t.Logf("%d of %d commands print what the real kernel printed", same, all)
}

func isOurs(name string) bool {
	_, ok := rumpctrl.Lookup(name)
	return ok
}

// startFake starts a fake kernel as rump_server would be with the arguments.
func startFake(t testing.TB, folder string, args []string) string {
	t.Helper()
	cfg := fakeserver.Config{BusDir: folder}
	for i := 0; i < len(args); i++ {
		if name, ok := strings.CutPrefix(args[i], "-l"); ok {
			cfg.Components = append(cfg.Components, name)
		} else if args[i] == "-d" {
			i++
			d, err := fakeserver.ParseDisk(args[i])
			if err != nil {
				t.Fatal(err)
			}
			d.HostPath = filepath.Join(folder, d.HostPath)
			cfg.Disks = append(cfg.Disks, d)
		}
	}
	k, err := fakeserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	// A Unix socket's path must be short, which t.TempDir's may not be.
	dir, err := os.MkdirTemp("", "fake")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "csock"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Serve(context.Background(), l)
	}()
	t.Cleanup(func() {
		k.Close()
		<-done
		os.RemoveAll(dir)
	})
	return "unix://" + l.Addr().String()
}
