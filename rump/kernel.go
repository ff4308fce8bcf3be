package rump

import (
	"context"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// Kernel is a process of a rump kernel. A server has as many as it has clients;
// what belongs to a process, its descriptors and its working folder, is a
// Kernel's own, and everything else is shared.
type Kernel struct {
	client *sysproxy.Client
	name   string
	socks  *socketCache
	poll   *poller
}

// Dial connects to the kernel at a URL (see sysproxy.ParseURL).
func Dial(ctx context.Context, url string) (*Kernel, error) {
	c, err := sysproxy.Dial(ctx, url)
	if err != nil {
		return nil, err
	}
	return New(c), nil
}

// New returns the Kernel of a client, which it takes over: Close closes it.
func New(c *sysproxy.Client) *Kernel {
	k := &Kernel{client: c, name: c.URL().String(), socks: new(socketCache)}
	k.poll = &poller{k: k}
	return k
}

// Named returns the same process under another name in errors.
func (k *Kernel) Named(name string) *Kernel {
	n := *k
	n.name = name
	return &n
}

// String returns the kernel's name, by default its URL.
func (k *Kernel) String() string { return k.name }

// URL returns the URL of the kernel's server.
func (k *Kernel) URL() string { return k.client.URL().String() }

// Client returns the connection, for system calls that this package does not know.
func (k *Kernel) Client() *sysproxy.Client { return k.client }

// Close ends the process. Its descriptors are closed by the kernel.
func (k *Kernel) Close() error { return k.client.Close() }

// Fork makes a child process, with a copy of the descriptors and the working
// folder, over a connection of its own.
func (k *Kernel) Fork(ctx context.Context) (*Kernel, error) {
	c, err := k.client.Fork(ctx)
	if err != nil {
		return nil, err
	}
	return New(c).Named(k.name), nil
}

// Exec tells the kernel that the process now runs the named program:
// descriptors marked close-on-exec are closed.
func (k *Kernel) Exec(ctx context.Context, program string) error {
	return k.client.Exec(ctx, program)
}

// call begins a system call.
func (k *Kernel) call(n netbsd.Sysno) *sysproxy.Call { return k.client.NewCall(uint32(n)) }

// do makes a system call and turns its errno into an error.
func (k *Kernel) do(ctx context.Context, c *sysproxy.Call, op, object string) (sysproxy.Result, error) {
	r, err := c.Do(ctx)
	if err == nil && r.Errno != 0 {
		err = &Error{k.name, op, object, netbsd.Errno(r.Errno)}
	}
	return r, err
}
