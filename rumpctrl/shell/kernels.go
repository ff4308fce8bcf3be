package shell

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// kernels are those that a shell talks to: its own, and others that a script has
// named in RUMP_SERVER.
type kernels struct {
	cfg *Config
	own *kernel

	mu     sync.Mutex
	others map[string]*kernel
}

func newKernels(cfg *Config) *kernels {
	own := &kernel{name: cfg.Name, connect: cfg.Kernel}
	return &kernels{cfg: cfg, own: own, others: make(map[string]*kernel)}
}

// at returns the kernel that a RUMP_SERVER names. A path is relative to a folder
// of the host, as it is for a program there.
func (ks *kernels) at(server, hostDir string) (*kernel, error) {
	if server == "" || server == ks.cfg.URL {
		return ks.own, nil
	}
	u, err := sysproxy.ParseURL(server)
	if err != nil {
		return nil, fmt.Errorf("RUMP_SERVER: %w", err)
	}
	if u.Network == "unix" && !filepath.IsAbs(u.Address) {
		u.Address = filepath.Join(hostDir, u.Address)
	}
	ks.mu.Lock()
	defer ks.mu.Unlock()
	key := u.String()
	if k := ks.others[key]; k != nil {
		return k, nil
	}
	k := &kernel{name: server}
	k.connect = func(ctx context.Context, program string) (*rump.Kernel, error) {
		d := sysproxy.Dialer{Program: program}
		c, err := d.DialURL(ctx, u)
		if err != nil {
			return nil, err
		}
		return rump.New(c).Named(server), nil
	}
	ks.others[key] = k
	return k, nil
}

// close closes all connections.
func (ks *kernels) close() {
	ks.own.close()
	ks.mu.Lock()
	defer ks.mu.Unlock()
	for _, k := range ks.others {
		k.close()
	}
}

// program is the name of the shell's processes in the kernel.
const program = "sh"

// kernel is one of the kernels, and the process of it that the shell is. Most
// utilities run in that process one after the other; one that cannot, because
// another one still runs there in another working folder, or because it changes
// more of its process than that, gets a forked one.
type kernel struct {
	name    string
	connect func(ctx context.Context, program string) (*rump.Kernel, error)

	mu     sync.Mutex
	shared *process
	all    map[*process]struct{} // those that are not closed
	closed bool
}

// process is a process of a kernel. Its fields are guarded by the kernel's mutex.
type process struct {
	*rump.Kernel
	of        *kernel
	dir       string // the working folder
	utilities int    // how many run in it
	files     int    // how many files of the shell it has open
	retired   bool   // to be closed when nothing uses it any more
}

var errClosed = errors.New("the shell has ended")

// utility returns a process for a utility to run in, in a working folder.
func (kn *kernel) utility(ctx context.Context, dir, name string) (*process, error) {
	kn.mu.Lock()
	defer kn.mu.Unlock()
	p, err := kn.ready(ctx)
	if err != nil {
		return nil, err
	}
	if leavesTraces(name) || p.dir != dir && p.utilities > 0 {
		if p, err = kn.fork(ctx, p, name); err != nil {
			return nil, err
		}
	}
	if p.dir != dir {
		if err := p.Chdir(ctx, dir); err != nil {
			p.drop()
			return nil, err
		}
		p.dir = dir
	}
	p.utilities++
	return p, nil
}

// leavesTraces reports whether a utility changes its process for good: ktrace has
// everything recorded that the process does.
func leavesTraces(name string) bool { return name == "ktrace" }

// file returns the process that has the files of the shell open.
func (kn *kernel) file(ctx context.Context) (*process, error) {
	kn.mu.Lock()
	defer kn.mu.Unlock()
	p, err := kn.ready(ctx)
	if err != nil {
		return nil, err
	}
	p.files++
	return p, nil
}

// ready returns the shared process, over a connection that is alive.
func (kn *kernel) ready(ctx context.Context) (*process, error) {
	if kn.closed {
		return nil, errClosed
	}
	if p := kn.shared; p != nil {
		if p.utilities > 0 {
			return p, nil // its users will see
		}
		_, err := p.Client().NewCall(uint32(netbsd.SYS_GETPID)).Do(ctx)
		if err == nil || ctx.Err() != nil {
			return p, err
		}
		p.retired = true
		kn.shared = nil
		p.drop()
	}
	k, err := kn.connect(ctx, program)
	if err != nil {
		return nil, err
	}
	kn.shared = kn.add(&process{Kernel: k, of: kn, dir: "/"})
	return kn.shared, nil
}

func (kn *kernel) add(p *process) *process {
	if kn.all == nil {
		kn.all = make(map[*process]struct{})
	}
	kn.all[p] = struct{}{}
	return p
}

// fork makes a child of the shared process, to be used once. What the shell has
// open is close-on-exec and stays behind.
func (kn *kernel) fork(ctx context.Context, parent *process, name string) (*process, error) {
	k, err := parent.Fork(ctx)
	if err != nil {
		return nil, err
	}
	if err := k.Exec(ctx, name); err != nil {
		k.Close()
		return nil, err
	}
	return kn.add(&process{Kernel: k, of: kn, dir: parent.dir, retired: true}), nil
}

// drop closes a process that is retired and not used. The mutex is held.
func (p *process) drop() {
	if p.retired && p.utilities == 0 && p.files == 0 {
		p.Close()
		delete(p.of.all, p)
	}
}

// utilityDone says that a utility has ended. One that was broken off leaves
// calls behind which the kernel still carries out, and its descriptors: the
// process ends with it.
func (p *process) utilityDone(brokenOff bool) {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.utilities--
	if brokenOff {
		p.retired = true
		if p.of.shared == p {
			p.of.shared = nil
		}
	}
	p.drop()
}

func (p *process) fileDone() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.files--
	p.drop()
}

func (kn *kernel) close() {
	kn.mu.Lock()
	defer kn.mu.Unlock()
	kn.closed = true
	for p := range kn.all {
		p.Close()
	}
}
