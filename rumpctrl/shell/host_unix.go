//go:build unix

package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// dup returns another descriptor of the same open file.
func dup(f *os.File) (*os.File, error) {
	rc, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	if cerr := rc.Control(func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); cerr != nil {
		return nil, cerr
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// readable waits until a file can be read, or ctx ends. A terminal and a pipe
// that was inherited know no deadlines, and a read of one that has begun cannot
// be taken back: it would swallow what is typed next.
func readable(ctx context.Context, f *os.File) error {
	rc, err := f.SyscallConn()
	if err != nil {
		return err
	}
	wakeR, wakeW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer wakeR.Close()
	defer wakeW.Close()
	defer context.AfterFunc(ctx, func() { wakeW.Write([]byte{0}) })()
	wakeFD, err := wakeR.SyscallConn()
	if err != nil {
		return err
	}
	var perr error
	poll := func(fd, wake uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(wake), Events: unix.POLLIN}}
		for {
			_, perr = unix.Poll(fds, -1)
			if !errors.Is(perr, syscall.EINTR) {
				return
			}
		}
	}
	err = rc.Control(func(fd uintptr) {
		perr = wakeFD.Control(func(wake uintptr) { poll(fd, wake) })
	})
	if err == nil {
		err = perr
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// apart keeps the signals of the terminal from a program in the background.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// signalProgram sends a signal to a program that was started with apart, and to
// what it has started.
func signalProgram(cmd *exec.Cmd, s Signal, group bool) error {
	pid := cmd.Process.Pid
	if group {
		pid = -pid
	}
	return syscall.Kill(pid, syscall.Signal(s))
}

// killedBy returns the signal that ended a process.
func killedBy(err *exec.ExitError) (Signal, bool) {
	ws, ok := err.Sys().(syscall.WaitStatus)
	if !ok || !ws.Signaled() {
		return 0, false
	}
	return Signal(ws.Signal()), true
}

// isNoExec reports whether a file is executable and of no format that the host knows.
func isNoExec(err error) bool { return errors.Is(err, syscall.ENOEXEC) }

func isBrokenPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}
