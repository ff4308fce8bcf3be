package starlark

import (
	"fmt"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// Faults is what is to go wrong in a fake kernel.
type Faults struct{ k *Kernel }

func faultsMethods() []function {
	return []function{
		{"call", "call errno? delay? panic? halt? skip? count?", "Makes a system call fail, given by its name, its number or \"any\": call(\"mkdir\", \"ENOSPC\"). After delay, on the kernel's clock, it fails with the errno, the kernel panics with a message, or it halts. skip calls pass first, and count are hit, 1 if not given and None for all.", faultsCall},
		{"connection", "connection? frame? after? cut? drop? delay?", "Damages what the kernel sends on a connection, 1 for the next that is made, as by run, or each if not given: after so many bytes, counted from the beginning of a frame if frame is given (from 1 on), it is cut, what follows is dropped, or delayed on the kernel's clock.", faultsConnection},
		{"limit", "descriptors? files? memory? space? mbufs?", "Limits what the kernel has of what can run out: descriptors of a process (EMFILE), open files of all (ENFILE), bytes of memory (ENOMEM, or ENOSPC from a file system), bytes of files (ENOSPC), clusters of 2 KiB in sockets (ENOBUFS). None lifts a limit; those that are not given stay.", faultsLimit},
		{"clear", "", "Lets nothing go wrong any more, and lifts all limits.", faultsClear},
		{"panic", "message?", "Makes the kernel panic now: all connections end.", faultsPanic},
		{"halt", "", "Makes the kernel halt now.", faultsHalt},
	}
}

// String shows the faults to a person.
func (f *Faults) String() string        { return fmt.Sprintf("<faults of %s>", f.k.in.Kernel) }
func (f *Faults) Type() string          { return "faults" }
func (f *Faults) Freeze()               {}
func (f *Faults) Truth() starlark.Bool  { return true }
func (f *Faults) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: faults") }

// Attr implements starlark.HasAttrs.
func (f *Faults) Attr(name string) (starlark.Value, error) {
	return method(f, faultsMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (f *Faults) AttrNames() []string { return attrNames(faultsMethods()) }

func (c *call) faulty() *harness.Instance { return c.self.(*Faults).k.in }

func faultsCall(c *call) (starlark.Value, error) {
	var which starlark.Value
	var errno, message string
	var halt bool
	var delay duration
	var skip int
	var count starlark.Value = starlark.MakeInt(1)
	if err := c.unpack(&which, &errno, &delay, &message, &halt, &skip, &count); err != nil {
		return nil, err
	}
	k, err := c.faulty().Fake()
	if err != nil {
		return nil, err
	}
	name, ok := starlark.AsString(which)
	if n, isInt := which.(starlark.Int); isInt {
		name, ok = n.String(), true
	}
	if !ok {
		return nil, fmt.Errorf("call: got %s where a system call is wanted: its name, its number or \"any\"", which.Type())
	}
	r, err := harness.ParseCall(name)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	if errno != "" {
		if r.Errno, ok = netbsd.LookupErrno(errno); !ok {
			return nil, fmt.Errorf("call: no errno is named %q", errno)
		}
	}
	if count != starlark.None {
		if err := starlark.AsInt(count, &r.Count); err != nil || r.Count < 1 {
			return nil, fmt.Errorf("call: got %s where a count is wanted, or None for all", count)
		}
	}
	r.Delay, r.Panic, r.Halt, r.Skip = time.Duration(delay), message, halt, skip
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	if r.Halt || r.Panic != "" {
		c.faulty().MayEnd()
	}
	k.AddFaults(harness.Faults{Calls: []harness.CallFault{r}})
	return nil, nil
}

func faultsConnection(c *call) (starlark.Value, error) {
	var r harness.ConnFault
	var after int
	var delay duration
	if err := c.unpack(&r.Conn, &r.Frame, &after, &r.Cut, &r.Drop, &delay); err != nil {
		return nil, err
	}
	k, err := c.faulty().Fake()
	if err != nil {
		return nil, err
	}
	r.After, r.Delay = int64(after), time.Duration(delay)
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("connection: %w", err)
	}
	k.AddFaults(harness.Faults{Conns: []harness.ConnFault{r}})
	return nil, nil
}

func faultsLimit(c *call) (starlark.Value, error) {
	names := [...]string{"descriptors", "files", "memory", "space", "mbufs"}
	values := [len(names)]starlark.Value{}
	if err := c.unpack(&values[0], &values[1], &values[2], &values[3], &values[4]); err != nil {
		return nil, err
	}
	k, err := c.faulty().Fake()
	if err != nil {
		return nil, err
	}
	l := k.Limits()
	for i, v := range values {
		var n int64
		switch {
		case v == nil:
			continue
		case v == starlark.None: // none
		default:
			if err := starlark.AsInt(v, &n); err != nil || n < 0 {
				return nil, fmt.Errorf("limit: %s: got %s where a number is wanted, or None for no limit", names[i], v)
			}
			if n == 0 {
				n = -1
			}
		}
		if err := l.Set(names[i], n); err != nil {
			return nil, err
		}
	}
	k.SetLimits(l)
	return nil, nil
}

func faultsClear(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	k, err := c.faulty().Fake()
	if err != nil {
		return nil, err
	}
	k.SetFaults(harness.Faults{})
	k.SetLimits(harness.KernelLimits{})
	return nil, nil
}

func faultsPanic(c *call) (starlark.Value, error) {
	message := "on the script's request"
	if err := c.unpack(&message); err != nil {
		return nil, err
	}
	k, err := c.faulty().Fake()
	if err != nil {
		return nil, err
	}
	c.faulty().MayEnd()
	k.Panic(message)
	return nil, nil
}

func faultsHalt(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	k, err := c.faulty().Fake()
	if err != nil {
		return nil, err
	}
	c.faulty().MayEnd()
	k.Halt()
	return nil, nil
}
