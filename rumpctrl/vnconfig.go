package rumpctrl

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/rump"
)

// vndCompressed is the flag of a compressed image, VNF_COMP.
const vndCompressed = 0x400

func runVnconfig(ctx context.Context, e *Env) error {
	action := byte('c')
	least := 4
	var flags int32
	var force, verbose bool
	diskType := ""
	usage := func() error {
		fmt.Fprintf(e.Stderr, "usage: vnconfig [-crvz] [-f dsktab] [-t type] vnode_disk reg-file [geomspec]\n"+
			"       vnconfig -u [-Fv] vnode_disk\n"+
			"       vnconfig -l [-m num | vnode_disk...]\n")
		return silent(1)
	}
	args, err := e.getopt(e.Args[1:], "Fcf:lm:rt:uvz", func(opt byte, arg string) error {
		switch opt {
		case 'F':
			force = true
		case 'c', 'l', 'u':
			action = opt
		case 'm':
			n, err := strconv.ParseUint(arg, 10, 64)
			if err != nil || n >= math.MaxInt32 {
				return errBadOption
			}
			least = int(n)
		case 'r':
			flags |= netbsd.VNDIOF_READONLY
		case 't':
			diskType = arg
		case 'v':
			verbose = true
		case 'z':
			flags |= vndCompressed | netbsd.VNDIOF_READONLY
		}
		return nil
	})
	if err != nil {
		return usage()
	}
	switch action {
	case 'l':
		return e.listVnd(ctx, args, least)
	case 'u':
		if len(args) != 1 || diskType != "" {
			return usage()
		}
		f, path, err := e.openDiskNode(ctx, args[0], netbsd.O_RDWR, false)
		if err != nil {
			return errc(1, err, "%s: opendisk", path)
		}
		defer f.Close()
		if force {
			flags |= netbsd.VNDIOF_FORCE
		}
		if err := f.UnconfigureVnd(flags); err != nil {
			return errc(1, err, "%s: VNDIOCCLR", path)
		}
		if verbose {
			e.printf("%s: cleared\n", path)
		}
		return nil
	}
	if len(args) < 2 || len(args) > 3 || len(args) == 3 && diskType != "" {
		return usage()
	}
	f, path, err := e.openDiskNode(ctx, args[0], netbsd.O_RDWR, false)
	if err != nil {
		return errc(1, err, "%s: opendisk", path)
	}
	defer f.Close()
	var geom netbsd.Vndgeom
	if len(args) == 3 {
		var ok bool
		if geom, ok = parseGeometry(args[2]); !ok {
			return errx(1, "invalid geometry: %s", args[2])
		}
		flags |= netbsd.VNDIOF_HASGEOM
	} else if diskType != "" {
		return errx(1, "unknown disk type: %s", diskType)
	}
	// What is wrong with the file is better said of the file.
	mode := netbsd.O_RDWR
	if flags&netbsd.VNDIOF_READONLY != 0 {
		mode = netbsd.O_RDONLY
	}
	file, err := e.Kernel.OpenFD(ctx, args[1], mode, 0)
	if err != nil {
		return errc(1, err, "%s", args[1])
	}
	if err := e.Kernel.CloseFD(ctx, file); err != nil {
		return err
	}
	vnd, err := f.ConfigureVnd(args[1], flags, geom)
	if err != nil {
		return errc(1, err, "%s: VNDIOCSET", path)
	}
	if verbose {
		e.printf("%s: %d bytes on %s", path, vnd.Size, args[1])
		if flags&netbsd.VNDIOF_HASGEOM != 0 {
			g := vnd.Geom
			e.printf(" using geometry %d/%d/%d/%d", g.Secsize, g.Nsectors, g.Ntracks, g.Ncylinders)
		}
		e.printf("\n")
	}
	return nil
}

// parseGeometry parses "secsize/nsectors/ntracks/ncylinders".
func parseGeometry(s string) (netbsd.Vndgeom, bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 4 {
		return netbsd.Vndgeom{}, false
	}
	var n [4]uint32
	for i, p := range parts {
		v, err := strconv.ParseInt(p, 10, 32)
		if err != nil {
			return netbsd.Vndgeom{}, false
		}
		n[i] = uint32(v)
	}
	return netbsd.Vndgeom{Secsize: n[0], Nsectors: n[1], Ntracks: n[2], Ncylinders: n[3]}, true
}

// listVnd says which files the disks are on.
func (e *Env) listVnd(ctx context.Context, names []string, least int) error {
	if len(names) == 0 {
		f, _, err := e.openDiskNode(ctx, "vnd0", netbsd.O_RDONLY, false)
		if err != nil {
			if least == 0 {
				return silent(1)
			}
			return errc(1, err, "open: vnd0")
		}
		defer f.Close()
		n := 0
		for ; ; n++ {
			u, err := f.VndUser(n)
			if errno, _ := rump.Errno(err); errno == netbsd.ENXIO {
				break
			}
			if err != nil {
				return errc(1, err, "VNDIOCGET")
			}
			e.printVnd(u, least)
		}
		for ; n < least; n++ {
			e.printf("vnd%d: not in use\n", n)
		}
		return nil
	}
	status := 0
	for _, name := range names {
		f, _, err := e.openDiskNode(ctx, name, netbsd.O_RDONLY, false)
		if err != nil {
			e.warn(err, "open: %s", name)
			status = 1
			continue
		}
		u, err := f.VndUser(-1)
		if err == nil {
			e.printVnd(u, least)
		} else {
			status = 1
			if errno, _ := rump.Errno(err); errno != netbsd.ENXIO {
				e.warn(err, "%s: VNDIOCGET", name)
			}
		}
		f.Close()
	}
	return silent(status)
}

func (e *Env) printVnd(u netbsd.VndUser, least int) {
	if u.Ino == 0 {
		if least != 0 {
			e.printf("vnd%d: not in use\n", u.Unit)
		}
		return
	}
	e.printf("vnd%d: dev %d,%d inode %d\n", u.Unit, netbsd.Major(u.Dev), netbsd.Minor(u.Dev), u.Ino)
}
