package image

import (
	"debug/elf"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The names of the images that this package makes, unless they are given others.
const (
	Namespace  = "rumpscript/"
	ServerName = Namespace + "rump-server"
	FakeName   = Namespace + "fake"
	QEMUName   = Namespace + "qemu"
)

// libDir is where libraries of the system are in an image.
const libDir = "/lib"

// Server returns the image of a rump_server that is installed under a prefix,
// with all its components.
func Server(prefix string) (*Image, error) {
	bin, lib := filepath.Join(prefix, "bin", "rump_server"), filepath.Join(prefix, "lib")
	im := &Image{
		Name:       ServerName,
		Entrypoint: []string{"/rump/bin/rump_server"},
		// The second as rump_server needs it where the dynamic linker is glibc's.
		Env:    []string{"LD_LIBRARY_PATH=/rump/lib:" + libDir, "LD_DYNAMIC_WEAK=1"},
		Labels: map[string]string{LabelContract: ContractServer},
	}
	im.serverFolders()
	l := newLinker(lib)
	if err := im.program("/rump/bin/rump_server", bin, l); err != nil {
		return nil, err
	}
	components, err := filepath.Glob(filepath.Join(lib, "librump*.so*"))
	if err != nil {
		return nil, err
	}
	components = slices.DeleteFunc(components, func(c string) bool {
		base := filepath.Base(c) // these are clients'
		return strings.HasPrefix(base, "librumpclient.") || strings.HasPrefix(base, "librumphijack.")
	})
	if len(components) == 0 {
		return nil, fmt.Errorf("%s has no components (librump*.so): which prefix has rump_server been installed under?", lib)
	}
	for _, c := range components {
		if err := im.component(c, l); err != nil {
			return nil, err
		}
	}
	// glibc loads this when a thread ends, and aborts if it is not there.
	self, err := elf.Open(bin)
	if err != nil {
		return nil, err
	}
	defer self.Close()
	if gcc, err := l.find("libgcc_s.so.1", l.system, self); err == nil {
		gcc.Close()
		im.libraries(map[string]string{"libgcc_s.so.1": gcc.path}, l)
	}
	return im, nil
}

// component adds a library of rump kernels, or a link to one.
func (im *Image) component(path string, l *linker) error {
	to := "/rump/lib/" + filepath.Base(path)
	if link, err := os.Readlink(path); err == nil && !strings.Contains(link, "/") {
		im.add(File{Path: to, Link: link})
		return nil
	}
	libs, _, err := l.needs(path)
	if err != nil {
		return err
	}
	im.add(File{Path: to, Mode: 0o755, Source: path})
	im.libraries(libs, l)
	return nil
}

// Fake returns the image of a fake kernel, which a static rumpscript serves.
func Fake(rumpscript string) (*Image, error) {
	f, err := elf.Open(rumpscript)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", rumpscript, err)
	}
	defer f.Close()
	if interpreter, err := interpreterOf(f); err != nil || interpreter != "" {
		return nil, fmt.Errorf("%s is not a static program: build it with CGO_ENABLED=0", rumpscript)
	}
	im := &Image{
		Name:       FakeName,
		Entrypoint: []string{"/rumpscript", "fake"},
		Labels:     map[string]string{LabelContract: ContractServer},
	}
	im.serverFolders()
	return im, im.program("/rumpscript", rumpscript, newLinker())
}

func (im *Image) serverFolders() {
	im.addFolders(BusDir, DiskDir, SocketDir)
	im.add(File{Path: "/tmp", Mode: fs.ModeDir | fs.ModeSticky | 0o777})
}

// The firmware that QEMU wants for a PC that boots a kernel it is given, and the
// module that emulates one.
var (
	firmware = []string{"bios-256k.bin", "kvmvapic.bin", "linuxboot.bin", "linuxboot_dma.bin", "multiboot.bin", "multiboot_dma.bin", "pvh.bin"}
	modules  = []string{"accel-tcg-x86_64.so"}
)

// QEMU returns the image of a qemu-system-x86_64.
func QEMU(qemu string) (*Image, error) {
	const data, mods = "/qemu/share", "/qemu/modules"
	im := &Image{
		Name:       QEMUName,
		Entrypoint: []string{"/qemu/bin/qemu-system-x86_64", "-L", data},
		Env:        []string{"LD_LIBRARY_PATH=" + libDir, "QEMU_MODULE_DIR=" + mods},
		Labels:     map[string]string{LabelContract: ContractQEMU},
	}
	im.addFolders(KernelDir, BusDir)
	im.add(File{Path: "/tmp", Mode: fs.ModeDir | fs.ModeSticky | 0o777})
	l := newLinker()
	if err := im.program("/qemu/bin/qemu-system-x86_64", qemu, l); err != nil {
		return nil, err
	}
	out, err := exec.Command(qemu, "-L", "help").Output()
	if err != nil {
		return nil, fmt.Errorf("%s does not say where its firmware is: %w", qemu, err)
	}
	found := false
	for _, name := range firmware {
		for _, dir := range strings.Fields(string(out)) {
			if source := filepath.Join(dir, name); isFile(source) {
				im.add(File{Path: path.Join(data, name), Mode: 0o644, Source: source})
				found = found || name == firmware[0]
				break
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("%s has no firmware %s in %s", qemu, firmware[0], strings.Join(strings.Fields(string(out)), " "))
	}
	for _, name := range modules { // built in, or next to the system's libraries
		for _, dir := range l.system {
			source := filepath.Join(dir, "qemu", name)
			if !isFile(source) {
				continue
			}
			libs, _, err := l.needs(source)
			if err != nil {
				return nil, err
			}
			im.add(File{Path: path.Join(mods, name), Mode: 0o644, Source: source})
			im.libraries(libs, l)
			break
		}
	}
	return im, nil
}

func isFile(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.Mode().IsRegular()
}

// program adds a program and what it needs, and makes the image one for its
// architecture.
func (im *Image) program(to, from string, l *linker) error {
	f, err := elf.Open(from)
	if err != nil {
		return fmt.Errorf("%s is no program of Linux, but perhaps a script around one (say where that has been installed): %w", from, err)
	}
	defer f.Close()
	if im.Architecture, err = architecture(f); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	libs, interpreter, err := l.needs(from)
	if err != nil {
		return err
	}
	im.add(File{Path: to, Mode: 0o755, Source: from})
	if interpreter != "" {
		im.add(File{Path: interpreter, Mode: 0o755, Source: interpreter})
	}
	im.libraries(libs, l)
	return nil
}

// libraries adds libraries, those of rump kernels to the components.
func (im *Image) libraries(libs map[string]string, l *linker) {
	for _, name := range slices.Sorted(maps.Keys(libs)) {
		dir := libDir
		if slices.Contains(l.first, filepath.Dir(libs[name])) {
			dir = "/rump/lib"
			if strings.HasPrefix(name, "librump") {
				continue // a component, and so added with what it points to
			}
		}
		im.add(File{Path: path.Join(dir, path.Base(name)), Mode: 0o755, Source: libs[name]})
	}
}
