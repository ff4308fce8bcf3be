package harness

import (
	"context"

	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// attach connects to a server that is there.
func attach(ctx context.Context, cfg Config) (*Instance, error) {
	connect := func(ctx context.Context, program string) (*rump.Kernel, error) {
		d := sysproxy.Dialer{Program: program}
		c, err := d.DialURL(ctx, cfg.Target.URL)
		if err != nil {
			return nil, err
		}
		return rump.New(c).Named(cfg.Name), nil
	}
	k, err := connect(ctx, cfg.Program)
	if err != nil {
		return nil, err
	}
	return &Instance{Kernel: k, URL: cfg.Target.URL.String(), Connect: connect}, nil
}
