package starlark

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/internal/rumptest"
)

// notOn are the scripts about files that one kind of kernel cannot run, and why.
var notOn = map[string]string{
	"disks/fake":     "it has no vnd",
	"openfiles/fake": "it has no kern.file2",
	"hostdisks/real": "a server that is there has its disks",
}

// TestFiles runs the scripts about files on a fake and on a real kernel. They
// check themselves.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/files/*.star")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	kernels := map[string]func(t *testing.T) harness.Target{
		"fake": func(t *testing.T) harness.Target { return harness.Target{Kind: harness.KindFake} },
		"real": func(t *testing.T) harness.Target {
			target, err := harness.ParseTarget(rumptest.Start(t, rumptest.VFS...).URL)
			if err != nil {
				t.Fatal(err)
			}
			return target
		},
	}
	for _, f := range files {
		for kind, start := range kernels {
			name := strings.TrimSuffix(filepath.Base(f), ".star") + "/" + kind
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if reason, ok := notOn[name]; ok {
					t.Skip(reason)
				}
				cfg := Config{Target: start(t), Args: []string{t.TempDir()}}
				if err := New(cfg).Run(t.Context(), f, nil); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
