package starlark

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"go.starlark.net/starlark"
)

// library is what load("@rump//NAME.star", ...) finds.
//
//go:embed lib/*.star
var library embed.FS

// libraryPrefix begins the names of the modules that ship with the command.
const libraryPrefix = "@rump//"

// loader loads the modules of one scope, each once.
type loader struct {
	sc *scope

	mu      sync.Mutex
	modules map[string]*loadedModule
}

type loadedModule struct {
	done    chan struct{} // closed when it has been loaded
	globals starlark.StringDict
	err     error
}

// load implements the load statement: the module's name is a path, relative to
// the file that loads it, or that of a module which ships with the command.
func (l *loader) load(thread *starlark.Thread, name string) (starlark.StringDict, error) {
	from := thread.CallFrame(0).Pos.Filename()
	file, err := resolveModule(from, name)
	if err != nil {
		return nil, err
	}
	chain, _ := thread.Local(keyLoading).([]string)
	for _, f := range chain {
		if f == file {
			return nil, fmt.Errorf("the modules load each other: %s", strings.Join(append(chain, file), ", "))
		}
	}
	l.mu.Lock()
	m := l.modules[file]
	if m != nil {
		l.mu.Unlock()
		<-m.done
		return m.globals, m.err
	}
	m = &loadedModule{done: make(chan struct{})}
	if l.modules == nil {
		l.modules = make(map[string]*loadedModule)
	}
	l.modules[file] = m
	l.mu.Unlock()
	defer close(m.done)

	src, err := readModule(file)
	if err != nil {
		m.err = err
		return nil, err
	}
	ctx := contextOf(thread)
	t := l.sc.thread(ctx, file)
	t.Print = thread.Print
	t.SetLocal(keyLoading, append(chain[:len(chain):len(chain)], file))
	m.globals, m.err = starlark.ExecFileOptions(FileOptions(), t, file, src, l.sc.rt.predeclared())
	return m.globals, m.err
}

// resolveModule returns the file that a name means in the file that loads it.
func resolveModule(from, name string) (string, error) {
	rest, ships := strings.CutPrefix(name, libraryPrefix)
	switch {
	case ships && fs.ValidPath(rest):
		return name, nil
	case ships || strings.HasPrefix(name, "@"):
		return "", fmt.Errorf("no module %s: those that ship with rumpscript are %s", name, strings.Join(libraryModules(), ", "))
	case filepath.IsAbs(name):
		return name, nil
	case strings.HasPrefix(from, libraryPrefix):
		return libraryPrefix + path.Join(path.Dir(strings.TrimPrefix(from, libraryPrefix)), name), nil
	default:
		return filepath.Join(filepath.Dir(from), name), nil
	}
}

func readModule(file string) ([]byte, error) {
	rest, ships := strings.CutPrefix(file, libraryPrefix)
	if !ships {
		return os.ReadFile(file)
	}
	b, err := library.ReadFile(path.Join("lib", rest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no module %s: those that ship with rumpscript are %s", file, strings.Join(libraryModules(), ", "))
	}
	return b, err
}

// libraryModules returns the names of the modules that ship with the command.
func libraryModules() []string {
	entries, _ := library.ReadDir("lib") // embedded: it is there
	var names []string
	for _, e := range entries {
		names = append(names, libraryPrefix+e.Name())
	}
	return names
}
