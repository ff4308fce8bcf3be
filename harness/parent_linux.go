package harness

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the system kill the command when the thread dies that
// started it, and so when we die, however we do; and keeps a terminal's Ctrl-C
// from it, which is ours to answer.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
