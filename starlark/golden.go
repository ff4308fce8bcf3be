package starlark

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"go.starlark.net/starlark"
)

// assertGolden compares a value with what is in a file next to the script, and
// with --update writes it there instead.
func assertGolden(c *call) (starlark.Value, error) {
	var got content
	var file, msg string
	if err := c.unpack(&got, &file, &msg); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(c.thread.CallFrame(1).Pos.Filename()), file)
	}
	if c.scope.rt.cfg.Update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return nil, err
		}
		return nil, os.WriteFile(file, got, 0o666)
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &AssertionError{"assert.golden", fmt.Sprintf("there is no %s yet: --update writes it", file), msg}
	}
	if err != nil {
		return nil, err
	}
	if string(got) != string(want) {
		return nil, &AssertionError{"assert.golden", fmt.Sprintf("what came is not what is in %s (--update writes it there):\n%s", file, diff.Diff(file, want, "got", got)), msg}
	}
	return nil, nil
}
