//go:build !netbsd

package harness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ory/dockertest/v3/docker"
)

// containerMachine is a container as a machine.
type containerMachine struct {
	eng      *engine
	name     string // the kernel's
	id       string
	what     string
	terminal bool   // whether it prints to a terminal
	volume   string // to be removed with it, if nobody else uses it
	done     chan struct{}
	how      string // how it ended, once done is closed

	cancel context.CancelFunc // of the goroutines which watch it
	watch  sync.WaitGroup
}

// createTimeout is how long an engine may take to create a container.
const createTimeout = 30 * time.Second

// runContainer creates and starts a container and watches it. If it fails it
// leaves none.
func runContainer(ctx context.Context, cfg Config, eng *engine, con *console, opts *docker.CreateContainerOptions) (*containerMachine, error) {
	// Not to be interrupted: who does not hear the answer cannot remove what has
	// been created.
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), createTimeout)
	defer cancel()
	opts.Context = cctx
	c, err := eng.CreateContainer(*opts)
	if err != nil {
		return nil, fmt.Errorf("%s: create a container of %s: %w", cfg.Name, opts.Config.Image, err)
	}
	m := &containerMachine{eng: eng, name: cfg.Name, id: c.ID, what: "the container of " + opts.Config.Image, terminal: opts.Config.Tty, done: make(chan struct{})}
	if err := eng.StartContainerWithContext(c.ID, nil, ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, errors.Join(fmt.Errorf("%s: start a container of %s: %w", cfg.Name, opts.Config.Image, err),
			m.discard(context.WithoutCancel(ctx)))
	}
	var wctx context.Context
	wctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	logged := make(chan struct{})
	m.watch.Go(func() { defer close(logged); m.follow(wctx, con) })
	m.watch.Go(func() { m.wait(wctx, logged) })
	return m, nil
}

// retryPause is the pause before an engine is asked again that did not answer.
const retryPause = 200 * time.Millisecond

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// follow copies what the container prints. When the engine goes away and comes
// back it goes on from there.
func (m *containerMachine) follow(ctx context.Context, con *console) {
	var since int64
	for ctx.Err() == nil {
		err := m.eng.Logs(docker.LogsOptions{
			Context: ctx, Container: m.id, OutputStream: con, ErrorStream: con,
			Stdout: true, Stderr: true, Follow: true, Since: since, RawTerminal: m.terminal,
		})
		var gone *docker.NoSuchContainer
		if err == nil || errors.As(err, &gone) || ctx.Err() != nil {
			return
		}
		since = time.Now().Unix()
		pause(ctx, retryPause)
	}
}

// wait waits for the container's end, over the engine's own end if need be.
func (m *containerMachine) wait(ctx context.Context, logged <-chan struct{}) {
	for {
		code, err := m.eng.WaitContainerWithContext(m.id, ctx)
		var gone *docker.NoSuchContainer
		switch {
		case err == nil:
			m.how = fmt.Sprintf("exit status %d", code)
		case errors.As(err, &gone):
			m.how = "somebody removed it"
		case ctx.Err() != nil:
			return
		default:
			pause(ctx, retryPause)
			continue
		}
		// What it said last is often why.
		select {
		case <-logged:
		case <-time.After(time.Second):
		}
		close(m.done)
		return
	}
}

// published returns the address at which a port of the container is reached.
func (m *containerMachine) published(ctx context.Context, port int) (string, error) {
	c, err := m.eng.InspectContainerWithContext(m.id, ctx)
	if err != nil {
		return "", fmt.Errorf("%s: look at the container: %w", m.name, err)
	}
	if c.NetworkSettings != nil {
		for _, b := range c.NetworkSettings.Ports[docker.Port(fmt.Sprintf("%d/tcp", port))] {
			return m.eng.reachable(b.HostIP, b.HostPort), nil
		}
	}
	return "", fmt.Errorf("%s: the engine has not published port %d (is the container still there? %s)", m.name, port, c.State.String())
}

func (m *containerMachine) program() string         { return m.what }
func (m *containerMachine) exited() <-chan struct{} { return m.done }

func (m *containerMachine) status() string {
	select {
	case <-m.done:
		return m.how
	default:
		return "running"
	}
}

func (m *containerMachine) interrupt(ctx context.Context) error {
	return m.signal(ctx, docker.SIGINT)
}

func (m *containerMachine) kill(ctx context.Context) error {
	return m.signal(ctx, docker.SIGKILL)
}

func (m *containerMachine) signal(ctx context.Context, s docker.Signal) error {
	err := m.eng.KillContainer(docker.KillContainerOptions{ID: m.id, Signal: s, Context: ctx})
	var gone *docker.NoSuchContainer
	var idle *docker.ContainerNotRunning
	if errors.As(err, &gone) || errors.As(err, &idle) {
		return nil
	}
	return err
}

func (m *containerMachine) remove(ctx context.Context) error {
	err := m.discard(ctx)
	m.cancel()
	m.watch.Wait()
	return err
}

// removeTimeout is how long an engine that does not answer is asked to remove a
// container before that is left to Leftovers.
const removeTimeout = 10 * time.Second

// discard removes the container.
func (m *containerMachine) discard(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, removeTimeout)
	defer cancel()
	for {
		err := removeContainer(ctx, m.eng, m.id)
		if err == nil {
			break
		}
		if ctx.Err() == nil {
			var refused *docker.Error // by an engine that is there
			if !errors.As(err, &refused) || refused.Status >= 500 {
				pause(ctx, retryPause)
				continue
			}
		}
		return fmt.Errorf("remove container %.12s: %w", m.id, err)
	}
	if m.volume != "" {
		removeVolume(ctx, m.eng, m.volume)
	}
	return nil
}

// removeContainer removes a container and what only it has.
func removeContainer(ctx context.Context, eng *engine, id string) error {
	err := eng.RemoveContainer(docker.RemoveContainerOptions{ID: id, Force: true, RemoveVolumes: true, Context: ctx})
	var gone *docker.NoSuchContainer
	if errors.As(err, &gone) {
		return nil
	}
	return err
}

// removeVolume removes a volume unless somebody uses it, and reports whether it did.
func removeVolume(ctx context.Context, eng *engine, name string) (bool, error) {
	err := eng.RemoveVolumeWithOptions(docker.RemoveVolumeOptions{Name: name, Context: ctx})
	if errors.Is(err, docker.ErrNoSuchVolume) || errors.Is(err, docker.ErrVolumeInUse) {
		return false, nil
	}
	return err == nil, err
}
