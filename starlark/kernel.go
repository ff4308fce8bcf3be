package starlark

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.starlark.net/starlark"
	"mvdan.cc/sh/v3/shell"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/rumpctrl"
)

// Kernel is a rump kernel as a script sees it.
type Kernel struct {
	in *harness.Instance
	sc *scope

	// ctx is the run's. Starlark gives attributes no thread, and so they find
	// their context here; methods get it from their thread.
	ctx context.Context

	forked bool   // a process beside the script's own
	clock  *Clock // nil for the wall clock
}

func kernelAttrs() []attribute {
	return []attribute{
		{"name", "The kernel's name in errors: what kernel() was given, or the target's."},
		{"url", "The URL at which others reach the kernel, or None for a fake inside the process."},
		{"clock", "The clock on which a fake kernel runs that was made with one; else None."},
		{"faults", "What is to go wrong in a fake kernel. Another kind of kernel refuses its methods."},
	}
}

// kernelMethods is the table of a kernel's methods.
func kernelMethods() []function {
	return slices.Concat(kernelBasics(), kernelNet(), kernelRouting(), kernelTables(), kernelConns(), kernelSockets(), kernelFiles(), kernelFake())
}

func kernelBasics() []function {
	return []function{
		{"create", "interface bus? address?", "Creates an interface, such as \"shmif0\", and returns it: attached to a bus, and with an address or a list of them, if they are given.", kernelCreate},
		{"interface", "name", "Returns the interface of that name, whether it is there or not.", kernelInterface},
		{"interfaces", "", "Returns a list of the interfaces that the kernel has.", kernelInterfaces},
		{"run", "*words check?", "Runs a utility as rumpscript ctl does and returns a result: run(\"ifconfig shmif0 create\"), which is split as a shell splits words, or run(\"ifconfig\", \"shmif0\", \"create\"). An exit status other than 0 is an error, unless check is False.", kernelRun},
		{"sysctl", "name value?", "Returns the value of a sysctl node, such as \"net.inet.ip.ttl\": an int, a bool, a string, or bytes for a structure. With a value the node is set, and what it was before is returned.", kernelSysctl},
	}
}

// String shows the kernel to a person.
func (k *Kernel) String() string        { return fmt.Sprintf("<kernel %s>", k.in.Kernel) }
func (k *Kernel) Type() string          { return "kernel" }
func (k *Kernel) Freeze()               {} // what changes is the kernel itself, not the value
func (k *Kernel) Truth() starlark.Bool  { return true }
func (k *Kernel) Hash() (uint32, error) { return starlark.String(k.in.Kernel.String()).Hash() }

// Attr implements starlark.HasAttrs.
func (k *Kernel) Attr(name string) (starlark.Value, error) {
	switch name {
	case "name":
		return starlark.String(k.in.Kernel.String()), nil
	case "url":
		if k.in.URL == "" {
			return starlark.None, nil
		}
		return starlark.String(k.in.URL), nil
	case "clock":
		return k.clockValue(), nil
	case "faults":
		return &Faults{k}, nil
	}
	return method(k, kernelMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (k *Kernel) AttrNames() []string {
	return attrNames(kernelMethods(), "clock", "faults", "name", "url")
}

func kernelCreate(c *call) (starlark.Value, error) {
	var name string
	var link linkstr
	var addrs addresses
	if err := c.unpack(&name, &link, &addrs); err != nil {
		return nil, err
	}
	i := &Interface{c.self.(*Kernel), name}
	return waiting(c.scope, func() (starlark.Value, error) {
		if err := i.rump().Create(c.ctx); err != nil {
			return nil, err
		}
		if err := link.attach(c.ctx, i); err != nil {
			return nil, err
		}
		for _, a := range addrs {
			if err := i.rump().Add(c.ctx, a.text()); err != nil {
				return nil, err
			}
		}
		return i, nil
	})
}

func kernelInterface(c *call) (starlark.Value, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	return &Interface{c.self.(*Kernel), name}, nil
}

func kernelInterfaces(c *call) (starlark.Value, error) {
	k := c.self.(*Kernel)
	if err := c.unpack(); err != nil {
		return nil, err
	}
	infos, err := waiting(c.scope, func() ([]rump.InterfaceInfo, error) { return k.in.Kernel.Interfaces(c.ctx) })
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(infos))
	for i, info := range infos {
		list[i] = &Interface{k, info.Name}
	}
	return starlark.NewList(list), nil
}

func kernelRun(c *call) (starlark.Value, error) {
	words, check, err := runArguments(c)
	if err != nil {
		return nil, err
	}
	r, err := waiting(c.scope, func() (*Result, error) { return c.self.(*Kernel).run(c.ctx, words) })
	if err == nil && check && r.Status != 0 {
		err = &StatusError{r}
	}
	return r, err
}

// runArguments returns the words of the command that run is called with.
func runArguments(c *call) (words []string, check bool, err error) {
	check = true
	for _, kv := range c.kwargs {
		b, ok := kv[1].(starlark.Bool)
		if kv[0].(starlark.String) != "check" || !ok {
			return nil, false, fmt.Errorf("run: unexpected keyword argument %s = %s (it takes check = True or False)", kv[0].(starlark.String).GoString(), kv[1])
		}
		check = bool(b)
	}
	for _, a := range c.args {
		switch a := a.(type) {
		case starlark.String:
			words = append(words, string(a))
		case starlark.Int:
			words = append(words, a.String())
		default:
			return nil, false, fmt.Errorf("run: got %s where a word is wanted, a string or an int", a.Type())
		}
	}
	if len(words) == 1 {
		// One string is a command line. Variables of the host mean nothing in it.
		words, err = shell.Fields(words[0], func(string) string { return "" })
		if err != nil {
			return nil, false, fmt.Errorf("run: %w", err)
		}
	}
	if len(words) == 0 {
		return nil, false, fmt.Errorf("run: no command")
	}
	return words, check, nil
}

// run runs a utility as a process of its own.
func (k *Kernel) run(ctx context.Context, words []string) (*Result, error) {
	if _, ok := rumpctrl.Lookup(words[0]); !ok {
		return nil, fmt.Errorf("%s: no utility named %s (rumpscript doc lists them)", k.in.Kernel, words[0])
	}
	proc, err := k.in.Connect(ctx, words[0])
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	var stdout, stderr bytes.Buffer
	status := rumpctrl.Run(ctx, &rumpctrl.Env{Kernel: proc, Args: words, Stdout: &stdout, Stderr: &stderr})
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	return &Result{
		Args:   words,
		Kernel: k.in.Kernel.String(),
		Status: status,
		Stdout: stdout.String(),
		Stderr: stderr.String(),
	}, nil
}

func kernelSysctl(c *call) (starlark.Value, error) {
	var name string
	var value starlark.Value
	if err := c.unpack(&name, &value); err != nil {
		return nil, err
	}
	var set any
	if value != nil {
		var err error
		if set, err = toGo(value); err != nil {
			return nil, fmt.Errorf("sysctl: %w", err)
		}
	}
	v, err := waiting(c.scope, func() (any, error) {
		if value == nil {
			return c.kernel().Sysctl(c.ctx, name)
		}
		return c.kernel().SetSysctl(c.ctx, name, set)
	})
	if err != nil {
		return nil, err
	}
	return fromGo(v)
}
