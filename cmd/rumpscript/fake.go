package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

// fakeFlags are rump_server's.
type fakeFlags struct {
	components []string
	disks      []string
	modules    []string
	memory     string
	cpus       int
	foreground bool
	verbose    bool
	hostname   string
	busDir     string
	seed       uint64
	faults     []string
	limits     []string
}

// fakeCommand serves a fake kernel. Its command line is that of rump_server(1),
// so that it can stand in for it in scripts.
func (a *app) fakeCommand() *cobra.Command {
	var f fakeFlags
	cmd := &cobra.Command{
		Use:   "fake [OPTION...] URL",
		Short: "Serve a fake rump kernel until interrupted",
		Long: `fake serves a fake rump kernel at a URL until it is interrupted or halted. It
prints the URL when it is ready. Its options are rump_server's. Through a link
named rump_server it is in its place: it prints nothing, goes to the background
unless it is given -s, and has no components but those of -l.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := f.config()
			if err != nil {
				return err
			}
			cfg.Verbose = f.verbose || isSet(a.getenv("RUMP_VERBOSE"))
			// rump_server's standard output is the kernel's console; ours has the URL.
			cfg.Console = a.stderr
			if a.standIn {
				cfg.Console = a.stdout
				if cfg.Components == nil {
					cfg.Components = []string{} // a rump_server has what it is told to have
				}
			}
			return a.serveFake(cfg, args[0], f.foreground)
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVarP(&f.components, "component", "l", nil, "make the kernel of these components, such as -lrumpnet_shmif (default all)")
	fl.StringArrayVarP(&f.disks, "disk", "d", nil, "make a host file a disk: key=/dev/x,hostpath=FILE,size=host|BYTES[,offset=BYTES][,type=blk|chr|reg]")
	fl.StringArrayVarP(&f.modules, "module", "m", nil, "load a kernel module: a fake cannot, and says so")
	fl.StringVarP(&f.memory, "memory", "r", "", "how much memory the kernel has, such as 64m")
	fl.IntVarP(&f.cpus, "cpus", "c", 0, "how many processors the kernel has: taken and ignored")
	fl.BoolVarP(&f.foreground, "foreground", "s", false, "stay in the foreground when run as rump_server")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print what kernel it is when it boots ($RUMP_VERBOSE)")
	fl.StringVar(&f.hostname, "hostname", "", "the kernel's name, kern.hostname")
	fl.StringVar(&f.busDir, "bus-dir", "", "the folder of buses with relative names (default the working folder)")
	fl.Uint64Var(&f.seed, "seed", 0, "what the kernel's random numbers come from (default they differ each time)")
	fl.StringArrayVar(&f.faults, "fault", nil, "what is to go wrong: call=NAME|NUMBER|any[,skip=N][,count=N][,delay=TIME][,errno=NAME|,panic=MESSAGE|,halt] or conn=N|any[,frame=N][,after=BYTES][,delay=TIME][,cut|,drop] or bus[,loss=P][,duplicate=P][,reorder=P][,corrupt=P][,delay=TIME][,jitter=TIME][,seed=N]")
	fl.StringArrayVar(&f.limits, "limit", nil, "what can run out: descriptors=N, files=N, memory=BYTES, space=BYTES, mbufs=N, with commas between them")
	return cmd
}

// isSet reports whether a variable says yes to a rump kernel.
func isSet(value string) bool { return value != "" && value[0] != '0' }

func (f fakeFlags) config() (fakeserver.Config, error) {
	cfg := fakeserver.Config{Hostname: f.hostname, BusDir: f.busDir, Seed: f.seed}
	if len(f.modules) > 0 {
		return cfg, errors.New("-m: a fake kernel runs no NetBSD code, and so no modules")
	}
	for _, c := range f.components {
		// As dlopen(3) has it: a name, or the path of a library of that name.
		name := c[strings.LastIndexByte(c, '/')+1:]
		name = strings.TrimPrefix(name, "lib")
		name, _, _ = strings.Cut(name, ".so")
		cfg.Components = append(cfg.Components, name)
	}
	for _, spec := range f.disks {
		d, err := fakeserver.ParseDisk(spec)
		if err != nil {
			return cfg, err
		}
		cfg.Disks = append(cfg.Disks, d)
	}
	for _, spec := range f.faults {
		rules, err := fakeserver.ParseFault(spec)
		if err != nil {
			return cfg, err
		}
		cfg.Faults.Calls = append(cfg.Faults.Calls, rules.Calls...)
		cfg.Faults.Conns = append(cfg.Faults.Conns, rules.Conns...)
		if rules.Bus != nil {
			cfg.Faults.Bus = rules.Bus
		}
	}
	if len(f.limits) > 0 {
		l, err := fakeserver.ParseLimits(strings.Join(f.limits, ","))
		if err != nil {
			return cfg, err
		}
		cfg.Limits = l
	}
	if f.memory != "" {
		n, err := fakeserver.ParseSize(f.memory)
		if err != nil {
			return cfg, fmt.Errorf("-r %s: %w", f.memory, err)
		}
		cfg.Memory = n
	}
	return cfg, nil
}

func (a *app) serveFake(cfg fakeserver.Config, url string, foreground bool) error {
	if a.standIn && !foreground {
		return a.background()
	}
	k, err := fakeserver.New(cfg)
	if err != nil {
		return err
	}
	defer k.Close()
	l, err := a.listen(url)
	if err != nil {
		return err
	}
	a.ready(sysproxy.ListenerURL(l))
	if err := k.Serve(a.ctx, l); err != nil && !errors.Is(err, sysproxy.ErrClosed) && a.ctx.Err() == nil {
		return asFailure(err)
	}
	return nil
}
