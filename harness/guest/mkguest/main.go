// Command mkguest makes a guest out of a package of a Linux kernel, whose files
// it reads as a tar from standard input. See package guest.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rumpkernel/rumpscript/harness/guest"
)

func main() {
	dir := flag.String("o", ".", "the folder for guest and guest.initrd")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "mkguest:", err)
		os.Exit(1)
	}
}

func run(dir string) (err error) {
	tmp, err := os.MkdirTemp("", "mkguest-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	init := filepath.Join(tmp, "init")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", init, "github.com/rumpkernel/rumpscript/harness/guest/init")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the guest's init: %w", err)
	}
	return guest.Make(os.Stdin, init, dir)
}
