//go:build !netbsd

package harness

import (
	"context"
	"errors"
	"fmt"

	"github.com/ory/dockertest/v3/docker"

	"github.com/rumpkernel/rumpscript/harness/image"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// startQEMUContainer starts a unikernel under the QEMU of an image. It emulates:
// a container of ours gets no devices.
func startQEMUContainer(ctx context.Context, cfg Config, f *folder, con *console) (*launched, error) {
	eng, err := openEngine(ctx, cfg.Getenv)
	if err != nil {
		var missing *MissingError
		if errors.As(err, &missing) {
			missing.Kind = KindRumprun
		}
		return nil, err
	}
	if !eng.sharesFiles() {
		return nil, &UnsupportedError{KindRumprun, "the engine at " + eng.endpoint + " does not see our files, and so not the unikernel"}
	}
	if len(cfg.Disks) > 0 {
		return nil, &UnsupportedError{KindRumprun, "disks in a container with QEMU: use a QEMU of this machine"}
	}
	img, err := eng.image(ctx, cfg.Rumprun.QEMUImage)
	if err != nil {
		return nil, err
	}
	if _, err := checkContract(cfg.Rumprun.QEMUImage, img, image.ContractQEMU); err != nil {
		return nil, err
	}
	const inside = image.KernelDir + "/kernel"
	args, err := qemuArgs(cfg, qemuSetup{accel: "tcg", hostForward: fmt.Sprintf("0.0.0.0:%d", image.DefaultPort), image: inside})
	if err != nil {
		return nil, err
	}
	opts := containerOptions(cfg, f, eng)
	opts.Config.Image = cfg.Rumprun.QEMUImage
	opts.Config.Cmd = args
	opts.HostConfig.Mounts = []docker.HostMount{bind(cfg.Target.Image, inside, true)}
	if linux, err := isLinux(cfg.Target.Image); err == nil && linux {
		opts.HostConfig.Mounts = append(opts.HostConfig.Mounts, bind(initrdOf(cfg.Target.Image), initrdOf(inside), true))
	}
	publish(cfg, opts, image.DefaultPort)
	ready, halted := con.expect(markListening), con.expect(markHalted)
	m, err := runContainer(ctx, cfg, eng, con, opts)
	if err != nil {
		return nil, err
	}
	address, err := m.published(ctx, image.DefaultPort)
	if err != nil {
		return nil, errors.Join(err, takeDown(context.WithoutCancel(ctx), m, nil))
	}
	u := sysproxy.URL{Network: "tcp", Address: address}
	return &launched{machine: m, connect: connectorTo(u, cfg), url: u.String(), ready: ready, halted: halted}, nil
}
