package guest

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// drivers are what the guest needs of the kernel's modules: for the network card.
var drivers = []string{"virtio_pci", "virtio_net"}

// Make makes a guest of the files of a package of a Linux kernel, as a tar, and
// a static program: dir/guest, the kernel, and dir/guest.initrd, its initramfs.
func Make(pkg io.Reader, init, dir string) error {
	kernel, modules, err := unpack(pkg)
	if err != nil {
		return err
	}
	program, err := os.ReadFile(init)
	if err != nil {
		return err
	}
	initramfs, err := initramfs(program, modules)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "guest"), kernel, 0o644),
		os.WriteFile(filepath.Join(dir, "guest.initrd"), initramfs, 0o644))
}

// unpack finds the kernel and its modules in a package.
func unpack(pkg io.Reader) (kernel []byte, modules map[string][]byte, err error) {
	modules = map[string][]byte{}
	for t := tar.NewReader(pkg); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("the kernel's package: %w", err)
		}
		base := path.Base(h.Name)
		name, suffix, isModule := strings.Cut(base, ".ko")
		switch {
		case strings.HasPrefix(base, "vmlinuz"):
			if kernel, err = io.ReadAll(t); err != nil {
				return nil, nil, err
			}
		case isModule && wanted(h.Name):
			b, err := decompress(t, suffix)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", h.Name, err)
			}
			modules[strings.ReplaceAll(name, "-", "_")] = b
		}
	}
	if kernel == nil {
		return nil, nil, errors.New("the package has no kernel (vmlinuz)")
	}
	return kernel, modules, nil
}

// wanted tells the few modules that drivers may depend on from the thousands.
func wanted(name string) bool {
	return strings.Contains(name, "virtio") || strings.Contains(name, "failover")
}

// decompress reads a module, which distributions compress in one way or another.
func decompress(r io.Reader, suffix string) ([]byte, error) {
	program := map[string]string{".xz": "xz", ".zst": "zstd", ".gz": "gzip"}[suffix]
	if program == "" {
		return io.ReadAll(r)
	}
	cmd := exec.Command(program, "-dc")
	cmd.Stdin = r
	return cmd.Output()
}

// initramfs returns the guest's file system.
func initramfs(init []byte, modules map[string][]byte) ([]byte, error) {
	order, err := modulesFor(modules, drivers...)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	c := &cpio{w: &b}
	for _, dir := range []string{"dev", "proc", "modules", "tmp"} {
		c.file(dir, modeFolder, nil, 0, 0)
	}
	c.file("dev/console", modeConsole, nil, 5, 1)
	c.file("init", modeProgram, init, 0, 0)
	for i, name := range order {
		c.file(fmt.Sprintf("modules/%02d-%s.ko", i, name), modeFile, modules[name], 0, 0)
	}
	err = c.close()
	return b.Bytes(), err
}
