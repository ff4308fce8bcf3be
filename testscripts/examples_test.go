package testscripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rumpkernel/rumpscript/internal/rumptest"
)

// TestExamples runs the tests in examples/ on each kind of kernel that is here:
// what a reader starts from works, on the fake as on the real kernel.
func TestExamples(t *testing.T) {
	for _, target := range []string{"fake", "process"} {
		t.Run(target, func(t *testing.T) {
			if target == "process" {
				_, err := exec.LookPath("rump_server")
				if err != nil {
					err = rumptest.ErrNoServer
				}
				rumptest.Require(t, "rump_server", err)
			}
			cmd := exec.Command(filepath.Join(bin, "rumpscript"), "test", "--target", target, ".")
			cmd.Dir = filepath.Join("..", "examples")
			cmd.Env = append(os.Environ(), "RUMP_SERVER=")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if !regexp.MustCompile(`(?m)^[1-9]\d* passed`).Match(out) {
				t.Errorf("no test was run:\n%s", out)
			}
		})
	}
}
