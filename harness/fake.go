package harness

import (
	"context"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/rump"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// fakeLog is how many system calls and how many packets a fake remembers.
const fakeLog = 1000

// startFake makes a fake kernel inside the process.
func startFake(_ context.Context, cfg Config, f *folder, con *console) (*launched, error) {
	buses := f.buses(cfg.BusDir)
	fc := fakeserver.Config{
		Components: cfg.Components,
		Memory:     cfg.Memory,
		BusDir:     buses,
		Console:    con,
		Seed:       cfg.Fake.Seed,
		Faults:     cfg.Fake.Faults,
		Limits:     cfg.Fake.Limits,
		CallLog:    fakeLog,
		PacketLog:  fakeLog,
	}
	if c := cfg.Fake.Clock; c != nil {
		fc.Clock = c
	}
	for _, d := range cfg.Disks {
		fc.Disks = append(fc.Disks, fakeserver.Disk{Key: d.Key, HostPath: d.Path, Type: fakeserver.DiskType(d.Type), Offset: d.Offset, Size: d.Size, Create: d.Size != 0})
	}
	k, err := fakeserver.New(fc)
	if err != nil {
		return nil, err
	}
	connect := func(ctx context.Context, program string) (*rump.Kernel, error) {
		d := cfg.dialer(program)
		d.DialContext = k.DialContext
		c, err := d.DialURL(ctx, sysproxy.URL{Network: "fake", Address: cfg.Name})
		if err != nil {
			return nil, err
		}
		return rump.New(c).Named(cfg.Name), nil
	}
	return &launched{machine: fakeMachine{k}, connect: connect, busDir: buses, serve: k.Serve}, nil
}

// fakeMachine is a fake kernel as a machine.
type fakeMachine struct{ k *fakeserver.Kernel }

func (m fakeMachine) program() string                 { return "the fake kernel" }
func (m fakeMachine) exited() <-chan struct{}         { return m.k.Done() }
func (m fakeMachine) interrupt(context.Context) error { m.k.Halt(); return nil }
func (m fakeMachine) kill(context.Context) error      { return m.k.Close() }
func (m fakeMachine) remove(context.Context) error    { return m.k.Close() }

func (m fakeMachine) status() string {
	if err := m.k.Err(); err != nil {
		return err.Error()
	}
	return "running"
}
