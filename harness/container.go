//go:build !netbsd

package harness

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/ory/dockertest/v3/docker"

	"github.com/rumpkernel/rumpscript/harness/image"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// startContainer starts a container of a Docker engine.
func startContainer(ctx context.Context, cfg Config, f *folder, con *console) (*launched, error) {
	name := cfg.Target.Image
	if name == "" {
		name = image.ServerName
	}
	eng, err := openEngine(ctx, cfg.Getenv)
	if err != nil {
		return nil, err
	}
	img, err := eng.image(ctx, name)
	if err != nil {
		return nil, err
	}
	port, err := checkContract(name, img, image.ContractServer)
	if err != nil {
		return nil, err
	}
	if len(cfg.Disks) > 0 && !eng.sharesFiles() {
		return nil, &UnsupportedError{KindContainer, "the engine at " + eng.endpoint + " does not see our files, and so has no disks for the kernel"}
	}
	if cfg.Network == "" {
		cfg.Network = "tcp"
		if eng.sharesFiles() {
			cfg.Network = "unix"
		}
	}

	buses := f.buses(cfg.BusDir)
	opts := containerOptions(cfg, f, eng)
	opts.Config.Image = name
	host := opts.HostConfig
	volume := ""
	if eng.sharesFiles() {
		// By its own name, too, so that the path of a bus is the same to all.
		host.Mounts = append(host.Mounts, bind(buses, image.BusDir, false), bind(buses, buses, false))
	} else {
		volume = fmt.Sprintf("%sbus-%.16x", folderPrefix, sha256.Sum256([]byte(buses)))
		buses = ""
		host.Mounts = append(host.Mounts, docker.HostMount{Type: "volume", Source: volume, Target: image.BusDir,
			VolumeOptions: &docker.VolumeOptions{Labels: opts.Config.Labels}})
	}
	opts.Config.WorkingDir = image.BusDir
	opts.Config.Tty = true // as in command.onTerminal
	if err := mountDisks(&cfg, host); err != nil {
		return nil, err
	}

	u := sysproxy.URL{Network: "unix", Address: f.socket()}
	arg := "unix://" + image.SocketDir + "/" + socketFile
	if cfg.Network == "tcp" {
		arg = fmt.Sprintf("tcp://0:%d/", port)
		publish(cfg, opts, port)
	} else {
		host.NetworkMode = "none"
		host.Mounts = append(host.Mounts, bind(filepath.Dir(f.socket()), image.SocketDir, false))
	}
	opts.Config.Cmd = append(serverArgs(cfg, containerDisk), arg)

	m, err := runContainer(ctx, cfg, eng, con, opts)
	if err != nil {
		return nil, err
	}
	m.volume = volume
	if cfg.Network == "tcp" {
		if u.Address, err = m.published(ctx, port); err != nil {
			return nil, errors.Join(err, takeDown(context.WithoutCancel(ctx), m, nil))
		}
		u.Network = "tcp"
	}
	return &launched{machine: m, connect: connectorTo(u, cfg), url: u.String(), busDir: buses}, nil
}

// containerOptions returns what all our containers have in common: they may do
// no more than a program has to, and say whose they are.
func containerOptions(cfg Config, f *folder, eng *engine) *docker.CreateContainerOptions {
	host := &docker.HostConfig{
		CapDrop:        []string{"ALL"},
		SecurityOpt:    []string{"no-new-privileges"},
		ReadonlyRootfs: true,
		PidsLimit:      cfg.Limits.PIDs,
		LogConfig:      docker.LogConfig{Type: "json-file"},
	}
	if host.PidsLimit == 0 {
		host.PidsLimit = 1024
	}
	if cfg.Limits.Memory != 0 {
		host.Memory = cfg.Limits.Memory
		host.MemorySwap = cfg.Limits.Memory // together with memory: no swap
	}
	if cfg.Limits.CPUs != 0 {
		host.CPUPeriod = 100_000
		host.CPUQuota = int64(cfg.Limits.CPUs * 100_000)
	}
	return &docker.CreateContainerOptions{
		Name: filepath.Base(f.path),
		Config: &docker.Config{
			User: eng.user(),
			Env:  cfg.Env,
			Labels: map[string]string{
				labelRun:    f.path,
				labelHost:   hostID(),
				labelKernel: cfg.Name,
			},
		},
		HostConfig: host,
	}
}

func bind(source, target string, readOnly bool) docker.HostMount {
	return docker.HostMount{Type: "bind", Source: source, Target: target, ReadOnly: readOnly}
}

// mountDisks mounts the disks' files. rump_server makes a file, or makes it
// longer, where it is asked to; a container cannot on its host, and so it is
// done here.
func mountDisks(cfg *Config, host *docker.HostConfig) error {
	for n, d := range cfg.Disks {
		if d.Size != 0 {
			if err := ensureSize(d.Path, d.Offset+d.Size); err != nil {
				return fmt.Errorf("%s: make disk %s: %w", cfg.Name, d.Key, err)
			}
		}
		host.Mounts = append(host.Mounts, bind(d.Path, containerDisk(n, d), false))
	}
	return nil
}

func containerDisk(n int, _ Disk) string { return image.DiskDir + "/" + strconv.Itoa(n) }

// publish publishes a container's port.
func publish(cfg Config, opts *docker.CreateContainerOptions, port int) {
	address := cfg.Publish
	if address == "" {
		address = "127.0.0.1"
	}
	hostPort := "" // any
	if cfg.Port != 0 {
		hostPort = strconv.Itoa(cfg.Port)
	}
	p := docker.Port(fmt.Sprintf("%d/tcp", port))
	opts.Config.ExposedPorts = map[docker.Port]struct{}{p: {}}
	opts.HostConfig.PortBindings = map[docker.Port][]docker.PortBinding{p: {{HostIP: address, HostPort: hostPort}}}
}
