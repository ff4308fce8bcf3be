package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rumpkernel/rumpscript/harness"
	"github.com/rumpkernel/rumpscript/harness/image"
)

// imageFlags say what image is to be made.
type imageFlags struct {
	prefix string
	fake   bool
	qemu   bool
	name   string
	output string
}

func (a *app) imageCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "image", Short: "Make images for container engines"}
	var f imageFlags
	build := &cobra.Command{
		Use:   "build [OPTION...]",
		Short: "Pack a rump_server, this program or a QEMU into an image",
		Long: `build packs an installed rump_server, with its components and the shared libraries
that it needs, into an image for --target container, and gives it to the Docker
engine that DOCKER_HOST names. It needs no network, and makes the same image of
the same files each time. With --fake the image has this program, which serves a
fake kernel; with --qemu it has a QEMU for RUMPSCRIPT_QEMU_IMAGE.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.buildImage(f) },
	}
	fl := build.Flags()
	fl.StringVar(&f.prefix, "prefix", "", "where rump_server has been installed, as PREFIX/bin/rump_server (default the one on PATH)")
	fl.BoolVar(&f.fake, "fake", false, "pack this program, to serve a fake kernel")
	fl.BoolVar(&f.qemu, "qemu", false, "pack the qemu-system-x86_64 on PATH, or of RUMPSCRIPT_QEMU")
	fl.StringVar(&f.name, "name", "", "the image's name (default "+image.ServerName+", "+image.FakeName+" or "+image.QEMUName+")")
	fl.StringVarP(&f.output, "output", "o", "", "write an archive for docker load instead of loading it; - is standard output")
	build.MarkFlagsMutuallyExclusive("prefix", "fake", "qemu")
	cmd.AddCommand(build)
	return cmd
}

func (a *app) buildImage(f imageFlags) error {
	im, err := f.image(a.getenv)
	if err != nil {
		return asFailure(err)
	}
	if f.name != "" {
		im.Name = f.name
	}
	switch f.output {
	case "-":
		return asFailure(im.WriteArchive(a.stdout))
	case "":
		if err := a.loadImage(im); err != nil {
			return asFailure(err)
		}
		fmt.Fprintln(a.stdout, im.Name)
		return nil
	}
	out, err := os.Create(f.output)
	if err != nil {
		return asFailure(err)
	}
	err = errors.Join(im.WriteArchive(out), out.Close())
	if err != nil {
		os.Remove(f.output)
	}
	return asFailure(err)
}

func (f imageFlags) image(getenv func(string) string) (*image.Image, error) {
	switch {
	case f.fake:
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return image.Fake(self)
	case f.qemu:
		name := getenv("RUMPSCRIPT_QEMU")
		if name == "" {
			name = "qemu-system-x86_64"
		}
		bin, err := exec.LookPath(name)
		if err != nil {
			return nil, err
		}
		return image.QEMU(bin)
	}
	prefix := f.prefix
	if prefix == "" {
		bin, err := exec.LookPath("rump_server")
		if err != nil {
			return nil, fmt.Errorf("%w: say where it has been installed (--prefix)", err)
		}
		if bin, err = filepath.EvalSymlinks(bin); err != nil {
			return nil, err
		}
		prefix = filepath.Dir(filepath.Dir(bin))
	}
	return image.Server(prefix)
}

// loadImage gives an image to the engine while it is being made.
func (a *app) loadImage(im *image.Image) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(im.WriteArchive(w)) }()
	err := harness.LoadImage(a.ctx, a.getenv, r)
	r.Close() // so that the writer ends, too
	return err
}
