package starlark

import (
	"context"
	"fmt"
	"time"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/harness"
)

// globals is the table of the functions that a script can call by their name.
func globals() []function {
	return []function{
		{"addr", "address", "Returns a value for an IPv4 or IPv6 address, with or without a prefix length: addr(\"10.0.0.1/24\"). Addresses compare, and addr + 1 is the next one.", newAddress},
		{"breakpoint", "", "Stops the script at a prompt, with the kernels up, if a person is there: shows the variables of the function that it is in, which can be used at the prompt as the file's can. Ctrl-D goes on.", breakpoint},
		{"bus", "name path? seed? " + conditionParams, "Returns the Ethernet segment of that name for shmif interfaces to attach to. Each run, and each test, has buses of its own; a path makes it the file there, which stays. With conditions, frames between its stations fare as bus.conditions says, and what is random about it comes from the seed.", newBus},
		{"clock", "start?", "Returns a clock for fake kernels that stands still until advance moves it: kernel(clock = clock()). Kernels may share one. It shows start, such as \"2020-01-01T00:00:00Z\", which is the time if none is given.", newClock},
		{"connect", "url?", "Connects to a kernel and returns it. Without a URL this is the kernel of the run: the server that --target or RUMP_SERVER names, or one that is started for the run.", connect},
		{"help", "x?", "Prints what the reference says of a value, a function or a name.", help},
		{"kernel", "name? clock? seed? disks?", "Starts a new kernel of the run's target and returns it. It is gone when the script ends. The name appears in errors. A fake kernel may run on a clock() that the script moves, and take its random numbers from a seed; another kind of kernel refuses them. The disks are host files, a dict by their paths in the kernel: {\"/disk\": \"disk.img\"}, or with more to say {\"/rdisk\": {\"path\": \"disk.img\", \"type\": \"chr\", \"size\": 1 << 20, \"offset\": 0}}; the type is \"blk\", which is also the default, \"chr\" or \"reg\", and with a size a file is made that is not there.", newKernel},
		{"parallel", "*functions", "Calls the functions at the same time, waits for all and returns a list of what they returned. If one fails the others are cancelled, and parallel fails as it failed. What the functions share is frozen.", parallelFunctions},
		{"sleep", "duration", "Waits. To wait for something to happen use assert.eventually instead.", sleep},
		{"spawn", "function *args", "Calls the function with the arguments in a task of its own and returns the task. What they share with the rest of the script is frozen. If the task fails and nobody asks for its result, the script fails with it at its end.", spawnFunction},
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
		in, err := waiting(c.scope, func() (*harness.Instance, error) { return c.scope.start(c.ctx, harness.Config{Target: t}) })
		if err != nil {
			return nil, err
		}
		return &Kernel{in: in, sc: c.scope, ctx: c.ctx}, nil
	}
	in, err := waiting(c.scope, func() (*harness.Instance, error) { return c.scope.mainKernel(c.ctx) })
	if err != nil {
		return nil, err
	}
	return &Kernel{in: in, sc: c.scope, ctx: c.ctx}, nil
}

func newKernel(c *call) (starlark.Value, error) {
	var name string
	var clock Clock
	var seed uint64
	var disks hostDisks
	if err := c.unpack(&name, &clock, &seed, &disks); err != nil {
		return nil, err
	}
	t := c.scope.rt.cfg.Target
	if t.Kind == harness.KindURL {
		return nil, fmt.Errorf("kernel: the target %s is one server, which is there already: connect() to it, or choose a target that can be started", t)
	}
	in, err := waiting(c.scope, func() (*harness.Instance, error) {
		return c.scope.start(c.ctx, harness.Config{Target: t, Name: name, Disks: disks, Fake: harness.Fake{Clock: clock.c, Seed: seed}})
	})
	if err != nil {
		return nil, err
	}
	k := &Kernel{in: in, sc: c.scope, ctx: c.ctx}
	if clock.c != nil {
		k.clock = &clock
	}
	return k, nil
}

func newAddress(c *call) (starlark.Value, error) {
	var a Address
	if err := c.unpack(&a); err != nil {
		return nil, err
	}
	return a, nil
}

func sleep(c *call) (starlark.Value, error) {
	var d duration
	if err := c.unpack(&d); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		t := time.NewTimer(time.Duration(d))
		defer t.Stop()
		select {
		case <-t.C:
			return nil, nil
		case <-c.ctx.Done():
			return nil, context.Cause(c.ctx)
		}
	})
}
