package rumpctrl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rumpkernel/rumpscript/rump"
)

// Env is the world of a running utility.
type Env struct {
	Kernel *rump.Kernel // the process that the utility is
	Args   []string     // the argument vector; Args[0] is the utility's name

	Stdin  io.Reader // nil for an empty one
	Stdout io.Writer // nil to discard
	Stderr io.Writer // nil to discard

	// Getenv looks an environment variable up; nil means that none is set.
	Getenv func(name string) string

	// Location is the time zone of what is printed; nil means time.Local.
	Location *time.Location

	// Columns is the width of the terminal that Stdout is, 0 if it is none.
	Columns int
}

// A Utility is a program of NetBSD.
type Utility struct {
	Name    string
	Summary string // one line, as in the NAME section of a manual page
	run     func(ctx context.Context, e *Env) error
}

// Lookup finds a utility by its name.
func Lookup(name string) (Utility, bool) {
	for _, u := range utilities() {
		if u.Name == name {
			return u, true
		}
	}
	return Utility{}, false
}

// All returns the utilities in order of their names.
func All() []Utility { return utilities() }

// StatusUnknown is the exit status for a name that is no utility's, as a shell
// has it.
const StatusUnknown = 127

// Run runs the utility that e.Args names and returns its exit status.
func Run(ctx context.Context, e *Env) int {
	e = e.complete()
	name := e.Args[0]
	u, ok := Lookup(name)
	if !ok {
		fmt.Fprintf(e.Stderr, "rumpscript: %s: no such utility\n", name)
		return StatusUnknown
	}
	if len(e.Args) == 2 && e.Args[1] == "--help" {
		fmt.Fprintln(e.Stdout, u.Page())
		return 0
	}
	return e.status(u.run(ctx, e))
}

// complete fills in the defaults.
func (e *Env) complete() *Env {
	c := *e
	if len(c.Args) == 0 {
		c.Args = []string{""}
	}
	if c.Stdin == nil {
		c.Stdin = eof{}
	}
	if c.Stdout == nil {
		c.Stdout = io.Discard
	}
	if c.Stderr == nil {
		c.Stderr = io.Discard
	}
	if c.Getenv == nil {
		c.Getenv = func(string) string { return "" }
	}
	if c.Location == nil {
		c.Location = time.Local
	}
	return &c
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// exit is the error with which a utility ends early, after it has said why, or
// with something to say. A nil error ends with status 0.
type exit struct {
	status int
	msg    string // printed after the utility's name, if not empty
}

func (x *exit) Error() string { return fmt.Sprintf("exit status %d: %s", x.status, x.msg) }

// status prints what an error has to say and returns its exit status.
func (e *Env) status(err error) int {
	if err == nil {
		return 0
	}
	var x *exit
	if errors.As(err, &x) {
		if x.msg != "" {
			e.warnx("%s", x.msg)
		}
		return x.status
	}
	if !brokenOff(err) {
		e.warnx("%v", err)
	}
	return 1
}

// brokenOff reports whether an error comes of the end of the utility's context,
// as when a signal ends it: then nothing is said.
func brokenOff(err error) bool { return errors.Is(err, context.Canceled) }

// reason is what err(3) prints for an error: NetBSD's text for an errno, and the
// whole of any other error.
func reason(err error) string {
	if errno, ok := rump.Errno(err); ok {
		return errno.Error()
	}
	return err.Error()
}

// errx ends the utility with a message: errx(3).
func errx(status int, format string, args ...any) error {
	return &exit{status, fmt.Sprintf(format, args...)}
}

// errc ends the utility with a message and the reason for it: err(3).
func errc(status int, err error, format string, args ...any) error {
	if brokenOff(err) {
		return silent(status)
	}
	return &exit{status, fmt.Sprintf(format, args...) + ": " + reason(err)}
}

// silent ends the utility with a status after everything has been said.
func silent(status int) error { return &exit{status: status} }

// warnx prints a message on standard error, after the utility's name: warnx(3).
func (e *Env) warnx(format string, args ...any) {
	fmt.Fprintf(e.Stderr, "%s: %s\n", e.Args[0], fmt.Sprintf(format, args...))
}

// warn prints a message and the reason for it: warn(3).
func (e *Env) warn(err error, format string, args ...any) {
	if brokenOff(err) {
		return
	}
	e.warnx("%s: %s", fmt.Sprintf(format, args...), reason(err))
}

// usage ends the utility with its synopsis on standard error.
func (e *Env) usage(status int, lines ...string) error {
	for i, l := range lines {
		prefix := "usage: "
		if i > 0 {
			prefix = "       "
		}
		fmt.Fprintf(e.Stderr, "%s%s\n", prefix, l)
	}
	return silent(status)
}

func (e *Env) printf(format string, args ...any) { fmt.Fprintf(e.Stdout, format, args...) }
