package rumpctrl

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

func runModstat(ctx context.Context, e *Env) error {
	loadable, address, name := byte(0), false, ""
	args, err := e.getopt(e.Args[1:], "Aaekn:", func(opt byte, arg string) error {
		switch opt {
		case 'k':
			address = true
		case 'n':
			name = arg
		default:
			loadable = opt
		}
		return nil
	})
	if err == nil && len(args) == 1 && name == "" {
		name, args = args[0], nil
	}
	if err != nil || len(args) != 0 {
		fmt.Fprintf(e.Stderr, "Usage: modstat [-Aaen] [name]\n")
		return silent(1)
	}
	if loadable != 0 {
		return e.modulesLoadable(ctx, loadable)
	}
	mods, err := e.Kernel.Modules(ctx)
	if err != nil {
		return errc(1, err, "modctl(MODCTL_STAT)")
	}
	slices.SortFunc(mods, func(a, b netbsd.Modstat) int { return cmp.Compare(a.Name, b.Name) })
	width := 16
	for _, m := range mods {
		width = max(width, len(m.Name))
	}
	e.printf("%-*s %-8s %-8s %-4s %-5s ", width, "NAME", "CLASS", "SOURCE", "FLAG", "REFS")
	if address {
		e.printf("%-16s ", "ADDRESS")
	}
	e.printf("%-7s %s \n", "SIZE", "REQUIRES")
	for _, m := range mods {
		if name != "" && m.Name != name {
			continue
		}
		size := "-"
		if m.Size != 0 {
			size = fmt.Sprint(m.Size)
		}
		flags := []string{"-", "f", "a", "af"}[m.Flags&3]
		e.printf("%-*s %-8s %-8s %-4s %-5d ", width, m.Name, known(netbsd.ModuleClass(m.Class)), known(netbsd.ModuleSource(m.Source)), flags, m.Refcnt)
		if address {
			e.printf("%-16x ", m.Addr)
		}
		e.printf("%-7s %s\n", size, cmp.Or(m.Required, "-"))
	}
	return nil
}

// known is the name of a class or source of modules.
func known(v fmt.Stringer) string {
	if s := v.String(); s == "" || s[0] > '9' {
		return s
	}
	return "UNKNOWN"
}

// modulesLoadable says whether modules can be loaded.
func (e *Env) modulesLoadable(ctx context.Context, how byte) error {
	err := e.Kernel.ModulesExist(ctx, how != 'e')
	if err != nil {
		switch errno, _ := rump.Errno(err); {
		case errno == netbsd.ENOSYS:
			return errx(1, "The kernel was compiled without options MODULAR.")
		case errno == netbsd.EPERM && how == 'e':
			return errx(1, "You are not allowed to load modules right now.")
		case errno == netbsd.EPERM:
			return errx(1, "Modules can not be autoloaded right now.")
		}
		return errc(1, err, "modctl_exists for autoload")
	}
	if how == 'e' {
		return errx(0, "You can load modules.")
	}
	off := ""
	if how == 'A' {
		v, err := e.Kernel.Sysctl(ctx, "kern.module.autoload")
		if err != nil {
			return errc(1, err, "sysctl kern.module.autoload failed.")
		}
		if s := fmt.Sprint(v); s == "false" || s == "0" {
			off = ", but kern.module.autoload = 0"
		}
	}
	return errx(0, "Modules can be autoloaded%s.", off)
}
