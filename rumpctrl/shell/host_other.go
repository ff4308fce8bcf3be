//go:build !unix

package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
)

// A host that is no Unix gets a shell for scripts: a utility that reads is not
// interrupted before it has read, and a program is ended rather than signalled.

func dup(*os.File) (*os.File, error) { return nil, errors.ErrUnsupported }

func readable(ctx context.Context, _ *os.File) error { return context.Cause(ctx) }

func apart(*exec.Cmd) {}

func signalProgram(cmd *exec.Cmd, _ Signal, _ bool) error { return cmd.Process.Kill() }

func killedBy(*exec.ExitError) (Signal, bool) { return 0, false }

func isNoExec(error) bool { return false }

func isBrokenPipe(err error) bool { return errors.Is(err, io.ErrClosedPipe) }
