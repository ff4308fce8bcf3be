package harness

import "context"

// attach connects to a server that is there.
func attach(ctx context.Context, cfg Config) (*Instance, error) {
	connect := connectorTo(cfg.Target.URL, cfg)
	k, err := connect(ctx, cfg.Program)
	if err != nil {
		return nil, err
	}
	return &Instance{Kernel: k, Target: cfg.Target, Name: cfg.Name, URL: cfg.Target.URL.String(), Connect: connect, calls: cfg.calls}, nil
}
