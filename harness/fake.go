package harness

import (
	"context"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// startFake makes a fake kernel inside the process.
func startFake(ctx context.Context, cfg Config) (*Instance, error) {
	fake, err := fakeserver.New(fakeserver.Config{Components: cfg.Components})
	if err != nil {
		return nil, err
	}
	connect := func(ctx context.Context, program string) (*rump.Kernel, error) {
		d := sysproxy.Dialer{Program: program, DialContext: fake.DialContext}
		c, err := d.DialURL(ctx, sysproxy.URL{Network: "fake", Address: cfg.Name})
		if err != nil {
			return nil, err
		}
		return rump.New(c).Named(cfg.Name), nil
	}
	k, err := connect(ctx, cfg.Program)
	if err != nil {
		fake.Close()
		return nil, err
	}
	return &Instance{
		Kernel:  k,
		Connect: connect,
		exposed: exposed{serve: fake.Serve},
		stop:    func(context.Context) error { return fake.Close() },
	}, nil
}
