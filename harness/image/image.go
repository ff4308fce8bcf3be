package image

import (
	"cmp"
	"debug/elf"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Image is an image that can be written as an archive.
type Image struct {
	Name         string // with or without a tag
	Architecture string // by Go's name
	Files        []File
	Entrypoint   []string
	Env          []string // NAME=VALUE
	Labels       map[string]string
}

// File is a file of an image.
type File struct {
	Path   string      // absolute, in the image
	Mode   fs.FileMode // permissions, and fs.ModeDir for a folder
	Source string      // the file of this machine which it is a copy of
	Link   string      // what it points to, if it is a symbolic link
}

// add adds a file and says nothing if it is there already.
func (im *Image) add(f File) {
	if !slices.ContainsFunc(im.Files, func(g File) bool { return g.Path == f.Path }) {
		im.Files = append(im.Files, f)
	}
}

func (im *Image) addFolders(paths ...string) {
	for _, p := range paths {
		im.add(File{Path: p, Mode: fs.ModeDir | 0o755})
	}
}

// sorted returns the files in order of their paths, with the folders that they
// are in.
func (im *Image) sorted() []File {
	files := slices.Clone(im.Files)
	have := map[string]bool{"/": true}
	for _, f := range files {
		have[f.Path] = true
	}
	for _, f := range im.Files {
		for dir := path.Dir(f.Path); !have[dir]; dir = path.Dir(dir) {
			have[dir] = true
			files = append(files, File{Path: dir, Mode: fs.ModeDir | 0o755})
		}
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

// tagged returns the image's name with a tag.
func (im *Image) tagged() string {
	if strings.Contains(im.Name[strings.LastIndexByte(im.Name, '/')+1:], ":") {
		return im.Name
	}
	return im.Name + ":latest"
}

// architecture returns Go's name for the machine that a program is for.
func architecture(f *elf.File) (string, error) {
	switch {
	case f.Machine == elf.EM_X86_64:
		return "amd64", nil
	case f.Machine == elf.EM_AARCH64 && f.ByteOrder.String() == "LittleEndian":
		return "arm64", nil
	case f.Machine == elf.EM_RISCV && f.Class == elf.ELFCLASS64:
		return "riscv64", nil
	case f.Machine == elf.EM_386:
		return "386", nil
	}
	return "", fmt.Errorf("programs for %v are not known here", f.Machine)
}
