package starlark

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
)

// globals is the table of the functions that a script can call by their name.
func globals() []function {
	return []function{
		{"connect", "url?", "Connects to a kernel and returns it. Without a URL this is the kernel of the run: the server that --target or RUMP_SERVER names, or one that is started for the run.", connect},
		{"kernel", "name?", "Starts a new kernel of the run's target and returns it. It is gone when the script ends. The name appears in errors.", newKernel},
	}
}

func connect(c *call) (starlark.Value, error) {
	var url string
	if err := c.unpack(&url); err != nil {
		return nil, err
	}
	if url != "" {
		t, err := harness.ParseTarget(url)
		if err != nil {
			return nil, err
		}
		if t.Kind != harness.KindURL {
			return nil, fmt.Errorf("connect: %q is not a URL", url)
		}
		in, err := c.rt.start(c.ctx, harness.Config{Target: t})
		if err != nil {
			return nil, err
		}
		return &Kernel{in, c.ctx}, nil
	}
	c.rt.mu.Lock()
	in := c.rt.main
	c.rt.mu.Unlock()
	if in == nil {
		var err error
		if in, err = c.rt.start(c.ctx, harness.Config{Target: c.rt.cfg.Target}); err != nil {
			return nil, err
		}
		c.rt.mu.Lock()
		c.rt.main = in
		c.rt.mu.Unlock()
	}
	return &Kernel{in, c.ctx}, nil
}

func newKernel(c *call) (starlark.Value, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	t := c.rt.cfg.Target
	if t.Kind == harness.KindURL {
		return nil, fmt.Errorf("kernel: the target %s is one server, which is there already: connect() to it, or choose a target that can be started", t)
	}
	in, err := c.rt.start(c.ctx, harness.Config{Target: t, Name: name})
	if err != nil {
		return nil, err
	}
	return &Kernel{in, c.ctx}, nil
}
