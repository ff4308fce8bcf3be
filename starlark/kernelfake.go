package starlark

import (
	"fmt"

	"go.starlark.net/lib/time"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/shmif"
	"github.com/rumpkernel/rumpscript/shmif/packet"
)

// kernelFake is the table of the methods that look into a fake kernel. Another
// kind refuses them with a *harness.UnsupportedError.
func kernelFake() []function {
	return []function{
		{"calls", "call?", "Returns a list of the last 1000 system calls that were made of a fake kernel, or of those of one name or number: structs with name, number, args (a list of ints), ret (the first value returned), errno (a name, or None), pid, program and time.", kernelCalls},
		{"sent", "match?", "Returns a list of the last Ethernet frames that a fake kernel has sent, of 1000 packets on all its interfaces, as packets; of those that match, if a filter or a function is given.", kernelSent},
	}
}

// clock returns the kernel's clock, or None for the wall clock.
func (k *Kernel) clockValue() starlark.Value {
	if k.clock == nil {
		return starlark.None
	}
	return k.clock
}

func kernelCalls(c *call) (starlark.Value, error) {
	var which starlark.Value
	if err := c.unpack(&which); err != nil {
		return nil, err
	}
	k, err := c.self.(*Kernel).in.Fake()
	if err != nil {
		return nil, err
	}
	only, err := callNumber(which)
	if err != nil {
		return nil, fmt.Errorf("calls: %w", err)
	}
	list := []starlark.Value{}
	for _, r := range k.Calls() {
		if only != nil && *only != r.Call {
			continue
		}
		args := make([]starlark.Value, len(r.Args))
		for i, a := range r.Args {
			args[i] = starlark.MakeInt64(int64(a))
		}
		var errno starlark.Value = starlark.None
		if r.Errno != 0 {
			errno = starlark.String(r.Errno.Name())
		}
		list = append(list, starlarkstruct.FromStringDict(starlark.String("call"), starlark.StringDict{
			"name": starlark.String(r.Call.Base()), "number": starlark.MakeInt(int(r.Call)), "args": starlark.NewList(args),
			"ret": starlark.MakeInt64(int64(r.R0)), "errno": errno,
			"pid": starlark.MakeInt(r.PID), "program": starlark.String(r.Program), "time": time.Time(r.Time),
		}))
	}
	return starlark.NewList(list), nil
}

// callNumber returns the system call that a value means, or nil for none.
func callNumber(v starlark.Value) (*netbsd.Sysno, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case starlark.String:
		if n, ok := netbsd.LookupSysno(string(v)); ok {
			return &n, nil
		}
	case starlark.Int:
		var n int
		if err := starlark.AsInt(v, &n); err == nil && n >= 0 {
			num := netbsd.Sysno(n)
			return &num, nil
		}
	}
	return nil, fmt.Errorf("%s is no system call: give its name or its number", v)
}

func kernelSent(c *call) (starlark.Value, error) {
	var match matcher
	if err := c.unpack(&match); err != nil {
		return nil, err
	}
	k, err := c.self.(*Kernel).in.Fake()
	if err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		list := []starlark.Value{}
		is := match.waiting(c)
		for _, r := range k.Packets() {
			if !r.Ethernet {
				continue
			}
			p := packet.Decode(shmif.Frame{Time: r.Time, Data: r.Data})
			ok, err := is.Match(p)
			if err != nil {
				return nil, err
			}
			if ok {
				list = append(list, &Packet{p})
			}
		}
		return starlark.NewList(list), nil
	})
}
