package suite

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rumpkernel/rumpscript/starlark"
)

// Item is a test that can be run.
type Item struct {
	File string // as found
	Name string // test_NAME, or a txtar script's name without its ending

	star *starlark.TestFile // nil for a txtar script
}

// Discover returns the tests in the given files and, recursively, folders; in the
// working folder if none are given. The order is that of the files' names, and
// within a file that of the file. Folders named testdata and those whose name
// begins with a dot or an underscore are passed over.
func Discover(paths []string) ([]Item, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	var files []string
	for _, p := range paths {
		fi, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !fi.IsDir() {
			if !isTest(p) {
				return nil, fmt.Errorf("%s: a test is in a file named *_test.star or *.txtar", p)
			}
			files = append(files, p)
			continue
		}
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := d.Name()
			if d.IsDir() && path != p && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return filepath.SkipDir
			}
			if !d.IsDir() && isTest(path) {
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	var items []Item
	for _, f := range slices.Compact(files) {
		if strings.HasSuffix(f, ".txtar") {
			items = append(items, Item{File: f, Name: strings.TrimSuffix(filepath.Base(f), ".txtar")})
			continue
		}
		tf, err := starlark.LoadTests(f)
		if err != nil {
			return nil, err
		}
		for _, name := range tf.Tests {
			items = append(items, Item{f, name, tf})
		}
	}
	return items, nil
}

func isTest(path string) bool {
	return strings.HasSuffix(path, "_test.star") || strings.HasSuffix(path, ".txtar")
}
