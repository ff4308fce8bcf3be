//go:build unix

package harness

import (
	"errors"
	"os/exec"
	"syscall"
)

// interruptGroup tells a command and what it has started to end.
func interruptGroup(cmd *exec.Cmd) error { return signalGroup(cmd, syscall.SIGINT) }

// killGroup ends them.
func killGroup(cmd *exec.Cmd) error { return signalGroup(cmd, syscall.SIGKILL) }

func signalGroup(cmd *exec.Cmd, s syscall.Signal) error {
	err := syscall.Kill(-cmd.Process.Pid, s)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

func isAddrInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
