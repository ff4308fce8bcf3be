package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// readyVariable names, in the environment of a process in the background, the
// descriptor on which it says that it is ready.
const readyVariable = "RUMPSCRIPT_READY_FD"

// ready says that the server answers: on standard output, or to whoever has put
// us into the background.
func (a *app) ready(url string) {
	fd, err := strconv.Atoi(a.getenv(readyVariable))
	switch {
	case err == nil:
		os.Unsetenv(readyVariable)
		w := os.NewFile(uintptr(fd), "ready")
		silence()
		fmt.Fprintln(w, url)
		w.Close()
	case !a.standIn:
		fmt.Fprintln(a.stdout, url)
	}
}

// background runs this command again in a session of its own, waits until it is
// ready, and leaves it alone.
func (a *app) background() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd := exec.Command(self, append([]string{"-s"}, a.args...)...)
	cmd.Args[0] = "rump_server"
	cmd.Env = append(os.Environ(), readyVariable+"=3")
	cmd.ExtraFiles = []*os.File{w}
	detach(cmd)
	// Its errors are ours until it is ready; later ones have nobody to read them.
	errs, errw, err := os.Pipe()
	if err != nil {
		return err
	}
	defer errs.Close()
	cmd.Stderr = errw
	err = cmd.Start()
	w.Close()
	errw.Close()
	if err != nil {
		return err
	}
	if line, _ := io.ReadAll(r); len(line) > 0 {
		return cmd.Process.Release()
	}
	msg, _ := io.ReadAll(errs)
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		text := strings.TrimPrefix(strings.TrimSpace(string(msg)), "rumpscript: ")
		return &failure{exit.ExitCode(), errors.New(text)}
	}
	return err
}
