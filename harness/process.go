package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// The times that a rump_server gets: to answer once started, and to be gone
// once asked to end.
const (
	startTimeout = 10 * time.Second
	stopTimeout  = 2 * time.Second
)

// startProcess starts a rump_server on a socket in a folder of its own.
func startProcess(ctx context.Context, cfg Config) (*Instance, error) {
	bin, err := findServer(cfg)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "rumpscript-") // mode 0700: every connection is root
	if err != nil {
		return nil, err
	}
	u := sysproxy.URL{Network: "unix", Address: filepath.Join(dir, "csock")}
	p := &process{dir: dir, name: cfg.Name, console: newTail(64 << 10)}
	components := cfg.Components
	if components == nil {
		components = DefaultComponents()
	}
	args := []string{"-s"} // stay in the foreground, so that the console is ours
	for _, c := range components {
		args = append(args, "-l"+c)
	}
	p.cmd = exec.Command(bin, append(args, u.String())...)
	// With weak symbols in force, stubs win over the components' own functions.
	p.cmd.Env = append(os.Environ(), "LD_DYNAMIC_WEAK=1")
	p.cmd.Stdout, p.cmd.Stderr = p.console, p.console
	dieWithParent(p.cmd)
	if err := p.start(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("%s: start %s: %w", cfg.Name, bin, err)
	}

	connect := func(ctx context.Context, program string) (*rump.Kernel, error) {
		d := sysproxy.Dialer{Program: program}
		c, err := d.DialURL(ctx, u)
		if err != nil {
			return nil, err
		}
		return rump.New(c).Named(cfg.Name), nil
	}
	k, err := p.await(ctx, func(ctx context.Context) (*rump.Kernel, error) { return connect(ctx, cfg.Program) })
	if err != nil {
		p.stop(context.WithoutCancel(ctx))
		return nil, err
	}
	return &Instance{Kernel: k, URL: u.String(), Connect: connect, console: p.console.String, stop: p.stop}, nil
}

// findServer returns the rump_server to start.
func findServer(cfg Config) (string, error) {
	getenv := cfg.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	name := cfg.Server
	if name == "" {
		name = getenv("RUMP_SERVER_BIN")
	}
	if name == "" {
		name = "rump_server"
	}
	bin, err := exec.LookPath(name)
	if err != nil {
		return "", &MissingError{KindProcess, name + " was not found",
			"install NetBSD's rump kernels (https://github.com/rumpkernel/buildrump.sh) and put rump_server on PATH or its path into RUMP_SERVER_BIN"}
	}
	return bin, nil
}

// process is a running rump_server.
type process struct {
	name    string
	dir     string
	cmd     *exec.Cmd
	console *tail
	exited  chan struct{} // closed when the process has ended
}

// start starts the process and waits for its end in the background. Both is done
// by one thread, which lasts as long: the signal which ends the process when its
// parent dies is sent when the thread dies that made it.
func (p *process) start() error {
	p.exited = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.cmd.Wait() // how it ended is in ProcessState
			close(p.exited)
		}
	}()
	return <-started
}

// An ExitedError says that a kernel's process ended by itself.
type ExitedError struct {
	Kernel  string
	Status  string // how it ended: "exit status 1"
	Console string // the last it printed
}

func (e *ExitedError) Error() string {
	s := fmt.Sprintf("%s: rump_server ended: %s", e.Kernel, e.Status)
	if c := strings.TrimSpace(e.Console); c != "" {
		s += "; its last words:\n\t" + strings.ReplaceAll(c, "\n", "\n\t")
	}
	return s
}

// await connects again and again until the kernel answers.
func (p *process) await(ctx context.Context, connect func(context.Context) (*rump.Kernel, error)) (*rump.Kernel, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	pause := time.Millisecond
	for {
		k, err := connect(ctx)
		if err == nil {
			return k, nil
		}
		t := time.NewTimer(pause)
		select {
		case <-p.exited:
			t.Stop()
			return nil, &ExitedError{p.name, p.cmd.ProcessState.String(), p.console.String()}
		case <-ctx.Done():
			t.Stop()
			return nil, fmt.Errorf("%s: rump_server does not answer: %w", p.name, err)
		case <-t.C:
		}
		pause = min(2*pause, 20*time.Millisecond)
	}
}

// stop ends the process: by SIGTERM, and if that does not help by SIGKILL.
func (p *process) stop(ctx context.Context) error {
	defer os.RemoveAll(p.dir)
	p.cmd.Process.Signal(os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	select {
	case <-p.exited:
	case <-ctx.Done():
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("%s: end rump_server: %w", p.name, err)
		}
		<-p.exited
	}
	return nil
}
