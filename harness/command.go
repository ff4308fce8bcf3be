package harness

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	con  *console
	term *terminal     // what it prints to, nil if that is a pipe
	done chan struct{} // closed when the process has ended
}

// lookPath returns the path of a program. What says in an error which it is, how
// says how to get it.
func lookPath(kind Kind, what, name, how string) (string, error) {
	bin, err := exec.LookPath(name)
	switch {
	case err == nil:
		return bin, nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", &MissingError{kind, what + name + " was not found", how, err}
	}
	return "", &MissingError{kind, what + name + " cannot be run", how, err}
}

// lingerTimeout is how long a process's output is waited for once it has ended:
// others may have it, too, and go on.
const lingerTimeout = time.Second

// newCommand returns a command that is yet to be started, whose output goes to
// the console.
func newCommand(what string, f *folder, con *console, env []string, bin string, args ...string) *command {
	cmd := exec.Command(bin, args...)
	cmd.Env = append(append(os.Environ(), varRun+"="+f.path), env...)
	cmd.Stdout, cmd.Stderr = con, con
	cmd.WaitDelay = lingerTimeout
	dieWithParent(cmd)
	return &command{what: what, cmd: cmd, con: con, done: make(chan struct{})}
}

// onTerminal gives the process a terminal for its output, where there are such.
// C programs keep what they print in a buffer if it goes to a pipe, and what is
// in there is lost when they abort: a kernel's last words, when it panics.
func (c *command) onTerminal() {
	if t, err := newTerminal(); err == nil {
		c.term = t
		c.cmd.Stdout, c.cmd.Stderr = t.slave, t.slave
	}
}

// start starts the process and waits for its end in the background. Both is done
// by one thread, which lasts as long: the signal which ends the process when its
// parent dies is sent when the thread dies that made it.
func (c *command) start() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := c.cmd.Start()
		var copied <-chan struct{}
		if c.term != nil {
			copied = c.term.copyTo(c.con)
		}
		started <- err
		if err == nil {
			c.cmd.Wait() // how it ended is in ProcessState
		}
		if c.term != nil {
			c.term.finish(copied)
		}
		close(c.done)
	}()
	if err := <-started; err != nil {
		<-c.done
		return fmt.Errorf("start %s: %w", c.cmd.Path, err)
	}
	return nil
}

func (c *command) program() string         { return c.what }
func (c *command) exited() <-chan struct{} { return c.done }

func (c *command) status() string {
	select {
	case <-c.done:
		return c.cmd.ProcessState.String() + busError(c.cmd.ProcessState, c.cmd.Dir)
	default:
		return "running"
	}
}

func (c *command) interrupt(context.Context) error { return interruptGroup(c.cmd) }
func (c *command) kill(context.Context) error      { return killGroup(c.cmd) }
func (c *command) remove(context.Context) error    { return nil }
