package shell

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mvdan.cc/sh/v3/interp"
)

// hijackLibrary is what a program's system calls go through.
const hijackLibrary = "librumphijack.so"

// libraryFolders are where a host has its libraries.
func libraryFolders() []string {
	return []string{
		"/usr/local/lib", "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/pkg/lib",
		"/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
	}
}

// A HijackError says that librumphijack was not found.
type HijackError struct{ Looked []string }

func (e *HijackError) Error() string {
	return fmt.Sprintf("%s was not found (looked in %s): build NetBSD's rump kernels (https://github.com/rumpkernel/buildrump.sh), and put its path into RUMPHIJACK_LIB",
		hijackLibrary, strings.Join(e.Looked, ", "))
}

// FindHijack returns the path of librumphijack: what RUMPHIJACK_LIB says, or
// else it is in a folder of LD_LIBRARY_PATH, near the rump_server of PATH, or
// where the host has its libraries.
func FindHijack(getenv func(string) string) (string, error) {
	if lib := getenv("RUMPHIJACK_LIB"); lib != "" {
		path, err := filepath.Abs(lib)
		if err != nil {
			return "", err
		}
		if fi, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("RUMPHIJACK_LIB: %w", err)
		} else if fi.IsDir() {
			path = filepath.Join(path, hijackLibrary)
		}
		return path, nil
	}
	folders := filepath.SplitList(getenv("LD_LIBRARY_PATH"))
	for _, dir := range filepath.SplitList(getenv("PATH")) {
		server := filepath.Join(dir, "rump_server")
		if real, err := filepath.EvalSymlinks(server); err == nil {
			prefix := filepath.Dir(filepath.Dir(real))
			folders = append(folders, filepath.Join(prefix, "lib"), filepath.Join(prefix, "rump", "lib"))
		}
	}
	folders = append(folders, libraryFolders()...)
	for _, dir := range folders {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, hijackLibrary)
		if fi, err := os.Stat(path); err == nil && !fi.IsDir() {
			return path, nil
		}
	}
	return "", &HijackError{folders}
}

// hijackCommand runs a program of the host under librumphijack.
func (sh *Shell) hijackCommand(ctx context.Context, hc *interp.HandlerContext, args []string) error {
	if len(args) < 2 {
		fmt.Fprintln(hc.Stderr, "usage: hijack PROGRAM [ARG...]")
		return exitStatus(2)
	}
	return sh.program(ctx, hc, args[1:], programOptions{hijack: true})
}

// Hijack runs a program of the host under librumphijack and returns its exit status.
func (sh *Shell) Hijack(ctx context.Context, args []string) int {
	return sh.Script(ctx, sh.cfg.Name0, strings.NewReader("hijack "+quote(args)))
}

// hijacked adds to an environment what makes a program's system calls go to the
// kernel that RUMP_SERVER names.
func (sh *Shell) hijacked(hc *interp.HandlerContext, path string, env []string) ([]string, error) {
	lib, err := FindHijack(func(name string) string { return exported(hc, name) })
	if err != nil {
		return nil, err
	}
	if err := canHijack(path); err != nil {
		return nil, err
	}
	if exported(hc, "RUMP_SERVER") == "" {
		return nil, errors.New("RUMP_SERVER is not set: no other process can reach this kernel")
	}
	env = prepend(env, "LD_PRELOAD", lib)
	env = prepend(env, "LD_LIBRARY_PATH", filepath.Dir(lib)) // of librumpclient
	return env, nil
}

// prepend puts a value in front of those of a variable.
func prepend(env []string, name, value string) []string {
	for i, v := range env {
		if old, ok := strings.CutPrefix(v, name+"="); ok && old != "" {
			env[i] = name + "=" + value + ":" + old
			return env
		}
	}
	return append(env, name+"="+value)
}

// canHijack says why a program cannot be hijacked: the host ignores preloaded
// libraries for it, silently.
func canHijack(path string) error {
	fi, err := os.Stat(path)
	if err != nil {
		return err
	}
	if fi.Mode()&(os.ModeSetuid|os.ModeSetgid) != 0 && os.Geteuid() != 0 {
		return errors.New("cannot be hijacked: it is set-user-ID or set-group-ID")
	}
	f, err := elf.Open(path)
	if err != nil {
		var format *elf.FormatError
		if errors.As(err, &format) {
			return nil // a script: its interpreter will tell
		}
		return err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return nil
		}
	}
	return errors.New("cannot be hijacked: it is statically linked")
}
