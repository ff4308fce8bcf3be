package shell

import (
	"context"
	"path/filepath"
	"strings"

	"mvdan.cc/sh/v3/interp"
)

// The shell keeps what must follow a subshell in variables, as only they do.
const (
	varPrefix = "__rumpscript_"

	jobVar   = varPrefix + "job"   // the job that this is, empty for none
	forkVar  = varPrefix + "fork"  // the job that is about to start
	umaskVar = varPrefix + "umask" // in octal, empty for the default

	hostDirVar = "HOSTPWD" // the working folder of the host's programs, if it was changed
)

// trapVar is the variable with the action for a signal.
func trapVar(signal string) string { return varPrefix + "trap_" + signal }

// hostDir returns the working folder of the host's programs.
func (sh *Shell) hostDir(hc *interp.HandlerContext) string {
	if sh.cfg.HostFiles {
		return hc.Dir
	}
	if v := hc.Env.Get(hostDirVar); v.IsSet() && filepath.IsAbs(v.String()) {
		return v.String()
	}
	return sh.cfg.HostDir
}

// kernelDir returns the working folder of the utilities.
func (sh *Shell) kernelDir(hc *interp.HandlerContext) string {
	if sh.cfg.HostFiles {
		return "/"
	}
	return hc.Dir
}

// kernel returns the kernel that commands go to.
func (sh *Shell) kernel(hc *interp.HandlerContext) (*kernel, error) {
	return sh.kernels.at(hc.Env.Get("RUMP_SERVER").String(), sh.hostDir(hc))
}

// hostPrefix makes the name in a redirection one of the host.
const hostPrefix = "host:"

// place decides which file a name means: one of the host, or one of the kernel.
// Names that the interpreter has made absolute may still have the prefix.
func (sh *Shell) place(hc *interp.HandlerContext, name string) (path string, host bool) {
	dir := hc.Dir
	if !strings.HasSuffix(dir, "/") {
		dir += "/"
	}
	rel, ok := strings.CutPrefix(strings.TrimPrefix(name, dir), hostPrefix)
	if ok {
		if rel == "" {
			rel = "."
		}
		if !filepath.IsAbs(rel) {
			rel = filepath.Join(sh.hostDir(hc), rel)
		}
		return rel, true
	}
	if name != "" && !filepath.IsAbs(name) {
		name = dir + name
	}
	return name, sh.cfg.HostFiles
}

// handler returns the interpreter's context of a call to a handler.
func handler(ctx context.Context) *interp.HandlerContext {
	hc := interp.HandlerCtx(ctx)
	return &hc
}
