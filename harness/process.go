package harness

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/rumpkernel/rumpscript/sysproxy"
)

// startProcess starts a rump_server.
func startProcess(ctx context.Context, cfg Config, f *folder, con *console) (*launched, error) {
	bin, err := findServer(cfg)
	if err != nil {
		return nil, err
	}
	u := sysproxy.URL{Network: "unix", Address: f.socket()}
	arg := u.String()
	if cfg.Network == "tcp" {
		port, err := freePort(ctx, cfg.Port)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cfg.Name, err)
		}
		u = sysproxy.URL{Network: "tcp", Address: fmt.Sprintf("127.0.0.1:%d", port)}
		arg = u.String() + "/"
	}
	buses := f.buses(cfg.BusDir)
	env := append([]string{weakSymbols}, cfg.Env...)
	what := "rump_server"
	if filepath.Base(bin) != what { // it may be anything
		what += " (" + bin + ")"
	}
	m := newCommand(what, f, con, env, bin, append(serverArgs(cfg, diskPath), arg)...)
	m.cmd.Dir = buses
	m.onTerminal()
	if err := m.start(); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name, err)
	}
	return &launched{machine: m, connect: connectorTo(u, cfg), url: u.String(), busDir: buses}, nil
}

// weakSymbols has to be in rump_server's environment where the dynamic linker is
// glibc's: otherwise weak stubs win over the components' own functions.
const weakSymbols = "LD_DYNAMIC_WEAK=1"

// findServer returns the rump_server to start.
func findServer(cfg Config) (string, error) {
	name := cfg.Server
	if name == "" {
		name = "rump_server"
	}
	bin, err := lookPath(KindProcess, "", name, "install NetBSD's rump kernels (https://github.com/rumpkernel/buildrump.sh) and put rump_server on PATH or its path into RUMP_SERVER_BIN")
	if err != nil {
		return "", err
	}
	return filepath.Abs(bin)
}

// serverArgs returns the arguments of rump_server but for the URL. hostPath says
// where the n-th disk's file is, as rump_server sees it.
func serverArgs(cfg Config, hostPath func(n int, d Disk) string) []string {
	args := []string{"-s"} // stay in the foreground, so that the console is ours
	components := cfg.Components
	if components == nil {
		components = DefaultComponents()
	}
	for _, c := range components {
		args = append(args, "-l"+c)
	}
	if cfg.Memory != 0 {
		args = append(args, "-r", strconv.FormatInt(cfg.Memory, 10))
	}
	for n, d := range cfg.Disks {
		spec := fmt.Sprintf("key=%s,hostpath=%s,size=", d.Key, hostPath(n, d))
		if d.Size == 0 {
			spec += "host"
		} else {
			spec += strconv.FormatInt(d.Size, 10) // with a unit some would take it for bytes
		}
		if d.Offset != 0 {
			spec += fmt.Sprintf(",offset=%d", d.Offset)
		}
		if d.Type != "" {
			spec += ",type=" + d.Type
		}
		args = append(args, "-d", spec)
	}
	return args
}

func diskPath(_ int, d Disk) string { return d.Path }
