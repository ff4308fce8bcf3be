package fakeserver

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// ParseFault reads a rule as rumpscript fake takes it after --fault: names and
// values with commas between them. A rule for system calls begins with
// call=NAME, call=NUMBER or call=any and has skip=N, count=N, delay=DURATION and
// one of errno=NAME, panic=MESSAGE and halt; one for connections begins with
// conn=N or conn=any and has frame=N, after=BYTES, delay=DURATION and one of cut
// and drop; one for packets begins with bus and has loss=P, duplicate=P,
// reorder=P, corrupt=P, delay=DURATION, jitter=DURATION and seed=N.
func ParseFault(arg string) (Faults, error) {
	first, rest, _ := strings.Cut(arg, ",")
	kind, which, _ := strings.Cut(first, "=")
	var err error
	var f Faults
	switch kind {
	case "call":
		var r CallFault
		if r, err = ParseCall(which); err == nil {
			err = parsePairs(rest, r.set)
		}
		if err == nil {
			f.Calls = []CallFault{r}
			err = r.Validate()
		}
	case "conn":
		var r ConnFault
		if which != "any" {
			if r.Conn, err = strconv.Atoi(which); err == nil && r.Conn < 1 {
				err = fmt.Errorf("connections count from 1, not %d", r.Conn)
			}
		}
		if err == nil {
			err = parsePairs(rest, r.set)
		}
		if err == nil {
			f.Conns = []ConnFault{r}
			err = r.Validate()
		}
	case "bus":
		f.Bus = &BusFault{}
		if which != "" {
			err = errors.New("a rule for buses holds for all of them")
		}
		if err == nil {
			err = parsePairs(rest, f.Bus.set)
		}
		if err == nil {
			err = f.Bus.Validate()
		}
	default:
		err = errors.New("a rule begins with call=, conn= or bus")
	}
	if err != nil {
		return Faults{}, fmt.Errorf("fault %q: %w", arg, err)
	}
	return f, nil
}

// ParseCall returns a rule for a system call, given by its name, its number or
// as any, that does nothing yet.
func ParseCall(which string) (CallFault, error) {
	if which == "any" {
		return CallFault{Any: true}, nil
	}
	if n, ok := netbsd.LookupSysno(which); ok {
		return CallFault{Call: n}, nil
	}
	if n, err := strconv.ParseUint(which, 10, 32); err == nil {
		return CallFault{Call: netbsd.Sysno(n)}, nil
	}
	return CallFault{}, fmt.Errorf("no system call is named %q", which)
}

// Validate returns an error if the rule makes no sense.
func (r CallFault) Validate() error {
	what := 0
	for _, given := range [...]bool{r.Errno != 0, r.Panic != "", r.Halt} {
		if given {
			what++
		}
	}
	switch {
	case what > 1:
		return errors.New("a call cannot end in more than one of an errno, a panic and a halt")
	case what == 0 && r.Delay == 0:
		return errors.New("it says not what happens: an errno, a panic, a halt or a delay")
	case r.Skip < 0 || r.Count < 0 || r.Delay < 0:
		return errors.New("a number is negative")
	}
	return nil
}

// Validate returns an error if the rule makes no sense.
func (r ConnFault) Validate() error {
	switch {
	case r.Cut && r.Drop:
		return errors.New("a connection cannot both be cut and have its bytes dropped")
	case !r.Cut && !r.Drop && r.Delay == 0:
		return errors.New("it says not what happens: a cut, a drop or a delay")
	case r.Conn < 0 || r.Frame < 0 || r.After < 0 || r.Delay < 0:
		return errors.New("a number is negative")
	}
	return nil
}

func (r *CallFault) set(name, value string) (err error) {
	switch name {
	case "skip":
		r.Skip, err = strconv.Atoi(value)
	case "count":
		r.Count, err = strconv.Atoi(value)
	case "delay":
		r.Delay, err = time.ParseDuration(value)
	case "errno":
		var ok bool
		if r.Errno, ok = netbsd.LookupErrno(value); !ok {
			err = fmt.Errorf("no errno is named %q", value)
		}
	case "panic":
		if r.Panic = value; value == "" {
			err = errors.New("a panic needs a message")
		}
	case "halt":
		r.Halt = true
	default:
		err = errUnknownName
	}
	return err
}

func (r *ConnFault) set(name, value string) (err error) {
	switch name {
	case "frame":
		r.Frame, err = strconv.Atoi(value)
	case "after":
		r.After, err = ParseSize(value)
	case "delay":
		r.Delay, err = time.ParseDuration(value)
	case "cut":
		r.Cut = true
	case "drop":
		r.Drop = true
	default:
		err = errUnknownName
	}
	return err
}

// ParseLimits reads limits as rumpscript fake takes them after --limit: names and
// values with commas between them, of descriptors, files, memory, space and
// mbufs. memory and space are sizes; 0 means none.
func ParseLimits(arg string) (Limits, error) {
	var l Limits
	err := parsePairs(arg, func(name, value string) error {
		n, err := ParseSize(value)
		if err != nil {
			return err
		}
		if n == 0 {
			n = -1
		}
		return l.Set(name, n)
	})
	if err != nil {
		return Limits{}, fmt.Errorf("limit %q: %w", arg, err)
	}
	return l, nil
}

var errUnknownName = errors.New("unknown name")

// parsePairs calls set for each part of a list such as a=1,b,c=2.
func parsePairs(list string, set func(name, value string) error) error {
	if list == "" {
		return nil
	}
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(part, "=")
		if seen[name] {
			return fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if err := set(name, value); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	return nil
}
