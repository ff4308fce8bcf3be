package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// varRun marks the processes of a kernel, in their environment: its value is the
// folder that they belong to.
const varRun = "RUMPSCRIPT_RUN"

// command is a machine which is a process of the host.
type command struct {
	what string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// newCommand returns a command that is yet to be started, whose output goes to
// the console.
func newCommand(what string, f *folder, con *console, env []string, bin string, args ...string) *command {
	cmd := exec.Command(bin, args...)
	cmd.Env = append(append(os.Environ(), varRun+"="+f.path), env...)
	cmd.Stdout, cmd.Stderr = con, con
	cmd.WaitDelay = time.Second // whoever else has its output is not waited for
	dieWithParent(cmd)
	return &command{what: what, cmd: cmd, done: make(chan struct{})}
}

// start starts the process and waits for its end in the background. Both is done
// by one thread, which lasts as long: the signal which ends the process when its
// parent dies is sent when the thread dies that made it.
func (c *command) start() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			c.cmd.Wait() // how it ended is in ProcessState
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", c.cmd.Path, err)
	}
	return nil
}

func (c *command) program() string         { return c.what }
func (c *command) exited() <-chan struct{} { return c.done }
func (c *command) halted(context.Context)  {}

func (c *command) status() string {
	select {
	case <-c.done:
		return c.cmd.ProcessState.String()
	default:
		return "running"
	}
}

func (c *command) interrupt(context.Context) error { return interruptGroup(c.cmd) }
func (c *command) kill(context.Context) error      { return killGroup(c.cmd) }
func (c *command) remove(context.Context) error    { return nil }
