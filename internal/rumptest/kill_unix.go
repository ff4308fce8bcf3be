//go:build unix

package rumptest

import (
	"os"
	"syscall"
)

func killGroup(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGKILL) }
