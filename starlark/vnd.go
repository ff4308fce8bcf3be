package starlark

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"go.starlark.net/starlark"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// Vnd is a disk that is made of a file: vnd(4). It is a name: every look at an
// attribute asks the kernel.
type Vnd struct {
	k    *Kernel
	unit int
}

func vndAttrs() []attribute {
	return []attribute{
		{"block", "The path of its block device, the whole disk, to be mounted: \"/dev/vnd0d\"."},
		{"configured", "Whether it is made of a file, a bool."},
		{"dev", "The device that its file is on, a tuple of major and minor number, or None."},
		{"ino", "The number of its file, as in stat's ino, or None."},
		{"name", "Its name, such as \"vnd0\"."},
		{"raw", "The path of its raw device, the whole disk: \"/dev/rvnd0d\"."},
	}
}

func vndMethods() []function {
	return []function{
		{"configure", "path readonly? geometry?", "Makes it a disk of a file of the kernel and returns its size in bytes. A geometry is a tuple: the bytes of a sector, the sectors of a track, the tracks of a cylinder, the cylinders.", vndConfigure},
		{"disklabel", "", "Returns its label, as kernel.disklabel does.", vndDisklabel},
		{"unconfigure", "force?", "Frees it from its file; with force = True even if it is in use.", vndUnconfigure},
	}
}

var vndName = regexp.MustCompile(`^(?:/dev/)?r?vnd(\d{1,4})[a-p]?$`)

func kernelVnd(c *call) (starlark.Value, error) {
	var name string
	if err := c.unpack(&name); err != nil {
		return nil, err
	}
	m := vndName.FindStringSubmatch(name)
	if m == nil {
		return nil, fmt.Errorf("vnd: %q is not the name of a vnd, such as \"vnd0\"", name)
	}
	unit, err := strconv.Atoi(m[1])
	return &Vnd{c.self.(*Kernel), unit}, err
}

func kernelVnds(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	k := c.self.(*Kernel)
	return waiting(c.scope, func() (starlark.Value, error) {
		first := &Vnd{k, 0}
		f, err := c.kernel().Open(c.ctx, first.raw(), netbsd.O_RDONLY, 0)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		var list []starlark.Value
		for n := 0; ; n++ {
			u, err := f.VndUser(n)
			if errors.Is(err, netbsd.ENXIO) {
				return starlark.NewList(list), nil
			}
			if err != nil {
				return nil, err
			}
			if u.Ino != 0 {
				list = append(list, &Vnd{k, n})
			}
		}
	})
}

func (v *Vnd) name() string  { return fmt.Sprintf("vnd%d", v.unit) }
func (v *Vnd) block() string { return fmt.Sprintf("/dev/vnd%dd", v.unit) }
func (v *Vnd) raw() string   { return fmt.Sprintf("/dev/rvnd%dd", v.unit) }

// String shows the disk to a person.
func (v *Vnd) String() string        { return fmt.Sprintf("<vnd %s of %s>", v.name(), v.k.in.Kernel) }
func (v *Vnd) Type() string          { return "vnd" }
func (v *Vnd) Freeze()               {}
func (v *Vnd) Truth() starlark.Bool  { return true }
func (v *Vnd) Hash() (uint32, error) { return 0, errors.New("unhashable: vnd") }

// Attr implements starlark.HasAttrs.
func (v *Vnd) Attr(name string) (starlark.Value, error) {
	switch name {
	case "block":
		return starlark.String(v.block()), nil
	case "name":
		return starlark.String(v.name()), nil
	case "raw":
		return starlark.String(v.raw()), nil
	case "configured", "dev", "ino":
		u, err := waiting(v.k.sc, v.user)
		switch {
		case err != nil:
			return nil, err
		case name == "configured":
			return starlark.Bool(u.Ino != 0), nil
		case u.Ino == 0:
			return starlark.None, nil
		case name == "dev":
			return deviceNumber(u.Dev), nil
		}
		return starlark.MakeUint64(u.Ino), nil
	}
	return method(v, vndMethods(), name), nil
}

// AttrNames implements starlark.HasAttrs.
func (v *Vnd) AttrNames() []string {
	return attrNames(vndMethods(), "block", "configured", "dev", "ino", "name", "raw")
}

// user asks which file the disk is made of.
func (v *Vnd) user() (netbsd.VndUser, error) {
	f, err := v.k.in.Kernel.Open(v.k.ctx, v.raw(), netbsd.O_RDONLY, 0)
	if err != nil {
		return netbsd.VndUser{}, err
	}
	defer f.Close()
	return f.VndUser(-1)
}

// onVnd does something with the open disk.
func onVnd[T any](c *call, do func(f *rump.File) (T, error)) (T, error) {
	v := c.self.(*Vnd)
	return waiting(c.scope, func() (r T, err error) {
		f, err := v.k.in.Kernel.Open(c.ctx, v.raw(), netbsd.O_RDWR, 0)
		if err != nil {
			return r, err
		}
		// It is opened anew for what comes next, for its label to be made.
		defer f.Close()
		return do(f)
	})
}

func vndConfigure(c *call) (starlark.Value, error) {
	var path string
	var readonly bool
	var geometry starlark.Tuple
	if err := c.unpack(&path, &readonly, &geometry); err != nil {
		return nil, err
	}
	var flags int32
	if readonly {
		flags |= netbsd.VNDIOF_READONLY
	}
	var geom netbsd.Vndgeom
	if geometry != nil {
		flags |= netbsd.VNDIOF_HASGEOM
		parts := []*uint32{&geom.Secsize, &geom.Nsectors, &geom.Ntracks, &geom.Ncylinders}
		if len(geometry) != len(parts) {
			return nil, fmt.Errorf("configure: a geometry has %d numbers, not %d", len(parts), len(geometry))
		}
		for i, p := range parts {
			if err := starlark.AsInt(geometry[i], p); err != nil {
				return nil, fmt.Errorf("configure: the geometry: %w", err)
			}
		}
	}
	return onVnd(c, func(f *rump.File) (starlark.Value, error) {
		vnd, err := f.ConfigureVnd(path, flags, geom)
		return starlark.MakeUint64(vnd.Size), err
	})
}

func vndUnconfigure(c *call) (starlark.Value, error) {
	var force bool
	if err := c.unpack(&force); err != nil {
		return nil, err
	}
	var flags int32
	if force {
		flags = netbsd.VNDIOF_FORCE
	}
	return onVnd(c, func(f *rump.File) (starlark.Value, error) { return nil, f.UnconfigureVnd(flags) })
}

func vndDisklabel(c *call) (starlark.Value, error) {
	if err := c.unpack(); err != nil {
		return nil, err
	}
	return onVnd(c, func(f *rump.File) (starlark.Value, error) { return labelOf(f) })
}
