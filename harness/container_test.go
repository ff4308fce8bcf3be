//go:build linux

package harness

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ory/dockertest/v3/docker"

	"github.com/rumpkernel/rumpscript/harness/image"
	"github.com/rumpkernel/rumpscript/netbsd"
)

// inspect returns what the engine knows of a kernel's container.
func inspect(t *testing.T, in *Instance) *docker.Container {
	t.Helper()
	m := in.machine.(*containerMachine)
	c, err := m.eng.InspectContainerWithContext(m.id, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContainerHasNoPrivileges(t *testing.T) {
	in := StartT(t, Config{Target: containerTarget(t), Network: "tcp", Limits: Limits{Memory: 256 << 20, CPUs: 0.5, PIDs: 100}})
	c := inspect(t, in)
	h := c.HostConfig
	if h.Privileged || !slices.Equal(h.CapDrop, []string{"ALL"}) || len(h.CapAdd) > 0 || !h.ReadonlyRootfs || !slices.Contains(h.SecurityOpt, "no-new-privileges") {
		t.Errorf("its privileges: %+v", h)
	}
	if h.Memory != 256<<20 || h.MemorySwap != 256<<20 || h.CPUQuota != 50_000 || h.PidsLimit != 100 {
		t.Errorf("its limits: %d, %d, %d, %d", h.Memory, h.MemorySwap, h.CPUQuota, h.PidsLimit)
	}
	for port, bindings := range c.NetworkSettings.Ports {
		for _, b := range bindings {
			if b.HostIP != "127.0.0.1" {
				t.Errorf("port %s is published at %s", port, b.HostIP)
			}
		}
	}
	if !strings.HasPrefix(in.URL, "tcp://127.0.0.1:") {
		t.Errorf("its URL is %s", in.URL)
	}

	in = StartT(t, Config{Target: in.Target})
	if c := inspect(t, in); c.HostConfig.NetworkMode != "none" || len(c.HostConfig.PortBindings) > 0 {
		t.Errorf("with a socket it has a network: %s, %v", c.HostConfig.NetworkMode, c.HostConfig.PortBindings)
	}
}

func TestContainerDisks(t *testing.T) {
	for name, target := range map[string]func(*testing.T) Target{"fake": containerTarget, "server": serverTarget} {
		t.Run(name, func(t *testing.T) {
			made, there := filepath.Join(t.TempDir(), "made"), filepath.Join(t.TempDir(), "there")
			if err := os.WriteFile(there, slices.Repeat([]byte("disk"), 128), 0o600); err != nil {
				t.Fatal(err)
			}
			in := StartT(t, Config{Target: target(t), Components: []string{"rumpvfs", "rumpdev", "rumpdev_disk"},
				Disks: []Disk{{Key: "/made", Path: made, Size: 1 << 20}, {Key: "/there", Path: there, Type: "reg"}}})
			f, err := in.Kernel.Open(t.Context(), "/there", netbsd.O_RDONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			b := make([]byte, 8)
			if _, err := io.ReadFull(f, b); err != nil || string(b) != "diskdisk" {
				t.Errorf("the disk has %q, %v", b, err)
			}
			if fi, err := os.Stat(made); err != nil || fi.Size() != 1<<20 {
				t.Errorf("the disk is %v, %v", fi, err)
			}
		})
	}
}

// The failures of a container, each on purpose.
func TestContainerFailures(t *testing.T) {
	target := containerTarget(t)
	bin := must(build())
	variant := func(name string, change func(*image.Image)) Target {
		im := must(image.Fake(bin))
		change(im)
		return Target{Kind: KindContainer, Image: load(t, name, im)}
	}
	taken := must(net.Listen("tcp", "127.0.0.1:0"))
	defer taken.Close()

	for _, tt := range []struct {
		name string
		cfg  Config
		want string
		is   func(error) bool
	}{
		{"no engine", Config{Target: target, Getenv: environment("DOCKER_HOST=unix:///nonexistent/docker.sock")}, "no Docker engine answers at unix:///nonexistent/docker.sock", as[*MissingError]},
		{"no image", Config{Target: Target{Kind: KindContainer, Image: "rumpscript/nonesuch"}}, "the engine has no image rumpscript/nonesuch", as[*MissingError]},
		{"no contract", Config{Target: variant("lawless", func(im *image.Image) { im.Labels = nil })}, "no label " + image.LabelContract, as[*ContractError]},
		{"another contract", Config{Target: variant("qemu", func(im *image.Image) { im.Labels[image.LabelContract] = image.ContractQEMU })}, "server-1 is wanted", as[*ContractError]},
		{"bad port", Config{Target: variant("port", func(im *image.Image) { im.Labels[image.LabelPort] = "http" })}, `"http", which is no port`, as[*ContractError]},
		{"no program", Config{Target: variant("empty", func(im *image.Image) { im.Entrypoint = []string{"/nonesuch"} })}, "start a container", nil},
		{"another program", Config{Target: variant("other", func(im *image.Image) { im.Entrypoint = []string{"/rumpscript", "doc", "nonesuch"} })}, "ended: exit status", as[*ExitedError]},
		{"port taken", Config{Target: target, Network: "tcp", Port: taken.Addr().(*net.TCPAddr).Port}, "start a container", nil},
		{"bad option", Config{Target: target, Disks: []Disk{{Key: "/a,b", Path: bin}}}, "its console says last:", as[*ExitedError]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, err := Start(t.Context(), tt.cfg)
			if err == nil {
				in.Stop(t.Context())
				t.Fatal("it starts")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v", err)
			}
			if tt.is != nil && !tt.is(err) {
				t.Errorf("the error is a %T", err)
			}
		})
	}
	if left := runFolders(t); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if left := ourContainers(t); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// ourContainers returns the containers whose runs have folders of this test.
func ourContainers(t *testing.T) []string {
	t.Helper()
	eng := must(openEngine(t.Context(), os.Getenv))
	all, err := eng.ListContainers(docker.ListContainersOptions{All: true, Context: t.Context()})
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for _, c := range all {
		if strings.HasPrefix(c.Labels[labelRun], os.TempDir()) {
			ours = append(ours, c.ID[:12])
		}
	}
	return ours
}

// A runner that is killed leaves a container, which is found and removed; one of
// a run that lives is not.
func TestContainerLeftovers(t *testing.T) {
	target := containerTarget(t)
	alive := StartT(t, Config{Target: target})
	cmd, url := player(t, "wait", target)
	if found := orphans(t); len(found) > 0 {
		t.Errorf("while it lives, leftovers are %v", found)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if n := len(ourContainers(t)); n != 2 {
		t.Fatalf("there are %d containers", n)
	}
	found := orphans(t)
	var what []string
	for _, l := range found {
		what = append(what, l.What)
		if err := l.Remove(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(what, []string{"container", "folder"}) {
		t.Errorf("the leftovers of %s are %v", url, found)
	}
	if n := len(ourContainers(t)); n != 1 {
		t.Errorf("there are %d containers", n)
	}
	if _, err := alive.Kernel.Sysctl(t.Context(), "kern.ostype"); err != nil {
		t.Error(err)
	}
}

// orphans returns the leftovers of players.
func orphans(t *testing.T) []Leftover {
	t.Helper()
	found, err := Leftovers(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(l Leftover) bool { return l.Kernel != "orphan" })
}

// Somebody kills or removes the container.
func TestContainerThatDies(t *testing.T) {
	target := containerTarget(t)
	for name, end := range map[string]func(m *containerMachine) error{
		"exit status 137":    func(m *containerMachine) error { return m.kill(context.Background()) },
		"somebody removed i": func(m *containerMachine) error { return removeContainer(context.Background(), m.eng, m.id) },
	} {
		in := StartT(t, Config{Target: target, Name: "doomed"})
		in.MayEnd()
		if err := end(in.machine.(*containerMachine)); err != nil {
			t.Fatal(err)
		}
		<-in.Exited()
		// An engine may say first that the container has ended when it is removed.
		if err := in.Err(); !as[*ExitedError](err) || !strings.Contains(err.Error(), "doomed: the container of ") {
			t.Errorf("%s: the error is %v", name, err)
		}
		if err := in.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// An engine that goes away and comes back in between: here what stands in front
// of it does.
func TestEngineGoesAway(t *testing.T) {
	target := containerTarget(t)
	eng := must(openEngine(t.Context(), os.Getenv))
	path, ok := strings.CutPrefix(eng.endpoint, "unix://")
	if !ok {
		t.Skip("the engine is not at a Unix socket")
	}
	p := &proxy{to: path, at: filepath.Join(t.TempDir(), "engine")}
	if err := p.open(); err != nil {
		t.Fatal(err)
	}
	defer p.close()
	in, err := Start(t.Context(), Config{Target: target, Getenv: environment("DOCKER_HOST=unix://" + p.at)})
	if err != nil {
		t.Fatal(err)
	}
	p.close()
	if _, err := in.Kernel.Sysctl(t.Context(), "kern.ostype"); err != nil {
		t.Errorf("without its engine: %v", err)
	}
	if err := in.Err(); err != nil {
		t.Errorf("without its engine: %v", err)
	}
	if err := p.open(); err != nil {
		t.Fatal(err)
	}
	if err := in.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if left := ourContainers(t); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// proxy stands in front of an engine, and can go away.
type proxy struct {
	to, at string

	mu    sync.Mutex
	l     net.Listener
	conns []net.Conn
	wg    sync.WaitGroup
}

func (p *proxy) open() (err error) {
	if p.l, err = net.Listen("unix", p.at); err != nil {
		return err
	}
	l := p.l
	p.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.pass(c)
		}
	})
	return nil
}

func (p *proxy) pass(c net.Conn) {
	e, err := net.Dial("unix", p.to)
	if err != nil {
		c.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, c, e)
	p.mu.Unlock()
	for _, pair := range [][2]net.Conn{{c, e}, {e, c}} {
		p.wg.Go(func() {
			io.Copy(pair[0], pair[1])
			pair[0].(*net.UnixConn).CloseWrite()
		})
	}
}

func (p *proxy) close() {
	p.l.Close()
	p.mu.Lock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
	p.mu.Unlock()
	p.wg.Wait()
}

func TestStartContainerGivesUpWithItsContext(t *testing.T) {
	target := containerTarget(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("no longer wanted")
	im := must(image.Fake(must(build())))
	im.Entrypoint = []string{"/rumpscript", "fake", "unix:///run/rumpscript/another"} // and so it never answers
	target.Image = load(t, "silent", im)
	time.AfterFunc(300*time.Millisecond, func() { cancel(why) })
	if in, err := Start(ctx, Config{Target: target}); err == nil {
		in.Stop(t.Context())
		t.Error("it starts")
	} else if !errors.Is(err, why) && !as[*ExitedError](err) {
		t.Errorf("the error is %v", err)
	}
	if left := ourContainers(t); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
