package image

import (
	"bufio"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A linker finds the shared libraries of programs as the dynamic linker of this
// machine would.
type linker struct {
	first  []string // folders to look into before all others
	system []string
}

func newLinker(first ...string) *linker {
	l := &linker{first: first}
	l.configured("/etc/ld.so.conf", 0)
	l.system = append(l.system, "/lib64", "/usr/lib64", "/lib", "/usr/lib")
	return l
}

// configured reads a file of folders as ldconfig(8) does.
func (l *linker) configured(file string, depth int) {
	f, err := os.Open(file)
	if err != nil || depth > 8 {
		return
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		line = strings.TrimSpace(line)
		if pattern, ok := strings.CutPrefix(line, "include"); ok && strings.TrimLeft(pattern, " \t") != pattern {
			pattern = strings.TrimSpace(pattern)
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(file), pattern)
			}
			files, _ := filepath.Glob(pattern)
			for _, f := range files {
				l.configured(f, depth+1)
			}
		} else if line != "" {
			l.system = append(l.system, line)
		}
	}
}

// needs returns the libraries that a program or a library needs, and those that
// these need, as paths by the names under which they are looked for; and the
// program's interpreter, which is empty for a static program.
func (l *linker) needs(program string) (libs map[string]string, interpreter string, err error) {
	libs = map[string]string{}
	f, err := elf.Open(program)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", program, err)
	}
	defer f.Close()
	if interpreter, err = interpreterOf(f); err != nil {
		return nil, "", fmt.Errorf("%s: %w", program, err)
	}
	return libs, interpreter, l.add(libs, program, f)
}

func (l *linker) add(libs map[string]string, path string, f *elf.File) error {
	needed, err := f.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	dirs := slices.Concat(l.first, runPath(f, path), l.system)
	for _, name := range needed {
		if _, ok := libs[name]; ok {
			continue
		}
		lib, err := l.find(name, dirs, f)
		if err != nil {
			return fmt.Errorf("%s needs %s: %w", path, name, err)
		}
		libs[name] = lib.path
		err = l.add(libs, lib.path, lib.File)
		lib.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

type library struct {
	*elf.File
	path string
}

// find finds a library that fits who needs it.
func (l *linker) find(name string, dirs []string, user *elf.File) (*library, error) {
	if strings.Contains(name, "/") {
		dirs = []string{""}
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		f, err := elf.Open(path)
		if err != nil {
			continue // not there, or a linker's script of that name
		}
		if f.Class == user.Class && f.Machine == user.Machine {
			return &library{f, path}, nil
		}
		f.Close()
	}
	return nil, fmt.Errorf("it is in none of %s: %w", strings.Join(dirs, " "), fs.ErrNotExist)
}

// runPath returns the folders that an object itself names for its libraries.
func runPath(f *elf.File, path string) []string {
	var dirs []string
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		values, err := f.DynString(tag)
		if err != nil {
			continue
		}
		for _, v := range values {
			for dir := range strings.SplitSeq(v, ":") {
				dir = strings.NewReplacer("$ORIGIN", filepath.Dir(path), "${ORIGIN}", filepath.Dir(path)).Replace(dir)
				if dir != "" {
					dirs = append(dirs, dir)
				}
			}
		}
	}
	return dirs
}

// interpreterOf returns the path of a program's dynamic linker.
func interpreterOf(f *elf.File) (string, error) {
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		if p.Filesz == 0 || p.Filesz > 4096 {
			return "", errors.New("its interpreter has no name")
		}
		b := make([]byte, p.Filesz)
		if _, err := p.ReadAt(b, 0); err != nil {
			return "", err
		}
		return strings.TrimRight(string(b), "\x00"), nil
	}
	return "", nil
}
