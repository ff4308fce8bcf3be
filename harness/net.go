package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rumpkernel/rumpscript/rump"
)

// Net is a topology that has been started.
type Net struct {
	topology  Topology
	instances []*Instance // in the topology's order
	folder    *folder     // of the buses, nil if they are elsewhere

	stop    sync.Once
	stopErr error
}

// Start starts the kernels of a topology, all at once, and configures them. Each
// gets the given Config but for its name, its buses, and what its Node says. If
// anything fails nothing is left.
func (t Topology) Start(ctx context.Context, cfg Config) (*Net, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	if k := cfg.Target.Kind; k == KindURL {
		return nil, &UnsupportedError{k, "a topology needs kernels that can be started"}
	} else if k == KindRumprun && len(t.Buses()) > 0 {
		return nil, &UnsupportedError{k, "a unikernel shares no folders, and so no buses"}
	}
	n := &Net{topology: t, instances: make([]*Instance, len(t))}
	if cfg.BusDir == "" && len(t.Buses()) > 0 {
		if n.folder, err = newFolder(cfg); err != nil {
			return nil, err
		}
		cfg.BusDir = n.folder.buses("")
	}
	group, gctx := errgroup.WithContext(ctx)
	for i, node := range t {
		group.Go(func() (err error) {
			n.instances[i], err = node.start(gctx, cfg)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, n.Stop(ctx))
	}
	return n, nil
}

// start starts a kernel of a topology and configures it.
func (n Node) start(ctx context.Context, cfg Config) (*Instance, error) {
	cfg.Name = n.Name
	if n.Components != nil {
		cfg.Components = n.Components
	}
	if n.Disks != nil {
		cfg.Disks = n.Disks
	}
	in, err := Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := n.configure(ctx, in.Kernel); err != nil {
		err = in.Explain(err)
		return nil, errors.Join(err, in.Stop(ctx))
	}
	return in, nil
}

// configure sets a kernel up as the node says.
func (n Node) configure(ctx context.Context, k *rump.Kernel) error {
	for _, name := range slices.Sorted(maps.Keys(n.Sysctl)) {
		if _, err := k.SetSysctl(ctx, name, n.Sysctl[name]); err != nil {
			return err
		}
	}
	if n.Forward {
		if err := n.forward(ctx, k); err != nil {
			return err
		}
	}
	for i, ifc := range n.Interfaces {
		if err := ifc.configure(ctx, k, ifc.name(i)); err != nil {
			return err
		}
	}
	return n.addRoutes(ctx, k)
}

// Kernel returns the kernel of that name, or nil.
func (n *Net) Kernel(name string) *Instance {
	for _, in := range n.instances {
		if in.Name == name {
			return in
		}
	}
	return nil
}

// Kernels returns the kernels in the topology's order.
func (n *Net) Kernels() []*Instance { return slices.Clone(n.instances) }

// Stop takes all kernels down, all at once. It may be called more than once.
func (n *Net) Stop(ctx context.Context) error {
	n.stop.Do(func() {
		errs := make([]error, len(n.instances))
		var wg sync.WaitGroup
		for i, in := range n.instances {
			if in != nil {
				wg.Go(func() { errs[i] = in.Stop(ctx) })
			}
		}
		wg.Wait()
		n.stopErr = errors.Join(errs...)
		if n.folder != nil && n.stopErr == nil {
			n.stopErr = n.folder.remove()
		}
	})
	return n.stopErr
}

// BusPath returns the path of a bus, for package shmif: to capture what passes
// there, and to inject more.
func (n *Net) BusPath(bus string) (string, error) {
	if !slices.Contains(n.topology.Buses(), bus) {
		return "", fmt.Errorf("the topology has no bus %s", bus)
	}
	in := n.instances[0] // they share one folder
	if in.BusDir == "" {
		return "", &UnsupportedError{in.Target.Kind, "its buses are not in a folder of ours"}
	}
	path := filepath.Join(in.BusDir, bus)
	_, err := os.Stat(path)
	return path, err
}
