//go:build !linux

package harness

import "os/exec"

// dieWithParent does nothing where a parent's death cannot be told by a signal.
func dieWithParent(*exec.Cmd) {}
