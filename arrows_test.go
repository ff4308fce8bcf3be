package rumpscript_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/rumpkernel/rumpscript"

// arrows says which of our packages each of them may import. A package below
// another, such as shmif/packet, has an entry of its own or else its parent's.
var arrows = map[string][]string{
	"sysproxy":     {},
	"netbsd":       {},
	"shmif":        {},
	"shmif/packet": {"shmif"},
	"rump":         {"netbsd", "sysproxy"},
	"rumpctrl":     {"netbsd", "sysproxy", "rump"},
	"fakeserver":   {"netbsd", "sysproxy", "shmif"},
	"harness":      {"netbsd", "sysproxy", "shmif", "rump", "fakeserver"},
	"starlark":     {"netbsd", "sysproxy", "shmif", "shmif/packet", "rump", "rumpctrl", "harness"},
	"cmd":          {"netbsd", "sysproxy", "shmif", "shmif/packet", "rump", "rumpctrl", "fakeserver", "harness", "starlark"},
}

// lean packages depend on the standard library and golang.org/x only, so that a
// program which wants the client alone gets the client alone.
var lean = []string{"sysproxy", "netbsd", "rump", "shmif"}

// rule returns the longest entry of arrows which is pkg or above it.
func rule(pkg string) (string, bool) {
	for p := pkg; ; {
		if _, ok := arrows[p]; ok {
			return p, true
		}
		i := strings.LastIndexByte(p, '/')
		if i < 0 {
			return "", false
		}
		p = p[:i]
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if name == "" || strings.HasPrefix(name, "testscripts") {
			continue
		}
		seen++
		from, ok := rule(name)
		if !ok {
			t.Errorf("package %s is not in the map: add it to arrows and to ARCHITECTURE.md", name)
			continue
		}
		for _, imp := range p.Imports {
			ours, isOurs := strings.CutPrefix(imp, module+"/")
			if !isOurs {
				if slices.Contains(lean, from) && strings.Contains(strings.Split(imp, "/")[0], ".") && !strings.HasPrefix(imp, "golang.org/x/") {
					t.Errorf("%s imports %s: it may depend on the standard library and golang.org/x only", name, imp)
				}
				continue
			}
			to, _ := rule(ours)
			if to != from && !slices.Contains(arrows[from], to) {
				t.Errorf("%s imports %s, against the arrows", name, ours)
			}
		}
	}
	if seen < len(arrows) {
		t.Errorf("go list found %d packages, the map has %d", seen, len(arrows))
	}
}
