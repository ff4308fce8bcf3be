package harness

import (
	"fmt"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// A MissingError says that a target cannot be had on this machine. Tests skip on
// it; see Require.
type MissingError struct {
	Kind Kind
	What string // what is missing
	How  string // how to get it
	Err  error  // what the system said, may be nil
}

func (e *MissingError) Error() string {
	s := fmt.Sprintf("target %s: %s", e.Kind, e.What)
	if e.Err != nil {
		s += fmt.Sprintf(" (%v)", e.Err)
	}
	return s + ": " + e.How
}

// Unwrap returns what the system said.
func (e *MissingError) Unwrap() error { return e.Err }

// A ConfigError says what is wrong with a field of a Config or a Topology.
type ConfigError struct {
	Field string
	Value any
	What  string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("bad configuration: %s %v: %s", e.Field, e.Value, e.What)
}

// An UnsupportedError says that a kind of target cannot do what a Config asks for.
type UnsupportedError struct {
	Kind Kind
	What string
}

func (e *UnsupportedError) Error() string { return fmt.Sprintf("target %s: %s", e.Kind, e.What) }

// An ExitedError says that a kernel ended by itself.
type ExitedError struct {
	Kernel  string
	Program string // what ran it: "rump_server"
	Status  string // how it ended: "exit status 1"
	Console string // the last it printed
	Err     error  // what its end made fail, nil if it never answered
}

func (e *ExitedError) Error() string {
	s := fmt.Sprintf("%s: %s ended: %s", e.Kernel, e.Program, e.Status)
	if _, lost := e.Err.(*sysproxy.TransportError); e.Err != nil && !lost { // that much is clear
		s = fmt.Sprintf("%v (%s)", e.Err, s)
	}
	return s + lastWords(e.Console)
}

// Unwrap returns what the kernel's end made fail.
func (e *ExitedError) Unwrap() error { return e.Err }

// An UnreadyError says that a kernel was started and did not answer in time.
type UnreadyError struct {
	Kernel  string
	Program string
	After   time.Duration
	Console string // the last it printed
	Err     error  // why the last attempt failed
}

func (e *UnreadyError) Error() string {
	return fmt.Sprintf("%s: %s does not answer after %s: %v%s", e.Kernel, e.Program, e.After.Round(time.Millisecond), e.Err, lastWords(e.Console))
}

// Unwrap returns why the last attempt failed.
func (e *UnreadyError) Unwrap() error { return e.Err }

// A ContractError says that an image is not one that the harness can start; see
// docs/image-contract.md.
type ContractError struct {
	Image string
	What  string
}

func (e *ContractError) Error() string {
	return fmt.Sprintf("image %s does not follow the contract of rump kernel images: %s (docs/image-contract.md; rumpscript image build makes one that does)", e.Image, e.What)
}

// lastWords returns the end of a console as an error shows it.
func lastWords(console string) string {
	const most = 20
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(console, "\r", "")), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	return "; its console says last:\n\t" + strings.Join(lines, "\n\t")
}
