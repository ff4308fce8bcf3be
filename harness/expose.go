package harness

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// exposed is a kernel inside this process as others reach it.
type exposed struct {
	serve func(context.Context, net.Listener) error

	mu     sync.Mutex
	url    string
	listen net.Listener
	done   chan struct{} // closed when serve has returned
}

// Expose returns a URL where other processes can connect to the kernel. A fake
// kernel gets a socket in its private folder when it is first asked
// for one; Stop removes it.
func (in *Instance) Expose(ctx context.Context) (string, error) {
	if in.URL != "" {
		return in.URL, nil
	}
	e := &in.exposed
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.url != "" {
		return e.url, nil
	}
	if e.serve == nil {
		return "", fmt.Errorf("%s: no other process can reach this kernel", in.Kernel)
	}
	u := sysproxy.URL{Network: "unix", Address: in.folder.socket()}
	l, err := sysproxy.Listen(ctx, u.String())
	if err != nil {
		return "", err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.serve(context.WithoutCancel(ctx), l) // ends with the listener, or with the kernel
	}()
	e.url, e.listen, e.done = u.String(), l, done
	return e.url, nil
}

// close ends what Expose has begun.
func (e *exposed) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listen == nil {
		return
	}
	e.listen.Close()
	<-e.done
	e.listen, e.url = nil, ""
}
