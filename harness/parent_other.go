//go:build !unix

package harness

import (
	"os/exec"
)

// dieWithParent does nothing where a parent's death cannot be told by a signal.
func dieWithParent(*exec.Cmd) {}

func interruptGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
func killGroup(cmd *exec.Cmd) error      { return cmd.Process.Kill() }

func isAddrInUse(error) bool { return false }
