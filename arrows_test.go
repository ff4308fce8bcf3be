package rumpscript_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
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
	"internal":     {"netbsd", "sysproxy", "rump"}, // helpers of tests
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

func TestArrows(t *testing.T) {
	imports := ourImports(t)
	for name, imps := range imports {
		from, ok := rule(name)
		if !ok {
			t.Errorf("package %s is not in the map: add it to arrows and to ARCHITECTURE.md", name)
			continue
		}
		for imp := range imps {
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
	for name := range arrows {
		if !there(imports, name) {
			t.Errorf("the map has %s, which is not there", name)
		}
	}
}

// ourImports returns what each of our packages imports, its tests left out.
func ourImports(t *testing.T) map[string]map[string]bool {
	imports := make(map[string]map[string]bool)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if imports[pkg] == nil {
			imports[pkg] = make(map[string]bool)
		}
		for _, i := range f.Imports {
			imp, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			imports[pkg][imp] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// there reports whether there is a package of that name or below it.
func there(imports map[string]map[string]bool, name string) bool {
	for pkg := range imports {
		if pkg == name || strings.HasPrefix(pkg, name+"/") {
			return true
		}
	}
	return false
}
