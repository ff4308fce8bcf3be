package starlark

import (
	"context"
	"errors"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// kernelModules is the table of the methods of a kernel that are about its modules.
func kernelModules() []function {
	return []function{
		{"load_module", "name force?", "Loads a module; with force = True even one that was made for another kernel.", kernelLoadModule},
		{"modules", "", "Returns the kernel's modules, a list of structs: name, kind (\"misc\", \"vfs\", \"driver\", \"exec\", \"secmodel\"), source (\"builtin\", \"boot\", \"filesys\"), refs, size in bytes, requires, a list of names.", kernelListModules},
		{"modules_loadable", "auto?", "Whether the kernel can load modules; with auto = True whether it does by itself when something needs them.", kernelModulesLoadable},
		{"unload_module", "name", "Unloads a module.", kernelDo1(func(ctx context.Context, k *rump.Kernel, name string) error { return k.UnloadModule(ctx, name) })},
	}
}

func kernelLoadModule(c *call) (starlark.Value, error) {
	var name string
	var force bool
	if err := c.unpack(&name, &force); err != nil {
		return nil, err
	}
	var flags int32
	if force {
		flags = netbsd.MODCTL_LOAD_FORCE
	}
	return waiting(c.scope, func() (starlark.Value, error) { return nil, c.kernel().LoadModule(c.ctx, name, flags) })
}

func kernelModulesLoadable(c *call) (starlark.Value, error) {
	var auto bool
	if err := c.unpack(&auto); err != nil {
		return nil, err
	}
	return waiting(c.scope, func() (starlark.Value, error) {
		err := c.kernel().ModulesExist(c.ctx, auto)
		if errors.Is(err, netbsd.ENOSYS) || errors.Is(err, netbsd.EPERM) {
			return starlark.False, nil
		}
		return starlark.True, err
	})
}

func kernelListModules(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	modules, err := waiting(c.scope, func() ([]netbsd.Modstat, error) { return c.kernel().Modules(c.ctx) })
	if err != nil {
		return nil, err
	}
	list := make([]starlark.Value, len(modules))
	for i, m := range modules {
		var requires []string
		if m.Required != "" {
			requires = strings.Split(m.Required, ",")
		}
		list[i] = starlarkstruct.FromStringDict(starlark.String("module"), starlark.StringDict{
			"name":     starlark.String(m.Name),
			"kind":     starlark.String(netbsd.ModuleClass(m.Class).String()),
			"source":   starlark.String(netbsd.ModuleSource(m.Source).String()),
			"refs":     starlark.MakeUint64(uint64(m.Refcnt)),
			"size":     starlark.MakeUint64(uint64(m.Size)),
			"requires": wordList(requires),
		})
	}
	return starlark.NewList(list), nil
}
