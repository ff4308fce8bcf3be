package harness

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the system kill the command when we die, however we die,
// and keeps a terminal's Ctrl-C from it, which is ours to answer.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
